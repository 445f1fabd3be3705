"""Allen & Arkolakis (2014): every line of the table."""

import pytest

from coregion.literature import allen_arkolakis_2014 as aa


@pytest.mark.slow
def test_every_line_agrees():
    lines = list(aa.checks(None))
    assert len(lines) == 10
    assert [line for line in lines if not line.agrees] == []
