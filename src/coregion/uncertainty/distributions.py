"""The parameters of a study as random numbers: which are drawn, from what, and the draws themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from scipy.stats import qmc

from coregion.data.parameters import ADMISSIBLE, Parameter
from coregion.errors import CoregionError

TRIES = 6
"""Times that the sequence is doubled in search of draws that the model admits."""


@dataclass(frozen=True)
class Draws:
    """values: [draw, parameter]. unit: the same as probabilities of their distributions, in (0, 1).

    passed_over: points of the sequence left out because the model does not admit them together.
    """

    names: tuple[str, ...]
    unit: np.ndarray
    values: np.ndarray
    passed_over: int

    def __len__(self) -> int:
        return len(self.values)


def drawn(parameters: Mapping[str, Parameter]) -> tuple[Parameter, ...]:
    """The parameters that are not fixed, in the order of the study."""
    return tuple(p for p in parameters.values() if p.distribution != "fixed" and p.high > p.low)


def distribution(parameter: Parameter):
    """The frozen scipy distribution of a parameter, cut off at low and high; of its logarithm where it is lognormal."""
    low, high, value = parameter.low, parameter.high, parameter.value
    if parameter.distribution == "uniform":
        return stats.uniform(low, high - low)
    if parameter.distribution == "triangular":
        return stats.triang((value - low) / (high - low), low, high - low)
    if parameter.distribution == "normal":
        spread = parameter.spread
        return stats.truncnorm((low - value) / spread, (high - value) / spread, value, spread)
    if parameter.distribution == "lognormal":
        spread, middle = parameter.spread, np.log(value)
        return stats.truncnorm((np.log(low) - middle) / spread, (np.log(high) - middle) / spread, middle, spread)
    raise CoregionError(
        f"found {parameter.name} drawn '{parameter.distribution}'; expected a distribution to draw from."
    )


def quantile(parameter: Parameter, probability: np.ndarray) -> np.ndarray:
    """The value below which a part of the draws lies."""
    found = np.asarray(distribution(parameter).ppf(probability), dtype=float)
    found = np.exp(found) if parameter.distribution == "lognormal" else found
    return np.clip(found, parameter.low, parameter.high)


def standard_deviation(parameter: Parameter) -> float:
    """Of the draws of a parameter; of a lognormal one by 2,001 evenly spaced quantiles."""
    if parameter.distribution == "lognormal":
        return float(np.std(quantile(parameter, (np.arange(2001) + 0.5) / 2001)))
    return float(distribution(parameter).std())


def sobol_draws(
    parameters: Mapping[str, Parameter],
    count: int,
    seed: int,
    admitted: Callable[[Mapping[str, float]], bool] = lambda _: True,
) -> Draws:
    """The first ``count`` admitted points of a scrambled Sobol' sequence, through the quantiles (Owen 1998).

    More draws of the same seed begin with the same draws. Raises CoregionError where nothing is drawn, or where the
    model admits hardly any point.
    """
    wanted = drawn(parameters)
    names = tuple(parameter.name for parameter in wanted)
    if not wanted or count < 1:
        raise CoregionError(
            f"found {count} draws of {len(wanted)} parameters; expected at least one of each. Give parameters of "
            "study.toml a distribution other than fixed."
        )
    sequence = qmc.Sobol(len(wanted), scramble=True, seed=seed)
    power = int(np.ceil(np.log2(count)))
    points = sequence.random_base2(power)
    for _ in range(TRIES):
        values = np.column_stack([quantile(p, points[:, k]) for k, p in enumerate(wanted)])
        good = np.array([admitted(dict(zip(names, row, strict=True))) for row in values.tolist()])
        if good.sum() >= count:
            kept = np.flatnonzero(good)[:count]
            return Draws(names, points[kept], values[kept], int(kept[-1] + 1 - count))
        points = np.concatenate([points, sequence.random_base2(power)])
        power += 1
    raise CoregionError(
        f"found {good.sum()} of {len(points)} draws that the model admits; expected {count}. "
        "Narrow the ranges of study.toml."
    )


def own_value(parameter: Parameter) -> float:
    """The study's own value of what is drawn: where the general one is 0 beside values by place, the mean of those."""
    if parameter.value or not parameter.by:
        return parameter.value
    return float(np.mean(list(parameter.by.values())))


def at(parameters: Mapping[str, Parameter], values: Mapping[str, float]) -> dict[str, Parameter]:
    """Parameters at other values of what is drawn; at ``own_value`` they are the study's own.

    Values by place move in the same proportion as what is drawn; a general value of 0 beside them stays. Raises
    CoregionError outside of what the model admits.
    """
    moved = {}
    for name, value in values.items():
        before = parameters[name]
        own = own_value(before)
        by = {code: value * there / own if own else float(value) for code, there in before.by.items()}
        general = float(value) if before.value or not before.by else before.value
        low, high = ADMISSIBLE[name]
        outside = [found for found in (general, *by.values()) if not low <= found <= high]
        if outside:
            raise CoregionError(f"found {name} at {outside[0]:g}; expected {low:g} to {high:g}. Narrow its range.")
        moved[name] = replace(before, value=general, by=by)
    return moved
