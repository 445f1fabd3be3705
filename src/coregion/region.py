"""Region: the codes, jurisdictions, groups, sectors and observed vectors of a study, aligned and validated once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from coregion.data import schemas
from coregion.data.consistency import VALUE_ADDED_ROW, consistency_mistakes
from coregion.data.parameters import Parameter
from coregion.data.settings import Payer, Settings
from coregion.data.tables import Column, Table, read_table
from coregion.errors import InputMistakes, Mistake

Names = Mapping[str, tuple[str, str]]

TRADE_SCALE = "trade_elasticity_scale"
"""The parameter that multiplies θ_s of every sector."""


@dataclass(frozen=True)
class Technology:
    """Sectors' elasticities and prior cost shares, all [sector] but the input coefficients.

    trade_elasticity: θ_s. trade_decay: ψ_s, exponent of relative travel time. trade_border_wedge: iceberg factor
    at a border of first-level jurisdictions. value_added_share: of output. labour_share, floor_space_share,
    capital_share: of value added, they sum to 1. value_added_per_worker: national [yuan a year].
    inputs: [seller, buyer] yuan of the seller's output per yuan of the buyer's.
    carried_by: the purpose whose travel time a sector's trade takes, "trade" (goods) or "travel" (people).
    """

    trade_elasticity: np.ndarray
    trade_decay: np.ndarray
    trade_border_wedge: np.ndarray
    value_added_share: np.ndarray
    labour_share: np.ndarray
    floor_space_share: np.ndarray
    capital_share: np.ndarray
    value_added_per_worker: np.ndarray
    inputs: np.ndarray
    carried_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Region:
    """What was observed, by region: those of the study first, in order of the table, then the external ones.

    prefecture, province: jurisdiction codes of the second and first level; an external region's are its own.
    area [km²], floor_area_per_person [m²], average_wage [yuan a year] and migrants [persons] are NaN outside.
    residents: [group, region] persons; employed_residents, public_employed: [region] persons by residence;
    employed_by_sector: [region, sector], with public_employed they sum to employed_residents.
    prefectures: second-level codes, then the external ones; value_added: [prefectures, 3] yuan a year by group of
    sectors, as published. province_gdp, province_residents: official totals of the first level, by code.
    places: codes of the members of every place that the study names. known: what the study says is known from
    elsewhere, by figure of the calibration and code of the place.
    """

    code: tuple[str, ...]
    name_en: tuple[str, ...]
    name_zh: tuple[str, ...]
    external: np.ndarray
    prefecture: tuple[str, ...]
    province: tuple[str, ...]
    prefecture_name: Names
    province_name: Names
    groups: tuple[str, ...]
    group_name: Names
    group_works: tuple[bool, ...]
    sectors: tuple[str, ...]
    sector_name: Names
    sector_group: tuple[str, ...]
    longitude: np.ndarray
    latitude: np.ndarray
    area: np.ndarray
    residents: np.ndarray
    employed_residents: np.ndarray
    employed_by_sector: np.ndarray
    public_employed: np.ndarray
    migrants_same_county: np.ndarray
    migrants_same_province: np.ndarray
    migrants_other_province: np.ndarray
    floor_area_per_person: np.ndarray
    prefectures: tuple[str, ...]
    value_added: np.ndarray
    average_wage: np.ndarray
    province_gdp: Mapping[str, float]
    province_residents: Mapping[str, float]
    technology: Technology
    parameters: Mapping[str, Parameter]
    payers: tuple[Payer, ...]
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def inside(self) -> int:
        """How many regions belong to the study; they come first."""
        return int((~self.external).sum())

    @property
    def prefecture_index(self) -> np.ndarray:
        """[region] position of each region's prefecture in ``prefectures``."""
        position = {code: index for index, code in enumerate(self.prefectures)}
        return np.array([position[code] for code in self.prefecture])

    def along(self, name: str) -> np.ndarray:
        """A parameter along the regions, [region]: its value for the region, its prefecture, its province, or all."""
        return self.parameters[name].along(self.code, self.prefecture, self.province)

    def payer_regions(self, payer: Payer) -> np.ndarray:
        """[region] whether the residents of a region bear what a payer pays."""
        if payer.borne_by_all_except is not None:
            return ~np.isin(self.code, payer.borne_by_all_except)
        return np.array([payer.code in codes for codes in zip(self.code, self.prefecture, self.province, strict=True)])


def with_parameters(region: Region, parameters: Mapping[str, Parameter]) -> Region:
    """The same observations read with other parameters, some of them or all."""
    merged = {**region.parameters, **parameters}
    factor = merged[TRADE_SCALE].value / region.parameters[TRADE_SCALE].value if TRADE_SCALE in merged else 1.0
    technology = replace(region.technology, trade_elasticity=factor * region.technology.trade_elasticity)
    return replace(region, parameters=merged, technology=technology)


@dataclass(frozen=True)
class GdpDifference:
    """What the prefectures of a province sum to, beside the province's own figure [yuan a year]."""

    province: str
    prefectures: float
    official: float

    @property
    def per_cent(self) -> float:
        """Sum of the prefectures over the official figure, less 1, in per cent."""
        return 100 * (self.prefectures / self.official - 1)


def gdp_differences(region: Region) -> tuple[GdpDifference, ...]:
    """The official figures of the two levels contradict each other: by how much, province by province."""
    province_of = dict(zip(region.prefecture, region.province, strict=True))
    total = region.value_added.sum(axis=1)
    return tuple(
        GdpDifference(
            code, sum(total[i] for i, name in enumerate(region.prefectures) if province_of[name] == code), official
        )
        for code, official in region.province_gdp.items()
    )


CODES = frozenset({"code", "prefecture", "province", "group", "seller"})
"""Columns by which tables join."""


def read_region(folder: Path, settings: Settings) -> Region:
    """The regions of a study; raises InputMistakes with every mistake in its tables."""
    region, mistakes = collect_region(folder, settings)
    if mistakes or region is None:
        raise InputMistakes(mistakes)
    return region


def collect_region(folder: Path, settings: Settings) -> tuple[Region | None, list[Mistake]]:
    """The regions of a study and every mistake in its tables; None where a table cannot be used, or codes do not join.

    With mistakes in figures only, the regions are there for what refers to them to be checked too, not to be computed
    with.
    """
    tables, mistakes = _read_tables(folder, settings)
    if len(tables) < 6:
        return None, mistakes
    mistakes += consistency_mistakes(tables, settings)
    if any(mistake.column in CODES for mistake in mistakes):
        return None, mistakes
    with np.errstate(divide="ignore", invalid="ignore"):
        return _assemble(tables, settings), mistakes


def readable_codes(folder: Path, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of the regions inside and outside as far as their tables can be read, each once."""
    names = settings.tables
    found = (read_table(folder / file, (Column("code", "code"),))[0] for file in (names.regions, names.external))
    inside, outside = ([code for code in table.text("code") if code] if table else [] for table in found)
    return tuple(dict.fromkeys(inside)), tuple(code for code in dict.fromkeys(outside) if code not in inside)


def _read_tables(folder: Path, settings: Settings) -> tuple[dict[str, Table], list[Mistake]]:
    """The six tables of the region by their key in study.toml; without sectors no other table can be read."""
    names = settings.tables
    sectors, mistakes = read_table(folder / names.sectors, schemas.sector_columns(), key="code")
    if sectors is None:
        return {}, mistakes
    codes = sectors.text("code")
    tables = {"sectors": sectors}
    groups = [group.code for group in settings.groups[1:]]
    for key, file, columns, identity in (
        ("regions", names.regions, schemas.region_columns(codes, groups), "code"),
        ("prefectures", names.prefectures, schemas.prefecture_columns(), "code"),
        ("provinces", names.provinces, schemas.province_columns(), "code"),
        ("external", names.external, schemas.external_columns(codes, groups), "code"),
        ("input_output", names.input_output, schemas.input_columns(codes), "seller"),
    ):
        table, found = read_table(folder / file, columns, key=identity)
        mistakes += found
        if table is not None:
            tables[key] = table
    return tables, mistakes


def _names(table: Table) -> Names:
    return dict(zip(table.text("code"), zip(table.text("name_en"), table.text("name_zh"), strict=True), strict=True))


def _assemble(tables: Mapping[str, Table], settings: Settings) -> Region:
    inside, outside, sectors = tables["regions"], tables["external"], tables["sectors"]
    prefectures, provinces = tables["prefectures"], tables["provinces"]
    unknown = np.full(len(outside), np.nan)
    own = outside.text("code")

    def both(name: str) -> np.ndarray:
        return np.concatenate([inside.number(name), outside.number(name)])

    def inner(name: str) -> np.ndarray:
        return np.concatenate([inside.number(name), unknown])

    return Region(
        code=inside.text("code") + own,
        name_en=inside.text("name_en") + outside.text("name_en"),
        name_zh=inside.text("name_zh") + outside.text("name_zh"),
        external=np.repeat([False, True], [len(inside), len(outside)]),
        prefecture=inside.text("prefecture") + own,
        province=inside.text("province") + own,
        prefecture_name={**_names(prefectures), **_names(outside)},
        province_name={**_names(provinces), **_names(outside)},
        groups=tuple(group.code for group in settings.groups),
        group_name={group.code: (group.name_en, group.name_zh) for group in settings.groups},
        group_works=tuple(group.works for group in settings.groups),
        sectors=sectors.text("code"),
        sector_name=_names(sectors),
        sector_group=sectors.text("group"),
        longitude=both("longitude"),
        latitude=both("latitude"),
        area=inner("area_km2"),
        residents=_residents_by_group(both, settings),
        employed_residents=both("employed"),
        employed_by_sector=np.column_stack([both(f"employed_{sector}") for sector in sectors.text("code")]),
        public_employed=both("public_employed"),
        migrants_same_county=inner("migrants_same_county"),
        migrants_same_province=inner("migrants_same_province"),
        migrants_other_province=inner("migrants_other_province"),
        floor_area_per_person=inner("floor_area_per_person_m2"),
        prefectures=prefectures.text("code") + own,
        value_added=np.concatenate([_value_added(prefectures), _value_added(outside)]),
        average_wage=np.concatenate([prefectures.number("average_wage_yuan"), unknown]),
        province_gdp=dict(zip(provinces.text("code"), provinces.number("gdp_100m_yuan").tolist(), strict=True)),
        province_residents=dict(zip(provinces.text("code"), provinces.number("residents").tolist(), strict=True)),
        technology=_technology(sectors, tables["input_output"], settings.parameters),
        parameters=settings.parameters,
        payers=settings.payers,
        places={name: place.members for name, place in settings.places.items()},
        known={(entry.figure, entry.place): entry.text for entry in settings.known},
    )


def _residents_by_group(both, settings: Settings) -> np.ndarray:
    """[group, region] persons: the columns of the later groups, and in the first everybody else."""
    others = [both(f"residents_{group.code}") for group in settings.groups[1:]]
    return np.stack([both("residents") - sum(others, np.zeros_like(both("residents"))), *others])


def _value_added(table: Table) -> np.ndarray:
    """[row, 3] yuan a year; the published shares are scaled to sum to 1."""
    shares = table.numbers(schemas.PERCENTS)
    return table.number("gdp_100m_yuan")[:, None] * shares / shares.sum(axis=1, keepdims=True)


def _technology(sectors: Table, inputs: Table, parameters: Mapping[str, Parameter]) -> Technology:
    codes, sellers = sectors.text("code"), inputs.text("seller")
    rows = [sellers.index(code) for code in codes]
    coefficients = inputs.numbers(codes)
    return Technology(
        trade_elasticity=sectors.number("trade_elasticity") * parameters[TRADE_SCALE].value,
        trade_decay=sectors.number("trade_decay"),
        trade_border_wedge=sectors.number("trade_border_wedge"),
        value_added_share=coefficients[sellers.index(VALUE_ADDED_ROW)],
        labour_share=sectors.number("labour_share"),
        floor_space_share=sectors.number("floor_space_share"),
        capital_share=sectors.number("capital_share"),
        value_added_per_worker=sectors.number("value_added_per_worker_yuan"),
        inputs=coefficients[rows],
        carried_by=sectors.text("carried_by"),
    )
