"""Results of the power problem, kept by a hash of its inputs: in the study's folder and in the user's cache."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from pathlib import Path

from coregion.data.cache import cache_folder
from coregion.data.study_files import bundled_studies
from coregion.data.tables import Column, read_table
from coregion.data.whole_files import write_text
from coregion.energy.expansion import HOW_TO_GET_IT, solve_power
from coregion.energy.outcome import NO_POWER, UNITS, WITHOUT, Power, Run, effect
from coregion.energy.read import collect_power_system
from coregion.energy.system import PowerSystem, fingerprint
from coregion.errors import Mistake

NOT_WRITABLE = "Copy the study to a folder first, or name another place for the cache in XDG_CACHE_HOME."
COLUMNS = ("inputs", "project", "figure", "of", "value", "unit")


def collect_power(folder: Path, name: str, places: Iterable[str]) -> tuple[Power, list[Mistake]]:
    """What the power system changes in the economy, and every mistake; ``NO_POWER`` where the study names none.

    The results are those kept for just these inputs; where there are none that is a mistake which says how to make
    them: reading a study solves no power system.
    """
    if not name:
        return NO_POWER, []
    system, mistakes = collect_power_system(folder, name, frozenset(places))
    if system is None:
        return NO_POWER, mistakes
    runs, found = kept_runs(folder, system)
    if found or missing_runs(system, runs):
        return NO_POWER, found or [_not_solved(folder, system)]
    return power(system, runs), []


def power(system: PowerSystem, runs: Mapping[str, Run]) -> Power:
    """The record that measures read, from one run without and one with each project."""
    return Power(
        places={area.code: area.places for area in system.file.areas},
        effects={
            project.code: effect(system, runs[WITHOUT], runs[project.code]) for project in system.file.projects
        },
    )  # fmt: skip


def solved_runs(
    folder: Path, system: PowerSystem, tell: Callable[[str], None] = lambda _: None, seconds: float = 600.0
) -> dict[str, Run]:
    """All runs, those that are not kept solved now and put into the user's cache. tell: called with each solved run."""
    runs, mistakes = kept_runs(folder, system)
    if mistakes:
        runs = {}
    for project in missing_runs(system, runs):
        tell(project)
        runs[project] = solve_power(system, project, seconds)
        write_runs(cache_file(system), system, runs.values())
    return runs


def missing_runs(system: PowerSystem, runs: Mapping[str, Run]) -> list[str]:
    """Names of the runs that are still to be solved."""
    return [name for name in (WITHOUT, *(entry.code for entry in system.file.projects)) if name not in runs]


def kept_runs(folder: Path, system: PowerSystem) -> tuple[dict[str, Run], list[Mistake]]:
    """Runs of just these inputs that lie in the study's folder or in the cache, and mistakes in the study's table."""
    runs, mistakes = _read_runs(folder / system.file.results, system)
    cached, _ = _read_runs(cache_file(system), system)
    return {**cached, **runs}, mistakes


def cache_file(system: PowerSystem) -> Path:
    """Where results of these inputs lie in the user's cache."""
    return cache_folder() / "power" / f"{fingerprint(system)}.csv"


def write_runs(file: Path, system: PowerSystem, runs: Iterable[Run]) -> None:
    """Write the table of results; raises OutputError where that is not possible."""
    inputs = fingerprint(system)
    rows = [
        (inputs, run.project, figure, of, f"{value:.10g}", UNITS[figure])
        for run in runs
        for (figure, of), value in run.figures.items()
    ]
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    write_text(file, text.getvalue(), NOT_WRITABLE)


def _read_runs(file: Path, system: PowerSystem) -> tuple[dict[str, Run], list[Mistake]]:
    """Runs in a file that were made from these inputs; none where there is no file."""
    if not file.is_file():
        return {}, []
    columns = [Column(name, kind="number" if name == "value" else "text") for name in COLUMNS]
    table, mistakes = read_table(file, columns)
    if table is None or mistakes:
        return {}, mistakes
    inputs = fingerprint(system)
    figures: dict[str, dict[tuple[str, str], float]] = {}
    names = zip(*(table.text(name) for name in COLUMNS[:4]), table.number("value"), strict=True)
    for made_from, project, figure, of, value in names:
        if made_from == inputs:
            figures.setdefault(project, {})[figure, of] = float(value)
    return {project: Run(project, found) for project, found in figures.items()}, []


def _not_solved(folder: Path, system: PowerSystem) -> Mistake:
    study = folder.name if folder.name in bundled_studies() else folder
    return Mistake(
        f"no results of the power system with these inputs ({fingerprint(system)})",
        f"them in {system.file.results}",
        f"Run coregion energy {study} --keep, which solves it. It needs PyPSA. {HOW_TO_GET_IT}",
        system.file.results,
    )
