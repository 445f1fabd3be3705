"""What production and homes emit, what reaches each place, and what clean air is worth to those who live there."""

from __future__ import annotations

from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from coregion.model.arrays import GroupRegion, PerRegion, PollutantRegionSource, RegionSector, Scalar

ReceptorAreaPollutant = Float[Array, "area area2 pollutant"]
Exposure = Float[Array, "*dimensions"]
AreaRegion = Float[Array, "area region"]

GEMM_SCALE, GEMM_MIDPOINT, GEMM_WIDTH, GEMM_COUNTERFACTUAL = 1.6, 15.5, 36.8, 2.4
"""α, μ, ν and the counterfactual concentration [µg/m³] for non-communicable diseases and lower respiratory infections
at 25 and over (Burnett et al. 2018, PNAS 115(38), table of parameters); θ is a parameter of the study."""


class Environment(eqx.Module):
    """How emissions become exposure and exposure an amenity. pollutants: how many are told apart."""

    @property
    @abstractmethod
    def pollutants(self) -> int:
        """Number of pollutants, the first axis of the shock's ``emission_factor``."""

    @abstractmethod
    def tonnes(self) -> PollutantRegionSource:
        """Emissions of the baseline by pollutant, region and source, homes last [t a year]; empty where none known."""

    @abstractmethod
    def amenity_hat(
        self, sales_hat: RegionSector, residents_hat: GroupRegion, emission_factor: PollutantRegionSource
    ) -> PerRegion:
        """B̂^environment_n from the hats of sales and residents and of emissions per unit of them."""

    @abstractmethod
    def told(
        self, sales_hat: RegionSector, residents_hat: GroupRegion, emission_factor: PollutantRegionSource
    ) -> dict[str, PerRegion]:
        """Levels by variable of the register, those that this environment knows."""

    @abstractmethod
    def rebased(
        self, sales_hat: RegionSector, residents_hat: GroupRegion, emission_factor: PollutantRegionSource
    ) -> Environment:
        """The same with these sales, residents and emission factors as the baseline."""


class NoPollution(Environment):
    """Nothing is emitted and the air is the same everywhere."""

    @property
    def pollutants(self) -> int:
        return 0

    def tonnes(self):
        return jnp.zeros((0, 0, 0))

    def amenity_hat(self, sales_hat, residents_hat, emission_factor):
        return jnp.ones(sales_hat.shape[0], dtype=sales_hat.dtype)

    def told(self, sales_hat, residents_hat, emission_factor):
        return {}

    def rebased(self, sales_hat, residents_hat, emission_factor):
        return self


class PollutionByReceptor(Environment):
    """Emissions reach receptors by a source–receptor matrix that is linear in them (model.md, Environment).

        E′_pns = E_pns · emission factor · (Ŷ_ns, or the hat of residents for homes)
        PM′_n  = PM_n + deviation_n Σ_j,p response_rjp (E′_jp − E_jp)       n in the receptor area r
        B̂_n    = exp(−ζ_PM (PM′_n − PM_n))

    names: the pollutants. emissions: E_pns of the baseline [t a year], the last source is homes.
    area: 1 where a region lies in an area (receptor and source); external regions lie in none.
    response: [receptor, source, pollutant] µg/m³ per t a year. concentration: PM2.5 of the baseline [µg/m³].
    deviation: a region's over its area's concentration. residents: of the baseline [persons].
    clean_air_value: ζ_PM [per µg/m³]. hazard: θ of ``hazard_ratio``. mortality: deaths of the diseases that it covers,
    per resident and year.
    """

    emissions: PollutantRegionSource
    area: AreaRegion
    response: ReceptorAreaPollutant
    concentration: PerRegion
    deviation: PerRegion
    residents: GroupRegion
    clean_air_value: Scalar
    hazard: Scalar
    mortality: PerRegion
    names: tuple[str, ...] = eqx.field(static=True)

    @property
    def pollutants(self) -> int:
        return len(self.names)

    def tonnes(self):
        return self.emissions

    def emissions_change(self, sales_hat, residents_hat, emission_factor) -> PollutantRegionSource:
        """E′ − E [t a year]; exactly zero where nothing moves, whatever the shares of the groups."""
        persons = self.residents.sum(axis=0)
        moved = (self.residents * (residents_hat - 1)).sum(axis=0) / jnp.where(persons > 0, persons, 1.0)
        activity_hat = jnp.concatenate([sales_hat, 1 + moved[:, None]], axis=1)
        return self.emissions * (emission_factor * activity_hat - 1)

    def concentration_change(self, sales_hat, residents_hat, emission_factor) -> PerRegion:
        """PM′_n − PM_n [µg/m³]."""
        change = self.emissions_change(sales_hat, residents_hat, emission_factor).sum(axis=2)
        by_area = jnp.einsum("pn,an->ap", change, self.area)
        return self.deviation * (jnp.einsum("rap,ap->r", self.response, by_area) @ self.area)

    def amenity_hat(self, sales_hat, residents_hat, emission_factor):
        return jnp.exp(-self.clean_air_value * self.concentration_change(sales_hat, residents_hat, emission_factor))

    def told(self, sales_hat, residents_hat, emission_factor):
        change = self.emissions_change(sales_hat, residents_hat, emission_factor)
        air = self.concentration + self.concentration_change(sales_hat, residents_hat, emission_factor)
        persons = (self.residents * residents_hat).sum(axis=0)
        emitted = (self.emissions + change).sum(axis=2)
        return {
            "pm25": air,
            "deaths_air": self.mortality * persons * attributable_share(air, self.hazard),
            **{f"emissions_{name}": emitted[position] for position, name in enumerate(self.names)},
        }

    def rebased(self, sales_hat, residents_hat, emission_factor):
        change = self.emissions_change(sales_hat, residents_hat, emission_factor)
        air = self.concentration + self.concentration_change(sales_hat, residents_hat, emission_factor)
        return eqx.tree_at(
            lambda leaf: (leaf.emissions, leaf.concentration, leaf.residents),
            self,
            (self.emissions + change, air, self.residents * residents_hat),
        )


def hazard_ratio(concentration: Exposure, hazard: Scalar | float) -> Exposure:
    """HR = exp{θ ln(1 + z/α) / (1 + exp(−(z − μ)/ν))}, z = max(0, PM − 2.4) µg/m³ (Burnett et al. 2018, GEMM)."""
    z = jnp.maximum(concentration - GEMM_COUNTERFACTUAL, 0.0)
    return jnp.exp(hazard * jnp.log1p(z / GEMM_SCALE) * jax.nn.sigmoid((z - GEMM_MIDPOINT) / GEMM_WIDTH))


def attributable_share(concentration: Exposure, hazard: Scalar | float) -> Exposure:
    """1 − 1/HR, the part of the deaths that clean air would have spared."""
    return -jnp.expm1(-jnp.log(hazard_ratio(concentration, hazard)))
