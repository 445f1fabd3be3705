"""Fits nine figures of network.toml to published travel times and writes them there, and a tenth of the comparison.

Run: ``python scripts/fit_network.py`` (six minutes), after build_network.py and build_network_observed.py, or
with ``--report`` to write the tables for the figures as they stand. Only the half of the pairs that
network_observed.csv marks "fit" is used. The loss is a smooth mean absolute error of log minutes and a smaller part of
the root mean square, summed over roads, rails and trains; Powell's (1964) search within bounds from several starts.
The tenth figure, drawn_off_km of network_observed.csv, is fitted to the hours by rail alone and printed: it stands
with the times that it is about (build_network_observed.py), for nobody travels by it. Writes network_fit.csv (errors
by kind and half) and network_fit_changes.csv (pairs that changed between 2020 and 2024) beside network.toml.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize, minimize_scalar

from coregion.data.settings import read_settings
from coregion.network.observed import Observed, changes, fit_table, network_minutes, read_observed
from coregion.network.read import read_network
from coregion.network.record import Network

STUDY = Path(__file__).parents[1] / "src/coregion/studies/jingjinji"
BASE, AFTER = "2020-06", "2024-12"
ROADS = ("expressway", "trunk", "local", "broken", "street")
WEIGHT = {"road": 2.0, "rail": 1.5, "train": 1.0}
SMOOTH, ROOT_MEAN_SQUARE = 0.02, 0.3
STARTS = 4
GOALS = {("road", "median"): 0.06, ("road", "ninetieth"): 0.15, ("rail", "median"): 0.15, ("train", "median"): 0.10}


@dataclass(frozen=True)
class Figure:
    """A fitted figure: where network.toml has it (table and key, several where one figure serves all), and bounds."""

    name: str
    places: tuple[tuple[str, str], ...]
    low: float
    high: float
    digits: int = 0


FIGURES = (
    Figure("expressway speed", (("class.expressway", "speed"),), 90, 120),
    Figure("trunk speed", (("class.trunk", "speed"),), 45, 80),
    Figure("street speed", (("class.street", "speed"),), 15, 45),
    Figure("mountain factor", tuple((f"class.{name}", "mountain_factor") for name in ROADS), 1.0, 1.6, 2),
    Figure("stop", (("", "stop_minutes"),), 2, 8, 1),
    Figure("high-speed 350", (("class.high_speed_350", "speed"),), 220, 310),
    Figure("high-speed 250", (("class.high_speed_250", "speed"),), 150, 230),
    Figure("conventional", (("class.conventional", "speed"),), 80, 150),
    Figure("conventional, mountain", (("class.conventional_mountain", "speed"),), 45, 110),
)


def with_figures(network: Network, values: Sequence[float]) -> Network:
    """The network with its classes and stop at these values of FIGURES."""
    at = {place: float(v) for figure, v in zip(FIGURES, values, strict=True) for place in figure.places}
    classes = tuple(
        replace(
            kind,
            speed=at.get((f"class.{kind.name}", "speed"), kind.speed),
            mountain_factor=at.get((f"class.{kind.name}", "mountain_factor"), kind.mountain_factor),
        )
        for kind in network.classes
    )
    return replace(network, classes=classes, stop_minutes=at["", "stop_minutes"])


def used_for_fit(observed: Observed) -> Observed:
    """The pairs of the half to fit, before any line opened that the base network lacks."""
    return observed.part([i for i in range(len(observed)) if observed.fitted[i] and observed.month[i] <= BASE])


def loss(network: Network, observed: Observed) -> float:
    error = np.log(network_minutes(network, observed) / observed.minutes)
    total = 0.0
    for kind in dict.fromkeys(observed.kind):
        e = error[[k == kind for k in observed.kind]]
        smooth = float(np.mean(np.sqrt(e**2 + SMOOTH**2)) + ROOT_MEAN_SQUARE * np.sqrt(np.mean(e**2)))
        total += WEIGHT[kind] * smooth
    return total


def fit_drawn_off(network: Network, observed: Observed) -> float:
    """The tenth figure: km of least loss over the hours by rail."""
    by_rail = observed.part(np.flatnonzero(~np.isnan(observed.ground_speed)).tolist())

    def at(km: float) -> float:
        return loss(network, replace(by_rail, drawn_off_km=np.full(len(by_rail), km)))

    return float(minimize_scalar(at, bounds=(0, 6), method="bounded").x)


def fit(network: Network, observed: Observed) -> list[float]:
    """The figures of least loss over the starts: the middle of the bounds, then points drawn with a fixed seed."""
    low, high = np.array([f.low for f in FIGURES]), np.array([f.high for f in FIGURES])
    draws = np.random.default_rng(0).uniform(0.2, 0.8, (STARTS, len(FIGURES)))
    draws[0] = 0.5
    best, least = draws[0], np.inf
    for number, share in enumerate(draws, 1):
        found = minimize(
            lambda x: loss(with_figures(network, x.tolist()), observed),
            low + share * (high - low),
            method="Powell",
            bounds=list(zip(low, high, strict=True)),
            options={"maxiter": 6, "xtol": 1e-2, "ftol": 1e-4},
        )
        print(f"start {number} of {STARTS}: loss {found.fun:.4f}")
        if found.fun < least:
            best, least = found.x, found.fun
    return [round(float(v), figure.digits) for v, figure in zip(best, FIGURES, strict=True)]


def write_figures(file: Path, values: Sequence[float]) -> None:
    """Put the values into the lines of network.toml, leaving its comments and everything else as they are."""
    new = {place: (f, v) for f, v in zip(FIGURES, values, strict=True) for place in f.places}
    table, lines = "", []
    for line in file.read_text(encoding="utf-8").splitlines():
        header = re.match(r"\[(.+?)\]", line)
        table = header.group(1) if header else table
        key = re.match(r"(\w+)( = )([\d.]+)", line)
        if key and (table, key.group(1)) in new:
            figure, value = new.pop((table, key.group(1)))
            line = f"{key.group(1)} = {value:.{max(figure.digits, 1)}f}{line[key.end() :]}"
        lines.append(line)
    if new:
        raise SystemExit(f"network.toml has no line for {sorted(new)}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_study() -> tuple[Network, Observed]:
    settings = read_settings(STUDY)
    codes = [
        row["code"]
        for name in (settings.tables.regions, settings.tables.external)
        for row in csv.DictReader((STUDY / name).open(encoding="utf-8"))
    ]
    network = read_network(STUDY, settings, codes)
    return network, read_observed(STUDY, network)


def report(network: Network, observed: Observed) -> None:
    """Write and print the errors by half and the pairs that changed."""
    table = pd.DataFrame([astuple(row) for row in fit_table(network, observed)])
    table.columns = ["kind", "month", "half", "pairs", "median", "ninetieth", "great_circle"]
    for name in ("median", "ninetieth"):
        table[f"goal_{name}"] = [
            GOALS.get((kind, name), np.nan) if month <= BASE else np.nan
            for kind, month in table[["kind", "month"]].values
        ]
    table.round(4).to_csv(STUDY / "network_fit.csv", index=False)
    print(table.round(3).to_string(index=False))
    moved = pd.DataFrame([vars(change) for change in changes(network, observed, BASE, AFTER)])
    fall = moved.published_before - moved.published_after
    moved["share_of_fall"] = ((moved.network_before - moved.network_after) / fall).round(3)
    minutes = ["published_before", "published_after", "network_before", "network_after"]
    moved.round(dict.fromkeys(minutes, 1)).to_csv(STUDY / "network_fit_changes.csv", index=False)
    moved["published"] = moved.published_after / moved.published_before
    moved["network"] = moved.network_after / moved.network_before
    print(moved.round(2).to_string(index=False))


def main() -> None:
    network, observed = read_study()
    if "--report" not in sys.argv[1:]:
        values = fit(network, used_for_fit(observed))
        for figure, value in zip(FIGURES, values, strict=True):
            bound = " (at its bound)" if value in (figure.low, figure.high) else ""
            print(f"{figure.name}: {value:g}{bound}")
        write_figures(STUDY / "network.toml", values)
        network, observed = read_study()
    found, there = fit_drawn_off(network, used_for_fit(observed)), observed.drawn_off_km.max()
    print(f"drawn off: {found:.1f} km, in network_observed.csv {there:g}")
    report(network, observed)


if __name__ == "__main__":
    main()
