"""Measures of kind ``hub``: freight is gathered at a few hubs, placed where they serve it best."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.location import p_median
from coregion.measures.places import Places, Sectors, inside, of_sectors
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock

FREIGHT = "trade"
"""The purpose whose minutes lorries and trains take."""


@final
class Hub(Measure):
    """Hubs at the p-median of freight minutes among the candidates; what passes through them goes in full loads.

    min Σ_n f_n min_{h open} t_nh with f_n the sales of the sectors in n (Hakimi 1964; ``location.p_median``, proved
    least). Through the best open hub freight takes what is worth

        t^via_ni = (1 − consolidation) · min_{h open} (t_nh + t_hi) + handling_minutes

    of direct haulage, and where that is less than t_ni, τ̂_ni,s = (t^via_ni / t_ni)^(i ψ_s); other pairs stay as they
    are. Among places of the region only. candidates: a code of a prefecture or first-level jurisdiction stands for
    every place in it. With as many hubs as candidates all are open.
    """

    kind: Literal["hub"] = "hub"
    sectors: Sectors = Field(min_length=1)
    candidates: Places = Field(min_length=1)
    hubs: int = Field(ge=1)
    consolidation: float = Field(gt=0, lt=1)
    handling_minutes: float = Field(ge=0, allow_inf_nan=False)

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        region = baseline.region
        sites = int(inside(region, self.candidates).sum())
        mistakes = []
        if self.hubs > sites:
            found = f"{self.hubs} hubs of '{self.name}' among {sites} places"
            mistakes.append(Mistake(found, "at most one in each place", "Name more candidates, or ask for fewer."))
        for sector, purpose in zip(region.sectors, baseline.carried_by, strict=True):
            if sector in self.sectors and purpose != FREIGHT:
                found = f"'{sector}' among the freight of '{self.name}', which {purpose} carries"
                mistakes.append(Mistake(found, f"sectors carried by {FREIGHT}", "See carried_by in sectors.csv."))
        return mistakes

    def sites(self, baseline: Baseline) -> tuple[str, ...]:
        """Codes of the places where hubs open."""
        return tuple(baseline.region.code[i] for i in self._open(baseline))

    def _open(self, baseline: Baseline) -> np.ndarray:
        """Positions of the open sites; they depend on the baseline alone, so that intensity may vary and be traced."""
        here = np.flatnonzero(~baseline.region.external)
        candidates = np.flatnonzero(inside(baseline.region, self.candidates))
        freight = np.asarray(baseline.economy.sales)[:, of_sectors(baseline.region, self.sectors)].sum(axis=1)[here]
        cost = baseline.minutes[FREIGHT][np.ix_(here, candidates)]
        return candidates[_median(cost.tobytes(), (freight / freight.sum()).tobytes(), self.hubs)]

    def via(self, baseline: Baseline) -> np.ndarray:
        """t^via_ni / t_ni where that is below 1, else 1 [buyer, seller]; 1 outside the region."""
        minutes, hubs = baseline.minutes[FREIGHT], self._open(baseline)
        through = (minutes[:, hubs][:, :, None] + minutes[hubs][None]).min(axis=1)
        ratio = ((1 - self.consolidation) * through + self.handling_minutes) / minutes
        here = ~baseline.region.external
        return np.where(here[:, None] & here[None, :], np.minimum(ratio, 1.0), 1.0)

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        sectors = of_sectors(baseline.region, self.sectors)
        log_ratio = np.log(self.via(baseline))[None] * baseline.trade_decay[:, None, None]
        hat = jnp.exp(intensity * jnp.asarray(log_ratio))
        neutral = no_shock(baseline.economy)
        return eqx.tree_at(
            lambda s: s.trade_cost,
            neutral,
            jnp.where(jnp.asarray(sectors)[:, None, None], hat, neutral.trade_cost),
        )


@lru_cache(maxsize=32)
def _median(cost: bytes, weights: bytes, hubs: int) -> np.ndarray:
    """Positions of the p-median's sites; inputs as bytes, since the same baseline is asked again and again."""
    demand = np.frombuffer(weights)
    _, sites = p_median(np.frombuffer(cost).reshape(len(demand), -1), demand, hubs)
    return sites
