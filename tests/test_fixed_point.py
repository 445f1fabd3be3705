"""The first stage: what it finds, and that a market without a value never passes for one that clears."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import coregion.model  # noqa: F401  (double precision)
from coregion.solve.fixed_point import anderson, largest
from coregion.solve.newton import newton_krylov


@pytest.mark.parametrize("count", [1, 40, 5000])
@pytest.mark.parametrize("where", ["one", "all"])
def test_the_largest_gap_is_no_number_where_any_gap_is_none(count, where):
    gap = np.full(count, 1e-13) if where == "one" else np.full(count, np.nan)
    gap[count // 2] = np.nan
    assert np.isnan(float(jax.jit(largest)(jnp.asarray(gap))))
    assert float(jax.jit(largest)(jnp.asarray([0.5, -2.0, 1.0]))) == 2.0


def test_a_linear_system_is_solved_and_one_that_turns_to_nan_is_not_taken_for_solved():
    target = jnp.linspace(-1, 1, 5000)
    found = anderson(lambda x: target - x, jnp.zeros(5000), 0.5 * jnp.ones(5000), 1e-12, 50)
    assert float(found.error) <= 1e-12
    lost = anderson(lambda x: jnp.log(target - x), jnp.zeros(5000), jnp.ones(5000), 1e-12, 50)
    assert not float(lost.error) <= 1e-12
    last = newton_krylov(lambda x: jnp.log(target - x), lost, jnp.ones(5000), 1e-12, 3)
    assert not float(last.error) <= 1e-12
