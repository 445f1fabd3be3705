"""Ahlfeldt, Redding, Sturm & Wolf (2015, ECMA 83): city blocks with commuting, floor space and spillovers.

Settings of the one model: one good at the price of the world outside, landlords who live elsewhere, residence and
workplace chosen together (η = ε), floor space in given supply that firms and residents bid for, so that its use is an
outcome. The Berlin data are not openly at hand: the city is made up with a seed. Levels are hats of a featureless city
of blocks alike, without distance, in which every number is one or a share 1/N.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from scipy.optimize import brentq

from coregion.errors import Mistake, NotConverged, raise_together
from coregion.literature.check import Check, ReferenceFile
from coregion.literature.solved import solved
from coregion.model import closures, equilibrium, households
from coregion.model.economy import Economy, Elasticities, Shock, no_shock
from coregion.model.goods_market import AbsenteeLandlords, OneGood
from coregion.model.unknowns import no_change
from coregion.model.weights import weights
from coregion.solve.equilibrium import Options, Solution
from coregion.solve.fixed_point import anderson

PAPER = "Ahlfeldt, Redding, Sturm & Wolf (2015)"
FILES: tuple[ReferenceFile, ...] = ()
OPTIONS = Options(tolerance=1e-12, fixed_point_steps=3000)


@dataclass(frozen=True)
class Parameters:
    """The pooled estimates as the literature quotes them; not checked against the printed table.

    goods_share: β. labour_share: α. commuting: ε. decay: κ per minute. productivity, productivity_decay: λ, δ.
    amenity, amenity_decay: η, ρ. floor_space: 1 − μ, of floor space to land.
    """

    goods_share: float = 0.75
    labour_share: float = 0.80
    commuting: float = 6.6941
    decay: float = 0.0987 / 6.6941
    productivity: float = 0.071
    productivity_decay: float = 0.362
    amenity: float = 0.155
    amenity_decay: float = 0.759
    floor_space: float = 0.25

    @property
    def exogenous(self) -> Parameters:
        """The same without spillovers: λ = δ = η = ρ = 0."""
        return replace(self, productivity=0.0, productivity_decay=0.0, amenity=0.0, amenity_decay=0.0)


@dataclass(frozen=True)
class Blocks:
    """What is given. minutes: between blocks. land: K. productivity: a. amenity: b. density: φ, so that L = φ K^(1−μ).

    place: east and north of each block.
    """

    place: np.ndarray
    minutes: np.ndarray
    land: np.ndarray
    productivity: np.ndarray
    amenity: np.ndarray
    density: np.ndarray

    def part(self, chosen: np.ndarray) -> Blocks:
        """The blocks in ``chosen`` (true or false by block) and nothing else of the city."""
        own = np.flatnonzero(chosen)
        return Blocks(
            self.place[own],
            self.minutes[np.ix_(own, own)],
            *(getattr(self, name)[own] for name in ("land", "productivity", "amenity", "density")),
        )


@dataclass(frozen=True)
class City:
    """An equilibrium: residents H_R, workers H_M, wage w, floor price Q, part θ in commercial use, U in levels."""

    residents: np.ndarray
    workers: np.ndarray
    wage: np.ndarray
    floor_price: np.ndarray
    commercial: np.ndarray
    utility: float
    residual: float
    solution: Solution


def synthetic(blocks: int = 500, seed: int = 2015) -> Blocks:
    """A disc of 15 minutes' radius, with a, b, φ and land log-normal; a falls with distance from the centre."""
    rng = np.random.default_rng(seed)
    radius, angle = 15 * np.sqrt(rng.uniform(0, 1, blocks)), rng.uniform(0, 2 * np.pi, blocks)
    place = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    minutes = 1 + np.linalg.norm(place[:, None] - place[None], axis=2)
    land, a, b, density = np.exp(np.array([[0.3], [0.1], [0.1], [0.2]]) * rng.standard_normal((4, blocks)))
    return Blocks(place, minutes, land, a * np.exp(-0.02 * radius), b / np.exp(np.log(b).mean()), density)


def city(given: Blocks, people: float = 1.0, parameters: Parameters = Parameters(), start=None) -> City:
    """The closed city: ``people`` live and work in it. Raises InputMistakes, NotConverged.

    Utility is told in levels, so that cities of more or fewer blocks compare: among the N² pairs of home and work of
    the featureless city the best of as many tastes is worth N^(2/ε).
    """
    count = len(given.land)
    names = ("land", "productivity", "amenity", "density")
    raise_together(
        [
            Mistake(f"{name} not above zero in each of {count} blocks", "one number above zero by block")
            for name in names
            if np.shape(getattr(given, name)) != (count,) or not (np.asarray(getattr(given, name)) > 0).all()
        ]
        + ([] if people > 0 else [Mistake(f"{people} people", "more than none")])
    )
    economy = featureless(given, people, parameters)
    solution = solved(economy, _shock(economy, given, parameters), PAPER, OPTIONS, start)
    o = solution.outcome
    commercial = (economy.floor_space_share * o.sales).sum(axis=1) / o.floor_space_supply
    return City(
        residents=np.asarray(o.residents[0]),
        workers=np.asarray(o.workers),
        wage=np.asarray(o.wage_hat),
        floor_price=np.asarray(o.floor_space_price_hat),
        commercial=np.asarray(commercial),
        utility=float(o.welfare_hat[0, 0]) * count ** (2 / parameters.commuting),
        residual=float(solution.error),
        solution=solution,
    )


def open_city(
    given: Blocks, outside_utility: float, parameters: Parameters = Parameters(), around: float = 1.0
) -> City:
    """The city to which people come until life there is worth the ``outside_utility``.

    around: a number of people near which to look, up to a hundredth and a hundredfold.
    """

    def gap(log_people: float) -> float:
        return float(np.log(city(given, float(np.exp(log_people)), parameters).utility / outside_utility))

    centre = np.log(around)
    low, high = centre - 0.5, centre + 0.5
    while gap(low) * gap(high) > 0:
        low, high = low - 1, high + 1
        if high - centre > np.log(100):
            raise NotConverged(
                f"{PAPER}: no number of people gives utility {outside_utility:.4g}; expected one. Change it."
            )
    return city(given, float(np.exp(brentq(gap, low, high, xtol=1e-13, rtol=1e-13))), parameters)  # pyright: ignore


def recover(found: City, given: Blocks, parameters: Parameters = Parameters()) -> tuple[np.ndarray, ...]:
    """(a, b, φ) from residents, workers, floor prices, land, minutes and the city's mean wage.

    b has geometric mean 1. The model's own equations at the observed city: what they leave over is what is looked for.
    """
    economy = featureless(given, float(found.residents.sum()), parameters)
    neutral = replace(no_shock(economy), commuting_cost=_shock(economy, given, parameters).commuting_cost)
    log_wage = _wages(economy, neutral, found)
    sales = np.exp(log_wage) * found.workers / np.asarray(economy.wage * economy.workers)
    x = replace(
        no_change(economy),
        wage=jnp.asarray(log_wage),
        residents=jnp.log(jnp.asarray(found.residents) / economy.residents[0])[None],
        floor_space_price=jnp.log(jnp.asarray(found.floor_price)),
        sales=jnp.log(jnp.asarray(sales))[:, None],
    )
    draft = equilibrium.outcome(x, economy, neutral, weights(economy, neutral))
    earned = (draft.earnings * draft.residents).sum(axis=0)
    x = replace(x, expenditure=jnp.log(earned / economy.expenditure))
    o = equilibrium.outcome(x, economy, neutral, weights(economy, neutral))
    beauty = found.residents ** (1 / parameters.commuting) / np.asarray(o.place_value_hat[0, 0])
    floor_space = np.asarray(o.floor_space_demand) / found.floor_price
    return (
        np.exp(np.asarray(o.log_unit_cost[:, 0])),
        beauty / np.exp(np.log(beauty).mean()),
        floor_space / given.land**parameters.floor_space,
    )


def checks(folder: Path | None = None, blocks: int = 500) -> Iterator[Check]:
    """Plant and recover, the division of the city, and the case without spillovers; no data are needed."""
    given, parameters = synthetic(blocks), Parameters()
    planted = city(given)
    named = ("productivity a", "amenity b", "density φ")
    truth = (given.productivity, given.amenity, given.density)
    for name, found, true in zip(named, recover(planted, given), truth, strict=True):
        off = float(np.abs(found / true - 1).max())
        yield Check(PAPER, f"{blocks} blocks, {name} recovered", None, off, 1e-8, "relative error", "property")
    exogenous = city(given, parameters=parameters.exogenous)
    flat = city(given, parameters=replace(parameters, productivity_decay=0.0, amenity_decay=0.0))
    for name, quantity in (("residents", "residents"), ("workers", "workers")):
        off = float(np.abs(getattr(flat, quantity) / getattr(exogenous, quantity) - 1).max())
        what = f"spillovers that do not decay (δ = ρ = 0) leave {name} as without any"
        yield Check(PAPER, what, None, off, 1e-9, "relative error", "closed form")
    near, far = division(given, planted, parameters)
    yield Check(PAPER, "division: floor prices fall near the old centre", None, max(near, 0.0), 0.0, "log", "property")
    yield Check(PAPER, "division: they fall less far from it", None, max(near - far, 0.0), 0.0, "log", "property")
    calm_near, calm_far = division(given, exogenous, parameters.exogenous)
    steeper = (far - near) - (calm_far - calm_near)
    yield Check(PAPER, "division: spillovers make the fall steeper", None, max(-steeper, 0.0), 0.0, "log", "property")


def division(given: Blocks, whole: City, parameters: Parameters) -> tuple[float, float]:
    """Mean log change of floor prices in the west when a wall cuts it off: nearest third to the old centre, farthest.

    The wall runs a minute west of the centre. Nobody commutes across it and nothing spills over it; people come and go
    until life in the west is worth what it was.
    """
    west = given.place[:, 0] < -1.0
    alone = open_city(given.part(west), whole.utility, parameters, float(whole.residents[west].sum()))
    change = np.log(alone.floor_price / whole.floor_price[west])
    away = np.linalg.norm(given.place[west], axis=1)
    first, last = np.quantile(away, (1 / 3, 2 / 3))
    return float(change[away <= first].mean()), float(change[away >= last].mean())


def featureless(given: Blocks, people: float, parameters: Parameters) -> Economy:
    """Blocks alike without distance: wages, floor prices and costs 1; density is told in levels, of a and b alone."""
    count, p = len(given.land), parameters
    ones, nothing = jnp.ones(count), jnp.zeros(count)
    each, share = people / count * ones, jnp.full((count, count), 1 / count)
    sales = each / p.labour_share
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(p.commuting),
            migration=jnp.asarray(p.commuting),
            trade=jnp.ones(1),
            goods_share=jnp.asarray(p.goods_share),
            household_share=jnp.asarray(1.0),
            floor_space_supply=nothing,
        ),
        registered=jnp.asarray([[float(people)]]),
        residence_share=jnp.full((1, 1, count), 1 / count),
        employment_rate=ones[None],
        efficiency=jnp.ones(1),
        workplace_share=share[None],
        wage=ones,
        public_jobs=nothing[None],
        payer_share=nothing[None],
        sales=sales[:, None],
        profit_share=jnp.zeros(1),
        labour_share=jnp.full((count, 1), p.labour_share),
        floor_space_share=jnp.full((count, 1), 1 - p.labour_share),
        capital_share=nothing[:, None],
        input_share=nothing[:, None, None],
        final_share=ones[:, None],
        trade_share=share[None],
        tariffs=closures.NoTariffs(),
        pool=jnp.zeros(count, int),
        pool_share=nothing,
        capital_income=jnp.zeros(1),
        transfers=nothing,
        deficit=nothing,
        expenditure=each,
        floor_space_rent=(1 - p.goods_share) * each + (1 - p.labour_share) * sales,
        pensions=closures.NoPensions(),
        rents=AbsenteeLandlords(),
        entry=closures.FixedVariety(),
        agglomeration=closures.DensityAgglomeration(
            jnp.asarray([p.productivity]), _kernel(given, p.productivity_decay), ones
        ),
        amenity=closures.ResidentialDensity(jnp.asarray(p.amenity), _kernel(given, p.amenity_decay), ones),
        goods=OneGood(),
    )


def _kernel(given: Blocks, decay: float):
    return jnp.asarray(np.exp(-decay * given.minutes) / given.land[None, :])


def _shock(economy: Economy, given: Blocks, parameters: Parameters) -> Shock:
    floor_space = given.density * given.land**parameters.floor_space
    return replace(
        no_shock(economy),
        productivity=jnp.asarray(given.productivity)[:, None],
        amenity=jnp.asarray(given.amenity)[None, None, :],
        commuting_cost=jnp.exp(parameters.decay * jnp.asarray(given.minutes)),
        floor_space=jnp.asarray(floor_space) / economy.floor_space_rent,
    )


def _wages(economy: Economy, shock: Shock, found: City) -> np.ndarray:
    """log w with H_M = Σ_n λ_i|n H_R, its scale from the city's mean wage over those who work."""
    folded, residents = weights(economy, shock), jnp.asarray(found.residents)[None]
    workers, epsilon = jnp.asarray(found.workers), economy.elasticities.commuting

    def gap(log_wage):
        filled, _ = households.workers_and_income(economy, folded, jnp.exp(log_wage), residents)
        return jnp.log(workers / filled) / epsilon

    start = jnp.zeros_like(workers)
    found_wage = anderson(gap, start, jnp.ones_like(start), 1e-13, 3000)
    if float(found_wage.error) > 1e-12:
        raise NotConverged(f"{PAPER}: workers are {float(found_wage.error):.1e} off; expected 1e-12. Check the counts.")
    wage = np.exp(np.asarray(found_wage.point))
    mean = (found.wage @ found.workers) / found.workers.sum()
    return np.log(wage * mean * found.workers.sum() / (wage @ found.workers))
