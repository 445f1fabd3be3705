"""The p-median against every choice of sites, and what cannot be."""

from itertools import combinations

import numpy as np
import pytest

from coregion.errors import CoregionError, InputMistakes, NotConverged
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


@pytest.mark.filterwarnings("error")
def test_a_place_without_weight_need_not_be_served():
    cost = np.array([[0.0, 2.0, np.inf], [2.0, 0.0, np.inf], [np.inf, np.inf, 0.0]])
    objective, sites = p_median(cost, np.array([1.0, 3.0, 0.0]), 1)
    assert (objective, sites.tolist()) == (2.0, [1])
    assert p_median(cost, np.zeros(3), 1)[0] == 0


@pytest.mark.parametrize("p", [0, 4, 1.5, "2", float("nan"), None])
def test_p_is_a_whole_number_of_sites(p):
    with pytest.raises(InputMistakes, match="whole number from 1 to 3, the number of sites"):
        p_median(np.ones((3, 3)), np.ones(3), p)
    assert p_median(np.ones((3, 3)), np.ones(3), 2.0)[0] == 3


@pytest.mark.parametrize("cost", [[["a", "b"]], [[1, 2], [3]]])
def test_a_table_that_is_none_is_a_mistake(cost):
    with pytest.raises(InputMistakes, match="ragged lines or values that are no numbers"):
        p_median(cost, np.ones(len(cost)), 1)


def test_time_that_is_up_is_told():
    cost = np.random.default_rng(0).random((120, 120))
    with pytest.raises(NotConverged, match="120 places was not proved in the seconds allowed"):
        p_median(cost, np.ones(120), 10, seconds=0)


def test_a_later_edge_replaces_an_earlier_one():
    cost, p = read_instance("3 3 1\n1 2 5\n2 3 1\n2 1 9\n")
    assert (p, cost[0, 1], cost[0, 2]) == (1, 9.0, 10.0)
    with pytest.raises(InputMistakes, match="8 numbers"):
        read_instance("3 2 1 1 2 5 2 3")
