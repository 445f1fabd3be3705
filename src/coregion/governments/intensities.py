"""Governments that choose how much of each measure, between its bounds: Nash, coalitions, cooperation.

``coordinate`` lets measures come and go in groups, so that every combination is solved. Here every measure has an
intensity of its own, and the equilibrium's adjoint says how each government's gain answers it (``packages.game``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.data.provenance import input_hashes
from coregion.errors import CoregionError, NotConverged
from coregion.governments.levers import Table, table
from coregion.governments.payoffs import Objective, gains_at, income_of, members
from coregion.measures.package import Prepared, prepare
from coregion.measures.record import Measure
from coregion.measures.select import chosen
from coregion.packages.cooperation import cooperative
from coregion.packages.game import Game, Options, finite, game, merged, nash
from coregion.packages.job import Job
from coregion.packages.switches import partitions
from coregion.packages.work import THIS_MACHINE, Work, Workers, do
from coregion.solve.equilibrium import Options as Solving
from coregion.solve.equilibrium import solve
from coregion.study import Study

if TYPE_CHECKING:
    import pandas as pd

Tell = Callable[[str, int, int], None]
NAME, FILE = "intensities", "intensities.parquet"
PRECISION = Options(first_order=1e-8, gain=1e-8, search_steps=200, newton_steps=4, starts=2)
"""Of payoffs in parts of the income of all: no government gains a hundred-millionth of it by deviating alone."""

JOINT = replace(PRECISION, first_order=1e-6)
"""Of what all choose together. Where beds or a cap begin to bind a slope has two sides, and an intensity that rests at
such an edge keeps the slope of one of them: a millionth of income is the finest that tells rest from motion there."""

RULES = {
    "utilitarian": "utilitarian",
    "equal gain": "largest_smallest_gain",
    "Nash bargaining": "nash_bargaining",
}
"""Of cooperation, called as in ``coordinate``; gains of the second are parts of each one's own income (Ossa 2014)."""

ANNOUNCED = "announced"
"""The play in which every measure has the intensity that the study gives it."""

GAIN, INTENSITY, CERTIFICATE = "gain", "intensity", "certificate"
"""What a row tells: yuan a year of a government, of a measure how much, or how well it was found."""

COLUMNS = ("play", "figure", "name", "value", "status")
FOUND = "found"


@dataclass(frozen=True)
class IntensityGame(Work):
    """One play a block: every partition of the governments into coalitions, every rule of cooperation, the announced.

    seats: who holds which measures. measures: in the order of the intensities, those that are given last. A measure of
    several holders is at its lowest unless all of them stand in one coalition.
    """

    study: Study
    seats: Table
    measures: tuple[Measure, ...]
    objective: Objective
    options: Options = PRECISION

    @property
    def sizes(self) -> tuple[int, ...]:
        """One a play."""
        return (1,) * len(self.plays)

    @cached_property
    def divisions(self) -> tuple[tuple[int, ...], ...]:
        """Partitions of the players, each alone first, all together last."""
        return tuple(partitions(len(self.seats.players)))

    @property
    def plays(self) -> tuple[str, ...]:
        """What the blocks are called."""
        divided = [" | ".join(self._label(coalition) for coalition in division) for division in self.divisions]
        return ("nash", *divided[1:], *RULES, ANNOUNCED)

    def share(self) -> None:
        """The baseline, on which every play rests; the compiled game cannot be sent along."""
        _ = self._income

    def solved(self, number: int) -> pd.DataFrame:
        """The rows of one play."""
        try:
            return self._rows(number, *self._played(number), FOUND)
        except NotConverged as error:
            return self.failed(number, str(error))

    def failed(self, number: int, why: str) -> pd.DataFrame:
        """The same rows without values."""
        nothing = np.full(len(self.measures), np.nan), np.full(len(self.seats.players), np.nan)
        return self._rows(number, *nothing, {}, why)

    @cached_property
    def _baseline(self) -> Baseline:
        return self.study.baseline()

    @cached_property
    def _income(self) -> np.ndarray:
        return income_of(self._baseline, self.seats.players, self.objective)

    @cached_property
    def prepared(self) -> Prepared:
        """Every set of measures of the network may be met on the way."""
        return prepare(self._baseline, self.measures)

    @cached_property
    def lowest(self) -> np.ndarray:
        """[measure] where a measure stands that nobody moves: given ones at their own intensity."""
        held = len(self.measures) - len(self.seats.given)
        return np.array([m.lowest if k < held else m.intensity for k, m in enumerate(self.measures)])

    @cached_property
    def holders(self) -> tuple[int, ...]:
        """Of every measure that is not given its holders, as bits of players."""
        position = {player: 1 << j for j, player in enumerate(self.seats.players)}
        return tuple(
            sum(position[code] for code in lever.holders) for lever in self.seats.levers for _ in lever.measures
        )

    @cached_property
    def game(self) -> Game:
        """All held measures, each set by the first of its holders: compiled once, parts of it are played.

        Payoffs are gains over the baseline, in parts of the income of all.
        """
        economy = self._baseline.economy
        along = jnp.asarray(members(self._baseline, self.seats.players), dtype=float)
        lowest, held = jnp.asarray(self.lowest), len(self.holders)
        unit, prepared = float(self._income.sum()), self.prepared

        def payoff(amounts):
            shock = prepared.shock(lowest.at[:held].set(amounts))
            solution = solve(economy, shock, Solving())
            gained = gains_at(economy, shock, solution.unknowns, along, self.objective)
            return jnp.where(solution.converged, gained, jnp.nan) / unit

        lower, upper = (np.array([getattr(m, side) for m in self.measures[:held]]) for side in ("lowest", "highest"))
        owner = [(bits & -bits).bit_length() - 1 for bits in self.holders]
        return game(payoff, owner, lower, upper, upper - lower, self.seats.names)

    @cached_property
    def base(self) -> np.ndarray:
        """[player] payoffs where no government acts; what is told is counted from there."""
        return self.game.payoffs(self.lowest[: len(self.holders)])

    @cached_property
    def _alone(self) -> np.ndarray:
        """[player] payoffs where each acts for itself, the threat point of cooperation."""
        return self._divided(self.divisions[0])[1]

    def movable(self, division: tuple[int, ...]) -> np.ndarray:
        """Positions of the held measures all of whose holders stand in one coalition of a partition."""
        return np.flatnonzero([any(bits & coalition == bits for coalition in division) for bits in self.holders])

    def _played(self, number: int) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        if number < len(self.divisions):
            return self._divided(self.divisions[number])
        if self.plays[number] == ANNOUNCED:
            start = self._start()
            return self._all(start), finite(self.game, self.game.payoffs(start), start), {}
        return self._agreed(RULES[self.plays[number]])

    def _divided(self, division: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        """Intensities [measure], payoffs [player] and certificate of the Nash equilibrium between some coalitions."""
        within = [[j for j in range(len(self.seats.players)) if coalition >> j & 1] for coalition in division]
        free = self.movable(division)
        between = merged(_part(self.game, free, self.lowest[: len(self.holders)]), within)
        found = nash(between, options=self.options)
        held = self.lowest[: len(self.holders)].copy()
        held[free] = found.actions
        told = {
            "first_order_gap": found.first_order_gap,
            "deviation_gain": found.deviation_gain,
            "stability": found.stability,
        }
        return self._all(held), self.game.payoffs(held), told

    def _agreed(self, rule: str) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        """The same of what all choose together by a rule; equal gains are parts of each one's own income."""
        share = self._income / self._income.sum()
        relative = rule == "largest_smallest_gain"
        played = _relative(self.game, share) if relative else self.game
        threat = 1 + self._alone / share if relative else self._alone
        found = cooperative(played, rule, threat, start=self._start(), options=JOINT)
        return self._all(found.actions), self.game.payoffs(found.actions), {"first_order_gap": found.first_order_gap}

    def _start(self) -> np.ndarray:
        return np.array([measure.intensity for measure in self.measures[: len(self.holders)]])

    def _all(self, held: np.ndarray) -> np.ndarray:
        return np.concatenate([held, self.lowest[len(self.holders) :]])

    def _label(self, coalition: int) -> str:
        return "+".join(name for j, name in enumerate(self.seats.names) if coalition >> j & 1)

    def _rows(
        self, number: int, intensities: np.ndarray, payoffs: np.ndarray, told: dict[str, float], status: str
    ) -> pd.DataFrame:
        import pandas as pd

        play = self.plays[number]
        gains = (payoffs - self.base) * self._income.sum()
        rows = [(play, INTENSITY, m.name, float(v), status) for m, v in zip(self.measures, intensities, strict=True)]
        rows += [(play, GAIN, code, float(v), status) for code, v in zip(self.seats.players, gains, strict=True)]
        rows += [(play, CERTIFICATE, name, value, status) for name, value in told.items()]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def _part(whole: Game, free: np.ndarray, others: np.ndarray) -> Game:
    """The game in which only some actions can be moved, all others standing where ``others`` has them."""

    def at(actions: np.ndarray) -> np.ndarray:
        placed = others.astype(float).copy()
        placed[free] = actions
        return placed

    def value_and_gradient(weights: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, gradient = whole.value_and_gradient(weights, at(actions))
        return value, gradient[free]

    return Game(
        lambda actions: whole.payoffs(at(actions)),
        value_and_gradient,
        whole.owner[free],
        whole.lower[free],
        whole.upper[free],
        whole.scale[free],
        whole.names,
    )


def _relative(whole: Game, share: np.ndarray) -> Game:
    """The same game with payoffs as real incomes: 1 + gain over one's own income. share: of the income of all."""

    def value_and_gradient(weights: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, gradient = whole.value_and_gradient(weights / share, actions)
        return 1 + value / share, gradient

    return Game(
        lambda actions: 1 + whole.payoffs(actions) / share,
        value_and_gradient,
        whole.owner,
        whole.lower,
        whole.upper,
        whole.scale,
        whole.names,
    )


def choose_intensities(
    study: Study,
    folder: Path,
    objective: Objective = "registered",
    measures: Sequence[str] | None = None,
    tell: Tell = lambda *_: None,
    workers: Workers = THIS_MACHINE,
) -> pd.DataFrame:
    """Every play: ``play, figure, name, value, status``, kept in ``folder`` as it comes and resumed by the same call.

    Raises InputMistakes for unknown measures, CoregionError where fewer than two governments hold any, or where a
    measure cannot move.
    """
    import pandas as pd

    work = intensity_game(study, chosen(study.measures, measures), objective)
    made_from = {
        "version": metadata.version("coregion"),
        "study": study.settings.name,
        "inputs": input_hashes(study.folder),
        "measures": {m.name: [m.lowest, m.intensity, m.highest] for m in work.measures},
        "objective": objective,
    }
    job = Job(Path(folder).expanduser(), made_from, NAME)
    if job.finished() is None:
        job.begin()
        job.finish({FILE: do(job, work, workers, "plays", tell)}, {"plays": list(work.plays)})
    return pd.read_parquet(job.folder / FILE)


def intensity_game(study: Study, measures: Sequence[Measure], objective: Objective = "registered") -> IntensityGame:
    """Who sets which measures of a study; errors as ``choose_intensities``."""
    seats = table(study.region, measures)
    held = [measure for lever in seats.levers for measure in lever.measures]
    fixed = [measure.name for measure in held if measure.lowest == measure.highest]
    if fixed:
        raise CoregionError(
            f"found {', '.join(fixed)} with one possible intensity; expected a range. Set lowest below highest, or "
            "leave them out with --measures."
        )
    return IntensityGame(study, seats, (*held, *seats.given), objective)
