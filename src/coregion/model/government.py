"""Public jobs, what pays for them, and transfers: money in is money out."""

from __future__ import annotations

import jax

from coregion.model.arrays import PerPool, PerRegion
from coregion.model.economy import Economy, Shock


def public_wages(economy: Economy, shock: Shock, wage: PerRegion) -> tuple[PerRegion, PerRegion]:
    """Public wages w_i G_i where they are earned, and the levies for them where their payers' residents live [yuan].

    A payer's levy falls on its residents in proportion to their income of the baseline.
    """
    bill = (economy.public_jobs + shock.public_jobs) * wage[None, :]
    return bill.sum(axis=0), bill.sum(axis=1) @ economy.payer_share


def mean_wage_hat(economy: Economy, wage_hat: PerRegion):
    """The numeraire, by default world labour income at the baseline's jobs; transfers and deficits are fixed in it."""
    return economy.numeraire.level_hat(economy.wage, economy.workers, wage_hat)


def transfers(economy: Economy, shock: Shock, numeraire) -> PerRegion:
    """Transfers and deficits [yuan a year], each a fixed share of world labour income."""
    return (economy.transfers + economy.deficit + shock.transfers) * numeraire


def capital_income(economy: Economy, capital_price_hat: PerPool) -> PerRegion:
    """ι_n r_m K_m: what the pool that owns the capital of n pays out in n [yuan a year]."""
    return economy.pool_share * (economy.capital_income * capital_price_hat)[economy.pool]


def capital_demand(economy: Economy, cost: jax.Array) -> PerPool:
    """Σ_{n∈m,s} γK_ns Y_ns by pool [yuan a year]; cost is sales net of profits."""
    spent = (economy.capital_share * cost).sum(axis=1)
    return jax.ops.segment_sum(spent, economy.pool, economy.capital_income.shape[0])
