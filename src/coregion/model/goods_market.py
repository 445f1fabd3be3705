"""How the goods market closes: varieties sold by each place, or one good at a price given from outside."""

from __future__ import annotations

from abc import abstractmethod

import equinox as eqx
import jax.numpy as jnp

from coregion.model.arrays import PerRegion, RegionSector, Scalar
from coregion.model.closures import Rents


class GoodsMarket(eqx.Module):
    """Which conditions pin down wages, prices and sales; each gap is a logarithm, zero at the equilibrium."""

    @abstractmethod
    def wage_gap(self, labour_gap: PerRegion, log_unit_cost: RegionSector, numeraire: Scalar) -> PerRegion:
        """labour_gap: log of labour demand over supply by place of work. log_unit_cost: log ĉ."""

    @abstractmethod
    def price_gap(self, log_price_competitive: RegionSector, log_price: RegionSector) -> RegionSector:
        """Of the price index."""

    @abstractmethod
    def sales_gap(self, sales_gap: RegionSector, labour_gap: PerRegion) -> RegionSector:
        """sales_gap: log of demand over sales."""


class Varieties(GoodsMarket):
    """Every place sells its own variety in every sector: wages clear labour markets, sales meet demand."""

    def wage_gap(self, labour_gap, log_unit_cost, numeraire):
        return labour_gap - jnp.log(numeraire)

    def price_gap(self, log_price_competitive, log_price):
        return log_price_competitive - log_price

    def sales_gap(self, sales_gap, labour_gap):
        return sales_gap


class OneGood(GoodsMarket):
    """One good in one sector, traded at no cost at the price 1 of the world outside (Ahlfeldt et al. 2015).

    Its price is the numeraire. Wages are what leaves no profit (c_i = 1) and output is what employs those
    who come. Workers come to every place at any wage above zero, so that c_i = 1 wherever there is output at the
    baseline. What is not bought inside is sold outside, against the rents of absentee landlords.
    """

    def wage_gap(self, labour_gap, log_unit_cost, numeraire):
        return -log_unit_cost[:, 0]

    def price_gap(self, log_price_competitive, log_price):
        return -log_price

    def sales_gap(self, sales_gap, labour_gap):
        return jnp.broadcast_to(-labour_gap[:, None], sales_gap.shape)


class AbsenteeLandlords(Rents):
    """Rents leave and are spent outside (Ahlfeldt et al. 2015, section 2).

    Only with ``OneGood``, which sells outside what pays for them: with ``Varieties`` the money would be missing.
    """

    def to_households(self, rents, residents):
        return jnp.zeros_like(rents)

    def to_landlords(self, rents):
        return jnp.zeros_like(rents)

    def to_goods(self, rents):
        return jnp.zeros_like(rents)
