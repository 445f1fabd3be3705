"""From an economy and a shock to its equilibrium, with derivatives by the implicit function theorem."""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.flatten_util import ravel_pytree

from coregion.model import equilibrium as model
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns, no_change
from coregion.model.weights import weights as fold
from coregion.solve.fixed_point import Iterate, anderson, largest
from coregion.solve.newton import newton_krylov, solve_linear

SHARE_OF_TOLERANCE = 0.3
"""Rounds stop by how far they move the unknowns; this much below the tolerance the markets clear to it too."""


class Options(eqx.Module):
    """How hard to try. tolerance: largest |log demand/supply| of any market at which an equilibrium is one.

    rounds: whether the first stage lets the markets clear one after the other (``round_of_markets``) instead of all at
    once. Fewer passes: most of all where prices, rents and sales follow from wages and residents in one round.
    linear_tolerance: relative residual of the linear solve behind a derivative, and so about its relative error.
    """

    tolerance: float | jax.Array = 1e-11
    fixed_point_steps: int = eqx.field(static=True, default=400)
    newton_steps: int = eqx.field(static=True, default=12)
    memory: int = eqx.field(static=True, default=8)
    wage_damping: float = eqx.field(static=True, default=0.25)
    linear_tolerance: float | jax.Array = 1e-8
    rounds: bool = eqx.field(static=True, default=False)


class Solution(eqx.Module):
    """The unknowns, everything that follows, the residual of every market, and how they were reached."""

    unknowns: Unknowns
    outcome: model.Outcome
    residual: Unknowns
    error: jax.Array
    steps: jax.Array
    converged: jax.Array


def damping(economy: Economy, options: Options) -> Unknowns:
    """How far each unknown follows its own market in the first stage: wages less, since trade answers them strongly."""
    full = jax.tree.map(jnp.ones_like, no_change(economy))
    return eqx.tree_at(lambda x: x.wage, full, options.wage_damping * full.wage)


class _Found(eqx.Module):
    point: Unknowns
    error: jax.Array
    steps: jax.Array


@eqx.filter_custom_jvp
def find(problem: tuple[Economy, Shock], start: Unknowns, options: Options) -> _Found:
    """The root of the residual: Anderson first, then Newton–Krylov from its best point."""
    economy, shock = problem
    folded = fold(economy, shock)
    guess, unravel = ravel_pytree(start)
    scale, _ = ravel_pytree(damping(economy, options))

    @jax.jit
    def gap(vector):
        return ravel_pytree(model.excess(unravel(vector), economy, shock, folded))[0]

    def turn(vector):
        return ravel_pytree(model.round_of_markets(unravel(vector), economy, shock, folded))[0]

    if options.rounds:
        enough = SHARE_OF_TOLERANCE * options.tolerance
        moved = anderson(turn, guess, scale, enough, options.fixed_point_steps, options.memory)
        first = Iterate(moved.point, largest(gap(moved.point)), moved.steps + 1)
    else:
        first = anderson(gap, guess, scale, options.tolerance, options.fixed_point_steps, options.memory)
    last = first
    if options.newton_steps:
        last = newton_krylov(gap, first, scale, options.tolerance, options.newton_steps)
    return _Found(unravel(last.point), last.error, last.steps.astype(float))


@find.def_jvp
def _find_tangent(primals, tangents):
    """dx = −(∂F/∂x)⁻¹ ∂F/∂θ dθ (implicit function theorem), by one linear solve; it transposes to the adjoint."""
    problem, start, options = primals
    economy, shock = problem
    change, _, _ = tangents
    found = find(problem, start, options)
    point, unravel = ravel_pytree(found.point)
    scale, _ = ravel_pytree(damping(economy, options))

    def gap(vector, problem):
        return ravel_pytree(model.residual(unravel(vector), *problem))[0]

    folded = fold(economy, shock)
    _, tangent = jax.linearize(lambda v: ravel_pytree(model.excess(unravel(v), economy, shock, folded))[0], point)
    _, shift = eqx.filter_jvp(lambda p: gap(point, p), (problem,), (change,))
    moved = solve_linear(lambda v: scale * tangent(v), -scale * shift, options.linear_tolerance)
    still = jnp.zeros_like(found.error)
    return found, _Found(unravel(moved), still, still)


def solve(economy: Economy, shock: Shock, options: Options = Options(), start: Unknowns | None = None) -> Solution:  # noqa: B008
    """Clear every market to ``options.tolerance``; look at ``converged`` before use (``solve.checked`` raises instead).

    Differentiable in ``economy`` and ``shock`` in both modes: a derivative costs one linear solve. Compiled once for
    every start and tolerance; Newton's stage, most of what there is to compile, when the first stage is not enough, or
    within compiled or differentiated code, where nobody can look.
    """
    numbers = jax.tree.map(jnp.asarray, options)
    begin = no_change(economy) if start is None else start
    if _traced((economy, shock, numbers, begin)):
        return _solve(economy, shock, numbers, begin)
    first = _solve(economy, shock, replace(numbers, newton_steps=0), begin)
    if bool(first.converged) or not numbers.newton_steps:
        return first
    last = _solve(economy, shock, replace(numbers, fixed_point_steps=1), first.unknowns)
    return replace(last, steps=first.steps + last.steps)


def _traced(records) -> bool:
    """Whether the numbers of some records are not known yet, since code is being compiled or differentiated."""
    return any(isinstance(leaf, Tracer) for leaf in [*jax.tree.leaves(records), jnp.zeros(())])


@eqx.filter_jit
def _solve(economy: Economy, shock: Shock, options: Options, start: Unknowns) -> Solution:
    found = find((economy, shock), start, options)
    folded = fold(economy, shock)
    return Solution(
        unknowns=found.point,
        outcome=model.outcome(found.point, economy, shock, folded),
        residual=model.excess(found.point, economy, shock, folded),
        error=found.error,
        steps=found.steps,
        converged=found.error <= options.tolerance,
    )
