"""Builds network_observed.csv of a study: published travel times that the network is fitted to and checked against.

Run: ``python scripts/build_network_observed.py FOLDER``, FOLDER holding prefecture_times.csv (hours by road and by
passenger rail between prefectures; Ma and Tang 2024), hsr_stations_2016.csv and hsr_od_stations_2016.csv (minutes of
the fastest train; timetable of 2016-03-10). Prefectures stand at the county seat nearest to the point that the
publication takes for the city. A pair of stations has the mean of the two directions. Half of the pairs of each kind,
drawn by a seeded shuffle, is for fitting; the other half is held out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from coregion.network.record import great_circle_km

STUDY = Path(__file__).parents[1] / "src/coregion/studies/jingjinji"
SEED = 2020
GROUND = {"road": None, "rail": 10.0}
"""km/h of the publication over ground without a railway: it knows no stations and no waiting."""
DRAWN_OFF_KM = {"road": None, "rail": 2.2}
"""How much farther a city's point lies from the lines on the publication's maps, 1:4,500,000 to 1:6,000,000, than from
those of this network: on its raster of 2020, in cells of 0.51 km, the railway Beijing-Shanghai passes 12.7 km from the
point of Cangzhou, here 1.5 km. One figure for all places, fitted by fit_network.py to the fitted half of the hours by
rail, which prints it."""
WITHOUT = {"road": "", "rail": "jinqin tangshan-conn"}
"""Lines that the publication's passenger network lacks: its table of segments (seg_info_rail.csv) has no high-speed
line Tianjin-Qinhuangdao, and its changelog has the railway Fengrun-Tangshan for goods only."""
ROADS_AND_RAILS = "Ma and Tang (2024, JIE), transportation_networks_of_china: a model's time, city to city"
TRAINS = "timetable of 2016-03-10, metromancn/Parse12306 (MIT): fastest train, mean of both directions"
COLUMNS = {"road_2020_h": ("road", "2020-06"), "road_2024_h": ("road", "2024-12"),
           "rail_pass_2020_h": ("rail", "2020-06"), "rail_pass_2024_h": ("rail", "2024-12")}  # fmt: skip

# The points of the publication's city table (longitude, latitude), by prefecture.
CITY = {
    "1101": (116.42, 39.93), "1201": (117.20, 39.12), "1301": (114.52, 38.05), "1302": (118.18, 39.59),
    "1303": (119.60, 39.93), "1304": (114.48, 36.62), "1305": (114.48, 37.07), "1306": (115.47, 38.87),
    "1307": (114.88, 40.82), "1308": (117.93, 40.97), "1309": (116.83, 38.30), "1310": (116.70, 39.52),
    "1311": (115.68, 37.73),
}  # fmt: skip


def seats() -> dict[str, str]:
    """The county seat nearest to each city's point."""
    places = pd.read_csv(STUDY / "network_places.csv", dtype={"code": str})
    counties = places[places.kind == "county"]
    where = (counties.longitude.to_numpy(float), counties.latitude.to_numpy(float))
    return {city: counties.code.iloc[int(np.argmin(great_circle_km(*point, *where)))] for city, point in CITY.items()}


def halves(count: int) -> list[str]:
    """'fit' and 'check' in turn along a seeded shuffle."""
    half = np.empty(count, dtype=object)
    half[np.random.default_rng(SEED).permutation(count)] = np.where(np.arange(count) % 2 == 0, "fit", "check")
    return list(half)


def points(kind: str, origin: str, destination: str) -> tuple:
    """Longitude and latitude of two cities' points, where times go over the ground from there."""
    return (*CITY[origin], *CITY[destination]) if GROUND[kind] else (None,) * 4


def city_rows(folder: Path) -> list[tuple]:
    table = pd.read_csv(folder / "prefecture_times.csv", dtype={"origin": str, "destination": str})
    seat, half = seats(), halves(len(table))
    return [
        (
            *(kind, month, seat[a], seat[b], round(60 * hours, 1), half[row], GROUND[kind]),
            *(DRAWN_OFF_KM[kind], WITHOUT[kind]),
            *points(kind, a, b),
            ROADS_AND_RAILS,
        )
        for column, (kind, month) in COLUMNS.items()
        for row, (a, b, hours) in enumerate(table[["origin", "destination", column]].values)
    ]


def train_rows(folder: Path) -> list[tuple]:
    code = pd.read_csv(folder / "hsr_stations_2016.csv").set_index("name").code
    table = pd.read_csv(folder / "hsr_od_stations_2016.csv")
    pair = [tuple(sorted((code[a], code[b]))) for a, b in table[["o", "d"]].values]
    minutes = table.min_minutes.groupby(pd.Series(pair)).mean()
    half = halves(len(minutes))
    return [
        ("train", "2016-03", a, b, round(value, 1), half[row], None, None, "", None, None, None, None, TRAINS)
        for row, ((a, b), value) in enumerate(zip(minutes.index, minutes, strict=True))
    ]


def main() -> None:
    folder = Path(sys.argv[1])
    names = ["kind", "month", "origin", "destination", "minutes", "half", "ground_speed", "drawn_off_km", "without"]
    names += ["origin_longitude", "origin_latitude", "destination_longitude", "destination_latitude", "source"]
    table = pd.DataFrame([*city_rows(folder), *train_rows(folder)], columns=names)
    table.to_csv(STUDY / "network_observed.csv", index=False)
    print(table.groupby(["kind", "month", "half"]).size().to_string())


if __name__ == "__main__":
    main()
