"""Published travel times beside the network's: what a network is fitted to, and how far it is from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from coregion.data.tables import Column, read_table, unknown_codes
from coregion.errors import InputMistakes, Mistake, nearest
from coregion.network.change import at_month
from coregion.network.classes import MONTH
from coregion.network.record import Network, great_circle_km
from coregion.network.times import path_minutes, vehicle_minutes

OBSERVED_FILE = "network_observed.csv"

DOOR_TO_DOOR: Mapping[str, tuple[str, ...]] = {"road": ("road",), "rail": ("access", "rail")}
"""Kinds of observed times between places, with the modes they went by."""

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
    Column("source", "text"),
)


@dataclass(frozen=True)
class Observed:
    """Published times as aligned arrays, all [pair].

    kind: one of KINDS. month: "YYYY-MM", the network they belong to. origin, destination: positions of nodes.
    minutes. fitted: whether the pair is in the half that speeds are fitted to; the other half is held out.
    ground_speed: km/h straight to and from stations where a published time knows no access and no waiting, as times
    over a raster do; NaN where it has the network's own.
    """

    kind: tuple[str, ...]
    month: tuple[str, ...]
    origin: Int[np.ndarray, " pair"]
    destination: Int[np.ndarray, " pair"]
    minutes: Float[np.ndarray, " pair"]
    fitted: Bool[np.ndarray, " pair"]
    ground_speed: Float[np.ndarray, " pair"]
    source: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, kind: str, month: str) -> Int[np.ndarray, " chosen"]:
        """Positions of the pairs of a kind and month."""
        return np.array([i for i, pair in enumerate(zip(self.kind, self.month, strict=True)) if pair == (kind, month)])


def read_observed(folder: Path, network: Network) -> Observed:
    """network_observed.csv of a study; raises InputMistakes with every mistake in it."""
    table, mistakes = read_table(folder / OBSERVED_FILE, _COLUMNS)
    if table is None:
        raise InputMistakes(mistakes)
    for column in ("origin", "destination"):
        mistakes += unknown_codes(table, column, network.node_code, "the network's nodes")
    mistakes += unknown_codes(table, "kind", KINDS, "the known kinds of times")
    mistakes += unknown_codes(table, "half", ("fit", "check"), "the two halves")
    mistakes += [
        table.mistake(row, "month", f"'{month}'", "a month as YYYY-MM")
        for row, month in enumerate(table.text("month"))
        if not re.fullmatch(MONTH, month)
    ]
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
        ground_speed=table.number("ground_speed") if "ground_speed" in table.columns else np.full(len(table), np.nan),
        source=table.text("source"),
    )


def network_minutes(network: Network, observed: Observed) -> Float[np.ndarray, " pair"]:
    """The network's minutes for each observed time, with the lines open that had opened by its month."""
    minutes = np.empty(len(observed))
    ground = np.nan_to_num(observed.ground_speed)
    for kind, month, speed in dict.fromkeys(zip(observed.kind, observed.month, ground.tolist(), strict=True)):
        chosen = observed.of(kind, month)
        chosen = chosen[ground[chosen] == speed]
        then = at_month(network, month)
        as_published = over_ground(then, speed) if speed else then
        minutes[chosen] = _of_kind(as_published, kind, observed.origin[chosen], observed.destination[chosen])
    return minutes


def over_ground(network: Network, speed: float) -> Network:
    """The network as a raster has it: straight to and from stations at a speed [km/h], and no waiting for trains."""
    classes = tuple(
        replace(kind, speed=speed * kind.detour) if kind.mode == "access" else kind for kind in network.classes
    )
    return replace(network, classes=classes, boarding=tuple((service, 0.0) for service, _ in network.boarding))


def _of_kind(network: Network, kind: str, origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    if kind == "train":
        return vehicle_minutes(network, origin, destination)
    if kind not in DOOR_TO_DOOR:
        raise InputMistakes([Mistake(f"times of the kind '{kind}'", "a known kind", nearest(kind, KINDS))])
    starts, row = np.unique(origin, return_inverse=True)
    ends, column = np.unique(destination, return_inverse=True)
    return path_minutes(network, starts, ends, DOOR_TO_DOOR[kind])[row, column]


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
