"""What every request must pass first: host, token, rate, size and time; and what every answer carries."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from coregion.server.limits import Limits

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "coregion"
LOOPBACK = ("localhost", "127.0.0.1", "::1")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

CLIENTS = 4096
"""Clients whose rate is remembered."""


@dataclass(frozen=True)
class Access:
    """Who may ask. token: must be shown, unless empty. hosts: names by which the server may be called; none: any.

    Without a token a server must be called by a name of its own machine, or a page of somebody else could lead a
    browser to it under another name.
    """

    token: str = ""
    hosts: tuple[str, ...] = LOOPBACK


class Refused(Exception):
    """A request that goes no further, with its status and the sentence for whoever sent it."""

    def __init__(self, status: int, error: str, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()):
        super().__init__(sentence)
        self.status, self.error, self.sentence, self.headers = status, error, sentence, headers


class Rates:
    """A bucket of requests a client, filled at a steady rate."""

    def __init__(self, a_second: float, burst: int):
        self._a_second, self._burst = a_second, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Whether the client may ask now."""
        now = time.monotonic()
        left, then = self._left.pop(client, (float(self._burst), now))
        left = min(self._burst, left + (now - then) * self._a_second)
        self._left[client] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return left >= 1


class Guard:
    """The outermost layer of the server."""

    def __init__(self, app: App, access: Access, limits: Limits):
        self._app, self._access, self._limits = app, access, limits
        self._rates = Rates(limits.requests_a_second, limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def safe_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
            await send(message)

        try:
            headers = _headers(scope)
            self._check(scope, headers)
            receive = await self._whole_body(scope, headers, receive)
        except Refused as refused:
            await _answer(refused, safe_send)
            return
        await self._app(scope, receive, safe_send)

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        client = (scope.get("client") or ("unknown", 0))[0]
        if not self._rates.take(client):
            sentence = f"More than {self._limits.requests_a_second:g} requests a second; wait a moment."
            raise Refused(429, "too_many", sentence, ((b"retry-after", b"1"),))
        host = _name_of(headers.get("host", ""))
        if self._access.hosts and host not in self._access.hosts:
            raise Refused(400, "bad_request", "This server is to be called by the address that it printed.")
        if self._access.token:
            self._check_token(scope, headers)
        if scope["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            origin = headers.get("origin", "")
            if origin and urlsplit(origin).netloc != headers.get("host", ""):
                raise Refused(403, "bad_request", "Pages of other addresses cannot send anything to this server.")
        if scope["method"] in ("POST", "PUT", "PATCH"):
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise Refused(415, "bad_request", "The body must be JSON: Content-Type application/json.")

    def _check_token(self, scope: Scope, headers: dict[str, str]) -> None:
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            fields = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
        except ValueError:
            raise Refused(400, "bad_request", "The address has too many fields.") from None
        shown = [value for name, value in fields if name == "token"]
        if shown and scope["method"] == "GET" and scope["path"] == "/":
            if not any(self._is_token(value) for value in shown):
                raise _no_token()
            rest = urlencode([(name, value) for name, value in fields if name != "token"])
            cookie = f"{COOKIE}={self._access.token}; HttpOnly; SameSite=Strict; Path=/"
            place = ("/?" + rest) if rest else "/"
            raise Refused(303, "", "", ((b"location", place.encode()), (b"set-cookie", cookie.encode())))
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(bearer.strip()):
            return
        if self._is_token(_cookie(headers.get("cookie", ""))):
            return
        raise _no_token()

    def _is_token(self, shown: str) -> bool:
        return hmac.compare_digest(shown.encode(), self._access.token.encode())

    async def _whole_body(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Receive:
        """Read the body within its limits of size and time; what is returned gives it to the application at once."""
        most = self._limits.body_bytes
        too_large = Refused(413, "too_large", f"The body has more than {most:,} bytes.", ((b"connection", b"close"),))
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:12]) > most or len(length) > 12:
            raise too_large
        if scope["method"] not in ("POST", "PUT", "PATCH", "DELETE"):
            return receive
        parts, size = [], 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Refused(400, "bad_request", "The request broke off.")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        raise too_large
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            sentence = f"The body took more than {self._limits.body_seconds:g} seconds to arrive."
            raise Refused(408, "bad_request", sentence, ((b"connection", b"close"),)) from None
        waiting = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        return again


def _no_token() -> Refused:
    return Refused(401, "token", "Open the address that the server printed when it started: it carries the token.")


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}


def _name_of(host: str) -> str:
    """The name in a Host header, without its port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _cookie(text: str) -> str:
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


async def _answer(refused: Refused, send: Send) -> None:
    content = json.dumps({"error": refused.error, "sentence": refused.sentence}).encode() if refused.error else b""
    kind = [(b"content-type", b"application/json")] if refused.error else []
    size = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": refused.status, "headers": [*kind, size, *refused.headers]})
    await send({"type": "http.response.body", "body": content})
