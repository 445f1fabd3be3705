"""The table of published models: damaged data and failures are rows, and the rest stands."""

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from coregion import verify as table
from coregion.cli import app
from coregion.errors import InputMistakes, NotConverged
from coregion.literature.check import Check, Part, ReferenceFile

FILE = ReferenceFile("paper/data.txt", "0" * 64, (2, 2), "the authors' archive")


def line(experiment, published, ours, tolerance=1e-6):
    return Check("Somebody (2000)", experiment, published, ours, tolerance, "%", "published")


def fails(folder):
    yield line("first", 1.0, 1.0)
    raise NotConverged("the market of wage is 1e-2 from clearing")


PAPERS = [
    ("agreeing", SimpleNamespace(PAPER="A (2000)", FILES=(), checks=lambda folder: [line("x", 2.0, 2.0 + 1e-7)])),
    ("differing", SimpleNamespace(PAPER="B (2000)", FILES=(), checks=lambda folder: [line("x", None, float("nan"))])),
    ("failing", SimpleNamespace(PAPER="C (2000)", FILES=(), checks=fails)),
    ("missing", SimpleNamespace(PAPER="D (2000)", FILES=(FILE,), checks=lambda folder: 1 / 0)),
    ("not_a_paper", SimpleNamespace()),
]


@pytest.fixture(autouse=True)
def four_papers(monkeypatch):
    monkeypatch.setattr(table, "_modules", lambda: iter(PAPERS))


def test_one_row_a_line_and_what_fails_leaves_the_rest_standing(tmp_path):
    told = []
    rows = table.verify(folder=tmp_path, tell=lambda *what: told.append(what))
    assert told == [("papers", number, 4) for number in range(5)]
    assert [(row.module, row.status) for row in rows] == [
        ("agreeing", "agrees"),
        ("differing", "differs"),
        ("failing", "agrees"),
        ("failing", "failed"),
        ("missing", "no data"),
    ]
    assert rows[0].difference == pytest.approx(1e-7)
    assert "1e-2 from clearing" in rows[3].message


def test_missing_data_say_name_place_and_checksum(tmp_path):
    (row,) = table.verify("missing", folder=tmp_path)
    assert "paper/data.txt" in row.data
    assert "the authors' archive" in row.data
    assert FILE.sha256 in row.data
    assert row.ours is None


def test_parts_of_a_paper_stand_where_the_file_of_another_is_missing(monkeypatch, tmp_path):
    parts = (
        Part("first", (FILE,), lambda folder: 1 / 0),
        Part("second", (), lambda folder: iter([line("x", 2.0, 2.0)])),
        Part("third", (), lambda folder: fails(folder)),
    )
    paper = SimpleNamespace(PAPER="F (2000)", FILES=(FILE,), PARTS=parts, checks=lambda folder: 1 / 0)
    monkeypatch.setattr(table, "_modules", lambda: iter([("parted", paper)]))
    assert [(row.experiment, row.status) for row in table.verify(folder=tmp_path)] == [
        ("first", "no data"),
        ("x", "agrees"),
        ("first", "agrees"),
        ("all that follow", "failed"),
    ]


def test_the_printed_table_holds_the_whole_checksum(monkeypatch, tmp_path):
    monkeypatch.setenv("COREGION_REFERENCE", str(tmp_path))
    shown = CliRunner().invoke(app, ["verify", "missing"]).stdout
    assert FILE.sha256 in "".join(cell.strip() for row in shown.splitlines() for cell in row.split("│")[8:9])


def test_an_unknown_paper_is_refused():
    with pytest.raises(InputMistakes, match="Did you mean 'agreeing'"):
        table.verify(only=["agreing"])


def test_rows_are_json_even_where_a_number_is_none(tmp_path):
    rows = [row.as_dict() for row in table.verify(folder=tmp_path)]
    assert json.loads(json.dumps(rows, allow_nan=False))[1]["ours"] is None


def test_the_page_holds_every_line_and_no_run_time(tmp_path):
    page = table.published_page(table.verify(folder=tmp_path))
    assert "5 lines: 2 agrees, 1 differs, 1 no data, 1 failed." in page
    assert page.count("\n| ") == 5 + 4
    assert "seconds |" not in page


def test_a_whole_number_to_be_hit_exactly_has_no_decimals(monkeypatch, tmp_path):
    exact = SimpleNamespace(PAPER="E (2000)", FILES=(), checks=lambda folder: [line("x", 5819.0, 5819.0, 0.0)])
    monkeypatch.setattr(table, "_modules", lambda: iter([("exact", exact)]))
    assert "| x | 5819 | 5819 | 0 | % | published | agrees |" in table.published_page(table.verify(folder=tmp_path))


def test_an_experiment_tells_its_seconds_once(monkeypatch, tmp_path):
    clock = [0.0]

    def checks(folder):
        del folder
        for experiment, spent in (("one", 0.25), ("two", 4.0)):
            clock[0] += spent
            yield line(f"{experiment}: people", 1.0, 1.0)
            clock[0] += 1e-6
            yield line(f"{experiment}: wages", 1.0, 1.0)

    paper = SimpleNamespace(PAPER="E (2000)", FILES=(), checks=checks)
    monkeypatch.setattr(table, "_modules", lambda: iter([("timed", paper)]))
    monkeypatch.setattr(table, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    assert [row.seconds for row in table.verify(folder=tmp_path)] == [0.25, None, 4.0, None]
    told = json.loads(CliRunner().invoke(app, ["verify", "--json"]).stdout)
    assert [row["seconds"] for row in told] == [0.25, None, 4.0, None]
    lines = CliRunner().invoke(app, ["verify"]).stdout.splitlines()
    assert [row.split("│")[-2].strip() for row in lines if "Somebody" in row] == ["0.25", "", "4", ""]
