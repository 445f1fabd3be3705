"""Measures of kind ``public_service``: schools, hospitals or colleges are built or made better."""

from __future__ import annotations

from typing import Literal, final

import jax
from pydantic import Field, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Places, Service
from coregion.measures.record import Measure
from coregion.measures.service_rows import built, not_buildable
from coregion.model.economy import Shock


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
        return not_buildable(baseline, self.name, self.service, self.places)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        return built(baseline, self.service, self.places, self.capacity, self.quality, intensity)
