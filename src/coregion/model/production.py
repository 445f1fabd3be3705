"""What a unit of output costs."""

from __future__ import annotations

import jax.numpy as jnp

from coregion.model.arrays import PerRegion, RegionSector
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns


def log_unit_cost(economy: Economy, shock: Shock, unknowns: Unknowns, workers: PerRegion) -> RegionSector:
    """log ĉ_ns, with ĉ = ŵ^γL Q̂^γH r̂^γK / Â^(γL+γH+γK) · Π_k P̂_k^γ_ks (Caliendo & Parro 2015, eq. 2).

    Â multiplies value added; the density of jobs enters it by the economy's agglomeration.
    """
    value_added = economy.labour_share + economy.floor_space_share + economy.capital_share
    productivity = shock.productivity * economy.agglomeration.productivity_hat(workers)
    inputs = jnp.einsum("nks,nk->ns", economy.input_share, unknowns.price_index)
    return (
        economy.labour_share * unknowns.wage[:, None]
        + economy.floor_space_share * unknowns.floor_space_price[:, None]
        + economy.capital_share * unknowns.capital_price[economy.pool][:, None]
        - value_added * jnp.log(productivity)
        + inputs
    )
