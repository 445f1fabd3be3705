"""What the model says beside what studies of such measures found: where the two differ a reader must see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coregion.equilibrium import Equilibrium, baseline_levels
from coregion.measures.places import inside
from coregion.measures.relocate import PUBLIC, Relocate

PRIVATE_PER_PUBLIC_JOB = (0.3, 1.1)
"""Private jobs that come, or go, with a public job moved: the range of the studies in PRIVATE_PER_PUBLIC_SOURCE."""

PRIVATE_PER_PUBLIC_SOURCE = (
    "0.55 in the same postcode and 0.36 beside it when Bonn's ministries moved to Berlin (Faggio, Schlüter & vom Berge "
    "2018), 0.7 on average (NBER review), 1.08 in Bavaria; below zero at 1 to 3 km in the Lyons review (Faggio 2019)"
)

CROWDED_OUT = (
    "In the model firms that sell elsewhere shrink when a new employer raises local wages, and staff spend where they "
    "live, which few change. The studies count shops, suppliers and firms that follow an office, within a few "
    "kilometres; the model has a county as its smallest place and no such firms. Do not read private jobs at the "
    "destination as a forecast."
)


@dataclass(frozen=True)
class Evidence:
    """A figure of the model beside the range that studies found, low to high. why: what stands behind a difference."""

    name: str
    measure: str
    name_en: str
    name_zh: str
    model: float
    low: float
    high: float
    source: str
    agrees: bool
    why: str


def held_against_evidence(alone: Sequence[Equilibrium]) -> tuple[Evidence, ...]:
    """Every figure of a run that studies have a range for. alone: equilibria of one measure each."""
    return tuple(
        _public_jobs(equilibrium, measure)
        for equilibrium in alone
        for measure in equilibrium.measures
        if isinstance(measure, Relocate) and measure.of == PUBLIC and measure.intensity > 0
    )


def private_jobs_per_public_job(equilibrium: Equilibrium, measure: Relocate) -> float:
    """Change of private jobs at the destination over the public jobs that moved there, ΔL_private / ΔG.

    The equilibrium is that of the measure alone; both changes are sums over the destination.
    """
    baseline = equilibrium.baseline
    there = inside(baseline.region, measure.destination)
    now, before = equilibrium.levels["private_jobs"], baseline_levels(baseline)["private_jobs"]
    change = np.asarray(now)[there].sum() - np.asarray(before)[there].sum()
    return float(change / np.asarray(equilibrium.shock.public_jobs)[:, there].sum())


def _public_jobs(equilibrium: Equilibrium, measure: Relocate) -> Evidence:
    low, high = PRIVATE_PER_PUBLIC_JOB
    found = private_jobs_per_public_job(equilibrium, measure)
    agrees = low <= found <= high
    return Evidence(
        name="private_jobs_per_public_job",
        measure=measure.name,
        name_en=f"Private jobs for each public job: {measure.name_en}",
        name_zh=f"每个公共部门岗位带来的私营部门岗位：{measure.name_zh}",
        model=found,
        low=low,
        high=high,
        source=PRIVATE_PER_PUBLIC_SOURCE,
        agrees=agrees,
        why="" if agrees else CROWDED_OUT,
    )
