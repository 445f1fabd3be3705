"""Where employed residents work: gravity over travel time with a border wedge, since no flows are published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from coregion.errors import InputMistakes, Mistake
from coregion.region import Region

WEDGE_RANGE = (1e-9, 1.0)


@dataclass(frozen=True)
class Commuting:
    """Workplaces of employed residents.

    share: λ_i|n [home, work] of all employed residents, farmers included, who work where they live.
    jobs: [region] persons by workplace. jobs_by_sector: [region, sector]; public_jobs: [region]; they sum to jobs.
    border_wedge: factor on λ where a border of first-level jurisdictions is crossed.
    """

    share: np.ndarray
    jobs: np.ndarray
    jobs_by_sector: np.ndarray
    public_jobs: np.ndarray
    border_wedge: float


def commuting(region: Region, minutes: np.ndarray) -> Commuting:
    """λ_i|n ∝ a_i t^−power exp(−φε t_ni) b^(border), a_i = non-farm employed residents × density^x (model.md, step 2).

    b is set so that the share of a jurisdiction's jobs held from outside is the one observed
    (``commuting_from_outside``, the jurisdiction is named in its ``by``). External regions keep their own workers.
    """
    value = {name: parameter.value for name, parameter in region.parameters.items()}
    return commuting_at(
        region,
        minutes,
        value["commuting_power"],
        value["commuting_decay"],
        value["workplace_density_exponent"],
    )


def commuting_at(region: Region, minutes: np.ndarray, power: float, decay: float, exponent: float) -> Commuting:
    """As ``commuting`` at a power and a decay [per minute] of travel time and an exponent of density."""
    primary = np.array([group == "primary" for group in region.sector_group])
    farmers = region.employed_by_sector[:, primary].sum(axis=1)
    others = region.employed_residents - farmers
    pull = _attraction(region, others, exponent)
    reach = np.where(region.external[:, None] | region.external[None, :], 0.0, 1.0)
    np.fill_diagonal(reach, 1.0)
    weight = reach * pull[None, :] * minutes**-power * np.exp(-decay * (minutes - minutes.min(axis=1, keepdims=True)))
    province = np.array(region.province)
    crosses = province[:, None] != province[None, :]
    wedge = _border_wedge(region, weight, crosses, others, farmers)
    share = _shares(weight, crosses, wedge)
    jobs = others @ share + farmers
    by_sector = _jobs_by_sector(region, others @ share, farmers, others, primary)
    mixed = (share * others[:, None] + np.diag(farmers)) / region.employed_residents[:, None]
    return Commuting(mixed, jobs, by_sector, jobs - by_sector.sum(axis=1), wedge)


def _attraction(region: Region, others: np.ndarray, exponent: float) -> np.ndarray:
    """a_i = non-farm employed residents × (their density)^x; density of an external region does not matter."""
    density = np.where(region.external, 1.0, others / np.where(region.external, 1.0, region.area))
    return others * density**exponent


def _shares(weight: np.ndarray, crosses: np.ndarray, wedge: float) -> np.ndarray:
    flow = np.where(crosses, wedge * weight, weight)
    return flow / flow.sum(axis=1, keepdims=True)


def _border_wedge(region, weight, crosses, others, farmers) -> float:
    """b ≤ 1 at which a jurisdiction's jobs are held from outside as observed; 1 when no jurisdiction is named."""
    observed = region.parameters["commuting_from_outside"].by
    if not observed:
        return 1.0
    if len(observed) > 1:
        found = f"{len(observed)} jurisdictions in commuting_from_outside.by"
        raise InputMistakes([Mistake(found, "one: a single border wedge is estimated", "", "study.toml")])
    ((place, target),) = observed.items()
    inside = np.array(region.province) == place

    def held_from_outside(log_wedge: float) -> float:
        flow = others[:, None] * _shares(weight, crosses, np.exp(log_wedge))
        return flow[~inside][:, inside].sum() / (flow[:, inside].sum() + farmers[inside].sum()) - target

    low, high = np.log(WEDGE_RANGE)
    if held_from_outside(low) > 0 or held_from_outside(high) < 0:
        found = f"commuting_from_outside {target:g} of '{place}', which no border wedge in {WEDGE_RANGE} gives"
        remedy = "Without a wedge the share is lower: lower commuting_decay or commuting_power."
        raise InputMistakes([Mistake(found, "a share that gravity can reach", remedy, "study.toml")])
    return float(np.exp(brentq(held_from_outside, low, high, xtol=1e-14, rtol=1e-14)))


def _jobs_by_sector(region, nonfarm_jobs, farmers, others, primary) -> np.ndarray:
    """Non-farm jobs of a place in the mix of its own employed residents; farm jobs where farmers live."""
    mix = region.employed_by_sector[:, ~primary] / others[:, None]
    jobs = np.empty_like(region.employed_by_sector)
    jobs[:, ~primary] = nonfarm_jobs[:, None] * mix
    total = region.employed_by_sector[:, primary].sum(axis=1, keepdims=True)
    share = np.divide(
        region.employed_by_sector[:, primary],
        total,
        out=np.zeros_like(total * np.ones((1, primary.sum()))),
        where=total > 0,
    )
    jobs[:, primary] = farmers[:, None] * share
    return jobs
