"""Soft choice between routes, and links that slow down as they fill (Allen & Arkolakis 2022)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from coregion.errors import InputMistakes, Mistake, NotConverged, raise_together


@dataclass(frozen=True)
class RouteLinks:
    """Directed links between V places; a road open both ways is two of them.

    start, end: positions of places, one pair a link. cost: t̄_kl, an ad valorem factor when the link carries a flow of
    one capacity. capacity: the flow at which it costs that. congestion: λ, t_kl = t̄_kl (flow_kl/capacity_kl)^λ; at 0
    the flow does not matter. taste: θ, how alike travellers find the routes (they take the cheapest as θ → ∞).
    """

    places: int
    start: Int[np.ndarray, " link"]
    end: Int[np.ndarray, " link"]
    cost: Float[np.ndarray, " link"]
    capacity: Float[np.ndarray, " link"]
    congestion: float
    taste: float

    def __post_init__(self) -> None:
        raise_together(_mistakes(self))

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Routes:
    """What a cost on every link comes to.

    link_cost: t_kl. route_weight: Σ over routes of Π t^(−θ), [place, place]. cost: τ_ij, the soft minimum over routes,
    [from, to]. flow: on each link, in the unit of what travels. rounds: how often flows and costs were exchanged.
    """

    link_cost: Float[np.ndarray, " link"]
    route_weight: Float[np.ndarray, "place place"]
    cost: Float[np.ndarray, "place place"]
    flow: Float[np.ndarray, " link"]
    rounds: int


def route_weight(links: RouteLinks, link_cost: Float[np.ndarray, " link"]) -> Float[np.ndarray, "place place"]:
    """[(I − A)^(−1)]_ij with A_kl = t_kl^(−θ): the sum over all routes from i to j.

    Raises InputMistakes where the sum has no limit. A ≥ 0 has a spectral radius below 1 if and only if (I − A)^(−1)
    exists and is nowhere negative (Berman & Plemmons 1994, theorem 6.2.3), so that the inverse itself is the test.
    """
    adjacency = np.zeros((links.places, links.places))
    np.add.at(adjacency, (links.start, links.end), link_cost**-links.taste)
    try:
        weight = np.linalg.inv(np.eye(links.places) - adjacency)
    except np.linalg.LinAlgError:
        weight = np.full_like(adjacency, -1.0)
    if not (weight.min() >= -1e-12 and np.diag(weight).min() >= 1):
        radius = float(np.abs(np.linalg.eigvals(adjacency)).max())
        raise InputMistakes(
            [
                Mistake(
                    f"costs of links whose t^(−θ) has a spectral radius of {radius:.3f}",
                    "one below 1, else going round in circles is worth it without end",
                    "Raise the costs of links or the taste parameter θ",
                )
            ]
        )
    return np.maximum(weight, 0.0)


def soft_cost(weight: Float[np.ndarray, "place place"], taste: float) -> Float[np.ndarray, "place place"]:
    """τ_ij = [(I − A)^(−1)]_ij^(−1/θ) (Allen & Arkolakis 2022, section 2); infinite where no route goes from i to j."""
    joined = weight > 0
    return np.where(joined, np.where(joined, weight, 1.0) ** (-1 / taste), np.inf)


def link_flow(
    links: RouteLinks,
    link_cost: Float[np.ndarray, " link"],
    weight: Float[np.ndarray, "place place"],
    flow: Float[np.ndarray, "place place"],
) -> Float[np.ndarray, " link"]:
    """Ξ_kl = Σ_ij flow_ij (τ_ij / (τ_ik t_kl τ_lj))^θ: what passes over each link (their section 3).

    flow: what goes from i to j, counted once for each time that it passes. Gravity of traffic is a special case.
    """
    per_route = np.where(weight > 0, flow / np.where(weight > 0, weight, 1.0), 0.0)
    through = weight.T @ per_route @ weight.T
    return link_cost**-links.taste * through[links.start, links.end]


def congested_routes(
    links: RouteLinks,
    flow_between: Callable[[Float[np.ndarray, "place place"]], Float[np.ndarray, "place place"]],
    tolerance: float = 1e-12,
    rounds: int = 400,
) -> Routes:
    """Costs and flows that agree: t_kl = t̄_kl (Ξ_kl/capacity_kl)^λ (their section 3), with flows that answer to τ.

    flow_between: the flows [from, to] of any model at the costs τ it is given; it is asked once a round, so that
    congestion is solved inside that model's equilibrium. Log costs move 1/(1 + λθ) of the way, less where that
    overshoots. Agreement means that no log cost of a link is off by more than ``tolerance``. Raises NotConverged
    otherwise, InputMistakes where costs that do not answer to traffic make going round in circles pay.
    """
    log_cost = np.log(links.cost) if links.congestion == 0 else _start_with_a_limit(links)
    most = stride = 1 / (1 + links.congestion * links.taste)
    before, move, gap, passing, count = log_cost, np.zeros(len(links)), np.inf, None, 0
    for count in range(1, rounds + 1):
        link_cost = np.exp(log_cost)
        try:
            weight = route_weight(links, link_cost)
        except InputMistakes:
            if passing is None:
                raise
            stride /= 2
            log_cost = before + stride * move
            continue
        cost = soft_cost(weight, links.taste)
        passing = link_flow(links, link_cost, weight, flow_between(cost))
        with np.errstate(divide="ignore"):
            crowding = links.congestion * np.log(passing / links.capacity) if links.congestion else 0.0
        move, last = np.log(links.cost) + crowding - log_cost, gap
        gap = float(np.abs(move).max())
        if gap <= tolerance:
            return Routes(link_cost, weight, cost, passing, count)
        if not np.isfinite(gap):
            break
        stride = stride / 2 if gap > last else min(most, 1.1 * stride)
        before, log_cost = log_cost, log_cost + stride * move
    raise _no_agreement(links, move, gap, tolerance, count)


def _no_agreement(links: RouteLinks, move: np.ndarray, gap: float, tolerance: float, count: int) -> NotConverged:
    worst = int(np.abs(move).argmax())
    return NotConverged(
        f"congestion: the link from place {links.start[worst]} to {links.end[worst]} is {gap:.1e} from its cost after "
        f"{count} rounds; expected {tolerance:.0e}. A link that nobody uses has no congested cost: leave it out; else "
        "lower λ, or allow more rounds."
    )


def _start_with_a_limit(links: RouteLinks) -> np.ndarray:
    """Log costs from which to begin: those of full capacity, all raised until the sum over routes has a limit."""
    adjacency = np.zeros((links.places, links.places))
    np.add.at(adjacency, (links.start, links.end), links.cost**-links.taste)
    radius = float(np.abs(np.linalg.eigvals(adjacency)).max())
    return np.log(links.cost) + max(0.0, np.log(radius / 0.9) / links.taste if radius > 0 else 0.0)


def _mistakes(links: RouteLinks) -> list[Mistake]:
    count = len(links.start)
    found = []
    for name in ("end", "cost", "capacity"):
        if len(getattr(links, name)) != count:
            found.append(Mistake(f"{len(getattr(links, name))} values of {name}", f"{count}, one a link"))
    ends = np.concatenate([links.start, links.end])
    if count == 0 or ends.min() < 0 or ends.max() >= links.places:
        found.append(Mistake("links to places that are none", f"at least one, between places 0 to {links.places - 1}"))
    for name in ("cost", "capacity"):
        values = np.asarray(getattr(links, name), dtype=float)
        if not (np.isfinite(values).all() and (values > 0).all()):
            found.append(Mistake(f"a {name} that is not positive", "finite numbers above 0", column=name))
    if not links.taste > 0:
        found.append(Mistake(f"a taste parameter of {links.taste}", "one above 0", column="taste"))
    if not links.congestion >= 0:
        found.append(Mistake(f"a congestion of {links.congestion}", "0 or more", column="congestion"))
    return found
