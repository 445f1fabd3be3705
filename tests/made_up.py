"""Made-up regions for the tests: every part of the model is on, and the baseline clears every market."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from coregion.model import closures
from coregion.model.economy import Economy, Elasticities, no_shock
from coregion.solve.equilibrium import Options, solve
from coregion.solve.rebase import rebase


def shares(values, axis):
    return jnp.asarray(values / values.sum(axis=axis, keepdims=True))


def unbalanced(regions=6, sectors=3, groups=2, seed=0, zeta=0.05, pensions=True) -> Economy:
    """A random economy whose shares are shares but whose markets do not clear yet."""
    rng = np.random.default_rng(seed)
    n, s, g = regions, sectors, groups
    place = rng.uniform(0, 100, (n, 2))
    minutes = 10 + np.linalg.norm(place[:, None] - place[None], axis=2)
    size = rng.lognormal(0, 0.8, n)
    pool = np.arange(n) // 2
    employment = np.vstack([rng.uniform(0.5, 0.7, n)] + [np.zeros(n)] * (g - 1))
    registered = 1e5 * np.outer([0.8] + [0.2 / max(g - 1, 1)] * (g - 1), size)
    cost = rng.dirichlet(np.ones(3 + s), (n, s))
    wage = rng.uniform(5e4, 1e5, n)
    workers_guess = 0.5 * registered[0]
    levies = rng.uniform(0, 1, (2, n)) * (np.arange(n) % 2 == np.arange(2)[:, None])
    kernel = np.exp(-0.05 * minutes) / rng.uniform(100, 1000, n)[None]
    economy = Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(4.0),
            migration=jnp.asarray(1.5),
            trade=jnp.asarray(rng.uniform(3, 6, s)),
            goods_share=jnp.asarray(0.7),
            household_share=jnp.asarray(0.4),
            floor_space_supply=jnp.asarray(rng.uniform(0.2, 0.6, n)),
        ),
        registered=jnp.asarray(registered),
        residence_share=shares(size * np.exp(-0.06 * minutes) * np.ones((g, 1, 1)) + 20 * np.eye(n), 2),
        employment_rate=jnp.asarray(employment),
        efficiency=jnp.ones(g),
        workplace_share=shares(np.exp(-0.08 * minutes) * size * np.ones((g, 1, 1)), 2),
        wage=jnp.asarray(wage),
        public_jobs=jnp.asarray(0.02 * workers_guess * (np.arange(n) % 2 == np.arange(2)[:, None])),
        payer_share=shares(levies, 1),
        sales=jnp.asarray(rng.uniform(1, 2, (n, s)) * (wage * workers_guess)[:, None]),
        profit_share=jnp.zeros(s),
        labour_share=jnp.asarray(cost[:, :, 0]),
        floor_space_share=jnp.asarray(cost[:, :, 1]),
        capital_share=jnp.asarray(cost[:, :, 2]),
        input_share=jnp.asarray(cost[:, :, 3:].transpose(0, 2, 1)),
        final_share=shares(rng.uniform(0.5, 1, (n, s)), 1),
        trade_share=shares(size * minutes ** -rng.uniform(2, 4, (s, 1, 1)), 2),
        tariffs=closures.NoTariffs(),
        pool=jnp.asarray(pool),
        pool_share=jnp.asarray(1 / np.bincount(pool)[pool]),
        capital_income=jnp.asarray(np.full(pool.max() + 1, (wage * workers_guess).sum() / (pool.max() + 1))),
        transfers=jnp.zeros(n),
        deficit=jnp.zeros(n),
        expenditure=jnp.asarray(2 * wage * workers_guess),
        floor_space_rent=jnp.asarray(0.2 * wage * workers_guess),
        pensions=closures.WageIndexedPensions(
            benefit=jnp.asarray(np.vstack([np.zeros(n)] + [np.full(n, 2e4)] * (g - 1))),
            fund=jnp.asarray(np.arange(n) % 2),
            index_area=jnp.asarray(pool),
            index_weight=jnp.asarray(1 / np.bincount(pool)[pool]),
        )
        if pensions
        else closures.NoPensions(),
        rents=closures.LocalResidentsOwn(),
        entry=closures.FixedVariety(),
        agglomeration=closures.DensityAgglomeration(
            jnp.full(s, zeta), jnp.asarray(kernel), jnp.asarray(kernel @ workers_guess)
        ),
        amenity=closures.NoResidentialDensity(),
    )
    return economy


def balanced(economy: Economy) -> Economy:
    """The same economy with its own equilibrium as baseline."""
    shock = no_shock(economy)
    solution = solve(economy, shock, Options(tolerance=1e-12))
    assert bool(solution.converged), float(solution.error)
    return rebase(economy, shock, solution)


def six_places(**changes) -> Economy:
    return balanced(unbalanced(**changes))


def with_elasticity(economy, name, value):
    return eqx.tree_at(lambda e: getattr(e.elasticities, name), economy, jnp.asarray(value))
