"""What the model solves for."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from coregion.model.arrays import GroupRegion, PerPool, PerRegion, RegionSector
from coregion.model.economy import Economy


class Unknowns(eqx.Module):
    """Logarithms of counterfactual over baseline, and s_n, the shadow price of a cap on residents (0 where slack)."""

    wage: PerRegion
    residents: GroupRegion
    floor_space_price: PerRegion
    price_index: RegionSector
    sales: RegionSector
    expenditure: PerRegion
    capital_price: PerPool
    entry_penalty: PerRegion
    service_amenity: GroupRegion


def no_change(economy: Economy) -> Unknowns:
    """The unknowns at the baseline: all zero."""
    nothing = jnp.zeros_like(economy.wage)
    return Unknowns(
        wage=nothing,
        residents=jnp.zeros_like(economy.employment_rate),
        floor_space_price=nothing,
        price_index=jnp.zeros_like(economy.sales),
        sales=jnp.zeros_like(economy.sales),
        expenditure=nothing,
        capital_price=jnp.zeros_like(economy.capital_income),
        entry_penalty=nothing,
        service_amenity=economy.services.unchanged,
    )
