"""Measures of kind ``telework``: some of the working days are worked at home."""

from __future__ import annotations

from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.measures.places import Places, Refers, inside
from coregion.measures.record import Measure
from coregion.measures.relocate import PUBLIC, sector_jobs
from coregion.model.economy import Shock, no_shock


class HomeDays(BaseModel):
    """Days a week that the jobs of a sector, or public ones, are worked at home, over all who hold them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Annotated[str, Refers("activity")]
    days: float = Field(ge=0, le=7)


@final
class Telework(Measure):
    """κ̂_ni = (κ_ni/κ_min)^(−i · trip_share · share_i): on a day at home the way to work costs nothing.

    share_i = Σ_s (L_is/L_i) · days_s / working_days, over the sectors and public jobs of the workplace i;
    κ_ni = [t^power · exp(decay · t)]^(1/ε) of the baseline, κ_min its least value between two places of the region:
    nobody lives nearer than that. What a border costs beside time stays. places: the workplaces; none named means all.
    With every day of every job at home and trip_share = 1 κ̂ κ is the same for all pairs: distance is irrelevant.

    trip_share: the part of log κ that is the trip itself. What gravity finds also holds that people know of fewer jobs
    far away, which days at home do not change.
    """

    kind: Literal["telework"] = "telework"
    home_days: tuple[HomeDays, ...] = Field(min_length=1)
    working_days: float = Field(default=5.0, gt=0, le=7)
    trip_share: float = Field(default=1.0, gt=0, le=1)
    places: Places = ()

    @model_validator(mode="after")
    def _days_that_can_be(self) -> Telework:
        named = [entry.of for entry in self.home_days]
        doubled = sorted({name for name in named if named.count(name) > 1})
        if doubled:
            raise ValueError(f"every sector once in home_days, not {', '.join(doubled)} again")
        most = max(entry.days for entry in self.home_days)
        if most * self.highest > self.working_days:
            most_days = f"{most:g} × {self.highest:g} = {most * self.highest:g}"
            raise ValueError(f"days × highest of at most the {self.working_days:g} working days, not {most_days}")
        return self

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region = baseline.region
        here = ~region.external
        workplaces = inside(region, self.places) if self.places else here
        share = jnp.where(jnp.asarray(workplaces), self._share(baseline), 0.0)
        distance = relative_commuting_cost(baseline)
        hat = jnp.exp(-intensity * self.trip_share * share[None, :] * jnp.log(distance))
        neutral = no_shock(baseline.economy)
        pairs = jnp.asarray(here[:, None] & workplaces[None, :])
        return eqx.tree_at(lambda s: s.commuting_cost, neutral, jnp.where(pairs, hat, neutral.commuting_cost))

    def _share(self, baseline: Baseline) -> jax.Array:
        """[region] part of the working days at each workplace that is worked at home."""
        economy, region = baseline.economy, baseline.region
        days = {entry.of: entry.days / self.working_days for entry in self.home_days}
        by_sector = jnp.asarray([days.get(sector, 0.0) for sector in region.sectors])
        public = economy.public_jobs.sum(axis=0)
        jobs = sector_jobs(economy)
        at_home = jobs @ by_sector + public * days.get(PUBLIC, 0.0)
        return at_home / (jobs.sum(axis=1) + public)


def relative_commuting_cost(baseline: Baseline) -> np.ndarray:
    """κ_ni/κ_min [home, work] of the baseline's minutes, at least 1 between places of the region, 1 elsewhere."""
    here = ~baseline.region.external
    pairs = here[:, None] & here[None, :]
    minutes = baseline.minutes["commuting"]
    nearest = minutes[pairs].min()
    log_cost = baseline.commuting_power * np.log(minutes / nearest) + baseline.commuting_decay * (minutes - nearest)
    return np.where(pairs, np.exp(log_cost / float(baseline.economy.elasticities.commuting)), 1.0)
