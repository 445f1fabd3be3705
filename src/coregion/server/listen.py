"""Listen on an address until stopped; a client that never finishes its headers is shown the door."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from coregion.errors import CoregionError

HEADER_SECONDS = 10.0
"""Time in which the headers of a request must have arrived."""

IDLE_SECONDS = 15
"""A connection without a request is closed after this."""

CONNECTIONS = 512
"""Open at a time; more are answered with 503."""


class Punctual(H11Protocol):
    """HTTP/1.1 whose headers have a deadline."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._late = self.loop.call_later(HEADER_SECONDS, self._close_if_waiting)

    def data_received(self, data: bytes) -> None:
        """Stop the clock when a request is there, start it when only a part of one is."""
        super().data_received(data)
        if not self._waits_for_headers():
            self._stop_clock()
        elif self._late is None:
            self._late = self.loop.call_later(HEADER_SECONDS, self._close_if_waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def _waits_for_headers(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_if_waiting(self) -> None:
        self._late = None
        if self._waits_for_headers() and not self.transport.is_closing():
            self.transport.close()

    def _stop_clock(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def is_loopback(host: str) -> bool:
    """Whether a host names this machine for itself alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def bound(host: str, port: int) -> socket.socket:
    """A socket on an address; raises CoregionError when it is taken or not this machine's."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, number)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(128)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CoregionError(f"found {host}:{port} not to be had ({reason}); try another --port or --host.") from error
    return opened


def listen(app: FastAPI, opened: socket.socket) -> None:
    """Serve on a bound socket until an interrupt."""
    config = uvicorn.Config(
        app,
        http=Punctual,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=16_384,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[opened])
