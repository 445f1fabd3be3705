"""Result tables of the form the report reads, with made-up changes: a handful of places, or a study's own places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from coregion.variables import variable

MEASURES = (
    ("relocate", "Functions move out", "功能疏解", 4.0e9, "CN"),
    ("rail", "Lines opened <2020–2024>", "新开线路", 6.5e9, "1"),
)
INDEX = {"floor_space_price": 1.0, "welfare": 1.0}


@dataclass(frozen=True)
class Sample:
    """What the report reads of a run."""

    regions: pd.DataFrame
    jurisdictions: pd.DataFrame
    run: dict[str, Any]


def small_places() -> pd.DataFrame:
    """Six places in two provinces and three prefectures; one name holds what must be escaped."""
    return pd.DataFrame(
        {
            "region": [f"10{n}" for n in range(6)],
            "name_en": ["Upper", "Lower", "<script>alert(1)</script>", "Mill & Ford", "Hill", "Port"],
            "name_zh": ["上", "下", "脚本", "磨", "山", "港"],
            "prefecture": ["11", "11", "12", "12", "21", "21"],
            "jurisdiction": ["1", "1", "1", "1", "2", "2"],
            "residents": [8e5, 3e5, 5e5, 2e5, 9e5, 4e5],
        }
    )


def governments() -> pd.DataFrame:
    """Names of the governments of the small places."""
    rows = [
        ("all", 0, "The region", "全区域"),
        ("CN", 0, "The state", "中央"),
        ("1", 1, "North", "北"),
        ("2", 1, "South", "南"),
        ("11", 2, "Upper Town", "上城"),
        ("12", 2, "Mill Town", "磨城"),
        ("21", 2, "Port Town", "港城"),
    ]
    return pd.DataFrame(rows, columns=["jurisdiction", "level", "name_en", "name_zh"])


def packages(measures=MEASURES) -> tuple[str, ...]:
    """The whole package, then every measure alone."""
    names = sorted(m[0] for m in measures)
    return ("+".join(names), *names)


def region_table(places: pd.DataFrame, measures=MEASURES, seed: int = 1) -> pd.DataFrame:
    """Long table: two groups of residents, one row for all else; the welfare of a place is what its gain follows."""
    draw = np.random.default_rng(seed)
    parts = []
    residents = places["residents"].to_numpy()
    for package in packages(measures):
        size = 0.02 if "+" in package else 0.008
        change = size * draw.standard_t(3, len(places)) / 5
        welfare = size / 10 * draw.standard_normal(len(places)) + size / 20
        for name, group, baseline, hat in (
            ("residents", "under_60", 0.8 * residents, 1 + change),
            ("residents", "60_and_over", 0.2 * residents, 1 + change / 2),
            ("registered", "", 0.9 * residents, np.ones(len(places))),
            ("jobs", "", 0.5 * residents, 1 + 1.5 * change),
            ("wage", "", np.full(len(places), 9e4), 1 + change / 4),
            ("floor_space_price", "", np.ones(len(places)), 1 + 2 * change),
            ("welfare", "", np.ones(len(places)), 1 + welfare),
        ):
            parts.append(_rows(places, package, name, group, baseline, baseline * hat))
        gain = welfare * 0.9 * residents * 5e4
        rows = _rows(places, package, "equivalent_variation_registered", "", 0 * gain, gain)
        parts.append(rows.assign(change_pct=100 * welfare))
    return pd.concat(parts, ignore_index=True)


def _rows(places, package, name, group, baseline, value) -> pd.DataFrame:
    frame = places[["region", "name_en", "name_zh", "prefecture", "jurisdiction"]].copy()
    frame["package"], frame["variable"], frame["group"], frame["sector"] = package, name, group, ""
    frame["baseline"], frame["value"] = baseline, value
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["change_pct"] = 100 * (frame["value"] - frame["baseline"]) / frame["baseline"].replace(0.0, np.nan)
    frame["unit"] = variable(name).unit
    return frame


def jurisdiction_table(regions: pd.DataFrame, named: pd.DataFrame, measures=MEASURES) -> pd.DataFrame:
    """The regions' gains added up by government, and the budgets of those who pay."""
    gain = regions[regions["variable"] == "equivalent_variation_registered"]
    people = regions[regions["variable"] == "registered"].set_index(["region", "package"])["baseline"]
    rows = []
    for package in packages(measures):
        inside = gain[gain["package"] == package].assign(
            income=lambda f, p=package: [5e4 * people[r, p] for r in f.region]
        )
        for _, who in named.iterrows():
            code = who["jurisdiction"]
            own = inside if code == "all" else inside[(inside["jurisdiction"] == code) | (inside["prefecture"] == code)]
            cost = sum(m[3] for m in measures if m[4] == code and m[0] in package.split("+"))
            found = {"cost": (cost, np.nan), "budget": (-cost, np.nan)}
            if len(own):
                total = own["value"].sum()
                share = 100 * total / own["income"].sum()
                found |= {
                    f"equivalent_variation_{whom}": (factor * total, factor * share)
                    for whom, factor in (("registered", 1.0), ("living", 0.9), ("working", 0.7))
                }
            for name, (value, relative) in found.items():
                rows.append(
                    {
                        **who,
                        "package": package,
                        "variable": name,
                        "group": "",
                        "sector": "",
                        "baseline": 0.0,
                        "value": value,
                        "change_pct": relative,
                        "unit": "yuan a year",
                    }
                )
    return pd.DataFrame(rows)


def run_record(measures=MEASURES) -> dict[str, Any]:
    """The record of a run, with one of everything."""
    return {
        "version": "0.1.0",
        "study": {"name": "made_up", "title_en": "Two Rivers", "title_zh": "两河", "base_year": 2020},
        "inputs": {"regions.csv": "ab" * 32},
        "parameters": [
            {
                "name": "migration_elasticity",
                "value": 1.5,
                "low": 1.0,
                "high": 3.0,
                "unit": "elasticity",
                "meaning": "η: how strongly people choose where to live",
                "source": "Tombe & Zhu (2019)",
                "assumed": False,
                "name_zh": "迁移弹性",
                "meaning_zh": "η：人们选择居住地的敏感程度",
                "source_zh": "Tombe & Zhu（2019）",
            },
            {
                "name": "goods_share",
                "value": 0.7,
                "low": 0.6,
                "high": 0.8,
                "unit": "share",
                "meaning": "α: part of income spent on goods",
                "source": "a survey",
                "assumed": True,
                "name_zh": "",
                "meaning_zh": "",
                "source_zh": "",
            },
        ],
        "measures": [
            {
                "name": name,
                "kind": "relocate",
                "pillar": "relief",
                "pillar_en": "Relief",
                "pillar_zh": "疏解",
                "name_en": en,
                "name_zh": zh,
                "intensity": 1.0,
                "opens": 2023,
                "cost_yuan_a_year": cost,
                "investment_yuan": 10 * cost,
                "payer": payer,
                "payer_en": "The state" if payer == "CN" else "North",
                "payer_zh": "中央" if payer == "CN" else "北",
                "quote": "疏解非首都功能",
                "document": "communiqué, second paragraph",
                "document_zh": "公报第二段",
                "sources": ["statistics of 2023"],
                "sources_zh": ["2023年统计"],
                "assumptions": ["8,000 jobs"],
                "assumptions_zh": ["岗位8,000个"],
            }
            for name, en, zh, cost, payer in measures
        ],
        "residuals": {"labour": 3.1e-12, "goods": 4.4e-13},
        "iterations": 57,
        "seconds": {"calibrate": 2.2, "solve": 1.1},
        "uniqueness": {"spectral_radius": 0.71},
        "assumptions": [
            {
                "variable": "wage",
                "name_en": "Wages by county",
                "name_zh": "县域工资",
                "kind": "inverted",
                "rule": "They clear each labour market.",
                "rule_zh": "由劳动力市场出清决定。",
            }
        ],
        "figures": [
            {
                "variable": "gross_domestic_product",
                "place": "1",
                "name_en": "North",
                "name_zh": "北",
                "official": 35943.3e8,
                "model": 36102.6e8,
                "unit": "yuan a year",
                "factor": 36102.6 / 35943.3,
                "reason": "prefectures do not add up to the province",
            }
        ],
        "matches": [{"what": "residents by county", "error": 2e-15, "tolerance": 1e-8}],
        "outliers": [
            {
                "variable": "jobs_per_employed_resident",
                "place": "100",
                "name_en": "Upper",
                "name_zh": "上",
                "value": 2.05,
                "unit": "ratio",
                "size": 4.2,
                "explanation": "a centre of offices",
            }
        ],
        "indicators": [{"name": "wage factor", "value": 0.74, "unit": "factor", "known": "at most 0.87"}],
        "network_fit": [
            {"mode": "road", "half": "fitted", "pairs": 39, "median_error": 0.046, "p90": 0.12, "goal": 0.06}
        ],
        "notes": ["The baseline holds to 1e-13."],
    }


def barely_changed(found: Sample, part: float) -> Sample:
    """The same tables, whose every figure changes by so small a part of it only, gains by that of their income."""

    def near(frame: pd.DataFrame) -> pd.DataFrame:
        gains = frame["variable"].str.startswith("equivalent_variation")
        pays = frame["variable"].isin(["cost", "budget"])
        sign = np.where(np.arange(len(frame)) % 2, -1.0, 1.0)
        income = 100 * frame["value"] / frame["change_pct"]
        value = frame["baseline"] * (1 + sign * part)
        return frame.assign(
            value=value.mask(gains, sign * part * income).mask(pays, 0.0), change_pct=(100 * part * sign)
        ).assign(change_pct=lambda f: f["change_pct"].mask(pays))

    return replace(found, regions=near(found.regions), jurisdictions=near(found.jurisdictions))


def squares(places: pd.DataFrame) -> dict:
    """One square a place, in a row; rings clockwise."""
    features = []
    for n, code in enumerate(places["region"]):
        west, east, south, north = 116 + n, 117 + n, 39, 40
        ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "id": code, "properties": {"code": code}, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def small_sample() -> Sample:
    """The small places' results."""
    regions = region_table(small_places())
    return Sample(regions, jurisdiction_table(regions, governments()), run_record())
