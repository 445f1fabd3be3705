"""Which parameter a range comes from: Sobol' indices of a polynomial fitted to the draws."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

DEGREE = 3
"""Highest power of a parameter by itself; pairs of parameters enter as a product."""

PENALTIES = np.logspace(-8, 1, 19)

FREE = 1e4
"""Square of the size of the constant term, in terms: its coefficient is as good as free."""


@dataclass(frozen=True)
class Drivers:
    """first_order, total: [parameter], parts of the variance. explained: what the polynomial tells of draws left out.

    explained: 1 − Σ(y − ŷ₋ᵢ)²/Σ(y − ȳ)², each draw foretold from all the others; near 1 the indices can be trusted.
    """

    first_order: np.ndarray
    total: np.ndarray
    explained: float


def sobol_indices(unit: np.ndarray, outcome: np.ndarray) -> Drivers:
    """Indices of an outcome [draw] by parameters at probabilities [draw, parameter], uniform and independent.

    A polynomial in orthonormal Legendre polynomials of the probabilities gives the indices as sums of squares of its
    coefficients (Sudret 2008, Global sensitivity analysis using polynomial chaos expansions). Ridge regression; the
    penalty by leaving one draw out, which the hat matrix gives in closed form. Draws without an outcome are left out.
    """
    good = np.isfinite(outcome)
    unit, outcome = unit[good], outcome[good]
    columns, owners = _terms(unit)
    if len(outcome) < 3 or not np.ptp(outcome) > 0:
        nothing = np.full(unit.shape[1], np.nan)
        return Drivers(nothing, nothing, float("nan"))
    coefficients, explained = _ridge(columns, outcome)
    parts = coefficients**2
    variance = parts.sum()
    first = np.array([parts[(owners.sum(axis=1) == 1) & owners[:, k]].sum() for k in range(unit.shape[1])])
    total = np.array([parts[owners[:, k]].sum() for k in range(unit.shape[1])])
    return Drivers(first / variance, total / variance, explained)


def _terms(unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[draw, term] values and [term, parameter] whom each belongs to."""
    count = unit.shape[1]
    x = 2 * unit - 1
    powers = [np.sqrt(3) * x, np.sqrt(5) / 2 * (3 * x**2 - 1), np.sqrt(7) / 2 * (5 * x**3 - 3 * x)][:DEGREE]
    columns = [power[:, k] for power in powers for k in range(count)]
    owners = [np.arange(count) == k for _ in powers for k in range(count)]
    for one, other in combinations(range(count), 2):
        columns.append(powers[0][:, one] * powers[0][:, other])
        owners.append(np.isin(np.arange(count), (one, other)))
    return np.column_stack(columns), np.array(owners)


def _ridge(columns: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients of the terms at the penalty that foretells draws left out best, and how well it does.

    Solved by draws, since there are often fewer of them than terms: with G = (XX′ + penalty)⁻¹ the error of a draw
    left out is (Gy)_i/G_ii. The mean is a term of its own, so large that no penalty reaches it.
    """
    y = (outcome - outcome.mean()) / outcome.std()
    values, vectors = np.linalg.eigh(columns @ columns.T + FREE * columns.shape[1])
    turned = vectors.T @ y
    best = (np.zeros(columns.shape[1]), -np.inf)
    for penalty in PENALTIES * len(y):
        inverse = 1 / (np.maximum(values, 0) + penalty)
        weights = vectors @ (inverse * turned)
        error = weights / ((vectors**2) @ inverse)
        told = 1 - (error @ error) / (y @ y)
        if told > best[1]:
            best = (columns.T @ weights, told)
    return outcome.std() * best[0], float(best[1])
