"""A county's card: every variable before and after, where its people work and come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from coregion.errors import CoregionError, nearest
from coregion.report.frames import RESOLVED
from coregion.results import regions_frame
from coregion.server.answers import number
from coregion.server.figures import OF_THE_PAGE, by_county, changes
from coregion.server.live import Solved
from coregion.server.served import Served
from coregion.variables import REGISTER

LISTED = 12
"""Places named in a list of flows."""


def county_position(served: Served, code: str) -> int:
    """Position of a county; raises CoregionError for a code that is none of the study's."""
    if code not in served.builder.counties:
        raise CoregionError(
            f"found the county '{code[:40]}'; expected a code of the study. {nearest(code, served.builder.counties)}"
        )
    return served.builder.counties[code]


def county_card(served: Served, solved: Solved, code: str) -> dict[str, Any]:
    """The card of one county under a package."""
    position, region = county_position(served, code), served.study.region
    commuting = np.asarray(served.before["commuting"]), np.asarray(solved.levels["commuting"])
    migration = np.asarray(served.before["migration"]), np.asarray(solved.levels["migration"])
    prefecture, province = region.prefecture[position], region.province[position]
    return {
        "code": code,
        "package": solved.text,
        "name_en": region.name_en[position],
        "name_zh": region.name_zh[position],
        "prefecture_en": region.prefecture_name[prefecture][0],
        "prefecture_zh": region.prefecture_name[prefecture][1],
        "province_en": region.province_name[province][0],
        "province_zh": region.province_name[province][1],
        "rows": _rows(served, solved, code, position),
        "inputs": _inputs(served, position),
        "work": _largest(served, *(flow[position] for flow in commuting)),
        "come": _largest(served, *(flow[:, position] for flow in commuting)),
        "registered": _largest(served, *(flow[:, position] for flow in migration)),
        "gone": _largest(served, *(flow[position] for flow in migration)),
    }


def _rows(served: Served, solved: Solved, code: str, position: int) -> list[dict[str, Any]]:
    """Every figure before and after, but for labour income of those who do not work: it is 0 by definition."""
    frame = regions_frame(served.study.region, [solved.told])
    without = (frame["variable"] == "labour_income_per_head") & frame["group"].isin(_not_working(served))
    own = frame[(frame["region"] == code) & ~without]
    rows = [
        {
            "variable": row["variable"],
            "group": row["group"],
            "sector": row["sector"],
            "baseline": number(row["baseline"]),
            "value": number(row["value"]),
            "change": number(_change(row)),
            "unit": row["unit"],
        }
        for row in own.to_dict("records")
    ]
    value = by_county(served.study.region, solved.levels, served.before, solved.minutes, served.in_capital)
    change = changes(served.study.region, value, served.figures, served.income)
    return rows + [
        {
            "variable": name,
            "group": "",
            "sector": "",
            "baseline": number(served.figures[name][position]),
            "value": number(value[name][position]),
            "change": number(change[name][position]),
            "unit": entry.unit,
        }
        for name, entry in OF_THE_PAGE.items()
    ]


def _not_working(served: Served) -> list[str]:
    """Codes of the groups of whom nobody works anywhere, as those of 60 and over."""
    rates = np.asarray(served.baseline.economy.employment_rate)
    return [code for code, rate in zip(served.study.region.groups, rates, strict=True) if not np.any(rate > 0)]


def _change(row: Mapping[Any, Any]) -> float:
    """In the variable's unit or in per cent; none where the solver does not resolve it."""
    if abs(row["change_pct"]) < 100 * RESOLVED:
        return 0.0
    plain = REGISTER[row["variable"]].change == "difference"
    return row["value"] - row["baseline"] if plain else row["change_pct"]


def _inputs(served: Served, position: int) -> list[dict[str, Any]]:
    """What was observed of the county itself, as far as the tables have it by county."""
    region = served.study.region
    return [
        {"variable": name, "value": number(getattr(region, name)[position]), "unit": entry.unit}
        for name, entry in REGISTER.items()
        if entry.role == "input" and entry.dimensions == ("region",) and hasattr(region, name)
    ]


def _largest(served: Served, before: np.ndarray, after: np.ndarray) -> list[dict[str, Any]]:
    """The places with the largest flows after the package."""
    region = served.study.region
    order = np.argsort(-after, kind="stable")[:LISTED]
    return [
        {
            "code": region.code[i],
            "name_en": region.name_en[i],
            "name_zh": region.name_zh[i],
            "before": number(float(before[i])),
            "after": number(float(after[i])),
        }
        for i in order.tolist()
        if after[i] > 0
    ]


def flows_to(served: Served, solved: Solved, codes: list[str]) -> dict[str, Any]:
    """Commuters of every county to some counties together, before and after."""
    there = [county_position(served, code) for code in codes]
    inside = served.study.region.inside
    before, after = (
        np.asarray(levels["commuting"])[:inside, there].sum(axis=1) for levels in (served.before, solved.levels)
    )
    return {"to": codes, "before": [number(v) for v in before], "after": [number(v) for v in after]}
