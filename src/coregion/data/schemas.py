"""The columns of each table of a study, declared from the register; ranges wide enough for any region on Earth."""

from __future__ import annotations

from collections.abc import Sequence

from coregion.data.tables import Column
from coregion.variables import variable

GROUPS_OF_SECTORS = ("primary", "secondary", "tertiary")
PERCENTS = tuple(f"{group}_percent" for group in GROUPS_OF_SECTORS)
CARRIERS = ("trade", "travel")
HUNDRED_MILLION = 1e8
GDP_PER_HEAD = (1_000.0, 3_000_000.0)
DENSITY = (0.01, 200_000.0)


def observed(name: str, variable_name: str = "", factor: float = 1.0, unit: str = "", **options) -> Column:
    """A column of numbers of a registered variable, with its unit and admissible range."""
    entry = variable(variable_name or name)
    return Column(
        name,
        "number",
        entry.name,
        unit or entry.unit,
        factor,
        entry.minimum / factor,
        entry.maximum / factor,
        **options,
    )


def _names() -> tuple[Column, ...]:
    return Column("code", "code"), Column("name_en", "text"), Column("name_zh", "text")


def _people(sectors: Sequence[str]) -> tuple[Column, ...]:
    """Persons by sector: 'blank' cells of the source count nobody."""
    by_sector = (observed(f"employed_{sector}", "employed_by_sector", blank=0.0) for sector in sectors)
    return (observed("employed", "employed_residents"), *by_sector, observed("public_employed", blank=0.0))


def _residents(groups: Sequence[str]) -> tuple[Column, ...]:
    """All residents, and those of each group but the first."""
    return (observed("residents"), *(observed(f"residents_{group}", "residents") for group in groups))


def _place() -> tuple[Column, ...]:
    return observed("longitude"), observed("latitude")


def _shares() -> tuple[Column, ...]:
    return tuple(Column(name, unit="%", minimum=0, maximum=100) for name in PERCENTS)


def region_columns(sectors: Sequence[str], groups: Sequence[str]) -> tuple[Column, ...]:
    """regions.csv: one row a region of the study."""
    return (
        *_names(),
        Column("prefecture", "code"),
        Column("province", "code"),
        *_place(),
        observed("area_km2", "area"),
        *_residents(groups),
        observed("migrants_same_county"),
        observed("migrants_same_province"),
        observed("migrants_other_province"),
        observed("floor_area_per_person_m2", "floor_area_per_person"),
        *_people(sectors),
        Column("zones_merged", minimum=0, maximum=100, required=False),
    )


def prefecture_columns() -> tuple[Column, ...]:
    """prefectures.csv: one row a jurisdiction of the second level."""
    return (
        *_names(),
        Column("province", "code"),
        observed("gdp_100m_yuan", "gross_domestic_product", HUNDRED_MILLION, "100 million yuan"),
        *_shares(),
        observed("average_wage_yuan", "average_wage"),
    )


def province_columns() -> tuple[Column, ...]:
    """provinces.csv: one row a jurisdiction of the first level, with its official totals."""
    return (
        *_names(),
        observed("residents"),
        observed("gdp_100m_yuan", "gross_domestic_product", HUNDRED_MILLION, "100 million yuan"),
    )


def external_columns(sectors: Sequence[str], groups: Sequence[str]) -> tuple[Column, ...]:
    """external.csv: one row a region outside, down to the rest of the world."""
    return (
        *_names(),
        Column("capital", "text", required=False, blank=0.0),
        *_place(),
        *_residents(groups),
        observed("gdp_100m_yuan", "gross_domestic_product", HUNDRED_MILLION, "100 million yuan"),
        *_shares(),
        *_people(sectors),
    )


def sector_columns() -> tuple[Column, ...]:
    """sectors.csv: one row a market sector, with its elasticities and the priors of its cost shares."""
    share = {"unit": "share", "minimum": 0, "maximum": 1}
    return (
        *_names(),
        Column("group", "code"),
        Column("census_industries", "text", required=False, blank=0.0),
        Column("carried_by", "text"),
        Column("trade_elasticity", unit="elasticity", minimum=0.5, maximum=70),
        Column("trade_decay", unit="exponent of relative minutes", minimum=0, maximum=5),
        Column("trade_border_wedge", unit="factor", minimum=1, maximum=100),
        Column("value_added_share", **share),
        Column("labour_share", **share),
        Column("floor_space_share", **share),
        Column("capital_share", **share),
        Column("national_value_added_100m_yuan", unit="100 million yuan", factor=HUNDRED_MILLION, minimum=0),
        Column("national_employment_10k", unit="10,000 persons", factor=1e4, minimum=0),
        Column("value_added_per_worker_yuan", unit="yuan a year", minimum=100, maximum=1e8),
    )


def input_columns(sectors: Sequence[str]) -> tuple[Column, ...]:
    """input_output.csv: rows sell, columns buy; the row value_added closes each column."""
    return (
        Column("seller", "code"),
        *(Column(sector, unit="yuan per yuan of output", minimum=0, maximum=1) for sector in sectors),
    )
