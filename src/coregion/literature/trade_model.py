"""A trade model as an economy: people stay where they are, labour is the only factor, floor space has no price."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from coregion.model import closures
from coregion.model.economy import Economy, Elasticities


def trade_economy(
    *,
    labour_income,
    sales,
    profit_share,
    labour_share,
    input_share,
    final_share,
    trade_share,
    trade_elasticity,
    tariffs: closures.Tariffs,
    deficit,
    expenditure,
) -> Economy:
    """The economy of a trade model: one group, nobody moves or commutes, goods are all that households buy.

    labour_income: w_n L_n, per region [money]. sales: Y_ns, region by sector [money]. profit_share: p_s of sales.
    labour_share: γ_ns of cost; input_share: γ_ks,n, region, input, sector; the two sum to 1. final_share: β_ns.
    trade_share: π_ni,s, sector, buyer, seller. trade_elasticity: θ_s. deficit, expenditure: per region [money].
    Registration is by region and every share of residence and of workplace is one on the diagonal, so that migration
    and commuting have no effect whatever their elasticities (Caliendo & Parro 2015; Ossa 2014).
    """
    regions, sectors = np.shape(sales)
    nothing = jnp.zeros(regions)
    stay = jnp.eye(regions)[None]
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(1.0),
            migration=jnp.asarray(1.0),
            trade=jnp.asarray(trade_elasticity, float),
            goods_share=jnp.asarray(1.0),
            household_share=jnp.asarray(1.0),
            floor_space_supply=nothing,
        ),
        registered=jnp.asarray(labour_income)[None],
        residence_share=stay,
        employment_rate=jnp.ones((1, regions)),
        efficiency=jnp.ones(1),
        workplace_share=stay,
        wage=jnp.ones(regions),
        public_jobs=jnp.zeros((1, regions)),
        payer_share=jnp.zeros((1, regions)),
        sales=jnp.asarray(sales),
        profit_share=jnp.asarray(profit_share),
        labour_share=jnp.asarray(labour_share),
        floor_space_share=jnp.zeros((regions, sectors)),
        capital_share=jnp.zeros((regions, sectors)),
        input_share=jnp.asarray(input_share),
        final_share=jnp.asarray(final_share),
        trade_share=jnp.asarray(trade_share),
        tariffs=tariffs,
        pool=jnp.zeros(regions, int),
        pool_share=nothing,
        capital_income=jnp.zeros(1),
        transfers=nothing,
        deficit=jnp.asarray(deficit),
        expenditure=jnp.asarray(expenditure),
        floor_space_rent=nothing,
        pensions=closures.NoPensions(),
        rents=closures.LocalResidentsOwn(),
        entry=closures.FixedVariety(),
        agglomeration=closures.NoAgglomeration(),
        amenity=closures.NoResidentialDensity(),
    )
