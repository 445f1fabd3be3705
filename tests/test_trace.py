"""A plan held against measures: quotes stand in the text, sentences without a measure are told."""

import tomllib
from types import SimpleNamespace

import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry
from typer.testing import CliRunner

from coregion.cli import app
from coregion.errors import CoregionError
from coregion.measures.kinds import kinds
from coregion.study import load_study
from coregion.trace import alike, measures_of, place_labels, place_names, places_named, sentences, trace

PLAN = """The two sides met. They will “build the road”  between A1 and
B2.
They close nothing! 两地共建医院。共享学校。"""
NAMES = {"A1": "a1", "B2": "b2", "Great B2": "great", "共建": "zh"}


def measure(name, quote, document="A plan, words of nobody"):
    given = tomllib.loads(entry("dock", name=name))["measures"][0]
    return kinds()["dock"].model_validate({**given, "quote": quote, "document": document})


def test_sentences_end_at_stops_and_empty_lines_in_both_languages_but_not_at_line_breaks():
    assert sentences("A heading\n\nThe two sides\nmet") == ["A heading", "The two sides met"]
    assert sentences(PLAN) == [
        "The two sides met.",
        "They will “build the road” between A1 and B2.",
        "They close nothing!",
        "两地共建医院。",
        "共享学校。",
    ]


def test_a_quote_carries_the_sentences_that_it_runs_over_whatever_its_marks():
    found = trace(PLAN, [measure("road", 'will "build the road" between A1 and B2')], NAMES)
    assert [s.number for s in found.carried] == [2]
    assert [s.number for s in found.open] == [1, 3, 4, 5]
    assert found.absent == ()
    assert found.sentences[1].places == ("a1", "b2")


def test_a_quote_may_run_over_two_sentences():
    found = trace(PLAN, [measure("both", "between A1 and B2. They close")], NAMES)
    assert [s.number for s in found.carried] == [2, 3]


def test_a_quote_that_is_not_in_the_text_is_told_with_the_nearest_sentence():
    found = trace(PLAN, [measure("road", "They will close nothing")], NAMES)
    (absent,) = found.absent
    assert (absent.measure, absent.nearest) == ("road", "They close nothing!")
    assert found.carried == ()


def test_a_name_within_a_longer_name_or_word_does_not_count():
    assert places_named("From Great B2 to A11, then A1.", NAMES) == ("great", "a1")
    assert places_named("两地共建医院", NAMES) == ("zh",)


def test_names_of_the_region_are_known_in_both_languages():
    settings = SimpleNamespace(places={"wing": SimpleNamespace(name_en="The wing", name_zh="一翼")})
    names = place_names(made_up_baseline().region, settings)
    assert (names["B2"], names["地b2"], names["The wing"]) == ("b2", "b2", "wing")


def test_which_plan_is_asked_for():
    both = SimpleNamespace(documents=[SimpleNamespace(name_en="A plan"), SimpleNamespace(name_en="Another")])
    own = (measure("one", "x y z"), measure("two", "x y z", "Another, page 1"))
    assert [m.name for m in measures_of(own, both, "Another")[1]] == ["two"]
    with pytest.raises(CoregionError, match="expected one of them by --plan"):
        measures_of(own, both)
    with pytest.raises(CoregionError, match="Did you mean 'Another'"):
        measures_of(own, both, "Anothr")


def test_alike_makes_marks_and_spaces_one():
    assert alike("“Xiong’an”  —  ten") == '"Xiong\'an" - ten'


def test_a_named_place_of_the_study_is_found_without_its_brackets_and_apostrophe_and_told_by_its_names():
    study = load_study("jingjinji")
    names = place_names(study.region, study.settings)
    for text in ("build Xiongan New Area", "to Xiong’an New District", "建设雄安新区"):
        assert places_named(text, names) == ("xiongan",)
    labels = place_labels(study.region, study.settings)
    assert set(names.values()) <= set(labels)
    assert labels["1310"] == "Langfang 廊坊市"


def test_the_command_tells_places_by_name_and_that_every_quote_stands(tmp_path):
    study = load_study("jingjinji")
    plan = tmp_path / "plan.txt"
    plan.write_text("\n".join([*(f"{m.quote}." for m in study.measures), "Langfang."]), encoding="utf-8")
    told = CliRunner().invoke(app, ["trace", "jingjinji", "--document", str(plan)])
    assert told.exit_code == 0, told.output
    assert "Langfang. [Langfang 廊坊市]" in told.stdout
    assert told.stdout.rstrip().endswith("Every measure's quote stands in the text.")
