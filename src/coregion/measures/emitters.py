"""Which emissions a measure reaches, and what abating them costs by the study's curves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from coregion.air import HOMES
from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.cost import Cost
from coregion.measures.places import inside

CostBy = Literal["curve", "source"]
COST_TOLERANCE = 0.1
"""How far a yearly cost may be from the curve, relative: the entry may be rounded."""


def reached(baseline: Baseline, places: Iterable[str], sources: Sequence[str], pollutants: Sequence[str]) -> np.ndarray:
    """[pollutant, region, source] whether an emission is among the named ones; no source named means all.

    Pollutants that the study does not tell apart reach nothing: ``unknown`` says so.
    """
    region, air = baseline.region, baseline.air
    of_source = [not sources or name in sources for name in (*region.sectors, HOMES)]
    of_pollutant = [name in pollutants for name in air.pollutants]
    there = inside(region, places)
    return np.array(of_pollutant, dtype=bool)[:, None, None] & there[None, :, None] & np.array(of_source)[None, None, :]


def unknown(baseline: Baseline, name: str, pollutants: Sequence[str]) -> list[Mistake]:
    """A mistake for every pollutant that the study has no emissions of."""
    return [
        Mistake(
            f"'{name}' acts on '{pollutant}', of which the study has no emissions",
            f"one of {', '.join(baseline.air.pollutants)}" if baseline.air.pollutants else "tables of the air",
            "docs/environment.md tells which tables; or leave the measure out.",
        )
        for pollutant in pollutants
        if pollutant not in baseline.air.pollutants
    ]


def by_region(baseline: Baseline, of_area: np.ndarray) -> np.ndarray:
    """[pollutant, region, source] of [pollutant, area, source]: each region has its area's; zero outside."""
    position = {code: index for index, code in enumerate(baseline.air.areas)}
    index = np.array([position.get(code, -1) for code in baseline.region.prefecture])
    return np.where((index >= 0)[None, :, None], of_area[:, index, :], 0.0)


def curve_cost(baseline: Baseline, abated: np.ndarray) -> float:
    """Σ E · marginal cost · a²/2 [yuan a year] of the shares a abated, [pollutant, region, source]."""
    tonnes = np.asarray(baseline.economy.environment.tonnes())
    return float((tonnes * by_region(baseline, baseline.air.marginal_cost) * abated**2).sum() / 2)


def cost_mistakes(baseline: Baseline, name: str, cost: Cost, cost_by: CostBy, abated: np.ndarray) -> list[Mistake]:
    """A declared cost that is not the curve's; none where the cost has a source of its own.

    The curve is a yearly cost with capital in it, so that an investment beside it would count twice.
    """
    if cost_by == "source":
        return []
    due, declared = curve_cost(baseline, abated), cost.yearly_yuan
    if cost.investment_yuan == 0 and abs(declared - due) <= COST_TOLERANCE * due:
        return []
    return [
        Mistake(
            f"'{name}' costs {declared:.4g} yuan a year and {cost.investment_yuan:.4g} once",
            f"{due:.4g} a year and nothing once, by the cost curve",
            'Set yearly_yuan so, change the curve, or say cost_by = "source" where the amount has one.',
        )
    ]


def beyond_highest(baseline: Baseline, name: str, abated: np.ndarray) -> list[Mistake]:
    """Shares abated above the highest that the study's curves allow, told once a pollutant and source."""
    tonnes = np.asarray(baseline.economy.environment.tonnes())
    highest = by_region(baseline, baseline.air.highest)
    over = (abated > highest + 1e-12) & (tonnes > 0)
    sources = (*baseline.region.sectors, HOMES)
    return [
        Mistake(
            f"'{name}' abates {abated[p, :, s].max():g} of the {baseline.air.pollutants[p]} of {sources[s]}",
            f"at most {highest[p, over[p, :, s], s].min():g}, the highest share of its cost curve",
            "Lower the share, or change the table of abatement costs.",
        )
        for p, s in np.argwhere(over.any(axis=1)).tolist()
    ]
