"""Tables of the air with one mistake planted in each: told with file, line and column."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from made_up import unbalanced
from made_up_baseline import SECTORS, made_up_air, made_up_region

from coregion.air import NO_AIR, collect_air
from coregion.data.settings import Settings

AREAS = ("A-1", "B-1", "A-2")
NAMES = ("pollutants", "emissions", "source_receptor", "air", "abatement_costs")


def settings(**names):
    """As much of Settings as the reader of the air asks for."""
    return cast(Settings, SimpleNamespace(tables=SimpleNamespace(**{**dict.fromkeys(NAMES, ""), **names})))


REGION = made_up_region(unbalanced())
ALL = {name: f"{name}.csv" for name in NAMES}


@pytest.fixture
def folder(tmp_path):
    """The made-up air as files."""
    air = made_up_air()
    text = {"pollutants": "code,name_en,name_zh,potency\nso2,SO2,二氧化硫,0.4\npm25,PM,颗粒物,1\n"}
    rows = [
        f"{area},{source},{float(air.emissions[0, a, s])!r},{float(air.emissions[1, a, s])!r}"
        for a, area in enumerate(AREAS)
        for s, source in enumerate((*SECTORS, "households"))
    ]
    text["emissions"] = "area,source,so2_t,pm25_t\n" + "\n".join(rows) + "\n"
    received = [",".join([area, *map(repr, row.tolist())]) for area, row in zip(AREAS, air.received, strict=True)]
    text["source_receptor"] = "receptor,A-1,B-1,A-2\n" + "\n".join(received) + "\n"
    text["air"] = "place,pm25\nA-1,42\nB-1,52\nA-2,30\na1,40\n"
    text["abatement_costs"] = (
        "jurisdiction,source,pollutant,yuan_per_t,highest_share\n"
        "A,factories,so2,30000,0.8\nA-2,factories,so2,50000,0.6\nB,households,pm25,20000,0.9\n"
    )
    for name, content in text.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def read(folder, **names):
    return collect_air(folder, settings(**(names or ALL)), REGION)


def the_mistake(folder):
    air, mistakes = read(folder)
    assert air is NO_AIR
    assert len(mistakes) == 1, [str(m) for m in mistakes]
    return mistakes[0]


def plant(folder, table, old, new):
    file = folder / f"{table}.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_tables_become_the_record(folder):
    air, mistakes = read(folder)
    assert mistakes == []
    assert np.array_equal(air.emissions, made_up_air().emissions)
    assert np.array_equal(air.received, made_up_air().received)
    assert air.concentration.tolist() == [40.0, 52.0, 42.0, 52.0, 30.0, 0.0], "a county's own, else its area's"
    assert air.marginal_cost[0, :, 1].tolist() == [30000.0, 1.0, 50000.0], "a city's curve goes before its province's"
    assert air.highest[0, :, 1].tolist() == [0.8, 0.0, 0.6]
    assert air.highest[1, :, 3].tolist() == [0.0, 0.9, 0.0]


def test_rows_may_come_in_any_order(folder):
    header, *rows = (folder / "source_receptor.csv").read_text(encoding="utf-8").splitlines()
    (folder / "source_receptor.csv").write_text("\n".join([header, *rows[::-1]]) + "\n", encoding="utf-8")
    assert np.array_equal(read(folder)[0].received, made_up_air().received)


def test_a_share_below_zero_is_a_mistake(folder):
    plant(folder, "source_receptor", "0.3,0.4,0.1", "0.3,-0.4,0.1")
    found = the_mistake(folder)
    assert (found.file, found.line, found.column) == ("source_receptor.csv", 3, "B-1")
    assert found.found == "-0.4"


def test_shares_that_sum_over_one_are_a_mistake(folder):
    plant(folder, "source_receptor", "0.3,0.4,0.1", "0.3,0.5,0.21")
    found = the_mistake(folder)
    assert (found.file, found.line, found.column) == ("source_receptor.csv", 3, "B-1")
    assert "sum to 1.0100" in found.found


@pytest.mark.parametrize(
    ("table", "old", "new", "column", "line", "text"),
    [
        ("pollutants", "so2,SO2", "so3,SO2", "code", 2, "unknown code 'so3'"),
        ("pollutants", "0.4", "-1", "potency", 2, "-1"),
        ("source_receptor", "A-2,0.1", "A-3,0.1", "receptor", 4, "unknown code 'A-3'"),
        ("air", "B-1,52", "B-1,-52", "pm25", 3, "-52"),
        ("air", "a1,40", "a9,40", "place", 5, "unknown code 'a9'"),
        ("abatement_costs", "A,factories", "A,factory", "source", 2, "unknown code 'factory'"),
        ("abatement_costs", "0.9", "1.9", "highest_share", 4, "1.9"),
        ("abatement_costs", "A-2,factories", "A,factories", "pollutant", 3, "'A', 'factories' and 'so2' again"),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_place(folder, table, old, new, column, line, text):
    plant(folder, table, old, new)
    air, mistakes = read(folder)
    assert air is NO_AIR
    found = [m for m in mistakes if (m.file, m.line, m.column) == (f"{table}.csv", line, column)]
    assert len(found) == 1, [str(m) for m in mistakes]
    assert text in found[0].found


def test_a_missing_row_is_told_with_the_code_that_may_be_meant(folder):
    file = folder / "source_receptor.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8")
    found = the_mistake(folder)
    assert (found.found, found.remedy) == ("no row for 'A-2'", "Add it.")
    file.write_text("\n".join([*rows[:-1], rows[-1].replace("A-2", "A_2")]) + "\n", encoding="utf-8")
    assert "Did you mean 'A_2'?" in [mistake.remedy for mistake in read(folder)[1]]


def test_a_missing_source_and_a_doubled_one_are_mistakes(folder):
    plant(folder, "emissions", "B-1,offices", "B-1,farms")
    _, mistakes = read(folder)
    assert "'B-1' and 'farms' again" in mistakes[0].found
    file = folder / "emissions.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    doubled = [number for number, row in enumerate(rows) if row.startswith("B-1,farms")][1]
    file.write_text("\n".join(rows[:doubled] + rows[doubled + 1 :]) + "\n", encoding="utf-8")
    _, mistakes = read(folder)
    assert [m.found for m in mistakes] == ["no row for area 'B-1' and source 'offices'"]


def test_some_tables_without_the_others_are_a_mistake(folder):
    air, mistakes = read(folder, emissions="emissions.csv", air="air.csv")
    assert air is NO_AIR
    assert "pollutants, source_receptor, abatement_costs" in mistakes[0].found


def test_no_table_at_all_is_a_study_without_air(folder):
    assert collect_air(folder, settings(emissions=""), REGION) == (NO_AIR, [])
