"""A planner at the page: what is chosen is solved, and everything that is shown follows."""

from __future__ import annotations

import csv
import re
from urllib.parse import parse_qs, urlsplit

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

THREE = "?p=expressways:1,rail_xiongan:1,sub_centre:1&lang=en"
SANHE, TONGZHOU = "131082", "110112"


def fills(reader) -> list[str]:
    return reader.page.eval_on_selector_all("#map-box .county", "paths => paths.map(path => path.getAttribute('fill'))")


def package(reader) -> str:
    """The package as the address of the page holds it; the page writes it a moment after a change."""
    reader.page.wait_for_timeout(400)
    return parse_qs(urlsplit(reader.page.url).query, keep_blank_values=True)["p"][0]


def slide(reader, measure: str, value: float) -> None:
    reader.page.locator(f"[data-measure={measure}] [type=range]").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def unfold(reader) -> None:
    reader.page.evaluate("document.querySelectorAll('.pillar').forEach(pillar => { pillar.open = true; })")


def test_page_opens_with_the_package_that_was_announced(reader, picture):
    reader.open()
    measures = reader.page.evaluate("fetch('api/study').then(reply => reply.json())")["measures"]
    on = reader.page.eval_on_selector_all("[role=switch]:checked", "all => all.map(one => one.id.slice(2))")
    assert set(on) == {measure["name"] for measure in measures if measure["intensity"] > 0}
    assert len(fills(reader)) == 199
    assert len(set(fills(reader))) >= 4
    assert "better off" in reader.page.inner_text("#headline")
    assert reader.page.locator("#cards li").count() == 4
    reader.page.wait_for_selector("#map-box .line.opened", state="attached")
    picture(reader, "start")


def test_switch_changes_the_equilibrium_and_the_address(reader):
    reader.open("?p=&lang=en")
    assert "No measure is chosen" in reader.page.inner_text("#headline")
    assert set(fills(reader)) == {"#f7f7f7"}
    unfold(reader)
    reader.page.check("#m-expressways")
    reader.solved()
    expect(reader.page.locator("#headline")).not_to_contain_text("No measure")
    assert package(reader) == "expressways:1"
    assert len(set(fills(reader))) >= 4
    reader.page.uncheck("#m-expressways")
    expect(reader.page.locator("#headline")).to_contain_text("No measure")
    assert package(reader) == ""


def test_slider_ends_at_its_last_position(reader):
    reader.open("?p=sub_centre:1&lang=en")
    unfold(reader)
    whole = reader.card(0)
    for value in (0.9, 0.7, 0.5, 0.3, 0.5):
        slide(reader, "sub_centre", value)
    reader.page.wait_for_timeout(100)
    reader.solved()
    assert package(reader) == "sub_centre:0.5"
    assert reader.card(0) != whole
    half = reader.page.evaluate(
        "fetch('api/solve', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify("
        "{session: 'test-of-slider', sequence: 1, package: 'sub_centre:0.5'})}).then(reply => reply.json())"
    )
    shown = float(re.sub(r"[^\d.]", "", reader.card(0).split("yuan")[0]))
    scale = {"bn": 1e9, "m": 1e6}[re.search(r"(bn|m)\b", reader.card(0))[0]]
    assert abs(shown * scale / abs(half["governments"][0]["yuan"]) - 1) < 6e-3


def test_pointing_at_a_county_tells_it_in_both_languages(reader):
    reader.open(THREE)
    reader.page.locator(f"[data-code='{TONGZHOU}']").hover()
    words = reader.page.inner_text("#tip")
    assert "Tongzhou 通州区" in words
    assert "Beijing 北京市" in words
    assert re.search(r"Change\s+[+−]?[\d.]+\s%", words)


def test_county_card_has_every_variable_and_both_flows(reader, picture):
    reader.open(THREE)
    reader.page.locator(f"[data-code='{SANHE}']").click()
    reader.page.wait_for_selector("#county-rows tbody tr")
    assert reader.page.inner_text("#county-name") == "Sanhe 三河市"
    answer = reader.page.evaluate(f"fetch('api/county/{SANHE}?package=' + encodeURIComponent('')).then(r => r.json())")
    rows = reader.page.locator("#county-rows tbody tr, #county-parts tbody tr").count()
    assert rows == len(answer["rows"])
    assert reader.page.locator("#county-flows table").first.locator("tbody tr").count() == len(answer["work"])
    residents = reader.page.locator("#county-rows tbody tr", has_text="Residents").first.inner_text()
    assert "965,000" in residents
    picture(reader, "county")


def test_link_is_drawn_on_the_map_and_solved(reader, picture):
    reader.open("?p=expressways:1&lang=en")
    before = reader.card(2)
    reader.page.click("#draw")
    reader.page.locator(f"[data-code='{SANHE}']").click()
    assert "where it ends" in reader.page.inner_text("#draw-hint")
    reader.page.locator(f"[data-code='{TONGZHOU}']").click()
    reader.page.select_option("#draw-class", "high_speed_250")
    picture(reader, "drawing")
    reader.page.click("#draw-add")
    reader.page.wait_for_selector("[data-link='0']")
    reader.solved()
    expect(reader.page.locator("[data-link='0'] .money")).to_contain_text("minutes")
    assert f"~{SANHE}~{TONGZHOU}~high_speed_250~1" in package(reader)
    assert reader.page.locator("#map-box .line.drawn").count() == 1
    assert reader.card(2) != before
    reader.page.locator("[data-link='0'] button").click()
    reader.solved()
    assert package(reader) == "expressways:1"


def test_two_packages_stand_side_by_side(reader, picture):
    reader.open(THREE)
    reader.page.click("#keep")
    unfold(reader)
    reader.page.uncheck("#m-sub_centre")
    reader.solved()
    reader.page.wait_for_selector("#compare-measures tr.differs")
    assert reader.page.locator("#compare-measures tr.differs th").all_inner_texts() == [
        "The city’s sub-centre in Tongzhou"
    ]
    colours = [
        reader.page.eval_on_selector_all(f"#compare-map-{side} .county", "all => all.map(p => p.getAttribute('fill'))")
        for side in "ab"
    ]
    assert colours[0] != colours[1]
    assert package(reader) == "expressways:1,rail_xiongan:1"
    assert "a=expressways:1,rail_xiongan:1,sub_centre:1" in reader.page.url
    picture(reader, "compare", part="#panel-compare")


def test_language_changes_all_words_and_the_headline(reader, picture):
    reader.open(THREE)
    english = reader.page.inner_text("#headline")
    reader.page.click("#language")
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert reader.page.inner_text("#headline") != english
    assert "户籍人口" in reader.page.inner_text("#headline")
    assert reader.page.inner_text("#tab-why") == "原因"
    assert "lang=zh" in reader.page.evaluate("new Promise(r => setTimeout(() => r(location.href), 400))")
    picture(reader, "chinese")
    reader.page.click("#language")
    assert reader.page.inner_text("#headline") == english


def test_both_languages_have_the_same_words(reader):
    reader.open("?p=")
    missing = reader.page.evaluate(
        """async () => {
          const [{EN}, {ZH}, study] = await Promise.all([
            import('/pages/js/words_en.js'), import('/pages/js/words_zh.js'),
            fetch('api/study').then((reply) => reply.json()),
          ]);
          const marked = [...document.querySelectorAll('[data-t], [data-t-label], [data-t-placeholder]')].flatMap(
            (node) => [node.dataset.t, node.dataset.tLabel, node.dataset.tPlaceholder].filter(Boolean));
          const units = [...study.variables, ...study.parameters].map((one) => `unit.${one.unit}`);
          return {
            chinese: Object.keys(EN).filter((key) => !(key in ZH)),
            english: Object.keys(ZH).filter((key) => !(key in EN) && !key.startsWith('unit.')),
            marked: marked.filter((key) => !(key in EN)),
            units: units.filter((key) => !(key in ZH)),
            classes: study.link_classes.map((one) => `class.${one.name}`).filter((key) => !(key in EN)),
          };
        }"""
    )
    assert missing == {"chinese": [], "english": [], "marked": [], "units": [], "classes": []}


def test_table_sorts_filters_and_is_saved(reader):
    reader.open(THREE)
    reader.page.click("#tab-table")
    assert reader.page.locator("#counties-table tbody tr").count() == 199
    reader.page.click("[data-key=change]")
    falling = reader.page.locator("#counties-table tbody th").first.inner_text()
    assert reader.page.locator("th[aria-sort=ascending]").count() == 1
    reader.page.click("[data-key=change]")
    assert reader.page.locator("#counties-table tbody th").last.inner_text() == falling
    reader.page.fill("#filter", "xiongxian")
    assert reader.page.locator("#counties-table tbody th").all_inner_texts() == ["Xiongxian 雄县"]
    with reader.page.expect_download() as waiting:
        reader.page.click("#exports a[data-format=csv][data-table=regions]")
    rows = list(csv.DictReader(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert {row["region"] for row in rows} >= {SANHE, TONGZHOU}
    assert {"baseline", "value", "unit"} <= set(rows[0])


def test_every_figure_tells_how_it_is_made(reader):
    reader.open(THREE)
    reader.page.click("#layer-method")
    assert "N_og m_on,g" in reader.page.inner_text("#method-text")
    reader.page.click("#method summary")
    assert "commuting_elasticity" in reader.page.inner_text("#method")
    reader.page.click("#method-close")
    reader.page.select_option("#layer", "wage")
    assert "Wage" in reader.page.inner_text("#legend-heading")
    for mode in ("before", "after", "change"):
        reader.page.check(f"[name=mode][value={mode}]")
        assert reader.page.locator("#legend li").count() >= 6


@pytest.mark.parametrize(
    ("tab", "part", "formulas"),
    [
        ("winners", "#verdict", {"equivalent_variation_registered": "EV_og ="}),
        ("money", "#budgets", {"cost": "annuity + running cost", "budget": "rents to it + transfers − costs"}),
        ("money", "#panel-money h3", {"transfer": "Σ_o τ_o = 0"}),
    ],
)
def test_verdict_budget_and_transfers_tell_how_they_are_made(reader, tab, part, formulas):
    reader.open(THREE)
    reader.page.click(f"#tab-{tab}")
    for name, formula in formulas.items():
        reader.page.click(f"{part} [data-about={name}]")
        assert formula in reader.page.inner_text("#method-text dl")
        assert "yuan a year" in reader.page.inner_text("#method-text dl")
        reader.page.click("#method-close")


def test_urban_areas_before_and_after(reader, picture):
    reader.open(f"{THREE}&layer=areas")
    expect(reader.page.locator("#rule option")).to_have_count(4)
    assert reader.page.locator("#legend li").count() == 3
    assert len(set(fills(reader))) >= 5
    picture(reader, "areas")
    reader.page.click("#layer-method")
    assert "15 % of workers" in reader.page.inner_text("#method-text")
    assert "not from a survey" in reader.page.inner_text("#method-text")


def test_saved_package_is_found_again(reader):
    reader.open(THREE)
    reader.page.fill("#name", "Three")
    reader.page.click("#save")
    reader.open("?p=&lang=en")
    reader.page.click("#saved summary")
    reader.page.click("#saved-list button.link")
    reader.solved()
    assert package(reader) == "expressways:1,rail_xiongan:1,sub_centre:1"
    reader.page.click("#share")
    assert "expressways:1" in reader.page.input_value("#share-address")


def test_job_goes_on_when_the_page_is_loaded_anew(reader, picture):
    reader.open("?p=expressways:1,sub_centre:1&lang=en")
    reader.page.click("#tab-why")
    reader.page.click("#why-measures")
    reader.page.wait_for_selector("#jobs [data-job]", state="attached")
    job = reader.page.get_attribute("#jobs [data-job]", "data-job")
    reader.page.reload()
    reader.solved()
    reader.page.click("#tab-why")
    reader.page.wait_for_selector(f"[data-job='{job}'][data-state=finished]", state="attached", timeout=240_000)
    reader.page.wait_for_selector("#why-chart svg")
    assert reader.page.locator("#why-table tbody tr").count() == 2
    picture(reader, "why", part="#panel-why")
    for name, formula in {"shapley": "φ_i = Σ", "alone": "v(i) − v(∅)", "last_in": "v(N)", "synergy": "φ_i −"}.items():
        reader.page.click(f"#why-table [data-about={name}]")
        assert formula in reader.page.inner_text("#method-text dl")
        reader.page.click("#method-close")


def test_job_is_cancelled(reader):
    reader.open("?p=expressways:1,sub_centre:1,rail_xiongan:1,xiongan_new_area:1&lang=en")
    reader.page.click("#tab-why")
    reader.page.click("#why-measures")
    reader.page.click("#tab-goal")
    reader.page.locator("#jobs button", has_text="Cancel").first.click()
    reader.page.wait_for_selector("#jobs [data-state=cancelled]")


def test_unknown_measure_in_the_address_is_told(reader):
    reader.open("?p=expressways:1,moon_base:1&lang=en")
    assert "moon_base" in reader.page.inner_text("#mistake")
    assert package(reader) == "expressways:1"
