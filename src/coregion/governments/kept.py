"""What the governments’ game gave, kept with a study: shown only while all that it was made from is as it was."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coregion.data.whole_files import not_writable, write_text
from coregion.errors import CoregionError
from coregion.governments.coordinate import Coordination, record
from coregion.governments.drawn import NOT_DRAWN, DrawnGame
from coregion.governments.figures import pair_name
from coregion.measures.record import Measure
from coregion.results import WHOLE
from coregion.study import Study
from coregion.uncertainty.figures import Package
from coregion.uncertainty.kept import AGREES, STUDY_NOT_WRITABLE, inputs_fingerprint, package_fingerprint
from coregion.uncertainty.ranges import GAIN

if TYPE_CHECKING:
    import pandas as pd

FOLDER, FILE = "coordination", "coordination.json"
NEEDED = {"inputs", "package", "games"}
"""What a kept game has at least."""

PAIRS = 3
"""How many pairs that help each other most are kept, and how many that hinder."""


def check_keepable(study: Study, objective: str) -> None:
    """Raise before any work is done: CoregionError for another gain than a report tells, OutputError as ``keep``."""
    if objective != "registered":
        raise CoregionError(
            f"found --keep with --objective {objective}; expected registered, whose gain the reports of runs tell."
        )
    folder = study.folder / FOLDER
    try:
        with tempfile.TemporaryFile(dir=folder if folder.is_dir() else study.folder):
            pass
    except OSError as error:
        raise not_writable(folder / FILE, error, STUDY_NOT_WRITABLE) from error


def keep(
    study: Study,
    measures: Sequence[Measure],
    found: Coordination,
    interactions: pd.DataFrame,
    drawn: DrawnGame = NOT_DRAWN,
) -> Path:
    """Store a game and the pairs of pillars with the study; raises OutputError where its folder cannot be written.

    interactions: of ``coregion packages`` by pillar. drawn: the same over the draws of the parameters.
    """
    folder = study.folder / FOLDER
    kept_record = {
        "inputs": inputs_fingerprint(study),
        "package": package_fingerprint(Package("", tuple(measures), counties=False)),
        "games": record(found),
        "pairs": pairs(study, interactions),
        "drawn": drawn.told,
        "ranges": drawn.by_figure(),
    }
    text = json.dumps(kept_record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_text(folder / FILE, text, STUDY_NOT_WRITABLE)
    return folder / FILE


def pairs(study: Study, interactions: pd.DataFrame) -> list[dict[str, Any]]:
    """The pairs of pillars that add most to each other's gain of the whole region, and those that take most away."""
    names = {pillar.code: (pillar.name_en, pillar.name_zh) for pillar in study.settings.pillars}
    rows = interactions[
        (interactions["jurisdiction"] == WHOLE) & (interactions["group"] == "") & (interactions["variable"] == GAIN)
    ]
    rows = rows.dropna(subset=["interaction"]).sort_values("interaction", ascending=False)
    help_most, hinder_most = rows[rows["interaction"] > 0].head(PAIRS), rows[rows["interaction"] < 0].tail(PAIRS)
    return [
        {
            "one": list(names.get(row["measure"], (row["measure"], ""))),
            "other": list(names.get(row["other"], (row["other"], ""))),
            "figure": pair_name(row["measure"], row["other"]),
            "interaction": float(row["interaction"]),
        }
        for part in (help_most, hinder_most.iloc[::-1])
        for _, row in part.iterrows()
    ]


def kept(study: Study, measures: Sequence[Measure], jurisdictions: pd.DataFrame) -> Mapping[str, Any]:
    """The study's game where it is about this very package, else {"reason": why not}.

    Left out when parameters, tables or measures are others than those it was made from, or when the gains of the run
    are not those of the game's announced package: then the model has changed.
    """
    file = study.folder / FOLDER / FILE
    if not file.is_file():
        return {"reason": "the study brings none: coregion games plays it"}
    found = _read(file)
    if not found.keys() >= NEEDED:
        return {"reason": "that of the study cannot be read: coregion games --keep writes it anew"}
    if found["inputs"] != inputs_fingerprint(study):
        return {"reason": "that of the study was made from other parameters or tables: coregion games plays it anew"}
    if found["package"] != package_fingerprint(Package("", tuple(measures), counties=False)):
        return {"reason": "that of the study is about other measures: coregion games --measures plays with these"}
    if not _agrees(found["games"], jurisdictions, "+".join(sorted(measure.name for measure in measures))):
        return {"reason": "that of the study was made by another version of the model"}
    return {key: found.get(key, {}) for key in ("games", "pairs", "drawn", "ranges")}


def _read(file: Path) -> Mapping[str, Any]:
    """What is kept; nothing where the file is no JSON."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _agrees(games: Mapping[str, Any], jurisdictions: pd.DataFrame, package: str) -> bool:
    rows = jurisdictions[
        (jurisdictions["package"] == package)
        & (jurisdictions["variable"] == GAIN)
        & (jurisdictions["group"] == "")
        & (jurisdictions["level"] == 1)
    ].set_index("jurisdiction")["value"]
    told = np.array(
        [
            games["where_no_government_acts"][name] + games["announced"]["gains"][name]
            for name in games["players"].values()
        ]
    )
    run = rows.reindex(list(games["players"])).to_numpy(dtype=float)
    return bool(np.all(np.abs(told - run) <= 10 * AGREES * np.abs(run).max()))
