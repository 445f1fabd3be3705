"""How well people reach facilities: the two-step floating catchment with zones (E2SFCA, Luo & Qi 2009)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from coregion.errors import Mistake, raise_together

LUO_QI_SLOW = ((10.0, 1.0), (20.0, 0.68), (30.0, 0.22))
"""Zones of Luo & Qi (2009): (minutes up to and including, Gaussian weight), the slow decay."""
LUO_QI_FAST = ((10.0, 1.0), (20.0, 0.42), (30.0, 0.09))


def zone_weight(minutes, zones=LUO_QI_SLOW) -> Float[np.ndarray, "place facility"]:
    """W(t): the weight of the zone that t [minutes] lies in, 0 beyond the last zone."""
    limits = np.array([limit for limit, _ in zones])
    weights = np.array([weight for _, weight in zones] + [0.0])
    mistakes = []
    if not len(limits):
        mistakes.append(Mistake("no zone", "one pair of minutes and weight or more"))
    if (np.diff(limits) <= 0).any():
        mistakes.append(Mistake(f"zones that end at {limits.tolist()} minutes", "ends that rise"))
    if (weights < 0).any():
        mistakes.append(Mistake(f"zone weights {weights[:-1].tolist()}", "weights of 0 or more"))
    if np.isnan(minutes).any() or (np.asarray(minutes) < 0).any():
        found = "minutes that are negative or no number"
        mistakes.append(Mistake(found, "0 or more, or infinity where there is no way"))
    raise_together(mistakes)
    return weights[np.searchsorted(limits, np.asarray(minutes, dtype=float), side="left")]


def enhanced_catchment(
    capacity: Float[np.ndarray, " facility"],
    population: Float[np.ndarray, " place"],
    minutes: Float[np.ndarray, "place facility"],
    zones=LUO_QI_SLOW,
    entitlement: Float[np.ndarray, "place facility"] | None = None,
    unreached: str = "error",
) -> Float[np.ndarray, " place"]:
    """A_i = Σ_j R_j e_ij W(t_ij) with R_j = S_j / Σ_k P_k e_kj W(t_kj) [capacity a head] (Luo & Qi 2009, eqs. 2 and 3).

    entitlement: e_ij in [0, 1], the right of the people of i to use j (all 1 by default). Σ_i P_i A_i is the capacity
    of the facilities that somebody reaches. A facility that nobody reaches is an error, or is left out with
    unreached="skip". Raises InputMistakes with every mistake.
    """
    capacity, population = np.asarray(capacity, dtype=float), np.asarray(population, dtype=float)
    minutes = np.asarray(minutes, dtype=float)
    right = np.ones_like(minutes) if entitlement is None else np.asarray(entitlement, dtype=float)
    _check(capacity, population, minutes, right, unreached)
    weight = zone_weight(minutes, zones) * right
    demand = population @ weight
    lost = np.flatnonzero((demand <= 0) & (capacity > 0))
    if len(lost) and unreached == "error":
        raise_together(
            [
                Mistake(
                    f"facility {j} outside every catchment",
                    f"somebody within {zones[-1][0]:g} minutes who may use it",
                    'Check its place and the minutes, widen the zones, or leave it out with unreached="skip"',
                )
                for j in lost
            ]
        )
    ratio = np.where(demand > 0, capacity / np.where(demand > 0, demand, 1.0), 0.0)
    return weight @ ratio


def _check(capacity, population, minutes, right, unreached) -> None:
    mistakes = []
    shape = (len(population), len(capacity))
    for name, table in {"minutes": minutes, "entitlement": right}.items():
        if table.shape != shape:
            mistakes.append(Mistake(f"{name} of shape {table.shape}", f"{shape}, places by facilities"))
    for name, values in {"capacity": capacity, "population": population, "entitlement": right}.items():
        if not np.isfinite(values).all() or (values < 0).any():
            mistakes.append(Mistake(f"{name} that is negative or no number", "0 or more"))
    if right.max(initial=0) > 1:
        mistakes.append(Mistake(f"an entitlement of {right.max():g}", "a part between 0 and 1"))
    if unreached not in ("error", "skip"):
        mistakes.append(Mistake(f"unreached = '{unreached}'", "'error' or 'skip'"))
    raise_together(mistakes)
