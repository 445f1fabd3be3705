"""Adjoint derivatives of an outcome by every input of a shock, against central finite differences."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from shocked import EXACT, every_hat, six_places, solved

from coregion.solve.equilibrium import solve

pytestmark = pytest.mark.slow
STEP = 2e-4
MONEY = ("transfers", "purchases")
INPUTS = (
    "productivity",
    "variety",
    "amenity",
    "commuting_cost",
    "trade_cost",
    "migration_cost",
    "floor_space",
    "registered",
    "public_jobs",
    *MONEY,
)
OUTCOMES = ("welfare_hat", "residents", "wage_hat", "floor_space_price_hat")


def told(outcome):
    """One number in which every outcome counts."""
    parts = [getattr(outcome, name) for name in OUTCOMES]
    return sum((jnp.log(part) * jnp.sin(1.0 + jnp.arange(part.size)).reshape(part.shape)).sum() for part in parts)


@pytest.fixture(scope="module")
def adjoint():
    economy = six_places()
    shock = every_hat(economy, 0.03)
    gradient = eqx.filter_grad(lambda shock: told(solve(economy, shock, EXACT).outcome))(shock)
    return economy, shock, gradient


@pytest.mark.parametrize("name", INPUTS)
def test_adjoint_is_the_finite_difference(adjoint, name):
    economy, shock, gradient = adjoint
    values = getattr(shock, name)
    scale = 0.1 * float(economy.labour_income.sum()) if name in MONEY else 1.0
    scale = float(economy.public_jobs.sum()) if name == "public_jobs" else scale
    direction = scale * jnp.asarray(np.random.default_rng(31).standard_normal(values.shape))
    if name == "transfers":
        direction = direction - direction.mean()

    def at(amount):
        moved = eqx.tree_at(lambda s: getattr(s, name), shock, values + amount * direction)
        return float(told(solved(economy, moved).outcome))

    # Richardson: (4 D(h/2) - D(h)) / 3 leaves an error of the fourth order
    wide, narrow = ((at(h) - at(-h)) / (2 * h) for h in (STEP, STEP / 2))
    expected = (4 * narrow - wide) / 3
    found = float((getattr(gradient, name) * direction).sum())
    assert abs(expected) > 1e-3
    assert found == pytest.approx(expected, rel=1e-6)
