"""Measures of kind ``finance``: innovative firms find capital more cheaply where a measure helps them to it."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.measures.places import Places, Sectors, inside, of_sectors
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


@final
class Finance(Measure):
    """More innovative firms enter: T̂_ns = 1 − φ + φ (1 − capital_cost_fall)^(−i · entry_elasticity).

    φ = innovative_part, of a sector's firms. entry_elasticity: per cent more of them for one per cent off the cost of
    capital. No calibrated spatial study of such a measure is known: every size of it is an assumption, and so is what
    comes out.
    """

    kind: Literal["finance"] = "finance"
    places: Places = Field(min_length=1)
    sectors: Sectors = Field(min_length=1)
    capital_cost_fall: float = Field(gt=0, lt=1)
    innovative_part: float = Field(gt=0, le=1)
    entry_elasticity: float = Field(gt=0, le=10)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        affected = jnp.asarray(inside(region, self.places)[:, None] & of_sectors(region, self.sectors)[None, :])
        more = (1 - self.capital_cost_fall) ** (-intensity * self.entry_elasticity) - 1
        neutral = no_shock(baseline.economy)
        hat = jnp.where(affected, 1 + self.innovative_part * more, neutral.variety)
        return eqx.tree_at(lambda s: s.variety, neutral, hat)
