"""The path: partial adjustment in closed form, stages by years of opening, and what it is worth today."""

from functools import cache

import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_path import ADJUSTMENT, MEASURES, speed

from coregion.annuity import annuity
from coregion.data.settings import collect_settings
from coregion.data.study_files import study_folder
from coregion.errors import CoregionError
from coregion.measures.cost import Cost
from coregion.path import opening, partial_adjustment, path, speeds, stages
from coregion.present_value import cash, present_value, values_frame
from coregion.report.path_page import PathTold, path_page

YEARS = range(2020, 2031)


@cache
def made_up_path():
    return path(made_up_baseline(), MEASURES, ADJUSTMENT, 2020, 2030)


def row(found, place, variable, group=""):
    rows = found.rows
    return int(np.flatnonzero((rows.place == place) & (rows.variable == variable) & (rows.group == group))[0])


def test_partial_adjustment_in_closed_form():
    rate, target = np.array([0.1, 0.25, 1.0]), np.array([3.0, 3.0, 3.0])
    found = partial_adjustment(np.full(3, 5.0), np.tile(target, (12, 1)), rate)
    years = np.arange(1, 13)[:, None]
    assert found == pytest.approx(3 + (5 - 3) * (1 - rate) ** years, rel=1e-13)


def test_a_rate_of_one_is_the_equilibrium_of_each_year():
    random = np.random.default_rng(2).normal(size=(6, 4))
    assert partial_adjustment(np.zeros(4), random, np.ones(4)) == pytest.approx(random, rel=1e-12)


def test_the_target_reached_stays():
    still = np.tile([2.0, 7.0], (5, 1))
    assert (partial_adjustment(still[0], still, np.array([0.2, 0.9])) == still).all()


def test_stages_begin_where_measures_open():
    steps = stages(MEASURES, 2020, 2030)
    assert [(step.year, [m.name for m in step.measures]) for step in steps] == [
        (2020, []),
        (2021, ["link"]),
        (2023, ["link", "new_area"]),
    ]
    assert [opening(m, 2020) for m in MEASURES] == [2021, 2023, 2040]


def test_the_path_starts_at_the_baseline_and_follows_its_targets():
    found = made_up_path()
    assert [m.name for m in found.late] == ["dock"]
    start = found.rows["baseline"].to_numpy()
    assert found.value[0] == pytest.approx(start, rel=1e-7, abs=1e-7)
    jobs = row(found, "a3", "jobs")
    assert found.value[:, jobs] == pytest.approx(found.target[:, jobs], rel=1e-12)
    people = row(found, "a3", "residents")
    was, aim = found.value[2, people], found.target[3, people]
    assert abs(aim - start[people]) > 1
    assert found.value[3:, people] == pytest.approx(aim + (was - aim) * 0.7 ** np.arange(1, 9), rel=1e-10)
    gone = np.abs(np.stack([found.slow[-1], found.value[-1], found.fast[-1]])[:, people] - start[people])
    assert (np.diff(gone) > 0).all()


def test_sums_over_places_hold_on_the_way():
    found = made_up_path()
    parts = [row(found, code, "residents") for code in ("a1", "a2", "a3", "b1", "b2")]
    whole = row(found, "all", "residents")
    assert found.value[:, parts].sum(axis=1) == pytest.approx(found.value[:, whole], rel=1e-9)


def test_the_table_holds_every_year_and_leaves_out_sectors_of_counties():
    table = made_up_path().frame()
    assert sorted(table["year"].unique()) == list(YEARS)
    assert not ((table["level"] == 3) & (table["sector"] != "")).any()
    assert {"place", "variable", "year", "baseline", "target", "value", "slow", "fast"} <= set(table)


def test_the_present_value_of_a_constant():
    years, rate = np.arange(2021, 2051), 0.04
    assert present_value(np.full(30, 7.0), years, rate, 2020) == pytest.approx(7 * (1 - 1.04**-30) / 0.04, rel=1e-12)
    assert present_value(np.full(30, 7.0), years, 0.0, 2020) == pytest.approx(210)


@pytest.mark.parametrize(("life", "opens"), [(50, 2025), (4, 2023), (10, 2021), (30, 2030)])
def test_an_investment_less_what_is_left_is_worth_its_annuity_while_in_use(life, opens):
    rate, years = 0.05, list(YEARS)
    given = Cost(investment_yuan=1e9, life_years=life, yearly_yuan=2e7, spent_on="offices", where=("b1",))
    spent = cash(given, 0.5, opens, years, rate)
    in_use = np.array(years) >= opens
    worth = present_value(spent.investment, years, rate, 2020) - spent.left / (1 + rate) ** 10
    charged = present_value(in_use * 0.5 * annuity(1e9, life, rate), years, rate, 2020)
    assert worth == pytest.approx(charged, rel=1e-12)
    assert spent.running.tolist() == (in_use * 1e7).tolist()
    assert spent.investment[opens - 1 - 2020] == 0.5e9


def test_what_opens_later_costs_nothing_yet():
    given = Cost(investment_yuan=1e9, life_years=10, yearly_yuan=2e7, spent_on="offices", where=("b1",))
    spent = cash(given, 1.0, 2040, list(YEARS), 0.05)
    assert (spent.investment.sum(), spent.running.sum(), spent.left) == (0, 0, 0)


def test_values_by_place_add_up_and_at_once_they_are_the_equilibriums():
    baseline = made_up_baseline()
    found = made_up_path()
    table = values_frame(baseline, found, MEASURES, ADJUSTMENT).set_index("place")
    assert list(table.index) == ["all", "A", "B", "A-1", "B-1", "A-2", "outside"]
    for name in ("gain", "investment", "running", "left", "net"):
        assert table.at["A", name] + table.at["B", name] == pytest.approx(table.at["all", name], rel=1e-9)
    assert table["investment"].sum() > 0
    assert table.at["B", "running"] == 0
    at_once = path(baseline, MEASURES, {"others": speed(1.0)}, 2020, 2030)
    all_at_once = values_frame(baseline, at_once, MEASURES, {"others": speed(1.0)}).set_index("place")
    outside = baseline.region.external
    members = {code: np.array(baseline.region.province) == code for code in ("A", "B")}
    for place, among in {**members, "all": ~outside, "outside": outside}.items():
        gains = at_once.gain_target[:, among].sum(axis=1)
        assert all_at_once.at[place, "net"] == pytest.approx(present_value(gains, YEARS, 0.05, 2020), rel=1e-9)
        assert all_at_once.at[place, "yearly_gain"] == pytest.approx(gains[-1], rel=1e-12)


def test_wrong_years_and_a_study_without_speeds_are_told():
    with pytest.raises(CoregionError, match="a last year after the first"):
        path(made_up_baseline(), MEASURES, ADJUSTMENT, 2030, 2030)
    with pytest.raises(CoregionError, match=r"\[adjustment.others\]"):
        path(made_up_baseline(), MEASURES, {}, 2020, 2030)
    low, rate, high = speeds(ADJUSTMENT, ["jobs", "wage"])
    assert (low.tolist(), rate.tolist(), high.tolist()) == ([1.0, 0.1], [1.0, 0.3], [1.0, 0.6])


def test_the_page_says_that_it_is_an_approximation_and_shows_every_opening():
    found = made_up_path()
    values = values_frame(made_up_baseline(), found, MEASURES, ADJUSTMENT)
    openings = {2021: ["Link"], 2023: ["New <town>"]}
    page = path_page(
        PathTold(
            "Made up", found.frame(), values, openings, ["Dock"], 0.05, {"others": (0.3, "made up"), "jobs": (1, "x")}
        )
    )
    assert "An approximation." in page
    assert "From 2020 to 2030 the package is worth" in page
    assert "New &lt;town&gt;" in page
    assert page.count('data-chart="spec-') >= 3
    assert 'src="http' not in page


@pytest.mark.parametrize(
    ("old", "new", "found", "expected"),
    [
        ("[adjustment.residents]", "[adjustment.residens]", "adjustment of 'residens'", "Did you mean 'residents'"),
        ("[adjustment.others]", "[adjustment.sales]", "no adjustment of 'others'", "[adjustment.others]"),
        ("rate = 0.15\nlow = 0.08", "rate = 0.05\nlow = 0.08", "'adjustment.others'", "low ≤ rate ≤ high"),
        (
            "rate = 0.15\nlow = 0.08",
            "rate = 1.5\nlow = 0.08",
            "'adjustment.others.rate' = 1.5",
            "less than or equal to 1",
        ),
    ],
)
def test_wrong_speeds_are_told_with_their_line(tmp_path, old, new, found, expected):
    text = (study_folder("jingjinji") / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "study.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    _, (mistake,) = collect_settings(tmp_path)
    assert (mistake.file, found in mistake.found, expected in str(mistake)) == ("study.toml", True, True)
    assert mistake.line is not None


def test_the_bundled_study_says_that_every_speed_is_assumed_or_where_it_is_from():
    settings, mistakes = collect_settings(study_folder("jingjinji"))
    assert mistakes == []
    assert "others" in settings.adjustment
    assert all(entry.source.startswith("Assumed") or not entry.assumed for entry in settings.adjustment.values())
