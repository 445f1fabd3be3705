"""Ranges of gains that go with a package: those that come with the study, and those that jobs have drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coregion.measures.record import Measure
from coregion.server.answer_store import Latest
from coregion.study import Study
from coregion.uncertainty.job import packages_of
from coregion.uncertainty.kept import FOLDER, RECORD, agrees, inputs_fingerprint, kept, package_fingerprint

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Note:
    """Where ranges come from, or why there are none, in both languages."""

    en: str
    zh: str


NONE = Note(
    "No range is known for this package: a job of kind draws finds it.", "此方案尚无区间：可由参数抽取任务得到。"
)
OF_THE_STUDY = Note(
    "Ranges: 5th to 95th of 100 draws of the parameters, as they come with the study.",
    "区间：100次参数抽取中的第5至第95位，随研究提供。",
)
OTHERS = Note(
    "The ranges that were drawn are about other figures than these: draw anew.",
    "此前抽取的区间与现有数值不符：请重新抽取。",
)
KEPT = 64
"""Packages whose drawn ranges are kept."""


@dataclass(frozen=True)
class KnownRanges:
    """What is known of a package. drawn: rows of a job; study, measures: where to look for those of the study.

    note: where the ranges come from, or why there are none.
    """

    drawn: pd.DataFrame | None
    study: Study
    measures: Sequence[Measure]
    of_study: bool
    note: Note

    def agreeing(self, jurisdictions: pd.DataFrame, package: str) -> tuple[pd.DataFrame | None, Note]:
        """The ranges, if the figures they are about are those of this equilibrium, and what is said of them."""
        if self.drawn is not None:
            return (self.drawn, self.note) if agrees(self.drawn, jurisdictions, package) else (None, OTHERS)
        if not self.of_study:
            return None, self.note
        found = kept(self.study, self.measures, jurisdictions)
        whole = (found.ranges["package"] == package).any()
        if whole:
            return found.ranges, self.note
        return None, Note(f"No range is known for this package: {found.reason}.", "随研究提供的区间与此方案不符。")


class RangeStore:
    """Ranges by canonical package text. What comes with the study is looked at only for packages that it is about."""

    def __init__(self, study: Study):
        self._study = study
        self._drawn: Latest[tuple[list[dict[str, Any]], Note]] = Latest(KEPT)
        self._fingerprints = _packages_with_ranges(study)

    def take(self, text: str, rows: list[dict[str, Any]], note: Note) -> None:
        """Keep what a job has drawn."""
        self._drawn.forget(text)
        self._drawn.get(text, lambda: (rows, note))

    def of(self, text: str, measures: Sequence[Measure]) -> KnownRanges:
        """What is known of a package."""
        import pandas as pd

        if self._drawn.has(text):
            rows, note = self._drawn.get(text, lambda: ([], NONE))[0]
            return KnownRanges(pd.DataFrame(rows), self._study, measures, False, note)
        of_study = bool(measures) and package_fingerprint(packages_of(measures)[0]) in self._fingerprints
        return KnownRanges(None, self._study, measures, of_study, OF_THE_STUDY if of_study else NONE)


def _packages_with_ranges(study: Study) -> frozenset[str]:
    """Fingerprints of the packages whose ranges come with the study; none when they were made from other tables."""
    file = study.folder / FOLDER / RECORD
    if not file.is_file():
        return frozenset()
    record = json.loads(file.read_text(encoding="utf-8"))
    return frozenset(record["packages"].values()) if record["inputs"] == inputs_fingerprint(study) else frozenset()
