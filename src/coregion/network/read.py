"""A study's network from its files: network.toml, a table of nodes and a table of links, every mistake at once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from coregion.data.settings import Settings
from coregion.data.tables import Column, Table, read_table, unknown_codes
from coregion.errors import InputMistakes, Mistake
from coregion.network.classes import MONTH, NetworkSettings, collect_network_settings
from coregion.network.record import PURPOSES, Links, Network, usable_links

NODE_COLUMNS = (
    Column("code", "code"),
    Column("kind", "text"),
    Column("name_en", "text"),
    Column("name_zh", "text"),
    Column("longitude", unit="degrees", minimum=-180, maximum=180, blank=math.nan),
    Column("latitude", unit="degrees", minimum=-90, maximum=90, blank=math.nan),
    Column("own_km", unit="km", minimum=0, maximum=5000, blank=math.nan),
    Column("source", "text"),
)

LINK_COLUMNS = (
    Column("origin", "code"),
    Column("destination", "code"),
    Column("class", "code"),
    Column("length_km", unit="km", minimum=0, maximum=20_000),
    Column("mountain_share", unit="share", minimum=0, maximum=1),
    Column("fare_yuan", unit="yuan", minimum=0, maximum=1e5),
    Column("toll_yuan", unit="yuan", minimum=0, maximum=1e5),
    Column("capacity", unit="a day", minimum=0, maximum=1e9),
    Column("opened", "text", blank=0.0),
    Column("line", "code"),
    Column("payer", "code"),
    Column("source", "text"),
)


def read_network(folder: Path, settings: Settings, region_codes: Sequence[str]) -> Network:
    """The network of a study, its first nodes the regions in the order of ``region_codes``.

    Links opened after the base month of network.toml are closed. Raises InputMistakes with every mistake in the
    three files.
    """
    network, mistakes = collect_network(folder, settings, region_codes)
    if mistakes or network is None:
        raise InputMistakes(mistakes)
    return network


def collect_network(
    folder: Path, settings: Settings, region_codes: Sequence[str]
) -> tuple[Network | None, list[Mistake]]:
    """The network and the mistakes in its files; None where they leave no network to go on with."""
    network_settings, mistakes = collect_network_settings(folder / settings.tables.network)
    if network_settings is None:
        return None, mistakes
    names = network_settings.tables
    nodes, node_mistakes = read_table(folder / names.nodes, NODE_COLUMNS, "code")
    links, link_mistakes = read_table(folder / names.links, LINK_COLUMNS)
    mistakes += [*node_mistakes, *link_mistakes]
    if nodes is not None:
        mistakes += _node_mistakes(nodes, region_codes)
    if nodes is not None and links is not None:
        payers = [payer.code for payer in settings.payers]
        mistakes += _link_mistakes(links, nodes, network_settings, payers)
    if mistakes or nodes is None or links is None:
        return None, mistakes
    network = _assemble(network_settings, nodes, links, region_codes)
    return network, _unreached(network, links.file)


def _node_mistakes(nodes: Table, region_codes: Sequence[str]) -> list[Mistake]:
    """Regions without a node, or whose node has no mean distance of trips inside it."""
    row_of = {code: row for row, code in enumerate(nodes.text("code"))}
    mistakes = [
        Mistake(f"no node for region '{code}'", "one node a region", "Add a row.", nodes.file, column="code")
        for code in region_codes
        if code not in row_of
    ]
    own_km = nodes.number("own_km")
    for code in region_codes:
        if code in row_of and not own_km[row_of[code]] > 0:
            expected = "the mean distance of trips inside the region, km above 0"
            mistakes.append(nodes.mistake(row_of[code], "own_km", f"none for region '{code}'", expected))
    return mistakes


def _link_mistakes(links: Table, nodes: Table, settings: NetworkSettings, payers: Sequence[str]) -> list[Mistake]:
    mistakes = unknown_codes(links, "origin", nodes.text("code"), nodes.file)
    mistakes += unknown_codes(links, "destination", nodes.text("code"), nodes.file)
    mistakes += unknown_codes(links, "class", tuple(settings.classes), "the classes in the network's settings")
    mistakes += unknown_codes(links, "payer", payers, "[[payers]] in study.toml")
    rows = zip(links.text("origin"), links.text("destination"), links.text("opened"), strict=True)
    for row, (origin, destination, opened) in enumerate(rows):
        if origin == destination and origin:
            expected = "two places; trips inside a region need no link"
            mistakes.append(links.mistake(row, "destination", f"a link from '{origin}' to itself", expected))
        if opened and not re.fullmatch(MONTH, opened):
            remedy = "Leave it empty where the link was always open."
            mistakes.append(links.mistake(row, "opened", f"'{opened}'", "a month as YYYY-MM", remedy))
    for row, (class_name, length) in enumerate(zip(links.text("class"), links.number("length_km"), strict=True)):
        entry = settings.classes.get(class_name)
        if entry is not None and entry.fixed_minutes is None and length == 0:
            mistakes.append(links.mistake(row, "length_km", "0", f"km above 0 for class '{class_name}'"))
    return mistakes


def _assemble(settings: NetworkSettings, nodes: Table, links: Table, region_codes: Sequence[str]) -> Network:
    """The record, regions first."""
    row_of = {code: row for row, code in enumerate(nodes.text("code"))}
    regions = set(region_codes)
    order = [row_of[code] for code in region_codes] + [row for code, row in row_of.items() if code not in regions]
    code = tuple(nodes.text("code")[row] for row in order)
    kind = nodes.text("kind")
    return Network(
        node_code=code,
        node_kind=tuple(kind[row] for row in order),
        longitude=nodes.number("longitude")[order],
        latitude=nodes.number("latitude")[order],
        own_km=nodes.number("own_km")[order],
        region_count=len(region_codes),
        classes=settings.link_classes(),
        links=_links(settings, links, {name: position for position, name in enumerate(code)}),
        boarding=tuple(settings.boarding.items()),
        stop_minutes=settings.stop_minutes,
        own_class=settings.own_class,
    )


def _links(settings: NetworkSettings, table: Table, position: dict[str, int]) -> Links:
    kinds = list(settings.classes)
    one = np.ones(len(table))
    return Links(
        origin=np.array([position[code] for code in table.text("origin")]),
        destination=np.array([position[code] for code in table.text("destination")]),
        kind=np.array([kinds.index(name) for name in table.text("class")]),
        length=table.number("length_km"),
        mountain=table.number("mountain_share"),
        fare=table.number("fare_yuan"),
        toll=table.number("toll_yuan"),
        capacity=table.number("capacity"),
        is_open=np.array([opened <= settings.base_month for opened in table.text("opened")]),
        speed_factor=one,
        waiting_factor=one,
        fare_factor=one,
        line=table.text("line"),
        opened=table.text("opened"),
        payer=table.text("payer"),
        source=table.text("source"),
    )


def _unreached(network: Network, file: str) -> list[Mistake]:
    """For each purpose, the regions that its modes do not join to most of the others."""
    mistakes, size = [], len(network.node_code)
    for purpose, modes in PURPOSES.items():
        chosen = usable_links(network, modes)
        ends = (network.links.origin[chosen], network.links.destination[chosen])
        graph = csr_matrix((np.ones(len(chosen)), ends), shape=(size, size))
        part = connected_components(graph, directed=False)[1][: network.region_count]
        cut_off = np.flatnonzero(part != np.bincount(part).argmax())
        if len(cut_off):
            names = ", ".join(network.region_code[i] for i in cut_off[:20]) + (", …" if len(cut_off) > 20 else "")
            found = f"{len(cut_off)} regions that cannot be reached for {purpose}: {names}"
            expected = f"every region joined to the others by open links of the modes {', '.join(modes)}"
            mistakes.append(Mistake(found, expected, "Add a link to each.", file))
    return mistakes
