"""Ways to share the gain of cooperation, as lump sums and inside an equilibrium; the documented examples."""

import doctest
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import made_up
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from coregion.errors import InputMistakes, NotConverged
from coregion.model.economy import no_shock
from coregion.packages import (
    Abatement,
    RootOptions,
    bargained_inside,
    chander_tulkens,
    core,
    core_membership,
    nash_bargaining,
    nucleolus,
    shapley_values,
    smallest_inside,
    smallest_stable_transfers,
    smallest_transfers,
    transfers,
)
from coregion.packages.coalitions import membership
from coregion.solve.equilibrium import Options, solve

CLOSE = {"rtol": 0, "atol": 1e-10}
PUBLIC_BAD = np.array([0, 2.5, 2.5, 6, 2.5, 6, 6, 13.5])
BEFORE, ALONE = np.array([1.0, 2, 10.5]), np.full(3, 2.5)
MAJORITY = np.array([0, 0, 0, 1, 0, 1, 1, 1.0])
QUARTERS = st.integers(-400, 400).map(lambda whole: whole / 4)
PAIRS_OF_PAYOFFS = st.lists(st.tuples(QUARTERS, QUARTERS), min_size=1, max_size=6)


def public_bad(slope, benefit):
    """γ-characteristic function of abatement at cost slope e²/2 and benefit × Σ e: outsiders reply one by one."""
    values = []
    for inside in membership(len(slope)):
        effort = np.where(inside, benefit[inside].sum(), benefit) / slope
        values.append(benefit[inside].sum() * effort.sum() - (slope * effort**2 / 2)[inside].sum())
    return np.array(values)


def test_public_bad_of_three_equal_players():
    np.testing.assert_allclose(public_bad(np.ones(3), np.ones(3)), PUBLIC_BAD, **CLOSE)
    np.testing.assert_allclose(nash_bargaining(PUBLIC_BAD), [4.5] * 3, **CLOSE)


def test_nash_bargaining_divides_the_surplus_by_weight():
    shares = nash_bargaining(PUBLIC_BAD, disagreement=[1, 2, 4.5], weights=[1, 2, 3])
    np.testing.assert_allclose(shares, [2, 4, 7.5], **CLOSE)
    gains = shares - [1, 2, 4.5]
    other = gains + np.array([0.1, 0.1, -0.2])
    assert np.log(gains) @ [1, 2, 3] > np.log(other) @ [1, 2, 3]


@pytest.mark.parametrize("bad", [{"disagreement": [5, 5, 5]}, {"weights": [1, 0, 1]}, {"disagreement": [0, 0, np.nan]}])
def test_nothing_to_bargain_over_is_an_error(bad):
    with pytest.raises(InputMistakes):
        nash_bargaining(PUBLIC_BAD, **bad)


@given(PAIRS_OF_PAYOFFS)
@settings(max_examples=60, deadline=None)
def test_smallest_transfers_are_those_of_the_linear_programme(pairs):
    without, alone = np.array(pairs).T
    players = len(without)
    programme = linprog(
        np.ones(2 * players),
        A_eq=np.append(np.ones(players), -np.ones(players))[None],
        b_eq=[0],
        A_ub=np.hstack([-np.eye(players), np.eye(players)]),
        b_ub=without - alone,
    )
    if programme.status == 2:
        assert without.sum() < alone.sum()
        with pytest.raises(InputMistakes, match="cover the losses"):
            smallest_transfers(without, alone)
        return
    found = smallest_transfers(without, alone)
    np.testing.assert_allclose(np.abs(found).sum(), programme.fun, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.sum(), 0, **CLOSE)
    assert np.all(without + found >= alone - 1e-10)


def test_smallest_stable_transfers_reach_the_core_with_the_least_money():
    found = smallest_stable_transfers([1, 2, 10.5], PUBLIC_BAD)
    assert core_membership(PUBLIC_BAD, found + BEFORE).inside
    np.testing.assert_allclose([found.sum(), np.abs(found).sum()], [0, 6], **CLOSE)
    np.testing.assert_allclose(smallest_stable_transfers([4, 4.5, 5], PUBLIC_BAD), 0, **CLOSE)
    with pytest.raises(InputMistakes, match="empty core"):
        smallest_stable_transfers([1, 0, 0], MAJORITY)
    with pytest.raises(InputMistakes, match="same total"):
        smallest_stable_transfers([1, 1, 1], PUBLIC_BAD)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=2, max_size=5))
@settings(max_examples=60, deadline=None)
def test_chander_tulkens_transfers_lie_in_the_gamma_core(players):
    """Chander & Tulkens (1997, theorem): linear benefits, quadratic costs, players of every size."""
    slope, benefit = np.array(players, dtype=float).T / 8
    together, apart = benefit.sum() / slope, benefit / slope
    paid = Abatement(slope * together**2 / 2, slope * apart**2 / 2, benefit)
    without = benefit * together.sum() - paid.cost_together
    found = chander_tulkens(paid)
    values = public_bad(slope, benefit)
    np.testing.assert_allclose(found.sum(), 0, rtol=0, atol=1e-10 * np.abs(values).max())
    assert core_membership(values, without + found).inside


def test_the_table_holds_every_rule_against_alone_and_the_core():
    paid = Abatement(np.full(3, 4.5), np.full(3, 0.5), np.ones(3))
    table = transfers([1, 2, 10.5], [2.5] * 3, PUBLIC_BAD, ["B", "T", "H"], abatement=paid)
    expected = {
        "none": [1, 2, 10.5],
        "smallest": [2.5, 2.5, 8.5],
        "Nash bargaining": [4.5] * 3,
        "Shapley": [4.5] * 3,
        "nucleolus": [4.5] * 3,
        "Chander–Tulkens": [1, 2, 10.5],
    }
    for name, payoffs in expected.items():
        row = table.rule(name)
        np.testing.assert_allclose(row.payoffs, payoffs, **CLOSE)
        np.testing.assert_allclose(row.transfers, np.subtract(payoffs, [1, 2, 10.5]), **CLOSE)
    held = {rule.rule: rule.core for rule in table.rules if rule.core is not None}
    assert held.keys() == {rule.rule for rule in table.rules}
    assert not table.rule("none").everyone_gains
    np.testing.assert_allclose([table.rule("none").shortfall, held["none"].fails_by], [1.5, 3], **CLOSE)
    assert held["none"].objectors[0] == ("B+T", 3.0)
    assert table.rule("smallest").everyone_gains
    assert not held["smallest"].inside
    assert held["smallest stable"].inside
    assert len(table.rows()) == 3 * len(table.rules)


def test_rules_without_an_answer_are_rows_that_say_why():
    empty = transfers([1, 0, 0], [0.5, 0, 0.5], MAJORITY)
    assert "empty core" in empty.rule("smallest stable").reason
    assert empty.rule("smallest").exists
    losing = transfers([1, 1, 1], [2, 1, 1])
    assert not losing.rule("smallest").exists
    assert "change the package" in losing.rule("Nash bargaining").reason
    assert np.all(np.isnan(losing.rule("smallest").payoffs))
    assert losing.rule("none").core is None


def test_a_coalition_without_a_value_leaves_the_other_rules_standing():
    values = PUBLIC_BAD.copy()
    values[3] = np.nan
    table = transfers([1, 2, 10.5], [2.5] * 3, values, ["B", "T", "H"])
    assert "no value for B+T" in table.rule("Shapley").reason
    assert not table.rule("nucleolus").exists
    np.testing.assert_allclose(table.rule("Nash bargaining").payoffs, [4.5] * 3, **CLOSE)
    assert table.rule("Nash bargaining").core is None


@pytest.mark.parametrize(
    ("without", "alone", "v"),
    [
        ([1, 2], [1, 2, 3], None),
        ([1, np.nan], [1, 2], None),
        ([1, 2], [0, 0], PUBLIC_BAD),
        ([1, 1], [0, 0], [0, 1, 1, 3]),
    ],
)
def test_payoffs_that_do_not_fit_are_refused(without, alone, v):
    with pytest.raises(InputMistakes):
        transfers(without, alone, v)


@given(st.permutations(range(3)))
@settings(max_examples=6, deadline=None)
def test_renaming_players_renames_the_shares(order):
    values = public_bad(np.array([1.0, 2, 4]), np.array([1.0, 3, 2]))
    renamed = np.array([values[sum(1 << order[i] for i in range(3) if c >> i & 1)] for c in range(8)])
    for rule in (nash_bargaining, shapley_values, nucleolus, lambda v: core(v).point):
        np.testing.assert_allclose(rule(renamed), rule(values)[list(order)], **CLOSE)


# Inside the equilibrium.


def costless(paid):
    return jnp.asarray(BEFORE) + paid


def melting(paid):
    """A tenth of all that is received melts away."""
    return jnp.asarray(BEFORE) + jnp.where(paid > 0, 0.9 * paid, paid)


@pytest.mark.parametrize("find", [bargained_inside, smallest_inside])
def test_without_leakage_the_transfers_inside_are_the_lump_sums(find):
    found = find(costless, ALONE)
    np.testing.assert_allclose(found.transfers, found.lump_sum, **CLOSE)
    np.testing.assert_allclose(found.leakage, 0, **CLOSE)
    assert found.exists


def test_what_melts_on_the_way_is_the_leakage():
    found = smallest_inside(melting, ALONE)
    np.testing.assert_allclose(found.transfers, [1.5 / 0.9, 0.5 / 0.9, -2 / 0.9], **CLOSE)
    np.testing.assert_allclose(found.leakage, [0.15, 0.05, 0], **CLOSE)
    equal = bargained_inside(melting, ALONE)
    gains = equal.payoffs - ALONE
    np.testing.assert_allclose(gains, gains[0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(equal.transfers.sum(), 0, **CLOSE)
    assert gains[0] < 2


def test_a_payer_who_would_fall_below_alone_is_lifted_too():
    """Lifting the first by 1 costs the second a half: it needs 0.4 itself, and the third pays for both."""
    before = np.array([0.0, 2.1, 5.0])
    hurt = np.array([[1.0, 0, 0], [-0.5, 1, 0], [0, 0, 1.0]])
    found = smallest_inside(lambda t: before + hurt @ t, [1.0, 2, 2], jacobian=lambda t: hurt)
    np.testing.assert_allclose(found.transfers, [1, 0.4, -1.4], **CLOSE)
    np.testing.assert_allclose(found.payoffs, [1, 2, 3.6], **CLOSE)


def test_a_loss_within_the_tolerance_is_no_loss():
    before = np.array([2.0, 2 - 1e-13])
    found = smallest_inside(lambda t: before + t, [2.0, 2.0], jacobian=lambda t: np.eye(2))
    assert found.exists
    np.testing.assert_array_equal(found.transfers, [0, 0])
    with pytest.raises(InputMistakes, match="expected gains that cover the losses"):
        smallest_inside(lambda t: before - [0, 1e-6] + t, [2.0, 2.0], jacobian=lambda t: np.eye(2))


def test_transfers_that_leak_away_do_not_exist_or_say_so():
    hurt = np.array([[1.0, 0], [0, 4.0]])
    before = np.array([0.0, 2])
    bargained = bargained_inside(lambda t: before + hurt @ t, [1.0, 1], jacobian=lambda t: hurt)
    assert not bargained.exists
    with pytest.raises(InputMistakes, match="nobody left who could pay"):
        smallest_inside(lambda t: before + hurt @ t, [1.0, 1], jacobian=lambda t: hurt)


def test_a_root_that_is_not_reached_is_an_error():
    with pytest.raises(NotConverged, match="miss their aim"):
        bargained_inside(melting, ALONE, options=RootOptions(steps=0))


def regional_payoff(economy):
    """Gain [yuan a year] of three governments of two regions each when the first one's firms become a tenth better."""
    share = (economy.expenditure.reshape(3, 2) / economy.expenditure.reshape(3, 2).sum(1, keepdims=True)).reshape(6)
    income = economy.expenditure / economy.registered.sum(0)

    def payoff(paid):
        shock = no_shock(economy)
        changed = (shock.productivity.at[:2].set(1.1), jnp.repeat(paid, 2) * share)
        shock = eqx.tree_at(lambda s: (s.productivity, s.transfers), shock, changed)
        welfare = solve(economy, shock, Options(tolerance=1e-12)).outcome.welfare_hat
        return ((welfare - 1) * economy.registered * income).sum(0).reshape(3, 2).sum(1)

    @jax.jit
    def both(paid):
        value, pull = jax.vjp(payoff, paid)
        return value, jax.vmap(pull)(jnp.eye(3))[0]

    return lambda paid: both(jnp.asarray(paid))[0], lambda paid: both(jnp.asarray(paid))[1]


@pytest.mark.slow
def test_in_the_regional_model_transfers_reach_their_aim_and_leak():
    payoff, jacobian = regional_payoff(made_up.six_places(sectors=2, groups=1, pensions=False))
    before = np.asarray(payoff(np.zeros(3)))
    size = np.abs(before).max()
    alone = before + np.array([-0.04, 0.01, 0.01]) * size
    for find in (bargained_inside, smallest_inside):
        found = find(payoff, alone, jacobian=jacobian)
        assert found.exists
        assert found.residual <= 1e-10
        np.testing.assert_allclose(found.transfers.sum(), 0, rtol=0, atol=1e-10 * size)
        assert np.all(found.payoffs >= alone - 1e-9 * size)
        assert np.abs(found.leakage).max() > 1e-3 * np.abs(found.lump_sum).max()
        assert np.abs(found.transfers - found.lump_sum).max() > 1e-3 * np.abs(found.lump_sum).max()


def test_documented_examples():
    page = Path(__file__).parents[1] / "docs" / "coordination.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 10
    assert result.failed == 0
