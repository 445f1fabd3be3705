"""Emissions, the air that follows, deaths and the value of clean air: closed forms on the made-up region."""

from math import exp, log

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up import six_places
from made_up_baseline import made_up_baseline
from real_study import real_study

from coregion.air import NO_AIR
from coregion.calibrate.environment import environment
from coregion.equilibrium import baseline_levels, outcome_function
from coregion.errors import CoregionError
from coregion.model.economy import no_shock
from coregion.model.environment import (
    NoPollution,
    PollutionByReceptor,
    attributable_share,
    hazard_ratio,
)
from coregion.outcomes import levels, state
from coregion.solve.equilibrium import Options, solve
from coregion.solve.rebase import rebase

PRECISION = Options()


def unchanged(economy):
    return jnp.ones_like(economy.sales), jnp.ones_like(economy.residents), no_shock(economy).emission_factor


def told(economy, shock, solution=None):
    solution = solve(economy, shock, PRECISION) if solution is None else solution
    return read(solution.unknowns, economy, shock)


@eqx.filter_jit
def read(unknowns, economy, shock):
    return levels(state(unknowns, economy, shock), jnp.ones_like(shock.commuting_cost))


def test_hazard_is_the_published_function():
    """θ ln(1 + z/1.6)/(1 + exp(−(z − 15.5)/36.8)), z over 2.4 µg/m³, written out a second time in plain numbers."""
    z = 50.0 - 2.4
    by_hand = exp(0.143 * log(1 + z / 1.6) / (1 + exp(-(z - 15.5) / 36.8)))
    assert float(hazard_ratio(jnp.asarray(50.0), 0.143)) == pytest.approx(by_hand, rel=1e-14)
    assert 1.35 < by_hand < 1.45
    assert np.array_equal(np.asarray(hazard_ratio(jnp.asarray([0.0, 2.4]), 0.143)), [1.0, 1.0])
    assert float(attributable_share(jnp.asarray(50.0), 0.143)) == pytest.approx(1 - 1 / by_hand, rel=1e-14)


def test_nothing_moves_bit_for_bit_at_the_baseline():
    economy = made_up_baseline().economy
    assert np.array_equal(np.asarray(economy.environment.amenity_hat(*unchanged(economy))), np.ones(6))
    before = told(economy, no_shock(economy))
    assert np.array_equal(before["pm25"], economy.environment.concentration)


def test_emissions_of_the_regions_sum_to_those_of_their_areas():
    baseline = made_up_baseline()
    leaf, air = baseline.economy.environment, baseline.air
    by_area = np.einsum("pns,an->pas", leaf.emissions, leaf.area)
    assert by_area == pytest.approx(air.emissions, rel=1e-14)
    assert np.all(np.asarray(leaf.emissions)[:, -1] == 0), "nothing outside"
    sales, people = np.asarray(baseline.economy.sales), np.asarray(baseline.economy.residents).sum(axis=0)
    of_a1 = sales[[0, 2]] / sales[[0, 2]].sum(axis=0), people[[0, 2]] / people[[0, 2]].sum()
    assert leaf.emissions[0][jnp.asarray([0, 2])] == pytest.approx(
        np.column_stack(of_a1) * air.emissions[0, 0], rel=1e-14
    ), "sectors by sales, homes by residents"
    explained = np.einsum("rap,pa->r", leaf.response, air.emissions.sum(axis=2))
    assert explained == pytest.approx(air.of_area * air.received.sum(axis=1), rel=1e-14)


def test_air_answers_linearly_to_emissions_and_by_hand():
    """Half of all SO2 of area A-1 gone: every receptor loses half of what that reaches it; others keep theirs."""
    baseline = made_up_baseline()
    economy, air = baseline.economy, baseline.air
    sales, people, factor = unchanged(economy)
    factor = factor.at[0, jnp.asarray([0, 2])].set(0.5)
    fall = -np.asarray(economy.environment.concentration_change(sales, people, factor))
    strength = air.emissions.sum(axis=2) * air.potency[:, None]
    part = 0.5 * strength[0, 0] / strength[:, 0].sum()
    deviation = np.array([40 / 42, 55 / 52, 44 / 42, 50 / 52, 1.0])
    by_hand = deviation * (part * air.received[:, 0] * air.of_area)[[0, 1, 0, 1, 2]]
    assert fall[:5] == pytest.approx(by_hand, rel=1e-13)
    assert fall[5] == 0
    doubled = economy.environment.concentration_change(2 * sales, 2 * people, no_shock(economy).emission_factor)
    assert np.asarray(doubled)[:5] == pytest.approx(
        deviation * (air.received.sum(axis=1) * air.of_area)[[0, 1, 0, 1, 2]]
    )


def test_air_that_clears_everywhere_alike_raises_welfare_by_its_value_and_moves_nobody():
    """With the same fall everywhere, B̂ = exp(ζ fall) is common to all places: Û = B̂ exactly, all else stays."""
    economy = six_places()
    leaf = PollutionByReceptor(
        emissions=jnp.asarray(np.ones((2, 6, 4))),
        area=jnp.asarray(np.array([[1.0, 0, 1, 0, 0, 0], [0, 1, 0, 1, 0, 0], [0, 0, 0, 0, 1, 1]])),
        response=jnp.asarray(np.full((3, 3, 2), 0.25)),
        concentration=jnp.asarray(np.full(6, 50.0)),
        deviation=jnp.asarray(np.ones(6)),
        residents=economy.residents,
        clean_air_value=jnp.asarray(0.01),
        hazard=jnp.asarray(0.143),
        mortality=jnp.asarray(np.full(6, 0.006)),
        names=("so2", "pm25"),
    )
    economy = eqx.tree_at(lambda e: e.environment, economy, leaf)
    neutral = no_shock(economy)
    shock = eqx.tree_at(lambda s: s.emission_factor, neutral, neutral.emission_factor * 0.75)
    after = told(economy, shock)
    fall = 0.25 * 0.25 * 2 * 6 * 4
    assert np.asarray(after["pm25"]) == pytest.approx(50.0 - fall, rel=1e-9)
    assert np.asarray(after["welfare"]) == pytest.approx(exp(0.01 * fall), rel=1e-9)
    assert np.asarray(after["residents"]) == pytest.approx(np.asarray(economy.residents), rel=1e-9)


def test_an_equilibrium_with_cleaner_air_is_a_baseline_of_its_own():
    economy = made_up_baseline().economy
    neutral = no_shock(economy)
    shock = eqx.tree_at(lambda s: s.emission_factor, neutral, neutral.emission_factor * 0.6)
    solution = solve(economy, shock, PRECISION)
    after = told(economy, shock, solution)
    fresh = rebase(economy, shock, solution)
    again = told(fresh, no_shock(fresh))
    for name in ("pm25", "deaths_air", "emissions_so2", "emissions_pm25"):
        assert np.asarray(again[name]) == pytest.approx(np.asarray(after[name]), rel=1e-8), name
        assert float(np.sum(after[name])) < float(np.sum(told(economy, neutral)[name])), name


def test_output_carries_emissions_along():
    """A more productive factory town emits more, and the neighbours that its wind reaches breathe it."""
    economy = made_up_baseline().economy
    neutral = no_shock(economy)
    shock = eqx.tree_at(lambda s: s.productivity, neutral, neutral.productivity.at[0, 1].set(1.1))
    before, after = told(economy, neutral), told(economy, shock)
    assert float(after["emissions_so2"][0]) > float(before["emissions_so2"][0])
    solution = solve(economy, shock, PRECISION)
    sales = np.exp(np.asarray(solution.unknowns.sales))
    by_hand = (np.asarray(economy.environment.emissions)[0, 0, :3] * sales[0]).sum()
    homes = float(economy.environment.emissions[0, 0, 3]) * float(
        solution.outcome.residents[:, 0].sum() / economy.residents[:, 0].sum()
    )
    assert float(after["emissions_so2"][0]) == pytest.approx(by_hand + homes, rel=1e-8)


@pytest.mark.slow
def test_derivative_of_air_by_emission_factors_is_the_finite_difference():
    baseline = made_up_baseline()
    economy = baseline.economy
    target = outcome_function(baseline, "pm25[B]")
    neutral = no_shock(economy)

    def at(amount):
        shock = eqx.tree_at(lambda s: s.emission_factor, neutral, neutral.emission_factor.at[1, 0].add(-amount))
        return target(shock, solve(economy, shock, PRECISION))

    slope = float(jax.grad(at)(jnp.asarray(0.1)))
    difference = float(at(jnp.asarray(0.1001)) - at(jnp.asarray(0.0999))) / 2e-4
    assert slope == pytest.approx(difference, rel=1e-6)
    assert slope < 0


def test_a_study_without_tables_has_no_pollution_and_no_such_variables():
    economy = six_places()
    region = made_up_baseline().region
    assert isinstance(environment(region, NO_AIR, economy), NoPollution)
    assert not {"pm25", "deaths_air", "emissions_so2"} & set(told(economy, no_shock(economy)))


def test_emissions_where_nothing_is_made_are_an_error():
    baseline = made_up_baseline()
    economy = eqx.tree_at(lambda e: e.sales, baseline.economy, baseline.economy.sales.at[4, 1].set(0.0))
    with pytest.raises(CoregionError, match="A-2 factories where the baseline makes nothing"):
        environment(baseline.region, baseline.air, economy)


@pytest.mark.slow
def test_ten_per_cent_less_in_hebei_is_breathed_in_beijing():
    """The fall of Beijing's PM2.5 is a tenth of Hebei's part in it, up to what the economy does in answer (2 %)."""
    baseline = real_study().baseline()
    economy, region = baseline.economy, baseline.region
    hebei = jnp.asarray([code == "13" for code in region.province])
    beijing = np.array([code == "11" for code in region.province])
    neutral = no_shock(economy)
    shock = eqx.tree_at(
        lambda s: s.emission_factor, neutral, jnp.where(hebei[None, :, None], 0.9, neutral.emission_factor)
    )
    before, after = baseline_levels(baseline), told(economy, shock)
    areas = np.array(baseline.air.areas)
    from_hebei = baseline.air.received[areas == "1101"][0, [code.startswith("13") for code in areas]].sum()
    fall = np.asarray(before["pm25"] - after["pm25"])[beijing]
    assert fall == pytest.approx(0.1 * from_hebei * 38, rel=0.03)
    assert float(after["deaths_air"].sum()) < float(before["deaths_air"].sum()) - 4000
    gain = 100 * (np.asarray(after["welfare"])[:, np.asarray(hebei)] - 1)
    assert np.all(gain > 0)


def test_the_constructed_matrix_has_the_published_receivers_and_senders():
    """Not fitted: which cities receive more than they send, against Wang et al. (2017). Beijing's place is lost."""
    air = real_study().air
    reached = air.received * air.of_area[:, None]
    balance = dict(zip(air.areas, reached.sum(axis=0) - reached.sum(axis=1), strict=True))
    receivers, senders = ("1310", "1311", "1308", "1303", "1305"), ("1201", "1309", "1302", "1301", "1304")
    assert all(balance[city] < 0 for city in receivers)
    assert all(balance[city] > 0 for city in senders)
    assert abs(balance["1306"]) < 1, "Baoding is in balance"
    assert balance["1101"] < 0, "published as a sender in 2015; in 2020 its own emissions are small"
