"""The range of a figure and how it is written beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import pandas as pd

from coregion.report.numbers import SPACE

OFTEN = 0.95
"""Part of the draws from which on a place is counted as one that gains, or that loses, over the draws."""


@dataclass(frozen=True)
class Figure:
    """A figure that the model makes, as it is written. range: that of it over the draws; empty where none is known."""

    text: str
    range: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.range})" if self.range else self.text


@dataclass(frozen=True)
class Span:
    """low, high: 5th and 95th of 100 draws; loss: part of the draws below zero. NaN where a figure has no range."""

    low: float = math.nan
    high: float = math.nan
    loss: float = math.nan

    def __bool__(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    def figure(self, text: str, written: Callable[[float], str]) -> Figure:
        """A figure with its range, or without one where there is none."""
        return Figure(text, self.between(written))

    def beside(self, text: str, written: Callable[[float], str]) -> str:
        """The same as one text: +1.2 bn yuan (+0.8 to +1.7 bn yuan); the figure alone where there is no range."""
        return str(self.figure(text, written))

    def between(self, written: Callable[[float], str]) -> str:
        """Only the range: −1.7 bn to +37 m yuan; empty where there is none."""
        if not self:
            return ""
        if self.low == self.high:
            return "does not vary"
        low, high = written(self.low).split(SPACE), written(self.high).split(SPACE)
        units = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(low[:0:-1], high[:0:-1], strict=False))))
        return f"{SPACE.join(low[: len(low) - units])} to {SPACE.join(high)}"

    def times(self, factor: float) -> Span:
        """The range of the figure in another unit, or with the other sign, of which no loss is told."""
        if not self:
            return self
        low, high = sorted((self.low * factor, self.high * factor))
        return Span(low, high, self.loss if factor > 0 else math.nan)

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


def over_draws(found: Sequence[Span]) -> str:
    """How sure the number of those below zero is, from how often each is; empty where that is not known of all."""
    if not found or not all(span and math.isfinite(span.loss) for span in found):
        return ""
    if all(span.loss == 0 for span in found):
        return "In no draw does any of them lose."
    above, below = sum(span.loss <= 1 - OFTEN for span in found), sum(span.loss >= OFTEN for span in found)
    rest = len(found) - above - below
    return f"In {100 * OFTEN:.0f} of 100 draws or more: {above} above zero, {below} below; {rest} on either side."


def spans(ranges: pd.DataFrame | None) -> Spans:
    """From the table: place, package, variable, low, high and, where it has them, group and probability_of_loss."""
    if ranges is None or ranges.empty:
        return Spans()
    rows = ranges[ranges["group"].fillna("") == ""] if "group" in ranges else ranges
    loss = rows["probability_of_loss"] if "probability_of_loss" in rows else pd.Series(math.nan, index=rows.index)
    columns = (rows[name].astype(str) for name in ("place", "package", "variable"))
    values = zip(rows["low"].astype(float), rows["high"].astype(float), loss.astype(float), strict=True)
    return Spans(dict(zip(zip(*columns, strict=True), (Span(*row) for row in values), strict=True)))
