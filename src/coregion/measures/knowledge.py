"""Measures of kind ``knowledge``: research grows somewhere, and others within reach learn from it."""

from __future__ import annotations

from typing import Annotated, Literal, final

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

Elasticity = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]


@final
class Knowledge(Measure):
    """A laboratory, an institute, a technology contract: the research of ``places``, taken as one, grows.

    Patents of n grow with log RD̂ by ``own_elasticity`` in the places themselves and by near_elasticity · exp(−t/reach)
    elsewhere, t the minutes to the nearest of the places (Bottazzi & Peri 2003, eq. 2, in minutes for kilometres);
    Â_ns = patents^χ, χ the productivity that patents bring, in the sectors named (all without names).
    research_growth: RD̂ − 1 at intensity 1. reach_minutes: where the spillover is 1/e of that next door.
    """

    kind: Literal["knowledge"] = "knowledge"
    places: Places = Field(min_length=1)
    sectors: Sectors = ()
    research_growth: float = Field(gt=0, le=10)
    own_elasticity: Elasticity = 0.85
    near_elasticity: Elasticity = 0.025
    reach_minutes: float = Field(default=300.0, gt=0, allow_inf_nan=False)
    productivity_of_patents: Elasticity = 0.09

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        if inside(baseline.region, self.places).any():
            return []
        return [Mistake(f"'{self.name}' has its research outside the region", "places of the region")]

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        sectors = jnp.asarray(of_sectors(region, self.sectors))
        response = jnp.asarray(self.patent_elasticity(baseline))
        log_hat = self.productivity_of_patents * intensity * np.log1p(self.research_growth) * response
        neutral = no_shock(baseline.economy)
        hat = jnp.where(sectors[None, :] & (response > 0)[:, None], jnp.exp(log_hat)[:, None], neutral.productivity)
        return eqx.tree_at(lambda s: s.productivity, neutral, hat)

    def patent_elasticity(self, baseline: Baseline) -> np.ndarray:
        """[region] of patents in n to the research of the places; 0 in external regions."""
        there = inside(baseline.region, self.places)
        minutes = baseline.minutes["commuting"][:, there].min(axis=1)
        near = self.near_elasticity * np.exp(-minutes / self.reach_minutes)
        return np.where(there, self.own_elasticity, near) * ~baseline.region.external
