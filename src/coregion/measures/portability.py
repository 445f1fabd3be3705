"""Measures of kind ``portability``: benefits in kind go with the people who move."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Origins, Places, Service
from coregion.measures.record import Measure
from coregion.measures.service_rows import opened, services_lacking
from coregion.model.economy import Shock, no_shock


@final
class Portability(Measure):
    """1 − e_on of a service falls to (1 − exclusion_fall)^i of itself from origins to destinations.

    e_on is a right in kind (assessment, subsidised places, insurance of long-term care), no payment: pensions and
    their funds stay as they are, and what is not used is not spent.
    """

    kind: Literal["portability"] = "portability"
    service: Service = "care"
    origins: Origins = Field(min_length=1)
    destinations: Places = Field(min_length=1)
    exclusion_fall: float = Field(gt=0, lt=1)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        return services_lacking(baseline, self.name, (self.service,))

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        exclusion = opened(baseline, (self.service,), self.origins, self.destinations, self.exclusion_fall, intensity)
        return eqx.tree_at(lambda s: s.service_exclusion, no_shock(baseline.economy), exclusion)
