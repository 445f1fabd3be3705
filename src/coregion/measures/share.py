"""Measures of kind ``share``: services open to people from elsewhere, and learn from each other."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Origins, Places, ServiceCodes, inside
from coregion.measures.record import Measure
from coregion.measures.service_rows import opened, service_row, services_lacking
from coregion.model.economy import Shock, no_shock


@final
class Share(Measure):
    """1 − e_on falls to (1 − exclusion_fall)^i of itself from origins to destinations, where q̂ = quality^i.

    An origin may be an external region, or "outside" for all of them.
    """

    kind: Literal["share"] = "share"
    services: ServiceCodes = Field(min_length=1)
    origins: Origins = Field(min_length=1)
    destinations: Places = Field(min_length=1)
    exclusion_fall: float = Field(gt=0, lt=1)
    quality: float = Field(default=1.0, gt=0, le=5)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        return services_lacking(baseline, self.name, self.services)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        there = jnp.asarray(inside(baseline.region, self.destinations))
        rows = jnp.asarray([service_row(baseline, service) for service in self.services])
        neutral = no_shock(baseline.economy)
        exclusion = opened(baseline, self.services, self.origins, self.destinations, self.exclusion_fall, intensity)
        quality = jnp.where(there, self.quality**intensity, 1.0)
        return eqx.tree_at(
            lambda s: (s.service_exclusion, s.service_quality),
            neutral,
            (exclusion, neutral.service_quality.at[rows].set(quality)),
        )
