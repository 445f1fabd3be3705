"""Goal-seeking on the made-up region: a root in one measure, the least mix, and what the bounds do not allow."""

import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion.cli_goal import sentences
from coregion.errors import CoregionError
from coregion.goal import parse_goal, reach
from coregion.measures.kinds import kinds

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


@pytest.mark.slow
def test_a_target_between_nothing_and_everything_is_reached_with_least_effort(study):
    outcome = f"residents[{PLACE}]"
    far = reach(study, parse_goal(f"{outcome} >= 1e12"))
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
