"""What the governments of a study do alone, in every coalition and together, and how they can share the gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from coregion.all_packages import OutcomeReader, PackageRows, manifest
from coregion.calibrate.baseline import Baseline
from coregion.errors import CoregionError, NotConverged, in_one_line
from coregion.governments.levers import Grain, Table, table
from coregion.governments.payoffs import GAIN, Objective, income_of, with_transfers
from coregion.measures.cost import yearly_cost
from coregion.measures.package import Prepared, prepare
from coregion.measures.select import chosen
from coregion.model.economy import Shock
from coregion.packages.job import Job
from coregion.packages.lattice import Lattice, by_lever, run_job
from coregion.packages.sharing import Abatement, SharingTable, transfers
from coregion.packages.switches import (
    Cooperation,
    Play,
    SwitchGame,
    coalition_values,
    cooperate,
    lever_names,
    partitions,
    play,
)
from coregion.packages.tables import game_of
from coregion.packages.transfers_inside import RootOptions, TransfersInside, bargained_inside, smallest_inside
from coregion.solve.equilibrium import Options, solve
from coregion.study import Study

if TYPE_CHECKING:
    import pandas as pd

Tell = Callable[[str, int, int], None]
TABLES = ("plays.parquet", "coalitions.parquet", "sharing.parquet", "coordination.json")
"""What ``governments.tables`` makes of the solved sets of levers."""

INSIDE = RootOptions(tolerance=1e-6)
"""Of the largest payoff: an equilibrium to 1e-11 of every market tells gains no finer."""


@dataclass(frozen=True)
class Coordination:
    """What was found. base: gains of every player where no government acts [yuan a year]; all payoffs of ``game`` are
    counted from there. nothing, nash, announced: what is played; partitions: of every partition; cooperation: by rule.

    values: γ-characteristic function [2^player]. sharing: transfers as lump sums; inside: paid in the equilibrium, or
    the words that say why there are none. realised: part of the way from Nash to the largest sum that the announced
    package goes. income: [player] yuan a year.
    """

    table: Table
    game: SwitchGame
    base: np.ndarray
    nash: Play
    announced: np.ndarray
    partitions: tuple[Play, ...]
    values: np.ndarray
    cooperation: tuple[Cooperation, ...]
    sharing: SharingTable
    inside: tuple[TransfersInside | str, ...]
    realised: float
    income: np.ndarray
    objective: Objective


def coordinate(
    study: Study,
    folder: Path,
    by: Grain = "holders",
    objective: Objective = "registered",
    measures: Sequence[str] | None = None,
    tell: Tell = lambda *_: None,
    options: Options = Options(),  # noqa: B008
) -> Coordination:
    """Solve every set of levers, kept in ``folder`` as they come, and play the game of the governments on them.

    The same call goes on where an interrupt stopped it. Raises InputMistakes for unknown measures or more than 14
    levers, CoregionError where fewer than two governments hold any.
    """
    own = chosen(study.measures, measures)
    seats = table(study.region, own, by)
    lattice = by_lever({lever.name: lever.measures for lever in seats.levers}, seats.given)
    baseline = study.baseline()
    rows, prepared = _solved(study, baseline, lattice, Path(folder).expanduser(), by, tell, options)
    values, keys = game_of(rows, lattice.packages)
    columns = [keys.index((player, "", GAIN + objective)) for player in seats.players]
    tell("transfers", 0, 1)
    amounts = jnp.asarray(lattice.intensities)
    found = played(baseline, seats, values[:, columns], lambda levers: prepared.shock(amounts[levers]), objective)
    tell("transfers", 1, 1)
    return found


def _solved(
    study: Study, baseline: Baseline, lattice: Lattice, folder: Path, by: Grain, tell: Tell, options: Options
) -> tuple[pd.DataFrame, Prepared]:
    given = [m.name for m, always in zip(lattice.measures, lattice.given, strict=True) if always]
    job = Job(folder, {**manifest(study, lattice, options), "by": by, "given": given}, "games", TABLES)
    tell("travel times", 0, 1)
    prepared = prepare(baseline, lattice.measures, lattice.intensities)
    tell("travel times", 1, 1)
    if job.finished() is None:
        job.begin()
        reader = OutcomeReader(baseline.economy, jnp.asarray(baseline.minutes["commuting"]))
        rows = run_job(job, lattice, prepared, reader, PackageRows.of(baseline, lattice), tell, options)
        job.finish({"games.parquet": rows}, {"packages": len(lattice.packages)})
    import pandas as pd

    return pd.read_parquet(folder / "games.parquet"), prepared


def played(
    baseline: Baseline, seats: Table, gains: np.ndarray, shock_of: Callable[[int], Shock], objective: Objective
) -> Coordination:
    """The game of the governments on what every set of levers brings them.

    gains: [2^lever, player] equivalent variation [yuan a year], NaN where a set has no equilibrium. shock_of: of a set
    of levers, as bits. Raises NotConverged where no division can be told.
    """
    base = gains[0]
    if np.isnan(base).any():
        raise NotConverged("No equilibrium was found where no government acts: see the status of the empty package.")
    game = SwitchGame(gains - base, seats.holders, seats.names, tuple(lever.name for lever in seats.levers))
    values, plays = coalition_values(game)
    nash, together = plays[0], plays[-1]
    income = income_of(baseline, seats.players, objective)
    joint = cooperate(game, nash.payoffs, income)
    if together.levers < 0 or nash.levers < 0:
        raise NotConverged(
            "No division can be told: there is no equilibrium of governments that act alone in pure actions, or a "
            "package has none. Take other levers with --by, or fewer measures."
        )
    announced = game.payoffs[-1]
    return Coordination(
        seats,
        game,
        base,
        nash,
        announced,
        tuple(play(game, one) for one in partitions(len(game.players))),
        values,
        joint,
        transfers(
            together.payoffs,
            nash.payoffs,
            None if np.isnan(values).any() else values,
            game.players,
            abatement=_abatement(baseline, seats, nash, together),
        ),
        _inside(baseline, seats, base, nash, together, shock_of(together.levers), objective),
        _realised(announced, nash, together),
        income,
        objective,
    )


def _realised(announced: np.ndarray, nash: Play, together: Play) -> float:
    """The part of the way from Nash to the largest sum that the announced package goes; NaN where there is no way."""
    extra = together.payoffs.sum() - nash.payoffs.sum()
    return float((announced.sum() - nash.payoffs.sum()) / extra) if extra > 0 else float("nan")


def _abatement(baseline: Baseline, seats: Table, nash: Play, together: Play) -> Abatement | None:
    """What Chander–Tulkens needs, benefits taken as linear in the joint effort; None where nobody's benefit rises."""

    def cost(levers: int) -> np.ndarray:
        on = [lever for bit, lever in enumerate(seats.levers) if levers >> bit & 1]
        return np.array(
            [
                sum(
                    measure.intensity * yearly_cost(measure.cost, baseline.region)
                    for lever in on
                    for measure in lever.measures
                    if measure.payer == player
                )
                for player in seats.players
            ]
        )

    joint, alone = cost(together.levers), cost(nash.levers)
    benefit = np.maximum(together.payoffs - nash.payoffs + joint - alone, 0.0)
    return Abatement(joint, alone, benefit) if benefit.sum() > 0 else None


def _inside(
    baseline: Baseline,
    seats: Table,
    base: np.ndarray,
    nash: Play,
    together: Play,
    shock: Shock,
    objective: Objective,
) -> tuple[TransfersInside | str, ...]:
    """Smallest transfers and the Nash bargain, solved inside the equilibrium of the joint package. shock: of it."""
    start = solve(baseline.economy, shock)
    total = with_transfers(baseline, seats.players, shock, start, objective)
    found: list[TransfersInside | str] = []
    for rule in (smallest_inside, bargained_inside):
        try:
            found.append(rule(lambda t: total.value(t) - base, nash.payoffs, jacobian=total.slopes, options=INSIDE))
        except CoregionError as error:
            found.append(f"{rule.__name__.removesuffix('_inside')}: {in_one_line(error)}")
    return tuple(found)


def record(found: Coordination) -> dict[str, Any]:
    """The whole as plain values, for JSON; yuan a year, None where there is no figure."""
    game, names = found.game, found.table.names

    def paid(values: np.ndarray) -> dict[str, float | None]:
        return {n: float(v) if np.isfinite(v) else None for n, v in zip(names, values, strict=True)}

    def told(one: Play) -> dict[str, Any]:
        return {"levers": lever_names(game, one.levers), "gains": paid(one.payoffs), "status": one.status}

    def inside(one: TransfersInside) -> dict[str, Any]:
        amounts = {"transfers": one.transfers, "gains": one.payoffs, "lump_sum": one.lump_sum, "leakage": one.leakage}
        return {"rule": one.rule, "exists": one.exists} | {name: paid(values) for name, values in amounts.items()}

    return {
        "objective": found.objective,
        "players": dict(zip(found.table.players, names, strict=True)),
        "levers": {lever.name: [measure.name for measure in lever.measures] for lever in found.table.levers},
        "given": [measure.name for measure in found.table.given],
        "income": paid(found.income),
        "where_no_government_acts": paid(found.base),
        "nash": told(found.nash),
        "announced": {"gains": paid(found.announced), "realised": _number(found.realised)},
        "partitions": [
            {"partition": " | ".join(label(c, names) for c in one.partition)}
            | told(one)
            | {"equilibria": one.equilibria}
            for one in found.partitions
        ],
        "coalitions": {label(c, names): _number(v) for c, v in enumerate(found.values) if c},
        "cooperation": [
            {"rule": one.rule, "levers": lever_names(game, one.levers), "gains": paid(one.payoffs)}
            for one in found.cooperation
        ],
        "sharing": [
            {name: _number(value) if isinstance(value, float) else value for name, value in row.items()}
            for row in found.sharing.rows()
        ],
        "inside": [one if isinstance(one, str) else inside(one) for one in found.inside],
    }


def label(coalition: int, names: Sequence[str]) -> str:
    """The members of a coalition joined by +, in the order of the players."""
    return "+".join(name for j, name in enumerate(names) if coalition >> j & 1)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
