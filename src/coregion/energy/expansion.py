"""The least-cost power system: hourly dispatch and new capacity in one linear programme (PyPSA, solved by HiGHS)."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from coregion.annuity import annuity
from coregion.energy.outcome import WITHOUT, Run
from coregion.energy.system import Area, Line, Plants, PowerSystem, Stores, Technology
from coregion.errors import MissingPart, NotConverged
from coregion.highs import nothing_printed

HOW_TO_GET_IT = "Run pip install 'coregion[energy]', which brings PyPSA."


def solve_power(system: PowerSystem, project: str = WITHOUT, seconds: float = 600.0) -> Run:
    """Least cost of serving every hour's load, with a project's lines or without any.

    min Σ_g annuity_g new_g + Σ_t weight_t Σ_g running_g p_gt over new capacity, dispatch, storage and flows, such that
    in every area and hour output + what lines bring less losses + what stores give = load; output within what stands
    and is new, times the profile; a store ends each block of hours as full as it began. What stands costs nothing but
    its running. The price of an area is the dual of its balance (Brown, Hörsch & Schlachtberger 2018, PyPSA).

    Raises MissingPart without PyPSA, NotConverged when there is no optimum within ``seconds``.
    """
    pypsa = _pypsa()
    with _quiet():
        network = _network(pypsa.Network(), system, project)
        network.optimize.create_model(include_objective_constant=False)
        _close_blocks(network, system)
        status, condition = network.optimize.solve_model(
            solver_name="highs",
            io_api="direct",
            solver="ipm",
            run_crossover="on",
            time_limit=seconds,
            output_flag=False,
            threads=1,
        )
    if status != "ok":
        raise NotConverged(
            f"the power system ({project}) gave no optimum ({condition}); expected one. Check that plants, imports and "
            "lines can serve the peak load of every area, or allow more seconds."
        )
    return Run(project, _figures(network, system, project))


def _pypsa() -> Any:
    try:
        import pypsa
    except ImportError as error:
        raise MissingPart(f"found no PyPSA, which solves the power system; expected it. {HOW_TO_GET_IT}") from error
    return pypsa


def _lines(system: PowerSystem, project: str) -> tuple[Line, ...]:
    return system.file.lines + (() if project == WITHOUT else system.project(project).lines)


@contextmanager
def _quiet() -> Iterator[None]:
    """PyPSA and linopy tell their progress in the log, on standard output, and warn of what they will change."""
    loggers = [logging.getLogger(name) for name in ("pypsa", "linopy")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with nothing_printed(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _network(network, system: PowerSystem, project: str):
    """The PyPSA network: a bus an area; plants that stand and those that may come; a link each way for each line."""
    network.set_snapshots(list(range(len(system.hours.weight))))
    network.snapshot_weightings["objective"] = system.hours.weight
    network.snapshot_weightings["generators"] = system.hours.weight
    network.snapshot_weightings["stores"] = 1.0
    for number, area in enumerate(system.file.areas):
        network.add("Bus", area.code)
        network.add("Load", area.code, bus=area.code, p_set=system.hours.load[number])
    for plants in system.file.plants:
        _add_plants(network, system, plants)
    for store in system.file.stores:
        _add_store(network, system, store)
    for line in _lines(system, project):
        for start, end in ((line.one, line.other), (line.other, line.one)):
            network.add(
                "Link", f"{line.code} {start}", bus0=start, bus1=end, p_nom=line.capacity_mw, efficiency=1 - line.loss
            )
    return network


def _add_plants(network, system: PowerSystem, plants: Plants) -> None:
    kind = system.technology(plants.technology)
    most = system.hours.profile[kind.profile, plants.area] if kind.profile else 1.0
    shared = {"bus": plants.area, "marginal_cost": kind.running_yuan_per_mwh, "p_max_pu": most}
    if plants.existing_mw > 0:
        network.add("Generator", _name(plants, "stands"), p_nom=plants.existing_mw, p_min_pu=plants.lowest_output,
                    **shared)  # fmt: skip
    if plants.most_new_mw > 0:
        cost = _yearly(kind, system.file.discount_rate)
        network.add("Generator", _name(plants, "new"), p_nom_extendable=True, p_nom_max=plants.most_new_mw,
                    capital_cost=cost, **shared)  # fmt: skip


def _add_store(network, system: PowerSystem, store: Stores) -> None:
    one_way = float(np.sqrt(store.efficiency))
    shared = {
        "bus": store.area,
        "max_hours": store.hours,
        "efficiency_store": one_way,
        "efficiency_dispatch": one_way,
        "cyclic_state_of_charge": True,
    }
    if store.existing_mw > 0:
        network.add("StorageUnit", f"{store.area} stands", p_nom=store.existing_mw, **shared)
    if store.most_new_mw > 0:
        cost = _yearly(store, system.file.discount_rate)
        network.add("StorageUnit", f"{store.area} new", p_nom_extendable=True, p_nom_max=store.most_new_mw,
                    capital_cost=cost, **shared)  # fmt: skip


def _yearly(kind: Technology | Stores, rate: float) -> float:
    """Annuity and upkeep [yuan a year and MW]."""
    part = annuity(1.0, kind.life_years, rate) + kind.upkeep_share
    return float(1000 * kind.investment_yuan_per_kw * part)


def _name(plants: Plants, state: str) -> str:
    return f"{plants.area} {plants.technology} {state}"


def _close_blocks(network, system: PowerSystem) -> None:
    """Stores hold the same at the end of every block, so that no energy is carried from one to another."""
    block = np.array(system.hours.block)
    last = np.flatnonzero(np.append(block[1:] != block[:-1], True))
    if network.storage_units.empty or len(last) < 2:
        return
    charge = network.model["StorageUnit-state_of_charge"]
    for earlier, later in pairwise(last):
        left, right = (charge.sel(snapshot=network.snapshots[t], drop=True) for t in (earlier, later))
        network.model.add_constraints(left - right == 0, name=f"block-{later}")


def _figures(network, system: PowerSystem, project: str) -> dict[tuple[str, str], float]:
    """The figures of a solved network; units in ``outcome.UNITS``."""
    weight = system.hours.weight
    found: dict[tuple[str, str], float] = {("cost", "all"): float(network.objective)}
    for number, area in enumerate(system.file.areas):
        load = system.hours.load[number]
        price = network.buses_t.marginal_price[area.code].to_numpy()
        found["price", area.code] = float((price * load * weight).sum() / (load * weight).sum())
        found["load", area.code] = float((load * weight).sum() / 1e6)
        found |= _of_plants(network, system, area)
    for line in _lines(system, project):
        flows = [network.links_t.p0[f"{line.code} {start}"].to_numpy() for start in (line.one, line.other)]
        found["sent", line.code] = float((sum(flows) * weight).sum() / 1e6)
    for name in network.storage_units.index[network.storage_units.p_nom_extendable.astype(bool)]:
        found["new_storage", name.removesuffix(" new")] = float(network.storage_units.p_nom_opt[name])
    return found


def _of_plants(network, system: PowerSystem, area: Area) -> dict[tuple[str, str], float]:
    """Generation, new capacity, curtailment and emissions of an area."""
    weight = system.hours.weight
    found: dict[tuple[str, str], float] = {("co2", area.code): 0.0}
    found |= {("emissions", f"{pollutant} {area.code}"): 0.0 for pollutant in system.pollutants}
    for plants in system.file.plants:
        if plants.area != area.code:
            continue
        kind = system.technology(plants.technology)
        names = [name for name in (_name(plants, "stands"), _name(plants, "new")) if name in network.generators.index]
        of = f"{plants.area} {plants.technology}"
        output = sum(network.generators_t.p[name].to_numpy() for name in names)
        made = float((output * weight).sum())
        new = [float(network.generators.p_nom_opt[name]) for name in names if name.endswith("new")]
        found["generation", of] = made / 1e6
        found["new_capacity", of] = sum(new)
        if kind.profile:
            could = (plants.existing_mw + sum(new)) * system.hours.profile[kind.profile, plants.area]
            found["curtailed", of] = float(((could - output) * weight).sum() / 1e6)
        found["co2", area.code] += made * kind.co2_t_per_mwh / 1e6
        for pollutant, rate in kind.emissions_kg_per_mwh.items():
            found["emissions", f"{pollutant} {area.code}"] += made * rate / 1e3
    return found
