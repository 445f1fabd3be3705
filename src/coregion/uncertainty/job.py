"""The draws of a study's package and of each of its measures alone, written as they come; and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coregion.data.provenance import input_hashes
from coregion.errors import CoregionError
from coregion.measures.record import Measure
from coregion.packages.job import Job
from coregion.packages.work import THIS_MACHINE, Workers
from coregion.results import package_name
from coregion.study import Study
from coregion.uncertainty.figures import Package
from coregion.uncertainty.ranges import draws_frame, drivers_frame, first_level, parameters_frame, ranges_frame, summary
from coregion.uncertainty.sample import Solved, Tell, design, solve_rows
from coregion.uncertainty.solved import Setting

if TYPE_CHECKING:
    import pandas as pd

NAME = "draws"
FILES = ("ranges.parquet", "drivers.parquet", "draws.parquet", "parameters.parquet")
SEED = 1


@dataclass(frozen=True)
class Uncertainty:
    """ranges, drivers: tables. told: how many draws, what failed and why."""

    ranges: pd.DataFrame
    drivers: pd.DataFrame
    told: Mapping[str, Any]


def packages_of(measures: Sequence[Measure]) -> tuple[Package, ...]:
    """What a report shows: the whole package, with its counties, and each measure alone."""
    whole = Package(package_name([m.name for m in measures]), tuple(measures), True)
    alone = [Package(measure.name, (measure,), False) for measure in measures]
    return (whole, *(alone if len(measures) > 1 else ()))


def draw_study(
    study: Study,
    measures: Sequence[Measure],
    folder: Path,
    count: int,
    seed: int = SEED,
    tell: Tell = lambda *_: None,
    workers: Workers = THIS_MACHINE,
) -> Uncertainty:
    """Solve a package and each of its measures alone at ``count`` draws of the parameters, calibrated anew at each.

    The draws are the same for every package. Written into a folder as they come: the same call goes on where an
    interrupt stopped it, and a finished one is read. Raises CoregionError where another job lies unfinished in the
    folder, nothing is drawn, or no draw has an answer; OutputError when the folder cannot be written.
    """
    setting = Setting(study, packages_of(measures))
    job = Job(Path(folder).expanduser(), manifest(setting, count, seed), NAME)
    return run_draws(setting, job, count, seed, tell, workers)


def run_draws(
    setting: Setting, job: Job, count: int, seed: int, tell: Tell, workers: Workers = THIS_MACHINE
) -> Uncertainty:
    """As ``draw_study`` for any packages; the first of them is the one whose drivers are told."""
    import pandas as pd

    record = job.finished()
    if record is None:
        job.begin()
        region = setting.study.region
        plan = design(region, count, seed)
        solved = Solved.of(setting, plan, solve_rows(setting, plan, job, tell, workers))
        first = setting.packages[0].name
        told = summary(solved, seed)
        if told["failed"] == count:
            reason = next(iter(told["examples"].values()))
            raise CoregionError(f"found no draw of {count} with an answer ({reason}); narrow the ranges of study.toml.")
        tables = (ranges_frame(solved, first_level(region)), drivers_frame(solved, region, first), draws_frame(solved))
        job.finish(dict(zip(FILES, (*tables, parameters_frame(solved)), strict=True)), {"told": told})
        record = {"told": told}
    ranges, drivers = (pd.read_parquet(job.folder / name) for name in FILES[:2])
    return Uncertainty(ranges, drivers, record["told"])


def manifest(setting: Setting, count: int, seed: int) -> dict[str, Any]:
    """What the draws are made from: two jobs with the same manifest have the same answers."""
    study = setting.study
    return {
        "version": metadata.version("coregion"),
        "study": study.settings.name,
        "inputs": input_hashes(study.folder),
        "parameters": parameter_record(study),
        "packages": {p.name: {m.name: m.intensity for m in p.measures} for p in setting.packages},
        "tolerance": float(setting.options.tolerance),
        "draws": count,
        "seed": seed,
    }


def parameter_record(study: Study) -> dict[str, list[Any]]:
    """What a parameter is and how it is drawn, as plain values."""
    return {
        p.name: [p.value, p.low, p.high, p.distribution, p.spread, dict(p.by)] for p in study.region.parameters.values()
    }
