"""The page of all packages: sentences from the tables, waterfalls that add up, a heat map with both halves."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from coregion.packages import game_of, interactions_frame, package_frame, shapley_frame
from coregion.report.packages_page import Packages, packages_page, sentences, waterfall

GAIN = "equivalent_variation_registered"
NAMES = {"line": "The line", "station": "The station", "school": "The school"}
PLACES = {"all": "The whole region", "A": "Alpha", "B": "Beta"}


def told(status=("converged",) * 8) -> Packages:
    """Line and station help each other in A; the school hurts B."""
    a = np.array([0, 1, 2, 10, 4, 5, 6, 14.0]) * 1e9
    b = np.array([0, 0, 0, 0, -1, -1, -1, -1.0]) * 1e9
    packages = ["", "line", "station", "line+station", "school", "line+school", "school+station", "line+school+station"]
    keys = [(place, "", GAIN) for place in PLACES]
    rows = package_frame(packages, keys, ["yuan a year"] * 3, np.stack([a + b, a, b], axis=1), list(status))
    values, found = game_of(rows, packages)
    shapley, missing = shapley_frame(values, found, list(NAMES))
    return Packages(rows, shapley, interactions_frame(values, found, list(NAMES)), NAMES, PLACES, "A study", missing)


def test_a_waterfall_ends_where_the_package_does():
    given = told()
    parts = given.shapley[given.shapley["jurisdiction"] == "all"]
    data = next(iter(waterfall(parts, NAMES)["datasets"].values()))
    assert [row["measure"] for row in data] == ["The station", "The line", "The school", "Package"]
    assert data[-1]["gain"] == pytest.approx(13)
    for before, after in pairwise(data[:-1]):
        assert after["from"] == before["to"]
    assert data[-2]["to"] == pytest.approx(data[-1]["gain"])


def test_sentences_tell_the_packages_that_everybody_gains_by_and_the_best_pair():
    given = told()
    lines = sentences(given, given.shapley, given.interactions)
    assert lines[0].startswith("8 packages were solved. In 0 of them")
    assert "The station contributes most" in lines[1]
    assert lines[2].startswith("The line and The station help each other most: together they bring +7")
    assert len(lines) == 3, "no pair hinders"


def test_a_package_without_an_equilibrium_is_told_and_not_filled_in():
    given = told(("converged",) * 3 + ("not converged: a market is off by 1e-3",) + ("converged",) * 4)
    page = packages_page(given)
    assert "Packages without an equilibrium" in page
    assert "line+station" in page


def test_the_page_stands_alone_and_names_every_place():
    text = packages_page(told())
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in text
    assert "<script src" not in text
    assert "<link" not in text
    for name in PLACES.values():
        assert f"{name}</h2>" in text


def test_cities_have_their_waterfall_and_grid_and_are_no_governments_of_the_sentence():
    given = told()
    page = packages_page(replace(given, places={"all": PLACES["all"], "A": "Alpha"}, cities={"B": "Beta"}))
    assert "<summary>Beta</summary>" in page
    for block in ("spec-B", "pairs-B"):
        assert page.count(block) == 2, "the chart and where it stands"
    assert "registered in each of Alpha gain" in page
    assert "have no range" in page


def test_a_table_without_interactions_still_makes_a_page():
    given = told()
    empty = given.interactions.iloc[:0]
    page = packages_page(Packages(given.packages, given.shapley, empty, NAMES, PLACES, "A study"))
    assert isinstance(empty, pd.DataFrame)
    assert "Beta</h2>" in page
