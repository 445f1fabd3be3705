"""Tombe & Zhu (2019, AER 109): who is registered where, and what it costs to live elsewhere.

A small China: the 31 provinces of the bundled study, each with agriculture and the rest of its economy. Employed
persons and GDP by sector are the study's; registration and trade are made up by rules and a seed, for the paper's data
are not at hand. Settings of the one model: a place is a province's sector, its people work there,
everybody has an origin, and the cost of moving μ is calibrated from shares of residence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from coregion.calibrate.trade_flows import balance
from coregion.errors import Mistake, raise_together
from coregion.literature.check import Check, ReferenceFile
from coregion.literature.solved import solved
from coregion.model import closures
from coregion.model.economy import Economy, Elasticities, no_shock
from coregion.solve.equilibrium import Options, Solution

PAPER = "Tombe & Zhu (2019)"
FILES: tuple[ReferenceFile, ...] = ()
SECTORS = ("agriculture", "rest")
OPTIONS = Options(tolerance=1e-12, fixed_point_steps=2000)


@dataclass(frozen=True)
class Parameters:
    """migration: κ, of residence to real income. trade: θ. goods_share: α. seed, stay: of the made-up registration.

    stay: lowest part of those registered in a place who live in it.
    """

    migration: float = 1.5
    trade: float = 4.0
    goods_share: float = 0.87
    stay: float = 0.7
    seed: int = 2019


@dataclass(frozen=True)
class Baseline:
    """places: province and sector. real_income: V_n of the baseline. migration_cost: μ_on, 1 at home. economy."""

    places: tuple[tuple[str, str], ...]
    parameters: Parameters
    real_income: np.ndarray
    migration_cost: np.ndarray
    economy: Economy

    @property
    def province(self) -> np.ndarray:
        """Index of each place's province."""
        return np.arange(len(self.places)) // len(SECTORS)


@dataclass(frozen=True)
class Counterfactual:
    """welfare: U_o of those registered in o, in units of V. real_income: V_n. residence_share: m_on after the change.

    migrants: part of all people who live in a province other than that of their registration. output_hat: real output
    per worker, world over world.
    """

    welfare: np.ndarray
    welfare_hat: np.ndarray
    real_income: np.ndarray
    residence_share: np.ndarray
    residents: np.ndarray
    migrants: float
    output_hat: float
    solution: Solution


def calibrate(parameters: Parameters = Parameters()) -> Baseline:
    """The small China and its costs of moving, μ_on = V_n/V_o (m_oo/m_on)^(1/κ) with μ_oo = 1."""
    raise_together(
        [
            Mistake(f"{name} of {value}", expected)
            for name, value, expected, fine in (
                ("migration", parameters.migration, "above zero", parameters.migration > 0),
                ("trade", parameters.trade, "above zero", parameters.trade > 0),
                ("goods_share", parameters.goods_share, "between 0 and 1", 0 < parameters.goods_share <= 1),
                ("stay", parameters.stay, "between 0 and 1", 0 < parameters.stay < 1),
            )
            if not fine
        ]
    )
    known = provinces()
    people = np.concatenate([one.employed for one in known])
    income = np.concatenate([one.output for one in known]) / people
    people, income, distance = people / people.sum(), income / income.mean(), _distance(known)
    share = _registration(people, income, distance, parameters)
    stayers = np.diagonal(share)
    cost = (income[None, :] / income[:, None]) * (stayers[:, None] / share) ** (1 / parameters.migration)
    places = tuple((one.name, sector) for one in known for sector in SECTORS)
    return Baseline(places, parameters, income, cost, _economy(people, income, share, distance, parameters))


def counterfactual(base: Baseline, cost_hat: np.ndarray, productivity_hat: np.ndarray | None = None) -> Counterfactual:
    """The equilibrium after μ̂_on (``cost_hat``, origin by place) and Â_n; ``1 / base.migration_cost`` removes all."""
    count = len(base.places)
    hat = np.asarray(cost_hat, float)
    productivity = np.ones(count) if productivity_hat is None else np.asarray(productivity_hat, float)
    _check_hats(("cost_hat", hat, (count, count)), ("productivity_hat", productivity, (count,)))
    shock = replace(
        no_shock(base.economy),
        migration_cost=jnp.asarray(hat)[None],
        productivity=jnp.broadcast_to(jnp.asarray(productivity)[:, None], base.economy.sales.shape),
    )
    solution = solved(base.economy, shock, PAPER, OPTIONS)
    o = solution.outcome
    share = np.asarray(o.attraction[0] / o.attraction[0].sum(axis=1, keepdims=True))
    registered = np.asarray(base.economy.registered[0])
    welfare_hat = np.asarray(o.welfare_hat[0])
    home = base.real_income * np.diagonal(np.asarray(base.economy.residence_share[0])) ** (
        -1 / base.parameters.migration
    )
    other = base.province[:, None] != base.province[None, :]
    before = np.asarray(base.economy.labour_income)
    output = before * np.asarray(o.labour_supply / base.economy.labour_income / o.final_price_hat)
    return Counterfactual(
        welfare=home * welfare_hat,
        welfare_hat=welfare_hat,
        real_income=base.real_income * np.asarray(o.place_value_hat[0, 0]),
        residence_share=share,
        residents=np.asarray(o.residents[0]),
        migrants=float((registered[:, None] * share * other).sum() / registered.sum()),
        output_hat=float(output.sum() / before.sum()),
        solution=solution,
    )


def _check_hats(*given: tuple[str, np.ndarray, tuple[int, ...]]) -> None:
    raise_together(
        [
            Mistake(f"{name} of shape {values.shape} or not above zero", f"{shape}, above zero")
            for name, values, shape in given
            if values.shape != shape or not (values > 0).all()
        ]
    )


def between_provinces(base: Baseline, factor: float) -> np.ndarray:
    """μ̂_on that multiplies the cost of moving to another province."""
    other = base.province[:, None] != base.province[None, :]
    return np.where(other, factor, 1.0)


def checks(folder: Path | None = None) -> Iterator[Check]:
    """No reduction, all costs removed, and the limit in which tastes no longer matter; no data are needed."""
    base = calibrate()
    count = len(base.places)
    same = counterfactual(base, np.ones((count, count)))
    off = max(np.abs(same.welfare_hat - 1).max(), np.abs(same.residents / base.economy.residents[0] - 1).max())
    yield Check(PAPER, "no reduction of costs changes nothing", None, float(off), 1e-10, "largest change", "property")
    free = counterfactual(base, 1 / base.migration_cost)
    spread = float(np.ptp(np.log(free.welfare)))
    yield Check(PAPER, "all costs removed: spread of welfare over origins", None, spread, 1e-9, "log", "property")
    spread = float(np.ptp(np.log(free.residence_share), axis=0).max())
    yield Check(PAPER, "all costs removed: shares the same from every origin", None, spread, 1e-9, "log", "property")
    tastes = free.residence_share[0] ** (1 / base.parameters.migration)
    spread = float(np.ptp(np.log(free.real_income / tastes)))
    yield Check(PAPER, "all costs removed: real incomes equal up to tastes", None, spread, 1e-9, "log", "property")
    keen = calibrate(Parameters(migration=20.0))
    closer = counterfactual(keen, 1 / keen.migration_cost)
    over = float(max(np.ptp(np.log(closer.real_income)) / np.ptp(np.log(free.real_income)) - 0.25, 0.0))
    yield Check(
        PAPER, "all costs removed, κ 20: real incomes a quarter as far apart, or less", None, over, 0.0, "1", "property"
    )
    cheaper = counterfactual(base, between_provinces(base, 0.8))
    fewer = max(same.migrants - cheaper.migrants, 0.0)
    yield Check(PAPER, "moving between provinces × 0.8: more do", None, fewer, 0.0, "part of people", "property")
    uniform = counterfactual(base, np.full((count, count), 0.8))
    yield Check(
        PAPER, "every cost × 0.8, of staying too", 1 / 0.8, float(uniform.welfare_hat[0]), 1e-9, "factor", "closed form"
    )


@dataclass(frozen=True)
class Province:
    """What the bundled study knows of a province: employed persons and GDP by sector [100 million yuan], and where."""

    name: str
    employed: np.ndarray
    output: np.ndarray
    longitude: float
    latitude: float


def provinces() -> list[Province]:
    """The 31 provinces of the bundled study; those of its own region are the sums of their counties and prefectures."""
    found = [
        _province(row["name_en"], [row], float(row["gdp_100m_yuan"]), float(row["primary_percent"]))
        for row in _table("external.csv")
        if row["code"] != "ROW"
    ]
    counties, prefectures = _table("regions.csv"), _table("prefectures.csv")
    for row in _table("provinces.csv"):
        own = [place for place in prefectures if place["province"] == row["code"]]
        gdp = np.array([float(place["gdp_100m_yuan"]) for place in own])
        primary = float(gdp @ [float(place["primary_percent"]) for place in own] / gdp.sum())
        inside = [place for place in counties if place["province"] == row["code"]]
        found.append(_province(row["name_en"], inside, float(gdp.sum()), primary))
    return found


def _province(name: str, rows: list[dict[str, str]], gdp: float, primary_percent: float) -> Province:
    farmers, employed = (sum(float(row[key]) for row in rows) for key in ("employed_agriculture", "employed"))
    return Province(
        name,
        np.array([farmers, employed - farmers]),
        gdp * np.array([primary_percent, 100 - primary_percent]) / 100,
        float(np.mean([float(row["longitude"]) for row in rows])),
        float(np.mean([float(row["latitude"]) for row in rows])),
    )


def _table(name: str) -> list[dict[str, str]]:
    text = files("coregion").joinpath(f"studies/jingjinji/{name}").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def _distance(known: list[Province]) -> np.ndarray:
    """Kilometres between places over the great circle; 100 within a province."""
    east, north = (np.radians([getattr(one, key) for one in known]) for key in ("longitude", "latitude"))
    half = (
        np.sin((north[:, None] - north) / 2) ** 2
        + np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
    )
    return np.kron(np.maximum(2 * 6371 * np.arcsin(np.sqrt(half)), 100.0), np.ones((len(SECTORS), len(SECTORS))))


def _registration(people: np.ndarray, income: np.ndarray, distance: np.ndarray, parameters: Parameters) -> np.ndarray:
    """m_on: made-up pulls of other places, by people, income and distance, with at least ``stay`` at home."""
    rng = np.random.default_rng(parameters.seed)
    pull = people * income**1.5 / distance
    np.fill_diagonal(pull, 0.0)
    stay = rng.uniform(parameters.stay, 0.98, len(people))
    share = (1 - stay)[:, None] * pull / pull.sum(axis=1, keepdims=True)
    np.fill_diagonal(share, stay)
    return share


def _economy(
    people: np.ndarray, wage: np.ndarray, share: np.ndarray, distance: np.ndarray, parameters: Parameters
) -> Economy:
    count, sectors = len(people), len(SECTORS)
    income = wage * (people @ share)
    ones, nothing = jnp.ones(count), jnp.zeros(count)
    own = (np.arange(count)[:, None] % sectors == np.arange(sectors)[None, :]).astype(float)
    sales = income[:, None] * own
    final = sales.sum(0) / sales.sum()
    near = np.where(distance > 100, 3.0, 100.0) / distance
    trade_share = np.zeros((sectors, count, count))
    for s, name in enumerate(SECTORS):
        seller = own[:, s] > 0
        flows = balance(near[:, seller], final[s] * income, sales[seller, s], name)
        trade_share[s][:, seller] = flows / flows.sum(axis=1, keepdims=True)
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(1.0),
            migration=jnp.asarray(parameters.migration),
            trade=jnp.full(sectors, parameters.trade),
            goods_share=jnp.asarray(parameters.goods_share),
            household_share=jnp.asarray(1.0),
            floor_space_supply=nothing,
        ),
        registered=jnp.asarray(people)[None],
        residence_share=jnp.asarray(share)[None],
        employment_rate=ones[None],
        efficiency=jnp.ones(1),
        workplace_share=jnp.eye(count)[None],
        wage=jnp.asarray(wage),
        public_jobs=nothing[None],
        payer_share=nothing[None],
        sales=jnp.asarray(sales),
        profit_share=jnp.zeros(sectors),
        labour_share=jnp.asarray(own),
        floor_space_share=jnp.zeros((count, sectors)),
        capital_share=jnp.zeros((count, sectors)),
        input_share=jnp.zeros((count, sectors, sectors)),
        final_share=jnp.broadcast_to(jnp.asarray(final), (count, sectors)),
        trade_share=jnp.asarray(trade_share),
        tariffs=closures.NoTariffs(),
        pool=jnp.zeros(count, int),
        pool_share=nothing,
        capital_income=jnp.zeros(1),
        transfers=nothing,
        deficit=nothing,
        expenditure=jnp.asarray(income),
        floor_space_rent=(1 - parameters.goods_share) * jnp.asarray(income),
        pensions=closures.NoPensions(),
        rents=closures.LocalLandlordsBuyGoods(),
        entry=closures.FixedVariety(),
        agglomeration=closures.NoAgglomeration(),
        amenity=closures.NoResidentialDensity(),
    )
