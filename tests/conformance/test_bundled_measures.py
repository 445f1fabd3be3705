"""Every measure of every bundled study keeps its promises; studies are found by themselves."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import unsolved_baseline

from coregion.air import collect_air
from coregion.data.settings import read_settings
from coregion.data.study_files import bundled_studies, study_folder
from coregion.energy.stored import collect_power
from coregion.measures.cost import yearly_cost
from coregion.measures.network_states import COMPLETE_UP_TO, network_states
from coregion.measures.package import package_shock
from coregion.measures.places import place_codes
from coregion.measures.read import read_measures
from coregion.model.economy import no_shock
from coregion.network.read import read_network
from coregion.region import read_region


@cache
def study(name):
    folder = study_folder(name)
    settings = read_settings(folder)
    region = read_region(folder, settings)
    network = read_network(folder, settings, region.code)
    air, _ = collect_air(folder, settings, region)
    power, _ = collect_power(folder, settings.tables.power, place_codes(region))
    return unsolved_baseline(region, network, air, power), read_measures(folder, settings, region, network)


def each_measure():
    return [(name, measure.name) for name in bundled_studies() for measure in study(name)[1]]


def differing(one, other) -> list[bool]:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return [not np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs]


@pytest.mark.parametrize("name", bundled_studies())
def test_a_bundled_study_covers_its_pillars_with_few_network_measures(name):
    _, measures = study(name)
    assert len({measure.pillar for measure in measures}) >= 3
    assert sum(measure.changes_network() for measure in measures) <= COMPLETE_UP_TO


@pytest.mark.parametrize(("name", "measure"), each_measure())
def test_a_measure_says_what_it_costs_and_where_that_comes_from(name, measure):
    baseline, measures = study(name)
    (own,) = [m for m in measures if m.name == measure]
    assert yearly_cost(own.cost, baseline.region) > 0
    assert all(len(text) > 20 for text in (*own.sources, *own.assumptions))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in own.name_zh)
    assert len(own.quote.split()) >= 3


@pytest.mark.parametrize(("name", "measure"), each_measure())
def test_a_measure_is_neutral_at_zero_and_balanced_otherwise(name, measure):
    baseline, measures = study(name)
    (own,) = [m for m in measures if m.name == measure]
    neutral = no_shock(baseline.economy)
    assert not any(differing(own.effect(baseline, jnp.asarray(0.0)), neutral))
    assert not any(differing(own.apply(baseline, 0.0), neutral))
    if own.changes_network():
        states = network_states(baseline, (own,), [frozenset({own.name})]).log_ratio[frozenset({own.name})]
        assert states.max() <= 1e-12, "no better network takes longer"
        assert states.min() < -0.05, "and on some pair it saves 5 % or more"
    else:
        assert any(differing(own.effect(baseline, jnp.asarray(1.0)), neutral))
    shock = package_shock(baseline, [own], [own.intensity])
    paid, spent = float(shock.transfers.sum()), float(shock.purchases.sum())
    assert abs(paid + spent) <= 1e-12 * max(spent, 1.0)
    assert spent > 0 or np.any(np.asarray(shock.public_jobs) > 0)
