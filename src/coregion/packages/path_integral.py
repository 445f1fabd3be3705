"""What each of many measures contributes when all grow together from nothing to the package (Aumann–Shapley)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coregion.errors import InputMistakes, Mistake


@dataclass(frozen=True)
class PathContributions:
    """contributions (measure, …outcomes) of all measures, their sum held against ``total`` = W(t) − W(0).

    unexplained: total − Σ contributions, the error of the quadrature (where a cap switches along the path it is not
    small), and never spread over the measures. Unit of the outcome.
    """

    contributions: np.ndarray
    total: np.ndarray
    unexplained: np.ndarray


def aumann_shapley(
    outcome: Callable[[np.ndarray], np.ndarray],
    gradient: Callable[[np.ndarray], np.ndarray],
    intensities,
    nodes: int = 8,
) -> PathContributions:
    """φ_i = t_i ∫₀¹ ∂W/∂t_i (s t) ds by Gauss–Legendre, exact for gradients of degree 2·nodes − 1 along the path.

    outcome: intensities (measure,) → W (…outcomes); called at 0 and t. gradient: intensities → dW/dt of shape
    (measure, …outcomes), from one adjoint solve for each outcome; called ``nodes`` times. intensities: t of the full
    package, shape (measure,). A NaN that either returns stays in the answer. Raises InputMistakes on wrong shapes.
    Aumann & Shapley (1974, Values of Non-Atomic Games).
    """
    package = np.asarray(intensities, dtype=float)
    total = np.asarray(outcome(package), dtype=float) - np.asarray(outcome(np.zeros_like(package)), dtype=float)
    points, weights = np.polynomial.legendre.leggauss(nodes)
    mean = np.zeros((*package.shape, *total.shape))
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        slope = np.asarray(gradient(point * package), dtype=float)
        if slope.shape != mean.shape:
            raise InputMistakes([Mistake(f"a gradient of shape {slope.shape}", f"{mean.shape}, measures first")])
        mean += weight * slope
    contributions = mean * package.reshape(-1, *[1] * total.ndim)
    return PathContributions(contributions, total, total - contributions.sum(axis=0))
