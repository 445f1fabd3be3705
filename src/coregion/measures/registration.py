"""Measures of kind ``registration``: people registered in some places settle more easily in others."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.measures.places import Groups, Origins, Places, at, inside, of_groups
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


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

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        pairs = at(region, self.origins)[:, None] & inside(region, self.destinations)[None, :]
        pairs &= ~np.eye(len(region.code), dtype=bool)
        affected = jnp.asarray(of_groups(region, self.groups)[:, None, None] & pairs[None])
        neutral = no_shock(baseline.economy)
        hat = (1 - self.migration_cost_fall) ** intensity
        return eqx.tree_at(lambda s: s.migration_cost, neutral, jnp.where(affected, hat, neutral.migration_cost))
