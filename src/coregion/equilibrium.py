"""An equilibrium of a study: its tables, its residuals, and the derivatives of any outcome by any input."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.errors import CoregionError, nearest
from coregion.measures.cost import yearly_cost
from coregion.measures.package import Prepared
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock
from coregion.model.unknowns import no_change
from coregion.outcomes import Levels, baseline_income, levels, state
from coregion.region import Region
from coregion.results import MEAN_OVER, Told, jurisdictions_frame, package_name, regions_frame
from coregion.solve.checked import largest_residuals
from coregion.solve.equilibrium import Options, Solution, solve
from coregion.urban_areas import Picture, urban_areas_frame
from coregion.variables import REGISTER, variable

if TYPE_CHECKING:
    import pandas as pd

_OUTCOME = re.compile(r"^\s*([a-z0-9_]+)\s*(?:\[([^\]]+)\])?\s*$")


@dataclass(frozen=True)
class Equilibrium:
    """What a package of measures leads to.

    measures: the package, with the intensities that were solved. shock, solution: as the model has them.
    prepared: the measures made ready for derivatives by their intensities.
    """

    baseline: Baseline
    measures: tuple[Measure, ...]
    prepared: Prepared
    shock: Shock
    solution: Solution

    @property
    def package(self) -> str:
        """The sorted names of the measures joined by +; empty for none."""
        return package_name([measure.name for measure in self.measures])

    @property
    def residuals(self) -> dict[str, float]:
        """Largest |log demand/supply| of every market."""
        return largest_residuals(self.solution)

    @cached_property
    def levels(self) -> Levels:
        """Every outcome as an array, as ``coregion.outcomes.levels`` gives it."""
        amounts = jnp.asarray([measure.intensity for measure in self.measures])
        minutes = self.prepared.commuting_minutes(amounts)
        return package_levels(self.baseline.economy, self.shock, self.solution.unknowns, minutes)

    def told(self) -> Told:
        """This equilibrium ready for the tables."""
        return Told(
            self.package,
            self.levels,
            baseline_levels(self.baseline),
            baseline_income(self.baseline),
            *money(self.baseline, self.measures, self.shock, self.levels),
        )

    def regions(self) -> pd.DataFrame:
        """A row a region, variable, group and sector: baseline, value, change."""
        return regions_frame(self.baseline.region, [self.told()])

    def jurisdictions(self) -> pd.DataFrame:
        """The same by government of both levels, the whole region, and payers without a vote."""
        return jurisdictions_frame(self.baseline.region, [self.told()], self.baseline)

    def urban_areas(self, rule: str = "") -> pd.DataFrame:
        """Which urban area each county belongs to before and after, by rule and threshold (docs/urban_areas.md).

        rule: "eu_oecd", "canada", "britain" or "one_hour"; all of them by default. Raises CoregionError for another.
        """
        amounts = jnp.asarray([measure.intensity for measure in self.measures])
        before = Picture.of(self.baseline.region, baseline_levels(self.baseline), self.baseline.minutes["commuting"])
        after = Picture.of(self.baseline.region, self.levels, self.prepared.commuting_minutes(amounts))
        return urban_areas_frame(self.baseline.region, before, after, self.package, rule)

    def gradient(self, outcome: str, inputs: Sequence[str] | None = None) -> dict[str, np.ndarray | float]:
        """Derivatives of an outcome by the intensity of measures, or by a hat of the shock, from one adjoint solve.

        outcome: a variable of the register with a place, as "residents[130638]" or "welfare[13]"; the place may be a
        region, a prefecture, a province, or "all". inputs: names of measures (default: all of the package) or fields
        of the shock ("productivity", "floor_space", "commuting_cost", …: an array of that shape).
        Where a cap switches the derivative is that of the active set. Raises CoregionError for an unknown name.
        """
        wanted = [measure.name for measure in self.measures] if inputs is None else list(inputs)
        target = outcome_function(self.baseline, outcome)
        names = list(self.prepared.names)
        fields = [name for name in wanted if name not in names]
        known = [*names, *Shock.__dataclass_fields__]
        for name in fields:
            if name not in Shock.__dataclass_fields__ or name == "tariffs":
                raise CoregionError(
                    f"found the input '{name}'; expected a measure of the package or a hat of the shock. "
                    f"{nearest(name, known)}"
                )
        found: dict[str, np.ndarray | float] = {}
        economy = self.baseline.economy
        if len(fields) < len(wanted):
            amounts = jnp.asarray([measure.intensity for measure in self.measures])

            def by_intensity(amounts):
                shock = self.prepared.shock(amounts)
                return target(shock, solve(economy, shock, Options(), self.solution.unknowns))

            slope = np.asarray(jax.grad(by_intensity)(amounts))
            found |= {name: float(slope[names.index(name)]) for name in wanted if name in names}
        if fields:

            def by_hats(values):
                shock = eqx.tree_at(lambda s: [getattr(s, f) for f in fields], self.shock, values)
                return target(shock, solve(economy, shock, Options(), self.solution.unknowns))

            slopes = jax.grad(by_hats)([getattr(self.shock, field) for field in fields])
            found |= {field: np.asarray(slope) for field, slope in zip(fields, slopes, strict=True)}
        return {name: found[name] for name in wanted}


@eqx.filter_jit
def package_levels(economy, shock, unknowns, minutes) -> Levels:
    """``coregion.outcomes.levels`` at the unknowns of an equilibrium, compiled. minutes: of commuting, after it."""
    return levels(state(unknowns, economy, shock), minutes)


def baseline_levels(baseline: Baseline) -> Levels:
    """Every outcome of the baseline."""
    economy = baseline.economy
    return package_levels(economy, no_shock(economy), no_change(economy), jnp.asarray(baseline.minutes["commuting"]))


def money(
    baseline: Baseline, measures: Sequence[Measure], shock: Shock, after: Levels
) -> tuple[dict[str, float], dict[str, float]]:
    """What the measures cost each payer, and the change of each payer's budget [yuan a year].

    A budget must be balanced by its residents' levy, so its change is what they pay more: costs, public wages, and what
    it gives to other governments less what it receives.
    """
    region = baseline.region
    cost: dict[str, float] = dict.fromkeys(payers_of(region, measures), 0.0)
    for measure in measures:
        amount = measure.intensity * yearly_cost(measure.cost, region)
        cost[measure.payer] += amount
    economy = baseline.economy
    before = np.asarray((economy.public_jobs * economy.wage).sum(axis=1))
    now = np.asarray(((economy.public_jobs + shock.public_jobs) * after["wage"]).sum(axis=1))
    by_transfer = dict.fromkeys(cost, 0.0)
    for measure in measures:
        if measure.cost.spent_on != "wages":
            by_transfer[measure.payer] -= measure.intensity * yearly_cost(measure.cost, region)
        for code, amount in measure.between_budgets(baseline).items():
            by_transfer[code] = by_transfer.get(code, 0.0) + measure.intensity * amount
    rows = {payer.code: position for position, payer in enumerate(region.payers)}
    budget = {
        code: amount - (now[rows[code]] - before[rows[code]] if code in rows else 0.0)
        for code, amount in by_transfer.items()
    }
    return cost, {code: float(value) for code, value in budget.items()}


def payers_of(region: Region, measures: Sequence[Measure]) -> tuple[str, ...]:
    """Codes of those whose money is told: the payers of the study, then any other that a measure names."""
    return tuple(dict.fromkeys([payer.code for payer in region.payers] + [measure.payer for measure in measures]))


def place_members(region: Region, place: str) -> np.ndarray:
    """[region] members of a place: a region, prefecture or province of the study, several joined by +, or "all".

    A name that the study gives a place ([places] of study.toml) stands for its members.

    Raises CoregionError for a place that is not known, with the nearest that is.
    """
    if "+" in place:
        return np.any([place_members(region, part.strip()) for part in place.split("+")], axis=0)
    if place == "all":
        return ~region.external
    if place in region.places:
        return place_members(region, "+".join(region.places[place]))
    for codes in (region.code, region.prefecture, region.province):
        members = np.array(codes) == place
        if members.any():
            return members
    names = {name: code for code, name in zip(region.code, region.name_en, strict=True)}
    if place in names:
        return np.array(region.code) == names[place]
    known = [*region.code, *dict.fromkeys((*region.prefecture, *region.province)), *names, *region.places, "all"]
    raise CoregionError(
        f"found the place '{place}'; expected a code or an English name of the study. {nearest(place, known)}"
    )


def outcome_function(baseline: Baseline, outcome: str) -> Callable[[Shock, Solution], jax.Array]:
    """A differentiable scalar from "variable[place]": a sum over the place, or the mean that the tables use."""
    name, together = outcome_of_place(baseline, outcome)

    def target(shock: Shock, solution: Solution) -> jax.Array:
        there = state(solution.unknowns, baseline.economy, shock)
        return together(levels(there, jnp.asarray(baseline.minutes["commuting"]))[name])

    return target


def outcome_of_place(baseline: Baseline, outcome: str) -> tuple[str, Callable[[jax.Array], jax.Array]]:
    """The variable of "variable[place]", and how its array becomes the place's one number.

    Raises CoregionError for another form, an unknown variable or an unknown place.
    """
    match = _OUTCOME.match(outcome)
    known = [name for name, entry in REGISTER.items() if entry.role == "outcome"]
    name = match.group(1) if match else outcome
    before: Mapping[str, jax.Array] = baseline_levels(baseline)
    if name == "travel_minutes":
        raise CoregionError(
            "found the outcome 'travel_minutes'; expected one that follows from the shock, not minutes."
        )
    if match and name in known and name not in before:
        raise CoregionError(
            f"found the outcome '{outcome}', of which this study has no figure by region; expected one of: "
            f"{', '.join(sorted({*before} - {'travel_minutes'}))}."
        )
    if not match or name not in before:
        raise CoregionError(f"found the outcome '{outcome}'; expected variable[place]. {nearest(name, known)}")
    members = jnp.asarray(place_members(baseline.region, (match.group(2) or "all").strip()))
    grouped = variable(name).dimensions == ("region", "group")
    weight = jnp.asarray(before[MEAN_OVER[name]]) if name in MEAN_OVER else None

    def together(values: jax.Array) -> jax.Array:
        along = members[None, :] if grouped else members[:, None] if values.ndim == 2 else members
        if weight is None:
            return (values * along).sum()
        used = weight
        if weight.ndim != values.ndim:
            used = weight.sum(axis=0) if weight.ndim == 2 and values.ndim == 1 else weight
        used = used * along
        return (values * used).sum() / used.sum()

    return name, together
