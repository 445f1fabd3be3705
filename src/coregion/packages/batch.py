"""Blocks of packages solved together: one steered iteration for all, and only small arrays come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from coregion.measures.package import Prepared
from coregion.model.economy import Shock
from coregion.model.unknowns import no_change
from coregion.solve.equilibrium import Options, Solution, solve
from coregion.solve.many import inverse_jacobian, solve_steered
from coregion.solve.uniqueness import search

ALIKE = ("trade_cost", "commuting_cost")
"""The square hats that packages of one block have in common: folded once, met by one matrix product for the block."""


SPREAD = 0.3
"""Standard deviation, in logarithms, of the random points that a search for other equilibria starts from."""


class Reader(eqx.Module):
    """What is wanted of a solution: a subclass holds the arrays it needs and returns others by name."""

    def __call__(self, shock: Shock, solution: Solution) -> dict[str, jax.Array]:
        """Arrays by name; pure, mapped over packages. Small ones: they are kept for every package of a block."""
        raise NotImplementedError


@dataclass(frozen=True)
class Answers:
    """What some packages lead to. told: what the reader made of each, [package, …].

    error: largest |log demand/supply|. steps: residuals taken. converged: whether it is an equilibrium, [package].
    """

    told: dict[str, np.ndarray]
    error: np.ndarray
    steps: np.ndarray
    converged: np.ndarray

    def __len__(self) -> int:
        return len(self.error)

    def first(self, count: int) -> Answers:
        """The first packages only."""
        told = {name: values[:count] for name, values in self.told.items()}
        return Answers(told, self.error[:count], self.steps[:count], self.converged[:count])


def touched(prepared: Prepared, intensities: np.ndarray) -> np.ndarray:
    """Which of the ``ALIKE`` hats each set of intensities moves, [set, hat], beside those of no measure at all."""
    nothing, moved = compiled_shock(prepared, jnp.zeros(len(prepared.names))), []
    for amounts in intensities:
        shock = compiled_shock(prepared, jnp.asarray(amounts))
        moved.append(
            [bool((here != before).any()) for here, before in zip(_alike(shock), _alike(nothing), strict=True)]
        )
    return np.array(moved, dtype=bool).reshape(len(intensities), len(ALIKE))


@eqx.filter_jit
def compiled_shock(prepared: Prepared, intensities: jax.Array) -> Shock:
    """``Prepared.shock``, compiled once for all packages of the same measures."""
    return prepared.shock(intensities)


def one_at_a_time(prepared: Prepared, intensities: np.ndarray, reader: Reader, options: Options) -> Answers:
    """Every package [package, measure] by the single solver."""
    return _stacked([_alone(prepared, jnp.asarray(amounts), reader, options) for amounts in intensities])


def with_several(prepared: Prepared, intensities: np.ndarray, starts: int, options: Options) -> np.ndarray:
    """[package] whether ``starts`` random points about the equilibrium lead to another one; none of it is a proof."""
    economy, found = prepared.recipe.baseline.economy, []
    for amounts in intensities:
        shock = compiled_shock(prepared, jnp.asarray(amounts))
        others, _ = search(economy, shock, solve(economy, shock, options), starts, SPREAD, 0, options)
        found.append(bool(others))
    return np.array(found, dtype=bool)


def steering(prepared: Prepared, intensities: np.ndarray, options: Options) -> jax.Array:
    """The inverse Jacobian at one package amid the others; a point that is no equilibrium only steers worse."""
    economy = prepared.recipe.baseline.economy
    shock = compiled_shock(prepared, jnp.asarray(intensities))
    return inverse_jacobian(economy, shock, solve(economy, shock, options).unknowns)


class UnknownsOnly(Reader):
    """The unknowns of a solution as one vector."""

    def __call__(self, shock: Shock, solution: Solution) -> dict[str, jax.Array]:
        """``unknowns``: [unknown]."""
        del shock
        return {"unknowns": ravel_pytree(solution.unknowns)[0]}


def nothing_changed(prepared: Prepared, packages: int) -> np.ndarray:
    """[package, unknown] the unchanged baseline as the guess of every package."""
    start = np.asarray(ravel_pytree(no_change(prepared.recipe.baseline.economy))[0])
    return np.broadcast_to(start, (packages, start.size))


def steered(
    prepared: Prepared,
    intensities: np.ndarray,
    inverse: jax.Array,
    alike: bool,
    reader: Reader,
    options: Options,
    guesses: np.ndarray | None = None,
) -> Answers:
    """A block of packages [package, measure]; what the steered iteration misses, ``solve`` does.

    alike: whether the caller knows the ``ALIKE`` hats to be the same; those of the first package are then used for all.
    guesses: [package, unknown] where to start each; by default from the unchanged baseline.
    """
    numbers = jax.tree.map(jnp.asarray, options)
    begin = jnp.asarray(nothing_changed(prepared, len(intensities)) if guesses is None else guesses)
    found = _block(prepared, jnp.asarray(intensities), inverse, alike, reader, numbers, begin)
    answers = Answers(*jax.tree.map(np.array, found))
    for position in np.flatnonzero(~answers.converged):
        again = _alone(prepared, jnp.asarray(intensities[position]), reader, options)
        for name, values in answers.told.items():
            values[position] = again[0][name]
        answers.error[position], answers.steps[position], answers.converged[position] = again[1:]
    return answers


@eqx.filter_jit
def _block(prepared: Prepared, intensities, inverse, alike: bool, reader: Reader, options: Options, guesses):
    first = prepared.shock(intensities[0])

    def one(amounts, guess):
        shock = prepared.shock(amounts)
        if alike:
            shock = eqx.tree_at(_alike, shock, _alike(first))
        solution = solve_steered(prepared.recipe.baseline.economy, shock, inverse, options, guess)
        return reader(shock, solution), solution.error, solution.steps, solution.converged

    return jax.vmap(one)(intensities, guesses)


def _alike(shock: Shock) -> list[jax.Array]:
    return [getattr(shock, name) for name in ALIKE]


def _alone(prepared: Prepared, amounts: jax.Array, reader: Reader, options: Options):
    shock = compiled_shock(prepared, amounts)
    solution = solve(prepared.recipe.baseline.economy, shock, options)
    told = {name: np.asarray(values) for name, values in _read(reader, shock, solution).items()}
    return told, float(solution.error), float(solution.steps), bool(solution.converged)


@eqx.filter_jit
def _read(reader: Reader, shock: Shock, solution: Solution) -> dict[str, jax.Array]:
    return reader(shock, solution)


def _stacked(found: Sequence) -> Answers:
    told = {name: np.stack([one[0][name] for one in found]) for name in found[0][0]}
    return Answers(told, *(np.array([one[part] for one in found]) for part in (1, 2, 3)))
