"""Measures of kind ``dock``: firms of two sets of places find suppliers and customers in each other more easily."""

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
class Dock(Measure):
    """τ̂_ni,s = (1 − trade_cost_fall)^i for goods of the sectors sold between the places of one set and the other.

    In both directions; within a set nothing changes.
    """

    kind: Literal["dock"] = "dock"
    sectors: Sectors = Field(min_length=1)
    one_side: Places = Field(min_length=1)
    other_side: Places = Field(min_length=1)
    trade_cost_fall: float = Field(gt=0, lt=1)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        one, other = inside(region, self.one_side), inside(region, self.other_side)
        pairs = (one[:, None] & other[None, :]) | (other[:, None] & one[None, :])
        sectors = of_sectors(region, self.sectors)
        affected = jnp.asarray(sectors[:, None, None] & pairs[None])
        neutral = no_shock(baseline.economy)
        hat = (1 - self.trade_cost_fall) ** intensity
        return eqx.tree_at(lambda s: s.trade_cost, neutral, jnp.where(affected, hat, neutral.trade_cost))
