"""The baseline year, the elasticities, and what a package of measures changes: the three records the model reads."""

from __future__ import annotations

from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer

from coregion.model.arrays import (
    GroupHomeWork,
    GroupOrigin,
    GroupOriginRegion,
    GroupRegion,
    HomeWork,
    PayerRegion,
    PerGroup,
    PerPool,
    PerRegion,
    PerSector,
    PollutantRegionSource,
    PoolOfRegion,
    RegionInputSector,
    RegionSector,
    Scalar,
    SectorBuyerSeller,
    ServiceOriginRegion,
    ServiceRegion,
)
from coregion.model.closures import Agglomeration, Amenity, Entry, MeanWageOfJobs, Numeraire, Pensions, Rents, Tariffs
from coregion.model.environment import Environment, NoPollution
from coregion.model.goods_market import GoodsMarket, Varieties
from coregion.model.services import NoServices, Services


class Elasticities(eqx.Module):
    """How strongly people, firms and floor space answer. Sources stand with the study's parameters.

    commuting: ε, of workplaces to the wage net of commuting cost.
    migration: η, of residences to the value of living there, 0 < η ≤ ε.
    trade: θ_s, of trade shares to cost, by sector.
    goods_share: α, goods in household consumption. household_share: ς, household consumption in final expenditure.
    floor_space_supply: δ_n, of floor space to its price net of any cap's shadow price.
    """

    commuting: Scalar
    migration: Scalar
    trade: PerSector
    goods_share: Scalar
    household_share: Scalar
    floor_space_supply: PerRegion


class Economy(eqx.Module):
    """The baseline year: shares and totals that the equilibrium reproduces when nothing changes.

    registered: N_og, persons registered in each region. residence_share: m_on,g of them living in n; rows sum to 1.
    employment_rate: e_ng, employed persons per resident. efficiency: h_g, efficiency units of a worker.
    workplace_share: λ_i|n,g, rows sum to 1. wage: w_i [yuan a year and efficiency unit].
    public_jobs: G, exogenous jobs by who pays for them [persons]. payer_share: part of a payer's levy that
    the residents of each region bear; rows sum to 1.
    sales: Y_ns [yuan a year]. profit_share: p_s of sales. labour_share, floor_space_share, capital_share: γ of cost;
    input_share: γ_ks,n of what sector s buys from k; the four sum to 1 over cost.
    final_share: β_ns. trade_share: π_ni,s, sum to 1 over sellers. tariffs: baseline tariffs.
    pool: the capital pool that owns the capital of n. pool_share: ι_n, part of the pool's income paid in n.
    transfers, deficit: [yuan a year], each sums to zero. expenditure: E_n; floor_space_rent: Q_n H_n [yuan a year].
    """

    elasticities: Elasticities
    registered: GroupOrigin
    residence_share: GroupOriginRegion
    employment_rate: GroupRegion
    efficiency: PerGroup
    workplace_share: GroupHomeWork
    wage: PerRegion
    public_jobs: PayerRegion
    payer_share: PayerRegion
    sales: RegionSector
    profit_share: PerSector
    labour_share: RegionSector
    floor_space_share: RegionSector
    capital_share: RegionSector
    input_share: RegionInputSector
    final_share: RegionSector
    trade_share: SectorBuyerSeller
    tariffs: Tariffs
    pool: PoolOfRegion
    pool_share: PerRegion
    capital_income: PerPool
    transfers: PerRegion
    deficit: PerRegion
    expenditure: PerRegion
    floor_space_rent: PerRegion
    pensions: Pensions
    rents: Rents
    entry: Entry
    agglomeration: Agglomeration
    amenity: Amenity
    numeraire: Numeraire = MeanWageOfJobs()
    goods: GoodsMarket = Varieties()
    environment: Environment = NoPollution()
    services: Services = NoServices()

    @property
    def residents(self) -> GroupRegion:
        """R_ng = Σ_o N_og m_on,g [persons]."""
        return jnp.einsum("go,gon->gn", self.registered, self.residence_share)

    @property
    def workers(self) -> PerRegion:
        """L_i = Σ_g h_g Σ_n e_ng R_ng λ_i|n,g [efficiency units; persons where h = 1]."""
        employed = self.efficiency[:, None] * self.employment_rate * self.residents
        return jnp.einsum("gn,gni->i", employed, self.workplace_share)

    @property
    def labour_income(self) -> PerRegion:
        """w_i L_i by place of work [yuan a year]."""
        return self.wage * self.workers


class Shock(eqx.Module):
    """What changes: hats (counterfactual over baseline, 1 is no change) and additions (0 is no change).

    productivity: Â_ns of value added. variety: T̂_ns, number of firms or state of technology.
    amenity: B̂_gon of living in n for those registered in o. commuting_cost: κ̂_ni. trade_cost: τ̂_ni,s without tariffs.
    tariffs: the new tariffs. migration_cost: μ̂_gon. floor_space: H̄̂_n. registered: N̂_og.
    floor_space_cap: H_n may not pass this multiple of the baseline. resident_cap: R_n may not pass this [persons].
    public_jobs: added jobs by payer [persons]. transfers: [yuan a year], sum with purchases to zero.
    purchases: public final demand, where it is spent [yuan a year].
    emission_factor: hat of emissions per unit of sales by sector, and last per resident, by pollutant.
    service_capacity: added capacity; service_quality: hat; service_exclusion: hat of 1 − e_on, the part of a service
    that people registered in o may not use in n.
    """

    productivity: RegionSector
    variety: RegionSector
    amenity: GroupOriginRegion
    commuting_cost: HomeWork
    trade_cost: SectorBuyerSeller
    tariffs: Tariffs
    migration_cost: GroupOriginRegion
    floor_space: PerRegion
    registered: GroupOrigin
    floor_space_cap: PerRegion
    resident_cap: PerRegion
    public_jobs: PayerRegion
    transfers: PerRegion
    purchases: RegionSector
    emission_factor: PollutantRegionSource
    service_capacity: ServiceRegion
    service_quality: ServiceRegion
    service_exclusion: ServiceOriginRegion


def no_shock(economy: Economy) -> Shock:
    """The neutral shock: nothing changes. Outside a trace its arrays are the same objects for every call of one shape,
    so that what a measure left as it was can be told from what it moved without looking into the arrays.
    """
    regions, dtype = economy.wage.shape[0], economy.wage.dtype
    pollutants, services = economy.environment.pollutants, economy.services.services
    origins, sectors = economy.registered.shape[1], economy.sales.shape[1]
    filled = _fresh if isinstance(jnp.zeros(()), Tracer) else _shared

    def like(value: float, array: jax.Array) -> jax.Array:
        return filled(value, array.shape, array.dtype)

    return Shock(
        productivity=like(1.0, economy.sales),
        variety=like(1.0, economy.sales),
        amenity=like(1.0, economy.residence_share),
        commuting_cost=filled(1.0, (regions, regions), dtype),
        trade_cost=like(1.0, economy.trade_share),
        tariffs=economy.tariffs,
        migration_cost=like(1.0, economy.residence_share),
        floor_space=like(1.0, economy.wage),
        registered=like(1.0, economy.registered),
        floor_space_cap=like(jnp.inf, economy.wage),
        resident_cap=like(jnp.inf, economy.wage),
        public_jobs=like(0.0, economy.public_jobs),
        transfers=like(0.0, economy.wage),
        purchases=like(0.0, economy.sales),
        emission_factor=filled(1.0, (pollutants, regions, sectors + 1), dtype),
        service_capacity=filled(0.0, (services, regions), dtype),
        service_quality=filled(1.0, (services, regions), dtype),
        service_exclusion=filled(1.0, (services, origins, regions), dtype),
    )


def _fresh(value: float, shape: tuple[int, ...], dtype: jnp.dtype) -> jax.Array:
    return jnp.full(shape, value, dtype)


_shared = lru_cache(maxsize=64)(_fresh)
