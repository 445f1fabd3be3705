"""The application: addresses, what they call, and how an error is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from coregion.errors import CoregionError, InputMistakes, NotConverged
from coregion.server import routes, routes_jobs
from coregion.server.current import Current
from coregion.server.guard import Access, Guard
from coregion.server.jobs import Jobs
from coregion.server.limits import Limits
from coregion.server.queue import Busy, Queue, Superseded
from coregion.server.served import Served

LOG = logging.getLogger("coregion.server")


class Server:
    """What the routes share. current: replaced whole when the study is read anew."""

    def __init__(self, current: Current, limits: Limits):
        self.current, self.limits = current, limits
        self.queue, self.jobs = Queue(limits.queue), Jobs(limits)
        self.rendering, self.reloading = asyncio.Semaphore(2), asyncio.Lock()


def create_app(served: Served, limits: Limits = Limits(), access: Access = Access()) -> FastAPI:  # noqa: B008
    """The application for one study; nothing outside that study and the pages can be read through it.

    access: without a token only names of this machine are answered.
    """
    return app_of(Current(served, limits), limits, access)


def app_of(current: Current, limits: Limits, access: Access) -> FastAPI:
    """The same for a study that was made ready, and perhaps warmed up, by the caller."""
    server = Server(current, limits)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        server.jobs.close()
        server.queue.close()

    app = FastAPI(
        title="coregion",
        summary="What a package of joint measures does to a region, place by place.",
        description="Errors are JSON with a sentence. docs/server.md tells what each answer holds.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.server = server
    app.include_router(routes.router)
    app.include_router(routes_jobs.router)
    _tell_errors(app)
    app.middleware_stack = Guard(app.build_middleware_stack(), access, limits)
    return app


def _tell_errors(app: FastAPI) -> None:
    """Every error as a status and a sentence; never a trace."""
    for kind, told in (
        (CoregionError, _coregion_error),
        (RequestValidationError, _malformed),
        (HTTPException, _http_error),
        (Exception, _unexpected),
    ):
        app.add_exception_handler(kind, told)


def refusal(status: int, error: str, sentence: str, mistakes: tuple[str, ...] = (), **headers: str) -> JSONResponse:
    """An error as the page gets it."""
    content: dict[str, Any] = {"error": error, "sentence": sentence}
    if mistakes:
        content["mistakes"] = list(mistakes)
    return JSONResponse(content, status, {name.replace("_", "-"): value for name, value in headers.items()})


async def _coregion_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Superseded):
        return refusal(409, "superseded", str(error))
    if isinstance(error, Busy):
        return refusal(503, "busy", str(error), retry_after="5")
    if isinstance(error, NotConverged):
        return refusal(422, "not_converged", str(error))
    if isinstance(error, InputMistakes):
        mistakes = tuple(str(mistake) for mistake in error.mistakes)
        return refusal(422, "bad_request", mistakes[0], mistakes)
    return refusal(422, "bad_request", str(error))


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    mistakes = tuple(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"[:300] for one in found[:10])
    return refusal(422, "bad_request", f"The request cannot be read: {mistakes[0] if mistakes else error}.", mistakes)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 400
    sentences = {404: "There is nothing at this address.", 405: "This address does not take that method."}
    kind = {404: "not_found"}.get(status, "bad_request")
    return refusal(status, kind, sentences.get(status, "The request cannot be read."))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    LOG.error("%s %s: %s", request.method, request.url.path, type(error).__name__, exc_info=error)
    return refusal(500, "failed", "The server made a mistake; what it was stands in its log.")
