"""Fajgelbaum & Schaal (2020, Econometrica 88): where a planner builds roads, in the convex case.

A programme of its own, beside the model: prices of goods at places minimise the planner's dual, in which consumption,
flows and roads have closed forms; quantities follow from the prices. People stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.optimize import minimize

import coregion.model  # noqa: F401  (float64 is set there)
from coregion.errors import Mistake, NotConverged, raise_together
from coregion.literature.check import Check, ReferenceFile

PAPER = "Fajgelbaum & Schaal (2020)"
FILES: tuple[ReferenceFile, ...] = ()


class Geography(eqx.Module):
    """What the planner finds: places, what they make, and where roads may be built.

    people: L_j. supply: Y_jn. start, end: ends of each possible road, used both ways. trade_cost: δ^τ of each.
    build_cost: δ^I of each. budget: K. congestion: β. returns: γ < β (the convex case, without its edge).
    consumption: α of U = c^α per head. substitution: σ between goods.
    """

    people: Float[np.ndarray, " place"]
    supply: Float[np.ndarray, "place good"]
    start: Int[np.ndarray, " road"]
    end: Int[np.ndarray, " road"]
    trade_cost: Float[np.ndarray, " road"]
    build_cost: Float[np.ndarray, " road"]
    budget: float
    congestion: float = 1.0
    returns: float = 0.5
    consumption: float = 0.4
    substitution: float = 5.0

    def __check_init__(self) -> None:
        raise_together(_mistakes(self))


@dataclass(frozen=True)
class Plan:
    """An allocation. price: P_jn. consumed: C_jn. flow: Q_jkn, roads there then back. road: I. welfare: Σ L U.

    bound: the dual's value, which no allocation of this geography (on these roads, where they are given) exceeds.
    """

    price: np.ndarray
    consumed: np.ndarray
    flow: np.ndarray
    road: np.ndarray
    welfare: float
    bound: float


def optimal_network(geography: Geography) -> Plan:
    """The best network and what flows on it (the paper's problem with immobile labour, section 2)."""
    return _plan(geography, None, 1e-13)


def flows_on(geography: Geography, road: Float[np.ndarray, " road"], tolerance: float = 1e-12) -> Plan:
    """The best flows on given roads I: the paper's inner problem of optimal transport."""
    return _plan(geography, np.asarray(road, dtype=float), tolerance)


def first_order_conditions(geography: Geography, plan: Plan) -> dict[str, float]:
    """How far the plan is from each condition of the primal problem, relative to the price that stands in it.

    The Lagrangian is written as in the paper and differentiated; none of the closed forms of the dual is used.
    goods, budget: what is used beyond what there is, over what there is. consumption, flows, roads: derivatives
    (complementary to flows of zero).
    """
    goods = np.asarray(resources(geography, plan.consumed, plan.flow, plan.road))

    def lagrangian(consumed, flow, road):
        return utility(geography, consumed) + (plan.price * resources(geography, consumed, flow, road)).sum()

    of_goods, of_flow, of_road = jax.grad(lagrangian, argnums=(0, 1, 2))(plan.consumed, plan.flow, plan.road)
    origin = np.concatenate([geography.start, geography.end])
    slope = np.asarray(of_flow) / plan.price[origin]
    spent = (geography.build_cost * plan.road).sum()
    shadow = float((of_road * plan.road).sum()) / spent
    return {
        "goods": float(np.abs(goods / (plan.consumed + geography.supply)).max()),
        "budget": float(abs(spent / geography.budget - 1)),
        "consumption": float(np.abs(of_goods / plan.price).max()),
        "flows": float(np.where(plan.flow > 0, np.abs(slope), np.maximum(slope, 0)).max()),
        "roads": float(np.abs(np.asarray(of_road) / (shadow * geography.build_cost) - 1).max()),
    }


def utility(geography: Geography, consumed: Float[Array, "place good"]) -> Array:
    """Σ_j L_j c_j^α with c_j = [Σ_n C_jn^((σ−1)/σ)]^(σ/(σ−1)) / L_j."""
    power = (geography.substitution - 1) / geography.substitution
    bundle = (consumed**power).sum(axis=1) ** (1 / power)
    return (geography.people * (bundle / geography.people) ** geography.consumption).sum()


def resources(geography: Geography, consumed, flow, road) -> Array:
    """What is left of each good at each place: Y + Σ_i Q_ij − C − Σ_k Q_jk (1 + τ_jk), τ = δ^τ Q^β / I^γ."""
    origin = jnp.concatenate([geography.start, geography.end])
    destination = jnp.concatenate([geography.end, geography.start])
    ease = jnp.tile(road**geography.returns / geography.trade_cost, 2)[:, None]
    leaving = flow + flow ** (1 + geography.congestion) / ease
    left = jnp.asarray(geography.supply - consumed)
    return left.at[origin].add(-leaving).at[destination].add(flow)


def random_networks(geography: Geography, count: int, seed: int, near: Float[np.ndarray, " road"]) -> np.ndarray:
    """Roads that spend the budget: half of them anywhere, half within a tenth of the roads ``near``."""
    shares = np.random.default_rng(seed).dirichlet(np.ones(len(geography.start)), count)
    mix = np.where(np.arange(count) % 2 == 0, 1.0, 0.1)[:, None]
    return mix * shares * geography.budget / geography.build_cost + (1 - mix) * near


def _plan(geography: Geography, road: np.ndarray | None, tolerance: float, start: np.ndarray | None = None) -> Plan:
    choose = road is None
    given = (geography, np.ones(len(geography.start)) if road is None else road)
    shape = geography.supply.shape
    first = _prices_apart(geography) if start is None else np.log(start)
    found = minimize(
        lambda x: float(_value(x.reshape(shape), *given, choose=choose)),
        first.ravel(),
        jac=lambda x: np.asarray(_slope(x.reshape(shape), *given, choose=choose)).ravel(),
        hess=lambda x: np.asarray(_curve(x.reshape(shape), *given, choose=choose)).reshape(x.size, x.size),
        method="trust-exact",
        options={"gtol": tolerance, "maxiter": 500},
    )
    log_price, left = _last_digits(found.x.reshape(shape), given, choose, tolerance)
    if not left <= max(1e-10, tolerance):
        raise NotConverged(
            f"the planner's prices: a market is {left:.1e} of its value from clearing; expected {tolerance:.0e}. "
            "γ close to β makes roads all or nothing: lower γ, or raise β."
        )
    consumed, flow, built = (np.asarray(part) for part in _quantities(log_price, *given, choose))
    welfare, bound = float(utility(geography, jnp.asarray(consumed))), float(_value(log_price, *given, choose=choose))
    return Plan(np.exp(log_price), consumed, flow, built, welfare, bound)


def _last_digits(point: np.ndarray, given: tuple, choose: bool, tolerance: float) -> tuple[np.ndarray, float]:
    """Newton steps where a descent no longer sees the dual fall; kept while the slope does."""
    gap = np.asarray(_slope(point, *given, choose=choose))
    for _ in range(12):
        if np.abs(gap).max() <= tolerance:
            break
        curve = np.asarray(_curve(point, *given, choose=choose)).reshape(point.size, point.size)
        trial = point - np.linalg.lstsq(curve, gap.ravel(), rcond=None)[0].reshape(point.shape)
        after = np.asarray(_slope(trial, *given, choose=choose))
        if not np.abs(after).max() < np.abs(gap).max():
            break
        point, gap = trial, after
    return point, float(np.abs(gap).max())


def _prices_apart(geography: Geography) -> np.ndarray:
    """Prices as if every place ate what it makes and a tenth of the mean: roads are worth something here."""
    eaten = geography.supply + 0.1 * geography.supply.mean(axis=0)
    return np.log(np.asarray(jax.grad(utility, argnums=1)(geography, eaten)))


def _dual(log_price, geography: Geography, road, choose: bool):
    """max over C, Q (and I) of the Lagrangian at these prices: convex in P, and a bound on welfare at any P."""
    ratio, share = geography.returns / geography.congestion, geography.consumption
    pay = (jnp.exp(log_price) * geography.supply).sum()
    per_head = (share / _bundle_price(log_price, geography)) ** (share / (1 - share))
    consumers = (geography.people * (1 - share) * per_head).sum()
    worth = _road_worth(log_price, geography)
    if not choose:
        return pay + consumers + (worth * road**ratio).sum()
    scores = worth ** (1 / (1 - ratio)) * geography.build_cost ** (-ratio / (1 - ratio))
    return pay + consumers + scores.sum() ** (1 - ratio) * geography.budget**ratio


_value = jax.jit(_dual, static_argnames="choose")
_slope = jax.jit(jax.grad(_dual), static_argnames="choose")
_curve = jax.jit(jax.hessian(_dual), static_argnames="choose")


def _bundle_price(log_price, geography: Geography):
    power = 1 - geography.substitution
    return jnp.exp(jax.nn.logsumexp(power * log_price, axis=1) / power)


def _gains(log_price, geography: Geography):
    """(price where a flow starts, P_k/P_j − 1 where positive), for each road there, then back, and good."""
    here = jnp.concatenate([log_price[geography.start], log_price[geography.end]])
    there = jnp.concatenate([log_price[geography.end], log_price[geography.start]])
    return jnp.exp(here), jnp.maximum(jnp.expm1(there - here), 0.0)


def _road_worth(log_price, geography: Geography):
    """S with S I^(γ/β) = what trade over a road of size I earns at these prices: both ways, all goods."""
    beta = geography.congestion
    price, gain = _gains(log_price, geography)
    scale = jnp.tile((1 + beta) * geography.trade_cost, 2)[:, None] ** (-1 / beta)
    earned = (price * beta / (1 + beta) * scale * gain ** (1 + 1 / beta)).sum(axis=1)
    there, back = jnp.split(earned, 2)
    return there + back


def _quantities(log_price, geography: Geography, road, choose: bool):
    """(C, Q, I) that the planner wants at these prices (the paper's conditions, solved for quantities)."""
    beta, ratio, share = geography.congestion, geography.returns / geography.congestion, geography.consumption
    index = _bundle_price(log_price, geography)
    bundle = geography.people * (share / index) ** (1 / (1 - share))
    consumed = bundle[:, None] * (jnp.exp(log_price) / index[:, None]) ** -geography.substitution
    if choose:
        size = (_road_worth(log_price, geography) / geography.build_cost) ** (1 / (1 - ratio))
        road = geography.budget * size / (geography.build_cost * size).sum()
    _, gain = _gains(log_price, geography)
    ease = jnp.tile(road**geography.returns / ((1 + beta) * geography.trade_cost), 2)[:, None]
    return consumed, (gain * ease) ** (1 / beta), road


def _mistakes(geography: Geography) -> list[Mistake]:
    found = []
    for name in ("people", "trade_cost", "build_cost"):
        if not (np.asarray(getattr(geography, name)) > 0).all():
            found.append(Mistake(f"a {name} that is not positive", "numbers above 0", column=name))
    if not ((geography.supply >= 0).all() and (geography.supply.sum(axis=0) > 0).all()):
        found.append(Mistake("a good that nobody makes, or a negative supply", "some of every good", column="supply"))
    if not geography.budget > 0:
        found.append(Mistake(f"a budget of {geography.budget}", "one above 0", column="budget"))
    if not 0 < geography.returns < geography.congestion:
        remedy = "At γ = β prices do not say how large roads are, above it the problem is not convex"
        found.append(Mistake(f"γ {geography.returns}, β {geography.congestion}", "0 < γ < β", remedy))
    if not (0 < geography.consumption < 1 and geography.substitution > 1):
        found.append(Mistake("another α or σ", "α between 0 and 1, σ above 1"))
    return found


def square(side: int, goods: int = 1, **settings) -> Geography:
    """A square grid, roads between neighbours; the middle makes much of good 0, a corner each of the others."""
    at = np.arange(side * side).reshape(side, side)
    start = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    end = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    supply = np.zeros((side * side, goods))
    supply[:, 0] = 0.1
    supply[at[side // 2, side // 2], 0] = 1.0
    supply[[0, side - 1, side * side - 1, side * (side - 1)][: goods - 1], range(1, goods)] = 1.0
    alike = np.ones(len(start))
    return Geography(np.ones(side * side), supply, start, end, alike, alike, 1.0, **settings)


CASES = (
    ("3 × 3 grid, one good, β 1, γ 0.5", {"goods": 1}),
    ("3 × 3 grid, three goods, β 1, γ 0.5", {"goods": 3}),
    ("3 × 3 grid, two goods, β 0.13, γ 0.10", {"goods": 2, "congestion": 0.13, "returns": 0.10}),
)
NETWORKS = 1000


def best_of_random(geography: Geography, best: Plan, count: int = NETWORKS, seed: int = 1) -> float:
    """Highest bound on welfare of ``count`` random networks over the optimum's welfare, less 1: negative if none beats.

    The bound is the dual of each network's own flow problem, which no flows on it can exceed.
    """
    tried = random_networks(geography, count, seed, best.road)
    bounds = [_plan(geography, road, 1e-8, best.price).bound for road in tried]
    return max(bounds) / best.welfare - 1


def checks(folder: Path | None = None) -> Iterator[Check]:
    """First-order conditions, the gap between plan and bound, and random networks; no data are needed."""
    for name, settings in CASES:
        geography = square(3, **settings)
        best = optimal_network(geography)
        worst = max(first_order_conditions(geography, best).values())
        yield Check(PAPER, f"{name}: first-order conditions", None, worst, 1e-8, "", "property")
        yield Check(
            PAPER, f"{name}: welfare below its bound", None, best.bound / best.welfare - 1, 1e-10, "", "property"
        )
    geography = square(3)
    ahead = max(0.0, best_of_random(geography, optimal_network(geography)))
    yield Check(
        PAPER, f"{CASES[0][0]}: {NETWORKS} random networks, best beats the optimum by", None, ahead, 0.0, "", "property"
    )
