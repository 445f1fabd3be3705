"""Decompositions of games against closed forms and axioms; the same along a path and from samples."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_games import AIRPORT_COSTS, CLOSE, GLOVES, MAJORITY, PUBLIC_BAD, games

from coregion.errors import CoregionError, InputMistakes
from coregion.packages import (
    aumann_shapley,
    core,
    decompose,
    harsanyi_dividends,
    interaction_index,
    pair_dividends,
    sampled_shapley,
    shapley_values,
    values_from_dividends,
)
from coregion.packages.coalitions import coalition_sizes, membership


def by_orders(values):
    """Shapley values from the definition: the average of the marginal contributions over all orders."""
    players = len(values).bit_length() - 1
    shares = np.zeros(players)
    for order in permutations(range(players)):
        inside = 0
        for player in order:
            shares[player] += values[inside | 1 << player] - values[inside]
            inside |= 1 << player
    return shares / factorial(players)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (PUBLIC_BAD, [4.5, 4.5, 4.5]),
        (AIRPORT_COSTS, [1 / 3, 5 / 6, 11 / 6]),
        (GLOVES, [2 / 3, 1 / 6, 1 / 6]),
        (MAJORITY, [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_shapley_closed_forms(values, expected):
    np.testing.assert_allclose(shapley_values(values), expected, **CLOSE)


@given(games())
@settings(max_examples=60, deadline=None)
def test_shapley_is_the_average_over_orders_and_the_share_in_dividends(values):
    shapley = shapley_values(values)
    np.testing.assert_allclose(shapley, by_orders(values), **CLOSE)
    dividends, members = harsanyi_dividends(values), membership(len(shapley))
    from_dividends = (members * (dividends / np.maximum(coalition_sizes(len(shapley)), 1))[:, None]).sum(axis=0)
    np.testing.assert_allclose(shapley, from_dividends, **CLOSE)
    np.testing.assert_allclose(shapley.sum(), values[-1] - values[0], **CLOSE)


@given(games(st.just(4)), games(st.just(4)), st.integers(-5, 5))
@settings(max_examples=40, deadline=None)
def test_shapley_is_linear_and_takes_all_outcomes_at_once(first, second, factor):
    together = shapley_values(np.stack([first, second, first + factor * second], axis=1))
    np.testing.assert_allclose(together[:, 0], shapley_values(first), **CLOSE)
    np.testing.assert_allclose(together[:, 2], together[:, 0] + factor * together[:, 1], **CLOSE)


@given(games(st.just(4)), st.integers(0, 3), st.integers(-20, 20))
@settings(max_examples=40, deadline=None)
def test_a_dummy_gets_what_it_adds_and_interacts_with_nobody(values, dummy, worth):
    coalitions = np.arange(16)
    values = values[coalitions & ~(1 << dummy)] + worth * (coalitions >> dummy & 1)
    np.testing.assert_allclose(shapley_values(values)[dummy], worth, **CLOSE)
    np.testing.assert_allclose(interaction_index(values)[dummy], 0, **CLOSE)


@given(games(st.just(4)), st.permutations(range(4)))
@settings(max_examples=40, deadline=None)
def test_renaming_players_renames_results(values, order):
    renamed = np.array([values[sum(1 << order[i] for i in range(4) if c >> i & 1)] for c in range(16)])
    np.testing.assert_allclose(shapley_values(renamed), shapley_values(values)[list(order)], **CLOSE)
    np.testing.assert_allclose(interaction_index(renamed), interaction_index(values)[np.ix_(order, order)], **CLOSE)


def test_players_who_add_the_same_get_the_same():
    sizes = coalition_sizes(6)
    shapley = shapley_values(np.sin(sizes) * 3.0 + sizes**2)
    np.testing.assert_allclose(shapley, shapley[0], **CLOSE)


@given(games())
@settings(max_examples=40, deadline=None)
def test_dividends_are_the_alternating_sum_and_turn_back(values):
    dividends, coalitions, sizes = (
        harsanyi_dividends(values),
        range(len(values)),
        coalition_sizes(len(values).bit_length() - 1),
    )
    definition = [
        sum((-1.0) ** (sizes[t] - sizes[s]) * values[s] for s in coalitions if s & t == s) for t in coalitions
    ]
    np.testing.assert_allclose(dividends, definition, **CLOSE)
    np.testing.assert_allclose(values_from_dividends(dividends), values, **CLOSE)
    np.testing.assert_allclose(dividends.sum(), values[-1], **CLOSE)


def test_an_additive_game_has_no_dividends_of_two_or_more():
    values = membership(7) @ np.array([3.0, -1, 4, 1, -5, 9, 2])
    dividends = harsanyi_dividends(values)
    np.testing.assert_allclose(dividends[coalition_sizes(7) >= 2], 0, **CLOSE)
    np.testing.assert_allclose(interaction_index(values), 0, **CLOSE)
    np.testing.assert_allclose(pair_dividends(values), 0, **CLOSE)
    np.testing.assert_allclose(decompose(values).synergy, 0, **CLOSE)


@given(games(st.integers(2, 5)))
@settings(max_examples=40, deadline=None)
def test_interaction_index_is_the_share_of_pairs_in_dividends(values):
    """Grabisch & Roubens: I_ij = Σ_{T∋i,j} D(T) / (|T| − 1)."""
    players = len(values).bit_length() - 1
    members, sizes, dividends = membership(players), coalition_sizes(players), harsanyi_dividends(values)
    index, pairs = interaction_index(values), pair_dividends(values)
    for i in range(players):
        for j in range(i):
            both = members[:, i] & members[:, j]
            np.testing.assert_allclose(index[i, j], (dividends[both] / (sizes[both] - 1)).sum(), **CLOSE)
            assert index[i, j] == index[j, i]
            np.testing.assert_allclose(pairs[i, j], dividends[1 << i | 1 << j], **CLOSE)
    assert np.all(np.diagonal(index) == 0)


def test_decomposition_of_fourteen_measures_sums_for_every_outcome():
    random = np.random.default_rng(3)
    values = random.normal(size=(1 << 14, 3)) * [1.0, 1e6, 1e-6] + [5.0, -2e9, 0.0]
    result = decompose(values, [f"m{i}" for i in range(14)])
    scale = np.abs(values - values[0]).max(axis=0)
    assert np.all(np.abs(result.shapley.sum(axis=0) - result.total) <= 1e-10 * scale)
    np.testing.assert_array_equal(result.alone[3], values[8] - values[0])
    np.testing.assert_array_equal(result.last_in[3], (values[-1] - values[0]) - (values[(1 << 14) - 9] - values[0]))
    np.testing.assert_array_equal(result.synergy, result.shapley - result.alone)
    assert [row["measure"] for row in result.rows()] == list(result.names)


def test_digits_lost_in_the_values_are_an_error_not_a_result(monkeypatch):
    monkeypatch.setattr("coregion.packages.shapley.shapley_values", lambda values: np.full(2, values[-1] * 0.5000001))
    with pytest.raises(CoregionError, match="miss the package's effect"):
        decompose([0, 1, 2, 4.0])


def test_a_package_without_a_value_is_named_and_never_filled_in():
    values = np.stack([PUBLIC_BAD, AIRPORT_COSTS], axis=1)
    values[5, 0] = np.nan
    result = decompose(values, ["rail", "air", "move"])
    assert [(m.coalition, m.label, m.outcomes) for m in result.missing] == [(5, "move+rail", 1)]
    assert np.all(np.isnan(result.shapley[:, 0]))
    assert np.isnan(result.last_in[1, 0])
    np.testing.assert_allclose(result.alone[:, 0], 2.5)
    np.testing.assert_allclose(result.shapley[:, 1], [1 / 3, 5 / 6, 11 / 6], **CLOSE)
    unknown = np.flatnonzero(np.isnan(harsanyi_dividends(values)[:, 0]))
    assert unknown.tolist() == [5, 7]
    with pytest.raises(InputMistakes, match="no value for 1\\+3"):
        core(values[:, 0])


@pytest.mark.parametrize("values", [[1.0, 2, 3], 4.0, [0, np.inf], "abc", [0, "much"], [0, [1, 2]]])
def test_malformed_games_are_refused(values):
    with pytest.raises(InputMistakes):
        shapley_values(values)


def test_wrong_names_are_told_together():
    with pytest.raises(InputMistakes) as caught:
        decompose([0, 1.0], ["a", "a"])
    assert len(caught.value.mistakes) == 2


def quadratic(intensities):
    matrix = np.array([[1.0, 0.5, 0], [0.5, -2, 0.25], [0, 0.25, 3]])
    linear = np.array([1.0, -1, 2])
    return linear @ intensities + intensities @ matrix @ intensities


def quadratic_slope(intensities):
    matrix = np.array([[1.0, 0.5, 0], [0.5, -2, 0.25], [0, 0.25, 3]])
    return np.array([1.0, -1, 2]) + 2 * matrix @ intensities


def test_path_integral_of_a_quadratic_equals_its_shapley_value():
    package = np.array([1.0, 2, 0.5])
    result = aumann_shapley(quadratic, quadratic_slope, package)
    values = [quadratic(package * members) for members in membership(3)]
    np.testing.assert_allclose(result.contributions, shapley_values(values), **CLOSE)
    np.testing.assert_allclose(result.unexplained, 0, **CLOSE)


def test_path_integral_shows_what_a_kink_leaves_unexplained():
    def capped(t):
        return np.stack([np.minimum(t.sum(), 0.5), t.sum()])

    def slope(t):
        return np.stack([np.where(t.sum() < 0.5, 1.0, 0.0) * np.ones(2), np.ones(2)], axis=1)

    result = aumann_shapley(capped, slope, [0.7, 0.6])
    assert abs(result.unexplained[0]) > 1e-3
    np.testing.assert_allclose(result.contributions.sum(axis=0) + result.unexplained, result.total, **CLOSE)
    np.testing.assert_allclose(result.contributions[:, 1], [0.7, 0.6], **CLOSE)
    with pytest.raises(InputMistakes, match="gradient of shape"):
        aumann_shapley(capped, lambda t: np.ones(2), [0.7, 0.6])


def test_sampling_is_exact_for_additive_games():
    worth = np.stack([np.arange(1.0, 21), np.linspace(-1, 1, 20)], axis=1)
    result = sampled_shapley(lambda packages: packages @ worth + 7.0, 20, 60, seed=1)
    np.testing.assert_allclose(result.shapley, worth, rtol=0, atol=1e-9)
    np.testing.assert_allclose(result.standard_error, 0, rtol=0, atol=1e-9)


def test_sampling_errors_are_as_large_as_the_standard_error_says():
    """A game of ten players; z-scores over 60 samples have mean near 0 and spread near 1."""
    random = np.random.default_rng(5)
    values = (membership(10) @ random.normal(size=10)) ** 3 / 10 + random.normal(size=1 << 10) / 5
    exact = shapley_values(values)

    def evaluate(packages):
        return values[packages @ (1 << np.arange(10))]

    runs = [sampled_shapley(evaluate, 10, 150, seed) for seed in range(60)]
    scores = np.array([(run.shapley - exact) / run.standard_error for run in runs])
    assert 0.85 < scores.std() < 1.2
    assert np.abs(scores.mean()) < 0.15
    np.testing.assert_allclose([run.shapley.sum() for run in runs], values[-1] - values[0], rtol=0, atol=1e-9)


def test_sampled_groups_are_the_players_of_a_smaller_game():
    random = np.random.default_rng(6)
    values = random.normal(size=1 << 6)
    groups = [(0, 3), (1,), (2, 4, 5)]

    def evaluate(packages):
        return values[packages @ (1 << np.arange(6))]

    of_groups = [values[sum(1 << m for g in range(3) if c >> g & 1 for m in groups[g])] for c in range(8)]
    result = sampled_shapley(evaluate, 6, 4000, seed=2, groups=groups)
    assert np.all(np.abs(result.shapley - shapley_values(of_groups)) < 4 * result.standard_error)
    assert result.evaluated == 8


def test_sampling_carries_a_missing_package_and_names_it():
    def evaluate(packages):
        return np.where(packages.all(axis=1), np.nan, packages.sum(axis=1))

    result = sampled_shapley(evaluate, 4, 20, seed=0)
    assert result.missing == ((0, 1, 2, 3),)
    assert np.all(np.isnan(result.shapley))


def test_sampling_refuses_groups_that_do_not_split_the_measures():
    with pytest.raises(InputMistakes) as caught:
        sampled_shapley(lambda packages: packages.sum(axis=1), 4, 1, seed=0, groups=[(0, 1), (1, 2)])
    assert len(caught.value.mistakes) == 2
