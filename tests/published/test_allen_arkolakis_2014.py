"""Allen & Arkolakis (2014): every line of the table."""

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import allen_arkolakis_2014 as aa


@pytest.mark.slow
def test_every_line_agrees():
    lines = list(aa.checks(None))
    assert len(lines) == 10
    assert [line for line in lines if not line.agrees] == []
    assert off_the_page(aa, lines) == []


def test_what_is_no_geography_is_refused():
    with pytest.raises(InputMistakes) as raised:
        aa.levels(np.ones((2, 3)), 1.0, technology=np.ones(3), beauty=-np.ones(2))
    assert len(raised.value.mistakes) == 4
