"""Trade between regions: gravity balanced to what every region sells and buys, since no flows are published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from coregion.calibrate.accounts import Accounts
from coregion.calibrate.baseline import Minutes
from coregion.errors import CoregionError
from coregion.region import Region

BALANCE = 1e-13
LEAST_FINAL_SHARE = 0.005
"""Least part of home spending on goods that each sector gets; binds only for net imports of the country (energy)."""


@dataclass(frozen=True)
class Trade:
    """share: π_ni,s [sector, buyer, seller], rows sum to 1. final_share: β_ns [region, sector].

    abroad: factor on the trade weight with the places abroad, set so that goods exports over the country's GDP are the
    share observed.
    """

    share: np.ndarray
    final_share: np.ndarray
    abroad: float


def trade(region: Region, minutes: Minutes, accounts: Accounts) -> Trade:
    """Balanced shares on (t/t_min)^(−θψ) · wedge^(−θ) at borders of first-level jurisdictions (model.md, step 5)."""
    technology, value = region.technology, region.parameters
    goods = 1 - value["household_share"].value * (1 - value["goods_share"].value)
    bought = accounts.sales @ technology.inputs.T
    final_share = _final_shares(region, accounts.sales - bought, goods * accounts.expenditure)
    spending = final_share * (goods * accounts.expenditure)[:, None] + bought
    kernel = _kernel(region, minutes)
    abroad = _openness(region, kernel, accounts.sales, spending)
    weight = kernel * _with_abroad(region, abroad)
    share = np.stack(
        [
            balance(w, spending[:, s], accounts.sales[:, s], region.sectors[s]) / spending[:, s, None]
            for s, w in enumerate(weight)
        ]
    )
    return Trade(share, final_share, abroad)


def _final_shares(region: Region, final: np.ndarray, spending: np.ndarray) -> np.ndarray:
    """β_ns [region, sector], the same at home, so that every sector's sales find buyers.

    A place abroad, whose sectors are not observed, uses in sum what it makes of a sector, but leaves home at
    least LEAST_FINAL_SHARE of its spending for each. final: sales less inputs bought, by region and sector of the
    product; spending: on goods, by region. Raises CoregionError where a sector's world sales do not cover its inputs.
    """
    abroad = _abroad(region)
    everywhere, home = final.sum(axis=0), spending[~abroad].sum()
    if np.any(everywhere < 0):
        worst = int(np.argmin(everywhere))
        raise CoregionError(
            f"found more inputs than sales of sector '{region.sectors[worst]}' ({everywhere[worst]:.4g} yuan left for "
            "final demand); expected at least none. Check input_output.csv and the value added of the sector's group."
        )
    used = np.zeros_like(everywhere)
    if abroad.any():
        base = np.maximum(final[abroad].sum(axis=0), 0.0)
        limit = np.maximum(everywhere - LEAST_FINAL_SHARE * home, 0.0)
        total = spending[abroad].sum()
        scale = brentq(lambda c: np.minimum(c * base, limit).sum() - total, 0.0, 1e3, xtol=1e-15, rtol=1e-15)
        used = np.minimum(scale * base, limit)
    shares = np.empty_like(final)
    shares[abroad] = used / used.sum() if abroad.any() else 0.0
    shares[~abroad] = (everywhere - used) / (everywhere - used).sum()
    return shares


def _kernel(region: Region, minutes: Minutes) -> np.ndarray:
    technology = region.technology
    province = np.array(region.province)
    crosses = province[:, None] != province[None, :]
    weights = []
    for s, purpose in enumerate(technology.carried_by):
        time = minutes[purpose] / minutes[purpose].min()
        theta = technology.trade_elasticity[s]
        wedge = np.where(crosses, technology.trade_border_wedge[s], 1.0)
        weights.append(time ** (-theta * technology.trade_decay[s]) * wedge**-theta)
    return np.stack(weights)


def balance(
    weight: np.ndarray, rows: np.ndarray, columns: np.ndarray, what: str, tolerance: float = BALANCE
) -> np.ndarray:
    """Flows ∝ u_n weight_ni v_i with given sums over each row and column (RAS; Stone 1961), to a relative tolerance."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        reached = weight @ np.ones(len(columns))
        for _ in range(20_000):
            left = rows / reached
            right = columns / (left @ weight)
            reached = weight @ right
            error = np.max(np.abs(left * reached / rows - 1))
            if error < tolerance:
                return left[:, None] * weight * right[None, :]
            if not np.isfinite(error):
                break
    raise CoregionError(
        f"found trade of '{what}' unbalanced by {error:.1e} after 20,000 rounds or fewer; expected {tolerance:g}. "
        "Regions are cut off from each other, or a wedge is too high: check trade_decay and the network."
    )


def _with_abroad(region: Region, factor: float) -> np.ndarray:
    abroad = _abroad(region)
    return np.where(abroad[:, None] != abroad[None, :], factor, 1.0)


def _abroad(region: Region) -> np.ndarray:
    return np.isin(region.code, list(region.parameters["export_share"].by))


def _openness(region: Region, kernel: np.ndarray, sales: np.ndarray, spending: np.ndarray) -> float:
    """Factor on the weight of trade with the places abroad at which goods exports over GDP are as observed."""
    abroad = _abroad(region)
    if not abroad.any():
        return 1.0
    target = next(iter(region.parameters["export_share"].by.values()))
    home_gdp = region.value_added[~np.isin(region.prefectures, np.array(region.code)[abroad])].sum()
    goods = [s for s, group in enumerate(region.sector_group) if group != "tertiary"]

    def exports(log_factor: float) -> float:
        weight = kernel * _with_abroad(region, np.exp(log_factor))
        sold = sum(
            balance(weight[s], spending[:, s], sales[:, s], region.sectors[s], 1e-7)[abroad][:, ~abroad].sum()
            for s in goods
        )
        return sold / home_gdp - target

    step = 2.0 if exports(0.0) < 0 else -2.0
    near, far = 0.0, step
    while exports(far) * step < 0:
        near, far = far, far + step
        if abs(far) > 12:
            raise CoregionError(
                f"found no weight of trade with {', '.join(region.parameters['export_share'].by)} that gives goods "
                f"exports of {target:g} of GDP; expected one. Check export_share in study.toml and the GDP of the "
                "places abroad."
            )
    return float(np.exp(brentq(exports, min(near, far), max(near, far), xtol=1e-6)))
