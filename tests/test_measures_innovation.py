"""Research, gateways, shared taxes and capital for innovators: what they move, and what they must not."""

import tomllib
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry
from pydantic import ValidationError

from coregion.equilibrium import baseline_levels, money
from coregion.measures.kinds import kinds
from coregion.measures.record import Measure
from coregion.model.economy import no_shock


def measure(kind: str, **changed) -> Measure:
    return kinds()[kind].model_validate({**tomllib.loads(entry(kind))["measures"][0], **changed})


def with_workers(*workers: float):
    """The made-up baseline with these employed residents, all in the last sector."""
    baseline = made_up_baseline()
    employed = np.zeros((6, 3))
    employed[:, 2] = workers
    return replace(baseline, region=replace(baseline.region, employed_by_sector=employed))


def test_doubling_research_raises_own_patents_by_the_own_elasticity_and_those_near_by_little():
    baseline = with_workers(20, 30, 20, 20, 10, 500)
    own = measure("knowledge", research_growth=1.0)
    assert own.part_of_research(baseline) == pytest.approx(0.2)
    productivity = np.asarray(own.effect(baseline, jnp.asarray(1.0)).productivity)
    patents = np.log(productivity[:, 2]) / own.productivity_of_patents
    assert patents[0] == pytest.approx(0.85 * np.log(2), rel=1e-12)
    assert np.all(patents[1:5] <= 0.025 * np.log(1.2))
    minutes = baseline.minutes["commuting"][1:5, 0]
    assert np.all(np.diff(patents[1:5][np.argsort(minutes)]) < 0), "farther places learn less"
    np.testing.assert_allclose(patents[1:5], 0.025 * np.exp(-minutes / 300) * np.log(1.2), rtol=1e-12)
    assert np.all(productivity[:, :2] == 1)
    assert patents[5] == 0


def test_research_in_several_places_counts_once_as_one():
    baseline = with_workers(20, 30, 20, 20, 10, 500)
    one = measure("knowledge", places=["a1"]).log_patents(baseline)
    both = measure("knowledge", places=["a1", "a2"]).log_patents(baseline)
    assert both[0] == one[0] == both[2]
    assert np.all(both >= one)


def test_a_gateway_helps_only_trade_with_the_outside_and_only_places_that_it_is_nearer_to():
    baseline = made_up_baseline()
    own = measure("gateway")
    saved = own.hours_saved(baseline)
    cost = np.asarray(own.effect(baseline, jnp.asarray(1.0)).trade_cost)
    minutes = baseline.minutes["commuting"]
    assert saved[3] == 0, "the earlier gateway itself"
    assert saved[4] == pytest.approx((minutes[4, 3] - minutes[4, 4]) / 60, rel=1e-12)
    assert saved[4] > 0
    assert np.all(cost[0] == 1), "farms do not fly"
    assert np.all(cost[:, :5, :5] == 1)
    np.testing.assert_allclose(cost[1, :5, 5], np.exp(-0.05 * saved[:5]), rtol=1e-14)
    np.testing.assert_array_equal(cost[1, :5, 5], cost[1, 5, :5])


def test_a_gateway_that_is_no_nearer_is_refused():
    (mistake,) = measure("gateway", at=["b2"]).impossible(made_up_baseline())
    assert "no place nearer" in str(mistake)


def test_shared_taxes_sum_to_zero_and_nothing_moves_at_ones_own_share():
    baseline = made_up_baseline()
    own = measure("tax_share")
    taxes = [float(own.taxes(baseline, government)) for government in ("A", "B")]
    assert min(taxes) > 0
    moved = own.between_budgets(baseline)
    assert moved["A"] == pytest.approx(0.4 * sum(taxes) - taxes[0], rel=1e-12)
    assert moved["A"] + moved["B"] == 0
    fair = measure("tax_share", share=taxes[0] / sum(taxes))
    assert abs(float(fair.to_a(baseline))) < 1e-9 * sum(taxes)
    transfers = np.asarray(own.effect(baseline, jnp.asarray(0.5)).transfers)
    assert abs(transfers.sum()) < 1e-12 * abs(transfers).sum()
    assert transfers[[0, 2, 4]].sum() == pytest.approx(0.5 * moved["A"], rel=1e-12)


def test_both_budgets_show_what_one_government_gives_the_other():
    baseline = made_up_baseline()
    own = measure("tax_share")
    shock = no_shock(baseline.economy)
    _, without = money(baseline, [measure("dock")], shock, baseline_levels(baseline))
    _, with_it = money(baseline, [own], shock, baseline_levels(baseline))
    for government in ("A", "B"):
        given = own.between_budgets(baseline)[government]
        assert with_it[government] - without[government] == pytest.approx(given, rel=1e-9)


@pytest.mark.parametrize("key", ["share", "tax_rate", "part_of_places"])
def test_a_share_over_one_is_a_mistake(key):
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        measure("tax_share", **{key: 1.2})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"places": ["a1", "a2"]}, "no place of B in its zone"),
        ({"places": ["a1", "b1", "a3"], "a": "A-1"}, "belong to neither government: a3"),
        ({"b": "CENTRE"}, "divides taxes with CENTRE"),
    ],
)
def test_a_zone_lies_in_both_governments_and_nowhere_else(changes, expected):
    (mistake,) = measure("tax_share", **changes).impossible(made_up_baseline())
    assert expected in str(mistake)
    assert measure("tax_share").impossible(made_up_baseline()) == []


def test_taxes_are_shared_by_two_governments():
    with pytest.raises(ValidationError, match="two governments"):
        measure("tax_share", b="A")


def test_more_innovative_firms_enter_where_capital_is_cheaper():
    baseline = made_up_baseline()
    variety = np.asarray(measure("finance").effect(baseline, jnp.asarray(1.0)).variety)
    assert variety[1, 2] == pytest.approx(0.8 + 0.2 / 0.9, rel=1e-12)
    assert np.all(variety[[0, 2, 4, 5]] == 1)
    assert np.all(variety[:, :2] == 1)


def test_shared_taxes_follow_the_value_added_of_the_zone():
    baseline = made_up_baseline()
    economy, own = baseline.economy, measure("tax_share", part_of_places=0.3)
    spent = np.asarray(economy.sales) * (1 - np.asarray(economy.profit_share))
    added = (spent * (1 - np.asarray(economy.input_share).sum(axis=1)))[4].sum()
    assert float(own.taxes(baseline, "A")) == pytest.approx(0.001 * 0.3 * added, rel=1e-10)
