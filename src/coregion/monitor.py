"""Does it go as projected? Observed indicators of a year against the path and its range; gaps and alerts by place.

A gap z = (observed − projected) / √(σ_observed² + σ_projected²) raises an alert by a rate for every comparison, and
stands against all comparisons together by the rule of Benjamini & Hochberg (1995, recalled): sort p_(1) ≤ … ≤ p_(m),
keep those up to the largest k with p_(k) ≤ q k/m.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import ndtr, ndtri

from coregion.data.tables import Column, Table, read_table
from coregion.errors import Mistake, nearest, raise_together
from coregion.path import Path
from coregion.variables import REGISTER

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    Column("place", "code"),
    Column("variable", "code"),
    Column("year", minimum=1900, maximum=2200),
    Column("value"),
    Column("source", "text"),
    Column("group", "code", required=False, blank=0.0),
    Column("sector", "code", required=False, blank=0.0),
    Column("standard_error", minimum=0, required=False, blank=np.nan),
    Column("base_value", minimum=np.nextafter(0, 1), required=False, blank=np.nan),
)
NORMAL = float(ndtri(0.95))
"""Standard deviations between the middle and the 95th of 100 of a normal distribution."""

RATE, TOGETHER = 0.01, 0.05
"""False alarms: at most this part of the comparisons that go as projected; and of the gaps that stand against all."""

RESERVE = 0.5
"""Part of the rate that is used: ranges drawn from parameters have longer tails than the normal distribution."""

ENOUGH = 10
"""Places from which a common growth is told."""

STARTS = "The projection starts at the base year."

Rows = Float[np.ndarray, " row"]


@dataclass(frozen=True)
class Rules:
    """How gaps are judged.

    error: standard error of an observed figure that states none, as a part of it. rate: of false alarms, for each
    comparison. together: of false ones among the gaps that stand. common_growth: whether the median ratio of observed
    to projected figures over the places of a level is taken as everyone's growth, which the projection does not have.
    """

    error: float = 0.0
    rate: float = RATE
    together: float = TOGETHER
    common_growth: bool = False

    @property
    def limit(self) -> float:
        """|z| from which on there is an alert."""
        return float(-ndtri(RESERVE * self.rate / 2))


@dataclass(frozen=True)
class Monitored:
    """gaps: a row a comparison, largest |z| first. places: a row a place. notes: what a reader must know."""

    gaps: pd.DataFrame
    places: pd.DataFrame
    rules: Rules
    notes: tuple[str, ...]


def read_observed(
    file: File, year: int | None = None, places: Collection[str] = (), base_year: int | None = None
) -> Table:
    """Observed figures, a row a place, variable, group, sector and year, checked by themselves.

    year: other years are left out. places: codes that a row may name, any where there are none. base_year: of the
    study, which figures come after. Raises InputMistakes with every mistake, by line and column.
    """
    table, mistakes = read_table(file, COLUMNS)
    if table is None:
        raise_together(mistakes)
    assert table is not None
    if places:
        for row, cells in enumerate(zip(table.text("place"), table.text("variable"), strict=True)):
            mistakes += _unknown(
                table, row, dict(zip(_KEY, cells, strict=False)), {"place": places, "variable": REGISTER}
            )
    seen: dict[tuple, int] = {}
    years = table.number("year")
    for row, key in enumerate(zip(*(_texts(table, name) for name in _KEY), years.tolist(), strict=True)):
        if years[row] % 1 != 0:
            mistakes.append(table.mistake(row, "year", f"{years[row]:g}", "a whole year"))
        if base_year is not None and years[row] <= base_year:
            expected = f"a year after {base_year}"
            mistakes.append(table.mistake(row, "year", f"{years[row]:g}", expected, STARTS))
        if key in seen:
            found = f"{' '.join(part for part in key[:4] if part)} again, as in line {seen[key]}"
            mistakes.append(table.mistake(row, "place", found, "every figure of a year once", "Remove one of them."))
        seen.setdefault(key, table.lines[row])
    raise_together(mistakes)
    if year is None:
        return table
    kept = np.flatnonzero(years == year)
    if len(kept) == 0:
        known = ", ".join(str(int(y)) for y in np.unique(years))
        raise_together([Mistake(f"no row of the year {year}", f"rows of it, not only of {known}", "", table.file)])
    columns = {name: np.asarray(values)[kept] for name, values in table.columns.items()}
    return Table(table.file, columns, tuple(table.lines[row] for row in kept))


_KEY = ("place", "variable", "group", "sector")


def _texts(table: Table, name: str) -> tuple[str, ...]:
    return table.text(name) if name in table.columns else ("",) * len(table)


def _numbers(table: Table, name: str) -> Rows:
    return table.number(name) if name in table.columns else np.full(len(table), np.nan)


def monitor(observed: Table, on: Path, ranges: pd.DataFrame, rules: Rules) -> Monitored:
    """Hold observed figures against a path.

    ranges: of the package's long-run figures over draws of the parameters (docs/uncertainty.md), may be empty. The
    standard deviation of a projection is that of its range, as far as the figure has come, and of its speeds.
    A row with a base_value has the projection on the level of its own source, times base_value over baseline.
    Raises InputMistakes for places, variables, groups, sectors and years that the path has not, and for figures whose
    error nobody states.
    """
    at = _positions(observed, on)
    years = np.searchsorted(on.years, observed.number("year").astype(int))
    rows = on.rows.iloc[at].reset_index(drop=True)
    value = observed.number("value")
    projected = on.value[years, at]
    stated, own = _numbers(observed, "standard_error"), _numbers(observed, "base_value")
    error = np.where(np.isnan(stated), rules.error * np.abs(value), stated)
    base = rows["baseline"].to_numpy(dtype=float)
    level = np.where(np.isnan(own) | (base == 0), 1.0, own / np.where(base == 0, 1.0, base))
    projected, spread = projected * level, _spread(on, rows, at, years, ranges) * level
    _check_errors(observed, error, spread)
    growth, notes = _common_growth(observed, rows, value, projected, rules)
    gaps = _gaps(observed, rows, projected * growth, spread * growth, error, rules)
    if not len(ranges):
        notes += ("No ranges of the parameters fit this package: a projection's range is that of its speeds only.",)
    return Monitored(gaps, _by_place(gaps), rules, notes)


def _gaps(
    observed: Table, rows: pd.DataFrame, projected: Rows, spread: Rows, error: Rows, rules: Rules
) -> pd.DataFrame:
    """A row a comparison, largest |z| first."""
    value = observed.number("value")
    z = (value - projected) / np.hypot(error, spread)
    p = 2 * ndtr(-np.abs(z))
    gaps = rows.assign(
        year=observed.number("year").astype(int),
        projected=projected,
        low=projected - NORMAL * spread,
        high=projected + NORMAL * spread,
        observed=value,
        standard_error=error,
        gap=value - projected,
        gap_pct=100 * np.divide(value - projected, projected, out=np.full(len(rows), np.nan), where=projected != 0),
        z=z,
        p=p,
        alert=np.abs(z) >= rules.limit,
        stands=benjamini_hochberg(p, rules.together),
        source=observed.text("source"),
    )
    return gaps.iloc[np.argsort(-np.abs(z), kind="stable")].reset_index(drop=True)


def benjamini_hochberg(p: Rows, q: float) -> Bool[np.ndarray, " row"]:
    """Which of m comparisons stand so that of those that do at most a part q is expected to be by chance."""
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= q * np.arange(1, len(p) + 1) / len(p))
    found = np.zeros(len(p), dtype=bool)
    found[order[: passed.max() + 1 if len(passed) else 0]] = True
    return found


def _positions(observed: Table, on: Path) -> np.ndarray:
    """Position among the path's rows of every observed figure; raises InputMistakes with every one that has none."""
    keys = list(zip(*(on.rows[name] for name in _KEY), strict=True))
    position = {key: number for number, key in enumerate(keys)}
    known = {name: set(on.rows[name]) for name in _KEY}
    mistakes, found = [], np.zeros(len(observed), dtype=int)
    for row, key in enumerate(zip(*(_texts(observed, name) for name in _KEY), strict=True)):
        wrong = _unknown(observed, row, dict(zip(_KEY, key, strict=True)), known)
        mistakes += wrong
        if not wrong and key not in position:
            mistakes.append(_no_figure(observed, row, key, keys))
        year = observed.number("year")[row]
        if not on.years[0] < year <= on.years[-1]:
            expected = f"a year after {on.years[0]}, up to {on.years[-1]}"
            mistakes.append(observed.mistake(row, "year", f"{year:g}", expected, STARTS))
        found[row] = position.get(key, 0)
    raise_together(mistakes)
    return found


def _unknown(
    observed: Table, row: int, cells: Mapping[str, str], known: Mapping[str, Collection[str]]
) -> list[Mistake]:
    """Cells of a row that name nothing that is known."""
    return [
        observed.mistake(
            row,
            name,
            f"unknown {name} '{cell}'",
            "an outcome of the model" if name == "variable" else f"a {name} of the study",
            nearest(cell, known[name]),
        )
        for name, cell in cells.items()
        if cell not in known[name]
    ]


def _no_figure(observed: Table, row: int, key: tuple[str, ...], keys: Sequence[tuple[str, ...]]) -> Mistake:
    """A variable that is told by other groups or sectors."""
    told = sorted({" ".join(part for part in other[2:] if part) or "none" for other in keys if other[:2] == key[:2]})
    asked = " ".join(part for part in key[2:] if part) or "no group or sector"
    return observed.mistake(row, "group", f"{key[1]} of {asked}", f"one of: {', '.join(told)}")


def _spread(on: Path, rows: pd.DataFrame, at: np.ndarray, years: np.ndarray, ranges: pd.DataFrame) -> Rows:
    """Standard deviation of each projection: √(range² as far as the figure has come + speeds²)."""
    base = rows["baseline"].to_numpy(dtype=float)
    long_run = np.zeros(len(rows))
    told = {
        (row["place"], row["variable"], row["group"]): (row["high"] - row["low"], row["unit"])
        for row in ranges.to_dict("records")
    }
    for number, row in enumerate(rows.to_dict("records")):
        width, unit = told.get((row["place"], row["variable"], row["group"]), (0.0, ""))
        if row["sector"] == "" and np.isfinite(width):
            long_run[number] = width * (base[number] / 100 if str(unit).startswith("per cent") else 1.0)
    whole, come = np.abs(on.target[-1, at] - base), np.abs(on.value[years, at] - base)
    part = np.minimum(1.0, np.divide(come, whole, out=np.ones(len(base)), where=whole > 0))
    speeds = np.abs(on.fast[years, at] - on.slow[years, at])
    return np.hypot(part * long_run, speeds) / (2 * NORMAL)


def _check_errors(observed: Table, error: Rows, spread: Rows) -> None:
    raise_together(
        [
            observed.mistake(
                row,
                "standard_error",
                "none, and no range of the projection",
                "a standard error above 0",
                "Fill the column, or state one for all figures with --error, as a part of them.",
            )
            for row in np.flatnonzero(~(np.hypot(error, spread) > 0)).tolist()
        ]
    )


def _common_growth(
    observed: Table, rows: pd.DataFrame, value: Rows, projected: Rows, rules: Rules
) -> tuple[Rows, tuple[str, ...]]:
    """The factor by which each projection is raised to what everyone grew, 1 where it cannot be told; and notes."""
    factor = np.ones(len(value))
    if not rules.common_growth:
        return factor, ()
    ratio = np.divide(value, projected, out=np.ones(len(value)), where=projected != 0)
    keyed = rows.assign(year=observed.number("year"), ratio=ratio)
    notes = []
    for (name, _, _, year, _), group in keyed.groupby(["variable", "group", "sector", "year", "level"], sort=False):
        here = group.index.to_numpy()
        if len(here) < ENOUGH or (projected[here] <= 0).any() or (value[here] <= 0).any():
            notes.append(f"No common growth of {name} in {year:g}: it takes {ENOUGH} places of one level above zero.")
            continue
        factor[here] = np.median(group["ratio"])
        notes.append(
            f"{name} in {year:g}: everyone's growth beside the package is taken as {factor[here][0] - 1:+.1%}."
        )
    return factor, tuple(notes)


def _by_place(gaps: pd.DataFrame) -> pd.DataFrame:
    """Comparisons, alerts and the largest gap of every place, most alerts first."""
    grouped = gaps.groupby("place", sort=False)
    places = grouped.agg(
        level=("level", "first"),
        name_en=("name_en", "first"),
        name_zh=("name_zh", "first"),
        comparisons=("z", "size"),
        alerts=("alert", "sum"),
        stand=("stands", "sum"),
        largest_variable=("variable", "first"),
        largest_z=("z", "first"),
    )
    return places.sort_values(["stand", "alerts"], ascending=False, kind="stable").reset_index()
