"""Measures of kind ``zone``: what a border costs falls among the members of a zone that lies across it."""

from __future__ import annotations

from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Places, across_provinces, inside
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock
from coregion.region import Region

Share = Annotated[float, Field(ge=0, le=1)]


@final
class Zone(Measure):
    """Among members of different first-level jurisdictions the border wedges fall.

    κ̂ = b^(i · commuting_share / ε), b ≤ 1 the calibrated factor of the border on commuting weights κ^−ε;
    τ̂_s = wedge_s^(−i · trade_share), wedge_s ≥ 1 the sector's trade cost factor at the border;
    μ̂ = (1 − migration_cost_fall)^i in both directions; H̄̂ = floor_space^i in all members: one plan for them.
    A share of 1 removes the wedge.
    """

    kind: Literal["zone"] = "zone"
    members: Places = Field(min_length=2)
    commuting_share: Share = 0.0
    trade_share: Share = 0.0
    migration_cost_fall: float = Field(default=0.0, ge=0, lt=1)
    floor_space: float = Field(default=1.0, gt=0, le=5)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        if self.floor_space != 1 or border_pairs(baseline.region, self.members).any():
            return []
        found = f"'{self.name}' with all members in one first-level jurisdiction"
        return [Mistake(found, "members on both sides of a border, or a plan for floor_space")]

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region, economy = baseline.region, baseline.economy
        pairs = jnp.asarray(border_pairs(region, self.members))
        there = jnp.asarray(inside(region, self.members))
        neutral = no_shock(economy)
        commuting = jnp.exp(
            intensity * self.commuting_share * np.log(baseline.commuting_border_wedge) / economy.elasticities.commuting
        )
        trade = jnp.exp(-intensity * self.trade_share * np.log(region.technology.trade_border_wedge))
        return eqx.tree_at(
            lambda s: (s.commuting_cost, s.trade_cost, s.migration_cost, s.floor_space),
            neutral,
            (
                jnp.where(pairs, commuting, neutral.commuting_cost),
                jnp.where(pairs, trade[:, None, None], neutral.trade_cost),
                jnp.where(pairs, (1 - self.migration_cost_fall) ** intensity, neutral.migration_cost),
                jnp.where(there, self.floor_space**intensity, neutral.floor_space),
            ),
        )


def border_pairs(region: Region, members: tuple[str, ...]) -> np.ndarray:
    """[region, region] pairs of members that belong to different first-level jurisdictions."""
    chosen = inside(region, members)
    return chosen[:, None] & chosen[None, :] & across_provinces(region)
