"""Measures of kind ``registration``: people registered in some places settle more easily in others."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Groups, Origins, Places, at, inside, of_groups
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock
from coregion.region import Region


@final
class Registration(Measure):
    """μ̂_on,g = (1 − migration_cost_fall)^i from origins o to destinations n ≠ o (Tombe & Zhu 2019, section 4).

    groups: none named means every group. An origin may be an external region, or "outside" for all of them.
    """

    kind: Literal["registration"] = "registration"
    origins: Origins = Field(min_length=1)
    destinations: Places = Field(min_length=1)
    groups: Groups = ()
    migration_cost_fall: float = Field(gt=0, lt=1)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        if self._pairs(baseline.region).any():
            return []
        return [Mistake(f"'{self.name}' lets people settle only where they are registered", "another destination")]

    def _pairs(self, region: Region) -> np.ndarray:
        """[region, region] from an origin to another place."""
        pairs = at(region, self.origins)[:, None] & inside(region, self.destinations)[None, :]
        return pairs & ~np.eye(len(region.code), dtype=bool)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        pairs = self._pairs(region)
        affected = jnp.asarray(of_groups(region, self.groups)[:, None, None] & pairs[None])
        neutral = no_shock(baseline.economy)
        hat = (1 - self.migration_cost_fall) ** intensity
        return eqx.tree_at(lambda s: s.migration_cost, neutral, jnp.where(affected, hat, neutral.migration_cost))
