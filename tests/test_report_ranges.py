"""The report's ranges: beside the figures that have one, in words, and with what they come from."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from report_sample import small_places, small_sample, squares

from coregion.report.frames import whole_package
from coregion.report.page import report_page
from coregion.report.sections import BEYOND, yuan
from coregion.report.spans import Span, spans
from coregion.report.uncertain import driver_table, range_note
from coregion.report.verdict import GAIN, verdict

TOLD = {"draws": 500, "failed": 7, "parameters": ["a", "b"], "reason": "", "drivers": []}


class Words(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.words: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def sample():
    return small_sample()


def table_of(rows) -> pd.DataFrame:
    columns = ["place", "package", "variable", "group", "low", "high", "probability_of_loss"]
    return pd.DataFrame(rows, columns=columns)


def test_a_range_stands_beside_its_figure_and_nowhere_else(sample):
    package = whole_package(sample.jurisdictions)
    ranges = table_of(
        [
            ("1", package, GAIN, "", -2e9, 5e9, 0.125),
            ("1", package, GAIN, "under_60", 1e9, 2e9, 0.0),
            ("all", package, GAIN, "", 3e9, 9e9, 0.0),
            ("1", package, BEYOND, "", -4e8, 6e8, 0.3),
            ("all", package, "jobs_displaced", "", 11e3, 22e3, 0.0),
            ("100", package, "residents", "", -1.25, 2.5, 0.2),
        ]
    )
    judged = verdict(sample, ranges)
    north, south = judged.governments
    assert north.span == Span(-2e9, 5e9, 0.125)
    assert not south.span
    assert "in 90 of 100 draws" in judged.headline
    page = "".join(Words(report_page(sample, ranges=ranges)).words)
    assert "registered, range −2 to +5\u00a0bn\u00a0yuan · " in page
    assert "of their income · loses in 12 of\u00a0100 draws" in page
    assert "(−400 to +600\u00a0m\u00a0yuan)" in page
    assert "(11,000 to 22,000)" in page
    assert yuan(1e9) + " to " not in page


def test_a_map_tells_the_range_of_a_county(sample):
    package = whole_package(sample.jurisdictions)
    page = report_page(
        sample, squares(small_places()), ranges=table_of([("100", package, "residents", "", -1.25, 2.5, 0.2)])
    )
    assert "(−1.2 to +2.5\u00a0%)" in page


def test_the_note_says_what_the_ranges_are_or_why_there_are_none():
    told = range_note({"uncertainty": TOLD}, True)
    assert "500 draws of 2 parameters" in told
    assert "7 of them have no answer" in told
    none = range_note({"uncertainty": {"reason": "the study brings none"}, "study": {"name": "mine"}}, False)
    assert none.startswith("Ranges: not computed in this run (the study brings none).")
    assert "coregion run mine --draws 500" in none


def test_drivers_are_told_by_place_with_what_they_mean():
    entry = {
        "place": "1",
        "meaning": "η: how strongly (eta)",
        "first_order": 0.25,
        "total": 0.5,
        "delta_share": np.nan,
        "explained": 1.0,
    }
    _, rows = driver_table({"uncertainty": {**TOLD, "drivers": [entry]}}, {"1": "North 北"})
    shown = [tuple(map(str, row)) for row in rows]
    assert shown == [("North 北", "η: how strongly (eta)", "25\u00a0%", "50\u00a0%", "–", "100\u00a0%")]
    entry |= {"meaning_zh": "η：敏感程度", "name_zh": "弹性"}
    _, (row,) = driver_table({"uncertainty": {**TOLD, "drivers": [entry]}}, {"1": "North 北"})
    assert str(row[1]) == "η: how strongly (eta) η：敏感程度（弹性）"


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (0.0, "no draw loses"),
        (1.0, "every draw loses"),
        (0.004, "fewer than 1"),
        (0.996, "more than 99"),
        (0.3, "30 of"),
    ],
)
def test_the_probability_of_a_loss_in_words(loss, words):
    assert words in Span(1.0, 2.0, loss).loses


def test_no_table_is_no_range():
    assert not spans(None)
    assert spans(None).of("1", "x", GAIN).beside("5", str) == "5"
    assert Span().loses == ""
