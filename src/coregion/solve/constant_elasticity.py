"""Uniqueness in closed form, where all conditions have constant elasticities (Allen, Arkolakis & Li 2024)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coregion.model import closures
from coregion.model.economy import Economy, Shock
from coregion.model.environment import NoPollution
from coregion.model.services import NoServices

SAME = 1e-12
"""Two numbers of the input are the same within this relative distance."""


@dataclass(frozen=True)
class GravityElasticities:
    """An economy of one sector without commuting, in constant elasticities to the wage w_n and to people L_n.

    trade: θ. cost_wage, cost_people: of the unit cost c_n ∝ w^cost_wage L^cost_people.
    price_wage, price_people: of the price index at which people are content, P_n ∝ w^price_wage L^price_people.
    mobile: whether people choose where to live; if not, L_n is given and only w and P are solved for.
    symmetric: whether trade shares are those of symmetric trade costs (up to terms of the buyer and of the seller).
    """

    trade: float
    cost_wage: float
    cost_people: float
    price_wage: float
    price_people: float
    mobile: bool
    symmetric: bool


def allen_arkolakis(elasticity: float, productivity: float, amenity: float, symmetric=True) -> GravityElasticities:
    """Allen & Arkolakis (2014): σ = elasticity, A_n ∝ L_n^α (productivity), u_n ∝ L_n^β (amenity), labour only."""
    return GravityElasticities(elasticity - 1, 1.0, -productivity, 1.0, amenity, True, symmetric)


def gammas(e: GravityElasticities) -> tuple[float, float]:
    """(γ₁, γ₂) of Allen & Arkolakis (2014, eq. 10): with labour only 1 − α(σ−1) − βσ and 1 + ασ + β(σ−1).

    With symmetric trade costs w ∝ L^m, P ∝ L^(γ-ratio); the general form is γ₁ = −D (p m + q), γ₂ = −D (c_w m + c_L),
    D = 1 + θ(c_w + p), m = −(1 + θ(c_L + q))/D.
    """
    scale = 1 + e.trade * (e.cost_wage + e.price_wage)
    wage_of_people = -(1 + e.trade * (e.cost_people + e.price_people)) / scale
    first = -scale * (e.price_wage * wage_of_people + e.price_people)
    second = -scale * (e.cost_wage * wage_of_people + e.cost_people)
    return first, second


def spectral_radius(e: GravityElasticities) -> float:
    """ρ(|B Γ⁻¹|) of the two conditions (goods sold, goods bought) in Allen, Arkolakis & Li (2024, Theorem 1, Remark 3).

    Mobile:  w^(1+θ c_w) L^(1+θ c_L) = Σ K w^(1+θ p) L^(1+θ q),  w^(−θ p) L^(−θ q) = Σ K w^(−θ c_w) L^(−θ c_L).
    At most 1: one equilibrium at most. With symmetric trade costs the two conditions are one and |γ₂/γ₁| decides.
    Infinite where Γ cannot be inverted (the knife edge γ₁ = 0).
    """
    if e.mobile:
        left = np.array(
            [
                [1 + e.trade * e.cost_wage, 1 + e.trade * e.cost_people],
                [-e.trade * e.price_wage, -e.trade * e.price_people],
            ]
        )
        right = np.array(
            [
                [1 + e.trade * e.price_wage, 1 + e.trade * e.price_people],
                [-e.trade * e.cost_wage, -e.trade * e.cost_people],
            ]
        )
    else:
        inputs = 1 - e.cost_wage
        left = np.array([[1 + e.trade * e.cost_wage, e.trade * inputs], [0.0, -e.trade]])
        right = np.array([[1.0, e.trade], [-e.trade * e.cost_wage, -e.trade * inputs]])
    if abs(np.linalg.det(left)) < SAME:
        return float("inf")
    radius = float(np.abs(np.linalg.eigvals(np.abs(right @ np.linalg.inv(left)))).max())
    if e.symmetric and e.mobile:
        first, second = gammas(e)
        radius = min(radius, abs(second / first))
    return radius


def gravity_elasticities(economy: Economy, shock: Shock) -> GravityElasticities | None:
    """The constant elasticities of an economy under a shock, or None where its conditions have none in common.

    Needed: one sector and group, no commuting, profits, capital, pensions, transfers, public jobs, tariffs or caps, no
    pollution and no services that are told apart;
    the same cost shares and floor-space elasticity everywhere; density that acts in its own place only; rents that stay
    in the place; people who are free to live anywhere from one common origin, or who do not move at all.
    """
    mobility = _mobility(economy, shock)
    if mobility is None or not _simple(economy, shock):
        return None
    e = economy.elasticities
    labour, floor = float(economy.labour_share[0, 0]), float(economy.floor_space_share[0, 0])
    goods, supply = float(e.goods_share), float(e.floor_space_supply[0])
    if not np.any(np.asarray(economy.floor_space_rent) > 0):
        if floor > 0 or goods != 1:
            return None
        rent = 0.0
    else:
        rent = 1 / (1 + supply)
    agglomeration = _density_elasticity(economy.agglomeration)
    entry = float(economy.entry.elasticity[0]) if isinstance(economy.entry, closures.FreeEntry) else 0.0
    amenity = _density_elasticity(economy.amenity)
    if agglomeration is None or amenity is None:
        return None
    price_wage = (1 - (1 - goods) * rent) / goods
    price_people = (amenity - 1 / float(e.migration) - (1 - goods) * rent) / goods
    inputs = 1 - labour - floor
    if floor > 0 and not mobility:
        return None
    content = (price_wage, price_people) if mobility else (0.0, 0.0)
    return GravityElasticities(
        trade=float(e.trade[0]),
        cost_wage=labour + floor * rent + inputs * content[0],
        cost_people=floor * rent + inputs * content[1] - (labour + floor) * agglomeration - entry,
        price_wage=content[0],
        price_people=content[1],
        mobile=mobility,
        symmetric=_quasi_symmetric(np.asarray(economy.trade_share[0] * shock.trade_cost[0] ** -e.trade[0])),
    )


def _simple(economy: Economy, shock: Shock) -> bool:
    regions, sectors = economy.sales.shape
    groups = economy.employment_rate.shape[0]
    if sectors != 1 or groups != 1:
        return False
    nothing = (
        economy.public_jobs,
        shock.public_jobs,
        economy.profit_share,
        economy.capital_share,
        economy.transfers,
        economy.deficit,
        shock.transfers,
        shock.purchases,
    )
    common = (economy.labour_share, economy.floor_space_share, economy.elasticities.floor_space_supply)
    local = (closures.LocalResidentsOwn, closures.LocalLandlordsSpendAsResidents, closures.LocalLandlordsBuyGoods)
    return (
        all(not np.any(np.asarray(value)) for value in nothing)
        and all(np.ptp(np.asarray(value)) < SAME for value in common)
        and np.allclose(economy.workplace_share[0], np.eye(regions), rtol=0, atol=SAME)
        and not np.isfinite(np.asarray(shock.floor_space_cap)).any()
        and not np.isfinite(np.asarray(shock.resident_cap)).any()
        and isinstance(economy.pensions, closures.NoPensions)
        and isinstance(economy.tariffs, closures.NoTariffs)
        and isinstance(shock.tariffs, closures.NoTariffs)
        and isinstance(economy.rents, local)
        and isinstance(economy.entry, closures.FreeEntry | closures.FixedVariety)
        and isinstance(economy.environment, NoPollution)
        and isinstance(economy.services, NoServices)
    )


def _mobility(economy: Economy, shock: Shock) -> bool | None:
    """True where all people choose from the same shares, False where nobody moves, None otherwise."""
    pull = np.asarray(economy.residence_share[0] * (shock.amenity[0] / shock.migration_cost[0]))
    share = pull / pull.sum(axis=1, keepdims=True)
    regions = share.shape[1]
    if share.shape[0] == regions and np.allclose(share, np.eye(regions), rtol=0, atol=SAME):
        return False
    return True if np.allclose(share, share[:1], rtol=1e-10, atol=0) else None


def _density_elasticity(leaf) -> float | None:
    """The elasticity to a place's own density; None where density reaches further."""
    if isinstance(leaf, closures.NoAgglomeration | closures.NoResidentialDensity):
        return 0.0
    if isinstance(leaf, closures.DensityAgglomeration | closures.ResidentialDensity):
        kernel = np.asarray(leaf.kernel)
        if np.array_equal(kernel, np.diag(np.diag(kernel))):
            return float(np.ravel(np.asarray(leaf.elasticity))[0])
    return None


def _quasi_symmetric(share: np.ndarray) -> bool:
    """Whether share_ni = a_n b_i K_ni with K symmetric: then share_ni/share_in is a term of i over a term of n."""
    if np.any(share <= 0):
        return False
    log_ratio = np.log(share) - np.log(share.T)
    term = log_ratio[0]
    return bool(np.allclose(log_ratio, term[None, :] - term[:, None], rtol=0, atol=1e-8))
