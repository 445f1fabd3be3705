"""How much of which measures reaches a target, the least effort that does, or how far the bounds allow to go."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from scipy.optimize import OptimizeResult, brentq, minimize

from coregion.equilibrium import outcome_function, outcome_of_place
from coregion.errors import CoregionError, NotConverged
from coregion.measures.package import prepare
from coregion.measures.record import Measure
from coregion.measures.select import chosen
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, solve
from coregion.study import Study
from coregion.uncertainty.figures import Package
from coregion.uncertainty.sample import Tell, design
from coregion.uncertainty.solved import STEERED_FROM, Setting, Shocks, Single, outcomes

_GOAL = re.compile(r"^\s*(?P<outcome>[a-z0-9_]+\s*\[[^\]]+\])\s*(?P<sense>>=|<=)\s*(?P<target>[-+0-9.eE_]+)\s*$")
ROUNDS = 100
"""At most this many steps of the search for the least effort."""
REACHED = 1e-6
"""A target is reached when it is missed by at most this part of its distance from the baseline; in draws, of itself."""


@dataclass(frozen=True)
class Goal:
    """An outcome that must be at least (sense 1) or at most (sense −1) the target."""

    outcome: str
    sense: int
    target: float


@dataclass(frozen=True)
class Alone:
    """One measure by itself. intensity: the least that reaches the goal, or None; best: the outcome it gets to within
    its bounds (at ``best_at``) when it does not."""

    measure: str
    intensity: float | None
    best: float
    best_at: float


@dataclass(frozen=True)
class Reached:
    """What reaches a goal. baseline: the outcome without measures. alone: each measure by itself.

    intensities: the mix of least effort Σ (t/t_max)², or None when no mix within bounds does; effort: its value;
    value: the outcome there (or the most that was found); slope: outcome per unit of each measure at the mix.
    multiplier: effort saved by a unit less of the target, 0 where the bounds alone decide.
    """

    goal: Goal
    baseline: float
    alone: tuple[Alone, ...]
    intensities: dict[str, float] | None
    effort: float
    value: float
    slope: dict[str, float]
    multiplier: float


@dataclass(frozen=True)
class Likelihood:
    """How sure a mix is. probability: part of the draws with an answer in which the goal is met; error: its standard
    error; low, median, high: 5th, 50th and 95th of 100 of the outcome; draws: with an answer; failed: without, and why.
    """

    probability: float
    error: float
    low: float
    median: float
    high: float
    draws: int
    failed: int
    reasons: tuple[str, ...]


def parse_goal(text: str) -> Goal:
    """ "residents[130629+130632+130638] >= 1500000" as a Goal; raises CoregionError for another form."""
    match = _GOAL.match(text)
    form = f"found the goal '{text}'; expected variable[place] >= number or <= number, as residents[130629] >= 300000."
    if match is None:
        raise CoregionError(form)
    try:
        target = float(match["target"])
    except ValueError as error:
        raise CoregionError(form) from error
    if not np.isfinite(target):
        raise CoregionError(f"found the goal '{text}'; expected a finite number.")
    return Goal(match["outcome"], 1 if match["sense"] == ">=" else -1, target)


def reach(study: Study, goal: Goal, names: Sequence[str] | None = None, tell: Tell = lambda *_: None) -> Reached:
    """Search within the bounds of the named measures (all by default), the others left out. tell: how far it is.

    Alone: a bracketed root of the outcome in one intensity. Together: sequential quadratic programming on the exact
    gradient by the adjoint. Raises InputMistakes for an unknown measure, NotConverged where no equilibrium was found.
    """
    measures = chosen(study.measures, names)
    tell("calibrating", 0, 1)
    value = _outcome(study, goal, measures)
    nothing = np.zeros(len(measures))
    baseline = value.level(nothing)
    tell("calibrating", 1, 1)
    alone = []
    for position in range(len(measures)):
        tell("each measure alone", position, len(measures))
        alone.append(_alone(goal, measures, value, position, baseline))
    tell("each measure alone", len(measures), len(measures))
    found = _together(goal, measures, value, baseline, tuple(alone), tell)
    tell("least effort", ROUNDS, ROUNDS)
    return found


def tried(study: Study, found: Reached) -> dict[str, float]:
    """The mix that reaches a goal, or every measure that was asked for at its highest where none does."""
    if found.intensities is not None:
        return found.intensities
    highest = {measure.name: measure.highest for measure in study.measures}
    return {one.measure: highest[one.measure] for one in found.alone}


def likelihood(
    study: Study,
    goal: Goal,
    intensities: Mapping[str, float],
    count: int,
    seed: int,
    tell: Tell = lambda *_: None,
) -> Likelihood:
    """The probability that a goal is met at some intensities, P(R_X ≥ X*), over draws of the study's parameters.

    The model is calibrated anew at every draw. Raises InputMistakes for an unknown measure, CoregionError where no
    draw has an answer.
    """
    acting = {name: amount for name, amount in intensities.items() if amount > 0}
    package = Package("goal", chosen(study.measures, list(acting), acting), False)
    setting = Setting(study, (package,))
    draws = design(study.region, count, seed).draws
    solver = setting.steering() if count >= STEERED_FROM else Single()
    found, reasons = [], []
    for number, row in enumerate(draws.values.tolist()):
        tell("draws", number, count)
        try:
            found.append(_drawn(setting, goal, dict(zip(draws.names, row, strict=True)), solver))
        except CoregionError as error:
            reasons.append(str(error))
    tell("draws", count, count)
    if not found:
        raise CoregionError(f"found no draw of {count} with an answer ({reasons[0]}); narrow the ranges of study.toml.")
    values = np.array(found)
    part = float(np.mean(goal.sense * (values - goal.target) >= -REACHED * abs(goal.target)))
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
    error = float(np.sqrt(part * (1 - part) / len(values)))
    return Likelihood(part, error, low, median, high, len(values), len(reasons), tuple(dict.fromkeys(reasons)))


def _drawn(setting: Setting, goal: Goal, values: Mapping[str, float], solver) -> float:
    """The outcome of the package at one draw; raises CoregionError where there is none."""
    baseline = setting.baseline_at(values)
    economy, region, options = baseline.economy, baseline.region, setting.options
    shock = Shocks(baseline, setting.states).of(setting.packages[0].measures)
    solution = checked(economy, shock, solver(economy, shock, options), options, region.code, region.sectors)
    name, together = outcome_of_place(baseline, goal.outcome)
    return float(together(jnp.asarray(outcomes(economy, shock, solution.unknowns, (name,))[name])))


@dataclass(frozen=True)
class _Outcome:
    """The outcome at intensities [measure], alone or with its gradient by them."""

    level: Callable[[np.ndarray], float]
    with_slope: Callable[[np.ndarray], tuple[float, np.ndarray]]


def _outcome(study: Study, goal: Goal, measures: Sequence[Measure]) -> _Outcome:
    """The outcome of packages of these measures; NotConverged where a package has no equilibrium."""
    baseline, region = study.baseline(), study.region
    economy, prepared, options = baseline.economy, prepare(baseline, measures), Options()
    target = outcome_function(baseline, goal.outcome)

    def found(amounts):
        shock = prepared.shock(amounts)
        solution = solve(economy, shock, options)
        return target(shock, solution), (shock, solution)

    slope = eqx.filter_value_and_grad(found, has_aux=True)

    def level(amounts: np.ndarray) -> float:
        outcome, reached = found(jnp.asarray(amounts, dtype=float))
        checked(economy, *reached, options, region.code, region.sectors)
        return float(outcome)

    def with_slope(amounts: np.ndarray) -> tuple[float, np.ndarray]:
        (outcome, reached), gradient = slope(jnp.asarray(amounts, dtype=float))
        checked(economy, *reached, options, region.code, region.sectors)
        return float(outcome), np.asarray(gradient)

    return _Outcome(level, with_slope)


def _short(goal: Goal, outcome: float) -> float:
    """How much is missing; at most 0 when the goal is met."""
    return goal.sense * (goal.target - outcome)


def _alone(goal: Goal, measures: Sequence[Measure], value: _Outcome, position: int, baseline: float) -> Alone:
    measure = measures[position]

    def missing(intensity: float) -> float:
        amounts = np.zeros(len(measures))
        amounts[position] = intensity
        return _short(goal, value.level(amounts))

    if _short(goal, baseline) <= 0:
        return Alone(measure.name, 0.0, baseline, 0.0)
    before = max(measure.lowest, 0.0)
    if before > 0 and (gap := missing(before)) <= 0:
        return Alone(measure.name, before, goal.target - goal.sense * gap, before)
    tried = np.linspace(before, measure.highest, 5)[1:]
    gaps = []
    for intensity in tried:
        gap = missing(float(intensity))
        if gap <= 0:
            least = float(brentq(missing, before, float(intensity), xtol=1e-6))
            return Alone(measure.name, least, goal.target, least)
        before = float(intensity)
        gaps.append(gap)
    best = int(np.argmin(gaps))
    return Alone(measure.name, None, goal.target - goal.sense * gaps[best], float(tried[best]))


def _together(
    goal: Goal, measures: Sequence[Measure], value: _Outcome, baseline: float, alone: tuple[Alone, ...], tell: Tell
) -> Reached:
    highest = np.array([measure.highest for measure in measures])
    names = [measure.name for measure in measures]
    scale = max(abs(goal.target - baseline), 1e-12)

    full = value.with_slope(highest)
    helps = goal.sense * full[1] > 0
    lowest = np.array([measure.lowest for measure in measures]) / highest
    answer = _least_effort(goal, value, np.where(helps, 0.5, 0.0), lowest, highest, scale, tell)
    part = np.clip(answer.x, lowest, 1.0)
    outcome, slope = value.with_slope(part * highest)
    if _short(goal, outcome) > REACHED * scale:
        best = max((outcome, full[0], *(a.best for a in alone)), key=lambda found: goal.sense * found)
        if not answer.success and answer.status not in (4, 8, 9):
            raise NotConverged(f"found no mix: {answer.message}; try other measures or a nearer target.")
        return Reached(goal, baseline, alone, None, float("nan"), float(best), dict.fromkeys(names, float("nan")), 0.0)
    free = (part > lowest + 1e-6) & (part < 1 - 1e-6)
    pull = goal.sense * slope * highest
    multiplier = float(2 * (part[free] @ pull[free]) / (pull[free] @ pull[free])) if free.any() else 0.0
    return Reached(
        goal,
        baseline,
        alone,
        dict(zip(names, (part * highest).tolist(), strict=True)),
        float(part @ part),
        outcome,
        dict(zip(names, slope.tolist(), strict=True)),
        multiplier,
    )


def _least_effort(
    goal: Goal, value: _Outcome, start: np.ndarray, lowest: np.ndarray, highest: np.ndarray, scale: float, tell: Tell
) -> OptimizeResult:
    """The least sum of squares of the parts x = intensity/highest, lowest ≤ x ≤ 1, by which the target is reached."""
    rounds = itertools.count(1)
    tell("least effort", 0, ROUNDS)

    def constraint(part: np.ndarray) -> float:
        return -_short(goal, value.level(part * highest)) / scale

    def constraint_slope(part: np.ndarray) -> np.ndarray:
        return goal.sense * value.with_slope(part * highest)[1] * highest / scale

    return minimize(
        lambda part: float(part @ part),
        start,
        jac=lambda part: 2 * part,
        bounds=[(float(low), 1.0) for low in lowest],
        constraints=[{"type": "ineq", "fun": constraint, "jac": constraint_slope}],
        method="SLSQP",
        options={"maxiter": ROUNDS, "ftol": 1e-10},
        callback=lambda xk: tell("least effort", min(next(rounds), ROUNDS), ROUNDS),
    )
