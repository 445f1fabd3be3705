"""Each rule on a handful of units, by hand."""

import numpy as np
import pytest

from coregion.errors import InputMistakes
from coregion.metro import (
    by_every_rule,
    came_and_went,
    canadian,
    dense_cities,
    eu_oecd,
    one_hour_circle,
    required_self_containment,
    self_containment,
    travel_to_work_areas,
)

LINE = np.eye(6, k=1, dtype=bool) | np.eye(6, k=-1, dtype=bool)


def commuters(**flows):
    """Six units of 1,000 employed residents; ``u2_0=150`` sends 150 of unit 2 to unit 0, the rest work at home."""
    table = np.diag(np.full(6, 1000.0))
    for name, persons in flows.items():
        home, work = (int(part) for part in name[1:].split("_"))
        table[home, work] += persons
        table[home, home] -= persons
    return table


def test_dense_units_that_touch_are_one_city():
    people = np.array([6e4, 3e4, 1e4, 4e4, 2e4, 7e4])
    area = np.full(6, 20.0)
    assert dense_cities(people, area, neighbours=LINE).tolist() == [0, 0, -1, -1, -1, 1]
    assert dense_cities(people, area).tolist() == [0, -1, -1, -1, -1, 1]


def test_the_zone_begins_at_the_threshold():
    city = np.array([0, -1, -1, -1, -1, 1])
    areas = eu_oecd(commuters(u1_0=150, u2_0=149, u3_5=200, u3_0=180), city)
    assert areas.area.tolist() == [0, 0, -1, 1, -1, 1]
    assert areas.is_core.tolist() == [True, False, False, False, False, True]
    assert (areas.count, areas.share_inside(np.ones(6))) == (2, pytest.approx(4 / 6))


def test_joined_cities_join_others_only_together():
    """City 1 sends 15 % to city 0; city 2 sends 8 % to each of them, which is 16 % to both."""
    city = np.array([0, 1, 2, -1, -1, 3])
    assert eu_oecd(commuters(u1_0=150, u2_0=80, u2_1=80), city).area.tolist() == [0, 0, 0, -1, -1, 1]
    assert eu_oecd(commuters(u1_0=140, u2_0=80, u2_1=80), city).area.tolist() == [0, 1, 2, -1, -1, 3]


def test_enclaves_come_in_and_exclaves_go_out():
    city = np.array([0, -1, -1, -1, -1, -1])
    flows = commuters(u2_0=300, u4_0=300)
    assert eu_oecd(flows, city).area.tolist() == [0, -1, 0, -1, 0, -1]
    assert eu_oecd(flows, city, neighbours=LINE).area.tolist() == [0, 0, 0, 0, 0, 0]
    assert eu_oecd(commuters(u3_0=300), city, neighbours=LINE).area.tolist() == [0, -1, -1, -1, -1, -1]


def test_canada_counts_both_ways_and_a_minimum():
    core = np.array([0, -1, -1, -1, -1, -1])
    flows = commuters(u1_0=500, u2_0=499, u0_3=334)
    flows[4] = [60, 0, 0, 0, 40, 0]
    assert canadian(flows, core).area.tolist() == [0, 0, -1, 0, -1, -1]
    assert canadian(flows, core, minimum=60).area.tolist() == [0, 0, -1, 0, 0, -1]
    assert canadian(flows, core, reverse=0.26).area.tolist() == [0, 0, -1, -1, -1, -1]


def test_the_hour_goes_to_the_nearest_core():
    minutes = 20.0 * np.abs(np.arange(6)[:, None] - np.arange(6)[None, :])
    assert one_hour_circle(minutes, np.array([0, -1, -1, -1, -1, 1])).area.tolist() == [0, 0, 0, 1, 1, 1]
    assert one_hour_circle(minutes, np.array([0, -1, -1, -1, -1, -1])).area.tolist() == [0, 0, 0, 0, -1, -1]


def test_before_and_after_by_every_rule():
    minutes = 50.0 * np.abs(np.arange(6)[:, None] - np.arange(6)[None, :])
    city = np.array([0, -1, -1, -1, -1, -1])
    before = by_every_rule(10 * commuters(u1_0=200, u2_0=100, u3_0=300), minutes, city, LINE)
    after = by_every_rule(10 * commuters(u1_0=200, u2_0=200), minutes, city, LINE)
    assert [areas.rule for areas in before] == ["EU–OECD", "Canada", "Britain", "one hour"]
    assert before[0].area.tolist() == [0, 0, 0, 0, -1, -1]
    came, went = came_and_went(before[0], after[0], place=0)
    assert (came.tolist(), went.tolist()) == ([], [3])
    came, went = came_and_went(after[0], before[0], place=0)
    assert (came.tolist(), went.tolist()) == ([3], [])
    came, went = came_and_went(before[3], before[0], place=4)
    assert (len(came), len(went)) == (0, 0)


def test_what_britain_requires():
    assert required_self_containment(np.array([10.0, 3500, 14250, 25000, 1e6])) == pytest.approx(
        [0.75, 0.75, (0.75 + 2 / 3) / 2, 2 / 3, 2 / 3]
    )


def test_british_areas_by_hand():
    """Two pairs that exchange 40 %, one unit that keeps all, and one too small that sends half to the first pair."""
    flows = 10 * commuters(u0_1=400, u1_0=400, u2_3=400, u3_2=400)
    flows[5] = [300, 0, 0, 10, 0, 300]
    areas = travel_to_work_areas(flows)
    assert areas.area.tolist() == [0, 0, 1, 1, 2, 0]
    assert self_containment(flows, areas.area)[0] == pytest.approx(1 - 10 / 20610)


def test_british_areas_satisfy_their_rule_or_are_one():
    random = np.random.default_rng(7)
    place = random.uniform(0, 100, (40, 2))
    away = np.linalg.norm(place[:, None] - place[None, :], axis=2)
    size = random.lognormal(8, 1, 40)
    flows = size[:, None] * size[None, :] * np.exp(-away / 8)
    flows *= (size / flows.sum(axis=1))[:, None]
    areas = travel_to_work_areas(flows)
    employed = np.bincount(areas.area, flows.sum(axis=1))
    assert 1 < areas.count < 40
    assert employed.min() >= 3500
    assert (self_containment(flows, areas.area) >= required_self_containment(employed)).all()


def test_a_unit_that_nobody_leaves_or_enters_is_told():
    flows = 10 * commuters()
    flows[5, 5] = 50
    with pytest.raises(InputMistakes, match="unit 5 without commuters"):
        travel_to_work_areas(flows)


@pytest.mark.parametrize(
    ("city", "threshold", "says"),
    [(np.full(6, -1), 0.15, "no city"), (np.zeros(6, int), 1.5, "threshold 1.5"), (np.zeros(5, int), 0.1, "shape")],
)
def test_bad_input_is_told(city, threshold, says):
    with pytest.raises(InputMistakes, match=says):
        eu_oecd(commuters(), city, threshold)
