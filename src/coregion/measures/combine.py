"""Several shocks as one: hats multiply, additions add, and of caps the tightest holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import jax
import jax.numpy as jnp

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


def combined(economy: Economy, shocks: Sequence[Shock]) -> Shock:
    """One shock of many, in any order; neutral where there is none. Tariffs stay the economy's own.

    No leaf is weakly typed: two shocks that differ in that alone would make the solver compile again.
    """
    neutral = no_shock(economy)
    together = reduce(partial(_both, neutral), shocks, neutral)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=leaf.dtype), together)


def _both(neutral: Shock, one: Shock, other: Shock) -> Shock:
    """Two shocks as one. What either left as it was is not computed with: most measures move few of the arrays."""
    operations = dict.fromkeys(MULTIPLY, jnp.multiply) | dict.fromkeys(ADD, jnp.add)
    operations |= dict.fromkeys(TIGHTEST, jnp.minimum)
    fields = {}
    for name, operation in operations.items():
        first, second, nothing = (getattr(shock, name) for shock in (one, other, neutral))
        fields[name] = first if second is nothing else second if first is nothing else operation(first, second)
    return Shock(**fields, tariffs=one.tariffs)
