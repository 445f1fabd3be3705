"""One package solved for the page: the model's own solver, with what does not change between packages compiled once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.equilibrium import money, package_levels
from coregion.errors import raise_together
from coregion.measures.combine import combined
from coregion.measures.cost import paid
from coregion.measures.link import Link
from coregion.measures.network_states import (
    Ladder,
    NetworkStates,
    all_subsets,
    ladder,
    network_shock,
    network_states,
    purposes_of,
    subsets_visited,
)
from coregion.measures.package import Recipe
from coregion.measures.record import Measure
from coregion.model.economy import Shock
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


class Solver:
    """Solves packages of one study one after the other.

    The shock is that of ``Prepared.shock``: measures that are left out act at intensity 0, so that one compiled
    function serves every package of the study's measures. Drawn links come on top of it.
    """

    def __init__(self, served: Served, links_at_most: int):
        self._served, self._links_at_most = served, links_at_most
        self._recipe = Recipe(served.baseline, served.study.measures)
        self.states = States(purposes_of(served.baseline))
        self._impossible = {m.name: m.impossible(served.baseline) for m in served.study.measures}

    def solve(self, text: str) -> Solved:
        """The equilibrium of a package text.

        Raises InputMistakes for what cannot be read, is not known or impossible, NotConverged with market and cure.
        """
        begun, served, options = time.perf_counter(), self._served, Options()
        package = read_package(text)
        measures = served.measures(package, self._links_at_most)
        raise_together([mistake for m in measures for mistake in self._impossible.get(m.name, [])])
        shock, commuting = self._shock(measures)
        economy, region = served.baseline.economy, served.study.region
        solution = solve(economy, shock, options)
        checked(economy, shock, solution, options, region.code, region.sectors)
        found = package_levels(economy, shock, solution.unknowns, commuting)
        levels: Levels = jax.tree.map(np.asarray, found)
        cost = money(served.baseline, measures, shock, levels)
        minutes = np.asarray(commuting)
        return Solved(
            str(package),
            measures,
            levels,
            minutes,
            Told(package_name([m.name for m in measures]), levels, served.before, served.income, *cost),
            tuple(_drawn(served, package, measures, minutes)),
            largest_residuals(solution),
            int(solution.steps),
            time.perf_counter() - begun,
        )

    def route_every_set(self) -> None:
        """Find the minutes of every set of the study's network measures beforehand, where half the store holds them."""
        of_network = [measure for measure in self._recipe.measures if measure.changes_network()]
        if 2 ** len(of_network) <= STATES_KEPT // 2:
            subsets = all_subsets([measure.name for measure in of_network])
            self.states.keep(network_states(self._served.baseline, of_network, subsets, self.states.of(subsets)))

    def _shock(self, measures: Sequence[Measure]) -> tuple[Shock, jax.Array]:
        """The shock of a package and its minutes of commuting [home, work]."""
        baseline, study = self._served.baseline, self._recipe.measures
        amounts = {measure.name: measure.intensity for measure in measures}
        acting = _acting(self._recipe, jnp.asarray([amounts.get(m.name, 0.0) for m in study], dtype=float))
        drawn = [measure for measure in measures if measure.name not in self._impossible]
        of_network = [m for m in study if m.changes_network()] + drawn
        on_network = np.array([amounts.get(measure.name, 0.0) for measure in of_network], dtype=float)
        steps = self._steps(of_network, on_network)
        network, minutes = _network(self._recipe, steps, jnp.asarray(on_network))
        payments = [paid(baseline, m.cost, m.payer, jnp.asarray(m.intensity)) for m in drawn]
        return combined(baseline.economy, [acting, network, *payments]), minutes

    def _steps(self, of_network: Sequence[Measure], amounts: np.ndarray) -> Ladder:
        """The states on the way to these intensities, of one shape for every package with as many network measures."""
        names = [measure.name for measure in of_network]
        visited = subsets_visited(names, amounts)
        states = network_states(self._served.baseline, of_network, visited, self.states.of(visited))
        self.states.keep(states)
        steps = ladder(self._served.baseline, names, states)
        missing = len(names) + 1 - len(steps.log_ratio)
        padded = jnp.pad(steps.log_ratio, ((0, missing), (0, 0), (0, 0), (0, 0)))
        return eqx.tree_at(lambda one: one.log_ratio, steps, padded)


@eqx.filter_jit
def _acting(recipe: Recipe, amounts: jax.Array) -> Shock:
    return recipe.acting(amounts)


@eqx.filter_jit
def _network(recipe: Recipe, steps: Ladder, amounts: jax.Array) -> tuple[Shock, jax.Array]:
    minutes = steps.minutes_at(amounts)[steps.purposes.index("commuting")]
    return network_shock(recipe.baseline, steps, amounts), minutes


def _drawn(served: Served, package: PackageText, measures: Sequence[Measure], minutes: np.ndarray):
    """What is told of every drawn link."""
    drawn = [measure for measure in measures if isinstance(measure, Link) and measure.additions]
    region = served.study.region
    for link, measure in zip(package.links, drawn[len(drawn) - len(package.links) :], strict=True):
        start, end = (served.builder.counties[code] for code in (link.origin, link.destination))
        record = measure_record(served.study, measure)
        money_of = ("cost_yuan_a_year", "investment_yuan", "payer")
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
            **{key: record[key] for key in money_of},
        }
