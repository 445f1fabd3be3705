# ruff: noqa: E501  (rows of a table)
"""Write docs/intentions.md from a run: what was announced, the measures that carry it, what the model finds.

coregion run jingjinji --out results
python scripts/build_intentions.py results
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

GAIN = "equivalent_variation_registered"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "intentions.md"


@dataclass(frozen=True)
class Line:
    """One intention. carried_by: names of measures, or words in brackets for an output. held: against what evidence."""

    intention: str
    carried_by: tuple[str, ...]
    equation: str
    held: str
    sure: str


LINES = (
    Line(
        "Relieve Beijing of non-capital functions; transfer industries, enterprises, population",
        ("enterprises_to_xiongan", "institutions_to_xiongan", "administration_to_tongzhou", "core_floor_space_cap"),
        "G_i, T̂_is, cap on H (`relocate`, `cap`)",
        "Evidence, not met: private jobs per public job 0.3 to 1.1; run.json, `evidence`, has the model's figure",
        "Sign of displacement: weak. Sizes of moves: announced; where staff settle: model",
    ),
    Line(
        "Xiong’an, the sub-centre in Tongzhou, Zhangbei: two wings each",
        ("xiongan_new_area", "sub_centre", "zhangbei_area"),
        "H̄̂, Â, B̂ (`new_area`), seeded in levels",
        "None: plan population of 2 to 2.5 million is a target (`coregion goal`), not an observation",
        "Floor space: published; productivity and amenity: assumed; the seed matters (run.json, `seed_sensitivity`)",
    ),
    Line(
        "An integrated transport network",
        ("rail_north_and_east", "rail_xiongan", "expressways", "through_roads", "suburban_rail"),
        "κ̂ and τ̂ from minutes (`link`, `transit_service`, `through_road`)",
        "Evidence: held-out half of published travel times, and the falls of 2020 to 2024 pair by pair ([network](network.md))",
        "Minutes: 3 to 14 % median error; falls: good for Beijing–Chengde, poor for most roads",
    ),
    Line(
        "Joint construction, prevention and control of the environment",
        ("clean_industry_hebei", "coal_switch", "regional_emission_cap"),
        "PM′ = PM + Σ ρ ΔE, B̂ = exp(−ζ ΔPM), GEMM ([environment](environment.md))",
        "Evidence: which cities receive more than they send. Consistency: published ranges, and 8.7 % saved by pooling quotas of tonnes, where studies find 4.6 to 11.3; for the same air of each government’s people it is 1.8 %",
        "Weak: emissions recalled, matrix constructed, ζ between 0.0013 and 0.007",
    ),
    Line(
        "Industrial docking and innovation cooperation",
        ("dock_manufacturing", "innovation_cooperation", "laboratories_to_xiongan"),
        "τ̂_s between places (`dock`), Â by research within reach (`knowledge`)",
        "Consistency: own 0.85 and near 0.025 are the published elasticities, and their fall over 500 km. No figure that it was not fitted to",
        "Weak: one per cent of trade cost is a judgement",
    ),
    Line(
        "A new energy system",
        ("zhangbei_power",),
        "least-cost power system by the hour → τ̂ of energy, emission factor (`power`, [energy](energy.md))",
        "Consistency: 3,133 hours and 0.908 t/MWh. Evidence, not met: the model sends 10.6 TWh and saves 7.1 Mt where 14.1 and 12.8 were announced",
        "Fair for quantities of power, weak for prices",
    ),
    Line(
        "A modern commercial and logistics industry",
        ("logistics_hubs", "markets_to_hebei"),
        "p-median sites, τ̂ by consolidation (`hub`); Huff shares (`market`, [logistics](logistics.md))",
        "Consistency: p-median optima of the OR-Library; no figure for the region",
        "Weak: discounts are assumed",
    ),
    Line(
        "The digital economy",
        ("work_at_home", "services_online"),
        "κ̂ = κ^−days (`telework`), τ̂ = d^−share (`digital_trade`)",
        "Consistency: no days change nothing, five days make distance irrelevant. No figure that it was not fitted to",
        "Weak: days at home are assumed",
    ),
    Line(
        "Coordinated elderly care",
        ("care_beds_around_beijing", "care_quality_around_beijing", "care_benefits_portable"),
        "rationed access, rights e_on ([services](services.md))",
        "Consistency: occupancy of 45 and 40 %; that rights move more than beds follows from it. Evidence, not met: about 150 elderly of Beijing and Tianjin in Hebei’s homes where some 5,000 are (recalled)",
        "Weak",
    ),
    Line(
        "Education, medical care, vocational training together",
        ("partner_schools", "hospitals_recognise_each_other", "vocational_training_together"),
        "two-step catchments, rights e_on ([services](services.md))",
        "Consistency: Σ P·A = Σ S. No figure that it was not fitted to",
        "Weak: rights and valuations are assumed",
    ),
    Line(
        "The demonstration zone of Tongzhou with Sanhe, Dachang, Xianghe",
        ("zone_tongzhou_north_three",),
        "border wedges of κ, τ, μ (`zone`)",
        "Consistency: 3.6 % of Beijing’s jobs held from outside is fitted. No figure that it was not fitted to",
        "Wedge: fair; how much of it goes: assumed",
    ),
    Line(
        "The Daxing airport economic zone",
        ("daxing_gateway", "daxing_tax_share"),
        "τ̂ to external regions (`gateway`), transfers between budgets (`tax_share`)",
        "None",
        "Weak; the tax share is exact in its accounts and assumed in its size",
    ),
    Line(
        "A modern capital metropolitan area",
        ("(output: functional urban areas by four rules, before and after)",),
        "[urban areas](urban_areas.md)",
        "Consistency: the rules’ own conditions hold on Germany’s counties. No official delineation out of counties was found to compare with",
        "Good for the rules, as good as the commuting figures for the region",
    ),
    Line(
        "Beijing Stock Exchange: service for innovative small and medium enterprises",
        ("exchange_for_innovators",),
        "T̂ of innovative entry (`finance`)",
        "None was found: driven by assumptions",
        "Weak",
    ),
    Line(
        "Market supervision, operation control",
        ("(output: `coregion monitor`)",),
        "observed against projected, with alerts",
        "Consistency: a planted miss is found, noise raises no more alarms than stated (made up). No figure of the region: nothing observed is held against it yet",
        "Good",
    ),
    Line(
        "Regular docking, mutual benefit, complementary advantages",
        ("(output: `coregion games`, `coregion packages`)",),
        "[coordination](coordination.md)",
        "Evidence: Ossa (2014), closed forms",
        "Methods: good; the region’s figures carry all that is above",
    ),
    Line(
        "Transfer of the capital’s population; registration",
        ("beijing_people_to_xiongan", "registration_hebei_tianjin"),
        "μ̂ (`registration`)",
        "None: Tombe & Zhu (2019) gives the elasticity, not the fall",
        "Weak: the fall is assumed",
    ),
)

HEAD = """# Intention by intention

What the two governments said on 20 February 2023 (`coregion trace jingjinji`), the measures of the bundled study that carry
it, and what the model finds for each measure alone: the gain of the people registered in the region, bn yuan a year, net of cost
(Beijing · Tianjin · Hebei), with the 5th and 95th of 100 draws of the parameters where the study brings them. Written by
`coregion run jingjinji --out results` and `python scripts/build_intentions.py results`.

**Consistency** is what is right by construction or was fitted; **evidence** is a figure that the model was not fitted to. Sizes of
most measures are assumed (`assumptions` in `measures.toml`), so that these figures say what would follow, not what will.

| # | intention | measures and what the model finds alone | equation | held against | how sure |
|---|---|---|---|---|---|
"""


def findings(folder: Path) -> dict[str, str]:
    """What each measure alone brings, in words, by its name."""
    table = pd.read_parquet(folder / "jurisdictions.parquet")
    rows = table[(table["variable"] == GAIN) & (table["group"] == "") & table["level"].isin((0, 1))]
    wide = rows.pivot_table(index="package", columns="jurisdiction", values="value", sort=False) / 1e9
    states = set(rows[rows["level"] == 1]["jurisdiction"]) - {"all"}
    governments = [str(code) for code in wide if code in states]
    spans = ranges(folder)
    found = {}
    for package, row in wide.iterrows():
        by_government = " · ".join(f"{row[code]:+.2f}" for code in governments)
        found[str(package)] = f"{row['all']:+.2f}{spans.get(str(package), '')} ({by_government})"
    return found


def ranges(folder: Path) -> dict[str, str]:
    """The range of each package's gain of the whole region, where the run has any."""
    file = folder / "ranges.parquet"
    if not file.is_file():
        return {}
    table = pd.read_parquet(file)
    rows = table[(table["variable"] == GAIN) & (table["group"] == "") & (table["place"] == "all")]
    return {r["package"]: f" [{r['low'] / 1e9:+.2f} to {r['high'] / 1e9:+.2f}]" for _, r in rows.iterrows()}


def page(folder: Path) -> str:
    """The whole page; raises KeyError where a measure is not in the run."""
    found = findings(folder)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    used = {name for line in LINES for name in line.carried_by if not name.startswith("(")}
    forgotten = {measure["name"] for measure in run["measures"]} - used
    if forgotten:
        raise KeyError(f"measures of the run that no line names: {', '.join(sorted(forgotten))}")
    rows = []
    for number, line in enumerate(LINES, 1):
        carried = [name.strip("()") if name.startswith("(") else f"`{name}` {found[name]}" for name in line.carried_by]
        rows.append(
            f"| {number} | {line.intention} | {'<br>'.join(carried)} | {line.equation} | {line.held} | {line.sure} |"
        )
    return HEAD + "\n".join(rows) + f"\n\nAll of them together: {found[run['package']]}.\n"


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), encoding="utf-8")
