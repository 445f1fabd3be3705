"""Who gains and who loses, in words and figures: a pure function of the result tables.

Every figure in a sentence is one of the records beside it, so that a reader, or a test, can trace it to the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coregion.report.frames import (
    ResultTables,
    by_package,
    by_place,
    inner_regions,
    members,
    outer_regions,
    place_names,
    whole_package,
)
from coregion.report.numbers import SPACE, amount, both, change, listed, per_cent, scaled, signed
from coregion.report.spans import Figure, Span, Spans, over_draws, spans

GAIN = "equivalent_variation_registered"
TRANSFER = "smallest_transfer"
LISTED = 10
UNCHANGED = 0.005  # per cent of income: less is written as "about unchanged"
MOVERS = ("residents", "jobs")
CONSISTENT = 1e-9


@dataclass(frozen=True)
class Gain:
    """What the people registered in a place gain [yuan a year; per cent of income].

    span, share: ranges of the two over the draws; income is that of the base year at the study's own values.
    """

    code: str
    name_en: str
    name_zh: str
    yuan: float
    per_cent: float
    span: Span = Span()  # noqa: RUF009
    share: Span = Span()  # noqa: RUF009

    @property
    def amount(self) -> Figure:
        """In yuan, as written."""
        return self.span.figure(_yuan(self.yuan), _yuan)

    @property
    def part(self) -> Figure:
        """Of income, as written."""
        return self.share.figure(per_cent(self.per_cent), per_cent)

    @property
    def name(self) -> str:
        """By both names."""
        return both(self.name_en, self.name_zh)

    @property
    def sign(self) -> int:
        """1 gains, −1 loses, 0 about unchanged."""
        if self.yuan == 0 or (math.isfinite(self.per_cent) and abs(self.per_cent) < UNCHANGED):
            return 0
        return 1 if self.yuan > 0 else -1


@dataclass(frozen=True)
class Movement:
    """Displacement against net: gained is the sum over places that grow, lost over those that shrink [unit]."""

    variable: str
    unit: str
    gained: float
    lost: float
    baseline: float

    @property
    def moved(self) -> float:
        """What one place of the region loses and another gains."""
        return min(self.gained, self.lost)

    @property
    def net(self) -> float:
        """Change of the region's total."""
        return self.gained - self.lost


@dataclass(frozen=True)
class Budget:
    """Of a government [yuan a year]; cost is what its measures cost it, change what its budget gains."""

    code: str
    name_en: str
    name_zh: str
    cost: float
    change: float


@dataclass(frozen=True)
class Verdict:
    """The first screen. contradictions: official figures that the model does not meet, largest first.
    outside: what the people registered outside the region gain [yuan a year]; NaN where the tables do not tell.
    spans: the ranges that go with the figures of the tables; none where no draws fit this run.
    counties: the gain of every county, in order of the table.
    """

    package: str
    count: int
    headline: str
    sentences: tuple[str, ...]
    governments: tuple[Gain, ...]
    cities: tuple[Gain, ...]
    total: Gain | None
    counties_up: tuple[Gain, ...]
    counties_down: tuple[Gain, ...]
    movements: tuple[Movement, ...]
    budgets: tuple[Budget, ...]
    contradictions: tuple[Mapping[str, Any], ...]
    outside: float
    spans: Spans = Spans()  # noqa: RUF009
    counties: tuple[Gain, ...] = ()

    @property
    def transfers(self) -> dict[str, Span]:
        """The ranges of the smallest transfers that leave no government worse off, by government, as far as known."""
        found = {gain.code: self.spans.of(gain.code, self.package, TRANSFER) for gain in self.governments}
        return {code: span for code, span in found.items() if span}


def verdict(results: ResultTables, ranges: pd.DataFrame | None = None) -> Verdict:
    """The verdict on the whole package of a run.

    ranges: place, package, variable, low, high (5th and 95th of 100 draws of the parameters), or None.
    """
    package = whole_package(results.regions)
    regions = results.regions[results.regions["package"] == package]
    inner, outer = inner_regions(regions), outer_regions(regions)
    known = spans(ranges)
    governments = gains(results.jurisdictions, "jurisdiction", package, known)
    levels = place_names(results.jurisdictions, "jurisdiction")["level"]
    by_level = {level: tuple(g for g in governments if levels[g.code] == level) for level in (0, 1, 2)}
    total = next((g for g in by_level[0] if g.code == "all"), None)
    counties = gains(inner, "region", package, known)
    ordered = sorted(counties, key=lambda gain: gain.yuan)
    movements = tuple(m for name in MOVERS if (m := movement(inner, package, name)) is not None)
    budgets = budget_changes(results.jurisdictions, package)
    count = len(members(package))
    elsewhere = by_place(outer, "region", package, GAIN)["difference"]
    outside = float(elsewhere.sum()) if len(elsewhere) else math.nan
    return Verdict(
        package=package,
        count=count,
        headline=headline(by_level[1], total, count),
        sentences=tuple(_sentences(counties, movements, budgets, outside, package, known)) if count else (),
        governments=by_level[1],
        cities=by_level[2],
        total=total,
        counties_up=tuple(g for g in reversed(ordered) if g.yuan > 0)[:LISTED],
        counties_down=tuple(g for g in ordered if g.yuan < 0)[:LISTED],
        movements=movements,
        budgets=budgets,
        contradictions=contradictions(results.run),
        outside=outside,
        spans=known,
        counties=tuple(counties),
    )


def gains(frame: pd.DataFrame, place: str, package: str, known: Spans = Spans()) -> list[Gain]:  # noqa: B008
    """The gain of those registered, of every place that the table has one for, in its order."""
    return gains_by_package(frame[frame["package"] == package], place, known).get(package, [])


def gains_by_package(frame: pd.DataFrame, place: str, known: Spans = Spans()) -> dict[str, list[Gain]]:  # noqa: B008
    """The same of every package."""
    rows = by_package(frame, place, GAIN)
    names = place_names(frame, place)[["name_en", "name_zh"]].to_dict("index")
    welfare = by_package(frame, place, "welfare")["change_pct"].to_dict()
    found: dict[str, list[Gain]] = {}
    for key, difference, relative in zip(rows.index, rows["difference"], rows["change_pct"], strict=True):
        package, code = key
        name, span = names[code], known.of(str(code), package, GAIN)
        size = float(difference)
        if math.isfinite(relative):
            part, share = float(relative), span.times(relative / difference) if difference else Span()
        else:
            part, share = float(welfare.get(key, math.nan)), known.of(str(code), package, "welfare")
            size = 0.0 if part == 0 else size
        gain = Gain(str(code), str(name["name_en"]), str(name["name_zh"]), size, part, span, share)
        found.setdefault(package, []).append(gain)
    return found


def movement(counties: pd.DataFrame, package: str, variable: str) -> Movement | None:
    """Displacement against net of a variable that is counted in persons, among the places of the region."""
    rows = by_place(counties, "region", package, variable)
    if rows.empty:
        return None
    difference = rows["difference"]
    gained, lost = float(difference.clip(lower=0).sum()), float(-difference.clip(upper=0).sum())
    return Movement(variable, str(rows["unit"].iloc[0]), gained, lost, float(rows["baseline"].sum()))


def budget_changes(jurisdictions: pd.DataFrame, package: str) -> tuple[Budget, ...]:
    """Costs and budgets of the first level and of payers outside it."""
    cost = by_place(jurisdictions, "jurisdiction", package, "cost")["value"]
    budget = by_place(jurisdictions, "jurisdiction", package, "budget")["value"]
    names = place_names(jurisdictions, "jurisdiction")
    codes = [c for c in names.index if names.loc[c, "level"] in (0, 1) and (c in cost.index or c in budget.index)]
    return tuple(
        Budget(
            str(c),
            str(names["name_en"][c]),
            str(names["name_zh"][c]),
            float(cost.get(c, math.nan)),
            float(budget.get(c, math.nan)),
        )
        for c in codes
    )


def contradictions(run: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Official figures that the model cannot all meet, because they do not agree with each other."""
    differing = [f for f in run.get("figures", ()) if abs(f["factor"] - 1) > CONSISTENT]
    return tuple(sorted(differing, key=lambda figure: -abs(figure["factor"] - 1)))


def headline(governments: Sequence[Gain], total: Gain | None, count: int) -> str:
    """One sentence: who gains, who loses, and the region together; or that no measure was chosen."""
    if count == 0:
        return "No measure was chosen and nothing changes: this is the region as it is."
    subject = "The measure makes" if count == 1 else f"The package of {count} measures makes"
    groups = {sign: [g.name for g in governments if g.sign == sign] for sign in (1, -1, 0)}
    parts = []
    if groups[1]:
        parts.append(f"those registered in {listed(groups[1])} better off")
    if groups[-1]:
        parts.append(f"those registered in {listed(groups[-1])} worse off")
    if groups[0]:
        none = all(gain.yuan == 0 for gain in governments if gain.sign == 0)
        parts.append(f"{'no' if none else 'hardly any'} difference to those registered in {listed(groups[0])}")
    sentence = f"{subject} {listed(parts)}" if parts else f"{subject} no difference that the tables show"
    if total is None:
        return sentence + "."
    together = f"{sentence}; together {change(total.yuan, 'yuan a year')} ({per_cent(total.per_cent)} of income)"
    if not total.span:
        return f"{together}."
    of_income = f" ({total.share.between(per_cent)})" if total.share else ""
    return f"{together}, {total.span.between(_yuan)}{of_income} in 90 of 100 draws."


def _yuan(value: float) -> str:
    return change(value, "yuan")


def _signed(value: float) -> str:
    return signed(scaled(value))


def _money(value: float) -> str:
    return amount(value, "yuan")


def _moved(m: Movement, package: str, known: Spans) -> str:
    gained, lost, moved = (
        known.of("all", package, f"{m.variable}_{kind}").beside(scaled(value), scaled)
        for kind, value in (("gained", m.gained), ("lost", m.lost), ("displaced", m.moved))
    )
    net = known.of("all", package, f"{m.variable}_net").beside(signed(scaled(m.net)), _signed)
    part = known.of("all", package, m.variable).beside(per_cent(100 * m.net / m.baseline), per_cent)
    return (
        f"{m.variable.capitalize()}: the places that grow add {gained}, those that shrink lose "
        f"{lost}. So {moved} are displaced within the region, and its total changes by "
        f"{net} of {scaled(m.baseline)}: {part}."
    )


def _sentences(
    counties: list[Gain],
    movements: tuple[Movement, ...],
    budgets: tuple[Budget, ...],
    outside: float,
    package: str,
    known: Spans,
) -> Iterable[str]:
    if counties:
        up, down = sum(g.sign > 0 for g in counties), sum(g.sign < 0 for g in counties)
        rest = len(counties) - up - down
        sure = over_draws([gain.span for gain in counties])
        yield (
            f"Of {len(counties)} places the people registered in {up} gain, in {down} lose, "
            f"and in {rest} the difference is below {UNCHANGED}{SPACE}% of income. {sure}"
        ).strip()
    for m in movements:
        yield _moved(m, package, known)
    paying = [b for b in budgets if b.cost > 0 and b.code != "all"]
    if paying:
        told = [known.of(b.code, package, "cost").beside(amount(b.cost, "yuan a year"), _money) for b in paying]
        costs = listed([f"{both(b.name_en, b.name_zh)} {text}" for b, text in zip(paying, told, strict=True)])
        every = known.of("all", package, "cost").beside(amount(sum(b.cost for b in paying), "yuan a year"), _money)
        total = f", together {every}" if len(paying) > 1 else ""
        yield f"What the measures cost: {costs}{total}. The gains above are net of it."
    if math.isfinite(outside):
        range_outside = known.of("outside", package, GAIN)
        yield (
            f"People registered outside the region: "
            f"{range_outside.beside(change(outside, 'yuan a year'), _yuan)} in all, through trade, migration "
            "and what they pay of the cost; this is not part of the region's gain."
        )
