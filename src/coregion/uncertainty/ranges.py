"""Tables of the draws: ranges and probabilities by figure, what drives them, and every draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coregion.errors import InputMistakes
from coregion.packages.sharing import smallest_transfers
from coregion.results import WHOLE
from coregion.uncertainty.drivers import sobol_indices
from coregion.uncertainty.figures import OUTSIDE, governments
from coregion.uncertainty.sample import Solved
from coregion.uncertainty.solved import GOOD

if TYPE_CHECKING:
    import pandas as pd

    from coregion.region import Region

LOW, HIGH = 0.05, 0.95
NORMAL = 1.6448536269514722
"""Standard deviations between the middle and the 95th of 100 of a normal distribution."""

GAIN = "equivalent_variation_registered"
BEYOND = "gain_beyond_the_sum"
"""What the measures of a package bring together beyond the sum of each alone, by government [yuan a year]."""


TRANSFER = "smallest_transfer"
"""What a government receives by the smallest transfers that leave none worse off than without the package [yuan a
year]; paid if negative."""


def ranges_frame(solved: Solved, sharing: Sequence[str] = ()) -> pd.DataFrame:
    """A row a figure. sharing: the governments that may hand over money to each other, for their transfers.

    low, median, high: 5th, 50th and 95th of 100 draws; probability_of_loss: part below zero.

    point: at the study's own values. delta_low, delta_high: point ∓ 1.645 √Σ_k (g_k σ_k)², the delta method, with
    slopes g by differences under recalibration. draws: those with an answer; failed: those without.
    """
    import pandas as pd

    told = with_transfers(with_beyond(solved), sharing)
    return pd.concat([_package_ranges(told, package.name) for package in solved.packages], ignore_index=True)


def with_beyond(solved: Solved) -> Solved:
    """The first package's gains of governments less the sum of the gains of each other package, draw by draw, beside.

    Only where the others are its measures alone; NaN at draws where any of them has no answer.
    """
    whole, *alone = (package.name for package in solved.packages)
    if {measure.name for measure in solved.packages[0].measures} != set(alone):
        return solved
    governments = {key[0] for name in alone for key in solved.keys[name] if key[1:3] == (GAIN, "")} - {OUTSIDE}
    wanted = [key for key in solved.keys[whole] if key[1:3] == (GAIN, "") and key[0] in governments]
    beyond = [
        solved.figures[whole][:, solved.keys[whole].index(key)]
        - sum(solved.figures[name][:, solved.keys[name].index(key)] for name in alone)
        for key in wanted
    ]
    keys = [*solved.keys[whole], *((place, BEYOND, group, unit) for place, _, group, unit in wanted)]
    figures = np.column_stack([solved.figures[whole], *beyond])
    return replace(solved, keys={**solved.keys, whole: keys}, figures={**solved.figures, whole: figures})


def with_transfers(solved: Solved, sharing: Sequence[str]) -> Solved:
    """The first package's smallest transfers between governments by draw, beside; NaN where gains cover no loss."""
    whole = solved.packages[0].name
    keys = solved.keys[whole]
    columns = [number for number, key in enumerate(keys) if key[1:3] == (GAIN, "") and key[0] in sharing]
    if len(columns) < 2:
        return solved
    found = np.array([_smallest(gains) for gains in solved.figures[whole][:, columns]])
    named = [*keys, *((keys[number][0], TRANSFER, "", keys[number][3]) for number in columns)]
    figures = np.column_stack([solved.figures[whole], found])
    return replace(solved, keys={**solved.keys, whole: named}, figures={**solved.figures, whole: figures})


def _smallest(gains: np.ndarray) -> np.ndarray:
    nothing = np.full(len(gains), np.nan)
    if not np.isfinite(gains).all():
        return nothing
    try:
        return smallest_transfers(gains, np.zeros(len(gains)))
    except InputMistakes:
        return nothing


def _package_ranges(solved: Solved, package: str) -> pd.DataFrame:
    import pandas as pd

    named, drawn = solved.keys[package], solved.draws(package)
    good = drawn[np.isfinite(drawn).any(axis=1)]
    nothing = np.full(len(named), np.nan)
    low, median, high = quantiles(good) if len(good) else (nothing,) * 3
    reach = NORMAL * delta_deviation(solved, package)
    point = solved.point(package)
    place, variable, group, unit = (list(part) for part in zip(*named, strict=True))
    return pd.DataFrame(
        {
            "place": place,
            "package": package,
            "variable": variable,
            "group": group,
            "low": low,
            "median": median,
            "high": high,
            "probability_of_loss": loss(good) if len(good) else nothing,
            "point": point,
            "delta_low": point - reach,
            "delta_high": point + reach,
            "unit": unit,
            "draws": len(good),
            "failed": len(drawn) - len(good),
        }
    )


def loss(values: np.ndarray) -> np.ndarray:
    """[figure] part of the draws that have the figure in which it is below zero; NaN where none has it."""
    count = np.isfinite(values).sum(axis=0)
    return np.divide((values < 0).sum(axis=0), count, out=np.full(values.shape[1], np.nan), where=count > 0)


def quantiles(values: np.ndarray) -> np.ndarray:
    """[3, figure] 5th, 50th and 95th of 100 of [draw, figure]; a figure that some draws lack is told by the others."""
    found = np.quantile(values, (LOW, 0.5, HIGH), axis=0)
    known = np.isfinite(values)
    for column in np.flatnonzero(known.any(axis=0) & ~known.all(axis=0)):
        found[:, column] = np.quantile(values[known[:, column], column], (LOW, 0.5, HIGH))
    return found


def delta_deviation(solved: Solved, package: str) -> np.ndarray:
    """[figure] √(g′Σg), Σ diagonal with the variances of the parameters' distributions."""
    return np.sqrt(((solved.slopes(package) * solved.plan.spread[:, None]) ** 2).sum(axis=0))


def drivers_frame(solved: Solved, region: Region, package: str) -> pd.DataFrame:
    """Sobol' indices and slopes of the gain of the whole region and of each first-level government by parameter.

    explained: how much of the variance of draws left out the fitted polynomial tells; delta_share: (g_k σ_k)² over
    their sum.
    """
    import pandas as pd

    places = [WHOLE, *first_level(region)]
    named, slopes = solved.keys[package], solved.slopes(package) * solved.plan.spread[:, None]
    names = solved.plan.draws.names
    frames = []
    for place in places:
        column = next(i for i, key in enumerate(named) if key[:3] == (place, GAIN, ""))
        found = sobol_indices(solved.plan.draws.unit, solved.draws(package)[:, column])
        parts = slopes[:, column] ** 2
        frames.append(
            pd.DataFrame(
                {
                    "place": place,
                    "package": package,
                    "variable": GAIN,
                    "parameter": names,
                    "first_order": found.first_order,
                    "total": found.total,
                    "explained": found.explained,
                    "slope_times_deviation": slopes[:, column],
                    "delta_share": parts / parts.sum() if parts.sum() > 0 else np.full(len(parts), np.nan),
                }
            ).sort_values("total", ascending=False, kind="stable")
        )
    return pd.concat(frames, ignore_index=True)


def first_level(region: Region) -> tuple[str, ...]:
    """Codes of the governments of the first level inside the region."""
    return tuple(code for code in governments(region) if code in region.province)


def draws_frame(solved: Solved) -> pd.DataFrame:
    """Every figure of every draw and package; a draw without an answer is one row with its reason and no value."""
    import pandas as pd

    parts = []
    for package in solved.packages:
        name = package.name
        drawn, named = solved.draws(name), solved.keys[name]
        status = solved.status[name][solved.plan.first_draw :]
        good, bad = np.flatnonzero(status == GOOD), np.flatnonzero(status != GOOD)
        place, variable, group, _ = zip(*named, strict=True)
        parts.append(
            pd.DataFrame(
                {
                    "draw": np.concatenate([np.repeat(good, len(named)), bad]),
                    "package": name,
                    "place": [*np.tile(place, len(good)), *[""] * len(bad)],
                    "variable": [*np.tile(variable, len(good)), *[""] * len(bad)],
                    "group": [*np.tile(group, len(good)), *[""] * len(bad)],
                    "value": np.concatenate([drawn[good].ravel(), np.full(len(bad), np.nan)]),
                    "status": [*[GOOD] * (len(good) * len(named)), *status[bad]],
                }
            ).astype(dict.fromkeys(("package", "place", "variable", "group", "status"), "category"))
        )
    columns = ["package", "place", "variable", "group", "status"]
    kinds = {
        c: pd.CategoricalDtype(list(dict.fromkeys(k for p in parts for k in p[c].cat.categories))) for c in columns
    }
    return pd.concat([part.astype(kinds) for part in parts], ignore_index=True)


def parameters_frame(solved: Solved) -> pd.DataFrame:
    """The values of the parameters, a row a draw."""
    import pandas as pd

    draws = solved.plan.draws
    return pd.DataFrame(draws.values, columns=pd.Index(draws.names)).rename_axis("draw").reset_index()


def summary(solved: Solved, seed: int) -> dict[str, Any]:
    """What run.json says of the draws: how many, what failed and why."""
    reasons = Counter(text.split(": ")[0] for p in solved.packages for text in solved.failed(p.name))
    examples = {text.split(": ")[0]: text for p in solved.packages for text in reversed(solved.failed(p.name))}
    failed = {p.name: len(solved.failed(p.name)) for p in solved.packages}
    return {
        "draws": len(solved.plan.draws),
        "seed": seed,
        "parameters": list(solved.plan.draws.names),
        "passed_over": solved.plan.draws.passed_over,
        "packages": len(solved.packages),
        "failed": max(failed.values()),
        "reasons": dict(reasons),
        "examples": examples,
    }
