"""What a published model is held against: a line of the table, and the files it needs, each known by checksum."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coregion.errors import InputMistakes, Mistake, raise_together

VARIABLE = "COREGION_REFERENCE"
Kind = Literal["published", "closed form", "independent computation", "property"]


@dataclass(frozen=True)
class ReferenceFile:
    """A file of published data.

    name: path below the reference folder. sha256: checksum of the bytes. shape: lines and columns, header included, or
    None where the file is no table. source: where to get it. delimiter: between columns, None for white space.
    """

    name: str
    sha256: str
    shape: tuple[int, int] | None
    source: str
    delimiter: str | None = None


@dataclass(frozen=True)
class Check:
    """One line of the table of published models.

    paper, experiment: what is compared. published: the number to reach, or None where a property is tested and ``ours``
    is the distance from it. tolerance: largest difference that is agreement. unit: of both numbers. kind: where the
    number to reach comes from.
    """

    paper: str
    experiment: str
    published: float | None
    ours: float
    tolerance: float
    unit: str
    kind: Kind

    @property
    def difference(self) -> float:
        """Ours less the published number (less zero for a property)."""
        return self.ours - (0.0 if self.published is None else self.published)

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance; a number that is none never is."""
        return abs(self.difference) <= self.tolerance


@dataclass(frozen=True)
class Part:
    """Lines of a paper's table that need no other files than their own, so that they stand where others are missing.

    name: of what is compared. files: that the lines need. checks: the lines, from the folder of published data.
    """

    name: str
    files: tuple[ReferenceFile, ...]
    checks: Callable[[Path | None], Iterator[Check]]


def reference_folder() -> Path | None:
    """Where the published data lie: the folder that COREGION_REFERENCE names, else ../shared/reference, else None."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    repository = Path(__file__).resolve().parents[3]
    beside = repository.parent / "shared" / "reference"
    return beside if beside.is_dir() else None


def locate(folder: Path, file: ReferenceFile) -> Path:
    """Where ``file`` should lie: below the reference folder, or directly in ``folder`` if it is the paper's own."""
    whole = Path(folder) / file.name
    short = Path(folder) / Path(file.name).name
    return short if not whole.exists() and short.exists() else whole


def mistakes_of(folder: Path | None, files: tuple[ReferenceFile, ...]) -> list[Mistake]:
    """What is wrong with the files of a paper: missing, cut off or of another shape, or with a changed checksum."""
    if folder is None:
        wanted = f"the folder of published data, named by {VARIABLE}"
        return [Mistake("no folder", wanted, _get(file), file=file.name) for file in files]
    return [mistake for file in files for mistake in _mistake(locate(Path(folder), file), file)]


def read_bytes(folder: Path | None, file: ReferenceFile) -> bytes:
    """The bytes of ``file``, checked. Raises InputMistakes that names the file, what is wrong, and where to get it."""
    raise_together(mistakes_of(folder, (file,)))
    if folder is None:
        raise InputMistakes([Mistake("no folder", "the folder of published data", _get(file), file=file.name)])
    return locate(Path(folder), file).read_bytes()


def read_text(folder: Path | None, file: ReferenceFile) -> str:
    """The text of ``file`` (UTF-8, a byte-order mark is dropped), checked as by ``read_bytes``."""
    return read_bytes(folder, file).decode("utf-8-sig")


def _mistake(path: Path, file: ReferenceFile) -> list[Mistake]:
    if not path.is_file():
        folder = str(path).removesuffix(file.name)
        wanted = f"a file with checksum {file.sha256[:12]}…"
        return [Mistake(f"no such file in {folder}", wanted, _get(file), file=file.name)]
    try:
        content = path.read_bytes()
    except OSError as error:
        wanted = "a file that can be read"
        return [Mistake(f"one that cannot be read ({error.strerror})", wanted, _get(file), file=file.name)]
    if file.shape is not None and (problem := _shape_problem(content, file)):
        lines, columns = file.shape
        return [Mistake(problem, f"{lines} lines of {columns} columns", _get(file), file=file.name)]
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        return [Mistake(f"checksum {found[:12]}…", f"checksum {file.sha256[:12]}…", _get(file), file=file.name)]
    return []


def _shape_problem(content: bytes, file: ReferenceFile) -> str:
    lines = [line for line in content.decode("utf-8", errors="replace").splitlines() if line.strip()]
    expected_lines, expected_columns = file.shape or (0, 0)
    if len(lines) != expected_lines:
        return f"{len(lines)} lines"
    for number, line in enumerate(lines, 1):
        columns = len(_split(line, file.delimiter))
        if columns != expected_columns:
            return f"{columns} columns in line {number}"
    return ""


def _split(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None or '"' not in line:
        return line.split(delimiter)
    import csv

    return next(csv.reader([line], delimiter=delimiter))


def _get(file: ReferenceFile) -> str:
    return f"Get it from {file.source} and check that its sha256 is {file.sha256}"
