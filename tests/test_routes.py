"""Soft routes: by hand where routes can be counted, and congestion that any model of flows can close."""

import numpy as np
import pytest

from coregion.errors import InputMistakes, NotConverged
from coregion.network.routes import RouteLinks, congested_routes, link_flow, route_weight, soft_cost


def one_way(congestion=0.0, taste=2.0, cost=(2.0, 3.0, 4.0)):
    """0 → 1 → 2 and a direct 0 → 2."""
    return RouteLinks(3, np.array([0, 1, 0]), np.array([1, 2, 2]), np.array(cost), np.ones(3), congestion, taste)


def test_the_sum_over_routes_by_hand():
    links = one_way()
    weight = route_weight(links, links.cost)
    assert weight[0, 2] == pytest.approx(6.0**-2 + 4.0**-2, rel=1e-14)
    cost = soft_cost(weight, 2.0)
    assert cost[0, 2] == pytest.approx((1 / 36 + 1 / 16) ** -0.5, rel=1e-14)
    assert np.isinf(cost[2, 0])
    assert cost[0, 0] == 1.0


def test_travellers_split_between_routes_by_hand():
    links = one_way()
    weight = route_weight(links, links.cost)
    flow = np.zeros((3, 3))
    flow[0, 2], flow[0, 1] = 52.0, 5.0
    upper = 52 * (1 / 36) / (1 / 36 + 1 / 16)
    assert link_flow(links, links.cost, weight, flow) == pytest.approx([upper + 5, upper, 52 - upper], rel=1e-13)


def test_the_cheapest_route_is_the_limit():
    links = one_way(taste=400.0, cost=(1.2, 1.3, 1.7))
    assert soft_cost(route_weight(links, links.cost), 400.0)[0, 2] == pytest.approx(1.2 * 1.3, rel=1e-12)


def test_what_enters_a_place_leaves_it_or_ends_there():
    size = 6
    random = np.random.default_rng(4)
    start, end = np.nonzero(~np.eye(size, dtype=bool))
    links = RouteLinks(size, start, end, random.uniform(2, 5, len(start)), np.ones(len(start)), 0.0, 3.0)
    weight = route_weight(links, links.cost)
    flow = random.uniform(0, 1, (size, size))
    passing = link_flow(links, links.cost, weight, flow)
    inward = np.bincount(end, passing, size) + flow.sum(axis=1)
    outward = np.bincount(start, passing, size) + flow.sum(axis=0)
    assert inward == pytest.approx(outward, rel=1e-12)


def test_congestion_agrees_with_its_flows():
    links = one_way(congestion=0.3, cost=(1.5, 1.4, 2.0))
    demand = np.zeros((3, 3))
    demand[0, 1], demand[1, 2], demand[0, 2] = 3.0, 1.0, 2.0

    def flow_between(cost):
        return np.where(demand > 0, demand / np.where(np.isfinite(cost), cost, 1.0), 0.0)

    found = congested_routes(links, flow_between)
    assert found.link_cost == pytest.approx(links.cost * found.flow**0.3, rel=1e-11)
    assert found.flow == pytest.approx(
        link_flow(links, found.link_cost, found.route_weight, flow_between(found.cost)), rel=1e-11
    )


def test_no_congestion_asks_the_model_once():
    asked = []
    found = congested_routes(one_way(), lambda cost: asked.append(1) or np.ones((3, 3)))
    assert (found.rounds, len(asked)) == (1, 1)


def test_an_unused_link_is_told():
    with pytest.raises(NotConverged, match="leave it out"):
        congested_routes(one_way(congestion=0.1), lambda cost: np.zeros((3, 3)))


def test_circles_that_pay_are_refused():
    links = RouteLinks(2, np.array([0, 1]), np.array([1, 0]), np.array([0.9, 1.0]), np.ones(2), 0.0, 2.0)
    with pytest.raises(InputMistakes, match=r"spectral radius of 1\.111"):
        route_weight(links, links.cost)


def test_every_mistake_is_told_at_once():
    with pytest.raises(InputMistakes) as caught:
        RouteLinks(2, np.array([0]), np.array([2]), np.array([-1.0]), np.ones(2), -0.1, 0.0)
    assert len(caught.value.mistakes) == 5
