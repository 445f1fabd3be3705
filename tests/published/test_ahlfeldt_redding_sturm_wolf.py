"""Ahlfeldt, Redding, Sturm & Wolf (2015): a made-up city, planted, recovered and divided."""

from dataclasses import replace

import numpy as np
import pytest

from coregion.errors import InputMistakes
from coregion.literature import ahlfeldt_redding_sturm_wolf as arsw

GIVEN = arsw.synthetic(40)
PARAMETERS = arsw.Parameters()


@pytest.fixture(scope="module")
def planted():
    return arsw.city(GIVEN)


@pytest.mark.slow
def test_every_line_agrees_in_a_small_city():
    lines = list(arsw.checks(None, 40))
    assert len(lines) == 8
    assert [line for line in lines if not line.agrees] == []


def test_the_city_meets_the_paper_s_conditions(planted):
    p, given = PARAMETERS, GIVEN
    density = np.exp(-p.productivity_decay * given.minutes) @ (planted.workers / given.land)
    made = given.productivity * density**p.productivity
    cost = planted.wage**p.labour_share * planted.floor_price ** (1 - p.labour_share)
    np.testing.assert_allclose(cost, made, rtol=1e-9)
    crowd = np.exp(-p.amenity_decay * given.minutes) @ (planted.residents / given.land)
    beauty = given.amenity * crowd**p.amenity
    pull = (planted.wage * np.exp(-p.decay * given.minutes)) ** p.commuting
    worth = (beauty / planted.floor_price ** (1 - p.goods_share))[:, None] ** p.commuting * pull
    np.testing.assert_allclose(planted.residents, worth.sum(1) / worth.sum(), rtol=1e-9)
    np.testing.assert_allclose(planted.workers, worth.sum(0) / worth.sum(), rtol=1e-9)
    assert planted.utility == pytest.approx(worth.sum() ** (1 / p.commuting), rel=1e-9)
    earned = planted.residents * (pull @ planted.wage) / pull.sum(1)
    housing = (1 - p.goods_share) * earned / planted.floor_price
    firms = (1 - p.labour_share) / p.labour_share * planted.wage * planted.workers / planted.floor_price
    np.testing.assert_allclose(housing + firms, given.density * given.land**p.floor_space, rtol=1e-9)
    np.testing.assert_allclose(planted.commercial, firms / (housing + firms), rtol=1e-9)


def test_without_spillovers_the_start_does_not_matter(planted):
    calm = PARAMETERS.exogenous
    one, other = arsw.city(GIVEN, 1.0, calm), arsw.city(GIVEN, 1.0, calm, planted.solution.unknowns)
    np.testing.assert_allclose(one.floor_price, other.floor_price, rtol=1e-9)


def test_an_open_city_holds_the_people_at_whom_it_is_worth_as_much_as_outside(planted):
    found = arsw.open_city(GIVEN, planted.utility, PARAMETERS, 1.3)
    assert found.residents.sum() == pytest.approx(1.0, rel=1e-8)


def test_blocks_without_land_are_refused():
    with pytest.raises(InputMistakes, match="land"):
        arsw.city(replace(GIVEN, land=np.zeros(40)))
