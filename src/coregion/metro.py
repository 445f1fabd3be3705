"""Where does one urban area end? Four official rules on the same commuters: EU–OECD, Canada, Britain, China's one hour.

A city or core is given as one number a unit: the position of the city that the unit belongs to, −1 where it is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from coregion.errors import InputMistakes, Mistake, raise_together

Commuters = Float[np.ndarray, "home work"]
CityOfUnit = Int[np.ndarray, " unit"]
Neighbours = Bool[np.ndarray, "unit unit"]

BRITISH_SHARES = (0.75, 2 / 3)
"""What small and large travel-to-work areas must keep of their workers and jobs."""


@dataclass(frozen=True)
class UrbanAreas:
    """Areas drawn by a rule. area: position of the area that each unit belongs to, −1 where it belongs to none.

    is_core: units of a city or core (all members where the rule knows no core). rule: name of the rule.
    """

    rule: str
    area: CityOfUnit
    is_core: Bool[np.ndarray, " unit"]

    @property
    def count(self) -> int:
        """Number of areas."""
        return int(self.area.max()) + 1 if len(self.area) else 0

    def share_inside(self, people: Float[np.ndarray, " unit"]) -> float:
        """Part of these people that lives in any of the areas."""
        return float(people[self.area >= 0].sum() / people.sum())


def dense_cities(
    people: Float[np.ndarray, " unit"],
    square_km: Float[np.ndarray, " unit"],
    density: float = 1500.0,
    size: float = 50_000.0,
    neighbours: Neighbours | None = None,
) -> CityOfUnit:
    """Cities where no population grid is at hand: units of at least ``density`` people a km², together ``size`` people.

    Dense units that touch are one city; without ``neighbours`` each is its own. A unit's mean density is below that of
    its built-up cells, so that a threshold meant for cells (1,500 in Dijkstra, Poelman & Veneri 2019) is strict here.
    """
    dense = people >= density * square_km
    touching = np.zeros((len(people), len(people)), dtype=bool) if neighbours is None else neighbours
    near = csr_matrix(touching & dense[:, None] & dense[None, :])
    _, group = connected_components(near, directed=False)  # pyright: ignore[reportArgumentType]
    total = np.bincount(group, people)
    return _renumber(np.where(dense & (total[group] >= size), group, -1))


def eu_oecd(
    commuters: Commuters, city: CityOfUnit, threshold: float = 0.15, neighbours: Neighbours | None = None
) -> UrbanAreas:
    """Functional urban areas (Dijkstra, Poelman & Veneri 2019): cities and the units whose workers go there.

    Cities are joined while ``threshold`` or more of the employed residents of one work in another. The zone is every
    unit with that share working in the city, the largest share deciding. Where ``neighbours`` are given, units
    all of whose neighbours are in one area come in (enclaves), and parts that do not touch the city go out (exclaves).
    """
    _check(commuters, city, {"threshold": threshold}, neighbours)
    joined = _join(commuters, city, threshold)
    to_city = _shares(_to_city(commuters, joined), commuters.sum(axis=1)[:, None])
    area = np.where(joined >= 0, joined, _strongest(to_city, to_city >= threshold))
    if neighbours is not None:
        area = _without_exclaves(_with_enclaves(area, neighbours), joined >= 0, neighbours)
    return UrbanAreas("EU–OECD", area, joined >= 0)


def canadian(
    commuters: Commuters, core: CityOfUnit, forward: float = 0.50, reverse: float = 0.25, minimum: float = 100.0
) -> UrbanAreas:
    """Census metropolitan areas (Statistics Canada 2021): cores, and units tied to one of them by commuting.

    Forward: at least half of a unit's employed residents work in the core. Reverse: at least a quarter of those who
    work in the unit live in the core. Either by ``minimum`` persons or more; most commuters decide between cores.
    """
    _check(commuters, core, {"forward": forward, "reverse": reverse}, None)
    out, back = _to_city(commuters, core), _to_city(commuters.T, core)
    tied = (_shares(out, commuters.sum(axis=1)[:, None]) >= forward) & (out >= minimum)
    tied |= (_shares(back, commuters.sum(axis=0)[:, None]) >= reverse) & (back >= minimum)
    return UrbanAreas("Canada", np.where(core >= 0, _renumber(core), _strongest(out + back, tied)), core >= 0)


def one_hour_circle(minutes: Float[np.ndarray, "home work"], core: CityOfUnit, limit: float = 60.0) -> UrbanAreas:
    """The circle of one hour's commute (China's National Development and Reform Commission 2019): no commuters needed.

    A unit belongs to the core that it reaches soonest, if within ``limit`` minutes.
    """
    _check(minutes, core, {}, None)
    cities = _renumber(core)
    soonest = np.stack([minutes[:, cities == number].min(axis=1) for number in range(cities.max() + 1)], axis=1)
    area = np.where(cities >= 0, cities, _strongest(-soonest, soonest <= limit))
    return UrbanAreas("one hour", area, core >= 0)


def by_every_rule(
    commuters: Commuters,
    minutes: Float[np.ndarray, "home work"],
    city: CityOfUnit,
    neighbours: Neighbours | None = None,
) -> tuple[UrbanAreas, ...]:
    """The areas of all four rules, each at its own official thresholds, from the same commuters and cities.

    Cities that commuting joins (EU–OECD) are one core for the Canadian rule and the one-hour circle.
    """
    first = eu_oecd(commuters, city, neighbours=neighbours)
    core = np.where(first.is_core, first.area, -1)
    return first, canadian(commuters, core), travel_to_work_areas(commuters), one_hour_circle(minutes, core)


def came_and_went(
    before: UrbanAreas, after: UrbanAreas, place: int
) -> tuple[Int[np.ndarray, " came"], Int[np.ndarray, " went"]]:
    """Units that are in the area of unit ``place`` only afterwards, and only beforehand."""
    was, now = (
        areas.area == areas.area[place] if areas.area[place] >= 0 else areas.area < -1 for areas in (before, after)
    )
    return np.flatnonzero(now & ~was), np.flatnonzero(was & ~now)


def required_self_containment(
    workers: Float[np.ndarray, " area"],
    small: float = 3_500.0,
    large: float = 25_000.0,
    shares: tuple[float, float] = BRITISH_SHARES,
) -> Float[np.ndarray, " area"]:
    """What a British area must keep: 75 % up to ``small`` employed residents, falling linearly to 2/3 at ``large``."""
    return np.interp(workers, [small, large], shares)


def self_containment(commuters: Commuters, area: CityOfUnit) -> Float[np.ndarray, " area"]:
    """The lower of two shares by area: residents who work there, and workers who live there."""
    within = (commuters * (area[:, None] == area[None, :])).sum(axis=1)
    members = area >= 0
    inside, home, work = (
        np.bincount(area[members], people[members]) for people in (within, commuters.sum(axis=1), commuters.sum(axis=0))
    )
    return np.minimum(_shares(inside, home), _shares(inside, work))


def travel_to_work_areas(
    commuters: Commuters, small: float = 3_500.0, large: float = 25_000.0, shares: tuple[float, float] = BRITISH_SHARES
) -> UrbanAreas:
    """British travel-to-work areas (Coombes & Office for National Statistics 2015): every unit in exactly one.

    Each unit starts as an area. The one that falls furthest short, by min(1, self-containment/required) ·
    min(1, workers/small), is dissolved; each of its units joins the area with the largest
    T_ij²/(R_i W_j) + T_ji²/(R_j W_i). This goes on until all areas have ``small`` workers and what is required.
    Raises InputMistakes on a unit that has to join another and exchanges no commuters with any.
    """
    units = len(commuters)
    area = np.arange(units)
    _check(commuters, area, {}, None)
    while area.max() > 0:
        employed = np.bincount(area, commuters.sum(axis=1))
        kept = self_containment(commuters, area) / required_self_containment(employed, small, large, shares)
        standing = np.minimum(1, kept) * np.minimum(1, employed / small)
        worst = int(standing.argmin())
        if standing[worst] >= 1:
            break
        area = _dissolve(commuters, area, worst)
    return UrbanAreas("Britain", area, np.ones(units, dtype=bool))


def _dissolve(commuters: np.ndarray, area: np.ndarray, worst: int) -> np.ndarray:
    homes, jobs = commuters.sum(axis=1), commuters.sum(axis=0)
    employed, work = np.bincount(area, homes), np.bincount(area, jobs)
    leaving = np.flatnonzero(area == worst)
    out, back = _to_city(commuters[leaving], area), _to_city(commuters.T[leaving], area)
    strength = _shares(out**2, homes[leaving, None] * work) + _shares(back**2, jobs[leaving, None] * employed)
    strength[:, worst] = 0.0
    alone = leaving[strength.max(axis=1) <= 0]
    raise_together(
        [
            Mistake(f"unit {unit} without commuters to or from any other area", "some", "Leave it out")
            for unit in alone.tolist()
        ]
    )
    moved = area.copy()
    moved[leaving] = strength.argmax(axis=1)
    return _renumber(moved)


def _join(commuters: np.ndarray, city: np.ndarray, threshold: float) -> np.ndarray:
    """Cities joined until less than ``threshold`` of the employed residents of each works in any other."""
    joined = _renumber(city)
    while True:
        flows = _to_city(_to_city(commuters, joined).T, joined).T
        share = _shares(flows, _to_city(commuters.sum(axis=1)[None], joined).T)
        np.fill_diagonal(share, 0.0)
        near = csr_matrix(share >= threshold)
        count, group = connected_components(near, directed=False)  # pyright: ignore[reportArgumentType]
        if count == len(share):
            return joined
        joined = np.where(joined >= 0, group[joined], -1)


def _with_enclaves(area: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    filled = area.copy()
    for unit in np.flatnonzero(area < 0):
        around = np.unique(area[neighbours[unit]])
        if len(around) == 1:
            filled[unit] = around[0]
    return filled


def _without_exclaves(area: np.ndarray, is_core: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    same = (area[:, None] == area[None, :]) & (area >= 0)[:, None]
    _, part = connected_components(csr_matrix(neighbours & same), directed=False)
    return np.where(np.isin(part, part[is_core]), area, -1)


def _to_city(flow: np.ndarray, city: np.ndarray) -> np.ndarray:
    """Flows summed over the units of each city, [row, city]."""
    return flow @ (city[:, None] == np.arange(city.max() + 1)).astype(float)


def _strongest(tie: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    return np.where(allowed.any(axis=1), np.where(allowed, tie, -np.inf).argmax(axis=1), -1)


def _shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0)


def _renumber(city: np.ndarray) -> np.ndarray:
    """The same cities, numbered from 0 without gaps; −1 stays."""
    names = np.unique(city[city >= 0])
    return np.where(city >= 0, np.searchsorted(names, city), -1)


def _check(flow: np.ndarray, city: np.ndarray, shares: dict[str, float], neighbours: np.ndarray | None) -> None:
    units = len(city)
    found = []
    if flow.shape != (units, units):
        raise InputMistakes([Mistake(f"flows of shape {flow.shape}", f"{units} units by {units}, home by work")])
    if not (flow >= 0).all():
        found.append(Mistake("negative flows or flows that are no number", "numbers of 0 or more, home by work"))
    if not (city >= 0).any():
        found.append(Mistake("no city", "at least one unit in a city", "Lower the density or size that makes a city"))
    for name, share in shares.items():
        if not 0 < share <= 1:
            found.append(Mistake(f"{name} {share}", "a share above 0 and up to 1"))
    if neighbours is not None and not (neighbours.shape == flow.shape and (neighbours == neighbours.T).all()):
        found.append(Mistake("neighbours that are not mutual", f"a symmetric table of {units} by {units}"))
    raise_together(found)
