"""A shock that moves everything at once, and unknowns anywhere, for the invariants of the made-up regions."""

from functools import cache

import jax
import jax.numpy as jnp
import made_up
import numpy as np

from coregion.model.economy import Economy, Shock, no_shock
from coregion.model.unknowns import Unknowns, no_change
from coregion.solve.equilibrium import Options, Solution, solve

EXACT = Options(tolerance=1e-12, linear_tolerance=1e-12)


@cache
def six_places() -> Economy:
    """The balanced economy of six regions, made once."""
    return made_up.six_places()


def every_hat(economy: Economy, size=0.05, seed=1) -> Shock:
    """Every hat moves by some ``size``, jobs are added, money moves: transfers pay for the purchases, to the yuan."""
    rng = np.random.default_rng(seed)
    neutral = no_shock(economy)

    def moved(name):
        hat = getattr(neutral, name)
        return hat * jnp.asarray(np.exp(size * rng.standard_normal(hat.shape)))

    income = float(economy.labour_income.sum())
    purchases = size * 0.1 * income * rng.dirichlet(np.ones(economy.sales.size)).reshape(economy.sales.shape)
    transfers = rng.standard_normal(len(economy.wage))
    transfers = 0.01 * income * (transfers - transfers.mean()) - purchases.sum() / len(economy.wage)
    hats = (
        "productivity",
        "variety",
        "amenity",
        "commuting_cost",
        "trade_cost",
        "migration_cost",
        "floor_space",
        "registered",
    )
    return Shock(
        **{name: moved(name) for name in (*hats, "registered")},
        tariffs=neutral.tariffs,
        floor_space_cap=neutral.floor_space_cap,
        resident_cap=neutral.resident_cap,
        public_jobs=jnp.asarray(0.1 * rng.random(economy.public_jobs.shape)) * economy.public_jobs,
        transfers=jnp.asarray(transfers),
        purchases=jnp.asarray(purchases),
        emission_factor=moved("emission_factor"),
        service_capacity=jnp.asarray(size * rng.random(neutral.service_capacity.shape)) * economy.services.users,
        service_quality=moved("service_quality"),
        service_exclusion=moved("service_exclusion"),
    )


def solved(economy: Economy, shock: Shock, start: Unknowns | None = None) -> Solution:
    """The equilibrium to 1e-12; a test that does not get one fails here."""
    solution = solve(economy, shock, EXACT, start)
    assert bool(solution.converged), float(solution.error)
    return solution


def anywhere(economy: Economy, size=0.1, seed=2) -> Unknowns:
    """Unknowns that solve nothing; the shadow prices of caps stay zero."""
    rng = np.random.default_rng(seed)
    start = jax.tree.map(lambda leaf: jnp.asarray(size * rng.standard_normal(leaf.shape)), no_change(economy))
    return Unknowns(**{**vars(start), "entry_penalty": jnp.zeros_like(economy.wage)})
