"""The ranges of the governments' game over the draws, as a report writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any

from coregion.governments.figures import figure_name
from coregion.report.numbers import SPACE
from coregion.report.spans import Span


@dataclass(frozen=True)
class GameSpans:
    """By the name of a figure (``governments.figures``): low, high, mean, loss and draws; empty without.

    answered: draws with an answer. A figure that some of them do not have (a rule that does not apply, transfers inside
    the equilibrium that do not exist) is not so in those.
    """

    rows: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    answered: int = 0

    def __bool__(self) -> bool:
        return bool(self.rows)

    def of(self, *parts: str) -> Span:
        """The range of an amount."""
        found = self.rows.get(figure_name(*parts))
        return Span(found["low"], found["high"], found["loss"]) if found else Span()

    def part(self, *parts: str) -> float | None:
        """In which part of the draws something is so; None where that is not known."""
        found = self.rows.get(figure_name(*parts))
        return found["mean"] * (found["draws"] / self.answered) if found else None

    def often(self, *parts: str) -> str:
        """The same in words; empty where it is not known."""
        part = self.part(*parts)
        return "" if part is None else f"in {hundredths(part)}{SPACE}draws"

    def least(self, what: str, names: Sequence[str]) -> float | None:
        """The smallest such part of some names, None where one is not known or there is no name."""
        found = [self.part(what, name) for name in names]
        known = [part for part in found if part is not None]
        return min(known) if known and len(known) == len(found) else None

    def most(self, what: str, names: Sequence[str]) -> float | None:
        """The largest."""
        found = [self.part(what, name) for name in names]
        known = [part for part in found if part is not None]
        return max(known) if known and len(known) == len(found) else None


def game_spans(told: Mapping[str, Any]) -> GameSpans:
    """Of what a run says of the game."""
    drawn = told.get("drawn", {})
    return GameSpans(told.get("ranges", {}), drawn.get("draws", 0) - drawn.get("failed", 0))


def hundredths(part: float) -> str:
    """93 of 100; all; no."""
    if part in (0, 1):
        return "all" if part else "no"
    number = "fewer than 1" if part < 0.01 else "more than 99" if part > 0.99 else f"{100 * part:.0f}"
    return f"{number} of{SPACE}100"


def at_least(part: float) -> str:
    """In how many draws something is so, rounded down."""
    return "in every draw" if part == 1 else f"in at least {floor(100 * part)} of{SPACE}100 draws"


def at_most(part: float) -> str:
    """The same rounded up."""
    return "in no draw" if part == 0 else f"in at most {ceil(100 * part)} of{SPACE}100 draws"
