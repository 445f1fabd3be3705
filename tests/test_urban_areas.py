"""Urban areas before and after: who enters and leaves by hand, every rule in the table, rules that do not apply."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from made_up_path import MEASURES
from report_sample import small_places, small_sample, squares

from coregion.equilibrium import Equilibrium
from coregion.errors import CoregionError
from coregion.measures.package import prepare
from coregion.report.page import report_page
from coregion.solve.equilibrium import solve
from coregion.urban_areas import RULES, Picture, areas_told, urban_areas_frame

SQUARE_KM = np.array([20.0, 500, 500, 500, 20])
PEOPLE = np.array([6e4, 3e4, 3e4, 3e4, 5.5e4])


def picture(**flows):
    """Five counties in a row, half an hour apart; the first and the last are cities. ``h1_0=150`` of 1,000 go there."""
    table = np.diag(np.full(5, 1e5))
    for name, part in flows.items():
        home, work = (int(number) for number in name[1:].split("_"))
        table[home, work] += 100 * part
        table[home, home] -= 100 * part
    minutes = 30.0 * np.abs(np.arange(5)[:, None] - np.arange(5)[None, :])
    return Picture(table, minutes, np.array([0, -1, -1, -1, 1]), PEOPLE, SQUARE_KM)


def frame(before, after, rule="eu_oecd"):
    return urban_areas_frame(made_up_baseline().region, before, after, "road", rule)


def changes(table, threshold):
    rows = table[table["threshold"] == threshold].set_index("region")
    return rows["change"].to_dict(), rows["area_before"].to_dict(), rows["area_after"].to_dict()


def test_who_enters_leaves_moves_and_stays_by_hand():
    before = picture(h1_0=200, h2_0=160, h3_4=120)
    after = picture(h1_0=200, h2_4=160, h3_4=90)
    table = frame(before, after)
    change, was, now = changes(table, "15 % of workers")
    assert change == {"a1": "inside", "b1": "inside", "a2": "moves", "b2": "outside", "a3": "inside"}
    assert (was["a2"], now["a2"], was["b2"]) == ("a1", "a3", "")
    assert changes(table, "10 % of workers")[0]["b2"] == "leaves"
    assert changes(frame(after, before), "10 % of workers")[0]["b2"] == "enters"
    assert changes(table, "20 % of workers")[0]["a2"] == "outside"


def test_the_circle_widens_with_the_minutes():
    before = picture()
    after = replace(before, minutes=before.minutes / 1.5)
    table = frame(before, after, "one_hour")
    assert changes(table, "60 minutes")[0] == dict.fromkeys(("a1", "b1", "a2", "b2", "a3"), "inside")
    assert changes(table, "45 minutes")[0]["a2"] == "enters"


def test_what_is_told_adds_up():
    told = areas_told(frame(picture(h1_0=200, h3_4=120), picture(h1_0=100, h3_4=160)))
    official = told[0]
    assert (official["rule"], official["official"], official["threshold"]) == ("eu_oecd", True, "15 % of workers")
    assert (official["areas_before"], official["areas_after"]) == (2, 2)
    assert (official["enters"], official["leaves"], official["moves"]) == (["b2"], ["b1"], [])
    assert official["counties_before"] == official["counties_after"] == 3
    assert official["people_before"] == pytest.approx(PEOPLE[[0, 1, 4]].sum() / PEOPLE.sum())
    assert [record["official"] for record in told] == [True, False, False, False]


def test_every_rule_and_threshold_is_in_the_table():
    table = frame(picture(h1_0=200), picture(h1_0=200), "")
    assert set(table["rule"]) == set(RULES)
    assert len(table) == 5 * sum(len(rule.thresholds) for rule in RULES.values())
    assert set(table["change"]) <= {"inside", "outside"}
    assert table.groupby("rule")["official"].sum().tolist() == [5] * len(RULES)


def test_without_a_city_only_the_rule_that_needs_none_draws_areas():
    nowhere = replace(picture(), city=np.full(5, -1), square_km=np.full(5, 1e4))
    table = frame(nowhere, nowhere, "")
    assert set(table.loc[table["change"] == "inside", "rule"]) == {"britain"}


def test_an_unknown_rule_is_told():
    with pytest.raises(CoregionError, match="Did you mean 'canada'"):
        frame(picture(), picture(), "kanada")


_KINDS = ["inside", "enters", "outside", "outside", "inside", "outside"]


def test_the_report_draws_them_by_rule_and_tells_who_comes_in():
    sample = small_sample()
    places = small_places()
    table = pd.concat(
        [
            places[["region", "name_en", "name_zh", "prefecture", "jurisdiction"]].assign(
                rule=rule, threshold="official one", official=True, area_before=before, area_after=after, change=change
            )
            for rule, before, after, change in (
                ("eu_oecd", ["100", "", "", "", "104", ""], ["100", "100", "", "", "104", ""], _KINDS),
                ("one_hour", [""] * 6, [""] * 6, ["outside"] * 6),
            )
        ]
    )
    told = areas_told(table.assign(residents_before=1.0, residents_after=1.0))
    page = report_page(replace(sample, run={**sample.run, "urban_areas": told}), squares(places), urban_areas=table)
    assert page.count('data-choice="map-rule"') == 1
    block = json.loads(page.split('id="map-urban">')[1].split("</script>")[0])
    layer = block["packages"]["eu_oecd"]["urban_area"]
    assert layer["class"] == [4, 6, 3, 3, 4, 3]
    assert (layer["baseline"][1], layer["value"][1]) == ("–", "Upper 上")
    assert (layer["counts"][6], layer["counts"][0]) == (1, 0)
    rows = page.split("Urban areas by rule and threshold")[2].split("</table>")[0]
    assert "Lower 下" in rows
    assert "2 → 2" in rows
    assert "2 → 3" in rows


def test_an_equilibrium_draws_them_from_its_own_commuters_people_and_minutes():
    """Every place of 50,000 people or more is made a dense city; the link shortens the way to some of them."""
    baseline = made_up_baseline()
    large = baseline.region.residents.sum(axis=0) >= 5e4
    assert 0 < large[:5].sum() < 5
    crowded = replace(baseline, region=replace(baseline.region, area=np.where(large, 0.1, 5e3)))
    prepared = prepare(crowded, (MEASURES[0],), [[1.0]])
    shock = prepared.shock(np.ones(1))
    solution = solve(crowded.economy, shock)
    assert bool(solution.converged)
    there = Equilibrium(crowded, (MEASURES[0],), prepared, shock, solution)
    table = there.urban_areas()
    assert set(table["rule"]) == set(RULES)
    assert set(table["package"]) == {"link"}
    one = table[(table["rule"] == "one_hour") & table["official"]].set_index("region")
    assert one["core_before"].tolist() == large[:5].tolist()
    assert one["residents_after"].to_numpy() == pytest.approx(np.asarray(there.levels["residents"]).sum(axis=0)[:5])
    minutes = np.asarray(prepared.commuting_minutes(np.ones(1)))[:5, :5]
    within = minutes[:, one["core_after"].to_numpy()].min(axis=1) <= 60
    assert ((one["area_after"] != "").to_numpy() == within).all()
