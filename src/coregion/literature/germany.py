"""Germany's 401 counties as Ahlfeldt & Seidel's toolkit publishes them: commuters, distances, wages."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from coregion.errors import Mistake, raise_together
from coregion.literature.check import ReferenceFile, mistakes_of, read_text

TOOLKIT = "Ahlfeldt/MRRH2018-toolkit on GitHub, folder data/input"
COMMUTING = ReferenceFile(
    "germany/commuting_wide.csv",
    "d16da07fbfa149e1befd0ee96fbf7b480073cffdefeec6171adeef8655fbf96b",
    (402, 402),
    TOOLKIT,
    ",",
)
DISTANCE = ReferenceFile(
    "germany/distance_matrix.csv",
    "5c0ca4eacd75644db1e4b44da51a498abb5bc17a1422443ee20925d4b3de22f0",
    (402, 402),
    TOOLKIT,
    ",",
)
LABOUR = ReferenceFile(
    "germany/labor_tidy.csv",
    "8c3dceb4896f5f3782053abe76bb81bf254d25f3e5e5054ee17a44595be4fd2c",
    (402, 6),
    TOOLKIT,
    ",",
)
FILES = (COMMUTING, DISTANCE, LABOUR)
FIRST_EASTERN = 324


@dataclass(frozen=True)
class Counties:
    """Germany's counties.

    codes: official keys. commuters: persons, home by work. distance: metres, home by work, diagonal positive.
    wage: median monthly wage at the place of work, over its mean. east: counties of the former East, Berlin included.
    """

    codes: tuple[str, ...]
    commuters: np.ndarray
    distance: np.ndarray
    wage: np.ndarray
    east: np.ndarray

    @property
    def workers(self) -> np.ndarray:
        """Jobs by place of work, over their mean."""
        return self.commuters.sum(axis=0) / self.commuters.sum(axis=0).mean()

    @property
    def residents(self) -> np.ndarray:
        """Workers by place of residence, over their mean."""
        return self.commuters.sum(axis=1) / self.commuters.sum(axis=1).mean()


def load(folder: Path | str) -> Counties:
    """Read the counties from ``folder`` (the toolkit's own, or the reference folder above it).

    Raises InputMistakes that names each file which is missing, cut off, of another shape or changed.
    """
    folder = Path(folder)
    raise_together(mistakes_of(folder, FILES))
    commuters = pd.read_csv(io.StringIO(read_text(folder, COMMUTING)), dtype={0: str}, index_col=0)
    distance = pd.read_csv(io.StringIO(read_text(folder, DISTANCE)), dtype={0: str}, index_col=0)
    labour = pd.read_csv(io.StringIO(read_text(folder, LABOUR)), dtype={"region_id": str})
    codes = tuple(labour["region_id"])
    raise_together(
        [
            Mistake("other counties or another order", f"those of {LABOUR.name}", f"Get it from {TOOLKIT}", file=name)
            for name, axis in (
                (COMMUTING.name, commuters.index),
                (COMMUTING.name, commuters.columns),
                (DISTANCE.name, distance.index),
                (DISTANCE.name, distance.columns),
            )
            if tuple(axis) != codes
        ]
    )
    wage = labour["median_income_workplace"].to_numpy(float)
    return Counties(
        codes=codes,
        commuters=commuters.to_numpy(float).T,
        distance=distance.to_numpy(float),
        wage=wage / wage.mean(),
        east=np.arange(len(codes)) >= FIRST_EASTERN,
    )
