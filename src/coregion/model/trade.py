"""Who buys from whom, at what price."""

from __future__ import annotations

import jax.numpy as jnp

from coregion.model.arrays import PerRegion, RegionSector
from coregion.model.economy import Economy
from coregion.model.weights import Weights


def price_index(economy: Economy, weights: Weights, supply: RegionSector) -> tuple[RegionSector, RegionSector]:
    """log P̂_ns = −(1/θ_s) log Σ_i π_ni,s T̂_is (ĉ_is τ̂_ni,s)^−θ_s, and the sum itself (Caliendo & Parro 2015, eq. 10).

    supply: T̂_is ĉ_is^−θ_s.
    """
    competition = jnp.einsum("sni,is->ns", weights.trade, supply)
    consumed = competition > 0
    log_price = -jnp.log(jnp.where(consumed, competition, 1.0)) / economy.elasticities.trade[None, :]
    return log_price, jnp.where(consumed, competition, 1.0)


def sales_and_tariffs(
    weights: Weights, supply: RegionSector, competition: RegionSector, spending: RegionSector
) -> tuple[RegionSector, PerRegion]:
    """Y_is = Σ_n π_ni,s X_ns/(1 + tariff_ni,s) and the tariff revenue Σ tariff/(1 + tariff) π X [yuan a year]."""
    demand = spending / competition
    sales = supply * jnp.einsum("sni,ns->is", weights.trade_net, demand)
    untaxed = jnp.einsum("sni,is->ns", weights.trade_net, supply) * demand
    return sales, (spending - untaxed).sum(axis=1)


def trade_share(weights: Weights, supply: RegionSector):
    """π_ni,s after the shock, [sector buyer seller]; sums to 1 over sellers where anything is bought."""
    flow = weights.trade * supply.T[:, None, :]
    total = flow.sum(axis=2, keepdims=True)
    return flow / jnp.where(total > 0, total, 1.0)


def final_price(economy: Economy, log_price: RegionSector) -> PerRegion:
    """log P̂_n = Σ_s β_ns log P̂_ns: the price of the goods that households buy."""
    return (economy.final_share * log_price).sum(axis=1)
