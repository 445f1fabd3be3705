"""One HTML file out of a path: what comes when, by government, and what it is worth today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from coregion.report.charts import PALETTE
from coregion.report.maps import CONFIG
from coregion.report.numbers import amount, both, change, listed, per_cent
from coregion.report.page import page_text
from coregion.report.sections import Head
from coregion.report.verdict import GAIN
from coregion.variables import variable

CITY = 2
DRAWN = ("residents", "jobs", "floor_space_price", "pm25")
"""Outcomes drawn beside the gain, as far as the table has them, in per cent of the baseline."""


@dataclass(frozen=True)
class PathTold:
    """path, values: tables of ``coregion path``. openings: names of the measures that open, by year.

    late: names of measures that open after the last year. rate: of discount. speeds: rate and source by outcome.
    """

    study: str
    path: pd.DataFrame
    values: pd.DataFrame
    openings: Mapping[int, Sequence[str]]
    late: Sequence[str]
    rate: float
    speeds: Mapping[str, tuple[float, str]]


def path_page(told: PathTold) -> str:
    """The page as text."""
    names = {name: both(variable(name).label_en, variable(name).label_zh) for name in (GAIN, *_drawn(told))}
    blocks = {f"spec-{name}": line_chart(told.path, name, list(told.openings)) for name in names}
    return page_text(
        "path.html",
        blocks,
        study=told.study,
        sentences=sentences(told),
        charts=names,
        value_heads=_VALUE_HEADS,
        value_rows=[_value_row(row) for row in told.values.to_dict("records") if row["level"] < CITY],
        city_rows=[_value_row(row) for row in told.values.to_dict("records") if row["level"] == CITY],
        opening_heads=_OPENING_HEADS,
        opening_rows=[(str(year), "; ".join(names)) for year, names in told.openings.items()],
        year_heads=_year_heads(told),
        year_rows=_year_rows(told),
        speed_heads=_SPEED_HEADS,
        speed_rows=[(_speed_name(name), f"{rate:g}", source) for name, (rate, source) in told.speeds.items()],
        late=listed(list(told.late)) if told.late else "",
        rate=per_cent(100 * told.rate)[1:],
    )


def sentences(told: PathTold) -> list[str]:
    """What a reader should know first."""
    whole = told.values[told.values["place"] == "all"].iloc[0]
    first, last = int(told.path["year"].min()), int(told.path["year"].max())
    votes = told.values[told.values["level"] == 1]
    lines = [
        f"From {first} to {last} the package is worth {change(float(whole['net']), 'yuan')} today to the people "
        f"registered in the region, between {change(float(whole['net_slow']), 'yuan')} if everything comes slowly and "
        f"{change(float(whole['net_fast']), 'yuan')} if it comes fast."
    ]
    up, down = (
        [both(row["name_en"], row["name_zh"]) for row in votes.to_dict("records") if sign * row["net"] > 0]
        for sign in (1, -1)
    )
    outside = told.values[told.values["place"] == "outside"].iloc[0]
    lines.append(
        f"To those registered outside the region it is worth {change(float(outside['net']), 'yuan')}, their "
        "part of the costs taken off."
    )
    if up:
        lines.append(f"More is gained than paid by {listed(up)} within these years.")
    if down:
        lines.append(f"Less is gained than paid by {listed(down)} within these years.")
    return lines


def line_chart(path: pd.DataFrame, name: str, openings: Sequence[int]) -> dict[str, Any]:
    """A line a first-level government and one for the region; dotted where it is going; rules where measures open."""
    table = _series(path, name)
    unit = "bn yuan a year" if name == GAIN else "change in per cent"
    order = list(dict.fromkeys(table["place"]))
    base = alt.Chart(table).encode(
        x=alt.X("year:Q", title=None).axis(format="d", tickMinStep=1).scale(zero=False, nice=False),
        color=alt.Color("place:N", sort=order, title=None)
        .scale(domain=order, range=[PALETTE[n % len(PALETTE)] for n in range(len(order))])
        .legend(orient="top"),
    )
    shown = ["place:N", "year:Q", alt.Tooltip("value:Q", format="+.3f", title=unit)]
    lines = base.mark_line(strokeWidth=2).encode(y=alt.Y("value:Q", title=unit), tooltip=shown)
    aims = base.mark_line(strokeWidth=1, strokeDash=[3, 3], interpolate="step-after").encode(y=alt.Y("target:Q"))
    rules = alt.Chart(pd.DataFrame({"year": list(openings)})).mark_rule(color="#88888888").encode(x="year:Q")
    chart = (rules + aims + lines).properties(width=560, height=220)
    return chart.to_dict() | {"config": CONFIG}


def _drawn(told: PathTold) -> list[str]:
    known = set(told.path["variable"])
    return [name for name in DRAWN if name in known]


def _series(path: pd.DataFrame, name: str) -> pd.DataFrame:
    """Of the region and its first-level governments: the gain in bn yuan, other outcomes as change in per cent."""
    rows = path[(path["variable"] == name) & (path["level"] <= 1) & (path["group"] == "") & (path["sector"] == "")]
    found = pd.DataFrame(
        {
            "place": [both(en, zh) for en, zh in zip(rows["name_en"], rows["name_zh"], strict=True)],
            "year": rows["year"],
        }
    )
    for column in ("value", "target"):
        moved = rows[column] - rows["baseline"]
        found[column] = moved / 1e9 if name == GAIN else 100 * moved / rows["baseline"].replace(0.0, float("nan"))
    return found.dropna()


def _year_heads(told: PathTold) -> tuple[Head, ...]:
    places = list(dict.fromkeys(_series(told.path, GAIN)["place"]))
    return (Head("Year", "年份", "text"), *(Head(place) for place in places))


def _year_rows(told: PathTold) -> list[tuple[str, ...]]:
    """The gain by year, the table beside the first chart."""
    wide = _series(told.path, GAIN).pivot_table(index="year", columns="place", values="value", sort=False)
    return [
        (str(year), *(change(1e9 * value, "yuan") for value in row))
        for year, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]


def _speed_name(name: str) -> str:
    return "All others 其他" if name == "others" else both(variable(name).label_en, variable(name).label_zh)


def _value_row(row: Mapping[Any, Any]) -> tuple[str, ...]:
    parts = [amount(float(row[name]), "yuan") for name in ("gain", "investment", "running", "left")]
    sums = [change(float(row[name]), "yuan") for name in ("net", "net_slow", "net_fast", "yearly_gain")]
    return (both(row["name_en"], row["name_zh"]), *parts, *sums)


_VALUE_HEADS = (
    Head("Place", "地区", "text"),
    Head("Gain before costs", "未扣成本收益"),
    Head("Invested", "投资"),
    Head("Running", "运行费用"),
    Head("Left at the end", "期末残值"),
    Head("Net", "净现值"),
    Head("Net, slow", "净现值（慢）"),
    Head("Net, fast", "净现值（快）"),
    Head("A year, in the long run", "长期每年"),
)
_OPENING_HEADS = (Head("From", "起", "text"), Head("Measures that open", "启用措施", "long"))
_SPEED_HEADS = (
    Head("Outcome", "变量", "text"),
    Head("Part of the way in a year", "每年调整比例"),
    Head("Why", "依据", "long"),
)
