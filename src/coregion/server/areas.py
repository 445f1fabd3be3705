"""Urban areas before and after a package, by the four official rules of ``coregion.metro``."""

from __future__ import annotations

from typing import Any

import numpy as np

from coregion.errors import CoregionError
from coregion.metro import UrbanAreas, by_every_rule, came_and_went, dense_cities
from coregion.server.answers import number
from coregion.server.live import Solved
from coregion.server.served import Served

LABELS = {
    "EU–OECD": ("Functional urban areas (EU–OECD)", "功能性城市区域（欧盟—经合组织）"),
    "Canada": ("Census metropolitan areas (Canada)", "人口普查都市区（加拿大）"),
    "Britain": ("Travel-to-work areas (Britain)", "通勤区（英国）"),
    "one hour": ("One-hour circle (China)", "一小时通勤圈（中国）"),
}

NOTE = (
    "Drawn from the model's commuters, not from a survey. A county is a large unit for these rules; people are the "
    "baseline's before and after."
)


def areas_before(served: Served) -> tuple[UrbanAreas, ...]:
    """The areas of the baseline; raises CoregionError where the study has no dense city to begin with."""
    return _drawn(served, np.asarray(served.before["commuting"]), served.minutes)


def urban_areas(served: Served, solved: Solved, before: tuple[UrbanAreas, ...]) -> dict[str, Any]:
    """The areas of the baseline beside those of a package; came and went: of the area around the capital place."""
    after = _drawn(served, np.asarray(solved.levels["commuting"]), solved.minutes)
    region, people = served.study.region, _people(served)
    place = int(np.argmax(np.where(served.in_capital[: region.inside], people, -1)))
    rules = []
    for was, now in zip(before, after, strict=True):
        came, went = came_and_went(was, now, place)
        label_en, label_zh = LABELS.get(was.rule, (was.rule, was.rule))
        rules.append(
            {
                "rule": was.rule,
                "label_en": label_en,
                "label_zh": label_zh,
                "before": _told(was, people),
                "after": _told(now, people),
                "capital_came": [region.code[i] for i in came.tolist()],
                "capital_went": [region.code[i] for i in went.tolist()],
            }
        )
    return {"rules": rules, "note": NOTE}


def _told(areas: UrbanAreas, people: np.ndarray) -> dict[str, Any]:
    return {
        "count": areas.count,
        "share": number(areas.share_inside(people)),
        "area": areas.area.tolist(),
        "core": areas.is_core.tolist(),
    }


def _people(served: Served) -> np.ndarray:
    region = served.study.region
    return region.residents.sum(axis=0)[: region.inside]


def _drawn(served: Served, commuting: np.ndarray, minutes: np.ndarray) -> tuple[UrbanAreas, ...]:
    region = served.study.region
    inside = slice(0, region.inside)
    city = dense_cities(_people(served), region.area[inside])
    if (city < 0).all():
        raise CoregionError("found no county as dense as a city; expected one, for an urban area to grow around.")
    return by_every_rule(commuting[inside, inside], minutes[inside, inside], city)
