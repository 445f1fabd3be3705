"""The range of a figure and how it is written beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from coregion.report.numbers import SPACE


@dataclass(frozen=True)
class Span:
    """low, high: 5th and 95th of 100 draws; loss: part of the draws below zero. NaN where a figure has no range."""

    low: float = math.nan
    high: float = math.nan
    loss: float = math.nan

    def __bool__(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    def beside(self, text: str, written: Callable[[float], str]) -> str:
        """A figure with its range: +1.2 bn yuan (+0.8 bn to +1.7 bn); the figure alone where there is none."""
        return f"{text} ({self.between(written)})" if self else text

    def between(self, written: Callable[[float], str]) -> str:
        """Only the range; empty where there is none."""
        return f"{written(self.low)} to {written(self.high)}" if self else ""

    @property
    def loses(self) -> str:
        """In how many draws of 100 it is below zero, in words; empty where there is no range."""
        if not self:
            return ""
        hundred = 100 * self.loss
        if hundred in (0, 100):
            return "no draw loses" if hundred == 0 else "every draw loses"
        rounded = "fewer than 1" if hundred < 1 else "more than 99" if hundred > 99 else f"{hundred:.0f}"
        return f"loses in {rounded} of{SPACE}100 draws"


@dataclass(frozen=True)
class Spans:
    """Ranges by place, package and variable, all groups together."""

    rows: Mapping[tuple[str, str, str], Span] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def of(self, place: str, package: str, variable: str) -> Span:
        """The range of a figure, or one without limits."""
        return self.rows.get((place, package, variable), Span())


def spans(ranges: pd.DataFrame | None) -> Spans:
    """From the table: place, package, variable, low, high and, where it has them, group and probability_of_loss."""
    if ranges is None or ranges.empty:
        return Spans()
    rows = ranges[ranges["group"].fillna("") == ""] if "group" in ranges else ranges
    loss = rows["probability_of_loss"] if "probability_of_loss" in rows else pd.Series(math.nan, index=rows.index)
    columns = (rows[name].astype(str) for name in ("place", "package", "variable"))
    values = zip(rows["low"].astype(float), rows["high"].astype(float), loss.astype(float), strict=True)
    return Spans(dict(zip(zip(*columns, strict=True), (Span(*row) for row in values), strict=True)))
