"""The figures of a game of governments one by one, by name: what the draws keep, and what a report looks up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

TOGETHER = "together"
"""Stands for all governments together in the name of a figure."""

PAID = "paid"
"""Stands for what changes hands under a rule of sharing."""


def figure_name(*parts: str) -> str:
    """One name of several parts."""
    return "/".join(parts)


def amounts(games: Mapping[str, Any]) -> dict[str, float]:
    """Every amount of a game's record [yuan a year], by name; NaN where there is none.

    base, nash, announced, a rule of cooperation: by government and together. coalition: by members. A rule of sharing:
    what each receives, and ``paid``, what changes hands; the same paid inside the equilibrium.
    """
    found: dict[str, float] = {}
    plays = {"base": games["where_no_government_acts"]}
    plays |= {name: games[name]["gains"] for name in ("nash", "announced")}
    plays |= {figure_name("cooperation", one["rule"]): one["gains"] for one in games["cooperation"]}
    for play, gains in plays.items():
        values = {name: _number(value) for name, value in gains.items()}
        found |= {figure_name(play, name): value for name, value in values.items()}
        found[figure_name(play, TOGETHER)] = sum(values.values())
    found |= {figure_name("coalition", name): _number(value) for name, value in games["coalitions"].items()}
    for rule, name, row in _shared(games):
        found[figure_name("sharing", rule, name)] = _number(row["transfer"]) if row["exists"] else np.nan
    for one in games["inside"]:
        if not isinstance(one, str):
            found |= {figure_name("inside", one["rule"], n): _number(v) for n, v in one["transfers"].items()}
    rules = dict.fromkeys(tuple(key.split("/")[:2]) for key in found if key.startswith(("sharing/", "inside/")))
    for way, rule in rules:
        handed = [value for key, value in found.items() if key.startswith(figure_name(way, rule, ""))]
        found[figure_name(way, rule, PAID)] = sum(abs(value) for value in handed) / 2
    return found


def answers(games: Mapping[str, Any]) -> dict[str, bool]:
    """What is so or is not, by name: levers on alone and in the best joint package, who is behind, what holds."""
    best = best_joint(games)
    found = {figure_name("nash acts", lever): lever in games["nash"]["levers"] for lever in games["levers"]}
    found |= {figure_name("best acts", lever): lever in best["levers"] for lever in games["levers"]}
    found |= {figure_name("behind", name): name in behind(games) for name in best["gains"]}
    for rule, _, row in _shared(games):
        found[figure_name("exists", rule)] = bool(row["exists"])
        found[figure_name("nobody below alone", rule)] = bool(row["exists"] and row["everyone_gains"])
        found[figure_name("no group leaves", rule)] = bool(row["exists"] and row["in_core"])
    for one in games["inside"]:
        if not isinstance(one, str):
            found[figure_name("exists inside", one["rule"])] = bool(one["exists"])
    return found


def best_joint(games: Mapping[str, Any]) -> Mapping[str, Any]:
    """The joint package with the largest sum of gains."""
    return next(one for one in games["cooperation"] if one["rule"] == "utilitarian")


def behind(games: Mapping[str, Any]) -> list[str]:
    """Who has less of the best joint package than alone, without transfers."""
    best, alone = best_joint(games)["gains"], games["nash"]["gains"]
    least = 1e-9 * max(abs(sum(best.values())), 1.0)
    return [name for name, gain in best.items() if gain < alone[name] - least]


def pair_amounts(names: Sequence[str], index: np.ndarray) -> dict[str, float]:
    """The interaction of every pair of pillars [yuan a year]. index: [pillar, pillar]."""
    return {
        pair_name(names[one], names[other]): float(index[one, other])
        for other in range(len(names))
        for one in range(other)
    }


def pair_name(one: str, other: str) -> str:
    """Of a pair of pillars by their codes, in any order."""
    return figure_name("pair", *sorted((one, other)))


def _shared(games: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    return ((row["rule"], row["player"], row) for row in games["sharing"])


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
