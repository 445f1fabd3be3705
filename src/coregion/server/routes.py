"""Addresses of pages, study and packages."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from pathlib import Path as FolderPath
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from coregion.main_job import silent
from coregion.server import county, export
from coregion.server.answer_store import Body, json_bytes
from coregion.server.current import Current
from coregion.server.files import page_file
from coregion.server.limits import Limits
from coregion.server.package_text import LONGEST
from coregion.server.replies import reply, reply_json
from coregion.server.requests import Health, Place, Refusal, SolveRequest
from coregion.server.served import serve_study

if TYPE_CHECKING:
    from coregion.server.app import Server
    from coregion.server.live import Solved

T = TypeVar("T")

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": text}
    for status, text in (
        (400, "The request cannot be read."),
        (401, "The token is missing."),
        (404, "There is nothing here."),
        (408, "The body arrived too slowly."),
        (409, "A newer request of the same page took its place."),
        (413, "The body is too large."),
        (415, "The body is not JSON."),
        (422, "A sentence on every mistake."),
        (429, "Too many requests."),
        (503, "Too many wait."),
    )
}
JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}

router = APIRouter(responses=REFUSALS)
PackageQuery = Annotated[str, Query(max_length=LONGEST, description="A package as text; empty: no measure.")]


def server_of(request: Request) -> Server:
    """What the routes share."""
    return request.app.state.server


async def rendered(server: Server, make: Callable[[], T]) -> T:
    """Something that takes long to write, beside the solver's thread, two at a time."""
    async with server.rendering:
        return await asyncio.to_thread(make)


async def solved_package(server: Server, current: Current, package: str) -> Solved:
    """The equilibrium of a package text; waits its turn where it is not kept."""
    text = current.canonical(package)
    if current.has_solved(text):
        return current.solved(text)
    found, _ = await server.queue.ask(secrets.token_hex(8), 0, lambda: current.solved(text))
    return found


@router.get("/", include_in_schema=False)
async def index(request: Request) -> Response:
    return _page(request, "index.html")


@router.get("/pages/{name:path}", include_in_schema=False)
async def pages(request: Request, name: str) -> Response:
    return _page(request, name)


def _page(request: Request, name: str) -> Response:
    try:
        return reply(request, page_file(name))
    except KeyError:
        raise HTTPException(404) from None


@router.get("/vega.js", include_in_schema=False)
async def vega(request: Request) -> Response:
    return await _kept(request, lambda current: current.vega())


async def _kept(request: Request, what: Callable[[Current], Body]) -> Response:
    server = server_of(request)
    return reply(request, await rendered(server, lambda: what(server.current)))


@router.get("/api/study", responses=JSON)
async def study(request: Request) -> Response:
    """Places, governments, measures, variables, parameters, and what may be drawn and asked for."""
    current = server_of(request).current
    content = await rendered(server_of(request), current.study)
    stale = await asyncio.to_thread(current.watch.stale)
    return reply_json(request, content[:-1] + b',"stale":' + (b"true" if stale else b"false") + b"}")


@router.get("/api/boundaries", responses=JSON)
async def boundaries(request: Request) -> Response:
    """Counties as GeoJSON, outlines of the first level, the note under the map."""
    return await _kept(request, lambda current: current.boundaries())


@router.get("/api/network", responses=JSON)
async def network(request: Request) -> Response:
    """Places and links of the network."""
    return await _kept(request, lambda current: current.network())


@router.get("/api/baseline", responses=JSON)
async def baseline(request: Request) -> Response:
    """Every figure of the baseline, one number a county."""
    return await _kept(request, lambda current: current.baseline())


@router.post("/api/solve", responses=JSON)
async def solve(request: Request, ask: SolveRequest) -> Response:
    """The equilibrium of a package: figures by county, verdict, budgets, transfers, drawn links."""
    server, begun = server_of(request), time.perf_counter()
    current = server.current
    text = current.canonical(ask.package)
    cached, place = current.has_answer(text), 0
    if cached:
        server.queue.drop(ask.session, ask.sequence)
        content = current.answer(text)
    else:
        content, place = await server.queue.ask(ask.session, ask.sequence, lambda: current.answer(text))
    envelope = {
        "sequence": ask.sequence,
        "cached": cached,
        "place_waited": place,
        "seconds": round(time.perf_counter() - begun, 3),
    }
    return reply_json(request, json_bytes(envelope)[:-1] + b"," + content[1:])


@router.get("/api/queue")
async def queue(request: Request, session: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{8,40}$")]) -> Place:
    """The place of a page among those that wait for the solver."""
    waiting = server_of(request).queue
    return Place(place=waiting.place(session), waiting=len(waiting))


@router.get("/api/county/{code}", responses=JSON)
async def county_card(request: Request, code: Annotated[str, Path(max_length=40)], package: PackageQuery = ""):
    """Every variable of a county before and after, where its people work and come from."""
    server = server_of(request)
    current = server.current
    county.county_position(current.served, code)
    solved = await solved_package(server, current, package)
    return _json(request, await rendered(server, lambda: county.county_card(current.served, solved, code)))


@router.get("/api/areas", responses=JSON)
async def areas(request: Request, package: PackageQuery = "") -> Response:
    """Urban areas before and after by four official rules."""
    server = server_of(request)
    current = server.current
    solved = await solved_package(server, current, package)
    return reply(request, await rendered(server, lambda: current.areas(solved)))


@router.get("/api/flows", responses=JSON)
async def flows(
    request: Request,
    to: Annotated[str, Query(min_length=1, max_length=4000, description="Codes of counties, joined by commas.")],
    package: PackageQuery = "",
) -> Response:
    """Commuters of every county to some counties together, before and after."""
    server = server_of(request)
    current, codes = server.current, list(dict.fromkeys(code.strip() for code in to.split(",")))
    for code in codes:
        county.county_position(current.served, code)
    solved = await solved_package(server, current, package)
    return _json(request, county.flows_to(current.served, solved, codes))


@router.get("/api/export", responses={200: {"content": {media: {} for media in export.MEDIA.values()}}})
async def exported(
    request: Request, package: PackageQuery = "", format: export.Format = "csv", table: export.TableName = "regions"
) -> Response:
    """A table of a package as a file."""
    server = server_of(request)
    current = server.current
    solved = await solved_package(server, current, package)
    made = await rendered(server, lambda: export.exported(current.served, solved, format, table, current.shapes()))
    headers = {"content-disposition": f'attachment; filename="{made.name}"', "cache-control": "no-store"}
    return Response(made.content, media_type=made.media, headers=headers)


@router.get("/api/health")
async def health(request: Request) -> Health:
    """Whether the study's files changed, and how many wait."""
    server = server_of(request)
    stale = await asyncio.to_thread(server.current.watch.stale)
    return Health(
        stale=stale,
        fingerprint=server.current.served.fingerprint,
        queue=len(server.queue),
        jobs=len(server.jobs),
        warm=server.current.has_answer(""),
    )


@router.post("/api/reload", status_code=202)
async def reload(request: Request) -> Health:
    """Read the study anew; where its files have mistakes they are told, and the old one stays."""
    server = server_of(request)
    async with server.reloading:
        folder = server.current.served.study.folder
        if await asyncio.to_thread(server.current.watch.stale):
            server.current = await asyncio.to_thread(made_ready, folder, server.limits)
    return await health(request)


def made_ready(folder: FolderPath, limits: Limits) -> Current:
    """A study read, calibrated and compiled, so that nobody waits for it; raises what reading raises."""
    current = Current(serve_study(folder), limits)
    current.warm(silent)
    return current


def _json(request: Request, value: Any) -> Response:
    return reply_json(request, json_bytes(value))
