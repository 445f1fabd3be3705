"""The whole inversion: observed figures and travel times in, the baseline economy out."""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from coregion.air import NO_AIR, Air
from coregion.calibrate.accounts import Accounts, accounts, fund
from coregion.calibrate.baseline import Baseline, Minutes
from coregion.calibrate.commuting import Commuting, commuting
from coregion.calibrate.diagnosis import diagnosis
from coregion.calibrate.environment import environment
from coregion.calibrate.registration import Registration, registration
from coregion.calibrate.services import services
from coregion.calibrate.trade_flows import Trade, trade
from coregion.errors import CoregionError
from coregion.model import closures
from coregion.model.economy import Economy, Elasticities, no_shock
from coregion.network.record import PURPOSES, Network
from coregion.network.times import travel_minutes
from coregion.public_services import NO_PUBLIC_SERVICES, PublicServices
from coregion.region import Region
from coregion.solve.checked import checked
from coregion.solve.equilibrium import Options, solve
from coregion.solve.rebase import rebase

BASELINE = Options(tolerance=1e-13, linear_tolerance=1e-13)


def calibrate(
    region: Region, network: Network, air: Air = NO_AIR, public: PublicServices = NO_PUBLIC_SERVICES
) -> Baseline:
    """Invert the model to the region's figures and solve it once without a shock; that solution is the baseline.

    Raises CoregionError where the figures contradict the model, NotConverged where a market does not clear to 1e-13.
    """
    minutes = {purpose: travel_minutes(network, purpose) for purpose in PURPOSES}
    _all_reached(region, minutes)
    return calibrate_at(region, network, minutes, air, public)


def calibrate_at(
    region: Region,
    network: Network,
    minutes: Minutes,
    air: Air = NO_AIR,
    public: PublicServices = NO_PUBLIC_SERVICES,
) -> Baseline:
    """As ``calibrate``, with the minutes of the network, which no parameter of the region moves, already known."""
    work = commuting(region, minutes["commuting"])
    home = registration(region)
    money = accounts(region, work, home)
    flows = trade(region, minutes, money)
    draft = assemble(region, minutes["commuting"], work, home, money, flows)
    economy = _furnished(draft, region, minutes, air, public)
    unchanged = no_shock(economy)
    solution = checked(economy, unchanged, solve(economy, unchanged, BASELINE), BASELINE, region.code, region.sectors)
    baseline = _furnished(rebase(economy, unchanged, solution), region, minutes, air, public)
    value = region.parameters
    return Baseline(
        region=region,
        network=network,
        minutes=minutes,
        economy=baseline,
        diagnosis=diagnosis(region, minutes, work, home, money, flows, baseline),
        commuting_power=value["commuting_power"].value,
        commuting_decay=value["commuting_decay"].value,
        commuting_border_wedge=work.border_wedge,
        trade_decay=region.technology.trade_decay,
        carried_by=region.technology.carried_by,
        air=air,
        public=public,
    )


def _furnished(economy: Economy, region: Region, minutes: Minutes, air: Air, public: PublicServices) -> Economy:
    """The economy with air and services at its own sales and residents, at which they change nothing.

    The draft has them too, so that the baseline and every package are solved by one compiled function.
    """
    leaves = (environment(region, air, economy), services(region, public, minutes["commuting"], economy))
    return eqx.tree_at(lambda e: (e.environment, e.services), economy, leaves)


def calibrate_again(region: Region, central: Baseline) -> Baseline:
    """The model of ``central`` at other parameters of its region: network, minutes, air, services and power stay."""
    found = calibrate_at(region, central.network, central.minutes, central.air, central.public)
    return replace(found, power=central.power)


def _all_reached(region: Region, minutes) -> None:
    for purpose, time in minutes.items():
        lost = np.flatnonzero(~np.isfinite(time).all(axis=1))
        if len(lost):
            names = ", ".join(region.code[i] for i in lost[:10])
            raise CoregionError(
                f"found no path for {purpose} from {len(lost)} regions ({names}) to some other; expected one between "
                "all. Add links to the network tables."
            )


def assemble(
    region: Region, minutes: np.ndarray, work: Commuting, home: Registration, money: Accounts, flows: Trade
) -> Economy:
    """The record that the model reads, from the parts of the inversion. minutes: commuting [home, work]."""
    technology, value = region.technology, {name: p.value for name, p in region.parameters.items()}
    groups = len(region.groups)
    works = np.array(region.group_works)
    workers = np.where(works[:, None], region.residents, 0.0)
    rate = np.where(works[:, None], region.employed_residents / workers.sum(axis=0), 0.0)
    added_share = technology.value_added_share
    inputs = np.broadcast_to(technology.inputs, (len(region.code), *technology.inputs.shape))
    index = region.prefecture_index
    wage_bill = money.wage * work.jobs
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(value["commuting_elasticity"]),
            migration=jnp.asarray(value["migration_elasticity"]),
            trade=jnp.asarray(technology.trade_elasticity),
            goods_share=jnp.asarray(value["goods_share"]),
            household_share=jnp.asarray(value["household_share"]),
            floor_space_supply=jnp.asarray(region.along("floor_space_supply_elasticity")),
        ),
        registered=jnp.asarray(home.registered),
        residence_share=jnp.asarray(home.share),
        employment_rate=jnp.asarray(rate),
        efficiency=jnp.ones(groups),
        workplace_share=jnp.asarray(np.broadcast_to(work.share, (groups, *work.share.shape))),
        wage=jnp.asarray(money.wage),
        public_jobs=jnp.asarray(money.public_jobs),
        payer_share=jnp.asarray(money.payer_share),
        sales=jnp.asarray(money.sales),
        profit_share=jnp.zeros(len(region.sectors)),
        labour_share=jnp.asarray(added_share * money.labour_share),
        floor_space_share=jnp.asarray(added_share * money.floor_space_share),
        capital_share=jnp.asarray(added_share * money.capital_share),
        input_share=jnp.asarray(inputs),
        final_share=jnp.asarray(flows.final_share),
        trade_share=jnp.asarray(flows.share),
        tariffs=closures.NoTariffs(),
        pool=jnp.asarray(index),
        pool_share=jnp.asarray(money.pool_share),
        capital_income=jnp.asarray(money.capital_income),
        transfers=jnp.zeros(len(region.code)),
        deficit=jnp.zeros(len(region.code)),
        expenditure=jnp.asarray(money.expenditure),
        floor_space_rent=jnp.asarray(money.rents),
        pensions=closures.WageIndexedPensions(
            benefit=jnp.asarray(money.pension),
            fund=jnp.asarray(fund(region)),
            index_area=jnp.asarray(index),
            index_weight=jnp.asarray(wage_bill / np.bincount(index, wage_bill)[index]),
        ),
        rents=closures.LocalResidentsOwn(),
        entry=closures.FixedVariety()
        if value["entry_elasticity"] == 0
        else closures.FreeEntry(jnp.full(len(region.sectors), value["entry_elasticity"])),
        agglomeration=_agglomeration(region, minutes, work.jobs, value),
        amenity=_residential_density(region, minutes, value),
    )


def _kernel(region: Region, minutes: np.ndarray, decay: float) -> np.ndarray:
    """exp(−δ t_nr)/area_r; an external region is dense only for itself."""
    area = np.where(region.external, 1.0, np.nan_to_num(region.area, nan=1.0))
    reach = np.exp(-decay * minutes) / area
    outside = region.external[:, None] | region.external[None, :]
    return np.where(outside, np.eye(len(area)), reach)


def _agglomeration(region: Region, minutes: np.ndarray, jobs: np.ndarray, value) -> closures.Agglomeration:
    if value["agglomeration_elasticity"] == 0:
        return closures.NoAgglomeration()
    kernel = _kernel(region, minutes, value["agglomeration_decay"])
    elasticity = jnp.full(len(region.sectors), value["agglomeration_elasticity"])
    return closures.DensityAgglomeration(elasticity, jnp.asarray(kernel), jnp.asarray(kernel @ jobs))


def _residential_density(region: Region, minutes: np.ndarray, value) -> closures.Amenity:
    if value["residential_spillover"] == 0:
        return closures.NoResidentialDensity()
    kernel = _kernel(region, minutes, value["residential_decay"])
    spillover = jnp.asarray(value["residential_spillover"])
    return closures.ResidentialDensity(
        spillover, jnp.asarray(kernel), jnp.asarray(kernel @ region.residents.sum(axis=0))
    )
