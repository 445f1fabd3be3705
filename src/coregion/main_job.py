"""The main job: a study in, tables and a report out, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from coregion.abatement import clean_air
from coregion.calibrate.baseline import Baseline
from coregion.equilibrium import Equilibrium, baseline_levels
from coregion.errors import NotConverged, OutputError
from coregion.evidence import Evidence, held_against_evidence
from coregion.governments.kept import kept as kept_game
from coregion.measures.link import Link
from coregion.measures.package import Prepared, prepare
from coregion.measures.record import Measure
from coregion.measures.select import chosen
from coregion.model.economy import Shock
from coregion.packages.batch import compiled_shock
from coregion.record import run_record
from coregion.results import Results, Told, flows_frame, jurisdictions_frame, regions_frame
from coregion.seed import seed_sensitivity
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, solve
from coregion.solve.uniqueness import uniqueness
from coregion.study import Study
from coregion.uncertainty.shown import Wanted, ranges_shown, uncertainty_record
from coregion.urban_areas import areas_told

STARTS, SPREAD = 3, 0.5
"""Random starts that look for other equilibria, and how far from the solution in logarithms: farther out, incomes that
measures are paid from would be negative."""
AT_ONCE = 2
"""Measures solved at the same time: a solution keeps one core busy, and two cores are what a laptop has."""

FILES = (
    "regions.parquet",
    "jurisdictions.parquet",
    "flows.parquet",
    "ranges.parquet",
    "urban_areas.parquet",
    "run.json",
    "report.html",
    "tables.xlsx",
)

Tell = Callable[[str, int, int], None]
"""Called with what is being done, how many parts are done, and of how many."""


def silent(stage: str, done: int, of: int) -> None:
    """Tell nobody."""
    del stage, done, of


@dataclass
class Stopwatch:
    """Seconds by stage, in order."""

    seconds: dict[str, float]

    @contextmanager
    def stage(self, name: str):
        """Time a block."""
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


def run_study(
    study: Study,
    measures: Sequence[str] | None = None,
    intensity: Mapping[str, float] | None = None,
    tell: Tell = silent,
    watch: Stopwatch | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008
) -> tuple[Results, Equilibrium]:
    """Solve a package and each of its measures alone, and make the tables.

    wanted: the draws of the parameters that ranges are made from; the study's own ranges by default.
    Raises InputMistakes for an unknown measure or intensity, NotConverged with market, place and cure.
    """
    watch = watch or Stopwatch({})
    package = chosen(study.measures, measures, intensity)
    tell("calibrating", 0, 1)
    with watch.stage("calibrate"):
        baseline = study.baseline()
    tell("calibrating", 1, 1)
    whole, told, evidence = _together_and_alone(study, baseline, package, tell, watch)
    with watch.stage("seeds and evidence"):
        doubts = _doubts(study, whole, evidence)
    with watch.stage("uniqueness"):
        unique = uniqueness(baseline.economy, whole.shock, whole.solution, starts=STARTS, spread=SPREAD)
    with watch.stage("tables"):
        regions = regions_frame(study.region, told)
        jurisdictions = jurisdictions_frame(study.region, told, baseline)
        flows = flows_frame(baseline, baseline_levels(baseline))
        areas = whole.urban_areas()
    with watch.stage("ranges"):
        shown = ranges_shown(study, package, jurisdictions, wanted, tell)
    record = run_record(study, whole, watch.seconds, unique) | doubts
    record["uncertainty"] = uncertainty_record(shown, study)
    record["coordination"] = kept_game(study, package, jurisdictions)
    record["urban_areas"] = areas_told(areas)
    return Results(regions, jurisdictions, flows, record, shown.ranges, areas), whole


def _together_and_alone(
    study: Study, baseline: Baseline, package: Sequence[Measure], tell: Tell, watch: Stopwatch
) -> tuple[Equilibrium, list[Told], list[Evidence]]:
    """The equilibrium of the package; what it and each measure by itself lead to; and what evidence says of these.

    Of a measure by itself only the figures are kept: the square arrays of thirty equilibria fill a laptop's memory.
    """
    amounts = np.array([measure.intensity for measure in package])
    alone = [amounts * (np.arange(len(package)) == position) for position in range(len(package))]
    tell("travel times", 0, 1)
    with watch.stage("travel times"):
        prepared = prepare(baseline, package, [amounts, *alone])
    tell("travel times", 1, 1)
    with watch.stage("solve"):
        whole = _solved(study, baseline, package, prepared, compiled_shock(prepared, jnp.asarray(amounts)))
        told, evidence = [whole.told()], [] if len(package) > 1 else [*held_against_evidence([whole])]
        with ThreadPoolExecutor(AT_ONCE) as pool:

            def by_itself(position: int) -> tuple[Told, tuple[Evidence, ...]]:
                own, measure = amounts[position : position + 1], package[position : position + 1]
                ready = prepare(baseline, measure, [own], prepared.states)
                one = _solved(study, baseline, measure, ready, compiled_shock(prepared, jnp.asarray(alone[position])))
                return one.told(), held_against_evidence([one])

            for figures, held in pool.map(by_itself, range(len(package) if len(package) > 1 else 0)):
                told.append(figures)
                evidence += held
                tell("each measure alone", len(told) - 1, len(package))
    tell("each measure alone", len(package), len(package))
    return whole, told, evidence


def _doubts(study: Study, whole: Equilibrium, evidence: Sequence[Evidence]) -> dict[str, Any]:
    return {
        "seed_sensitivity": [asdict(seed) for seed in seed_sensitivity(whole)],
        "evidence": [asdict(found_before) for found_before in evidence],
        "air": _air(study),
    }


def _air(study: Study) -> dict[str, Any]:
    """Whose emissions each city breathes and what the same air costs; or why that has no answer. Empty without air."""
    if not study.air.pollutants:
        return {}
    try:
        return clean_air(study.region, study.air)
    except NotConverged as error:
        return {"why_not": str(error)}


def _solved(study: Study, baseline: Baseline, measures, prepared: Prepared, shock: Shock) -> Equilibrium:
    options = Options()
    solution = solve(baseline.economy, shock, options)
    checked(baseline.economy, shock, solution, options, study.region.code, study.region.sectors)
    return Equilibrium(baseline, tuple(measures), prepared, shock, solution)


def write_results(study: Study, results: Results, folder: Path, tell: Tell = silent) -> list[Path]:
    """Write every file of a run into a folder, all or none: they are made beside it and moved when complete.

    Raises OutputError when the folder cannot be written; nothing is left behind then.
    """
    folder = Path(folder).expanduser()
    work = _beside(folder)
    try:
        for number, name in enumerate(FILES):
            tell("writing", number, len(FILES))
            _write(study, results, work / name)
        _publish(work, folder)
    except OSError as error:
        raise OutputError(f"found {folder} not writable ({error.strerror}); name another folder with --out.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    tell("writing", len(FILES), len(FILES))
    return [folder / name for name in FILES]


def _publish(work: Path, folder: Path) -> None:
    """Move the finished files to their place; where one cannot be moved everything is as it was before."""
    earlier, started, fresh = work / "earlier", [], not folder.exists()
    earlier.mkdir()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in FILES:
            started.append(name)
            if (folder / name).exists():
                os.replace(folder / name, earlier / name)
            os.replace(work / name, folder / name)
    except BaseException:
        for name in started:
            if not (work / name).exists():
                (folder / name).unlink()
            if (earlier / name).exists():
                os.replace(earlier / name, folder / name)
        if fresh:
            folder.rmdir()
        raise


def check_writable(folder: Path) -> None:
    """Raise OutputError before any work is done when results could not be written."""
    shutil.rmtree(_beside(Path(folder).expanduser()), ignore_errors=True)


def _beside(folder: Path) -> Path:
    """A fresh folder on the same disk as the output."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"found a file named {folder}; expected a folder or nothing. Name another folder with --out.")
    for name in FILES:
        if (folder / name).is_dir():
            raise OutputError(
                f"found a folder named {folder / name}; expected a file or nothing. Name another with --out."
            )
    parent = folder if folder.is_dir() else next(p for p in folder.absolute().parents if p.exists())
    if not os.access(parent, os.W_OK):
        raise OutputError(f"found {parent} not writable; expected a folder to write to. Name another with --out.")
    try:
        return Path(tempfile.mkdtemp(prefix=".coregion-", dir=parent))
    except OSError as error:
        raise OutputError(f"found {parent} not writable ({error.strerror}); name another folder with --out.") from error


def _write(study: Study, results: Results, file: Path) -> None:
    if file.suffix == ".parquet":
        getattr(results, file.stem).to_parquet(file, index=False)
    elif file.suffix == ".json":
        file.write_text(json.dumps(plain(results.run), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")
    elif file.suffix == ".xlsx":
        from coregion.report.workbook import write_tables

        write_tables(results, file, results.ranges)
    else:
        from coregion.data.boundaries import county_boundaries
        from coregion.report.page import write_report

        region, inside = study.region, study.region.inside
        shapes, note = county_boundaries(
            region.code[:inside], region.longitude[:inside], region.latitude[:inside], study.settings
        )
        lines = drawn_lines(study, results)
        write_report(results, file, shapes, note, lines, results.ranges, results.urban_areas)


def drawn_lines(study: Study, results: Results) -> list[dict[str, Any]]:
    """The links that the package opens, one entry a link, named after the measure that opens them."""
    names = {entry["name"] for entry in results.run["measures"]}
    opens = {
        line: measure
        for measure in study.measures
        if measure.name in names and isinstance(measure, Link)
        for line in measure.lines
    }
    network, links = study.network, study.network.links
    return [
        {
            "line": line,
            "name_en": opens[line].name_en,
            "name_zh": opens[line].name_zh,
            "mode": network.classes[links.kind[position]].mode,
            "coordinates": [
                [float(network.longitude[end]), float(network.latitude[end])]
                for end in (links.origin[position], links.destination[position])
            ],
            "opened_by_package": True,
        }
        for position, line in enumerate(links.line)
        if line in opens
    ]


def plain(value: Any) -> Any:
    """Numbers, text, lists and mappings that JSON knows; what is no finite number becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
