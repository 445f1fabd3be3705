"""No figure leaves the report without its range: every table and chart shows it, or says that there is none and why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from report_sample import small_places, small_sample, squares
from test_agreement import GAMES, PAIRS

from coregion.report.charts import bar, measure_chart, measure_gains, widest
from coregion.report.frames import whole_package
from coregion.report.maps import MAPPED, certainty
from coregion.report.page import report_page
from coregion.report.sections import BEYOND, yuan
from coregion.report.spans import Figure, Span, Spans, over_draws, spans
from coregion.report.unranged import BRACKETS, PLACES_ALONE, WHISKERS, WHY, missing, table_note
from coregion.report.verdict import GAIN, Gain, verdict
from coregion.urban_areas import ENTERS, LEAVES, MOVES

CITY = {"name_en": "North", "name_zh": "北", "pm25": 38.0, "own": 0.4, "other_areas": 0.4, "outside": 0.2}
PAYS = ("fall_asked_for", "alone", "together", "receives_by_shapley", "quota_alone", "quota_together")
AIR = {
    "cities": [{**CITY, "fall_alone": 8.0, "fall_together": 7.0}],
    "governments": [{"government": "1", "name_en": "North", "name_zh": "北", **dict.fromkeys(PAYS, 2.5)}],
    "losers_without_transfers": [],
    "saving_pct": 1.8,
    "quota_saving_pct": 8.7,
    "one_goal_saving_pct": 8.6,
}
MOVED = {"measure": "relocate", "name_en": "Private jobs", "name_zh": "私营岗位"}
EVIDENCE = {"model": -0.3, "low": 0.3, "high": 1.1, "source": "Studies", "agrees": False, "why": "Crowded out."}
SEED = {"factor": 0.5, "existing_m2": 3e7, "residents_before": 1.2e6, "residents": 1.35e6}
AREA = {"rule": "eu_oecd", "name_en": "EU–OECD", "name_zh": "欧盟", "threshold": "15 %", "official": True}
COUNTED = {f"{what}_{when}": 0.5 for what in ("areas", "counties", "people") for when in ("before", "after")}
DRIVER = {"place": "1", "meaning": "η", "first_order": 0.2, "total": 0.5, "delta_share": 0.1, "explained": 0.9}
EVERYTHING = {
    "air": AIR,
    "evidence": [MOVED | EVIDENCE],
    "seed_sensitivity": [MOVED | SEED],
    "urban_areas": [AREA | COUNTED | {ENTERS: [], LEAVES: [], MOVES: []}],
    "coordination": {"games": GAMES, "pairs": PAIRS},
    "uncertainty": {"draws": 96, "failed": 2, "parameters": ["eta"], "reason": "", "drivers": [DRIVER]},
}
GIVEN = {
    "Largest relative error",
    "Allowed",
    "Largest residual",
    "Official",
    "Value",
    "Range",
    "In studies",
    "Pairs",
    "Intensity",
    "Opens",
    "Investment",
    "Base",
    "Base it grows from",
    "Of the base in the data",
    "Residents at the baseline",
    "PM2.5, µg/m³",
    "From its own emissions",
    "Other cities",
    "Outside the region",
}
"""Columns of numbers that the model does not make: data, what the study gives, and how exactly it was computed."""


@dataclass
class Cell:
    """A cell as the page has it. classes: of the element; ranged: whether it holds a range."""

    classes: set[str]
    text: str = ""
    ranged: bool = False


@dataclass
class Table:
    """Note and title of a table, its headings, and the cells of each row."""

    title: str = ""
    note: str = ""
    heads: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)

    @property
    def figures(self) -> list[Cell]:
        """What the model makes; a dash is no figure."""
        return [cell for row in self.rows for cell in row if "model" in cell.classes and cell.text.strip() != "–"]


class Tables(HTMLParser):
    """Every table of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[Table] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        if tag == "table":
            self.found.append(Table())
        elif tag == "tbody" and self.found:
            self.inside = ["tbody"]
        elif tag == "tr" and "tbody" in self.inside:
            self.found[-1].rows.append([])
        elif tag in ("td", "th") and "tbody" in self.inside:
            self.found[-1].rows[-1].append(Cell(classes))
            self.inside.append("cell")
        elif tag == "th":
            self.found[-1].heads.append("")
            self.inside = ["head"]
        elif tag in ("caption", "br"):
            self.inside = ["caption"] if tag == "caption" else self.inside[:-1]
        elif tag == "span" and "note" in classes:
            self.inside = ["note"]
        elif tag == "span" and "range" in classes and "cell" in self.inside:
            self.found[-1].rows[-1][-1].ranged = True

    def handle_endtag(self, tag):
        if tag in ("td", "th") and "cell" in self.inside:
            self.inside.remove("cell")
        elif tag in ("caption", "th", "tbody"):
            self.inside = []

    def handle_data(self, data):
        if "cell" in self.inside:
            cell = self.found[-1].rows[-1][-1]
            cell.text += data
            cell.ranged |= " to " in data and data.strip().endswith(")")
        elif self.inside == ["head"]:
            self.found[-1].heads[-1] += data
        elif self.inside == ["caption"]:
            self.found[-1].title += data.strip()
        elif self.inside == ["note"]:
            self.found[-1].note += data


def every_range(sample, packages=None) -> pd.DataFrame:
    """A range for all that the draws hold of a run: governments of every package, counties of the whole one."""
    whole = whole_package(sample.jurisdictions)
    movements = [f"{name}_{kind}" for name in ("residents", "jobs") for kind in ("gained", "lost", "displaced", "net")]
    named = ("cost", "budget", BEYOND, "residents", "jobs", *(GAIN.replace("registered", w) for w in WHOSE))
    rows = []
    for package in packages or sample.jurisdictions["package"].unique():
        places = [*sample.jurisdictions["jurisdiction"].unique(), "outside"]
        rows += [(place, package, name) for place in places for name in (*named, *movements)]
        if package == whole:
            counties = sample.regions["region"].unique()
            rows += [(place, package, name) for place in counties for name in (*MAPPED, GAIN)]
    table = pd.DataFrame(rows, columns=["place", "package", "variable"]).drop_duplicates()
    return table.assign(low=-1.5, high=2.5, probability_of_loss=0.25)


WHOSE = ("registered", "living", "working")


@pytest.fixture(scope="module")
def full():
    sample = small_sample()
    return replace(sample, run={**sample.run, **EVERYTHING})


def shown(sample, ranges) -> list[Table]:
    return [table for table in Tables(report_page(sample, squares(small_places()), ranges=ranges)).found if table.rows]


def cases(sample) -> dict[str, pd.DataFrame | None]:
    return {"all": every_range(sample), "measures alone": every_range(sample, ("rail", "relocate")), "none": None}


@pytest.mark.parametrize("case", ["all", "measures alone", "none"])
def test_a_figure_of_the_model_has_its_range_or_its_table_says_why_not(full, case):
    found = shown(full, cases(full)[case])
    assert len(found) > 20
    for table in found:
        without = [cell for cell in table.figures if not cell.ranged]
        if table.note.endswith("New is Base with the change, and so is its range."):
            assert without == [row[-2] for row in table.rows]
        else:
            assert not without or re.search("[Nn]o range|none was computed", table.note), (table.title, table.note)


def test_only_what_the_draws_never_hold_lacks_a_range(full):
    without = {t.note for t in shown(full, every_range(full)) if any(not cell.ranged for cell in t.figures)}
    maps = {note for note in without if note.startswith(BRACKETS)}
    assert len(maps) == 1
    assert "New is Base with the change" in maps.pop()
    assert {note for note in without if not note.startswith(BRACKETS)} == set(WHY.values())


def test_a_column_of_numbers_is_of_the_model_or_known_to_be_given(full):
    """A new column of numbers has to be a Figure, or to be named above as one that the model does not make."""
    for table in shown(full, every_range(full)):
        for row in table.rows:
            for head, cell in zip(table.heads, row, strict=False):
                if "n" in cell.classes and "model" not in cell.classes and cell.text.strip() != "–":
                    assert head in GIVEN, (table.title, head, cell.text)


def test_sentences_have_the_ranges_of_their_figures(full):
    judged = verdict(full, every_range(full))
    told = {sentence.split()[0].strip(":"): sentence for sentence in judged.sentences}
    assert told["Residents"].count("(") == told["Residents"].count(" to ") == 5
    assert told["What"].count("bn\u00a0yuan a year (") == told["What"].count(" to ") == 3
    assert judged.headline.count(" to ") == 2
    assert told["Of"].endswith("In 95 of 100 draws or more: 0 above zero, 0 below; 6 on either side.")
    assert not any(" to " in sentence for sentence in verdict(full).sentences)


def test_a_share_of_income_has_the_range_of_its_gain(full):
    gain = verdict(full, every_range(full)).governments[0]
    assert (gain.share.low, gain.share.high) == pytest.approx(tuple(gain.per_cent / gain.yuan * x for x in (-1.5, 2.5)))
    lost = replace(gain, yuan=-2.0, per_cent=-1.0, span=Span(-3.0, -1.0), share=Span(-3.0, -1.0).times(0.5))
    assert str(lost.part) == "−1\u00a0% (−1.5 to −0.5\u00a0%)"


def test_maps_say_how_sure_they_are_by_package(full):
    ranges = every_range(full)
    page = report_page(full, squares(small_places()), ranges=ranges)
    data = json.loads(re.findall(r'id="map-figures">(.*?)</script>', page)[0])["packages"]
    assert data[whole_package(full.jurisdictions)]["residents"]["ranges"] == (
        "Ranges by place: 0 above zero, 0 below, 6 on both sides of it."
    )
    assert data["rail"]["residents"]["ranges"] == PLACES_ALONE
    notes = json.loads(re.findall(r'id="map-figures">(.*?)</script>', page)[0])["notes"]
    assert notes["rail"] == PLACES_ALONE
    assert notes[whole_package(full.jurisdictions)].startswith(BRACKETS)
    none = report_page(full, squares(small_places()))
    assert none.count(missing(full.run, False)) > len(MAPPED)
    assert certainty([Span(1.0, 2.0), Span(-2.0, -1.0), Span(-2.0, -0.5), Span(-1.0, 1.0), Span()]) == (
        "Ranges by place: 1 above zero, 2 below, 1 on both sides of it."
    )


def test_the_chart_of_measures_draws_the_ranges_that_there_are(full):
    titles = {name: name for name in full.jurisdictions["package"].unique()}
    drawn = measure_chart(measure_gains(full.jurisdictions, spans(every_range(full))), titles)
    bars, lines = drawn["layer"]
    assert (bars["mark"]["type"], lines["mark"]["type"]) == ("bar", "rule")
    (rows,) = drawn["datasets"].values()
    assert {(row["low"], row["high"]) for row in rows} == {(-1.5e-9, 2.5e-9)}
    assert (lines["encoding"]["x"]["field"], lines["encoding"]["x2"]["field"]) == ("low", "high")
    assert "layer" not in measure_chart(measure_gains(full.jurisdictions), titles)
    assert WHISKERS in report_page(full, ranges=every_range(full))
    assert WHISKERS not in report_page(full)


def test_bars_reach_to_the_end_of_their_ranges():
    gains = [
        Gain("1", "A", "甲", 4e9, 1.0, Span(2e9, 8e9)),
        Gain("2", "B", "乙", -4e9, -1.0, Span(-6e9, 1e9)),
        Gain("3", "C", "丙", 1e9, 1.0),
    ]
    assert widest(gains) == 8e9
    assert widest([]) == 0.0
    up, down, alone = (bar(gain, 8e9) for gain in gains)
    assert (up.width, up.start, up.length) == (50.0, 25.0, 75.0)
    assert (down.width, down.start, down.length) == (50.0, 0.0, 75.0)
    assert (alone.width, alone.length) == (12.5, 0.0)
    assert bar(gains[0], 0.0).width == 0.0


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([0.0, 0.0], "In no draw does any of them lose."),
        ([0.0, 0.05, 0.06, 0.95, 1.0], "In 95 of 100 draws or more: 2 above zero, 2 below; 1 on either side."),
        ([0.0, np.nan], ""),
        ([], ""),
    ],
)
def test_numbers_of_places_are_told_over_the_draws(losses, words):
    assert over_draws([Span(1.0, 2.0, loss) for loss in losses]) == words
    assert over_draws([Span(1.0, 2.0, 0.0), Span()]) == ""


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-1.5e9, 2.5e9, "−1.5 to +2.5\u00a0bn\u00a0yuan"),
        (-1.5e9, 2.5e6, "−1.5\u00a0bn to +2.5\u00a0m\u00a0yuan"),
        (0.0, 2.5e9, "0 to +2.5\u00a0bn\u00a0yuan"),
        (3e8, 3e8, "does not vary"),
    ],
)
def test_a_range_tells_once_what_both_limits_have(low, high, text):
    assert Span(low, high).between(yuan) == text


def test_a_note_says_what_is_missing_and_why():
    told, bare = Figure("1", "0 to 2"), Figure("1")
    alone = {"uncertainty": {"reason": "those of the study are about its measures alone"}}
    assert table_note("movement", [("a", told)], {}, True) == BRACKETS
    assert (
        table_note("movement", [("a", "1")], {}, True) == table_note("movement", [("a", Figure("–"))], {}, True) == ""
    )
    assert table_note("movement", [("a", told, bare)], alone, True) == (
        f"{BRACKETS} Where none stands none was computed: those of the study are about its measures alone."
    )
    assert table_note("seed", [("a", bare)], {}, True) == WHY["seed"]
    assert missing({}, False) == "No range was computed in this run."
    assert not Spans().of("1", "a", GAIN).figure("1", yuan).range
