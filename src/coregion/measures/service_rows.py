"""What measures of public services share: which row a service has, where capacity goes, whose rights change."""

from __future__ import annotations

from collections.abc import Iterable

import jax
import jax.numpy as jnp

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.places import at, inside
from coregion.model.arrays import PerRegion, ServiceOriginRegion


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


def by_users(baseline: Baseline, row: int, places: Iterable[str]) -> PerRegion:
    """[region] parts of what a measure adds in some places, in proportion to the baseline's users there; sums to 1."""
    there = jnp.asarray(inside(baseline.region, places))
    weight = there * baseline.economy.services.users[row]
    return weight / weight.sum()


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
