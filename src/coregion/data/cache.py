"""The user's cache: what takes long to make and is made again where it is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from coregion.data.whole_files import write_text
from coregion.errors import OutputError


def cache_folder() -> Path:
    """Where coregion keeps what it can make again."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "coregion"


def kept_text(name: str, make: Callable[[], str]) -> str:
    """The text of a file in the cache, made and kept where there is none. name: says also what it was made from.

    A cache that cannot be read or written costs time and nothing else, so nobody is told. ``COREGION_CACHE=off`` keeps
    nothing.
    """
    file = cache_folder() / name
    if os.environ.get("COREGION_CACHE") == "off":
        return make()
    if file.is_file():
        with suppress(OSError, ValueError):
            return file.read_text(encoding="utf-8")
    text = make()
    with suppress(OutputError):
        write_text(file, text)
    return text
