"""Is this the only equilibrium? In closed form where elasticities are constant, else at the solution and by search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from coregion.model import equilibrium as model
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns, no_change
from coregion.model.weights import weights as fold
from coregion.solve.constant_elasticity import gravity_elasticities
from coregion.solve.constant_elasticity import spectral_radius as closed_form_radius
from coregion.solve.equilibrium import Options, Solution, damping, solve
from coregion.solve.krylov import beside

SAME_EQUILIBRIUM = 1e-6
"""Two solutions are one equilibrium when no unknown (a logarithm) differs by more."""


@dataclass(frozen=True)
class Uniqueness:
    """What is known about other equilibria.

    kind: "closed form" (a theorem, on all equilibria) or "local" (the iteration's Jacobian at this one).
    spectral_radius: at most 1 in closed form means that there is no other equilibrium; below 1 in the local case that
    the iteration contracts here, so that the equilibrium is isolated and stable under it. nearest_to_one: distance of
    the nearest eigenvalue of the iteration from 1 as far as it was seen, None in the closed form; 0 is a fold, where
    equilibria meet. accuracy: error bound of the local radius.
    equilibria_found: different ones, this one included, among ``starts`` starts, of which ``failed`` reached none.
    others: the unknowns of those that are not this one. text: all of it in a sentence or two.
    """

    kind: Literal["closed form", "local"]
    spectral_radius: float
    nearest_to_one: float | None
    accuracy: float
    equilibria_found: int
    starts: int
    failed: int
    others: tuple[Unknowns, ...]
    text: str


def uniqueness(
    economy: Economy,
    shock: Shock,
    solution: Solution,
    starts: int = 20,
    spread: float = 1.0,
    seed: int = 0,
    options: Options = Options(),  # noqa: B008
) -> Uniqueness:
    """Judge whether ``solution`` is the only equilibrium of ``economy`` under ``shock``.

    The closed form is ρ(|BΓ⁻¹|) of Allen, Arkolakis & Li (2024, Theorem 1). Elsewhere the radius of the iteration's
    Jacobian at the solution, matrix-free. In both cases a search from ``starts`` points around the solution, drawn in
    logs from a normal distribution with standard deviation ``spread``. Several equilibria are a result, not an error.
    """
    elasticities = gravity_elasticities(economy, shock)
    if elasticities is not None:
        kind, radius, nearest, accuracy = "closed form", closed_form_radius(elasticities), None, 0.0
    else:
        radius, nearest, accuracy = local_radius(economy, shock, solution.unknowns, options)
        kind = "local"
    others, failed = search(economy, shock, solution, starts, spread, seed, options)
    found = 1 + len(others)
    text = _sentence(kind, radius, nearest, found, starts, failed)
    return Uniqueness(kind, radius, nearest, accuracy, found, starts, failed, others, text)


def local_radius(
    economy: Economy,
    shock: Shock,
    unknowns: Unknowns,
    options: Options = Options(),  # noqa: B008
    directions: int = 60,
) -> tuple[float, float, float]:
    """(ρ(J), min |1 − λ(J)|, error bound of ρ) of the damped iteration x ← x + D F(x), J = I + D F′(x).

    Arnoldi's method (Saad 2011, algorithm 6.2) with ``directions`` products J v and no matrix. Markets that do not
    exist are left out: their unknowns never move and would count as eigenvalues of 1.
    """
    point, _ = ravel_pytree(unknowns)
    upper, last = _arnoldi(economy, shock, unknowns, options, min(directions, point.size))
    upper, last = np.asarray(upper), float(last)
    size = _krylov_size(upper)
    values, vectors = np.linalg.eig(upper[:size, :size])
    largest = int(np.argmax(np.abs(values)))
    bound = (last if size == len(upper) else 0.0) * abs(vectors[size - 1, largest])
    return float(abs(values[largest])), float(np.abs(1 - values).min()), float(bound)


def search(
    economy: Economy,
    shock: Shock,
    solution: Solution,
    starts: int,
    spread: float,
    seed: int,
    options: Options,
) -> tuple[tuple[Unknowns, ...], int]:
    """Equilibria other than ``solution`` that are reached from random starts, and how many starts reached none."""
    centre, unravel = ravel_pytree(solution.unknowns)
    active, _ = ravel_pytree(_existing(economy, solution.outcome))
    penalty, _ = ravel_pytree(eqx.tree_at(lambda x: x.entry_penalty, _ones(economy), jnp.zeros_like(economy.wage)))
    rng, known, failed = np.random.default_rng(seed), [centre], 0
    for _ in range(starts):
        jump = spread * jnp.asarray(rng.standard_normal(centre.size)) * active * penalty
        answer = solve(economy, shock, options, unravel(centre + jump))
        point = ravel_pytree(answer.unknowns)[0]
        if not bool(answer.converged):
            failed += 1
        elif all(float(jnp.abs((point - other) * active).max()) > SAME_EQUILIBRIUM for other in known):
            known.append(point)
    return tuple(unravel(point) for point in known[1:]), failed


def _ones(economy: Economy) -> Unknowns:
    return jax.tree.map(jnp.ones_like, no_change(economy))


def _existing(economy: Economy, outcome: model.Outcome) -> Unknowns:
    """1 for each unknown whose market exists, 0 where neither side of it is positive."""
    return Unknowns(
        wage=(outcome.labour_supply > 0) * 1.0,
        residents=(outcome.residents > 0) * 1.0,
        floor_space_price=jnp.ones_like(economy.wage),
        price_index=jnp.ones_like(economy.sales),
        sales=(outcome.sales > 0) * 1.0,
        expenditure=(outcome.expenditure > 0) * 1.0,
        capital_price=(outcome.capital_supply > 0) * 1.0,
        entry_penalty=jnp.ones_like(economy.wage),
        service_amenity=jnp.ones_like(economy.services.unchanged),
    )


@eqx.filter_jit
def _arnoldi(economy: Economy, shock: Shock, unknowns: Unknowns, options: Options, directions: int):
    """Upper Hessenberg matrix of the iteration's Jacobian on a Krylov space, and its last, outer entry."""
    point, unravel = ravel_pytree(unknowns)
    folded = fold(economy, shock)
    scale, _ = ravel_pytree(damping(economy, options))
    active, _ = ravel_pytree(_existing(economy, model.outcome(unknowns, economy, shock, folded)))

    def gap(vector):
        return ravel_pytree(model.excess(unravel(vector), economy, shock, folded))[0]

    _, tangent = jax.linearize(gap, point)

    def step(column, state):
        basis, upper = state
        image = active * (basis[column] + scale * tangent(basis[column]))
        image, along = beside(basis, image)
        length = jnp.linalg.norm(image)
        basis = basis.at[column + 1].set(jnp.where(length > 1e-12, image / jnp.where(length > 0, length, 1.0), 0.0))
        return basis, upper.at[:, column].set(along).at[column + 1, column].set(length)

    start = active * jax.random.normal(jax.random.key(0), point.shape, point.dtype)
    basis = jnp.zeros((directions + 1, point.size)).at[0].set(start / jnp.linalg.norm(start))
    _, upper = jax.lax.fori_loop(0, directions, step, (basis, jnp.zeros((directions + 1, directions))))
    return upper[:-1], upper[-1, -1]


def _krylov_size(upper: np.ndarray) -> int:
    """Directions until the Krylov space was exhausted."""
    small = np.flatnonzero(np.diag(upper, -1) < 1e-10)
    return int(small[0]) + 1 if len(small) else len(upper)


def _sentence(kind: str, radius: float, nearest: float | None, found: int, starts: int, failed: int) -> str:
    if kind == "closed form":
        unique = radius <= 1 + 1e-12
        text = f"The spectral radius of the elasticities is {radius:.4g}: " + (
            "at most one equilibrium exists (Allen, Arkolakis & Li 2024, Theorem 1)."
            if unique
            else "above 1, so that for some geographies there are several equilibria."
        )
    else:
        text = f"The iteration's Jacobian at the solution has spectral radius {radius:.4g}: " + (
            "the equilibrium is isolated and the iteration contracts to it."
            if radius < 1
            else f"the plain iteration does not contract here; the nearest eigenvalue seen is {nearest:.2g} from 1."
        )
        text += " This says nothing about equilibria far away."
    if starts:
        text += f" {found} {'equilibrium' if found == 1 else 'different equilibria'} found from {starts} random starts"
        text += f"; {failed} of them reached none." if failed else "."
    return text
