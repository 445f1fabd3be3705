"""How much floor space there is, at what price, and what a cap on it costs."""

from __future__ import annotations

import jax.numpy as jnp

from coregion.model.arrays import PerRegion
from coregion.model.economy import Economy, Shock


def quantity_hat(economy: Economy, shock: Shock, rent_hat: PerRegion) -> PerRegion:
    """Ĥ_n = min(H̄̂_n Q̂_n^δ_n, cap_n): supply (Saiz 2010), or the cap where it binds."""
    return jnp.minimum(shock.floor_space * rent_hat**economy.elasticities.floor_space_supply, shock.floor_space_cap)


def clearing_rent_hat(economy: Economy, shock: Shock, spending_hat: PerRegion) -> PerRegion:
    """Q̂_n at which floor space worth ``spending_hat`` is supplied.

    Without a cap Q̂ = (spending/H̄̂)^(1/(1+δ)); a cap binds just where spending/cap is higher, so the maximum of the two
    solves 0 ≤ q ⊥ cap − H ≥ 0 exactly and no smoothing is needed.
    """
    free = (spending_hat / shock.floor_space) ** (1 / (1 + economy.elasticities.floor_space_supply))
    return jnp.maximum(free, spending_hat / shock.floor_space_cap)


def cap_shadow_price(economy: Economy, shock: Shock, rent_hat: PerRegion) -> PerRegion:
    """q_n/Q_n of the baseline: what one more unit would be worth above what it takes to supply it."""
    delta = economy.elasticities.floor_space_supply
    supply_price = (quantity_hat(economy, shock, rent_hat) / shock.floor_space) ** (
        1 / jnp.where(delta > 0, delta, 1.0)
    )
    binding = shock.floor_space * rent_hat**delta > shock.floor_space_cap
    return jnp.where(binding, rent_hat - jnp.where(delta > 0, supply_price, 0.0), 0.0)
