"""One HTML file out of all packages: what each measure contributes, and which help or hinder each other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import pandas as pd

from coregion.report.classes import COLOURS
from coregion.report.maps import CONFIG
from coregion.report.numbers import amount, change, listed, per_cent, plain
from coregion.report.page import page_text
from coregion.report.sections import Head
from coregion.report.verdict import GAIN

ALL = "all"
CELL = 54
UP, DOWN, SUM = COLOURS[6], COLOURS[0], "#7f7f7f"


@dataclass(frozen=True)
class Packages:
    """packages, shapley, interactions: tables of ``coregion packages``. measures, places, cities: what they are called,
    by name and code; places are the region and governments of the first level. study: title. warnings: packages without
    an equilibrium. drawn: whether the packages are a sample."""

    packages: pd.DataFrame
    shapley: pd.DataFrame
    interactions: pd.DataFrame
    measures: Mapping[str, str]
    places: Mapping[str, str]
    study: str
    warnings: Sequence[str] = ()
    drawn: bool = False
    cities: Mapping[str, str] = field(default_factory=dict)

    @property
    def everywhere(self) -> dict[str, str]:
        """The region, governments and cities that the page shows."""
        return {**self.places, **self.cities}


def packages_page(told: Packages) -> str:
    """The page as text."""
    parts = contributions(told.shapley)
    pairs = interactions(told.interactions)
    blocks: dict[str, Any] = {
        f"spec-{code}": waterfall(parts[parts["jurisdiction"] == code], told.measures) for code in told.everywhere
    }
    grids = () if told.drawn else told.everywhere
    blocks |= {f"pairs-{code}": heat_map(pairs[pairs["jurisdiction"] == code], told.measures) for code in grids}
    return page_text(
        "packages.html",
        blocks,
        study=told.study,
        sentences=sentences(told, parts, pairs),
        places=told.places,
        cities=told.cities,
        heads=_DRAWN_HEADS if told.drawn else _HEADS,
        rows={code: _rows(parts[parts["jurisdiction"] == code], told) for code in told.everywhere},
        pair_heads=_PAIR_HEADS,
        pair_rows={code: _pair_rows(pairs[pairs["jurisdiction"] == code], told.measures) for code in told.everywhere},
        warnings=told.warnings,
        drawn=told.drawn,
    )


def contributions(shapley: pd.DataFrame) -> pd.DataFrame:
    """The gain of the registered by measure and government, all groups together."""
    return shapley[(shapley["variable"] == GAIN) & (shapley["group"] == "")]


def interactions(table: pd.DataFrame) -> pd.DataFrame:
    """How two measures add to each other's gain of the registered, all groups together."""
    return table[(table["variable"] == GAIN) & (table["group"] == "")]


def sentences(told: Packages, parts: pd.DataFrame, pairs: pd.DataFrame) -> list[str]:
    """What a reader should know first; every figure is one of the tables'."""
    gains = told.packages[(told.packages["variable"] == GAIN) & (told.packages["group"] == "")]
    by_place = gains.pivot_table(index="package", columns="jurisdiction", values="value", sort=False)
    governments = [code for code in told.places if code != ALL and code in by_place]
    everyone = by_place[(by_place[governments] > 0).all(axis=1)]
    count = gains["package"].nunique()
    players = parts["measure"].nunique()
    solved = f"{count} packages were solved" + (f", drawn from all sets of {players}" if told.drawn else "")
    share = "" if told.drawn else f" ({per_cent(100 * len(everyone) / count)[1:]})"
    lines = [
        f"{solved}. In {len(everyone)} of them{share} the "
        f"people registered in each of {listed([told.places[code] for code in governments])} gain without transfers."
    ]
    whole = parts[parts["jurisdiction"] == ALL].dropna(subset=["shapley"])
    if len(whole):
        first, last = whole.iloc[whole["shapley"].argmax()], whole.iloc[whole["shapley"].argmin()]
        lines.append(
            f"For the whole region {told.measures[first['measure']]} contributes most "
            f"({_shapley(first, 'yuan a year', told.drawn)}), {told.measures[last['measure']]} least "
            f"({_shapley(last, 'yuan a year', told.drawn)})."
        )
    known = pairs[pairs["jurisdiction"] == ALL].dropna(subset=["interaction"])
    if len(known):
        best, worst = known.iloc[known["interaction"].argmax()], known.iloc[known["interaction"].argmin()]
        lines.append(_pair("help each other most", best, told.measures, 1))
        lines.append(_pair("stand most in each other's way", worst, told.measures, -1))
    return [line for line in lines if line]


def _shapley(row: Mapping[Hashable, Any] | pd.Series, unit: str, drawn: bool) -> str:
    """A Shapley value, with its standard error where it is estimated."""
    return change(float(row["shapley"]), unit) + (f" ± {amount(float(row['error']), unit)}" if drawn else "")


def _pair(what: str, row: pd.Series, names: Mapping[str, str], sign: int) -> str:
    if sign * row["interaction"] <= 0:
        return ""
    return (
        f"{names[row['measure']]} and {names[row['other']]} {what}: together they bring "
        f"{change(row['interaction'], 'yuan a year')} beyond what each brings, averaged over what else is done."
    )


def waterfall(parts: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """From nothing to the package's gain, one step a measure (its Shapley value), largest first; then the sum."""
    ordered = parts.dropna(subset=["shapley"]).sort_values("shapley", ascending=False)
    steps, at = [], 0.0
    for _, row in ordered.iterrows():
        size = float(row["shapley"]) / 1e9
        steps.append((names[row["measure"]], at, at + size, size, "adds" if size >= 0 else "takes away"))
        at += size
    steps.append(("Package", 0.0, at, at, "package"))
    table = pd.DataFrame(steps, columns=["measure", "from", "to", "gain", "kind"])
    chart = (
        alt.Chart(table)
        .mark_bar(height=15)
        .encode(
            y=alt.Y("measure:N", sort=None, title=None).axis(labelLimit=360, ticks=False),
            x=alt.X("from:Q", title="Gain of those registered [bn yuan a year]"),
            x2="to:Q",
            color=alt.Color("kind:N", title=None)
            .scale(domain=["adds", "takes away", "package"], range=[UP, DOWN, SUM])
            .legend(orient="top"),
            tooltip=["measure:N", alt.Tooltip("gain:Q", format="+.3f", title="bn yuan a year")],
        )
        .properties(width=520, height=alt.Step(22))
    )
    return chart.to_dict() | {"config": CONFIG}


def heat_map(pairs: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """Pair by pair, both halves: violet helps, orange hinders; the figure stands in the cell."""
    known = pairs.dropna(subset=["interaction"])
    rows = [
        (names[one], names[other], float(size) / 1e9, plain(float(size) / 1e9, 2))
        for a, b, size in zip(known["measure"], known["other"], known["interaction"], strict=True)
        for one, other in ((a, b), (b, a))
    ]
    table = pd.DataFrame(rows, columns=["measure", "other", "interaction", "text"])
    order = [name for name in names.values() if name in set(table["measure"])]
    largest = float(table["interaction"].abs().max()) if len(table) else 1.0
    base = alt.Chart(table).encode(
        x=alt.X("other:N", sort=order, title=None).axis(labelLimit=340, labelAngle=-50, orient="top", ticks=False),
        y=alt.Y("measure:N", sort=order, title=None).axis(labelLimit=260, ticks=False),
        tooltip=["measure:N", "other:N", alt.Tooltip("interaction:Q", format="+.3f", title="bn yuan a year")],
    )
    cells = base.mark_rect(stroke="#88888844").encode(
        color=alt.Color("interaction:Q", title="bn yuan a year").scale(
            domain=[-largest, 0, largest], range=[COLOURS[0], COLOURS[3], COLOURS[6]]
        )
    )
    text = base.mark_text(fontSize=11).encode(
        text="text:N",
        color=alt.condition(f"abs(datum.interaction) > {0.55 * largest}", alt.value("#ffffff"), alt.value("#1c2127")),
    )
    chart = (cells + text).properties(width=alt.Step(CELL), height=alt.Step(30))
    return chart.to_dict() | {"config": CONFIG}


_HEADS = (
    Head("Measure", "措施", "text"),
    Head("Alone", "单独实施"),
    Head("Last in", "最后加入"),
    Head("Shapley", "夏普利值"),
    Head("Synergy", "协同"),
)
_DRAWN_HEADS = (*_HEADS[:3], Head("Shapley ± standard error", "夏普利值 ± 标准误"), _HEADS[4])
_PAIR_HEADS = (Head("Measure", "措施", "text"), Head("with", "与", "text"), Head("They add to each other", "相互作用"))


def _rows(parts: pd.DataFrame, told: Packages) -> list[tuple[str, ...]]:
    rows = []
    for row in parts.sort_values("shapley", ascending=False).to_dict("records"):
        alone, last, synergy = (change(float(row[name]), "yuan") for name in ("alone", "last_in", "synergy"))
        rows.append((told.measures[row["measure"]], alone, last, _shapley(row, "yuan", told.drawn), synergy))
    return rows


def _pair_rows(pairs: pd.DataFrame, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    ordered = pairs.reindex(pairs["interaction"].abs().sort_values(ascending=False).index)
    return [
        (names[r["measure"]], names[r["other"]], change(float(r["interaction"]), "yuan")) for _, r in ordered.iterrows()
    ]
