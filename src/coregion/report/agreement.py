"""Whether everyone gains, with what transfers, and what holds the governments together: words and one table.

Reads what ``coregion games`` gave, where the run has it, and the gains of the run itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from coregion.errors import InputMistakes
from coregion.governments.figures import PAID, TOGETHER, behind, best_joint
from coregion.packages.sharing import smallest_transfers
from coregion.report.charts import MeasureGains
from coregion.report.frames import by_place
from coregion.report.game_spans import GameSpans, at_least, at_most, game_spans
from coregion.report.numbers import NONE, amount, both, change, listed, per_cent
from coregion.report.sections import Head, Table, yuan
from coregion.report.spans import Figure, Span, Spans, over_draws
from coregion.report.unranged import GAME, PER_CENT_ONLY, TRANSFERS
from coregion.report.verdict import Gain

NAMED = 3
"""How many measures a sentence names."""

JOINTLY = " and "
"""Stands between the holders in the name of a lever that takes several."""

STABLE = "smallest stable"
RULES = {
    "none": "No transfers 无转移支付",
    "smallest": "Smallest that leave nobody below alone 最小补偿",
    "Nash bargaining": "Nash bargain 纳什议价",
    "smallest stable": "Smallest that no group leaves 最小稳定补偿",
    "Shapley": "Shapley value 夏普利值",
    "nucleolus": "Nucleolus 核仁",
    "Chander–Tulkens": "Chander–Tulkens (benefits taken as linear) 钱德–图尔肯斯",
}


NO_SPANS: Mapping[str, Span] = {}


@dataclass(frozen=True)
class Agreement:
    """sentences: what a reader should know first. table: rules of sharing beside each other, or None without a game.

    reason: why there is no game, else empty. note: why the figures of a game have no range, else empty.
    """

    sentences: tuple[str, ...]
    table: Table | None
    reason: str
    note: str = ""


def _a_year(value: float) -> str:
    return change(value, "yuan a year")


def drivers(rows: Sequence[MeasureGains], titles: Mapping[str, str]) -> Iterator[str]:
    """Which measures bring most by themselves, and which bring the region less than they cost. rows: package first."""
    alone = sorted(rows[1:], key=lambda row: -row.total)
    if len(alone) < 2 or all(row.total == 0 for row in alone):
        return

    def told(rows: Sequence[MeasureGains]) -> str:
        figures = [row.span.figure(_a_year(row.total), yuan) for row in rows]
        return listed([f"{titles[row.package]} ({_after(f)})" for row, f in zip(rows, figures, strict=True)])

    first = told(alone[:NAMED])
    yield f"What drives it: by themselves, {first} bring the region most."
    behind = [row for row in reversed(alone) if row.total < 0]
    if behind:
        count = f"{len(behind)} of {len(alone)} measures by themselves bring it less than they cost"
        yield f"{count}, most of all {told(behind[:NAMED])}. {over_draws([row.span for row in alone])}".strip()


def _after(figure: Figure) -> str:
    """A figure within brackets: its range after a comma."""
    return f"{figure.text}, {figure.range}" if figure.range else figure.text


def air(jurisdictions: pd.DataFrame, package: str, known: Spans = Spans()) -> Iterator[str]:  # noqa: B008
    """What the package does to the air that people breathe, and to deaths from it, where the study has air.

    The concentration of the base year is data, so its range is that of the change. Deaths of the base year depend on
    parameters, so only their change in per cent has one.
    """
    told = {name: by_place(jurisdictions, "jurisdiction", package, name) for name in ("pm25", "deaths_air")}
    if any("all" not in table.index for table in told.values()):
        return
    pm, deaths = (
        {column: float(table[column].to_dict()["all"]) for column in ("baseline", "value")} for table in told.values()
    )
    span, of_deaths = (known.of("all", package, name) for name in told)
    after = Span(*(pm["baseline"] * (1 + limit / 100) for limit in (span.low, span.high)))
    relative = of_deaths.figure(per_cent(100 * (deaths["value"] / deaths["baseline"] - 1)), per_cent)
    unknown = f"; this number has no range, {PER_CENT_ONLY}" if relative.range else ""
    yield (
        f"Air: people of the region breathe {after.beside(_dust(pm['value']), _dust)} of PM2.5 instead of "
        f"{_dust(pm['baseline'])}; deaths from it change by {relative}, "
        f"{change(deaths['value'] - deaths['baseline'], 'a year')} at the study's own values{unknown}."
    )


def _dust(concentration: float) -> str:
    return amount(concentration, "µg/m³")


def agreement(
    governments: Sequence[Gain],
    cities: Sequence[Gain],
    run: Mapping[str, Any],
    driven: Iterable[str] = (),
    received: Mapping[str, Span] = NO_SPANS,
    headline: Sequence[Gain] = (),
) -> Agreement:
    """governments, cities: gains of the two levels by the package of the run. driven: sentences on what drives it.

    received: the ranges of the smallest transfers, by government. headline: the gain of the whole region, where the
    headline tells it.
    """
    told: Mapping[str, Any] = run.get("coordination") or {"reason": "this run has none"}
    lines = [*everyone(governments, received), *_cities(cities), *driven]
    games = told.get("games")
    if not games:
        return Agreement(tuple(lines), None, str(told.get("reason", "")))
    known = game_spans(told)
    lines += [*_alone_and_together(games, known, headline), *_shared(games, known)]
    lines += _pairs(told.get("pairs", ()), known)
    return Agreement(tuple(lines), _sharing(games, known), "", "" if known else GAME)


def everyone(governments: Sequence[Gain], received: Mapping[str, Span] = NO_SPANS) -> Iterator[str]:
    """Who is worse off with the package than without it, and the smallest transfers that make up for it."""
    losers = [gain for gain in governments if gain.yuan < 0]
    if not governments:
        return
    if not losers:
        yield _without_losers(governments)
        return
    lost = listed([f"{gain.name} ({_after(gain.span.figure(_a_year(gain.yuan), yuan))})" for gain in losers])
    try:
        paid = smallest_transfers(np.array([gain.yuan for gain in governments]), np.zeros(len(governments)))
    except InputMistakes:
        yield f"Without compensation those registered in {lost} lose, and what others gain does not cover it."
        return
    givers = listed(
        [
            f"{gain.name} {received.get(gain.code, Span()).times(-1).beside(amount(-float(t), 'yuan a year'), _size)}"
            for gain, t in zip(governments, paid, strict=True)
            if t < 0
        ]
    )
    unknown = f" {TRANSFERS}" if any(gain.span for gain in governments) and not received else ""
    yield f"Without compensation those registered in {lost} lose. Nobody would if {givers} were paid to them.{unknown}"


def _without_losers(governments: Sequence[Gain]) -> str:
    better = listed([gain.name for gain in governments if gain.yuan > 0])
    same = listed([gain.name for gain in governments if gain.yuan == 0])
    sure = over_draws([gain.span for gain in governments])
    if not better:
        return "Nobody gains and nobody loses: everything stays as it is."
    if not same:
        told = f"Everyone gains: those registered in {better} are better off with the package, before any transfer."
    else:
        told = f"Nobody loses: those registered in {better} are better off with the package, before any transfer; "
        told += f"to those registered in {same} it makes no difference."
    return f"{told} {sure}".strip()


def _cities(cities: Sequence[Gain]) -> Iterator[str]:
    losers, sure = [gain for gain in cities if gain.sign < 0], over_draws([gain.span for gain in cities])
    if losers:
        lost = listed([gain.name for gain in losers])
        yield f"Of {len(cities)} prefecture-level cities {len(losers)} lose: {lost}. {sure}".strip()
    elif cities:
        yield f"None of the {len(cities)} prefecture-level cities loses. {sure}".strip()


def _alone_and_together(games: Mapping[str, Any], known: GameSpans, headline: Sequence[Gain]) -> Iterator[str]:
    """What each for itself, all as announced and the best joint package bring, beside what is paid without a vote."""
    nash, best = games["nash"], best_joint(games)
    told = {
        name: _beside(sum(gains.values()), known.of(*figure, TOGETHER))
        for name, figure, gains in (
            ("alone", ("nash",), nash["gains"]),
            ("given", ("base",), games["where_no_government_acts"]),
            ("announced", ("announced",), games["announced"]["gains"]),
            ("best", ("cooperation", best["rule"]), best["gains"]),
        )
    }
    acted = listed(_measures_of(nash["levers"])) if nash["levers"] else "nothing"
    out = _left_out(games, best)
    without = f" without {listed(_measures_of(out))}" if out else ""
    if games["given"]:
        yield f"What is paid without a vote brings {told['given']} whatever the governments do."
    top = "On top of that, " if games["given"] else ""
    others = [name for name in games["levers"] if name not in nash["levers"]]
    alone = _how_sure(known, "nash acts", {"each of these": nash["levers"], "any other": others})
    yield _sentence(f"{top}each for itself the governments would carry out {acted}: {told['alone']}{alone}.")
    parts = "The two together are" if games["given"] else "This is"
    whole = [f" {parts} the {_beside(gain.yuan, gain.span)} of the headline." for gain in headline]
    yield _sentence(f"{top}the announced package brings {told['announced']}.{''.join(whole)}")
    together = _how_sure(known, "best acts", {"what it has here": best["levers"], "what it leaves out": out})
    yield _sentence(f"{top}the best joint package{without} brings {told['best']}{together}.")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _measures_of(levers: Sequence[str]) -> list[str]:
    return [f"the {'joint ' if JOINTLY in name else ''}measures of {name}" for name in levers]


def _beside(yuan_a_year: float, span: Span) -> str:
    return span.beside(change(yuan_a_year, "yuan a year"), yuan)


def _how_sure(known: GameSpans, what: str, called: Mapping[str, Sequence[str]]) -> str:
    """How often the same measures are carried out over the draws, and any others; empty where there are no draws.

    called: the measures that are carried out at the study's own values, and the others, by what they are called.
    """
    (ours, own), (theirs, others) = called.items()
    on, off = known.least(what, own), known.most(what, others)
    if on in (None, 1) and off in (None, 0):
        return "" if on is None and off is None else "; the measures are the same in every draw"
    parts = [f"{ours} {at_least(on)}"] if on is not None else []
    parts += [f"{theirs} {at_most(off)}"] if off is not None else []
    return f"; over the draws {listed(parts)}"


def _shared(games: Mapping[str, Any], known: GameSpans) -> Iterator[str]:
    """Who would have less of the best joint package than alone, and whether it can be shared so that it holds."""
    late = behind(games)
    if late:
        sure = [f"{name} {known.often('behind', name)}".strip() for name in late]
        yield f"Of the best joint package {listed(sure)} would have less than alone, without transfers."
    sometimes = [
        name for name in best_joint(games)["gains"] if name not in late and (known.part("behind", name) or 0) > 0
    ]
    if sometimes:
        often = listed([f"{name} {known.often('behind', name)}" for name in sometimes])
        yield f"Without transfers the best joint package would leave with less than alone: {often}."
    stable = [row for row in games["sharing"] if row["rule"] == STABLE]
    if not stable:
        return
    often = known.often("exists", STABLE)
    sure = f" Such a division exists {often}." if often else ""
    if not stable[0]["exists"]:
        whom = "every group of governments from doing better by itself"
        yield f"No division of the best joint package keeps {whom}.{sure}"
        return
    paid = sum(abs(row["transfer"]) for row in stable) / 2
    handed = known.of("sharing", STABLE, PAID).beside(amount(paid, "yuan a year"), _size)
    by = f"by transfers of {handed}" if paid > 0 else f"without any transfer{_at_most(known)}"
    yield f"It can be shared so that no government and no two of them would do better by themselves, {by}.{sure}"


def _size(value: float) -> str:
    return amount(value, "yuan")


def _at_most(known: GameSpans) -> str:
    span = known.of("sharing", STABLE, PAID)
    return f" ({span.between(_size)} over the draws)" if span and span.high > 0 else ""


def _left_out(games: Mapping[str, Any], best: Mapping[str, Any]) -> list[str]:
    return [name for name in games["levers"] if name not in best["levers"]]


def _pairs(pairs: Sequence[Mapping[str, Any]], known: GameSpans) -> Iterator[str]:
    for what, sign in (("help each other most", 1), ("stand most in each other's way", -1)):
        fitting = [pair for pair in pairs if sign * pair["interaction"] > 0]
        if fitting:
            pair = fitting[0]
            yield (
                f"Of the parts of the programme, {both(*pair['one'])} and {both(*pair['other'])} {what}: "
                f"{_beside(pair['interaction'], known.of(pair.get('figure', '')))} together beyond what each brings, "
                "averaged over what else is done."
            )


def _sharing(games: Mapping[str, Any], known: GameSpans) -> Table:
    """A row a rule: what each government receives, whether nobody is below alone, whether it holds against groups."""
    players = list(games["players"].values())

    def paid(transfers: Mapping[str, float], *rule: str) -> list[Figure]:
        return [known.of(*rule, name).figure(yuan(transfers[name]), yuan) for name in players]

    def so(answer: bool, *figure: str) -> str:
        often = known.often(*figure)
        return ("yes" if answer else "no") + (f" ({often})" if often else "")

    heads = (
        Head("Rule", "规则", "text"),
        *(Head(f"{name} receives", "所得") for name in players),
        Head("Nobody below alone", "均不低于单独行动", "text"),
        Head("No group would leave", "无集团退出", "text"),
    )
    rows = []
    for rule in dict.fromkeys(row["rule"] for row in games["sharing"]):
        own = {row["player"]: row for row in games["sharing"] if row["rule"] == rule}
        first = own[players[0]]
        if not first["exists"]:
            rows.append((RULES.get(rule, rule), *[NONE] * len(players), str(first["reason"]), NONE))
            continue
        core = NONE if first["in_core"] is None else so(first["in_core"], "no group leaves", rule)
        transfers = {name: own[name]["transfer"] for name in players}
        fair = so(first["everyone_gains"], "nobody below alone", rule)
        rows.append((RULES.get(rule, rule), *paid(transfers, "sharing", rule), fair, core))
    for inside in games["inside"]:
        if isinstance(inside, str):
            continue
        rule, name = inside["rule"], f"{RULES.get(inside['rule'], inside['rule'])}, paid inside the equilibrium"
        fair = so(inside["exists"], "exists inside", rule)
        rows.append((name, *paid(inside["transfers"], "inside", rule), fair, NONE))
    return heads, rows
