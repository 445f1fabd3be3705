"""Newton's method with GMRES on the linearised residual: the second stage, and the linear solve of every derivative."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from coregion.solve.fixed_point import Iterate, Vector, largest
from coregion.solve.krylov import gmres


def solve_linear(operator: Callable[[Vector], Vector], target: Vector, tolerance: float | jax.Array) -> Vector:
    """x with operator(x) = target to a relative ``tolerance``; no matrix is formed.

    Linear in ``target`` and transposable, so that forward and adjoint derivatives use the same solve.
    """

    def search(linear, right):
        return gmres(linear, right, tolerance)

    return jax.lax.custom_linear_solve(operator, target, search, search)


def newton_krylov(
    residual: Callable[[Vector], Vector], start: Iterate, scale: Vector, tolerance: float | jax.Array, max_steps: int
) -> Iterate:
    """Full Newton steps, halved up to six times until the residual falls; stops at ``tolerance`` or when none falls.

    scale: weight of each equation, so that no market outweighs the others in the linear solve.
    """

    def follow(state):
        iterate, stalled, count = state
        return (iterate.error > tolerance) & ~stalled & (count < max_steps) & jnp.isfinite(iterate.error)

    def advance(state):
        iterate, _, count = state
        gap, tangent = jax.linearize(residual, iterate.point)
        step = solve_linear(lambda v: scale * tangent(v), -scale * gap, 1e-4)
        lengths = 0.5 ** jnp.arange(6.0)
        errors = jax.lax.map(lambda length: largest(residual(iterate.point + length * step)), lengths)
        errors = jnp.where(jnp.isfinite(errors), errors, jnp.inf)
        chosen = jnp.argmin(errors)
        falls = errors[chosen] < iterate.error
        point = jnp.where(falls, iterate.point + lengths[chosen] * step, iterate.point)
        return Iterate(point, jnp.where(falls, errors[chosen], iterate.error), iterate.steps + 1), ~falls, count + 1

    last, _, _ = jax.lax.while_loop(follow, advance, (start, jnp.asarray(False), jnp.asarray(0)))
    return last
