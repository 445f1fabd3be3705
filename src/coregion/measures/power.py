"""Measures of kind ``power``: a project of the power system changes what electricity costs and what plants emit."""

from __future__ import annotations

from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.energy.outcome import Power as PowerResults
from coregion.errors import Mistake, nearest
from coregion.measures.places import Refers, inside
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


@final
class Power(Measure):
    """τ̂_ni,s = p̂_a(n)^(i · electricity_share) for the buyers n of each area, whoever sells; plants emit less or more.

    p̂_a: price of power in area a with the project over without it, by the power system that was solved before the
    economy (``coregion.energy``). In the places of area a the sector emits [1 + plant_share (Ê_pa − 1)]^i of a
    pollutant p, for those that both the power system and the study's air know; Ê_pa is with over without the project.
    project: its code in power.toml. sector: that sells electricity. electricity_share: part of what buyers pay the
    sector that follows the area's price. plant_share: part of the sector's emissions that power plants cause.
    """

    kind: Literal["power"] = "power"
    project: str = Field(min_length=1)
    sector: Annotated[str, Refers("sector")]
    electricity_share: float = Field(gt=0, le=1)
    plant_share: float = Field(ge=0, le=1)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        region, areas = baseline.region, baseline.power.places.items()
        twice = np.sum([inside(region, places) for _, places in areas], axis=0) > 1 if areas else []
        mistakes = [
            Mistake(f"'{region.code[position]}' in two areas of the power system", "every place in one at most")
            for position in np.flatnonzero(twice)
        ]
        return mistakes + unknown_projects([self], baseline.power)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region, power = baseline.region, baseline.power
        found = power.effects[self.project]
        sector = region.sectors.index(self.sector)
        price = np.ones(len(region.code))
        emitted = np.ones((len(baseline.air.pollutants), len(region.code)))
        for area, places in power.places.items():
            there = inside(region, places)
            price[there] = found.price_hat[area]
            for position, pollutant in enumerate(baseline.air.pollutants):
                hat = found.emission_hat.get((pollutant, area), 1.0)
                emitted[position, there] = 1 + self.plant_share * (hat - 1)
        neutral = no_shock(baseline.economy)
        delivered = jnp.exp(intensity * self.electricity_share * jnp.log(price))
        cost = jnp.broadcast_to(delivered[:, None], neutral.trade_cost.shape[1:])
        factor = jnp.exp(intensity * jnp.log(emitted))
        return eqx.tree_at(
            lambda s: (s.trade_cost, s.emission_factor),
            neutral,
            (
                neutral.trade_cost.at[sector].set(cost),
                neutral.emission_factor.at[:, :, sector].set(factor),
            ),
        )


def unknown_projects(measures, power: PowerResults) -> list[Mistake]:
    """Measures of this kind whose project the study's power system does not have."""
    return [
        Mistake(
            f"unknown project '{measure.project}' of measure '{measure.name}'",
            "a project of the study's power system",
            nearest(measure.project, power.effects)
            if power.effects
            else 'Name power = "power.toml" in [tables] of study.toml; docs/energy.md tells its form.',
        )
        for measure in measures
        if isinstance(measure, Power) and measure.project not in power.effects
    ]
