"""Beasley's (1990) uncapacitated p-median instances of the OR-Library: the reader, and their published optima."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from coregion.errors import InputMistakes, Mistake
from coregion.literature.check import Check, Part, ReferenceFile, read_text
from coregion.location import p_median

PAPER = "OR-Library p-median (Beasley 1990)"
SOURCE = "the OR-Library of J. E. Beasley, files pmed1 to pmed40 of the uncapacitated p-median problem"
OPTIMA = {"pmed1": 5819, "pmed6": 7824, "pmed11": 7696, "pmed16": 8162}
CHECKSUMS = {
    "pmed1": ("31d18cd12703580dad2429ab91ba640f6197e3af0fac366240884e76b33edf3a", 201),
    "pmed6": ("f0a2e1b40b21f43bf34eaf7b400c6d6f89be50214d9c51d30720e92fc14ea308", 801),
    "pmed11": ("3e6b3a68bab766f2905594141aad1aaf6e677098a7883f45724e2ace27ca09f3", 1801),
    "pmed16": ("02b00e39f042dd282f5ff290e09b612811d536e5dacaa131d17284126a3e85c4", 3201),
}
FILES: tuple[ReferenceFile, ...] = tuple(
    ReferenceFile(f"or_library_pmedian/{name}.txt", checksum, (lines, 3), SOURCE)
    for name, (checksum, lines) in CHECKSUMS.items()
)


def read_instance(text: str, name: str = "") -> tuple[np.ndarray, int]:
    """(cost between all vertices by shortest paths, p) of an instance ``n edges p``, then ``from to cost`` a line.

    A later edge between the same vertices replaces an earlier one, as the library's notes ask.
    Raises InputMistakes when the text is cut off or an edge leads to no vertex.
    """
    numbers = np.array(text.split(), dtype=float)
    if len(numbers) < 3 or len(numbers) != 3 + 3 * int(numbers[1]):
        wanted = "'n edges p', then three numbers for each edge"
        raise InputMistakes([Mistake(f"{len(numbers)} numbers", wanted, "Get the file again", file=name)])
    size, _, p = (int(number) for number in numbers[:3])
    edges = numbers[3:].reshape(-1, 3)
    ends = edges[:, :2].astype(int) - 1
    if ends.min() < 0 or ends.max() >= size:
        raise InputMistakes([Mistake("an edge to an unknown vertex", f"vertices 1 to {size}", file=name)])
    last = {(min(a, b), max(a, b)): cost for (a, b), cost in zip(ends.tolist(), edges[:, 2], strict=True)}
    rows, columns = np.array(list(last)).T
    graph = csr_matrix((np.array(list(last.values())), (rows, columns)), shape=(size, size))
    return shortest_path(graph, directed=False), p


def checks(folder: Path | None) -> Iterator[Check]:
    """The optimum of each instance."""
    for part in PARTS:
        yield from part.checks(folder)


def _optimum(file: ReferenceFile, name: str, folder: Path | None) -> Iterator[Check]:
    cost, p = read_instance(read_text(folder, file), file.name)
    objective, _ = p_median(cost, np.ones(len(cost)), p)
    what = f"{name}, {len(cost)} places, {p} sites"
    yield Check(PAPER, what, float(OPTIMA[name]), objective, 0.0, "", "published")


PARTS = tuple(Part(name, (file,), partial(_optimum, file, name)) for file, name in zip(FILES, OPTIMA, strict=True))
