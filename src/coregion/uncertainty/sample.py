"""The values at which a study is solved: its own, a step either way in each parameter, and the draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coregion.equilibrium import payers_of
from coregion.packages.job import Job
from coregion.packages.work import THIS_MACHINE, Work, Workers, do
from coregion.region import Region
from coregion.uncertainty.distributions import Draws, drawn, own_value, sobol_draws, standard_deviation
from coregion.uncertainty.figures import Key, Package, blocks, keys
from coregion.uncertainty.solved import GOOD, STEERED_FROM, Setting, Single, Steered, solved_at

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 8
"""Sets of values written together."""

STEP = 0.1
"""Step either way for the slopes, in standard deviations of the parameter, within its range."""

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Design:
    """draws: the random part. slopes: [parameter, 2] values below and above the study's own. own: those [parameter].

    spread: standard deviation of each parameter. Rows: the study's own values, the two steps of each parameter, draws.
    """

    draws: Draws
    own: np.ndarray
    slopes: np.ndarray
    spread: np.ndarray

    @cached_property
    def rows(self) -> np.ndarray:
        """[row, parameter] every set of values that is solved."""
        steps = np.repeat(self.own[None], 2 * len(self.own), axis=0)
        for k, pair in enumerate(self.slopes):
            steps[2 * k : 2 * k + 2, k] = pair
        return np.concatenate([self.own[None], steps, self.draws.values])

    @property
    def first_draw(self) -> int:
        """The row of the first draw."""
        return 1 + 2 * len(self.own)

    def values(self, row: int) -> dict[str, float]:
        """Of a row, by name."""
        return dict(zip(self.draws.names, self.rows[row].tolist(), strict=True))


def design(region: Region, count: int, seed: int) -> Design:
    """Draws of the parameters of a study that its model admits, and the steps of the slopes."""
    draws = sobol_draws(region.parameters, count, seed, lambda values: admitted(region, values))
    wanted = drawn(region.parameters)
    spread = np.array([standard_deviation(p) for p in wanted])
    steps = [
        (max(own_value(p) - STEP * sd, p.low), min(own_value(p) + STEP * sd, p.high))
        for p, sd in zip(wanted, spread, strict=True)
    ]
    return Design(draws, np.array([own_value(p) for p in wanted]), np.array(steps), spread)


def admitted(region: Region, values: Mapping[str, float]) -> bool:
    """Whether parameters are such as study.toml would be read with: η ≤ ε and θ(ψ + ζ) ≤ 1."""
    own = {name: parameter.value for name, parameter in region.parameters.items()}
    new = {**own, **values}
    scale = new.get("trade_elasticity_scale", 1.0) / own.get("trade_elasticity_scale", 1.0)
    spill = new.get("agglomeration_elasticity", 0.0) + new.get("entry_elasticity", 0.0)
    theta = float(np.max(region.technology.trade_elasticity)) * scale
    slow = new.get("migration_elasticity", 0.0) <= new.get("commuting_elasticity", np.inf)
    return slow and theta * spill <= 1


def figure_keys(setting: Setting, package: Package) -> list[Key]:
    """(place, variable, group, unit) of every figure of a package: those of the baseline as it is."""
    region = setting.study.region
    nothing = dict.fromkeys(payers_of(region, package.measures), 0.0)
    return keys(list(blocks(region, setting.before, setting.before, nothing, nothing, package.counties)))


@dataclass(frozen=True)
class DrawWork(Work):
    """Every row of a design, in blocks of rows."""

    setting: Setting
    plan: Design
    blocks: tuple[range, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each block."""
        return tuple(len(block) for block in self.blocks)

    @cached_property
    def _solver(self) -> Single | Steered:
        many = len(self.plan.rows) * len(self.setting.packages) >= STEERED_FROM
        return self.setting.steering() if many else Single()

    def share(self) -> None:
        """The central baseline, the minutes of the network, and the inverse Jacobian where it steers."""
        _ = self.setting.study.baseline(), self.setting.states, self._solver

    def solved(self, number: int) -> pd.DataFrame:
        """row, package, status, values of one block."""
        rows = [_rows(row, solved_at(self.setting, self.plan.values(row), self._solver)) for row in self.blocks[number]]
        return _frame([entry for found in rows for entry in found])

    def failed(self, number: int, why: str) -> pd.DataFrame:
        """The same rows without values."""
        nothing, packages = np.array([]), self.setting.packages
        return _frame([(row, p.name, f"not solved: {why}", nothing) for row in self.blocks[number] for p in packages])


def solve_rows(setting: Setting, plan: Design, job: Job, tell: Tell, workers: Workers = THIS_MACHINE) -> pd.DataFrame:
    """Solve every row that is not written yet, block by block; all rows: row, package, status, values."""
    total = len(plan.rows)
    blocks = tuple(range(first, min(first + BLOCK, total)) for first in range(0, total, BLOCK))
    return do(job, DrawWork(setting, plan, blocks), workers, "draws", tell)


def _rows(row: int, answers: Sequence) -> Iterator[tuple]:
    for answer in answers:
        yield row, answer.package, answer.status, answer.values


def _frame(rows: Sequence[tuple]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=["row", "package", "status", "values"])


@dataclass(frozen=True)
class Solved:
    """Every row of a design, by package: figures [row, figure], NaN where status [row] says why there are none."""

    plan: Design
    packages: tuple[Package, ...]
    keys: Mapping[str, list[Key]]
    figures: Mapping[str, np.ndarray]
    status: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, setting: Setting, plan: Design, rows: pd.DataFrame) -> Solved:
        """From the rows as they are written."""
        named = {p.name: figure_keys(setting, p) for p in setting.packages}
        figures, status = {}, {}
        for package in setting.packages:
            mine = rows[rows["package"] == package.name].sort_values("row")
            nothing = np.full(len(named[package.name]), np.nan)
            figures[package.name] = np.stack(
                [v if s == GOOD else nothing for v, s in zip(mine["values"], mine["status"], strict=True)]
            )
            status[package.name] = mine["status"].to_numpy(dtype=object)
        return cls(plan, setting.packages, named, figures, status)

    def draws(self, package: str) -> np.ndarray:
        """[draw, figure] the random part only."""
        return self.figures[package][self.plan.first_draw :]

    def point(self, package: str) -> np.ndarray:
        """[figure] at the study's own values."""
        return self.figures[package][0]

    def slopes(self, package: str) -> np.ndarray:
        """[parameter, figure] by differences with recalibration; NaN where a step has no equilibrium."""
        steps = self.figures[package][1 : self.plan.first_draw]
        width = self.plan.slopes[:, 1] - self.plan.slopes[:, 0]
        return (steps[1::2] - steps[::2]) / width[:, None]

    def failed(self, package: str) -> list[str]:
        """Why draws have no answer, one text a draw."""
        return [text for text in self.status[package][self.plan.first_draw :] if text != GOOD]
