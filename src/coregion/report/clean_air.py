"""The tables of the air: where the PM2.5 of each city comes from, and what the same air costs alone and together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coregion.report.numbers import MINUS, SPACE, both, listed, plain, scaled, signed
from coregion.report.sections import Head, Table
from coregion.report.spans import Figure

MILLION = 1e6


def city_table(air: Mapping[str, Any]) -> Table:
    """Whose emissions each city breathes; no rows where the study has no air."""
    heads = (
        Head("City", "城市", "text"),
        Head("PM2.5, µg/m³", "PM2.5浓度"),
        Head("From its own emissions", "本地"),
        Head("Other cities", "区域内其他城市"),
        Head("Outside the region", "区域外"),
        Head("Fall, each alone", "各自治理降幅"),
        Head("Fall, together", "联合治理降幅"),
    )
    rows = [
        (
            both(c["name_en"], c["name_zh"]),
            plain(c["pm25"]),
            *(f"{plain(100 * c[key], 2)}{SPACE}%" for key in ("own", "other_areas", "outside")),
            *(Figure(f"{MINUS}{plain(c[key], 2)}") for key in ("fall_alone", "fall_together")),
        )
        for c in air.get("cities", ())
    ]
    return heads, rows


def cost_table(air: Mapping[str, Any]) -> Table:
    """What each government pays alone, together, and receives so that it gains its Shapley value."""
    heads = (
        Head("Government", "政府", "text"),
        Head("Fall asked for, µg/m³", "目标降幅"),
        Head("Cost alone, yuan a year", "各自治理成本"),
        Head("Cost together", "联合治理成本"),
        Head("Receives, by Shapley value", "按夏普利值应得"),
        Head("Tonnes by quota: alone", "按吨数配额：各自"),
        Head("Tonnes by quota: pooled", "按吨数配额：联合"),
    )
    rows = [
        (
            both(g["name_en"], g["name_zh"]),
            Figure(f"{MINUS}{plain(g['fall_asked_for'], 2)}"),
            *(Figure(scaled(MILLION * g[key])) for key in ("alone", "together")),
            Figure(signed(scaled(MILLION * g["receives_by_shapley"]))),
            *(Figure(scaled(MILLION * g[key])) for key in ("quota_alone", "quota_together")),
        )
        for g in air.get("governments", ())
    ]
    return heads, rows


def air_sentence(air: Mapping[str, Any]) -> str:
    """What acting together saves and who would lose by it, or why it is not known; empty where there is no air."""
    if "governments" not in air:
        return str(air.get("why_not", ""))
    losers = [
        both(g["name_en"], g["name_zh"])
        for g in air["governments"]
        if g["government"] in air["losers_without_transfers"]
    ]
    loses = f"Without transfers {listed(losers)} would pay more together than alone." if losers else ""
    keys = ("saving_pct", "one_goal_saving_pct", "quota_saving_pct")
    saving, of_one_goal, of_tonnes = (f"{plain(air[key], 2)}{SPACE}%" for key in keys)
    return (
        f"Together the same air costs {saving} less than when each government acts for its own people. With one goal, "
        f"the mean air of all people, in place of one for each government's, it costs {of_one_goal} less, and the same "
        f"tonnes cost {of_tonnes} less than by quota. Studies that find 4.6 to 11.3{SPACE}% for SO2 ask as the last "
        f"of these does (Xue et al. 2015), not as the first. Cost curves are assumed and not drawn, so no range was "
        f"computed: this is consistency with studies, not evidence. {loses}"
    ).strip()
