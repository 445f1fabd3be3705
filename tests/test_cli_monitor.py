"""The commands path and monitor on the made-up region: files, JSON, exit codes, messages."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from made_up_path import ADJUSTMENT, MEASURES
from typer.testing import CliRunner

from coregion import study
from coregion.cli import app
from coregion.errors import CoregionError, InputMistakes

HEADER = "place,variable,year,value,source,standard_error\n"


@pytest.fixture(autouse=True)
def made_up_study(monkeypatch, tmp_path):
    baseline = made_up_baseline()
    settings = SimpleNamespace(title_en="Made up", title_zh="虚构", base_year=2020, adjustment=ADJUSTMENT)
    told = SimpleNamespace(
        folder=tmp_path, settings=settings, region=baseline.region, measures=MEASURES, baseline=lambda: baseline
    )
    monkeypatch.setattr(study, "load_study", lambda _: told)


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_path_writes_its_tables_and_a_page(tmp_path):
    done = call("path", "made-up", "--to", 2030, "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["stages"] == {"2020": [], "2021": ["link"], "2023": ["link", "new_area"]}
    assert told["late"] == ["dock"]
    assert told["discount_rate"] == made_up_baseline().region.parameters["discount_rate"].value
    assert set(told["speeds"]) >= {"others"}
    assert "fixed part of its remaining way" in told["approximation"]
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "path.parquet",
        "present_values.parquet",
        "path.html",
    }
    assert pd.read_parquet(tmp_path / "out" / "path.parquet")["year"].max() == 2030
    words = call("path", "made-up", "--to", 2030, "--out", tmp_path / "out").stdout
    assert "An approximation" in words
    assert f"Worth in 2020 at {100 * told['discount_rate']:g} % a year" in words


def test_a_path_before_the_base_year_is_an_error_of_usage(tmp_path):
    done = call("path", "made-up", "--from", 2010, "--to", 2030, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "expected 2020, the base year of the study" in " ".join(done.output.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


def test_monitor_writes_a_table_and_a_page_and_ends_well_with_alerts(tmp_path):
    people = float(made_up_baseline().region.residents[:, 0].sum())
    file = tmp_path / "observed.csv"
    file.write_text(f"{HEADER}a1,residents,2024,{2 * people},made up,{people / 100}\n", encoding="utf-8")
    done = call("monitor", "made-up", file, "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [(row["place"], row["alert"]) for row in told["alerts"]] == [("a1", True)]
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == {"monitor.parquet", "monitor.csv", "monitor.html"}
    assert "1 alert in 1 place" in call("monitor", "made-up", file, "--out", tmp_path / "out").stdout


def test_ranges_of_a_file_widen_the_projection_of_their_package_only(tmp_path):
    people = float(made_up_baseline().region.residents[:, 0].sum())
    observed, ranges = tmp_path / "observed.csv", tmp_path / "ranges.parquet"
    observed.write_text(f"{HEADER}a1,residents,2024,{people},made up,{people / 100}\n", encoding="utf-8")
    figure = {"place": "a1", "variable": "residents", "group": "", "low": -50.0, "high": 50.0}
    widths = {}
    for package in ("dock+link+new_area", "another"):
        pd.DataFrame([{**figure, "package": package, "unit": "per cent of the baseline"}]).to_parquet(ranges)
        assert call("monitor", "made-up", observed, "--ranges", ranges, "--out", tmp_path / "out").exit_code == 0
        row = pd.read_parquet(tmp_path / "out" / "monitor.parquet").iloc[0]
        widths[package] = row["high"] - row["low"]
    assert widths["dock+link+new_area"] > 2 * widths["another"]


def test_what_is_wrong_is_told(tmp_path):
    file = tmp_path / "observed.csv"
    rows = "a9,residents,2024,5,made up,1\na1,residents,2020,5,made up,1\n"
    file.write_text(HEADER + rows, encoding="utf-8")
    wrong = call("monitor", "made-up", file, "--out", tmp_path / "out")
    assert isinstance(wrong.exception, InputMistakes)
    assert "observed.csv:3, column year: found 2020; expected a year after 2020" in str(wrong.exception)
    assert "observed.csv:2, column place: found unknown place 'a9'" in str(wrong.exception)
    file.write_text("not Parquet", encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_text(f"{HEADER}a1,residents,2024,5,made up,1\n", encoding="utf-8")
    wrong = call("monitor", "made-up", other, "--ranges", file, "--out", tmp_path / "out")
    assert isinstance(wrong.exception, CoregionError)
    assert "expected a ranges.parquet" in str(wrong.exception)
