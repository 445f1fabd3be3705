"""Who is solved next: one package at a time, one place a client, a newer position of a slider in place of an older."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from coregion.errors import CoregionError


class Superseded(CoregionError):
    """A newer position of the same client took the place of this one."""


class Busy(CoregionError):
    """More clients wait than the server lets wait."""


@dataclass
class Waiting:
    """A client's request on its way. place: how many were before it when it came."""

    sequence: int
    work: Callable[[], Any]
    place: int
    answer: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Queue:
    """Calls that wait for the one thread that solves; all of its own state is touched by the event loop alone."""

    def __init__(self, longest: int):
        self._longest = longest
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()
        self._now: str | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="solver")
        self._runner: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def place(self, client: str) -> int | None:
        """0 while it is solved, n when it is the n-th to wait, None when it does not wait."""
        if client in self._waiting:
            return list(self._waiting).index(client) + 1
        return 0 if self._now == client else None

    async def ask(self, client: str, sequence: int, work: Callable[[], Any]) -> tuple[Any, int]:
        """The answer of ``work`` from the solver's thread, and how many were before it.

        An older request of the client that still waits gives its place up and raises Superseded; so does this one
        when a newer one waits already. Raises Busy when too many clients wait.
        """
        older = self._waiting.get(client)
        if older is not None and older.sequence > sequence:
            raise Superseded("A newer request of this page is on its way.")
        if older is None and len(self._waiting) >= self._longest:
            raise Busy(f"{len(self._waiting)} requests wait to be solved; try again in a few seconds.")
        mine = Waiting(sequence, work, len(self._waiting) + (self._now is not None))
        if older is not None:
            mine.place = older.place
            if not older.answer.done():
                older.answer.set_exception(Superseded("A newer position of this page took its place."))
        self._waiting[client] = mine
        if self._runner is None or self._runner.done():
            self._runner = asyncio.get_running_loop().create_task(self._run())
        try:
            return await mine.answer, mine.place
        finally:
            if self._waiting.get(client) is mine:
                del self._waiting[client]

    def drop(self, client: str, sequence: int) -> None:
        """Take an older request of a client out of the queue: it has a newer answer already."""
        older = self._waiting.get(client)
        if older is not None and older.sequence < sequence and not older.answer.done():
            older.answer.set_exception(Superseded("A newer position of this page was answered first."))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            self._now, request = self._waiting.popitem(last=False)
            if request.answer.done():
                continue
            try:
                found = await loop.run_in_executor(self._thread, request.work)
            except BaseException as error:
                if not request.answer.done():
                    request.answer.set_exception(error if isinstance(error, Exception) else CoregionError(str(error)))
                if not isinstance(error, Exception):
                    raise
            else:
                if not request.answer.done():
                    request.answer.set_result(found)
            finally:
                self._now = None

    def close(self) -> None:
        """Let nobody in any more; what is being solved is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)
