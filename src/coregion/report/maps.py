"""Where it changes: what the maps of the page show. One drawing a frame, the figures of every variable and package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from coregion.report.classes import COLOURS, NO_FIGURE, Classes, classes
from coregion.report.frames import by_package, inner_regions, members, place_names
from coregion.report.numbers import amount, both, per_cent
from coregion.report.spans import Span, Spans
from coregion.variables import variable

MAPPED = ("residents", "jobs", "wage", "floor_space_price", "welfare", "pm25")
FIGURES = ("baseline", "value", "change_pct")
WIDTH = 520
INSET = 210
INSETS = 2
SPECK = 1 / 16  # of the map's longer side: districts narrower than this get an inset
ENOUGH = 4
INK = "#3b3b3b"


@dataclass(frozen=True)
class Frame:
    """A window on the ground: west, south, east, north [degrees], the width and height it is drawn with [pixels]."""

    name: str
    title: str
    bounds: tuple[float, float, float, float]
    width: int
    height: int


@dataclass(frozen=True)
class Layer:
    """A variable's figures for one package, aligned with the places drawn. ranges: how sure they are, in words."""

    variable: str
    baseline: tuple[str, ...]
    value: tuple[str, ...]
    change: tuple[str, ...]
    classes: Classes
    ranges: str


def drawn_places(regions: pd.DataFrame, boundaries: dict) -> pd.DataFrame:
    """Names and jurisdictions of the places that have both figures and a polygon, in order of the polygons."""
    names = place_names(inner_regions(regions), "region")
    return names.loc[[f["id"] for f in boundaries["features"] if f["id"] in names.index]]


def layers(
    regions: pd.DataFrame,
    codes: Sequence[str],
    packages: Sequence[str],
    known: Spans = Spans(),  # noqa: B008
    why: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, dict[str, Layer]]:
    """The figures to draw, by package and variable; a variable that the table lacks is left out.

    known: ranges, which stand beside the changes that have one. why: what is said where a package has none.
    """
    inner = inner_regions(regions)
    found: dict[str, dict[str, Layer]] = {package: {} for package in packages}
    for name in MAPPED:
        table = by_package(inner, "region", name)[list(FIGURES)]
        written = cache(partial(amount, unit=variable(name).unit))  # a baseline is the same in every package
        having = list(table.index.unique("package").intersection(list(packages)))
        figures = table.reindex(pd.MultiIndex.from_product([having, list(codes)])).to_numpy(dtype=float)
        for package, rows in zip(having, figures.reshape(len(having), len(codes), len(FIGURES)), strict=True):
            ranges = [known.of(code, package, name) for code in codes]
            sure = certainty(ranges) or why.get(package, "")
            found[package][name] = _layer(name, rows, ranges, written, sure)
    return found


def certainty(ranges: Sequence[Span]) -> str:
    """How many places surely rise or fall, by their ranges; empty where none has one."""
    known = [span for span in ranges if span]
    above, below = sum(span.low > 0 for span in known), sum(span.high < 0 for span in known)
    rest = len(known) - above - below
    return f"Ranges by place: {above} above zero, {below} below, {rest} on both sides of it." if known else ""


def _layer(name: str, figures: np.ndarray, ranges: Sequence[Span], written: Callable[[float], str], sure: str) -> Layer:
    """figures: [place, one of FIGURES]."""
    baseline, value, change = figures.T
    return Layer(
        variable=name,
        baseline=tuple(map(written, baseline)),
        value=tuple(map(written, value)),
        change=tuple(span.beside(per_cent(v), per_cent) for v, span in zip(change, ranges, strict=True)),
        classes=classes(change),
        ranges=sure,
    )


def frames(boundaries: dict, places: pd.DataFrame, names: dict[str, str], residents: pd.Series) -> tuple[Frame, ...]:
    """The whole map, then insets of the cities whose people live most closely, in districts that are specks on it.

    names: of the cities, by code. residents: by place [persons].
    """
    polygons = {f["id"]: shape(f["geometry"]) for f in boundaries["features"] if f["id"] in places.index}
    everything = shapely.total_bounds(np.array(list(polygons.values())))
    whole = _frame("map", "", everything, WIDTH)
    longest = max(everything[2] - everything[0], everything[3] - everything[1])
    small = {
        code: polygon
        for code, polygon in polygons.items()
        if max(polygon.bounds[2] - polygon.bounds[0], polygon.bounds[3] - polygon.bounds[1]) < SPECK * longest
    }
    cities: dict[str, list[str]] = {}
    for code in small:
        cities.setdefault(str(places.loc[code, "prefecture"]), []).append(code)
    crowded = [city for city, codes in cities.items() if len(codes) >= ENOUGH]
    crowded.sort(key=lambda city: -_crowding([small[c] for c in cities[city]], residents.reindex(cities[city])))
    insets = [
        _frame(
            f"inset-{number}",
            names.get(city, city),
            shapely.total_bounds(np.array([small[c] for c in cities[city]])),
            INSET,
        )
        for number, city in enumerate(crowded[:INSETS], 1)
    ]
    return (whole, *insets)


def _crowding(polygons: list[shapely.Geometry], residents: pd.Series) -> float:
    """Persons per square degree of the window that holds the polygons."""
    west, south, east, north = shapely.total_bounds(np.array(polygons))
    return float(residents.sum() / ((east - west) * (north - south)))


def _mercator(latitude: float) -> float:
    return float(np.log(np.tan(np.pi / 4 + np.radians(latitude) / 2)))


def _frame(name: str, title: str, bounds: np.ndarray, width: int) -> Frame:
    west, south, east, north = (float(b) for b in bounds)
    pad = 0.02 * max(east - west, north - south)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    ratio = (_mercator(north) - _mercator(south)) / np.radians(east - west)
    return Frame(name, title, (west, south, east, north), width, round(width * min(max(ratio, 0.6), 1.5)))


def drawing(frame: Frame, movable: bool) -> dict[str, Any]:
    """The Vega-Lite chart of a frame; its data sets ``places``, ``borders``, ``lines``, ``labels`` come from the page.

    movable: with the parameters zoom, east, south, to which the page's buttons and the pointer are bound.
    """
    west, south, east, north = frame.bounds
    centre = _mercator(south) / 2 + _mercator(north) / 2
    latitude = float(np.degrees(2 * np.arctan(np.exp(centre)) - np.pi / 2))
    scale = min(frame.width / np.radians(east - west), frame.height / (_mercator(north) - _mercator(south)))
    zoom, right, down = (alt.param(name=n, value=v) for n, v in (("zoom", 1), ("right", 0), ("down", 0)))
    move = f"[{frame.width / 2} + right, {frame.height / 2} + down]"
    layers_drawn = [_places(), _lines("borders", 1.1, INK), _lines("lines", 2.2, "#1b7837", "name"), *_labels()]
    chart = alt.layer(*(layers_drawn if movable else layers_drawn[:3])).properties(
        width=frame.width, height=frame.height
    )
    chart = chart.project(
        type="mercator",
        center=[(west + east) / 2, latitude],
        scale=alt.expr(f"{scale} * zoom"),
        translate=alt.expr(move),
    )
    return chart.add_params(zoom, right, down).to_dict() | {"config": CONFIG, "padding": 0}


# As in the page's style: a width can only be measured in a font that is named.
FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", '
    '"Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif'
)
POINTED_AT = {
    "place": "Place 地区",
    "city": "City 市",
    "baseline": "Base year 基准",
    "value": "With it 方案",
    "change": "Change 变化",
}
CONFIG = {
    "view": {"stroke": None},
    "background": None,
    "font": FONT,
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "gridColor": "#88888844",
    },
    "legend": {"labelFontSize": 12, "labelColor": "currentColor", "titleColor": "currentColor", "labelLimit": 320},
    "aria": False,
}


def _places() -> alt.Chart:
    tooltip = [alt.Tooltip(f"{name}:N", title=title) for name, title in POINTED_AT.items()]
    return (
        alt.Chart(alt.NamedData("places"))
        .mark_geoshape(stroke=INK, strokeWidth=0.25)
        .encode(
            color=alt.Color("class:O", legend=None).scale(
                domain=[-1, *range(len(COLOURS))], range=[NO_FIGURE, *COLOURS]
            ),
            tooltip=tooltip,
        )
    )


def _lines(data: str, width: float, colour: str, tooltip: str | None = None) -> alt.Chart:
    """Lines without a surface: one that is transparent would catch the pointer in place of the place below."""
    mark = {"filled": False, "fill": "none", "stroke": colour, "strokeWidth": width}
    chart = alt.Chart(alt.NamedData(data)).mark_geoshape(**mark)
    return chart.encode(tooltip=alt.Tooltip(f"{tooltip}:N")) if tooltip else chart


def _labels() -> list[alt.Chart]:
    base = alt.Chart(alt.NamedData("labels")).encode(longitude="longitude:Q", latitude="latitude:Q", text="name:N")
    halo = base.mark_text(
        lineBreak="\n", fontSize=11, stroke="#ffffff", strokeWidth=3, strokeOpacity=0.85, strokeJoin="round"
    )
    return [halo, base.mark_text(lineBreak="\n", fontSize=11, fill="#111111")]


def outlines(boundaries: dict, places: pd.DataFrame) -> list[dict[str, Any]]:
    """The outline of every first-level jurisdiction, for orientation."""
    parts: dict[str, list] = {}
    for feature in boundaries["features"]:
        if feature["id"] in places.index:
            parts.setdefault(str(places.loc[feature["id"], "jurisdiction"]), []).append(shape(feature["geometry"]))
    return [
        {"type": "Feature", "geometry": mapping(shapely.union_all(np.array(polygons)).boundary)}
        for polygons in parts.values()
    ]


def labels(boundaries: dict, places: pd.DataFrame, names: dict[str, str]) -> list[dict[str, Any]]:
    """A name in the middle of every second-level jurisdiction."""
    parts: dict[str, list] = {}
    for feature in boundaries["features"]:
        if feature["id"] in places.index:
            parts.setdefault(str(places.loc[feature["id"], "prefecture"]), []).append(shape(feature["geometry"]))
    points = {code: shapely.union_all(np.array(polygons)).representative_point() for code, polygons in parts.items()}
    return [
        {"name": names.get(code, code), "longitude": round(point.x, 3), "latitude": round(point.y, 3)}
        for code, point in points.items()
    ]


def opened_lines(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines that the package opens, as features with a name."""
    return [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": line["coordinates"]},
            "name": both(line["name_en"], line["name_zh"]),
        }
        for line in lines
        if line["opened_by_package"]
    ]


def page_data(places: pd.DataFrame, drawn: dict[str, dict[str, Layer]], cities: dict[str, str]) -> dict[str, Any]:
    """What the page's script needs to colour and to name the places, in plain lists."""
    return {
        "place": [both(en, zh) for en, zh in zip(places["name_en"], places["name_zh"], strict=True)],
        "code": list(places.index),
        "city": [cities.get(str(code), str(code)) for code in places["prefecture"]],
        "packages": {
            package: {
                name: {
                    "class": list(layer.classes.of),
                    "baseline": list(layer.baseline),
                    "value": list(layer.value),
                    "change": list(layer.change),
                    "legend": list(layer.classes.labels),
                    "counts": list(layer.classes.counts),
                    "ranges": layer.ranges,
                }
                for name, layer in by_variable.items()
            }
            for package, by_variable in drawn.items()
        },
        "measures": {package: list(members(package)) for package in drawn},
    }
