"""What the same air costs: every government on its own, all together, and how what is saved can be divided.

Each government abates at the cost curves of the study until the PM2.5 that its residents breathe has fallen by a
target. Alone, it takes what the others do as given; together, the tonne that costs least goes first, wherever it is.

The target is a mean over people. One for every area would leave nothing to save: as many targets as source areas, each
binding, fix what every area must do, whoever decides.

What is pooled decides what is saved. Xue et al. (2015) pool one goal, the tonnes of all provinces; so the same is asked
here of tonnes, and of air with one mean over all people in place of one for each government's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coregion.air import Air
from coregion.errors import CoregionError, NotConverged
from coregion.highs import quiet_solver
from coregion.packages.shapley import shapley_values
from coregion.packages.stability import core_membership, nucleolus
from coregion.region import Region

ROUNDS = 200
SETTLED = 1e-8
MILLION = 1e6


@dataclass(frozen=True, eq=False)
class Problem:
    """What can be abated, what it does and costs, and which air is asked for.

    slope: [option] cost of abating the share a of an option is slope · a²/2 [million yuan a year]. highest: [option].
    effect: [government, option] fall of its residents' mean PM2.5 at full abatement [µg/m³]; effect_on_area: [area,
    option] the same by area. weight: [option] tonnes at full abatement, each by what it makes of PM2.5.
    owner: [option] position of its government. residents: [government] persons. plan: [option] the same part of what
    each can abate; target: [government] the fall of its PM2.5 under that plan.
    """

    governments: tuple[str, ...]
    areas: tuple[str, ...]
    slope: np.ndarray
    highest: np.ndarray
    effect: np.ndarray
    effect_on_area: np.ndarray
    weight: np.ndarray
    owner: np.ndarray
    residents: np.ndarray
    plan: np.ndarray

    @property
    def target(self) -> np.ndarray:
        """[government] fall of PM2.5 that is asked for [µg/m³]."""
        return self.effect @ self.plan

    def cost(self, shares: np.ndarray) -> np.ndarray:
        """[government] million yuan a year of the [option] shares abated."""
        return np.bincount(self.owner, self.slope * shares**2 / 2, len(self.governments))


@dataclass(frozen=True, eq=False)
class LeastCost:
    """Costs [million yuan a year] by government, and the division of what acting together saves.

    uniform: every source abates the same part of what it can. alone: each government at least cost for its own people,
    given what the others do (a Nash equilibrium). joint: all together, every government's people at their target.
    saved: [2^n] by every coalition (bit i is government i), the others as when alone and nobody's people worse off than
    their target. shapley, nucleolus: what each has of the whole saving.
    quota_alone, quota_joint: the game of Xue et al. (2015): tonnes instead of air. Every government abates as many
    weighted tonnes of its own as under the uniform plan; or all together abate as many.
    one_goal: one goal instead of one for each government: the mean PM2.5 of all people falls as far as when all act
    alone; fall_one_goal: [government] by how much its own people's then falls.
    target: [government] fall of PM2.5. fall_alone, fall_joint: [area] fall of PM2.5 [µg/m³].
    """

    governments: tuple[str, ...]
    areas: tuple[str, ...]
    uniform: np.ndarray
    alone: np.ndarray
    joint: np.ndarray
    saved: np.ndarray
    shapley: np.ndarray
    nucleolus: np.ndarray
    shapley_in_core: bool
    quota_alone: np.ndarray
    quota_joint: np.ndarray
    one_goal: np.ndarray
    fall_one_goal: np.ndarray
    target: np.ndarray
    fall_alone: np.ndarray
    fall_joint: np.ndarray

    @property
    def saving_pct(self) -> float:
        """Saved by acting together, in per cent of what all spend alone."""
        return float(100 * (1 - self.joint.sum() / self.alone.sum()))

    @property
    def quota_saving_pct(self) -> float:
        """The same where tonnes are asked for instead of air, in per cent of what the quotas cost."""
        return float(100 * (1 - self.quota_joint.sum() / self.quota_alone.sum()))

    @property
    def one_goal_saving_pct(self) -> float:
        """Saved if only the mean air of all people has to stay, in per cent of what all spend alone."""
        return float(100 * (1 - self.one_goal.sum() / self.alone.sum()))

    @property
    def transfers(self) -> np.ndarray:
        """[government] what each receives, so that it saves its Shapley value; they sum to zero."""
        return self.shapley - (self.alone - self.joint)

    @property
    def losers(self) -> tuple[str, ...]:
        """Governments that pay more together than alone as long as nothing is handed over."""
        return tuple(np.array(self.governments)[self.joint > self.alone * (1 + 1e-9)].tolist())


def problem(region: Region, air: Air, part: float = 0.5) -> Problem:
    """The problem of a study. part: of what each source can abate, under the uniform plan that sets the targets.

    Governments are those of the first level. Raises CoregionError without tables of the air, or part outside 0 to 1.
    """
    if not air.pollutants:
        raise CoregionError("found no tables of the air in this study; expected them. See docs/environment.md.")
    if not 0 < part < 1:
        raise CoregionError(f"found the part {part:g} of what can be abated; expected one between 0 and 1.")
    province = dict(zip(region.prefecture, region.province, strict=True))
    governments = tuple(dict.fromkeys(province[area] for area in air.areas))
    of_area = np.array([governments.index(province[area]) for area in air.areas])
    pollutant, area, source = np.nonzero((air.highest > 0) & (air.emissions > 0))
    tonnes = air.emissions[pollutant, area, source]
    per_tonne = air.contribution[:, area, pollutant] / air.emissions.sum(axis=2)[pollutant, area]
    highest = air.highest[pollutant, area, source]
    effect = per_tonne * tonnes
    persons = region.residents.sum(axis=0)
    people = np.array([persons[np.array(region.prefecture) == code].sum() for code in air.areas])
    people = np.where(of_area == np.arange(len(governments))[:, None], people, 0.0)
    return Problem(
        governments=governments,
        areas=air.areas,
        slope=tonnes * air.marginal_cost[pollutant, area, source] / MILLION,
        highest=highest,
        effect=people / people.sum(axis=1, keepdims=True) @ effect,
        effect_on_area=effect,
        weight=air.potency[pollutant] * tonnes,
        owner=of_area[area],
        residents=people.sum(axis=1),
        plan=part * highest,
    )


def least_cost(asked: Problem) -> LeastCost:
    """Costs alone and together and the division of the saving; raises NotConverged where HiGHS or the play has no end.

    Together no government's people breathe worse air than its target, which what all do alone also reaches: acting
    together never costs more. A saving in the range of the literature is a matter of the curves, not evidence for them.
    """
    alone = each_alone(asked)
    players = len(asked.governments)
    spent = asked.cost(alone)
    saved = np.zeros(2**players)
    joint = alone
    for coalition in range(1, 2**players):
        members = np.array([bool(coalition >> player & 1) for player in range(players)])
        if members.sum() > 1:
            joint = _reply(asked, members, alone, np.ones(players, dtype=bool))
            saved[coalition] = max(float((spent - asked.cost(joint))[members].sum()), 0.0)
    shares = shapley_values(saved)
    one_goal = _one_goal(asked, alone)
    return LeastCost(
        governments=asked.governments,
        areas=asked.areas,
        uniform=asked.cost(asked.plan),
        alone=spent,
        joint=asked.cost(joint),
        saved=saved,
        shapley=shares,
        nucleolus=nucleolus(saved),
        shapley_in_core=core_membership(saved, shares).inside,
        quota_alone=asked.cost(_by_quota(asked, np.arange(players))),
        quota_joint=asked.cost(_by_quota(asked, np.zeros(players, dtype=int))),
        one_goal=asked.cost(one_goal),
        fall_one_goal=asked.effect @ one_goal,
        target=asked.target,
        fall_alone=asked.effect_on_area @ alone,
        fall_joint=asked.effect_on_area @ joint,
    )


def clean_air(region: Region, air: Air, part: float = 0.5) -> dict[str, Any]:
    """Whose emissions each city breathes and what the same air costs: µg/m³, shares, million yuan a year.

    part: as in ``problem``. Raises what ``problem`` and ``least_cost`` raise.
    """
    found = least_cost(problem(region, air, part))
    return {
        "part": part,
        "cities": _cities(region, air, found),
        "governments": _governments(region, found),
        "saving_pct": found.saving_pct,
        "quota_saving_pct": found.quota_saving_pct,
        "one_goal_saving_pct": found.one_goal_saving_pct,
        "losers_without_transfers": list(found.losers),
        "shapley_in_core": found.shapley_in_core,
    }


def _cities(region: Region, air: Air, found: LeastCost) -> list[dict[str, Any]]:
    """Where the PM2.5 of each area comes from, and how far it falls."""
    local, together = air.received.diagonal(), air.received.sum(axis=1)
    figures = {
        "pm25": air.of_area,
        "own": local,
        "other_areas": together - local,
        "outside": 1 - together,
        "fall_alone": found.fall_alone,
        "fall_together": found.fall_joint,
    }
    return _rows("area", air.areas, region.prefecture_name, figures)


def _governments(region: Region, found: LeastCost) -> list[dict[str, Any]]:
    """What each government pays in each case."""
    figures = {
        "fall_asked_for": found.target,
        "uniform": found.uniform,
        "alone": found.alone,
        "together": found.joint,
        "receives_by_shapley": found.transfers,
        "saves_by_shapley": found.shapley,
        "saves_by_nucleolus": found.nucleolus,
        "quota_alone": found.quota_alone,
        "quota_together": found.quota_joint,
        "one_goal": found.one_goal,
        "fall_one_goal": found.fall_one_goal,
    }
    return _rows("government", found.governments, region.province_name, figures)


def _rows(key: str, codes, names, figures: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    return [
        {key: code, "name_en": names[code][0], "name_zh": names[code][1]}
        | {name: float(values[row]) for name, values in figures.items()}
        for row, code in enumerate(codes)
    ]


def each_alone(asked: Problem) -> np.ndarray:
    """[option] shares where each government abates at least cost for its own people, given the others; from the plan.

    Best replies in turn until none changes by more than 1e-8. Raises NotConverged after 200 rounds.
    """
    shares = asked.plan.copy()
    for _ in range(ROUNDS):
        before = shares
        for player in range(len(asked.governments)):
            members = np.arange(len(asked.governments)) == player
            shares = _reply(asked, members, shares, members)
        if np.abs(shares - before).max() <= SETTLED:
            return shares
    raise NotConverged(
        f"found no rest of the governments' replies after {ROUNDS} rounds: the last moved a share by "
        f"{np.abs(shares - before).max():.1e}; expected {SETTLED:.0e}. Ask for a smaller part of what can be abated."
    )


def _reply(asked: Problem, members: np.ndarray, shares: np.ndarray, cared_for: np.ndarray) -> np.ndarray:
    """[option] shares with those of the members at least cost for some governments' targets, the others unchanged."""
    own = members[asked.owner]
    still = asked.target[cared_for] - asked.effect[cared_for][:, ~own] @ shares[~own]
    found = shares.copy()
    found[own] = cheapest(asked.slope[own], asked.effect[cared_for][:, own], still, asked.highest[own])
    return found


def _by_quota(asked: Problem, pool: np.ndarray) -> np.ndarray:
    """[option] shares at least cost if each pool of governments abates its tonnes of the plan; pool: [government]."""
    member = pool[asked.owner][None, :] == np.unique(pool)[:, None]
    tonnes = member * asked.weight / asked.weight.mean()
    return cheapest(asked.slope, tonnes, tonnes @ asked.plan, asked.highest)


def _one_goal(asked: Problem, shares: np.ndarray) -> np.ndarray:
    """[option] shares at least cost for which the mean air of all people is as clean as under the given shares."""
    of_all = (asked.residents / asked.residents.sum() @ asked.effect)[None, :]
    return cheapest(asked.slope, of_all, of_all @ shares, asked.highest)


def cheapest(slope: np.ndarray, effect: np.ndarray, least: np.ndarray, highest: np.ndarray) -> np.ndarray:
    """min Σ slope · a²/2 subject to effect · a ≥ least and 0 ≤ a ≤ highest, by HiGHS; raises NotConverged otherwise.

    slope, highest: [option]; effect: [row, option]; least: [row].
    """
    import highspy

    rows, columns = effect.shape
    scale = slope.mean()
    model = highspy.HighsModel()
    programme, curve = model.lp_, model.hessian_
    programme.num_row_, programme.num_col_ = rows, columns
    programme.col_cost_ = np.zeros(columns)
    programme.col_lower_, programme.col_upper_ = np.zeros(columns), np.asarray(highest, dtype=float)
    programme.row_lower_, programme.row_upper_ = np.asarray(least, dtype=float), np.full(rows, np.inf)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.num_row_, programme.a_matrix_.num_col_ = rows, columns
    programme.a_matrix_.start_ = np.arange(rows + 1, dtype=np.int32) * columns
    programme.a_matrix_.index_ = np.tile(np.arange(columns, dtype=np.int32), rows)
    programme.a_matrix_.value_ = np.ascontiguousarray(effect).ravel()
    curve.dim_, curve.format_ = columns, highspy.HessianFormat.kTriangular
    curve.start_ = np.arange(columns + 1, dtype=np.int32)
    curve.index_ = np.arange(columns, dtype=np.int32)
    curve.value_ = slope / scale
    solver = quiet_solver()
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise NotConverged(
            f"HiGHS ended with '{solver.modelStatusToString(status)}' on the cheapest of {columns} options for {rows} "
            f"targets; expected 'Optimal'. Ask for a smaller part of what can be abated."
        )
    return np.clip(np.array(solver.getSolution().col_value), 0.0, highest)
