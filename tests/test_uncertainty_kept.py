"""Ranges that come with a study are shown only while they are about just what the run has solved."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from test_uncertainty import parameter, study

from coregion.study import Study
from coregion.uncertainty.figures import DIFFERENCE, PER_CENT
from coregion.uncertainty.job import Uncertainty, packages_of
from coregion.uncertainty.kept import keep, kept
from coregion.uncertainty.ranges import GAIN
from coregion.uncertainty.shown import Wanted, ranges_shown, uncertainty_record

PLACES = ("all", "A", "B", "a1")


def in_folder(folder) -> Study:
    """The made-up study with a folder that holds one table."""
    (folder / "regions.csv").write_text("code\na1\n")
    (folder / "study.toml").write_text("# a comment\n")
    settings = SimpleNamespace(tables=SimpleNamespace(measures="measures.toml"), groups=(), payers=())
    made_up = study()
    return cast(Study, SimpleNamespace(**vars(made_up), folder=folder, settings=settings))


def made_up_ranges(measures) -> Uncertainty:
    rows = [
        (place, package.name, variable, group, 1e9 * number - 2e8, 1e9 * number, 1e9 * number + 2e8, 0.1, 1e9 * number)
        for number, package in enumerate(packages_of(measures), 1)
        for place in PLACES
        for variable, group in ((GAIN, ""), (GAIN, "young"), ("welfare", ""))
    ]
    columns = ["place", "package", "variable", "group", "low", "median", "high", "probability_of_loss", "point"]
    table = pd.DataFrame(rows, columns=columns)
    table["unit"] = np.where(table["variable"] == GAIN, DIFFERENCE, PER_CENT)
    names = ["commuting_elasticity", "goods_share"]
    whole = packages_of(measures)[0].name
    drivers = pd.DataFrame({"place": "A", "package": whole, "variable": GAIN, "parameter": names, "total": [0.2, 0.9]})
    return Uncertainty(table, drivers, {"draws": 8, "failed": 1, "parameters": names})


def solved(measures, factor: float = 1.0) -> pd.DataFrame:
    """Gains as a run would give them: those of the ranges' point, or of another model."""
    ranges = made_up_ranges(measures).ranges
    point = ranges.rename(columns={"place": "jurisdiction", "point": "value"})
    return point[point["jurisdiction"] != "a1"].assign(value=factor * point["value"])


@pytest.fixture
def stored(tmp_path):
    mine = in_folder(tmp_path)
    keep(mine, mine.measures, made_up_ranges(mine.measures))
    return mine


def test_ranges_that_fit_are_shown_as_they_were_stored(stored):
    found = kept(stored, stored.measures, solved(stored.measures))
    assert found.reason == ""
    before = made_up_ranges(stored.measures).ranges.query("group == ''")
    columns = ["place", "package", "variable", "group", "low", "median", "high", "probability_of_loss", "unit"]
    pd.testing.assert_frame_equal(
        found.ranges[columns].reset_index(drop=True), before[columns].reset_index(drop=True), check_dtype=False
    )
    told = uncertainty_record(found, stored)
    assert told["draws"] == 8
    assert [entry["parameter"] for entry in told["drivers"]] == ["goods_share", "commuting_elasticity"]


def test_a_record_that_cannot_be_read_leaves_no_range(stored):
    (stored.folder / "ranges" / "ranges.json").write_text("{")
    found = kept(stored, stored.measures, solved(stored.measures))
    assert found.ranges.empty
    assert found.reason == "those of the study cannot be read"


def test_a_study_without_ranges_says_so(tmp_path):
    mine = in_folder(tmp_path)
    found = ranges_shown(mine, mine.measures, solved(mine.measures), Wanted(), lambda *_: None)
    assert found.ranges.empty
    assert found.reason == "the study brings none"


def test_other_parameters_or_tables_leave_no_range(stored):
    gains = solved(stored.measures)
    wider = parameter("goods_share", 0.7, 0.5, 0.8)
    region = replace(stored.region, parameters={**stored.region.parameters, "goods_share": wider})
    other = cast(Any, SimpleNamespace(**{**vars(stored), "region": region}))
    assert "other parameters or tables" in kept(other, stored.measures, gains).reason
    (stored.folder / "study.toml").write_text("# another comment\n")
    (stored.folder / "network_observed.csv").write_text("published times, which no figure depends on\n")
    assert kept(stored, stored.measures, gains).reason == ""
    (stored.folder / "regions.csv").write_text("code\na2\n")
    found = kept(stored, stored.measures, gains)
    assert found.ranges.empty
    assert "other parameters or tables" in found.reason


def test_another_intensity_leaves_only_the_measures_that_are_unchanged(stored):
    first, second = stored.measures
    half = first.model_copy(update={"intensity": 0.5 * first.intensity})
    found = kept(stored, (half, second), solved(stored.measures))
    assert set(found.ranges["package"]) == {second.name}
    assert "measures alone" in found.reason
    renamed = first.model_copy(update={"name_en": "Another name"})
    assert kept(stored, (renamed, second), solved(stored.measures)).reason == ""
    assert "other measures or intensities" in kept(stored, (half,), solved(stored.measures)).reason


def test_a_model_that_gives_other_gains_leaves_no_range(stored):
    assert kept(stored, stored.measures, solved(stored.measures, 1 + 1e-7)).reason == ""
    found = kept(stored, stored.measures, solved(stored.measures, 1.001))
    assert found.ranges.empty
    assert "another version of the model" in found.reason


def test_an_interrupt_while_storing_leaves_the_ranges_that_were_there(stored, monkeypatch):
    before = {file.name: file.read_bytes() for file in (stored.folder / "ranges").iterdir()}

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("coregion.data.whole_files.os.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        keep(stored, stored.measures[:1], made_up_ranges(stored.measures[:1]))
    assert {file.name: file.read_bytes() for file in (stored.folder / "ranges").iterdir()} == before
