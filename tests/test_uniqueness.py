"""Uniqueness: the closed form, the radius of the iteration, and the search, each against something known."""

import jax
import made_up
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from coregion.literature import allen_arkolakis_2014 as aa
from coregion.model import equilibrium as model
from coregion.model.economy import no_shock
from coregion.solve.constant_elasticity import GravityElasticities, allen_arkolakis, gammas, spectral_radius
from coregion.solve.constant_elasticity import gravity_elasticities as elasticities_of
from coregion.solve.equilibrium import Options, damping, solve
from coregion.solve.uniqueness import local_radius, uniqueness


@pytest.mark.parametrize(("sigma", "alpha", "beta"), [(5.0, 0.1, -0.3), (9.0, 0.03, -0.2), (3.0, 0.2, 0.1)])
def test_gammas_are_those_of_the_paper(sigma, alpha, beta):
    first, second = gammas(allen_arkolakis(sigma, alpha, beta))
    assert first == pytest.approx(1 - alpha * (sigma - 1) - beta * sigma, abs=1e-12)
    assert second == pytest.approx(1 + alpha * sigma + beta * (sigma - 1), abs=1e-12)


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, -0.1), (0.1, -0.3), (0.1, -0.1), (0.1, 0.0), (0.05, -0.04)])
def test_radius_is_at_most_one_just_where_spillovers_do_not_outweigh_congestion(alpha, beta):
    assert (spectral_radius(allen_arkolakis(5.0, alpha, beta)) <= 1 + 1e-12) == (alpha + beta <= 0)


def test_trade_with_given_people_is_unique_whatever_the_elasticity():
    for theta in (0.5, 4.0, 12.0):
        for labour in (1.0, 0.4):
            given = GravityElasticities(theta, labour, 0.0, 0.0, 0.0, mobile=False, symmetric=False)
            assert spectral_radius(given) == pytest.approx(1, abs=1e-12)


@pytest.mark.slow
def test_elasticities_are_read_off_the_economy():
    found = aa.levels(aa.line(5), 5.0, 0.1, -0.3)
    read = elasticities_of(found.economy, found.shock)
    assert read is not None
    assert gammas(read) == pytest.approx(gammas(allen_arkolakis(5.0, 0.1, -0.3)), abs=1e-12)
    assert read.symmetric
    cost = aa.line(5) * np.exp(0.3 * np.random.default_rng(0).random((5, 5)))
    lopsided = aa.levels(cost, 5.0, 0.1, -0.3)
    assert not elasticities_of(lopsided.economy, lopsided.shock).symmetric
    judged = uniqueness(found.economy, found.shock, found.solution, starts=3)
    assert (judged.kind, judged.equilibria_found, judged.failed) == ("closed form", 1, 0)
    assert judged.spectral_radius == pytest.approx(0.3 / 2.1, abs=1e-12)


@pytest.mark.slow
def test_local_radius_is_that_of_the_whole_matrix():
    economy = made_up.six_places()
    shock = no_shock(economy)
    solution = solve(economy, shock)
    point, unravel = ravel_pytree(solution.unknowns)
    scale = np.asarray(ravel_pytree(damping(economy, Options()))[0])
    slope = jax.jacfwd(lambda v: ravel_pytree(model.residual(unravel(v), economy, shock))[0])(point)
    whole = np.eye(point.size) + scale[:, None] * np.asarray(slope)
    values = np.linalg.eigvals(whole)
    radius, nearest, bound = local_radius(economy, shock, solution.unknowns)
    assert radius == pytest.approx(np.abs(values).max(), rel=1e-8)
    assert nearest == pytest.approx(np.abs(1 - values).min(), rel=1e-6)
    assert bound < 1e-8
    assert uniqueness(economy, shock, solution, starts=0).kind == "local"


@pytest.mark.slow
def test_several_equilibria_are_a_result():
    twin = aa.levels(aa.line(2, 0.4), 5.0, 0.1, 0.0)
    judged = uniqueness(twin.economy, twin.shock, twin.solution, starts=12, spread=2.0)
    assert judged.equilibria_found == 3
    sizes = sorted(float(x.residents[0, 0]) for x in judged.others)
    assert sizes[0] < 0 < sizes[1]
    assert np.exp(sizes).sum() == pytest.approx(2, abs=1e-8)
    assert "3 different equilibria" in judged.text
