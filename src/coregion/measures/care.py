"""Measures of kind ``care``: homes for the elderly are built, made better or made cheaper."""

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
class Care(Measure):
    """S_j + i · beds among the places by their users; q̂_j = (quality/(1 − price_fall))^i there.

    A fee that falls to half is worth what twice the quality is. Whoever lowers it pays: the cost must hold that.
    """

    kind: Literal["care"] = "care"
    service: Service = "care"
    places: Places = Field(min_length=1)
    beds: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    quality: float = Field(default=1.0, gt=0, le=5)
    price_fall: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _moves_something(self) -> Care:
        if self.beds == 0 and self.quality == 1 and self.price_fall == 0:
            raise ValueError("beds or price_fall above 0, or a quality other than 1")
        return self

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        return not_buildable(baseline, self.name, self.service, self.places)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        worth = self.quality / (1 - self.price_fall)
        return built(baseline, self.service, self.places, self.beds, worth, intensity)
