"""Made-up hours of wind and sun: right on average, in season, day and night, and from place to place; not a forecast.

No hourly wind or sun of the region is published openly. The generator is seeded and is told the full-load hours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.stats import norm

from coregion.errors import InputMistakes, Mistake

HOURS = 8760
Years = Float[np.ndarray, "place hour"]

WIND_MEMORY = 0.97
"""Correlation of an hour's wind with the next (a day's memory); clouds remember from day to day."""
CLOUD_MEMORY = 0.4
REACH_KM = 400.0
"""Distance at which the correlation of weather between places has fallen to 1/e."""
CUT_IN, RATED, CUT_OUT = 3.0, 12.0, 25.0
"""Wind speeds of a turbine's power curve [m/s]."""
MOST_SCALE = 10.0


def wind_profile(full_load_hours: Sequence[float], distance_km: np.ndarray, seed: int) -> Years:
    """Output over capacity [place, hour] of a year with the given full-load hours in each place.

    Speed = scale · season · day · Weibull(2) quantile of a first-order autoregressive Gaussian, correlated
    exp(−distance/400 km) between places; windier in winter and spring and by night, as on the plateau north of the
    region. Output rises with the cube of speed between 3 and 12 m/s and stops at 25. scale gives the full-load hours.
    """
    places = len(full_load_hours)
    noise = _autoregressive(np.random.default_rng(seed), places, HOURS, WIND_MEMORY, distance_km)
    speed = np.sqrt(-np.log1p(-_normal_share(noise)))
    hour = np.arange(HOURS)
    season = 1 + 0.2 * np.cos(2 * np.pi * (hour / HOURS - 45 / 365))
    day = 1 + 0.1 * np.cos(2 * np.pi * ((hour % 24) - 1) / 24)
    shape = speed * season * day
    return np.stack([_scaled(lambda c, s=s: _turbine(c * s), h) for s, h in zip(shape, full_load_hours, strict=True)])


def sun_profile(
    full_load_hours: Sequence[float], latitude: Sequence[float], distance_km: np.ndarray, seed: int
) -> Years:
    """Output over capacity [place, hour] of a year with the given full-load hours in each place.

    Clear sky ∝ sin(elevation)^1.15, elevation from latitude, day and hour (solar time; Cooper's declination 1969),
    times a cloud factor by day, 1 − 0.75 · u³ with u uniform, correlated between places; the whole scaled and
    cut off at capacity.
    """
    places, days = len(full_load_hours), HOURS // 24
    noise = _autoregressive(np.random.default_rng(seed), places, days, CLOUD_MEMORY, distance_km)
    cloud = np.repeat(1 - 0.75 * _normal_share(noise) ** 3, 24, axis=1)
    day, hour = np.arange(HOURS) // 24 + 1, np.arange(HOURS) % 24 + 0.5
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365)
    angle = np.radians(15 * (hour - 12))
    north = np.radians(np.asarray(latitude))[:, None]
    height = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(angle)
    shape = np.maximum(height, 0.0) ** 1.15 * cloud
    return np.stack(
        [_scaled(lambda c, s=s: np.minimum(c * s, 1.0), h) for s, h in zip(shape, full_load_hours, strict=True)]
    )


def _autoregressive(rng, places: int, steps: int, memory: float, distance_km: np.ndarray) -> np.ndarray:
    """x_t = memory · x_(t−1) + √(1 − memory²) · e_t, e standard normal and correlated between places."""
    root = np.linalg.cholesky(np.exp(-np.asarray(distance_km) / REACH_KM) + 1e-9 * np.eye(places))
    shocks = root @ rng.standard_normal((places, steps))
    found = np.empty_like(shocks)
    found[:, 0] = shocks[:, 0]
    for t in range(1, steps):
        found[:, t] = memory * found[:, t - 1] + np.sqrt(1 - memory**2) * shocks[:, t]
    return found


def _normal_share(noise: np.ndarray) -> np.ndarray:
    return np.clip(norm.cdf(noise), 1e-9, 1 - 1e-9)


def _turbine(speed: np.ndarray) -> np.ndarray:
    rising = (speed**3 - CUT_IN**3) / (RATED**3 - CUT_IN**3)
    return np.where(speed >= CUT_OUT, 0.0, np.clip(rising, 0.0, 1.0))


def _scaled(output, full_load_hours: float) -> np.ndarray:
    """output(c) at the c whose year sums to the full-load hours; InputMistakes where no c gives them."""
    most = float(output(MOST_SCALE).sum())
    if not 0 < full_load_hours < most:
        raise InputMistakes([Mistake(f"{full_load_hours:g} full-load hours", f"above 0 and below {most:.0f}")])
    return output(brentq(lambda c: output(c).sum() - full_load_hours, 0.0, MOST_SCALE))
