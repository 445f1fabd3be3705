"""Measures that act on emissions, and the least cost of clean air alone and together: closed forms and invariants."""

import tomllib
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from made_up import unbalanced
from made_up_baseline import made_up_air, made_up_network, made_up_region, unsolved_baseline
from made_up_measures import entry
from real_study import real_study
from report_sample import small_sample
from typer.testing import CliRunner

from coregion import cli
from coregion.abatement import Problem, cheapest, clean_air, each_alone, least_cost, problem
from coregion.air import NO_AIR
from coregion.errors import CoregionError, InputMistakes
from coregion.measures.emission_cap import least_cost_shares
from coregion.measures.emitters import curve_cost
from coregion.measures.kinds import kinds
from coregion.report.numbers import plain
from coregion.report.page import report_page


def made(kind, **changes):
    given = tomllib.loads(entry(kind))["measures"][0]
    return kinds()[kind].model_validate({**given, **changes})


@pytest.fixture(scope="module")
def baseline():
    """The made-up region with random shares: enough to ask what measures do."""
    return unsolved_baseline(made_up_region(unbalanced()), made_up_network(), made_up_air())


def tonnes(baseline):
    return np.asarray(baseline.economy.environment.tonnes())


# ---- measures --------------------------------------------------------------------------------------------------------


def test_abatement_acts_on_what_it_names_in_proportion_to_intensity(baseline):
    factor = np.asarray(made("abatement").effect(baseline, jnp.asarray(0.5)).emission_factor)
    expected = np.ones((2, 6, 4))
    expected[:, [0, 2, 3], 1] = 1 - 0.5 * 0.4
    assert factor == pytest.approx(expected, rel=1e-15)


def test_coal_switch_acts_on_homes_only(baseline):
    factor = np.asarray(made("coal_switch").effect(baseline, jnp.asarray(1.0)).emission_factor)
    expected = np.ones((2, 6, 4))
    expected[0, [0, 2, 4], 3] = 1 - 0.8 * 0.9
    expected[1, [0, 2, 4], 3] = 1 - 0.8 * 0.5
    assert factor == pytest.approx(expected, rel=1e-15)


def test_a_pollutant_twice_from_coal_is_a_mistake():
    """Two parts of 0.9 would leave homes with less than no emissions."""
    with pytest.raises(ValueError, match="every pollutant once in from_coal, not so2 again"):
        made("coal_switch", from_coal=[{"pollutant": "so2", "part": 0.9}] * 2)


def test_an_emission_cap_cuts_what_it_says_where_it_costs_least(baseline):
    cap = made("emission_cap")
    abated = cap.abated(baseline)
    emitted = tonnes(baseline)
    there = np.array([False, True, False, True, False, False])
    assert (emitted[1] * abated[1]).sum() == pytest.approx(0.2 * emitted[1, there].sum(), rel=1e-12)
    assert np.all(abated[0] == 0)
    assert np.all(abated[1, ~there] == 0)
    marginal = (abated[1] * baseline.air.marginal_cost[1, 1])[there]
    inner = (abated[1] < baseline.air.highest[1, 1])[there]
    assert marginal[inner] == pytest.approx(marginal[inner][0], rel=1e-12), "one price for every tonne"
    assert np.all(marginal[~inner] <= marginal[inner][0] * (1 + 1e-12)), "what is used up was cheaper"


def test_least_cost_shares_of_two_sources_by_hand():
    """10 t at 1 and 10 t at 3: 8 t are a = 0.6 and 0.2 at price 0.6; beyond the highest share the other one goes on."""
    slope, ten = np.array([1.0, 3.0]), np.array([10.0, 10.0])
    assert least_cost_shares(ten, slope, np.array([0.9, 0.9]), 8.0) == pytest.approx([0.6, 0.2], rel=1e-14)
    assert least_cost_shares(ten, slope, np.array([0.5, 0.9]), 8.0) == pytest.approx([0.5, 0.3], rel=1e-14)
    assert least_cost_shares(ten, slope, np.array([0.5, 0.9]), 0.0).tolist() == [0.0, 0.0]
    assert least_cost_shares(ten, slope, np.array([0.5, 0.1]), 8.0) == pytest.approx([0.5, 0.1])


def test_a_cost_that_is_not_the_curves_is_a_mistake_with_the_right_one(baseline):
    measure = made("abatement", cost_by="curve")
    due = curve_cost(baseline, measure.abated(baseline))
    emitted = tonnes(baseline)
    slope = baseline.air.marginal_cost[:, [0, 1, 0, 1, 2, 0], :]
    reached = [0, 2, 3]
    assert due == pytest.approx((emitted * slope)[:, reached, 1].sum() * 0.4**2 / 2, rel=1e-13)
    (mistake,) = measure.impossible(baseline)
    assert f"{due:.4g} a year" in mistake.expected
    right = measure.cost.model_copy(update={"investment_yuan": 0.0, "yearly_yuan": 1.05 * due})
    assert measure.model_copy(update={"cost": right}).impossible(baseline) == []
    twice = right.model_copy(update={"investment_yuan": 1.0})
    assert len(measure.model_copy(update={"cost": twice}).impossible(baseline)) == 1, "capital is in the curve"
    wrong = right.model_copy(update={"yearly_yuan": 1.2 * due})
    assert len(measure.model_copy(update={"cost": wrong}).impossible(baseline)) == 1


def test_more_than_can_be_abated_is_a_mistake(baseline):
    with pytest.raises(InputMistakes, match=r"abates 0\.9 of the so2 of factories.*at most 0\.8"):
        made("abatement", share=0.9).apply(baseline)
    with pytest.raises(InputMistakes, match="cuts 95% of the pm25"):
        made("emission_cap", cut=0.95).apply(baseline)


@pytest.mark.parametrize("kind", ["abatement", "coal_switch", "emission_cap"])
def test_a_study_without_air_allows_no_measure_on_it(kind, baseline):
    without = unsolved_baseline(baseline.region, baseline.network, NO_AIR)
    with pytest.raises(InputMistakes, match="of which the study has no emissions; expected tables of the air"):
        made(kind).apply(without)


# ---- least cost ------------------------------------------------------------------------------------------------------


def two_governments(across: float, dear: float = 1.0) -> Problem:
    """One option and one place each; a unit abated helps at home by 1 and the neighbour by ``across``."""
    effect = np.array([[1.0, across], [across, 1.0]])
    return Problem(
        governments=("A", "B"),
        areas=("a", "b"),
        slope=np.array([1.0, dear]),
        highest=np.ones(2),
        effect=effect,
        effect_on_area=effect,
        weight=np.ones(2),
        owner=np.array([0, 1]),
        residents=np.array([1.0, 3.0]),
        plan=np.array([0.5, 0.5]),
    )


def test_the_cheapest_of_two_options_by_hand():
    """min a²/2 + 3b²/2 with a + b ≥ 1: a = 3/4, b = 1/4; at most 0.6 of a: b = 0.4."""
    one = np.ones((1, 2))
    assert cheapest(np.array([1.0, 3.0]), one, np.ones(1), np.ones(2)) == pytest.approx([0.75, 0.25], abs=1e-7)
    assert cheapest(np.array([1.0, 3.0]), one, np.ones(1), np.array([0.6, 1.0])) == pytest.approx([0.6, 0.4], abs=1e-7)


def test_as_many_binding_targets_as_sources_leave_nothing_to_save():
    found = least_cost(two_governments(0.3, dear=1.2))
    assert found.alone == pytest.approx([0.125, 0.15], rel=1e-6)
    assert found.saving_pct == pytest.approx(0.0, abs=1e-4)


def test_where_one_is_dear_the_other_does_more_than_its_own_people_need():
    """Slopes 1 and 4, 0.3 across: only the dear one's target binds, at a = 0.65 · 0.3/(0.09 + 1/4), b = a/(4 · 0.3)."""
    found = least_cost(two_governments(0.3, dear=4.0))
    cheap = 0.65 * 0.3 / (0.09 + 0.25)
    assert found.joint == pytest.approx([cheap**2 / 2, 2 * (cheap / 1.2) ** 2], rel=1e-5)
    assert found.losers == ("A",)
    assert found.transfers == pytest.approx([found.shapley[0] + found.joint[0] - 0.125] * np.array([1, -1]), rel=1e-4)


def test_pooled_tonnes_cost_what_the_formula_says():
    """Quotas of half each cost 1/8 and dear/8; pooled, one tonne at slopes 1 and 4 costs (4/5)/2."""
    found = least_cost(two_governments(0.3, dear=4.0))
    assert found.quota_alone == pytest.approx([1 / 8, 4 / 8], rel=1e-6)
    assert found.quota_joint.sum() == pytest.approx(0.4, rel=1e-6)
    assert found.quota_saving_pct == pytest.approx(100 * (1 - 0.4 / 0.625), rel=1e-6)


def test_one_goal_for_all_people_costs_what_the_formula_says():
    """Without drift, three of four people in B: (a + 3b)/4 ≥ 1/2 at slopes 1 and 4 gives b = 3a/4, a = 8/13."""
    found = least_cost(two_governments(0.0, dear=4.0))
    assert found.fall_one_goal == pytest.approx([8 / 13, 6 / 13], rel=1e-6)
    assert found.one_goal == pytest.approx([32 / 169, 72 / 169], rel=1e-6)
    assert found.one_goal_saving_pct == pytest.approx(100 * (1 - 8 / 13 / 0.625), rel=1e-5)


def test_alone_nobody_can_do_better_and_together_the_air_is_as_clean():
    asked = problem(made_up_region(unbalanced()), made_up_air(), 0.5)
    shares = each_alone(asked)
    assert np.all(asked.effect @ shares >= asked.target - 1e-6)
    for player in range(len(asked.governments)):
        own = asked.owner == player
        need = asked.target[player] - asked.effect[player, ~own] @ shares[~own]
        price = (asked.slope * shares)[own] / asked.effect[player, own]
        inner = (shares < asked.highest - 1e-6)[own]
        assert need > 0
        assert price[inner] == pytest.approx(price[inner].mean(), rel=1e-5), "one price of cleaner air at home"
    found = least_cost(asked)
    assert found.joint.sum() <= found.alone.sum() * (1 + 1e-9)
    assert found.alone.sum() <= found.uniform.sum() * (1 + 1e-9)
    assert found.transfers.sum() == pytest.approx(0.0, abs=1e-9 * found.alone.sum())
    assert found.shapley.sum() == pytest.approx(found.saved[-1], rel=1e-9)


def test_the_problem_of_a_study_is_its_curves_its_people_and_its_matrix():
    """Every option at once: µg/m³ by the matrix, means over people, tonnes by potency, costs at a share of one half."""
    region, air = made_up_region(unbalanced()), made_up_air()
    asked = problem(region, air, 0.5)
    emitted = air.emissions * air.potency[:, None, None]
    part = emitted / emitted.sum(axis=(0, 2))[:, None]
    falls = np.einsum("r,ra,pas->rpas", air.of_area, air.received, part).reshape(3, -1)
    assert asked.effect_on_area == pytest.approx(falls, rel=1e-12)
    one, two, other = (region.residents[:, members].sum() for members in ([0, 2], [4], [1, 3]))
    assert other > 0
    assert asked.effect[0] == pytest.approx((one * falls[0] + two * falls[2]) / (one + two), rel=1e-12)
    assert asked.effect[1] == pytest.approx(falls[1], rel=1e-12)
    assert asked.weight == pytest.approx(emitted.ravel(), rel=1e-14)
    costs = (air.emissions * air.marginal_cost).sum(axis=(0, 2)) / 8e6
    assert asked.cost(np.full(asked.owner.size, 0.5)) == pytest.approx([costs[0] + costs[2], costs[1]], rel=1e-12)


@pytest.mark.parametrize("part", [0.0, 1.0, -0.5])
def test_a_part_of_nothing_or_all_is_refused(part):
    with pytest.raises(CoregionError, match="between 0 and 1"):
        problem(made_up_region(unbalanced()), made_up_air(), part)


def test_a_study_without_air_has_no_least_cost():
    with pytest.raises(CoregionError, match="no tables of the air"):
        problem(made_up_region(unbalanced()), NO_AIR)


def test_in_the_bundled_study_hebei_pays_more_together_until_it_is_paid():
    """The sign of Zhou et al. (2019); the size of the savings is a matter of assumed curves, and is not tested."""
    study = real_study()
    found = least_cost(problem(study.region, study.air))
    assert found.governments == ("11", "12", "13")
    assert found.losers == ("13",)
    assert found.transfers[2] > 0
    assert np.all(found.shapley > 0), "as Xue et al. (2015) find for SO2"
    assert found.shapley_in_core
    assert found.saving_pct > 0
    assert found.one_goal_saving_pct > found.saving_pct, "three targets ask for more than their mean"
    assert study.region.residents[:, : study.region.inside].sum() == pytest.approx(
        problem(study.region, study.air).residents.sum(), rel=1e-12
    )


def test_the_report_tells_the_air_where_a_study_has_one():
    sample = small_sample()
    region, air = made_up_region(unbalanced()), made_up_air()
    told = clean_air(replace(region, prefecture_name={code: (code, code) for code in air.areas}), air)
    assert [city["area"] for city in told["cities"]] == ["A-1", "B-1", "A-2"]
    for city in told["cities"]:
        assert city["own"] + city["other_areas"] + city["outside"] == pytest.approx(1.0, rel=1e-12)
    page = report_page(replace(sample, run={**sample.run, "air": told}))
    assert "what the same air costs" in page
    assert f"Together the same air costs {plain(told['saving_pct'], 2)}\u00a0%" in page
    assert "what the same air costs" not in report_page(sample)
    failed = report_page(replace(sample, run={**sample.run, "air": {"why_not": "HiGHS ended early; ask for less."}}))
    assert "HiGHS ended early; ask for less." in failed


def test_the_command_tells_cities_and_governments():
    found = CliRunner().invoke(cli.app, ["air", "jingjinji"])
    assert found.exit_code == 0
    assert "own  35%  other cities  41%  outside  24%" in found.stdout
    assert "Without transfers Hebei would pay more together than alone." in found.stdout
