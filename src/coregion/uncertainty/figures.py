"""Which figures of a package get a range: by place, variable and group, as one vector in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coregion.measures.record import Measure
from coregion.region import Region
from coregion.results import MEAN_OVER, WHOLE
from coregion.variables import variable

PER_CENT, DIFFERENCE = "per cent of the baseline", ""
KEPT: dict[str, str] = {
    "equivalent_variation_registered": DIFFERENCE,
    "equivalent_variation_living": DIFFERENCE,
    "equivalent_variation_working": DIFFERENCE,
    "residents": PER_CENT,
    "jobs": PER_CENT,
    "wage": PER_CENT,
    "floor_space_price": PER_CENT,
    "welfare": PER_CENT,
    "pm25": PER_CENT,
    "deaths_air": PER_CENT,
    "users_care": PER_CENT,
}
"""Outcomes that are kept where the model has them, and how their change is told; differences in the variable's unit."""

MOVERS = ("residents", "jobs")
MOVEMENTS = ("gained", "lost", "displaced", "net")
"""What counties that grow gain, those that shrink lose, the lesser of the two, and the difference [persons]."""

OUTSIDE = "outside"
"""The place of what people registered outside the region gain."""

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Block:
    """One variable of one group along places."""

    places: Sequence[str]
    variable: str
    group: str
    unit: str
    values: np.ndarray


@dataclass(frozen=True)
class Package:
    """Measures that are solved together at their own intensities. counties: whether its counties are kept too."""

    name: str
    measures: tuple[Measure, ...]
    counties: bool


WANTED = tuple(dict.fromkeys((*KEPT, *(MEAN_OVER[name] for name in KEPT if name in MEAN_OVER))))
"""The kept outcomes, and what their means are weighted by."""


def governments(region: Region) -> dict[str, np.ndarray]:
    """[region] members of the whole region and of every government, by code."""
    inside = ~region.external
    found = {WHOLE: inside}
    for codes in (np.array(region.province), np.array(region.prefecture)):
        for code in dict.fromkeys(codes[inside].tolist()):
            found.setdefault(code, codes == code)
    return found


def blocks(
    region: Region,
    before: Arrays,
    after: Arrays,
    cost: Mapping[str, float],
    budget: Mapping[str, float],
    counties: bool,
) -> Iterator[Block]:
    """Every figure that is kept, of the outcomes that ``after`` has.

    before, after: levels by variable; cost, budget: by payer [yuan a year].
    """
    groups = governments(region)
    inner = np.flatnonzero(~region.external)
    members = np.array(list(groups.values()), dtype=float)
    present = [name for name in KEPT if name in after]
    for name in present:
        yield from _by_place(region, name, list(groups), members, before, after, True)
    for name, amounts in (("cost", cost), ("budget", budget)):
        values = np.array([sum(amounts.values()), *amounts.values()])
        yield Block((WHOLE, *amounts), name, "", variable(name).unit, values)
    for name in MOVERS:
        change = _total(after[name])[inner] - _total(before[name])[inner]
        gained, lost = change.clip(min=0).sum(), -change.clip(max=0).sum()
        for kind, value in zip(MOVEMENTS, (gained, lost, min(gained, lost), gained - lost), strict=True):
            yield Block((WHOLE,), f"{name}_{kind}", "", "persons", np.array([value]))
    gain = _total(after["equivalent_variation_registered"])[region.external].sum()
    yield Block((OUTSIDE,), "equivalent_variation_registered", "", "yuan a year", np.array([gain]))
    if counties:
        codes = [region.code[i] for i in inner]
        members = np.eye(len(region.code))[inner]
        for name in present:
            yield from _by_place(region, name, codes, members, before, after, False)


def _by_place(region, name, places, members, before: Arrays, after: Arrays, grouped: bool) -> Iterator[Block]:
    """The sum or weighted mean over the places' members, all groups together, then each group where asked."""
    old, new = np.asarray(before[name]), np.asarray(after[name])
    weight = np.asarray(before[MEAN_OVER[name]], dtype=float) if name in MEAN_OVER else np.ones_like(old)
    if weight.ndim > old.ndim:
        weight = weight.sum(axis=0)
    yield _block(name, "", places, members, (_total(weight * old), _total(weight * new), _total(weight)))
    if grouped and old.ndim == 2:
        for g, code in enumerate(region.groups):
            parts = (weight[g] * old[g], weight[g] * new[g], weight[g])
            yield _block(name, code, places, members, parts)


def _block(name: str, group: str, places, members: np.ndarray, parts) -> Block:
    old, new, weight = (members @ part for part in parts)
    if KEPT[name] == PER_CENT:
        change = 100 * np.divide(new - old, old, out=np.full(len(old), np.nan), where=old != 0)
        return Block(places, name, group, PER_CENT, change)
    scale = weight if name in MEAN_OVER else np.ones_like(weight)
    difference = np.divide(new - old, scale, out=np.full(len(old), np.nan), where=scale != 0)
    return Block(places, name, group, variable(name).unit, difference)


def _total(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    return values.sum(axis=0) if values.ndim == 2 else values


Key = tuple[str, str, str, str]


def keys(found: Sequence[Block]) -> list[Key]:
    """(place, variable, group, unit) of every figure, in order."""
    return [(str(place), b.variable, b.group, b.unit) for b in found for place in b.places]


def vector(found: Sequence[Block]) -> np.ndarray:
    """The figures in the same order."""
    return np.concatenate([block.values for block in found])
