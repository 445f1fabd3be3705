"""Where to put p facilities so that the weighted cost of reaching the nearest is least: the p-median, exactly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from numbers import Real

import numpy as np
from jaxtyping import Float, Int

from coregion.errors import CoregionError, InputMistakes, Mistake, NotConverged, raise_together
from coregion.highs import quiet_solver

Cost = Float[np.ndarray, "demand site"]
SMALL = 4000
"""Places times sites at which a programme goes to HiGHS rather than being branched on."""


@dataclass(frozen=True)
class _Bound:
    """A lower bound by Lagrangian relaxation, the saving that each open site brings (not positive), and the prices."""

    value: float
    saving: Float[np.ndarray, " site"]
    price: Float[np.ndarray, " demand"]


def p_median(
    cost: Cost, weights: Float[np.ndarray, " demand"], p: int, seconds: float = 600.0
) -> tuple[float, Int[np.ndarray, " p"]]:
    """(Σ_i w_i min_{j open} c_ij, the p open sites in rising order), proved to be the least (Hakimi 1964).

    cost[demand, site] ≥ 0, infinite where a site cannot serve; weights ≥ 0, and a place of weight 0 need not be served.
    An incumbent by greedy addition and
    variable neighbourhoods of interchange (Hansen & Mladenović 1997) and a Lagrangian bound (Cornuéjols, Fisher &
    Nemhauser 1977) exclude most sites. What is left is branched on under the same bound until it is small, and then
    an integer programme in distances (Elloumi 2010), solved by HiGHS.

    Raises InputMistakes for a cost, weight or p that cannot be, CoregionError when p sites cannot serve everybody,
    NotConverged when optimality is not proved in ``seconds``.
    """
    cost, weights = _numbers(cost), _numbers(weights)
    _check(cost, weights, p)
    p, cost = int(p), np.where(weights[:, None] > 0, cost, 0.0)
    unserved = 1 + float(np.where(np.isfinite(cost), cost, 0).max(axis=1) @ weights)
    weighted = np.where(np.isfinite(cost), cost * weights[:, None], unserved)
    sites, best = _shaken(weighted, *_interchange(weighted, _greedy(weighted, p)))
    whole = bool(np.all(weighted == np.round(weighted)))
    cutoff = best - (1 - 1e-6) if whole else best * (1 - 1e-12)
    sites = _branch(weighted, p, sites, best, cutoff, seconds, whole)
    best = float(weighted[:, sites].min(axis=1).sum())
    if best >= unserved:
        raise CoregionError(
            f"found no {p} sites that serve all {len(cost)} places; expected a finite cost from each place to one of "
            "them. Raise p, or allow more sites for the places with few."
        )
    sites = np.sort(sites)
    return float(weights @ cost[:, sites].min(axis=1)), sites


def _numbers(values) -> np.ndarray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputMistakes([Mistake("a table with ragged lines or values that are no numbers", "numbers")]) from error


def _check(cost: np.ndarray, weights: np.ndarray, p: int) -> None:
    mistakes = []
    if cost.ndim != 2 or not cost.size:
        raise_together([Mistake(f"costs of shape {cost.shape}", "a table of places by sites")])
    if weights.shape != cost.shape[:1]:
        mistakes.append(Mistake(f"weights of shape {weights.shape}", f"one of each of the {len(cost)} places"))
    if not isinstance(p, Real) or not 1 <= p <= cost.shape[1] or p != int(p):
        mistakes.append(Mistake(f"p = {p!r}", f"a whole number from 1 to {cost.shape[1]}, the number of sites"))
    if np.isnan(cost).any() or (cost < 0).any():
        at = tuple(int(k) for k in np.argwhere(np.isnan(cost) | (cost < 0))[0])
        mistakes.append(Mistake(f"a cost of {cost[at]} at {at}", "0 or more", "Use infinity where a site cannot serve"))
    if not np.isfinite(weights).all() or (weights < 0).any():
        mistakes.append(Mistake("a weight that is negative or no number", "weights of 0 or more"))
    raise_together(mistakes)


def _greedy(weighted: np.ndarray, p: int) -> np.ndarray:
    """Open one site after another, each time the one that saves most."""
    sites: list[int] = []
    served = np.full(len(weighted), np.inf)
    for _ in range(p):
        total = np.minimum(served[:, None], weighted).sum(axis=0)
        total[sites] = np.inf
        sites.append(int(np.argmin(total)))
        served = np.minimum(served, weighted[:, sites[-1]])
    return np.array(sites)


def _interchange(weighted: np.ndarray, sites: np.ndarray) -> tuple[np.ndarray, float]:
    """Swap an open site for a closed one while that saves anything (fast interchange, Whitaker 1983)."""
    sites, rows = sites.copy(), np.arange(len(weighted))
    while True:
        open_cost = weighted[:, sites]
        order = np.argsort(open_cost, axis=1)
        nearest = open_cost[rows, order[:, 0]]
        second = open_cost[rows, order[:, 1]] if len(sites) > 1 else np.full(len(rows), weighted.sum() + 1)
        gain = np.maximum(nearest[:, None] - weighted, 0).sum(axis=0)
        lost = np.minimum(weighted, second[:, None]) - np.minimum(weighted, nearest[:, None])
        change = np.zeros((len(sites), weighted.shape[1]))
        np.add.at(change, order[:, 0], lost)
        change -= gain[None, :]
        change[:, sites] = 0
        out, into = np.unravel_index(np.argmin(change), change.shape)
        if change[out, into] >= -1e-9 * max(1.0, nearest.sum()):
            return sites, float(nearest.sum())
        sites[out] = into


def _shaken(weighted: np.ndarray, sites: np.ndarray, best: float, rounds: int = 150) -> tuple[np.ndarray, float]:
    """Replace k open sites at random and interchange again, k rising while nothing is gained; deterministic."""
    rng, count, width = np.random.default_rng(0), weighted.shape[1], 1
    if len(sites) == count:
        return sites, best
    for _ in range(rounds):
        closed = np.setdiff1d(np.arange(count), sites)
        moved, size = sites.copy(), min(width, len(closed))
        moved[rng.choice(len(sites), size, replace=False)] = rng.choice(closed, size, replace=False)
        moved, total = _interchange(weighted, moved)
        if total < best * (1 - 1e-12):
            sites, best, width = moved, total, 1
        else:
            width = width % min(len(sites), 12) + 1
    return sites, best


def _branch(
    weighted: np.ndarray, p: int, sites: np.ndarray, best: float, cutoff: float, seconds: float, whole: bool
) -> np.ndarray:
    """The best p sites: depth first over (sites that may open, sites that must), each pruned by its own bound."""
    end = time.monotonic() + seconds
    may, must = np.arange(weighted.shape[1]), np.zeros(weighted.shape[1], dtype=bool)
    first = np.partition(weighted, min(1, len(may) - 1), axis=1)[:, min(1, len(may) - 1)]
    nodes = [(may, must, first, 3000)]
    while nodes:
        may, must, price, steps = nodes.pop()
        if len(may) < p or must.sum() > p:
            continue
        bound = _lagrangian(weighted[:, may], must, p, best, cutoff, price, steps)
        if bound.value > cutoff:
            continue
        may, must, saving = _reduced(may, must, bound, p, cutoff)
        if len(may) < p or must.sum() > p:
            continue
        if must.sum() == p or len(may) == p:
            chosen = may[must] if must.sum() == p else may
        elif len(weighted) * len(may) <= SMALL:
            chosen = _integer_programme(weighted[:, may], p, must, end - time.monotonic(), whole)
            chosen = may[chosen]
        else:
            at = int(np.argmin(np.where(must, np.inf, saving)))
            forced = must.copy()
            forced[at] = True
            keep = np.arange(len(may)) != at
            nodes += [(may[keep], must[keep], bound.price, 400), (may, forced, bound.price, 400)]
            continue
        total = float(weighted[:, chosen].min(axis=1).sum())
        if total < best:
            sites, best = chosen, total
            cutoff = best - (1 - 1e-6) if whole else best * (1 - 1e-12)
        if time.monotonic() > end:
            raise _no_proof(len(weighted), len(may))
    return sites


def _lagrangian(
    weighted: np.ndarray, must: np.ndarray, p: int, best: float, cutoff: float, price: np.ndarray, steps: int
) -> _Bound:
    """Σ_i u_i + the p least Σ_i min(0, w_i c_ij − u_i), raised over u by subgradient steps (Beasley 1993)."""
    result, pace, idle = _Bound(-np.inf, np.zeros(weighted.shape[1]), price), 1.5, 0
    for _ in range(steps):
        reduced = weighted - price[:, None]
        saving = np.minimum(reduced, 0).sum(axis=0)
        chosen = np.argpartition(np.where(must, -np.inf, saving), p - 1)[:p]
        value = float(price.sum() + saving[chosen].sum())
        idle += 1
        if value > result.value + 1e-9 * abs(best):
            result, idle = _Bound(value, saving, price), 0
        if result.value > cutoff or pace < 1e-3:
            break
        if idle >= 20:
            pace, idle = pace / 1.5, 0
        slack = 1 - (reduced[:, chosen] < 0).sum(axis=1)
        norm = float(slack @ slack)
        if norm == 0:
            break
        price = price + pace * max(1.02 * best - value, 1e-9) / norm * slack
    return result


def _reduced(may: np.ndarray, must: np.ndarray, bound: _Bound, p: int, cutoff: float):
    """Sites whose opening does not pass the cutoff; which must open, since leaving one out would; their savings."""
    rank = np.where(must, -np.inf, bound.saving)
    order = np.sort(rank)
    if np.isneginf(order[p - 1]) or len(may) == p:
        return may, must, bound.saving
    last, following = order[p - 1], order[p]
    keep = must | (bound.value + np.maximum(bound.saving - last, 0) <= cutoff)
    needed = must | (keep & (rank <= last) & (bound.value + following - bound.saving > cutoff))
    return may[keep], needed[keep], bound.saving[keep]


def _no_proof(places: int, left: int) -> NotConverged:
    return NotConverged(
        f"the p-median of {places} places was not proved in the seconds allowed ({left} sites left in question); "
        "expected an optimum. Allow more seconds, or leave out sites that nobody wants."
    )


def _integer_programme(weighted: np.ndarray, p: int, must: np.ndarray, seconds: float, whole: bool) -> np.ndarray:
    """Elloumi's (2010) programme: y_j open, z_ik = 1 when nothing opens within the k-th distance of i; positions.

    min Σ_i [c_i1 + Σ_k (c_i,k+1 − c_ik) z_ik],  z_ik + Σ_{j: c_ij ≤ c_ik} y_j ≥ 1,  Σ_j y_j = p.
    """
    import highspy

    solver, count = quiet_solver(), weighted.shape[1]
    options = {
        "output_flag": False,
        "log_to_console": False,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1 - 1e-6 if whole else 1e-9,
        "time_limit": max(seconds, 0.1),
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    every = np.arange(count, dtype=np.int32)
    for forced in must:
        solver.addVar(float(forced), 1.0)
    solver.changeColsIntegrality(count, every, np.full(count, highspy.HighsVarType.kInteger))
    solver.addRow(float(p), float(p), count, every, np.ones(count))
    for costs in weighted:
        values = np.unique(costs)
        reach = np.searchsorted(values, costs)
        certain = int(reach[must].min(initial=len(values) - 1))
        for k in range(certain):
            column = solver.getNumCol()
            solver.addCol(float(values[k + 1] - values[k]), 0.0, 1.0, 0, [], [])
            index = np.append(np.flatnonzero(reach <= k), column).astype(np.int32)
            solver.addRow(1.0, highspy.kHighsInf, len(index), index, np.ones(len(index)))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise _no_proof(len(weighted), count)
    return np.flatnonzero(np.asarray(solver.getSolution().col_value)[:count] > 0.5)
