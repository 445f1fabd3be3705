"""One package solved for the page: the same solver as a run, with the network's states kept between packages."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from coregion.equilibrium import Equilibrium, money
from coregion.measures.link import Link
from coregion.measures.network_states import NetworkStates, purposes_of, subsets_visited
from coregion.measures.package import check_intensities, prepare
from coregion.measures.record import Measure
from coregion.outcomes import Levels
from coregion.record import measure_record
from coregion.results import Told, package_name
from coregion.server.package_text import PackageText, read_package
from coregion.server.served import Served
from coregion.solve.checked import checked, largest_residuals
from coregion.solve.equilibrium import Options, solve

STATES_KEPT = 96
"""Sets of network measures whose minutes are kept; one takes under a megabyte in a region of 228 places."""


@dataclass(frozen=True)
class Solved:
    """An equilibrium as plain arrays, small enough to keep many. levels, minutes: of the package. told: for the tables.

    links: of the drawn links, with the minutes between their ends before and after.
    """

    text: str
    measures: tuple[Measure, ...]
    levels: Levels
    minutes: np.ndarray
    told: Told
    links: tuple[Mapping[str, Any], ...]
    residuals: Mapping[str, float]
    steps: int
    seconds: float


class States:
    """Minutes by set of network measures, the latest ``STATES_KEPT``: the same set is never routed twice in a row."""

    def __init__(self, purposes: tuple[str, ...]):
        self._purposes = purposes
        self._kept: OrderedDict[frozenset[str], np.ndarray] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, subsets: Sequence[frozenset[str]]) -> NetworkStates:
        """What is kept of these sets."""
        return NetworkStates(self._purposes, {s: self._kept[s] for s in subsets if s in self._kept})

    def keep(self, states: NetworkStates) -> None:
        """Take up what a package needed, and let go of what was not asked for longest."""
        for subset, ratio in states.log_ratio.items():
            if subset:
                self._kept[subset] = ratio
                self._kept.move_to_end(subset)
        while len(self._kept) > STATES_KEPT:
            self._kept.popitem(last=False)


def solve_package(served: Served, text: str, states: States, links_at_most: int) -> Solved:
    """The equilibrium of a package text.

    Raises InputMistakes for what cannot be read or is not known, NotConverged with market, place and cure.
    """
    begun = time.perf_counter()
    package = read_package(text)
    measures = served.measures(package, links_at_most)
    amounts = np.array([measure.intensity for measure in measures], dtype=float)
    check_intensities(measures, amounts)
    of_network = [i for i, measure in enumerate(measures) if measure.changes_network()]
    visited = subsets_visited([measures[i].name for i in of_network], amounts[of_network])
    prepared = prepare(served.baseline, measures, [amounts], states.of(visited))
    states.keep(prepared.states)
    shock, options, region = prepared.shock(jnp.asarray(amounts)), Options(), served.study.region
    solution = solve(served.baseline.economy, shock, options)
    checked(served.baseline.economy, shock, solution, options, region.code, region.sectors)
    equilibrium = Equilibrium(served.baseline, measures, prepared, shock, solution)
    levels: Levels = jax.tree.map(np.asarray, equilibrium.levels)
    minutes = np.asarray(prepared.commuting_minutes(jnp.asarray(amounts)))
    cost = money(served.baseline, measures, shock, levels)
    told = Told(package_name([m.name for m in measures]), levels, served.before, served.income, *cost)
    return Solved(
        str(package),
        measures,
        levels,
        minutes,
        told,
        tuple(_drawn(served, package, measures, minutes)),
        largest_residuals(solution),
        int(solution.steps),
        time.perf_counter() - begun,
    )


def _drawn(served: Served, package: PackageText, measures: Sequence[Measure], minutes: np.ndarray):
    """What is told of every drawn link."""
    drawn = [measure for measure in measures if isinstance(measure, Link) and measure.additions]
    region = served.study.region
    for link, measure in zip(package.links, drawn[len(drawn) - len(package.links) :], strict=True):
        start, end = (served.builder.counties[code] for code in (link.origin, link.destination))
        row = _money_of(served, measure)
        yield {
            "name": measure.name,
            "name_en": measure.name_en,
            "name_zh": measure.name_zh,
            "origin": link.origin,
            "destination": link.destination,
            "class": link.class_name,
            "intensity": link.intensity,
            "length_km": served.builder.length_km(link),
            "minutes_before": float(served.minutes[start, end]),
            "minutes_after": float(minutes[start, end]),
            "coordinates": [[float(region.longitude[at]), float(region.latitude[at])] for at in (start, end)],
            "sources": list(measure.sources),
            "assumptions": list(measure.assumptions),
            **row,
        }


def _money_of(served: Served, measure: Measure) -> dict[str, Any]:
    record = measure_record(served.study, measure)
    return {key: record[key] for key in ("cost_yuan_a_year", "investment_yuan", "payer")}


def new_states(served: Served) -> States:
    """An empty store of network states for a study."""
    return States(purposes_of(served.baseline))
