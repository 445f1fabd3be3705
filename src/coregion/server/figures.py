"""One number a county for every variable of an equilibrium, as the map shows it; what the page adds to the register."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coregion.outcomes import Levels
from coregion.region import Region
from coregion.report.frames import RESOLVED
from coregion.results import FLOWS, MEAN_OVER
from coregion.variables import REGISTER, Variable

HOUR = 60.0
"""Minutes door to door within which a job counts as within reach."""

OF_THE_PAGE: dict[str, Variable] = {
    entry.name: entry
    for entry in (
        Variable(
            "access",
            "Jobs within an hour",
            "一小时内可达就业岗位",
            ("region",),
            "jobs",
            "Jobs that can be reached within 60 minutes door to door.",
            "门到门60分钟内可到达的就业岗位。",
            "Σ_i L_i [t_ni ≤ 60]",
            "Σ_i L_i [t_ni ≤ 60]",
            "outcome",
            "per cent",
            0.0,
            float("inf"),
        ),
        Variable(
            "commuting_to_capital",
            "Commuters to the capital place",
            "前往中心城市的通勤者",
            ("region",),
            "persons",
            "Residents who work in the jurisdiction that most commuters of other jurisdictions go to.",
            "到跨地区通勤者最集中的行政区工作的居民。",
            "Σ_(i in it) e_n R_n λ_i|n",
            "Σ_(i在该区内) e_n R_n λ_i|n",
            "outcome",
            "per cent",
            0.0,
            float("inf"),
        ),
    )
}
"""Figures of counties that only the page shows: sums over what the model gives, by the formula under ``origin``."""

OF_GOVERNMENTS: dict[str, Variable] = {
    name: Variable(
        name,
        label_en,
        label_zh,
        ("jurisdiction", *along),
        "yuan a year",
        meaning,
        meaning_zh,
        origin,
        origin_zh,
        "outcome",
        "difference",
        float("-inf"),
        float("inf"),
    )
    for name, label_en, label_zh, along, meaning, meaning_zh, origin, origin_zh in (
        (
            "shapley",
            "Shapley value",
            "夏普利值",
            ("measure",),
            "What a measure contributes to the gain of those registered, on average over every order in which the "
            "measures could come; the values of all measures sum to the gain of the package.",
            "一项措施在所有可能的先后次序中，对户籍人口收益的平均贡献；各项措施之和等于整个方案的收益。",
            "φ_i = Σ_(S without i) |S|! (n − |S| − 1)! / n! · [v(S + i) − v(S)], v(S): gain of the package S",
            "φ_i = Σ_(S不含i) |S|! (n − |S| − 1)! / n! · [v(S + i) − v(S)]，v(S)：组合S的收益",
        ),
        (
            "alone",
            "Alone",
            "单独",
            ("measure",),
            "Gain of those registered from this measure and no other.",
            "仅实施该项措施时户籍人口的收益。",
            "v(i) − v(∅)",
            "v(i) − v(∅)",
        ),
        (
            "last_in",
            "Added last",
            "最后加入",
            ("measure",),
            "What the measure adds to the gain when all the others are there already.",
            "其余措施均已实施时，该项措施增加的收益。",
            "v(N) − v(N without i)",
            "v(N) − v(N去掉i)",
        ),
        (
            "synergy",
            "Synergy",
            "协同",
            ("measure",),
            "What the measure contributes beside the others more than alone.",
            "该项措施与其他措施一并实施时，比单独实施多出的贡献。",
            "φ_i − [v(i) − v(∅)]",
            "φ_i − [v(i) − v(∅)]",
        ),
        (
            "interaction",
            "Interaction",
            "交互作用",
            ("measure", "measure"),
            "What two measures add to each other, on average beside any set of the others: above 0 they help each "
            "other, below they stand in each other's way.",
            "在其余措施的任意组合之上，两项措施平均互相增加的收益：大于0为相互促进，小于0为相互抵消。",
            "Σ_(S without i, j) |S|! (n − |S| − 2)! / (n − 1)! · [v(S + i + j) − v(S + i) − v(S + j) + v(S)]",
            "Σ_(S不含i、j) |S|! (n − |S| − 2)! / (n − 1)! · [v(S + i + j) − v(S + i) − v(S + j) + v(S)]",
        ),
        (
            "transfer",
            "Transfer",
            "转移支付",
            (),
            "Lump sum that the people of a government receive (positive) or pay (negative) by a rule of sharing; those "
            "of one rule sum to 0. It moves nobody: the equilibrium stays as it is.",
            "按某一分享规则，一地政府辖区居民一次性所得（正）或支付（负）的金额；同一规则下合计为0。"
            "它不引起人口迁移，均衡不变。",
            "gain after it = EV_o + τ_o, Σ_o τ_o = 0. Smallest: nobody below 0 with the least Σ_o |τ_o|, "
            "collected in proportion to gains; Nash bargaining: the same gain for all",
            "转移后的收益 = EV_o + τ_o，Σ_o τ_o = 0。最小转移：在无人低于0的前提下使Σ_o |τ_o|最小，"
            "按收益比例筹集；纳什议价：各方收益相同",
        ),
    )
}
"""Figures of governments and measures that the register does not have: jobs of all packages, and rules of sharing."""

SUGGESTED = (
    "residents",
    "jobs",
    "wage",
    "floor_space_price",
    "welfare",
    "equivalent_variation_registered",
    "access",
    "commuting_to_capital",
)


def described(name: str) -> Variable:
    """The entry of a variable, of the register or of the page."""
    return OF_THE_PAGE.get(name) or REGISTER[name]


def by_county(
    region: Region, levels: Levels, before: Levels, minutes: np.ndarray, capital: np.ndarray
) -> dict[str, np.ndarray]:
    """[county] of the study by variable; totals over groups and sectors, or means over those that it is about.

    minutes: of commuting [home, work] in that state. capital: [region] whether it belongs to the capital place.
    before: levels of the baseline, whose people weigh the means (``coregion.results.MEAN_OVER``).
    """
    inside = slice(0, region.inside)
    found = {
        name: total(name, np.asarray(values, dtype=float), before)[inside]
        for name, values in levels.items()
        if name not in FLOWS
    }
    jobs = np.asarray(levels["jobs"], dtype=float)
    found["access"] = ((np.asarray(minutes) <= HOUR) @ jobs)[inside]
    found["commuting_to_capital"] = np.asarray(levels["commuting"])[:, capital].sum(axis=1)[inside]
    return found


def total(name: str, values: np.ndarray, before: Levels) -> np.ndarray:
    """[region] of [region], [group, region] or [region, sector]; the mean where the weights are zero is plain."""
    if values.ndim == 1:
        return values
    by_group = described(name).dimensions == ("region", "group")
    axis = 0 if by_group else 1
    if name not in MEAN_OVER:
        return values.sum(axis=axis)
    weight = np.asarray(before[MEAN_OVER[name]], dtype=float)
    if weight.shape != values.shape:
        weight = np.ones_like(values)
    none = weight.sum(axis=axis, keepdims=True) <= 0
    weight = np.where(none, 1.0, weight)
    return (values * weight).sum(axis=axis) / weight.sum(axis=axis)


def changes(
    region: Region, value: Mapping[str, np.ndarray], before: Mapping[str, np.ndarray], income: Levels
) -> dict[str, np.ndarray]:
    """Change by variable: per cent of the baseline, of the income of those who gain, or the plain difference.

    None where the solver does not resolve it (``coregion.report.frames.RESOLVED``).
    """
    found = {}
    for name, after in value.items():
        base = before[name]
        if name in income:
            yuan = np.asarray(income[name], dtype=float)
            base = (yuan if yuan.ndim == 1 else yuan.sum(axis=0))[: region.inside]
        difference = after - before[name]
        difference = np.where(np.abs(difference) < RESOLVED * np.abs(base), 0.0, difference)
        if described(name).change == "difference":
            found[name] = difference
            continue
        found[name] = 100 * np.divide(difference, base, out=np.full(len(base), np.nan), where=np.abs(base) > 0)
    return found


def capital_place(region: Region, commuting: np.ndarray) -> str:
    """Code of the first-level jurisdiction that most commuters of the study's other jurisdictions go to.

    The first one where nobody crosses a border. commuting: [home, work] persons of the baseline.
    """
    inside = region.inside
    province = np.array(region.province[:inside])
    flows = np.asarray(commuting)[:inside, :inside]
    codes = list(dict.fromkeys(province.tolist()))
    arriving = [flows[np.ix_(province != code, province == code)].sum() for code in codes]
    return codes[int(np.argmax(arriving))]
