"""What stands in each table of the page: headings in both languages, and rows of text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coregion.report.charts import MeasureGains
from coregion.report.frames import GAINS, by_place, members, place_names
from coregion.report.numbers import MINUS, NONE, SPACE, amount, both, change, listed, per_cent, plain, scaled, signed
from coregion.report.spans import Figure, Spans
from coregion.report.verdict import GAIN, Verdict
from coregion.variables import REGISTER, variable

BEYOND = "gain_beyond_the_sum"
MOVEMENTS = ("gained", "lost", "displaced", "net")
UNIQUE = {
    "text": "Is there another equilibrium?",
    "kind": "How that was examined",
    "spectral_radius": "Spectral radius of the iteration, below 1 where it contracts",
    "starts": "Random starts that looked for others",
    "equilibria_found": "Equilibria found",
}
"""What the record of uniqueness is called in the report, by its key."""


@dataclass(frozen=True)
class Head:
    """A heading. kind: "n" numbers, "text" words, "long" sentences."""

    en: str
    zh: str = ""
    kind: str = "n"


@dataclass(frozen=True)
class Words:
    """A text with its Chinese, which is written below it; zh is empty where there is none."""

    en: str
    zh: str = ""

    def __str__(self) -> str:
        return both(self.en, self.zh) if self.zh else self.en


Cell = str | Figure | Words
Table = tuple[tuple[Head, ...], Sequence[tuple[Cell, ...]]]
"""Headings, and rows: a figure that the model makes is a Figure, data and what is given in the study are text."""


def yuan(value: float) -> str:
    """A signed amount of money: +1.23 bn yuan."""
    return change(value, "yuan")


def money(value: float) -> str:
    """A cost: 1.23 bn yuan."""
    return amount(value, "yuan")


def figure(value: float, unit: str) -> str:
    """A level as the calibration records it; more digits, for two figures are compared. A share is told in per cent."""
    if value is None or not math.isfinite(value):
        return NONE
    if unit == "share":
        return f"{plain(100 * value, 3)}{SPACE}%"
    text = scaled(value, 4) if abs(value) >= 1e4 else plain(value, 4)
    return f"{text}{SPACE}{unit}".rstrip()


def small(value: float) -> str:
    """A residual or an error: 3.1e−12."""
    return f"{value:.1e}".replace("e-", f"e{MINUS}").replace("e+00", "") if math.isfinite(value) else NONE


def named(name: str) -> str:
    """A variable by both labels of the register, or its own name where it has none."""
    entry = REGISTER.get(name)
    return both(entry.label_en, entry.label_zh) if entry else name


def prose(items: Any) -> str:
    """Sources and the like, one text or several, as one text."""
    return items if isinstance(items, str) else "; ".join(str(item) for item in items)


def contradicted(figures: Sequence[Mapping[str, Any]]) -> str:
    """Which figures the model does not meet, in how many places, and by what factor; one clause a variable."""
    factors: dict[str, list[float]] = {}
    for entry in figures:
        factors.setdefault(entry["variable"], []).append(entry["factor"])
    clauses = []
    for name, found in factors.items():
        low, high = f"{min(found):.3f}", f"{max(found):.3f}"
        span = low if low == high else f"{low} to {high}"
        where = "one place" if len(found) == 1 else f"{len(found)} places"
        clauses.append(f"{named(name)} ({where}; the model has {span} of the official figure)")
    return listed(clauses)


def movement_table(verdict: Verdict) -> Table:
    heads = (
        Head("What", "变量", "text"),
        Head("Added where it grows", "增加"),
        Head("Lost where it shrinks", "减少"),
        Head("Displaced within the region", "区内转移"),
        Head("Net change of the region", "净变化"),
        Head("Net, of the base year", "净变化率"),
    )
    known = verdict.spans
    rows = []
    for m in verdict.movements:
        of = {kind: known.of("all", verdict.package, f"{m.variable}_{kind}") for kind in MOVEMENTS}
        rows.append(
            (
                named(m.variable),
                of["gained"].figure(scaled(m.gained), scaled),
                of["lost"].figure(scaled(m.lost), scaled),
                of["displaced"].figure(scaled(m.moved), scaled),
                of["net"].figure(signed(scaled(m.net)), lambda value: signed(scaled(value))),
                known.of("all", verdict.package, m.variable).figure(
                    per_cent(100 * m.net / m.baseline if m.baseline else math.nan), per_cent
                ),
            )
        )
    return heads, rows


def budget_table(jurisdictions: pd.DataFrame, verdict: Verdict) -> Table:
    heads = (
        Head("Government", "政府", "text"),
        *(Head(variable(name).label_en, variable(name).label_zh) for name in (*GAINS, "cost", "budget")),
    )
    names = place_names(jurisdictions, "jurisdiction")
    columns = [
        by_place(jurisdictions, "jurisdiction", verdict.package, name)["difference" if name in GAINS else "value"]
        for name in (*GAINS, "cost", "budget")
    ]
    level = {str(code): int(number) for code, number in names["level"].items()}
    order = sorted(level, key=lambda code: ((1, 0, 2)[level[code]], code == "all"))
    rows = []
    for code in order:
        if level[code] == 2 or not any(code in column.index for column in columns):
            continue
        values = [float(column.get(code, math.nan)) for column in columns]
        known = [verdict.spans.of(code, verdict.package, name) for name in (*GAINS, "cost", "budget")]
        writers = [yuan] * 3 + [money, yuan]
        texts = [span.figure(write(v), write) for v, span, write in zip(values, known, writers, strict=True)]
        name = both(str(names.at[code, "name_en"]), str(names.at[code, "name_zh"]))
        rows.append((name, *texts))
    return heads, rows


def measure_table(
    rows: Sequence[MeasureGains],
    titles: Mapping[str, str],
    costs: Mapping[str, float],
    known: Spans = Spans(),  # noqa: B008
) -> Table:
    """One row a package, one column a first-level government, then the region; last the interaction.

    costs: of a measure [yuan a year], by name.
    """
    first = rows[0]
    governments = [gain.name for gain in first.gains]
    heads = (Head("Measure", "措施", "text"), *(Head(name) for name in governments), Head("All together", "合计"))
    heads += (Head("Cost", "年成本"),)
    spent = {row.package: sum(costs.get(name, 0.0) for name in members(row.package)) for row in rows}
    table = []
    for r in rows:
        places = (*((g.code, g.yuan) for g in r.gains), ("all", r.total))
        texts = [known.of(code, r.package, GAIN).figure(yuan(value), yuan) for code, value in places]
        table.append((titles[r.package], *texts, _cost(known, r.package, spent[r.package])))
    alone = rows[1:]
    if len(alone) > 1:
        beyond = [g.yuan - sum(r.gains[n].yuan for r in alone) for n, g in enumerate(first.gains)]
        total = first.total - sum(r.total for r in alone)
        places = (*zip((g.code for g in first.gains), beyond, strict=True), ("all", total))
        texts = [known.of(code, first.package, BEYOND).figure(yuan(value), yuan) for code, value in places]
        table.append(("Together beyond the sum of each alone", *texts, NONE))
    return heads, table


def _cost(known: Spans, package: str, yuan_a_year: float) -> Figure:
    """What all payers together spend on a package."""
    return known.of("all", package, "cost").figure(money(yuan_a_year), money)


def kind_table(
    measures: Sequence[Mapping[str, Any]],
    payers: Mapping[str, str],
    known: Spans = Spans(),  # noqa: B008
) -> Table:
    """payers: what each is called, by code."""
    heads = (
        Head("Measure", "措施", "text"),
        Head("Kind", "类型", "text"),
        Head("Part of the programme", "领域", "text"),
        Head("Intensity", "强度"),
        Head("Opens", "年份"),
        Head("Cost a year", "年成本"),
        Head("Investment", "投资"),
        Head("Payer", "出资方", "text"),
    )
    rows = [
        (
            both(m["name_en"], m["name_zh"]),
            str(m["kind"]).replace("_", " "),
            both(m.get("pillar_en", m["pillar"]), m.get("pillar_zh", "")),
            plain(m["intensity"]),
            str(m.get("opens") or NONE),
            _cost(known, m["name"], m["cost_yuan_a_year"]),
            money(m["investment_yuan"]),
            payers.get(str(m.get("payer")), prose(m.get("payer") or NONE)),
        )
        for m in measures
    ]
    return heads, rows


def figure_table(figures: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("Figure", "指标", "text"),
        Head("Place", "地区", "text"),
        Head("Official", "官方"),
        Head("In the model", "模型"),
        Head("Factor", "系数"),
        Head("Reason", "原因", "long"),
    )
    ordered = sorted(figures, key=lambda f: -abs(f["factor"] - 1))
    rows = [
        (
            named(f["variable"]),
            both(f["name_en"], f["name_zh"]),
            figure(f["official"], f["unit"]),
            Figure(figure(f["model"], f["unit"])),
            Figure(f"{f['factor']:.3f}"),
            str(f["reason"]),
        )
        for f in ordered
    ]
    return heads, rows


def match_table(matches: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("Data", "数据", "text"),
        Head("Largest relative error", "最大相对误差"),
        Head("Allowed", "容许"),
        Head("Result", "结果", "text"),
    )
    rows = [
        (str(m["what"]), small(m["error"]), small(m["tolerance"]), "met" if m["error"] <= m["tolerance"] else "missed")
        for m in matches
    ]
    return heads, rows


def indicator_table(indicators: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("Indicator", "指标", "text"),
        Head("In the model", "模型"),
        Head("Known from elsewhere", "外部证据", "long"),
    )
    return heads, [
        (str(i["name"]), Figure(figure(i["value"], i["unit"])), str(i.get("known") or NONE)) for i in indicators
    ]


def network_table(fits: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("Mode", "方式", "text"),
        Head("Half of the pairs", "样本", "text"),
        Head("Pairs", "数量"),
        Head("Median error", "中位误差"),
        Head("90th of 100", "九成误差"),
        Head("Goal", "目标", "text"),
    )
    rows = [
        (
            str(f["mode"]),
            str(f["half"]),
            plain(f["pairs"]),
            Figure(share(f["median_error"])),
            Figure(share(f["p90"])),
            share(f["goal"]) if isinstance(f["goal"], int | float) else str(f["goal"] or NONE),
        )
        for f in fits
    ]
    return heads, rows


def share(value: float | None) -> str:
    return NONE if value is None or not math.isfinite(value) else f"{plain(100 * value, 2)}{SPACE}%"


def outlier_table(outliers: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("Variable", "变量", "text"),
        Head("Place", "地区", "text"),
        Head("Value", "数值"),
        Head("Distance", "偏离"),
        Head("Explanation", "解释", "long"),
    )
    ordered = sorted(outliers, key=lambda o: -abs(o["size"]))
    return heads, [
        (
            named(o["variable"]),
            both(o["name_en"], o["name_zh"]),
            Figure(figure(o["value"], o["unit"])),
            Figure(plain(o["size"], 2)),
            o["explanation"],
        )
        for o in ordered
    ]


def assumption_table(assumptions: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("What", "内容", "text"),
        Head("How", "方式", "text"),
        Head("Rule", "规则（英文）", "long"),
        Head("Rule in Chinese", "规则", "long"),
    )
    kinds = {"inverted": "inverted 反推", "assumed": "assumed 假设"}
    return heads, [
        (both(a["name_en"], a["name_zh"]), kinds.get(a["kind"], str(a["kind"])), str(a["rule"]), str(a["rule_zh"]))
        for a in assumptions
    ]


def parameter_table(parameters: Sequence[Mapping[str, Any]]) -> Table:
    heads = (
        Head("Meaning", "含义", "long"),
        Head("Value", "取值"),
        Head("Range", "区间"),
        Head("Unit", "单位", "text"),
        Head("Source", "来源", "long"),
        Head("Basis", "依据", "text"),
    )
    rows = [
        (
            Words(f"{p['meaning']} ({p['name']})", meant_zh(p)),
            plain(p["value"], 4),
            f"{plain(p['low'], 4)} to {plain(p['high'], 4)}",
            str(p["unit"]),
            Words(str(p["source"]), str(p.get("source_zh", ""))),
            "assumed 假设" if p["assumed"] else "from the source 据来源",
        )
        for p in parameters
    ]
    return heads, rows


def meant_zh(parameter: Mapping[str, Any]) -> str:
    """What a parameter means in Chinese and what it is called; empty where the study does not say it."""
    name, meaning = str(parameter.get("name_zh", "")), str(parameter.get("meaning_zh", ""))
    return f"{meaning}（{name}）" if meaning and name else meaning or name


def residual_table(residuals: Mapping[str, float]) -> Table:
    heads = (Head("Market", "市场", "text"), Head("Largest residual", "最大残差"))
    return heads, [(name.replace("_", " "), small(value)) for name, value in residuals.items()]


def input_table(inputs: Mapping[str, str]) -> Table:
    heads = (Head("File", "文件", "text"), Head("SHA-256", "", "hash"))
    return heads, list(inputs.items())


def method_pairs(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How it was solved, in words."""
    pairs = [("Largest residual of any market", small(max(run["residuals"].values())))] if run.get("residuals") else []
    if "iterations" in run:
        pairs.append(("Iterations", str(run["iterations"])))
    unique = run.get("uniqueness") or {}
    pairs += [(label, _value(unique[key])) for key, label in UNIQUE.items() if key in unique]
    pairs += [(f"Seconds: {k.replace('_', ' ')}", plain(v, 2)) for k, v in (run.get("seconds") or {}).items()]
    return pairs


def _value(value: Any) -> str:
    return plain(value, 4) if isinstance(value, float) else str(value)
