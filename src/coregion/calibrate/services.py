"""The services of the baseline: catchments from minutes, rights from codes, and a need that fills the places in use."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from coregion.access import LUO_QI_SLOW, zone_weight
from coregion.errors import CoregionError, Mistake, raise_together
from coregion.model.economy import Economy
from coregion.model.services import NoServices, Services, ServicesWithinReach, within_reach
from coregion.public_services import PublicServices
from coregion.region import Region

ROUNDS, MATCH = 500, 1e-10


def services(region: Region, public: PublicServices, minutes: np.ndarray, economy: Economy) -> Services:
    """The leaf of the model from the tables of services; ``NoServices`` where the study has none.

    minutes: door to door [home, facility]. Users per resident are those of the table; of a rationed service they are
    scaled, one factor a prefecture, until its places in use are those of the table. An external region serves itself
    as well as the mean of the study. Raises InputMistakes for a facility outside every catchment and a place without
    any within reach, CoregionError for places in use that no need within reach can fill.
    """
    if not public.codes:
        return NoServices()
    reach = catchments(region, public, minutes)
    residents = np.asarray(economy.residents)
    need = _need(region, public, residents)
    right = rights(region, public)
    people = np.asarray(economy.registered)[:, :, None] * np.asarray(economy.residence_share)
    entitled = np.einsum("gon,son->sgn", people, right)
    raise_together(_out_of_reach(region, public, reach, np.einsum("sgn,sgn->sn", need, entitled)))
    reach = np.where(public.rationed[:, None, None], asked_for(region, public, reach), reach)
    elasticity = [
        region.parameters["service_elasticity_working" if works else "service_elasticity_not_working"].value
        for works in region.group_works
    ]

    def made(need: np.ndarray) -> ServicesWithinReach:
        users = np.einsum("sgn,sgn->sn", need, entitled)
        return within_reach(
            codes=public.codes,
            reach=jnp.asarray(reach),
            capacity=jnp.asarray(_capacity(region, public, reach, users)),
            need=jnp.asarray(need),
            right=jnp.asarray(right),
            users=jnp.asarray(users),
            value=jnp.asarray(np.array(elasticity)[:, None] * public.value.T),
            take_up=jnp.asarray(public.take_up),
            rationed=jnp.asarray(public.rationed.astype(float)),
            staff_per_user=jnp.asarray(public.staff_per_user),
            quality=jnp.ones(users.shape),
        )

    return _filled(region, public, made, need)


def catchments(region: Region, public: PublicServices, minutes: np.ndarray) -> Float[np.ndarray, "service place site"]:
    """W_nj: the three zones of Luo & Qi (2009) stretched to each service's catchment; one's own region is in the first.

    Minutes between counties are coarse: within one they count as none. External regions have a catchment of their own.
    """
    apart = minutes * (1 - np.eye(len(minutes)))
    stretch = [minutes_to_end / LUO_QI_SLOW[-1][0] for minutes_to_end in public.catchment]
    reach = np.stack([zone_weight(apart, tuple((factor * end, w) for end, w in LUO_QI_SLOW)) for factor in stretch])
    outside = region.external[:, None] | region.external[None, :]
    return np.where(outside, np.eye(len(minutes)), reach)


def asked_for(region: Region, public: PublicServices, reach: np.ndarray) -> Float[np.ndarray, "service place site"]:
    """W_nj S_j / Σ_l W_nl S_l: where the users of a rationed service ask for the one place they take; rows sum to 1."""
    there = np.concatenate([public.capacity, np.ones((len(reach), len(region.code) - region.inside))], axis=1)
    pull = reach * there[:, None, :]
    return pull / np.where(pull.any(axis=2, keepdims=True), pull.sum(axis=2, keepdims=True), 1.0)


def rights(region: Region, public: PublicServices) -> Float[np.ndarray, "service origin region"]:
    """e_on: 1 within the prefecture of registration, else the part for the same or for another province."""
    prefecture, province = np.array(region.prefecture), np.array(region.province)
    at_home = prefecture[:, None] == prefecture[None, :]
    near = province[:, None] == province[None, :]
    same, other = public.same_province[:, None, None], public.other_province[:, None, None]
    return np.where(at_home, 1.0, np.where(near, same, other))


def _need(region: Region, public: PublicServices, residents: np.ndarray) -> Float[np.ndarray, "service group region"]:
    """u_gn: users a resident; outside the study its mean."""
    inside = residents[:, : region.inside]
    mean = public.users.sum(axis=2) / inside.sum(axis=1)
    outside = np.repeat(mean[:, :, None], len(region.code) - region.inside, axis=2)
    return np.concatenate([public.users / inside, outside], axis=2)


def _capacity(region: Region, public: PublicServices, reach: np.ndarray, users: np.ndarray) -> np.ndarray:
    """[service, region] places; outside the study as many per user within reach as on average in it."""
    demand = np.einsum("snj,sn->sj", reach, users)
    mean = public.capacity.sum(axis=1) / demand[:, : region.inside].sum(axis=1)
    return np.concatenate([public.capacity, mean[:, None] * demand[:, region.inside :]], axis=1)


def _out_of_reach(region: Region, public: PublicServices, reach: np.ndarray, users: np.ndarray) -> list[Mistake]:
    inside = region.inside
    asked = np.einsum("snj,sn->sj", reach, users)[:, :inside] > 0
    there = public.capacity > 0
    offered = np.einsum("snj,sj->sn", reach[:, :inside, :inside], there * 1.0) > 0
    mistakes = []
    for s, code in enumerate(public.codes):
        for j in np.flatnonzero(there[s] & ~asked[s]):
            found = f"'{code}' in {region.code[j]} outside every catchment"
            remedy = "Check users and capacity, or widen catchment_minutes."
            line = int(public.lines[s, j])
            mistakes.append(Mistake(found, "a user within reach", remedy, public.file, line, "capacity"))
        for n in np.flatnonzero(~offered[s]):
            found = f"no '{code}' within reach of {region.code[n]}"
            remedy = "Widen catchment_minutes, or give the region some capacity."
            line = int(public.lines[s, n])
            mistakes.append(Mistake(found, "some capacity there", remedy, public.file, line, "capacity"))
    return mistakes


def _filled(region: Region, public: PublicServices, made, need: np.ndarray) -> ServicesWithinReach:
    """Scale the need of rationed services by prefecture until their places in use are those of the table."""
    index = region.prefecture_index[: region.inside]
    count = len(region.prefectures)
    target = np.stack([np.bincount(index, row, count) for row in public.occupied])
    counts = public.rationed[:, None] & (target > 0)
    for _ in range(ROUNDS):
        leaf = made(need)
        nothing, unchanged = jnp.zeros_like(leaf.capacity), jnp.ones_like(leaf.capacity)
        used = np.asarray(leaf.provided(leaf.users, nothing, unchanged).occupied)[:, : region.inside]
        found = np.stack([np.bincount(index, row, count) for row in used])
        factor = np.where(counts, target / np.where(found > 0, found, 1.0), 1.0)
        if np.abs(factor - 1).max() < MATCH:
            return leaf
        need = (
            need
            * np.concatenate([factor[:, index], np.ones((len(need), need.shape[2] - len(index)))], axis=1)[:, None, :]
        )
    worst = int(np.abs(factor - 1).max(axis=0).argmax())
    raise CoregionError(
        f"found a need for places in {region.prefectures[worst]} that still misses those in use by "
        f"{np.abs(factor - 1).max():.1e} after {ROUNDS} rounds; expected {MATCH:g}. Its neighbours fill more of its "
        "places than are in use: narrow catchment_minutes or check the column occupied."
    )
