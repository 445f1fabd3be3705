"""Allen & Arkolakis (2022): every line of the table."""

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import allen_arkolakis_2022 as aa


def test_every_line_agrees():
    lines = list(aa.checks(None))
    assert len(lines) == 6
    assert [line for line in lines if not line.agrees] == []
    assert off_the_page(aa, lines) == []


LINKS = aa.square(2, 2.0, 3.0, 0.0)
SKILL, CHARM = np.array([1.0, 1.3, 0.8, 1.1]), np.array([1.2, 0.9, 1.0, 1.1])


@pytest.mark.parametrize(("productivity", "amenity"), [(0.0, 0.0), (0.06, -0.2)])
def test_the_urban_form_by_hand(productivity, amenity):
    """W^θ = Σ_ij (u_i w_j / τ_ij)^θ at the wages and amenities that the answer's own homes and jobs imply."""
    city = aa.urban_equilibrium(LINKS, 7.0, productivity, amenity, technology=SKILL, beauty=CHARM)
    wage = SKILL * city.commuters.sum(axis=0) ** productivity
    charm = CHARM * city.commuters.sum(axis=1) ** amenity
    pull = (charm[:, None] * wage / city.routes.cost) ** 3.0
    assert city.commuters == pytest.approx(7 * pull / pull.sum(), rel=1e-10)
    assert city.welfare == pytest.approx(pull.sum() ** (1 / 3), rel=1e-10)


def test_a_city_that_could_not_exist_without_congestion():
    """At full capacity the sum over routes has no limit; traffic keeps it finite in the equilibrium."""
    links = aa.square(2, 1.3, 2.0, 0.3)
    city = aa.urban_equilibrium(links, 0.5)
    assert city.routes.link_cost == pytest.approx(1.3 * city.routes.flow**0.3, rel=1e-10)
    assert aa.off_gravity(city, links, 0.5) < 1e-10
    assert aa.off_traffic(city, links) < 1e-10
    with pytest.raises(InputMistakes, match="going round in circles"):
        aa.urban_equilibrium(aa.square(2, 1.3, 2.0, 0.0), 0.5)


def test_what_is_no_city_is_refused():
    with pytest.raises(InputMistakes) as raised:
        aa.urban_equilibrium(LINKS, 0.0, technology=np.ones(3), beauty=-np.ones(4))
    assert len(raised.value.mistakes) == 3
