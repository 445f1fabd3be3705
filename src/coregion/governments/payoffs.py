"""What governments get from a package: gains of their people, and how transfers between governments change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.equilibrium import place_members
from coregion.measures.cost import burden
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns
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


def gains_at(economy: Economy, shock: Shock, unknowns: Unknowns, along: jax.Array, objective: Objective) -> jax.Array:
    """Equivalent variation by player [yuan a year], differentiable. along: [player, region] who counts for whom."""
    unread = jnp.zeros_like(economy.workplace_share[0])
    values = levels(state(unknowns, economy, shock), unread)[GAIN + objective]
    return along @ (values if values.ndim == 1 else values.sum(axis=0))


compiled_gains = eqx.filter_jit(gains_at)
"""``gains_at``, compiled once for all packages and parameters."""


class WithTransfers(eqx.Module):
    """Gains [player, yuan a year] of a package by transfers received [player, yuan a year], solved anew.

    They move people, wages and rents: residents of a government pay and receive in proportion to their income, as with
    the cost of measures. share: [player, region] of a transfer; along: [player, region] whose people count for whom.
    """

    economy: Economy
    shock: Shock
    start: Unknowns
    share: jax.Array
    along: jax.Array
    objective: Objective = eqx.field(static=True)
    options: Options

    def __call__(self, amounts: jax.Array) -> jax.Array:
        """The gains, differentiable by the transfers; no number where no equilibrium is found."""
        paid = eqx.tree_at(lambda s: s.transfers, self.shock, self.shock.transfers + jnp.asarray(amounts) @ self.share)
        solution = solve(self.economy, paid, self.options, self.start)
        gained = gains_at(self.economy, paid, solution.unknowns, self.along, self.objective)
        return jnp.where(solution.converged, gained, jnp.nan)

    def value(self, amounts: np.ndarray) -> np.ndarray:
        """The gains as plain numbers; compiled once for all packages and parameters."""
        return np.asarray(_value(self, jnp.asarray(amounts)))

    def slopes(self, amounts: np.ndarray) -> np.ndarray:
        """∂ gain_j / ∂ transfer_k by the adjoint, [player, player]."""
        return np.asarray(_slopes(self, jnp.asarray(amounts)))


@eqx.filter_jit
def _value(payoff: WithTransfers, amounts: jax.Array) -> jax.Array:
    return payoff(amounts)


@eqx.filter_jit
def _slopes(payoff: WithTransfers, amounts: jax.Array) -> jax.Array:
    return jax.jacrev(payoff)(amounts)


def with_transfers(
    baseline: Baseline, players: Sequence[str], shock: Shock, start: Solution, objective: Objective
) -> WithTransfers:
    """The gains of a package by what the players hand over to each other; ``start``: its solution without transfers."""
    return WithTransfers(
        economy=baseline.economy,
        shock=shock,
        start=start.unknowns,
        share=jnp.stack([jnp.asarray(burden(baseline, player)) for player in players]),
        along=jnp.asarray(members(baseline, players), dtype=float),
        objective=objective,
        options=jax.tree.map(jnp.asarray, Options()),
    )
