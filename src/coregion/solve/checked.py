"""A solution that did not converge is an error that says which market, where, how far, and what to try."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np

from coregion.errors import NotConverged
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns
from coregion.solve.equilibrium import Options, Solution

MARKETS = {
    "wage": "labour",
    "residents": "residence",
    "floor_space_price": "floor space",
    "price_index": "price index",
    "sales": "goods",
    "expenditure": "income and expenditure",
    "capital_price": "capital",
    "entry_penalty": "cap on residents",
    "service_amenity": "access to services",
}


def largest_residuals(solution: Solution) -> dict[str, float]:
    """max |log demand/supply| of every market, by its name."""
    found = {name: np.abs(np.asarray(getattr(solution.residual, field))) for field, name in MARKETS.items()}
    return {name: float(np.max(gaps)) for name, gaps in found.items() if gaps.size}


def checked(
    economy: Economy,
    shock: Shock,
    solution: Solution,
    options: Options,
    regions: Sequence[str],
    sectors: Sequence[str],
) -> Solution:
    """The solution, if it is one; else raises NotConverged with the worst market and a cure."""
    if bool(solution.converged):
        return solution
    bad = [name for name, field in _leaves(shock) if np.isnan(field).any()]
    if bad:
        raise NotConverged(f"found no number in the shock ({', '.join(bad)}); expected every hat to be one.")
    market, place, size = _worst(solution.residual, regions, sectors)
    raise NotConverged(
        f"found the {market} market of {place} off by {size:.1e} (log of demand over supply) after "
        f"{int(solution.steps)} steps; expected {options.tolerance:g}. {_cure(economy, shock)}"
    )


def _leaves(shock: Shock) -> list[tuple[str, np.ndarray]]:
    flat, _ = jax.tree_util.tree_flatten_with_path(shock)
    return [(jax.tree_util.keystr(path).strip("."), np.asarray(leaf)) for path, leaf in flat]


def _worst(residual: Unknowns, regions: Sequence[str], sectors: Sequence[str]) -> tuple[str, str, float]:
    found: list[tuple[float, str, str, tuple[int, ...]]] = []
    for field, name in MARKETS.items():
        values = np.abs(np.asarray(getattr(residual, field)))
        if not values.size:
            continue
        values = np.where(np.isfinite(values), values, np.inf)
        position = tuple(int(i) for i in np.unravel_index(int(np.argmax(values)), values.shape))
        found.append((float(values[position]), name, field, position))
    size, name, field, position = max(found, key=lambda entry: entry[0])
    if field == "capital_price":
        return name, f"pool {position[0]}", size
    if field in ("residents", "service_amenity"):
        return name, regions[position[1]], size
    place = regions[position[0]]
    return name, f"{place}, {sectors[position[1]]}" if len(position) > 1 else place, size


def _cure(economy: Economy, shock: Shock) -> str:
    capped = np.asarray(shock.resident_cap)
    if np.isfinite(capped).any():
        stay = np.asarray(economy.registered[:, :, None] * economy.residence_share)
        own = np.diagonal(stay.sum(axis=0)) if stay.shape[1] == stay.shape[2] else np.zeros(len(capped))
        below = np.flatnonzero(capped < own)
        if len(below):
            return (
                f"The cap on residents of region number {below[0]} ({capped[below[0]]:.0f}) lies below those "
                f"registered there who stay ({own[below[0]]:.0f}), and entry is all that a cap can ration: raise it."
            )
    return (
        "Try a smaller intensity first and go on from there, or lower migration_elasticity or "
        "agglomeration_elasticity: near the edge of uniqueness a small change moves everything."
    )
