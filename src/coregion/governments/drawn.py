"""The governments' game and the pairs of pillars at draws of the parameters, the model calibrated anew at each.

The draws are those of ``coregion run --draws``: the same for every set of levers and for every report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.errors import CoregionError, NotConverged
from coregion.governments.coordinate import played, record
from coregion.governments.figures import amounts, answers, pair_amounts
from coregion.governments.levers import Grain, Table, table
from coregion.governments.payoffs import Objective, members
from coregion.governments.switched import gains_of_sets, measures_of
from coregion.measures.record import Measure
from coregion.packages.dividends import interaction_index
from coregion.packages.job import Job
from coregion.packages.lattice import Lattice, by_lever, by_pillar
from coregion.packages.work import THIS_MACHINE, Work, Workers, do
from coregion.results import WHOLE, package_name
from coregion.study import Study
from coregion.uncertainty.distributions import Draws, sobol_draws
from coregion.uncertainty.figures import Package, governments
from coregion.uncertainty.job import SEED
from coregion.uncertainty.job import manifest as manifest_of_draws
from coregion.uncertainty.ranges import HIGH, LOW
from coregion.uncertainty.sample import admitted
from coregion.uncertainty.solved import GOOD, Setting, Shocks

if TYPE_CHECKING:
    import pandas as pd

Tell = Callable[[str, int, int], None]
NAME = "game_draws"
FILE = "game_draws.parquet"
BLOCK = 4
"""Draws written together."""


@dataclass(frozen=True)
class Range:
    """Of one figure over the draws that have it: 5th and 95th of 100, mean, and the part of the draws below zero.

    Of what is so or is not, 1 and 0, the mean is the part of the draws in which it is.
    """

    low: float
    high: float
    mean: float
    loss: float
    draws: int


@dataclass(frozen=True)
class DrawnGame:
    """ranges: by the name of the figure. told: how many draws there were, and why some have no answer."""

    ranges: Mapping[str, Range]
    told: Mapping[str, Any]

    def by_figure(self) -> dict[str, dict[str, float]]:
        """The ranges as plain values."""
        return {figure: asdict(found) for figure, found in self.ranges.items()}


NOT_DRAWN = DrawnGame({}, {"draws": 0})
"""A game at the study's own values only."""


def draw_games(
    study: Study,
    measures: Sequence[Measure],
    folder: Path,
    count: int,
    by: Grain = "holders",
    objective: Objective = "registered",
    tell: Tell = lambda *_: None,
    workers: Workers = THIS_MACHINE,
) -> DrawnGame:
    """Play the game at ``count`` draws; kept in ``folder`` as they come, the same call goes on after an interrupt.

    Raises what ``coordinate`` raises, and CoregionError where no draw has an answer.
    """
    game = game_to_draw(study, measures, count, by, objective)
    made_from = {**manifest_of_draws(game.setting, count, SEED), "by": by, "objective": objective}
    job = Job(Path(folder).expanduser(), made_from, NAME)
    found = job.finished()
    if found is None:
        job.begin()
        rows = do(job, game, workers, "draws of the game", tell)
        found = {"told": summary(rows, count)}
        found["ranges"] = {figure: asdict(one) for figure, one in ranges_of(rows).items()}
        job.finish({FILE: rows}, found)
    return DrawnGame({figure: Range(**one) for figure, one in found["ranges"].items()}, found["told"])


def game_to_draw(study: Study, measures: Sequence[Measure], count: int, by: Grain, objective: Objective) -> GameWork:
    """What is played, at which draws: the study's own levers and pillars, made of these measures."""
    seats = table(study.region, measures, by)
    levers = by_lever({lever.name: lever.measures for lever in seats.levers}, seats.given)
    pillars = by_pillar(measures)
    whole = Package(package_name([m.name for m in measures]), tuple(measures), False)
    networks = dict.fromkeys(
        tuple(m for m in measures_of(lattice, number) if m.changes_network())
        for lattice in (levers, pillars)
        for number in range(len(lattice.sets.members))
    )
    of_network = (Package(package_name([m.name for m in some]), some, False) for some in networks if some)
    region = study.region
    draws = sobol_draws(region.parameters, count, SEED, lambda values: admitted(region, values))
    return GameWork(Setting(study, (whole, *of_network)), seats, levers, pillars, objective, draws)


@dataclass(frozen=True)
class GameWork(Work):
    """The game at every draw, in blocks of draws."""

    setting: Setting
    seats: Table
    levers: Lattice
    pillars: Lattice
    objective: Objective
    draws: Draws

    @property
    def sizes(self) -> tuple[int, ...]:
        """Draws of each block."""
        count = len(self.draws)
        return tuple(min(BLOCK, count - first) for first in range(0, count, BLOCK))

    def share(self) -> None:
        """The central baseline, the minutes of the network, and the inverse Jacobian that steers."""
        _ = self.setting.study.baseline(), self.setting.states, self._inverse

    @cached_property
    def _inverse(self) -> jax.Array:
        return self.setting.steering().inverse

    def solved(self, number: int) -> pd.DataFrame:
        """``draw, figure, value, status`` of one block; a draw without an answer is one row that says why."""
        rows = []
        for draw in self._draws(number):
            values = dict(zip(self.draws.names, self.draws.values[draw].tolist(), strict=True))
            try:
                found = self.figures(self.setting.baseline_at(values))
            except (CoregionError, NotConverged) as error:
                rows.append((draw, "", np.nan, str(error)))
                continue
            rows += [(draw, name, value, GOOD) for name, value in found.items()]
        return _frame(rows)

    def failed(self, number: int, why: str) -> pd.DataFrame:
        """The same rows without values."""
        return _frame([(draw, "", np.nan, f"not solved: {why}") for draw in self._draws(number)])

    def _draws(self, number: int) -> range:
        return range(number * BLOCK, min((number + 1) * BLOCK, len(self.draws)))

    def figures(self, baseline: Baseline) -> dict[str, float]:
        """Every figure of the game on one baseline, answers as 1 and 0."""
        shocks = Shocks(baseline, self.setting.states)
        sides = jnp.asarray(members(baseline, self.seats.players), dtype=float)
        gains = self._gains(self.levers, baseline, shocks, sides)
        found = record(
            played(
                baseline,
                self.seats,
                gains,
                lambda levers: shocks.of(measures_of(self.levers, levers)),
                self.objective,
            )
        )
        whole = jnp.asarray(governments(baseline.region)[WHOLE][None], dtype=float)
        pairs = interaction_index(self._gains(self.pillars, baseline, shocks, whole)[:, 0])
        told = {name: float(value) for name, value in answers(found).items()}
        return amounts(found) | told | pair_amounts(self.pillars.players, pairs)

    def _gains(self, lattice: Lattice, baseline: Baseline, shocks: Shocks, along: jax.Array) -> np.ndarray:
        options = self.setting.options
        return gains_of_sets(lattice, baseline, shocks, self._inverse, along, self.objective, options)


def _frame(rows: Sequence[tuple]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=["draw", "figure", "value", "status"])


def ranges_of(rows: pd.DataFrame) -> dict[str, Range]:
    """The range of every figure, from rows of draws."""
    good = rows[(rows["status"] == GOOD) & rows["value"].notna()]
    found = {}
    for figure, values in good.groupby("figure", sort=False)["value"]:
        low, high = np.quantile(values, (LOW, HIGH)).tolist()
        found[str(figure)] = Range(low, high, float(values.mean()), float((values < 0).mean()), len(values))
    return found


def summary(rows: pd.DataFrame, count: int) -> dict[str, Any]:
    """How many draws there were, and why some have no answer; raises CoregionError where none has."""
    failed = rows[rows["status"] != GOOD]
    if len(failed) == count:
        raise CoregionError(
            f"found no draw of {count} with an answer ({failed['status'].iloc[0]}); narrow the ranges of study.toml."
        )
    return {"draws": count, "failed": len(failed), "examples": failed["status"].drop_duplicates().head(3).tolist()}
