"""The report: one file without a network, figures equal to the tables', names escaped, a workbook that opens."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import openpyxl
import pandas as pd
import pytest
from report_sample import barely_changed, small_places, small_sample, squares

from coregion.errors import OutputError
from coregion.report.classes import classes
from coregion.report.frames import by_place, whole_package
from coregion.report.numbers import both, per_cent, plain, scaled
from coregion.report.page import report_page, write_report
from coregion.report.sections import figure, yuan
from coregion.report.verdict import GAIN, verdict
from coregion.report.workbook import write_tables
from coregion.variables import variable

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Reader(HTMLParser):
    """Collects every tag that is left open or closed twice, each address that would be loaded, and the visible text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        self.loads += [str(given[key]) for key in ("src", "srcset", "data", "poster", "background") if key in given]
        if tag == "link":
            self.loads.append(str(given["href"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def sample():
    return small_sample()


@pytest.fixture(scope="module")
def page(sample):
    return report_page(sample, squares(small_places()), "Working map. Boundaries: squares.")


def test_page_is_well_formed(page):
    reader = read(page)
    assert reader.faults == []
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))


def test_page_loads_nothing(page):
    reader = read(page)
    assert reader.loads == []
    assert [link for link in reader.links if not link.startswith("#")] == []
    assert "default-src 'none'" in page
    style = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert "@media print" in style
    assert "url(" not in style
    assert "@import" not in style


def test_links_inside_the_page_lead_somewhere(page):
    reader = read(page)
    assert {link[1:] for link in reader.links} <= set(reader.ids)


def test_names_are_escaped_everywhere(page):
    assert "<script>alert(1)" not in page
    assert "<2020–2024>" not in page
    assert "<script>alert(1)</script> 脚本" in "".join(read(page).text)
    assert page.count("<script") == page.count("</script>")


def test_every_gain_of_the_verdict_is_the_tables(sample):
    judged = verdict(sample)
    package = "+".join(sorted(("rail", "relocate")))
    assert judged.package == package
    governments = sample.jurisdictions[sample.jurisdictions["variable"] == GAIN].set_index(["jurisdiction", "package"])
    counties = sample.regions[sample.regions["variable"] == GAIN].set_index(["region", "package"])
    assert judged.total is not None
    for gain in (*judged.governments, *judged.cities, judged.total):
        assert gain.yuan == governments.loc[(gain.code, package), "value"]
        assert gain.per_cent == governments.loc[(gain.code, package), "change_pct"]
    for gain in (*judged.counties_up, *judged.counties_down):
        assert gain.yuan == counties.loc[(gain.code, package), "value"]
    values = counties.xs(package, level="package")["value"]
    assert [g.yuan for g in judged.counties_up] == sorted(values[values > 0], reverse=True)
    assert [g.yuan for g in judged.counties_down] == sorted(values[values < 0])


def test_headline_names_gainers_and_losers_on_their_own_side(sample):
    jurisdictions = sample.jurisdictions.copy()
    mark = jurisdictions["variable"].eq(GAIN)
    jurisdictions.loc[mark & jurisdictions["jurisdiction"].eq("1"), ["value", "change_pct"]] = [2.34e9, 0.5]
    jurisdictions.loc[mark & jurisdictions["jurisdiction"].eq("2"), ["value", "change_pct"]] = [-1.23e9, -0.4]
    jurisdictions.loc[mark & jurisdictions["jurisdiction"].eq("all"), ["value", "change_pct"]] = [1.11e9, 0.1]
    assert verdict(replace(sample, jurisdictions=jurisdictions)).headline == (
        "The package of 2 measures makes those registered in North 北 better off and those registered in South 南 "
        "worse off; together +1.11\u00a0bn\u00a0yuan a year (+0.1\u00a0% of income)."
    )


def test_what_the_solver_does_not_resolve_reads_as_nothing(sample):
    still = barely_changed(sample, 3e-10)
    judged = verdict(still)
    assert judged.headline == (
        "The package of 2 measures makes no difference to those registered in North 北 and South 南; "
        "together 0\u00a0yuan a year (0\u00a0% of income)."
    )
    assert judged.sentences[0].startswith("Of 6 places the people registered in 0 gain, in 0 lose, and in 6 ")
    assert (judged.counties_up, judged.counties_down) == ((), ())
    text = "".join(read(report_page(still, squares(small_places()))).text)
    assert "Nobody gains and nobody loses" in text
    assert "0.00000" not in text
    assert "±0.00\u00a0%" not in text
    assert "±0.00\u00a0%" in "".join(read(report_page(barely_changed(sample, 3e-6), squares(small_places()))).text)


def test_no_measure_chosen_is_said_and_nothing_else(sample):
    whole = whole_package(sample.regions)
    regions, jurisdictions = (
        frame[frame["package"] == whole].assign(package="") for frame in (sample.regions, sample.jurisdictions)
    )
    without = barely_changed(replace(sample, regions=regions, jurisdictions=jurisdictions), 0.0)
    without = replace(without, run=sample.run | {"measures": []})
    judged = verdict(without)
    assert judged.headline == "No measure was chosen and nothing changes: this is the region as it is."
    assert judged.sentences == ()
    text = "".join(read(report_page(without)).text)
    assert "no measure" in text
    assert "0 measures" not in text


def test_parameters_and_sources_stand_in_chinese_below_the_english_where_the_study_says_them(page, sample, tmp_path):
    table = page[page.index('id="parameters"') : page.index('id="drivers"')]
    assert "(migration_elasticity) <span" in table
    for words in ("η：人们选择居住地的敏感程度（迁移弹性）", "Tombe &amp; Zhu（2019）"):
        assert f'<span class="also" lang="zh">{words}</span>' in table
    assert table.count('class="also"') == 2, "none where the study says nothing in Chinese"
    assert page.count('<p class="soft" lang="zh">公报第二段 · 2023年统计</p>') == 2
    write_tables(sample, tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    for sheet, chinese in (("parameters", "η：人们选择居住地的敏感程度"), ("measures", "公报第二段")):
        assert chinese in [cell.value for cell in book[sheet][2]]


def test_places_are_not_called_counties(page):
    assert "ounties" not in "".join(read(page).text)


def test_displacement_and_net_are_the_tables(sample):
    judged = verdict(sample)
    rows = sample.regions.query("variable == 'residents' and package == @judged.package")
    difference = (rows["value"] - rows["baseline"]).groupby(rows["region"]).sum()
    residents = next(m for m in judged.movements if m.variable == "residents")
    assert residents.net == pytest.approx(difference.sum(), rel=1e-9)
    assert residents.moved == pytest.approx(min(difference.clip(lower=0).sum(), -difference.clip(upper=0).sum()))
    sentence = next(s for s in judged.sentences if s.startswith("Residents"))
    assert scaled(residents.moved) in sentence
    assert scaled(residents.net) in sentence


def test_gains_outside_the_region_are_told_apart(sample):
    assert np.isnan(verdict(sample).outside)
    outer = sample.regions[sample.regions["region"] == "100"].assign(region="ROW", jurisdiction="", prefecture="")
    with_world = replace(sample, regions=pd.concat([sample.regions, outer]))
    judged = verdict(with_world)
    assert judged.outside == outer.query("variable == @GAIN and package == @judged.package")["value"].iloc[0]
    assert (judged.counties_up, judged.movements) == (verdict(sample).counties_up, verdict(sample).movements)
    assert any(scaled(judged.outside) in s for s in judged.sentences if s.startswith("People registered outside"))


def test_what_a_measure_assumes_stands_on_the_page_and_in_the_workbook(page, sample, tmp_path):
    text = " ".join(read(page).text)
    assert text.count("Assumed: 8,000 jobs") == text.count("假设：岗位8,000个") == len(sample.run["measures"])
    write_tables(sample, tmp_path / "tables.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "tables.xlsx")["measures"].iter_rows(min_row=2, values_only=True)
    assert [row[-2:] for row in rows] == [("8,000 jobs", "岗位8,000个")] * 2


def test_page_shows_the_verdict_and_all_budgets(page, sample):
    text = "".join(read(page).text)
    judged = verdict(sample)
    assert judged.headline in text
    assert judged.total is not None
    for gain in (*judged.governments, *judged.counties_up, *judged.counties_down, judged.total):
        assert yuan(gain.yuan) in text
        assert per_cent(gain.per_cent) in text
    assert {(b.code, b.cost) for b in judged.budgets} == {("all", 0.0), ("CN", 4.0e9), ("1", 6.5e9), ("2", 0.0)}
    assert "official figures contradict each other" in text


def test_single_measures_and_their_interaction(page, sample):
    text = "".join(read(page).text)
    gain = sample.jurisdictions.query("variable == @GAIN and jurisdiction == '1'").set_index("package")["value"]
    whole = whole_package(sample.jurisdictions)
    assert yuan(gain["rail"]) in text
    assert yuan(gain[whole] - gain["rail"] - gain["relocate"]) in text


def test_seeds_of_new_towns_and_contradicted_evidence_are_told_where_a_run_has_them(sample, page):
    town = {"measure": "town", "name_en": "New Town", "name_zh": "新城", "factor": 0.5, "existing_m2": 3.25e7}
    seed = town | {"residents_before": 1.2e6, "residents": 1.35e6}
    moved = {
        "name": "private_jobs_per_public_job",
        "measure": "relocate",
        "name_en": "Private jobs",
        "name_zh": "私营岗位",
    }
    against = moved | {
        "model": -0.33,
        "low": 0.3,
        "high": 1.1,
        "source": "Studies",
        "agrees": False,
        "why": "Crowded out.",
    }
    run = {**sample.run, "seed_sensitivity": [seed], "evidence": [against]}
    reader = read(report_page(replace(sample, run=run)))
    text = "".join(reader.text)
    assert reader.faults == []
    assert "+150,000" in text
    assert "32.5\u00a0m\u00a0m²" in text
    assert "The model contradicts evidence." in text
    assert "-0.33 here, 0.3 to 1.1 in studies. Crowded out." in text
    agreeing = "".join(read(report_page(replace(sample, run=run | {"evidence": [against | {"agrees": True}]}))).text)
    for told in (agreeing, "".join(read(page).text)):
        assert "The model contradicts evidence." not in told
    assert "What the growth of new towns rests on" not in "".join(read(page).text)


def test_ranges_are_shown_when_there_are_any(sample, page):
    package = whole_package(sample.jurisdictions)
    ranges = pd.DataFrame(
        [("1", package, GAIN, -1.25e9, 7.75e9)], columns=["place", "package", "variable", "low", "high"]
    )
    with_ranges = "".join(read(report_page(sample, ranges=ranges)).text)
    assert "Ranges: not computed in this run" in "".join(read(page).text)
    assert "Ranges: not computed in this run" not in with_ranges
    assert "−1.25 to +7.75\u00a0bn\u00a0yuan" in with_ranges


def test_maps_have_tables_notes_and_words_for_readers_without_script(page):
    assert page.count("data-map=") == 5
    assert page.count("Working map. Boundaries: squares.") == 5
    assert "<noscript>" in page
    assert page.count('id="map-ground"') == 1
    assert page.count('"coordinates":[[[116,39]') == 1
    assert page.count('role="img"') >= 5


def test_without_polygons_the_page_says_so(sample):
    text = "".join(read(report_page(sample)).text)
    assert "No polygons came with this run" in text


def test_a_place_without_a_polygon_keeps_the_other_maps_right(sample):
    fewer = squares(small_places())
    fewer["features"] = fewer["features"][1:]
    page = report_page(sample, fewer)
    rows = by_place(sample.regions, "region", whole_package(sample.regions), "jobs")
    cells = re.findall(r'<tr data-code="101">.*?</tr>', page, re.S)
    assert per_cent(rows.loc["101", "change_pct"]) in cells[1]
    assert 'data-code="100"' not in page


def test_classes_are_symmetric_and_hold_every_value():
    values = np.array([-40.0, *np.linspace(-1, 1, 97), 50.0, np.nan])
    found = classes(values)
    assert found.limits == tuple(-limit for limit in reversed(found.limits))
    assert sum(found.counts) == 99
    assert found.of[-1] == -1
    assert found.of[0] == 0
    assert found.of[-2] == 6
    assert found.limits[-1] == 1.0
    assert classes(np.zeros(4)).of == (3, 3, 3, 3)


def test_where_all_places_move_the_same_way_classes_tell_large_changes_apart():
    found = classes(-np.linspace(10.0, 27.0, 100))
    assert found.limits[3:] == (3.0, 15.0, 30.0)
    assert max(found.counts) < 75
    assert sum(found.counts[3:]) == 0, "pale stands for about unchanged"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.234e9, "1.23\u00a0bn"), (-1.17e6, "−1.17\u00a0m"), (999_999.0, "1\u00a0m"), (0.001234, "0.00123")],
)
def test_numbers_have_three_digits(value, text):
    assert scaled(value) == text


def test_a_share_is_told_in_per_cent():
    assert figure(0.05291, "share") == "5.29\u00a0%"
    assert figure(0.7772, "factor") == "0.7772\u00a0factor"


def test_numbers_that_are_none_are_a_dash():
    assert plain(float("nan")) == "–"
    assert per_cent(float("nan")) == "–"


def test_totals_win_over_groups_and_indices_are_not_summed(sample):
    regions = sample.regions
    doubled = regions[regions["variable"] == "residents"].groupby(["region", "package"], as_index=False).first()
    doubled = doubled.assign(group="", baseline=7.0, value=8.0)
    package = whole_package(regions)
    both = by_place(pd.concat([regions, doubled]), "region", package, "residents")
    assert (both["baseline"] == 7.0).all()
    welfare = regions[regions["variable"] == "welfare"]
    split = pd.concat([welfare.assign(group="a"), welfare.assign(group="b")])
    rest = regions[regions["variable"] == "registered"]
    people = pd.concat([rest.assign(group="a"), rest.assign(group="b")])
    mean = by_place(pd.concat([split, people]), "region", package, "welfare")
    expected = by_place(regions, "region", package, "welfare")
    np.testing.assert_allclose(mean["value"], expected["value"], rtol=1e-14)


def test_workbook_opens_with_numbers_headings_and_no_formula(sample, tmp_path):
    file = tmp_path / "tables.xlsx"
    run = sample.run | {"assumptions": [sample.run["assumptions"][0] | {"rule": "=1+1"}]}
    write_tables(replace(sample, run=run), file)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [
        "verdict",
        "displacement",
        "jurisdictions",
        "counties",
        "measures",
        "figures",
        "matches",
        "indicators",
        "network_fit",
        "outliers",
        "assumptions",
        "parameters",
    ]
    counties = book["counties"]
    assert counties.freeze_panes == "A2"
    heads = [cell.value for cell in counties[1]]
    column = heads.index("Residents, base year [persons]\n常住人口（基准）")
    first = [float(str(row[column].value)) for row in counties.iter_rows(min_row=2, max_row=7)]
    np.testing.assert_allclose(first, small_places()["residents"])
    assert counties.max_row == 1 + 6, "the package; each measure alone is in regions.parquet"
    rule = book["assumptions"]["E2"]
    assert (rule.value, rule.data_type) == ("=1+1", "s")


def test_workbook_names_what_the_report_names(sample, tmp_path):
    """No key or code stands where a ministry expects a name: packages, payers, variables, places."""
    write_tables(sample, tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")

    def column(sheet, heading):
        heads = [str(cell.value).splitlines()[0] for cell in book[sheet][1]]
        return [row[heads.index(heading)] for row in book[sheet].iter_rows(min_row=2, values_only=True)]

    assert set(column("counties", "Package")) == {"The whole package 一揽子方案"}
    assert {"The whole package 一揽子方案", "Functions move out 功能疏解"} < set(column("jurisdictions", "Package"))
    assert set(column("jurisdictions", "Level of government [0: all, and the state]")) == {0, 1, 2}
    assert column("measures", "Payer in Chinese") == ["中央", "北"]
    assert column("figures", "Figure") == ["Gross domestic product 地区生产总值"]
    assert column("outliers", "Place in Chinese") == ["上"]
    moved = dict(zip(column("displacement", "What"), column("displacement", "Net change of the region"), strict=True))
    net = {both(variable(m.variable).label_en, variable(m.variable).label_zh): m.net for m in verdict(sample).movements}
    assert moved == pytest.approx(net)


def test_a_file_in_the_place_of_the_folder_is_an_error(sample, tmp_path):
    (tmp_path / "taken").write_text("mine")
    for write in (write_report, write_tables):
        with pytest.raises(OutputError, match="not writable"):
            write(sample, tmp_path / "taken" / "file")
