"""Which figure belongs to a place: one row a place out of the long tables, for a variable and a package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd

from coregion.results import MEAN_OVER
from coregion.variables import REGISTER

TOTAL = ("", "all")
IN_TABLE = ["baseline", "value", "change_pct", "unit"]
FIGURES = ["baseline", "value", "difference", "change_pct", "unit"]
GAINS = ("equivalent_variation_registered", "equivalent_variation_living", "equivalent_variation_working")
"""Told in per cent of the income of those who have them; 0 at the baseline by definition."""
RESOLVED = 1e-9
"""Part of a figure, of income for a gain, below which a change is what a solver leaves of nothing, and reads as none.
Markets clear to 1e-11."""
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
    """Of one package: index ``place``, columns as of ``by_package``. Empty when the table lacks the variable."""
    return by_package(frame[frame["package"] == package], place, variable).droplevel("package")


def by_package(frame: pd.DataFrame, place: str, variable: str) -> pd.DataFrame:
    """Of every package: index package and ``place``; columns baseline, value, difference, change_pct, unit.

    A total in the table is taken as it stands; else groups and sectors are summed, and indices and figures per head
    are means weighted by the people they are about at the baseline. A package without the variable has no rows. A
    change that the solver does not resolve (``RESOLVED``) is none.
    """
    keys = ["package", place]
    rows = frame.loc[frame["variable"] == variable, [*keys, "group", "sector", *IN_TABLE]]
    total = rows[rows["group"].isin(TOTAL) & rows["sector"].isin(TOTAL)].drop_duplicates(keys).set_index(keys)
    parts = rows[~rows["package"].isin(total.index.unique("package"))]
    if len(parts):
        joined = _weighted(frame, parts, keys, variable) if variable in WEIGHTS else _summed(parts, keys)
        total = pd.concat([total, joined]) if len(total) else joined
    total = _resolved(total, variable)
    return total.assign(difference=total["value"] - total["baseline"])[FIGURES]


def _resolved(rows: pd.DataFrame, variable: str) -> pd.DataFrame:
    """The same rows, unchanged from the baseline where less changes than a solver resolves."""
    same = rows["change_pct"].abs() < 100 * RESOLVED
    baseline = rows["baseline"].mask(same, 0.0) if variable in GAINS else rows["baseline"]
    return rows.assign(
        baseline=baseline, value=rows["value"].mask(same, baseline), change_pct=rows["change_pct"].mask(same, 0.0)
    )


def _summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    chosen = rows.groupby(keys, sort=False).agg({"baseline": "sum", "value": "sum", "unit": "first"})
    return chosen.assign(change_pct=_relative(chosen["baseline"], chosen["value"]))


def _weighted(frame: pd.DataFrame, rows: pd.DataFrame, keys: list[str], variable: str) -> pd.DataFrame:
    """Means over the people of each group, equal ones where a place has nobody."""
    grouped = [*keys, "group"]
    people = frame[frame["variable"] == WEIGHTS[variable]].groupby(grouped, sort=False)["baseline"].sum()
    key = [rows[name] for name in keys]
    weight = people.reindex(pd.MultiIndex.from_frame(rows[grouped])).fillna(0.0).set_axis(rows.index)
    weight = weight.where(weight.groupby(key).transform("sum") > 0, 1.0)
    share = weight / weight.groupby(key).transform("sum")
    return _summed(rows.assign(baseline=rows["baseline"] * share, value=rows["value"] * share), keys)


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
