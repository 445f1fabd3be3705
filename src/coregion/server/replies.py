"""How a body goes out: packed where the browser can unpack it, not at all where the browser has it already."""

from __future__ import annotations

import gzip

from fastapi import Request, Response

from coregion.server.answer_store import Body
from coregion.server.guard import LOOPBACK

PACKED_FROM = 1_000
"""Bytes below which packing is not worth it."""

FRESH = {"cache-control": "no-cache", "vary": "accept-encoding, cookie"}
"""A browser may keep an answer, and asks each time whether it still holds."""


def reply(request: Request, body: Body) -> Response:
    """A kept body; 304 when the browser has it."""
    headers = {**FRESH, "etag": body.mark}
    if body.mark in [mark.strip().removeprefix("W/") for mark in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    if _unpacks(request) and len(body.content) >= PACKED_FROM:
        return Response(body.packed, media_type=body.media, headers={**headers, "content-encoding": "gzip"})
    return Response(body.content, media_type=body.media, headers=headers)


def reply_json(request: Request, content: bytes) -> Response:
    """A body that is made for one request; packed only for a client on another machine."""
    headers = {**FRESH}
    near = request.client is None or request.client.host in LOOPBACK
    if not near and _unpacks(request) and len(content) >= PACKED_FROM:
        content, headers["content-encoding"] = gzip.compress(content, 1), "gzip"
    return Response(content, media_type="application/json", headers=headers)


def _unpacks(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")
