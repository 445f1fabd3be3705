"""The model on one page: what is unknown, what follows from it, and which markets must clear."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from coregion.model import floor_space, government, households, production, trade
from coregion.model.arrays import (
    GroupAnyOriginRegion,
    GroupOrigin,
    GroupOriginRegion,
    GroupRegion,
    PerPool,
    PerRegion,
    RegionSector,
    Scalar,
    ServiceRegion,
)
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns
from coregion.model.weights import Weights, weights


class Outcome(eqx.Module):
    """Everything that follows from the unknowns; what is demanded or chosen stands beside what the unknowns say.

    Levels in persons and yuan a year (``*_demand``, ``*_supply`` are values); hats have no unit.
    """

    wage_hat: PerRegion
    residents: GroupRegion
    residents_chosen: GroupRegion
    workers: PerRegion
    earnings: GroupRegion
    contribution_rate: PerRegion
    other_income: PerRegion
    income: GroupAnyOriginRegion
    place_value_hat: GroupAnyOriginRegion
    attraction: GroupOriginRegion
    welfare_hat: GroupOrigin
    expenditure: PerRegion
    expenditure_earned: PerRegion
    floor_space_price_hat: PerRegion
    floor_space_hat: PerRegion
    floor_space_supply: PerRegion
    floor_space_demand: PerRegion
    final_price_hat: PerRegion
    log_unit_cost: RegionSector
    log_price_competitive: RegionSector
    supply: RegionSector
    sales: RegionSector
    sales_demand: RegionSector
    labour_supply: PerRegion
    labour_demand: PerRegion
    public_wages: PerRegion
    public_levy: PerRegion
    capital_supply: PerPool
    capital_demand: PerPool
    tariff_revenue: PerRegion
    service_users: ServiceRegion
    service_amenity: GroupRegion
    numeraire: Scalar


def outcome(x: Unknowns, economy: Economy, shock: Shock, weights: Weights) -> Outcome:
    """Follow the money once around: prices → incomes → where people live → spending → sales → demand for factors."""
    e = economy.elasticities
    wage_hat, rent_hat = jnp.exp(x.wage), jnp.exp(x.floor_space_price)
    residents = economy.residents * jnp.exp(x.residents)
    expenditure = economy.expenditure * jnp.exp(x.expenditure)
    sales = economy.sales * jnp.exp(x.sales)
    cost = (1 - economy.profit_share) * sales
    numeraire = government.mean_wage_hat(economy, wage_hat)

    workers, earnings = households.workers_and_income(economy, weights, wage_hat, residents)
    floor_space_hat = floor_space.quantity_hat(economy, shock, rent_hat)
    rents = economy.floor_space_rent * rent_hat * floor_space_hat
    public_wages, levy = government.public_wages(economy, shock, economy.wage * wage_hat)

    unit_cost = production.log_unit_cost(economy, shock, x, workers)
    variety = shock.variety * economy.entry.variety_hat(jnp.exp(x.sales - x.wage[:, None]), e.trade)
    supply = variety * jnp.exp(-e.trade * unit_cost)
    log_price, competition = trade.price_index(economy, weights, supply)
    goods_spending = (1 - e.household_share * (1 - e.goods_share)) * expenditure + economy.rents.to_goods(rents)
    inputs = jnp.einsum("nks,ns->nk", economy.input_share, cost)
    spending = economy.final_share * goods_spending[:, None] + inputs + shock.purchases * numeraire
    sales_demand, tariff_revenue = trade.sales_and_tariffs(weights, supply, competition, spending)

    other_income = (
        economy.rents.to_households(rents, residents)
        + government.capital_income(economy, jnp.exp(x.capital_price))
        + (economy.profit_share * sales).sum(axis=1)
        + tariff_revenue
        + government.transfers(economy, shock, numeraire)
        - levy
    ) / residents.sum(axis=0)
    pension = economy.pensions.per_head(wage_hat)
    registered = economy.registered * shock.registered
    contribution = economy.pensions.contribution_rate(registered * pension[..., 0], (earnings * residents).sum(axis=0))
    labour_index = households.labour_income_index(economy, weights, wage_hat)
    income = households.income_per_head((1 - contribution) * weights.earnings * labour_index, pension, other_income)
    amenity = (
        economy.amenity.amenity_hat(residents.sum(axis=0))
        * economy.environment.amenity_hat(jnp.exp(x.sales), jnp.exp(x.residents), shock.emission_factor)
        * economy.services.amenity_hat(x.service_amenity)
    )
    final_price = trade.final_price(economy, x.price_index)
    value_hat = households.place_value_hat(
        jnp.where(weights.income > 0, income / jnp.where(weights.income > 0, weights.income, 1.0), 1.0),
        amenity,
        final_price,
        x.floor_space_price,
        e.goods_share,
    )
    attraction = households.attraction(economy, weights, value_hat, x.entry_penalty)
    movers = attraction * (registered / attraction.sum(axis=2))[:, :, None]
    service_users = economy.services.users_of(movers, weights.entitlement)
    earned = (
        ((1 - contribution) * earnings * residents).sum(axis=0)
        + (movers * pension).sum(axis=(0, 1))
        + other_income * residents.sum(axis=0)
        + economy.rents.to_landlords(rents)
    )
    return Outcome(
        wage_hat=wage_hat,
        residents=residents,
        residents_chosen=movers.sum(axis=1),
        workers=workers,
        earnings=earnings,
        contribution_rate=contribution,
        other_income=other_income,
        income=income,
        place_value_hat=value_hat,
        attraction=attraction,
        welfare_hat=households.welfare_hat(economy, attraction),
        expenditure=expenditure,
        expenditure_earned=earned,
        floor_space_price_hat=rent_hat,
        floor_space_hat=floor_space_hat,
        floor_space_supply=rents,
        floor_space_demand=e.household_share * (1 - e.goods_share) * expenditure
        + (economy.floor_space_share * cost).sum(axis=1),
        final_price_hat=jnp.exp(final_price),
        log_unit_cost=unit_cost,
        log_price_competitive=log_price,
        supply=supply,
        sales=sales,
        sales_demand=sales_demand,
        labour_supply=economy.wage * wage_hat * workers,
        labour_demand=(economy.labour_share * cost).sum(axis=1) + public_wages,
        public_wages=public_wages,
        public_levy=levy,
        capital_supply=economy.capital_income * jnp.exp(x.capital_price),
        capital_demand=government.capital_demand(economy, cost),
        tariff_revenue=tariff_revenue,
        service_users=service_users,
        service_amenity=economy.services.log_amenity(service_users, shock.service_capacity, shock.service_quality),
        numeraire=numeraire,
    )


def excess(x: Unknowns, economy: Economy, shock: Shock, weights: Weights) -> Unknowns:
    """The residual, with the square arrays of the shock already folded in (``weights``)."""
    o = outcome(x, economy, shock, weights)
    baseline_floor_space = economy.floor_space_rent
    labour_gap = log_ratio(o.labour_demand, o.labour_supply)
    return Unknowns(
        wage=economy.goods.wage_gap(labour_gap, o.log_unit_cost, o.numeraire),
        residents=log_ratio(o.residents_chosen, o.residents),
        floor_space_price=jnp.log(
            floor_space.clearing_rent_hat(
                economy,
                shock,
                jnp.where(baseline_floor_space > 0, o.floor_space_demand, 1.0) / positive(baseline_floor_space),
            )
        )
        * (baseline_floor_space > 0)
        - x.floor_space_price,
        price_index=economy.goods.price_gap(o.log_price_competitive, x.price_index),
        sales=economy.goods.sales_gap(log_ratio(o.sales_demand, o.sales), labour_gap),
        expenditure=log_ratio(o.expenditure_earned, o.expenditure),
        capital_price=log_ratio(o.capital_demand, o.capital_supply),
        entry_penalty=jnp.maximum(-x.entry_penalty, crowding(o, shock) / economy.elasticities.migration),
        service_amenity=o.service_amenity - x.service_amenity,
    )


def residual(x: Unknowns, economy: Economy, shock: Shock) -> Unknowns:
    """How far each market is from clearing, as a logarithm of demand over supply; zero at the equilibrium.

    labour by place of work (closed by the mean wage as numeraire: by Walras' law one market is redundant) · residents ·
    floor space · price indices · goods · expenditure · capital by pool · 0 ≤ s_n ⊥ cap_n − R_n ≥ 0 ·
    access to services.
    """
    return excess(x, economy, shock, weights(economy, shock))


def walras(o: Outcome) -> Scalar:
    """Sum of all excess demands in value over world labour income: zero at any unknowns, solved or not."""
    total = (
        (o.labour_demand - o.labour_supply).sum()
        + (o.floor_space_demand - o.floor_space_supply).sum()
        + (o.capital_demand - o.capital_supply).sum()
        + (o.sales_demand - o.sales).sum()
        + (o.expenditure_earned - o.expenditure).sum()
    )
    return total / o.labour_supply.sum()


def crowding(o: Outcome, shock: Shock) -> PerRegion:
    """log(residents who choose the place / cap on them), and −1 where there is no cap."""
    capped = jnp.isfinite(shock.resident_cap)
    return jnp.where(capped, jnp.log(o.residents_chosen.sum(axis=0) / jnp.where(capped, shock.resident_cap, 1.0)), -1.0)


def positive(value):
    """The value, or 1 where there is none, so that a market that does not exist divides by something."""
    return jnp.where(value > 0, value, 1.0)


def log_ratio(demand, supply):
    """log(demand/supply), and 0 where the market does not exist (neither is positive)."""
    exists = supply > 0
    return jnp.log(jnp.where(exists, demand, 1.0) / jnp.where(exists, supply, 1.0))
