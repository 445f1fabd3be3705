"""Shapley values of many players or groups of players from a sample of coalitions, with their standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import Mistake, raise_together

Evaluate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class SampledShapley:
    """Estimated Shapley values of the players (groups): shapley and standard_error of shape (group, …outcomes).

    They sum to ``total`` = v(N) − v(∅) exactly. evaluated: the number of different packages that were asked for.
    missing: those without a value, as sorted tuples of the measures' positions; their outcomes are NaN for everybody.
    """

    groups: tuple[tuple[int, ...], ...]
    shapley: np.ndarray
    standard_error: np.ndarray
    total: np.ndarray
    evaluated: int
    missing: tuple[tuple[int, ...], ...]


def sampled_shapley(
    evaluate: Evaluate, measures: int, pairs: int, seed: int, groups: Sequence[Sequence[int]] | None = None
) -> SampledShapley:
    """Weighted least squares estimate of the Shapley values over ``pairs`` coalitions and their complements.

    min Σ_S (v(S) − v(∅) − Σ_{i∈S} φ_i)² subject to Σφ = v(N) − v(∅), the coalitions drawn with the Shapley kernel
    p(|S|) ∝ 1/(|S|(n−|S|)), each with its complement; the standard error is that of the linearised estimator, with
    the pair as the unit of sampling. If the game is additive, both the values and the errors (0) are exact.

    evaluate: booleans (package, measure) → values (package, …outcomes), NaN where unknown; each package is asked for
    once. groups: measures that enter together as one player; by default each measure alone. pairs: at least twice
    the number of players. Raises InputMistakes if the groups do not split the measures or the sample is too small.
    Charnes et al. (1988); Lundberg & Lee (2017); Covert & Lee (2021, AISTATS); groups: Kwon, Lee & Pouliot (2024).
    """
    members = tuple(tuple(int(m) for m in group) for group in (groups or [(m,) for m in range(measures)]))
    _check(measures, pairs, members)
    players = len(members)
    drawn = _draw(players, pairs, np.random.default_rng(seed))
    sample = np.concatenate([drawn, ~drawn])
    asked, back = np.unique(np.concatenate([sample, _ends(players)]), axis=0, return_inverse=True)
    packages = _packages(asked, members, measures)
    values = np.asarray(evaluate(packages), dtype=float)
    unknown = np.isnan(values).reshape(len(packages), -1).any(axis=1)
    missing = tuple(tuple(np.flatnonzero(package).tolist()) for package in packages[unknown])
    every = values[back.reshape(-1)]
    nothing, everything = every[-2], every[-1]
    shapley, error = _fit(sample.astype(float), every[:-2] - nothing, everything - nothing)
    return SampledShapley(members, shapley, error, everything - nothing, len(asked), missing)


def _check(measures: int, pairs: int, members: tuple[tuple[int, ...], ...]) -> None:
    """Every mistake of the request at once."""
    mistakes = []
    flat = sorted(m for group in members for m in group)
    if flat != list(range(measures)):
        mistakes.append(Mistake(f"groups {members}", f"each of the measures 0 … {measures - 1} in exactly one group"))
    if len(members) < 2:
        mistakes.append(Mistake(f"{len(members)} players", "two or more", "With one, its value is v(N) − v(∅)."))
    if pairs < 2 * len(members):
        mistakes.append(Mistake(f"{pairs} pairs", f"at least {2 * len(members)}, twice the number of players"))
    raise_together(mistakes)


def _draw(players: int, pairs: int, random: np.random.Generator) -> np.ndarray:
    """Coalitions with the Shapley kernel, booleans (pair, player); neither the empty nor the full one."""
    sizes = np.arange(1, players)
    kernel = 1.0 / (sizes * (players - sizes))
    size = random.choice(sizes, size=pairs, p=kernel / kernel.sum())
    rank = random.random((pairs, players)).argsort(axis=1).argsort(axis=1)
    return rank < size[:, None]


def _ends(players: int) -> np.ndarray:
    """The empty and the full coalition."""
    return np.array([[False] * players, [True] * players])


def _packages(coalitions: np.ndarray, members: tuple[tuple[int, ...], ...], measures: int) -> np.ndarray:
    """Which measures each coalition of groups takes, booleans (package, measure)."""
    packages = np.zeros((len(coalitions), measures), dtype=bool)
    for player, group in enumerate(members):
        packages[:, list(group)] = coalitions[:, [player]]
    return packages


def _fit(sample: np.ndarray, change: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """φ and its standard error, (player, …outcomes), from draws (2·pair, player); second half: complements.

    The constraint is met by φ = total/n + B c, B an orthonormal basis of the vectors that sum to 0.
    """
    draws, players = sample.shape
    flat = change.reshape(draws, -1)
    share = total.reshape(-1) / players
    basis = np.linalg.svd(np.ones((1, players)))[2][1:].T
    design = sample @ basis
    gram_inverse = np.linalg.pinv(design.T @ design)
    target = flat - sample.sum(axis=1, keepdims=True) * share
    coefficients = gram_inverse @ (design.T @ target)
    residual = target - design @ coefficients
    pairs = draws // 2
    scores = design[:, :, None] * residual[:, None, :]
    of_pair = scores[:pairs] + scores[pairs:]
    influence = np.einsum("ij,pjo->pio", basis @ gram_inverse, of_pair)
    error = np.sqrt((influence**2).sum(axis=0) * pairs / (pairs - players + 1))
    shape = (players, *change.shape[1:])
    return (share + basis @ coefficients).reshape(shape), error.reshape(shape)
