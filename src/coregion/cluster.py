"""The blocks of a job on many machines: workers of a Dask cluster, and what happens when one of them is lost.

Everything a block needs travels once to each worker, as the calibrated study and the measures made ready; rows come
back, and the client alone writes. A worker that dies takes nothing along but the block in its hands, which another
one begins anew. What is sent are Python objects: connect only to a cluster whose machines you trust.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coregion.errors import CoregionError, MissingPart
from coregion.packages.work import THIS_MACHINE, Work, Workers

if TYPE_CHECKING:
    import pandas as pd

HOW_TO_GET_IT = "Run pip install 'coregion[cluster]', which brings it."

LOCAL = "local:"
"""What an address begins with that asks for worker processes on this machine, as local:4."""

TRIES = 3
"""Times a block is begun before its rows say that it has failed."""

PATIENCE = 60.0
"""Seconds without any worker after which the job gives up; what is solved is kept."""

CONNECTING = 20.0
"""Seconds that a scheduler has to answer."""

AGAIN = "Start it and its workers again"

DEAF = ["import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"]
"""What local workers begin with: an interrupt is for the process that started them, which then ends them."""

ALIKE = ("coregion", "jax", "jaxlib", "numpy", "scipy", "equinox")
"""Packages whose versions must be the same everywhere: other versions give other last digits, or none."""


class OtherVersions(CoregionError):
    """A worker would give other numbers than this process."""


@contextmanager
def workers_at(address: str) -> Iterator[Workers]:
    """Who solves the blocks: this process for no address, N processes for local:N, else a Dask scheduler's workers.

    Raises MissingPart without the extra ``cluster``; CoregionError for an address that is none, where no scheduler or
    worker answers, or where a worker has other versions than this process.
    """
    if not address:
        yield THIS_MACHINE
        return
    distributed = _distributed()
    with _local(distributed, address) if address.startswith(LOCAL) else _remote(distributed, address) as client:
        _agreed(client, address)
        yield Cluster(client, address)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise MissingPart(f"found no dask.distributed, which reaches the workers. {HOW_TO_GET_IT}") from error
    return distributed


@contextmanager
def _local(distributed: Any, address: str) -> Iterator[Any]:
    """Processes of one thread each, started here and ended with the job."""
    import logging

    import dask.config

    count = address.removeprefix(LOCAL)
    if not count.isdigit() or int(count) == 0:
        raise CoregionError(f"found --cluster {address}; expected a number of processes, as {LOCAL}4.")
    given = {"n_workers": int(count), "threads_per_worker": 1, "processes": True, "memory_limit": 0, "preload": DEAF}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": TRIES - 1}),
        distributed.LocalCluster(**given, dashboard_address=None, silence_logs=logging.CRITICAL) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def _remote(distributed: Any, address: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise CoregionError(
            f"found no scheduler at {address} ({error}); expected the address that `dask scheduler` prints, "
            f"as tcp://host:8786, or {LOCAL}4 for four processes on this machine."
        ) from error
    with client:
        yield client


def _agreed(client: Any, address: str) -> None:
    """Raise CoregionError unless there are workers and all of them are of this process's versions."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise CoregionError(
            f"found no worker at {address} within {PATIENCE:g} s; expected one. Start some with `dask worker`."
        ) from error
    there = client.run(metadata.version, "coregion", on_error="return")
    absent = sorted(worker for worker, version in there.items() if not isinstance(version, str))
    if absent:
        raise CoregionError(f"found no coregion on {', '.join(absent)}; expected this version of it. Install it there.")
    mine = origin()
    for worker, other in sorted(client.run(origin).items()):
        _same(mine, other, f"worker {worker}")


def _same(mine: dict[str, str], other: dict[str, str], worker: str) -> None:
    differing = [f"{name} {other.get(name)} (here {value})" for name, value in mine.items() if other.get(name) != value]
    if differing:
        raise OtherVersions(
            f"found {', '.join(differing)} on {worker}; expected the same everywhere, so that numbers are the "
            "same. Install the same versions there."
        )


@lru_cache(maxsize=1)
def origin() -> dict[str, str]:
    """Versions of what figures come from, and the first digits of the SHA-256 of coregion's own source."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    versions = {name: metadata.version(name) for name in ALIKE}
    return {"python": ".".join(map(str, sys.version_info[:2])), **versions, "source": digest.hexdigest()[:12]}


@dataclass(frozen=True)
class Inputs:
    """Work on its way to a worker. digest: SHA-256 of the content, by which a worker knows what it has open."""

    digest: str
    origin: tuple[tuple[str, str], ...]
    content: bytes = field(compare=False, repr=False)


def packed(work: Work) -> Inputs:
    """All that the blocks need, with what they have in common worked out."""
    import cloudpickle

    work.share()
    content = cloudpickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL)
    return Inputs(hashlib.sha256(content).hexdigest(), tuple(origin().items()), content)


@lru_cache(maxsize=1)
def opened(inputs: Inputs) -> Work:
    """The work again, kept until other work comes; raises CoregionError where it did not arrive whole."""
    import coregion.model  # noqa: F401  (64 bits, before any array is read)

    _same(dict(inputs.origin), origin(), "a worker that came later")
    if hashlib.sha256(inputs.content).hexdigest() != inputs.digest:
        raise CoregionError("found other bytes than were sent; expected the same. Start the job again.")
    return pickle.loads(inputs.content)


def _received(inputs: Inputs) -> Inputs:
    """Keep the inputs on a worker; a task, so that the scheduler hands them to whoever comes or comes back."""
    return inputs


def _block(inputs: Inputs, number: int) -> pd.DataFrame:
    return opened(inputs).solved(number)


@dataclass(frozen=True)
class Cluster(Workers):
    """The workers of a scheduler. client: connected to it. address: as the user gave it."""

    client: Any
    address: str

    def solved(self, work: Work, wanted: Sequence[int]) -> Iterator[tuple[int, pd.DataFrame]]:
        """Blocks as they come, those that failed ``TRIES`` times last, as rows that say why.

        Raises CoregionError when every block failed, no worker is left, the scheduler is lost, or a worker has come
        whose versions are others.
        """
        failed: dict[int, str] = {}
        for number, future in self._finished(self._sent(work), wanted):
            try:
                rows = future.result()
            except Exception as error:
                if isinstance(error, OtherVersions):
                    raise
                if future.status != "error":
                    raise self._lost("no scheduler any more", AGAIN) from error
                failed[number] = _reason(error)
                continue
            yield number, rows
        if failed and len(failed) == len(wanted):
            raise CoregionError(f"found no block that a worker could solve: {next(iter(failed.values()))}")
        for number, why in sorted(failed.items()):
            yield number, work.failed(number, why)

    def _sent(self, work: Work) -> Any:
        import dask.config

        inputs = packed(work)
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": 2 * len(inputs.content) + 2**20}):
            return self.client.submit(_received, inputs, key=f"inputs-{uuid.uuid4().hex}")

    def _finished(self, inputs: Any, wanted: Sequence[int]) -> Iterator[tuple[int, Any]]:
        """Blocks with their futures, done or failed. No more are handed out than threads are there to take them.

        A worker that dies is then blamed on the blocks it was at, not on a queue of others.
        """
        queue, running, run = deque(wanted), {}, uuid.uuid4().hex
        try:
            while queue or running:
                with self._reached():
                    room = max(1, sum(self.client.nthreads().values()))
                    while queue and len(running) < room:
                        number = queue.popleft()
                        key = f"block-{number}-{run}"
                        running[self.client.submit(_block, inputs, number, key=key, retries=TRIES - 1)] = number
                for future in self._arrived(running):
                    yield running.pop(future), future
        finally:
            if self.client.status == "running":
                self.client.cancel(list(running))

    def _arrived(self, running: dict[Any, int]) -> Sequence[Any]:
        """Futures that are no longer on their way; waits for one."""
        wait = _distributed().wait
        while True:
            with self._reached():
                try:
                    return list(wait(list(running), timeout=PATIENCE, return_when="FIRST_COMPLETED").done)
                except TimeoutError:
                    if not self.client.nthreads():
                        raise self._lost("no worker left", "Start some with `dask worker`") from None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """A scheduler that cannot be reached any more is told as such."""
        from concurrent.futures import CancelledError

        try:
            yield
        except (CancelledError, OSError) as error:
            raise self._lost("no scheduler any more", AGAIN) from error

    def _lost(self, found: str, remedy: str) -> CoregionError:
        kept = "What is solved is kept, and the same command goes on there."
        return CoregionError(f"found {found} at {self.address}; expected it until the end. {remedy}. {kept}")


def _reason(error: BaseException | None) -> str:
    """Why a block has no rows, in one line."""
    if type(error).__name__ == "KilledWorker":
        return "every worker that began it ended before it was done (memory may be short)"
    text = str(error) if isinstance(error, CoregionError) else f"{type(error).__name__}: {error}"
    return f"tried {TRIES} times: {' '.join(text.split())}"
