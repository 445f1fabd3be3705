"""Anderson acceleration of a damped fixed point: the first stage of every solution."""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

Vector = Float[Array, " unknown"]


def largest(gap: Vector) -> Float[Array, ""]:
    """max |F|, and no number where any of F is none.

    The maximum alone cannot be trusted to say so: on the CPU, XLA drops NaN from the maximum of a long array, so that a
    market without a value would pass for one that clears.
    """
    return jnp.where(jnp.isnan(gap).any(), jnp.nan, jnp.max(jnp.abs(gap)))


class Iterate(eqx.Module):
    """Where an iteration stands: the point, its largest residual, and how many residuals were taken."""

    point: Vector
    error: Float[Array, ""]
    steps: Int[Array, ""]


class _History(eqx.Module):
    point: Vector
    update: Vector
    point_changes: Float[Array, "memory unknown"]
    update_changes: Float[Array, "memory unknown"]
    error: Float[Array, ""]
    best: Vector
    best_error: Float[Array, ""]
    steps: Int[Array, ""]
    stuck: Bool[Array, ""]


Advance = Callable[[Vector], tuple[Vector, Float[Array, ""]]]
"""From a point to the step that a plain iteration takes there, and how far the point is from an answer."""


def anderson(
    residual: Callable[[Vector], Vector],
    start: Vector,
    damping: Vector,
    tolerance: float | jax.Array,
    max_steps: int,
    memory: int = 8,
) -> Iterate:
    """Iterate x ← x + damping · F(x), accelerated by the last ``memory`` steps (Walker & Ni 2011, eq. 2.2).

    Stops when max |F| ≤ tolerance, after ``max_steps``, or when the residual is no number; returns the best point.
    Works under ``vmap`` and ``jit``. ``damping`` may differ between unknowns.
    """

    def advance(point: Vector) -> tuple[Vector, Float[Array, ""]]:
        gap = residual(point)
        return damping * gap, largest(gap)

    return accelerated(advance, start, tolerance, max_steps, memory)


def accelerated(
    advance: Advance, start: Vector, tolerance: float | jax.Array, max_steps: int, memory: int = 8
) -> Iterate:
    """The same for any iteration that says by itself how far it is from an answer."""

    def follow(state: _History) -> Bool[Array, ""]:
        return (state.best_error > tolerance) & (state.steps < max_steps) & ~state.stuck

    last = jax.lax.while_loop(follow, lambda state: _advanced(state, advance, memory), _begun(advance, start, memory))
    return Iterate(last.best, last.best_error, last.steps)


def _begun(advance: Advance, start: Vector, memory: int) -> _History:
    update, error = advance(start)
    nothing = jnp.zeros((memory, start.size), start.dtype)
    return _History(
        point=start,
        update=update,
        point_changes=nothing,
        update_changes=nothing,
        error=error,
        best=start,
        best_error=error,
        steps=jnp.asarray(1),
        stuck=~jnp.isfinite(error),
    )


def _advanced(state: _History, advance: Advance, memory: int) -> _History:
    """A step of at most 1 in any unknown; past changes are mixed so that what they leave of the update is least."""
    gram = state.update_changes @ state.update_changes.T
    ridge = 1e-12 * jnp.trace(gram) / memory + 1e-300
    mix = jnp.linalg.solve(gram + ridge * jnp.eye(memory), state.update_changes @ state.update)
    move = state.update - mix @ (state.point_changes + state.update_changes)
    limit = jnp.minimum(1.0, 1.0 / (jnp.max(jnp.abs(move)) + 1e-300))
    point = state.point + limit * move
    update, error = advance(point)
    slot = state.steps % memory
    better = error < state.best_error
    return _History(
        point=point,
        update=update,
        point_changes=state.point_changes.at[slot].set(point - state.point),
        update_changes=state.update_changes.at[slot].set(update - state.update),
        error=error,
        best=jnp.where(better, point, state.best),
        best_error=jnp.where(better, error, state.best_error),
        steps=state.steps + 1,
        stuck=~jnp.isfinite(error),
    )
