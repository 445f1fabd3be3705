"""Tombe & Zhu (2019): what the cost of moving does in a small China."""

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import tombe_zhu as tz


@pytest.fixture(scope="module")
def base():
    return tz.calibrate()


def test_every_line_agrees():
    lines = list(tz.checks(None))
    assert len(lines) == 7
    assert [line for line in lines if not line.agrees] == []
    assert off_the_page(tz, lines) == []


def test_the_baseline_clears_and_costs_reproduce_shares(base):
    assert len(base.places) == 62
    pull = (base.real_income[None, :] / base.migration_cost) ** base.parameters.migration
    np.testing.assert_allclose(pull / pull.sum(1, keepdims=True), base.economy.residence_share[0], rtol=1e-12)
    np.testing.assert_allclose(np.diagonal(base.migration_cost), 1.0)
    after = tz.counterfactual(base, np.ones((62, 62)))
    np.testing.assert_allclose(after.real_income, base.real_income, rtol=1e-10)


def test_cheaper_moves_bring_migrants_and_output(base):
    after = tz.counterfactual(base, tz.between_provinces(base, 0.8))
    before = tz.counterfactual(base, np.ones((62, 62)))
    assert after.migrants > before.migrants
    assert after.output_hat > 1
    assert after.welfare_hat.max() > 1.05


def test_costs_of_another_shape_or_below_zero_are_refused(base):
    with pytest.raises(InputMistakes, match="cost_hat"):
        tz.counterfactual(base, np.ones(62))
    with pytest.raises(InputMistakes, match="stay"):
        tz.calibrate(tz.Parameters(stay=1.5))
