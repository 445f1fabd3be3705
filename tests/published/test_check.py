"""Published files are known by shape and checksum."""

import hashlib
from pathlib import Path

import pytest

from coregion.errors import InputMistakes
from coregion.literature.check import Check, ReferenceFile, mistakes_of, read_text, reference_folder

TEXT = 'a,"b, c"\n1,2\n'
FILE = ReferenceFile("paper/data.csv", hashlib.sha256(TEXT.encode()).hexdigest(), (2, 2), "the archive", ",")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "data.csv").write_text(TEXT)
    return tmp_path


def test_a_sound_file_is_read_from_either_folder(folder):
    assert read_text(folder, FILE) == TEXT
    assert read_text(folder / "paper", FILE) == TEXT


@pytest.mark.parametrize(
    ("content", "says"),
    [("a,b\n", "1 lines"), ("a,b,c\n1,2\n", "3 columns in line 1"), ("a,b\n1,3\n", "checksum")],
)
def test_a_damaged_file_says_what_is_wrong(folder, content, says):
    (folder / "paper" / "data.csv").write_text(content)
    with pytest.raises(InputMistakes, match=r"paper/data\.csv: found " + says):
        read_text(folder, FILE)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path):
    (mistake,) = mistakes_of(tmp_path, (FILE,))
    assert f"no such file in {tmp_path}" in mistake.found


def test_a_file_that_cannot_be_read_is_a_mistake(folder, monkeypatch):
    def refused(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    (mistake,) = mistakes_of(folder, (FILE,))
    assert "Permission denied" in mistake.found


def test_no_folder_names_the_variable():
    assert "COREGION_REFERENCE" in str(mistakes_of(None, (FILE,))[0])


def test_the_variable_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COREGION_REFERENCE", str(tmp_path))
    assert reference_folder() == Path(tmp_path)


def test_a_number_that_is_none_never_agrees():
    assert not Check("A", "x", 1.0, float("nan"), 1.0, "1", "published").agrees
    assert Check("A", "x", 1.0, 1.5, 0.5, "1", "published").agrees
    assert not Check("A", "x", None, -0.6, 0.5, "1", "property").agrees
