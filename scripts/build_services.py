"""Rebuild services.csv and facilities.csv of the bundled study: schools, hospitals, vocational training, elderly care.

    python scripts/build_services.py [SOURCE_FOLDER]

No open table by county of places in schools, hospitals or care homes is known. What a county has of education and
health is taken from the census (residents who work there); totals by province are recalled, care homes follow published
rates by city. Every figure below is recalled or assumed, and SOURCES.md of the study says which.
"""

from __future__ import annotations

from collections import defaultdict

from build_jingjinji import persons, rows, source_folder, write

# code: English, Chinese, unit of capacity, minutes to the end of the last zone, part open to the same and to another
# province, rationed, take-up, staff a user, part of a group's valuation (under 60, 60 and over)
SERVICES = {
    "school": ("Schools", "中小学与幼儿园", "education workers", 30, 0.9, 0.6, 0, 0.0, 0.0, 0.5, 0.0),
    "hospital": ("Hospitals", "医院", "beds", 90, 0.95, 0.75, 0, 0.0, 0.0, 0.4, 0.5),
    "vocational": ("Vocational colleges", "职业院校", "students", 90, 0.95, 0.8, 0, 0.0, 0.0, 0.1, 0.0),
    "care": ("Elderly care homes", "养老机构", "beds", 30, 0.8, 0.3, 1, 1.0, 0.35, 0.0, 0.5),
}

HOSPITAL_BEDS = {"11": 127_000, "12": 68_000, "13": 442_000}
VOCATIONAL_STUDENTS = {"11": 150_000, "12": 280_000, "13": 1_430_000}

# Beds in care homes per 1,000 people of 65 and over: China, the 13 cities over China, Beijing, Langfang over China.
BEDS_CHINA, BEDS_13_CITIES, BEDS_BEIJING, BEDS_LANGFANG = 23.86, 0.939, 31.72, 1.27
BEIJING, LANGFANG = "1101", "1310"
OCCUPANCY, OCCUPANCY_ELSEWHERE = {BEIJING: 0.45, LANGFANG: 0.40}, 0.42

HOSPITAL_USE_60 = 3.0  # days in hospital of a person of 60 and over to those of a younger one
TRAINED = 0.1  # of people of 15 to 59 without a degree, in vocational training
SEEK_CARE, SEEK_CARE_80 = 0.006, 0.030  # of people of 60 to 79, of 80 and over; scaled to the places in use


def number(county: dict[str, str], column: str) -> float:
    return float(county[column])


def care_beds_rate(counties: list[dict[str, str]]) -> dict[str, float]:
    """Beds per person of 65 and over by prefecture: published for two, one rate that gives the mean for the others."""
    older: dict[str, float] = defaultdict(float)
    for county in counties:
        older[county["prefecture_code"]] += number(county, "pop_65plus")
    known = {BEIJING: BEDS_BEIJING, LANGFANG: BEDS_LANGFANG * BEDS_CHINA}
    beds = BEDS_13_CITIES * BEDS_CHINA * sum(older.values()) - sum(rate * older[code] for code, rate in known.items())
    others = beds / sum(people for code, people in older.items() if code not in known)
    return {code: known.get(code, others) / 1000 for code in older}


def services() -> list[dict]:
    keys = (
        "name_en", "name_zh", "unit", "catchment_minutes", "same_province", "other_province", "rationed", "take_up",
        "staff_per_user", "value_under_60", "value_60_and_over",
    )  # fmt: skip
    return [{"code": code, **dict(zip(keys, row, strict=True))} for code, row in SERVICES.items()]


def untrained(county: dict[str, str]) -> float:
    """People of 15 to 59 without a degree."""
    of_age = number(county, "population_2020") - number(county, "pop_0_14") - number(county, "pop_60plus")
    return max(of_age - number(county, "college_plus"), 0.1 * of_age)


def facilities(counties: list[dict[str, str]]) -> list[dict]:
    """A row a county and service; people who work in health or education share out the totals of a province."""
    rate = care_beds_rate(counties)
    health: dict[str, int] = defaultdict(int)
    education: dict[str, int] = defaultdict(int)
    for county in counties:
        health[county["prefecture_code"][:2]] += persons(county["emp_sample_health"])
        education[county["prefecture_code"][:2]] += persons(county["emp_sample_education"])
    table = []
    for county in sorted(counties, key=lambda county: county["adcode"]):
        city = county["prefecture_code"]
        province = city[:2]
        older = number(county, "pop_60plus")
        under_60 = number(county, "population_2020") - older
        beds = rate[city] * number(county, "pop_65plus")
        taught, cured = persons(county["emp_sample_education"]), persons(county["emp_sample_health"])
        seek = SEEK_CARE * (older - number(county, "pop_80plus")) + SEEK_CARE_80 * number(county, "pop_80plus")
        for code, capacity, younger, elder, occupied in (
            ("school", taught, number(county, "pop_0_14"), "", ""),
            ("hospital", HOSPITAL_BEDS[province] * cured / health[province], under_60, HOSPITAL_USE_60 * older, ""),
            (
                "vocational",
                VOCATIONAL_STUDENTS[province] * taught / education[province],
                TRAINED * untrained(county),
                "",
                "",
            ),
            ("care", beds, "", seek, OCCUPANCY.get(city, OCCUPANCY_ELSEWHERE) * beds),
        ):
            row = {"capacity": capacity, "users_under_60": younger, "users_60_and_over": elder, "occupied": occupied}
            told = {key: value if value == "" else f"{value:.1f}" for key, value in row.items()}
            table.append({"region": county["adcode"], "service": code, **told})
    return table


def main() -> None:
    folder = source_folder()
    if not folder.is_dir():
        raise SystemExit(f"no folder {folder}: name the folder of the source figures, or set COREGION_SOURCES")
    write("services.csv", services())
    write("facilities.csv", facilities(rows(folder / "counties.csv")))


if __name__ == "__main__":
    main()
