"""Rebuild the tables of the air of the bundled study: emissions, concentrations, source–receptor matrix, cost curves.

    python scripts/build_environment.py

No open table has emissions by city and sector, or the cells of the published source–receptor matrix. Emissions are
provincial totals shared out by value added, steel and residents; the matrix is built from distance, wind and the
published ranges, and is labelled so. Every recalled or assumed figure stands in ``jingjinji_air_assumed.py``.
"""

from __future__ import annotations

import csv
from pathlib import Path

import jingjinji_air_assumed as assumed
import numpy as np
from scipy.optimize import brentq, minimize

from coregion.air import HOMES
from coregion.data.settings import read_settings
from coregion.network.record import great_circle_km
from coregion.region import Region, read_region

STUDY = Path(__file__).resolve().parents[1] / "src" / "coregion" / "studies" / "jingjinji"
SERVICES = ("business_services", "consumer_services", "public_services")


def write(name: str, header: list[str], table: list[list]) -> None:
    with (STUDY / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(table)
    print(f"{name}: {len(table)} rows")


def value_added(region: Region, areas: list[str]) -> np.ndarray:
    """[area, sector] yuan a year: a group's value added shared by workers times national productivity."""
    member = np.array([[area == code for code in region.prefecture] for area in areas])
    weight = (member @ region.employed_by_sector) * region.technology.value_added_per_worker
    groups = np.array(["primary", "secondary", "tertiary"])
    of_group = groups[:, None] == np.array(region.sector_group)[None, :]
    total = weight @ of_group.T
    return weight * ((region.value_added[: len(areas)] / total) @ of_group)


def activity(region: Region, areas: list[str]) -> np.ndarray:
    """[area, source] what emissions follow: value added (for half of manufacturing steel), homes by residents."""
    member = np.array([[area == code for code in region.prefecture] for area in areas])
    added = value_added(region, areas)
    factories = region.sectors.index("manufacturing")
    steel = np.array([assumed.STEEL.get(area, 0.0) for area in areas])
    mixed = (
        assumed.STEEL_PART * steel / steel.sum()
        + (1 - assumed.STEEL_PART) * added[:, factories] / added[:, factories].sum()
    )
    added[:, factories] = mixed * added[:, factories].sum()
    people = member @ region.residents.sum(axis=0)
    farmers = member @ region.employed_by_sector[:, region.sectors.index("agriculture")]
    rural = farmers / (member @ region.employed_residents)
    return np.column_stack([added, people * (0.2 + rural)])


def emissions(region: Region, areas: list[str]) -> np.ndarray:
    """[pollutant, area, source] t a year: one factor a source, scaled to the total of each province."""
    sources = [*region.sectors, HOMES]
    base = activity(region, areas)
    province = np.array([area[:2] for area in areas])
    result = []
    for pollutant, shares in assumed.SOURCE_SHARES.items():
        by_source = np.array(
            [shares.get(source, shares.get("services", 0.0) / 3 if source in SERVICES else 0.0) for source in sources]
        )
        raw = base * by_source / base.sum(axis=0)
        scale = [assumed.TOTALS[pollutant][p] / raw[province == p].sum() for p in province]
        result.append(raw * np.array(scale)[:, None])
    return np.array(result)


def centres(region: Region, areas: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the people of each area live, and the radius [km] within which they do."""
    people = region.residents.sum(axis=0)
    places = []
    for area in areas:
        there = np.array(region.prefecture) == area
        weight = people[there] / people[there].sum()
        lon, lat = weight @ region.longitude[there], weight @ region.latitude[there]
        away = great_circle_km(
            region.longitude[there], region.latitude[there], np.full(there.sum(), lon), np.full(there.sum(), lat)
        )
        places.append((lon, lat, weight @ away))
    lon, lat, radius = np.array(places).T
    return lon, lat, radius


def kernel(lon, lat, to_lon, to_lat, reach: float) -> np.ndarray:
    """[receptor, source] exp(−d/reach) · (1 + strength · cos(bearing − wind))."""
    pairs = np.broadcast_arrays(lon[None, :], lat[None, :], to_lon[:, None], to_lat[:, None])
    distance = great_circle_km(*pairs)
    east, north = (to_lon[:, None] - lon[None]) * np.cos(np.radians(39)), to_lat[:, None] - lat[None]
    bearing = np.arctan2(east, north) - np.radians(assumed.WIND_TOWARDS)
    return np.exp(-distance / reach) * (1 + assumed.WIND_STRENGTH * np.cos(bearing))


def parts(shape, region, areas, strength) -> tuple[np.ndarray, np.ndarray]:
    """[area, 3] local, other cities, outside, and [receptor, source] weights; shape: logs of reach, own, outside."""
    reach, own, outside = np.exp(shape)
    lon, lat, radius = centres(region, areas)
    among = kernel(lon, lat, lon, lat, reach) * strength
    np.fill_diagonal(among, own * strength * np.exp(-radius / reach))
    far = np.array(list(assumed.NEIGHBOURS.values()))
    hebei = strength[[area.startswith("13") for area in areas]].sum()
    abroad = outside * (kernel(far[:, 0], far[:, 1], lon, lat, reach) @ far[:, 2]) * hebei
    local = np.diag(among)
    total = among.sum(axis=1) + abroad
    return np.column_stack([local, among.sum(axis=1) - local, abroad]) / total[:, None], among


def within(share: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The nearest parts that sum to 1 within the published bounds."""
    shift = brentq(lambda s: np.clip(share + s, low, high).sum() - 1, -2, 2, xtol=1e-14)
    return np.clip(share + shift, low, high)


def source_receptor(region: Region, areas: list[str], emitted: np.ndarray) -> np.ndarray:
    """[receptor, source] parts of PM2.5: reach, own and outside fitted to the six ends of the published ranges."""
    potency = np.array([assumed.POTENCY[p] for p in assumed.SOURCE_SHARES])
    strength = potency @ emitted.sum(axis=2)
    low, high = np.array(list(assumed.PUBLISHED_RANGE.values())).T

    def miss(shape):
        share, _ = parts(shape, region, areas, strength)
        return ((share.min(axis=0) - low) ** 2).sum() + ((share.max(axis=0) - high) ** 2).sum()

    found = minimize(
        miss, np.log([120.0, 1.0, 0.5]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 4000}
    )
    share, among = parts(found.x, region, areas, strength)
    print(
        "reach, own, outside:",
        np.exp(found.x).round(3),
        "ends:",
        share.min(axis=0).round(3),
        share.max(axis=0).round(3),
    )
    matrix = among.copy()
    np.fill_diagonal(matrix, 0)
    for row in range(len(areas)):
        local, others, _ = within(share[row], low, high)
        matrix[row] *= others / matrix[row].sum()
        matrix[row, row] = local
    return matrix


def main() -> None:
    settings = read_settings(STUDY)
    region = read_region(STUDY, settings)
    areas = list(dict.fromkeys(region.prefecture[: region.inside]))
    sources = [*region.sectors, HOMES]
    pollutants = list(assumed.SOURCE_SHARES)
    emitted = emissions(region, areas)
    write(
        "pollutants.csv",
        ["code", "name_en", "name_zh", "potency"],
        [[p, *assumed.NAMES[p], assumed.POTENCY[p]] for p in pollutants],
    )
    write(
        "emissions.csv",
        ["area", "source", *(f"{p}_t" for p in pollutants)],
        [
            [area, source, *(round(float(emitted[p, a, s]), 1) for p in range(len(pollutants)))]
            for a, area in enumerate(areas)
            for s, source in enumerate(sources)
        ],
    )
    matrix = source_receptor(region, areas, emitted)
    write(
        "source_receptor.csv",
        ["receptor", *areas],
        [[area, *np.round(row, 4).tolist()] for area, row in zip(areas, matrix, strict=True)],
    )
    write("air.csv", ["place", "pm25"], [[area, assumed.PM25[area]] for area in areas])
    write(
        "abatement_costs.csv",
        ["jurisdiction", "source", "pollutant", "yuan_per_t", "highest_share"],
        [
            [province, source, pollutant, int(cost * factor), share]
            for province, factor in assumed.DEARER.items()
            for (source, pollutant), (cost, share) in assumed.COSTS.items()
        ],
    )


if __name__ == "__main__":
    main()
