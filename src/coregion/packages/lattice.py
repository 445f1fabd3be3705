"""Every set of some measures: which packages there are, in which blocks they are solved, and how a job goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coregion.errors import CoregionError, Mistake, OutputError, raise_together
from coregion.measures.package import Prepared
from coregion.measures.record import Measure
from coregion.packages.batch import Answers, Reader, one_at_a_time, steered, steering, touched
from coregion.packages.coalitions import membership
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

PACKAGES = "packages"
"""What the files of a lattice are named after."""


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


def solve_blocks(
    lattice: Lattice, prepared: Prepared, blocks: Plan, wanted: Sequence[int], reader: Reader, options: Options
) -> Iterator[tuple[int, Answers]]:
    """The wanted blocks by their number, one after the other; none is kept here."""
    amounts, inverse = lattice.intensities, None
    for number in wanted:
        block = blocks.blocks[number]
        if not blocks.together:
            yield number, one_at_a_time(prepared, amounts[block], reader, options)
            continue
        if inverse is None:
            inverse = steering(prepared, amounts[-1] / 2, options)
        size = max(len(other) for other in blocks.blocks)
        padded = amounts[np.pad(block, (0, size - len(block)), mode="edge")]
        yield number, steered(prepared, padded, inverse, blocks.alike, reader, options).first(len(block))


@dataclass(frozen=True)
class Job:
    """Work on its way into a folder, block by block: what it is made from, and the blocks that are there.

    name: what its files are called, ``name.json`` the record and ``name.parts`` the folder of blocks.
    """

    folder: Path
    manifest: Mapping[str, Any]
    name: str = PACKAGES

    @property
    def record(self) -> Path:
        """Where the manifest is written."""
        return self.folder / f"{self.name}.json"

    @property
    def parts(self) -> Path:
        """Where the blocks are written."""
        return self.folder / f"{self.name}.parts"

    def begin(self) -> None:
        """Take up what an interrupt left; raises CoregionError if it was another job, OutputError if not writable."""
        left = self._left()
        if left is not None and not left.get("finished") and self.parts.exists():
            differing = [key for key in self.manifest if left.get(key) != self.manifest[key]]
            if differing:
                raise CoregionError(
                    f"found an unfinished job in {self.folder} whose {', '.join(differing)} differ from this one's; "
                    f"expected the same, to go on from there. Name another folder with --out, or delete "
                    f"{self.parts} to give it up."
                )
            return
        try:
            shutil.rmtree(self.parts, ignore_errors=True)
            self.parts.mkdir(parents=True)
            self._write({**self.manifest, "finished": False})
        except OSError as error:
            raise _not_writable(self.folder, error) from error

    def finished(self) -> dict[str, Any] | None:
        """The record of this very job where it was done before and its tables lie there."""
        left = self._left()
        if left is None or not left.get("finished") or any(left.get(k) != v for k, v in self.manifest.items()):
            return None
        return left if all((self.folder / name).exists() for name in left["files"]) else None

    def done(self) -> list[int]:
        """Numbers of the blocks that are written."""
        return sorted(int(file.stem) for file in self.parts.glob("*.parquet"))

    def keep(self, number: int, rows: pd.DataFrame) -> None:
        """Write one block whole."""
        write_whole(rows, self.parts / f"{number}.parquet")

    def rows(self) -> pd.DataFrame:
        """Every row written so far."""
        import pandas as pd

        files = [self.parts / f"{number}.parquet" for number in self.done()]
        return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)

    def finish(self, tables: Mapping[str, pd.DataFrame], more: Mapping[str, Any]) -> list[Path]:
        """Write the tables and the record, then drop the parts."""
        for name, table in tables.items():
            write_whole(table, self.folder / name)
        self._write({**self.manifest, **more, "files": list(tables), "finished": True})
        shutil.rmtree(self.parts, ignore_errors=True)
        return [*(self.folder / name for name in tables), self.record]

    def _left(self) -> dict[str, Any] | None:
        file = self.record
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    def _write(self, record: Mapping[str, Any]) -> None:
        file = self.record
        work = file.with_suffix(f".{os.getpid()}")
        work.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(work, file)


def write_whole(table: pd.DataFrame, file: Path) -> None:
    """Write a table under a name of its own and move it when complete; raises OutputError."""
    work = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        table.to_parquet(work, index=False)
        os.replace(work, file)
    except OSError as error:
        work.unlink(missing_ok=True)
        raise _not_writable(file.parent, error) from error


def _not_writable(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"found {folder} not writable ({error.strerror}); name another folder with --out.")


Rows = Callable[[np.ndarray, Answers], "pd.DataFrame"]
"""Coalitions of a block and what they lead to → its rows."""


def run_job(
    job: Job,
    lattice: Lattice,
    prepared: Prepared,
    reader: Reader,
    rows: Rows,
    tell: Callable[[str, int, int], None],
    options: Options = Options(),  # noqa: B008
) -> pd.DataFrame:
    """Solve what is not there yet, block by block, each kept as it comes; all rows."""
    blocks = plan(lattice, prepared)
    there = set(job.done())
    total = sum(len(block) for block in blocks.blocks)
    solved = sum(len(blocks.blocks[number]) for number in there)
    tell("packages", solved, total)
    wanted = [number for number in range(len(blocks.blocks)) if number not in there]
    for number, answers in solve_blocks(lattice, prepared, blocks, wanted, reader, options):
        job.keep(number, rows(blocks.blocks[number], answers))
        solved += len(answers)
        tell("packages", solved, total)
    return job.rows()
