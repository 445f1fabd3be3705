"""The square arrays of one counterfactual: baseline shares times the hats that do not depend on the unknowns."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from coregion.model.arrays import (
    GroupAnyOriginRegion,
    GroupHomeWork,
    GroupOriginRegion,
    GroupRegion,
    SectorBuyerSeller,
    ServiceOriginRegion,
)
from coregion.model.economy import Economy, Shock


class Weights(eqx.Module):
    """What a solution computes once, so that an iteration multiplies matrices by vectors and takes no bilateral power.

    commuting: λ κ̂^−ε. residence: m (B̂ ê^φ/μ̂)^η. trade: π τ̂^−θ, tariffs included; trade_net: the same over 1 + tariff.
    earnings: wages per resident at the baseline. income: income per head at the baseline [yuan a year].
    entitlement: e_on of each service; right: ê^φ, what its change adds to the value of living in n.
    """

    commuting: GroupHomeWork
    residence: GroupOriginRegion
    trade: SectorBuyerSeller
    trade_net: SectorBuyerSeller
    earnings: GroupRegion
    income: GroupAnyOriginRegion
    entitlement: ServiceOriginRegion
    right: GroupAnyOriginRegion


def weights(economy: Economy, shock: Shock) -> Weights:
    """Fold the shock's bilateral hats into the baseline shares, once a solution."""
    e = economy.elasticities
    gross = shock.tariffs.gross()
    cost_hat = shock.trade_cost * (gross / economy.tariffs.gross())
    trade = economy.trade_share * power(cost_hat, -e.trade[:, None, None])
    earnings = baseline_earnings(economy)
    right = economy.services.right_hat(shock.service_exclusion)
    return Weights(
        commuting=economy.workplace_share * power(shock.commuting_cost, -e.commuting),
        residence=economy.residence_share * power(shock.amenity * right / shock.migration_cost, e.migration),
        trade=trade,
        trade_net=trade / gross,
        earnings=earnings,
        income=baseline_income(economy, earnings),
        entitlement=economy.services.entitlement(shock.service_exclusion),
        right=right,
    )


def power(factor, exponent):
    """factor^exponent of a square array of factors ≥ 0: once compiled, several times as fast by the logarithm."""
    return jnp.exp(exponent * jnp.log(factor))


def baseline_earnings(economy: Economy) -> GroupRegion:
    """Wages per resident at the baseline [yuan a year]: e_ng h_g Σ_i λ_i|n,g w_i."""
    mean_wage = jnp.einsum("gni,i->gn", economy.workplace_share, economy.wage)
    return economy.employment_rate * economy.efficiency[:, None] * mean_wage


def baseline_income(economy: Economy, earnings: GroupRegion) -> GroupAnyOriginRegion:
    """I_gon of the baseline [yuan a year a head]: what is neither wage nor pension is equal per head."""
    residents = economy.residents
    pension = economy.pensions.per_head(jnp.ones_like(economy.wage))
    wages = (earnings * residents).sum(axis=0)
    contribution = economy.pensions.contribution_rate(economy.registered * pension[..., 0], wages)
    received = (economy.registered[:, :, None] * economy.residence_share * pension).sum(axis=(0, 1))
    landlords = economy.rents.to_landlords(economy.floor_space_rent)
    other = (economy.expenditure - landlords - (1 - contribution) * wages - received) / residents.sum(axis=0)
    return ((1 - contribution) * earnings)[:, None, :] + pension + other[None, None, :]
