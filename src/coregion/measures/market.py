"""Measures of kind ``market``: a wholesale market moves, and buyers have another way to go."""

from __future__ import annotations

from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import Places, Refers, inside, no_way_between
from coregion.measures.record import Measure
from coregion.measures.relocate import sector_jobs
from coregion.model.economy import Shock, no_shock


@final
class Market(Measure):
    """J jobs of a wholesale market move from places a to places b; buyers choose markets by size and time (Huff 1964).

    Sellers: T̂_as = 1 − iJ/S_a, T̂_bs = 1 + iJ/S_b, S_j the sector's jobs in j, so that at unchanged wages and prices
    iJ jobs move. Buyers: P_nj = S_j^a t_nj^−λ / Σ_k S_k^a t_nk^−λ, and a buyer's accessibility changes by
    Â_n = Σ_j P_nj T̂_j^a. The model's own trade shares already give buyers Σ_j π_nj T̂_j; only what Huff's rule sees
    beyond it enters their trade cost,

        τ̂_n,s = [Â_n / Σ_j π_nj,s T̂_j]^(−wholesale_share / θ_s) ,

    which is 1 where P = π and a = 1. size_exponent: a; time_exponent: λ; wholesale_share: the part of what the sector
    sells that is bought at markets. Only buyers and markets of the region take part in Huff's choice.
    """

    kind: Literal["market"] = "market"
    sector: Annotated[str, Refers("sector")]
    origin: Places = Field(min_length=1)
    destination: Places = Field(min_length=1)
    jobs: float = Field(gt=0, allow_inf_nan=False)
    size_exponent: float = Field(default=1.0, gt=0, le=5)
    time_exponent: float = Field(default=2.0, ge=0, le=10)
    wholesale_share: float = Field(ge=0, le=1)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        jobs = self._jobs(baseline)
        there = float(jobs[inside(baseline.region, self.origin)].sum())
        mistakes = no_way_between(baseline.region, self.name, self.origin, self.destination)
        if self.highest * self.jobs >= there:
            found = f"'{self.name}' moves {self.highest * self.jobs:.0f} jobs of {self.sector}"
            mistakes.append(Mistake(found, f"fewer than the {there:.0f} of its origin"))
        if not jobs[inside(baseline.region, self.destination)].sum() > 0:
            found = f"'{self.name}' moves {self.sector} to where there is none"
            mistakes.append(Mistake(found, "a destination with some"))
        return mistakes

    def _jobs(self, baseline: Baseline) -> np.ndarray:
        """[region] jobs of the sector, as numbers even while intensities are traced."""
        with jax.ensure_compile_time_eval():
            jobs = sector_jobs(baseline.economy)
        return np.asarray(jobs)[:, baseline.region.sectors.index(self.sector)]

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        region, economy = baseline.region, baseline.economy
        sector = region.sectors.index(self.sector)
        jobs = self._jobs(baseline)
        leave, arrive = (inside(region, places) * jobs for places in (self.origin, self.destination))
        part = arrive / arrive.sum() - leave / leave.sum()
        change = intensity * self.jobs * part / np.where(jobs > 0, jobs, 1.0)
        chosen = huff_shares(jobs, baseline.minutes[baseline.carried_by[sector]], self.size_exponent,
                             self.time_exponent, ~region.external)  # fmt: skip
        access = 1 + chosen @ ((1 + change) ** self.size_exponent - 1)
        own = 1 + economy.trade_share[sector] @ change
        hat = (access / own) ** (-self.wholesale_share / economy.elasticities.trade[sector])
        hat = jnp.where(jnp.asarray(~region.external), hat, 1.0)
        neutral = no_shock(economy)
        return eqx.tree_at(
            lambda s: (s.variety, s.trade_cost),
            neutral,
            (
                neutral.variety.at[:, sector].add(change),
                neutral.trade_cost.at[sector].set(jnp.broadcast_to(hat[:, None], neutral.trade_cost.shape[1:])),
            ),
        )


def huff_shares(
    size: np.ndarray, minutes: np.ndarray, size_exponent: float, time_exponent: float, choosable: np.ndarray
) -> np.ndarray:
    """P_nj = S_j^a t_nj^−λ / Σ_k S_k^a t_nk^−λ [buyer, market]; rows sum to 1 (Huff 1964).

    size: S ≥ 0 [market]. minutes: t > 0 [buyer, market]. choosable: [market] whether it can be chosen at all.
    """
    attraction = np.where(choosable, size, 0.0) ** size_exponent * minutes**-time_exponent
    return attraction / attraction.sum(axis=1, keepdims=True)
