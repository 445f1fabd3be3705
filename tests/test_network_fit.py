"""The bundled study's network against published travel times: the goals of the fit hold for the committed tables."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from coregion.data.settings import Settings, read_settings
from coregion.data.study_files import study_folder
from coregion.errors import InputMistakes
from coregion.network.change import add_link, at_month, closed_lines, open_lines
from coregion.network.observed import Observed, changes, fit_table, read_observed
from coregion.network.read import read_network
from coregion.network.record import PURPOSES, Network
from coregion.network.times import travel_minutes

BASE, AFTER = "2020-06", "2024-12"
BEIJING, CHENGDE = "110101", "130802"


def region_codes(folder: Path, settings: Settings) -> list[str]:
    names = (settings.tables.regions, settings.tables.external)
    return [row["code"] for name in names for row in csv.DictReader((folder / name).open(encoding="utf-8"))]


@cache
def study() -> tuple[Network, Observed]:
    folder = study_folder("jingjinji")
    settings = read_settings(folder)
    network = read_network(folder, settings, region_codes(folder, settings))
    return network, read_observed(folder, network)


@cache
def fits():
    return {(row.kind, row.month, row.half): row for row in fit_table(*study())}


@pytest.mark.parametrize(
    ("kind", "month", "median", "ninetieth"),
    [("road", BASE, 0.06, 0.15), ("rail", BASE, 0.15, np.inf), ("train", "2016-03", 0.10, np.inf)],
)
def test_the_goals_of_the_fit_hold_on_all_pairs_and_on_those_held_out(kind, month, median, ninetieth):
    for half in ("all", "check"):
        row = fits()[kind, month, half]
        assert row.median <= median
        assert row.ninetieth <= ninetieth


def test_the_halves_are_the_78_pairs_of_prefectures_and_324_pairs_of_stations():
    count = {key: row.pairs for key, row in fits().items()}
    assert count["road", BASE, "fit"] == count["road", BASE, "check"] == count["rail", BASE, "fit"] == 39
    assert count["train", "2016-03", "all"] == 324


def test_the_network_beats_the_great_circle():
    for kind, month in (("road", BASE), ("rail", BASE), ("train", "2016-03")):
        row = fits()[kind, month, "check"]
        assert row.median < 0.7 * row.great_circle


def test_the_table_of_the_fit_is_the_fit():
    rows = list(csv.DictReader((study_folder("jingjinji") / "network_fit.csv").open(encoding="utf-8")))
    assert len(rows) == len(fits())
    for row in rows:
        fit = fits()[row["kind"], row["month"], row["half"]]
        assert float(row["median"]) == pytest.approx(fit.median, abs=1e-4)
        assert float(row["ninetieth"]) == pytest.approx(fit.ninetieth, abs=1e-4)


def test_opening_the_lines_of_2020_to_2024_brings_chengde_as_near_as_published():
    found = {(c.kind, c.origin, c.destination): c for c in changes(*study(), BASE, AFTER)}
    pair = found["rail", BEIJING, CHENGDE]
    assert (pair.published_before, pair.published_after) == (253.6, 115.3)
    fall = (pair.network_before - pair.network_after) / (pair.published_before - pair.published_after)
    assert abs(fall - 1) <= 0.15


def test_pairs_that_changed_after_2020_change_alike():
    """The ratio of minutes after to before, within 15 % of the published one, for nearly all pairs; see the docs."""
    for kind, count in (("road", 23), ("rail", 29)):
        moved = [c for c in changes(*study(), BASE, AFTER) if c.kind == kind]
        ratio = [c.network_after / c.network_before / (c.published_after / c.published_before) for c in moved]
        error = np.abs(np.array(ratio) - 1)
        assert len(moved) == count
        assert np.median(error) <= 0.10
        assert np.mean(error <= 0.15) >= 0.85


def test_closed_lines_are_those_that_opened_after_the_base_month():
    network, _ = study()
    opened = dict(zip(network.links.line, network.links.opened, strict=True))
    assert {"jingcheng-hs", "jingxiong", "jingtang", "G45-jingxiong"} <= set(closed_lines(network))
    assert all(opened[line] > BASE for line in closed_lines(network))
    everything = open_lines(network, closed_lines(network))
    np.testing.assert_array_equal(everything.links.is_open, at_month(network, AFTER).links.is_open)


def test_opening_every_line_lengthens_no_path():
    network, _ = study()
    after = open_lines(network, closed_lines(network))
    for purpose in PURPOSES:
        before = travel_minutes(network, purpose)
        assert np.all(np.isfinite(before))
        assert np.all(travel_minutes(after, purpose) <= before + 1e-9)


def test_a_shorter_way_shows_in_the_table_of_the_fit():
    network, observed = study()
    nearer = add_link(network, BEIJING, CHENGDE, "expressway", length_km=1.0)
    assert fit_table(nearer, observed)[2].median > fits()["road", BASE, "all"].median


def test_observed_times_of_unknown_places_are_refused(tmp_path):
    text = "kind,month,origin,destination,minutes,half,source\nroed,2020-06,110101,99,10,fit,x\n"
    (tmp_path / "network_observed.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputMistakes) as caught:
        read_observed(tmp_path, study()[0])
    told = str(caught.value)
    assert "unknown code '99'" in told
    assert "Did you mean 'road'?" in told
