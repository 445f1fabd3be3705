"""Files are whole or not there: a write that fails or is interrupted leaves what was there, and nothing beside it."""

import re
from pathlib import Path

import pandas as pd
import pytest

import coregion
from coregion.data import whole_files
from coregion.data.whole_files import write_files, write_table, write_text
from coregion.errors import OutputError

NEW = pd.DataFrame({"value": [1.0, 2.0]})


def there(folder: Path) -> dict[str, bytes]:
    """Everything below a folder; folders with nothing in them have no bytes."""
    return {str(one.relative_to(folder)): one.read_bytes() if one.is_file() else b"" for one in folder.rglob("*")}


@pytest.fixture
def earlier(tmp_path):
    for name in ("a.txt", "b.parquet"):
        (tmp_path / name).write_text(f"earlier {name}")
    return tmp_path


def test_texts_bytes_and_tables_are_written_as_they_are_and_folders_made(tmp_path):
    folder = tmp_path / "one" / "two"
    write_files({folder / "a.txt": "线\n", folder / "b.bin": b"\r\n", folder / "c.parquet": NEW})
    assert there(folder).keys() == {"a.txt", "b.bin", "c.parquet"}
    assert (folder / "a.txt").read_bytes() == "线\n".encode()
    assert (folder / "b.bin").read_bytes() == b"\r\n"
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "c.parquet"), NEW)
    (tmp_path / "own").write_text("as any file of the user")
    assert (folder / "a.txt").stat().st_mode == (tmp_path / "own").stat().st_mode


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError("no number"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["write", "move"])
def test_a_write_that_fails_leaves_the_earlier_files_and_no_litter(earlier, monkeypatch, step, error):
    before = there(earlier)

    def half(self, file, **_):
        Path(file).write_text("hal")
        raise error

    def stop(*_):
        raise error

    if step == "write":
        monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    else:
        monkeypatch.setattr(whole_files.os, "replace", stop)
    told = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else OutputError
    with pytest.raises(told) as caught:
        write_files({earlier / "a.txt": "new", earlier / "b.parquet": NEW, earlier / "fresh" / "c.txt": "new"})
    assert there(earlier) == before
    if isinstance(error, OSError):
        why = "No space left on device" if error.errno else "no number"
        found = f"found {earlier / 'a.txt'} not writable ({why}); expected a place to write to. {whole_files.ELSEWHERE}"
        assert str(caught.value) == found


def test_one_that_cannot_be_written_keeps_all_others_from_being_moved(earlier):
    (earlier / "c.txt").mkdir()
    before = there(earlier)
    with pytest.raises(OutputError, match="a folder stands in its place"):
        write_files({earlier / "a.txt": "new", earlier / "c.txt": "new"})
    assert there(earlier) == before


@pytest.mark.parametrize("inside", ["a.txt/b.txt", "a.txt/one/b.txt"])
def test_a_file_in_the_place_of_a_folder_is_told(earlier, inside):
    before = there(earlier)
    with pytest.raises(OutputError, match=r"not writable .*Try elsewhere\."):
        write_text(earlier / inside, "new", "Try elsewhere.")
    with pytest.raises(OutputError, match="not writable"):
        write_table(earlier / inside, NEW)
    assert there(earlier) == before


def test_no_other_module_writes_files_in_place():
    """``main_job`` writes into a folder of its own and moves that; ``server.export`` writes into memory."""
    package = Path(coregion.__file__).parent
    writes = re.compile(
        r"os\.replace\(|\.write_text\(|\.write_bytes\(|\.to_parquet\(|\.to_csv\((?!index)|open\([^)]*\"[wax]"
    )
    found = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if writes.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"data/whole_files.py", "main_job.py", "server/export.py"}
