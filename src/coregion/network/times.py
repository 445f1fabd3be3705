"""Minutes and generalised cost between places by the best path over the modes that a purpose may use."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coregion.errors import CoregionError, nearest
from coregion.network.record import PURPOSES, Network, usable_links

NO_TIME = 1e-9
"""Minutes that stand for none: scipy drops edges of weight zero."""


def link_minutes(network: Network) -> Float[np.ndarray, " link"]:
    """Minutes on each link, free of congestion: 60 · length / speed · (1 + mountain · (factor − 1)) / speed_factor.

    Links of a class with a fixed time (ports, airports) take that time whatever their length.
    """
    kind, links = network.links.kind, network.links
    speed = np.array([c.speed for c in network.classes])[kind]
    slower = 1 + links.mountain * (np.array([c.mountain_factor for c in network.classes])[kind] - 1)
    fixed = np.array([c.fixed_minutes for c in network.classes])[kind]
    moving = np.where(np.isnan(fixed), 60 * links.length / np.where(speed > 0, speed, np.nan) * slower, fixed)
    return moving / links.speed_factor


def link_cost(network: Network, value_of_time: float) -> Float[np.ndarray, " link"]:
    """Generalised minutes on each link: minutes + 60 · (fare · fare_factor + toll) / value of time [yuan an hour]."""
    links = network.links
    return link_minutes(network) + 60 * (links.fare * links.fare_factor + links.toll) / value_of_time


def travel_minutes(network: Network, purpose: str) -> Float[np.ndarray, "region region"]:
    """Minutes door to door by the best path for a purpose ("commuting", "trade" or "travel").

    Symmetric. The diagonal is the time of a trip inside the region, 60 · own_km / speed of the own class. A region
    that cannot be reached by the purpose's modes is at infinite minutes.
    """
    return _between_regions(network, purpose, link_minutes(network))


def generalised_minutes(network: Network, purpose: str, value_of_time: float) -> Float[np.ndarray, "region region"]:
    """As ``travel_minutes``, with fares and tolls turned into minutes at a value of time [yuan an hour]."""
    if not value_of_time > 0:
        raise CoregionError(f"found a value of time of {value_of_time}; expected yuan an hour above 0.")
    return _between_regions(network, purpose, link_cost(network, value_of_time))


def _between_regions(network: Network, purpose: str, cost: np.ndarray) -> np.ndarray:
    if purpose not in PURPOSES:
        raise CoregionError(f"found the purpose '{purpose}'; expected a known one. {nearest(purpose, PURPOSES)}")
    count = network.region_count
    minutes = path_minutes(network, np.arange(count), np.arange(count), PURPOSES[purpose], cost)
    minutes = np.minimum(minutes, minutes.T)
    own = network.classes[network.class_index(network.own_class)].speed
    minutes[np.diag_indices(count)] = 60 * network.own_km[:count] / own
    return minutes


def path_minutes(
    network: Network,
    origin: Int[np.ndarray, " origin"],
    destination: Int[np.ndarray, " destination"],
    modes: tuple[str, ...],
    cost: Float[np.ndarray, " link"] | None = None,
) -> Float[np.ndarray, "origin destination"]:
    """Minutes by the best path between nodes, door to door, over the links of some modes (Dijkstra 1959)."""
    graph = _graph(network, modes, link_minutes(network) if cost is None else cost)
    return dijkstra(graph, indices=origin)[:, destination]


def vehicle_minutes(
    network: Network, origin: Int[np.ndarray, " pair"], destination: Int[np.ndarray, " pair"]
) -> Float[np.ndarray, " pair"]:
    """Minutes in trains between pairs of stations, as a timetable has them: no waiting, a start and stop on each line.

    Trains are taken to run on from line to line; infinite where rails do not connect the pair.
    """
    graph = _graph(network, ("rail",), link_minutes(network), boarding=False)
    starts, row = np.unique(origin, return_inverse=True)
    return dijkstra(graph, indices=starts)[row, destination]


def _graph(network: Network, modes: tuple[str, ...], cost: np.ndarray, boarding: bool = True) -> csr_matrix:
    """Directed graph of three storeys: nodes; a platform per node and service of trains; a track per node and line.

    A platform is entered by waiting for a train, a track by a start and stop of it; both are left at no cost. The two
    directions of a path cost the same, for every line is entered once and left once.
    """
    links = network.links
    chosen = usable_links(network, modes)
    size = len(network.node_code)
    services = tuple(dict(network.boarding))
    service = np.array([services.index(c.service) if c.service else -1 for c in network.classes])[links.kind[chosen]]
    rides = service >= 0
    _, line = np.unique(np.array(links.line)[chosen], return_inverse=True)
    ends = np.concatenate([links.origin[chosen][rides], links.destination[chosen][rides]])
    platform = ends + size * (1 + np.tile(service[rides], 2))
    track = ends + size * (1 + len(services) + np.tile(line[rides], 2))
    factor = np.tile(links.waiting_factor[chosen][rides], 2)
    waiting = np.array([0.0, *(minutes for _, minutes in network.boarding)])[1 + np.tile(service[rides], 2)]
    wait = waiting * factor * boarding
    start, end = links.origin[chosen].copy(), links.destination[chosen].copy()
    start[rides], end[rides] = np.split(track, 2)
    stop, none = np.full(len(ends), network.stop_minutes), np.full(len(ends), NO_TIME)
    rows = np.concatenate([start, end, ends, platform, platform, track])
    columns = np.concatenate([end, start, platform, ends, track, platform])
    weights = np.concatenate([cost[chosen], cost[chosen], wait, none, stop, none])
    used, position = np.unique(np.concatenate([np.arange(size), rows, columns]), return_inverse=True)
    row, column = np.split(position[size:], 2)
    return lightest_links(len(used), row, column, weights)


def lightest_links(size: int, row: np.ndarray, column: np.ndarray, weight: np.ndarray) -> csr_matrix:
    """A directed graph with the lightest of parallel links; scipy would add them up."""
    order = np.lexsort((weight, column, row))
    row, column, weight = row[order], column[order], np.maximum(weight[order], NO_TIME)
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return csr_matrix((weight[first], (row[first], column[first])), shape=(size, size))
