"""Levers that are on or off: equilibria, coalitions and cooperation in games that can be solved by hand."""

import numpy as np
import pytest

from coregion.errors import InputMistakes
from coregion.packages import core, shapley_values
from coregion.packages.switches import (
    NONE,
    SEVERAL,
    UNIQUE,
    SwitchGame,
    coalition_values,
    cooperate,
    lever_names,
    partitions,
    play,
)

OWN = np.eye(3, dtype=bool)


def public_good(benefit=2.0, cost=3.0) -> SwitchGame:
    """Three players; a lever costs its holder 3 and gives everybody 2: alone nobody acts, together all do."""
    on = (np.arange(8)[:, None] >> np.arange(3)) & 1
    payoffs = benefit * on.sum(axis=1, keepdims=True) - cost * on
    return SwitchGame(payoffs.astype(float), OWN, ("A", "B", "C"), ("a", "b", "c"))


def test_alone_nobody_pays_for_what_all_enjoy_and_together_everybody_does():
    game = public_good()
    alone = play(game, (1, 2, 4))
    assert (alone.levers, alone.status, alone.equilibria) == (0, UNIQUE, 1)
    together = play(game, (7,))
    assert lever_names(game, together.levers) == ("a", "b", "c")
    np.testing.assert_array_equal(together.payoffs, [3, 3, 3])


def test_gamma_values_of_the_public_good():
    """A pair pays 6 and enjoys 8: v = 0, 2, 9; the core holds the equal division and Shapley gives 3 each."""
    values, plays = coalition_values(public_good())
    np.testing.assert_array_equal(values, [0, 0, 0, 2, 0, 2, 2, 9])
    assert plays[3].partition == (3, 4)
    np.testing.assert_allclose(shapley_values(values), [3, 3, 3], atol=1e-12)
    assert core(values).check([3, 3, 3]).inside


def test_a_lever_of_two_holders_is_off_unless_both_act_together():
    payoffs = np.array([[0.0, 0.0], [5.0, 5.0]])
    game = SwitchGame(payoffs, np.array([[True, True]]), ("A", "B"), ("joint",))
    assert play(game, (1, 2)).levers == 0
    assert play(game, (3,)).levers == 1


def test_matching_pennies_has_no_equilibrium_and_says_so():
    payoffs = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    found = play(SwitchGame(payoffs, OWN[:2, :2], ("A", "B"), ("a", "b")), (1, 2))
    assert (found.status, found.levers) == (NONE, -1)
    assert np.isnan(found.payoffs).all()


def test_of_two_equilibria_the_one_that_best_replies_reach_is_told_and_both_are_counted():
    payoffs = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [2.0, 2.0]])
    found = play(SwitchGame(payoffs, OWN[:2, :2], ("A", "B"), ("a", "b")), (1, 2))
    assert (found.status, found.equilibria, found.levers) == (SEVERAL, 2, 0)


def test_a_set_of_levers_without_a_value_is_never_passed_over():
    game = public_good()
    payoffs = game.payoffs.copy()
    payoffs[1] = np.nan
    found = play(SwitchGame(payoffs, OWN, game.players, game.levers), (1, 2, 4))
    assert found.levers != 0, "A's reply to nobody is not known, so that nothing is not known to be an equilibrium"


def test_three_players_split_in_five_ways_and_four_in_fifteen():
    assert list(partitions(3)) == [(1, 2, 4), (1, 6), (3, 4), (5, 2), (7,)]
    assert len(list(partitions(4))) == 15


def test_rules_of_cooperation_differ_as_they_should():
    """Lever a: 10 to A, −1 to B. Lever b: 2 to each."""
    payoffs = np.array([[0.0, 0.0], [10.0, -1.0], [2.0, 2.0], [12.0, 1.0]])
    game = SwitchGame(payoffs, OWN[:2, :2], ("A", "B"), ("a", "b"))
    utilitarian, equal, bargain = cooperate(game, np.zeros(2), np.array([1.0, 1.0]))
    assert utilitarian.levers == 3
    assert equal.levers == 2
    assert bargain.levers == 3
    payoffs = np.array([[0.0, 0.0], [3.0, 2.0], [2.0, 3.0], [0.0, 0.0]])
    even = SwitchGame(payoffs, OWN[:2, :2], ("A", "B"), ("a", "b"))
    assert cooperate(even, np.zeros(2), np.array([2.0, 1.0]))[1].levers == 1, "gains in per cent of income: 1.5 and 2"
    assert cooperate(even, np.zeros(2), np.array([1.0, 2.0]))[1].levers == 2
    worse = cooperate(game, np.array([20.0, 20.0]), np.ones(2))[2]
    assert worse.levers == -1
    assert np.isnan(worse.payoffs).all()


def test_relabelling_players_and_levers_changes_nothing_but_names():
    rng = np.random.default_rng(3)
    payoffs = rng.standard_normal((16, 3))
    holders = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], bool)
    game = SwitchGame(payoffs, holders, ("A", "B", "C"), ("a", "b", "c", "ab"))
    order, swap = np.array([2, 0, 1]), np.array([3, 1, 0, 2])
    old = sum(((np.arange(16) >> new) & 1) << int(was) for new, was in enumerate(swap))
    other = SwitchGame(
        payoffs[old][:, order], holders[swap][:, order], ("C", "A", "B"), tuple(np.array(game.levers)[swap])
    )
    for one, two in (((1, 2, 4), (1, 2, 4)), ((3, 4), (6, 1)), ((7,), (7,))):
        first, second = play(game, one), play(other, two)
        assert set(lever_names(game, first.levers)) == set(lever_names(other, second.levers))
        np.testing.assert_allclose(first.payoffs[order], second.payoffs)


def test_shapes_that_do_not_fit_are_told_together():
    with pytest.raises(InputMistakes, match="2 mistakes"):
        SwitchGame(np.zeros((3, 2)), np.zeros((1, 2), bool), ("A", "B"), ("a",))
    with pytest.raises(InputMistakes, match="exactly one coalition"):
        play(public_good(), (1, 3, 4))
