"""Measures of kind ``relocate``: jobs of a public body, or of a sector's firms, move from some places to others."""

from __future__ import annotations

from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.cost import payer_row
from coregion.measures.places import Places, Refers, inside, no_way_between
from coregion.measures.record import Measure
from coregion.model.economy import Economy, Shock, no_shock

PUBLIC = "public"
"""The jobs G_i of public administration, which no market decides."""


@final
class Relocate(Measure):
    """J jobs move from places a to places b, with or without the registration of P people.

    of = "public": G_a falls and G_b rises by iJ in the row of jobs_paid_by, who pays the wages before and after
    (model.md, w_i L_i = Σ_s … + w_i G_i).
    of = a sector: its firms or know-how move, T̂_as = 1 − iJ/L_as and T̂_bs = 1 + iJ/L_bs, L_s the sector's jobs of
    the baseline: at unchanged wages and prices sales and so just iJ jobs move (π_ni ∝ T_i (c_i τ_ni)^−θ).
    people: whose registration moves too, N̂_a = 1 − iP/N_a and N̂_b = 1 + iP/N_b in the groups that work.
    Among several places jobs leave and arrive in proportion to the baseline's, people to those registered.
    """

    kind: Literal["relocate"] = "relocate"
    of: Annotated[str, Refers("activity")]
    origin: Places = Field(min_length=1)
    destination: Places = Field(min_length=1)
    jobs: float = Field(gt=0, allow_inf_nan=False)
    jobs_paid_by: Annotated[str, Refers("employer")] = ""
    people: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _payer_of_public_jobs(self) -> Relocate:
        if (self.of == PUBLIC) != bool(self.jobs_paid_by):
            raise ValueError("jobs_paid_by, who pays the wages, where of = 'public', and only there")
        return self

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        economy, leave = baseline.economy, inside(baseline.region, self.origin)
        arrive = inside(baseline.region, self.destination)
        jobs = self._jobs(baseline)
        people = np.asarray(economy.registered)[np.asarray(baseline.region.group_works)].sum(axis=0)
        wanted = ((self.jobs, jobs[leave].sum(), "jobs"), (self.people, people[leave].sum(), "people"))
        mistakes = no_way_between(baseline.region, self.name, self.origin, self.destination) + [
            Mistake(f"'{self.name}' moves {self.highest * much:.0f} {what}", f"at most the {there:.0f} of its origin")
            for much, there, what in wanted
            if self.highest * much > there
        ]
        if self.of != PUBLIC and not jobs[arrive].sum() > 0:
            mistakes.append(Mistake(f"'{self.name}' moves {self.of} to where there is none", "a destination with some"))
        return mistakes

    def _jobs(self, baseline: Baseline) -> np.ndarray:
        """[region] jobs of the kind that moves."""
        if self.of == PUBLIC:
            return np.asarray(baseline.economy.public_jobs[payer_row(baseline.region, self.jobs_paid_by)])
        return np.asarray(sector_jobs(baseline.economy)[:, baseline.region.sectors.index(self.of)])

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        economy, region = baseline.economy, baseline.region
        leave = jnp.asarray(inside(region, self.origin), dtype=float)
        arrive = jnp.asarray(inside(region, self.destination), dtype=float)
        moved = intensity * self.jobs
        neutral = no_shock(economy)
        if self.of == PUBLIC:
            row = payer_row(region, self.jobs_paid_by)
            change = moved * (_part(arrive * economy.workers) - _part(leave * economy.public_jobs[row]))
            shock = eqx.tree_at(lambda s: s.public_jobs, neutral, neutral.public_jobs.at[row].add(change))
        else:
            sector = region.sectors.index(self.of)
            jobs = sector_jobs(economy)[:, sector]
            change = moved * (_part(arrive * jobs) - _part(leave * jobs)) / jnp.where(jobs > 0, jobs, 1.0)
            shock = eqx.tree_at(lambda s: s.variety, neutral, neutral.variety.at[:, sector].add(change))
        works = jnp.asarray(region.group_works)[:, None]
        registered = works * economy.registered
        people = intensity * self.people * (_part(arrive * registered) - _part(leave * registered))
        hat = shock.registered + people / jnp.where(economy.registered > 0, economy.registered, 1.0)
        return eqx.tree_at(lambda s: s.registered, shock, hat)


def sector_jobs(economy: Economy) -> jax.Array:
    """L_ns = (1 − p_s) γL_ns Y_ns / w_n of the baseline [region, sector]."""
    cost = (1 - economy.profit_share) * economy.sales
    return economy.labour_share * cost / economy.wage[:, None]


def _part(weight: jax.Array) -> jax.Array:
    return weight / weight.sum()
