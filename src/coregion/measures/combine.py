"""Several shocks as one: hats multiply, additions add, and of caps the tightest holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from coregion.model.economy import Economy, Shock, no_shock

MULTIPLY = (
    "productivity",
    "variety",
    "amenity",
    "commuting_cost",
    "trade_cost",
    "migration_cost",
    "floor_space",
    "registered",
    "emission_factor",
    "service_quality",
    "service_exclusion",
)
ADD = ("public_jobs", "transfers", "purchases", "service_capacity")
TIGHTEST = ("floor_space_cap", "resident_cap")
OPERATIONS: Mapping[str, Callable[[Any, Any], jax.Array]] = {
    **dict.fromkeys(MULTIPLY, jnp.multiply),
    **dict.fromkeys(ADD, jnp.add),
    **dict.fromkeys(TIGHTEST, jnp.minimum),
}


def combined(economy: Economy, shocks: Sequence[Shock]) -> Shock:
    """One shock of many, in any order; neutral where there is none. Tariffs stay the economy's own.

    No leaf is weakly typed: two shocks that differ in that alone would make the solver compile again.
    """
    neutral = no_shock(economy)
    together = reduce(partial(_both, neutral), shocks, neutral)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=leaf.dtype), together)


def _both(neutral: Shock, one: Shock, other: Shock) -> Shock:
    """Two shocks as one. What either left as it was is not computed with: most measures move few of the arrays."""
    fields = {}
    for name, operation in OPERATIONS.items():
        first, second, nothing = (getattr(shock, name) for shock in (one, other, neutral))
        fields[name] = first if second is nothing else second if first is nothing else operation(first, second)
    return Shock(**fields, tariffs=one.tariffs)


Movers = tuple[tuple[str, tuple[int, ...]], ...]
"""Which parts move which array of a shock."""


def movers(neutral: Shock, parts: Sequence[Shock], leave: Sequence[str] = ()) -> Movers:
    """Which of some parts move which array, those to ``leave`` out of account left out."""

    def moved(name: str) -> tuple[int, ...]:
        nothing = np.asarray(getattr(neutral, name))
        return tuple(i for i, part in enumerate(parts) if not np.array_equal(np.asarray(getattr(part, name)), nothing))

    found: Mapping[str, tuple[int, ...]] = {name: moved(name) for name in OPERATIONS if name not in leave}
    return tuple((name, positions) for name, positions in found.items() if positions)


def switched(neutral: Shock, given: Shock, parts: Sequence[Shock], on: jax.Array, moved: Movers) -> Shock:
    """``given`` with those of the parts that are on, booleans [part]; pure, made to be mapped over ``on``.

    moved: which parts move which array (``movers``); whatever is not named there stays as given.
    """
    fields = {name: getattr(given, name) for name in OPERATIONS}
    for name, positions in moved:
        for position in positions:
            part = jnp.where(on[position], getattr(parts[position], name), getattr(neutral, name))
            fields[name] = OPERATIONS[name](fields[name], part)
    return Shock(**fields, tariffs=given.tariffs)
