"""power.toml and its table of hours as a checked record, with every mistake told at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from coregion.data.tables import Column, Table, read_table
from coregion.data.toml_positions import TomlDocument, mistakes_of, read_toml
from coregion.energy.system import (
    Area,
    Hours,
    Line,
    Plants,
    PowerFile,
    PowerSystem,
    Project,
    Stores,
    Technology,
)
from coregion.errors import InputMistakes, Mistake, nearest

YEAR = 8760
"""Hours of a year; a leap year's last day is left out."""

KNOWN_KEYS = {
    "": tuple(PowerFile.model_fields),
    "areas": tuple(Area.model_fields),
    "technologies": tuple(Technology.model_fields),
    "plants": tuple(Plants.model_fields),
    "stores": tuple(Stores.model_fields),
    "lines": tuple(Line.model_fields),
    "projects": tuple(Project.model_fields),
}


def read_power_system(folder: Path, name: str, places: Collection[str] = ()) -> PowerSystem:
    """The power system of a study; raises InputMistakes with every mistake in it."""
    system, mistakes = collect_power_system(folder, name, places)
    if system is None or mistakes:
        raise InputMistakes(mistakes)
    return system


def collect_power_system(
    folder: Path, name: str, places: Collection[str] = ()
) -> tuple[PowerSystem | None, list[Mistake]]:
    """The power system in file ``name`` of a folder, and every mistake; None where there are any.

    places: codes that areas may name; none given means that they are not checked.
    """
    document, mistakes = read_toml(folder / name)
    if document is None:
        return None, mistakes
    try:
        file = PowerFile.model_validate(document.data)
    except ValidationError as error:
        return None, mistakes_of(error, document, KNOWN_KEYS)
    mistakes = _code_mistakes(file, document, places)
    hours, found = _read_hours(folder / file.hours, file)
    mistakes += found
    return (None if mistakes or hours is None else PowerSystem(file, hours)), mistakes


def _code_mistakes(file: PowerFile, document: TomlDocument, places: Collection[str]) -> list[Mistake]:
    """Codes that name nothing, and codes that stand twice."""
    areas, technologies = [area.code for area in file.areas], [entry.code for entry in file.technologies]
    mistakes: list[Mistake] = []

    def check(path: tuple[str | int, ...], code: str, known: Collection[str], what: str) -> None:
        if code not in known:
            line, column = document.line_of(path), str(path[-1])
            remedy = nearest(code, known) if len(known) < 40 else ""
            found, expected = f"unknown {what} '{code}'", f"a {what} that the study has"
            mistakes.append(Mistake(found, expected, remedy, document.file.name, line, column))

    for n, area in enumerate(file.areas):
        for place in area.places if places else ():
            check(("areas", n, "places"), place, places, "place")
    for n, plants in enumerate(file.plants):
        check(("plants", n, "area"), plants.area, areas, "area")
        check(("plants", n, "technology"), plants.technology, technologies, "technology")
    for n, store in enumerate(file.stores):
        check(("stores", n, "area"), store.area, areas, "area")
    lines = [(("lines", n), line) for n, line in enumerate(file.lines)]
    lines += [(("projects", n, "lines"), line) for n, project in enumerate(file.projects) for line in project.lines]
    for path, line in lines:
        check((*path, "one"), line.one, areas, "area")
        check((*path, "other"), line.other, areas, "area")
    for key, codes in (
        ("areas", areas),
        ("technologies", technologies),
        ("lines", [line.code for _, line in lines]),
        ("projects", [project.code for project in file.projects]),
        ("plants", [f"{plants.technology} in {plants.area}" for plants in file.plants]),
        ("stores", [store.area for store in file.stores]),
    ):
        doubled = sorted({code for code in codes if codes.count(code) > 1})
        mistakes += [
            Mistake(f"{key} '{code}' again", "every one once", "Remove one.", document.file.name) for code in doubled
        ]
    return mistakes


def profiles_needed(file: PowerFile) -> list[tuple[str, str]]:
    """(profile, area) of every plant whose output follows the weather."""
    follows = {entry.code: entry.profile for entry in file.technologies if entry.profile}
    return [(follows[plants.technology], plants.area) for plants in file.plants if plants.technology in follows]


def hour_columns(file: PowerFile) -> list[Column]:
    """Columns of the table of hours."""
    follow = profiles_needed(file)
    return [
        Column("hour_of_year", minimum=1, maximum=YEAR),
        Column("block", kind="text"),
        Column("stands_for_hours", minimum=0),
        *(Column(f"load_{area.code}_mw", unit="MW", minimum=0) for area in file.areas),
        *(Column(f"{kind}_{area}", unit="share of capacity", minimum=0, maximum=1) for kind, area in follow),
    ]


def _read_hours(path: Path, file: PowerFile) -> tuple[Hours | None, list[Mistake]]:
    table, mistakes = read_table(path, hour_columns(file), key="hour_of_year")
    if table is None or mistakes:
        return None, mistakes
    mistakes = _hour_mistakes(table)
    return Hours(
        block=table.text("block"),
        weight=table.number("stands_for_hours"),
        load=np.stack([table.number(f"load_{area.code}_mw") for area in file.areas]),
        profile={(kind, area): table.number(f"{kind}_{area}") for kind, area in profiles_needed(file)},
    ), mistakes


def _hour_mistakes(table: Table) -> list[Mistake]:
    """Blocks of whole days of hours in a row, and weights that make a year."""
    block, hour = np.array(table.text("block")), table.number("hour_of_year")
    mistakes = []
    for label in dict.fromkeys(table.text("block")):
        rows = np.flatnonzero(block == label)
        if len(rows) % 24:
            whole_year = abs(len(rows) - YEAR) < 24
            expected = f"{YEAR:,} in a whole year" if whole_year else "whole days of 24, or weeks of 168"
            found, remedy = f"{len(rows):,} hours in block '{label}'", "Look for hours that are missing or doubled."
            mistakes.append(table.mistake(int(rows[-1]), "hour_of_year", found, expected, remedy))
        gaps = rows[:-1][(np.diff(rows) != 1) | (np.diff(hour[rows]) != 1)]
        if len(gaps):
            found = f"hour {hour[gaps[0]]:.0f} of block '{label}' without the next hour after it"
            mistakes.append(table.mistake(int(gaps[0]), "hour_of_year", found, "hours in a row"))
    total = float(table.number("stands_for_hours").sum())
    if not mistakes and abs(total - YEAR) > 1e-3:
        found, expected = f"hours that stand for {total:,.3f}", f"a sum of {YEAR:,}"
        mistakes.append(Mistake(found, expected, "Scale stands_for_hours.", table.file, None, "stands_for_hours"))
    return mistakes
