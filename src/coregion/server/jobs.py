"""Long jobs: who waits, who runs in which process, how far it is; cancelled, timed out and kept within limits."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from typing import Any

from coregion.server.job_process import Order, work
from coregion.server.limits import Limits
from coregion.server.queue import Busy

FINAL = ("finished", "failed", "cancelled")
HEARTBEAT = 15.0
"""Seconds after which a stream says where the job is even when nothing changed."""


@dataclass(eq=False)
class Job:
    """One job and where it is; touched by the event loop alone. done, of: parts of the stage."""

    order: Order
    title_en: str
    title_zh: str
    request: dict[str, Any]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = "waiting"
    stage: str = ""
    done: int = 0
    of: int = 0
    sentence: str = ""
    result: dict[str, Any] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float | None = None
    seconds: float = 0.0
    process: BaseProcess | None = None
    take: Callable[[dict[str, Any]], None] = lambda result: None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self, place: int | None, whole: bool = False) -> dict[str, Any]:
        """As the page is told. whole: with the result."""
        running = self.begun is not None and self.state == "running"
        record = {
            "id": self.id,
            "kind": self.order.kind,
            "title_en": self.title_en,
            "title_zh": self.title_zh,
            "state": self.state,
            "stage": self.stage,
            "done": self.done,
            "of": self.of,
            "place": place,
            "created": self.created.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.begun, 1) if running and self.begun else round(self.seconds, 1),
            "request": self.request,
            "sentence": self.sentence,
        }
        return {**record, "result": self.result} if whole else record

    def turn(self) -> None:
        """Wake everybody who follows this job."""
        self.changed.set()
        self.changed = asyncio.Event()


class Jobs:
    """All jobs of one server, the newest ``jobs_kept``."""

    def __init__(self, limits: Limits):
        self._limits = limits
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._closed = False
        self.streams = 0

    def __len__(self) -> int:
        return sum(job.state not in FINAL for job in self._jobs.values())

    def all(self) -> list[dict[str, Any]]:
        """Every job that is kept, the newest first, without results."""
        return [job.told(self.place(job)) for job in reversed(self._jobs.values())]

    def find(self, job_id: str) -> Job:
        """A job by its id; raises KeyError."""
        return self._jobs[job_id]

    def place(self, job: Job) -> int | None:
        """0 while it runs, n as the n-th to wait, None when it is over."""
        if job.state in FINAL:
            return None
        waiting = [other for other in self._jobs.values() if other.state == "waiting"]
        return 0 if job.state == "running" else waiting.index(job) + 1

    def add(self, job: Job) -> Job:
        """Let a job wait and start it when its turn comes; raises Busy when too many wait."""
        waiting = sum(other.state == "waiting" for other in self._jobs.values())
        if self._closed or waiting >= self._limits.jobs_waiting:
            raise Busy(f"{waiting} jobs wait already; cancel one, or come back when some are done.")
        self._jobs[job.id] = job
        over = [other for other in self._jobs.values() if other.state in FINAL]
        for old in over[: max(0, len(self._jobs) - self._limits.jobs_kept)]:
            del self._jobs[old.id]
        self._start_next()
        return job

    def cancel(self, job: Job) -> None:
        """Stop a job that is not over; forget one that is."""
        if job.state in FINAL:
            self._jobs.pop(job.id, None)
            return
        self._end(job, "cancelled", "Cancelled.")

    def close(self) -> None:
        """Stop everything."""
        self._closed = True
        for job in self._jobs.values():
            if job.state not in FINAL:
                self._end(job, "cancelled", "The server was stopped.")

    async def follow(self, job: Job) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """("state", job) on every change and now and then without one, ("end", job with result) at last."""
        while job.state not in FINAL:
            changed = job.changed
            yield "state", job.told(self.place(job))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), HEARTBEAT)
        yield "end", job.told(None, whole=True)

    def _start_next(self) -> None:
        running = sum(job.state == "running" for job in self._jobs.values())
        for job in list(self._jobs.values()):
            if running >= self._limits.jobs_running or self._closed:
                return
            if job.state == "waiting":
                self._start(job)
                running += 1

    def _start(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        job.state, job.stage, job.begun = "running", "starting", time.monotonic()
        loop.call_later(self._limits.job_seconds, self._too_long, job)
        threading.Thread(target=self._attend, args=(job, loop), daemon=True, name=f"job-{job.id}").start()
        self._turn_all()

    def _attend(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: start the process, hand on what it sends, say so when it dies."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(job.order, theirs), daemon=True)

        def tell(*message: Any) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._heard, job, message)

        try:
            process.start()
        except (OSError, ValueError) as error:
            tell("failed", f"No process could be started for the job ({error}).")
            return
        theirs.close()
        job.process = process
        if job.state in FINAL:
            process.kill()
        try:
            while True:
                tell(*ours.recv())
        except (EOFError, OSError):
            process.join(10)
            tell("failed", f"The job's process ended by itself (exit code {process.exitcode}): too little memory?")

    def _heard(self, job: Job, message: tuple[Any, ...]) -> None:
        if job.state in FINAL:
            return
        what, *rest = message
        if what == "state":
            job.stage, job.done, job.of = rest
            job.turn()
        elif what == "end":
            job.result = rest[0]
            job.take(rest[0])
            self._end(job, "finished", "")
        else:
            self._end(job, "failed", str(rest[0]))

    def _too_long(self, job: Job) -> None:
        if job.state == "running":
            self._end(job, "failed", f"Stopped after {self._limits.job_seconds:.0f} seconds. Ask for fewer measures.")

    def _end(self, job: Job, state: str, sentence: str) -> None:
        job.seconds = 0.0 if job.begun is None else time.monotonic() - job.begun
        job.state, job.sentence = state, sentence
        if job.process is not None and state != "finished":
            job.process.kill()
        job.turn()
        self._start_next()
        self._turn_all()

    def _turn_all(self) -> None:
        for job in self._jobs.values():
            if job.state == "waiting":
                job.turn()


def job_titles(kind: str, details: dict[str, Any], measures: int) -> tuple[str, str]:
    """What a job is called in the list."""
    if kind == "packages":
        what = ("pillars", "领域") if details["by"] == "pillar" else ("measures", "措施")
        return f"All packages of {measures} measures, by {what[0]}", f"{measures}项措施的全部组合（按{what[1]}）"
    if kind == "draws":
        many = details["draws"]
        return f"{many} draws of the parameters, {measures} measures", f"{measures}项措施的{many}次参数抽取"
    return f"Goal: {details['goal']}", f"目标：{details['goal']}"
