"""The model on one page: what is unknown, what follows from it, and which markets must clear."""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax
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


class Labour(eqx.Module):
    """Who works where and what for; follows from wages and residents."""

    wage_hat: PerRegion
    numeraire: Scalar
    residents: GroupRegion
    registered: GroupOrigin
    workers: PerRegion
    earnings: GroupRegion
    pension: GroupAnyOriginRegion
    contribution_rate: PerRegion
    net_wages: GroupRegion
    labour_supply: PerRegion
    public_wages: PerRegion
    public_levy: PerRegion


class Costs(eqx.Module):
    """What a unit costs and at what price it is bought."""

    log_unit_cost: RegionSector
    supply: RegionSector
    competition: RegionSector
    log_price_competitive: RegionSector


class Land(eqx.Module):
    """Floor space: rents [yuan a year], and what is spent on it."""

    floor_space_price_hat: PerRegion
    floor_space_hat: PerRegion
    floor_space_supply: PerRegion
    floor_space_demand: PerRegion


class Goods(eqx.Module):
    """What is sold where, and what the border takes [yuan a year]."""

    sales_demand: RegionSector
    tariff_revenue: PerRegion


class Factors(eqx.Module):
    """What producers spend on labour and capital [yuan a year]."""

    labour_demand: PerRegion
    capital_demand: PerPool


class Incomes(eqx.Module):
    """Income per head [yuan a year]; paid: what is earned in a place besides pensions."""

    other_income: PerRegion
    income: GroupAnyOriginRegion
    paid: PerRegion


class People(eqx.Module):
    """Where people want to live, what it is worth to them, and the pensions they bring along."""

    place_value_hat: GroupAnyOriginRegion
    attraction: GroupOriginRegion
    welfare_hat: GroupOrigin
    residents_chosen: GroupRegion
    pensions_received: PerRegion
    service_users: ServiceRegion
    service_amenity: GroupRegion
    final_price_hat: PerRegion


def labour(x: Unknowns, economy: Economy, shock: Shock, weights: Weights) -> Labour:
    """Commuters, their wages, the contributions for pensions and the levies for public jobs."""
    wage_hat = jnp.exp(x.wage)
    residents = economy.residents * jnp.exp(x.residents)
    registered = economy.registered * shock.registered
    workers, earnings = households.workers_and_income(economy, weights, wage_hat, residents)
    pension = economy.pensions.per_head(wage_hat)
    contribution = economy.pensions.contribution_rate(registered * pension[..., 0], (earnings * residents).sum(axis=0))
    labour_index = households.labour_income_index(economy, weights, wage_hat)
    public_wages, levy = government.public_wages(economy, shock, economy.wage * wage_hat)
    return Labour(
        wage_hat=wage_hat,
        numeraire=government.mean_wage_hat(economy, wage_hat),
        residents=residents,
        registered=registered,
        workers=workers,
        earnings=earnings,
        pension=pension,
        contribution_rate=contribution,
        net_wages=(1 - contribution) * weights.earnings * labour_index,
        labour_supply=economy.wage * wage_hat * workers,
        public_wages=public_wages,
        public_levy=levy,
    )


def costs(x: Unknowns, economy: Economy, shock: Shock, weights: Weights, work: Labour) -> Costs:
    """Unit costs at the prices of inputs, and the price indices that they lead to."""
    theta = economy.elasticities.trade
    unit_cost = production.log_unit_cost(economy, shock, x, work.workers)
    variety = shock.variety * economy.entry.variety_hat(jnp.exp(x.sales - x.wage[:, None]), theta)
    supply = variety * jnp.exp(-theta * unit_cost)
    log_price, competition = trade.price_index(economy, weights, supply)
    return Costs(unit_cost, supply, competition, log_price)


def land(x: Unknowns, economy: Economy, shock: Shock) -> Land:
    """Rents at the price of floor space, and the spending of households and producers that wants it."""
    e, rent_hat = economy.elasticities, jnp.exp(x.floor_space_price)
    floor_space_hat = floor_space.quantity_hat(economy, shock, rent_hat)
    housing = e.household_share * (1 - e.goods_share) * expenditure(x, economy)
    return Land(
        floor_space_price_hat=rent_hat,
        floor_space_hat=floor_space_hat,
        floor_space_supply=economy.floor_space_rent * rent_hat * floor_space_hat,
        floor_space_demand=housing + (economy.floor_space_share * cost(x, economy)).sum(axis=1),
    )


def goods(x: Unknowns, economy: Economy, shock: Shock, weights: Weights, at: Costs, ground: Land, level) -> Goods:
    """Final spending, inputs and public purchases, by who sells them. level: of the numeraire."""
    e = economy.elasticities
    final = (1 - e.household_share * (1 - e.goods_share)) * expenditure(x, economy)
    final = final + economy.rents.to_goods(ground.floor_space_supply)
    inputs = jnp.einsum("nks,ns->nk", economy.input_share, cost(x, economy))
    spending = economy.final_share * final[:, None] + inputs + shock.purchases * level
    return Goods(*trade.sales_and_tariffs(weights, at.supply, at.competition, spending))


def factors(x: Unknowns, economy: Economy, work: Labour) -> Factors:
    """Labour and capital that the sales pay for, and public jobs."""
    spent = cost(x, economy)
    return Factors(
        labour_demand=(economy.labour_share * spent).sum(axis=1) + work.public_wages,
        capital_demand=government.capital_demand(economy, spent),
    )


def incomes(x: Unknowns, economy: Economy, shock: Shock, work: Labour, rents: PerRegion, tariffs: PerRegion) -> Incomes:
    """Wages, rents, capital, profits, tariffs and transfers, to those who live in a place and to its landlords."""
    persons = work.residents.sum(axis=0)
    other = (
        economy.rents.to_households(rents, work.residents)
        + government.capital_income(economy, jnp.exp(x.capital_price))
        + (economy.profit_share * sales(x, economy)).sum(axis=1)
        + tariffs
        + government.transfers(economy, shock, work.numeraire)
        - work.public_levy
    ) / persons
    wages = ((1 - work.contribution_rate) * work.earnings * work.residents).sum(axis=0)
    return Incomes(
        other_income=other,
        income=households.income_per_head(work.net_wages, work.pension, other),
        paid=wages + other * persons + economy.rents.to_landlords(rents),
    )


def people(x: Unknowns, economy: Economy, shock: Shock, weights: Weights, work: Labour, income) -> People:
    """The value of living in each place, and how many of those registered anywhere choose it."""
    amenity = (
        economy.amenity.amenity_hat(work.residents.sum(axis=0))
        * economy.environment.amenity_hat(jnp.exp(x.sales), jnp.exp(x.residents), shock.emission_factor)
        * economy.services.amenity_hat(x.service_amenity)
    )
    final_price = trade.final_price(economy, x.price_index)
    value = households.log_place_value(
        jnp.where(weights.income > 0, income / positive(weights.income), 1.0),
        amenity,
        final_price,
        x.floor_space_price,
        economy.elasticities.goods_share,
    )
    attraction = households.attraction(economy, weights, value, x.entry_penalty)
    moving = work.registered / households.total_attraction(attraction)
    users = economy.services.users_of(attraction * moving[:, :, None], weights.entitlement)
    return People(
        place_value_hat=jnp.exp(value),
        attraction=attraction,
        welfare_hat=households.welfare_hat(economy, attraction),
        residents_chosen=jnp.einsum("gon,go->gn", attraction, moving),
        pensions_received=jnp.einsum("gon,go->n", attraction, moving * work.pension[..., 0]),
        service_users=users,
        service_amenity=economy.services.log_amenity(users, shock.service_capacity, shock.service_quality),
        final_price_hat=jnp.exp(final_price),
    )


def outcome(x: Unknowns, economy: Economy, shock: Shock, weights: Weights) -> Outcome:
    """Follow the money once around: prices → incomes → where people live → spending → sales → demand for factors."""
    work = labour(x, economy, shock, weights)
    at = costs(x, economy, shock, weights, work)
    ground = land(x, economy, shock)
    sold = goods(x, economy, shock, weights, at, ground, work.numeraire)
    money = incomes(x, economy, shock, work, ground.floor_space_supply, sold.tariff_revenue)
    lives = people(x, economy, shock, weights, work, money.income)
    found = {
        "expenditure": expenditure(x, economy),
        "expenditure_earned": money.paid + lives.pensions_received,
        "sales": sales(x, economy),
        "capital_supply": economy.capital_income * jnp.exp(x.capital_price),
    }
    for part in (work, at, ground, sold, factors(x, economy, work), money, lives):
        found |= vars(part)
    return Outcome(**{field: found[field] for field in Outcome.__dataclass_fields__})


def excess(x: Unknowns, economy: Economy, shock: Shock, weights: Weights) -> Unknowns:
    """The residual, with the square arrays of the shock already folded in (``weights``)."""
    o = outcome(x, economy, shock, weights)
    labour_gap = log_ratio(o.labour_demand, o.labour_supply)
    return Unknowns(
        wage=economy.goods.wage_gap(labour_gap, o.log_unit_cost, o.numeraire),
        residents=log_ratio(o.residents_chosen, o.residents),
        floor_space_price=rent_gap(x, economy, shock, o.floor_space_demand),
        price_index=economy.goods.price_gap(o.log_price_competitive, x.price_index),
        sales=economy.goods.sales_gap(log_ratio(o.sales_demand, o.sales), labour_gap),
        expenditure=log_ratio(o.expenditure_earned, o.expenditure),
        capital_price=log_ratio(o.capital_demand, o.capital_supply),
        entry_penalty=jnp.maximum(
            -x.entry_penalty, crowding(o.residents_chosen, shock) / economy.elasticities.migration
        ),
        service_amenity=o.service_amenity - x.service_amenity,
    )


def round_of_markets(x: Unknowns, economy: Economy, shock: Shock, weights: Weights) -> Unknowns:
    """How far each unknown moves when the markets clear one after the other, later ones at what the earlier left.

    prices → expenditure → rents → where people live → sales → wages and the price of capital. Zero just where
    ``excess`` is: the same gaps in an order, so that an iteration knows at once what it would find out round by round.
    Where nobody lives on a pension expenditure needs no movers and goes before rents, else after them.
    """
    work, start = labour(x, economy, shock, weights), x
    at = costs(x, economy, shock, weights, work)
    x = moved(x, "price_index", economy.goods.price_gap(at.log_price_competitive, x.price_index))
    ground = land(x, economy, shock)
    tariffs = goods(x, economy, shock, weights, at, ground, work.numeraire).tariff_revenue
    if not economy.pensions.paid:
        money = incomes(x, economy, shock, work, ground.floor_space_supply, tariffs)
        x = moved(x, "expenditure", log_ratio(money.paid, expenditure(x, economy)))
    x = moved(x, "floor_space_price", rent_gap(x, economy, shock, land(x, economy, shock).floor_space_demand))
    ground = land(x, economy, shock)
    money = incomes(x, economy, shock, work, ground.floor_space_supply, tariffs)
    lives = people(x, economy, shock, weights, work, money.income)
    x = moved(x, "expenditure", log_ratio(money.paid + lives.pensions_received, expenditure(x, economy)))
    sold = goods(x, economy, shock, weights, at, ground, work.numeraire)
    labour_gap = log_ratio(factors(x, economy, work).labour_demand, work.labour_supply)
    x = moved(x, "sales", economy.goods.sales_gap(log_ratio(sold.sales_demand, sales(x, economy)), labour_gap))
    hired = factors(x, economy, work)
    labour_gap = log_ratio(hired.labour_demand, work.labour_supply)
    x = moved(x, "wage", economy.goods.wage_gap(labour_gap, at.log_unit_cost, work.numeraire))
    capital = economy.capital_income * jnp.exp(x.capital_price)
    x = moved(x, "capital_price", log_ratio(hired.capital_demand, capital))
    x = moved(x, "residents", log_ratio(lives.residents_chosen, work.residents))
    crowded = crowding(lives.residents_chosen, shock) / economy.elasticities.migration
    x = moved(x, "entry_penalty", jnp.maximum(-x.entry_penalty, crowded))
    x = moved(x, "service_amenity", lives.service_amenity - x.service_amenity)
    return jax.tree.map(jnp.subtract, x, start)


def moved(x: Unknowns, field: str, by) -> Unknowns:
    """The unknowns with one of them moved."""
    return replace(x, **{field: getattr(x, field) + by})


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


def rent_gap(x: Unknowns, economy: Economy, shock: Shock, demand: PerRegion) -> PerRegion:
    """log of the rent at which floor space worth ``demand`` is supplied, over the rent; 0 where there was none."""
    rents = economy.floor_space_rent
    spending_hat = jnp.where(rents > 0, demand, 1.0) / positive(rents)
    clearing = jnp.log(floor_space.clearing_rent_hat(economy, shock, spending_hat))
    return clearing * (rents > 0) - x.floor_space_price


def expenditure(x: Unknowns, economy: Economy) -> PerRegion:
    """E_n [yuan a year]."""
    return economy.expenditure * jnp.exp(x.expenditure)


def sales(x: Unknowns, economy: Economy) -> RegionSector:
    """Y_ns [yuan a year]."""
    return economy.sales * jnp.exp(x.sales)


def cost(x: Unknowns, economy: Economy) -> RegionSector:
    """Sales net of profits [yuan a year]."""
    return (1 - economy.profit_share) * sales(x, economy)


def crowding(residents_chosen: GroupRegion, shock: Shock) -> PerRegion:
    """log(residents who choose the place / cap on them), and −1 where there is no cap."""
    capped = jnp.isfinite(shock.resident_cap)
    return jnp.where(capped, jnp.log(residents_chosen.sum(axis=0) / jnp.where(capped, shock.resident_cap, 1.0)), -1.0)


def positive(value):
    """The value, or 1 where there is none, so that a market that does not exist divides by something."""
    return jnp.where(value > 0, value, 1.0)


def log_ratio(demand, supply):
    """log(demand/supply), and 0 where the market does not exist (neither is positive)."""
    exists = supply > 0
    return jnp.log(jnp.where(exists, demand, 1.0) / jnp.where(exists, supply, 1.0))
