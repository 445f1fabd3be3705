"""Does everyone gain, and what would it take: sentences whose figures are those of the game and of the run."""

from dataclasses import replace

import pandas as pd

from coregion.report.agreement import agreement, air, drivers, everyone
from coregion.report.charts import MeasureGains
from coregion.report.game_spans import game_spans
from coregion.report.spans import Span, Spans
from coregion.report.unranged import GAME, TRANSFERS
from coregion.report.verdict import Gain

GAMES = {
    "players": {"A": "Alpha", "B": "Beta"},
    "levers": {"Alpha": ["a"], "Beta": ["b"], "Alpha and Beta": ["ab"]},
    "given": ["c"],
    "where_no_government_acts": {"Alpha": 1e9, "Beta": 1e9},
    "nash": {"levers": ["Beta"], "gains": {"Alpha": 2e9, "Beta": 3e9}, "status": "unique equilibrium"},
    "announced": {"gains": {"Alpha": 1e9, "Beta": 8e9}, "realised": 0.8},
    "cooperation": [
        {"rule": "utilitarian", "levers": ["Beta", "Alpha and Beta"], "gains": {"Alpha": 1e9, "Beta": 9e9}}
    ],
    "sharing": [
        {
            "rule": rule,
            "player": player,
            "transfer": sign * size,
            "payoff": 0.0,
            "alone": 0.0,
            "exists": True,
            "everyone_gains": size > 0,
            "in_core": size > 0,
            "core_fails_by": 0.0,
            "reason": "",
        }
        for rule, size in (("none", 0.0), ("smallest stable", 1e9))
        for player, sign in (("Alpha", 1), ("Beta", -1))
    ],
    "inside": ["smallest: no root"],
}
PAIRS = [
    {"one": ["Roads", "路"], "other": ["Towns", "城"], "interaction": 2e9},
    {"one": ["Caps", "限"], "other": ["Towns", "城"], "interaction": -1e9},
]


def gain(code: str, yuan: float) -> Gain:
    return Gain(code, code, f"地{code}", yuan, yuan / 1e11)


def test_everyone_gains_is_said_before_any_transfer():
    (line,) = everyone([gain("A", 1e9), gain("B", 2e9)])
    assert line.startswith("Everyone gains: those registered in A 地A and B 地B")


def test_who_neither_gains_nor_loses_is_no_gainer():
    (line,) = everyone([gain("A", 1e9), gain("B", 0.0)])
    assert line.startswith("Nobody loses: those registered in A 地A are better off")
    assert line.endswith("to those registered in B 地B it makes no difference.")
    (line,) = everyone([gain("A", 0.0), gain("B", 0.0)])
    assert line == "Nobody gains and nobody loses: everything stays as it is."
    still = [MeasureGains(name, (), 0.0) for name in ("a+b", "a", "b")]
    assert list(drivers(still, {"a": "A", "b": "B"})) == []


def test_the_smallest_compensation_is_named_with_who_pays():
    (line,) = everyone([gain("A", -1e9), gain("B", 3e9)])
    assert "A 地A (−1 bn yuan a year) lose" in line.replace("\u00a0", " ")
    assert "B 地B 1 bn yuan a year were paid" in line.replace("\u00a0", " ")


def test_what_would_be_paid_has_the_range_of_what_is_received():
    losing = [replace(gain("A", -1e9), span=Span(-2e9, 1e9, 0.7)), replace(gain("B", 3e9), span=Span(2e9, 4e9, 0.0))]
    (line,) = everyone(losing, {"A": Span(0.0, 2e9), "B": Span(-2e9, 0.0)})
    text = line.replace("\u00a0", " ")
    assert "if B 地B 1 bn yuan a year (0 to 2 bn yuan) were paid" in text
    assert TRANSFERS not in line
    assert TRANSFERS in next(everyone(losing))


def test_losses_that_no_gain_covers_are_said():
    (line,) = everyone([gain("A", -3e9), gain("B", 1e9)])
    assert "does not cover it" in line


def test_the_game_is_told_with_its_figures_and_the_pair_that_matters_most():
    found = agreement(
        [gain("A", 1e9), gain("B", 8e9)], [gain("C", -1e9)], {"coordination": {"games": GAMES, "pairs": PAIRS}}
    )
    text = " ".join(found.sentences).replace("\u00a0", " ")
    assert "What is paid without a vote brings +2 bn yuan a year whatever the governments do." in text
    assert "On top of that, each for itself the governments would carry out the measures of Beta: +5 bn" in text
    assert "the announced package brings +9 bn yuan a year. On top of that, the best joint package without" in text
    assert "package without the measures of Alpha brings +10 bn yuan a year." in text
    assert "Alpha would have less than alone" in text
    assert "by transfers of 1 bn yuan a year" in text
    assert "Roads 路 and Towns 城 help each other most: +2 bn" in text
    assert "Caps 限 and Towns 城 stand most in each other's way: −1 bn" in text
    assert "1 lose: C 地C" in text
    heads, rows = found.table
    assert [head.en for head in heads][1:3] == ["Alpha receives", "Beta receives"]
    assert len(rows) == 2
    assert rows[1][-2:] == ("yes", "yes")


def test_what_is_paid_without_a_vote_and_the_announced_package_are_together_the_headline():
    whole = replace(gain("all", 11e9), span=Span(6e9, 2e10, 0.0))
    found = agreement([gain("A", 1e9)], [], {"coordination": {"games": GAMES}}, headline=[whole])
    text = " ".join(found.sentences).replace("\u00a0", " ")
    assert (
        "On top of that, the announced package brings +9 bn yuan a year. "
        "The two together are the +11 bn yuan a year (+6 to +20 bn yuan) of the headline."
    ) in text
    no_vote = "where_no_government_acts"
    alone = {**GAMES, "given": [], no_vote: dict.fromkeys(GAMES[no_vote], 0.0)}
    found = agreement([gain("A", 1e9)], [], {"coordination": {"games": alone}}, headline=[gain("all", 9e9)])
    text = " ".join(found.sentences).replace("\u00a0", " ")
    assert "carry out the measures of Beta: +5 bn yuan a year. The announced package brings +9 bn yuan a year." in text
    assert "This is the +9 bn yuan a year of the headline." in text
    assert "without a vote" not in text


def test_a_rule_that_some_draws_do_not_have_does_not_hold_in_those():
    rows = {"exists inside/smallest": {"low": 1.0, "high": 1.0, "mean": 1.0, "loss": 0.0, "draws": 48}}
    known = game_spans({"ranges": rows, "drawn": DRAWN})
    assert known.often("exists inside", "smallest").replace("\u00a0", " ") == "in 50 of 100 draws"


def test_a_rule_without_an_answer_is_told_without_its_transfers():
    gone = {"transfer": None, "payoff": None, "exists": False, "in_core": None, "reason": "found an empty core"}
    rows = [row | (gone if row["rule"] == "smallest stable" else {}) for row in GAMES["sharing"]]
    found = agreement([gain("A", 1e9)], [], {"coordination": {"games": {**GAMES, "sharing": rows}}})
    assert any("No division of the best joint package keeps every group" in line for line in found.sentences)
    assert found.table[1][1][1:] == ("–", "–", "found an empty core", "–")


DRAWN = {"draws": 100, "failed": 4}


def drawn(**means) -> dict:
    """Ranges of some figures: amounts from half to double, answers by how often they are so."""
    amounts = {
        "nash/together": 5e9,
        "base/together": 2e9,
        "announced/together": 9e9,
        "cooperation/utilitarian/together": 1e10,
        "sharing/smallest stable/paid": 1e9,
        "sharing/smallest stable/Alpha": 1e9,
        "pair/roads/towns": 2e9,
    }
    all_draws = {"loss": 0.0, "draws": DRAWN["draws"] - DRAWN["failed"]}
    found = {name: {"low": value / 2, "high": 2 * value, "mean": value} | all_draws for name, value in amounts.items()}
    return found | {name: {"low": 0.0, "high": 1.0, "mean": mean} | all_draws for name, mean in means.items()}


def test_over_the_draws_the_game_has_ranges_and_says_how_often_its_answers_hold():
    often = {
        "nash acts/Alpha": 0.25,
        "nash acts/Beta": 0.93,
        "nash acts/Alpha and Beta": 0.0,
        "best acts/Alpha": 0.4,
        "best acts/Beta": 1.0,
        "best acts/Alpha and Beta": 0.999,
        "behind/Alpha": 0.8,
        "behind/Beta": 0.001,
        "exists/smallest stable": 0.9,
        "nobody below alone/smallest stable": 0.9,
        "no group leaves/smallest stable": 0.9,
    }
    pairs = [{**PAIRS[0], "figure": "pair/roads/towns"}]
    told = {"coordination": {"games": GAMES, "pairs": pairs, "ranges": drawn(**often), "drawn": DRAWN}}
    found = agreement([gain("A", 1e9), gain("B", 8e9)], [], told)
    text = " ".join(found.sentences).replace("\u00a0", " ")
    assert "without a vote brings +2 bn yuan a year (+1 to +4 bn yuan)" in text
    assert (
        "measures of Beta: +5 bn yuan a year (+2.5 to +10 bn yuan); over the draws each of these in at least 93" in text
    )
    assert "and any other in at most 25 of 100 draws." in text
    assert "what it has here in at least 99 of 100 draws and what it leaves out in at most 40 of 100 draws." in text
    assert "Alpha in 80 of 100 draws would have less than alone" in text
    assert "with less than alone: Beta in fewer than 1 of 100 draws." in text
    assert "by transfers of 1 bn yuan a year (500 m to 2 bn yuan). Such a division exists in 90 of 100 draws." in text
    assert "help each other most: +2 bn yuan a year (+1 to +4 bn yuan)" in text
    assert found.note == ""
    best = {**GAMES["cooperation"][0], "levers": ["Beta"]}
    none = [{**row, "transfer": 0.0} for row in GAMES["sharing"]]
    still = {"sharing/smallest stable/paid": {"low": 0.0, "high": 0.0, "mean": 0.0, "loss": 0.0, "draws": 96}}
    quiet = {**told["coordination"], "games": {**GAMES, "cooperation": [best], "sharing": none}}
    quiet["ranges"] = quiet["ranges"] | still
    text = " ".join(agreement([gain("A", 1e9)], [], {"coordination": quiet}).sentences).replace("\u00a0", " ")
    assert "without the measures of Alpha and the joint measures of Alpha and Beta brings" in text
    sure = {"nash acts/Beta": 1.0, "nash acts/Alpha": 0.0, "nash acts/Alpha and Beta": 0.0}
    same = {**told["coordination"], "ranges": drawn(**sure)}
    other = " ".join(agreement([gain("A", 1e9)], [], {"coordination": same}).sentences)
    assert "; the measures are the same in every draw." in other
    same["ranges"] = drawn(**sure | {"nash acts/Alpha": 0.1})
    other = " ".join(agreement([gain("A", 1e9)], [], {"coordination": same}).sentences).replace("\u00a0", " ")
    assert "; over the draws each of these in every draw and any other in at most 10 of 100 draws." in other
    assert "by themselves, without any transfer. Such a division exists in 90 of 100 draws." in text
    rows = {row[0]: row for row in found.table[1]}
    stable = next(row for name, row in rows.items() if name.startswith("Smallest that no group leaves"))
    assert stable[1].range.replace("\u00a0", " ") == "+500 m to +2 bn yuan"
    assert stable[2].range == "", "no range was drawn for Beta"
    assert [cell.replace("\u00a0", " ") for cell in stable[-2:]] == ["yes (in 90 of 100 draws)"] * 2


def test_without_a_game_the_reason_is_given():
    found = agreement([gain("A", 1e9)], [], {"coordination": {"reason": "the study brings none"}})
    assert found.table is None
    assert found.reason == "the study brings none"


def test_what_drives_the_gain_is_told_with_the_measures_that_do_not_pay():
    rows = [MeasureGains(name, (), total) for name, total in (("a+b+c", 5e9), ("a", 6e9), ("b", -2e9), ("c", 1e9))]
    first, second = drivers(rows, {"a": "Air", "b": "Box", "c": "Care"})
    assert first.replace("\u00a0", " ").startswith("What drives it: by themselves, Air (+6 bn yuan a year), Care (+1")
    assert second.replace("\u00a0", " ") == (
        "1 of 3 measures by themselves bring it less than they cost, most of all Box (−2 bn yuan a year)."
    )
    assert list(drivers(rows[:2], {})) == []


def test_ranges_stand_beside_what_drives_the_gain_and_its_losers_are_told_over_the_draws():
    spans = (Span(), Span(5e9, 7e9, 0.0), Span(-3e9, -1e9, 1.0), Span(-1e9, 2e9, 0.4))
    rows = [
        MeasureGains(name, (), total, span)
        for name, total, span in zip(("a+b+c", "a", "b", "c"), (5e9, 6e9, -2e9, 1e9), spans, strict=True)
    ]
    first, second = (line.replace("\u00a0", " ") for line in drivers(rows, {"a": "Air", "b": "Box", "c": "Care"}))
    assert "Air (+6 bn yuan a year, +5 to +7 bn yuan)" in first
    assert "Box (−2 bn yuan a year, −3 to −1 bn yuan)" in second
    assert second.endswith("In 95 of 100 draws or more: 1 above zero, 1 below; 1 on either side.")


def test_losers_have_their_range_and_transfers_say_that_they_have_none():
    losing = replace(gain("A", -1e9), span=Span(-2e9, 1e8, 0.9))
    (line,) = everyone([losing, replace(gain("B", 3e9), span=Span(1e9, 4e9, 0.0))])
    assert "A 地A (−1 bn yuan a year, −2 bn to +100 m yuan) lose" in line.replace("\u00a0", " ")
    assert line.endswith(TRANSFERS)
    (line,) = everyone([gain("A", -1e9), gain("B", 3e9)])
    assert TRANSFERS not in line


def test_a_game_says_that_it_has_no_range():
    assert agreement([], [], {"coordination": {"games": GAMES, "pairs": PAIRS}}).note == GAME
    assert agreement([], [], {"coordination": {"reason": "the study brings none"}}).note == ""


def test_air_is_told_where_the_study_has_it():
    columns = ["package", "jurisdiction", "variable", "baseline", "value"]
    table = pd.DataFrame([("a", "all", "pm25", 46.4, 39.0), ("a", "all", "deaths_air", 180e3, 163e3)], columns=columns)
    table = table.assign(change_pct=100 * (table["value"] / table["baseline"] - 1), group="", sector="", unit="")
    (line,) = air(table, "a")
    assert line.replace("\u00a0", " ") == (
        "Air: people of the region breathe 39 µg/m³ of PM2.5 instead of 46.4 µg/m³; deaths from it change by "
        "−9.4 %, −17,000 a year at the study's own values."
    )
    known = Spans({("all", "a", "pm25"): Span(-50.0, -25.0), ("all", "a", "deaths_air"): Span(-12.5, -2.5)})
    (ranged,) = air(table, "a", known)
    ranged = ranged.replace("\u00a0", " ")
    assert "39 µg/m³ (23.2 to 34.8 µg/m³) of PM2.5" in ranged
    assert "−9.4 % (−12.5 to −2.5 %), −17,000 a year at the study's own values; this number has no range" in ranged
    assert list(air(table.iloc[:1], "a")) == []
