"""Every set of some measures: which packages there are, and in which blocks they are solved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import jax
import numpy as np

from coregion.errors import Mistake, raise_together
from coregion.measures.package import Prepared
from coregion.measures.record import Measure
from coregion.packages.batch import Answers, Reader, one_at_a_time, steered, steering, touched, with_several
from coregion.packages.coalitions import membership
from coregion.packages.job import Job
from coregion.packages.tables import with_several_marked
from coregion.packages.work import THIS_MACHINE, Work, Workers, do
from coregion.solve.equilibrium import Options

if TYPE_CHECKING:
    import pandas as pd

PLAYERS_AT_MOST = 14
"""2^14 packages are solved one and all; beyond, the path integral and sampled Shapley values are the way."""

STEERED_FROM = 200
"""Packages from which on the inverse Jacobian pays; fewer are solved one at a time."""

BLOCK, ALIKE_BLOCK = 16, 64
"""Packages of one block, with square hats of their own and with common ones; 64 save a tenth on 16, for memory."""

ALIKE_FROM = 8
"""Smallest group of packages with the same square hats that makes a block of its own."""


@dataclass(frozen=True)
class Lattice:
    """All sets of ``players``, each one or more measures that come and go together.

    measures: all that any player has, in the order of the intensities. of_player: [player, measure], who has which.
    given: [measure] those that are there whatever the players do.
    """

    players: tuple[str, ...]
    measures: tuple[Measure, ...]
    of_player: np.ndarray
    given: np.ndarray

    @property
    def intensities(self) -> np.ndarray:
        """[2^n, measure]: the measures' own intensities where a coalition has them, else 0."""
        amounts = np.array([measure.intensity for measure in self.measures])
        return (membership(len(self.players)) @ self.of_player | self.given) * amounts

    @property
    def packages(self) -> tuple[str, ...]:
        """[2^n] the sorted names of the players joined by +; empty for none."""
        names = np.array(self.players, dtype=object)
        return tuple("+".join(sorted(names[row])) for row in membership(len(self.players)))


def by_measure(measures: Sequence[Measure]) -> Lattice:
    """Each measure a player; raises InputMistakes for more than 14 or none."""
    return _lattice({measure.name: (measure,) for measure in measures})


def by_pillar(measures: Sequence[Measure]) -> Lattice:
    """Each pillar a player with all of its measures."""
    pillars = dict.fromkeys(measure.pillar for measure in measures)
    return _lattice({name: tuple(m for m in measures if m.pillar == name) for name in pillars})


def by_lever(levers: Mapping[str, tuple[Measure, ...]], given: Sequence[Measure] = ()) -> Lattice:
    """Each lever a player with its measures, beside those that are given."""
    return _lattice(levers, tuple(given))


def _lattice(players: Mapping[str, tuple[Measure, ...]], given: tuple[Measure, ...] = ()) -> Lattice:
    mistakes = []
    if not 1 <= len(players) <= PLAYERS_AT_MOST:
        mistakes.append(
            Mistake(
                f"{len(players)} measures, {2 ** len(players)} packages" if players else "no measure",
                f"1 to {PLAYERS_AT_MOST} for all packages",
                "Name the ones that matter, or take them by pillar.",
            )
        )
    mistakes += [
        Mistake(f"lowest {m.lowest:g} of '{m.name}'", "0, so that a package may do without it")
        for group in players.values()
        for m in group
        if m.lowest > 0
    ]
    raise_together(mistakes)
    measures = tuple(measure for group in players.values() for measure in group) + given
    of_player = np.array([[measure in group for measure in measures] for group in players.values()])
    return Lattice(tuple(players), measures, of_player, np.array([measure in given for measure in measures]))


@dataclass(frozen=True)
class Plan:
    """In which blocks the coalitions are solved. alike: whether all of a block have the same square hats.

    together: whether blocks are solved by the steered iteration, else one package at a time.
    """

    blocks: tuple[np.ndarray, ...]
    alike: bool
    together: bool


def plan(lattice: Lattice, prepared: Prepared) -> Plan:
    """Few packages: one at a time. Many: blocks of equal square hats where the groups of them are large enough."""
    count = 1 << len(lattice.players)
    if count < STEERED_FROM:
        return Plan(_cut(np.arange(count), BLOCK), False, False)
    singles = lattice.intensities[1 << np.arange(len(lattice.players))]
    moves = touched(prepared, singles).any(axis=1)
    if count >> int(moves.sum()) < ALIKE_FROM:
        return Plan(_cut(np.arange(count), BLOCK), False, True)
    signature = np.arange(count) & int((1 << np.flatnonzero(moves)).sum())
    groups = [np.flatnonzero(signature == value) for value in np.unique(signature)]
    return Plan(tuple(block for group in groups for block in _cut(group, ALIKE_BLOCK)), True, True)


def _cut(coalitions: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    return tuple(coalitions[first : first + size] for first in range(0, len(coalitions), size))


class Rows(Protocol):
    """From the answers of a block to its rows; and the rows of a block without answers."""

    def __call__(self, coalitions: np.ndarray, answers: Answers) -> pd.DataFrame:
        """Rows of the coalitions of a block, in order."""
        ...

    def failed(self, coalitions: np.ndarray, why: str) -> pd.DataFrame:
        """The same rows without values, whose status says why."""
        ...


@dataclass(frozen=True)
class LatticeWork(Work):
    """The blocks of a lattice. starts: random points from which other equilibria of every package are looked for."""

    lattice: Lattice
    prepared: Prepared
    blocks: Plan
    reader: Reader
    rows: Rows
    options: Options
    starts: int = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        """Packages of each block."""
        return tuple(len(block) for block in self.blocks.blocks)

    @cached_property
    def _amounts(self) -> np.ndarray:
        return self.lattice.intensities

    @cached_property
    def _inverse(self) -> jax.Array:
        return steering(self.prepared, self._amounts[-1] / 2, self.options)

    def share(self) -> None:
        """The inverse Jacobian, where blocks are steered by it."""
        if self.blocks.together:
            _ = self._inverse

    def solved(self, number: int) -> pd.DataFrame:
        """Rows of one block."""
        block = self.blocks.blocks[number]
        rows = self.rows(block, self._answers(block))
        if not self.starts:
            return rows
        several = with_several(self.prepared, self._amounts[block], self.starts, self.options)
        names = self.lattice.packages
        return with_several_marked(rows, [names[coalition] for coalition in block[several]])

    def failed(self, number: int, why: str) -> pd.DataFrame:
        """Rows of one block without values."""
        return self.rows.failed(self.blocks.blocks[number], why)

    def _answers(self, block: np.ndarray) -> Answers:
        amounts = self._amounts
        if not self.blocks.together:
            return one_at_a_time(self.prepared, amounts[block], self.reader, self.options)
        padded = amounts[np.pad(block, (0, max(self.sizes) - len(block)), mode="edge")]
        found = steered(self.prepared, padded, self._inverse, self.blocks.alike, self.reader, self.options)
        return found.first(len(block))


def run_job(
    job: Job,
    lattice: Lattice,
    prepared: Prepared,
    reader: Reader,
    rows: Rows,
    tell: Callable[[str, int, int], None],
    options: Options = Options(),  # noqa: B008
    workers: Workers = THIS_MACHINE,
    starts: int = 0,
) -> pd.DataFrame:
    """Solve what is not there yet, block by block, each kept as it comes; all rows.

    starts: random points from which another equilibrium of each package is looked for; one that has any says so.
    """
    work = LatticeWork(lattice, prepared, plan(lattice, prepared), reader, rows, options, starts)
    return do(job, work, workers, "packages", tell)
