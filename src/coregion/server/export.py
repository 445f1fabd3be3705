"""The tables of a package as a file: CSV, Parquet, JSON or GeoJSON."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from coregion.errors import CoregionError
from coregion.main_job import plain
from coregion.results import flows_frame, jurisdictions_frame, regions_frame
from coregion.server.answers import number
from coregion.server.figures import by_county, changes, described
from coregion.server.live import Solved
from coregion.server.served import Served

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["csv", "parquet", "geojson", "json"]
TableName = Literal["regions", "jurisdictions", "flows"]

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "geojson": "application/geo+json",
}


@dataclass(frozen=True)
class File:
    """A file that is sent."""

    name: str
    media: str
    content: bytes


def exported(served: Served, solved: Solved, form: Format, table: TableName, ground: dict[str, Any]) -> File:
    """A table as a file. ground: GeoJSON of the counties. Raises CoregionError for GeoJSON of what has no shape."""
    name = f"{served.study.settings.name}-{table}.{form}"
    if form == "geojson":
        if table != "regions":
            raise CoregionError(f"found GeoJSON of the table {table}; expected regions, which have a shape.")
        text = json.dumps(plain(_features(served, solved, ground)), ensure_ascii=False, separators=(",", ":"))
        return File(name, MEDIA[form], text.encode())
    frame = _frame(served, solved, table)
    if form == "csv":
        content = b"\xef\xbb\xbf" + frame.to_csv(index=False).encode()
    elif form == "parquet":
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        content = buffer.getvalue()
    else:
        content = (frame.to_json(orient="records", force_ascii=False, double_precision=12) or "[]").encode()
    return File(name, MEDIA[form], content)


def _frame(served: Served, solved: Solved, table: TableName) -> pd.DataFrame:
    region = served.study.region
    if table == "regions":
        return regions_frame(region, [solved.told])
    if table == "jurisdictions":
        return jurisdictions_frame(region, [solved.told], served.baseline)
    ends = ["origin", "destination", "kind", "unit"]
    before, after = (flows_frame(served.baseline, levels) for levels in (served.before, solved.levels))
    moved = after[after["kind"] != "trade"].drop(columns="unit")
    return before.rename(columns={"value": "baseline"}).merge(moved, "left", ends[:3])[
        ["origin", "destination", "kind", "baseline", "value", "unit"]
    ]


def _features(served: Served, solved: Solved, ground: dict[str, Any]) -> dict[str, Any]:
    """The counties' shapes, each with every figure before, after and its change."""
    region = served.study.region
    value = by_county(region, solved.levels, served.before, solved.minutes, served.in_capital)
    change = changes(region, value, served.figures, served.income)
    features = []
    for feature in ground["features"]:
        at = served.builder.counties[feature["id"]]
        told: dict[str, Any] = {
            "code": region.code[at],
            "name_en": region.name_en[at],
            "name_zh": region.name_zh[at],
            "jurisdiction": region.province[at],
            "package": solved.text,
        }
        for name in value:
            told[f"{name}_baseline"] = number(served.figures[name][at])
            told[name] = number(value[name][at])
            told[f"{name}_change"] = number(change[name][at])
        features.append({**feature, "properties": told})
    units = {name: described(name).unit for name in value}
    return {"type": "FeatureCollection", "features": features, "units": units, "note": ground["note"]}
