"""Minutes on a network by hand, their invariants, and what measures do to it."""

from dataclasses import fields, replace

import numpy as np
import pytest
from made_up_network import CODES, settings, write

from coregion.errors import InputMistakes
from coregion.network.change import add_link, at_month, close_lines, closed_lines, open_lines, scale_service, upgrade
from coregion.network.read import read_network
from coregion.network.record import Network, great_circle_km
from coregion.network.times import generalised_minutes, travel_minutes, vehicle_minutes

A, B, C, D, ISLE = range(5)


@pytest.fixture
def network(tmp_path) -> Network:
    return read_network(write(tmp_path), settings(), CODES)


def random_network(seed: int, network: Network, nodes: int = 12) -> Network:
    """A random connected network with the classes of the made-up one and all its kinds of links."""
    rng = np.random.default_rng(seed)
    ring = [(i, (i + 1) % nodes, "road") for i in range(nodes)]
    more = [(*rng.choice(nodes, 2, replace=False), rng.choice(["road", "rail", "walk"])) for _ in range(2 * nodes)]
    empty = replace(
        network,
        node_code=tuple(f"n{i}" for i in range(nodes)),
        node_kind=("county",) * nodes,
        longitude=rng.uniform(115, 118, nodes),
        latitude=rng.uniform(39, 41, nodes),
        own_km=rng.uniform(2, 8, nodes),
        region_count=nodes,
        links=replace(
            network.links,
            **{
                f.name: () if isinstance(getattr(network.links, f.name), tuple) else getattr(network.links, f.name)[:0]
                for f in fields(network.links)
            },
        ),
    )
    for number, (a, b, kind) in enumerate([*ring, *more]):
        empty = add_link(empty, f"n{a}", f"n{b}", str(kind), line=f"line-{number % 9}")
    return empty


def test_minutes_by_hand(network):
    minutes = travel_minutes(network, "trade")
    assert minutes[A, C] == pytest.approx(50 + 75)
    assert minutes[A, D] == pytest.approx(50 + 75 + 50)
    assert minutes[A, ISLE] == pytest.approx(175 + 600)
    assert minutes[C, C] == pytest.approx(6)
    rail = 6 + 10 + 4 + 130 / 200 * 60 + 6
    assert travel_minutes(network, "commuting")[A, D] == pytest.approx(rail)


def test_generalised_minutes_by_hand(network):
    opened = open_lines(network, ["M1"])
    assert generalised_minutes(opened, "trade", 60)[B, D] == pytest.approx(45 + 45 + 36)
    assert generalised_minutes(network, "trade", 1e9)[A, C] == pytest.approx(travel_minutes(network, "trade")[A, C])


def test_minutes_in_a_train_have_no_waiting(network):
    ends = network.node_code.index("S1"), network.node_code.index("S2")
    assert vehicle_minutes(network, np.array([ends[0]]), np.array([ends[1]])) == pytest.approx([4 + 39])


def test_every_line_of_a_ride_has_its_stop(network):
    longer = add_link(network, "S2", "c", "rail", length_km=20, line="branch")
    ends = longer.node_code.index("S1"), longer.node_code.index("c")
    assert vehicle_minutes(longer, np.array([ends[0]]), np.array([ends[1]])) == pytest.approx([4 + 39 + 4 + 6])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("purpose", ["commuting", "trade"])
def test_minutes_are_symmetric_and_keep_the_triangle_inequality(network, seed, purpose):
    some = random_network(seed, network)
    minutes = travel_minutes(some, purpose)
    np.testing.assert_array_equal(minutes, minutes.T)
    best = minutes.copy()
    np.fill_diagonal(best, 0)
    through = (best[:, :, None] + best[None, :, :]).min(axis=1)
    assert np.all(best <= through + 1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_relabelling_nodes_permutes_minutes(network, seed):
    some = random_network(seed, network)
    order = np.random.default_rng(seed).permutation(len(some.node_code))
    place = np.argsort(order)
    again = replace(
        some,
        node_code=tuple(some.node_code[i] for i in order),
        longitude=some.longitude[order],
        latitude=some.latitude[order],
        own_km=some.own_km[order],
        links=replace(some.links, origin=place[some.links.origin], destination=place[some.links.destination]),
    )
    np.testing.assert_allclose(
        travel_minutes(again, "commuting"), travel_minutes(some, "commuting")[np.ix_(order, order)], rtol=1e-12
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_opens_never_lengthens_and_what_closes_never_shortens_a_path(network, seed):
    some = random_network(seed, network)
    closed = close_lines(some, ["line-0", "line-3"])
    assert set(closed_lines(closed)) == {"line-0", "line-3"}
    before, after = travel_minutes(closed, "commuting"), travel_minutes(open_lines(closed, ["line-3"]), "commuting")
    assert np.all(after <= before)
    assert np.any(after < before)


def same(one: Network, other: Network) -> bool:
    pairs = [(getattr(one.links, f.name), getattr(other.links, f.name)) for f in fields(one.links)]
    return all(np.array_equal(a, b) for a, b in pairs) and replace(one, links=other.links) == other


def test_a_change_of_nothing_leaves_every_bit(network):
    assert same(open_lines(network, []), network)
    assert same(close_lines(network, []), network)
    assert same(scale_service(network, ["main", "road"]), network)
    assert same(upgrade(network, ["road-ab"], "road"), network)
    assert same(at_month(network, "2020-06"), network)
    assert not same(open_lines(network, ["M1"]), network)


def test_faster_trains_come_sooner_and_more_often(network):
    faster = scale_service(network, ["main"], speed_factor=2.0, waiting_factor=0.5)
    assert travel_minutes(faster, "commuting")[A, D] == pytest.approx(6 + 5 + 4 + 39 / 2 + 6)
    by_class = scale_service(network, ["rail"], speed_factor=2.0, waiting_factor=0.5)
    assert same(faster, by_class)
    dear = scale_service(network, ["rail"], fare_factor=2.0)
    assert generalised_minutes(dear, "commuting", 60)[A, D] == pytest.approx(min(6 + 14 + 39 + 6 + 80, 175 + 75))


def test_an_upgraded_road_is_straighter_faster_and_pays_toll(network):
    better = upgrade(network, ["road-bc"], "motorway")
    length = 50 * 1.1 / 1.2
    assert travel_minutes(better, "trade")[B, C] == pytest.approx(60 * length / 120)
    position = better.links.line.index("road-bc")
    assert better.links.toll[position] == pytest.approx(0.4 * length)
    assert better.links.capacity[position] == 5000


def test_an_added_link_has_the_length_and_the_mountains_of_its_place(network):
    added = add_link(network, "a", "c", "road")
    km = 1.2 * great_circle_km(116.0, 40.0, 117.0, 40.0)
    mountain = (0 + 0.5) / 2
    assert added.links.length[-1] == pytest.approx(km)
    assert travel_minutes(added, "trade")[A, C] == pytest.approx(km * (1 + mountain * 0.5))
    assert added.links.line[-1] == "new-a-c"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: open_lines(n, ["M2", "main"]), "unknown line 'M2'.*Did you mean 'M1'"),
        (lambda n: scale_service(n, ["raill"]), "unknown line or class of links 'raill'.*Did you mean 'rail'"),
        (lambda n: scale_service(n, ["rail"], speed_factor=0.0), "speed 0.*above 0"),
        (lambda n: upgrade(n, ["main"], "motorway"), "lines of the mode rail; expected 'road'"),
        (lambda n: upgrade(n, ["road-ab"], "motorwey"), "class of links 'motorwey'.*Did you mean 'motorway'"),
        (lambda n: add_link(n, "a", "x9", "road"), "unknown place 'x9'"),
        (lambda n: add_link(n, "a", "a", "road"), "from 'a' to itself"),
        (lambda n: add_link(n, "a", "isle", "road"), "length of nan km.*Give length_km"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(network, change, message):
    with pytest.raises(InputMistakes, match=f"(?s){message}"):
        change(network)
