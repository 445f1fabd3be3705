"""The report in a browser, opened as a file with the network cut: a place pointed at tells its names and figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_sample import small_places, small_sample, squares

from coregion.report.page import write_report

ACROSS, DOWN = (0.2, 0.35, 0.5, 0.65, 0.8), (0.3, 0.5, 0.7)


@pytest.fixture
def report(chromium, tmp_path: Path):
    """The page of two rivers; at the end no script of it may have failed."""
    file = tmp_path / "report.html"
    line = {"name_en": "New line", "name_zh": "新线", "opened_by_package": True}
    lines = [line | {"coordinates": [[116.0, 39.0], [116.5, 39.5]]}]
    write_report(small_sample(), file, squares(small_places()), "Working map.", lines)
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 1000})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("[data-map=residents] svg .mark-shape path")
    yield page
    context.close()
    assert errors == []


def test_a_place_that_is_pointed_at_tells_its_names_in_both_languages_and_its_figures(report):
    report.eval_on_selector("#map-residents", "title => title.scrollIntoView()")
    box = report.locator("[data-map=residents] svg").first.bounding_box()
    told = set()
    for right in ACROSS:
        for down in DOWN:
            report.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"], steps=3)
            report.wait_for_timeout(100)
            if report.locator("#vg-tooltip-element.visible").count():
                told.add(report.locator("#vg-tooltip-element").inner_text())
    places = [text for text in told if "Place 地区" in text]
    assert len(places) >= 3, f"outlines, lines or names lie over the places and take the pointer: {told}"
    for text in places:
        assert "persons" in text
        assert "%" in text
    assert any("Mill & Ford 磨" in text or "Hill 山" in text or "Lower 下" in text for text in places)
