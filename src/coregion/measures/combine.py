"""Several shocks as one: hats multiply, additions add, and of caps the tightest holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

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
    together = reduce(_both, shocks, no_shock(economy))
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=leaf.dtype), together)


def _both(one: Shock, other: Shock) -> Shock:
    fields = {name: getattr(one, name) * getattr(other, name) for name in MULTIPLY}
    fields |= {name: getattr(one, name) + getattr(other, name) for name in ADD}
    fields |= {name: jnp.minimum(getattr(one, name), getattr(other, name)) for name in TIGHTEST}
    return Shock(**fields, tariffs=one.tariffs)
