"""Germany's old border as a trade border: coregion's solver against the literature's damped loop, in one run.

The damped loop is that of the toolkit to Monte, Redding & Rossi-Hansberg (2018): the shares λ and wages are moved a
quarter of the way in each pass until neither changes by 1e-4. Both use the same arrays and the same compiler, and what
they find is compared. Steered, the second of two counterfactuals is solved as by ``mrrh.counterfactuals``.
Run: ``python benchmarks/published_models.py``.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from coregion.literature import monte_redding_rossi_hansberg as mrrh
from coregion.literature.check import reference_folder
from coregion.model.economy import Shock, no_shock
from coregion.solve.equilibrium import solve
from coregion.solve.many import inverse_jacobian, solve_steered

REPEATS = 5
BORDER, ELSEWHERE = 1000.0, 5.0
"""Factors on trade costs across the old border: of the counterfactual, and of the point where the inverse is taken."""


def damped_loop(base: mrrh.Baseline, trade_cost_hat, tolerance: float):
    """Passes and welfare of the toolkit's loop; a pass is one evaluation of all its equations."""
    p, e = base.parameters, base.economy
    wage, workers, residents, income = e.wage, e.workers, e.residents[0], e.expenditure
    chosen, traded = e.residence_share[0, 0][:, None] * e.workplace_share[0], e.trade_share[0]
    epsilon, theta = p.commuting_elasticity, p.trade
    cost = trade_cost_hat**-theta

    def one_pass(wage_hat, chosen_hat):
        pull = e.workplace_share[0] * wage_hat[None, :] ** epsilon
        earned = (pull * (wage_hat * wage)[None, :]).sum(axis=1) / pull.sum(axis=1)
        now = chosen * chosen_hat
        workers_hat = workers.sum() * now.sum(axis=0) / workers
        income_now = earned * residents.sum() * now.sum(axis=1)
        rent_hat = (income_now / income) ** (1 / (1 + p.floor_space_supply))
        supply = workers_hat ** (1 + theta * p.productivity_spillover) * wage_hat**-theta
        flow = traded * cost * supply[None, :]
        competition = flow.sum(axis=1)
        price_hat = competition ** (-1 / theta)
        new_wage = (flow / competition[:, None]).T @ income_now / (workers_hat * workers)
        utility = (wage_hat[None, :] / (price_hat**p.goods_share * rent_hat ** (1 - p.goods_share))[:, None]) ** epsilon
        return new_wage / new_wage.mean() / wage, utility / (chosen * utility).sum(), (chosen * utility).sum()

    def advance(state):
        wage_hat, chosen_hat, _, _, count = state
        new_wage, new_chosen, total = one_pass(wage_hat, chosen_hat)
        apart = jnp.maximum(jnp.max(jnp.abs(new_wage - wage_hat)), jnp.max(jnp.abs(new_chosen - chosen_hat)))
        moved = 0.25 * new_wage + 0.75 * wage_hat, 0.25 * new_chosen + 0.75 * chosen_hat
        return *moved, total ** (1 / epsilon), apart, count + 1

    def follow(state):
        return (state[3] > tolerance) & (state[4] < 20_000)

    start = jnp.ones_like(wage), jnp.ones_like(chosen), jnp.asarray(1.0), jnp.asarray(jnp.inf), jnp.asarray(0)
    return jax.lax.while_loop(follow, advance, start)[2:]


def seconds(run) -> float:
    """Least wall time of several runs, compiled before."""
    jax.block_until_ready(run())
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        jax.block_until_ready(run())
        times.append(time.perf_counter() - start)
    return min(times)


def with_border(base: mrrh.Baseline, east: np.ndarray, cost: float) -> Shock:
    """Trade between east and west at ``cost`` times its cost."""
    border = jnp.asarray(np.where(east[:, None] != east[None, :], cost, 1.0))
    shock = no_shock(base.economy)
    return type(shock)(**{**vars(shock), "trade_cost": border[None]})


def main() -> int:
    folder = reference_folder()
    if folder is None:
        print("No reference data: set COREGION_REFERENCE to the folder of published data.")
        return 1
    data = mrrh.load(folder)
    base = mrrh.calibrate(data, "gravity")
    shock, near = (with_border(base, data.east, cost) for cost in (BORDER, ELSEWHERE))
    border = shock.trade_cost[0]
    options = replace(mrrh.OPTIONS, tolerance=1e-10)
    ours = solve(base.economy, shock, options)
    there = solve(base.economy, near, options).unknowns
    inverse_jacobian(base.economy, near, there)
    begun = time.perf_counter()
    inverse = inverse_jacobian(base.economy, near, there)
    once = time.perf_counter() - begun
    steer = jax.jit(lambda shock: solve_steered(base.economy, shock, inverse, options))
    steered = steer(shock)
    loop = jax.jit(lambda cost, tolerance: damped_loop(base, cost, tolerance))
    welfare, apart, passes = loop(border, 1e-4)
    exact, _, exact_passes = loop(border, 1e-10)
    table = {
        "welfare": {
            "coregion": float(ours.outcome.welfare_hat[0, 0]),
            "steered": float(steered.outcome.welfare_hat[0, 0]),
            "damped, 1e-4": float(welfare),
            "damped, 1e-10": float(exact),
        },
        "passes": {
            "coregion": int(ours.steps),
            "steered": int(steered.steps),
            "damped, 1e-4": int(passes),
            "damped, 1e-10": int(exact_passes),
        },
        "seconds": {
            "coregion": seconds(lambda: solve(base.economy, shock, options).error),
            "steered": seconds(lambda: steer(shock).error),
            "inverse, once": once,
            "damped, 1e-4": seconds(lambda: loop(border, 1e-4)),
        },
        "residual": {"coregion": float(ours.error), "steered": float(steered.error), "damped, 1e-4": float(apart)},
    }
    table["ratio"] = {
        way: {name: table[name]["damped, 1e-4"] / table[name][way] for name in ("passes", "seconds")}
        for way in ("coregion", "steered")
    }
    print(json.dumps(table, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
