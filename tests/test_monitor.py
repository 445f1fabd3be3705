"""Observed figures against a made-up path: what was planted is found, noise is not, bad rows are told."""

from pathlib import Path as File

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from coregion.errors import InputMistakes
from coregion.monitor import NORMAL, Rules, benjamini_hochberg, monitor, read_observed
from coregion.path import KEYS, Path, partial_adjustment
from coregion.report.monitor_page import headlines, monitor_page

PLACES, DRAWS = 40, 100
YEARS = tuple(range(2020, 2031))
NO_RANGES = pd.DataFrame(columns=["place", "variable", "group", "low", "high", "unit"])
BASE = np.linspace(1e5, 9e5, PLACES)


def a_path(slow=0.2, fast=0.2):
    """Residents of 40 counties that grow by a tenth in the long run; and wages, of which there is one row."""
    rows = [(f"c{n}", 3, f"C{n}", f"县{n}", "residents", "", "", "persons", base) for n, base in enumerate(BASE)]
    rows.append(("all", 0, "All", "全部", "wage", "", "", "yuan a year", 1e5))
    rows = pd.DataFrame(rows, columns=[*KEYS, "baseline"])
    start = rows["baseline"].to_numpy(dtype=float)
    target = np.tile(1.1 * start, (len(YEARS), 1))
    target[0] = start
    value, low, high = (partial_adjustment(start, target, np.full(len(start), a)) for a in (0.2, slow, fast))
    return Path(YEARS, (), rows, target, value, low, high, np.zeros((len(YEARS), 1)), ())


def observed(folder: File, values, errors, year=2025, **columns):
    table = pd.DataFrame(
        {
            "place": [f"c{n}" for n in range(PLACES)],
            "variable": "residents",
            "year": year,
            "value": values,
            "standard_error": errors,
            "source": "made up",
            **columns,
        }
    )
    file = folder / "observed.csv"
    table.to_csv(file, index=False)
    return read_observed(file)


def projected(on, year=2025):
    return on.value[YEARS.index(year), :PLACES]


def test_a_planted_miss_of_three_standard_errors_is_found(tmp_path):
    on, error = a_path(), 0.01 * BASE
    values = projected(on).copy()
    values[7] -= 3 * error[7]
    found = monitor(observed(tmp_path, values, error), on, NO_RANGES, Rules())
    assert found.gaps.loc[found.gaps["alert"], "place"].tolist() == ["c7"]
    assert found.gaps["z"].iloc[0] == pytest.approx(-3, rel=1e-6)
    assert found.places.iloc[0][["place", "alerts", "comparisons"]].tolist() == ["c7", 1, 1]


def test_a_planted_miss_among_noise_stands_against_all_when_it_is_large(tmp_path):
    on, error = a_path(), 0.01 * BASE
    noise = np.random.default_rng(5).normal(size=PLACES)
    noise[3] = 6
    found = monitor(observed(tmp_path, projected(on) + noise * error, error), on, NO_RANGES, Rules())
    assert found.gaps.loc[found.gaps["stands"], "place"].tolist() == ["c3"]


@pytest.mark.parametrize("common_growth", [False, True])
def test_a_hundred_draws_of_noise_give_no_more_than_the_stated_rate_of_false_alarms(tmp_path, common_growth):
    """Alerts are a part of all comparisons; a file has something that stands with the stated probability."""
    on, rules, random = a_path(), Rules(common_growth=common_growth), np.random.default_rng(11)
    error = 0.01 * BASE
    table = observed(tmp_path, projected(on), error)
    alerts, standing = 0, 0
    for _ in range(DRAWS):
        values = projected(on) * (1.04 if common_growth else 1.0) + random.normal(size=PLACES) * error
        table.columns["value"][:] = values
        gaps = monitor(table, on, NO_RANGES, rules).gaps
        alerts, standing = alerts + gaps["alert"].sum(), standing + gaps["stands"].any()
    assert 0 < alerts <= rules.rate * DRAWS * PLACES
    assert standing <= binom.ppf(0.999, DRAWS, rules.together)


def test_the_limit_is_that_of_half_the_stated_rate():
    assert Rules(rate=0.01).limit == pytest.approx(2.807, abs=5e-4)


def test_benjamini_hochberg_by_hand():
    p = np.array([0.9, 0.01, 0.039, 0.03, 0.2])
    assert benjamini_hochberg(p, 0.05).tolist() == [False, True, False, False, False]
    assert benjamini_hochberg(p, 0.07).tolist() == [False, True, True, True, False]
    assert not benjamini_hochberg(np.ones(3), 0.05).any()


def test_the_range_of_the_projection_counts_as_far_as_the_figure_has_come(tmp_path):
    """A long-run range of −2 to 22 per cent; after five years at a fifth a year 1 − 0.8⁵ of it."""
    on = a_path()
    ranges = pd.DataFrame(
        [("c0", "residents", "", -2.0, 22.0, "per cent of the baseline")], columns=list(NO_RANGES.columns)
    )
    found = monitor(observed(tmp_path, projected(on), 1e-9 * BASE), on, ranges, Rules()).gaps.set_index("place")
    come = 1 - 0.8**5
    assert found.at["c0", "high"] - found.at["c0", "projected"] == pytest.approx(0.12 * come * BASE[0], rel=1e-6)
    assert found.at["c1", "high"] == pytest.approx(found.at["c1", "projected"])


def test_a_gap_is_counted_in_the_errors_of_both_sides(tmp_path):
    """A range of 16.4 per cent of the baseline to either side is a standard error of a tenth, beside 3 per cent."""
    on = a_path()
    ranges = pd.DataFrame(
        [("c0", "residents", "", -10 * NORMAL, 10 * NORMAL, "per cent of the baseline")],
        columns=list(NO_RANGES.columns),
    )
    table = observed(tmp_path, projected(on) + 0.06 * BASE, 0.03 * BASE)
    found = monitor(table, on, ranges, Rules()).gaps.set_index("place")
    assert found.at["c1", "z"] == pytest.approx(2, rel=1e-6)
    assert found.at["c0", "z"] == pytest.approx(6 / np.hypot(3, 10 * (1 - 0.8**5)), rel=1e-6)


def test_the_speeds_of_the_path_widen_the_range(tmp_path):
    on = a_path(slow=0.1, fast=0.4)
    found = monitor(observed(tmp_path, projected(on), 0.01 * BASE), on, NO_RANGES, Rules()).gaps.set_index("place")
    width = on.fast[5, 0] - on.slow[5, 0]
    assert found.at["c0", "high"] - found.at["c0", "low"] == pytest.approx(width, rel=1e-9)
    assert pytest.approx(1.6449, abs=1e-4) == NORMAL


def test_a_source_with_its_own_level_is_compared_by_its_change(tmp_path):
    on = a_path()
    table = observed(tmp_path, 1.5 * projected(on), 0.01 * BASE, base_value=1.5 * BASE)
    assert np.abs(monitor(table, on, NO_RANGES, Rules()).gaps["z"]).max() < 1e-3


def test_everyones_growth_is_no_gap(tmp_path):
    on, error = a_path(), 0.01 * BASE
    values = 1.2 * projected(on)
    values[4] *= 0.9
    table = observed(tmp_path, values, error)
    assert monitor(table, on, NO_RANGES, Rules()).gaps["alert"].sum() > PLACES / 2
    found = monitor(table, on, NO_RANGES, Rules(common_growth=True))
    assert found.gaps.loc[found.gaps["alert"], "place"].tolist() == ["c4"]
    assert "+20.0%" in found.notes[0]


def test_everyones_growth_widens_the_projection_too(tmp_path):
    on = a_path(slow=0.1, fast=0.4)
    table = observed(tmp_path, 1.2 * projected(on), 0.01 * BASE)
    found = monitor(table, on, NO_RANGES, Rules(common_growth=True)).gaps.set_index("place")
    width = 1.2 * (on.fast[5, 0] - on.slow[5, 0])
    assert found.at["c0", "high"] - found.at["c0", "low"] == pytest.approx(width, rel=1e-9)


def test_places_whose_gaps_stand_come_before_those_with_more_alerts(tmp_path):
    """One figure of c5 is off by six standard errors; two of c6 by three, which raises alerts and does not stand."""
    on, error = a_path(), 0.01 * BASE
    tables = []
    for year, misses in ((2025, {5: 6, 6: 3}), (2026, {6: 3})):
        values = projected(on, year).copy()
        for place, errors in misses.items():
            values[place] += errors * error[place]
        observed(tmp_path, values, error, year)
        tables.append(pd.read_csv(tmp_path / "observed.csv"))
    pd.concat(tables).to_csv(tmp_path / "both.csv", index=False)
    table = read_observed(tmp_path / "both.csv")
    found = monitor(table, on, NO_RANGES, Rules(together=0.005)).places
    assert found["place"].tolist()[:2] == ["c5", "c6"]
    assert found[["stand", "alerts"]].to_numpy()[:2].tolist() == [[1, 1], [0, 2]]


def test_a_stated_error_stands_in_for_none_and_without_one_it_is_a_mistake(tmp_path):
    on = a_path()
    table = observed(tmp_path, projected(on), np.nan)
    found = monitor(table, on, NO_RANGES, Rules(error=0.02)).gaps.set_index("place")
    assert found.at["c2", "standard_error"] == pytest.approx(0.02 * projected(on)[2])
    with pytest.raises(InputMistakes, match="no range of the projection") as raised:
        monitor(table, on, NO_RANGES, Rules())
    assert len(raised.value.mistakes) == PLACES


def test_every_bad_row_is_told_with_file_line_and_column(tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text(
        "place,variable,year,value,source,group,standard_error\n"
        "c1,residents,2025,lots,made up,,1\n"
        "c1,residents,2025.5,10,made up,,1\n"
        "c2,residents,2025,10,,,-1\n"
        "c3,residents,2025,10,made up,,1\n"
        "c3,residents,2025,11,made up,,1\n",
        encoding="utf-8",
    )
    with pytest.raises(InputMistakes) as raised:
        read_observed(file)
    where = {(m.file, m.line, m.column) for m in raised.value.mistakes}
    lines = {(2, "value"), (3, "year"), (4, "source"), (4, "standard_error"), (6, "place")}
    assert where == {("bad.csv", line, column) for line, column in lines}


def test_what_the_path_does_not_have_is_told_together(tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text(
        "place,variable,year,value,source,group,standard_error\n"
        "c99x,residents,2025,10,made up,,1\n"
        "c1,residens,2025,10,made up,,1\n"
        "c1,wage,2025,10,made up,,1\n"
        "c1,residents,2020,10,made up,,1\n",
        encoding="utf-8",
    )
    with pytest.raises(InputMistakes, match="Did you mean 'residents'") as raised:
        monitor(read_observed(file), a_path(), NO_RANGES, Rules())
    assert [(m.line, m.column) for m in raised.value.mistakes] == [
        (2, "place"),
        (3, "variable"),
        (4, "group"),
        (5, "year"),
    ]


def test_a_figure_that_is_none_does_not_hide_unknown_places_and_variables(tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text(
        "place,variable,year,value,source\n"
        "c1,residents,2025,lots,made up\n"
        "c99x,residents,2025,10,made up\n"
        "c1,residens,2025,10,made up\n",
        encoding="utf-8",
    )
    with pytest.raises(InputMistakes) as raised:
        read_observed(file, places={"c1", "all"})
    assert {(m.line, m.column) for m in raised.value.mistakes} == {(2, "value"), (3, "place"), (4, "variable")}


def test_a_year_is_chosen_and_one_that_is_not_there_is_told(tmp_path):
    file = tmp_path / "years.csv"
    file.write_text(
        "place,variable,year,value,source\nc1,residents,2024,10,x\nc1,residents,2025,11,x\n", encoding="utf-8"
    )
    assert read_observed(file, 2025).number("value").tolist() == [11]
    with pytest.raises(InputMistakes, match="not only of 2024, 2025"):
        read_observed(file, 2026)


def test_the_page_tells_alerts_rates_and_sources(tmp_path):
    on, error = a_path(), 0.01 * BASE
    values = projected(on).copy()
    values[7] += 4 * error[7]
    found = monitor(observed(tmp_path, values, error), on, NO_RANGES, Rules())
    page = monitor_page(found, "Made up")
    assert headlines(found)[0] == "1 alert in 1 place, out of 40 figures of 40 places."
    assert "C7 县7" in page.split('id="places"')[0]
    assert "C8 县8" not in page.split('id="places"')[0].split("spec-gaps")[0]
    assert "No ranges of the parameters" in page
