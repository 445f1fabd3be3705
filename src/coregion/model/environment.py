"""What production and homes emit, what reaches each place, and what clean air is worth to those who live there."""

from __future__ import annotations

from abc import abstractmethod

import equinox as eqx
import jax.numpy as jnp

from coregion.model.arrays import GroupRegion, PerRegion, PollutantRegionSource, RegionSector


class Environment(eqx.Module):
    """How emissions become exposure and exposure an amenity. pollutants: how many are told apart."""

    @property
    @abstractmethod
    def pollutants(self) -> int:
        """Number of pollutants, the first axis of the shock's ``emission_factor``."""

    @abstractmethod
    def amenity_hat(
        self, sales_hat: RegionSector, residents_hat: GroupRegion, emission_factor: PollutantRegionSource
    ) -> PerRegion:
        """B̂^environment_n from the hats of sales and residents and of emissions per unit of them."""


class NoPollution(Environment):
    """Nothing is emitted and the air is the same everywhere."""

    @property
    def pollutants(self) -> int:
        return 0

    def amenity_hat(self, sales_hat, residents_hat, emission_factor):
        return jnp.ones(sales_hat.shape[0], dtype=sales_hat.dtype)
