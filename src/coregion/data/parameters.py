"""The parameters of a study: which the model reads, within what bounds, and what study.toml says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from coregion.data.toml_positions import TomlDocument
from coregion.errors import Mistake, nearest

# Every parameter that the model reads, with the values for which its equations are defined.
ADMISSIBLE: dict[str, tuple[float, float]] = {
    "commuting_elasticity": (1.01, 50),
    "migration_elasticity": (0, 50),
    "trade_elasticity_scale": (0.1, 10),
    "goods_share": (0.01, 0.99),
    "household_share": (0.01, 1),
    "floor_space_supply_elasticity": (0, 20),
    "agglomeration_elasticity": (-0.5, 0.5),
    "agglomeration_decay": (0, 10),
    "entry_elasticity": (0, 1),
    "residential_spillover": (-1, 0.5),
    "residential_decay": (0, 10),
    "workplace_density_exponent": (-1, 1),
    "commuting_decay": (0, 1),
    "commuting_power": (0, 20),
    "commuting_from_outside": (0, 0.95),
    "export_share": (0, 1),
    "gateway_minutes": (0, 1e6),
    "labour_share_target": (0.05, 0.95),
    "wage_factor_limit": (0.01, 10),
    "pension": (0, 1e6),
    "migration_distance_elasticity": (0, 10),
    "migrants_from_other_provinces": (0, 0.9),
    "migrant_share_60_same_county": (0, 1),
    "migrant_share_60_same_province": (0, 1),
    "migrant_share_60_other_province": (0, 1),
    "central_share_public_jobs": (0, 1),
    "discount_rate": (0, 1),
    "clean_air_value": (0, 0.2),
    "air_hazard": (0, 1),
    "air_mortality": (0, 0.05),
    "service_elasticity_working": (0, 2),
    "service_elasticity_not_working": (0, 2),
}

# Parameters that a study needs only when it names this table.
NEEDED_WITH: dict[str, str] = {
    "clean_air_value": "emissions",
    "air_hazard": "emissions",
    "air_mortality": "emissions",
    "service_elasticity_working": "services",
    "service_elasticity_not_working": "services",
}

Distribution = Literal["fixed", "uniform", "normal", "lognormal", "triangular"]
SPREAD = ("normal", "lognormal")
"""Distributions that need a spread; all are cut off at low and high."""


class ParameterEntry(BaseModel):
    """spread: standard deviation of a normal draw, or of the logarithm of a lognormal one.

    name_zh, meaning_zh, source_zh: what the page and the report show in Chinese; empty: only English there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    unit: str
    meaning: str
    source: str
    low: float
    high: float
    distribution: Distribution
    assumed: bool
    spread: float = Field(default=0.0, ge=0)
    by: dict[str, float] = Field(default_factory=dict)
    name_zh: str = ""
    meaning_zh: str = ""
    source_zh: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> ParameterEntry:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low ≤ value ≤ high, not {self.low:g}, {self.value:g}, {self.high:g}")
        if (self.distribution in SPREAD) != (self.spread > 0):
            raise ValueError(f"a spread above 0 for {' and '.join(SPREAD)}, none for others, not {self.spread:g}")
        if self.distribution == "lognormal" and self.low <= 0:
            raise ValueError(f"low above 0 for a lognormal, not {self.low:g}")
        return self


@dataclass(frozen=True)
class Parameter:
    """A number that the model takes, and why. by: other values by jurisdiction or region code.

    low, high, distribution, spread: what is drawn where its uncertainty is told (``coregion.uncertainty``).
    """

    name: str
    value: float
    unit: str
    meaning: str
    source: str
    low: float
    high: float
    distribution: str
    assumed: bool
    by: Mapping[str, float] = field(default_factory=dict)
    spread: float = 0.0
    name_zh: str = ""
    meaning_zh: str = ""
    source_zh: str = ""

    def at(self, *codes: str) -> float:
        """The value of the first of the codes (region, prefecture, province) that has its own, else the general one."""
        return next((self.by[code] for code in codes if code in self.by), self.value)

    def along(self, *codes: tuple[str, ...]) -> np.ndarray:
        """The values along regions, [region]; codes: tuples of region, prefecture, province codes, finest first."""
        return np.array([self.at(*names) for names in zip(*codes, strict=True)])


def parameter_mistakes(document: TomlDocument) -> list[Mistake]:
    """Unknown and missing parameters, values outside the admissible range, η above ε."""
    given = document.data.get("parameters", {})
    mistakes: list[Mistake] = []

    def note(name: str, found: str, expected: str, remedy: str = "", key: str = "") -> None:
        line = document.line_of(("parameters", name, key)) if key else document.line_of(("parameters", name))
        mistakes.append(Mistake(found, expected, remedy, document.file.name, line, key or name))

    if not isinstance(given, dict):
        return mistakes
    for name, entry in given.items():
        if name not in ADMISSIBLE:
            note(name, f"unknown parameter '{name}'", "a parameter of the model", nearest(name, ADMISSIBLE))
            continue
        low, high = ADMISSIBLE[name]
        for key, value in _numbers(entry):
            if not low <= value <= high:
                found = f"parameters.{name}.{key} = {value:g}"
                note(
                    name, found, f"{low:g} to {high:g}", "Outside it the equations have no solution.", key.split(".")[0]
                )
    for name in ADMISSIBLE:
        if name not in given and name in needed(document):
            note(name, f"no parameter '{name}'", f"a table [parameters.{name}]", "docs/data.md lists them all.")
    migration, commuting = _value(given, "migration_elasticity"), _value(given, "commuting_elasticity")
    if migration is not None and commuting is not None and migration > commuting:
        found = f"migration_elasticity {migration:g} above commuting_elasticity {commuting:g}"
        note("migration_elasticity", found, "0 < η ≤ ε", "Lower the one or raise the other.", "value")
    if migration == 0:
        note("migration_elasticity", "migration_elasticity 0", "η > 0", "Immobility holds in hats only.", "value")
    return mistakes


def needed(document: TomlDocument) -> set[str]:
    """Parameters that must be there, given the tables that the study names."""
    tables = document.data.get("tables", {})
    named = {key for key, name in tables.items() if name} if isinstance(tables, dict) else set()
    return {name for name in ADMISSIBLE if name not in NEEDED_WITH or NEEDED_WITH[name] in named}


def _numbers(entry: object) -> list[tuple[str, float]]:
    if not isinstance(entry, dict):
        return []
    own = entry.get("by")
    pairs = [("value", entry.get("value")), ("low", entry.get("low")), ("high", entry.get("high"))]
    pairs += [(f"by.{code}", value) for code, value in own.items()] if isinstance(own, dict) else []
    return [(key, float(value)) for key, value in pairs if isinstance(value, int | float)]


def _value(given: dict, name: str) -> float | None:
    entry = given.get(name)
    value = entry.get("value") if isinstance(entry, dict) else None
    return float(value) if isinstance(value, int | float) else None
