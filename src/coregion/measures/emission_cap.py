"""Measures of kind ``emission_cap``: a jurisdiction must cut what it emits, where that costs least."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.emitters import CostBy, by_region, cost_mistakes, reached, unknown
from coregion.measures.places import Places, Pollutants
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock


@final
class EmissionCap(Measure):
    """Each pollutant named falls by ``cut`` over all sources of the places together, as they produce at the baseline.

    The cut falls where it costs least: a_s = min(highest_s, price / marginal cost_s), one price a pollutant; emission
    factors become 1 − i · a_s. What is made may grow or shrink afterwards: the cap is on the technique. Intensity is
    the part of the emitters that are under it. cost_by: as in ``abatement``.
    """

    kind: Literal["emission_cap"] = "emission_cap"
    places: Places = Field(min_length=1)
    pollutants: Pollutants = Field(min_length=1)
    cut: float = Field(gt=0, lt=1)
    cost_by: CostBy = "curve"

    def abated(self, baseline: Baseline) -> np.ndarray:
        """[pollutant, region, source] share abated at intensity 1."""
        there = reached(baseline, self.places, (), self.pollutants)
        tonnes = np.asarray(baseline.economy.environment.tonnes()) * there
        slope, highest = by_region(baseline, baseline.air.marginal_cost), by_region(baseline, baseline.air.highest)
        shares = [least_cost_shares(*one, self.cut * one[0].sum()) for one in zip(tonnes, slope, highest, strict=True)]
        return np.where(there, np.array(shares).reshape(there.shape), 0.0)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        lacking = unknown(baseline, self.name, self.pollutants)
        if lacking:
            return lacking
        air = baseline.air
        tonnes = np.asarray(baseline.economy.environment.tonnes())
        tonnes = tonnes * reached(baseline, self.places, (), self.pollutants)
        possible = (tonnes * by_region(baseline, air.highest)).sum(axis=(1, 2))
        total = tonnes.sum(axis=(1, 2))
        mistakes = [
            Mistake(
                f"'{self.name}' cuts {self.cut:.0%} of the {air.pollutants[p]} of its places",
                f"at most {possible[p] / total[p]:.1%}, all that its sources can abate",
                "Lower the cut, or change the table of abatement costs.",
            )
            for p in np.flatnonzero(possible < self.cut * total).tolist()
        ]
        return mistakes or cost_mistakes(baseline, self.name, self.cost, self.cost_by, self.abated(baseline))

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        neutral = no_shock(baseline.economy)
        factor = 1 - intensity * jnp.asarray(self.abated(baseline))
        return eqx.tree_at(lambda s: s.emission_factor, neutral, factor)


def least_cost_shares(tonnes: np.ndarray, slope: np.ndarray, highest: np.ndarray, goal: float) -> np.ndarray:
    """Shares a of the tonnes with Σ E a = goal that cost least, Σ E · slope · a²/2, within 0 ≤ a ≤ highest.

    a = min(highest, price / slope), so that the marginal tonne costs the same everywhere. The price is found exactly:
    Σ E a is linear in it between the prices at which a source reaches its highest share. All ``highest`` if the goal
    is out of reach, zero if it is 0.
    """
    prices = np.concatenate([[0.0], np.unique((slope * highest)[tonnes > 0])])
    reach = np.array([(tonnes * np.minimum(highest, price / slope_or_one(slope))).sum() for price in prices])
    price = float(np.interp(goal, reach, prices)) if reach[-1] > 0 else 0.0
    return np.minimum(highest, price / slope_or_one(slope))


def slope_or_one(slope: np.ndarray) -> np.ndarray:
    """Marginal costs, 1 where none is known (nothing can be abated there)."""
    return np.where(slope > 0, slope, 1.0)
