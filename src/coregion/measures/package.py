"""A set of measures as one shock, whose derivatives by every intensity the solver can carry on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.errors import CoregionError, Mistake, raise_together
from coregion.measures.combine import combined
from coregion.measures.cost import paid
from coregion.measures.network_states import (
    COMPLETE_UP_TO,
    Ladder,
    NetworkStates,
    all_subsets,
    ladder,
    network_shock,
    network_states,
    subsets_visited,
)
from coregion.measures.record import Measure, bounds_mistake
from coregion.model.economy import Shock


@dataclass(frozen=True, eq=False)
class Recipe:
    """What stays fixed while intensities vary; compared by identity, so that compiled code is used again."""

    baseline: Baseline
    measures: tuple[Measure, ...]

    @property
    def of_network(self) -> np.ndarray:
        """Positions of the measures that change the network."""
        return np.flatnonzero([measure.changes_network() for measure in self.measures])

    def acting(self, intensities: jax.Array) -> Shock:
        """Effects and payments of all measures at [measure] intensities, without what they do to the network; pure."""
        parts = []
        for position, measure in enumerate(self.measures):
            parts.append(measure.effect(self.baseline, intensities[position]))
            parts.append(paid(self.baseline, measure.cost, measure.payer, intensities[position]))
        return combined(self.baseline.economy, parts)


class Prepared(eqx.Module):
    """Measures made ready for many intensities. states: the minutes computed so far, to be handed on to ``prepare``."""

    steps: Ladder
    recipe: Recipe = eqx.field(static=True)
    states: NetworkStates = eqx.field(static=True)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the measures, in the order of the intensities."""
        return tuple(measure.name for measure in self.recipe.measures)

    def shock(self, intensities: jax.Array) -> Shock:
        """The shock at [measure] intensities; pure: may be compiled, mapped over packages and differentiated.

        Bounds are not checked here (a traced number has no value yet): ``check_intensities`` does. A set of network
        measures that was not prepared gives NaN, which no solution takes for an equilibrium.
        """
        baseline, amounts = self.recipe.baseline, jnp.asarray(intensities, dtype=float)
        network = network_shock(baseline, self.steps, amounts[self.recipe.of_network])
        return combined(baseline.economy, [self.recipe.acting(amounts), network])

    def commuting_minutes(self, intensities: jax.Array) -> jax.Array:
        """[home, work] minutes of commuting at [measure] intensities."""
        amounts = jnp.asarray(intensities, dtype=float)[self.recipe.of_network]
        return self.steps.minutes_at(amounts)[self.steps.purposes.index("commuting")]


def prepare(
    baseline: Baseline,
    measures: Sequence[Measure],
    packages: Iterable[Sequence[float] | np.ndarray] | None = None,
    known: NetworkStates | None = None,
) -> Prepared:
    """Compute the minutes that packages of these measures need, and make their shock differentiable.

    packages: the intensities that will be asked for, each [measure]; only the sets of network measures on the way
    to them are computed. Without it all 2^k sets of the k network measures are. known: states of an earlier
    ``prepare`` of the same baseline and measures. Raises CoregionError for more than 8 network measures without
    ``packages``, InputMistakes for intensities out of bounds, a doubled name, or what the baseline does not allow.
    """
    measures = tuple(measures)
    raise_together(_doubled(measures) + [mistake for measure in measures for mistake in measure.impossible(baseline)])
    recipe = Recipe(baseline, measures)
    of_network = [measures[i] for i in recipe.of_network]
    names = [measure.name for measure in of_network]
    if packages is None:
        if len(names) > COMPLETE_UP_TO:
            raise CoregionError(
                f"found {len(names)} measures that change the network; expected at most {COMPLETE_UP_TO} when every "
                "set of them is asked for. Merge some, or name the packages that will be solved."
            )
        subsets = all_subsets(names)
    else:
        subsets = []
        for intensities in packages:
            check_intensities(measures, intensities)
            subsets += subsets_visited(names, np.asarray(intensities, dtype=float)[recipe.of_network])
    states = network_states(baseline, of_network, subsets, known)
    return Prepared(steps=ladder(baseline, names, states), recipe=recipe, states=states)


def package_shock(
    baseline: Baseline,
    measures: Sequence[Measure],
    intensities: Sequence[float] | None = None,
    known: NetworkStates | None = None,
) -> Shock:
    """The shock of one package at given intensities, or the measures' own; raises InputMistakes when out of bounds."""
    chosen = [measure.intensity for measure in measures] if intensities is None else list(intensities)
    check_intensities(measures, chosen)
    acting = [(measure, amount) for measure, amount in zip(measures, chosen, strict=True) if amount != 0]
    amounts = [float(amount) for _, amount in acting]
    return prepare(baseline, [measure for measure, _ in acting], [amounts], known).shock(jnp.asarray(amounts))


def check_intensities(measures: Sequence[Measure], intensities: Sequence[float] | np.ndarray) -> None:
    """Raise InputMistakes with every intensity that is out of its measure's bounds."""
    if len(measures) != len(intensities):
        raise CoregionError(f"found {len(intensities)} intensities; expected one for each of {len(measures)} measures.")
    found = [bounds_mistake(measure, amount) for measure, amount in zip(measures, intensities, strict=True)]
    raise_together([mistake for mistake in found if mistake is not None])


def _doubled(measures: Sequence[Measure]) -> list[Mistake]:
    names = [measure.name for measure in measures]
    return [
        Mistake(f"measure '{name}' again", "every measure of a package once")
        for position, name in enumerate(names)
        if name in names[:position]
    ]
