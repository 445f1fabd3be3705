"""Packages as tables: what each leads to by government, what each measure contributes, which two help each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coregion.errors import CoregionError
from coregion.packages.dividends import interaction_index, pair_dividends
from coregion.packages.shapley import CONTRIBUTIONS, Decomposition, decompose

if TYPE_CHECKING:
    import pandas as pd

PACKAGE_COLUMNS = ("package", "jurisdiction", "group", "variable", "value", "unit", "status")
CONVERGED = "converged"
SEVERAL = "several equilibria: the one reached from the baseline is told"

Keys = Sequence[tuple[str, str, str]]
"""(jurisdiction, group, variable) of each outcome."""


def package_frame(
    packages: Sequence[str], keys: Keys, units: Sequence[str], values: np.ndarray, status: Sequence[str]
) -> pd.DataFrame:
    """One row a package and outcome. values: [package, outcome]; NaN for a package without an equilibrium."""
    import pandas as pd

    solved = np.array([text in (CONVERGED, SEVERAL) for text in status], dtype=bool)
    told = np.where(solved[:, None], values, np.nan)
    count = len(keys)
    columns = {
        "package": np.repeat(np.array(packages, dtype=object), count),
        "jurisdiction": np.tile(np.array([key[0] for key in keys], dtype=object), len(packages)),
        "group": np.tile(np.array([key[1] for key in keys], dtype=object), len(packages)),
        "variable": np.tile(np.array([key[2] for key in keys], dtype=object), len(packages)),
        "value": told.ravel(),
        "unit": np.tile(np.array(units, dtype=object), len(packages)),
        "status": np.repeat(np.array(status, dtype=object), count),
    }
    return pd.DataFrame({name: columns[name] for name in PACKAGE_COLUMNS})


def with_several_marked(rows: pd.DataFrame, several: Sequence[str]) -> pd.DataFrame:
    """The rows, with a status that says so for every package that has several equilibria."""
    marked = rows["package"].isin(list(several)) & (rows["status"] == CONVERGED)
    return rows.assign(status=rows["status"].where(~marked, SEVERAL))


def several_in(rows: pd.DataFrame) -> list[str]:
    """In words: every package that has several equilibria, on which Shapley values and interactions rest."""
    names = rows.loc[rows["status"] == SEVERAL, "package"].drop_duplicates()
    return [
        f"{name or 'nothing'} has several equilibria; what rests on it holds for the one reached from the baseline"
        for name in names
    ]


def game_of(frame: pd.DataFrame, packages: Sequence[str]) -> tuple[np.ndarray, list[tuple[str, str, str]]]:
    """The values of ``frame`` as a game for every outcome at once, [2^n, outcome], and the outcomes' keys.

    packages: the name of every coalition, the empty one first. Raises CoregionError when a package has no rows.
    """
    names = ["jurisdiction", "group", "variable"]
    first = frame[frame["package"] == packages[0]]
    keys = list(first[names].itertuples(index=False, name=None))
    wide = frame.set_index(["package", *names])["value"].unstack(names)
    absent = [package for package in packages if package not in wide.index]
    if absent:
        raise CoregionError(
            f"found no rows of {len(absent)} packages, first '{absent[0]}'; expected every set of measures, with a "
            "status where it has no equilibrium. Solve them, or name fewer measures."
        )
    return wide[keys].loc[list(packages)].to_numpy(dtype=float), keys


def shapley_frame(values: np.ndarray, keys: Keys, measures: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """``contributions_frame`` of every set of measures, and what is missing, in words.

    values: [2^n, outcome]. Shapley values sum to the whole package's effect to 1e-10 or CoregionError is raised;
    where a package has no value they are NaN and the second part names it.
    """
    found = decompose(values, measures)
    return contributions_frame(found, keys), [str(missing) for missing in found.missing]


def contributions_frame(found: Decomposition, keys: Keys) -> pd.DataFrame:
    """``measure, jurisdiction, group, variable, alone, last_in, shapley, synergy, error``, a row a measure and outcome.

    error: standard error of ``shapley``, 0 where every package was solved.
    """
    import pandas as pd

    count = len(keys)
    return pd.DataFrame(
        {
            "measure": np.repeat(np.array(found.names, dtype=object), count),
            **{name: np.tile([key[part] for key in keys], len(found.names)) for part, name in enumerate(_KEYS)},
            **{name: getattr(found, name).ravel() for name in CONTRIBUTIONS},
        }
    )


_KEYS = ("jurisdiction", "group", "variable")


def interactions_frame(values: np.ndarray, keys: Keys, measures: Sequence[str]) -> pd.DataFrame:
    """``measure, other, jurisdiction, group, variable, dividend, interaction`` of each pair, once.

    dividend: what the two add to each other without the rest (Harsanyi). interaction: on average beside any of the
    rest (Grabisch & Roubens 1999). Positive: they help each other. values: [2^n, outcome]. Both need every set.
    """
    changes = np.asarray(values) - values[0]
    one, other = np.triu_indices(len(measures), 1)
    labels = np.array(measures, dtype=object)
    return _pairs_frame(
        labels[one], labels[other], keys, pair_dividends(changes)[one, other], interaction_index(changes)[one, other]
    )


def no_interactions(keys: Keys) -> pd.DataFrame:
    """The columns of ``interactions_frame`` without a row, for a sample of sets, which does not tell them."""
    nobody, nothing = np.array([], dtype=object), np.empty((0, len(keys)))
    return _pairs_frame(nobody, nobody, keys, nothing, nothing)


def _pairs_frame(
    one: np.ndarray, other: np.ndarray, keys: Keys, dividend: np.ndarray, interaction: np.ndarray
) -> pd.DataFrame:
    """measure, other: [pair]. dividend, interaction: [pair, outcome]."""
    import pandas as pd

    count = len(keys)
    return pd.DataFrame(
        {
            "measure": np.repeat(one, count),
            "other": np.repeat(other, count),
            **{
                name: np.tile(np.array([key[part] for key in keys], dtype=object), len(one))
                for part, name in enumerate(_KEYS)
            },
            "dividend": dividend.ravel(),
            "interaction": interaction.ravel(),
        }
    )
