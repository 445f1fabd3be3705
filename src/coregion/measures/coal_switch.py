"""Measures of kind ``coal_switch``: homes heat with gas or electricity instead of bulk coal."""

from __future__ import annotations

from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from coregion.air import HOMES
from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.emitters import reached, unknown
from coregion.measures.places import Places, Refers
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


class FromCoal(BaseModel):
    """The part of homes' emissions of a pollutant that comes from bulk coal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pollutant: Annotated[str, Refers("pollutant")]
    part: float = Field(gt=0, le=1)


@final
class CoalSwitch(Measure):
    """Emissions of homes per resident become 1 − i · share · part times theirs, in the places named.

    share: of the homes that burn bulk coal which change over. Cost: boilers, pipes and the dearer fuel, as declared.
    """

    kind: Literal["coal_switch"] = "coal_switch"
    places: Places = Field(min_length=1)
    share: float = Field(gt=0, le=1)
    from_coal: tuple[FromCoal, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_pollutant_once(self) -> CoalSwitch:
        named = [entry.pollutant for entry in self.from_coal]
        doubled = sorted({name for name in named if named.count(name) > 1})
        if doubled:
            raise ValueError(f"every pollutant once in from_coal, not {', '.join(doubled)} again")
        return self

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        return unknown(baseline, self.name, [entry.pollutant for entry in self.from_coal])

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        neutral = no_shock(baseline.economy)
        fall = np.zeros(neutral.emission_factor.shape)
        for entry in self.from_coal:
            fall += reached(baseline, self.places, (HOMES,), (entry.pollutant,)) * (self.share * entry.part)
        return eqx.tree_at(lambda s: s.emission_factor, neutral, 1 - intensity * jnp.asarray(fall))
