"""run.json: what a run was made from, how well it was solved, and everything that was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from typing import Any

from coregion.calibrate.record import Diagnosis
from coregion.data.parameters import Parameter
from coregion.data.provenance import input_hashes
from coregion.equilibrium import Equilibrium
from coregion.measures.cost import yearly_cost
from coregion.solve.uniqueness import Uniqueness
from coregion.study import Study
from coregion.trace import place_labels, place_names, places_named

NETWORK_FIT = "network_fit.csv"


def run_record(
    study: Study, equilibrium: Equilibrium, seconds: Mapping[str, float], unique: Uniqueness
) -> dict[str, Any]:
    """The whole of run.json as plain values."""
    settings = study.settings
    diagnosis = equilibrium.baseline.diagnosis
    return {
        "version": metadata.version("coregion"),
        "study": {
            "name": settings.name,
            "title_en": settings.title_en,
            "title_zh": settings.title_zh,
            "base_year": settings.base_year,
        },
        "package": equilibrium.package,
        "inputs": input_hashes(study.folder),
        "parameters": [_parameter_record(parameter) for parameter in study.region.parameters.values()],
        "measures": [measure_record(study, measure) for measure in equilibrium.measures],
        "residuals": equilibrium.residuals,
        "iterations": int(equilibrium.solution.steps),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "uniqueness": {
            "kind": unique.kind,
            "spectral_radius": unique.spectral_radius,
            "equilibria_found": unique.equilibria_found,
            "starts": unique.starts,
            "text": unique.text,
        },
        "assumptions": [assumption.model_dump() for assumption in settings.assumptions],
        **_diagnosis(diagnosis),
        "network_fit": network_fit(study),
        "notes": list(diagnosis.notes),
    }


def _parameter_record(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "value": parameter.value,
        "by": dict(parameter.by),
        "low": parameter.low,
        "high": parameter.high,
        "unit": parameter.unit,
        "meaning": parameter.meaning,
        "source": parameter.source,
        "assumed": parameter.assumed,
        "name_zh": parameter.name_zh,
        "meaning_zh": parameter.meaning_zh,
        "source_zh": parameter.source_zh,
    }


def measure_record(study: Study, measure) -> dict[str, Any]:
    """A measure as a row of a table, with the names of its pillar and of the places that its quote names."""
    pillars = {pillar.code: (pillar.name_en, pillar.name_zh) for pillar in study.settings.pillars}
    payers = {payer.code: (payer.name_en, payer.name_zh) for payer in study.region.payers}
    places = {**study.region.prefecture_name, **study.region.province_name, **payers}
    pillar_en, pillar_zh = pillars.get(measure.pillar, (measure.pillar, ""))
    payer_en, payer_zh = places.get(measure.payer, (measure.payer, ""))
    return {
        "name": measure.name,
        "kind": measure.kind,
        "pillar": measure.pillar,
        "pillar_en": pillar_en,
        "pillar_zh": pillar_zh,
        "name_en": measure.name_en,
        "name_zh": measure.name_zh,
        "intensity": measure.intensity,
        "opens": measure.opens,
        "cost_yuan_a_year": measure.intensity * yearly_cost(measure.cost, study.region),
        "investment_yuan": measure.intensity * measure.cost.investment_yuan,
        "payer": measure.payer,
        "payer_en": payer_en,
        "payer_zh": payer_zh,
        "quote": measure.quote,
        "document": measure.document,
        "places_named": _places_named(study, measure.quote),
        "sources": list(measure.sources),
        "assumptions": list(measure.assumptions),
        "document_zh": measure.document_zh,
        "sources_zh": list(measure.sources_zh),
        "assumptions_zh": list(measure.assumptions_zh),
    }


def _places_named(study: Study, quote: str) -> list[str]:
    """Both names of every place of the study that a quote names."""
    names = place_labels(study.region, study.settings)
    return [names[code] for code in places_named(quote, place_names(study.region, study.settings))]


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "figures": [{**asdict(figure), "factor": figure.factor} for figure in diagnosis.figures],
        "matches": [asdict(match) for match in diagnosis.matches],
        "outliers": [asdict(outlier) for outlier in diagnosis.outliers],
        "indicators": [asdict(indicator) for indicator in diagnosis.indicators],
    }


def network_fit(study: Study) -> list[dict[str, Any]]:
    """The fit of the network to observed times, where the study brings the table; numbers as numbers."""
    file = study.folder / NETWORK_FIT
    if not file.is_file():
        return []
    import pandas as pd

    return [
        {
            "mode": f"{row['kind']} {row['month']}",
            "half": row["half"],
            "pairs": int(row["pairs"]),
            "median_error": row["median"],
            "p90": row["ninetieth"],
            "great_circle": row["great_circle"],
            "goal": None if pd.isna(row["goal_median"]) else row["goal_median"],
        }
        for row in pd.read_csv(file).to_dict("records")
    ]
