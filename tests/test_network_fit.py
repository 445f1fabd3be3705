"""The bundled study's network against published travel times: the goals of the fit hold for the committed tables."""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from coregion.data.settings import Settings, read_settings
from coregion.data.study_files import study_folder
from coregion.errors import InputMistakes
from coregion.network.change import add_link, at_month, closed_lines, open_lines
from coregion.network.observed import Observed, changes, fit_table, network_minutes, read_observed
from coregion.network.read import read_network
from coregion.network.record import PURPOSES, Network, great_circle_km
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
def test_the_goals_of_the_fit_hold_on_all_pairs_and_on_both_halves(kind, month, median, ninetieth):
    for half in ("all", "fit", "check"):
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


def found_changes(kind):
    return [c for c in changes(*study(), BASE, AFTER) if c.kind == kind]


def share_of_fall(change):
    return (change.network_before - change.network_after) / (change.published_before - change.published_after)


def prefectures(change):
    return frozenset((change.origin[:4], change.destination[:4]))


def test_falls_by_rail_hold_for_ten_pairs_and_for_no_others():
    """The goal, 15 % of the published fall, is met by 10 of 29 pairs; docs/network.md says which are not, and why."""
    cities = ("1101", "1201", "1301", "1304", "1305", "1306", "1309", "1310", "1311")
    with_chengde = {frozenset(("1308", city)) for city in cities}
    rail = found_changes("rail")
    assert len(rail) == 29
    held = {prefectures(c) for c in rail if abs(share_of_fall(c) - 1) <= 0.15}
    assert held == with_chengde | {frozenset(("1302", "1307"))}


def test_falls_by_rail_are_within_minutes_of_the_published_ones():
    """Seven minutes off in the mean and 24 at the worst, where falls are 6 to 143 minutes."""
    rail = found_changes("rail")
    off = [abs(c.network_before - c.network_after - c.published_before + c.published_after) for c in rail]
    assert np.mean(off) <= 8
    assert max(off) <= 24


def test_no_fall_by_road_holds_since_published_ones_belong_to_two_points_of_the_map():
    """The 23 pairs are those of Shijiazhuang and Baoding, whose published falls are one figure in most directions."""
    road = found_changes("road")
    assert len(road) == 23
    assert not [c for c in road if abs(share_of_fall(c) - 1) <= 0.15]
    assert all({"1301", "1306"} & prefectures(c) for c in road)
    for city, same in (("1301", 7), ("1306", 6)):
        fall = np.array([c.published_before - c.published_after for c in road if city in prefectures(c)])
        assert np.sum(np.abs(fall - np.median(fall)) <= 0.15) >= same


def test_minutes_of_pairs_that_changed_are_near_the_published_after_too():
    """The ratio of minutes after to before beside the published one: at the median within 15 %, by both kinds."""
    for kind in ("road", "rail"):
        moved = found_changes(kind)
        ratio = [c.network_after / c.network_before / (c.published_after / c.published_before) for c in moved]
        assert np.median(np.abs(np.array(ratio) - 1)) <= 0.15


def test_the_table_of_changes_is_what_the_network_gives():
    rows = list(csv.DictReader((study_folder("jingjinji") / "network_fit_changes.csv").open(encoding="utf-8")))
    moved = found_changes("road") + found_changes("rail")
    assert [(r["kind"], r["origin"], r["destination"]) for r in rows] == [
        (c.kind, c.origin, c.destination) for c in moved
    ]
    for row, change in zip(rows, moved, strict=True):
        assert float(row["network_after"]) == pytest.approx(change.network_after, abs=0.051)
        assert float(row["share_of_fall"]) == pytest.approx(share_of_fall(change), abs=6e-4)


def test_published_times_over_ground_know_no_stations_and_no_waiting():
    """Hours by rail are set beside a raster of the lines: waiting and stops of the study leave them alone."""
    network, observed = study()
    waiting = tuple((service, 2 * minutes) for service, minutes in network.boarding)
    longer = replace(network, boarding=waiting, stop_minutes=2 * network.stop_minutes)
    by_rail = observed.of("rail", BASE)
    assert np.all(observed.ground_speed[by_rail] == 10.0)
    same, found = network_minutes(longer, observed), network_minutes(network, observed)
    np.testing.assert_array_equal(same[by_rail], found[by_rail])
    own = replace(observed, ground_speed=np.full(len(observed), np.nan))
    assert np.all(network_minutes(longer, own)[by_rail] >= network_minutes(network, own)[by_rail] + 14.9)


def test_a_raster_lacks_the_lines_that_the_publication_lacks_and_starts_at_its_points():
    network, observed = study()
    by_rail = observed.of("rail", BASE)
    assert {observed.without[i] for i in by_rail} == {"jinqin tangshan-conn"}
    whole = replace(observed, without=("",) * len(observed))
    assert np.all(network_minutes(network, whole)[by_rail] <= network_minutes(network, observed)[by_rail] + 1e-6)
    assert (
        np.median(np.abs(network_minutes(network, whole) / observed.minutes - 1)[by_rail])
        > fits()["rail", BASE, "all"].median
    )
    seats = np.column_stack([network.longitude, network.latitude])[observed.origin]
    away = great_circle_km(*seats.T, *observed.start.T)
    assert 1 < np.max(away[by_rail]) < 5
    assert np.all(away[observed.of("road", BASE)] == 0)


def test_the_figure_of_the_raster_is_the_one_that_fits_the_fitted_half():
    """By another measure than that of scripts/fit_network.py: the mean absolute error is least within 0.3 km of it."""
    network, observed = study()
    rows = observed.part([i for i in observed.of("rail", BASE) if observed.fitted[i]])
    tried = np.arange(1.0, 4.0, 0.1)
    there = np.unique(rows.drawn_off_km)
    moved = [replace(rows, drawn_off_km=np.full(len(rows), km)) for km in tried]
    error = [np.mean(np.abs(np.log(network_minutes(network, one) / rows.minutes))) for one in moved]
    assert len(there) == 1, "one figure for all places"
    assert abs(tried[int(np.argmin(error))] - there[0]) <= 0.3


def test_closed_lines_are_those_that_opened_after_the_base_month():
    network, _ = study()
    opened = dict(zip(network.links.line, network.links.opened, strict=True))
    assert {"jingcheng-hs", "jingxiong", "jingtang", "G45-jingxiong"} <= set(closed_lines(network))
    assert all(opened[line] > BASE for line in closed_lines(network))
    everything = open_lines(network, closed_lines(network))
    last = max(network.links.opened)
    np.testing.assert_array_equal(everything.links.is_open, at_month(network, last).links.is_open)


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


def test_a_raster_is_told_what_it_cannot_be(tmp_path):
    head = "kind,month,origin,destination,minutes,half,ground_speed,without,origin_longitude,origin_latitude,source\n"
    text = head + "train,2020-06,110101,130802,10,fit,10,jinqn,116.4,,x\n"
    (tmp_path / "network_observed.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputMistakes) as caught:
        read_observed(tmp_path, study()[0])
    told = str(caught.value)
    assert "a train stays on its line" in told
    assert "unknown line 'jinqn'" in told
    assert "half a point" in told
