"""Where people live and work, what they earn, and what living somewhere is worth."""

from __future__ import annotations

import jax.numpy as jnp

from coregion.model.arrays import (
    GroupAnyOriginRegion,
    GroupHomeWork,
    GroupOrigin,
    GroupOriginRegion,
    GroupRegion,
    PerRegion,
    Scalar,
)
from coregion.model.economy import Economy
from coregion.model.weights import Weights


def labour_income_index(economy: Economy, weights: Weights, wage_hat: PerRegion) -> GroupRegion:
    """Ŵ_ng = [Σ_i λ_i|n,g (ŵ_i/κ̂_ni)^ε]^(1/ε): labour income net of commuting (Monte et al. 2018, eq. 9)."""
    epsilon = economy.elasticities.commuting
    return jnp.einsum("gni,i->gn", weights.commuting, wage_hat**epsilon) ** (1 / epsilon)


def workplace_share(economy: Economy, weights: Weights, wage_hat: PerRegion) -> GroupHomeWork:
    """λ_i|n,g after the shock (Monte et al. 2018, eq. 11); rows sum to 1."""
    attraction = weights.commuting * wage_hat**economy.elasticities.commuting
    return attraction / attraction.sum(axis=2, keepdims=True)


def workers_and_income(
    economy: Economy, weights: Weights, wage_hat: PerRegion, residents: GroupRegion
) -> tuple[PerRegion, GroupRegion]:
    """Efficiency units L_i at each workplace, and wages earned per resident y_ng/R_ng [yuan a year].

    Both sums run over λ without forming it: λ_i|n = K_ni ŵ_i^ε / Σ_l K_nl ŵ_l^ε.
    """
    epsilon = economy.elasticities.commuting
    pull = wage_hat**epsilon
    total = jnp.einsum("gni,i->gn", weights.commuting, pull)
    rate = economy.employment_rate * economy.efficiency[:, None]
    workers = pull * jnp.einsum("gni,gn->i", weights.commuting, rate * residents / total)
    earned = jnp.einsum("gni,i->gn", weights.commuting, pull * wage_hat * economy.wage)
    return workers, rate * earned / total


def income_per_head(
    net_labour_income: GroupRegion, pension: GroupAnyOriginRegion, other_income: PerRegion
) -> GroupAnyOriginRegion:
    """I_gon = W_ng + pension_og + z_n [yuan a year]: additive, so that a gift helps whoever receives it."""
    return net_labour_income[:, None, :] + pension + other_income[None, None, :]


def log_place_value(
    income_hat: GroupAnyOriginRegion,
    amenity_hat: GroupAnyOriginRegion,
    log_price: PerRegion,
    log_rent: PerRegion,
    goods_share: Scalar,
) -> GroupAnyOriginRegion:
    """log V̂_gon, V̂ = B̂_gon Î_gon / (P̂_n^α Q̂_n^(1−α)), B̂ = density · environment · access; others in the weights."""
    return jnp.log(income_hat) + (jnp.log(amenity_hat) - (goods_share * log_price + (1 - goods_share) * log_rent))


def attraction(
    economy: Economy, weights: Weights, log_value: GroupAnyOriginRegion, entry_penalty: PerRegion
) -> GroupOriginRegion:
    """m_on,g (B̂ V̂ / (μ̂ exp s_n))^η; those registered in n stay free of the penalty s_n of a cap on residents.

    Over its sum it is the share of those registered in o who live in n (Tombe & Zhu 2019, eq. 5).
    """
    origins, regions = economy.registered.shape[1], entry_penalty.shape[0]
    enters = 1 - jnp.eye(regions) if origins == regions else jnp.ones((origins, regions))
    return weights.residence * jnp.exp(economy.elasticities.migration * (log_value - entry_penalty[None, :] * enters))


def welfare_hat(economy: Economy, attraction: GroupOriginRegion) -> GroupOrigin:
    """Û_og = [Σ_n m_on,g (B̂V̂/μ̂)^η]^(1/η): welfare of those registered in o, by group."""
    return total_attraction(attraction) ** (1 / economy.elasticities.migration)


def total_attraction(attraction: GroupOriginRegion) -> GroupOrigin:
    """Σ_n of it, as a product with ones: several times faster, once compiled, than a sum along the last axis."""
    return attraction @ jnp.ones(attraction.shape[2], attraction.dtype)
