"""Measures of kind ``public_service``: schools, hospitals or colleges are built or made better."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
from pydantic import Field, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Places, Service, inside
from coregion.measures.record import Measure
from coregion.measures.service_rows import by_users, service_row, services_lacking
from coregion.model.economy import Shock, no_shock


@final
class PublicService(Measure):
    """S_j + i · capacity among the places by their users; q̂_j = quality^i there (model.md, Services).

    capacity: places added, in the unit of the study's services. quality: of all places of the service there.
    """

    kind: Literal["public_service"] = "public_service"
    places: Places = Field(min_length=1)
    service: Service
    capacity: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    quality: float = Field(default=1.0, gt=0, le=5)

    @model_validator(mode="after")
    def _moves_something(self) -> PublicService:
        if self.capacity == 0 and self.quality == 1:
            raise ValueError("capacity above 0, or a quality other than 1")
        return self

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        return services_lacking(baseline, self.name, (self.service,))

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        row = service_row(baseline, self.service)
        there = jnp.asarray(inside(baseline.region, self.places))
        added = intensity * self.capacity * by_users(baseline, row, self.places)
        neutral = no_shock(baseline.economy)
        return eqx.tree_at(
            lambda s: (s.service_capacity, s.service_quality),
            neutral,
            (
                neutral.service_capacity.at[row].add(added),
                neutral.service_quality.at[row].set(jnp.where(there, self.quality**intensity, 1.0)),
            ),
        )
