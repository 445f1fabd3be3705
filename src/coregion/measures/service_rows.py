"""What measures of public services share: which row a service has, where capacity goes, whose rights change."""

from __future__ import annotations

from collections.abc import Iterable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import at, inside
from coregion.model.arrays import ServiceOriginRegion
from coregion.model.economy import Shock, no_shock


def service_row(baseline: Baseline, service: str) -> int:
    """Position of a service on the first axis of the shock's ``service_*`` fields."""
    return baseline.economy.services.names.index(service)


def services_lacking(baseline: Baseline, measure: str, services: Iterable[str]) -> list[Mistake]:
    """A mistake for every service of a measure that the study has no table of."""
    known = baseline.economy.services.names
    expected = "one of " + ", ".join(known) if known else "a study that names tables of services"
    return [
        Mistake(f"service '{service}' of '{measure}', which the study does not have", expected)
        for service in services
        if service not in known
    ]


def not_buildable(baseline: Baseline, measure: str, service: str, places: Iterable[str]) -> list[Mistake]:
    """A mistake where the study has no table of the service, or nobody in the places who uses it."""
    lacking = services_lacking(baseline, measure, (service,))
    if lacking:
        return lacking
    users = np.asarray(baseline.economy.services.users)[service_row(baseline, service)]
    if users[inside(baseline.region, places)].sum() > 0:
        return []
    return [Mistake(f"'{measure}' adds to '{service}' where nobody uses it", "places with some users")]


def built(
    baseline: Baseline, service: str, places: Iterable[str], added: float, quality: float, intensity: jax.Array
) -> Shock:
    """S_j + i · added among the places, in proportion to the baseline's users there; q̂_j = quality^i there."""
    row = service_row(baseline, service)
    there = jnp.asarray(inside(baseline.region, places))
    users = there * baseline.economy.services.users[row]
    neutral = no_shock(baseline.economy)
    return eqx.tree_at(
        lambda s: (s.service_capacity, s.service_quality),
        neutral,
        (
            neutral.service_capacity.at[row].add(intensity * added * (users / users.sum())),
            neutral.service_quality.at[row].set(jnp.where(there, quality**intensity, 1.0)),
        ),
    )


def opened(
    baseline: Baseline,
    services: Iterable[str],
    origins: Iterable[str],
    destinations: Iterable[str],
    exclusion_fall: float,
    intensity: jax.Array,
) -> ServiceOriginRegion:
    """Hat of 1 − e_on: (1 − fall)^i for people registered in the origins who live in the destinations."""
    region = baseline.region
    pairs = jnp.asarray(at(region, origins)[:, None] & inside(region, destinations)[None, :])
    hat = jnp.where(pairs, (1 - exclusion_fall) ** intensity, 1.0)
    rows = [service_row(baseline, service) for service in services]
    unchanged = jnp.ones((baseline.economy.services.services, *pairs.shape))
    return unchanged.at[jnp.asarray(rows)].set(hat)
