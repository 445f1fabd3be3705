"""Fajgelbaum & Schaal (2020): the planner's conditions, its bound, and networks that do not beat it."""

import dataclasses

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import fajgelbaum_schaal as fs


@pytest.mark.slow
def test_every_line_agrees():
    lines = list(fs.checks(None))
    assert len(lines) == 7
    assert [line for line in lines if not line.agrees] == []
    assert off_the_page(fs, lines) == []


@pytest.fixture(scope="module")
def grid():
    return fs.square(3)


@pytest.fixture(scope="module")
def best(grid):
    return fs.optimal_network(grid)


def test_the_conditions_see_a_network_that_is_not_optimal(grid, best):
    conditions = fs.first_order_conditions(grid, best)
    assert max(conditions.values()) <= 1e-8
    alike = np.full(len(grid.start), grid.budget / len(grid.start))
    other = fs.first_order_conditions(grid, fs.flows_on(grid, alike))
    assert other["roads"] > 0.1
    assert max(other[name] for name in ("goods", "budget", "consumption", "flows")) <= 1e-8


def test_given_the_best_roads_the_flows_are_the_planner_s(grid, best):
    again = fs.flows_on(grid, best.road)
    assert again.welfare == pytest.approx(best.welfare, rel=1e-12)
    assert again.flow == pytest.approx(best.flow, abs=1e-9)


def test_the_network_is_as_symmetric_as_the_grid(grid, best):
    centre = (grid.start == 4) | (grid.end == 4)
    assert best.road[centre] == pytest.approx(np.full(4, best.road[centre][0]), rel=1e-8)
    assert best.road[~centre] == pytest.approx(np.full(8, best.road[~centre][0]), rel=1e-8)


def test_two_places_by_hand():
    """One road takes the budget, and one price gap moves Q: P_2 = P_1 (1 + (1 + β) δ Q^β / K^γ), P = α C^(α−1)."""
    one = np.ones(1)
    geography = fs.Geography(
        np.ones(2), np.array([[2.0], [1.0]]), np.array([0]), np.array([1]), one, one, 4.0, 0.8, 0.3, 0.5
    )
    plan = fs.optimal_network(geography)
    flow = plan.flow[0, 0]
    cost = flow**0.8 / 4.0**0.3
    assert plan.road == pytest.approx([4.0])
    assert plan.flow[1, 0] == 0.0
    assert plan.consumed[:, 0] == pytest.approx([2 - flow * (1 + cost), 1 + flow], rel=1e-10)
    assert (plan.consumed[0, 0] / plan.consumed[1, 0]) ** 0.5 == pytest.approx(1 + 1.8 * cost, rel=1e-10)


def test_a_larger_budget_is_worth_what_its_price_says(grid, best):
    """Envelope theorem: dW/dK = γ Σ P δ Q^(1+β) I^(−γ) / K."""
    origin = np.concatenate([grid.start, grid.end])
    paid = (best.price[origin] * best.flow**2 / np.tile(best.road, 2)[:, None] ** 0.5).sum()
    step = 1e-4
    more, less = (fs.optimal_network(dataclasses.replace(grid, budget=1 + sign * step)).welfare for sign in (1, -1))
    assert (more - less) / (2 * step) == pytest.approx(0.5 * paid, rel=1e-6)


def test_the_edge_of_convexity_is_refused():
    with pytest.raises(InputMistakes, match=r"γ 1\.0, β 1\.0"):
        fs.square(3, returns=1.0)
