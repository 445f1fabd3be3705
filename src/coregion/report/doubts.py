"""The tables of what a run doubts: new towns that grow from other bases, and figures beside what studies found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coregion.report.numbers import NONE, SPACE, both, plain, scaled, signed
from coregion.report.sections import Head, Table
from coregion.report.spans import Figure


def seed_table(seeds: Sequence[Mapping[str, Any]]) -> Table:
    """Residents of new towns under other bases to grow from."""
    heads = (
        Head("New town", "新区", "text"),
        Head("Base it grows from", "原有建筑面积"),
        Head("Of the base in the data", "占数据中的面积"),
        Head("Residents at the baseline", "基准常住人口"),
        Head("Residents with the package", "方案下常住人口"),
        Head("More than at the baseline", "增加"),
    )
    rows = [
        (
            both(s["name_en"], s["name_zh"]),
            f"{scaled(s['existing_m2'])}{SPACE}m²",
            plain(s["factor"]),
            scaled(s["residents_before"], 4),
            Figure(scaled(s["residents"], 4)),
            Figure(signed(scaled(s["residents"] - s["residents_before"]))),
        )
        for s in seeds
    ]
    return heads, rows


def evidence_table(evidence: Sequence[Mapping[str, Any]]) -> Table:
    """Figures of the model beside the ranges that studies found."""
    heads = (
        Head("Figure", "指标", "text"),
        Head("In the model", "模型"),
        Head("In studies", "研究范围"),
        Head("Result", "结果", "text"),
        Head("Studies", "研究", "long"),
        Head("Why", "原因", "long"),
    )
    rows = [
        (
            both(e["name_en"], e["name_zh"]),
            Figure(plain(e["model"], 2)),
            f"{plain(e['low'])} to {plain(e['high'])}",
            "agrees" if e["agrees"] else "model contradicts evidence 与证据不符",
            str(e["source"]),
            str(e["why"] or NONE),
        )
        for e in evidence
    ]
    return heads, rows
