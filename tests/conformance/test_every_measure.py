"""Every kind of measure there is, and every measure of every bundled study, keeps the same promises."""

import tomllib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import OWN, entry

from coregion.errors import InputMistakes
from coregion.measures.cost import yearly_cost
from coregion.measures.kinds import kinds
from coregion.measures.network_states import all_subsets
from coregion.measures.package import prepare
from coregion.measures.record import Measure
from coregion.model.economy import no_shock
from coregion.solve.equilibrium import Options, solve

KINDS = sorted(kinds())


def measure_of(kind: str) -> Measure:
    return kinds()[kind].model_validate(tomllib.loads(entry(kind))["measures"][0])


def same_bits(one, other) -> bool:
    return all(
        np.array_equal(np.asarray(a), np.asarray(b))
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    )


def test_every_kind_has_an_example():
    assert set(OWN) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_intensity_zero_is_neutral_bit_for_bit(kind):
    baseline, measure = made_up_baseline(), measure_of(kind)
    neutral = no_shock(baseline.economy)
    assert same_bits(measure.apply(baseline, 0.0), neutral)
    assert same_bits(measure.effect(baseline, jnp.asarray(0.0)), neutral)
    assert same_bits(prepare(baseline, [measure]).shock(jnp.zeros(1)), neutral)
    assert not same_bits(measure.apply(baseline, 1.0), neutral)


@pytest.mark.parametrize("kind", KINDS)
def test_the_shock_of_compiled_code_is_the_same(kind):
    """Packages are compiled and mapped: no measure may ask for the value of a number that is traced."""
    prepared = prepare(made_up_baseline(), [measure_of(kind)])
    at = jnp.array([0.6])
    compiled = jax.jit(lambda intensities: prepared.shock(intensities))(at)
    pairs = zip(jax.tree.leaves(compiled), jax.tree.leaves(prepared.shock(at)), strict=True)
    assert all(np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True) for a, b in pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_applying_is_pure(kind):
    baseline, measure = made_up_baseline(), measure_of(kind)
    before = (jax.tree.map(np.array, baseline.economy), np.array(baseline.network.links.is_open), measure.model_dump())
    first, second = measure.apply(baseline), measure.apply(baseline)
    assert same_bits(first, second)
    assert same_bits(before[0], baseline.economy)
    assert np.array_equal(before[1], baseline.network.links.is_open)
    assert before[2] == measure.model_dump()


@pytest.mark.parametrize("kind", KINDS)
def test_money_sums_to_zero(kind):
    baseline, measure = made_up_baseline(), measure_of(kind)
    shock = measure.apply(baseline, 0.7)
    spent = float(shock.purchases.sum())
    assert spent == pytest.approx(0.7 * yearly_cost(measure.cost, baseline.region), rel=1e-13)
    assert abs(float(shock.transfers.sum()) + spent) <= 1e-13 * spent


@pytest.mark.parametrize("kind", KINDS)
def test_external_regions_receive_no_measure(kind):
    shock = measure_of(kind).apply(made_up_baseline())
    assert np.all(np.asarray(shock.productivity)[-1] == 1)
    assert np.all(np.asarray(shock.amenity)[..., -1] == 1)
    assert np.all(np.asarray(shock.migration_cost)[..., -1] == 1)
    assert float(shock.floor_space[-1]) == 1
    assert np.all(np.isinf([shock.floor_space_cap[-1], shock.resident_cap[-1]]))
    assert np.all(np.asarray(shock.purchases)[-1] == 0)
    assert np.all(np.asarray(shock.variety)[-1] == 1)
    assert np.all(np.asarray(shock.registered)[:, -1] == 1)
    assert np.all(np.asarray(shock.emission_factor)[:, -1] == 1)
    assert np.all(np.asarray(shock.service_capacity)[:, -1] == 0)
    assert np.all(np.asarray(shock.service_quality)[:, -1] == 1)
    assert np.all(np.asarray(shock.service_exclusion)[..., -1] == 1)


@pytest.mark.parametrize("kind", KINDS)
def test_toml_round_trip_keeps_the_record(kind):
    measure = measure_of(kind)
    assert type(measure).model_validate_json(measure.model_dump_json()) == measure


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", ["cost", "payer", "sources", "quote", "document", "name_zh", "opens"])
def test_cost_payer_and_sources_cannot_be_left_out(kind, missing):
    given = tomllib.loads(entry(kind))["measures"][0]
    del given[missing]
    with pytest.raises(ValueError, match=missing):
        kinds()[kind].model_validate(given)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("intensity", [-0.1, 1.01, float("nan")])
def test_an_intensity_out_of_bounds_is_a_mistake(kind, intensity):
    with pytest.raises(InputMistakes, match="0 to 1"):
        measure_of(kind).apply(made_up_baseline(), intensity)


@pytest.mark.slow
def test_gradient_of_a_solved_outcome_is_its_finite_difference():
    """Residents and welfare by the intensity of every kind at once: one adjoint against central differences."""
    baseline = made_up_baseline()
    measures = [measure_of(kind) for kind in KINDS]
    prepared = prepare(baseline, measures)
    assert len(prepared.steps.position) == len(all_subsets([m.name for m in measures if m.changes_network()]))

    def outcome(intensities):
        solution = solve(baseline.economy, prepared.shock(intensities), Options(tolerance=1e-12))
        return 1e-5 * solution.outcome.residents[0, 1] + 10 * solution.outcome.welfare_hat[0, 0]

    at = jnp.linspace(0.3, 0.9, len(KINDS))
    at = at.at[KINDS.index("cap")].set(0.97)
    gradient = jax.grad(outcome)(at)
    step = 1e-4
    for position, kind in enumerate(KINDS):
        away = jnp.zeros(len(KINDS)).at[position].set(step)
        near, far = outcome(at + away) - outcome(at - away), outcome(at + 2 * away) - outcome(at - 2 * away)
        slope = float(8 * near - far) / (12 * step)
        assert abs(slope) > 1e-5, kind
        assert float(gradient[position]) == pytest.approx(slope, rel=1e-6), kind
