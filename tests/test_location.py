"""The p-median against every choice of sites, and what cannot be."""

from itertools import combinations

import numpy as np
import pytest

from coregion.errors import CoregionError, InputMistakes
from coregion.literature.or_library import read_instance
from coregion.location import p_median


@pytest.mark.parametrize("seed", range(8))
def test_no_choice_of_sites_is_better(seed):
    rng = np.random.default_rng(seed)
    cost, weights, p = rng.random((14, 11)), rng.random(14), 1 + seed % 5
    objective, sites = p_median(cost, weights, p)
    best = min(weights @ cost[:, list(chosen)].min(axis=1) for chosen in combinations(range(11), p))
    assert objective == pytest.approx(best, rel=1e-12)
    assert len(set(sites.tolist())) == p
    assert weights @ cost[:, sites].min(axis=1) == objective


def test_everything_open_costs_the_least_of_each_row():
    cost = np.random.default_rng(1).random((5, 4))
    assert p_median(cost, np.ones(5), 4)[0] == pytest.approx(cost.min(axis=1).sum())


def test_infinite_costs_are_avoided_or_told():
    cost = np.array([[0.0, np.inf, np.inf], [1.0, np.inf, 9.0], [np.inf, np.inf, 0.0]])
    objective, sites = p_median(cost, np.ones(3), 2)
    assert (objective, sites.tolist()) == (1.0, [0, 2])
    with pytest.raises(CoregionError, match="no 1 sites that serve all 3 places"):
        p_median(cost, np.ones(3), 1)


def test_mistakes_are_told_together():
    with pytest.raises(InputMistakes) as caught:
        p_median(np.array([[1.0, -2.0], [np.nan, 0.0]]), np.array([1.0, -1.0, 2.0]), 3)
    assert len(caught.value.mistakes) == 4


def test_a_later_edge_replaces_an_earlier_one():
    cost, p = read_instance("3 3 1\n1 2 5\n2 3 1\n2 1 9\n")
    assert (p, cost[0, 1], cost[0, 2]) == (1, 9.0, 10.0)
    with pytest.raises(InputMistakes, match="8 numbers"):
        read_instance("3 2 1 1 2 5 2 3")
