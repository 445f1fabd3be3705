"""Solved packages and the answers made of them: the latest few, so that memory is bounded."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from coregion.main_job import plain

T = TypeVar("T")


class Latest(Generic[T]):
    """The latest values by key; the one not asked for longest goes first. May be used from any thread."""

    def __init__(self, at_most: int):
        self._at_most, self._kept, self._lock = at_most, OrderedDict[Hashable, T](), threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def has(self, key: Hashable) -> bool:
        """Whether a value is kept."""
        return key in self._kept

    def forget(self, key: Hashable) -> None:
        """Let a value go, if it is kept."""
        with self._lock:
            self._kept.pop(key, None)

    def get(self, key: Hashable, make: Callable[[], T]) -> tuple[T, bool]:
        """The value and whether it was there; made and kept otherwise."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key], True
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._at_most:
                self._kept.popitem(last=False)
        return value, False


@dataclass(frozen=True)
class Body:
    """What is sent, as it is and packed, with the mark by which a browser knows it again."""

    media: str
    content: bytes
    packed: bytes
    mark: str


def body(content: bytes, media: str, effort: int = 6) -> Body:
    """A body of some bytes. effort: of packing, 1 to 9."""
    mark = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    return Body(media, content, gzip.compress(content, effort, mtime=0), mark)


def json_bytes(value: Any) -> bytes:
    """JSON in UTF-8; what is no finite number is null. Values that are plain already are not gone through first."""
    written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    try:
        return written(value).encode()
    except (TypeError, ValueError):
        return written(plain(value)).encode()


def json_body(value: Any, effort: int = 6) -> Body:
    """A body of JSON."""
    return body(json_bytes(value), "application/json", effort)
