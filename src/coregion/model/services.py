"""What public services within reach are worth, to those who have the right to use them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from coregion.model.arrays import (
    GroupAnyOriginRegion,
    GroupOriginRegion,
    GroupRegion,
    GroupService,
    PerService,
    ServiceGroupRegion,
    ServiceOriginRegion,
    ServicePlaceFacility,
    ServiceRegion,
)


class Provided(eqx.Module):
    """What services give, by service and region.

    access: A_n, places per user within reach, times quality [places a user]. places: S_j. occupied: places in use by
    where they are [persons]. occupancy: the same over the places. staff: those who serve them [persons].
    """

    access: ServiceRegion
    places: ServiceRegion
    occupied: ServiceRegion
    occupancy: ServiceRegion
    staff: ServiceRegion


class Services(eqx.Module):
    """How capacity, quality and entitlement become an amenity, and who the users are."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Codes of the services, in the order of the first axis of the shock's ``service_*`` fields."""

    @property
    @abstractmethod
    def users(self) -> ServiceRegion:
        """U_n of the baseline, entitled users by where they live [persons]."""

    @property
    @abstractmethod
    def unchanged(self) -> GroupRegion:
        """What ``log_amenity`` is at the baseline: zeros."""

    @property
    def services(self) -> int:
        """Number of services that are told apart."""
        return len(self.names)

    @abstractmethod
    def entitlement(self, exclusion: ServiceOriginRegion) -> ServiceOriginRegion:
        """e_on after the shock: the part of a service in n that people registered in o may use."""

    @abstractmethod
    def right_hat(self, exclusion: ServiceOriginRegion) -> GroupAnyOriginRegion:
        """Π_s ê_on,s^φ_gs: what the rights alone change in the value of living in n."""

    @abstractmethod
    def users_of(self, people: GroupOriginRegion, entitlement: ServiceOriginRegion) -> ServiceRegion:
        """U_n = Σ_g u_gn Σ_o people_gon e_on: entitled users [persons]."""

    @abstractmethod
    def log_amenity(self, users: ServiceRegion, capacity: ServiceRegion, quality: ServiceRegion) -> GroupRegion:
        """Σ_s φ_gs log Â_ns, what access is worth. capacity: added to the baseline's; quality: hat."""

    @abstractmethod
    def amenity_hat(self, log_amenity: GroupRegion) -> GroupAnyOriginRegion:
        """Π_s Â_ns^φ_gs of its logarithm, the same for all origins."""

    @abstractmethod
    def provided(self, users: ServiceRegion, capacity: ServiceRegion, quality: ServiceRegion) -> Provided:
        """Access, occupancy and staff."""

    @abstractmethod
    def rebased(
        self, users: ServiceRegion, capacity: ServiceRegion, quality: ServiceRegion, exclusion: ServiceOriginRegion
    ) -> Services:
        """The same services with these users, this capacity, quality and exclusion as their baseline."""


class NoServices(Services):
    """Services are the same everywhere and open to all."""

    @property
    def names(self):
        return ()

    @property
    def users(self):
        return jnp.zeros((0, 0))

    @property
    def unchanged(self):
        return jnp.zeros((0, 0))

    def entitlement(self, exclusion):
        return exclusion

    def right_hat(self, exclusion):
        return jnp.ones((1, 1, 1))

    def users_of(self, people, entitlement):
        return jnp.zeros((0, 0))

    def log_amenity(self, users, capacity, quality):
        return jnp.zeros((0, 0))

    def amenity_hat(self, log_amenity):
        return jnp.ones((1, 1, 1))

    def provided(self, users, capacity, quality):
        return Provided(users, users, users, users, users)

    def rebased(self, users, capacity, quality, exclusion):
        return self


class ServicesWithinReach(Services):
    """Two-step floating catchments (E2SFCA, Luo & Qi 2009, eqs. 2 and 3) inside the equilibrium.

    D_j = q_j^τ Σ_k U_k W_kj, R_j = S_j/D_j, A_n = Σ_j q_j v(R_j) W_nj, B̂_gon = Π_s (Â_n ê_on)^φ_gs. v(R) = R where
    everybody shares what there is (a school, a hospital); in a rationed service a user takes one place, places that
    nobody asks for are worth nothing, and v(R) = R/(1 + R⁴)^¼ is the part of the demand that finds one: min(R, 1),
    smoothed, and W_nj is the part of those in n who ask for a place in j (rows sum to 1). So Σ_n U_n A_n is all
    capacity where v(R) = R and q = 1, and all places in use where it is rationed.

    codes: of the services. reach: W_nj. capacity: S [places]. need: u_gn, users per resident. right: e_on, 0 < e ≤ 1.
    baseline_users: U of the baseline. value: φ_gs. take_up: τ, how demand follows quality. rationed: 1 or 0.
    staff_per_user: [persons a place in use]. quality: q of the baseline. demand, access: D and A of the baseline.
    """

    codes: tuple[str, ...] = eqx.field(static=True)
    reach: ServicePlaceFacility
    capacity: ServiceRegion
    need: ServiceGroupRegion
    right: ServiceOriginRegion
    baseline_users: ServiceRegion
    value: GroupService
    take_up: PerService
    rationed: PerService
    staff_per_user: PerService
    quality: ServiceRegion
    demand: ServiceRegion
    access: ServiceRegion

    @property
    def names(self):
        return self.codes

    @property
    def users(self):
        return self.baseline_users

    @property
    def unchanged(self):
        return jnp.zeros((self.value.shape[0], self.access.shape[1]), dtype=self.access.dtype)

    def entitlement(self, exclusion):
        return self.right + (1 - self.right) * (1 - exclusion)

    def right_hat(self, exclusion):
        log_hat = jnp.log1p((1 - self.right) * (1 - exclusion) / self.right)
        return jnp.exp(jnp.einsum("gs,son->gon", self.value, log_hat))

    def users_of(self, people, entitlement):
        return jnp.einsum("sgn,gon,son->sn", self.need, people, entitlement)

    def log_amenity(self, users, capacity, quality):
        _, _, gain = self._step(users, capacity, quality)
        reached = self.access > 0
        log_hat = jnp.log1p(jnp.where(reached, gain, 0.0) / jnp.where(reached, self.access, 1.0))
        return jnp.einsum("gs,sn->gn", self.value, log_hat)

    def amenity_hat(self, log_amenity):
        return jnp.exp(log_amenity)[:, None, :]

    def provided(self, users, capacity, quality):
        demand, found, gain = self._step(users, capacity, quality)
        places = self.capacity + capacity
        occupied = demand * found
        occupancy = occupied / jnp.where(places > 0, places, 1.0)
        return Provided(self.access + gain, places, occupied, occupancy, self.staff_per_user[:, None] * occupied)

    def rebased(self, users, capacity, quality, exclusion):
        return within_reach(
            codes=self.codes,
            reach=self.reach,
            capacity=self.capacity + capacity,
            need=self.need,
            right=self.entitlement(exclusion),
            users=users,
            value=self.value,
            take_up=self.take_up,
            rationed=self.rationed,
            staff_per_user=self.staff_per_user,
            quality=self.quality * quality,
        )

    def _step(self, users, capacity, quality):
        """D_j, v(R_j) and A_n less that of the baseline; the last is exactly 0 where nothing changes."""
        more = jnp.einsum("snj,sn->sj", self.reach, users - self.users)
        demand = quality ** self.take_up[:, None] * (self.demand + more)
        before = _found(self.capacity, self.demand, self.rationed)
        found = _found(self.capacity + capacity, demand, self.rationed)
        gain = jnp.einsum("snj,sj->sn", self.reach, self.quality * (quality * found - before))
        return demand, found, gain


def within_reach(
    codes: Sequence[str],
    reach: ServicePlaceFacility,
    capacity: ServiceRegion,
    need: ServiceGroupRegion,
    right: ServiceOriginRegion,
    users: ServiceRegion,
    value: GroupService,
    take_up: PerService,
    rationed: PerService,
    staff_per_user: PerService,
    quality: ServiceRegion,
) -> ServicesWithinReach:
    """Services whose demand and access of the baseline follow from the rest; arguments as the fields of the record."""
    demand = quality ** take_up[:, None] * jnp.einsum("snj,sn->sj", reach, users)
    access = jnp.einsum("snj,sj->sn", reach, quality * _found(capacity, demand, rationed))
    return ServicesWithinReach(
        codes=tuple(codes),
        reach=reach,
        capacity=capacity,
        need=need,
        right=right,
        baseline_users=users,
        value=value,
        take_up=take_up,
        rationed=rationed,
        staff_per_user=staff_per_user,
        quality=quality,
        demand=demand,
        access=access,
    )


def _found(capacity: ServiceRegion, demand: ServiceRegion, rationed: PerService) -> Float[Array, "service region"]:
    """v(R): places a user where all share them, the part of the demand that finds a place where they are rationed."""
    ratio = capacity / jnp.where(demand > 0, demand, 1.0) * (demand > 0)
    square = ratio * ratio
    return jnp.where(rationed[:, None] > 0, ratio / jnp.sqrt(jnp.sqrt(1 + square * square)), ratio)
