"""The one study that is served: read, calibrated and summed up once, with the fingerprint of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.data.provenance import input_hashes
from coregion.equilibrium import baseline_levels
from coregion.errors import Mistake, nearest, raise_together
from coregion.measures.record import Measure, bounds_mistake
from coregion.outcomes import Levels, baseline_income
from coregion.server.drawn_links import Builder
from coregion.server.figures import by_county, capital_place
from coregion.server.package_text import PackageText
from coregion.study import Study, load_study


@dataclass(frozen=True)
class Served:
    """A study and what every answer needs of its baseline.

    before, income: levels and incomes of the baseline as plain arrays. figures: the same, one number a county.
    capital: code of the place that most commuters of other jurisdictions go to; in_capital: [region] whether in it.
    fingerprint: of the content of the study's files when they were read.
    """

    study: Study
    baseline: Baseline
    before: Levels
    income: Levels
    figures: Mapping[str, np.ndarray]
    capital: str
    in_capital: np.ndarray
    builder: Builder
    fingerprint: str

    @property
    def minutes(self) -> np.ndarray:
        """[home, work] minutes of commuting at the baseline."""
        return self.baseline.minutes["commuting"]

    def measures(self, package: PackageText, links_at_most: int) -> tuple[Measure, ...]:
        """The measures of a package at its intensities, then its links; raises InputMistakes with everything wrong."""
        known = {measure.name: measure for measure in self.study.measures}
        wrong = [name for name in package.intensities if name not in known]
        mistakes = [
            Mistake(f"unknown measure '{name[:60]}'", "a measure of the study", nearest(name, known)) for name in wrong
        ]
        if len(package.links) > links_at_most:
            mistakes.append(Mistake(f"{len(package.links)} drawn links", f"at most {links_at_most}"))
        found = [bounds_mistake(known[n], amount) for n, amount in package.intensities.items() if n in known]
        raise_together(mistakes + [mistake for mistake in found if mistake is not None])
        chosen = [
            measure.model_copy(update={"intensity": package.intensities[measure.name]})
            for measure in self.study.measures
            if measure.name in package.intensities
        ]
        drawn = [self.builder.measure(link) for link in package.links]
        names = [measure.name for measure in drawn]
        raise_together(
            [
                Mistake(f"'{measure.name_en}' drawn twice", "every link once", "Remove one of them.")
                for position, measure in enumerate(drawn)
                if measure.name in names[:position]
            ]
        )
        return (*chosen, *drawn)


def serve_study(name_or_path: str | Path) -> Served:
    """Read and calibrate; raises InputMistakes with every mistake, NotConverged where there is no baseline."""
    study = load_study(name_or_path)
    return served(study)


def served(study: Study) -> Served:
    """Everything that answers need of a study's baseline."""
    fingerprint = content_fingerprint(study.folder)
    baseline = study.baseline()
    region = study.region
    before: Levels = jax.tree.map(np.asarray, baseline_levels(baseline))
    income: Levels = jax.tree.map(np.asarray, baseline_income(baseline))
    capital = capital_place(region, np.asarray(before["commuting"]))
    in_capital = np.array(region.province) == capital
    figures = by_county(region, before, before, baseline.minutes["commuting"], in_capital)
    return Served(study, baseline, before, income, figures, capital, in_capital, Builder.of(study), fingerprint)


def content_fingerprint(folder: Path) -> str:
    """Twelve digits that change when any file of the study does."""
    text = json.dumps(input_hashes(folder), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Watch:
    """Whether the study's files are still those that were read: by size and time, then by content."""

    def __init__(self, folder: Path, fingerprint: str):
        self._folder, self._fingerprint = folder, fingerprint
        self._seen: tuple[tuple[tuple[str, int, int], ...], bool] = (self._listing(), False)

    def stale(self) -> bool:
        """True when a file was changed, added or removed, or the folder cannot be read any more."""
        try:
            listing = self._listing()
            if listing != self._seen[0]:
                self._seen = listing, content_fingerprint(self._folder) != self._fingerprint
        except OSError:
            return True
        return self._seen[1]

    def _listing(self) -> tuple[tuple[str, int, int], ...]:
        files = [file for file in sorted(self._folder.iterdir()) if not file.name.startswith(".")]
        return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
