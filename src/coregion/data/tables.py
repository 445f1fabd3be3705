"""CSV files become typed columns, checked against a declared schema; every mistake is collected with its place."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from coregion.errors import Mistake, nearest

Kind = Literal["code", "text", "number"]


@dataclass(frozen=True)
class Column:
    """What a column must hold.

    variable: its entry in the register (``coregion.variables``), empty for codes and names. unit: of the file.
    factor: from the file's unit to the register's. minimum, maximum: admissible values in the file's unit.
    required: the column must be there. blank: an empty cell is read as this number, or as empty text; None forbids
    empty cells.
    """

    name: str
    kind: Kind = "number"
    variable: str = ""
    unit: str = ""
    factor: float = 1.0
    minimum: float = -math.inf
    maximum: float = math.inf
    required: bool = True
    blank: float | None = None


@dataclass(frozen=True)
class Table:
    """Columns of one file in the register's units. lines: the line of each row in the file."""

    file: str
    columns: Mapping[str, np.ndarray | tuple[str, ...]]
    lines: tuple[int, ...]

    def text(self, name: str) -> tuple[str, ...]:
        """A column of codes or text."""
        return tuple(str(value) for value in self.columns[name])

    def number(self, name: str) -> np.ndarray:
        """A column of numbers."""
        return np.asarray(self.columns[name], dtype=float)

    def numbers(self, names: Sequence[str]) -> np.ndarray:
        """Several columns side by side, [row, column]."""
        return np.column_stack([self.number(name) for name in names])

    def __len__(self) -> int:
        return len(self.lines)

    def mistake(self, row: int, column: str, found: str, expected: str, remedy: str = "") -> Mistake:
        """A mistake at a row of this table."""
        return Mistake(found, expected, remedy, self.file, self.lines[row], column)


def read_table(file: Path, columns: Sequence[Column], key: str = "") -> tuple[Table | None, list[Mistake]]:
    """Read a CSV file. key: the column whose values must not repeat.

    Returns the table, or None when the file cannot be read or its columns do not fit, and the mistakes found.
    Cells with a mistake are NaN or empty in the table, so that the checks that follow can go on.
    """
    rows, mistakes = _rows(file, columns)
    if not rows:
        return None, mistakes
    header = [cell.strip() for cell in rows[0][1]]
    if len(header) == 1 and (other := next((sign for sign in (";", "\t") if sign in header[0]), "")):
        found = f"columns kept apart by {'semicolons' if other == ';' else 'tabs'}"
        return None, [Mistake(found, "commas", "Save the file as CSV with commas.", file.name, 1)]
    mistakes = _header_mistakes(file.name, header, columns)
    if len(set(header)) < len(header) or any(column.required and column.name not in header for column in columns):
        return None, mistakes
    if len(rows) == 1:
        return None, [*mistakes, Mistake("no rows below the header", "at least one row", file=file.name, line=1)]
    data = {column.name: [] for column in columns if column.name in header}
    for line, row in rows[1:]:
        if len(row) != len(header):
            expected = f"{len(header)}, as in the header"
            mistakes.append(Mistake(f"{len(row)} cells", expected, "Look for a stray comma.", file.name, line))
        cells = dict(zip(header, [cell.strip() for cell in row] + [""] * len(header), strict=False))
        for column in columns:
            if column.name in data:
                data[column.name].append(_cell(cells[column.name], column, file.name, line, mistakes))
    lines = tuple(line for line, _ in rows[1:])
    if key:
        mistakes += _doubled(file.name, key, data[key], lines)
    typed = {
        column.name: np.array(data[column.name], dtype=float) if column.kind == "number" else tuple(data[column.name])
        for column in columns
        if column.name in data
    }
    return Table(file.name, typed, lines), mistakes


def _rows(file: Path, columns: Sequence[Column]) -> tuple[list[tuple[int, list[str]]], list[Mistake]]:
    """Line and cells of every row that is not empty, or why there are none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle)
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except OSError as error:
        return [], [Mistake(f"no readable file ({error.strerror})", "a table", file=file.name)]
    except (UnicodeDecodeError, csv.Error) as error:
        return [], [Mistake(f"a file that is not CSV in UTF-8 ({error})", "a table", file=file.name)]
    empty = [] if rows else [Mistake("an empty file", f"a header with {_names(columns)}", file=file.name)]
    return rows, empty


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(column.name for column in columns if column.required)


def _header_mistakes(file: str, header: list[str], columns: Sequence[Column]) -> list[Mistake]:
    known = {column.name for column in columns}
    mistakes = [
        Mistake(
            f"no column '{column.name}'",
            f"it, in {column.unit}" if column.unit else "it",
            "Add it.",
            file,
            1,
            column.name,
        )
        for column in columns
        if column.required and column.name not in header
    ]
    for name in dict.fromkeys(header):
        if name not in known:
            remedy = nearest(name, known)
            mistakes.append(Mistake(f"unknown column '{name}'", "columns of the schema", remedy, file, 1, name))
        if header.count(name) > 1:
            mistakes.append(Mistake(f"column '{name}' {header.count(name)} times", "it once", "", file, 1, name))
    return mistakes


def _cell(text: str, column: Column, file: str, line: int, mistakes: list[Mistake]) -> str | float:
    """One cell in the register's unit; a mistake is noted and read as NaN or empty text."""

    def note(found: str, expected: str, remedy: str = "") -> None:
        mistakes.append(Mistake(found, expected, remedy, file, line, column.name))

    if column.kind != "number":
        if not text and column.blank is None:
            note("an empty cell", "a code" if column.kind == "code" else "text")
        return text
    if not text and column.blank is not None:
        return column.blank * column.factor
    try:
        value = float(text)
    except ValueError:
        note(f"'{text}'" if text else "an empty cell", f"a number{f' in {column.unit}' if column.unit else ''}")
        return math.nan
    if not math.isfinite(value):
        note(f"'{text}'", "a finite number", "Fill the cell, or leave out the row.")
        return math.nan
    if not column.minimum <= value <= column.maximum:
        unit = f" {column.unit}" if column.unit else ""
        note(f"{text}", f"{column.minimum:g} to {column.maximum:g}{unit}", "Check the sign and the unit.")
        return math.nan
    return value * column.factor


def _doubled(file: str, key: str, values: Sequence, lines: Sequence[int]) -> list[Mistake]:
    first: dict = {}
    mistakes = []
    for value, line in zip(values, lines, strict=True):
        if value == "":
            continue
        if value in first:
            remedy = "Remove one of them."
            mistakes.append(
                Mistake(f"'{value}' again, as in line {first[value]}", "every code once", remedy, file, line, key)
            )
        else:
            first[value] = line
    return mistakes


def unknown_codes(table: Table, column: str, known: Sequence[str], of: str) -> list[Mistake]:
    """A mistake for every cell of a column whose code is not among the known ones. of: where those are listed."""
    options = set(known)
    return [
        table.mistake(row, column, f"unknown code '{code}'", f"a code of {of}", nearest(code, options))
        for row, code in enumerate(table.text(column))
        if code and code not in options
    ]
