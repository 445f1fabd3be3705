"""Where urban areas end, on the map: before, after, who comes in or goes out, by rule; how far thresholds matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coregion.report.classes import COLOURS
from coregion.report.numbers import both, per_cent
from coregion.report.sections import Head, Table
from coregion.report.spans import Figure
from coregion.urban_areas import ENTERS, INSIDE, LEAVES, MOVES, OUTSIDE, RULES

NAME = "urban_area"
SHOWN = {
    ENTERS: (6, "comes in", "进入"),
    INSIDE: (4, "in it before and after", "始终在内"),
    MOVES: (2, "from one area to another", "改属"),
    LEAVES: (0, "goes out", "退出"),
    OUTSIDE: (3, "in none", "不在任何都市圈"),
}
"""Class (colour of the maps) and words of what happens to a place."""


@dataclass(frozen=True)
class UrbanMap:
    """entry: what the template needs to know. rules: code and name, for the choice. data: figures by rule, which the
    script draws like those of the other maps by package."""

    entry: dict[str, Any]
    rules: list[tuple[str, str]]
    data: dict[str, Any]


def urban_map(areas: pd.DataFrame, places: pd.DataFrame, cities: Mapping[str, str]) -> UrbanMap:
    """The map at the official thresholds of every rule. places: those drawn, by code; cities: names, by code."""
    names = {str(code): both(row["name_en"], row["name_zh"]) for code, row in places.iterrows()}
    official = areas[areas["official"].astype(bool)]
    rules = [(code, both(RULES[code].name_en, RULES[code].name_zh)) for code in dict.fromkeys(official["rule"])]
    data = {}
    for code, _ in rules:
        rows = official[official["rule"] == code].set_index("region").reindex(places.index)
        data[code] = {NAME: _layer(rows, names)}
    first = data[rules[0][0]][NAME]
    rows = list(
        zip(
            places.index,
            names.values(),
            [cities.get(str(code), str(code)) for code in places["prefecture"]],
            first["baseline"],
            first["value"],
            first["change"],
            strict=True,
        )
    )
    legend = [
        {"number": n, "colour": COLOURS[n], "text": both(en, zh), "count": first["counts"][n]}
        for n, en, zh in SHOWN.values()
    ]
    return UrbanMap({"name": NAME, "legend": legend, "rows": rows}, rules, {"packages": data})


def _layer(rows: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """Aligned with the places drawn: class, area before and after by the name of its core, what happens in words."""
    kinds = rows["change"].fillna(OUTSIDE)
    classes = [SHOWN[kind][0] for kind in kinds]
    legend = [""] * len(COLOURS)
    for number, en, zh in SHOWN.values():
        legend[number] = both(en, zh)
    return {
        "class": classes,
        "baseline": [names.get(code, "–") for code in rows["area_before"].fillna("")],
        "value": [names.get(code, "–") for code in rows["area_after"].fillna("")],
        "change": [both(*SHOWN[kind][1:]) for kind in kinds],
        "legend": legend,
        "counts": [classes.count(number) for number in range(len(COLOURS))],
    }


def urban_table(told: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    """A row a rule and threshold: areas, counties and people in them, before and after, who comes in and goes out."""
    heads = (
        Head("Rule", "规则", "text"),
        Head("Threshold", "阈值", "text"),
        Head("Areas", "都市圈数"),
        Head("Places in them", "地区数"),
        Head("People in them", "常住人口比例"),
        Head("Come in", "进入", "text"),
        Head("Go out", "退出", "text"),
        Head("From one to another", "改属"),
    )
    return heads, [
        (
            both(row["name_en"], row["name_zh"]),
            row["threshold"] + (" (official)" if row["official"] else ""),
            Figure(f"{row['areas_before']} → {row['areas_after']}"),
            Figure(f"{row['counties_before']} → {row['counties_after']}"),
            Figure(f"{_part(row['people_before'])} → {_part(row['people_after'])}"),
            _listed(row[ENTERS], names),
            _listed(row[LEAVES], names),
            Figure(str(len(row[MOVES]))),
        )
        for row in told
    ]


def _part(share: float) -> str:
    return per_cent(100 * share).lstrip("+")


def _listed(codes: Sequence[str], names: Mapping[str, str]) -> str:
    return "; ".join(names.get(code, code) for code in codes) or "–"
