"""TOML with places: which line of the file each key stands on, for errors that name it.

The standard parser keeps no positions; this scan of the text finds the headers and keys that the parser accepted.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coregion.errors import Mistake, nearest

KeyPath = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=")
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")


@dataclass(frozen=True)
class TomlDocument:
    """A parsed file. lines: the line of each header and key, by its path; entries of arrays of tables by number."""

    file: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(repr=False)

    def line_of(self, path: KeyPath) -> int | None:
        """The line of a key, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_toml(file: Path) -> tuple[TomlDocument | None, list[Mistake]]:
    """Parse a TOML file; a file that is missing or not TOML gives a mistake and no document."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        return None, [Mistake(f"no readable file ({error.strerror})", "a TOML file", file=file.name)]
    except UnicodeDecodeError:
        return None, [Mistake("bytes that are not UTF-8", "a TOML file in UTF-8", file=file.name)]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        return None, [Mistake(f"text that is not TOML: {error}", "valid TOML", file=file.name, line=line)]
    return TomlDocument(file, data, key_lines(text)), []


def key_lines(text: str) -> dict[KeyPath, int]:
    """The first line of every header and key of a valid TOML text."""
    lines: dict[KeyPath, int] = {}
    counters: dict[KeyPath, int] = {}
    table: KeyPath = ()
    closing, depth = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            closing = "" if closing in line else closing
            continue
        inside = depth > 0
        quote = next((q for q in ('"""', "'''") if line.count(q) % 2 == 1), "")
        bare = _STRING.sub("", line.split(quote)[0] if quote else line).split("#")[0]
        header = None if inside else _HEADER.match(line)
        if header:
            table = _table_path(header.group(1), header.group(2), counters)
            lines.setdefault(table, number)
            continue
        key = None if inside else _KEY.match(line)
        if key:
            lines.setdefault(table + _parts(key.group(1)), number)
        depth = max(depth + sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}"), 0)
        closing = quote
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))


def _table_path(bracket: str, dotted: str, counters: dict[KeyPath, int]) -> KeyPath:
    """The path of a header; where a part of it is an array of tables, with the number of its latest entry."""
    path: KeyPath = ()
    parts = _parts(dotted)
    for position, part in enumerate(parts):
        path = (*path, part)
        if bracket == "[[" and position == len(parts) - 1:
            counters[path] = counters.get(path, -1) + 1
        if path in counters:
            path = (*path, counters[path])
    return path


_EXPECTED = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "tuple_type": 'a list in brackets, as ["a", "b"]',
    "list_type": 'a list in brackets, as ["a", "b"]',
    "too_short": "entries, {min_length} or more",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "literal_error": "{expected}",
}
"""What pydantic's kinds of errors ask for, in the words of these messages."""


def _expected(item: Any) -> str:
    told = _EXPECTED.get(item["type"])
    if told is None:
        return item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return told.format(**item.get("ctx", {}))


def _shown(name: str, value: Any) -> str:
    """A key with its value, or alone where that is a whole table."""
    if isinstance(value, dict):
        return f"'{name}'"
    return f"'{name}' = {list(value) if isinstance(value, list | tuple) else value!r}"


def mistakes_of(error: Any, document: TomlDocument, known: dict[str, tuple[str, ...]] | None = None) -> list[Mistake]:
    """The errors of a pydantic validation as mistakes with their line.

    error: a ``pydantic.ValidationError``. known: the allowed keys by the name of their table ('' at the top), for
    the nearest name to an unknown one.
    """
    found = []
    for item in error.errors(include_url=False):
        path = tuple(item["loc"])
        name = ".".join(str(part) for part in path)
        line = document.line_of(path)
        if item["type"] == "extra_forbidden":
            names = [part for part in path[:-1] if isinstance(part, str)]
            options = (known or {}).get(names[0] if names else "", ())
            remedy = nearest(str(path[-1]), options) if options else "Remove it."
            mistake = Mistake(f"unknown key '{name}'", "a known key", remedy, document.file.name, line, str(path[-1]))
        elif item["type"] == "missing":
            mistake = Mistake(f"no key '{name}'", "it to be given", "Add it.", document.file.name, line, str(path[-1]))
        else:
            column = str(path[-1]) if path else None
            mistake = Mistake(_shown(name, item["input"]), _expected(item), "", document.file.name, line, column)
        found.append(mistake)
    return found
