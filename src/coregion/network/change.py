"""What measures do to a network: pure functions from a network to a network; lines are named as in the link table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from jaxtyping import Bool

from coregion.errors import InputMistakes, Mistake, nearest, raise_together
from coregion.network.record import Links, Network, great_circle_km


def closed_lines(network: Network) -> tuple[str, ...]:
    """Lines with a closed link, in the order of the table: what ``open_lines`` can open."""
    return tuple(dict.fromkeys(network.links.line[i] for i in np.flatnonzero(~network.links.is_open)))


def open_lines(network: Network, lines: Iterable[str]) -> Network:
    """Open all links of some lines. InputMistakes names each unknown line with the nearest known."""
    return _with_links(network, is_open=network.links.is_open | _of_lines(network, lines))


def close_lines(network: Network, lines: Iterable[str]) -> Network:
    """Close all links of some lines. InputMistakes names each unknown line with the nearest known."""
    return _with_links(network, is_open=network.links.is_open & ~_of_lines(network, lines))


def at_month(network: Network, month: str) -> Network:
    """The network of a month, "YYYY-MM": links that had opened by then are open, later ones closed."""
    return _with_links(network, is_open=np.array([opened <= month for opened in network.links.opened]))


def scale_service(
    network: Network,
    lines_or_classes: Iterable[str],
    speed_factor: float = 1.0,
    waiting_factor: float = 1.0,
    fare_factor: float = 1.0,
) -> Network:
    """Multiply speed, waiting and fare of the links of some lines or classes by factors, on top of earlier ones.

    Factors of 1 leave every bit as it was. Waiting counts where a train is boarded: the lowest factor of the links of
    its service there. InputMistakes for an unknown name or a factor of speed that is not above 0.
    """
    if not speed_factor > 0 or not waiting_factor >= 0 or not fare_factor >= 0:
        found = f"factors of speed {speed_factor:g}, waiting {waiting_factor:g}, fare {fare_factor:g}"
        raise InputMistakes([Mistake(found, "a speed above 0, waiting and fare of 0 or more")])
    chosen = _of_lines_or_classes(network, lines_or_classes)
    links = network.links
    return _with_links(
        network,
        speed_factor=np.where(chosen, links.speed_factor * speed_factor, links.speed_factor),
        waiting_factor=np.where(chosen, links.waiting_factor * waiting_factor, links.waiting_factor),
        fare_factor=np.where(chosen, links.fare_factor * fare_factor, links.fare_factor),
    )


def upgrade(network: Network, lines: Iterable[str], class_name: str) -> Network:
    """Rebuild some lines in another class of the same mode.

    Length changes with the detour of the class (length · detour′ / detour), fare and toll follow from the new length,
    capacity is that of the new class. InputMistakes for an unknown line or class, or a class of another mode.
    """
    index = _class_position(network, class_name)
    new = network.classes[index]
    chosen = _of_lines(network, lines)
    links = network.links
    foreign = sorted({network.classes[k].mode for k in links.kind[chosen]} - {new.mode})
    if foreign:
        found, expected = f"lines of the mode {', '.join(foreign)}", f"'{new.mode}', as class '{class_name}'"
        raise InputMistakes([Mistake(found, expected)])
    detour = np.array([kind.detour for kind in network.classes])[links.kind]
    length = np.where(chosen, links.length * new.detour / detour, links.length)
    return _with_links(
        network,
        kind=np.where(chosen, index, links.kind),
        length=length,
        fare=np.where(chosen, new.fare * length, links.fare),
        toll=np.where(chosen, new.toll * length, links.toll),
        capacity=np.where(chosen, new.capacity, links.capacity),
    )


def add_link(
    network: Network,
    origin: str,
    destination: str,
    class_name: str,
    length_km: float | None = None,
    line: str = "",
    payer: str = "",
    source: str = "added by a measure",
) -> Network:
    """Add an open link between two nodes.

    length_km: great circle times the detour of the class unless given. The share in mountains is the mean of the two
    ends' other roads. InputMistakes for an unknown node or class, a link to itself, or no length to be had.
    """
    kind = network.classes[_class_position(network, class_name)]
    start, end = _two_ends(network, origin, destination)
    length = _length(network, start, end, kind.detour) if length_km is None else float(length_km)
    _must_be_a_length(length, origin, destination)
    hills = (_mountain_share(network, start) + _mountain_share(network, end)) / 2 if kind.mode == "road" else 0.0
    added = Links(
        origin=np.array([start]),
        destination=np.array([end]),
        kind=np.array([network.class_index(class_name)]),
        length=np.array([length]),
        mountain=np.array([hills]),
        fare=np.array([kind.fare * length]),
        toll=np.array([kind.toll * length]),
        capacity=np.array([kind.capacity]),
        is_open=np.array([True]),
        speed_factor=np.ones(1),
        waiting_factor=np.ones(1),
        fare_factor=np.ones(1),
        line=(line or f"new-{origin}-{destination}",),
        opened=("",),
        payer=(payer,),
        source=(source,),
    )
    return replace(network, links=_joined(network.links, added))


def _two_ends(network: Network, origin: str, destination: str) -> tuple[int, int]:
    start, end = _node_position(network, origin), _node_position(network, destination)
    if start == end:
        raise InputMistakes([Mistake(f"a link from '{origin}' to itself", "two places")])
    return start, end


def _must_be_a_length(length: float, origin: str, destination: str) -> None:
    if not 0 < length < np.inf:
        found = f"a length of {length:g} km for the link '{origin}'–'{destination}'"
        raise InputMistakes([Mistake(found, "km above 0", "Give length_km.")])


def _with_links(network: Network, **changes) -> Network:
    return replace(network, links=replace(network.links, **changes))


def _joined(links: Links, added: Links) -> Links:
    def pair(name: str) -> Any:
        first, second = getattr(links, name), getattr(added, name)
        return first + second if isinstance(first, tuple) else np.concatenate([first, second])

    return Links(**{field.name: pair(field.name) for field in fields(Links)})


def _of_lines(network: Network, lines: Iterable[str]) -> Bool[np.ndarray, " link"]:
    wanted = _listed(lines)
    _refuse_unknown(wanted, network.links.line, "line")
    return np.isin(network.links.line, wanted)


def _of_lines_or_classes(network: Network, names: Iterable[str]) -> Bool[np.ndarray, " link"]:
    wanted = _listed(names)
    class_names = [kind.name for kind in network.classes]
    _refuse_unknown(wanted, (*network.links.line, *class_names), "line or class of links")
    return np.isin(network.links.line, wanted) | np.isin(class_names, wanted)[network.links.kind]


def _listed(names: Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _refuse_unknown(wanted: Iterable[str], known: Iterable[str], what: str) -> None:
    """Every name that is not known, with the nearest that is; the five nearest where none is close."""
    options = sorted(set(known))
    mistakes = [
        Mistake(
            f"unknown {what} '{name}'",
            f"a {what} of the network",
            nearest(name, get_close_matches(name, options, n=5, cutoff=0.0)),
        )
        for name in dict.fromkeys(wanted)
        if name not in options
    ]
    raise_together(mistakes)


def _class_position(network: Network, name: str) -> int:
    names = [kind.name for kind in network.classes]
    _refuse_unknown([name], names, "class of links")
    return names.index(name)


def _node_position(network: Network, code: str) -> int:
    _refuse_unknown([code], network.node_code, "place")
    return network.node_code.index(code)


def _length(network: Network, start: int, end: int, detour: float) -> float:
    x, y = network.longitude, network.latitude
    return float(great_circle_km(x[start], y[start], x[end], y[end]) * detour)


def _mountain_share(network: Network, node: int) -> float:
    """Mean share in mountains of the roads at a node; none where it has no road."""
    links = network.links
    road = np.array([kind.mode == "road" for kind in network.classes])[links.kind]
    at_node = road & ((links.origin == node) | (links.destination == node))
    return float(links.mountain[at_node].mean()) if at_node.any() else 0.0
