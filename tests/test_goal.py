"""Goal-seeking on the made-up region: a root in one measure, the least mix, and what the bounds do not allow."""

import tomllib
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion.cli_goal import figure, likely, sentences
from coregion.data.parameters import Parameter
from coregion.equilibrium import place_members
from coregion.errors import CoregionError
from coregion.goal import (
    ROUNDS,
    Alone,
    Likelihood,
    Reached,
    _alone,
    _Outcome,
    _outcome,
    likelihood,
    parse_goal,
    reach,
    tried,
)
from coregion.measures.kinds import kinds
from coregion.region import with_parameters
from coregion.uncertainty.distributions import at
from coregion.uncertainty.sample import design

PLACE = "a3"


@pytest.fixture(scope="module")
def study():
    baseline = made_up_baseline()
    here = 'origins = ["A", "outside"]\ndestinations = ["a3"]\nmigration_cost_fall = 0.1'
    texts = (entry("new_area"), entry("registration", here))
    entries = [tomllib.loads(text)["measures"][0] for text in texts]
    measures = tuple(kinds()[found["kind"]].model_validate(found) for found in entries)
    return SimpleNamespace(measures=measures, region=baseline.region, baseline=lambda: baseline)


def test_form_of_a_goal():
    goal = parse_goal("residents[a1+b1] <= 1_000")
    assert (goal.outcome, goal.sense, goal.target) == ("residents[a1+b1]", -1, 1000.0)
    with pytest.raises(CoregionError, match="variable\\[place\\] >= number"):
        parse_goal("residents a1 > 5")
    with pytest.raises(CoregionError, match="a finite number"):
        parse_goal("residents[a1] >= 1e400")


def test_an_outcome_without_figures_by_region_is_not_suggested_again(study):
    """Budgets are those of payers; air and services are not in every study."""
    with pytest.raises(
        CoregionError, match=r"'budget\[a1\]', of which this study has no figure .* residents, "
    ) as told:
        reach(study, parse_goal("budget[a1] >= 1"))
    assert "Did you mean" not in str(told.value)
    assert "travel_minutes" not in str(told.value)


@pytest.mark.parametrize("on", ["floor_space", "residents"])
def test_a_cap_at_hardly_any_intensity_is_none_and_has_a_slope(study, on):
    """A search for the least effort passes through such intensities."""
    cap = kinds()["cap"].model_validate(
        {**tomllib.loads(entry("cap"))["measures"][0], "on": on, "level": 0.995, "looser_at_half": 0.1}
    )
    value = _outcome(study, parse_goal(f"residents[{PLACE}] >= 1"), [cap])
    before, _ = value.with_slope(np.zeros(1))
    for intensity in (1e-16, 1e-7, 1e-4, 1e-3):
        found, slope = value.with_slope(np.array([intensity]))
        assert found == pytest.approx(before, rel=1e-7)
        assert np.isfinite(slope).all(), intensity


def test_a_seed_without_draws_is_an_error_and_not_passed_over(capsys):
    from coregion.cli import app, main

    with pytest.raises(SystemExit):
        main(lambda: app(["goal", "jingjinji", "residents[xiongan] >= 2000000", "--seed", "5"]))
    assert "--seed without --draws; expected a number of draws" in capsys.readouterr().err


def test_an_outcome_is_told_to_the_unit():
    """Targets differ from what is there by less than a sixth digit shows."""
    assert [figure(21_893_095.0), figure(46.42718), figure(-4.7148579e9)] == [
        "21,893,095",
        "46.4272",
        "-4,714,857,900",
    ]


@pytest.mark.slow
def test_a_target_between_nothing_and_everything_is_reached_with_least_effort(study):
    outcome = f"residents[{PLACE}]"
    told = []
    far = reach(study, parse_goal(f"{outcome} >= 1e12"), tell=lambda *what: told.append(what))
    assert {("each measure alone", 2, 2), ("least effort", 0, ROUNDS), ("least effort", ROUNDS, ROUNDS)} <= set(told)
    assert far.intensities is None
    assert far.value > far.baseline
    assert any("No mix within bounds" in line for line in sentences(far))
    middle = 0.6 * far.baseline + 0.4 * far.value
    near = reach(study, parse_goal(f"{outcome} >= {middle}"))
    assert near.intensities is not None
    assert near.value == pytest.approx(middle, rel=1e-9)
    highest = np.array([m.highest for m in study.measures])
    parts = np.array(list(near.intensities.values())) / highest
    slopes = np.array(list(near.slope.values())) * highest
    free = (parts > 1e-4) & (parts < 1 - 1e-4)
    assert free.any()
    np.testing.assert_allclose(2 * parts[free], near.multiplier * slopes[free], rtol=1e-3)
    limits = dict(zip(near.slope, highest, strict=True))
    singles = [(one.intensity / limits[one.measure]) ** 2 for one in near.alone if one.intensity is not None]
    assert all(near.effort <= single + 1e-9 for single in singles)


def drawn_study(monkeypatch):
    """The made-up region with one parameter that moves where people live; values above 2.4 allow no calibration."""
    baseline = made_up_baseline()
    elasticity = Parameter("migration_elasticity", 1.5, "", "", "made up", 0.5, 3.0, "uniform", True)
    region = replace(baseline.region, parameters={**baseline.region.parameters, elasticity.name: elasticity})

    def again(moved, central):
        value = moved.parameters[elasticity.name].value
        if value > 2.4:
            raise CoregionError("found people who move too easily; expected fewer")
        economy = eqx.tree_at(lambda e: e.elasticities.migration, central.economy, jnp.asarray(value))
        return replace(central, region=moved, economy=economy)

    monkeypatch.setattr("coregion.uncertainty.solved.Setting.baseline_at", _by(again))
    central = replace(baseline, region=region)
    here = 'origins = ["A", "outside"]\ndestinations = ["a3"]\nmigration_cost_fall = 0.1'
    measure = kinds()["registration"].model_validate(tomllib.loads(entry("registration", here))["measures"][0])
    return cast(Any, SimpleNamespace(measures=(measure,), region=region, baseline=lambda: central))


def _by(again):
    def baseline_at(setting, values):
        region = setting.study.region
        return again(with_parameters(region, at(region.parameters, values)), setting.study.baseline())

    return baseline_at


def test_the_probability_of_a_goal_is_the_part_of_the_draws_that_reach_it(monkeypatch):
    study = drawn_study(monkeypatch)
    (measure,) = study.measures
    count, seed, mix = 24, 3, {measure.name: measure.highest}
    outcome = f"residents[{PLACE}]"
    low = likelihood(study, parse_goal(f"{outcome} >= 1"), mix, count, seed)
    values = design(study.region, count, seed).draws.values[:, 0]
    failed = int((values > 2.4).sum())
    assert failed > 0
    assert (low.probability, low.failed, low.draws) == (1.0, failed, count - failed)
    assert low.reasons == ("found people who move too easily; expected fewer",)
    middle = likelihood(study, parse_goal(f"{outcome} >= {low.median}"), mix, count, seed)
    assert middle.probability == pytest.approx(0.5, abs=1 / (count - failed))
    assert low.low < low.median < low.high
    assert likelihood(study, parse_goal(f"{outcome} <= 1"), mix, count, seed).probability == 0


def test_a_goal_out_of_reach_is_told_with_every_measure_at_its_highest():
    goal = parse_goal("residents[a3] >= 9e9")
    study = cast(Any, SimpleNamespace(measures=(SimpleNamespace(name="zone", highest=0.7),)))
    none = Reached(goal, 1.0, (Alone("zone", None, 2.0, 0.7),), None, np.nan, 2.0, {}, 0.0)
    assert tried(study, none) == {"zone": 0.7}
    told = likely(none, Likelihood(0.25, 0.1, 1.0, 2.0, 3.0, 16, 2, ("found nothing",)))
    assert "highest intensity the goal is met in 25 of 100 draws" in told[0]
    assert "2 draws have no answer" in told[1]


def test_a_named_place_stands_for_its_members():
    region = replace(made_up_baseline().region, places={"pair": ("a3", "B-1")})
    np.testing.assert_array_equal(place_members(region, "pair"), place_members(region, "a3+b1+b2"))
    with pytest.raises(CoregionError, match="pair"):
        place_members(region, "pear")


@pytest.mark.parametrize(("lowest", "least", "outcome"), [(0.0, 0.3, 3.0), (0.1, 0.3, 3.0), (0.5, 0.5, 5.0)])
def test_the_least_of_one_measure_is_a_root_or_the_least_that_it_may_be(lowest, least, outcome):
    goal = parse_goal("residents[a3] >= 3")
    measure = cast(Any, SimpleNamespace(name="zone", lowest=lowest, highest=1.0))
    linear = _Outcome(lambda amounts: 10.0 * float(amounts.sum()), cast(Any, None))
    found = _alone(goal, (measure,), linear, 0, 0.0)
    assert (found.intensity, found.best) == (pytest.approx(least, abs=1e-6), outcome)
