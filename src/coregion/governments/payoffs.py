"""What governments get from a package: gains of their people, and how transfers between governments change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.equilibrium import place_members
from coregion.measures.cost import burden
from coregion.model.economy import Shock
from coregion.outcomes import baseline_income, levels, state
from coregion.solve.equilibrium import Options, Solution, solve

Objective = Literal["registered", "living", "working"]
GAIN = "equivalent_variation_"


def members(baseline: Baseline, players: Sequence[str]) -> np.ndarray:
    """[player, region] whose people count for whom."""
    return np.array([place_members(baseline.region, player) for player in players])


def income_of(baseline: Baseline, players: Sequence[str], objective: Objective) -> np.ndarray:
    """[player] income at the baseline of those whose gain counts [yuan a year]."""
    income = np.asarray(baseline_income(baseline)[GAIN + objective])
    return members(baseline, players) @ (income if income.ndim == 1 else income.sum(axis=0))


def gains(baseline: Baseline, players: Sequence[str], objective: Objective) -> Callable[[Shock, Solution], jax.Array]:
    """(shock, solution) → equivalent variation by player [yuan a year], differentiable."""
    along = jnp.asarray(members(baseline, players), dtype=float)
    minutes = jnp.asarray(baseline.minutes["commuting"])

    def of(shock: Shock, solution: Solution) -> jax.Array:
        values = levels(state(solution.unknowns, baseline.economy, shock), minutes)[GAIN + objective]
        return along @ (values if values.ndim == 1 else values.sum(axis=0))

    return of


def with_transfers(
    baseline: Baseline, players: Sequence[str], shock: Shock, start: Solution, objective: Objective
) -> Callable[[jax.Array], jax.Array]:
    """Transfers received [player, yuan a year] → gains [player], solved anew: they move people, wages and rents.

    Residents of a government pay and receive in proportion to their income, as with the cost of measures.
    """
    share = jnp.stack([jnp.asarray(burden(baseline, player)) for player in players])
    of, options = gains(baseline, players, objective), Options()

    def payoff(amounts: jax.Array) -> jax.Array:
        paid = eqx.tree_at(lambda s: s.transfers, shock, shock.transfers + jnp.asarray(amounts) @ share)
        solution = solve(baseline.economy, paid, options, start.unknowns)
        return jnp.where(solution.converged, of(paid, solution), jnp.nan)

    return payoff
