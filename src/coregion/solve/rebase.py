"""An equilibrium becomes the next baseline: its shares and totals, at which a shock of nothing changes nothing."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from coregion.model import households, trade
from coregion.model.economy import Economy, Shock
from coregion.model.weights import weights as fold
from coregion.solve.equilibrium import Solution


@eqx.filter_jit
def rebase(economy: Economy, shock: Shock, solution: Solution) -> Economy:
    """The economy whose baseline is ``solution``; its own residual without a shock is that of the solution.

    Density, pension indices and services are taken relative to the new baseline. Transfers and purchases of the shock
    stay: transfers become part of the baseline, purchases do not (a shock with purchases is refused).
    """
    folded, o = fold(economy, shock), solution.outcome
    share = trade.trade_share(folded, o.supply)
    residence = o.attraction / o.attraction.sum(axis=2, keepdims=True)
    persons = o.residents.sum(axis=0)
    updates = {
        "registered": economy.registered * shock.registered,
        "residence_share": residence,
        "workplace_share": households.workplace_share(economy, folded, o.wage_hat),
        "wage": economy.wage * o.wage_hat,
        "public_jobs": economy.public_jobs + shock.public_jobs,
        "sales": o.sales,
        "trade_share": share,
        "tariffs": shock.tariffs,
        "capital_income": o.capital_supply,
        "transfers": (economy.transfers + shock.transfers) * o.numeraire,
        "deficit": economy.deficit * o.numeraire,
        "expenditure": o.expenditure,
        "floor_space_rent": o.floor_space_supply,
        "pensions": economy.pensions.rebased(o.wage_hat),
        "agglomeration": economy.agglomeration.rebased(o.workers),
        "amenity": economy.amenity.rebased(persons),
        "services": economy.services.rebased(
            o.service_users, shock.service_capacity, shock.service_quality, shock.service_exclusion
        ),
        "environment": economy.environment.rebased(
            jnp.exp(solution.unknowns.sales), jnp.exp(solution.unknowns.residents), shock.emission_factor
        ),
    }
    names = list(updates)
    return eqx.tree_at(lambda e: [getattr(e, n) for n in names], economy, [updates[n] for n in names])
