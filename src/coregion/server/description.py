"""What the page learns once: places, governments, measures, variables, parameters, what may be drawn."""

from __future__ import annotations

import inspect
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata, resources
from typing import Any

import numpy as np

from coregion.measures.cost import yearly_cost
from coregion.measures.link import Link
from coregion.measures.places import inside
from coregion.measures.read import references
from coregion.measures.record import Measure
from coregion.record import measure_record
from coregion.results import MEAN_OVER
from coregion.server.figures import OF_GOVERNMENTS, OF_THE_PAGE, SUGGESTED
from coregion.server.limits import Limits
from coregion.server.served import Served
from coregion.server.texts_zh import chinese
from coregion.variables import REGISTER, Variable

FIELD = re.compile(r"[a-z_]+(, [a-z_]+)*( = [^:]{1,20})?: ")
"""How a line begins that explains fields of a measure."""


def study_description(served: Served, limits: Limits, jobs: Sequence[str]) -> dict[str, Any]:
    """The whole of /api/study but whether it is stale."""
    study, region = served.study, served.study.region
    settings = study.settings
    names = region.province_name[served.capital]
    return {
        "version": metadata.version("coregion"),
        "name": settings.name,
        "title_en": settings.title_en,
        "title_zh": settings.title_zh,
        "base_year": settings.base_year,
        "currency": settings.currency,
        "fingerprint": served.fingerprint,
        "regions": _regions(served),
        "jurisdictions": _jurisdictions(served),
        "payers": [
            {"code": p.code, "name_en": p.name_en, "name_zh": p.name_zh, "votes": p.votes} for p in region.payers
        ],
        "groups": _pairs(region.groups, region.group_name),
        "sectors": _pairs(region.sectors, region.sector_name),
        "capital": {
            "code": served.capital,
            "name_en": names[0],
            "name_zh": names[1],
            "regions": [c for c, there in zip(region.code, served.in_capital, strict=True) if there],
        },
        "pillars": _pillars(served),
        "documents": [document.model_dump() for document in settings.documents],
        "places": [{"code": code, **place.model_dump()} for code, place in settings.places.items()],
        "measures": [measure_description(served, measure) for measure in study.measures],
        "variables": [
            variable_description(one, served)
            for entries in (REGISTER, OF_THE_PAGE, OF_GOVERNMENTS)
            for one in entries.values()
        ],
        "layers": [name for name in (*SUGGESTED, *_air(served)) if name in served.figures],
        "parameters": [_parameter(parameter) for parameter in region.parameters.values()],
        "assumptions": [assumption.model_dump() for assumption in settings.assumptions],
        "link_classes": link_classes(served),
        "jobs": list(jobs),
        "limits": limits.told(),
        "notes": list(served.baseline.diagnosis.notes),
        "notes_zh": [chinese(note) for note in served.baseline.diagnosis.notes],
    }


def _regions(served: Served) -> list[dict[str, Any]]:
    region = served.study.region
    return [
        {
            "code": region.code[i],
            "name_en": region.name_en[i],
            "name_zh": region.name_zh[i],
            "prefecture": region.prefecture[i],
            "province": region.province[i],
            "longitude": float(region.longitude[i]),
            "latitude": float(region.latitude[i]),
            "external": bool(region.external[i]),
        }
        for i in range(len(region.code))
    ]


def _pillars(served: Served) -> list[dict[str, Any]]:
    """Pillars that have measures, in the study's order, then those that it does not describe."""
    study = served.study
    names = {pillar.code: (pillar.name_en, pillar.name_zh) for pillar in study.settings.pillars}
    used = dict.fromkeys(measure.pillar for measure in study.measures)
    return [
        {
            "name": code,
            "name_en": names.get(code, (code, code))[0],
            "name_zh": names.get(code, (code, code))[1],
            "measures": [measure.name for measure in study.measures if measure.pillar == code],
        }
        for code in (*(c for c in names if c in used), *(c for c in used if c not in names))
    ]


def _jurisdictions(served: Served) -> list[dict[str, Any]]:
    region, within = served.study.region, ~served.study.region.external
    return [
        {"code": str(code), "level": level, "name_en": names[str(code)][0], "name_zh": names[str(code)][1]}
        for level, codes, names in (
            (1, region.province, region.province_name),
            (2, region.prefecture, region.prefecture_name),
        )
        for code in dict.fromkeys(np.array(codes)[within].tolist())
    ]


def measure_description(served: Served, measure: Measure) -> dict[str, Any]:
    """A measure with its cost at intensity 1, the counties it names and what its kind moves."""
    region = served.study.region
    names = {p.code: (p.name_en, p.name_zh) for p in region.payers} | dict(region.prefecture_name)
    names |= dict(region.province_name)
    payer = names.get(measure.payer, (measure.payer, measure.payer))
    return {
        **measure_record(served.study, measure),
        "lowest": measure.lowest,
        "highest": measure.highest,
        "cost_yuan_a_year": yearly_cost(measure.cost, region),
        "investment_yuan": measure.cost.investment_yuan,
        "payer_name_en": payer[0],
        "payer_name_zh": payer[1],
        "agreed_by": list(measure.agreed_by),
        "regions": named_regions(served, measure),
        "lines": list(measure.lines) if isinstance(measure, Link) else [],
        "document_zh": measure.document_zh,
        "sources_zh": list(measure.sources_zh),
        "assumptions_zh": list(measure.assumptions_zh),
        "equation": unfolded((inspect.getdoc(type(measure)) or "").strip()),
        "equation_zh": kinds_zh().get(measure.kind, "").strip(),
    }


@cache
def kinds_zh() -> Mapping[str, str]:
    """What each kind moves, in Chinese, by kind."""
    return tomllib.loads((resources.files("coregion.server") / "kinds_zh.toml").read_text(encoding="utf-8"))


def unfolded(text: str) -> str:
    """Lines that were broken to fit a source file joined again; paragraphs, formulas and the fields that a text
    explains one by one stay apart."""
    joined: list[str] = []
    for line in text.replace("``", "").splitlines():
        before = joined[-1] if joined else ""
        alone = not line or not before or " " in (line[0], before[0]) or before[-1] == ";" or FIELD.match(line)
        if alone:
            joined.append(line)
        else:
            joined[-1] = f"{before} {line}"
    return "\n".join(joined)


def named_regions(served: Served, measure: Measure) -> list[str]:
    """Codes of the counties that a measure names as its places, those of its cost left out."""
    region = served.study.region
    places = [code for path, what, code in references(measure) if what == "place" and path[0] != "cost"]
    return [c for c, named in zip(region.code, inside(region, places), strict=True) if named] if places else []


def variable_description(variable: Variable, served: Served) -> dict[str, Any]:
    """A variable of the register, or of the page, with the weight of its means and whether it can be a layer."""
    return {
        "name": variable.name,
        "label_en": variable.label_en,
        "label_zh": variable.label_zh,
        "dimensions": list(variable.dimensions),
        "unit": variable.unit,
        "meaning": variable.meaning,
        "meaning_zh": variable.meaning_zh,
        "origin": variable.origin,
        "origin_zh": variable.origin_zh,
        "role": variable.role,
        "change": variable.change,
        "over": MEAN_OVER.get(variable.name),
        "mapped": variable.name in served.figures,
    }


def _air(served: Served) -> list[str]:
    """Layers of the air, where the study knows of it."""
    return [name for name in served.figures if REGISTER.get(name) and "µg" in REGISTER[name].unit]


def _parameter(parameter: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "value": _finite(parameter.value),
        "by": dict(parameter.by),
        "low": _finite(parameter.low),
        "high": _finite(parameter.high),
        "unit": parameter.unit,
        "name_zh": parameter.name_zh,
        "meaning": parameter.meaning,
        "meaning_zh": parameter.meaning_zh,
        "source": parameter.source,
        "source_zh": parameter.source_zh,
        "assumed": parameter.assumed,
    }


def link_classes(served: Served) -> list[dict[str, Any]]:
    """Classes of road and rail that can be drawn, with what a km of them costs by the study's own measures."""
    network, builder = served.study.network, served.builder
    return [
        {
            "name": c.name,
            "mode": c.mode,
            "speed": _finite(c.speed),
            "yuan_per_km": _finite(builder.unit_costs[c.name].yuan_per_km),
            "cost_source": builder.unit_costs[c.name].source,
            "cost_source_zh": builder.unit_costs[c.name].source_zh,
        }
        for c in network.classes
        if c.name in builder.classes
    ]


def _pairs(codes: Sequence[str], names: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    return [{"code": code, "name_en": names[code][0], "name_zh": names[code][1]} for code in codes]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
