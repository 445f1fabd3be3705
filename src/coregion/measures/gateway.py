"""Measures of kind ``gateway``: an airport brings the outside nearer for what flies."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Places, Sectors, inside, of_sectors
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


@final
class Gateway(Measure):
    """τ̂_ns = exp(−i · cost_of_an_hour · hours saved_n) between n and every external region, both ways, in what flies.

    Hours saved: minutes from n to the nearest of the earlier gateways, less those to the nearest of all, door to door
    on the network of the baseline. cost_of_an_hour: what an hour more on the way adds to the price of what is
    delivered (as days in transit do in Hummels & Schaur 2013).
    """

    kind: Literal["gateway"] = "gateway"
    at: Places = Field(min_length=1)
    earlier: Places = Field(min_length=1)
    sectors: Sectors = Field(min_length=1)
    cost_of_an_hour: float = Field(gt=0, le=0.5)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        if self.hours_saved(baseline).any():
            return []
        return [Mistake(f"'{self.name}' brings no place nearer to a gateway", "one nearer than the earlier ones")]

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        saved = jnp.asarray(self.hours_saved(baseline))
        outside = jnp.asarray(region.external)
        hat = jnp.exp(-intensity * self.cost_of_an_hour * saved)
        pairs = jnp.where(outside[None, :], hat[:, None], 1.0) * jnp.where(outside[:, None], hat[None, :], 1.0)
        sectors = jnp.asarray(of_sectors(region, self.sectors))
        neutral = no_shock(baseline.economy)
        cost = jnp.where(sectors[:, None, None], pairs, neutral.trade_cost)
        return eqx.tree_at(lambda s: s.trade_cost, neutral, cost)

    def hours_saved(self, baseline: Baseline) -> np.ndarray:
        """[region] hours nearer to a gateway; 0 in external regions."""
        region, minutes = baseline.region, baseline.minutes["commuting"]
        before = minutes[:, inside(region, self.earlier)].min(axis=1)
        after = np.minimum(before, minutes[:, inside(region, self.at)].min(axis=1))
        return (before - after) / 60 * ~region.external
