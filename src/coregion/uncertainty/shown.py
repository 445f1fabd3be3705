"""The ranges that a run shows: drawn in the run where asked for, else those that come with the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coregion.errors import Interrupted
from coregion.measures.record import Measure
from coregion.packages.work import THIS_MACHINE, Workers
from coregion.study import Study
from coregion.uncertainty.job import NAME, SEED, draw_study
from coregion.uncertainty.kept import Kept, keep, kept
from coregion.uncertainty.sample import Tell

if TYPE_CHECKING:
    import pandas as pd

TOLD = 5
"""Parameters told for each place, those that move its gain most."""


@dataclass(frozen=True)
class Wanted:
    """How many draws, from which seed, written below which folder; 0 for the study's own ranges.

    store: whether they then become the study's own. workers: who solves them.
    """

    count: int = 0
    seed: int = SEED
    folder: Path = Path("results")
    store: bool = False
    workers: Workers = THIS_MACHINE


def ranges_shown(
    study: Study, measures: Sequence[Measure], jurisdictions: pd.DataFrame, wanted: Wanted, tell: Tell
) -> Kept:
    """The ranges of a package and of its measures alone; raises as ``draw_study`` and ``keep`` do."""
    if wanted.count == 0:
        return kept(study, measures, jurisdictions)
    folder = wanted.folder / NAME
    try:
        found = draw_study(study, measures, folder, wanted.count, wanted.seed, tell, wanted.workers)
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted; draws so far stay in {folder}, the same command goes on there.") from None
    if wanted.store:
        keep(study, measures, found)
    return Kept(found.ranges, found.drivers, found.told, "")


def uncertainty_record(shown: Kept, study: Study) -> dict[str, Any]:
    """What run.json says of the ranges: draws, failures, and the parameters that move each gain most."""
    drivers = shown.drivers
    told: list[dict[str, Any]] = []
    if len(drivers):
        for _, rows in drivers.groupby("place", sort=False):
            for row in rows.nlargest(TOLD, "total").to_dict("records"):
                entry = {str(key): value for key, value in row.items()}
                parameter = study.region.parameters[entry["parameter"]]
                chinese = {"name_zh": parameter.name_zh, "meaning_zh": parameter.meaning_zh}
                told.append({**entry, "meaning": f"{parameter.meaning} ({parameter.name})", **chinese})
    return {**shown.told, "reason": shown.reason, "drivers": told}
