"""The transport network as one frozen record: places, links, classes of links and the waiting for a train."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

PURPOSES: dict[str, tuple[str, ...]] = {
    "commuting": ("road", "access", "rail", "sea"),
    "trade": ("road", "sea"),
    "travel": ("road", "access", "rail", "sea", "air"),
}
"""Modes open to a purpose. Trade goes by road and ship; passengers take the best path over all modes, and commuters
do not fly (the sea stays open to them so that every region is reached in a finite time)."""


@dataclass(frozen=True)
class LinkClass:
    """What links of one class have in common.

    speed: km/h on the length in the link table. detour: length over great circle (used where a link is added).
    mountain_factor: minutes in mountains over minutes in plains. fare, toll: yuan per km. capacity: passenger car
    units (road) or passengers (rail) a day. service: for rail, the group of trains that run through into each
    other; a change between groups means alighting and boarding again. fixed_minutes: for links without a speed.
    """

    name: str
    mode: str
    speed: float
    detour: float
    mountain_factor: float
    fare: float
    toll: float
    capacity: float
    service: str
    fixed_minutes: float


@dataclass(frozen=True)
class Links:
    """Links as aligned arrays, all of length M; each is used in both directions.

    origin, destination: positions in the network's nodes. kind: position in the network's classes. length: km.
    mountain: share of the link in mountains, 0 to 1. toll, fare: yuan. capacity: a day. opened: "YYYY-MM" or "".
    is_open: whether traffic may use it. speed_factor, waiting_factor, fare_factor: 1 unless a measure changed them.
    """

    origin: Int[np.ndarray, " link"]
    destination: Int[np.ndarray, " link"]
    kind: Int[np.ndarray, " link"]
    length: Float[np.ndarray, " link"]
    mountain: Float[np.ndarray, " link"]
    fare: Float[np.ndarray, " link"]
    toll: Float[np.ndarray, " link"]
    capacity: Float[np.ndarray, " link"]
    is_open: Bool[np.ndarray, " link"]
    speed_factor: Float[np.ndarray, " link"]
    waiting_factor: Float[np.ndarray, " link"]
    fare_factor: Float[np.ndarray, " link"]
    line: tuple[str, ...]
    opened: tuple[str, ...]
    payer: tuple[str, ...]
    source: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True)
class Network:
    """Places and links between them.

    node_code, node_kind, longitude, latitude: V nodes; the first ``region_count`` are the regions in the order of
    the region table. own_km: mean distance inside a region (NaN for nodes that are no region).
    boarding: minutes waited for a train by service. stop_minutes: lost in starting and stopping, once a train ride.
    own_class: name of the road class that trips inside a region use.
    """

    node_code: tuple[str, ...]
    node_kind: tuple[str, ...]
    longitude: Float[np.ndarray, " node"]
    latitude: Float[np.ndarray, " node"]
    own_km: Float[np.ndarray, " node"]
    region_count: int
    classes: tuple[LinkClass, ...]
    links: Links
    boarding: tuple[tuple[str, float], ...]
    stop_minutes: float
    own_class: str

    @property
    def region_code(self) -> tuple[str, ...]:
        """Codes of the regions, in order."""
        return self.node_code[: self.region_count]

    def class_index(self, name: str) -> int:
        """Position of a class by name; ValueError when there is none."""
        return [kind.name for kind in self.classes].index(name)


def usable_links(network: Network, modes: tuple[str, ...]) -> Int[np.ndarray, " usable"]:
    """Positions of the open links whose mode is one of these."""
    allowed = np.array([kind.mode in modes for kind in network.classes])
    return np.flatnonzero(network.links.is_open & allowed[network.links.kind])


def great_circle_km(longitude, latitude, longitude_to, latitude_to):
    """Distance on a sphere of 6,371 km (haversine formula); degrees in, km out; arrays broadcast."""
    a, b = np.radians(latitude), np.radians(latitude_to)
    half_dlon = np.radians(np.asarray(longitude_to) - np.asarray(longitude)) / 2
    root = np.sqrt(np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_dlon) ** 2)
    return 2 * 6371.0 * np.arcsin(np.minimum(root, 1.0))
