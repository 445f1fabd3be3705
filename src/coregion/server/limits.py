"""How much one server lets its users ask for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """body_bytes, body_seconds: of one request. links: drawn in one package. queue: packages that wait to be solved.

    packages_measures, goal_measures: of one job. draws: of one job. jobs_running, jobs_waiting, jobs_kept: at a time.
    job_seconds: after which a job is stopped. requests_a_second, burst: of one client. streams: open at a time.
    answers_kept: solved packages kept in memory.
    """

    body_bytes: int = 65_536
    body_seconds: float = 10.0
    links: int = 8
    queue: int = 64
    packages_measures: int = 10
    goal_measures: int = 12
    draws: int = 500
    jobs_running: int = 1
    jobs_waiting: int = 8
    jobs_kept: int = 32
    job_seconds: float = 1800.0
    requests_a_second: float = 50.0
    burst: int = 300
    streams: int = 64
    answers_kept: int = 24

    def told(self) -> dict[str, Any]:
        """As the page is told."""
        return asdict(self)
