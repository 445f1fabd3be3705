"""Checks across the tables of a study: codes join exactly, sums agree, units are plausible."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coregion.data.schemas import CARRIERS, DENSITY, GDP_PER_HEAD, GROUPS_OF_SECTORS, PERCENTS
from coregion.data.settings import Settings
from coregion.data.tables import Table, unknown_codes
from coregion.errors import Mistake

Tables = Mapping[str, Table]
VALUE_ADDED_ROW = "value_added"
LEVELS_OF_GDP = (0.8, 1.25)
LABOUR_SHARES = (0.08, 1.5)
WAYS_TO_CHECK = "Check the unit and the decimal point."


def consistency_mistakes(tables: Tables, settings: Settings) -> list[Mistake]:
    """Everything that no single table can tell, in one list. tables: by their key in study.toml."""
    return [
        *_joins(tables),
        *_people(tables["regions"], settings),
        *_people(tables["external"], settings),
        *_sums_by_province(tables),
        *_density(tables["regions"]),
        *(_gdp_per_head(tables) or [*_levels_of_gdp(tables), *_wages(tables, settings)]),
        *_percents(tables["prefectures"]),
        *_percents(tables["external"]),
        *_sectors(tables["sectors"]),
        *_inputs(tables["input_output"], tables["sectors"]),
        *_elasticities(tables["sectors"], settings),
        *_codes_of_settings(tables, settings),
    ]


def _joins(tables: Tables) -> list[Mistake]:
    regions, prefectures, provinces = tables["regions"], tables["prefectures"], tables["provinces"]
    external = tables["external"]
    mistakes = unknown_codes(regions, "prefecture", prefectures.text("code"), prefectures.file)
    mistakes += unknown_codes(regions, "province", provinces.text("code"), provinces.file)
    mistakes += unknown_codes(prefectures, "province", provinces.text("code"), provinces.file)
    province_of = dict(zip(prefectures.text("code"), prefectures.text("province"), strict=True))
    for row, (prefecture, province) in enumerate(
        zip(regions.text("prefecture"), regions.text("province"), strict=True)
    ):
        if prefecture in province_of and province != province_of[prefecture]:
            expected = f"'{province_of[prefecture]}', the province of prefecture '{prefecture}'"
            mistakes.append(regions.mistake(row, "province", f"'{province}'", expected))
    for table, used in ((prefectures, regions.text("prefecture")), (provinces, regions.text("province"))):
        for row, code in enumerate(table.text("code")):
            if code not in used:
                expected = f"at least one row of {regions.file} in it"
                mistakes.append(table.mistake(row, "code", f"'{code}' without a region", expected))
    inside = {*regions.text("code"), *prefectures.text("code"), *provinces.text("code")}
    for row, code in enumerate(external.text("code")):
        if code in inside:
            mistakes.append(
                external.mistake(row, "code", f"'{code}' inside the study too", "codes of the outside only")
            )
    return mistakes


def _people(table: Table, settings: Settings) -> list[Mistake]:
    """Groups, migrants and workers are parts of the residents; workers by sector sum to all workers."""
    residents, employed = table.number("residents"), table.number("employed")
    others = [f"residents_{group.code}" for group in settings.groups[1:]]
    sectors = [name for name in table.columns if name.startswith("employed_")]
    by_sector = table.numbers([*sectors, "public_employed"]).sum(axis=1)
    mistakes = []
    for row in range(len(table)):
        for name in others:
            if table.number(name)[row] > residents[row]:
                mistakes.append(
                    table.mistake(
                        row, name, f"{table.number(name)[row]:.0f}", f"at most residents, {residents[row]:.0f}"
                    )
                )
        if employed[row] > residents[row]:
            mistakes.append(
                table.mistake(row, "employed", f"{employed[row]:.0f}", f"at most residents, {residents[row]:.0f}")
            )
        if abs(by_sector[row] - employed[row]) > 0.5:
            found = f"{employed[row]:.0f} employed, but sectors and public_employed sum to {by_sector[row]:.0f}"
            mistakes.append(table.mistake(row, "employed", found, "the same number"))
    if "migrants_same_county" in table.columns:
        moved = table.numbers(["migrants_same_province", "migrants_other_province"]).sum(axis=1)
        for row in np.flatnonzero(moved >= residents).tolist():
            found = f"{moved[row]:.0f} migrants into the county"
            mistakes.append(
                table.mistake(row, "migrants_other_province", found, f"fewer than residents, {residents[row]:.0f}")
            )
    return mistakes


def _sums_by_province(tables: Tables) -> list[Mistake]:
    """County sums are the official totals, to the person."""
    regions, provinces = tables["regions"], tables["provinces"]
    members = np.array(regions.text("province"))
    mistakes = []
    for row, (code, total) in enumerate(zip(provinces.text("code"), provinces.number("residents"), strict=True)):
        found = regions.number("residents")[members == code].sum()
        if np.isfinite(found) and np.isfinite(total) and abs(found - total) > 0.5:
            remedy = f"A row of {regions.file} is missing, doubled or wrong."
            mistakes.append(
                provinces.mistake(row, "residents", f"{total:.0f}", f"{found:.0f}, the sum of its regions", remedy)
            )
    return mistakes


def _density(regions: Table) -> list[Mistake]:
    low, high = DENSITY
    density = regions.number("residents") / regions.number("area_km2")
    return [
        regions.mistake(row, "area_km2", f"{density[row]:g} residents per km²", f"{low:g} to {high:g}", WAYS_TO_CHECK)
        for row in np.flatnonzero((density < low) | (density > high)).tolist()
    ]


def _gdp_per_head(tables: Tables) -> list[Mistake]:
    """GDP over residents within what any region on Earth has: a wrong unit stands out by powers of ten."""
    regions = tables["regions"]
    residents = regions.number("residents")
    mistakes = []
    for key, column in (("prefectures", "prefecture"), ("provinces", "province")):
        members = np.array(regions.text(column))
        people = np.array([residents[members == code].sum() for code in tables[key].text("code")])
        mistakes += _implausible(tables[key], people)
    return mistakes + _implausible(tables["external"], tables["external"].number("residents"))


def _levels_of_gdp(tables: Tables) -> list[Mistake]:
    """What prefectures sum to, over the province's own figure: published levels differ, but by per cents."""
    prefectures, provinces = tables["prefectures"], tables["provinces"]
    of, low_high = np.array(prefectures.text("province")), LEVELS_OF_GDP
    mistakes = []
    for row, code in enumerate(provinces.text("code")):
        total = prefectures.number("gdp_100m_yuan")[of == code].sum()
        official = provinces.number("gdp_100m_yuan")[row]
        if np.isfinite(total) and np.isfinite(official) and not low_high[0] <= total / official <= low_high[1]:
            found = f"{official / 1e8:g}, where the prefectures sum to {total / 1e8:g}"
            expected = f"a sum of {low_high[0]:g} to {low_high[1]:g} of it"
            mistakes.append(provinces.mistake(row, "gdp_100m_yuan", found, expected, WAYS_TO_CHECK))
    return mistakes


def _wages(tables: Tables, settings: Settings) -> list[Mistake]:
    """Published wage × employed residents over GDP, times the one factor that gives the median ``labour_share_target``.

    Commuters apart that is the labour share of the prefecture, which no baseline can take far beyond (0, 1).
    """
    regions, prefectures = tables["regions"], tables["prefectures"]
    of, employed = np.array(regions.text("prefecture")), regions.number("employed")
    people = np.array([employed[of == code].sum() for code in prefectures.text("code")])
    wage, gdp = prefectures.number("average_wage_yuan"), prefectures.number("gdp_100m_yuan")
    known = np.isfinite(wage * people * gdp) & (gdp > 0)
    share = np.where(known, wage * people / np.where(known, gdp, 1.0), np.nan)
    middle = np.median(share[known]) if known.any() else np.nan
    labour = settings.parameters["labour_share_target"].value * share / middle
    low, high = LABOUR_SHARES
    return [
        prefectures.mistake(
            row,
            "average_wage_yuan",
            f"{wage[row]:g}, with which labour would have {labour[row]:.2g} of GDP",
            f"a wage that gives {low:g} to {high:g}",
            "The column is in yuan a year.",
        )
        for row in np.flatnonzero(known & ~((labour >= low) & (labour <= high))).tolist()
    ]


def _implausible(table: Table, people: np.ndarray) -> list[Mistake]:
    low, high = GDP_PER_HEAD
    gdp = table.number("gdp_100m_yuan")
    mistakes = []
    for row in range(len(table)):
        per_head = gdp[row] / people[row] if people[row] > 0 else np.nan
        if np.isfinite(per_head) and not low <= per_head <= high:
            found = f"{gdp[row] / 1e8:g}, which is {per_head:.3g} yuan per resident"
            remedy = "The column is in 100 million yuan: a figure in yuan must be divided by 100,000,000."
            mistakes.append(
                table.mistake(row, "gdp_100m_yuan", found, f"{low:,.0f} to {high:,.0f} per resident", remedy)
            )
    return mistakes


def _percents(table: Table) -> list[Mistake]:
    total = table.numbers(PERCENTS).sum(axis=1)
    return [
        table.mistake(row, PERCENTS[-1], f"shares that sum to {total[row]:g} %", "100 %", "Are they fractions?")
        for row in np.flatnonzero(np.abs(total - 100) > 1).tolist()
    ]


def _sectors(sectors: Table) -> list[Mistake]:
    total = sectors.numbers(["labour_share", "floor_space_share", "capital_share"]).sum(axis=1)
    mistakes = [
        sectors.mistake(row, "capital_share", f"shares of value added that sum to {total[row]:g}", "1")
        for row in np.flatnonzero(np.abs(total - 1) > 1e-9).tolist()
    ]
    mistakes += unknown_codes(sectors, "carried_by", CARRIERS, "the purposes of travel")
    return mistakes + unknown_codes(sectors, "group", GROUPS_OF_SECTORS, "the three groups")


def _inputs(inputs: Table, sectors: Table) -> list[Mistake]:
    codes = sectors.text("code")
    sellers = inputs.text("seller")
    mistakes = unknown_codes(inputs, "seller", (*codes, VALUE_ADDED_ROW), sectors.file)
    missing = [code for code in (*codes, VALUE_ADDED_ROW) if code not in sellers]
    mistakes += [
        Mistake(f"no row '{code}'", "a row for every sector and value_added", "", inputs.file, None, "seller")
        for code in missing
    ]
    if mistakes:
        return mistakes
    closing = sellers.index(VALUE_ADDED_ROW)
    for position, code in enumerate(codes):
        column = inputs.number(code)
        if abs(column.sum() - 1) > 1e-9:
            found = f"a column that sums to {column.sum():.10g}"
            mistakes.append(inputs.mistake(closing, code, found, "inputs and value added that sum to 1"))
        share = sectors.number("value_added_share")[position]
        if abs(column[closing] - share) > 1e-12:
            found, expected = f"{column[closing]:g}", f"{share:g}, value_added_share of {sectors.file}"
            mistakes.append(inputs.mistake(closing, code, found, expected))
    return mistakes


def _elasticities(sectors: Table, settings: Settings) -> list[Mistake]:
    """θ_s (ψ + ζ) ≤ 1: beyond it agglomeration runs away."""
    spill = settings.parameters["agglomeration_elasticity"].value + settings.parameters["entry_elasticity"].value
    theta = sectors.number("trade_elasticity") * settings.parameters["trade_elasticity_scale"].value
    return [
        sectors.mistake(
            row,
            "trade_elasticity",
            f"θ(ψ + ζ) = {theta[row] * spill:.3g}",
            "at most 1",
            "Lower trade_elasticity, or agglomeration_elasticity or entry_elasticity in study.toml.",
        )
        for row in np.flatnonzero(theta * spill > 1).tolist()
    ]


def _codes_of_settings(tables: Tables, settings: Settings) -> list[Mistake]:
    """Codes that study.toml speaks of exist."""
    places = {code for key in ("regions", "prefectures", "provinces", "external") for code in tables[key].text("code")}
    mistakes = []
    for name, parameter in settings.parameters.items():
        for code in parameter.by:
            if code not in places:
                line = settings.lines.get(name)
                expected = "a code of a region, prefecture, province or external region"
                mistakes.append(Mistake(f"unknown code '{code}'", expected, "", "study.toml", line, "by"))
    for name, place in settings.places.items():
        for code in set(place.members) - places:
            expected = "a code of a region, prefecture, province or external region"
            mistakes.append(Mistake(f"unknown code '{code}'", expected, "", "study.toml", None, f"places.{name}"))
        if name in places:
            mistakes.append(Mistake(f"places.{name}", "a name that is no code", "", "study.toml", None, name))
    for entry in settings.known:
        if entry.place not in places:
            expected = "a code of a region, prefecture, province or external region"
            mistakes.append(Mistake(f"unknown code '{entry.place}'", expected, "", "study.toml", None, "known.place"))
    for payer in settings.payers:
        for code in payer.borne_by_all_except or ():
            if code not in places:
                mistakes.append(
                    Mistake(
                        f"unknown code '{code}' of payer '{payer.code}'",
                        "a known code",
                        "",
                        "study.toml",
                        None,
                        "payers",
                    )
                )
        if payer.borne_by_all_except is None and payer.code not in places:
            expected = "the code of a jurisdiction, or borne_by_all_except"
            mistakes.append(
                Mistake(f"payer '{payer.code}' that is no place", expected, "", "study.toml", None, "payers")
            )
    return mistakes
