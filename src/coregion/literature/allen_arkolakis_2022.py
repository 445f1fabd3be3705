"""Allen & Arkolakis (2022, Review of Economic Studies 89): a congested city whose people choose home, work and way.

The choice of home and work, wages, spillovers and welfare are the model's; the choice of a way and the crowding of
links are the network's (``coregion.network.routes``); the two are closed together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from coregion.errors import raise_together
from coregion.literature.allen_arkolakis_2014 import featureless
from coregion.literature.check import Check, ReferenceFile
from coregion.literature.given import above_zero
from coregion.literature.solved import solved
from coregion.model import closures
from coregion.model.economy import Economy, Shock, no_shock
from coregion.network.routes import RouteLinks, Routes, congested_routes
from coregion.solve.equilibrium import Options

PAPER = "Allen & Arkolakis (2022)"
FILES: tuple[ReferenceFile, ...] = ()
WAGES = 2.0
"""σ of the free trade that carries the wages: with θ = σ − 1 = 1 and spillover 1 + 2α the wage is Ā_i L_i^α."""


@dataclass(frozen=True)
class City:
    """An urban equilibrium. commuters: L_ij, home by work. welfare: W. routes: ways, their costs and what uses them.

    wage: w_j = Ā_j (L^F_j)^α, in goods.
    """

    commuters: np.ndarray
    welfare: float
    wage: np.ndarray
    routes: Routes


def featureless_city(places: int, taste: float, productivity: float, amenity: float) -> Economy:
    """N places alike, every commute at no cost: one of N² pairs of home and work each for 1/N² of the people.

    ε = η = θ makes home and work one choice. Wages are given up to a spillover because free trade with θ 1 and an
    agglomeration of 1 + 2α gives w_i² ∝ Ā_i² L_i^(2α): the more a place makes, the more kinds of it there are.
    """
    share = 1 / places
    economy = featureless(places, WAGES, 1 + 2 * productivity, 0.0)
    spillover = closures.ResidentialDensity(jnp.asarray(float(amenity)), jnp.eye(places), jnp.full(places, share))
    return eqx.tree_at(
        lambda e: (e.elasticities.commuting, e.elasticities.migration, e.workplace_share, e.amenity),
        economy,
        (jnp.asarray(float(taste)), jnp.asarray(float(taste)), jnp.full((1, places, places), share), spillover),
    )


def urban_equilibrium(
    links: RouteLinks,
    population: float,
    productivity: float = 0.0,
    amenity: float = 0.0,
    *,
    technology: np.ndarray | None = None,
    beauty: np.ndarray | None = None,
) -> City:
    """L_ij = L (u_i w_j / τ_ij)^θ / W^θ, Σ L_ij = L, w_j = Ā_j (L^F_j)^α, u_i = ū_i (L^R_i)^β (their section 2).

    productivity, amenity: α, β. technology, beauty: Ā, ū (1 by default). τ follows from the flows on the links, and the
    flows from τ. The model's money is the mean wage; wages and W are turned into goods at the end.
    Raises NotConverged when either side finds no solution, InputMistakes when going round in circles pays or a
    number is not above zero.
    """
    places = links.places
    raise_together(
        above_zero("population", population, ())
        + above_zero("technology", technology, (places,))
        + above_zero("beauty", beauty, (places,))
    )
    economy = featureless_city(places, links.taste, productivity, amenity)
    skill = np.ones(places) if technology is None else np.asarray(technology, dtype=float)
    charm = np.ones(places) if beauty is None else np.asarray(beauty, dtype=float)
    still = _before_travel(economy, skill, charm)
    last: dict = {}

    def commuters(cost: np.ndarray) -> np.ndarray:
        shock = eqx.tree_at(lambda s: s.commuting_cost, still, jnp.asarray(cost))
        start = last["solution"].unknowns if last else None
        last["solution"] = solved(economy, shock, "the city", Options(tolerance=1e-13), start)
        outcome = last["solution"].outcome
        reached = np.asarray(cost) ** -links.taste * np.asarray(outcome.wage_hat) ** links.taste
        home = np.asarray(outcome.residents_chosen[0])
        return population * home[:, None] * reached / reached.sum(axis=1, keepdims=True)

    routes = congested_routes(links, commuters, tolerance=1e-11)
    flows, outcome = commuters(routes.cost), last["solution"].outcome
    wage = skill * flows.sum(axis=0) ** productivity
    goods = np.asarray(outcome.final_price_hat) * wage / np.asarray(outcome.wage_hat)
    free = places ** (2 / links.taste) * (population / places) ** amenity
    return City(flows, float(outcome.welfare_hat[0, 0] * goods.mean()) * free, wage, routes)


def _before_travel(economy: Economy, skill: np.ndarray, charm: np.ndarray) -> Shock:
    """Ā and ū as a shock of places alike; Ā squared, as in ``featureless_city``."""
    return eqx.tree_at(
        lambda s: (s.productivity, s.amenity),
        no_shock(economy),
        (jnp.asarray(skill**2)[:, None], jnp.asarray(charm)[None, None, :]),
    )


def square(side: int, cost: float, taste: float, congestion: float) -> RouteLinks:
    """A square grid, each place linked both ways with the neighbours beside it; each costs ``cost`` at a flow of 1."""
    at = np.arange(side * side).reshape(side, side)
    near = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    far = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    start, end = np.concatenate([near, far]), np.concatenate([far, near])
    alike = np.ones(len(start))
    return RouteLinks(side * side, start, end, cost * alike, alike, congestion, taste)


def off_gravity(city: City, links: RouteLinks, population: float) -> float:
    """Largest relative error of L_ij = L (w_j/τ_ij)^θ / W^θ, computed from the answer, with ū = 1 and β = 0."""
    right = population * (city.wage / city.routes.cost) ** links.taste / city.welfare**links.taste
    return float(np.abs(right / city.commuters - 1).max())


def off_traffic(city: City, links: RouteLinks) -> float:
    """Largest relative error of gravity of traffic, Ξ_kl = t_kl^(−θ) · (all who reach k) · (all who leave from l).

    Their section 3: with α = β = 0 and places alike, Ξ_kl = (L/W^θ) t_kl^(−θ) Σ_i [(I−A)^(−1)]_ik Σ_j [(I−A)^(−1)]_lj.
    """
    weight = city.routes.route_weight
    into, out_of = weight.sum(axis=0)[links.start], weight.sum(axis=1)[links.end]
    scale = city.commuters.sum() / city.welfare**links.taste
    return float(np.abs(scale * city.routes.link_cost**-links.taste * into * out_of / city.routes.flow - 1).max())


def checks(folder: Path | None = None) -> Iterator[Check]:
    """The 5 × 5 grid with and without congestion, and the paper's own relations at the answer; no data are needed."""
    free = square(5, 1.5, 4.0, 0.0)
    crowded = replace(free, congestion=0.05)
    empty, full = urban_equilibrium(free, 1.0), urban_equilibrium(crowded, 100.0)
    computed = (
        ("5 × 5 grid, t̄ 1.5, θ 4, no congestion: welfare", empty.welfare, 2.92621135),
        ("5 × 5 grid, t̄ 1.5, θ 4, λ 0.05, 100 people: welfare", full.welfare, 2.77761929),
    )
    for experiment, ours, expected in computed:
        yield Check(PAPER, experiment, expected, ours, 1e-8, "", "independent computation")
    gap = off_gravity(full, crowded, 100.0)
    yield Check(PAPER, "λ 0.05: commuters follow gravity", None, gap, 1e-9, "", "property")
    yield Check(PAPER, "λ 0.05: traffic follows gravity", None, off_traffic(full, crowded), 1e-9, "", "property")
    link = crowded.cost * (full.routes.flow / crowded.capacity) ** crowded.congestion
    gap = float(np.abs(link / full.routes.link_cost - 1).max())
    yield Check(PAPER, "λ 0.05: links cost what their traffic makes them cost", None, gap, 1e-10, "", "property")
    spread = urban_equilibrium(crowded, 100.0, productivity=0.05)
    gap = off_gravity(spread, crowded, 100.0)
    yield Check(PAPER, "λ 0.05, α 0.05: commuters follow gravity", None, gap, 1e-9, "", "property")
