"""Sets of some measures: which packages there are, and in which blocks they are solved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import jax
import numpy as np

from coregion.errors import Mistake, raise_together
from coregion.measures.package import Prepared
from coregion.measures.record import Measure
from coregion.packages.batch import (
    Answers,
    Reader,
    UnknownsOnly,
    nothing_changed,
    one_at_a_time,
    steered,
    steering,
    touched,
    with_several,
)
from coregion.packages.job import Job
from coregion.packages.sets import PLAYERS_AT_MOST, Sets, sets_of
from coregion.packages.tables import with_several_marked
from coregion.packages.work import THIS_MACHINE, Work, Workers, do
from coregion.solve.equilibrium import Options

if TYPE_CHECKING:
    import pandas as pd

STEERED_FROM = 200
"""Packages from which on the inverse Jacobian pays; fewer are solved one at a time."""

BLOCK, ALIKE_BLOCK = 16, 64
"""Packages of one block, with square hats of their own and with common ones; 64 save a tenth on 16, for memory."""

PAIRS_FROM = 10
"""Packages for each pair of players from which on it pays to solve every pair first: two steps of nine less."""

ALIKE_FROM = 8
"""Smallest group of packages with the same square hats that makes a block of its own."""


@dataclass(frozen=True)
class Lattice:
    """Sets of ``players``, each one or more measures that come and go together.

    measures: all that any player has, in the order of the intensities. of_player: [player, measure], who has which.
    given: [measure] those that are there whatever the players do. sets: which sets of the players are solved; a
    coalition is told by its number among them.
    """

    players: tuple[str, ...]
    measures: tuple[Measure, ...]
    of_player: np.ndarray
    given: np.ndarray
    sets: Sets

    @cached_property
    def intensities(self) -> np.ndarray:
        """[package, measure]: the measures' own intensities where a coalition has them, else 0."""
        return self.amounts(self.sets.members)

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """[package] the sorted names of the players joined by +; empty for none."""
        names = np.array(self.players, dtype=object)
        return tuple("+".join(sorted(names[row])) for row in self.sets.members)

    def amounts(self, members: np.ndarray) -> np.ndarray:
        """[package, measure] intensities of any sets of the players, booleans [package, player]."""
        return (members @ self.of_player | self.given) * np.array([measure.intensity for measure in self.measures])


def by_measure(measures: Sequence[Measure], samples: int = 0) -> Lattice:
    """Each measure a player. samples: packages that are solved, 0 for all of up to 14 measures (``sets_of``).

    Raises InputMistakes for no measure, one that cannot be left out, or too few samples.
    """
    return _lattice({measure.name: (measure,) for measure in measures}, samples=samples)


def by_pillar(measures: Sequence[Measure], samples: int = 0) -> Lattice:
    """Each pillar a player with all of its measures; otherwise as ``by_measure``."""
    pillars = dict.fromkeys(measure.pillar for measure in measures)
    return _lattice({name: tuple(m for m in measures if m.pillar == name) for name in pillars}, samples=samples)


def by_lever(levers: Mapping[str, tuple[Measure, ...]], given: Sequence[Measure] = ()) -> Lattice:
    """Each lever a player with its measures, beside those that are given, in every set; InputMistakes for over 14."""
    mistakes = []
    if len(levers) > PLAYERS_AT_MOST:
        expected, remedy = f"1 to {PLAYERS_AT_MOST} for all packages", "Name the ones that matter."
        mistakes = [Mistake(f"{len(levers)} measures, {2 ** len(levers)} packages", expected, remedy)]
    raise_together(mistakes + _always_there(levers))
    return _lattice(levers, tuple(given))


def _always_there(players: Mapping[str, tuple[Measure, ...]]) -> list[Mistake]:
    return [
        Mistake(f"lowest {m.lowest:g} of '{m.name}'", "0, so that a package may do without it")
        for group in players.values()
        for m in group
        if m.lowest > 0
    ]


def _lattice(players: Mapping[str, tuple[Measure, ...]], given: tuple[Measure, ...] = (), samples: int = 0) -> Lattice:
    nobody = [] if players else [Mistake("no measure", "one or more", "Name some measures.")]
    raise_together(nobody + _always_there(players))
    measures = tuple(measure for group in players.values() for measure in group) + given
    of_player = np.array([[measure in group for measure in measures] for group in players.values()])
    always = np.array([measure in given for measure in measures])
    return Lattice(tuple(players), measures, of_player, always, sets_of(len(players), samples))


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
    members = lattice.sets.members
    count = len(members)
    if count < STEERED_FROM:
        return Plan(_cut(np.arange(count), BLOCK), False, False)
    moves = touched(prepared, lattice.amounts(np.eye(len(lattice.players), dtype=bool))).any(axis=1)
    groups, signature = np.unique(members[:, moves][:, ::-1], axis=0, return_inverse=True)
    if count < ALIKE_FROM * len(groups):
        return Plan(_cut(np.arange(count), BLOCK), False, True)
    alike = [np.flatnonzero(signature.reshape(-1) == number) for number in range(len(groups))]
    return Plan(tuple(block for group in alike for block in _cut(group, ALIKE_BLOCK)), True, True)


def _cut(coalitions: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    return tuple(coalitions[first : first + size] for first in range(0, len(coalitions), size))


@dataclass(frozen=True)
class Guess:
    """Where a package is looked for first: what its players do alone and two by two, added up.

    nothing: [unknown] where none of them acts; alone: [player, unknown] what each adds to it; pairs: [pair, 2] players
    of which is known what they add together beyond that, together: [pair, unknown]. Zero where unknown.
    """

    nothing: np.ndarray
    alone: np.ndarray
    pairs: np.ndarray
    together: np.ndarray

    def of(self, members: np.ndarray) -> np.ndarray:
        """[package, unknown] of sets of players, booleans [package, player]."""
        both = members[:, self.pairs[:, 0]] & members[:, self.pairs[:, 1]]
        return self.nothing + members.astype(float) @ self.alone + both.astype(float) @ self.together


def guess(lattice: Lattice, prepared: Prepared, inverse: jax.Array, options: Options) -> Guess:
    """Solve no player, each alone and, where the packages are many, each two: some steps less for every package."""
    players, unknowns = len(lattice.players), nothing_changed(prepared, 1).size
    few = np.vstack([np.zeros(players, dtype=bool), np.eye(players, dtype=bool)])
    found = _unknowns(lattice, prepared, inverse, options, few, nothing_changed(prepared, len(few)))
    nothing = nothing_changed(prepared, 1)[0] if np.isnan(found[0]).any() else found[0]
    none = np.zeros((0, 2), dtype=int), np.zeros((0, unknowns))
    first = Guess(nothing, np.nan_to_num(found[1:] - nothing), *none)
    pairs = np.array(list(combinations(range(players), 2)), dtype=int).reshape(-1, 2)
    if len(lattice.sets.members) < PAIRS_FROM * len(pairs):
        return first
    two = np.zeros((len(pairs), players), dtype=bool)
    np.put_along_axis(two, pairs, True, axis=1)
    begun = first.of(two)
    found = _unknowns(lattice, prepared, inverse, options, two, begun)
    return Guess(first.nothing, first.alone, pairs, np.nan_to_num(found - begun))


def _unknowns(
    lattice: Lattice, prepared: Prepared, inverse: jax.Array, options: Options, members: np.ndarray, begun: np.ndarray
) -> np.ndarray:
    """[package, unknown] of some sets of players, NaN without an equilibrium; from where they are begun."""
    amounts, found = lattice.amounts(members), np.empty_like(begun)
    for cut in _cut(np.arange(len(amounts)), BLOCK):
        whole = _edge(cut, len(amounts))
        part = steered(prepared, amounts[whole], inverse, False, UnknownsOnly(), options, begun[whole])
        told = np.where(part.converged[:, None], part.told["unknowns"], np.nan)
        found[cut] = told[: len(cut)]
    return found


def _edge(cut: np.ndarray, count: int) -> np.ndarray:
    """A cut filled up to a whole block with its last package, so that all are compiled once."""
    return np.pad(cut, (0, min(BLOCK, count) - len(cut)), mode="edge")


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
    def _inverse(self) -> jax.Array:
        return steering(self.prepared, self.lattice.intensities[-1] / 2, self.options)

    @cached_property
    def _guess(self) -> Guess:
        return guess(self.lattice, self.prepared, self._inverse, self.options)

    def share(self) -> None:
        """The inverse Jacobian and where packages start, where blocks are steered."""
        if self.blocks.together:
            _ = self._inverse, self._guess

    def solved(self, number: int) -> pd.DataFrame:
        """Rows of one block."""
        block = self.blocks.blocks[number]
        rows = self.rows(block, self._answers(block))
        if not self.starts:
            return rows
        several = with_several(self.prepared, self.lattice.intensities[block], self.starts, self.options)
        names = self.lattice.packages
        return with_several_marked(rows, [names[coalition] for coalition in block[several]])

    def failed(self, number: int, why: str) -> pd.DataFrame:
        """Rows of one block without values."""
        return self.rows.failed(self.blocks.blocks[number], why)

    def _answers(self, block: np.ndarray) -> Answers:
        amounts = self.lattice.intensities
        if not self.blocks.together:
            return one_at_a_time(self.prepared, amounts[block], self.reader, self.options)
        padded = np.pad(block, (0, max(self.sizes) - len(block)), mode="edge")
        starts = self._guess.of(self.lattice.sets.members[padded])
        found = steered(
            self.prepared, amounts[padded], self._inverse, self.blocks.alike, self.reader, self.options, starts
        )
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
