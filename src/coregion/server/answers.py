"""What the page is told of a solved package: figures by county, the verdict, budgets, and who could compensate whom."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coregion.packages.sharing import Sharing, transfers
from coregion.report.verdict import GAIN, Gain, Verdict, verdict
from coregion.results import Results, jurisdictions_frame, regions_frame
from coregion.server.figures import by_county, changes
from coregion.server.known_ranges import KnownRanges, Note
from coregion.server.live import Solved
from coregion.server.served import Served
from coregion.server.texts_zh import chinese
from coregion.server.words_zh import headline_zh, sentences_zh

TOLD_BY = (GAIN, "welfare", "residents", "jobs")
"""Variables that the verdict reads."""

DIGITS = 7
"""Significant digits of a figure that is sent."""

RULES = {
    "none": ("No transfers", "无转移支付"),
    "smallest": ("Smallest that leave nobody worse off", "使各方均不受损的最小转移"),
    "Nash bargaining": ("Equal shares of the gain (Nash bargaining)", "平分收益（纳什议价）"),
}


def solve_answer(served: Served, solved: Solved, known: KnownRanges) -> dict[str, Any]:
    """Everything that /api/solve says of a package but how long one waited for it. known: ranges of its gains."""
    region = served.study.region
    value = by_county(region, solved.levels, served.before, solved.minutes, served.in_capital)
    change = changes(region, value, served.figures, served.income)
    judged, range_note = judge(served, solved, known)
    return {
        "text": solved.text,
        "headline_en": judged.headline,
        "headline_zh": headline_zh(judged),
        "sentences_en": list(judged.sentences),
        "sentences_zh": sentences_zh(judged) if judged.count else [],
        "figures": {n: {"value": numbers(value[n]), "change": numbers(change[n])} for n in value},
        "governments": [gain_record(served, g) for g in judged.governments],
        "cities": [gain_record(served, g) for g in judged.cities],
        "total": None if judged.total is None else gain_record(served, judged.total),
        "outside_yuan": number(judged.outside),
        "counties": [gain_record(served, g) for g in judged.counties],
        "range_note_en": range_note.en,
        "range_note_zh": range_note.zh,
        "movements": [
            {
                "variable": m.variable,
                "unit": m.unit,
                "gained": number(m.gained),
                "lost": number(m.lost),
                "moved": number(m.moved),
                "net": number(m.net),
                "baseline": number(m.baseline),
            }
            for m in judged.movements
        ],
        "budgets": [{**_named(b), "cost": number(b.cost), "change": number(b.change)} for b in judged.budgets],
        "transfers": transfer_record(served, judged.governments),
        "new_links": list(solved.links),
        "residuals": dict(solved.residuals),
        "steps": solved.steps,
    }


def judge(served: Served, solved: Solved, known: KnownRanges) -> tuple[Verdict, Note]:
    """The verdict of the report on this package, and where its ranges come from or why there are none."""
    region = served.study.region
    regions = regions_frame(region, [solved.told], TOLD_BY)
    jurisdictions = jurisdictions_frame(region, [solved.told], served.baseline, TOLD_BY)
    results = Results(regions, jurisdictions, regions.head(0), {})
    ranges, note = known.agreeing(jurisdictions, solved.told.package)
    return verdict(results, ranges), note


def gain_record(served: Served, gain: Gain) -> dict[str, Any]:
    """A place's gain as plain values."""
    votes = {payer.code for payer in served.study.region.payers if payer.votes}
    return {
        **_named(gain),
        "yuan": number(gain.yuan),
        "per_cent": number(gain.per_cent),
        "low": number(gain.span.low),
        "high": number(gain.span.high),
        "probability_of_loss": number(gain.span.loss),
        "sign": gain.sign,
        "votes": gain.code in votes,
    }


def transfer_record(served: Served, governments: Sequence[Gain]) -> dict[str, Any] | None:
    """Lump sums between the governments that vote, measured against no package at all; None where nobody votes."""
    votes = [payer.code for payer in served.study.region.payers if payer.votes]
    players = [gain for gain in governments if gain.code in votes and math.isfinite(gain.yuan)]
    if not players:
        return None
    without = np.array([gain.yuan for gain in players])
    table = transfers(without, np.zeros(len(players)), players=[gain.code for gain in players])
    return {
        "players": [_named(gain) for gain in players],
        "without": numbers(without),
        "rules": [rule_record(rule) for rule in table.rules],
    }


def rule_record(rule: Sharing) -> dict[str, Any]:
    """A rule of sharing as plain values; transfers are null where it has no answer."""
    label_en, label_zh = RULES.get(rule.rule, (rule.rule, rule.rule))
    return {
        "rule": rule.rule,
        "label_en": label_en,
        "label_zh": label_zh,
        "transfers": numbers(rule.transfers) if rule.exists else None,
        "payoffs": numbers(rule.payoffs) if rule.exists else None,
        "everyone_gains": bool(rule.everyone_gains),
        "reason": rule.reason,
        "reason_zh": chinese(rule.reason),
    }


def number(value: float) -> float | None:
    """A number that JSON knows, to ``DIGITS`` significant digits; None for what is no number."""
    value = float(value)
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def numbers(values) -> list[float | None]:
    """The same of many at once."""
    array = np.asarray(values, dtype=float)
    known = np.isfinite(array)
    size = np.where(known & (array != 0), np.abs(array), 1.0)
    digits = DIGITS - 1 - np.floor(np.log10(size))
    up, down = 10.0 ** np.clip(digits, 0, 22), 10.0 ** np.clip(-digits, 0, 300)
    rounded = np.rint(np.where(known, array, 0.0) / down * up) / up * down
    if known.all():
        return rounded.tolist()
    return [value if there else None for value, there in zip(rounded.tolist(), known.tolist(), strict=True)]


def _named(entry: Any) -> Mapping[str, Any]:
    return {"code": entry.code, "name_en": entry.name_en, "name_zh": entry.name_zh}
