"""Allen & Arkolakis (2014, QJE 129): a geography in levels, as a shock to a featureless world.

In the featureless world every place is alike and trade is free, so that all shares are 1/N: an equilibrium known
exactly. Trade costs, productivities and amenities in levels are its hats.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from scipy.optimize import brentq

from coregion.errors import Mistake, NotConverged, raise_together
from coregion.literature.check import Check, ReferenceFile
from coregion.literature.given import above_zero
from coregion.model import closures
from coregion.model.economy import Economy, Elasticities, Shock, no_shock
from coregion.solve.constant_elasticity import allen_arkolakis, gammas, spectral_radius
from coregion.solve.equilibrium import Options, Solution, solve
from coregion.solve.uniqueness import uniqueness

PAPER = "Allen & Arkolakis (2014)"
FILES: tuple[ReferenceFile, ...] = ()
MIGRATION = 2.0
"""η of the setting; the amenity spillover is β + 1/η, so that any η gives the same equilibrium."""


@dataclass(frozen=True)
class Levels:
    """An equilibrium in levels: shares of people L_n (sum 1), wages w_n (mean over people 1), and welfare W."""

    people: np.ndarray
    wage: np.ndarray
    welfare: float
    solution: Solution
    economy: Economy
    shock: Shock


def featureless(places: int, elasticity: float, productivity: float, amenity: float) -> Economy:
    """N places alike with free trade; σ = elasticity, spillovers α (productivity) and β (amenity) of local people."""
    if not elasticity > 1:
        raise ValueError(f"found an elasticity of substitution of {elasticity}; expected one above 1.")
    share, one = 1 / places, jnp.ones(places)
    own = jnp.eye(places)
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(1.0),
            migration=jnp.asarray(MIGRATION),
            trade=jnp.asarray([elasticity - 1.0]),
            goods_share=jnp.asarray(1.0),
            household_share=jnp.asarray(1.0),
            floor_space_supply=jnp.zeros(places),
        ),
        registered=jnp.ones((1, 1)),
        residence_share=jnp.full((1, 1, places), share),
        employment_rate=jnp.ones((1, places)),
        efficiency=jnp.ones(1),
        workplace_share=own[None],
        wage=one,
        public_jobs=jnp.zeros((1, places)),
        payer_share=jnp.full((1, places), share),
        sales=jnp.full((places, 1), share),
        profit_share=jnp.zeros(1),
        labour_share=jnp.ones((places, 1)),
        floor_space_share=jnp.zeros((places, 1)),
        capital_share=jnp.zeros((places, 1)),
        input_share=jnp.zeros((places, 1, 1)),
        final_share=jnp.ones((places, 1)),
        trade_share=jnp.full((1, places, places), share),
        tariffs=closures.NoTariffs(),
        pool=jnp.zeros(places, dtype=int),
        pool_share=jnp.full(places, share),
        capital_income=jnp.zeros(1),
        transfers=jnp.zeros(places),
        deficit=jnp.zeros(places),
        expenditure=share * one,
        floor_space_rent=jnp.zeros(places),
        pensions=closures.NoPensions(),
        rents=closures.LocalResidentsOwn(),
        entry=closures.FixedVariety(),
        agglomeration=closures.DensityAgglomeration(jnp.asarray([float(productivity)]), own, share * one),
        amenity=closures.ResidentialDensity(jnp.asarray(amenity + 1 / MIGRATION), own, share * one),
    )


def levels(
    trade_cost, elasticity: float, productivity: float = 0.0, amenity: float = 0.0, *, technology=None, beauty=None
) -> Levels:
    """The equilibrium of a geography: ``trade_cost`` τ [buyer, seller], exogenous Ā (technology) and ū (beauty).

    Welfare W equalises w_n u_n / P_n with P_n^(1−σ) = Σ_i (τ_ni w_i/A_i)^(1−σ), A_i = Ā_i L_i^α, u_n = ū_n L_n^β and
    people that sum to 1 (their eqs. 1 to 9). Raises InputMistakes for costs, σ, Ā or ū that cannot be, NotConverged
    when no equilibrium is reached.
    """
    cost = np.asarray(trade_cost, dtype=float)
    places = len(cost)
    raise_together(
        above_zero("trade cost", cost, (places, places))
        + above_zero("technology", technology, (places,))
        + above_zero("beauty", beauty, (places,))
        + ([] if elasticity > 1 else [Mistake(f"σ = {elasticity}", "an elasticity of substitution above 1")])
    )
    economy = featureless(places, elasticity, productivity, amenity)
    hats = (
        jnp.asarray(cost)[None],
        jnp.ones((places, 1)) if technology is None else jnp.asarray(technology)[:, None],
        jnp.ones((1, 1, places)) if beauty is None else jnp.asarray(beauty)[None, None, :],
    )
    shock = eqx.tree_at(lambda s: (s.trade_cost, s.productivity, s.amenity), no_shock(economy), hats)
    solution = solve(economy, shock, Options(tolerance=1e-12, fixed_point_steps=1000))
    if not bool(solution.converged):
        raise NotConverged(
            f"the geography of {places} places stopped at a residual of {float(solution.error):.1e}; expected 1e-12. "
            "With α + β > 0 several equilibria may be near: give another start, or lower the spillovers."
        )
    outcome = solution.outcome
    people = np.asarray(outcome.residents[0])
    wage = np.asarray(outcome.wage_hat)
    free = places ** (1 / (elasticity - 1) - productivity - amenity)
    welfare = float(outcome.welfare_hat[0, 0]) * free
    return Levels(people, wage / (people @ wage), welfare, solution, economy, shock)


def line(places: int, length: float = 2.0, cost: float = 1.0) -> np.ndarray:
    """Trade costs exp(cost · distance) between places evenly spread over a line of a given length."""
    at = np.linspace(0, length, places)
    return np.exp(cost * np.abs(at[:, None] - at[None, :]))


def grid(side: int, length: float = 2.0, cost: float = 1.0) -> np.ndarray:
    """Trade costs exp(cost · (distance east + distance north)) between the places of a square grid."""
    one = line(side, length, cost)
    return np.kron(one, one)


def line_closed_form(places: int, length: float, cost: float, elasticity: float) -> tuple[np.ndarray, float]:
    """(L_n, W) on the line with α = β = 0 and nothing else to tell places apart.

    Their section 4.1 in discrete places: w^(1−σ) and w^σ L are the Perron vector φ of T = [ρ^|n−i|],
    ρ = exp(−(σ−1) · cost · step), so L ∝ φ^((2σ−1)/(σ−1)) and W^(σ−1) is its root. T (Kac, Murdock & Szegő 1953) has
    φ_n = cos(ω(n − centre)), root (1 − ρ²)/(1 − 2ρ cos ω + ρ²), with ω the least positive root of
    cos((N+1)ω/2) = ρ cos((N−1)ω/2).
    """
    rho = np.exp(-(elasticity - 1) * cost * length / (places - 1))

    def condition(omega: float) -> float:
        return float(np.cos((places + 1) * omega / 2) - rho * np.cos((places - 1) * omega / 2))

    omega = float(brentq(condition, 0, np.pi / (places + 1), xtol=1e-15))  # pyright: ignore[reportArgumentType]
    shape = np.cos(omega * (np.arange(places) - (places - 1) / 2))
    people = shape ** ((2 * elasticity - 1) / (elasticity - 1))
    root = (1 - rho**2) / (1 - 2 * rho * np.cos(omega) + rho**2)
    return people / people.sum(), float(root ** (1 / (elasticity - 1)))


def grid_closed_form(side: int, length: float, cost: float, elasticity: float) -> tuple[np.ndarray, float]:
    """(L_n, W) on the square grid with distance along its lines: T is a Kronecker product, hence so is φ."""
    people, welfare = line_closed_form(side, length, cost, elasticity)
    return np.kron(people, people), welfare**2


def checks(folder: Path | None = None) -> Iterator[Check]:
    """The line, the grid, the elasticities γ and the regions of uniqueness; no data are needed."""
    sigma = 5.0

    def gap(experiment, ours, expected, tolerance=1e-9):
        return Check(PAPER, experiment, float(expected), float(ours), tolerance, "", "closed form")

    found, (people, welfare) = levels(line(41), sigma), line_closed_form(41, 2.0, 1.0, sigma)
    yield gap("line, 41 places, α = β = 0: people in the middle", found.people[20], people[20])
    yield gap("line, 41 places, α = β = 0: people at the end", found.people[0], people[0])
    yield gap("line, 41 places, α = β = 0: welfare", found.welfare, welfare)
    found, (people, welfare) = levels(grid(9), sigma), grid_closed_form(9, 2.0, 1.0, sigma)
    yield gap("9 × 9 grid, α = β = 0: people in the middle", found.people[40], people[40])
    yield gap("9 × 9 grid, α = β = 0: welfare", found.welfare, welfare)
    first, second = gammas(allen_arkolakis(sigma, 0.1, -0.3))
    yield gap("γ₁ at σ 5, α 0.1, β −0.3", first, 1 - 0.1 * (sigma - 1) + 0.3 * sigma, 1e-12)
    yield gap("γ₂ at σ 5, α 0.1, β −0.3", second, 1 + 0.1 * sigma - 0.3 * (sigma - 1), 1e-12)
    yield gap("|γ₂/γ₁| where α + β = 0 (edge of uniqueness)", spectral_radius(allen_arkolakis(sigma, 0.2, -0.2)), 1)
    spread = levels(line(21), sigma, 0.1, -0.3)
    yield Check(PAPER, "line, α 0.1, β −0.3: eq. 10 in people alone", None, equation_10(spread), 1e-9, "", "property")
    twin = levels(line(2, 0.4), sigma, 0.1, 0.0)
    judged = uniqueness(twin.economy, twin.shock, twin.solution, starts=12, spread=2.0)
    yield gap("two places, α 0.1, β 0: equilibria found", judged.equilibria_found, 3, 0)


def equation_10(found: Levels) -> float:
    """Largest relative error of L_n^(σ̃γ₁) = W^(1−σ) Σ_i τ_ni^(1−σ) L_i^(σ̃γ₂), σ̃ = (σ−1)/(2σ−1), with Ā = ū = 1."""
    theta = float(found.economy.elasticities.trade[0])
    sigma = theta + 1
    alpha = float(found.economy.agglomeration.elasticity[0])  # pyright: ignore[reportAttributeAccessIssue]
    beta = float(found.economy.amenity.elasticity) - 1 / MIGRATION  # pyright: ignore[reportAttributeAccessIssue]
    first, second = gammas(allen_arkolakis(sigma, alpha, beta))
    scale = theta / (2 * sigma - 1)
    kernel = np.asarray(found.shock.trade_cost[0]) ** -theta
    right = found.welfare**-theta * kernel @ found.people ** (scale * second)
    return float(np.abs(right / found.people ** (scale * first) - 1).max())
