"""Measures of kind ``digital_trade``: services are delivered over the network, whatever the distance."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.measures.places import Places, Sectors, inside, of_sectors
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


@final
class DigitalTrade(Measure):
    """τ̂_ni,s = d_ni,s^(−i · share): the part of a service that is delivered online costs no distance.

    d_ni,s = (t_ni/t_min)^ψ_s of the baseline, t_min the least time between two places of the region; the sector's
    wedge at a border stays. sectors: whose trade. places: sellers and buyers both among them; none named means all of
    the region. With a share of 1 distance is irrelevant for the sector's trade among them.
    """

    kind: Literal["digital_trade"] = "digital_trade"
    sectors: Sectors = Field(min_length=1)
    share: float = Field(gt=0, le=1)
    places: Places = ()

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        there = inside(region, self.places) if self.places else ~region.external
        pairs = there[:, None] & there[None, :]
        sectors = of_sectors(region, self.sectors)
        hat = jnp.exp(-intensity * self.share * jnp.log(distance_cost(baseline)))
        neutral = no_shock(baseline.economy)
        affected = jnp.asarray(sectors[:, None, None] & pairs[None])
        return eqx.tree_at(lambda s: s.trade_cost, neutral, jnp.where(affected, hat, neutral.trade_cost))


def distance_cost(baseline: Baseline) -> np.ndarray:
    """d_ni,s = (t_ni/t_min)^ψ_s [sector, buyer, seller], at least 1 between places of the region, 1 elsewhere."""
    here = ~baseline.region.external
    pairs = here[:, None] & here[None, :]
    costs = []
    for purpose, decay in zip(baseline.carried_by, baseline.trade_decay, strict=True):
        minutes = baseline.minutes[purpose]
        costs.append(np.where(pairs, (minutes / minutes[pairs].min()) ** decay, 1.0))
    return np.stack(costs)
