"""What must not matter: the order of the regions, the unit of money, where the solver starts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from shocked import EXACT, anywhere, every_hat, six_places, solved

from coregion.model import equilibrium as model
from coregion.model.economy import no_shock
from coregion.model.unknowns import no_change
from coregion.solve.equilibrium import solve

REGIONS = 6
NOMINAL = ("wage", "sales", "capital_income", "transfers", "deficit", "expenditure", "floor_space_rent")
MONEY = (
    "earnings",
    "other_income",
    "income",
    "expenditure",
    "floor_space_supply",
    "floor_space_demand",
    "sales",
    "sales_demand",
    "labour_supply",
    "labour_demand",
    "public_wages",
    "public_levy",
    "capital_supply",
)


def permuted(tree, order):
    """Every axis of six, which only regions have in this economy, in another order."""

    def leaf(values):
        for axis, length in enumerate(values.shape):
            if length == REGIONS:
                values = jnp.take(values, order, axis=axis)
        return values

    return jax.tree.map(leaf, tree)


def close(found, expected, relative, absolute=1e-10):
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=relative, atol=absolute)


@pytest.mark.parametrize("seed", [3, 4])
def test_relabelling_regions_permutes_results(seed):
    economy = six_places()
    order = np.random.default_rng(seed).permutation(REGIONS)
    assert not np.array_equal(order, np.arange(REGIONS))
    shock = every_hat(economy)
    there = solved(permuted(economy, order), permuted(shock, order))
    here = solved(economy, shock)
    close(there.unknowns, permuted(here.unknowns, order), 1e-10)
    yuan = 1e-15 * float(economy.expenditure.sum())
    close(there.outcome, permuted(here.outcome, order), 1e-10, yuan)


def test_a_common_factor_on_all_nominal_data_changes_nothing():
    economy, factor = six_places(), 7.3
    pensions = type(economy.pensions)(**vars(economy.pensions) | {"benefit": factor * economy.pensions.benefit})
    in_other_money = type(economy)(
        **{name: factor * value if name in NOMINAL else value for name, value in vars(economy).items()}
        | {"pensions": pensions}
    )
    shock = every_hat(economy)
    scaled = type(shock)(**vars(shock) | {"transfers": factor * shock.transfers, "purchases": factor * shock.purchases})
    here, there = solved(economy, shock), solved(in_other_money, scaled)
    close(there.unknowns, here.unknowns, 1e-10)
    close(there.outcome.welfare_hat, here.outcome.welfare_hat, 1e-10)
    close(there.outcome.residents, here.outcome.residents, 1e-10)
    for name in MONEY:
        close(getattr(there.outcome, name), factor * getattr(here.outcome, name), 1e-9, 1e-6)


@pytest.mark.parametrize("seed", [5, 6])
def test_without_a_shock_any_start_returns_to_the_baseline(seed):
    economy = six_places()
    start = anywhere(economy, 0.2, seed)
    assert float(jnp.max(jnp.abs(ravel_pytree(start)[0]))) > 0.1
    found = solve(economy, no_shock(economy), EXACT, start)
    assert bool(found.converged)
    assert float(jnp.max(jnp.abs(ravel_pytree(found.unknowns)[0]))) < 1e-10
    np.testing.assert_allclose(found.outcome.residents, economy.residents, rtol=1e-10)


def test_the_baseline_clears_every_market_without_solving():
    economy = six_places()
    gap = model.residual(no_change(economy), economy, no_shock(economy))
    assert float(jnp.max(jnp.abs(ravel_pytree(gap)[0]))) < 1e-11
