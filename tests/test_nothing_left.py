"""A command that cannot do what it was asked, or is interrupted: one message, and nothing is left behind."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from planted import cell

from coregion import cli, main_job
from coregion.data.study_files import study_folder
from coregion.errors import OutputError


def command(capsys, *arguments):
    """What the command says on stderr, and its exit code."""
    with pytest.raises(SystemExit) as left:
        cli.main(lambda: cli.app(list(arguments)))
    return left.value.code, capsys.readouterr().err


def test_a_seed_below_nought_is_an_error_of_usage(tmp_path, capsys):
    code, said = command(capsys, "run", "jingjinji", "--draws", "2", "--seed", "-1", "--out", str(tmp_path / "out"))
    assert code == 2
    assert "--seed" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--measures", "expressway"], ["unknown measure 'expressway'", "a measure of the study", "Did you mean '"]),
        (["--set", "enterprises_to_xiongan=1.5"], ["intensity 1.5 of 'enterprises_to_xiongan'", "expected 0 to 1"]),
        (["--set", "enterprises_to_xiongan=nan"], ["intensity nan of 'enterprises_to_xiongan'", "expected 0 to 1"]),
        (
            ["--set", "enterprises_to_xiongan", "--set", "rail=much"],
            ["--set enterprises_to_xiongan, --set rail=much", "name=intensity"],
        ),
        (["--set", "sub_centre=0.5", "--set", "sub_centre=1"], ["--set sub_centre more than once", "one intensity"]),
        (["--seed", "3", "--store"], ["--store, --seed without --draws", "a number of draws"]),
        (["--measures", " , "], ["no name in --measures", "no --measures for all"]),
        (
            ["--measures", "enterprises_to_xiongan", "--set", "institutions_to_xiongan=1"],
            ["'institutions_to_xiongan', which is not chosen", "Choose it too."],
        ),
    ],
)
def test_wrong_choice_of_measures_leaves_nothing(tmp_path, capsys, options, words):
    code, said = command(capsys, "run", "jingjinji", "--out", str(tmp_path / "out"), *options)
    assert code == 1
    assert said.startswith("Error: ")
    for word in words:
        assert word in said
    assert list(tmp_path.iterdir()) == []


def test_bad_study_leaves_nothing(tmp_path, capsys):
    folder = Path(shutil.copytree(study_folder("jingjinji"), tmp_path / "mine"))
    line = cell(folder / "regions.csv", "110101", "residents", "nan")
    code, said = command(capsys, "run", str(folder), "--out", str(tmp_path / "out"))
    assert code == 1
    assert f"regions.csv:{line}, column residents: found 'nan'; expected a finite number" in said
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_output_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "taken").write_text("mine")
    for out in ("taken", "taken/results"):
        code, said = command(capsys, "run", "jingjinji", "--out", str(tmp_path / out))
        assert code == 1
        assert str(tmp_path / "taken") in said
        assert "with --out" in said
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]
    assert (tmp_path / "taken").read_text() == "mine"


def test_output_folder_with_a_folder_where_a_file_should_be(tmp_path):
    (tmp_path / "tables.xlsx").mkdir()
    with pytest.raises(OutputError, match=r"a folder named .*tables\.xlsx; expected a file or nothing"):
        main_job.check_writable(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["tables.xlsx"]


NOTHING: Any = None
"""Stands for a study and its results where nothing is made of them."""


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_interrupted_while_solving(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(main_job, "run_study", interrupted)
    code, said = command(capsys, "run", "jingjinji", "--out", str(tmp_path / "out"))
    assert (code, said.strip()) == (130, "Interrupted; nothing was written.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_stopped_while_writing(tmp_path, capsys, monkeypatch, error):
    def write(study, results, file):
        if file.name == "run.json":
            raise error
        file.write_text("new")

    monkeypatch.setattr(main_job, "run_study", lambda *_: (None, None))
    monkeypatch.setattr(main_job, "_write", write)
    out = tmp_path / "out"
    code, said = command(capsys, "run", "jingjinji", "--out", str(out))
    assert code == (130 if error is KeyboardInterrupt else 1)
    assert error is KeyboardInterrupt or "No space left on device" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_stopped_while_moving_leaves_the_earlier_results(tmp_path, monkeypatch, step):
    out = tmp_path / "out"
    out.mkdir()
    (out / "regions.parquet").write_text("earlier")
    (out / "notes.txt").write_text("mine")
    monkeypatch.setattr(main_job, "_write", lambda study, results, file: file.write_text("new"))
    move, moved = main_job.os.replace, []

    def stop(source, target):
        moved.append(target)
        if len(moved) == step:
            raise KeyboardInterrupt
        move(source, target)

    monkeypatch.setattr(main_job.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        main_job.write_results(NOTHING, NOTHING, out)
    assert len(moved) >= step
    assert {entry.name: entry.read_text() for entry in out.iterdir()} == {
        "regions.parquet": "earlier",
        "notes.txt": "mine",
    }
    monkeypatch.setattr(main_job.os, "replace", move)
    main_job.write_results(NOTHING, NOTHING, out)
    assert {entry.name for entry in out.iterdir()} == {*main_job.FILES, "notes.txt"}
    assert (out / "regions.parquet").read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
