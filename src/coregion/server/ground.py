"""What the map is drawn on: outlines of counties and governments, and the network's places and links."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coregion.data.boundaries import county_boundaries
from coregion.data.tables import read_table
from coregion.measures.link import Link
from coregion.network.classes import collect_network_settings
from coregion.network.read import NODE_COLUMNS
from coregion.report.maps import outlines
from coregion.server.served import Served
from coregion.server.texts_zh import chinese


def boundaries(served: Served) -> dict[str, Any]:
    """Polygons of the counties, outlines of the first level, the note that stands under the map."""
    region, inside = served.study.region, served.study.region.inside
    shapes, note = county_boundaries(
        region.code[:inside], region.longitude[:inside], region.latitude[:inside], served.study.settings
    )
    places = pd.DataFrame({"jurisdiction": region.province[:inside]}, index=list(region.code[:inside]))
    borders = [
        {"code": code, "geometry": outlines(shapes, places[places["jurisdiction"] == code])[0]["geometry"]}
        for code in dict.fromkeys(places["jurisdiction"])
    ]
    points = [point for feature in shapes["features"] for point in _points(feature["geometry"]["coordinates"])]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    return {**shapes, "borders": borders, "note": note, "note_zh": chinese(note), "bbox": [west, south, east, north]}


def _points(coordinates: Any):
    """Every pair of a nested list of coordinates."""
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates
    else:
        for part in coordinates:
            yield from _points(part)


def network_drawing(served: Served) -> dict[str, Any]:
    """Nodes that are no county, and every link with its ends and the measures that open it; what has no place on the
    map (the rest of the world) is left out."""
    network, links = served.study.network, served.study.network.links
    names = _node_names(served)
    opened_by: dict[str, list[str]] = {}
    for measure in served.study.measures:
        for line in measure.lines if isinstance(measure, Link) else ():
            opened_by.setdefault(line, []).append(measure.name)

    def point(node: int) -> list[float]:
        return [round(float(network.longitude[node]), 4), round(float(network.latitude[node]), 4)]

    first, placed = served.study.region.inside, np.isfinite(network.longitude + network.latitude)
    places = [
        {
            "code": network.node_code[node],
            "kind": network.node_kind[node],
            "name_en": names.get(network.node_code[node], ("", ""))[0],
            "name_zh": names.get(network.node_code[node], ("", ""))[1],
            "longitude": point(node)[0],
            "latitude": point(node)[1],
        }
        for node in range(first, len(network.node_code))
        if placed[node]
    ]
    drawn = [
        {
            "line": links.line[i],
            "mode": network.classes[links.kind[i]].mode,
            "class": network.classes[links.kind[i]].name,
            "open": bool(links.is_open[i]),
            "opened_by": opened_by.get(links.line[i], []),
            "from": network.node_code[links.origin[i]],
            "to": network.node_code[links.destination[i]],
            "coordinates": [point(links.origin[i]), point(links.destination[i])],
        }
        for i in np.flatnonzero(placed[links.origin] & placed[links.destination]).tolist()
    ]
    return {"places": places, "links": drawn}


def _node_names(served: Served) -> dict[str, tuple[str, str]]:
    """Names of the network's nodes by code, from its table."""
    folder = served.study.folder
    settings, _ = collect_network_settings(folder / served.study.settings.tables.network)
    table = read_table(folder / settings.tables.nodes, NODE_COLUMNS, "code")[0] if settings else None
    if table is None:
        return {}
    names = zip(table.text("name_en"), table.text("name_zh"), strict=True)
    return dict(zip(table.text("code"), names, strict=True))
