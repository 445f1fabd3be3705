"""Redding (2016): the closed forms and both liberalisations, on a small grid; the 30 × 30 grid when there is time."""

import numpy as np
import pytest

from coregion.errors import InputMistakes
from coregion.literature import redding


def test_every_line_agrees_on_a_small_grid():
    lines = list(redding.checks(None, side=8))
    assert len(lines) == 16
    assert [line for line in lines if not line.agrees] == []


@pytest.mark.slow
def test_every_line_agrees():
    assert [line for line in redding.checks(None) if not line.agrees] == []


def test_what_trade_shares_say_differs_from_place_to_place_and_welfare_lies_between():
    place, parameters = redding.two_countries(8), redding.Parameters()
    before = redding.levels(place, redding.trade_cost(place, 2.0, 2.0), parameters)
    after = redding.levels(place, redding.trade_cost(place, 1.0, 2.0), parameters)
    local, gain = redding.local_gain(before, after, parameters), after.welfare / before.welfare
    for country in (0, 1):
        own = local[place.country == country]
        assert own.min() < gain[country] < own.max()
        assert own.max() - own.min() > 1e-3


def test_a_grid_that_cannot_be_halved_and_costs_of_another_shape_are_refused():
    with pytest.raises(InputMistakes, match="even number"):
        redding.two_countries(5)
    with pytest.raises(InputMistakes, match="trade cost"):
        redding.levels(redding.two_countries(4), np.ones((2, 2)))
