"""Where the residents are registered: census migrants become flows from origins to residences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coregion.errors import CoregionError
from coregion.network.record import great_circle_km
from coregion.region import Region

ROUNDS, PERRON = 20_000, 1e-14


@dataclass(frozen=True)
class Registration:
    """registered: N_og [group, origin] persons. share: m_on,g [group, origin, region], rows sum to 1."""

    registered: np.ndarray
    share: np.ndarray


def registration(region: Region) -> Registration:
    """Flows of each group (model.md, step 6): stayers S = R − M^P − M^O; within a province by a common entry wedge,
    which has one positive solution (Perron); from other provinces by gravity over stocks of people.

    Raises CoregionError when a county has no stayers.
    """
    km = _distance(region)
    elasticity = region.parameters["migration_distance_elasticity"].value
    flows = np.stack([_flows(region, km**-elasticity, group) for group in range(len(region.groups))])
    registered = flows.sum(axis=2)
    return Registration(registered, flows / registered[:, :, None])


def _distance(region: Region) -> np.ndarray:
    """Great-circle km, at least 5 km between two regions."""
    lon, lat = region.longitude, region.latitude
    return np.maximum(great_circle_km(lon[:, None], lat[:, None], lon[None, :], lat[None, :]), 5.0)


def migrants(region: Region, group: int) -> tuple[np.ndarray, np.ndarray]:
    """Residents of a group registered elsewhere in the province, and in other provinces [region] persons each."""
    older = {kind: region.parameters[f"migrant_share_60_{kind}_province"].value for kind in ("same", "other")}
    if len(region.groups) == 1:
        parts = {"same": 1.0, "other": 1.0}
    else:
        parts = {kind: 1 - share if group == 0 else share / (len(region.groups) - 1) for kind, share in older.items()}
    within = np.where(region.external, 0.0, np.nan_to_num(region.migrants_same_province) * parts["same"])
    outside = np.where(
        region.external,
        region.parameters["migrants_from_other_provinces"].value
        * region.residents.sum(axis=0)
        * parts["other"]
        * _belongs(region),
        np.nan_to_num(region.migrants_other_province) * parts["other"],
    )
    return within, outside


def _belongs(region: Region) -> np.ndarray:
    """[region] 1 where people can move to and from, 0 abroad (the places named by ``export_share``)."""
    return (~np.isin(region.code, list(region.parameters["export_share"].by))).astype(float)


def _flows(region: Region, kernel: np.ndarray, group: int) -> np.ndarray:
    residents = region.residents[group]
    within, outside = migrants(region, group)
    stayers = residents - within - outside
    if np.any(stayers <= 0):
        worst = int(np.argmin(stayers / residents))
        raise CoregionError(
            f"found {within[worst] + outside[worst]:.0f} migrants of group '{region.groups[group]}' among "
            f"{residents[worst]:.0f} residents of {region.code[worst]} {region.name_en[worst]}; expected fewer "
            "migrants than residents. Lower the shares migrant_share_60_… in study.toml or check the migrants of "
            "this region."
        )
    flows = np.diag(stayers)
    province = np.array(region.province)
    for code in dict.fromkeys(region.province[: region.inside]):
        members = np.flatnonzero(province == code)
        flows[np.ix_(members, members)] += within_province(
            stayers[members], within[members], kernel[np.ix_(members, members)]
        )
    return flows + _between_provinces(region, kernel, residents, outside, province)


def within_province(stayers: np.ndarray, entrants: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Flows between the counties of a province [origin, destination], zero on the diagonal.

    With N_o m_on = b_o a_n x K_on and S_n = a_n b_n, the inflow is M_n = S_n/b_n · x Σ_o K_on b_o, so b is the Perron
    vector of (S/M)·K. Counties nobody enters are left out as destinations.
    """
    flows = np.zeros_like(kernel)
    entered = entrants > 0
    if len(stayers) < 2 or not entered.any():
        return flows
    spread = kernel * (1 - np.eye(len(stayers)))
    ratio = np.where(entered, stayers / np.where(entered, entrants, 1.0), stayers / entrants[entered].min())
    potential = np.ones(len(stayers))
    change = np.inf
    for _ in range(ROUNDS):
        following = ratio * (spread.T @ potential)
        following /= following.sum()
        change = float(np.max(np.abs(following / potential - 1)))
        potential = 0.5 * following + 0.5 * potential / potential.sum()
        if change < PERRON:
            break
    else:
        raise CoregionError(
            f"found entry potentials that still change by {change:.1e} after {ROUNDS:,} rounds; expected {PERRON:g}. "
            "Counties with migrants are too far from all others: lower migration_distance_elasticity in study.toml."
        )
    pull = stayers / potential * entered
    flows = potential[:, None] * spread * pull[None, :]
    return flows * np.divide(entrants, flows.sum(axis=0), out=np.zeros_like(entrants), where=flows.sum(axis=0) > 0)


def _between_provinces(region, kernel, residents, outside, province) -> np.ndarray:
    """Inflows from other provinces in proportion to people of the origin and a fall with distance."""
    weight = kernel * (residents * _belongs(region))[:, None] * (province[:, None] != province[None, :])
    total = weight.sum(axis=0)
    return weight * np.divide(outside, total, out=np.zeros_like(outside), where=total > 0)
