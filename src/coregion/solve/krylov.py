"""Krylov spaces of an operator that is no matrix: one more direction, and the linear solve on them."""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from coregion.solve.fixed_point import Vector

DIRECTIONS, RESTARTS = 60, 20


def beside(basis: Float[Array, "direction unknown"], image: Vector) -> tuple[Vector, Float[Array, " direction"]]:
    """What of ``image`` stands at right angles on the rows of ``basis``, and how much of each row there was in it.

    Gram and Schmidt's projection, twice, which is enough (Giraud, Langou & Rozložník 2005). Rows yet to come are zero.
    """
    first = basis @ image
    image = image - first @ basis
    second = basis @ image
    return image - second @ basis, first + second


class _Space(eqx.Module):
    """Directions so far, one a row, and the least-squares problem on them, turned into a triangle by Givens' rotations.

    upper: the triangle, ones on the diagonal where no direction is yet. right: its right side, whose last entry is the
    residual of the linear solve. cosine, sine: of the rotations. count: of directions.
    """

    basis: Float[Array, "more unknown"]
    upper: Float[Array, "direction direction"]
    right: Float[Array, " more"]
    cosine: Float[Array, " direction"]
    sine: Float[Array, " direction"]
    count: Int[Array, ""]


def gmres(operator: Callable[[Vector], Vector], target: Vector, tolerance: float | jax.Array) -> Vector:
    """x with |operator(x) − target| ≤ ``tolerance`` · |target|, by restarted GMRES (Saad & Schultz 1986).

    jax's own keeps the directions as columns and takes half as long again for unknowns in thousands. Returns what it
    has after ``RESTARTS`` spaces of ``DIRECTIONS``; the caller looks at the residual.
    """
    goal = tolerance * jnp.linalg.norm(target)

    def restart(state):
        point, _, count = state
        space = _filled(operator, target - operator(point), goal)
        chosen = jnp.where(jnp.arange(len(space.cosine)) < space.count, space.right[:-1], 0.0)
        move = jax.scipy.linalg.solve_triangular(space.upper, chosen) @ space.basis[:-1]
        return point + move, jnp.abs(space.right[space.count]), count + 1

    begin = jnp.zeros_like(target), jnp.asarray(jnp.inf, target.dtype), jnp.asarray(0)
    return jax.lax.while_loop(lambda state: (state[1] > goal) & (state[2] < RESTARTS), restart, begin)[0]


def _filled(operator: Callable[[Vector], Vector], gap: Vector, goal: jax.Array) -> _Space:
    """The Krylov space of a residual, grown until it holds a solution to ``goal`` or is full."""
    size, directions = jnp.linalg.norm(gap), min(DIRECTIONS, gap.size)
    nothing = jnp.zeros(directions, gap.dtype)
    begin = _Space(
        basis=jnp.zeros((directions + 1, gap.size), gap.dtype).at[0].set(gap / jnp.where(size > 0, size, 1.0)),
        upper=jnp.eye(directions, dtype=gap.dtype),
        right=jnp.zeros(directions + 1, gap.dtype).at[0].set(size),
        cosine=nothing,
        sine=nothing,
        count=jnp.asarray(0),
    )

    def wanting(space: _Space):
        return (space.count < directions) & (jnp.abs(space.right[space.count]) > goal)

    return jax.lax.while_loop(wanting, lambda space: _grown(space, operator), begin)


def _grown(space: _Space, operator: Callable[[Vector], Vector]) -> _Space:
    """One direction more (Saad 2003, section 6.5.3)."""
    k = space.count
    image, column = beside(space.basis, operator(space.basis[k]))
    length = jnp.linalg.norm(image)

    def turned(row, column):
        above, below = column[row], column[row + 1]
        cosine, sine = space.cosine[row], space.sine[row]
        return column.at[row].set(cosine * above + sine * below).at[row + 1].set(cosine * below - sine * above)

    column = jax.lax.fori_loop(0, k, turned, column.at[k + 1].set(length))
    diagonal = jnp.hypot(column[k], length)
    cosine, sine = column[k] / diagonal, length / diagonal
    return _Space(
        basis=space.basis.at[k + 1].set(image / jnp.where(length > 0, length, 1.0)),
        upper=space.upper.at[:, k].set(column[:-1].at[k].set(diagonal)),
        right=space.right.at[k + 1].set(-sine * space.right[k]).at[k].set(cosine * space.right[k]),
        cosine=space.cosine.at[k].set(cosine),
        sine=space.sine.at[k].set(sine),
        count=k + 1,
    )
