"""What was observed of the air: emissions by area and source, concentrations, what reaches whom, cost of abatement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coregion.data.schemas import observed
from coregion.data.settings import Settings
from coregion.data.study_files import SETTINGS
from coregion.data.tables import Column, Table, read_table, unknown_codes
from coregion.errors import Mistake, nearest
from coregion.region import Region
from coregion.variables import REGISTER

EMISSIONS = "emissions_"
POLLUTANTS = tuple(name.removeprefix(EMISSIONS) for name in REGISTER if name.startswith(EMISSIONS))
HOMES = "households"
"""The source beside the sectors: heating, cooking and cars of residents."""
TABLES = ("pollutants", "emissions", "source_receptor", "air", "abatement_costs")
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Air:
    """The air of a study by area (its prefectures) and source (its sectors, then homes).

    emissions: [pollutant, area, source] t a year. potency: [pollutant] PM2.5 that a tonne makes, over that of a tonne
    emitted as PM2.5. received: [receptor, source area] part of a receptor's PM2.5; what is left of 1 is from outside.
    concentration: [region] µg/m³, of each region of the study, 0 outside it; of_area: [area] µg/m³.
    marginal_cost: [pollutant, area, source] yuan a year per tonne at full abatement: abating the share a of E tonnes
    costs E · marginal_cost · a²/2 a year. highest: the largest share that can be abated, 0 where nothing is known.
    """

    pollutants: tuple[str, ...]
    areas: tuple[str, ...]
    sources: tuple[str, ...]
    emissions: np.ndarray
    potency: np.ndarray
    received: np.ndarray
    concentration: np.ndarray
    of_area: np.ndarray
    marginal_cost: np.ndarray
    highest: np.ndarray

    @property
    def contribution(self) -> np.ndarray:
        """[receptor, source area, pollutant] µg/m³ of PM2.5 at the baseline; a tonne counts by its potency."""
        strength = self.emissions.sum(axis=2) * self.potency[:, None]
        part = strength / strength.sum(axis=0)
        return (self.of_area[:, None] * self.received)[:, :, None] * part.T[None]


def _nothing() -> Air:
    none = np.zeros(0)
    cube, square = np.zeros((0, 0, 0)), np.zeros((0, 0))
    return Air((), (), (), cube, none, square, none, none, cube, cube)


NO_AIR = _nothing()
"""A study without tables of the air: no pollutant, no area."""


def collect_air(folder: Path, settings: Settings, region: Region) -> tuple[Air, list[Mistake]]:
    """The air of a study and every mistake in its tables; ``NO_AIR`` where it names none, or they cannot be used.

    All five tables belong together: naming some of them is a mistake.
    """
    named = {key: getattr(settings.tables, key) for key in TABLES}
    if not any(named.values()):
        return NO_AIR, []
    if not all(named.values()):
        lacking = ", ".join(key for key, name in named.items() if not name)
        return NO_AIR, [Mistake(f"no [tables] {lacking}", "all five tables of the air, or none", "", SETTINGS)]
    areas = tuple(dict.fromkeys(region.prefecture[: region.inside]))
    sources = (*region.sectors, HOMES)
    pollutants, mistakes = read_table(folder / named["pollutants"], POLLUTANT_COLUMNS, key="code")
    if pollutants is None:
        return NO_AIR, mistakes
    codes = pollutants.text("code")
    mistakes += unknown_codes(pollutants, "code", POLLUTANTS, "the register: " + ", ".join(POLLUTANTS))
    if mistakes:
        return NO_AIR, mistakes
    parts = []
    for read, file in (
        (_emissions, named["emissions"]),
        (_received, named["source_receptor"]),
        (_concentrations, named["air"]),
        (_costs, named["abatement_costs"]),
    ):
        part, found = read(folder / file, region, codes, areas, sources)
        parts.append(part)
        mistakes += found
    if mistakes:
        return NO_AIR, mistakes
    emissions, received, (concentration, of_area), (cost, highest) = parts
    potency = pollutants.number("potency")
    return Air(codes, areas, sources, emissions, potency, received, concentration, of_area, cost, highest), []


POLLUTANT_COLUMNS = (
    Column("code", "code"),
    Column("name_en", "text"),
    Column("name_zh", "text"),
    Column("potency", unit="PM2.5 a tonne makes over that of a tonne emitted as PM2.5", minimum=0, maximum=10),
)
COST_COLUMNS = (
    Column("jurisdiction", "code"),
    Column("source", "code"),
    Column("pollutant", "code"),
    Column("yuan_per_t", unit="yuan a year per t at full abatement", minimum=1, maximum=1e8),
    Column("highest_share", unit="share", minimum=0, maximum=1),
)
AIR_COLUMNS = (Column("place", "code"), observed("pm25"))


def emission_columns(pollutants: tuple[str, ...]) -> tuple[Column, ...]:
    """emissions.csv: one row an area and source, a column a pollutant."""
    tonnes = (observed(f"{code}_t", EMISSIONS + code) for code in pollutants)
    return Column("area", "code"), Column("source", "code"), *tonnes


def received_columns(areas: tuple[str, ...]) -> tuple[Column, ...]:
    """source_receptor.csv: one row a receptor, a column a source area."""
    return Column("receptor", "code"), *(Column(area, unit="share of the receptor's PM2.5") for area in areas)


def _positions(table: Table, column: str, known: tuple[str, ...]) -> list[int]:
    """Position of each row's code among the known ones, −1 where it is unknown."""
    place = {code: position for position, code in enumerate(known)}
    return [place.get(code, -1) for code in table.text(column)]


def _emissions(file, region, pollutants, areas, sources):
    table, mistakes = read_table(file, emission_columns(pollutants))
    if table is None:
        return None, mistakes
    mistakes += unknown_codes(table, "area", areas, "the prefectures") + unknown_codes(
        table, "source", sources, f"the sectors and '{HOMES}'"
    )
    tonnes = np.full((len(pollutants), len(areas), len(sources)), np.nan)
    amounts = table.numbers([f"{code}_t" for code in pollutants])
    for row, (area, source) in enumerate(
        zip(_positions(table, "area", areas), _positions(table, "source", sources), strict=True)
    ):
        if area < 0 or source < 0:
            continue
        if np.isfinite(tonnes[:, area, source]).any():
            found = f"'{areas[area]}' and '{sources[source]}' again"
            mistakes.append(table.mistake(row, "source", found, "every area and source once", "Remove one of them."))
        tonnes[:, area, source] = amounts[row]
    if not mistakes:
        for area, source in np.argwhere(np.isnan(tonnes).any(axis=0)).tolist():
            found = f"no row for area '{areas[area]}' and source '{sources[source]}'"
            mistakes.append(Mistake(found, "one, with zeros where nothing is emitted", "", table.file))
        for area in np.flatnonzero(np.nansum(tonnes, axis=(0, 2)) == 0).tolist():
            mistakes.append(Mistake(f"no emissions in area '{areas[area]}'", "some", "", table.file))
    return tonnes, mistakes


def _received(file, region, pollutants, areas, sources):
    table, mistakes = read_table(file, received_columns(areas), key="receptor")
    if table is None:
        return None, mistakes
    mistakes += unknown_codes(table, "receptor", areas, "the prefectures")
    mistakes += _without_row(table, "receptor", areas)
    shares = table.numbers(areas)
    for row, column in np.argwhere(shares < 0).tolist():
        expected = "a share of the receptor's PM2.5, 0 to 1"
        mistakes.append(table.mistake(row, areas[column], f"{shares[row, column]:g}", expected, "Check the sign."))
    for row in np.flatnonzero(shares.sum(axis=1) > 1 + SUM_TOLERANCE).tolist():
        found = f"shares that sum to {shares[row].sum():.4f} for '{table.text('receptor')[row]}'"
        remedy = "What is left of 1 comes from outside; divide per cent by 100."
        mistakes.append(table.mistake(row, areas[int(shares[row].argmax())], found, "at most 1", remedy))
    if mistakes:
        return None, mistakes
    order = _positions(table, "receptor", areas)
    ordered = np.empty_like(shares)
    ordered[order] = shares
    return ordered, []


def _concentrations(file, region, pollutants, areas, sources):
    table, mistakes = read_table(file, AIR_COLUMNS, key="place")
    if table is None:
        return None, mistakes
    inner = region.code[: region.inside]
    mistakes += unknown_codes(table, "place", (*areas, *inner), "the prefectures or regions")
    mistakes += _without_row(table, "place", areas)
    if mistakes:
        return None, mistakes
    value: Mapping[str, float] = dict(zip(table.text("place"), table.number("pm25").tolist(), strict=True))
    places = zip(inner, region.prefecture, strict=False)
    own = [value.get(code, value[area]) for code, area in places]
    outside = np.zeros(len(region.code) - region.inside)
    return (np.concatenate([own, outside]), np.array([value[area] for area in areas])), []


def _costs(file, region, pollutants, areas, sources):
    table, mistakes = read_table(file, COST_COLUMNS)
    if table is None:
        return None, mistakes
    province = dict(zip(region.prefecture, region.province, strict=True))
    governments = (*dict.fromkeys(province[area] for area in areas), *areas)
    mistakes += unknown_codes(table, "jurisdiction", governments, "the governments")
    mistakes += unknown_codes(table, "source", sources, f"the sectors and '{HOMES}'")
    mistakes += unknown_codes(table, "pollutant", pollutants, "the study's pollutants")
    shape = (len(pollutants), len(areas), len(sources))
    cost, highest, finer = np.ones(shape), np.zeros(shape), np.full(shape, -1)
    for row in range(len(table)):
        names = (table.text(key)[row] for key in ("jurisdiction", "source", "pollutant"))
        jurisdiction, source, pollutant = names
        if jurisdiction not in governments or source not in sources or pollutant not in pollutants:
            continue
        level = int(jurisdiction in areas)
        for area in (i for i, code in enumerate(areas) if jurisdiction in (code, province[code])):
            at = (pollutants.index(pollutant), area, sources.index(source))
            if finer[at] == level:
                found = f"'{jurisdiction}', '{source}' and '{pollutant}' again"
                mistakes.append(table.mistake(row, "pollutant", found, "every curve once", "Remove one of them."))
                break
            if finer[at] < level:
                finer[at] = level
                cost[at], highest[at] = table.number("yuan_per_t")[row], table.number("highest_share")[row]
    return (cost, highest), mistakes


def _without_row(table: Table, column: str, codes: tuple[str, ...]) -> list[Mistake]:
    there = table.text(column)
    strange = [code for code in there if code not in codes]
    return [
        Mistake(
            f"no row for '{code}'",
            "one row a prefecture",
            nearest(code, strange) if strange else "Add it.",
            table.file,
            None,
            column,
        )
        for code in codes
        if code not in there
    ]
