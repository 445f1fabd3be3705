"""Which regions a measure names: codes of regions, prefectures or first-level jurisdictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from coregion.errors import InputMistakes, Mistake, nearest
from coregion.region import Region

OUTSIDE = "outside"
"""Stands for all external regions where a measure may name them (origins of people)."""

What = Literal[
    "place",
    "origin",
    "sector",
    "spending",
    "activity",
    "line",
    "class",
    "payer",
    "employer",
    "group",
    "service",
    "pollutant",
    "source",
]


@dataclass(frozen=True)
class Refers:
    """Marks a field of a measure whose text must be a code of something: ``read`` checks it against the study."""

    what: What


Places = Annotated[tuple[str, ...], Refers("place")]
Origins = Annotated[tuple[str, ...], Refers("origin")]
Sectors = Annotated[tuple[str, ...], Refers("sector")]
Groups = Annotated[tuple[str, ...], Refers("group")]
Lines = Annotated[tuple[str, ...], Refers("line")]
Classes = Annotated[tuple[str, ...], Refers("class")]
Pollutants = Annotated[tuple[str, ...], Refers("pollutant")]
Sources = Annotated[tuple[str, ...], Refers("source")]
Payer = Annotated[str, Refers("payer")]
Service = Annotated[str, Refers("service")]
ServiceCodes = Annotated[tuple[str, ...], Refers("service")]


def place_codes(region: Region) -> set[str]:
    """Codes that name regions of the study: their own, their prefectures', their first-level jurisdictions'."""
    return {codes[i] for codes in (region.code, region.prefecture, region.province) for i in range(region.inside)}


def origin_codes(region: Region) -> set[str]:
    """Codes that name where people come from: those of places, of external regions, and ``outside`` for all of them."""
    return place_codes(region) | set(region.code) | {OUTSIDE}


def at(region: Region, places: Iterable[str]) -> np.ndarray:
    """[region] whether a region is among the named places, external ones included where they are named.

    Raises InputMistakes for a code that names nothing.
    """
    chosen = np.zeros(len(region.code), dtype=bool)
    known = origin_codes(region)
    wrong = [place for place in places if place not in known]
    if wrong:
        raise InputMistakes(
            [Mistake(f"unknown place '{p}'", "a code of the region table", nearest(p, known)) for p in wrong]
        )
    for place in places:
        if place == OUTSIDE:
            chosen |= region.external
        chosen |= [place in codes for codes in zip(region.code, region.prefecture, region.province, strict=True)]
    return chosen


def inside(region: Region, places: Iterable[str]) -> np.ndarray:
    """[region] as ``at``, external regions never: they receive no measure."""
    return at(region, places) & ~region.external


def no_way_between(region: Region, measure: str, origin: Iterable[str], destination: Iterable[str]) -> list[Mistake]:
    """A mistake where what moves would arrive in the very places that it leaves."""
    if np.array_equal(inside(region, origin), inside(region, destination)):
        return [Mistake(f"'{measure}' moves from places to the same places", "a destination other than its origin")]
    return []


def of_sectors(region: Region, sectors: Iterable[str]) -> np.ndarray:
    """[sector] whether a sector is named; no name at all means every sector."""
    names = tuple(sectors)
    return np.array([not names or sector in names for sector in region.sectors])


def of_groups(region: Region, groups: Iterable[str]) -> np.ndarray:
    """[group] whether a group is named; no name at all means every group."""
    names = tuple(groups)
    return np.array([not names or group in names for group in region.groups])


def across_provinces(region: Region) -> np.ndarray:
    """[region, region] whether two regions belong to different first-level jurisdictions."""
    province = np.array(region.province)
    return province[:, None] != province[None, :]
