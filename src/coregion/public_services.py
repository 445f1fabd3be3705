"""What was observed of public services: who may use them, where their places are, and who uses them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coregion.data.settings import Settings
from coregion.data.study_files import SETTINGS
from coregion.data.tables import Column, Table, read_table, unknown_codes
from coregion.errors import Mistake
from coregion.region import Region
from coregion.variables import REGISTER

ACCESS, OCCUPANCY = "access_", "occupancy_"
KNOWN = tuple(name.removeprefix(ACCESS) for name in REGISTER if name.startswith(ACCESS))
"""Services that the register has variables for."""
RATIONED = tuple(name.removeprefix(OCCUPANCY) for name in REGISTER if name.startswith(OCCUPANCY))
"""Those of them whose places in use and staff it tells, so that they may be rationed."""
TABLES = ("services", "facilities")


@dataclass(frozen=True, eq=False)
class PublicServices:
    """The public services of a study; regions are those inside it, in the order of the region table.

    codes: of the services. catchment: minutes to the end of the last zone. same_province, other_province: part of a
    service that people may use who are registered in another prefecture of the province, in another province.
    rationed: whether a user takes one place. take_up: elasticity of demand to quality. staff_per_user: persons.
    value: [service, group] part of a group's valuation; a column sums to 1, or to 0 where a group values none.
    capacity, occupied: [service, region] places, and places in use (0 where not rationed).
    users: [service, group, region] persons. file, lines: where each [service, region] stands, for later errors.
    """

    codes: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    catchment: np.ndarray
    same_province: np.ndarray
    other_province: np.ndarray
    rationed: np.ndarray
    take_up: np.ndarray
    staff_per_user: np.ndarray
    value: np.ndarray
    capacity: np.ndarray
    occupied: np.ndarray
    users: np.ndarray
    file: str
    lines: np.ndarray


def _nothing() -> PublicServices:
    none, square = np.zeros(0), np.zeros((0, 0))
    cube = np.zeros((0, 0, 0))
    return PublicServices(
        (), (), none, none, none, none, none, none, square, square, square, cube, "", square.astype(int)
    )


NO_PUBLIC_SERVICES = _nothing()
"""A study without tables of services."""


def collect_public_services(folder: Path, settings: Settings, region: Region) -> tuple[PublicServices, list[Mistake]]:
    """The services of a study and every mistake in their tables; ``NO_PUBLIC_SERVICES`` where it names none.

    The two tables belong together: naming one of them is a mistake.
    """
    named = {key: getattr(settings.tables, key) for key in TABLES}
    if not any(named.values()):
        return NO_PUBLIC_SERVICES, []
    if not all(named.values()):
        lacking = ", ".join(key for key, name in named.items() if not name)
        return NO_PUBLIC_SERVICES, [Mistake(f"no [tables] {lacking}", "both tables of services, or none", "", SETTINGS)]
    services, mistakes = read_table(folder / named["services"], service_columns(region.groups), key="code")
    facilities, found = read_table(folder / named["facilities"], facility_columns(region.groups))
    mistakes += found
    if services is None or facilities is None:
        return NO_PUBLIC_SERVICES, mistakes
    mistakes += _kinds(services) + _valuation(services, region.groups)
    mistakes += _joined(facilities, services, region) + _in_use(facilities, services)
    if mistakes:
        return NO_PUBLIC_SERVICES, mistakes
    return _assemble(services, facilities, region), []


def service_columns(groups: tuple[str, ...]) -> tuple[Column, ...]:
    """services.csv: one row a service."""
    return (
        Column("code", "code"),
        Column("name_en", "text"),
        Column("name_zh", "text"),
        Column("unit", "text"),
        Column("catchment_minutes", unit="minutes", minimum=1, maximum=600),
        Column("same_province", unit="share", minimum=0.01, maximum=1),
        Column("other_province", unit="share", minimum=0.01, maximum=1),
        Column("rationed", unit="0 or 1", minimum=0, maximum=1),
        Column("take_up", unit="elasticity", minimum=0, maximum=5),
        Column("staff_per_user", unit="persons", minimum=0, maximum=10),
        *(Column(f"value_{group}", unit="share", minimum=0, maximum=1) for group in groups),
    )


def facility_columns(groups: tuple[str, ...]) -> tuple[Column, ...]:
    """facilities.csv: one row a region and service."""
    return (
        Column("region", "code"),
        Column("service", "code"),
        Column("capacity", unit="places", minimum=0, maximum=1e9),
        *(Column(f"users_{group}", unit="persons", minimum=0, maximum=1e9, blank=0.0) for group in groups),
        Column("occupied", unit="places", minimum=0, maximum=1e9, blank=0.0),
    )


def _kinds(services: Table) -> list[Mistake]:
    mistakes = unknown_codes(services, "code", KNOWN, "the register: " + ", ".join(KNOWN))
    for row, (code, rationed) in enumerate(zip(services.text("code"), services.number("rationed"), strict=True)):
        if rationed not in (0.0, 1.0):
            mistakes.append(services.mistake(row, "rationed", f"{rationed:g}", "0 or 1"))
        elif rationed and code not in RATIONED:
            expected = "0: only " + ", ".join(RATIONED) + " can be"
            mistakes.append(services.mistake(row, "rationed", f"'{code}' rationed", expected))
    return mistakes


def _valuation(services: Table, groups: tuple[str, ...]) -> list[Mistake]:
    mistakes = []
    for group in groups:
        total = services.number(f"value_{group}").sum()
        if total > 0 and abs(total - 1) > 1e-9:
            found = f"parts that sum to {total:g}"
            mistakes.append(services.mistake(len(services) - 1, f"value_{group}", found, "1, or 0 for no valuation"))
    return mistakes


def _joined(facilities: Table, services: Table, region: Region) -> list[Mistake]:
    """Every region with every service just once; an unknown service in services.csv is told there, once."""
    places, codes = region.code[: region.inside], services.text("code")
    mistakes = unknown_codes(facilities, "region", places, "the region table")
    known = codes if set(codes) <= set(KNOWN) else (*codes, *KNOWN)
    mistakes += unknown_codes(facilities, "service", known, services.file)
    pairs = list(zip(facilities.text("region"), facilities.text("service"), strict=True))
    first: dict[tuple[str, str], int] = {}
    for row, pair in enumerate(pairs):
        if pair in first:
            found = f"'{pair[1]}' of {pair[0]} again, as in line {facilities.lines[first[pair]]}"
            mistakes.append(facilities.mistake(row, "service", found, "every pair once", "Remove one of them."))
        first.setdefault(pair, row)
    lacking = [(place, code) for place in places for code in codes if code in KNOWN and (place, code) not in first]
    if lacking:
        some = ", ".join(f"{code} of {place}" for place, code in lacking[:5])
        pairs_told = "1 pair" if len(lacking) == 1 else f"{len(lacking)} pairs"
        found = f"{pairs_told} without a row ({some}{', …' if len(lacking) > 5 else ''})"
        expected = "every region with every service; capacity 0 where there is none"
        mistakes.append(Mistake(found, expected, "Add the rows.", facilities.file, None, "region"))
    return mistakes


def _in_use(facilities: Table, services: Table) -> list[Mistake]:
    """Places in use are at most the places, and told for rationed services only."""
    rationed = dict(zip(services.text("code"), services.number("rationed") > 0, strict=True))
    capacity, occupied = facilities.number("capacity"), facilities.number("occupied")
    mistakes = []
    for row, code in enumerate(facilities.text("service")):
        if occupied[row] > capacity[row]:
            found, expected = f"{occupied[row]:g} users", f"at most the {capacity[row]:g} places"
            mistakes.append(facilities.mistake(row, "occupied", found, expected, "A user takes one place."))
        elif occupied[row] > 0 and not rationed.get(code, True):
            expected = f"an empty cell: everybody shares '{code}'"
            mistakes.append(facilities.mistake(row, "occupied", f"{occupied[row]:g}", expected))
    return mistakes


def _assemble(services: Table, facilities: Table, region: Region) -> PublicServices:
    codes, places = services.text("code"), region.code[: region.inside]
    row_of = {
        pair: row for row, pair in enumerate(zip(facilities.text("service"), facilities.text("region"), strict=True))
    }
    rows = np.array([[row_of[code, place] for place in places] for code in codes])
    return PublicServices(
        codes=codes,
        names=tuple(zip(services.text("name_en"), services.text("name_zh"), strict=True)),
        catchment=services.number("catchment_minutes"),
        same_province=services.number("same_province"),
        other_province=services.number("other_province"),
        rationed=services.number("rationed") > 0,
        take_up=services.number("take_up"),
        staff_per_user=services.number("staff_per_user"),
        value=services.numbers([f"value_{group}" for group in region.groups]),
        capacity=facilities.number("capacity")[rows],
        occupied=facilities.number("occupied")[rows],
        users=np.stack([facilities.number(f"users_{group}")[rows] for group in region.groups], axis=1),
        file=facilities.file,
        lines=np.array(facilities.lines)[rows],
    )
