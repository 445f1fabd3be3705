"""What a table or chart says of its ranges: how they are written, or why its figures have none. One sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coregion.report.numbers import NONE
from coregion.report.spans import Figure

BRACKETS = "In brackets: the 5th to the 95th of 100 draws."
WHISKERS = "Thin lines: the 5th to the 95th of 100 draws."
NEW = "New is Base with the change, and so is its range."
COUNTED = "at the study's own values; counts have no range, as the draws keep places one by one."
GAME = (
    "No range was computed for what governments would do alone, what they could do together, the transfers and the "
    "pairs: these need every combination of their measures at every draw, which coregion games --keep --draws solves."
)
TRANSFERS = "No range was computed for what would be paid: transfers are worked out at the study's own values only."
PER_CENT_ONLY = "as the draws keep its change in per cent only"
PLACES_ALONE = "No range by place: of a measure alone the draws keep its governments, not their places."
_BASE_YEAR = (
    "No range was computed: these are of the base year at the study's own values, and the draws keep changes from it."
)
WHY = {
    "sharing": "Where none stands no range was computed: coregion games --keep --draws solves every combination.",
    "urban_area": "No range was computed: urban areas follow from commuters by pair of places; the draws keep none.",
    "air_city": "No range was computed for the falls: they rest on assumed cost curves, which are not drawn.",
    "air_cost": "No range was computed: costs rest on assumed curves, which are not drawn.",
    "figure": _BASE_YEAR,
    "indicator": _BASE_YEAR,
    "outlier": _BASE_YEAR,
    "network": "No range was computed: travel times depend on no parameter that is drawn.",
    "seed": "No range was computed: each base is solved at the study's own values only.",
    "evidence": "No range was computed: of a measure alone the draws keep governments, not the places this is about.",
    "driver": "These shares are made from the draws and have no range; the last column says how good they are.",
}
"""Why the draws never hold the figures of a table, by its name."""


def table_note(name: str, rows: Iterable[Sequence[Any]], run: Mapping[str, Any], ranged: bool) -> str:
    """How the ranges of a table are written, and why figures have none; empty where it has no figure of the model.

    ranged: whether the run has any range.
    """
    cells = [cell for row in rows for cell in row if isinstance(cell, Figure) and cell.text != NONE]
    parts = [BRACKETS] if any(cell.range for cell in cells) else []
    if any(not cell.range for cell in cells):
        parts.append(WHY[name] if name in WHY else missing(run, ranged))
    return " ".join(parts)


def missing(run: Mapping[str, Any], ranged: bool) -> str:
    """Why a figure has no range that the draws do hold for other packages or other runs."""
    reason = run.get("uncertainty", {}).get("reason")
    if ranged:
        return f"Where none stands none was computed: {reason or 'the draws of this run do not hold it'}."
    return f"No range was computed in this run{f': {reason}' if reason else ''}."
