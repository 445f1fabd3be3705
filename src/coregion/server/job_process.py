"""What a long job does, in a process of its own: all packages, a goal; progress and answer go back through a pipe."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from coregion.all_packages import AllPackages, solve_all_packages
from coregion.errors import CoregionError
from coregion.goal import parse_goal, reach
from coregion.main_job import plain
from coregion.report.verdict import GAIN
from coregion.results import WHOLE, package_name
from coregion.server.answers import number
from coregion.server.package_text import PackageText
from coregion.server.texts_zh import chinese
from coregion.study import Study
from coregion.uncertainty.job import draw_study

NICE = 10
"""A job gives way to the packages that are solved live."""

EVERY = 0.2
"""Seconds between two messages of progress."""

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """A job to do. study: with the measures that the job is about, its baseline calibrated. details: as posted."""

    kind: Literal["packages", "goal", "draws"]
    study: Study
    details: dict[str, Any]


def work(order: Order, pipe: Connection) -> None:
    """Do the job and send what comes of it: ("state", stage, done, of), at last ("end", result) or ("failed", why)."""
    os.nice(NICE)
    try:
        pipe.send(("end", plain(KINDS[order.kind](order, _teller(pipe)))))
    except CoregionError as error:
        pipe.send(("failed", str(error)))
    except MemoryError:
        pipe.send(("failed", "The job needed more memory than there is. Ask for fewer measures."))
    except BrokenPipeError:
        return
    except Exception as error:
        pipe.send(("failed", f"The job met a mistake of the program ({type(error).__name__})."))
    finally:
        pipe.close()


def _teller(pipe: Connection) -> Tell:
    last = [0.0]

    def tell(stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if now - last[0] >= EVERY or done >= of:
            last[0] = now
            pipe.send(("state", stage, int(done), int(of)))

    return tell


def all_packages(order: Order, tell: Tell) -> dict[str, Any]:
    """Every set of the measures, or of their pillars: what each contributes to the gain of those registered."""
    study = order.study
    names = [m.name for m in study.measures] if order.details["by"] == "measure" else None
    with tempfile.TemporaryDirectory(prefix="coregion-") as folder:
        found = solve_all_packages(study, Path(folder), names, tell)
    measures = {m.name: m for m in study.measures}
    players = list(dict.fromkeys(found.shapley["measure"]))
    return {
        "players": [
            {
                "name": name,
                "label_en": measures[name].name_en if name in measures else name,
                "label_zh": measures[name].name_zh if name in measures else name,
            }
            for name in players
        ],
        "packages": int(found.packages["package"].nunique()),
        "unit": "yuan a year",
        "bars": _bars(study, found),
        "pairs": _pairs(found),
        "warnings": list(found.warnings),
        "warnings_zh": [chinese(warning) for warning in found.warnings],
    }


def _bars(study: Study, found: AllPackages) -> list[dict[str, Any]]:
    """Alone, last in, Shapley, synergy by player; for the whole region and each government of the first level."""
    region, table = study.region, found.shapley
    gains = table[(table["group"] == "") & (table["variable"] == GAIN)]
    columns = ("alone", "last_in", "shapley", "synergy")
    return [
        {
            "jurisdiction": code,
            "rows": [
                {"player": row["measure"], **{name: number(row[name]) for name in columns}}
                for row in gains[gains["jurisdiction"] == code].to_dict("records")
            ],
        }
        for code in (WHOLE, *dict.fromkeys(region.province[: region.inside]))
    ]


def _pairs(found: AllPackages) -> list[dict[str, Any]]:
    """How much two players help or hinder each other for the whole region, the largest first."""
    table = found.interactions
    whole = table[(table["jurisdiction"] == WHOLE) & (table["group"] == "") & (table["variable"] == GAIN)]
    rows = whole.dropna(subset=["interaction"]).to_dict("records")
    rows.sort(key=lambda row: -abs(row["interaction"]))
    return [
        {"player": row["measure"], "other": row["other"], "interaction": number(row["interaction"])} for row in rows
    ]


def goal(order: Order, tell: Tell) -> dict[str, Any]:
    """The least effort that reaches a goal, and what each measure reaches alone."""
    tell("searching", 0, 1)
    wanted = parse_goal(order.details["goal"])
    found = reach(order.study, wanted, [measure.name for measure in order.study.measures])
    tell("searching", 1, 1)
    mix = found.intensities
    amounts = {name: amount for name, amount in (mix or {}).items() if amount > 1e-6}
    record = asdict(found)
    record["package"] = None if mix is None else str(PackageText(amounts, ()))
    return {**record.pop("goal"), **record}


def draws(order: Order, tell: Tell) -> dict[str, Any]:
    """Ranges of the package's figures over draws of the parameters, the model calibrated anew at each."""
    study, count = order.study, order.details["draws"]
    with tempfile.TemporaryDirectory(prefix="coregion-") as folder:
        found = draw_study(study, study.measures, Path(folder), count, tell=tell)
    whole = package_name([measure.name for measure in study.measures])
    rows = found.ranges[(found.ranges["package"] == whole) & (found.ranges["group"] == "")]
    texts, figures = (
        ("place", "package", "variable", "group"),
        ("low", "median", "high", "probability_of_loss", "point"),
    )
    return {
        "draws": count,
        "failed": int(found.told["failed"]),
        "ranges": [
            {**{name: row[name] for name in texts}, **{name: number(row[name]) for name in figures}}
            for row in rows.to_dict("records")
        ],
        "drivers": [
            {name: row[name] if isinstance(row[name], str) else number(row[name]) for name in DRIVEN}
            for row in found.drivers.to_dict("records")
        ],
        "note_en": f"Ranges: 5th to 95th percentile of {count} draws of the parameters.",
        "note_zh": f"区间：{count}次参数抽取的第5至第95百分位。",
    }


DRIVEN = ("place", "variable", "parameter", "first_order", "total")


KINDS: dict[str, Callable[[Order, Tell], dict[str, Any]]] = {
    "packages": all_packages,
    "goal": goal,
    "draws": draws,
}
