"""How a study closes the economy: who gets the rents, how pensions are paid, how density matters, what borders levy.

Each question is an interface with leaves; "none of it" is a leaf too. Leaves read arrays, never the whole economy.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from coregion.model.arrays import (
    GroupAnyOriginRegion,
    GroupOrigin,
    GroupRegion,
    PerRegion,
    PerSector,
    PoolOfRegion,
    RegionRegion,
    RegionSector,
    SectorBuyerSeller,
)

# ---- rents of floor space -------------------------------------------------------------------------------------------


class Rents(eqx.Module):
    """Who receives the rents Q_n H_n [yuan a year] and what they buy with them."""

    @abstractmethod
    def to_households(self, rents: PerRegion, residents: GroupRegion) -> PerRegion:
        """Rents that are income of the residents of each region."""

    @abstractmethod
    def to_landlords(self, rents: PerRegion) -> PerRegion:
        """Rents spent in each region as residents spend theirs, by landlords whose welfare is reported apart."""

    @abstractmethod
    def to_goods(self, rents: PerRegion) -> PerRegion:
        """Rents spent in each region on goods only."""


class LocalResidentsOwn(Rents):
    """Rents go to the residents of the place, equal per head."""

    def to_households(self, rents, residents):
        return rents

    def to_landlords(self, rents):
        return jnp.zeros_like(rents)

    def to_goods(self, rents):
        return jnp.zeros_like(rents)


class LocalLandlordsSpendAsResidents(Rents):
    """Landlords live in the place and spend as its residents do."""

    def to_households(self, rents, residents):
        return jnp.zeros_like(rents)

    def to_landlords(self, rents):
        return rents

    def to_goods(self, rents):
        return jnp.zeros_like(rents)


class LocalLandlordsBuyGoods(Rents):
    """Landlords buy goods only, where the rent arises (Monte, Redding & Rossi-Hansberg 2018, eq. 12)."""

    def to_households(self, rents, residents):
        return jnp.zeros_like(rents)

    def to_landlords(self, rents):
        return jnp.zeros_like(rents)

    def to_goods(self, rents):
        return rents


class CommonPortfolio(Rents):
    """All rents are pooled and paid out by fixed shares (Caliendo, Parro, Rossi-Hansberg & Sarte 2018)."""

    share: PerRegion

    def to_households(self, rents, residents):
        return self.share * rents.sum()

    def to_landlords(self, rents):
        return jnp.zeros_like(rents)

    def to_goods(self, rents):
        return jnp.zeros_like(rents)


class JurisdictionBudget(Rents):
    """A government collects the land rents of its regions and pays them out, equal per resident of the jurisdiction.

    jurisdiction: index of each region's government.
    """

    jurisdiction: PoolOfRegion

    def to_households(self, rents, residents):
        count = rents.shape[0]
        persons = residents.sum(axis=0)
        pot = jax.ops.segment_sum(rents, self.jurisdiction, count)
        heads = jax.ops.segment_sum(persons, self.jurisdiction, count)
        return persons * (pot / jnp.where(heads > 0, heads, 1.0))[self.jurisdiction]

    def to_landlords(self, rents):
        return jnp.zeros_like(rents)

    def to_goods(self, rents):
        return jnp.zeros_like(rents)


# ---- pensions -------------------------------------------------------------------------------------------------------


class Pensions(eqx.Module):
    """What people receive by where they are registered, and who pays for it.

    paid: whether anybody receives anything, so that what is spent in a place depends on who moves there.
    """

    paid: ClassVar[bool] = True

    @abstractmethod
    def per_head(self, wage_hat: PerRegion) -> GroupAnyOriginRegion:
        """Benefit of one person [yuan a year] by group and origin; the last axis has length 1."""

    @abstractmethod
    def contribution_rate(self, paid: GroupOrigin, labour_income: PerRegion) -> PerRegion:
        """Part of labour income that the residents of each region contribute, so that every fund balances."""

    @abstractmethod
    def rebased(self, wage_hat: PerRegion) -> Pensions:
        """The same pensions, told relative to the wages that follow from ``wage_hat``."""


class NoPensions(Pensions):
    """No benefits, no contributions."""

    paid: ClassVar[bool] = False

    def per_head(self, wage_hat):
        return jnp.zeros((1, 1, 1))

    def contribution_rate(self, paid, labour_income):
        return jnp.zeros_like(labour_income)

    def rebased(self, wage_hat):
        return self


class WageIndexedPensions(Pensions):
    """Pension of the fund of o, indexed to the wages of o's prefecture, paid by contributions (model.md, Households).

    benefit: baseline pension by group and origin [yuan a year a head]. fund, index_area: of each region.
    index_weight: weight of a region's wage hat in its area's index; an area's weights sum to 1.
    """

    benefit: GroupOrigin
    fund: PoolOfRegion
    index_area: PoolOfRegion
    index_weight: PerRegion

    def index(self, wage_hat):
        return jax.ops.segment_sum(self.index_weight * wage_hat, self.index_area, wage_hat.shape[0])[self.index_area]

    def per_head(self, wage_hat):
        return (self.benefit * self.index(wage_hat)[None, :])[:, :, None]

    def contribution_rate(self, paid, labour_income):
        count = labour_income.shape[0]
        owed = jax.ops.segment_sum(paid.sum(axis=0), self.fund, count)
        base = jax.ops.segment_sum(labour_income, self.fund, count)
        return (owed / jnp.where(base > 0, base, 1.0))[self.fund]

    def rebased(self, wage_hat):
        index = self.index(wage_hat)
        return WageIndexedPensions(
            self.benefit * index[None, :], self.fund, self.index_area, self.index_weight * wage_hat / index
        )


# ---- density of jobs and of residents -------------------------------------------------------------------------------


class Agglomeration(eqx.Module):
    """How the density of jobs nearby moves productivity."""

    @abstractmethod
    def productivity_hat(self, workers: PerRegion) -> RegionSector:
        """Factor on Â by region and sector; (1, 1) where there is none."""

    @abstractmethod
    def rebased(self, workers: PerRegion) -> Agglomeration:
        """The same, relative to a new baseline."""


class NoAgglomeration(Agglomeration):
    """Productivity does not depend on density."""

    def productivity_hat(self, workers):
        return jnp.ones((1, 1))

    def rebased(self, workers):
        return self


class DensityAgglomeration(Agglomeration):
    """A_ns = Ā_ns Υ_n^ζ_s with Υ_n = Σ_r exp(−δ t_nr) L_r/area_r (Ahlfeldt et al. 2015, eq. 20).

    elasticity: ζ_s. kernel: exp(−δ t_nr)/area_r. baseline: Υ of the baseline.
    """

    elasticity: PerSector
    kernel: RegionRegion
    baseline: PerRegion

    def productivity_hat(self, workers):
        density_hat = (self.kernel @ workers) / self.baseline
        return jnp.exp(self.elasticity[None, :] * jnp.log(density_hat)[:, None])

    def rebased(self, workers):
        return DensityAgglomeration(self.elasticity, self.kernel, self.kernel @ workers)


class Amenity(eqx.Module):
    """How the density of residents nearby moves the value of living in a place."""

    @abstractmethod
    def amenity_hat(self, residents: PerRegion) -> PerRegion:
        """Factor on B̂ by region; length 1 where there is none."""

    @abstractmethod
    def rebased(self, residents: PerRegion) -> Amenity:
        """The same, relative to a new baseline."""


class NoResidentialDensity(Amenity):
    """Amenity does not depend on density."""

    def amenity_hat(self, residents):
        return jnp.ones(1)

    def rebased(self, residents):
        return self


class ResidentialDensity(Amenity):
    """B^density_n = Ω_n^ρ with Ω_n = Σ_r exp(−δ t_nr) R_r/area_r (Ahlfeldt et al. 2015, eq. 21)."""

    elasticity: Float[Array, ""]
    kernel: RegionRegion
    baseline: PerRegion

    def amenity_hat(self, residents):
        return ((self.kernel @ residents) / self.baseline) ** self.elasticity

    def rebased(self, residents):
        return ResidentialDensity(self.elasticity, self.kernel, self.kernel @ residents)


# ---- entry of firms -------------------------------------------------------------------------------------------------


class Entry(eqx.Module):
    """How the number of firms follows employment."""

    @abstractmethod
    def variety_hat(self, sector_workers_hat: RegionSector, trade: PerSector) -> RegionSector:
        """Factor on T̂ given L̂_is."""


class FixedVariety(Entry):
    """The number of firms or the state of technology is given."""

    def variety_hat(self, sector_workers_hat, trade):
        return jnp.ones((1, 1))


class FreeEntry(Entry):
    """T_is ∝ L_is^(θ_s ψ_s): free entry where labour is the only input (Krugman 1980; model.md, Production)."""

    elasticity: PerSector

    def variety_hat(self, sector_workers_hat, trade):
        return sector_workers_hat ** (trade * self.elasticity)[None, :]


# ---- tariffs --------------------------------------------------------------------------------------------------------


class Tariffs(eqx.Module):
    """What a border levies on the value of trade; the revenue is income of the buyer's residents."""

    @abstractmethod
    def gross(self) -> Float[Array, "*tariff"]:
        """1 + tariff by sector, buyer and seller, or a single 1."""


class NoTariffs(Tariffs):
    """Nothing is levied."""

    def gross(self):
        return jnp.ones(())


class AdValoremTariffs(Tariffs):
    """rate: of the value before tariff, by sector, buyer and seller (Caliendo & Parro 2015, eq. 4)."""

    rate: SectorBuyerSeller

    def gross(self):
        return 1 + self.rate


# ---- what is held constant in money ---------------------------------------------------------------------------------


class Numeraire(eqx.Module):
    """Which level of wages stays what it was, so that prices mean something."""

    @abstractmethod
    def level_hat(self, wage: PerRegion, workers: PerRegion, wage_hat: PerRegion) -> Float[Array, ""]:
        """The level over that of the baseline; 1 at every equilibrium."""


class MeanWageOfJobs(Numeraire):
    """Σ_i w_i L_i ŵ_i / Σ_i w_i L_i: the mean wage over the jobs of the baseline."""

    def level_hat(self, wage, workers, wage_hat):
        income = wage * workers
        return (income * wage_hat).sum() / income.sum()


class MeanWageOfPlaces(Numeraire):
    """Σ_i w_i ŵ_i / Σ_i w_i: every place counts once (Monte, Redding & Rossi-Hansberg 2018 as in Germany's counties).

    It matters where floor space answers its price in money (δ > 0), which no other market does.
    """

    def level_hat(self, wage, workers, wage_hat):
        return (wage * wage_hat).sum() / wage.sum()
