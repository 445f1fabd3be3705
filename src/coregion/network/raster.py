"""What a raster of these lines would say: minutes along straight lines and over the ground beside them.

Some published times are not a traveller's but those of the best path over the cells of a map: a cell that a line
crosses is passed at the line's speed, every other cell at one slow speed. There are no stations, no waiting and no
stops; lines may be joined, left and changed wherever they pass. Here lines are straight between their nodes and cut
into pieces; between lines that are near each other, and from the places to any of them, one goes straight over ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from coregion.network.record import Network, usable_links
from coregion.network.times import lightest_links, link_minutes

PIECE_KM = 5.0
"""Longest piece of a line. Crossings and the points nearest to nodes and places are always points of a line, so that
halving the pieces changes minutes by far less than 1 %."""

REACH_KM = 12.0
"""Farthest from one line to another over the ground; from a place the ground is open without limit."""

KM_PER_DEGREE = 6371.0 * np.pi / 180


@dataclass(frozen=True)
class _Lines:
    """Straight lines in the plane. tail, head: km, [line, 2]; first, last: their nodes; minutes: end to end."""

    tail: Float[np.ndarray, "line 2"]
    head: Float[np.ndarray, "line 2"]
    first: Int[np.ndarray, " line"]
    last: Int[np.ndarray, " line"]
    minutes: Float[np.ndarray, " line"]


def raster_minutes(
    network: Network,
    modes: tuple[str, ...],
    start: Float[np.ndarray, "pair 2"],
    end: Float[np.ndarray, "pair 2"],
    ground_speed: float,
    drawn_off_km: float = 0.0,
    piece_km: float = PIECE_KM,
) -> Float[np.ndarray, " pair"]:
    """Minutes between pairs of points (longitude, latitude in degrees) over open links of some modes and the ground.

    min over paths of Σ minutes of links passed + 60 · km over ground / ground_speed, and 2 · 60 · drawn_off_km /
    ground_speed for the ground by which the two points lie farther from the lines as a coarse map draws them than from
    those of the network; 0 from a point to itself.
    Dijkstra (1959) on the points of the lines. Links without coordinates are not drawn. ground_speed: km/h.
    """
    places, position = np.unique(np.concatenate([start, end]), axis=0, return_inverse=True)
    origin, destination = np.split(position.reshape(-1), 2)
    scale = KM_PER_DEGREE * np.array([np.cos(np.radians(places[:, 1].mean())), 1.0])
    lines = _straight_lines(network, modes, scale)
    points, rows, columns, along = _tracks(lines, len(network.node_code), _cuts(lines, places * scale, piece_km))
    ground_from, ground_to, km = _ground(points, np.unique(np.concatenate([rows, columns])), places * scale)
    graph = lightest_links(
        len(points) + len(places),
        np.concatenate([rows, ground_from]),
        np.concatenate([columns, ground_to]),
        np.concatenate([along, 60 * km / ground_speed]),
    )
    minutes = dijkstra(graph, directed=False, indices=len(points) + np.arange(len(places)))[:, len(points) :]
    return minutes[origin, destination] + np.where(origin == destination, 0.0, 120 * drawn_off_km / ground_speed)


def _straight_lines(network: Network, modes: tuple[str, ...], scale: np.ndarray) -> _Lines:
    chosen = usable_links(network, modes)
    node = np.column_stack([network.longitude, network.latitude]) * scale
    first, last = network.links.origin[chosen], network.links.destination[chosen]
    drawn = np.isfinite(node[first] + node[last]).all(axis=1)
    first, last = first[drawn], last[drawn]
    return _Lines(node[first], node[last], first, last, link_minutes(network)[chosen[drawn]])


def _cuts(lines: _Lines, places: np.ndarray, piece_km: float) -> list[np.ndarray]:
    """Where each line is cut, as shares of it: into pieces, where another crosses, nearest to the nodes and places."""
    way = lines.head - lines.tail
    length = np.hypot(*way.T)
    ends = np.unique(np.concatenate([lines.tail, lines.head, places]), axis=0)
    feet = np.einsum("lpk,lk->lp", ends[None] - lines.tail[:, None], way) / np.maximum(length**2, 1e-12)[:, None]
    away = np.hypot(*np.moveaxis(lines.tail[:, None] + feet[..., None] * way[:, None] - ends[None], -1, 0))
    of_place = np.isin(ends, places).all(axis=1)
    near = (away < REACH_KM) | of_place
    crossing = _crossings(lines.tail, way)
    cuts = []
    for line, pieces in enumerate(np.ceil(length / piece_km).astype(int)):
        share = np.concatenate([np.arange(1, pieces) / pieces, feet[line][near[line]], crossing[line]])
        cuts.append(np.unique(np.round(share[(share > 1e-9) & (share < 1 - 1e-9)], 9)))
    return cuts


def _crossings(tail: np.ndarray, way: np.ndarray) -> list[np.ndarray]:
    """For each line the shares of it at which others cross it: tail + s · way = tail' + t · way', 0 < s, t < 1."""
    apart = tail[None] - tail[:, None]
    turn = way[:, None, 0] * way[None, :, 1] - way[:, None, 1] * way[None, :, 0]
    turn = np.where(np.abs(turn) > 1e-9, turn, np.nan)
    share = (apart[..., 0] * way[None, :, 1] - apart[..., 1] * way[None, :, 0]) / turn
    crosses = (share > 0) & (share < 1) & (share.T > 0) & (share.T < 1)
    return [row[crossed] for row, crossed in zip(share, crosses, strict=True)]


def _tracks(lines: _Lines, nodes: int, cuts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points (the nodes first) and the pieces of lines between them: from, to, minutes."""
    points, rows, columns, minutes = [np.full((nodes, 2), np.nan)], [], [], []
    points[0][lines.first], points[0][lines.last] = lines.tail, lines.head
    size = nodes
    for line, share in enumerate(cuts):
        points.append(lines.tail[line] + share[:, None] * (lines.head[line] - lines.tail[line]))
        stops = np.concatenate([[lines.first[line]], size + np.arange(len(share)), [lines.last[line]]])
        size += len(share)
        rows.append(stops[:-1])
        columns.append(stops[1:])
        minutes.append(np.diff(np.concatenate([[0.0], share, [1.0]])) * lines.minutes[line])
    none = np.zeros(0, dtype=int)
    return (
        np.concatenate(points),
        np.concatenate([none, *rows]),
        np.concatenate([none, *columns]),
        np.concatenate([np.zeros(0), *minutes]),
    )


def _ground(points: np.ndarray, on_lines: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ways over the ground: from, to, km. Places are numbered after the points and reach all of them and each other."""
    near = cKDTree(points[on_lines]).query_pairs(REACH_KM, output_type="ndarray") if len(on_lines) else np.zeros((0, 2))
    start, end = on_lines[near.astype(int).T]
    place = len(points) + np.arange(len(places))
    first, other = np.triu_indices(len(places), 1)
    rows = np.concatenate([start, np.repeat(place, len(on_lines)), place[first]])
    columns = np.concatenate([end, np.tile(on_lines, len(places)), place[other]])
    where = np.concatenate([points, places])
    return rows, columns, np.hypot(*(where[rows] - where[columns]).T)
