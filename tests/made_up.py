"""Made-up regions for the tests: every part of the model is on, and the baseline clears every market."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from coregion.model import closures
from coregion.model.economy import Economy, Elasticities, no_shock
from coregion.model.services import ServicesWithinReach, within_reach
from coregion.solve.equilibrium import Options, solve
from coregion.solve.rebase import rebase


def shares(values, axis):
    return jnp.asarray(values / values.sum(axis=axis, keepdims=True))


def within_half_an_hour(minutes, registered, share, seed=0) -> ServicesWithinReach:
    """Four services: three that everybody shares, and care, in which a user takes a place; rights end at the odd."""
    rng = np.random.default_rng(seed)
    n, g = len(minutes), len(registered)
    near = np.where(minutes <= 30, 0.5, 0.0) * (1 - np.eye(n)) + np.eye(n)
    need = np.zeros((4, g, n))
    need[:3, 0] = rng.uniform(0.1, 0.3, (3, n))
    need[3, -1] = rng.uniform(0.02, 0.04, n)
    right = np.where(
        (np.arange(n) % 2)[:, None] == (np.arange(n) % 2), 1.0, np.array([0.6, 0.7, 0.9, 0.3])[:, None, None]
    )
    reach = np.stack([near, near, near, near / near.sum(axis=1, keepdims=True)])
    users = np.einsum("sgn,go,gon,son->sn", need, registered, share, right)
    value = np.zeros((g, 4))
    value[0, :3], value[-1, 3] = (0.04, 0.05, 0.02), 0.08
    return within_reach(
        codes=("school", "hospital", "vocational", "care"),
        reach=jnp.asarray(reach),
        capacity=jnp.asarray(users * rng.uniform(0.8, 1.2, (4, n)) * np.array([1, 0.05, 0.4, 2.2])[:, None]),
        need=jnp.asarray(need),
        right=jnp.asarray(right),
        users=jnp.asarray(users),
        value=jnp.asarray(value),
        take_up=jnp.asarray([0.0, 0.0, 0.0, 1.0]),
        rationed=jnp.asarray([0.0, 0.0, 0.0, 1.0]),
        staff_per_user=jnp.asarray([0.0, 0.0, 0.0, 0.3]),
        quality=jnp.ones((4, n)),
    )


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
    residence = shares(size * np.exp(-0.06 * minutes) * np.ones((g, 1, 1)) + 20 * np.eye(n), 2)
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
        residence_share=residence,
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
        services=within_half_an_hour(minutes, registered, np.asarray(residence)),
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
