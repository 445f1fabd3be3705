"""The tables of a run: equilibria told by region, jurisdiction and flow, with names, units and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.outcomes import Levels
from coregion.region import Region
from coregion.variables import variable

if TYPE_CHECKING:
    import pandas as pd

FLOWS = ("commuting", "migration")
WHOLE = "all"
MEAN_OVER = {
    "wage": "jobs",
    "real_wage": "jobs",
    "labour_income_per_head": "residents",
    "non_labour_income": "residents",
    "income_per_head": "residents",
    "floor_space_price": "rents",
    "floor_space": "rents",
    "price_index": "expenditure",
    "place_value": "residents",
    "welfare": "registered",
    "productivity": "sales",
    "jobs_per_employed_resident": "employed_residents",
    "travel_minutes": "employed_residents",
    "cap_shadow_price": "residents",
    "floor_space_cap_price": "rents",
    "access_school": "residents",
    "access_hospital": "residents",
    "access_vocational": "residents",
    "access_care": "residents",
    "occupancy_care": "capacity_care",
    "pm25": "residents",
}
"""What an average over the regions of a jurisdiction is weighted by, at the baseline; all other variables are sums."""


def no_ranges() -> pd.DataFrame:
    """The table of ranges where there are none."""
    import pandas as pd

    return pd.DataFrame(columns=["place", "package", "variable", "group", "low", "median", "high"])


def no_urban_areas() -> pd.DataFrame:
    """The table of urban areas where none were drawn."""
    import pandas as pd

    return pd.DataFrame(columns=["region", "package", "rule", "threshold", "official", "change"])


@dataclass(frozen=True)
class Results:
    """What a run writes. regions, jurisdictions, flows: data frames (README, What comes out); run: run.json.

    ranges: of figures over draws of the parameters (docs/uncertainty.md); empty where no draws fit the run.
    urban_areas: by rule, before and after the whole package (docs/urban_areas.md).
    """

    regions: pd.DataFrame
    jurisdictions: pd.DataFrame
    flows: pd.DataFrame
    run: Mapping[str, Any]
    ranges: pd.DataFrame = field(default_factory=no_ranges)
    urban_areas: pd.DataFrame = field(default_factory=no_urban_areas)


@dataclass(frozen=True)
class Told:
    """One equilibrium ready for the tables. levels: of the equilibrium; before: of the baseline; income: of those whose
    gain is told; cost, budget: [yuan a year] by payer."""

    package: str
    levels: Levels
    before: Levels
    income: Levels
    cost: Mapping[str, float]
    budget: Mapping[str, float]


def package_name(names: Sequence[str]) -> str:
    """The sorted names joined by +; empty for none."""
    return "+".join(sorted(names))


def regions_frame(region: Region, told: Sequence[Told], variables: Sequence[str] | None = None) -> pd.DataFrame:
    """One row a region, package, variable, group and sector; external regions have no jurisdiction."""
    import pandas as pd

    blocks, packages = [], []
    for one in told:
        names = [name for name in one.levels if name not in FLOWS and (variables is None or name in variables)]
        found = [block for name in names for block in _blocks(region, one, name)]
        blocks += found
        packages += [one.package] * len(found)
    size = len(region.code)
    place, block = np.tile(np.arange(size), len(blocks)), np.repeat(np.arange(len(blocks)), size)

    def by_place(texts):
        return pd.array(list(texts), dtype="str").take(place)

    def by_block(texts):
        return pd.array(list(texts), dtype="str").take(block)

    baseline, value, change = (np.concatenate([one[part] for one in blocks]) for part in (3, 4, 5))
    return pd.DataFrame(
        {
            "region": by_place(region.code),
            "name_en": by_place(region.name_en),
            "name_zh": by_place(region.name_zh),
            "prefecture": by_place(np.where(region.external, "", region.prefecture)),
            "jurisdiction": by_place(np.where(region.external, "", region.province)),
            "package": by_block(packages),
            "variable": by_block(one[0] for one in blocks),
            "group": by_block(one[1] for one in blocks),
            "sector": by_block(one[2] for one in blocks),
            "baseline": baseline,
            "value": value,
            "change_pct": change,
            "unit": by_block(variable(one[0]).unit for one in blocks),
        }
    )


def _blocks(region: Region, told: Told, name: str) -> list[tuple[str, str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """(variable, group, sector, baseline, value, change in per cent) along the regions."""
    value, before = np.asarray(told.levels[name]), np.asarray(told.before[name])
    kind = variable(name).dimensions
    blocks: list[tuple[str, str, str, np.ndarray, np.ndarray]]
    if kind == ("region", "group"):
        blocks = [(name, code, "", before[g], value[g]) for g, code in enumerate(region.groups)]
        if name not in MEAN_OVER:
            blocks.insert(0, (name, "", "", before.sum(axis=0), value.sum(axis=0)))
    elif kind == ("region", "sector"):
        blocks = [(name, "", code, before[:, s], value[:, s]) for s, code in enumerate(region.sectors)]
        if name not in MEAN_OVER:
            blocks.insert(0, (name, "", "", before.sum(axis=1), value.sum(axis=1)))
    else:
        blocks = [(name, "", "", np.broadcast_to(before, value.shape), value)]
    return [(*block, _change(region, told, block)) for block in blocks]


def _change(region: Region, told: Told, block) -> np.ndarray:
    """Per cent of the baseline; a gain is told in per cent of the income of those who have it."""
    name, group, _, before, value = block
    return _per_cent(value - before, _income(region, told, name, group) if name in told.income else before)


def _income(region: Region, told: Told, name: str, group: str) -> np.ndarray:
    """Along the regions [yuan a year], of one group or all, of those who have a gain."""
    income = np.asarray(told.income[name])
    return income if income.ndim == 1 else income[region.groups.index(group)] if group else income.sum(axis=0)


def _per_cent(difference: np.ndarray, base: np.ndarray) -> np.ndarray:
    return 100 * np.divide(difference, base, out=np.full(np.shape(difference), np.nan), where=np.abs(base) > 0)


def jurisdictions_frame(
    region: Region, told: Sequence[Told], baseline: Baseline, variables: Sequence[str] | None = None
) -> pd.DataFrame:
    """The same by jurisdiction: levels 1 and 2, and level 0 for the whole region ("all") and payers without a vote."""
    import pandas as pd

    records: list[tuple] = []
    for one in told:
        for code, level, names, members in _jurisdictions(region):
            for name in one.levels:
                if name not in FLOWS and (variables is None or name in variables):
                    records += [(code, level, *names, one.package, *row) for row in _summed(region, one, name, members)]
            records += [(code, level, *names, one.package, *row) for row in _money(one, code)]
        for payer in region.payers:
            if not payer.votes:
                names = (payer.name_en, payer.name_zh)
                records += [(payer.code, 0, *names, one.package, *row) for row in _money(one, payer.code)]
    names = ["jurisdiction", "level", "name_en", "name_zh", "package", "variable", "group", "sector"]
    columns = [*names, "baseline", "value", "change_pct", "unit"]
    return pd.DataFrame.from_records(records, columns=columns)


def _jurisdictions(region: Region):
    """(code, level, names, members): the region as a whole, then each government of the two levels."""
    inside = ~region.external
    yield WHOLE, 0, ("The whole region", "全区域"), inside
    for level, codes, names in (
        (1, region.province, region.province_name),
        (2, region.prefecture, region.prefecture_name),
    ):
        for code in dict.fromkeys(np.array(codes)[inside]):
            yield str(code), level, names[str(code)], np.array(codes) == code


def _summed(region: Region, told: Told, name: str, members: np.ndarray) -> list[tuple]:
    unit = variable(name).unit
    rows = []
    for _, group, sector, before, value, _ in _blocks(region, told, name):
        if name in MEAN_OVER:
            weight = np.asarray(told.before[MEAN_OVER[name]], dtype=float)
            if weight.ndim == 2:
                by_group = variable(MEAN_OVER[name]).dimensions == ("region", "group")
                if by_group:
                    weight = weight[region.groups.index(group)] if group else weight.sum(axis=0)
                else:
                    weight = weight[:, region.sectors.index(sector)] if sector else weight.sum(axis=1)
            weight = weight[members] / weight[members].sum() if weight[members].sum() > 0 else weight[members]
            before, value = (before[members] * weight).sum(), (value[members] * weight).sum()
        else:
            before, value = before[members].sum(), value[members].sum()
        base = _income(region, told, name, group)[members].sum() if name in told.income else before
        change = 100 * (value - before) / base if base else np.nan
        rows.append((name, group, sector, float(before), float(value), float(change), unit))
    return rows


def _money(told: Told, code: str) -> list[tuple]:
    """Cost of the measures and change of the budget, for those who pay and for all of them together."""
    rows = []
    for name, amounts in (("cost", told.cost), ("budget", told.budget)):
        if code in amounts or code == WHOLE:
            amount = sum(amounts.values()) if code == WHOLE else amounts[code]
            rows.append((name, "", "", 0.0, amount, np.nan, variable(name).unit))
    return rows


def flows_frame(baseline: Baseline, before: Levels) -> pd.DataFrame:
    """Baseline flows between regions: commuting and migration [persons], trade [yuan a year, from seller to buyer]."""
    import pandas as pd

    region = baseline.region
    kinds = {
        "commuting": (np.asarray(before["commuting"]), "persons"),
        "migration": (np.asarray(before["migration"]), "persons"),
        "trade": (_trade_values(baseline), "yuan a year"),
    }
    frames = []
    for kind, (values, unit) in kinds.items():
        origin, destination = np.nonzero(values)
        frames.append(
            pd.DataFrame(
                {
                    "origin": np.array(region.code)[origin],
                    "destination": np.array(region.code)[destination],
                    "kind": kind,
                    "value": values[origin, destination],
                    "unit": unit,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _trade_values(baseline: Baseline) -> np.ndarray:
    """[seller, buyer] Σ_s π_ni,s X_ns of the baseline."""
    economy = baseline.economy
    e = economy.elasticities
    goods = np.asarray((1 - e.household_share * (1 - e.goods_share)) * economy.expenditure)
    cost = np.asarray((1 - economy.profit_share) * economy.sales)
    spending = np.asarray(economy.final_share) * goods[:, None] + np.einsum(
        "nks,ns->nk", np.asarray(economy.input_share), cost
    )
    return np.einsum("sni,ns->in", np.asarray(economy.trade_share), spending)
