"""Measures of kind ``transit_service``: faster, more frequent or cheaper trains and buses on lines that exist."""

from __future__ import annotations

from typing import Literal, final

from pydantic import Field, model_validator

from coregion.measures.places import Classes, Lines
from coregion.measures.record import Measure
from coregion.network.change import scale_service
from coregion.network.record import Network


@final
class TransitService(Measure):
    """Speed, waiting and fare of lines change: minutes = path minutes after the change (model.md, Network).

    lines, classes: what is served. speed_factor: new over old speed. waiting_factor: new over old waiting, 0.5 where
    frequency doubles. fare_factor: new over old fare; where it is not 1, minutes are multiplied by generalised cost
    over generalised cost at the old fare, at yuan_per_hour of travel time.
    """

    kind: Literal["transit_service"] = "transit_service"
    lines: Lines = ()
    classes: Classes = ()
    speed_factor: float = Field(default=1.0, gt=0, le=10)
    waiting_factor: float = Field(default=1.0, gt=0, le=10)
    fare_factor: float = Field(default=1.0, ge=0, le=10)
    yuan_per_hour: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _something(self) -> TransitService:
        if not self.lines and not self.classes:
            raise ValueError("lines or classes that are served")
        if self.fare_factor != 1 and not self.yuan_per_hour > 0:
            raise ValueError("yuan_per_hour above 0 beside a fare_factor: the value of an hour of travel time")
        return self

    @property
    def value_of_time(self) -> float:
        return self.yuan_per_hour

    def network_change(self, network: Network) -> Network:
        return scale_service(
            network,
            (*self.lines, *self.classes),
            speed_factor=self.speed_factor,
            waiting_factor=self.waiting_factor,
            fare_factor=self.fare_factor,
        )
