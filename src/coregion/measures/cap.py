"""Measures of kind ``cap``: no more floor space or residents than a limit."""

from __future__ import annotations

from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Places, inside
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock

LOOSEST = 230.0
"""Logarithm of a cap so loose that there is none; its derivative stays a number."""


@final
class Cap(Measure):
    """H_n or R_n of each place may not pass level times the baseline (model.md, Floor space and caps).

    At intensity i the cap is level · (1 + looser_at_half)^((1 − i)/i): level at 1, looser_at_half more at one half,
    none at 0. Its shadow price is a result. A cap below the registered people who stay has no equilibrium.
    """

    kind: Literal["cap"] = "cap"
    on: Literal["floor_space", "residents"]
    places: Places = Field(min_length=1)
    level: float = Field(gt=0, allow_inf_nan=False)
    looser_at_half: float = Field(gt=0, allow_inf_nan=False)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        if self.on == "floor_space":
            return []
        economy, codes = baseline.economy, baseline.region.code
        persons = np.asarray(economy.residents.sum(axis=0))
        stay = np.asarray(jnp.einsum("go,goo->o", economy.registered, economy.residence_share))
        below = np.flatnonzero(inside(baseline.region, self.places) & (self.level * persons < stay))
        return [
            Mistake(
                f"'{self.name}' caps {codes[i]} at {self.level * persons[i]:.0f} residents",
                f"at least the {stay[i]:.0f} who are registered there and stay",
                f"Raise level to {stay[i] / persons[i]:.4f} or more: a cap rations entry, nobody is sent away.",
            )
            for i in below
        ]

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        economy = baseline.economy
        looseness = jnp.log1p(self.looser_at_half)
        felt = intensity * (LOOSEST + looseness) > looseness
        capped = jnp.asarray(inside(baseline.region, self.places)) & felt
        some = jnp.where(felt, intensity, 1.0)
        multiple = self.level * jnp.exp(looseness * (1 - some) / some)
        neutral = no_shock(economy)
        if self.on == "floor_space":
            cap = jnp.where(capped, multiple, jnp.inf)
            return eqx.tree_at(lambda s: s.floor_space_cap, neutral, cap)
        persons = multiple * economy.residents.sum(axis=0)
        return eqx.tree_at(lambda s: s.resident_cap, neutral, jnp.where(capped, persons, jnp.inf))
