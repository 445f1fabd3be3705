"""Mistakes planted in a copy of the bundled study."""

from pathlib import Path


def line_of(file: Path, part: str) -> int:
    """The first line in which something stands, from 1."""
    return next(n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if part in line)


def replaced(file: Path, old: str, new: str) -> int:
    """Plant a mistake in the place of the first ``old``; returns the line."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file.name}: this test plants nothing"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def cell(file: Path, code: str, column: str, value: str) -> int:
    """Put a value into the cell of a row; returns the line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    position = lines[0].split(",").index(column)
    number = next(n for n, line in enumerate(lines) if line.startswith(f"{code},"))
    cells = lines[number].split(",")
    assert len(cells) == len(lines[0].split(",")), "a quoted comma in this row"
    cells[position] = value
    lines[number] = ",".join(cells)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return number + 1
