"""What the calibration says of itself: matches, official beside model figures, indicators, outliers explained."""

from __future__ import annotations

import numpy as np

from coregion.calibrate.accounts import Accounts
from coregion.calibrate.baseline import Minutes
from coregion.calibrate.commuting import Commuting, commuting_at
from coregion.calibrate.record import Diagnosis, Figure, Indicator, Match, Outlier
from coregion.calibrate.registration import Registration
from coregion.calibrate.trade_flows import Trade
from coregion.errors import InputMistakes
from coregion.model.economy import Economy
from coregion.region import Region, gdp_differences

EXACT = 1e-8
STANDS_OUT = 3.5
DENSITY_EXPONENTS = (0.0, 0.15, 0.3)
DECAYS = ((0.0, 0.03), (0.0, 0.05), (0.0, 0.07), (1.5, 0.03), (1.5, 0.05), (2.5, 0.02), (4.0, 0.0))


def diagnosis(
    region: Region,
    minutes: Minutes,
    work: Commuting,
    home: Registration,
    money: Accounts,
    flows: Trade,
    economy: Economy,
) -> Diagnosis:
    """Everything the report prints about the baseline. economy: the solved baseline, against which data are checked."""
    return Diagnosis(
        figures=(*_gdp(region), *_wages(region, work, money)),
        matches=_matches(region, work, money, economy),
        outliers=_outliers(region, work, money, economy),
        indicators=(
            *_labour(region, work, money),
            *_commuting(region, work, economy),
            *_wedges(region, minutes["commuting"]),
            *_densities(region, minutes["commuting"]),
            *_spending(region, money, flows),
            *_people(region, home),
        ),
        notes=(
            "Jobs by sector within a county follow the mix of its own employed residents: the census counts by "
            "residence.",
            "Trade within the study is gravity balanced to sales and purchases; no observed flow tests it.",
        ),
    )


def _gdp(region: Region) -> list[Figure]:
    """The two official levels against each other: the prefectures' figures are the ones the model uses."""
    return [
        Figure(
            "gross_domestic_product",
            d.province,
            *region.province_name[d.province],
            d.official,
            d.prefectures,
            "yuan a year",
            "Published figures contradict each other: the prefectures' sum is used, the province's own figure is "
            "another.",
        )
        for d in gdp_differences(region)
    ]


def _wages(region: Region, work: Commuting, money: Accounts) -> list[Figure]:
    index, count = region.prefecture_index, len(region.prefectures)
    mean = np.bincount(index, money.wage * work.jobs, count) / np.bincount(index, work.jobs, count)
    share = _labour_shares(region, work, money)
    published = region.average_wage * np.bincount(index, region.employed_residents, count)
    of_gdp = published / region.value_added.sum(axis=1)
    return [
        Figure(
            "average_wage",
            code,
            *region.prefecture_name[code],
            float(region.average_wage[p]),
            float(mean[p]),
            "yuan a year",
            f"Published wages cover urban units; with all employed residents they would make labour "
            f"{of_gdp[p]:.2f} of GDP here. One common factor {money.wage_factor:.3f}; "
            f"labour share in the model {share[p]:.2f}.",
        )
        for p, code in enumerate(region.prefectures)
        if np.isfinite(region.average_wage[p])
    ]


def _labour_shares(region: Region, work: Commuting, money: Accounts) -> np.ndarray:
    """[prefecture] wages of its jobs over its GDP."""
    index, count = region.prefecture_index, len(region.prefectures)
    return np.bincount(index, money.wage * work.jobs, count) / region.value_added.sum(axis=1)


def _matches(region: Region, work: Commuting, money: Accounts, economy: Economy) -> tuple[Match, ...]:
    """Data against the solved baseline, not against the inputs of the inversion."""
    index, count = region.prefecture_index, len(region.prefectures)
    goods = np.asarray(economy.elasticities.goods_share)
    housing = np.asarray(economy.elasticities.household_share) * (1 - goods)
    shares = economy.labour_share + economy.floor_space_share + economy.capital_share
    added = np.asarray(economy.sales * shares)
    public = np.asarray(economy.wage) * np.asarray(economy.public_jobs.sum(axis=0))
    other = housing * np.asarray(economy.expenditure) + public
    errors = []
    for position, group in enumerate(("primary", "secondary", "tertiary")):
        of = np.array([name == group for name in region.sector_group])
        model = np.bincount(index, added[:, of].sum(axis=1) + (other if group == "tertiary" else 0.0), count)
        errors.append(np.max(np.abs(model / region.value_added[:, position] - 1)))
    jobs = np.asarray(economy.workers)
    mean = np.bincount(index, np.asarray(economy.wage) * jobs, count) / np.bincount(index, jobs, count)
    known = np.isfinite(region.average_wage)
    relative = mean[known] / region.average_wage[known]
    earned = np.asarray(economy.labour_income)
    paid = np.asarray(
        (economy.labour_share * economy.sales).sum(axis=1) + economy.wage * economy.public_jobs.sum(axis=0)
    )
    return (
        Match("residents by county and group", _largest(economy.residents / region.residents), EXACT),
        Match("value added by prefecture and group of sectors", float(max(errors)), EXACT),
        Match("relative wages of prefectures", _largest(relative / relative.mean()), EXACT),
        Match("employed residents who commute to a county are its jobs", _largest(jobs / work.jobs), EXACT),
        Match("wages paid are wages earned, by county", _largest(paid / earned), EXACT),
        Match(
            "expenditure is income and transfers, by county", _largest(economy.expenditure / money.expenditure), EXACT
        ),
    )


def _largest(ratio) -> float:
    """The largest relative difference of two arrays, from their ratio."""
    return float(np.max(np.abs(np.asarray(ratio) - 1)))


def _labour(region: Region, work: Commuting, money: Accounts) -> list[Indicator]:
    share = _labour_shares(region, work, money)[np.isfinite(region.average_wage)]
    names = [
        region.prefecture_name[c][0]
        for c, w in zip(region.prefectures, region.average_wage, strict=True)
        if np.isfinite(w)
    ]
    return [
        Indicator(
            "Common factor on published wages",
            money.wage_factor,
            "factor",
            f"at most {region.parameters['wage_factor_limit'].value:g}, else a labour share passes 1",
        ),
        Indicator(f"Lowest labour share of GDP ({names[int(share.argmin())]})", float(share.min()), "share"),
        Indicator(f"Highest labour share of GDP ({names[int(share.argmax())]})", float(share.max()), "share"),
    ]


def _commuting(region: Region, work: Commuting, economy: Economy) -> list[Indicator]:
    flow = region.employed_residents[:, None] * work.share
    prefecture, province = np.array(region.prefecture), np.array(region.province)
    inside = ~region.external
    total = flow[inside].sum()
    crossing = flow[inside][:, inside][prefecture[inside][:, None] != prefecture[inside][None, :]].sum()
    ratio = work.jobs / region.employed_residents
    lowest, highest = int(np.argmin(np.where(inside, ratio, np.inf))), int(np.argmax(np.where(inside, ratio, -np.inf)))
    found = [
        Indicator("Workers who cross a prefecture border", crossing / total, "share", "a few per cent, by judgement"),
        Indicator(
            f"Highest jobs per employed resident ({region.name_en[highest]})",
            float(ratio[highest]),
            "ratio",
            "probably higher in the centre",
        ),
        Indicator(f"Lowest jobs per employed resident ({region.name_en[lowest]})", float(ratio[lowest]), "ratio"),
    ]
    for place, share in region.parameters["commuting_from_outside"].by.items():
        into = np.where((province != place) & inside, flow[:, province == place].sum(axis=1), 0.0)
        by = {code: into[prefecture == code].sum() for code in dict.fromkeys(region.prefecture)}
        largest = max(by, key=lambda code: by[code])
        name = region.province_name[place][0]
        held = into.sum() / work.jobs[province == place].sum()
        found.append(
            Indicator(
                f"Jobs of {name} held from outside", float(held), "share", f"{100 * share:g} %: matched, no evidence"
            )
        )
        found.append(
            Indicator(
                f"Largest inflow to {name}: from {region.prefecture_name[largest][0]}",
                float(by[largest]),
                "persons",
                region.known.get(("largest_inflow", place), ""),
            )
        )
    return found


def _wedges(region: Region, minutes: np.ndarray) -> list[Indicator]:
    """The wedge and the fall with time are not separately identified: the pair, at several falls."""
    if not region.parameters["commuting_from_outside"].by:
        return []
    found = []
    exponent = region.parameters["workplace_density_exponent"].value
    inside, prefecture = ~region.external, np.array(region.prefecture)
    for power, decay in DECAYS:
        try:
            work = commuting_at(region, minutes, power, decay, exponent)
        except InputMistakes:
            found.append(
                Indicator(
                    f"Border wedge at power {power:g}, decay {decay:g} a minute",
                    float("nan"),
                    "factor",
                    "none reaches the share",
                )
            )
            continue
        flow = (region.employed_residents[:, None] * work.share)[inside][:, inside]
        crossing = flow[prefecture[inside][:, None] != prefecture[inside][None, :]].sum() / flow.sum()
        known = f"no figure; then {100 * crossing:.1f} % of workers cross a prefecture border"
        found.append(
            Indicator(f"Border wedge at power {power:g}, decay {decay:g} a minute", work.border_wedge, "factor", known)
        )
    return found


def _densities(region: Region, minutes: np.ndarray) -> list[Indicator]:
    """What the assumed exponent of density in the attraction of workplaces does."""
    value, inside = region.parameters, ~region.external
    power, decay = value["commuting_power"].value, value["commuting_decay"].value
    found = []
    for exponent in DENSITY_EXPONENTS:
        work = commuting_at(region, minutes, power, decay, exponent)
        ratio = (work.jobs / region.employed_residents)[inside]
        top = int(ratio.argmax())
        known = f"no figure; then it is {region.name_en[top]}, and the lowest is {ratio.min():.2f}"
        found.append(
            Indicator(
                f"Highest jobs per employed resident at density exponent {exponent:g}",
                float(ratio[top]),
                "ratio",
                known,
            )
        )
    return found


def _spending(region: Region, money: Accounts, flows: Trade) -> list[Indicator]:
    index, count = region.prefecture_index, len(region.prefectures)
    known = np.isfinite(region.average_wage)
    ratio = (np.bincount(index, money.expenditure, count) / region.value_added.sum(axis=1))[known]
    own = np.einsum("snn->sn", flows.share)[:, ~region.external].mean()
    return [
        Indicator("Lowest expenditure over GDP of a prefecture", float(ratio.min()), "ratio"),
        Indicator("Highest expenditure over GDP of a prefecture", float(ratio.max()), "ratio"),
        Indicator("Mean share that a county buys from itself", float(own), "share"),
        Indicator("Weight of trade with abroad", flows.abroad, "factor", "matched to goods exports over GDP"),
    ]


def _people(region: Region, home: Registration) -> list[Indicator]:
    province = np.array(region.province)
    total = home.registered.sum(axis=0)
    return [
        Indicator(
            f"Registered in {name[0]}",
            float(total[province == code].sum()),
            "persons",
            region.known.get(("registered", code), "")
            or "no figure in the study: follows from entry wedges, and from gravity for those who live elsewhere",
        )
        for code, name in region.province_name.items()
        if code in region.province_gdp
    ]


def _outliers(region: Region, work: Commuting, money: Accounts, economy: Economy) -> tuple[Outlier, ...]:
    """Counties beyond 3.5 robust standard deviations of the logarithm, each with what makes it so."""
    inside = np.flatnonzero(~region.external)
    per_job = money.value_added.sum(axis=1) / (work.jobs - work.public_jobs)
    mix = _national_value(region, work)
    variables = (
        ("wage", money.wage, "yuan a year", per_job),
        ("jobs_per_employed_resident", work.jobs / region.employed_residents, "ratio", None),
        ("value_added", per_job, "yuan a year per private job", None),
    )
    found = []
    for name, values, unit, _ in variables:
        logs = np.log(values[inside])
        spread = 1.4826 * np.median(np.abs(logs - np.median(logs)))
        for position, size in zip(inside, (logs - np.median(logs)) / spread, strict=True):
            if abs(size) > STANDS_OUT:
                text = _explanation(region, name, int(position), per_job, mix, work)
                names = (region.name_en[position], region.name_zh[position])
                value = float(values[position])
                found.append(Outlier(name, region.code[position], *names, value, unit, float(size), text))
    return tuple(sorted(found, key=lambda o: -abs(o.size)))


def _national_value(region: Region, work: Commuting) -> np.ndarray:
    """Value added per private job that the county's mix of sectors gives at national figures [yuan a year]."""
    jobs = work.jobs_by_sector
    return (jobs * region.technology.value_added_per_worker).sum(axis=1) / jobs.sum(axis=1)


def _explanation(region: Region, name: str, n: int, per_job: np.ndarray, mix: np.ndarray, work: Commuting) -> str:
    p = region.prefecture_index == region.prefecture_index[n]
    place = region.prefecture_name[region.prefecture[n]][0]
    if name == "jobs_per_employed_resident":
        inflow = work.jobs[n] - region.employed_residents[n]
        side = "more workers come in than go out" if inflow > 0 else "more workers go out than come in"
        return f"Predicted, not observed: {side}, by {abs(inflow):,.0f}; density and travel time set it."
    level = per_job[p].sum() / mix[p].sum()
    sector = int(np.argmax(work.jobs_by_sector[n] * region.technology.value_added_per_worker))
    mainly = region.sector_name[region.sectors[sector]][0].lower()
    return (
        f"{place}'s value added per job is {level:.2f} of what its sectors produce nationally; here the mix (mainly "
        f"{mainly}) makes {mix[n] / np.median(mix[~region.external]):.2f} of the median county."
    )
