"""Where a gradient vanishes within bounds: Newton's last steps, and how best replies answer each other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg, eigs, gmres

DENSE = 120
"""Up to so many free actions the matrices are formed column by column; above, only products with them."""

STEP = 3e-5
"""Half-width of the central difference of exact gradients, in scales of an action."""


def projected(gradient, point, lower, upper, scale, held: bool = False) -> np.ndarray:
    """The scaled gradient without the parts that push against a bound; with ``held``, which actions a bound holds."""
    room = 1e-12 * (1 + np.abs(point))
    against = ((point <= lower + room) & (gradient < 0)) | ((point >= upper - room) & (gradient > 0))
    return against if held else np.where(against, 0.0, gradient * scale)


def product(gradient: Callable, point: np.ndarray, scale: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Derivative of the scaled gradient along a scaled direction, by a central difference of exact gradients."""
    size = np.abs(direction).max()
    if size == 0:
        return np.zeros_like(direction)
    push = STEP / size * direction * scale
    return (gradient(point + push) - gradient(point - push)) * scale * (size / (2 * STEP))


def polish(gradient: Callable, point, lower, upper, scale, tolerance: float, max_steps: int) -> np.ndarray:
    """Newton's method on gradient = 0 within bounds, those held by a bound left out (Qi & Sun 1993, semismooth).

    A step is halved until the largest projected gradient falls; returns the best point, converged or not.
    """
    point = np.array(point, float)
    full = gradient(point)
    gap = projected(full, point, lower, upper, scale)
    for _ in range(max_steps):
        if np.abs(gap).max() <= tolerance:
            break
        free = np.flatnonzero(~projected(full, point, lower, upper, scale, held=True) & (gradient_moves(full)))
        if free.size == 0:
            break
        step = np.zeros_like(point)
        step[free] = -_solve(lambda v, at=point: product(gradient, at, scale, v), gap, free)
        for halving in range(8):
            trial = np.clip(point + 0.5**halving * step * scale, lower, upper)
            trial_full = gradient(trial)
            trial_gap = projected(trial_full, trial, lower, upper, scale)
            if np.abs(trial_gap).max() < np.abs(gap).max():
                break
        else:
            break
        point, full, gap = trial, trial_full, trial_gap
    return point


def gradient_moves(full: np.ndarray) -> np.ndarray:
    """Actions that the gradient speaks of; an exact zero is somebody else's action."""
    return full != 0.0


def _solve(operator: Callable, gap: np.ndarray, free: np.ndarray) -> np.ndarray:
    size = gap.size

    def apply(v):
        spread = np.zeros(size)
        spread[free] = v
        return operator(spread)[free]

    if free.size <= DENSE:
        matrix = np.stack([apply(column) for column in np.eye(free.size)], axis=1)
        return np.linalg.lstsq(matrix, gap[free], rcond=None)[0]
    return gmres(LinearOperator((free.size, free.size), matvec=apply), gap[free], rtol=1e-3, restart=60, maxiter=2)[0]


def spectral_radius(gradient_of: Callable, blocks: list[np.ndarray], point, scale) -> float:
    """Spectral radius of the map of best replies −H_jj⁻¹ H_j,−j, stacked over players.

    gradient_of: player, point → gradient of that player's payoff. blocks: the free actions of each player.
    """
    order = np.concatenate(blocks)
    if order.size == 0:
        return 0.0
    starts = np.cumsum([0, *(len(block) for block in blocks)])
    slices = [slice(a, b) for a, b in pairwise(starts)]

    def hessian(player, columns, v):
        spread = np.zeros(point.size)
        spread[columns] = v
        return product(lambda at: gradient_of(player, at), point, scale, spread)[blocks[player]]

    def reply(v):
        out = np.zeros(order.size)
        for player, (block, part) in enumerate(zip(blocks, slices, strict=True)):
            others = v.copy()
            others[part] = 0.0
            if len(block) == 0 or not others.any():
                continue
            push = hessian(player, order, others)
            out[part] = -_own_solve(lambda u, p=player, b=block: hessian(p, b, u), push)
        return out

    if order.size <= DENSE:
        matrix = np.stack([reply(column) for column in np.eye(order.size)], axis=1)
        return float(np.abs(np.linalg.eigvals(matrix)).max())
    first = np.random.default_rng(0).normal(size=order.size)
    operator = LinearOperator((order.size, order.size), matvec=lambda v: reply(np.ravel(v)))
    return float(np.abs(eigs(operator, k=1, ncv=8, tol=1e-2, v0=first, return_eigenvectors=False)).max())


def _own_solve(operator: Callable, right: np.ndarray) -> np.ndarray:
    if right.size <= DENSE:
        matrix = np.stack([operator(column) for column in np.eye(right.size)], axis=1)
        return np.linalg.lstsq(matrix, right, rcond=None)[0]
    negative = LinearOperator((right.size, right.size), matvec=lambda u: -operator(np.ravel(u)))
    return -cg(negative, right, rtol=1e-3, maxiter=100)[0]
