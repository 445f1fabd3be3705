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

    log patents grow by own_elasticity · log(1 + growth) in the places themselves, and elsewhere by near_elasticity ·
    exp(−t/reach) · log(1 + part · growth): t the minutes to the nearest of the places, part their share of the region's
    research, which is what the research around others grows by (Bottazzi & Peri 2003, eq. 2, in minutes for
    kilometres). Â_ns = patents^χ, χ the productivity that patents bring, in the sectors named (all without names).
    research_growth: at intensity 1. reach_minutes: where the spillover is 1/e of that next door.
    research_in: sectors whose employed residents stand for research, which no table gives by place.
    """

    kind: Literal["knowledge"] = "knowledge"
    places: Places = Field(min_length=1)
    sectors: Sectors = ()
    research_growth: float = Field(gt=0, le=10)
    own_elasticity: Elasticity = 0.85
    near_elasticity: Elasticity = 0.025
    reach_minutes: float = Field(default=300.0, gt=0, allow_inf_nan=False)
    productivity_of_patents: Elasticity = 0.09
    research_in: Sectors = ()

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        if not inside(baseline.region, self.places).any():
            return [Mistake(f"'{self.name}' has its research outside the region", "places of the region")]
        if not self.part_of_research(baseline) > 0:
            return [Mistake(f"'{self.name}' has its research where nobody works in it", "places with some")]
        return []

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        sectors = jnp.asarray(of_sectors(region, self.sectors))
        patents = jnp.asarray(self.log_patents(baseline))
        neutral = no_shock(baseline.economy)
        hat = jnp.exp(self.productivity_of_patents * intensity * patents)
        hat = jnp.where(sectors[None, :] & (patents > 0)[:, None], hat[:, None], neutral.productivity)
        return eqx.tree_at(lambda s: s.productivity, neutral, hat)

    def log_patents(self, baseline: Baseline) -> np.ndarray:
        """[region] by how much the logarithm of patents grows at intensity 1; 0 in external regions."""
        there = inside(baseline.region, self.places)
        minutes = baseline.minutes["commuting"][:, there].min(axis=1)
        around = np.log1p(self.part_of_research(baseline) * self.research_growth)
        near = self.near_elasticity * np.exp(-minutes / self.reach_minutes) * around
        return np.where(there, self.own_elasticity * np.log1p(self.research_growth), near) * ~baseline.region.external

    def part_of_research(self, baseline: Baseline) -> float:
        """The places' share of those who work in ``research_in`` (all sectors without names) and live in the region."""
        region = baseline.region
        workers = region.employed_by_sector[:, of_sectors(region, self.research_in)].sum(axis=1) * ~region.external
        return float(workers[inside(region, self.places)].sum() / workers.sum())
