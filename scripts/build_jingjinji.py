"""Rebuild the tables of the bundled study from the collected source figures.

    python scripts/build_jingjinji.py [SOURCE_FOLDER]

SOURCE_FOLDER defaults to the environment variable COREGION_SOURCES, then to ../shared/data/jingjinji beside the
repository. SOURCES.md of the study names the publication behind every column.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import jingjinji_assumed as assumed

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "src" / "coregion" / "studies" / "jingjinji"
PROVINCE_CODES = {"Beijing": ("11", "北京市"), "Tianjin": ("12", "天津市"), "Hebei": ("13", "河北省")}
CENSUS_TOTALS = {"11": 21_893_095, "12": 13_866_009, "13": 74_610_235}


def source_folder() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    return Path(os.environ.get("COREGION_SOURCES", ROOT.parent / "shared" / "data" / "jingjinji"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, table: list[dict]) -> None:
    with (STUDY / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    print(f"{name}: {len(table)} rows")


def persons(sample: str) -> int:
    """Ten times a cell of the 10 % sample; a blank cell of the source means that nobody was found."""
    return 10 * int(float(sample)) if sample not in ("", "NaN") else 0


def regions(counties: list[dict[str, str]]) -> list[dict]:
    """One row a county: place, residents, migrants, employed residents by sector."""
    names = [county["name_en"] for county in counties]
    table = []
    for county in counties:
        twice = names.count(county["name_en"]) > 1
        row = {
            "code": county["adcode"],
            "name_en": f"{county['name_en']} ({county['prefecture_en']})" if twice else county["name_en"],
            "name_zh": f"{county['name_zh']}（{county['prefecture_zh']}）" if twice else county["name_zh"],
            "prefecture": county["prefecture_code"],
            "province": county["prefecture_code"][:2],
            "longitude": county["lon"],
            "latitude": county["lat"],
            "area_km2": county["area_km2"],
            "residents": int(county["population_2020"]),
            "residents_60_and_over": int(float(county["pop_60plus"])),
            "migrants_same_county": int(float(county["mig_same_county"])),
            "migrants_same_province": int(float(county["mig_same_province"])),
            "migrants_other_province": int(float(county["mig_other_province"])),
            "floor_area_per_person_m2": county["floor_area_per_capita_m2"],
            "employed": persons(county["emp_sample_total"]),
        }
        for code, sector in assumed.SECTORS.items():
            row[f"employed_{code}"] = sum(persons(county[f"emp_sample_{i}"]) for i in sector[3].split())
        row["public_employed"] = sum(persons(county[f"emp_sample_{i}"]) for i in assumed.PUBLIC_INDUSTRIES.split())
        row["zones_merged"] = int(county["n_zones_merged"])
        table.append(row)
    return sorted(table, key=lambda row: row["code"])


def prefectures(official: list[dict[str, str]], counties: list[dict[str, str]]) -> list[dict]:
    chinese = {county["prefecture_code"]: county["prefecture_zh"] for county in counties}
    return [
        {
            "code": row["prefecture_code"],
            "name_en": row["name_en"],
            "name_zh": chinese[row["prefecture_code"]],
            "province": row["prefecture_code"][:2],
            "gdp_100m_yuan": float(row["gdp_2020_100m_yuan"]),
            "primary_percent": float(row["primary_pct"]),
            "secondary_percent": float(row["secondary_pct"]),
            "tertiary_percent": float(row["tertiary_pct"]),
            "average_wage_yuan": float(row["average_wage_2020_yuan"]),
        }
        for row in official
    ]


def provinces(official: list[dict[str, str]]) -> list[dict]:
    table = []
    for row in official:
        if row["province"] in PROVINCE_CODES:
            code, chinese = PROVINCE_CODES[row["province"]]
            table.append(
                {
                    "code": code,
                    "name_en": row["province"],
                    "name_zh": chinese,
                    "residents": CENSUS_TOTALS[code],
                    "gdp_100m_yuan": float(row["gdp_2020_100m_yuan"]),
                }
            )
    return table


def employed_outside(employed: float, shares: dict[str, float], parts: dict[str, dict[str, float]]) -> dict[str, int]:
    """Persons by sector so that jobs × national value added per worker give the sectors' shares of each group.

    shares: of the three groups in GDP. parts: of each sector (and of public administration) in its group.
    """
    product = {code: (sector[10], sector[11]) for code, sector in assumed.SECTORS.items()}
    product["public"] = (assumed.PUBLIC_VALUE_ADDED, assumed.PUBLIC_EMPLOYMENT)
    weight = {
        code: shares[group] * part * product[code][1] / product[code][0]
        for group, members in parts.items()
        for code, part in members.items()
    }
    total = sum(weight.values())
    return {code: round(employed * value / total) for code, value in weight.items()}


def national_parts() -> dict[str, dict[str, float]]:
    """Each sector's part of its group's national value added."""
    groups: dict[str, dict[str, float]] = {"primary": {}, "secondary": {}, "tertiary": {}}
    for code, sector in assumed.SECTORS.items():
        groups[sector[2]][code] = sector[10]
    groups["tertiary"]["public"] = assumed.PUBLIC_VALUE_ADDED
    return {
        group: {code: value / sum(members.values()) for code, value in members.items()}
        for group, members in groups.items()
    }


def outside_row(code, names, place, residents, gdp, shares, parts, rate, share_60) -> dict:
    people = employed_outside(rate * residents, dict(zip(parts, shares, strict=True)), parts)
    sectors = {f"employed_{sector}": people[sector] for sector in assumed.SECTORS}
    return {
        "code": code,
        "name_en": names[0],
        "name_zh": names[1],
        "capital": place[0],
        "longitude": place[1],
        "latitude": place[2],
        "residents": round(residents),
        "residents_60_and_over": round(share_60 * residents),
        "gdp_100m_yuan": round(gdp, 1),
        "primary_percent": round(shares[0], 2),
        "secondary_percent": round(shares[1], 2),
        "tertiary_percent": round(shares[2], 2),
        "employed": sum(people.values()),
        **sectors,
        "public_employed": people["public"],
    }


def external(official: list[dict[str, str]]) -> list[dict]:
    """The other provinces of the mainland and, as ROW, the world without it."""
    parts = national_parts()
    table = []
    for row in official:
        if row["province"] in PROVINCE_CODES:
            continue
        code, english, chinese, capital, east, north, primary, secondary = assumed.PROVINCES[row["province"]]
        table.append(
            outside_row(
                code, (english, chinese), (capital, east, north),
                1e4 * float(row["population_2020_10k"]), float(row["gdp_2020_100m_yuan"]),
                (primary, secondary, 100 - primary - secondary),
                parts, assumed.NATIONAL_EMPLOYMENT_RATE, assumed.NATIONAL_SHARE_60,
            )
        )  # fmt: skip
    table.sort(key=lambda row: row["code"])
    primary, secondary = assumed.REST_PRIMARY, assumed.REST_SECONDARY
    gdp = (assumed.WORLD_GDP - assumed.CHINA_GDP) * assumed.YUAN_PER_DOLLAR * 1e4
    table.append(
        outside_row(
            "ROW", ("Rest of the world", "世界其他地区"), assumed.REST_GATEWAY,
            assumed.WORLD_POPULATION - assumed.CHINA_POPULATION, gdp, (primary, secondary, 100 - primary - secondary),
            {**parts, "secondary": assumed.REST_SECONDARY_PARTS}, assumed.REST_EMPLOYMENT_RATE, assumed.REST_SHARE_60,
        )
    )  # fmt: skip
    return table


def sectors() -> list[dict]:
    table = []
    for code, sector in assumed.SECTORS.items():
        english, chinese, group, industries, theta, psi, wedge, value_added, labour, floor, product, jobs = sector
        table.append(
            {
                "code": code,
                "name_en": english,
                "name_zh": chinese,
                "group": group,
                "census_industries": industries,
                "carried_by": "travel" if code in assumed.CARRIED_BY_TRAVELLERS else "trade",
                "trade_elasticity": theta,
                "trade_decay": psi,
                "trade_border_wedge": wedge,
                "value_added_share": value_added,
                "labour_share": labour,
                "floor_space_share": floor,
                "capital_share": round(1 - labour - floor, 10),
                "national_value_added_100m_yuan": product,
                "national_employment_10k": jobs,
                "value_added_per_worker_yuan": round(1e4 * product / jobs),
            }
        )
    return table


def input_output() -> list[dict]:
    """Rows: sector that sells; columns: sector that buys; last row the value-added share. Columns sum to 1."""
    codes = list(assumed.SECTORS)
    table = [
        {"seller": seller, **{buyer: assumed.INPUTS[buyer][position] for buyer in codes}}
        for position, seller in enumerate(codes)
    ]
    table.append({"seller": "value_added", **{buyer: assumed.SECTORS[buyer][7] for buyer in codes}})
    for buyer in codes:
        total = sum(row[buyer] for row in table)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"inputs and value added of {buyer} sum to {total}")
    return table


def main() -> None:
    folder = source_folder()
    if not folder.is_dir():
        raise SystemExit(f"no folder {folder}: name the folder of the source figures, or set COREGION_SOURCES")
    counties, official = rows(folder / "counties.csv"), rows(folder / "provinces.csv")
    STUDY.mkdir(parents=True, exist_ok=True)
    write("regions.csv", regions(counties))
    write("prefectures.csv", prefectures(rows(folder / "prefectures.csv"), counties))
    write("provinces.csv", provinces(official))
    write("external.csv", external(official))
    write("sectors.csv", sectors())
    write("input_output.csv", input_output())


if __name__ == "__main__":
    main()
