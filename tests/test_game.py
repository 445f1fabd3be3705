"""Games with closed forms (Chander & Tulkens 1997 for the public bad)."""

import jax.numpy as jnp
import numpy as np
import pytest

import coregion.model  # noqa: F401  (double precision)
from coregion.errors import InputMistakes, NotConverged
from coregion.packages.cooperation import cooperative
from coregion.packages.game import Options, characteristic_function, game, nash


def public_bad(players, cost=1.0, damage=1.0):
    """Abatement e costs c e²/2 and brings d Σ e to each player."""
    return game(lambda e: damage * e.sum() - cost * e**2 / 2, np.arange(players), 0.0, 20.0)


def quadratic():
    """W_1 = −(a−1)²/2 − a b/2 + b, W_2 = −(b−2)²/2 + a b/4 + a."""

    def payoff(x):
        a, b = x
        return jnp.array([-((a - 1) ** 2) / 2 - a * b / 2 + b, -((b - 2) ** 2) / 2 + a * b / 4 + a])

    return game(payoff, [0, 1], -10.0, 10.0)


@pytest.mark.parametrize(("n", "c", "d"), [(2, 1.0, 1.0), (3, 1.0, 1.0), (5, 2.0, 3.0)])
def test_public_bad_nash_and_cooperation(n, c, d):
    played = nash(public_bad(n, c, d))
    np.testing.assert_allclose(played.actions, d / c, rtol=1e-10)
    np.testing.assert_allclose(played.payoffs, d**2 * (n - 0.5) / c, rtol=1e-10)
    assert played.stability < 1e-6
    assert played.deviation_gain < 1e-10
    for rule, extra in (("utilitarian", {}), ("nash_bargaining", {"threat": played.payoffs})):
        together = cooperative(public_bad(n, c, d), rule, **extra)
        np.testing.assert_allclose(together.actions, n * d / c, rtol=1e-10)
        np.testing.assert_allclose(together.payoffs, n**2 * d**2 / (2 * c), rtol=1e-10)


def test_what_coalitions_secure():
    v = characteristic_function(public_bad(3))
    size = np.array([bin(c).count("1") for c in range(8)])
    np.testing.assert_allclose(v, np.array([0, 2.5, 6.0, 13.5])[size], rtol=1e-10)


def test_quadratic_nash_and_its_stability():
    played = nash(quadratic())
    # a = 1 − b/2, b = 2 + a/4
    np.testing.assert_allclose(played.actions, [0.0, 2.0], atol=1e-10)
    np.testing.assert_allclose(played.stability, np.sqrt(1 / 8), rtol=1e-6)


def test_quadratic_cooperation():
    together = cooperative(quadratic())
    expected = np.linalg.solve([[-1, -0.25], [-0.25, -1]], [-2, -3])
    np.testing.assert_allclose(together.actions, expected, rtol=1e-10)


def test_a_bound_that_holds_a_player():
    held = game(lambda e: 2 * e.sum() - e**2 / 2, [0, 1, 2], 0.0, np.array([1.0, 20.0, 20.0]))
    np.testing.assert_allclose(nash(held).actions, [1.0, 2.0, 2.0], rtol=1e-10)


def test_equal_gain_is_equal_and_efficient():
    damage = jnp.array([1.0, 1.5, 2.0])
    uneven = game(lambda e: 1 + damage * e.sum() - e**2 / 2, np.arange(3), 0.0, 20.0)
    threat = nash(uneven).payoffs
    shared = cooperative(uneven, "equal_gain", threat=threat)
    gain = shared.payoffs / threat - 1
    assert np.ptp(gain) < 1e-7
    assert gain[0] > 0
    w = shared.weights
    # first-order condition of Σ w_j W_j: e_j = Σ_k w_k d_k / w_j
    np.testing.assert_allclose(shared.actions, (w @ np.asarray(damage)) / w, rtol=1e-5)


@pytest.mark.parametrize("bend", [0.0, 1e-3])
def test_the_largest_smallest_gain_is_a_corner_but_for_one_action(bend):
    """W = 1 + (0.3a − 0.1b, 0.2b − 0.1a) within 0 ≤ a, b ≤ 1: b at its bound, a = 3/4 makes both gains 1/8."""
    slopes = jnp.array([[0.3, -0.1], [-0.1, 0.2]])
    straight = game(lambda x: 1 + slopes @ x - bend * (x @ x), [0, 1], 0.0, 1.0)
    found = cooperative(straight, "largest_smallest_gain", threat=np.ones(2), options=Options(first_order=1e-6))
    np.testing.assert_allclose(found.actions, [0.75, 1.0], atol=1e-12)
    np.testing.assert_allclose(found.payoffs, 1.125 - bend * 1.5625, atol=1e-12)
    assert found.unevenness < 1e-10
    if not bend:
        np.testing.assert_allclose(found.weights, [0.25, 0.75], atol=1e-9)


def test_the_largest_smallest_gain_is_that_of_whoever_gains_least_whatever_is_done():
    poor = game(lambda x: 1 + jnp.array([[0.1, -0.01], [0.2, 0.5]]) @ x + 0.1 * jnp.array([0, 1]), [0, 1], 0.0, 1.0)
    found = cooperative(poor, "largest_smallest_gain", threat=np.ones(2))
    np.testing.assert_allclose(found.actions, [1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found.weights, [1.0, 0.0], atol=1e-12)
    assert found.payoffs[1] > found.payoffs[0]


def test_a_player_without_an_action_looks_on():
    onlooker = game(lambda e: e.sum() - jnp.append(e, 0.0) ** 2 / 2, [0, 1], 0.0, 20.0, names=["a", "b", "c"])
    found = nash(onlooker)
    np.testing.assert_allclose(found.actions, [1.0, 1.0], rtol=1e-10)
    np.testing.assert_allclose(found.payoffs, [1.5, 1.5, 2.0], rtol=1e-10)


def test_matching_pennies_has_no_equilibrium_to_report():
    pennies = game(
        lambda x: jnp.array([1.0, -1.0]) * (x[0] * x[1] + 0.2 * x[0] ** 2 - 0.2 * x[1] ** 2), [0, 1], -1.0, 1.0
    )
    with pytest.raises(NotConverged, match=r"deviat|change an action"):
        nash(pennies, np.array([0.3, 0.2]), Options(rounds=5))


def test_mistakes_are_told_together():
    with pytest.raises(InputMistakes) as told:
        game(lambda e: e, [0, 3], [1.0, 0.0], [0.0, 1.0], scale=-1.0, names=["a", "b"])
    assert len(told.value.mistakes) == 3
