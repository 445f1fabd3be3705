"""Measures of kind ``abatement``: the same technology in every plant of some sectors and places."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.emitters import CostBy, beyond_highest, cost_mistakes, reached, unknown
from coregion.measures.places import Places, Pollutants, Sources
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


@final
class Abatement(Measure):
    """Emissions per unit of output become 1 − i · share times theirs, of the pollutants, sources and places named.

    Intensity is the part of the plants that do it, so that tonnes and cost both grow in proportion to it. cost_by:
    "curve" where the yearly cost is the curve's, Σ E · marginal cost · share²/2 (checked); "source" where it is known.
    """

    kind: Literal["abatement"] = "abatement"
    places: Places = Field(min_length=1)
    sectors: Sources = Field(min_length=1)
    pollutants: Pollutants = Field(min_length=1)
    share: float = Field(gt=0, lt=1)
    cost_by: CostBy = "curve"

    def abated(self, baseline: Baseline) -> np.ndarray:
        """[pollutant, region, source] share abated at intensity 1."""
        return np.where(reached(baseline, self.places, self.sectors, self.pollutants), self.share, 0.0)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        lacking = unknown(baseline, self.name, self.pollutants)
        if lacking:
            return lacking
        abated = self.abated(baseline)
        return beyond_highest(baseline, self.name, abated) + cost_mistakes(
            baseline, self.name, self.cost, self.cost_by, abated
        )

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        neutral = no_shock(baseline.economy)
        factor = 1 - intensity * jnp.asarray(self.abated(baseline))
        return eqx.tree_at(lambda s: s.emission_factor, neutral, factor)
