"""Who earns what where: wages, value added, rents, capital income, public wages and pensions that add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coregion.calibrate.commuting import Commuting
from coregion.calibrate.registration import Registration
from coregion.errors import CoregionError
from coregion.region import Region

GROUPS = ("primary", "secondary", "tertiary")


@dataclass(frozen=True)
class Accounts:
    """All in yuan a year; n regions, s sectors, p prefectures (external regions are their own).

    wage: [n] a worker. value_added, sales: [n, s]. labour_share, floor_space_share, capital_share: of value added
    [n, s]. labour_income: y_n by residence. rents: Q_n H_n. capital_income: Π_p. pool_share: ι_n. expenditure: E_n.
    payers: codes of who pays public jobs. public_jobs: [payer, n] persons. payer_share: [payer, n].
    pension: [group, origin] a head. wage_factor: k on published wages. logit_shift: c_p of the labour shares.
    """

    wage: np.ndarray
    value_added: np.ndarray
    sales: np.ndarray
    labour_share: np.ndarray
    floor_space_share: np.ndarray
    capital_share: np.ndarray
    labour_income: np.ndarray
    rents: np.ndarray
    capital_income: np.ndarray
    pool_share: np.ndarray
    expenditure: np.ndarray
    payers: tuple[str, ...]
    public_jobs: np.ndarray
    payer_share: np.ndarray
    pension: np.ndarray
    wage_factor: float
    logit_shift: np.ndarray


@dataclass(frozen=True)
class _Given:
    """What the rounds take as given.

    wage_bill: target by prefecture [yuan a year]. public_jobs: [payer, region] persons.
    borne: whether a region's residents bear a payer [payer, region]. pension: [group, origin] yuan a head.
    employed: workers by residence and place of work [region, region].
    """

    wage_factor: float
    wage_bill: np.ndarray
    payers: tuple[str, ...]
    public_jobs: np.ndarray
    borne: np.ndarray
    pension: np.ndarray
    employed: np.ndarray


def accounts(region: Region, work: Commuting, home: Registration) -> Accounts:
    """Iterate incomes and value added until they agree to 1e-14 (model.md, steps 3 and 4).

    Value added of a prefecture and group, less housing rents and public wages in the tertiary group, goes to
    county-sectors by jobs times national value added per worker; a common shift c_p of the logits of the sectors'
    labour shares makes a prefecture's mean wage k times the published one.
    """
    index, count = region.prefecture_index, len(region.prefectures)
    factor = wage_factor(region, work)
    target = factor * region.average_wage * np.bincount(index, work.jobs, count)
    employed = region.employed_residents[:, None] * work.share
    given = _Given(factor, target, *_public(region, work), _pension(region), employed)
    gdp, residents = region.value_added.sum(axis=1), region.residents.sum(axis=0)
    expenditure = gdp[index] * residents / np.bincount(index, residents, count)[index]
    wage = np.full(len(region.code), 0.5 * gdp.sum() / work.jobs.sum())
    shift = np.zeros(count)
    for _ in range(500):
        found = _round(region, work, home, given, expenditure, wage, shift)
        if np.max(np.abs(found.expenditure / expenditure - 1)) < 1e-14:
            return found
        expenditure, wage, shift = found.expenditure, found.wage, found.logit_shift
    raise CoregionError("found accounts that do not settle in 500 rounds; expected incomes and value added to agree.")


def _round(
    region: Region,
    work: Commuting,
    home: Registration,
    given: _Given,
    expenditure: np.ndarray,
    wage: np.ndarray,
    shift: np.ndarray,
) -> Accounts:
    """The accounts that follow from the expenditure, wages and logit shifts of the round before."""
    index, count = region.prefecture_index, len(region.prefectures)
    value = {name: parameter.value for name, parameter in region.parameters.items()}
    housing = value["household_share"] * (1 - value["goods_share"])
    available = _available(region, housing * expenditure, wage * work.public_jobs)
    added = _value_added(region, work, available)
    shift = _logit_shift(region, work, added, given.wage_bill, shift)
    labour = _labour_share(region, shift)
    wage = (labour * added).sum(axis=1) / (work.jobs - work.public_jobs)
    income = given.employed @ wage
    parts = (region.technology.floor_space_share, region.technology.capital_share)
    floor, capital = ((1 - labour) * part / sum(parts) for part in parts)
    rents = housing * expenditure + (floor * added).sum(axis=1)
    capital_income = np.bincount(index, (capital * added).sum(axis=1), count)
    pool_share = income / np.bincount(index, income, count)[index]
    earned = income + rents + pool_share * capital_income[index]
    payer_share = given.borne * earned
    payer_share /= payer_share.sum(axis=1, keepdims=True)
    levy = (given.public_jobs * wage).sum(axis=1) @ payer_share
    received, contributed = _pensions(region, home, given.pension, income)
    return Accounts(
        wage, added, added / region.technology.value_added_share, labour, floor, capital, income, rents, capital_income,
        pool_share, earned - levy + received - contributed, given.payers, given.public_jobs, payer_share, given.pension,
        given.wage_factor, shift,
    )  # fmt: skip


def wage_factor(region: Region, work: Commuting) -> float:
    """k: labour income over GDP of the study is the target when published wages are multiplied by it."""
    index, count = region.prefecture_index, len(region.prefectures)
    known = np.isfinite(region.average_wage)
    published = (region.average_wage * np.bincount(index, work.jobs, count))[known].sum()
    factor = region.parameters["labour_share_target"].value * region.value_added[known].sum() / published
    limit = region.parameters["wage_factor_limit"].value
    if factor > limit:
        raise CoregionError(
            f"found a common factor of {factor:.3f} on published wages; expected at most {limit:g}, beyond which a "
            "prefecture's labour share passes 1. Lower labour_share_target in study.toml."
        )
    return float(factor)


def _public(region: Region, work: Commuting) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Payers, the public jobs that each pays [payer, region], and whether a region's residents bear it.

    The state (a payer borne by many) pays ``central_share_public_jobs`` of a region's public jobs; its province the
    rest. Every external region is a payer of its own.
    """
    own = tuple(code for code, outside in zip(region.code, region.external, strict=True) if outside)
    payers = tuple(payer.code for payer in region.payers) + own
    borne = [region.payer_regions(payer) for payer in region.payers] + [np.array(region.code) == code for code in own]
    states = [payer.borne_by_all_except is not None for payer in region.payers] + [False] * len(own)
    central = region.along("central_share_public_jobs") if any(states) else np.zeros(len(region.code))
    jobs = [
        np.where(region.external, 0.0, central) * work.public_jobs / max(sum(states), 1)
        if state
        else np.where(where, np.where(region.external, 1.0, 1 - central), 0.0) * work.public_jobs
        for where, state in zip(borne, states, strict=True)
    ]
    unpaid = work.public_jobs - np.sum(jobs, axis=0)
    if np.any(np.abs(unpaid) > 1e-6 * (1 + work.public_jobs)):
        worst = int(np.argmax(np.abs(unpaid)))
        raise CoregionError(
            f"found {unpaid[worst]:.0f} public jobs in {region.code[worst]} that no payer or two pay; expected one "
            "payer of the first level for every region. Check [[payers]] in study.toml."
        )
    return payers, np.stack(jobs), np.stack(borne).astype(float)


def _pension(region: Region) -> np.ndarray:
    """[group, origin] yuan a head: groups that do not work receive the pension of their place of registration."""
    return np.where(np.array(region.group_works)[:, None], 0.0, region.along("pension")[None, :])


def fund(region: Region) -> np.ndarray:
    """[region] the pension fund of each region: that of its first-level jurisdiction."""
    codes = list(dict.fromkeys(region.province))
    return np.array([codes.index(code) for code in region.province])


def _pensions(region, home, pension, income) -> tuple[np.ndarray, np.ndarray]:
    """Benefits received where people live, and contributions where wages are received, fund by fund equal."""
    benefits = home.registered * pension
    received = np.einsum("go,gon->n", benefits, home.share)
    of = fund(region)
    rate = np.bincount(of, benefits.sum(axis=0)) / np.bincount(of, income)
    return received, rate[of] * income


def _available(region: Region, housing: np.ndarray, public_wages: np.ndarray) -> np.ndarray:
    """[prefecture, group] value added that the market sectors share."""
    index, count = region.prefecture_index, len(region.prefectures)
    available = region.value_added.copy()
    available[:, GROUPS.index("tertiary")] -= np.bincount(index, housing + public_wages, count)
    if np.any(available < 0):
        worst, group = np.unravel_index(np.argmin(available), available.shape)
        raise CoregionError(
            f"found housing rents and public wages above the {GROUPS[group]} value added of prefecture "
            f"{region.prefectures[worst]}; expected less. Lower household_share or labour_share_target in study.toml."
        )
    return available


def _value_added(region: Region, work: Commuting, available: np.ndarray) -> np.ndarray:
    """[region, sector] by jobs times national value added per worker, within prefecture and group."""
    weight = work.jobs_by_sector * region.technology.value_added_per_worker
    index, count = region.prefecture_index, len(region.prefectures)
    added = np.zeros_like(weight)
    for position, group in enumerate(GROUPS):
        of = np.array([name == group for name in region.sector_group])
        total = np.bincount(index, weight[:, of].sum(axis=1), count)
        scale = np.divide(available[:, position], total, out=np.zeros(count), where=total > 0)
        added[:, of] = weight[:, of] * scale[index][:, None]
    return added


def _labour_share(region: Region, shift: np.ndarray) -> np.ndarray:
    """[region, sector] logistic(logit(prior) + c_p)."""
    prior = region.technology.labour_share
    odds = (prior / (1 - prior))[None, :] * np.exp(shift[region.prefecture_index])[:, None]
    return odds / (1 + odds)


def _logit_shift(region, work, added, target, shift) -> np.ndarray:
    """c_p at which the wages of prefecture p's jobs sum to the target; 0 where no wage is published.

    Newton's method by prefecture on the logarithm of the wage bill, which rises with c_p.
    """
    index, count = region.prefecture_index, len(region.prefectures)
    known = np.isfinite(region.average_wage)
    scale = work.jobs / (work.jobs - work.public_jobs)
    new = shift.copy()
    for _ in range(60):
        labour = _labour_share(region, new)
        bill = np.bincount(index, scale * (labour * added).sum(axis=1), count)
        slope = np.bincount(index, scale * (labour * (1 - labour) * added).sum(axis=1), count)
        step = np.where(known, np.clip(bill * np.log(np.where(known, target, 1.0) / bill) / slope, -1, 1), 0.0)
        new = new + step
        if np.max(np.abs(step)) < 1e-15:
            break
    return new
