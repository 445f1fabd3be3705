"""One number a county for every variable of an equilibrium, as the map shows it; what the page adds to the register."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coregion.outcomes import Levels
from coregion.region import Region
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
            "一小时内可达岗位",
            ("region",),
            "jobs",
            "Jobs that can be reached within 60 minutes door to door.",
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
            "Σ_(i in it) e_n R_n λ_i|n",
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
        origin,
        "outcome",
        "difference",
        float("-inf"),
        float("inf"),
    )
    for name, label_en, label_zh, along, meaning, origin in (
        (
            "shapley",
            "Shapley value",
            "夏普利值",
            ("measure",),
            "What a measure contributes to the gain of those registered, on average over every order in which the "
            "measures could come; the values of all measures sum to the gain of the package.",
            "φ_i = Σ_(S without i) |S|! (n − |S| − 1)! / n! · [v(S + i) − v(S)], v(S): gain of the package S",
        ),
        (
            "alone",
            "Alone",
            "单独",
            ("measure",),
            "Gain of those registered from this measure and no other.",
            "v(i) − v(∅)",
        ),
        (
            "last_in",
            "Added last",
            "最后加入",
            ("measure",),
            "What the measure adds to the gain when all the others are there already.",
            "v(N) − v(N without i)",
        ),
        (
            "synergy",
            "Synergy",
            "协同",
            ("measure",),
            "What the measure contributes beside the others more than alone.",
            "φ_i − [v(i) − v(∅)]",
        ),
        (
            "interaction",
            "Interaction",
            "交互作用",
            ("measure", "measure"),
            "What two measures add to each other, on average beside any set of the others: above 0 they help each "
            "other, below they stand in each other's way.",
            "Σ_(S without i, j) |S|! (n − |S| − 2)! / (n − 1)! · [v(S + i + j) − v(S + i) − v(S + j) + v(S)]",
        ),
        (
            "transfer",
            "Transfer",
            "转移支付",
            (),
            "Lump sum that the people of a government receive (positive) or pay (negative) by a rule of sharing; those "
            "of one rule sum to 0. It moves nobody: the equilibrium stays as it is.",
            "gain after it = EV_o + τ_o, Σ_o τ_o = 0. Smallest: nobody below 0 with the least Σ_o |τ_o|, "
            "collected in proportion to gains; Nash bargaining: the same gain for all",
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
    """Change by variable: per cent of the baseline, of the income of those who gain, or the plain difference."""
    found = {}
    for name, after in value.items():
        difference = after - before[name]
        if described(name).change == "difference":
            found[name] = difference
            continue
        base = before[name]
        if name in income:
            yuan = np.asarray(income[name], dtype=float)
            base = (yuan if yuan.ndim == 1 else yuan.sum(axis=0))[: region.inside]
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
