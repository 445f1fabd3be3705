"""The tables of a game of governments: what is played, what every coalition can secure, who pays whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coregion.data.whole_files import write_files
from coregion.governments.coordinate import TABLES, Coordination, label, record
from coregion.governments.drawn import NOT_DRAWN, DrawnGame
from coregion.packages.switches import lever_names

if TYPE_CHECKING:
    import pandas as pd


def plays_frame(found: Coordination) -> pd.DataFrame:
    """``play, jurisdiction, gain, share_of_income, levers, status``: one row a play and government [yuan a year, %]."""
    import pandas as pd

    game = found.game
    plays = [
        ("nash", found.nash.payoffs, found.nash.levers, found.nash.status),
        *((one.rule, one.payoffs, one.levers, "" if one.levers >= 0 else "none") for one in found.cooperation),
        ("announced", found.announced, (1 << len(game.levers)) - 1, ""),
        *(
            (" | ".join(label(c, game.players) for c in one.partition), one.payoffs, one.levers, one.status)
            for one in found.partitions
        ),
    ]
    rows = [
        (label, player, float(value), float(100 * value / income), "; ".join(lever_names(game, levers)), status)
        for label, payoffs, levers, status in plays
        for player, value, income in zip(found.table.players, payoffs, found.income, strict=True)
    ]
    return pd.DataFrame(rows, columns=["play", "jurisdiction", "gain", "share_of_income", "levers", "status"])


def coalitions_frame(found: Coordination) -> pd.DataFrame:
    """``coalition, value, to_spare``: what a coalition secures, and what the joint package gives its members beyond."""
    import pandas as pd

    together = found.sharing.without
    rows = [
        (label(c, found.game.players), float(value), float(_sum(together, c) - value))
        for c, value in enumerate(found.values)
        if c
    ]
    return pd.DataFrame(rows, columns=["coalition", "value", "to_spare"])


def sharing_frame(found: Coordination) -> pd.DataFrame:
    """A row a rule and government: transfer, payoff, alone, whether it holds; inside the equilibrium with leakage."""
    import pandas as pd

    rows = [{**row, "paid": "lump sum", "leakage": 0.0} for row in found.sharing.rows()]
    for inside in found.inside:
        if isinstance(inside, str):
            continue
        fair = bool((inside.payoffs >= found.sharing.alone - 1e-6 * np.abs(found.sharing.alone).max()).all())
        rows += [
            {
                "rule": inside.rule,
                "player": player,
                "transfer": float(inside.transfers[j]),
                "payoff": float(inside.payoffs[j]),
                "alone": float(found.sharing.alone[j]),
                "exists": inside.exists,
                "everyone_gains": fair,
                "in_core": None,
                "core_fails_by": None,
                "reason": "",
                "paid": "inside the equilibrium",
                "leakage": float(inside.leakage[j]),
            }
            for j, player in enumerate(found.game.players)
        ]
    return pd.DataFrame(rows)


def write_tables(found: Coordination, folder: Path, drawn: DrawnGame = NOT_DRAWN) -> list[Path]:
    """Write the three tables and the record, with ranges; raises OutputError where the folder cannot be written."""
    told = {**record(found), "drawn": drawn.told, "ranges": drawn.by_figure()}
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    made = (plays_frame(found), coalitions_frame(found), sharing_frame(found), text)
    files = {Path(folder).expanduser() / name: content for name, content in zip(TABLES, made, strict=True)}
    write_files(files)
    return list(files)


def _sum(values: np.ndarray, coalition: int) -> float:
    return float(sum(value for j, value in enumerate(values) if coalition >> j & 1))
