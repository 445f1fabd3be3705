"""Every registered outcome of an equilibrium as an array of levels, beside the same of the baseline."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Float

from coregion.calibrate.baseline import Baseline
from coregion.model import floor_space, households
from coregion.model.economy import Economy, Shock
from coregion.model.equilibrium import Outcome, outcome
from coregion.model.unknowns import Unknowns
from coregion.model.weights import Weights, baseline_earnings
from coregion.model.weights import baseline_income as per_head
from coregion.model.weights import weights as fold
from coregion.variables import REGISTER

Levels = dict[str, Float[Array, "..."]]


@dataclass(frozen=True)
class State:
    """An equilibrium with what is needed to read levels off it."""

    unknowns: Unknowns
    economy: Economy
    shock: Shock
    weights: Weights
    outcome: Outcome


@dataclass(frozen=True)
class _Counted:
    """Who lives, works and moves where, what jobs make and what people get, before it has names."""

    employed: Float[Array, "group home"]
    commuters: Float[Array, "home work"]
    own: Float[Array, " region"]
    wage: Float[Array, " work"]
    public_jobs: Float[Array, " work"]
    private_jobs: Float[Array, "work sector"]
    value_added: Float[Array, "work sector"]
    registered: Float[Array, "group origin"]
    movers: Float[Array, "group origin home"]
    mean_income: Float[Array, "group home"]
    net_wages: Float[Array, "group home"]


def state(unknowns: Unknowns, economy: Economy, shock: Shock) -> State:
    """Follow the model once at the given unknowns."""
    folded = fold(economy, shock)
    return State(unknowns, economy, shock, folded, outcome(unknowns, economy, shock, folded))


def levels(at: State, minutes: Float[Array, "home work"]) -> Levels:
    """Arrays by variable of the register: [region], [group, region], [region, sector]; flows [from, to].

    minutes: of commuting, after the shock. Welfare and gains compare with the baseline, so they are 1 and 0 there.
    """
    o, economy, shock = at.outcome, at.economy, at.shock
    counted = _counted(at)
    commuters, own = counted.commuters, counted.own
    return {
        **_people_and_income(at, counted),
        "floor_space_price": o.floor_space_price_hat,
        "floor_space": o.floor_space_hat,
        "price_index": o.final_price_hat,
        "place_value": _place_value(at, counted.movers),
        "welfare": o.welfare_hat,
        "real_wage": _real_wage(at, commuters, counted.movers),
        **_gains(at),
        "value_added": counted.value_added,
        "sales": o.sales,
        "productivity": shock.productivity * economy.agglomeration.productivity_hat(o.workers),
        "commuters_in": commuters.sum(axis=0) - own,
        "commuters_out": commuters.sum(axis=1) - own,
        "jobs_per_employed_resident": o.workers / counted.employed.sum(axis=0),
        "expenditure": o.expenditure,
        "rents": o.floor_space_supply,
        "capital_income": economy.pool_share * o.capital_supply[economy.pool],
        "transfers": (economy.transfers + shock.transfers) * o.numeraire,
        "travel_minutes": (commuters * minutes).sum(axis=1) / commuters.sum(axis=1),
        "cap_shadow_price": 100 * (jnp.exp(at.unknowns.entry_penalty) - 1),
        "floor_space_cap_price": 100 * floor_space.cap_shadow_price(economy, shock, o.floor_space_price_hat),
        "commuting": commuters,
        "migration": counted.movers.sum(axis=0),
        **_services(at),
        **economy.environment.told(jnp.exp(at.unknowns.sales), jnp.exp(at.unknowns.residents), shock.emission_factor),
    }


def _counted(at: State) -> _Counted:
    o, economy, shock = at.outcome, at.economy, at.shock
    employed = economy.employment_rate * o.residents
    share = households.workplace_share(economy, at.weights, o.wage_hat)
    commuters = jnp.einsum("gn,gni->ni", employed, share)
    own = jnp.diagonal(commuters)
    wage = economy.wage * o.wage_hat
    public = (economy.public_jobs + shock.public_jobs).sum(axis=0)
    cost = (1 - economy.profit_share) * o.sales
    private = economy.labour_share * cost / wage[:, None]
    added = (economy.labour_share + economy.floor_space_share + economy.capital_share) * cost
    registered = economy.registered * shock.registered
    movers = o.attraction * (registered / o.attraction.sum(axis=2))[:, :, None]
    mean_income = (movers * o.income).sum(axis=1) / movers.sum(axis=1)
    net_wages = at.weights.earnings * households.labour_income_index(economy, at.weights, o.wage_hat)
    return _Counted(employed, commuters, own, wage, public, private, added, registered, movers, mean_income, net_wages)


def _people_and_income(at: State, counted: _Counted) -> Levels:
    o = at.outcome
    return {
        "registered": counted.registered,
        "residents": o.residents,
        "jobs": o.workers,
        "employed_residents": counted.employed.sum(axis=0),
        "private_jobs": counted.private_jobs,
        "public_jobs": counted.public_jobs,
        "wage": counted.wage,
        "labour_income": (o.earnings * o.residents).sum(axis=0),
        "labour_income_per_head": counted.net_wages,
        "non_labour_income": counted.mean_income - counted.net_wages,
        "income_per_head": counted.mean_income,
    }


def _services(at: State) -> Levels:
    """Access by service, and of those in which a user takes a place, places, users, occupancy and staff."""
    services, shock = at.economy.services, at.shock
    given = services.provided(at.outcome.service_users, shock.service_capacity, shock.service_quality)
    found = {f"access_{name}": given.access[row] for row, name in enumerate(services.names)}
    for row, name in enumerate(services.names):
        if f"occupancy_{name}" in REGISTER:
            found[f"capacity_{name}"] = given.places[row]
            found[f"users_{name}"] = given.occupied[row]
            found[f"occupancy_{name}"] = given.occupancy[row]
            found[f"jobs_{name}"] = given.staff[row]
    return found


def _place_value(at: State, movers):
    """Mean over those who live there of B̂ ê^φ V̂, by group and region."""
    value = at.outcome.place_value_hat * at.shock.amenity * at.weights.right
    return (movers * value).sum(axis=1) / movers.sum(axis=1)


def _real_wage(at: State, commuters, movers):
    """v̂_ni = V̂_n (ŵ_i/κ̂_ni)/Ŵ_n averaged over the homes of the baseline's commuters (model.md, Households)."""
    economy, o = at.economy, at.outcome
    before = jnp.einsum("gn,gni->ni", economy.employment_rate * economy.residents, economy.workplace_share)
    index = households.labour_income_index(economy, at.weights, o.wage_hat)
    works = (economy.employment_rate > 0).any(axis=1)
    group = jnp.argmax(works)
    value = _place_value(at, movers)[group]
    relative = value[:, None] * o.wage_hat[None, :] / at.shock.commuting_cost / index[group][:, None]
    return (before * relative).sum(axis=0) / before.sum(axis=0)


def _gains(at: State) -> Levels:
    """Equivalent variation: (welfare − 1) N_og m_on,g I_gon [yuan a year], by who has it."""
    economy = at.economy
    welfare = at.outcome.welfare_hat
    gain = (welfare - 1)[:, :, None] * economy.registered[:, :, None] * economy.residence_share * at.weights.income
    return _by_whom(gain, economy)


def _by_whom(amount: Float[Array, "group origin home"], economy: Economy) -> Levels:
    """Of those registered, living and working in a region, at the baseline; who works does so where the home's do."""
    living = amount.sum(axis=1)
    return {
        "equivalent_variation_registered": amount.sum(axis=2),
        "equivalent_variation_living": living,
        "equivalent_variation_working": jnp.einsum(
            "gn,gni->i", jnp.where(economy.employment_rate > 0, living, 0.0), economy.workplace_share
        ),
    }


def baseline_income(baseline: Baseline) -> dict[str, Float[Array, "*dimensions"]]:
    """Income of the baseline [yuan a year] of those whose gains are told: registered, living and working."""
    economy = baseline.economy
    income = economy.registered[:, :, None] * economy.residence_share * per_head(economy, baseline_earnings(economy))
    return _by_whom(income, economy)
