"""Urban areas before and after a package as the page shows them: those of ``coregion.urban_areas``, at the official
thresholds of each rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from coregion.metro import UrbanAreas, came_and_went
from coregion.outcomes import Levels
from coregion.region import Region
from coregion.server.answers import number
from coregion.server.live import Solved
from coregion.server.served import Served
from coregion.server.texts_zh import chinese
from coregion.urban_areas import RULES, Picture, drawn

NOTE_EN = (
    "Drawn from the commuters, minutes and residents of each equilibrium, not from a survey. A county is a large unit "
    "for these rules. A rule that finds no city, or a place that nobody commutes to or from, draws no area."
)
NOTE_ZH = (
    "根据各均衡下的通勤者、通勤时间和常住人口划定，并非调查结果。对这些规则而言，区县是较大的单元。"
    "规则找不到城市，或有地方无人通勤往来时，不划定都市圈。"
)


@dataclass(frozen=True)
class Drawn:
    """The areas of one equilibrium by code of the rule, and the residents [county] who live in them or not."""

    areas: Mapping[str, UrbanAreas]
    people: np.ndarray

    @classmethod
    def of(cls, region: Region, levels: Levels, minutes: np.ndarray) -> Drawn:
        """Every rule at its official thresholds. minutes: of commuting [home, work]."""
        at = Picture.of(region, levels, minutes)
        return cls({code: drawn(rule.thresholds[rule.official], at) for code, rule in RULES.items()}, at.people)


def areas_before(served: Served) -> Drawn:
    """The areas of the baseline."""
    return Drawn.of(served.study.region, served.before, served.minutes)


def urban_areas(served: Served, solved: Solved, before: Drawn) -> dict[str, Any]:
    """The areas of the baseline beside those of a package; came and went: of the area around the capital place."""
    region = served.study.region
    after = Drawn.of(region, solved.levels, solved.minutes)
    place = int(np.argmax(np.where(served.in_capital[: region.inside], before.people, -1)))
    rules = []
    for code, rule in RULES.items():
        came, went = came_and_went(before.areas[code], after.areas[code], place)
        rules.append(
            {
                "rule": code,
                "label_en": rule.name_en,
                "label_zh": rule.name_zh,
                "threshold": rule.official,
                "threshold_zh": chinese(rule.official),
                "before": _told(before, code),
                "after": _told(after, code),
                "capital_came": [region.code[i] for i in came.tolist()],
                "capital_went": [region.code[i] for i in went.tolist()],
            }
        )
    return {"rules": rules, "note_en": NOTE_EN, "note_zh": NOTE_ZH}


def _told(at: Drawn, code: str) -> dict[str, Any]:
    areas = at.areas[code]
    return {
        "count": areas.count,
        "share": number(areas.share_inside(at.people)),
        "area": areas.area.tolist(),
        "core": areas.is_core.tolist(),
    }
