"""Published travel times beside the network's: what a network is fitted to, and how far it is from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from coregion.data.tables import Column, Table, read_table, unknown_codes
from coregion.errors import InputMistakes, Mistake, nearest
from coregion.network.change import at_month, close_lines
from coregion.network.classes import MONTH
from coregion.network.raster import raster_minutes
from coregion.network.record import Network, great_circle_km
from coregion.network.times import path_minutes, vehicle_minutes

OBSERVED_FILE = "network_observed.csv"

COMPARED_FILES = (OBSERVED_FILE, "network_fit.csv", "network_fit_changes.csv")
"""Tables that hold a network against published times. Nothing that the model computes depends on them."""

DOOR_TO_DOOR: Mapping[str, tuple[str, ...]] = {"road": ("road",), "rail": ("access", "rail")}
"""Kinds of observed times between places, with the modes they went by."""

_POINT = ("origin_longitude", "origin_latitude", "destination_longitude", "destination_latitude")

KINDS = (*DOOR_TO_DOOR, "train")
"""Also "train": minutes in a train between stations, as a timetable has them."""

_COLUMNS = (
    Column("kind", "code"),
    Column("month", "text"),
    Column("origin", "code"),
    Column("destination", "code"),
    Column("minutes", unit="minutes", minimum=0.1, maximum=1e5),
    Column("half", "code"),
    Column("ground_speed", unit="km/h", minimum=1, maximum=100, required=False, blank=np.nan),
    Column("drawn_off_km", unit="km", minimum=0, maximum=50, required=False, blank=0.0),
    Column("without", "text", required=False, blank=0.0),
    *(Column(name, unit="degrees", minimum=-180, maximum=180, required=False, blank=np.nan) for name in _POINT),
    Column("source", "text"),
)


@dataclass(frozen=True)
class Observed:
    """Published times as aligned arrays, all [pair].

    kind: one of KINDS. month: "YYYY-MM", the network they belong to. origin, destination: positions of nodes.
    minutes. fitted: whether the pair is in the half that speeds are fitted to; the other half is held out.
    ground_speed: km/h over the ground where a published time is that of a raster (coregion.network.raster); NaN where
    it is a traveller's, compared with the network's own. drawn_off_km: how much farther its points lie from the lines
    as the raster's map draws them than from the network's, 0 where nothing is known. without: lines that the raster
    lacks, parted by blanks.
    start, end: longitude and latitude that a raster's time is between, degrees, [pair, 2]: a place's point in the
    publication, its node's where none is given.
    """

    kind: tuple[str, ...]
    month: tuple[str, ...]
    origin: Int[np.ndarray, " pair"]
    destination: Int[np.ndarray, " pair"]
    minutes: Float[np.ndarray, " pair"]
    fitted: Bool[np.ndarray, " pair"]
    ground_speed: Float[np.ndarray, " pair"]
    drawn_off_km: Float[np.ndarray, " pair"]
    without: tuple[str, ...]
    start: Float[np.ndarray, "pair 2"]
    end: Float[np.ndarray, "pair 2"]
    source: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, kind: str, month: str) -> Int[np.ndarray, " chosen"]:
        """Positions of the pairs of a kind and month."""
        return np.array([i for i, pair in enumerate(zip(self.kind, self.month, strict=True)) if pair == (kind, month)])

    def part(self, chosen: Sequence[int]) -> Observed:
        """The pairs at some positions."""

        def rows(values) -> Any:
            return values[list(chosen)] if isinstance(values, np.ndarray) else tuple(values[i] for i in chosen)

        return Observed(**{field.name: rows(getattr(self, field.name)) for field in fields(self)})


def read_observed(folder: Path, network: Network) -> Observed:
    """network_observed.csv of a study; raises InputMistakes with every mistake in it."""
    table, mistakes = read_table(folder / OBSERVED_FILE, _COLUMNS)
    if table is None:
        raise InputMistakes(mistakes)
    for column in ("origin", "destination"):
        mistakes += unknown_codes(table, column, network.node_code, "the network's nodes")
    mistakes += unknown_codes(table, "kind", KINDS, "the known kinds of times")
    mistakes += unknown_codes(table, "half", ("fit", "check"), "the two halves")
    mistakes += _row_mistakes(table, network)
    if mistakes:
        raise InputMistakes(mistakes)
    position = {code: index for index, code in enumerate(network.node_code)}
    return Observed(
        kind=table.text("kind"),
        month=table.text("month"),
        origin=np.array([position[code] for code in table.text("origin")]),
        destination=np.array([position[code] for code in table.text("destination")]),
        minutes=table.number("minutes"),
        fitted=np.array([half == "fit" for half in table.text("half")]),
        ground_speed=_numbers(table, "ground_speed"),
        drawn_off_km=np.nan_to_num(_numbers(table, "drawn_off_km")),
        without=table.text("without") if "without" in table.columns else ("",) * len(table),
        start=_points(table, network, "origin"),
        end=_points(table, network, "destination"),
        source=table.text("source"),
    )


def _numbers(table: Table, name: str) -> np.ndarray:
    return table.number(name) if name in table.columns else np.full(len(table), np.nan)


def _points(table: Table, network: Network, end: str) -> Float[np.ndarray, "pair 2"]:
    """Longitude and latitude of an end of each pair: the row's own, else the node's."""
    node = [network.node_code.index(code) for code in table.text(end)]
    own = np.column_stack([_numbers(table, f"{end}_longitude"), _numbers(table, f"{end}_latitude")])
    return np.where(np.isnan(own), np.column_stack([network.longitude, network.latitude])[node], own)


def _row_mistakes(table: Table, network: Network) -> list[Mistake]:
    """Months that are none, times in trains over open ground, unknown lines, and half a point."""
    mistakes = [
        table.mistake(row, "month", f"'{month}'", "a month as YYYY-MM")
        for row, month in enumerate(table.text("month"))
        if not re.fullmatch(MONTH, month)
    ]
    mistakes += [
        table.mistake(row, "ground_speed", f"{speed:g} for a time in a train", "none: a train stays on its line")
        for row, (kind, speed) in enumerate(zip(table.text("kind"), _numbers(table, "ground_speed"), strict=True))
        if kind == "train" and not np.isnan(speed)
    ]
    for row, lines in enumerate(table.text("without") if "without" in table.columns else ()):
        mistakes += [
            table.mistake(row, "without", f"unknown line '{line}'", "lines of the network", nearest(line, known))
            for line in lines.split()
            if line not in (known := set(network.links.line))
        ]
    for end in ("origin", "destination"):
        half = np.isnan(_numbers(table, f"{end}_longitude")) != np.isnan(_numbers(table, f"{end}_latitude"))
        mistakes += [
            table.mistake(int(row), f"{end}_longitude", "half a point", "longitude and latitude, or neither")
            for row in np.flatnonzero(half)
        ]
    return mistakes


def network_minutes(network: Network, observed: Observed) -> Float[np.ndarray, " pair"]:
    """The network's minutes for each observed time, with the lines open that had opened by its month.

    A time with a ground speed is set beside what a raster of the network's lines says (``raster_minutes``), without the
    lines that the raster lacks; every other beside the network's own.
    """
    minutes = np.empty(len(observed))
    ground = np.nan_to_num(observed.ground_speed)
    off = observed.drawn_off_km.tolist()
    rows = tuple(zip(observed.kind, observed.month, ground.tolist(), off, observed.without, strict=True))
    for alike in dict.fromkeys(rows):
        _, month, speed, _, without = alike
        chosen = [i for i, row in enumerate(rows) if row == alike]
        then = close_lines(at_month(network, month), without.split())
        part = observed.part(chosen)
        minutes[chosen] = _raster(then, part) if speed else _own(then, part)
    return minutes


def _raster(network: Network, observed: Observed) -> Float[np.ndarray, " pair"]:
    modes = tuple(mode for mode in _modes(observed.kind[0]) if mode != "access")
    speed, off = observed.ground_speed[0], observed.drawn_off_km[0]
    return raster_minutes(network, modes, observed.start, observed.end, speed, off)


def _own(network: Network, observed: Observed) -> Float[np.ndarray, " pair"]:
    if observed.kind[0] == "train":
        return vehicle_minutes(network, observed.origin, observed.destination)
    starts, row = np.unique(observed.origin, return_inverse=True)
    ends, column = np.unique(observed.destination, return_inverse=True)
    return path_minutes(network, starts, ends, _modes(observed.kind[0]))[row, column]


def _modes(kind: str) -> tuple[str, ...]:
    if kind not in DOOR_TO_DOOR:
        raise InputMistakes([Mistake(f"times of the kind '{kind}'", "a known kind", nearest(kind, KINDS))])
    return DOOR_TO_DOOR[kind]


@dataclass(frozen=True)
class Fit:
    """How far the network's minutes are from published ones: absolute errors over the published minutes.

    half: "fit", "check" (held out) or "all". median, ninetieth: of the network. great_circle: median error of minutes
    that are a constant plus the great circle over one speed, both fitted to the same half by least absolute deviation.
    """

    kind: str
    month: str
    half: str
    pairs: int
    median: float
    ninetieth: float
    great_circle: float


def fit_table(network: Network, observed: Observed) -> tuple[Fit, ...]:
    """The errors by kind, month and half."""
    error = np.abs(network_minutes(network, observed) / observed.minutes - 1)
    straight = np.abs(_great_circle_minutes(network, observed) / observed.minutes - 1)
    rows = []
    for kind, month in dict.fromkeys(zip(observed.kind, observed.month, strict=True)):
        chosen = observed.of(kind, month)
        halves = {"fit": observed.fitted[chosen], "check": ~observed.fitted[chosen], "all": np.full(len(chosen), True)}
        for half, inside in halves.items():
            e, g = error[chosen[inside]], straight[chosen[inside]]
            rows.append(
                Fit(kind, month, half, len(e), float(np.median(e)), float(np.quantile(e, 0.9)), float(np.median(g)))
            )
    return tuple(rows)


def _great_circle_minutes(network: Network, observed: Observed) -> np.ndarray:
    """Constant + great circle / speed, by kind and month, least relative absolute deviation on the fitted half."""
    x, y = network.longitude, network.latitude
    km = great_circle_km(x[observed.origin], y[observed.origin], x[observed.destination], y[observed.destination])
    minutes = np.empty(len(observed))
    for kind, month in dict.fromkeys(zip(observed.kind, observed.month, strict=True)):
        chosen = observed.of(kind, month)
        fitted = chosen[observed.fitted[chosen]]
        constant, slope = _least_absolute(km[fitted], observed.minutes[fitted])
        minutes[chosen] = constant + slope * km[chosen]
    return minutes


def _least_absolute(km: np.ndarray, minutes: np.ndarray) -> tuple[float, float]:
    """a, b of least Σ |a + b km − minutes| / minutes, by iteratively reweighted least squares (Schlossmacher 1973)."""
    design = np.column_stack([np.ones_like(km), km]) / minutes[:, None]
    coefficients = np.linalg.lstsq(design, np.ones_like(km), rcond=None)[0]
    for _ in range(50):
        weight = 1 / np.sqrt(np.maximum(np.abs(design @ coefficients - 1), 1e-6))
        coefficients = np.linalg.lstsq(design * weight[:, None], weight, rcond=None)[0]
    return float(coefficients[0]), float(coefficients[1])


@dataclass(frozen=True)
class Change:
    """A pair whose published minutes changed between two months, and the network's minutes in the two."""

    kind: str
    origin: str
    destination: str
    published_before: float
    published_after: float
    network_before: float
    network_after: float


def changes(network: Network, observed: Observed, before: str, after: str, least: float = 0.05) -> tuple[Change, ...]:
    """The pairs whose published minutes changed by more than a share ``least`` between two months."""
    minutes, rows = network_minutes(network, observed), []
    for kind in DOOR_TO_DOOR:
        later = {(observed.origin[i], observed.destination[i]): i for i in observed.of(kind, after)}
        for i in observed.of(kind, before):
            j = later.get((observed.origin[i], observed.destination[i]))
            if j is not None and abs(observed.minutes[j] / observed.minutes[i] - 1) > least:
                codes = network.node_code[observed.origin[i]], network.node_code[observed.destination[i]]
                published = float(observed.minutes[i]), float(observed.minutes[j])
                rows.append(Change(kind, *codes, *published, float(minutes[i]), float(minutes[j])))
    return tuple(rows)
