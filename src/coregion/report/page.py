"""One HTML file out of the results of a run, that works with the network cut."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, select_autoescape

from coregion.data.cache import kept_text
from coregion.data.whole_files import write_text
from coregion.report import sections
from coregion.report.agreement import agreement, air, drivers
from coregion.report.charts import MeasureGains, bar, measure_chart, measure_gains, widest
from coregion.report.classes import COLOURS
from coregion.report.clean_air import air_sentence, city_table, cost_table
from coregion.report.doubts import evidence_table, seed_table
from coregion.report.frames import ResultTables, by_place, members, place_names, single_measures
from coregion.report.maps import (
    drawing,
    drawn_places,
    frames,
    labels,
    layers,
    opened_lines,
    outlines,
    page_data,
)
from coregion.report.numbers import both, per_cent
from coregion.report.uncertain import driver_table, range_note
from coregion.report.unranged import BRACKETS, COUNTED, NEW, PLACES_ALONE, WHISKERS, WHY, missing, table_note
from coregion.report.urban_map import urban_map, urban_table
from coregion.report.verdict import Verdict, verdict
from coregion.variables import variable

VEGA_LITE = "6.4"


def write_report(
    results: ResultTables,
    file: str | Path,
    boundaries: dict | None = None,
    boundary_note: str = "",
    lines: Sequence[dict[str, Any]] = (),
    ranges: pd.DataFrame | None = None,
    urban_areas: pd.DataFrame | None = None,
) -> None:
    """Write the page. Raises OutputError when the file cannot be written.

    boundaries: GeoJSON with ``id`` = region code, or None for a page without maps; boundary_note stands under each map.
    lines: line, name_en, name_zh, mode, coordinates, opened_by_package. ranges: place, package, variable, low, high.
    urban_areas: by rule, of docs/urban_areas.md.
    """
    text = report_page(results, boundaries, boundary_note, lines, ranges, urban_areas)
    write_text(Path(file), text, "Name another folder.")


def report_page(
    results: ResultTables,
    boundaries: dict | None = None,
    boundary_note: str = "",
    lines: Sequence[dict[str, Any]] = (),
    ranges: pd.DataFrame | None = None,
    urban_areas: pd.DataFrame | None = None,
) -> str:
    """The page as text; arguments as of ``write_report``."""
    judged = verdict(results, ranges)
    titles = package_titles(results, judged.package)
    context, blocks = _figures_of(results, judged, titles)
    if boundaries is not None:
        shown, data = _maps_of(results, judged, titles, boundaries, lines)
        if urban_areas is not None and len(urban_areas):
            data |= _urban_of(results, urban_areas, boundaries, shown)
        context |= shown
        blocks |= data
    return page_text(
        "report.html",
        blocks,
        **context,
        verdict=judged,
        study=results.run["study"],
        version=results.run["version"],
        boundary_note=boundary_note or "Working map.",
        ranged=bool(judged.spans),
        range_note=range_note(results.run, bool(judged.spans)),
    )


def page_text(template: str, blocks: Mapping[str, Any], **context: Any) -> str:
    """One HTML file that loads nothing: a template of this folder, and ``blocks``, what its script draws, by id."""
    return (
        environment()
        .get_template(template)
        .render(
            **context,
            style=template_text("report.css"),
            script=template_text("report.js"),
            library=vega_library(),
            blocks={name: as_json(value) for name, value in blocks.items()},
        )
    )


def package_titles(results: ResultTables, whole: str, between: str = " ") -> dict[str, str]:
    """What a package is called: the whole one, and each measure by both names."""
    names = {m["name"]: both(m["name_en"], m["name_zh"], between) for m in results.run["measures"]}
    titles = {package: names.get(package, package) for package in single_measures(results.jurisdictions)}
    if len(members(whole)) != 1:
        titles[whole] = both("The whole package", "一揽子方案", between)
    return titles


def government_names(results: ResultTables, between: str = " ") -> dict[str, str]:
    """Governments by both names, by code."""
    names = place_names(results.jurisdictions, "jurisdiction")
    return {str(code): both(row["name_en"], row["name_zh"], between) for code, row in names.iterrows()}


def county_names(results: ResultTables) -> dict[str, str]:
    """Counties by both names, by code."""
    names = place_names(results.regions, "region")
    return {str(code): both(row["name_en"], row["name_zh"]) for code, row in names.iterrows()}


def _figures_of(results: ResultTables, judged: Verdict, titles: dict[str, str]) -> tuple[dict, dict]:
    """Everything but the maps: names the templates know, and the JSON blocks of the page."""
    run = results.run
    gained = measure_gains(results.jurisdictions, judged.spans)
    agreed = agreement(
        judged.governments,
        judged.cities,
        run,
        (*drivers(gained, titles), *air(results.jurisdictions, judged.package, judged.spans)),
        judged.transfers,
        [judged.total] if judged.total else [],
    )
    tables = _tables_of(results, judged, titles, gained)
    context: dict[str, Any] = {f"{name}_heads": heads for name, (heads, _) in tables.items()}
    context |= {f"{name}_rows": rows for name, (_, rows) in tables.items()}
    context |= _notes_of(run, judged, {name: rows for name, (_, rows) in tables.items()}, gained)
    context |= {
        "contradicted": sections.contradicted(judged.contradictions),
        "method_pairs": sections.method_pairs(run),
        "air_sentence": air_sentence(run.get("air", {})),
        "measures": run["measures"],
        "agreed": agreed,
        "sharing_note": table_note("sharing", agreed.table[1] if agreed.table else (), run, bool(judged.spans)),
        "notes": run.get("notes", ()),
        "evidence": run.get("evidence", ()),
        "has_chart": len(gained) > 1,
        "widest": widest((*judged.counties_up, *judged.counties_down)),
        "widest_city": widest(judged.cities),
        "maps": [],
        "packages": [],
    }
    return context, {"spec-measures": measure_chart(gained, package_titles(results, judged.package, "\n"))} if len(
        gained
    ) > 1 else {}


def _notes_of(
    run: Mapping[str, Any], judged: Verdict, rows: Mapping[str, Sequence[tuple]], gained: Sequence[MeasureGains]
) -> dict[str, str]:
    """What every table and chart says of its ranges. rows: by table."""
    ranged = bool(judged.spans)
    shown = [(gain.amount, gain.part) for gain in (*judged.counties_up, *judged.counties_down, *judged.cities)]
    notes = {f"{name}_note": table_note(name, found, run, ranged) for name, found in rows.items()}
    drawn = [gain.span for row in gained for gain in row.gains]
    lines = [WHISKERS] if any(drawn) else []
    lines += [] if all(drawn) else [missing(run, ranged)]
    return notes | {"gain_note": table_note("gain", shown, run, ranged), "chart_note": " ".join(lines)}


def _tables_of(
    results: ResultTables, judged: Verdict, titles: dict[str, str], gained: Sequence[MeasureGains]
) -> dict[str, tuple]:
    """Heads and rows of every table of the page, by the name that the templates know."""
    run, names = results.run, government_names(results)
    return {
        "movement": sections.movement_table(judged),
        "budget": sections.budget_table(results.jurisdictions, judged),
        "measure": sections.measure_table(
            gained, titles, {m["name"]: m["cost_yuan_a_year"] for m in run["measures"]}, judged.spans
        ),
        "kind": sections.kind_table(run["measures"], names, judged.spans),
        "figure": sections.figure_table(run.get("figures", ())),
        "match": sections.match_table(run.get("matches", ())),
        "indicator": sections.indicator_table(run.get("indicators", ())),
        "air_city": city_table(run.get("air", {})),
        "air_cost": cost_table(run.get("air", {})),
        "seed": seed_table(run.get("seed_sensitivity", ())),
        "evidence": evidence_table(run.get("evidence", ())),
        "network": sections.network_table(run.get("network_fit", ())),
        "outlier": sections.outlier_table(run.get("outliers", ())),
        "assumption": sections.assumption_table(run.get("assumptions", ())),
        "parameter": sections.parameter_table(run.get("parameters", ())),
        "driver": driver_table(run, names),
        "residual": sections.residual_table(run.get("residuals", {})),
        "urban_area": urban_table(run.get("urban_areas", ()), county_names(results)),
        "input": sections.input_table(run.get("inputs", {})),
    }


def _maps_of(
    results: ResultTables,
    judged: Verdict,
    titles: dict[str, str],
    boundaries: dict,
    lines: Sequence[dict[str, Any]],
) -> tuple[dict, dict]:
    """The maps: what the template lists, and the JSON blocks that the script draws from."""
    places = drawn_places(results.regions, boundaries)
    shapes = {f["id"]: {"geometry": f["geometry"]} for f in boundaries["features"]}
    packages = [judged.package, *(p for p in titles if p != judged.package)]
    why = _no_range_by_place(results.run, judged, packages)
    drawn = layers(results.regions, list(places.index), packages, judged.spans, why)
    cities = government_names(results)
    residents = by_place(results.regions, "region", judged.package, "residents")["baseline"]
    windows = frames(boundaries, places, cities, residents)
    data = page_data(places, drawn, cities)
    ranged = {package: any(layer.ranges != why[package] for layer in by.values()) for package, by in drawn.items()}
    data["notes"] = {package: f"{BRACKETS} {NEW}" if ranged[package] else why[package] for package in drawn}
    opened = opened_lines(lines)
    blocks = {f"spec-{frame.name}": drawing(frame, number == 0) for number, frame in enumerate(windows)}
    blocks["map-figures"] = data
    blocks["map-ground"] = {
        "places": [shapes[code] for code in places.index],
        "borders": outlines(boundaries, places),
        "lines": opened,
        "labels": labels(boundaries, places, government_names(results, "\n")),
    }
    shown = {
        "maps": [_map_entry(name, layer, data) for name, layer in drawn[judged.package].items()],
        "frames": windows,
        "packages": [(package, titles[package]) for package in packages],
        "has_lines": bool(opened),
        "counted": COUNTED,
        "map_note": data["notes"][judged.package],
    }
    return shown, blocks


def _no_range_by_place(run: Mapping[str, Any], judged: Verdict, packages: Sequence[str]) -> dict[str, str]:
    """Why a map has no ranges where it has none, by package."""
    ranged = bool(judged.spans)
    alone = PLACES_ALONE if ranged else missing(run, ranged)
    return {package: missing(run, ranged) if package == judged.package else alone for package in packages}


def _urban_of(results: ResultTables, urban_areas: pd.DataFrame, boundaries: dict, shown: dict) -> dict[str, Any]:
    """The map of urban areas: names for the template, added to ``shown``, and the block that the script draws from."""
    made = urban_map(urban_areas, drawn_places(results.regions, boundaries), government_names(results))
    shown |= {"urban": made.entry, "urban_rules": made.rules, "urban_note": WHY["urban_area"]}
    return {"map-urban": made.data}


def _map_entry(name: str, layer: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    entry = variable(name)
    return {
        "name": name,
        "label_en": entry.label_en,
        "label_zh": entry.label_zh,
        "meaning": entry.meaning,
        "beyond": layer.classes.beyond,
        "ranges": layer.ranges,
        "legend": [
            {"number": n, "colour": COLOURS[n], "text": layer.classes.labels[n], "count": layer.classes.counts[n]}
            for n in range(len(COLOURS))
        ],
        "rows": list(
            zip(data["code"], data["place"], data["city"], layer.baseline, layer.value, layer.change, strict=True)
        ),
    }


def as_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def vega_library() -> str:
    """Vega, Vega-Lite and Vega-Embed, as they come inside vl-convert."""

    def bundled() -> str:
        import vl_convert

        bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # pyright: ignore[reportCallIssue]
        return bundle.replace("</script", "<\\/script")

    return kept_text(f"vega-lite-{VEGA_LITE}-vl-convert-{version('vl-convert-python')}.js", bundled)


def template_text(name: str) -> str:
    return (resources.files("coregion.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    loader = PackageLoader("coregion.report", "templates")
    environment = Environment(loader=loader, autoescape=select_autoescape(["html"]), trim_blocks=True)
    environment.filters |= {
        "yuan": sections.yuan,
        "per_cent": per_cent,
        "figure": sections.figure,
        "prose": sections.prose,
        "label": sections.named,
        "bar": bar,
    }
    return environment
