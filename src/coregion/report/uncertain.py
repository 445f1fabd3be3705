"""What the page says of its ranges: where they come from, and which parameters make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coregion.report.sections import Head, Table, Words, meant_zh, share
from coregion.report.spans import Figure


def range_note(run: Mapping[str, Any], ranged: bool) -> str:
    """Where the ranges come from, or why there are none."""
    told = run.get("uncertainty", {})
    if not ranged:
        reason = f" ({told['reason']})" if told.get("reason") else ""
        name = run.get("study", {}).get("name", "STUDY")
        return f"Ranges: not computed in this run{reason}. coregion run {name} --draws 500 computes them."
    draws = f"{told['draws']} draws" if "draws" in told else "draws"
    many = f" of {len(told['parameters'])} parameters" if "parameters" in told else " of the parameters"
    failed = f" {told['failed']} of them have no answer and are left out." if told.get("failed") else ""
    rest = f" No range where none is shown: {told['reason']}." if told.get("reason") else ""
    calibrated = "each calibrated anew to the same observations"
    return f"Ranges run from the 5th to the 95th percentile of {draws}{many}, {calibrated}.{failed}{rest}"


def driver_table(run: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    """Which parameters the range of the gains comes from; the largest of each place. names: of places by code."""
    heads = (
        Head("Gain of", "地区", "text"),
        Head("Parameter", "参数", "long"),
        Head("Alone", "一阶指数"),
        Head("With others", "总指数"),
        Head("By the slope", "斜率法"),
        Head("Told of draws left out", "拟合优度"),
    )
    rows = [
        (
            names.get(entry["place"], entry["place"]),
            Words(str(entry["meaning"]), meant_zh(entry)),
            *(Figure(share(entry[name])) for name in ("first_order", "total", "delta_share", "explained")),
        )
        for entry in run.get("uncertainty", {}).get("drivers", ())
    ]
    return heads, rows
