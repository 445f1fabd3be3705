"""One HTML file out of observed against projected figures: alerts first, every place, every gap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from coregion.monitor import Monitored
from coregion.report.maps import CONFIG
from coregion.report.numbers import amount, both, change, per_cent, plain, signed
from coregion.report.page import page_text
from coregion.report.sections import Head
from coregion.variables import variable

STANDS, ALERT, NEITHER = "stands against all", "alert", "as projected"
COLOURS = {STANDS: "#b35806", ALERT: "#e69f00", NEITHER: "#8a8f98"}


def monitor_page(found: Monitored, study: str) -> str:
    """The page as text."""
    gaps = found.gaps.to_dict("records")
    return page_text(
        "monitor.html",
        {"spec-gaps": dots(found)},
        study=study,
        sentences=headlines(found),
        notes=found.notes,
        gap_heads=_GAP_HEADS,
        alert_rows=[_gap_row(row) for row in gaps if row["alert"] or row["stands"]],
        gap_rows=[_gap_row(row) for row in gaps],
        place_heads=_PLACE_HEADS,
        place_rows=[_place_row(row) for row in found.places.to_dict("records")],
        limit=plain(found.rules.limit),
    )


def headlines(found: Monitored) -> list[str]:
    """How many comparisons, alerts and gaps that stand; how many alerts chance alone would give."""
    gaps, rules = found.gaps, found.rules
    count, alerts, stand = len(gaps), int(gaps["alert"].sum()), int(gaps["stands"].sum())
    places = gaps.loc[gaps["alert"], "place"].nunique()
    return [
        f"{_counted(alerts, 'alert')} in {_counted(places, 'place')}, out of {_counted(count, 'figure')} of "
        f"{_counted(gaps['place'].nunique(), 'place')}.",
        f"An alert is a gap of {plain(rules.limit)} standard errors or more: at most {per_cent(100 * rules.rate)[1:]} "
        f"of the figures that go as projected raise one, here {plain(rules.rate * count, 2)} or fewer on average.",
        f"{_counted(stand, 'gap')} {'stands' if stand == 1 else 'stand'} against all comparisons together (Benjamini "
        f"and Hochberg): of such gaps at most {per_cent(100 * rules.together)[1:]} are expected to be chance.",
    ]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def dots(found: Monitored) -> dict[str, Any]:
    """Every gap in standard errors, a row an outcome; rules where alerts begin."""
    table = pd.DataFrame(
        [
            {
                "outcome": _outcome(row),
                "place": both(row["name_en"], row["name_zh"]),
                "z": row["z"],
                "kind": _kind(row),
            }
            for row in found.gaps.to_dict("records")
        ]
    )
    limits = pd.DataFrame({"z": [-found.rules.limit, found.rules.limit]})
    points = (
        alt.Chart(table)
        .mark_circle(size=60, opacity=0.7)
        .encode(
            x=alt.X("z:Q", title="Observed less projected, in standard errors"),
            y=alt.Y("outcome:N", sort=None, title=None).axis(labelLimit=320, ticks=False),
            color=alt.Color("kind:N", title=None)
            .scale(domain=list(COLOURS), range=list(COLOURS.values()))
            .legend(orient="top"),
            tooltip=["place:N", "outcome:N", alt.Tooltip("z:Q", format="+.2f"), "kind:N"],
        )
    )
    rules = alt.Chart(limits).mark_rule(strokeDash=[4, 3], color="#88888888").encode(x="z:Q")
    return (rules + points).properties(width=560, height=alt.Step(30)).to_dict() | {"config": CONFIG}


def _kind(row: Mapping[Any, Any]) -> str:
    return STANDS if row["stands"] else ALERT if row["alert"] else NEITHER


def _outcome(row: Mapping[Any, Any]) -> str:
    entry = variable(row["variable"])
    of = ", ".join(part for part in (row["group"], row["sector"]) if part)
    return both(entry.label_en, entry.label_zh) + (f" ({of})" if of else "")


def _gap_row(row: Mapping[Any, Any]) -> tuple[str, ...]:
    unit = row["unit"]
    return (
        both(row["name_en"], row["name_zh"]),
        _outcome(row),
        str(row["year"]),
        amount(row["projected"], unit),
        f"{amount(row['low'], unit)} to {amount(row['high'], unit)}",
        amount(row["observed"], unit),
        change(row["gap"], unit),
        per_cent(row["gap_pct"]),
        signed(plain(row["z"])),
        _kind(row),
        row["source"],
    )


def _place_row(row: Mapping[Any, Any]) -> tuple[str, ...]:
    largest = variable(row["largest_variable"])
    return (
        both(row["name_en"], row["name_zh"]),
        *(str(row[name]) for name in ("comparisons", "alerts", "stand")),
        both(largest.label_en, largest.label_zh),
        signed(plain(row["largest_z"])),
    )


_GAP_HEADS = (
    Head("Place", "地区", "text"),
    Head("Outcome", "变量", "text"),
    Head("Year", "年份"),
    Head("Projected", "预测"),
    Head("5 to 95 of 100", "区间"),
    Head("Observed", "实测"),
    Head("Gap", "偏差"),
    Head("of projected", "偏差比例"),
    Head("in standard errors", "标准误倍数"),
    Head("Judged", "判断", "text"),
    Head("Source", "来源", "text"),
)
_PLACE_HEADS = (
    Head("Place", "地区", "text"),
    Head("Figures", "指标数"),
    Head("Alerts", "预警"),
    Head("Stand", "确认"),
    Head("Largest gap in", "最大偏差变量", "text"),
    Head("in standard errors", "标准误倍数"),
)
