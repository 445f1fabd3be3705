"""Builds power_hours.csv of a study: representative weeks of load, wind and sun, with the peak kept.

Run: ``python scripts/build_energy.py FOLDER``, FOLDER holding load_hourly_bth.csv (MW by the hour in Beijing, Tianjin
and Hebei; PyPSA-China-PIK). Loads are scaled to the totals of 2020; Hebei is split between its north and south by
secondary value added. Wind and sun are made by ``coregion.energy.profiles`` with the full-load hours below. Of the 52
weeks the one with the region's peak is kept as it is; five others are the medoids of the rest, each standing for the
weeks nearest to it. Loads of those five are scaled so that every area's total is that of the year; wind and sun are
raised to a power so that their full-load hours are.

``--full-year`` also solves the whole year once, with and without the project, and prints how far the weeks are from it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from coregion.energy.expansion import solve_power
from coregion.energy.outcome import WITHOUT
from coregion.energy.profiles import HOURS, sun_profile, wind_profile
from coregion.energy.read import read_power_system
from coregion.energy.system import Hours, PowerSystem
from coregion.location import p_median
from coregion.network.record import great_circle_km

STUDY = Path(__file__).parents[1] / "src/coregion/studies/jingjinji"
SEED, WEEK, WEEKS = 2020, 168, 6
TOTAL_TWH = {"beijing": 118.0, "tianjin": 97.6, "hebei": 410.1}
NORTH = ("1307", "1308")

# Full-load hours before curtailment (recalled), and where the weather is taken (degrees east, north).
WIND_HOURS = {"tianjin": 2100, "hebei_north": 2500, "hebei_south": 2100}
SUN_HOURS = {"beijing": 1250, "tianjin": 1250, "hebei_north": 1500, "hebei_south": 1300}
WHERE = {"beijing": (116.4, 40.0), "tianjin": (117.4, 39.2), "hebei_north": (115.2, 41.3), "hebei_south": (115.5, 38.3)}


def loads(folder: Path) -> dict[str, np.ndarray]:
    """MW by the hour of the year in each area."""
    table = pd.read_csv(folder / "load_hourly_bth.csv")
    scaled = {
        area: table[column].to_numpy() * total * 1e6 / table[column].sum()
        for (area, total), column in zip(TOTAL_TWH.items(), ("BJ", "TJ", "HE"), strict=True)
    }
    cities = pd.read_csv(STUDY / "prefectures.csv", dtype={"code": str, "province": str})
    hebei = cities[cities.province == "13"]
    secondary = hebei.gdp_100m_yuan * hebei.secondary_percent
    north = secondary[hebei.code.isin(NORTH)].sum() / secondary.sum()
    hebei_load = scaled.pop("hebei")
    return {**scaled, "hebei_north": north * hebei_load, "hebei_south": (1 - north) * hebei_load}


def distances(areas: list[str]) -> np.ndarray:
    """Great circle [km] between the areas' points."""
    x, y = (np.array([WHERE[area][k] for area in areas]) for k in (0, 1))
    return great_circle_km(x[:, None], y[:, None], x[None, :], y[None, :])


def year(folder: Path) -> pd.DataFrame:
    """Every column of the whole year."""
    columns: dict[str, np.ndarray] = {f"load_{area}_mw": load for area, load in loads(folder).items()}
    wind, sun = list(WIND_HOURS), list(SUN_HOURS)
    made = wind_profile(list(WIND_HOURS.values()), distances(wind), SEED)
    columns |= {f"wind_{area}": values for area, values in zip(wind, made, strict=True)}
    made = sun_profile(list(SUN_HOURS.values()), [WHERE[area][1] for area in sun], distances(sun), SEED + 1)
    columns |= {f"sun_{area}": values for area, values in zip(sun, made, strict=True)}
    return pd.DataFrame(columns)


def chosen_weeks(hours: pd.DataFrame) -> tuple[int, dict[int, int]]:
    """The week of the peak, and how many weeks each chosen week (the peak's too) stands for."""
    whole = hours.iloc[: 52 * WEEK]
    load = whole.filter(like="load_").sum(axis=1).to_numpy()
    kinds = [load / load.max(), *(whole.filter(like=kind).mean(axis=1).to_numpy() for kind in ("wind_", "sun_"))]
    features = np.hstack([kind.reshape(52, WEEK) / np.sqrt(WEEK) for kind in kinds])
    distance = np.linalg.norm(features[:, None] - features[None], axis=2)
    peak = int(np.argmax(load) // WEEK)
    nearest = np.minimum(distance, distance[:, [peak]])
    _, medoids = p_median(nearest, np.ones(52), WEEKS - 1)
    sites = np.array(sorted({peak, *medoids.tolist()}))
    counts = np.bincount(np.argmin(distance[:, sites], axis=1), minlength=len(sites))
    return peak, dict(zip(sites.tolist(), counts.tolist(), strict=True))


def representative(hours: pd.DataFrame) -> pd.DataFrame:
    """The chosen weeks with their weights, and totals and full-load hours of the year."""
    peak, counts = chosen_weeks(hours)
    rows = np.concatenate([np.arange(week * WEEK, (week + 1) * WEEK) for week in counts])
    weight = np.repeat([count * HOURS / (52 * WEEK) for count in counts.values()], WEEK)
    table = hours.iloc[rows].reset_index(drop=True)
    others = rows // WEEK != peak
    for name in map(str, table.columns):
        values, total = table[name].to_numpy(), hours[name].sum()
        if name.startswith("load_"):
            fixed = (values * weight)[~others].sum()
            values = np.where(others, values * (total - fixed) / (values * weight)[others].sum(), values)
        else:
            power = brentq(lambda g, v=values, t=total: (v**g * weight).sum() - t, 0.2, 5.0)
            values = values**power
        table[name] = values
    table.insert(0, "hour_of_year", rows + 1)
    table.insert(1, "block", [f"week {row // WEEK + 1}" for row in rows])
    table.insert(2, "stands_for_hours", weight)
    return table


def write(table: pd.DataFrame) -> None:
    """Loads to the MW, profiles to four decimals."""
    rounded = table.round({name: 0 if name.startswith("load_") else 4 for name in table.columns[3:]})
    rounded = rounded.astype({name: int for name in map(str, table.columns) if name.startswith("load_")})
    rounded.to_csv(STUDY / "power_hours.csv", index=False, float_format="%.10g")


def compare_with_year(hours: pd.DataFrame) -> None:
    """Solve the whole year and print the weeks' figures beside it."""
    system = read_power_system(STUDY, "power.toml")
    names = [area.code for area in system.file.areas]
    whole = Hours(
        block=("year",) * HOURS,
        weight=np.ones(HOURS),
        load=np.stack([hours[f"load_{area}_mw"].to_numpy() for area in names]),
        profile={key: hours[f"{key[0]}_{key[1]}"].to_numpy() for key in system.hours.profile},
    )
    for project in (WITHOUT, *(entry.code for entry in system.file.projects)):
        found = []
        for hours_of in (system, PowerSystem(system.file, whole)):
            begun = time.perf_counter()
            found.append(solve_power(replace(hours_of), project, seconds=3000))
            print(f"{project}: {len(hours_of.hours.weight)} hours in {time.perf_counter() - begun:.0f} s", flush=True)
        weeks, everything = found
        for key, value in everything.figures.items():
            print(f"{project},{key[0]},{key[1]},{weeks.figures[key]:.6g},{value:.6g}", flush=True)


if __name__ == "__main__":
    year_of_hours = year(Path(sys.argv[1]))
    write(representative(year_of_hours))
    if "--full-year" in sys.argv[2:]:
        compare_with_year(year_of_hours)
