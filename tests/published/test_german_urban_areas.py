"""Urban areas of Germany: every rule holds on what it drew, and the counts move with the thresholds as they must."""

import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import german_urban_areas as areas
from coregion.literature.check import mistakes_of, reference_folder
from coregion.metro import eu_oecd

FOLDER = reference_folder()
needs_data = pytest.mark.skipif(
    bool(mistakes_of(FOLDER, areas.FILES)), reason="Germany's counties are not at hand (COREGION_REFERENCE)"
)


@needs_data
def test_every_line_agrees():
    lines = list(areas.checks(FOLDER))
    assert len(lines) == 3
    assert [line for line in lines if not line.agrees] == []
    assert off_the_page(areas, lines) == []


@needs_data
def test_the_count_of_what_breaks_a_rule_sees_a_county_moved():
    data = areas.load(FOLDER)
    drawn = eu_oecd(data.commuters, data.city)
    zone = next(unit for unit, area in enumerate(drawn.area) if area >= 0 and not drawn.is_core[unit])
    drawn.area[zone] = -1
    assert areas.outside_eu_oecd(data, drawn) == 1


@needs_data
def test_a_lower_share_takes_more_people_in():
    table = areas.sensitivity(FOLDER, densities=(1500.0,))
    assert (table["inside"].diff().dropna() < 0).all()


def test_missing_files_are_named(tmp_path):
    with pytest.raises(InputMistakes, match=r"commuting_wide\.csv"):
        next(areas.checks(tmp_path))
