"""A link that is drawn on the map as a measure of the study: what it costs, who pays, how long it is."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from coregion.errors import Mistake, nearest, raise_together
from coregion.measures.cost import Cost
from coregion.measures.link import Link, NewLink
from coregion.measures.read import known_codes
from coregion.network.record import great_circle_km
from coregion.server.package_text import DrawnLink
from coregion.study import Study

DRAWABLE = ("road", "rail")
"""Modes of which a planner may draw a link: what connects two counties on the ground."""

LIFE_YEARS = 50.0
UPKEEP = 0.01
"""Assumed where the study builds nothing of the class: a life of 50 years, 1 % of the investment a year."""


@dataclass(frozen=True)
class UnitCost:
    """What a km of a class costs by the study's own measures. yuan_per_km: NaN where none opens a link of the class."""

    yuan_per_km: float = math.nan
    life_years: float = LIFE_YEARS
    upkeep: float = UPKEEP
    source: str = "no measure of the study builds one: enter a cost, or none is charged"
    source_zh: str = "本研究没有此类线路的措施：请填写造价，否则不计费用"


@dataclass(frozen=True)
class Builder:
    """What the study says about links: costs by class, codes that exist, the sector that builds."""

    study: Study
    unit_costs: Mapping[str, UnitCost]
    spent_on: str
    payers: frozenset[str]
    counties: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, study: Study) -> Builder:
        """Read once for all links."""
        region = study.region
        spending = Counter(measure.cost.spent_on for measure in study.measures if isinstance(measure, Link))
        every = spending or Counter(measure.cost.spent_on for measure in study.measures)
        spent_on = every.most_common(1)[0][0] if every else region.sectors[0]
        payers = known_codes(region, study.network)["payer"]
        counties = {code: position for position, code in enumerate(region.code[: region.inside])}
        return cls(study, unit_costs(study), spent_on, payers, counties)

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of links that can be drawn."""
        return tuple(c.name for c in self.study.network.classes if c.mode in DRAWABLE)

    def measure(self, link: DrawnLink) -> Link:
        """The link as a measure of kind ``link``; raises InputMistakes for what is not known."""
        raise_together(self._mistakes(link))
        start, end = (self.counties[code] for code in (link.origin, link.destination))
        region, unit = self.study.region, self.unit_costs[link.class_name]
        length = self.length_km(link)
        given = not math.isnan(link.yuan_per_km)
        per_km = link.yuan_per_km if given else 0.0 if math.isnan(unit.yuan_per_km) else unit.yuan_per_km
        names = f"{region.name_en[start]}–{region.name_en[end]}", f"{region.name_zh[start]}—{region.name_zh[end]}"
        return Link(
            name=link_name(link),
            name_en=f"New link {names[0]}",
            name_zh=f"新增线路 {names[1]}",
            pillar="drawn",
            document="Drawn on the map",
            quote="Drawn on the map; nobody has announced it.",
            opens=self.study.settings.base_year,
            intensity=link.intensity,
            cost=Cost(
                investment_yuan=per_km * length,
                life_years=unit.life_years,
                yearly_yuan=unit.upkeep * per_km * length,
                spent_on=self.spent_on,
                where=tuple(dict.fromkeys((link.origin, link.destination))),
            ),
            payer=link.payer or region.province[start],
            sources=("entered by the planner" if given else unit.source,),
            assumptions=(f"{per_km:,.0f} yuan a km over {length:,.1f} km",),
            additions=(
                NewLink(
                    origin=link.origin,
                    destination=link.destination,
                    class_name=link.class_name,
                    length_km=length,
                ),
            ),
        )

    def length_km(self, link: DrawnLink) -> float:
        """As entered, else great circle times the detour of the class [km]."""
        if not math.isnan(link.length_km):
            return link.length_km
        region, network = self.study.region, self.study.network
        start, end = (self.counties[code] for code in (link.origin, link.destination))
        x, y = region.longitude, region.latitude
        detour = network.classes[network.class_index(link.class_name)].detour
        return float(great_circle_km(x[start], y[start], x[end], y[end]) * detour)

    def _mistakes(self, link: DrawnLink) -> list[Mistake]:
        found = [
            Mistake(f"unknown county '{code[:40]}' at an end of a link", "a county of the study")
            for code in (link.origin, link.destination)
            if code not in self.counties
        ]
        if link.class_name not in self.classes:
            remedy = nearest(link.class_name, self.classes)
            found.append(Mistake(f"unknown class '{link.class_name[:40]}'", "a class of road or rail", remedy))
        if link.payer and link.payer not in self.payers:
            remedy = nearest(link.payer, [payer.code for payer in self.study.region.payers])
            found.append(Mistake(f"unknown payer '{link.payer[:40]}' of a link", "a payer of the study", remedy))
        if link.origin == link.destination:
            found.append(Mistake(f"a link from '{link.origin[:40]}' to itself", "two counties"))
        if not math.isnan(link.length_km) and not 0.1 <= link.length_km <= 5000:
            found.append(Mistake(f"a link of {link.length_km:g} km", "a length of 0.1 to 5,000 km"))
        if not math.isnan(link.yuan_per_km) and link.yuan_per_km > 1e11:
            found.append(Mistake(f"{link.yuan_per_km:g} yuan a km", "at most 1e11"))
        return found


def link_name(link: DrawnLink) -> str:
    """A name of its own for what the link does to the network, whatever it costs: ends, class and length."""
    identity = "~".join([*sorted((link.origin, link.destination)), link.class_name, f"{link.length_km:g}"])
    return f"drawn_{hashlib.sha256(identity.encode()).hexdigest()[:10]}"


def unit_costs(study: Study) -> dict[str, UnitCost]:
    """By class of link: investment over km of the study's measures that open lines of it, weighted by km."""
    links, classes = study.network.links, study.network.classes
    line = np.array(links.line)
    km: dict[str, list[tuple[float, Link, float]]] = {}
    for measure in study.measures:
        if not isinstance(measure, Link) or not measure.lines:
            continue
        opens = np.isin(line, measure.lines)
        total = float(links.length[opens].sum())
        for kind in np.unique(links.kind[opens]):
            length = float(links.length[opens & (links.kind == kind)].sum())
            if total > 0 and measure.cost.investment_yuan > 0:
                km.setdefault(classes[kind].name, []).append((length, measure, total))
    return {c.name: _mean_cost(km.get(c.name, [])) for c in classes}


def _mean_cost(found: list[tuple[float, Link, float]]) -> UnitCost:
    if not found:
        return UnitCost()
    weight = np.array([length for length, _, _ in found])
    per_km = np.array([m.cost.investment_yuan / total for _, m, total in found])
    life = np.array([m.cost.life_years for _, m, _ in found])
    upkeep = np.array([m.cost.yearly_yuan / m.cost.investment_yuan for _, m, _ in found])
    share = weight / weight.sum()
    source = f"mean a km of “{'”, “'.join(measure.name_en for _, measure, _ in found)}”"
    source_zh = f"“{'”、“'.join(measure.name_zh for _, measure, _ in found)}”每公里均值"
    return UnitCost(float(share @ per_km), float(share @ life), float(share @ upkeep), source, source_zh)
