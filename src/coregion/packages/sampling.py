"""Shapley values of many players or groups of players from a sample of coalitions, with their standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import Mistake, raise_together

Evaluate = Callable[[np.ndarray], np.ndarray]

ALL_ITS_OWN = 1e-9
"""What is left of a residual when its own draw alone decides the fit there, by rounding."""


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
    the pair as the unit of sampling (``fitted``). If the game is additive, the values and the errors (0) are exact.

    evaluate: booleans (package, measure) → values (package, …outcomes), NaN where unknown; each package is asked for
    once. groups: measures that enter together as one player; by default each measure alone. pairs: at least twice
    the number of players. Raises InputMistakes if the groups do not split the measures or the sample is too small.
    Charnes et al. (1988); Lundberg & Lee (2017); Covert & Lee (2021, AISTATS); groups: Kwon, Lee & Pouliot (2024).
    """
    members = tuple(tuple(int(m) for m in group) for group in (groups or [(m,) for m in range(measures)]))
    _check(measures, pairs, members)
    players = len(members)
    sizes, chance = kernel(players)
    drawn = draw_coalitions(players, sizes, chance, pairs, np.random.default_rng(seed))
    sample = np.concatenate([drawn, ~drawn])
    asked, back = np.unique(np.concatenate([sample, _ends(players)]), axis=0, return_inverse=True)
    packages = _packages(asked, members, measures)
    values = np.asarray(evaluate(packages), dtype=float)
    unknown = np.isnan(values).reshape(len(packages), -1).any(axis=1)
    missing = tuple(tuple(np.flatnonzero(package).tolist()) for package in packages[unknown])
    every = values[back.reshape(-1)]
    total, once = every[-1] - every[-2], np.ones(pairs)
    shapley, error = fitted(drawn, every[:pairs] - every[pairs:-2], total, once, once)
    return SampledShapley(members, shapley, error, total, len(asked), missing)


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


def kernel(players: int) -> tuple[np.ndarray, np.ndarray]:
    """The sizes 1 … n − 1 of coalitions, and how much each size weighs: p(s) ∝ 1/(s(n−s)), sum 1 (Charnes et al. 1988).

    The number of coalitions of a size, times the weight of one of them in the least squares whose solution is Shapley.
    """
    sizes = np.arange(1, players)
    weight = 1.0 / (sizes * (players - sizes))
    return sizes, weight / weight.sum()


def draw_coalitions(
    players: int, sizes: np.ndarray, chance: np.ndarray, count: int, random: np.random.Generator
) -> np.ndarray:
    """Coalitions of these sizes, each size with its chance and every coalition of a size alike: [draw, player]."""
    size = random.choice(sizes, size=count, p=chance)
    rank = random.random((count, players)).argsort(axis=1).argsort(axis=1)
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


def fitted(
    coalitions: np.ndarray, difference: np.ndarray, total: np.ndarray, weight: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """φ and its standard error, (player, …outcomes), from pairs of a coalition S and its complement N∖S.

    min Σ_pairs weight · (v(S) − v(N∖S) − Σ_{i∈S} φ_i + Σ_{i∉S} φ_i)² subject to Σφ = total: the least squares over both
    of a pair, whose mean is the same for every φ. The constraint is met by φ = total/n + B c, B an orthonormal basis
    of the vectors that sum to 0. coalitions: booleans (pair, player). difference: v(S) − v(N∖S), (pair, …outcomes).
    weight: (pair,). times: how often each pair was drawn, 0 for pairs that are there in any case and add no error; the
    error is that of the linearised estimator over the draws, each residual over 1 less its leverage (HC3 of MacKinnon &
    White 1985, recalled), so that it is not too small where draws are few; NaN where one draw alone decides a value.
    """
    players = coalitions.shape[1]
    flat, signs = difference.reshape(len(coalitions), -1), np.where(coalitions, 1.0, -1.0)
    share = total.reshape(-1) / players
    basis = np.linalg.svd(np.ones((1, players)))[2][1:].T
    design = signs @ basis
    weighted = design * weight[:, None]
    gram_inverse = np.linalg.pinv(design.T @ weighted)
    target = flat - signs.sum(axis=1, keepdims=True) * share
    coefficients = gram_inverse @ (weighted.T @ target)
    drawn = times > 0
    once = weighted[drawn] / times[drawn, None] @ gram_inverse
    left = 1 - (once * design[drawn]).sum(axis=1, keepdims=True)
    left_out = (target - design @ coefficients)[drawn] / np.where(left > ALL_ITS_OWN, left, np.nan)
    error = _error(once @ basis.T, left_out, times[drawn])
    shape = (players, *difference.shape[1:])
    return (share + basis @ coefficients).reshape(shape), error.reshape(shape)


def _error(pull: np.ndarray, residual: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Standard error (player, outcome) of Σ_draws pull · residual."""
    draws = times.sum()
    often = pull * times[:, None]
    squares = (often * pull).T @ residual**2 - (often.T @ residual) ** 2 / draws
    return np.sqrt(np.maximum(squares, 0.0) * draws / (draws - 1))
