"""How fast each outcome comes to a new equilibrium: the tables [adjustment.NAME] of study.toml."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coregion.data.toml_positions import TomlDocument
from coregion.errors import Mistake, nearest
from coregion.variables import REGISTER

OTHERS = "others"
"""The entry for every outcome that has none of its own."""


class AdjustmentEntry(BaseModel):
    """Part of its way to the new equilibrium that a variable goes in a year; low, high: how slow and fast it may be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(gt=0, le=1)
    low: float = Field(gt=0, le=1)
    high: float = Field(gt=0, le=1)
    source: str
    assumed: bool

    @model_validator(mode="after")
    def _ordered(self) -> AdjustmentEntry:
        if not self.low <= self.rate <= self.high:
            raise ValueError(f"low ≤ rate ≤ high, not {self.low:g}, {self.rate:g}, {self.high:g}")
        return self


def adjustment_mistakes(entries: Mapping[str, AdjustmentEntry], document: TomlDocument) -> list[Mistake]:
    """Speeds of what is no outcome, and a table without a speed for all the others."""
    known = {OTHERS, *(name for name, entry in REGISTER.items() if entry.role == "outcome")}
    mistakes = [
        Mistake(
            f"adjustment of '{name}'",
            "an outcome of the register",
            nearest(name, known),
            document.file.name,
            document.line_of(("adjustment", name)),
            name,
        )
        for name in entries
        if name not in known
    ]
    if entries and OTHERS not in entries:
        line = document.line_of(("adjustment", next(iter(entries))))
        expected = f"a table [adjustment.{OTHERS}]"
        mistakes.append(Mistake(f"no adjustment of '{OTHERS}'", expected, "Add it.", document.file.name, line, OTHERS))
    return mistakes
