"""What a raster of lines says, by hand: no stations, no stops, and the ground beside the lines."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_network import CODES, write
from made_up_network import settings as made_up_settings

from coregion.network.change import close_lines
from coregion.network.raster import KM_PER_DEGREE, raster_minutes
from coregion.network.read import read_network
from coregion.network.record import Links, Network

RAIL = ("rail",)
SPEED = 200.0


@pytest.fixture(scope="module")
def made_up(tmp_path_factory) -> Network:
    return read_network(write(tmp_path_factory.mktemp("raster")), made_up_settings(), CODES)


def degrees(km: Sequence[Sequence[float]] | np.ndarray) -> np.ndarray:
    """Points in km around the equator, where a degree is as long either way, as longitude and latitude."""
    return np.array(km, dtype=float) / KM_PER_DEGREE


def railways(made_up: Network, nodes: Sequence[Sequence[float]], ends: Sequence[tuple[int, int]]) -> Network:
    """Straight railways of 200 km/h between nodes in km, as long as they are straight."""
    place = degrees(nodes)
    origin, destination = np.array(ends).T
    one = np.ones(len(ends))
    length = np.hypot(*(np.array(nodes, float)[origin] - np.array(nodes, float)[destination]).T)
    links = Links(
        origin=origin,
        destination=destination,
        kind=np.full(len(ends), made_up.class_index("rail")),
        length=length,
        mountain=0 * one,
        fare=0 * one,
        toll=0 * one,
        capacity=one,
        is_open=one > 0,
        speed_factor=one,
        waiting_factor=one,
        fare_factor=one,
        line=tuple(f"line {k}" for k in range(len(ends))),
        opened=("",) * len(ends),
        payer=("P",) * len(ends),
        source=("made up",) * len(ends),
    )
    codes = tuple(f"n{k}" for k in range(len(nodes)))
    return replace(made_up, node_code=codes, longitude=place[:, 0], latitude=place[:, 1], links=links)


def minutes(network: Network, start, end, drawn_off_km=0.0, piece_km=5.0, ground_speed=10.0) -> float:
    points = degrees([start]), degrees([end])
    return float(raster_minutes(network, RAIL, *points, ground_speed, drawn_off_km, piece_km)[0])


def test_a_hundred_kilometres_of_line_take_as_long_as_a_train_without_a_stop(made_up):
    line = railways(made_up, [(0, 0), (100, 0)], [(0, 1)])
    assert minutes(line, (0, 0), (100, 0)) == pytest.approx(60 * 100 / SPEED, rel=1e-6)


def test_a_line_is_joined_on_open_track_where_it_passes(made_up):
    """2 km straight to the line, 60 km along it, 1 km from it: neither end is near a node."""
    line = railways(made_up, [(0, 0), (100, 0)], [(0, 1)])
    found = minutes(line, (20, 2), (80, -1))
    assert found == pytest.approx(60 * (2 + 1) / 10 + 60 * 60 / SPEED, rel=1e-4)


def test_lines_that_cross_are_changed_at_the_crossing_without_a_stop(made_up):
    cross = railways(made_up, [(-50, 0), (50, 0), (7, -50), (7, 50)], [(0, 1), (2, 3)])
    assert minutes(cross, (-50, 0), (7, 50)) == pytest.approx(60 * (57 + 50) / SPEED, rel=1e-6)
    assert minutes(replace(cross, stop_minutes=60.0), (-50, 0), (7, 50)) == minutes(cross, (-50, 0), (7, 50))


def test_lines_that_only_pass_near_each_other_are_changed_over_the_ground(made_up):
    beside = railways(made_up, [(0, 0), (50, 0), (40, 3), (90, 3)], [(0, 1), (2, 3)])
    assert minutes(beside, (0, 0), (90, 3)) == pytest.approx(60 * 90 / SPEED + 60 * 3 / 10, rel=1e-2)


def test_without_a_line_one_goes_straight_over_the_ground(made_up):
    network = close_lines(railways(made_up, [(0, 0), (100, 0)], [(0, 1)]), ["line 0"])
    assert minutes(network, (0, 0), (3, 4)) == pytest.approx(60 * 5 / 10, rel=1e-6)


def test_the_ground_to_lines_as_drawn_is_gone_over_at_both_ends(made_up):
    line = railways(made_up, [(0, 0), (100, 0)], [(0, 1)])
    assert minutes(line, (0, 0), (100, 0), drawn_off_km=2) - minutes(line, (0, 0), (100, 0)) == pytest.approx(24)
    assert minutes(line, (5, 0), (5, 0), drawn_off_km=2) == 0


def test_a_link_without_coordinates_is_not_drawn(made_up):
    line = railways(made_up, [(0, 0), (100, 0), (0, 0)], [(0, 1), (1, 2)])
    nowhere = replace(line, longitude=np.array([*line.longitude[:2], np.nan]))
    assert minutes(nowhere, (0, 0), (100, 0)) == pytest.approx(60 * 100 / SPEED, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_halving_the_pieces_changes_minutes_by_less_than_a_hundredth_and_ways_back_take_as_long(made_up, seed):
    rng = np.random.default_rng(seed)
    nodes = rng.uniform(0, 150, (9, 2))
    ends = [tuple(rng.choice(9, 2, replace=False)) for _ in range(8)]
    network = railways(made_up, nodes.tolist(), ends)
    start, end = degrees(rng.uniform(0, 150, (6, 2))), degrees(rng.uniform(0, 150, (6, 2)))
    whole = raster_minutes(network, RAIL, start, end, 10.0, piece_km=5.0)
    half = raster_minutes(network, RAIL, start, end, 10.0, piece_km=2.5)
    np.testing.assert_allclose(half, whole, rtol=0.01)
    np.testing.assert_allclose(raster_minutes(network, RAIL, end, start, 10.0), whole, rtol=1e-9)
