"""One set of parameter values: the model calibrated to the same observations, and every package solved on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.calibrate.calibrate import calibrate_again
from coregion.equilibrium import money
from coregion.errors import CoregionError, NotConverged
from coregion.measures.combine import combined
from coregion.measures.network_states import NetworkStates, network_states, subsets_visited
from coregion.measures.package import package_shock
from coregion.measures.record import Measure
from coregion.model.economy import Economy, Shock, no_shock
from coregion.model.unknowns import Unknowns, no_change
from coregion.outcomes import levels, state
from coregion.packages.batch import ALIKE
from coregion.region import Region, with_parameters
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, Solution, solve
from coregion.solve.many import compiled_steered, inverse_jacobian, solve_steered
from coregion.study import Study
from coregion.uncertainty.distributions import at
from coregion.uncertainty.figures import WANTED, Package, blocks, vector

GOOD = "converged"
STEERED_FROM = 300
"""Solutions from which on the one inverse Jacobian pays that steers them all."""


@dataclass(frozen=True)
class Answer:
    """What one package leads to at one set of values. status: "converged", or why there is none (values are NaN)."""

    package: str
    status: str
    values: np.ndarray


class Single(eqx.Module):
    """Solves each shock by itself."""

    def __call__(self, economy: Economy, shock: Shock, options: Options) -> Solution:
        return solve(economy, shock, options)

    def together(self, economy: Economy, shocks: Sequence[Shock], options: Options) -> list[Solution]:
        """One after the other."""
        return [self(economy, shock, options) for shock in shocks]


class Steered(eqx.Module):
    """Solves each shock with steps through one inverse Jacobian of the central baseline; ``solve`` where that fails.

    The Jacobian of one draw differs little from that of another, so a solution takes some ten steps instead of seventy.
    """

    inverse: jax.Array

    def __call__(self, economy: Economy, shock: Shock, options: Options) -> Solution:
        found = compiled_steered(economy, shock, self.inverse, jax.tree.map(jnp.asarray, options))
        return found if bool(found.converged) else solve(economy, shock, options)

    def together(self, economy: Economy, shocks: Sequence[Shock], options: Options) -> list[Solution]:
        """Shocks that leave trade and commuting costs as they are go in blocks, all others one by one."""
        numbers = jax.tree.map(jnp.asarray, options)
        still = [position for position, shock in enumerate(shocks) if _leaves_costs(shock)]
        found: dict[int, Solution] = {}
        for first in range(0, len(still), ALIKE_BLOCK):
            mine = still[first : first + ALIKE_BLOCK]
            block = [shocks[position] for position in mine]
            solved = jax.tree.map(np.asarray, _block(economy, block[0], _stacked(block), self.inverse, numbers))
            for number, position in enumerate(mine):
                one = jax.tree.map(lambda leaf, n=number: leaf[n], solved)
                found[position] = one if bool(one.converged) else solve(economy, shocks[position], options)
        return [found[n] if n in found else self(economy, shock, options) for n, shock in enumerate(shocks)]


ALIKE_BLOCK = 32
"""Most shocks of one block: one matrix product steers them all, and their square arrays are folded once."""


def _costs(shock: Shock) -> list[jax.Array]:
    return [getattr(shock, name) for name in ALIKE]


def _leaves_costs(shock: Shock) -> bool:
    return all(bool((np.asarray(hat) == 1).all()) for hat in _costs(shock))


def _stacked(shocks: Sequence[Shock]) -> Shock:
    """[package, …] of every hat but those that are alike, which stand as one number."""
    nothing = [jnp.zeros(()) for _ in ALIKE]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *(eqx.tree_at(_costs, shock, nothing) for shock in shocks))


@eqx.filter_jit
def _block(economy: Economy, first: Shock, stacked: Shock, inverse: jax.Array, options: Options) -> Solution:
    def one(shock: Shock) -> Solution:
        return solve_steered(economy, eqx.tree_at(_costs, shock, _costs(first)), inverse, options)

    return jax.vmap(one)(stacked)


def steered_by(baseline: Baseline, shock: Shock, options: Options) -> Steered:
    """The inverse Jacobian at a package of the central baseline."""
    found = solve(baseline.economy, shock, options)
    return Steered(inverse_jacobian(baseline.economy, shock, found.unknowns))


@dataclass(frozen=True)
class Setting:
    """What all draws have in common: the study, its central baseline, the packages, and the minutes of the network.

    No parameter moves the network: the minutes of the central baseline and of every set of its measures hold for all.
    calibrated: how a region at other parameters becomes a baseline like the central one.
    """

    study: Study
    packages: tuple[Package, ...]
    options: Options = Options()  # noqa: RUF009
    calibrated: Callable[[Region, Baseline], Baseline] = calibrate_again

    @cached_property
    def states(self) -> NetworkStates:
        """Minutes of every set of network measures that a package needs."""
        measures = {m.name: m for p in self.packages for m in _of_network(p.measures)}
        subsets = [
            subset
            for package in self.packages
            for mine in [_of_network(package.measures)]
            for subset in subsets_visited([m.name for m in mine], [m.intensity for m in mine])
        ]
        return network_states(self.study.baseline(), tuple(measures.values()), subsets)

    def baseline_at(self, values: Mapping[str, float]) -> Baseline:
        """The model calibrated at some values; raises CoregionError where the figures allow none."""
        region, central = self.study.region, self.study.baseline()
        moved = with_parameters(region, at(region.parameters, values))
        try:
            with np.errstate(all="ignore"):
                return self.calibrated(moved, central)
        except ValueError as error:
            raise CoregionError(f"found no calibration ({error}); expected one.") from error

    @cached_property
    def before(self) -> dict[str, np.ndarray]:
        """The wanted outcomes of the central baseline, as far as its model has them."""
        economy = self.study.baseline().economy
        return outcomes(economy, no_shock(economy), no_change(economy), WANTED)

    def steering(self) -> Steered:
        """The inverse Jacobian in the middle between no measure and all of the largest package."""
        largest = max(self.packages, key=lambda package: len(package.measures))
        half = [measure.intensity / 2 for measure in largest.measures]
        baseline = self.study.baseline()
        return steered_by(baseline, package_shock(baseline, largest.measures, half, self.states), self.options)


def _of_network(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    return tuple(measure for measure in measures if measure.changes_network() and measure.intensity != 0)


class Shocks:
    """Shocks of many packages on one baseline: the effect of each measure is worked out once."""

    def __init__(self, baseline: Baseline, states: NetworkStates):
        self._baseline, self._states = baseline, states
        self._known: dict[tuple[str, ...], Shock] = {}

    def of(self, measures: Sequence[Measure]) -> Shock:
        """The shock of a package: its measures of the network are one, all others come one by one."""
        network = _of_network(measures)
        others = [(m,) for m in measures if not m.changes_network() and m.intensity != 0]
        parts = [self._part(group) for group in (*others, *((network,) if network else ()))]
        return combined(self._baseline.economy, parts)

    def _part(self, measures: tuple[Measure, ...]) -> Shock:
        name = tuple(measure.name for measure in measures)
        if name not in self._known:
            self._known[name] = package_shock(self._baseline, measures, known=self._states)
        return self._known[name]


@eqx.filter_jit
def read(economy: Economy, shock: Shock, unknowns: Unknowns, names: tuple[str, ...]) -> dict[str, jax.Array]:
    """Some of the outcomes; minutes of commuting, which no figure here needs, are left out."""
    found = levels(state(unknowns, economy, shock), jnp.zeros_like(economy.workplace_share[0]))
    return {name: found[name] for name in names if name in found}


def outcomes(economy: Economy, shock: Shock, unknowns: Unknowns, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The same as plain arrays."""
    return {name: np.asarray(value) for name, value in read(economy, shock, unknowns, names).items()}


def solved_at(setting: Setting, values: Mapping[str, float], solver: Single | Steered) -> list[Answer]:
    """Every package at some values of the parameters.

    What fails is an answer that says why: a calibration that the figures do not allow, a package without equilibrium.
    """
    try:
        baseline = setting.baseline_at(values)
    except (CoregionError, NotConverged) as error:
        return [Answer(p.name, f"not calibrated: {error}", np.array([])) for p in setting.packages]
    economy, unshocked = baseline.economy, no_shock(baseline.economy)
    before = outcomes(economy, unshocked, no_change(economy), WANTED)
    shocks, answers = _possible(setting, baseline)
    solutions = solver.together(economy, list(shocks.values()), setting.options)
    packages = {package.name: package for package in setting.packages}
    for (name, shock), found in zip(shocks.items(), solutions, strict=True):
        try:
            checked(economy, shock, found, setting.options, baseline.region.code, baseline.region.sectors)
        except NotConverged as error:
            answers[name] = Answer(name, f"not solved: {error}", np.array([]))
            continue
        after = outcomes(economy, shock, found.unknowns, WANTED)
        cost, budget = money(baseline, packages[name].measures, shock, {"wage": jnp.asarray(after["wage"])})
        told = list(blocks(baseline.region, before, after, cost, budget, packages[name].counties))
        answers[name] = Answer(name, GOOD, vector(told))
    return [answers[package.name] for package in setting.packages]


def _possible(setting: Setting, baseline: Baseline) -> tuple[dict[str, Shock], dict[str, Answer]]:
    """The shocks of the packages that a baseline allows, and why it does not allow the others."""
    parts, shocks, refused = Shocks(baseline, setting.states), {}, {}
    for package in setting.packages:
        try:
            shocks[package.name] = parts.of(package.measures)
        except CoregionError as error:
            refused[package.name] = Answer(package.name, f"not solved: {error}", np.array([]))
    return shocks, refused
