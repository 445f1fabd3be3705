"""Core, least core and nucleolus against closed forms and certificates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from small_games import AIRPORT_COSTS, CLOSE, GLOVES, MAJORITY, PUBLIC_BAD, games

from coregion.errors import InputMistakes
from coregion.packages import core, core_membership, nucleolus, shapley_values
from coregion.packages.coalitions import coalition_sizes, membership


def zero_at_none(values):
    return values - values[0]


def bankruptcy(estate, claims=(100, 200, 300)):
    return np.maximum(0.0, estate - ~membership(len(claims)) @ np.array(claims))


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
