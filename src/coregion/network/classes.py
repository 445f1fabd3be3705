"""The settings of a network, network.toml: classes of links, waiting for trains, names of the two tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coregion.data.toml_positions import TomlDocument, mistakes_of, read_toml
from coregion.errors import Mistake, nearest
from coregion.network.record import LinkClass

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClassEntry(_Entry):
    """One [class.NAME]: a speed [km/h] or a fixed time [minutes], and what goes with a link of it."""

    mode: Literal["road", "access", "rail", "sea", "air"]
    speed: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    fixed_minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    detour: float = Field(default=1.0, ge=1, allow_inf_nan=False)
    mountain_factor: float = Field(default=1.0, ge=1, allow_inf_nan=False)
    fare: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    toll: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    capacity: float = Field(gt=0, allow_inf_nan=False)
    service: str = ""

    @model_validator(mode="after")
    def _complete(self) -> ClassEntry:
        if (self.speed is None) == (self.fixed_minutes is None):
            raise ValueError("either a speed or fixed_minutes")
        if (self.mode == "rail") != bool(self.service):
            raise ValueError("a service for the mode rail, and for no other mode")
        return self


class TableNames(_Entry):
    """File names within the study folder."""

    nodes: str = "network_nodes.csv"
    links: str = "network_links.csv"


class NetworkSettings(_Entry):
    """The form of network.toml.

    base_month: "YYYY-MM"; links opened later are closed at the baseline. stop_minutes: lost in one start and stop of
    a train. own_class: class of road for trips inside a region. boarding: minutes waited for a train, by service.
    """

    base_month: str = Field(pattern=MONTH)
    stop_minutes: float = Field(ge=0, allow_inf_nan=False)
    own_class: str
    tables: TableNames = TableNames()
    boarding: dict[str, float] = Field(default_factory=dict)
    classes: dict[str, ClassEntry] = Field(alias="class", min_length=1)

    def link_classes(self) -> tuple[LinkClass, ...]:
        """The classes as the network's record has them; a missing speed or fixed time is NaN."""
        return tuple(
            LinkClass(
                name=name,
                mode=entry.mode,
                speed=math.nan if entry.speed is None else entry.speed,
                detour=entry.detour,
                mountain_factor=entry.mountain_factor,
                fare=entry.fare,
                toll=entry.toll,
                capacity=entry.capacity,
                service=entry.service,
                fixed_minutes=math.nan if entry.fixed_minutes is None else entry.fixed_minutes,
            )
            for name, entry in self.classes.items()
        )


KNOWN_KEYS = {
    "": ("base_month", "stop_minutes", "own_class", "tables", "boarding", "class"),
    "tables": tuple(TableNames.model_fields),
    "class": tuple(ClassEntry.model_fields),
}


def collect_network_settings(file: Path) -> tuple[NetworkSettings | None, list[Mistake]]:
    """Read network.toml; its mistakes, each with its line, and None where they leave nothing to go on with."""
    document, mistakes = read_toml(file)
    if document is None:
        return None, mistakes
    try:
        settings = NetworkSettings.model_validate(document.data)
    except ValidationError as error:
        return None, mistakes_of(error, document, KNOWN_KEYS)
    return settings, [*_service_mistakes(settings, document), *_own_class_mistakes(settings, document)]


def _service_mistakes(settings: NetworkSettings, document: TomlDocument) -> list[Mistake]:
    """Waiting below zero, and services that nobody gave a waiting time."""
    name = document.file.name
    mistakes = [
        Mistake(f"{minutes:g}", "minutes of 0 or more", "", name, document.line_of(("boarding", service)), service)
        for service, minutes in settings.boarding.items()
        if not 0 <= minutes < math.inf
    ]
    for class_name, entry in settings.classes.items():
        if entry.service and entry.service not in settings.boarding:
            found = f"service '{entry.service}' of class '{class_name}'"
            line = document.line_of(("class", class_name, "service"))
            remedy = nearest(entry.service, settings.boarding)
            mistakes.append(Mistake(found, "a service with its waiting in [boarding]", remedy, name, line, "service"))
    return mistakes


def _own_class_mistakes(settings: NetworkSettings, document: TomlDocument) -> list[Mistake]:
    roads = [name for name, entry in settings.classes.items() if entry.mode == "road" and entry.speed is not None]
    if settings.own_class in roads:
        return []
    found, line = f"own_class '{settings.own_class}'", document.line_of(("own_class",))
    expected = "a class of the mode road with a speed"
    return [Mistake(found, expected, nearest(settings.own_class, roads), document.file.name, line, "own_class")]
