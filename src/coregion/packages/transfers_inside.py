"""Transfers that are paid inside the equilibrium, where they move people and prices, and what leaks on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from coregion.errors import InputMistakes, Mistake, NotConverged
from coregion.packages.sharing import smallest_transfers

Payoff = Callable[[np.ndarray], ArrayLike]
Jacobian = Callable[[np.ndarray], ArrayLike]


@dataclass(frozen=True)
class TransfersInside:
    """Transfers that reach their aim in the equilibrium beside the lump sums that would reach it on paper; shape (n,).

    exists: nobody ends below ``alone``; if not, ``payoffs`` is the nearest that the rule came to. transfers,
    lump_sum: received if positive, each sums to 0. payoffs: what everybody has with ``transfers``. leakage: what
    the lump sums promise and do not deliver, W_j(0) + lump_sum_j − W_j(lump_sum); negative, the transfer earned more.
    residual: the largest miss of the aim, relative to the payoffs. steps: of Newton's method.
    """

    rule: str
    exists: bool
    transfers: np.ndarray
    payoffs: np.ndarray
    lump_sum: np.ndarray
    leakage: np.ndarray
    residual: float
    steps: int


@dataclass(frozen=True)
class RootOptions:
    """tolerance: largest miss relative to the largest payoff. steps: of Newton's method. halvings: of one step."""

    tolerance: float = 1e-10
    steps: int = 30
    halvings: int = 20


def bargained_inside(
    payoff: Payoff,
    alone,
    weights=None,
    jacobian: Jacobian | None = None,
    options: RootOptions = RootOptions(),
) -> TransfersInside:
    """Transfers for which every gain over ``alone`` is the player's share of one common gain: Nash bargaining shares.

    Find t with Σ t = 0 and W_j(t) − d_j = b_j Σ_k (W_k(t) − d_k), n − 1 unknowns t_1 … t_(n−1). They leave everyone
    at least as well off as alone if and only if the common gain is not negative. payoff: transfers (n,) → W (n,), in
    the unit of the transfers, differentiable by jax unless ``jacobian``: transfers → ∂W_j/∂t_k, (n, n), is
    given (which also saves compiling the derivative anew for each rule). weights: positive, equal by default.
    Raises NotConverged if Newton's method does not reach the tolerance.
    """
    threat = np.asarray(alone, dtype=float)
    start = np.asarray(payoff(np.zeros_like(threat)), dtype=float)
    slope = jacobian or _jax_jacobian(payoff)
    share = np.full(threat.size, 1.0 / threat.size) if weights is None else np.asarray(weights, dtype=float)
    share = share / share.sum()
    aim = np.eye(threat.size) - share[:, None]
    keep = _paid_by_last(threat.size)

    def gap(point: np.ndarray) -> np.ndarray:
        return (aim @ (np.asarray(payoff(keep @ point), dtype=float) - threat))[:-1]

    def gap_slope(point: np.ndarray) -> np.ndarray:
        return (aim @ np.asarray(slope(keep @ point), dtype=float) @ keep)[:-1]

    lump_sum = threat + share * float((start - threat).sum()) - start
    point, steps, residual = _newton(gap, gap_slope, lump_sum[:-1], float(np.abs(start).max()), options)
    return _outcome("Nash bargaining", payoff, keep @ point, lump_sum, start, threat, residual, steps, options)


def smallest_inside(
    payoff: Payoff,
    alone,
    jacobian: Jacobian | None = None,
    options: RootOptions = RootOptions(),
) -> TransfersInside:
    """Transfers that lift everyone who is below ``alone`` exactly to it; the others pay in proportion to their gain.

    Unknown are the transfers of those lifted, at most n − 1: W_j(t) = d_j for each. Who pays and falls below alone in
    the equilibrium joins those lifted, until nobody does. A gain or loss below the tolerance is none. Arguments and
    errors as ``bargained_inside``; raises InputMistakes if the gains before transfers do not cover the losses, or if
    all would have to be lifted.
    """
    threat = np.asarray(alone, dtype=float)
    start = np.asarray(payoff(np.zeros_like(threat)), dtype=float)
    slope = jacobian or _jax_jacobian(payoff)
    slack = options.tolerance * max(float(np.abs(start).max()), np.finfo(float).tiny)
    lump_sum = smallest_transfers(np.where(np.abs(start - threat) <= slack, threat, start), threat)
    lifted = lump_sum > 0
    result = None
    while result is None or np.any(result.payoffs - threat < -2 * slack):
        if result is not None:
            lifted = lifted | (result.payoffs - threat < -2 * slack)
        keep = _paid_by_gainers(lifted, start - threat)
        point, steps, residual = _newton(
            lambda point, keep=keep, lifted=lifted: (np.asarray(payoff(keep @ point), dtype=float) - threat)[lifted],
            lambda point, keep=keep, lifted=lifted: (np.asarray(slope(keep @ point), dtype=float) @ keep)[lifted],
            lump_sum[lifted],
            float(np.abs(start).max()),
            options,
        )
        result = _outcome("smallest", payoff, keep @ point, lump_sum, start, threat, residual, steps, options)
    return result


def _paid_by_last(players: int) -> np.ndarray:
    """From t_1 … t_(n−1) to all transfers: the last one pays what the others receive."""
    return np.vstack([np.eye(players - 1), -np.ones((1, players - 1))])


def _paid_by_gainers(lifted: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """From the transfers of those lifted to all: the others pay in proportion to their gain before transfers."""
    if not lifted.any():
        return np.zeros((lifted.size, 0))
    paying = np.where(lifted, 0.0, np.maximum(gain, 0.0))
    if not paying.sum() > 0:
        raise InputMistakes(
            [
                Mistake(
                    "nobody left who could pay",
                    "a player that gains in the equilibrium with transfers",
                    "What is paid leaks away before it arrives: no such transfers exist; change the package.",
                )
            ]
        )
    keep = np.zeros((lifted.size, int(lifted.sum())))
    keep[np.flatnonzero(lifted), np.arange(keep.shape[1])] = 1.0
    return keep - (paying / paying.sum())[:, None]


def _newton(gap, gap_slope, start, scale: float, options: RootOptions) -> tuple[np.ndarray, int, float]:
    """A root of ``gap`` by Newton's method with halved steps; the point, the steps taken, the relative miss."""
    point, miss = np.asarray(start, dtype=float), np.asarray(gap(start), dtype=float)
    scale = max(scale, np.finfo(float).tiny)
    for step in range(options.steps + 1):
        size = float(np.abs(miss).max(initial=0.0)) / scale
        if size <= options.tolerance:
            return point, step, size
        if step == options.steps or not np.isfinite(size):
            break
        direction = np.linalg.lstsq(gap_slope(point), -miss, rcond=None)[0]
        for halving in range(options.halvings):
            trial = point + direction / 2**halving
            trial_miss = np.asarray(gap(trial), dtype=float)
            if np.abs(trial_miss).max() < np.abs(miss).max():
                break
        else:
            break
        point, miss = trial, trial_miss
    raise NotConverged(
        f"transfers inside the equilibrium miss their aim by {size:.1e} of the largest payoff after {step} steps; "
        f"expected {options.tolerance:g}. Solve the equilibrium more tightly than that, check the derivative, or see "
        "whether the transfers are so large that a region empties."
    )


def _outcome(rule, payoff, found, lump_sum, start, alone, residual, steps, options) -> TransfersInside:
    """The record, with what the lump sums would deliver if they were paid."""
    payoffs = np.asarray(payoff(found), dtype=float)
    delivered = np.asarray(payoff(lump_sum), dtype=float)
    slack = 2 * options.tolerance * float(np.abs(start).max())
    exists = bool(np.all(payoffs - alone >= -slack))
    return TransfersInside(rule, exists, found, payoffs, lump_sum, start + lump_sum - delivered, residual, steps)


def _jax_jacobian(payoff: Payoff) -> Jacobian:
    """∂W_j/∂t_k by the adjoint, in double precision."""
    import jax
    import jax.numpy as jnp

    import coregion.model  # noqa: F401  (sets double precision)

    reverse = jax.jit(jax.jacrev(payoff))
    return lambda point: np.asarray(reverse(jnp.asarray(point)))
