"""What every set of some levers brings every government on one baseline, compiled once for all parameters.

``packages.lattice`` keeps everything of a package and compiles for one baseline. Here only gains are kept, and the
economy is an argument, so that the draws of the parameters, each with a baseline of its own, share the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.governments.payoffs import Objective, gains_at
from coregion.measures.combine import Movers, movers, switched
from coregion.measures.package import Recipe
from coregion.measures.record import Measure
from coregion.model.economy import Economy, Shock, no_shock
from coregion.packages.batch import ALIKE
from coregion.packages.lattice import Lattice
from coregion.solve.equilibrium import Options, solve
from coregion.solve.many import solve_steered
from coregion.uncertainty.solved import Shocks


@dataclass(frozen=True)
class Group:
    """Sets of levers that leave the square hats alike. rows: their numbers. on: [set, lever] which levers act.

    costs: a shock whose square hats are those of the group.
    """

    rows: np.ndarray
    on: np.ndarray
    costs: Shock


def gains_of_sets(
    lattice: Lattice,
    baseline: Baseline,
    shocks: Shocks,
    inverse: jax.Array,
    along: jax.Array,
    objective: Objective,
    options: Options,
) -> np.ndarray:
    """[set, player] equivalent variation of every set of a lattice [yuan a year]; NaN where it has no equilibrium.

    shocks: of measures on this baseline. along: [player, region] whose people count for whom. inverse: a Jacobian's
    that steers, of this or a like baseline.
    """
    economy, neutral = baseline.economy, no_shock(baseline.economy)
    given = _acting(lattice, lattice.given, baseline)
    parts = tuple(_acting(lattice, row, baseline) for row in lattice.of_player)
    moved = movers(neutral, parts, ALIKE)
    numbers = jax.tree.map(jnp.asarray, options)
    found = np.full((len(lattice.sets.members), len(along)), np.nan)
    groups = list(_groups(lattice, shocks, neutral, parts))
    widest = max(len(group.rows) for group in groups)
    for group in groups:
        alike = eqx.tree_at(_square, given, _square(group.costs))
        on = jnp.asarray(np.pad(group.on, ((0, widest - len(group.rows)), (0, 0)), mode="edge"))
        told, good = _block(economy, alike, parts, moved, on, inverse, along, objective, numbers)
        found[group.rows] = np.where(good[:, None], told, np.nan)[: len(group.rows)]
        for position in np.flatnonzero(~np.asarray(good)[: len(group.rows)]):
            shock = switched(neutral, alike, parts, on[position], moved)
            solution = solve(economy, shock, options)
            if bool(solution.converged):
                found[group.rows[position]] = np.asarray(gains_at(economy, shock, solution.unknowns, along, objective))
    return found


def measures_of(lattice: Lattice, levers: int) -> tuple[Measure, ...]:
    """The measures that act where some levers do, as bits, with those that are given."""
    acting = lattice.amounts(lattice.sets.members[[levers]])[0] != 0
    return tuple(measure for measure, acts in zip(lattice.measures, acting, strict=True) if acts)


def _acting(lattice: Lattice, chosen: np.ndarray, baseline: Baseline) -> Shock:
    """What the chosen measures do and cost, without what they do to the network together."""
    own = tuple(measure for measure, mine in zip(lattice.measures, chosen, strict=True) if mine)
    return Recipe(baseline, own).acting(jnp.asarray([measure.intensity for measure in own]))


def _groups(lattice: Lattice, shocks: Shocks, neutral: Shock, parts: Sequence[Shock]):
    """The sets by which of the levers that move square hats act in them."""
    of_network = np.array([m.changes_network() and m.intensity != 0 for m in lattice.measures])
    moves = (lattice.of_player & of_network).any(axis=1) | np.array(
        [any(not np.array_equal(a, b) for a, b in zip(_square(p), _square(neutral), strict=True)) for p in parts]
    )
    members = lattice.sets.members
    signatures, group_of = np.unique(members & moves, axis=0, return_inverse=True)
    for number, signature in enumerate(signatures):
        rows = np.flatnonzero(group_of.reshape(-1) == number)
        acting = signature @ lattice.of_player | lattice.given
        costs = shocks.of([m for m, acts in zip(lattice.measures, acting, strict=True) if acts])
        yield Group(rows, members[rows], costs)


def _square(shock: Shock) -> list[jax.Array]:
    return [getattr(shock, name) for name in ALIKE]


@eqx.filter_jit
def _block(
    economy: Economy,
    given: Shock,
    parts: Sequence[Shock],
    moved: Movers,
    on: jax.Array,
    inverse: jax.Array,
    along: jax.Array,
    objective: Objective,
    options: Options,
) -> tuple[jax.Array, jax.Array]:
    """[set, player] gains of one group, and whether each set has an equilibrium."""
    neutral = no_shock(economy)

    def one(levers):
        shock = switched(neutral, given, parts, levers, moved)
        solution = solve_steered(economy, shock, inverse, options)
        return gains_at(economy, shock, solution.unknowns, along, objective), solution.converged

    return jax.vmap(one)(on)
