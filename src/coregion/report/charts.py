"""What each measure does alone, beside the package: gains by government as bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from coregion.report.frames import single_measures, whole_package
from coregion.report.maps import CONFIG
from coregion.report.numbers import change
from coregion.report.spans import Span, Spans
from coregion.report.verdict import GAIN, Gain, gains_by_package

# Okabe and Ito (2008), without black: told apart with every common colour deficiency, on light and dark paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
ROW = 14


@dataclass(frozen=True)
class MeasureGains:
    """A package and what each first-level government's people gain by it, then all together [yuan a year].

    span: the range of the total.
    """

    package: str
    gains: tuple[Gain, ...]
    total: float
    span: Span = Span()  # noqa: RUF009


def measure_gains(jurisdictions: pd.DataFrame, known: Spans = Spans()) -> tuple[MeasureGains, ...]:  # noqa: B008
    """The whole package first, then each measure alone. known: their ranges."""
    whole = whole_package(jurisdictions)
    alone = [package for package in single_measures(jurisdictions) if package != whole]
    level = jurisdictions.drop_duplicates("jurisdiction").set_index("jurisdiction")["level"]
    by_package = gains_by_package(jurisdictions, "jurisdiction", known)
    rows = []
    for package in (whole, *alone):
        found = by_package.get(package, [])
        first = tuple(gain for gain in found if level[gain.code] == 1)
        total = next((gain.yuan for gain in found if gain.code == "all"), sum(gain.yuan for gain in first))
        rows.append(MeasureGains(package, first, total, known.of("all", package, GAIN)))
    return tuple(rows)


def measure_chart(rows: tuple[MeasureGains, ...], titles: dict[str, str]) -> dict[str, Any]:
    """Bars of the gain by government, one group a measure, with a line from the 5th to the 95th of 100 draws.

    titles: what a package is called.
    """
    table = _drawn(rows, titles)
    governments = list(dict.fromkeys(table["government"]))
    base = alt.Chart(table).encode(
        y=alt.Y("measure:N", sort=[titles[r.package] for r in rows], title=None).axis(
            labelLimit=540, ticks=False, labelExpr="split(datum.label, '\\n')", labelBaseline="line-bottom"
        ),
        yOffset=alt.YOffset("government:N", sort=governments),
        tooltip=[
            "measure:N",
            "government:N",
            alt.Tooltip("gain:Q", format="+.3f", title="bn yuan a year"),
            alt.Tooltip("range:N", title="5th to 95th of 100 draws"),
        ],
    )
    bars = base.mark_bar(height=ROW - 2).encode(
        x=alt.X("gain:Q", title="Gain of those registered [bn yuan a year]"),
        color=alt.Color("government:N", sort=governments, title=None)
        .scale(domain=governments, range=[PALETTE[n % len(PALETTE)] for n in range(len(governments))])
        .legend(orient="top"),
    )
    if not table["low"].notna().any():
        return bars.properties(width=520, height=alt.Step(ROW)).to_dict() | {"config": CONFIG}
    lines = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.5, color="currentColor")
    chart = alt.layer(bars, lines.encode(x="low:Q", x2="high:Q")).properties(width=520, height=alt.Step(ROW))
    return chart.to_dict() | {"config": CONFIG}


def _yuan(value: float) -> str:
    return change(value, "yuan")


def _drawn(rows: tuple[MeasureGains, ...], titles: dict[str, str]) -> pd.DataFrame:
    """A row a bar [bn yuan a year]."""
    return pd.DataFrame(
        [
            {
                "measure": titles[row.package],
                "government": gain.name,
                "gain": gain.yuan / 1e9,
                "low": gain.span.low / 1e9,
                "high": gain.span.high / 1e9,
                "range": gain.span.between(_yuan),
            }
            for row in rows
            for gain in row.gains
        ]
    )


@dataclass(frozen=True)
class Bar:
    """A bar in a table and the line of its range: how long, and where the line begins [per cent of the room]."""

    width: float
    start: float
    length: float


def bar(gain: Gain, widest: float) -> Bar:
    """Of a gain or of a loss, both to the right; what of the range lies on the other side of zero is not drawn."""
    if not widest:
        return Bar(0.0, 0.0, 0.0)
    low, high = (min(max(limit / widest, 0.0), 1.0) for limit in _ahead(gain)) if gain.span else (0.0, 0.0)
    return Bar(*(round(100 * part, 1) for part in (abs(gain.yuan) / widest, low, high - low)))


def widest(gains: Iterable[Gain]) -> float:
    """The longest bar with its range [yuan]; 0 of none."""
    return max((max(abs(gain.yuan), _ahead(gain)[1] if gain.span else 0.0) for gain in gains), default=0.0)


def _ahead(gain: Gain) -> tuple[float, float]:
    """The range in the direction of the figure."""
    return (gain.span.low, gain.span.high) if gain.yuan >= 0 else (-gain.span.high, -gain.span.low)
