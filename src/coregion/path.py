"""When does it come? A path to the long run as measures open one after another. An approximation, and labelled so.

The model compares long-run equilibria. Here each outcome goes a fixed part of its remaining way in a year,
x_t = x_(t−1) + a (x*_t − x_(t−1)), where x*_t is the equilibrium under the measures open in year t (partial
adjustment, as in Nerlove 1958, recalled). Outcomes move one by one, so what holds between them in an equilibrium holds
on the way only where they share a speed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from coregion.calibrate.baseline import Baseline
from coregion.data.adjustment import OTHERS, AdjustmentEntry
from coregion.equilibrium import Equilibrium
from coregion.errors import CoregionError
from coregion.measures.network_states import NetworkStates
from coregion.measures.package import prepare
from coregion.measures.record import Measure
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, Solution, solve

if TYPE_CHECKING:
    import pandas as pd

GAIN = "equivalent_variation_registered"
KEYS = ["place", "level", "name_en", "name_zh", "variable", "group", "sector", "unit"]
COUNTY = 3
"""The level of a region; 0 the whole region, 1 and 2 its governments."""

ByYear = Float[np.ndarray, "year row"]
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Stage:
    """Measures that are open from a year on, until the next stage."""

    year: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Path:
    """Outcomes by year. rows: place, level, names, variable, group, sector, unit and baseline of every figure.

    target: x* of the measures open that year; value: at the speeds given; slow, fast: at their bounds; all
    [year, row]. gain_target: the gain of those registered under the measures open that year, [year, region].
    late: measures that open after the last year.
    """

    years: tuple[int, ...]
    stages: tuple[Stage, ...]
    rows: pd.DataFrame
    target: ByYear
    value: ByYear
    slow: ByYear
    fast: ByYear
    gain_target: Float[np.ndarray, "year region"]
    late: tuple[Measure, ...]

    def frame(self) -> pd.DataFrame:
        """A row a year and figure: the keys, baseline, target, value, slow, fast; counties without sectors."""
        import pandas as pd

        kept = self.rows[(self.rows["level"] < COUNTY) | (self.rows["sector"] == "")]
        count, at = len(self.years), kept.index.to_numpy()
        table = pd.DataFrame({key: np.tile(kept[key].to_numpy(), count) for key in [*KEYS, "baseline"]})
        table.insert(len(KEYS), "year", np.repeat(self.years, len(kept)))
        for name in ("target", "value", "slow", "fast"):
            table[name] = getattr(self, name)[:, at].ravel()
        return table


def opening(measure: Measure, first: int) -> int:
    """The first year in which a measure works on the path: what opened by the first year opens in the next one.

    The baseline of the first year is without any measure, even one that was there already.
    """
    return max(measure.opens, first + 1)


def stages(measures: Sequence[Measure], first: int, last: int) -> tuple[Stage, ...]:
    """One stage for every year in which measures open, with all that are open by then; none in the first year."""
    years = sorted({opening(measure, first) for measure in measures} & set(range(first, last + 1)))
    steps = [Stage(year, tuple(m for m in measures if opening(m, first) <= year)) for year in years]
    return (Stage(first, ()), *steps)


def partial_adjustment(start: Float[np.ndarray, " row"], target: ByYear, rate: Float[np.ndarray, " row"]) -> ByYear:
    """x_t = x_(t−1) + a (x*_t − x_(t−1)) from x = start before the first year; rate: a by row, 0 < a ≤ 1."""
    found, now = np.empty_like(target), np.asarray(start, dtype=float)
    for year, aim in enumerate(target):
        now = now + rate * (aim - now)
        found[year] = now
    return found


def speeds(
    adjustment: Mapping[str, AdjustmentEntry], variables: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(low, rate, high) along variables; raises CoregionError where the study gives none."""
    if OTHERS not in adjustment:
        raise CoregionError(
            f"found no speeds of adjustment in study.toml; expected [adjustment.{OTHERS}] with rate, low, high, source "
            "and assumed. docs/path.md shows how."
        )
    entries = [adjustment.get(name, adjustment[OTHERS]) for name in variables]
    low, rate, high = (np.array([getattr(entry, key) for entry in entries]) for key in ("low", "rate", "high"))
    return low, rate, high


def path(
    baseline: Baseline,
    measures: Sequence[Measure],
    adjustment: Mapping[str, AdjustmentEntry],
    first: int,
    last: int,
    tell: Tell = lambda *_: None,
) -> Path:
    """The path of every outcome from the baseline in year ``first`` to year ``last``; one equilibrium a stage.

    Raises CoregionError for years in the wrong order or a study without speeds, NotConverged where a stage has no
    equilibrium.
    """
    if not first < last:
        raise CoregionError(f"found the years {first} to {last}; expected a last year after the first.")
    steps = stages(measures, first, last)
    speeds(adjustment, ())
    solved = _solve_stages(baseline, steps, tell)
    rows, targets = _figures(solved)
    years = np.arange(first, last + 1)
    open_in = np.searchsorted([step.year for step in steps], years, side="right") - 1
    target = targets[open_in]
    start = rows["baseline"].to_numpy(dtype=float)
    slow, value, fast = (
        partial_adjustment(start, target, rate) for rate in speeds(adjustment, rows["variable"].tolist())
    )
    gains = np.stack([np.asarray(one.levels[GAIN]).sum(axis=0) for one in solved])
    late = tuple(m for m in measures if opening(m, first) > last)
    return Path(tuple(years.tolist()), steps, rows, target, value, slow, fast, gains[open_in], late)


def _solve_stages(baseline: Baseline, steps: Sequence[Stage], tell: Tell) -> list[Equilibrium]:
    found: list[Equilibrium] = []
    known: NetworkStates | None = None
    for number, step in enumerate(steps):
        tell("stages of the path", number, len(steps))
        found.append(_solved(baseline, step.measures, known, found[-1].solution if found else None))
        known = found[-1].prepared.states
    tell("stages of the path", len(steps), len(steps))
    return found


def _solved(
    baseline: Baseline, measures: tuple[Measure, ...], known: NetworkStates | None, before: Solution | None
) -> Equilibrium:
    """The equilibrium of a package, begun at the one before it."""
    amounts = [measure.intensity for measure in measures]
    prepared = prepare(baseline, measures, [amounts], known)
    shock, options = prepared.shock(jnp.asarray(amounts)), Options()
    start = {} if before is None else {"start": before.unknowns}
    solution = solve(baseline.economy, shock, options, **start)
    checked(baseline.economy, shock, solution, options, baseline.region.code, baseline.region.sectors)
    return Equilibrium(baseline, measures, prepared, shock, solution)


def _figures(solved: Sequence[Equilibrium]) -> tuple[pd.DataFrame, Float[np.ndarray, "stage row"]]:
    """The keys and baseline of every figure of governments and counties, and its value in every stage."""
    import pandas as pd

    tables = []
    for one in solved:
        counties = one.regions()
        counties = counties[counties["jurisdiction"] != ""].rename(columns={"region": "place"}).assign(level=COUNTY)
        governments = one.jurisdictions().rename(columns={"jurisdiction": "place"})
        governments = governments[~governments["variable"].isin(["cost", "budget"])]
        tables.append(pd.concat([governments, counties], ignore_index=True))
    rows = tables[0][[*KEYS, "baseline"]].copy()
    for name in ("variable", "unit", "group", "sector", "name_en", "name_zh", "place"):
        rows[name] = rows[name].astype(str)
    return rows, np.stack([table["value"].to_numpy(dtype=float) for table in tables])
