"""How far the growth of a new town rests on what stood there before: the seed that its change is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from coregion.equilibrium import Equilibrium
from coregion.measures.new_area import NewArea, existing_floor_space
from coregion.measures.places import inside
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, Solution, solve

FACTORS = (0.5, 1.0, 2.0)
"""Half the base, the base, double the base: a range to see by, not one that any source gives."""


@dataclass(frozen=True)
class Seed:
    """Residents of a new town in a package, if there had been ``factor`` times the floor space that it grows from.

    existing_m2: that floor space. residents_before, residents: at the baseline and with the package [persons].
    """

    measure: str
    name_en: str
    name_zh: str
    factor: float
    existing_m2: float
    residents_before: float
    residents: float


def seed_sensitivity(whole: Equilibrium, factors: Sequence[float] = FACTORS) -> tuple[Seed, ...]:
    """Solve a package again with the base of each of its new towns scaled, one town at a time.

    Floor space enters as H̄̂ = 1 + i · built / existing (model.md, Exact hat), so half the base is twice the growth;
    everything else of the package stays. A measure that builds nothing has no base and no row.
    Raises NotConverged with market, place and cure.
    """
    return tuple(
        _with_base(whole, position, factor)
        for position, measure in enumerate(whole.measures)
        if isinstance(measure, NewArea) and measure.floor_space_m2 * measure.intensity > 0
        for factor in factors
    )


def _with_base(whole: Equilibrium, position: int, factor: float) -> Seed:
    baseline, measure = whole.baseline, whole.measures[position]
    assert isinstance(measure, NewArea)
    base = measure.existing_m2 or float(existing_floor_space(baseline, measure.places))
    there = inside(baseline.region, measure.places)
    after = whole.solution if factor == 1 else _solved_again(whole, measure, factor * base)
    return Seed(
        measure=measure.name,
        name_en=measure.name_en,
        name_zh=measure.name_zh,
        factor=factor,
        existing_m2=factor * base,
        residents_before=float(baseline.economy.residents[:, there].sum()),
        residents=float(np.asarray(after.outcome.residents)[:, there].sum()),
    )


def _solved_again(whole: Equilibrium, measure: NewArea, existing_m2: float) -> Solution:
    """The package with the growth of floor space of one measure replaced, from the solution that is known.

    Hats of a package are products of those of its measures, so one is divided out and the other put in.
    """
    baseline, region, amount = whole.baseline, whole.baseline.region, jnp.asarray(measure.intensity)
    other = measure.model_copy(update={"existing_m2": existing_m2})
    factor = other.effect(baseline, amount).floor_space / measure.effect(baseline, amount).floor_space
    shock = eqx.tree_at(lambda s: s.floor_space, whole.shock, whole.shock.floor_space * factor)
    options = Options()
    solution = solve(baseline.economy, shock, options, whole.solution.unknowns)
    checked(baseline.economy, shock, solution, options, region.code, region.sectors)
    return solution
