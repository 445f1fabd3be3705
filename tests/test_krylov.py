"""The linear solve without a matrix: against a dense one, over restarts, both ways, and where there is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import coregion.model  # noqa: F401  (double precision)
from coregion.solve.krylov import DIRECTIONS, gmres
from coregion.solve.newton import solve_linear


def matrix(size: int, spread: float) -> np.ndarray:
    """1 on the diagonal and anything beside it; the larger ``spread``, the more directions a solution takes."""
    draw = np.random.default_rng(size).standard_normal((size, size)) / np.sqrt(size)
    return np.eye(size) + spread * draw


@pytest.mark.parametrize(("size", "spread"), [(1, 0.5), (3, 0.5), (61, 0.5), (400, 0.5), (400, 0.9)])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-12])
def test_it_is_the_dense_solution_to_the_tolerance(size, spread, tolerance):
    dense, target = matrix(size, spread), np.linspace(1, 2, size)
    found = jax.jit(lambda right: gmres(lambda v: jnp.asarray(dense) @ v, right, tolerance))(jnp.asarray(target))
    assert np.linalg.norm(dense @ found - target) <= 1.01 * tolerance * np.linalg.norm(target)


def test_more_directions_than_one_space_holds():
    """A shift by one place needs as many directions as there are places before anything falls; damped, it restarts."""
    size = 3 * DIRECTIONS
    dense = np.eye(size) + 0.95 * np.roll(np.eye(size), 1, axis=0)
    target = np.zeros(size)
    target[0] = 1.0
    found = np.asarray(gmres(lambda v: jnp.asarray(dense) @ v, jnp.asarray(target), 1e-9))
    np.testing.assert_allclose(found, np.linalg.solve(dense, target), atol=1e-8)


def test_nothing_wanted_is_nothing_found_and_what_has_no_solution_is_not_called_one():
    assert not np.asarray(gmres(lambda v: 2 * v, jnp.zeros(7), 1e-9)).any()
    lost = np.asarray(gmres(lambda v: v * jnp.asarray([1.0, 1.0, 0.0]), jnp.ones(3), 1e-9))
    gap = np.linalg.norm(lost * [1.0, 1.0, 0.0] - 1)
    assert not gap <= 1e-3


def test_derivatives_go_through_it_both_ways():
    dense, target = jnp.asarray(matrix(80, 0.5)), jnp.linspace(1, 2, 80)

    def total(scale):
        return (solve_linear(lambda v: dense @ v * scale, target, 1e-13) ** 2).sum()

    exact = -2 * float((jnp.linalg.solve(dense, target) ** 2).sum()) / 1.3**3
    assert float(jax.grad(total)(1.3)) == pytest.approx(exact, rel=1e-10)
    assert float(jax.jvp(total, (1.3,), (1.0,))[1]) == pytest.approx(exact, rel=1e-10)
