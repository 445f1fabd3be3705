"""The inputs of the power problem as checked records: areas, technologies, plants, stores, lines, projects, hours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field

FORMULATION = 1
"""Number of the programme in ``expansion``; results of another number are not used."""

Text = Annotated[str, Field(min_length=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Life = Annotated[float, Field(gt=0, le=200)]


class Entry(BaseModel):
    """A table of power.toml; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(Entry):
    """A node with a load. places: codes of regions, prefectures or first-level jurisdictions that buy there."""

    code: Text
    name_en: Text
    name_zh: Text
    places: tuple[Text, ...] = Field(min_length=1)
    source: Text


class Technology(Entry):
    """A way to make power. profile: what its output may not pass by the hour (``wind``, ``sun``), empty for none.

    investment_yuan_per_kw is spread over life_years at the discount rate; upkeep_share of it is spent every year.
    running_yuan_per_mwh: fuel and wear. co2_t_per_mwh, and emissions_kg_per_mwh of what is breathed, by pollutant code.
    """

    code: Text
    name_en: Text
    name_zh: Text
    profile: str = ""
    investment_yuan_per_kw: Amount
    life_years: Life
    upkeep_share: Share
    running_yuan_per_mwh: Amount
    co2_t_per_mwh: Amount
    emissions_kg_per_mwh: dict[str, Amount] = Field(default_factory=dict)
    source: Text


class Plants(Entry):
    """What stands of a technology in an area and what may be added [MW]. lowest_output: of what stands, every hour."""

    area: Text
    technology: Text
    existing_mw: Amount
    most_new_mw: Amount
    lowest_output: Share = 0.0
    source: Text


class Stores(Entry):
    """Storage in an area. hours: full output that a full store gives; efficiency: there and back."""

    area: Text
    hours: float = Field(gt=0, le=1000)
    efficiency: float = Field(gt=0, le=1)
    investment_yuan_per_kw: Amount
    life_years: Life
    upkeep_share: Share
    existing_mw: Amount
    most_new_mw: Amount
    source: Text


class Line(Entry):
    """Capacity between two areas, the same both ways. loss: part of what enters that does not arrive."""

    code: Text
    one: Text
    other: Text
    capacity_mw: Amount
    loss: Annotated[float, Field(ge=0, lt=1)]
    source: Text


class Project(Entry):
    """Lines that a measure adds, and what was announced of them: energy a year and CO₂ that it avoids."""

    code: Text
    name_en: Text
    name_zh: Text
    lines: tuple[Line, ...] = Field(min_length=1)
    announced_twh: Amount
    announced_co2_mt: Amount
    source: Text


class PowerFile(Entry):
    """The form of power.toml."""

    hours: Text = "power_hours.csv"
    results: Text = "power_results.csv"
    discount_rate: Share
    areas: tuple[Area, ...] = Field(min_length=1)
    technologies: tuple[Technology, ...] = Field(min_length=1)
    plants: tuple[Plants, ...] = Field(min_length=1)
    stores: tuple[Stores, ...] = ()
    lines: tuple[Line, ...] = ()
    projects: tuple[Project, ...] = ()


@dataclass(frozen=True)
class Hours:
    """The hours that stand for a year.

    block: [hour] label of a run of hours in a row; stores end each as they began it. weight: hours of the year that
    each stands for; sums to 8,760. load: [area, hour] MW. profile: output over capacity [hour] by (profile, area).
    """

    block: tuple[str, ...]
    weight: Float[np.ndarray, " hour"]
    load: Float[np.ndarray, "area hour"]
    profile: Mapping[tuple[str, str], Float[np.ndarray, " hour"]]


@dataclass(frozen=True)
class PowerSystem:
    """Everything the power problem needs."""

    file: PowerFile
    hours: Hours

    @property
    def pollutants(self) -> tuple[str, ...]:
        """Codes of what the technologies emit that is breathed nearby."""
        return tuple(sorted({code for kind in self.file.technologies for code in kind.emissions_kg_per_mwh}))

    def technology(self, code: str) -> Technology:
        """The technology of a code."""
        return next(entry for entry in self.file.technologies if entry.code == code)

    def project(self, code: str) -> Project:
        """The project of a code."""
        return next(entry for entry in self.file.projects if entry.code == code)


def fingerprint(system: PowerSystem) -> str:
    """A hash of all that the results depend on: figures, not names, sources or the layout of the files."""
    words = {"name_en", "name_zh", "source", "places", "announced_twh", "announced_co2_mt", "hours", "results"}
    content = {
        "formulation": FORMULATION,
        "file": _without(system.file.model_dump(), words, top=True),
        "block": system.hours.block,
        "weight": system.hours.weight.tolist(),
        "load": system.hours.load.tolist(),
        "profile": {f"{kind}_{area}": values.tolist() for (kind, area), values in system.hours.profile.items()},
    }
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without(value, words: set[str], top: bool = False):
    """The same without keys that no result depends on; ``hours`` of a store is a figure, that of the file a name."""
    if isinstance(value, Mapping):
        skip = words if top else words - {"hours"}
        return {key: _without(entry, words) for key, entry in value.items() if key not in skip}
    if isinstance(value, list | tuple):
        return [_without(entry, words) for entry in value]
    return value
