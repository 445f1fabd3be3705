"""What the power problem's solution says: figures by area, line and technology, and what a project changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from coregion.energy.system import PowerSystem, Project
from coregion.errors import CoregionError

WITHOUT = "none"
"""Name of the run without any project."""


@dataclass(frozen=True)
class Run:
    """One solution. figures: values by (figure, of what), in the units of ``UNITS``."""

    project: str
    figures: Mapping[tuple[str, str], float]

    def of(self, figure: str) -> dict[str, float]:
        """All values of one figure."""
        return {what: value for (name, what), value in self.figures.items() if name == figure}


UNITS = {
    "price": "yuan/MWh",
    "load": "TWh a year",
    "generation": "TWh a year",
    "new_capacity": "MW",
    "curtailed": "TWh a year",
    "new_storage": "MW",
    "sent": "TWh a year",
    "cost": "yuan a year",
    "co2": "Mt a year",
    "emissions": "t a year",
}
"""Unit of each figure. price: mean of the hours by load; sent: what enters a line, both ways added; emissions: of a
pollutant in an area."""


@dataclass(frozen=True)
class Effect:
    """What a project changes. price_hat: p̂ of power by area. emission_hat: Ê of plants by (pollutant, area)."""

    price_hat: Mapping[str, float]
    emission_hat: Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Power:
    """What the economy needs to know. places: codes that buy in each area. effects: by project."""

    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)


NO_POWER = Power()
"""A study without a power system."""


def effect(system: PowerSystem, without: Run, with_project: Run) -> Effect:
    """p̂ = price with over without; Ê_pj = emissions of p in area j with over without, 1 where there are none.

    Raises CoregionError where a price without the project is not above 0.
    """
    before, after = without.of("price"), with_project.of("price")
    for area, price in before.items():
        if price <= 0:
            raise CoregionError(
                f"found a mean price of power of {price:g} yuan/MWh in '{area}' without the project; expected more "
                "than 0, to say by what part a project changes it. Check the plants' running_yuan_per_mwh."
            )
    emitted, emits = without.of("emissions"), with_project.of("emissions")
    pairs = [(pollutant, area.code) for pollutant in system.pollutants for area in system.file.areas]
    hats = {}
    for pollutant, area in pairs:
        tonnes = emitted[f"{pollutant} {area}"]
        hats[pollutant, area] = emits[f"{pollutant} {area}"] / tonnes if tonnes > 0 else 1.0
    return Effect({area: after[area] / before[area] for area in before}, hats)


def consistency(project: Project) -> dict[str, float]:
    """What the announced figures of a project say together: consistency of the announcement, no evidence for a model.

    full_load_hours = energy / capacity [h a year]; co2_t_per_mwh = CO₂ avoided / energy.
    """
    capacity = float(np.sum([line.capacity_mw for line in project.lines]))
    return {
        "full_load_hours": project.announced_twh * 1e6 / capacity,
        "co2_t_per_mwh": project.announced_co2_mt / project.announced_twh,
    }


def not_fitted(system: PowerSystem, without: Run, with_project: Run) -> dict[str, float]:
    """What the solution says of the announced figures; nothing was set to reach them.

    sent_twh: over the project's lines. full_load_hours: sent over capacity. co2_mt: avoided in all areas.
    co2_t_per_mwh: avoided for each MWh sent.
    """
    project = system.project(with_project.project)
    sent = sum(with_project.figures["sent", line.code] for line in project.lines)
    avoided = sum(without.of("co2").values()) - sum(with_project.of("co2").values())
    capacity = sum(line.capacity_mw for line in project.lines)
    return {
        "sent_twh": sent,
        "full_load_hours": sent * 1e6 / capacity,
        "co2_mt": avoided,
        "co2_t_per_mwh": avoided / sent,
    }
