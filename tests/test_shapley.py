"""Decompositions and stability of games against closed forms, certificates and axioms."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from coregion.errors import CoregionError, InputMistakes
from coregion.packages import (
    aumann_shapley,
    core,
    core_membership,
    decompose,
    harsanyi_dividends,
    interaction_index,
    nucleolus,
    pair_dividends,
    sampled_shapley,
    shapley_values,
    values_from_dividends,
)
from coregion.packages.coalitions import coalition_sizes, membership

CLOSE = {"rtol": 0, "atol": 1e-10}
PUBLIC_BAD = np.array([0, 2.5, 2.5, 6, 2.5, 6, 6, 13.5])
AIRPORT_COSTS = np.array([0, 1, 2, 2, 3, 3, 3, 3.0])
GLOVES = np.array([0, 0, 0, 1, 0, 1, 0, 1.0])
MAJORITY = np.array([0, 0, 0, 1, 0, 1, 1, 1.0])


ONE_TO_FIVE = st.integers(1, 5)


def games(players=ONE_TO_FIVE):
    numbers = st.integers(-1000, 1000).map(lambda whole: whole / 8)
    return players.flatmap(lambda n: hnp.arrays(float, 1 << n, elements=numbers))


def zero_at_none(values):
    return values - values[0]


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


def bankruptcy(estate, claims=(100, 200, 300)):
    return np.maximum(0.0, estate - ~membership(len(claims)) @ np.array(claims))


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


@pytest.mark.parametrize("values", [[1.0, 2, 3], 4.0, [0, np.inf]])
def test_malformed_games_are_refused(values):
    with pytest.raises(InputMistakes):
        shapley_values(values)


def test_wrong_names_are_told_together():
    with pytest.raises(InputMistakes) as caught:
        decompose([0, 1.0], ["a", "a"])
    assert len(caught.value.mistakes) == 2


@pytest.mark.parametrize(("estate", "expected"), [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])])
def test_nucleolus_of_the_talmud(estate, expected):
    """Aumann & Maschler (1985)."""
    np.testing.assert_allclose(nucleolus(bankruptcy(estate)), expected, **CLOSE)


@pytest.mark.parametrize("estate", [37.5, 150, 420, 555])
def test_nucleolus_of_bankruptcy_is_the_contested_garment_rule(estate):
    """Aumann & Maschler (1985, theorem A): equal awards of the half-claims below half the total, equal losses above."""
    claims = np.array([100.0, 200, 300, 80])
    half = claims / 2
    below, owed = estate <= half.sum(), min(estate, claims.sum() - estate)
    low, high = 0.0, half.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(middle, half).sum() < owed else (low, middle)
    awards = np.minimum(low, half) if below else claims - np.minimum(low, half)
    np.testing.assert_allclose(nucleolus(bankruptcy(estate, claims)), awards, **CLOSE)


def test_nucleolus_closed_forms():
    np.testing.assert_allclose(nucleolus(GLOVES), [1, 0, 0], **CLOSE)
    np.testing.assert_allclose(nucleolus(PUBLIC_BAD), [4.5] * 3, **CLOSE)
    np.testing.assert_allclose(nucleolus(-AIRPORT_COSTS), [-0.5, -0.75, -1.75], **CLOSE)
    np.testing.assert_allclose(nucleolus([0, 3.0]), [3], **CLOSE)
    np.testing.assert_allclose(nucleolus(membership(3) @ [1.0, 2, 3]), [1, 2, 3], **CLOSE)


def test_nucleolus_stays_among_imputations_where_the_prenucleolus_does_not():
    """v(12) so large that the third player would be asked to pay: (10, 10, …) needs x₃ ≥ v(3) = 0 to bind."""
    values = np.array([0, 0, 0, 10, 0, 0, 0, 4.0])
    np.testing.assert_allclose(nucleolus(values), [2, 2, 0], **CLOSE)
    assert nucleolus(values, imputations=False)[2] < -1
    with pytest.raises(InputMistakes, match="prenucleolus"):
        nucleolus([0, 2, 2, 3.0])


def test_nucleolus_of_thirteen_equal_players_shares_equally():
    values = coalition_sizes(13) ** 2.0
    np.testing.assert_allclose(nucleolus(values), np.full(13, 13.0), **CLOSE)


def balanced(collection):
    """Whether some strictly positive weights of the coalitions cover every player once (Kohlberg's condition)."""
    rows = np.column_stack([collection.T, np.zeros(collection.shape[1])])
    no_more = np.column_stack([-np.eye(len(collection)), np.ones(len(collection))])
    found = linprog(
        np.append(np.zeros(len(collection)), -1.0),
        A_ub=no_more,
        b_ub=np.zeros(len(collection)),
        A_eq=rows,
        b_eq=np.ones(collection.shape[1]),
        bounds=[(0, None)] * len(collection) + [(None, 1)],
    )
    return found.status == 0 and -found.fun > 1e-9


def has_certificate(values, members, shares):
    excess = (values - members @ shares)[1:-1]
    return all(balanced(members[1:-1][excess >= level - 1e-5]) for level in np.unique(np.round(excess, 6)))


@given(games(st.integers(2, 5)))
@settings(max_examples=40, deadline=None)
def test_prenucleolus_has_kohlbergs_certificate(values):
    """Kohlberg (1971): x is the prenucleolus iff the coalitions of excess ≥ α are balanced for every α."""
    values = zero_at_none(values)
    shares = nucleolus(values, imputations=False)
    members = membership(len(shares)).astype(float)
    np.testing.assert_allclose(shares.sum(), values[-1], **CLOSE)
    assert has_certificate(values, members, shares)
    moved = shares + 0.5 * (np.eye(len(shares))[0] - np.eye(len(shares))[-1])
    assert not has_certificate(values, members, moved)


def test_core_of_the_public_bad_gloves_and_airport():
    bad = core(PUBLIC_BAD)
    assert bad.nonempty
    np.testing.assert_allclose(bad.epsilon, -2, **CLOSE)
    assert bad.check([4.5] * 3).inside
    gloves = core(GLOVES, ["left", "right a", "right b"])
    assert gloves.nonempty
    np.testing.assert_allclose(gloves.epsilon, 0, **CLOSE)
    np.testing.assert_allclose(gloves.point, [1, 0, 0], **CLOSE)
    shapley = gloves.check(shapley_values(GLOVES))
    assert not shapley.inside
    np.testing.assert_allclose(shapley.fails_by, 1 / 6, **CLOSE)
    assert {label for label, _ in shapley.objectors} == {"left+right a", "left+right b"}
    assert core(-AIRPORT_COSTS).check(-shapley_values(AIRPORT_COSTS)).inside


def test_core_of_the_majority_game_is_empty_by_a_third():
    empty = core(MAJORITY)
    assert not empty.nonempty
    np.testing.assert_allclose(empty.epsilon, 1 / 3, **CLOSE)
    np.testing.assert_allclose(empty.check(empty.point).fails_by, 1 / 3, **CLOSE)


@pytest.mark.parametrize(
    ("values", "epsilon", "point"),
    [
        ([0, 3.0], -np.inf, [3]),
        ([0, 1, 2, 7.0], -2, [3, 4]),
        ([0.0] * 8, 0, [0, 0, 0]),
        (PUBLIC_BAD * 1e12, -2e12, [4.5e12] * 3),
    ],
)
def test_core_of_small_flat_and_large_games(values, epsilon, point):
    found = core(values)
    assert found.nonempty
    np.testing.assert_allclose(found.epsilon, epsilon, rtol=1e-10, atol=0)
    np.testing.assert_allclose(found.point, point, rtol=1e-10, atol=0)
    assert found.check(found.point).inside


def test_an_allocation_that_does_not_divide_the_gain_is_outside():
    for shares, missing in (([4, 4, 4.0], 1.5), ([5, 5, 5.0], -1.5)):
        held = core_membership(PUBLIC_BAD, shares)
        assert not held.inside
        np.testing.assert_allclose([held.undivided, held.fails_by], [missing, 1.5], **CLOSE)


@given(games(st.integers(2, 5)))
@settings(max_examples=40, deadline=None)
def test_least_core_is_the_value_of_the_linear_programme(values):
    values = zero_at_none(values)
    found = core(values)
    players = len(found.point)
    members = membership(players).astype(float)
    programme = linprog(
        np.append(np.zeros(players), 1.0),
        A_ub=-np.column_stack([members[1:-1], np.ones(len(values) - 2)]),
        b_ub=-values[1:-1],
        A_eq=np.append(np.ones(players), 0.0)[None],
        b_eq=values[-1:],
        bounds=[(None, None)] * (players + 1),
    )
    np.testing.assert_allclose(found.epsilon, programme.fun, rtol=0, atol=1e-6)
    held = found.check(found.point)
    assert held.inside == found.nonempty
    assert abs(held.slack + found.epsilon) < 1e-10


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
