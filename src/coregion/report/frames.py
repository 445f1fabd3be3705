"""Which figure belongs to a place: one row a place out of the long tables, for a variable and a package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd

from coregion.results import MEAN_OVER
from coregion.variables import REGISTER

TOTAL = ("", "all")
WEIGHTS = {
    name: weight
    for name, weight in MEAN_OVER.items()
    if name in REGISTER and REGISTER[name].dimensions == ("region", "group")
}


class ResultTables(Protocol):
    """What the report reads: the long tables of a run, and the record of the run."""

    @property
    def regions(self) -> pd.DataFrame: ...

    @property
    def jurisdictions(self) -> pd.DataFrame: ...

    @property
    def run(self) -> Mapping[str, Any]: ...


def members(package: str) -> tuple[str, ...]:
    """Measures of a package; none of the empty one."""
    return tuple(name for name in package.split("+") if name)


def whole_package(frame: pd.DataFrame) -> str:
    """The package with the most measures."""
    return max(sorted(frame["package"].unique()), key=lambda package: len(members(package)))


def single_measures(frame: pd.DataFrame) -> tuple[str, ...]:
    """Packages of one measure, in order of the table."""
    return tuple(package for package in frame["package"].unique() if len(members(package)) == 1)


def by_place(frame: pd.DataFrame, place: str, package: str, variable: str) -> pd.DataFrame:
    """Index ``place``; columns baseline, value, difference, change_pct, unit.

    A total in the table is taken as it stands; else groups and sectors are summed, and indices and figures per head
    are means weighted by the people they are about at the baseline. Empty when the table lacks the variable.
    """
    rows = frame[(frame["package"] == package) & (frame["variable"] == variable)]
    total = rows[rows["group"].isin(TOTAL) & rows["sector"].isin(TOTAL)]
    if len(total):
        chosen = total.drop_duplicates(place).set_index(place)[["baseline", "value", "change_pct", "unit"]].copy()
    elif variable in WEIGHTS and len(rows):
        chosen = _weighted(rows, by_group(frame, place, package, WEIGHTS[variable]), place)
    else:
        chosen = rows.groupby(place, sort=False).agg({"baseline": "sum", "value": "sum", "unit": "first"})
        chosen["change_pct"] = _relative(chosen["baseline"], chosen["value"])
    chosen["difference"] = chosen["value"] - chosen["baseline"]
    return chosen[["baseline", "value", "difference", "change_pct", "unit"]]


def by_group(frame: pd.DataFrame, place: str, package: str, variable: str) -> pd.Series:
    """Baseline by place and group."""
    rows = frame[(frame["package"] == package) & (frame["variable"] == variable)]
    return rows.groupby([place, "group"], sort=False)["baseline"].sum()


def _weighted(rows: pd.DataFrame, weights: pd.Series, place: str) -> pd.DataFrame:
    keyed = rows.set_index([place, "group"])
    weight = weights.reindex(keyed.index).fillna(0.0)
    weight = weight.where(weight.groupby(level=0).transform("sum") > 0, 1.0)
    share = weight / weight.groupby(level=0).transform("sum")
    order = rows[place].drop_duplicates()
    mean = {c: (keyed[c] * share).groupby(level=0).sum().reindex(order) for c in ("baseline", "value")}
    chosen = pd.DataFrame(mean)
    chosen["unit"] = keyed["unit"].groupby(level=0).first().reindex(order)
    chosen["change_pct"] = _relative(chosen["baseline"], chosen["value"])
    return chosen


def _relative(baseline: pd.Series, value: pd.Series) -> pd.Series:
    """Change in per cent of the baseline; NaN where the baseline is zero."""
    return 100 * (value - baseline) / baseline.abs().replace(0.0, np.nan)


def outer_regions(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the rest of the country and the world."""
    return frame[frame["jurisdiction"].fillna("") == ""]


def place_names(frame: pd.DataFrame, place: str) -> pd.DataFrame:
    """Index ``place``; one row of names (and prefecture and jurisdiction, or level) a place."""
    columns = [c for c in ("name_en", "name_zh", "prefecture", "jurisdiction", "level") if c in frame and c != place]
    return frame.drop_duplicates(place).set_index(place)[columns]


def inner_regions(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of places that belong to a government of the study, without the rest of the country and the world."""
    return frame[frame["jurisdiction"].fillna("") != ""]
