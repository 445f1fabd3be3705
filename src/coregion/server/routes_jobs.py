"""Addresses of long jobs: start, list, follow, cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Request
from fastapi.responses import StreamingResponse

from coregion.errors import Mistake, raise_together
from coregion.goal import parse_goal
from coregion.measures.record import Measure
from coregion.measures.select import chosen
from coregion.server.current import Current
from coregion.server.job_process import Order
from coregion.server.jobs import Job, Jobs, job_titles
from coregion.server.known_ranges import Note
from coregion.server.limits import Limits
from coregion.server.package_text import read_package
from coregion.server.queue import Busy
from coregion.server.requests import DrawsRequest, GoalRequest, JobList, JobRecord, JobRequest, PackagesRequest
from coregion.server.routes import REFUSALS, server_of

router = APIRouter(prefix="/api/jobs", responses=REFUSALS)
JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


@router.post("", status_code=202)
async def start(request: Request, ask: Annotated[JobRequest, Body()]) -> JobRecord:
    """Start a job, or let it wait its turn."""
    server = server_of(request)
    job = await asyncio.to_thread(job_of, server.current, ask, server.limits)
    server.jobs.add(job)
    return _told(server.jobs, job)


def job_of(current: Current, ask: PackagesRequest | GoalRequest | DrawsRequest, limits: Limits) -> Job:
    """The job that a request asks for; raises CoregionError for what cannot be done."""
    details = ask.model_dump()
    if isinstance(ask, PackagesRequest):
        measures = current.served.measures(read_package(ask.package), limits.links)
        _check_players(measures, ask.by, limits)
        details["package"] = current.canonical(ask.package)
    elif isinstance(ask, DrawsRequest):
        measures = current.served.measures(read_package(ask.package), limits.links)
        details["package"] = current.canonical(ask.package)
        _check_draws(measures, ask.draws, limits)
    else:
        parse_goal(ask.goal)
        measures = chosen(current.served.study.measures, list(dict.fromkeys(ask.measures)))
        if len(measures) > limits.goal_measures:
            raise_together([Mistake(f"{len(measures)} measures", f"at most {limits.goal_measures} for a goal")])
    order = Order(ask.kind, current.served.study.with_measures(measures), details)
    job = Job(order, *job_titles(ask.kind, details, len(measures)), request=details)
    if isinstance(ask, DrawsRequest):
        job.take = lambda result: current.take_ranges(
            details["package"], result["ranges"], Note(result["note_en"], result["note_zh"])
        )
    return job


def _check_draws(measures: tuple[Measure, ...], draws: int, limits: Limits) -> None:
    mistakes = [] if measures else [Mistake("no measure", "at least one to draw for")]
    if draws > limits.draws:
        mistakes.append(Mistake(f"{draws} draws", f"at most {limits.draws}"))
    raise_together(mistakes)


def _check_players(measures: tuple[Measure, ...], by: str, limits: Limits) -> None:
    players = {measure.name if by == "measure" else measure.pillar for measure in measures}
    most = limits.packages_measures
    if not 1 <= len(players) <= most:
        what = "measures" if by == "measure" else "pillars"
        remedy = f"{2**most:,} packages are solved for {most} of them. Take them by pillar, or leave some out."
        raise_together([Mistake(f"{len(players)} {what}", f"1 to {most} for all packages", remedy)])


@router.get("")
async def every(request: Request) -> JobList:
    """The jobs that are kept, the newest first, without their results."""
    return JobList.model_validate({"jobs": server_of(request).jobs.all()})


@router.get("/{job_id}")
async def one(request: Request, job_id: JobId) -> JobRecord:
    """A job with its result."""
    jobs = server_of(request).jobs
    return _told(jobs, _found(jobs, job_id))


@router.delete("/{job_id}")
async def cancel(request: Request, job_id: JobId) -> JobRecord:
    """Stop a job, or forget one that is over."""
    jobs = server_of(request).jobs
    job = _found(jobs, job_id)
    jobs.cancel(job)
    return _told(jobs, job)


@router.get("/{job_id}/events", responses={200: {"content": {"text/event-stream": {}}}})
async def events(request: Request, job_id: JobId) -> StreamingResponse:
    """Where a job is, as server-sent events: ``state`` on every change, ``end`` with the result."""
    server = server_of(request)
    job = _found(server.jobs, job_id)
    if server.jobs.streams >= server.limits.streams:
        raise Busy("Too many pages follow jobs; ask for the job itself every few seconds.")

    async def lines() -> AsyncIterator[str]:
        server.jobs.streams += 1
        try:
            async for name, data in server.jobs.follow(job):
                yield f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
        finally:
            server.jobs.streams -= 1

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _found(jobs: Jobs, job_id: str) -> Job:
    try:
        return jobs.find(job_id)
    except KeyError:
        raise HTTPException(404) from None


def _told(jobs: Jobs, job: Job) -> JobRecord:
    record: dict[str, Any] = job.told(jobs.place(job), whole=True)
    return JobRecord.model_validate(record)
