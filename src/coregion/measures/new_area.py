"""Measures of kind ``new_area``: a new town is built where places already have a base to grow from."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
from pydantic import Field, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.measures.places import Places, Sectors, inside, of_sectors
from coregion.measures.record import Measure
from coregion.model.economy import Economy, Shock, no_shock


@final
class NewArea(Measure):
    """Floor space, productivity and amenity of places rise.

    H̄̂ = 1 + i · floor_space_m2 / existing, the same in every place; Â = productivity^i in the sectors named (all
    without names); B̂ = amenity^i for every group and origin: services and public space.
    existing_m2: floor space of the baseline in all the places, the seed; 0 for residents × floor area per person
    over the part of floor space rent that homes pay. The places need not be empty for hats to work, but the result
    rests on this base: docs/measures.md shows how much.
    """

    kind: Literal["new_area"] = "new_area"
    places: Places = Field(min_length=1)
    floor_space_m2: float = Field(ge=0, allow_inf_nan=False)
    existing_m2: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    productivity: float = Field(default=1.0, gt=0, le=5)
    sectors: Sectors = ()
    amenity: float = Field(default=1.0, gt=0, le=5)

    @model_validator(mode="after")
    def _builds_something(self) -> NewArea:
        if self.floor_space_m2 == 0 and self.productivity == 1 and self.amenity == 1:
            raise ValueError("floor_space_m2 above 0, or a productivity or amenity other than 1")
        return self

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region, economy = baseline.region, baseline.economy
        there = jnp.asarray(inside(region, self.places))
        sectors = jnp.asarray(of_sectors(region, self.sectors))
        existing = self.existing_m2 or existing_floor_space(baseline, self.places)
        neutral = no_shock(economy)
        return eqx.tree_at(
            lambda s: (s.floor_space, s.productivity, s.amenity),
            neutral,
            (
                jnp.where(there, 1 + intensity * self.floor_space_m2 / existing, neutral.floor_space),
                jnp.where(there[:, None] & sectors, self.productivity**intensity, neutral.productivity),
                jnp.where(there, self.amenity**intensity, neutral.amenity),
            ),
        )


def existing_floor_space(baseline: Baseline, places: tuple[str, ...]) -> jax.Array:
    """Floor space of places at the baseline [m²]: homes by the census, over the part of the rent that homes pay."""
    there = inside(baseline.region, places)
    area = jnp.asarray(baseline.region.floor_area_per_person[there])
    homes = baseline.economy.residents.sum(axis=0)[there] * area
    return (homes / rent_of_homes(baseline.economy)[there]).sum()


def rent_of_homes(economy: Economy) -> jax.Array:
    """[region] part of the floor space rent that households pay: ς(1 − α)E_n / (Q_n H_n)."""
    e = economy.elasticities
    rent = economy.floor_space_rent
    return e.household_share * (1 - e.goods_share) * economy.expenditure / jnp.where(rent > 0, rent, 1.0)
