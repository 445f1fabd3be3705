"""Where do urban areas end before and after a package? Every rule at its official thresholds and at others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from coregion.errors import CoregionError, InputMistakes, nearest
from coregion.metro import (
    CityOfUnit,
    Commuters,
    UrbanAreas,
    canadian,
    dense_cities,
    eu_oecd,
    one_hour_circle,
    travel_to_work_areas,
)
from coregion.outcomes import Levels
from coregion.region import Region

if TYPE_CHECKING:
    import pandas as pd

ENTERS, LEAVES, MOVES, INSIDE, OUTSIDE = "enters", "leaves", "moves", "inside", "outside"
"""What a package does to a county: it comes into an area, out of one, from one into another, stays in one or none."""

DENSE = 1500.0
"""People a km² of a county that is a city by itself."""


@dataclass(frozen=True)
class Picture:
    """What the rules look at, along the counties inside the region: commuters [home, work], minutes of the way, the
    city that a dense county is (−1 for none), residents and square kilometres."""

    commuters: Commuters
    minutes: Float[np.ndarray, "home work"]
    city: CityOfUnit
    people: Float[np.ndarray, " unit"]
    square_km: Float[np.ndarray, " unit"]

    @classmethod
    def of(cls, region: Region, levels: Levels, minutes) -> Picture:
        """Of one equilibrium."""
        inside = ~region.external
        people = np.asarray(levels["residents"]).sum(axis=0)[inside]
        among = np.ix_(inside, inside)
        commuters, times = np.asarray(levels["commuting"])[among], np.asarray(minutes)[among]
        return cls(commuters, times, dense_cities(people, region.area[inside], DENSE), people, region.area[inside])

    @property
    def core(self) -> CityOfUnit:
        """Cities that commuting joins by the EU–OECD rule are one core for the Canadian rule and the circle."""
        joined = eu_oecd(self.commuters, self.city)
        return np.where(joined.is_core, joined.area, -1)

    def less_dense(self, density: float) -> CityOfUnit:
        """Cities from another density."""
        return dense_cities(self.people, self.square_km, density)


Draw = Callable[[Picture], UrbanAreas]


@dataclass(frozen=True)
class Rule:
    """A rule by its names; thresholds: how to draw its areas, the official one first."""

    name_en: str
    name_zh: str
    thresholds: Mapping[str, Draw]

    @property
    def official(self) -> str:
        """The thresholds that the rule's makers set."""
        return next(iter(self.thresholds))


RULES: Mapping[str, Rule] = {
    "eu_oecd": Rule(
        "EU–OECD functional urban area",
        "欧盟–经合组织功能城市区",
        {
            "15 % of workers": lambda at: eu_oecd(at.commuters, at.city),
            "10 % of workers": lambda at: eu_oecd(at.commuters, at.city, 0.10),
            "20 % of workers": lambda at: eu_oecd(at.commuters, at.city, 0.20),
            "15 %, cities from 1,000 people a km²": lambda at: eu_oecd(at.commuters, at.less_dense(1000.0)),
        },
    ),
    "canada": Rule(
        "Canadian metropolitan area",
        "加拿大都市区",
        {
            "50 % out or 25 % in": lambda at: canadian(at.commuters, at.core),
            "40 % out or 20 % in": lambda at: canadian(at.commuters, at.core, 0.40, 0.20),
            "60 % out or 30 % in": lambda at: canadian(at.commuters, at.core, 0.60, 0.30),
        },
    ),
    "britain": Rule(
        "British travel-to-work area",
        "英国通勤区",
        {
            "75 % to 66.7 % at home": lambda at: travel_to_work_areas(at.commuters),
            "70 % to 60 % at home": lambda at: travel_to_work_areas(at.commuters, shares=(0.70, 0.60)),
            "80 % to 75 % at home": lambda at: travel_to_work_areas(at.commuters, shares=(0.80, 0.75)),
        },
    ),
    "one_hour": Rule(
        "One-hour commuting circle",
        "一小时通勤圈",
        {
            "60 minutes": lambda at: one_hour_circle(at.minutes, at.core),
            "45 minutes": lambda at: one_hour_circle(at.minutes, at.core, 45.0),
            "75 minutes": lambda at: one_hour_circle(at.minutes, at.core, 75.0),
        },
    ),
}


def urban_areas_frame(region: Region, before: Picture, after: Picture, package: str, rule: str = "") -> pd.DataFrame:
    """A row a county, rule and threshold: the area before and after (its core with most people), and what changes.

    rule: one of RULES, all by default. Raises CoregionError for another.
    """
    import pandas as pd

    if rule and rule not in RULES:
        raise CoregionError(f"found the rule '{rule}'; expected {', '.join(RULES)}. {nearest(rule, RULES)}")
    inside = np.flatnonzero(~region.external)
    codes, cities = np.array(region.code)[inside], np.array(region.prefecture)[inside]
    frames = []
    for code, chosen in RULES.items():
        for threshold, draw in chosen.thresholds.items() if rule in ("", code) else ():
            was, now = drawn(draw, before), drawn(draw, after)
            names_before, names_after = (_names(areas, before.people, codes) for areas in (was, now))
            frames.append(
                pd.DataFrame(
                    {
                        "region": codes,
                        "name_en": np.array(region.name_en)[inside],
                        "name_zh": np.array(region.name_zh)[inside],
                        "prefecture": cities,
                        "jurisdiction": np.array(region.province)[inside],
                        "package": package,
                        "rule": code,
                        "threshold": threshold,
                        "official": threshold == chosen.official,
                        "area_before": names_before,
                        "area_after": names_after,
                        "core_before": was.is_core & (was.area >= 0),
                        "core_after": now.is_core & (now.area >= 0),
                        "change": _change(names_before, names_after),
                        "residents_before": before.people,
                        "residents_after": after.people,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def areas_told(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A record a rule and threshold: areas, counties and part of the people in them before and after; who changes."""
    told = []
    for (rule, threshold), rows in frame.groupby(["rule", "threshold"], sort=False):
        record: dict[str, Any] = {
            "rule": rule,
            "name_en": RULES[str(rule)].name_en,
            "name_zh": RULES[str(rule)].name_zh,
            "threshold": threshold,
            "official": bool(rows["official"].iloc[0]),
        }
        for when in ("before", "after"):
            members, people = rows[f"area_{when}"] != "", rows[f"residents_{when}"]
            record[f"areas_{when}"] = int(rows.loc[members, f"area_{when}"].nunique())
            record[f"counties_{when}"] = int(members.sum())
            record[f"people_{when}"] = float(people[members].sum() / people.sum())
        for kind in (ENTERS, LEAVES, MOVES):
            record[kind] = rows.loc[rows["change"] == kind, "region"].tolist()
        told.append(record)
    return told


def drawn(draw: Draw, at: Picture) -> UrbanAreas:
    """The areas, or none where the rule finds no city, or a place that nobody commutes to or from."""
    try:
        return draw(at)
    except InputMistakes as reason:
        count = len(at.people)
        return UrbanAreas(f"not drawn: {reason}", np.full(count, -1), np.zeros(count, dtype=bool))


def _names(areas: UrbanAreas, people: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The area of every county by the code of its core with most people at the baseline; empty for none."""
    found = np.full(len(codes), "", dtype=codes.dtype)
    for area in range(areas.count):
        members = areas.area == area
        core = np.flatnonzero(members & areas.is_core)
        found[members] = codes[core[people[core].argmax()]]
    return found


def _change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    was, now = before != "", after != ""
    return np.select(
        [was & now & (before == after), was & now, now, was], [INSIDE, MOVES, ENTERS, LEAVES], default=OUTSIDE
    )
