"""What a calibration tells about itself: official beside model figures, fit, outliers, and the diagnostics."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """An official figure beside the model's. place: a code. factor: model over official. reason: why they differ."""

    variable: str
    place: str
    name_en: str
    name_zh: str
    official: float
    model: float
    unit: str
    reason: str

    @property
    def factor(self) -> float:
        """Model over official figure."""
        return self.model / self.official


@dataclass(frozen=True)
class Outlier:
    """A value that stands out among the regions, with the explanation.

    place: a code. size: robust standard deviations from the median.
    """

    variable: str
    place: str
    name_en: str
    name_zh: str
    value: float
    unit: str
    size: float
    explanation: str


@dataclass(frozen=True)
class Match:
    """Data that the calibrated model must reproduce. error: largest relative difference; tolerance: what is allowed."""

    what: str
    error: float
    tolerance: float


@dataclass(frozen=True)
class Indicator:
    """A number of the first try's list (wage factor, wedge beside decay, expenditure over GDP, jobs per resident …).

    known: what is known of it from elsewhere, in words, or empty.
    """

    name: str
    value: float
    unit: str
    known: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Everything the report prints about the calibration."""

    figures: tuple[Figure, ...] = ()
    matches: tuple[Match, ...] = ()
    outliers: tuple[Outlier, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
