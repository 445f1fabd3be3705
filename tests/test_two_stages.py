"""The solver's two stages: the second is taken when the first is not enough, and compiled code does the same."""

import equinox as eqx
import jax
import numpy as np
import pytest
from made_up import six_places

from coregion.model.economy import no_shock
from coregion.solve.equilibrium import Options, solve

ECONOMY = six_places()
SHOCK = eqx.tree_at(lambda s: s.productivity, no_shock(ECONOMY), no_shock(ECONOMY).productivity.at[1].set(1.3))


@pytest.mark.parametrize("rounds", [False, True])
def test_newton_takes_over_where_the_first_stage_stops_early(rounds):
    short = Options(fixed_point_steps=6, rounds=rounds)
    first = solve(ECONOMY, SHOCK, Options(fixed_point_steps=6, newton_steps=0, rounds=rounds))
    assert not bool(first.converged)
    both = solve(ECONOMY, SHOCK, short)
    assert bool(both.converged)
    assert float(both.steps) > float(first.steps)
    compiled = jax.jit(lambda shock: solve(ECONOMY, shock, short))(SHOCK)
    assert bool(compiled.converged)
    looked = 2 if rounds else 1
    assert float(both.steps) == float(compiled.steps) + looked, (
        "the second stage goes on from the best point of the first"
    )
    for here, there in zip(jax.tree.leaves(both.unknowns), jax.tree.leaves(compiled.unknowns), strict=True):
        np.testing.assert_allclose(here, there, rtol=0, atol=1e-10)


def test_without_either_stage_there_is_no_equilibrium_to_take():
    found = solve(ECONOMY, SHOCK, Options(fixed_point_steps=2, newton_steps=0))
    assert not bool(found.converged)
    assert float(found.error) > 1e-3
