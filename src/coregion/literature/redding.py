"""Redding (2016, JIE 101) and Redding & Rossi-Hansberg (2017): Helpman's model on a grid of places in two countries.

People move within their country, not between; land is fixed and its rents go to those who live on it. Settings of the
one model: nobody commutes, one origin for each country, η = ε, δ = 0. Under increasing returns (free entry) T ∝ L,
told as productivity of a place's own workers with elasticity 1/θ. Geography in levels is a shock to a featureless
world in which all places are alike and trade is free, so that every share is known exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import jax.numpy as jnp
import numpy as np

from coregion.errors import InputMistakes, Mistake, raise_together
from coregion.literature.check import Check, ReferenceFile
from coregion.literature.solved import solved
from coregion.model import closures, trade
from coregion.model.economy import Economy, Elasticities, no_shock
from coregion.model.weights import weights
from coregion.solve.equilibrium import Options, Solution

PAPER = "Redding (2016)"
FILES: tuple[ReferenceFile, ...] = ()
OPTIONS = Options(tolerance=1e-11, fixed_point_steps=3000)
Returns = Literal["constant", "increasing"]


@dataclass(frozen=True)
class Parameters:
    """goods_share: α. migration: ε, of residence to the value of a place. trade: θ = σ − 1. returns: to scale."""

    goods_share: float = 0.75
    migration: float = 3.0
    trade: float = 4.0
    returns: Returns = "constant"

    @property
    def scale(self) -> float:
        """Elasticity of productivity to a place's own workers: 1/θ with free entry, else none."""
        return 1 / self.trade if self.returns == "increasing" else 0.0


@dataclass(frozen=True)
class Geography:
    """Places in countries. country: index of each place. distance: buyer by seller, own 1. productivity: A_n."""

    country: np.ndarray
    distance: np.ndarray
    productivity: np.ndarray


@dataclass(frozen=True)
class Levels:
    """An equilibrium. people: L_n, world 1. wage: mean of places 1. own_share: π_nn. welfare: U by country."""

    people: np.ndarray
    wage: np.ndarray
    own_share: np.ndarray
    welfare: np.ndarray
    residual: float
    solution: Solution


def two_countries(side: int = 30, seed: int = 2016, spread: float = 1.0) -> Geography:
    """A square grid cut in two halves, west (0) and east (1); log A_n is normal with deviation ``spread``."""
    if side < 2 or side % 2:
        raise InputMistakes([Mistake(f"a grid of {side} by {side}", "an even number of columns, two or more")])
    column, row = (values.ravel() for values in np.meshgrid(np.arange(side), np.arange(side)))
    apart = np.hypot(column[:, None] - column[None], row[:, None] - row[None])
    productivity = np.exp(spread * np.random.default_rng(seed).standard_normal(side * side))
    return Geography((column >= side // 2).astype(int), np.maximum(apart, 1.0), productivity)


def trade_cost(place: Geography, external: float, internal: float, decay: float = 0.33) -> np.ndarray:
    """τ_ni = distance^decay, × ``external`` across the border, × ``internal`` between places of one country."""
    same = place.country[:, None] == place.country[None, :]
    own = np.eye(len(place.country), dtype=bool)
    return place.distance**decay * np.where(own, 1.0, np.where(same, internal, external))


def levels(place: Geography, cost: np.ndarray, parameters: Parameters = Parameters(), start=None) -> Levels:
    """The equilibrium of a geography with trade costs ``cost`` [buyer, seller]; ``start`` is an earlier solution's.

    Raises InputMistakes on shapes and signs, NotConverged when a market does not clear to 1e-11.
    """
    count = len(place.country)
    raise_together(
        [
            Mistake(f"{name} of shape {np.shape(values)} or not above zero", f"{shape}, above zero")
            for name, values, shape in (
                ("trade cost", cost, (count, count)),
                ("productivity", place.productivity, (count,)),
            )
            if np.shape(values) != shape or not (np.asarray(values) > 0).all()
        ]
    )
    economy = featureless(place.country, parameters)
    shock = replace(
        no_shock(economy),
        trade_cost=jnp.asarray(cost, float)[None],
        productivity=jnp.asarray(place.productivity, float)[:, None],
    )
    solution = solved(economy, shock, PAPER, OPTIONS, start)
    o = solution.outcome
    share = trade.trade_share(weights(economy, shock), o.supply)
    wage = np.asarray(o.wage_hat)
    return Levels(
        people=np.asarray(o.residents[0]),
        wage=wage / wage.mean(),
        own_share=np.asarray(jnp.diagonal(share[0])),
        welfare=np.asarray(o.welfare_hat[0]),
        residual=float(solution.error),
        solution=solution,
    )


def welfare_by_place(before: Levels, after: Levels, parameters: Parameters) -> np.ndarray:
    """Û from each place's own data: π̂_nn^(−α/θ) L̂_n^(α·scale − (1−α) − 1/ε) (Redding 2016).

    The same in all places of a country, since people move until it is.
    """
    alpha = parameters.goods_share
    power = alpha * parameters.scale - (1 - alpha) - 1 / parameters.migration
    return local_gain(before, after, parameters) * (after.people / before.people) ** power


def local_gain(before: Levels, after: Levels, parameters: Parameters) -> np.ndarray:
    """π̂_nn^(−α/θ): what trade shares alone say of a place, mobility left out (Arkolakis et al. 2012)."""
    return (after.own_share / before.own_share) ** (-parameters.goods_share / parameters.trade)


def free_trade_people(place: Geography, parameters: Parameters) -> np.ndarray:
    """L_n of one country without trade costs: L ∝ A^(x / y), constant or increasing returns.

    w L ∝ (A L^scale)^θ w^−θ and L^(1/ε) ∝ w^α L^(α−1), since the price index is one and the rent follows w L.
    """
    alpha, theta = parameters.goods_share, parameters.trade
    from_productivity = theta / (1 + theta)
    from_people = (theta * parameters.scale - 1) / (1 + theta)
    power = alpha * from_productivity / (1 / parameters.migration + 1 - alpha - alpha * from_people)
    people = place.productivity**power
    return people / people.sum()


def featureless(country: np.ndarray, parameters: Parameters) -> Economy:
    """Places alike, trade free, as many people in each: every share is 1/N."""
    count, countries = len(country), int(np.max(country)) + 1
    if not np.isin(np.arange(countries), country).all():
        raise InputMistakes([Mistake("a country without places", "countries 0, 1, … with a place each")])
    ones, nothing, own = jnp.ones(count), jnp.zeros(count), jnp.eye(count)
    here = (country[None, :] == np.arange(countries)[:, None]).astype(float)
    alpha, people = parameters.goods_share, ones / count
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(1.0),
            migration=jnp.asarray(parameters.migration),
            trade=jnp.asarray([parameters.trade]),
            goods_share=jnp.asarray(alpha),
            household_share=jnp.asarray(1.0),
            floor_space_supply=nothing,
        ),
        registered=jnp.asarray(here.sum(1) / count)[None],
        residence_share=jnp.asarray(here / here.sum(1, keepdims=True))[None],
        employment_rate=ones[None],
        efficiency=jnp.ones(1),
        workplace_share=own[None],
        wage=ones,
        public_jobs=nothing[None],
        payer_share=nothing[None],
        sales=(people / alpha * alpha)[:, None],
        profit_share=jnp.zeros(1),
        labour_share=ones[:, None],
        floor_space_share=nothing[:, None],
        capital_share=nothing[:, None],
        input_share=nothing[:, None, None],
        final_share=ones[:, None],
        trade_share=jnp.full((1, count, count), 1 / count),
        tariffs=closures.NoTariffs(),
        pool=jnp.zeros(count, int),
        pool_share=nothing,
        capital_income=jnp.zeros(1),
        transfers=nothing,
        deficit=nothing,
        expenditure=people / alpha,
        floor_space_rent=people * (1 - alpha) / alpha,
        pensions=closures.NoPensions(),
        rents=closures.LocalResidentsOwn(),
        entry=closures.FixedVariety(),
        agglomeration=closures.DensityAgglomeration(jnp.asarray([parameters.scale]), own, people),
        amenity=closures.NoResidentialDensity(),
    )


def checks(folder: Path | None = None, side: int = 30) -> Iterator[Check]:
    """Closed forms, and the two liberalisations on the grid under both returns to scale; no data are needed."""
    yield from _limits()
    for returns in ("constant", "increasing"):
        parameters, place = Parameters(returns=returns), two_countries(side)
        before = levels(place, trade_cost(place, 2.0, 2.0), parameters)
        for name, external, internal in (("external", 1.0, 2.0), ("internal", 2.0, 1.0)):
            cost = trade_cost(place, external, internal)
            after = levels(place, cost, parameters, before.solution.unknowns)
            what = f"{returns} returns, {side} × {side}, {name} liberalisation"
            gain = after.welfare / before.welfare
            off = float(np.abs(welfare_by_place(before, after, parameters) / gain[place.country] - 1).max())
            yield Check(PAPER, f"{what}: welfare from each place's own shares", None, off, 1e-9, "error", "property")
            loss = float(np.maximum(1 - gain, 0).max())
            yield Check(PAPER, f"{what}: no country loses", None, loss, 0.0, "loss", "property")
            if name == "external":
                edge, border = growth(place, before, after)
                behind = max(edge - border, 0.0)
                yield Check(PAPER, f"{what}: people go to the border", None, behind, 0.0, "log points", "property")


def growth(place: Geography, before: Levels, after: Levels) -> tuple[float, float]:
    """Mean log growth of people in the places farthest from the other country, and in those nearest to it."""
    other = place.country[:, None] != place.country[None, :]
    away = np.where(other, place.distance, np.inf).min(axis=1)
    log_growth = np.log(after.people / before.people)
    return float(log_growth[away == away.max()].mean()), float(log_growth[away == away.min()].mean())


def _limits() -> Iterator[Check]:
    place = replace(two_countries(6), productivity=np.ones(36))
    closed = np.where(place.country[:, None] == place.country[None, :], 1.0, 1e8)
    for returns in ("constant", "increasing"):
        parameters = Parameters(returns=returns)
        alone, together = levels(place, closed, parameters), levels(place, np.ones_like(closed), parameters)
        gain = float((together.welfare / alone.welfare)[0])
        exact = 2 ** (parameters.goods_share / parameters.trade)
        yield Check(
            PAPER, f"{returns} returns: free trade of twins over autarky", exact, gain, 1e-9, "U", "closed form"
        )
        border = np.where(closed > 1, 1.5, 1.0)
        gain = float((levels(place, border, parameters).welfare / alone.welfare)[0])
        exact = (1 + 1.5**-parameters.trade) ** (parameters.goods_share / parameters.trade)
        yield Check(PAPER, f"{returns} returns: twins, border cost 1.5", exact, gain, 1e-9, "U", "closed form")
        whole = replace(two_countries(6), country=np.zeros(36, int))
        found = levels(whole, np.ones_like(closed), parameters).people
        off = float(np.abs(found / free_trade_people(whole, parameters) - 1).max())
        yield Check(PAPER, f"{returns} returns: people under free trade", None, off, 1e-9, "error", "closed form")
