"""The register: every variable's dimensions, unit, meaning in two languages, and where it comes from.

The entries stand in ``variables.csv`` beside this file. A unit is declared there once: the readers convert to it,
the report takes its headings from it, ``coregion variables`` prints it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

from coregion.errors import nearest

ROLES = ("input", "outcome")
CHANGES = ("per cent", "difference")


@dataclass(frozen=True)
class Variable:
    """One variable.

    dimensions: axes in order. origin: the formula, or the table and column of the study that gives it.
    meaning_zh, origin_zh: the same in Chinese; a formula stays as it is, its words are translated.
    role: "input" is read from a table only, "outcome" is what the model gives.
    change: what a change of it is told in, "per cent" or "difference" in its own unit.
    minimum, maximum: admissible values in its unit.
    """

    name: str
    label_en: str
    label_zh: str
    dimensions: tuple[str, ...]
    unit: str
    meaning: str
    meaning_zh: str
    origin: str
    origin_zh: str
    role: str
    change: str
    minimum: float
    maximum: float


def _read() -> dict[str, Variable]:
    text = (resources.files("coregion") / "variables.csv").read_text(encoding="utf-8")
    register = {}
    for row in csv.DictReader(text.splitlines()):
        low, high = float(row.pop("minimum") or "-inf"), float(row.pop("maximum") or "inf")
        dimensions = tuple(row.pop("dimensions").split())
        register[row["name"]] = Variable(**row, dimensions=dimensions, minimum=low, maximum=high)
    return register


REGISTER: dict[str, Variable] = _read()


def variable(name: str) -> Variable:
    """The entry of a variable; a name that is not registered raises KeyError with the nearest one."""
    if name not in REGISTER:
        raise KeyError(f"no variable '{name}' in the register. {nearest(name, REGISTER)}")
    return REGISTER[name]
