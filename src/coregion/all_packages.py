"""All packages of a study, or a sample where they are too many: solved, told by government, taken apart by measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.data.provenance import input_hashes
from coregion.equilibrium import baseline_levels, money
from coregion.measures.package import prepare
from coregion.measures.select import chosen
from coregion.model.economy import Economy, Shock, no_shock
from coregion.outcomes import levels, state
from coregion.packages.batch import Answers, Reader
from coregion.packages.job import Job
from coregion.packages.lattice import Lattice, by_measure, by_pillar, run_job
from coregion.packages.sets import EverySet
from coregion.packages.tables import (
    CONVERGED,
    contributions_frame,
    game_of,
    interactions_frame,
    no_interactions,
    package_frame,
    several_in,
)
from coregion.packages.work import THIS_MACHINE, Workers
from coregion.results import MEAN_OVER, WHOLE
from coregion.solve.equilibrium import Options, Solution
from coregion.study import Study
from coregion.uncertainty.figures import governments
from coregion.variables import variable

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = (
    "welfare",
    "equivalent_variation_registered",
    "equivalent_variation_living",
    "equivalent_variation_working",
    "residents",
    "jobs",
    "wage",
    "pm25",
    "deaths_air",
)
"""Variables that a package is told by, where the study has them; the budgets of payers follow from wages and costs."""

FILES: tuple[str, ...] = ("packages.parquet", "shapley.parquet", "interactions.parquet")


class OutcomeReader(Reader):
    """The outcomes of a package by region, and the public jobs it adds."""

    economy: Economy
    minutes: jax.Array

    def __call__(self, shock: Shock, solution: Solution) -> dict[str, jax.Array]:
        values = levels(state(solution.unknowns, self.economy, shock), self.minutes)
        return {**{name: values[name] for name in OUTCOMES if name in values}, "public_jobs": shock.public_jobs}


@dataclass(frozen=True)
class AllPackages:
    """packages, shapley, interactions: the tables. warnings: packages without an equilibrium. files: written.

    drawn: whether the packages are a sample; Shapley values then have an error, and there are no interactions.
    """

    packages: pd.DataFrame
    shapley: pd.DataFrame
    interactions: pd.DataFrame
    warnings: tuple[str, ...]
    files: tuple[Path, ...]
    drawn: bool = False


def solve_all_packages(
    study: Study,
    folder: Path,
    measures: Sequence[str] | None = None,
    tell: Callable[[str, int, int], None] = lambda *_: None,
    options: Options = Options(),  # noqa: B008
    workers: Workers = THIS_MACHINE,
    starts: int = 0,
    samples: int = 0,
) -> AllPackages:
    """Every set of these measures, or of the pillars without names; written into a folder as they come.

    Of more than 14 a sample: none, all, each alone, each last in, and others by the Shapley kernel, with their
    complements (``coregion.packages.sets``). samples: how many packages, 2,000 for 0; fewer than all of up to 14 too.

    starts: random points from which another equilibrium of each package is looked for; one that has any says so in
    its status, and what rests on it carries the warning.
    The same call goes on where an interrupt stopped it. Raises InputMistakes for unknown measures or too few
    samples, CoregionError when another job lies unfinished in the folder, OutputError when it cannot be written.
    """
    own = study.measures if measures is None else chosen(study.measures, measures)
    lattice = by_pillar(own, samples) if measures is None else by_measure(own, samples)
    job = Job(Path(folder).expanduser(), manifest(study, lattice, options) | {"starts": starts, **lattice.sets.told})
    if job.finished() is None:
        job.begin()
        tell("calibrating", 0, 1)
        baseline = study.baseline()
        tell("calibrating", 1, 1)
        tell("travel times", 0, 1)
        prepared = prepare(baseline, lattice.measures, lattice.intensities)
        tell("travel times", 1, 1)
        reader = OutcomeReader(baseline.economy, jnp.asarray(baseline.minutes["commuting"]))
        told = PackageRows.of(baseline, lattice)
        rows = run_job(job, lattice, prepared, reader, told, tell, options, workers, starts)
        _finish(job, lattice, rows)
    return _read(job)


def manifest(study: Study, lattice: Lattice, options: Options) -> dict[str, Any]:
    """What a job is made from: two jobs with the same manifest have the same answers."""
    owned = {
        player: [m.name for m, has in zip(lattice.measures, row, strict=True) if has]
        for player, row in zip(lattice.players, lattice.of_player, strict=True)
    }
    return {
        "version": metadata.version("coregion"),
        "study": study.settings.name,
        "inputs": input_hashes(study.folder),
        "measures": owned,
        "intensities": {measure.name: measure.intensity for measure in lattice.measures},
        "tolerance": float(options.tolerance),
    }


def _finish(job: Job, lattice: Lattice, rows: pd.DataFrame) -> None:
    values, keys = game_of(rows, lattice.packages)
    found = lattice.sets.decompose(values, lattice.players)
    every = isinstance(lattice.sets, EverySet)
    pairs = interactions_frame(values, keys, lattice.players) if every else no_interactions(keys)
    order = {package: position for position, package in enumerate(lattice.packages)}
    rows = rows.sort_values("package", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    tables = dict(zip(FILES, (rows, contributions_frame(found, keys), pairs), strict=True))
    warnings = [*(str(missing) for missing in found.missing), *several_in(rows)]
    job.finish(tables, {"packages": len(lattice.packages), "warnings": warnings})


def _read(job: Job) -> AllPackages:
    import pandas as pd

    record = job.finished() or {"warnings": []}
    packages, shapley, interactions = (pd.read_parquet(job.folder / name) for name in FILES)
    files = tuple(job.folder / name for name in FILES)
    return AllPackages(packages, shapley, interactions, tuple(record["warnings"]), files, job.manifest["samples"] > 0)


@dataclass(frozen=True)
class Total:
    """One figure of a package: a weighted sum over regions of a variable, or of one group of it."""

    key: tuple[str, str, str]
    group: int | None
    weight: np.ndarray


@dataclass(frozen=True)
class PackageRows:
    """From the answers of a block to its rows: sums or means by government, and the budgets of those who pay."""

    baseline: Baseline
    lattice: Lattice
    totals: tuple[Total, ...]
    payers: tuple[str, ...]
    neutral: Shock

    @classmethod
    def of(cls, baseline: Baseline, lattice: Lattice) -> PackageRows:
        """Weights of the baseline, once for all packages."""
        before = {name: np.asarray(values) for name, values in baseline_levels(baseline).items()}
        members = governments(baseline.region)
        totals = [total for code, rows in members.items() for total in _totals(baseline, code, rows, before)]
        payers = dict.fromkeys([p.code for p in baseline.region.payers] + [m.payer for m in lattice.measures])
        return cls(baseline, lattice, tuple(totals), tuple(payers), no_shock(baseline.economy))

    def __call__(self, coalitions: np.ndarray, answers: Answers) -> pd.DataFrame:
        """Rows of ``packages.parquet``."""
        sums = [_summed(total, answers.told[total.key[2]]) for total in self.totals]
        amounts = self.lattice.intensities[coalitions]
        budgets = np.array([self._budgets(amounts[i], answers, i) for i in range(len(answers))])
        status = [
            CONVERGED if good else f"not converged: a market is off by {error:.1e}"
            for good, error in zip(answers.converged, answers.error, strict=True)
        ]
        return self._frame(coalitions, np.concatenate([np.array(sums).T, budgets], axis=1), status)

    def failed(self, coalitions: np.ndarray, why: str) -> pd.DataFrame:
        """The same rows without values."""
        figures = len(self.totals) + 1 + len(self.payers)
        status = [f"not solved: {why}"] * len(coalitions)
        return self._frame(coalitions, np.full((len(coalitions), figures), np.nan), status)

    def _frame(self, coalitions: np.ndarray, values: np.ndarray, status: Sequence[str]) -> pd.DataFrame:
        keys = [total.key for total in self.totals] + [(code, "", "budget") for code in (WHOLE, *self.payers)]
        names = [self.lattice.packages[coalition] for coalition in coalitions]
        return package_frame(names, keys, [variable(key[2]).unit for key in keys], values, status)

    def _budgets(self, amounts: np.ndarray, answers: Answers, position: int) -> list[float]:
        acting = [
            measure.model_copy(update={"intensity": float(amount)})
            for measure, amount in zip(self.lattice.measures, amounts, strict=True)
            if amount != 0
        ]
        shock = eqx.tree_at(lambda s: s.public_jobs, self.neutral, answers.told["public_jobs"][position])
        _, budget = money(self.baseline, acting, shock, {"wage": answers.told["wage"][position]})
        return [sum(budget.values()), *(budget.get(code, 0.0) for code in self.payers)]


def _totals(baseline: Baseline, code: str, members: np.ndarray, before: Mapping[str, np.ndarray]) -> list[Total]:
    """Every figure of one government. Welfare over all groups is the mean over its registered."""
    groups = baseline.region.groups
    found = []
    for name in (name for name in OUTCOMES if name in before):
        mean_over = before[MEAN_OVER[name]] if name in MEAN_OVER else np.ones_like(before[name])
        if mean_over.ndim > before[name].ndim:
            mean_over = mean_over.sum(axis=0)
        weight = mean_over * members
        grouped = before[name].ndim == 2
        is_mean = name in MEAN_OVER
        found.append(Total((code, "", name), None, _shares(weight) if is_mean else weight))
        for g, group in enumerate(groups if grouped else ()):
            found.append(Total((code, group, name), g, _shares(weight[g]) if is_mean else weight[g]))
    return found


def _shares(weight: np.ndarray) -> np.ndarray:
    return weight / weight.sum() if weight.sum() > 0 else weight


def _summed(total: Total, values: np.ndarray) -> np.ndarray:
    """[package] the figure. values: [package, region] or [package, group, region]."""
    chosen_values = values if total.group is None else values[:, total.group]
    return (chosen_values * total.weight).reshape(len(values), -1).sum(axis=1)
