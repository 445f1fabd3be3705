"""What public services within reach are worth, to those who have the right to use them."""

from __future__ import annotations

from abc import abstractmethod

import equinox as eqx
import jax.numpy as jnp

from coregion.model.arrays import (
    GroupAnyOriginRegion,
    GroupRegion,
    ServiceOriginRegion,
    ServiceRegion,
)


class Services(eqx.Module):
    """How capacity, quality and entitlement become an amenity. services: how many are told apart."""

    @property
    @abstractmethod
    def services(self) -> int:
        """Number of services, the first axis of the shock's ``service_*`` fields."""

    @abstractmethod
    def amenity_hat(
        self,
        residents: GroupRegion,
        capacity: ServiceRegion,
        quality: ServiceRegion,
        exclusion: ServiceOriginRegion,
    ) -> GroupAnyOriginRegion:
        """B̂^services_gon. capacity: added to the baseline's; quality: hat; exclusion: hat of 1 − e_on."""


class NoServices(Services):
    """Services are the same everywhere and open to all."""

    @property
    def services(self) -> int:
        return 0

    def amenity_hat(self, residents, capacity, quality, exclusion):
        return jnp.ones((1, 1, 1), dtype=residents.dtype)
