"""What each measure does alone, beside the package: gains by government as bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from coregion.report.frames import single_measures, whole_package
from coregion.report.maps import CONFIG
from coregion.report.verdict import Gain, gains_by_package

# Okabe and Ito (2008), without black: told apart with every common colour deficiency, on light and dark paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
ROW = 14


@dataclass(frozen=True)
class MeasureGains:
    """A package and what each first-level government's people gain by it [yuan a year], then all together."""

    package: str
    gains: tuple[Gain, ...]
    total: float


def measure_gains(jurisdictions: pd.DataFrame) -> tuple[MeasureGains, ...]:
    """The whole package first, then each measure alone."""
    whole = whole_package(jurisdictions)
    alone = [package for package in single_measures(jurisdictions) if package != whole]
    level = jurisdictions.drop_duplicates("jurisdiction").set_index("jurisdiction")["level"]
    by_package = gains_by_package(jurisdictions, "jurisdiction")
    rows = []
    for package in (whole, *alone):
        found = by_package.get(package, [])
        first = tuple(gain for gain in found if level[gain.code] == 1)
        total = next((gain.yuan for gain in found if gain.code == "all"), sum(gain.yuan for gain in first))
        rows.append(MeasureGains(package, first, total))
    return tuple(rows)


def measure_chart(rows: tuple[MeasureGains, ...], titles: dict[str, str]) -> dict[str, Any]:
    """Bars of the gain by government, one group a measure; titles: what a package is called."""
    table = pd.DataFrame(
        [
            {"measure": titles[row.package], "government": gain.name, "gain": gain.yuan / 1e9, "order": number}
            for number, row in enumerate(rows)
            for gain in row.gains
        ]
    )
    governments = list(dict.fromkeys(table["government"]))
    chart = (
        alt.Chart(table)
        .mark_bar(height=ROW - 2)
        .encode(
            y=alt.Y("measure:N", sort=[titles[r.package] for r in rows], title=None).axis(
                labelLimit=380, ticks=False, labelExpr="split(datum.label, '\\n')", labelBaseline="line-bottom"
            ),
            yOffset=alt.YOffset("government:N", sort=governments),
            x=alt.X("gain:Q", title="Gain of those registered [bn yuan a year]"),
            color=alt.Color("government:N", sort=governments, title=None)
            .scale(domain=governments, range=[PALETTE[n % len(PALETTE)] for n in range(len(governments))])
            .legend(orient="top"),
            tooltip=["measure:N", "government:N", alt.Tooltip("gain:Q", format="+.3f", title="bn yuan a year")],
        )
        .properties(width=520, height=alt.Step(ROW))
    )
    return chart.to_dict() | {"config": CONFIG}
