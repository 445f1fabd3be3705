"""Which parameter a range comes from: Sobol' indices of a polynomial fitted to the draws."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

DEGREE = 3
"""Highest power of a parameter by itself; pairs of parameters enter as a product."""

FOLDS = 10
"""Parts into which the draws are divided; each is foretold from the others."""

DRAWS_A_TERM = 3
"""Draws for each term at least: a polynomial with as many terms as draws fits anything."""


@dataclass(frozen=True)
class Drivers:
    """first_order, total: [parameter], parts of the variance. explained: what the polynomial tells of draws left out.

    explained: 1 − Σ(y − ŷ)²/Σ(y − ȳ)², each tenth of the draws foretold from the others; near 1 the indices can be
    trusted.
    """

    first_order: np.ndarray
    total: np.ndarray
    explained: float


def sobol_indices(unit: np.ndarray, outcome: np.ndarray) -> Drivers:
    """Indices of an outcome [draw] by parameters at probabilities [draw, parameter], uniform and independent.

    A polynomial in orthonormal Legendre polynomials of the probabilities gives the indices as sums of squares of its
    coefficients (Sudret 2008, Global sensitivity analysis using polynomial chaos expansions). There are more terms
    than draws and few of them matter, so those that do are found one by one (orthogonal matching pursuit; for such
    polynomials Blatman & Sudret 2011), as many as foretell draws left out best. Draws without an outcome are left out.
    """
    good = np.isfinite(outcome)
    unit, outcome = unit[good], outcome[good]
    columns, owners = _terms(unit)
    if len(outcome) < 3 or not np.ptp(outcome) > 0:
        nothing = np.full(unit.shape[1], np.nan)
        return Drivers(nothing, nothing, float("nan"))
    coefficients, explained = _sparse(columns, outcome)
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


def _sparse(columns: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, float]:
    """[term] coefficients, zero for terms left out, and how well draws left out are foretold."""
    count = len(outcome)
    most = min(max(count // DRAWS_A_TERM, 1), columns.shape[1])
    part = np.random.default_rng(0).permutation(count) % min(FOLDS, count)
    errors = np.zeros(most)
    for fold in range(part.max() + 1):
        out = part == fold
        for terms, path in enumerate(_pursuit(columns[~out], outcome[~out], most)):
            chosen, constant, weights = path
            errors[terms] += ((outcome[out] - constant - columns[out][:, chosen] @ weights) ** 2).sum()
    best = int(errors.argmin())
    chosen, _, weights = _pursuit(columns, outcome, best + 1)[best]
    found = np.zeros(columns.shape[1])
    found[chosen] = weights
    return found, float(1 - errors[best] / ((outcome - outcome.mean()) ** 2).sum())


def _pursuit(columns: np.ndarray, outcome: np.ndarray, most: int) -> list[tuple[list[int], float, np.ndarray]]:
    """By number of terms, from one on: the terms, the constant and the coefficients.

    Each step takes the term that tells most of what is left, then fits all terms anew (Pati, Rezaiifar & Krishnaprasad
    1993).
    """
    centred = columns - columns.mean(axis=0)
    size = np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-300)
    left, chosen, found = outcome - outcome.mean(), [], []
    for _ in range(most):
        told = np.abs(centred.T @ left) / size
        told[chosen] = -1.0
        chosen = [*chosen, int(told.argmax())]
        design = np.column_stack([np.ones(len(outcome)), columns[:, chosen]])
        weights = np.linalg.lstsq(design, outcome, rcond=None)[0]
        left = outcome - design @ weights
        found.append((chosen, float(weights[0]), weights[1:]))
    return found
