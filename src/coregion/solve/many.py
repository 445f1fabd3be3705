"""Many shocks of one economy: an iteration steered by one inverse Jacobian, shared by all of them.

Newton's method with a Jacobian that is kept (Kelley 1995, Iterative Methods for Linear and Nonlinear Equations,
chapter 5, the chord method), accelerated like the single solver's first stage. One inverse costs as much as
some tens of solutions and takes a sixth of the steps, so it pays for hundreds of shocks and not for one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax.flatten_util import ravel_pytree

from coregion.model import equilibrium as model
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns, no_change
from coregion.model.weights import weights as fold
from coregion.solve.equilibrium import Options, Solution
from coregion.solve.fixed_point import accelerated, largest

COLUMNS_AT_ONCE = 32
"""Directions of the Jacobian taken together: enough for matrix products, few enough for the cache."""

THREADS = 2
"""Parts of the Jacobian worked on side by side: one of them keeps one core busy."""

SHARE_OF_TOLERANCE = 0.9
"""Markets clear to this part of the tolerance, so that rounding does not matter where they are looked at again."""

STEPS, MEMORY = 40, 5


def inverse_jacobian(economy: Economy, shock: Shock, unknowns: Unknowns) -> jax.Array:
    """(∂F/∂x)⁻¹ at a point, [unknown, unknown], single precision: it steers the steps and never enters a residual.

    Rows of markets that do not exist, where F is 0 whatever x is, count as −1 on the diagonal.
    """
    economy, shock, unknowns = _single((economy, shock, unknowns))
    count = ravel_pytree(unknowns)[0].size
    sets = -(-count // (COLUMNS_AT_ONCE * THREADS))

    def part(number: int) -> np.ndarray:
        with jax.enable_x64(False):
            return np.asarray(_columns(economy, shock, unknowns, jnp.asarray(number * sets), sets))

    with ThreadPoolExecutor(THREADS) as threads:
        jacobian = np.concatenate(list(threads.map(part, range(THREADS))))[:count].T
    absent = np.flatnonzero(~jacobian.any(axis=1))
    jacobian[absent, absent] = -1.0
    return jnp.asarray(scipy.linalg.inv(jacobian, overwrite_a=True, check_finite=False))


def _single(records):
    """The same records in 32 bits."""

    def shortened(leaf):
        if eqx.is_inexact_array(leaf):
            return leaf.astype(jnp.float32)
        return leaf.astype(jnp.int32) if eqx.is_array(leaf) and jnp.issubdtype(leaf.dtype, jnp.integer) else leaf

    return jax.tree.map(shortened, records)


@eqx.filter_jit
def _columns(economy: Economy, shock: Shock, unknowns: Unknowns, first: jax.Array, sets: int) -> jax.Array:
    """∂F/∂x_j for ``sets`` sets of columns from set ``first`` on, [column, market]; zero beyond the last column."""
    point, unravel = ravel_pytree(unknowns)
    folded = fold(economy, shock)
    _, tangent = jax.linearize(lambda v: ravel_pytree(model.excess(unravel(v), economy, shock, folded))[0], point)

    def one_set(number):
        wanted = number * COLUMNS_AT_ONCE + jnp.arange(COLUMNS_AT_ONCE)
        return jax.vmap(tangent)((wanted[:, None] == jnp.arange(point.size)[None, :]).astype(point.dtype))

    return jax.lax.map(one_set, first + jnp.arange(sets)).reshape(-1, point.size)


def solve_steered(
    economy: Economy, shock: Shock, inverse: jax.Array, options: Options, guess: jax.Array | None = None
) -> Solution:
    """The equilibrium from the unchanged baseline on; pure, made to be mapped over shocks (not to be differentiated).

    guess: [unknown] where to start instead. ``converged`` speaks of the markets themselves, to the same tolerance as
    ``solve``; where it is false, ``solve`` may still find the equilibrium.
    """
    folded = fold(economy, shock)
    nothing, unravel = ravel_pytree(no_change(economy))
    start = nothing if guess is None else guess

    def advance(vector):
        gap = ravel_pytree(model.excess(unravel(vector), economy, shock, folded))[0]
        return -(inverse @ gap.astype(inverse.dtype)).astype(vector.dtype), largest(gap)

    found = accelerated(advance, start, SHARE_OF_TOLERANCE * options.tolerance, STEPS, MEMORY)
    unknowns = unravel(found.point)
    residual = model.excess(unknowns, economy, shock, folded)
    error = largest(ravel_pytree(residual)[0])
    outcome = model.outcome(unknowns, economy, shock, folded)
    return Solution(unknowns, outcome, residual, error, found.steps.astype(float), error <= options.tolerance)


compiled_steered = eqx.filter_jit(solve_steered)
"""``solve_steered``, compiled once for all shocks of economies of one kind."""
