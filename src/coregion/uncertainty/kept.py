"""Ranges that come with a study: shown only while everything that they were made from is as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coregion.data.provenance import input_hashes
from coregion.data.study_files import SETTINGS
from coregion.data.whole_files import write_files
from coregion.measures.record import Measure
from coregion.network.observed import COMPARED_FILES
from coregion.study import Study
from coregion.uncertainty.figures import Package
from coregion.uncertainty.job import Uncertainty, packages_of, parameter_record
from coregion.uncertainty.ranges import GAIN

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "ranges"
RANGES, DRIVERS, RECORD = "ranges.csv", "drivers.csv", "ranges.json"
"""Packages are written as their position in the record: their names may be as long as a paragraph."""

COLUMNS = ("place", "package", "variable", "group", "low", "median", "high", "probability_of_loss", "point", "unit")
TEXTS = (
    *("name_en", "name_zh", "pillar", "document", "quote", "opens", "sources", "assumptions"),
    *("document_zh", "sources_zh", "assumptions_zh"),
)
"""Fields of a measure that no figure depends on."""

STUDY_NOT_WRITABLE = "Copy the study to a folder first."
"""The remedy where nothing can be written into the folder of a study."""

AGREES = 1e-5
"""Largest difference between a figure of the run and of the ranges' own point, of the largest figure of the package."""


@dataclass(frozen=True)
class Kept:
    """ranges, drivers: of the packages that the study's ranges are about; empty where there are none, for a reason."""

    ranges: pd.DataFrame
    drivers: pd.DataFrame
    told: Mapping[str, Any]
    reason: str


def keep(study: Study, measures: Sequence[Measure], found: Uncertainty) -> Path:
    """Store ranges with the study, for later runs; raises OutputError where its folder cannot be written."""
    folder = study.folder / FOLDER
    packages = packages_of(measures)
    numbers = {package.name: number for number, package in enumerate(packages)}
    rows = found.ranges[found.ranges["group"] == ""][list(COLUMNS)]
    ranges = rows.assign(package=rows["package"].map(numbers))
    drivers = found.drivers.assign(package=found.drivers["package"].map(numbers))
    record = {
        "inputs": inputs_fingerprint(study),
        "packages": {package.name: package_fingerprint(package) for package in packages},
        "told": found.told,
    }
    files = {
        folder / RANGES: ranges.to_csv(index=False, float_format="%.6g"),
        folder / DRIVERS: drivers.to_csv(index=False, float_format="%.4g"),
        folder / RECORD: json.dumps(record, ensure_ascii=False, indent=1) + "\n",
    }
    write_files(files, STUDY_NOT_WRITABLE)
    return folder


def kept(study: Study, measures: Sequence[Measure], jurisdictions: pd.DataFrame) -> Kept:
    """The study's ranges of a package and of its measures alone, as far as they are about just these.

    A package is left out when parameters, tables or its measures are others than those the ranges were made from, or
    when the gains in ``jurisdictions`` are not those that the ranges' own point gave: then the model has changed.
    """
    import pandas as pd

    folder = study.folder / FOLDER
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not (folder / RECORD).is_file():
        return Kept(nothing, pd.DataFrame(), {}, "the study brings none")
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError:
        return Kept(nothing, pd.DataFrame(), {}, "those of the study cannot be read")
    if record["inputs"] != inputs_fingerprint(study):
        return Kept(nothing, pd.DataFrame(), {}, "those of the study were made from other parameters or tables")
    ranges, drivers = (_read(folder / name, list(record["packages"])) for name in (RANGES, DRIVERS))
    wanted = [p for p in packages_of(measures) if record["packages"].get(p.name) == package_fingerprint(p)]
    fitting = [p.name for p in wanted if agrees(ranges, jurisdictions, p.name)]
    if not fitting:
        why = "other measures or intensities" if not wanted else "another version of the model"
        return Kept(nothing, pd.DataFrame(), {}, f"those of the study were made from {why}")
    rest = packages_of(measures)[0].name not in fitting
    return Kept(
        ranges[ranges["package"].isin(fitting)],
        drivers[drivers["package"].isin(fitting)],
        record["told"],
        "those of the study are about its measures alone, not about this package" if rest else "",
    )


def _read(file: Path, packages: Sequence[str]) -> pd.DataFrame:
    """A stored table with its packages by name; nothing in a number's place is NaN, in a text's the empty text."""
    import pandas as pd

    table = pd.read_csv(file, dtype={"place": str, "group": str, "unit": str})
    texts = {name: "" for name in ("group", "unit") if name in table}
    return table.fillna(texts).assign(package=pd.Series([packages[int(n)] for n in table["package"]], dtype=object))


def agrees(ranges: pd.DataFrame, jurisdictions: pd.DataFrame, package: str) -> bool:
    """Whether the gains of the governments are those at the point that the ranges are about."""
    mine = ranges[(ranges["package"] == package) & (ranges["variable"] == GAIN) & (ranges["group"] == "")]
    run = jurisdictions[
        (jurisdictions["package"] == package) & (jurisdictions["variable"] == GAIN) & (jurisdictions["group"] == "")
    ]
    told = run.drop_duplicates("jurisdiction").set_index("jurisdiction")["value"]
    both = mine[mine["place"].isin(told.index)].set_index("place")["point"].astype(float)
    if both.empty:
        return False
    difference = np.abs(both.to_numpy() - told.reindex(both.index).to_numpy(dtype=float))
    return bool(difference.max() <= AGREES * np.abs(both).max())


def inputs_fingerprint(study: Study) -> str:
    """Of the parameters with their distributions, the governments and every table that figures depend on.

    Not of texts, and not of the tables that hold the network against published times: they only tell how near it is.
    """
    tables = {
        name: digest
        for name, digest in input_hashes(study.folder).items()
        if name not in (SETTINGS, study.settings.tables.measures, *COMPARED_FILES) and not name.endswith(".md")
    }
    settings = study.settings
    people = [entry.model_dump(mode="json") for entry in (*settings.groups, *settings.payers)]
    return _digest([tables, parameter_record(study), people])


def package_fingerprint(package: Package) -> str:
    """Of what the measures of a package do, how much of them, and what they cost."""
    return _digest([measure.model_dump(mode="json", exclude=set(TEXTS)) for measure in package.measures])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
