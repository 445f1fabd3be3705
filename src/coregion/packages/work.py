"""Work that falls into blocks: what each leads to, who does them, and how their rows come together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from coregion.packages.job import Job

if TYPE_CHECKING:
    import pandas as pd


class Work(ABC):
    """Blocks that do not depend on each other: the rows of one are the same whoever solves it, and when."""

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """How much each block is, in what the progress counts."""

    @abstractmethod
    def share(self) -> None:
        """Work out now what all blocks have in common, so that it is sent along and not worked out by each worker."""

    @abstractmethod
    def solved(self, number: int) -> pd.DataFrame:
        """The rows of one block."""

    @abstractmethod
    def failed(self, number: int, why: str) -> pd.DataFrame:
        """The rows of a block that nobody could solve: no values, and a status that says why."""


class Workers(ABC):
    """Those who solve blocks."""

    @abstractmethod
    def solved(self, work: Work, wanted: Sequence[int]) -> Iterator[tuple[int, pd.DataFrame]]:
        """The wanted blocks by their number, each once, as they come; none is kept here."""


class ThisMachine(Workers):
    """This process, one block after the other."""

    def solved(self, work: Work, wanted: Sequence[int]) -> Iterator[tuple[int, pd.DataFrame]]:
        """In the order asked for; what a block raises ends the work."""
        for number in wanted:
            yield number, work.solved(number)


THIS_MACHINE = ThisMachine()


def do(job: Job, work: Work, workers: Workers, stage: str, tell: Callable[[str, int, int], None]) -> pd.DataFrame:
    """Let the workers solve what is not there yet, keep each block as it comes; all rows, in their order."""
    sizes, there = work.sizes, set(job.done())
    total, done = sum(sizes), sum(sizes[number] for number in there)
    tell(stage, done, total)
    wanted = [number for number in range(len(sizes)) if number not in there]
    if wanted:
        for number, rows in workers.solved(work, wanted):
            job.keep(number, rows)
            done += sizes[number]
            tell(stage, done, total)
    return job.rows()
