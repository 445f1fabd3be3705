"""Thirteen cities instead of three provinces: too many coalitions to solve, so Shapley values are sampled, with errors.

A city carries out its part of every measure: the part of the measure's cost that is spent in it. A coalition's value is
what the people of its cities gain when its cities carry out their parts and the others do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.governments.payoffs import Objective, compiled_gains, members
from coregion.measures.cost import where_spent
from coregion.measures.package import Prepared, prepare
from coregion.measures.record import Measure
from coregion.measures.select import chosen
from coregion.packages.batch import compiled_shock
from coregion.packages.sampling import SampledShapley, sampled_shapley
from coregion.solve.equilibrium import Options, solve
from coregion.study import Study

if TYPE_CHECKING:
    import pandas as pd

Tell = Callable[[str, int, int], None]
PAIRS = 40


@dataclass(frozen=True)
class Cities:
    """codes, names of the cities. gain: what the people of each gain by the whole package [yuan a year].

    sampled: Shapley values and standard errors; a transfer of shapley − gain pays each city what it contributes.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    gain: np.ndarray
    sampled: SampledShapley

    def frame(self) -> pd.DataFrame:
        """``jurisdiction, name, gain, shapley, standard_error, transfer`` [yuan a year]."""
        import pandas as pd

        return pd.DataFrame(
            {
                "jurisdiction": self.codes,
                "name": self.names,
                "gain": self.gain,
                "shapley": self.sampled.shapley,
                "standard_error": self.sampled.standard_error,
                "transfer": self.sampled.shapley - self.gain,
            }
        )


def cities(
    study: Study,
    objective: Objective = "registered",
    measures: Sequence[str] | None = None,
    pairs: int = PAIRS,
    seed: int = 0,
    tell: Tell = lambda *_: None,
) -> Cities:
    """Sample ``pairs`` coalitions of cities with their complements, each solved once.

    Raises InputMistakes for unknown measures or a sample of less than twice the cities. A coalition without an
    equilibrium has no value, and what rests on it is no number.
    """
    own, baseline = chosen(study.measures, measures), study.baseline()
    region = study.region
    codes = tuple(dict.fromkeys(region.prefecture[: region.inside]))
    part = parts(baseline, own, codes)
    full = np.array([measure.intensity for measure in own])
    gain: dict[str, np.ndarray] = {}

    def evaluate(coalitions: np.ndarray) -> np.ndarray:
        amounts = np.minimum(coalitions.astype(float) @ part.T, 1.0) * full
        prepared = prepare(baseline, own, amounts)
        worth = _gains(baseline, prepared, amounts, codes, objective, tell)
        gain["whole"] = worth[coalitions.all(axis=1)][0]
        return (worth * coalitions).sum(axis=1)

    found = sampled_shapley(evaluate, len(codes), pairs, seed)
    names = tuple(" ".join(dict.fromkeys(region.prefecture_name[code])) for code in codes)
    return Cities(codes, names, gain["whole"], found)


def parts(baseline: Baseline, measures: Sequence[Measure], codes: Sequence[str]) -> np.ndarray:
    """[measure, city] the part of each measure that a city carries out; rows sum to 1."""
    prefecture = np.array(baseline.region.prefecture)
    spent = np.array([np.asarray(where_spent(baseline, measure.cost)) for measure in measures])
    return np.array([spent[:, prefecture == code].sum(axis=1) for code in codes]).T


def _gains(
    baseline: Baseline, prepared: Prepared, amounts: np.ndarray, codes: Sequence[str], objective: Objective, tell: Tell
) -> np.ndarray:
    """[package, city] gains, no number where no equilibrium was found [yuan a year]."""
    along, options = jnp.asarray(members(baseline, codes), dtype=float), Options()
    found = np.full((len(amounts), len(codes)), np.nan)
    for row, intensities in enumerate(amounts):
        tell("coalitions", row, len(amounts))
        shock = compiled_shock(prepared, intensities)
        solution = solve(baseline.economy, shock, options)
        if bool(solution.converged):
            found[row] = compiled_gains(baseline.economy, shock, solution.unknowns, along, objective)
    tell("coalitions", len(amounts), len(amounts))
    return found
