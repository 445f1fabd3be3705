"""What a measure does to a network: lines open and close, links are added, rebuilt, or served better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from coregion.errors import InputMistakes, Mistake, nearest
from coregion.network.record import Links, Network, great_circle_km


def open_lines(network: Network, lines: Sequence[str]) -> Network:
    """All links of the named lines carry traffic. Raises InputMistakes with every line that is unknown."""
    chosen = _of_lines(network, lines)
    return _with(network, is_open=network.links.is_open | chosen)


def close_lines(network: Network, lines: Sequence[str]) -> Network:
    """No link of the named lines carries traffic. Raises InputMistakes with every line that is unknown."""
    chosen = _of_lines(network, lines)
    return _with(network, is_open=network.links.is_open & ~chosen)


def closed_lines(network: Network) -> tuple[str, ...]:
    """Lines with a link that carries no traffic, in the order of the table."""
    links = network.links
    return tuple(dict.fromkeys(line for line, runs in zip(links.line, links.is_open, strict=True) if not runs))


def add_link(
    network: Network,
    origin: str,
    destination: str,
    class_name: str,
    length_km: float | None = None,
    line: str = "",
    payer: str = "",
) -> Network:
    """A new link between two nodes. length_km: great circle times the class's detour where none is given.

    Fare and toll are those of the class per km, mountains none. Raises InputMistakes for unknown nodes or class.
    """
    codes, names = network.node_code, [c.name for c in network.classes]
    _known((origin, destination), codes, "node")
    _known((class_name,), names, "class of links")
    a, b, kind = codes.index(origin), codes.index(destination), network.classes[names.index(class_name)]
    straight = great_circle_km(network.longitude[a], network.latitude[a], network.longitude[b], network.latitude[b])
    length = float(straight * kind.detour) if length_km is None else length_km
    new = {
        "origin": a,
        "destination": b,
        "kind": names.index(class_name),
        "length": length,
        "mountain": 0.0,
        "fare": kind.fare * length,
        "toll": kind.toll * length,
        "capacity": kind.capacity,
        "is_open": True,
        "speed_factor": 1.0,
        "waiting_factor": 1.0,
        "fare_factor": 1.0,
    }
    links = network.links
    arrays = {name: np.append(getattr(links, name), value) for name, value in new.items()}
    words = {
        "line": line or f"new-{origin}-{destination}",
        "opened": "",
        "payer": payer,
        "source": "added by a measure",
    }
    texts = {name: (*getattr(links, name), value) for name, value in words.items()}
    return replace(network, links=Links(**arrays, **texts))


def scale_service(
    network: Network,
    lines_or_classes: Sequence[str],
    speed_factor: float = 1.0,
    waiting_factor: float = 1.0,
    fare_factor: float = 1.0,
) -> Network:
    """Speed, waiting and fare of links, times factors; they are named by line or by class.

    Raises InputMistakes with every name that is neither.
    """
    names = [c.name for c in network.classes]
    _known(lines_or_classes, (*names, *network.links.line), "line or class of links")
    wanted = set(lines_or_classes)
    chosen = np.array(
        [line in wanted or names[k] in wanted for line, k in zip(network.links.line, network.links.kind, strict=True)]
    )
    links = network.links
    return _with(
        network,
        speed_factor=links.speed_factor * np.where(chosen, speed_factor, 1.0),
        waiting_factor=links.waiting_factor * np.where(chosen, waiting_factor, 1.0),
        fare_factor=links.fare_factor * np.where(chosen, fare_factor, 1.0),
    )


def upgrade(network: Network, lines: Sequence[str], class_name: str) -> Network:
    """The named lines are rebuilt as another class, on a length changed by the ratio of the classes' detours.

    Raises InputMistakes for unknown lines or class.
    """
    names = [c.name for c in network.classes]
    _known((class_name,), names, "class of links")
    chosen, links = _of_lines(network, lines), network.links
    kind = network.classes[names.index(class_name)]
    detour = np.array([c.detour for c in network.classes])[links.kind]
    length = np.where(chosen, links.length * kind.detour / detour, links.length)
    return _with(
        network,
        kind=np.where(chosen, names.index(class_name), links.kind),
        length=length,
        fare=np.where(chosen, kind.fare * length, links.fare),
        toll=np.where(chosen, kind.toll * length, links.toll),
        capacity=np.where(chosen, kind.capacity, links.capacity),
    )


def _with(network: Network, **changes: np.ndarray) -> Network:
    return replace(network, links=replace(network.links, **changes))


def _of_lines(network: Network, lines: Sequence[str]) -> np.ndarray:
    _known(lines, network.links.line, "line")
    wanted = set(lines)
    return np.array([line in wanted for line in network.links.line])


def _known(names: Iterable[str], known: Iterable[str], what: str) -> None:
    options = set(known)
    wrong = [name for name in names if name not in options]
    if wrong:
        raise InputMistakes(
            [Mistake(f"unknown {what} '{n}'", f"a {what} of the network", nearest(n, options)) for n in wrong]
        )
