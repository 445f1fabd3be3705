"""Keyboard, screen reader, narrow and wide, dark and light, paper."""

from __future__ import annotations

import pytest

SERIOUS = ("serious", "critical")
THREE = "?p=expressways:1,rail_xiongan:1,sub_centre:1"


def serious(reader) -> list[str]:
    """What axe finds that is serious or worse."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(reader.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(("language", "look"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing_serious(reader_of, language, look):
    reader = reader_of(color_scheme=look)
    reader.open(f"{THREE}&a=expressways:1&lang={language}")
    reader.page.locator("[data-code='131082']").click()
    reader.page.wait_for_selector("#county-rows tbody tr")
    for tab in ("money", "why", "compare", "goal", "method", "table"):
        reader.page.click(f"#tab-{tab}")
    reader.page.fill("#filter", "xiongxian")
    reader.page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.open = true; });"
        "document.querySelectorAll('[role=tabpanel]').forEach(one => one.classList.remove('closed'));"
    )
    assert serious(reader) == []


def test_axe_finds_nothing_serious_while_a_link_is_drawn_or_a_figure_explained(reader):
    reader.open(f"{THREE}&lang=en")
    reader.page.click("#draw")
    assert serious(reader) == []
    reader.page.click("#draw-leave")
    reader.page.click("#layer-method")
    assert serious(reader) == []


def test_everything_is_reached_by_keyboard(reader):
    reader.open(f"{THREE}&lang=en")
    page = reader.page
    page.focus("#map-box [tabindex='0']")
    start = page.evaluate("document.activeElement.dataset.code")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    county = page.evaluate("document.activeElement.dataset.code")
    assert county != start
    assert page.is_visible("#tip")
    page.keyboard.press("Enter")
    page.wait_for_selector("#county-rows tbody tr")
    assert page.get_attribute(f"[data-code='{county}']", "aria-pressed") == "true"
    page.focus("#tab-winners")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-money"
    assert page.is_visible("#budgets table")
    page.focus("[data-pillar=functions] > summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "m-enterprises_to_xiongan"
    page.keyboard.press("Space")
    reader.solved()
    assert page.is_checked("#m-enterprises_to_xiongan")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    reader.solved()
    assert page.inner_text("[data-measure=enterprises_to_xiongan] output") == "95\u00a0%"


def test_arrow_keys_reach_every_county(reader):
    reader.open("?p=&lang=en")
    reached = reader.page.evaluate(
        """() => {
          const codes = [...document.querySelectorAll('#map-box .county')].map((path) => path.dataset.code);
          const seen = new Set([codes[0]]);
          const open = [codes[0]];
          while (open.length) {
            const from = document.querySelector(`#map-box [data-code="${open.pop()}"]`);
            for (const key of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']) {
              from.focus();
              from.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
              const to = document.activeElement.dataset.code;
              if (!seen.has(to)) { seen.add(to); open.push(to); }
            }
          }
          return codes.filter((code) => !seen.has(code));
        }"""
    )
    assert reached == []


def test_counties_tell_their_figures_to_a_screen_reader(reader):
    reader.open(f"{THREE}&lang=en")
    names = reader.page.eval_on_selector_all(
        "#map-box .county", "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert len(set(names)) == 199
    assert all("Residents" in name and "%" in name for name in names)


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (360, "zh"), (390, "en"), (1000, "en"), (2200, "en")])
def test_no_width_needs_scrolling_sideways(reader_of, width, language, picture):
    reader = reader_of(viewport={"width": width, "height": 860}, locale="en-GB")
    reader.open(f"{THREE}&a=expressways:1&lang={language}")
    reader.page.locator("#map-box [data-code='131082']").focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_selector("#county-rows tbody tr")
    for tab in ("winners", "money", "why", "table", "compare", "goal", "method"):
        reader.page.click(f"#tab-{tab}")
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width, tab
    if width == 390:
        reader.page.evaluate("window.scrollTo(0, 0)")
        picture(reader, "phone")


def test_a_phone_shows_figures_beside_the_names_of_the_table(reader_of):
    reader = reader_of(viewport={"width": 390, "height": 860}, locale="en-GB")
    reader.open(f"{THREE}&lang=en")
    reader.page.click("#tab-table")
    box, first = reader.page.locator("#table-box"), reader.page.locator("#counties-table tbody tr").first
    right = box.bounding_box()["x"] + box.bounding_box()["width"]
    assert first.locator("td").nth(1).bounding_box()["x"] < right - 90
    assert not first.locator("td").first.is_visible()
    place = first.locator("th").bounding_box()["x"]
    box.evaluate("one => { one.scrollLeft = 300; }")
    assert abs(first.locator("th").bounding_box()["x"] - place) < 2


def test_nothing_covers_the_map_on_a_phone(reader_of):
    reader = reader_of(viewport={"width": 390, "height": 860}, locale="en-GB")
    reader.open(f"{THREE}&lang=en")
    covered = reader.page.evaluate(
        """() => {
          const [map, ...others] = ['#map-box svg', '.zoom', '#legend-box'].map((part) =>
            document.querySelector(part).getBoundingClientRect());
          return others.filter((box) => box.height > 0 && box.top < map.bottom - 1 && box.bottom > map.top + 1).length;
        }"""
    )
    assert covered == 0
    reader.page.click("#zoom-in")
    assert reader.page.locator("#map-box svg.zoomed").count() == 1


def test_parameters_stay_low_on_a_phone(reader_of):
    reader = reader_of(viewport={"width": 390, "height": 860}, locale="en-GB")
    reader.open("?p=&lang=en")
    reader.page.click("#tab-method")
    heights = reader.page.eval_on_selector_all("#method-body tbody tr", "rows => rows.map(row => row.offsetHeight)")
    assert max(heights) < 260, "a row of a few sentences is no page of its own"


def test_dark_look_is_chosen_and_kept(reader, picture):
    reader.open(f"{THREE}&lang=en")
    reader.page.click("#look")
    reader.page.click("#look")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = reader.page.evaluate(paper)
    assert sum(int(part) for part in dark[4:-1].split(",")) < 150
    reader.page.reload()
    reader.solved()
    assert reader.page.evaluate(paper) == dark
    picture(reader, "dark")


def test_printed_page_has_verdict_map_and_tables(reader, tmp_path):
    reader.open(f"{THREE}&lang=en")
    reader.page.emulate_media(media="print")
    for shown in ("#headline", "#map-box svg", "#legend", "#bars-cities table", "#budgets table"):
        assert reader.page.is_visible(shown), shown
    for hidden in (".tools", "[role=tablist]", "#tab-why", ".zoom"):
        assert not reader.page.is_visible(hidden), hidden
    reader.page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 703
    reader.page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").stat().st_size > 30_000
