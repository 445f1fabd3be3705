"""Which divisions of the common gain no coalition can better: the core, the least core and the nucleolus.

A game is v, shape (2^n,), v(∅) = 0, in the unit of the gain (see ``coalitions``). For costs pass −v. The excess of a
coalition S at a division x is v(S) − x(S): what S could win by going its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import InputMistakes, Mistake, NotConverged
from coregion.packages.coalitions import coalition_label, game_values, membership, player_count, player_names
from coregion.packages.linear_programme import Optimum, minimise

ROUNDING = 1e-9
POSITIVE_DUAL = 1e-7


@dataclass(frozen=True)
class Core:
    """Whether everyone acting together can be held together, and by how much.

    nonempty: some division satisfies every coalition. epsilon: the value of the least core, the smallest ε with
    x(S) ≥ v(S) − ε for every S other than ∅ and N: negative, every coalition has that much to spare; positive, this
    much is missing (−inf with one player). point: a division in the least core, hence in the core when there is one
    (the prenucleolus). Unit of ``v``.
    """

    names: tuple[str, ...]
    values: np.ndarray
    nonempty: bool
    epsilon: float
    point: np.ndarray

    def check(self, allocation) -> Membership:
        """Whether ``allocation``, shape (n,), lies in the core and by how much it fails."""
        return core_membership(self.values, allocation, self.names)


@dataclass(frozen=True)
class Membership:
    """A division held against the core.

    inside: it divides v(N) exactly and no coalition can do better. fails_by: the largest excess, or the sum that is
    missing or too much, if positive, else 0. slack: what the worst-served coalition has to spare (−excess).
    objectors: coalitions with a positive excess, the worst first. undivided: v(N) − x(N).
    """

    inside: bool
    fails_by: float
    slack: float
    undivided: float
    objectors: tuple[tuple[str, float], ...]


def core(v, names: Sequence[str] | None = None) -> Core:
    """The core of the game: empty or not, by how much, and a point of the least core.

    v: shape (2^n,). Raises InputMistakes when a value is missing or v(∅) ≠ 0. Gillies (1959); least core: Maschler,
    Peleg & Shapley (1979, Mathematics of Operations Research 4, 303–338).
    """
    values = game_values(v, scalar=True, complete=True)
    labels = player_names(names, player_count(values))
    point = nucleolus(values, imputations=False)
    excess = _excesses(values, point)
    epsilon = float(excess[1:-1].max()) if len(excess) > 2 else -np.inf
    return Core(labels, values, epsilon <= ROUNDING * _scale(values), epsilon, point)


def core_membership(v, allocation, names: Sequence[str] | None = None) -> Membership:
    """``allocation``, shape (n,), unit of ``v``, against every coalition; differences below 1e-9 of the largest value
    are rounding. Raises InputMistakes on a wrong length or missing values."""
    values = game_values(v, scalar=True, complete=True)
    players = player_count(values)
    labels = player_names(names, players)
    shares = np.asarray(allocation, dtype=float)
    if shares.shape != (players,) or not np.all(np.isfinite(shares)):
        raise InputMistakes([Mistake(f"an allocation {shares}", f"{players} finite numbers, one for each player")])
    rounding = ROUNDING * max(_scale(values), float(np.abs(shares).max(initial=0.0)))
    excess = _excesses(values, shares)
    undivided = float(excess[-1])
    worst = float(excess[1:-1].max()) if len(excess) > 2 else -np.inf
    order = [c for c in np.argsort(-excess[:-1], kind="stable") if c > 0 and excess[c] > rounding]
    objectors = tuple((coalition_label(c, labels), float(excess[c])) for c in order)
    inside = abs(undivided) <= rounding and not objectors
    return Membership(inside, 0.0 if inside else max(worst, abs(undivided)), -worst, undivided, objectors)


def nucleolus(v, *, imputations: bool = True) -> np.ndarray:
    """The division that makes the largest excess as small as possible, then the next largest, …; shape (n,), unit of v.

    imputations: among divisions that give each player at least v(i) (Schmeidler); without, among all divisions of
    v(N) (the prenucleolus). A sequence of linear programmes: each finds the smallest ε that the coalitions still open
    can be held to; those with a positive dual are tight in every optimum and are fixed, until the fixed ones determine
    x. The fixed equations are then solved together, so that no tolerance of the programmes is left in the answer.
    Raises InputMistakes if no imputation exists (Σ v(i) > v(N)), a value is missing or v(∅) ≠ 0.
    Schmeidler (1969); Kopelowitz (1967); rank check: Potters, Reijnierse & Ansing (1996, Math. of OR 21, 757–768).
    """
    values = game_values(v, scalar=True, complete=True)
    players = player_count(values)
    single = values[1 << np.arange(players)]
    surplus = values[-1] - single.sum()
    if imputations and surplus < -ROUNDING * _scale(values):
        raise InputMistakes(
            [
                Mistake(
                    f"{values[-1]:g} to divide among players that have {single.sum():g} alone",
                    "at least as much together as the sum alone",
                    "Use imputations=False for the prenucleolus, which lets players fall below what they have alone.",
                )
            ]
        )
    if players <= 1 or (imputations and surplus <= ROUNDING * _scale(values)):
        return single + max(surplus, 0.0) / max(players, 1)
    members = membership(players)
    open_values = values - members @ single
    scale = max(float(np.abs(open_values).max()), np.finfo(float).tiny)
    return single + scale * _lexicographic(open_values / scale, members.astype(float), bounded=imputations)


def _lexicographic(values: np.ndarray, members: np.ndarray, *, bounded: bool) -> np.ndarray:
    """The nucleolus of a game with v(i) = 0 and values of order one; ``members`` has shape (2^n, n)."""
    players = members.shape[1]
    fixed_rows, fixed_sums = members[-1:], values[-1:]
    equations: list[tuple[np.ndarray, int, float]] = [(members[-1], -1, float(values[-1]))]
    still_open = np.arange(1, members.shape[0] - 1)
    for stage in range(players):
        optimum = _least_excess(values, members, still_open, fixed_rows, fixed_sums, bounded)
        tight = still_open[optimum.row_duals[: still_open.size] > POSITIVE_DUAL]
        at_bound = (
            np.flatnonzero(optimum.column_duals[:players] > POSITIVE_DUAL) if bounded else np.array([], dtype=int)
        )
        equations += [(members[c], stage, float(values[c])) for c in tight]
        equations += [(np.eye(players)[i], -1, 0.0) for i in at_bound]
        new_rows = np.vstack([members[tight], np.eye(players)[at_bound]])
        fixed_rows = np.vstack([fixed_rows, new_rows])
        fixed_sums = np.concatenate([fixed_sums, new_rows @ optimum.solution[:players]])
        fixed_rows, fixed_sums = _independent(fixed_rows, fixed_sums)
        if fixed_rows.shape[0] == players:
            return _solve_together(equations, players)
        still_open = still_open[~_spanned(members[still_open], fixed_rows)]
    raise NotConverged(
        f"the nucleolus was not determined after {players} programmes; expected each to fix one coalition more. "
        "Check that the values of the coalitions are of similar size."
    )


def _least_excess(values, members, still_open, fixed_rows, fixed_sums, bounded: bool) -> Optimum:
    """min ε with x(S) + ε ≥ v(S) for the open coalitions and x(S) given for the fixed ones; columns (x, ε)."""
    players = members.shape[1]
    rows = np.vstack(
        [
            np.column_stack([members[still_open], np.ones(still_open.size)]),
            np.column_stack([fixed_rows, np.zeros(fixed_rows.shape[0])]),
        ]
    )
    row_lower = np.concatenate([values[still_open], fixed_sums])
    row_upper = np.concatenate([np.full(still_open.size, np.inf), fixed_sums])
    lower = np.append(np.full(players, 0.0 if bounded else -np.inf), -np.inf)
    optimum = minimise(np.eye(players + 1)[-1], rows, row_lower, row_upper, lower, np.full(players + 1, np.inf))
    if optimum is None:
        raise NotConverged("HiGHS found no division that satisfies the coalitions fixed so far; expected one to exist.")
    return optimum


def _independent(rows: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first rows that are linearly independent, with their sums."""
    kept: list[int] = []
    for row in range(rows.shape[0]):
        if np.linalg.matrix_rank(rows[[*kept, row]]) > len(kept):
            kept.append(row)
    return rows[kept], sums[kept]


def _spanned(candidates: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which candidates are linear combinations of ``rows``: their x(S) is already determined."""
    basis = np.linalg.qr(rows.T)[0]
    rest = candidates - (candidates @ basis) @ basis.T
    return np.abs(rest).max(axis=1) < 1e-9


def _solve_together(equations: list[tuple[np.ndarray, int, float]], players: int) -> np.ndarray:
    """x from x(S) + ε_stage = v(S) of all fixed coalitions at once (stage −1: no ε), in which the ε are unknown too."""
    stages = 1 + max(stage for _, stage, _ in equations)
    system = np.zeros((len(equations), players + stages))
    for line, (row, stage, _) in enumerate(equations):
        system[line, :players] = row
        if stage >= 0:
            system[line, players + stage] = 1.0
    right = np.array([value for *_, value in equations])
    solution = np.linalg.lstsq(system, right, rcond=None)[0]
    gap = float(np.abs(system @ solution - right).max())
    if gap > ROUNDING:
        raise NotConverged(
            f"the coalitions that fix the nucleolus contradict each other by {gap:.1e} of the largest value; expected "
            "rounding only. Check that the values of the coalitions are of similar size."
        )
    return solution[:players]


def _excesses(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """v(S) − x(S) for every coalition, shape (2^n,)."""
    return values - membership(shares.shape[0]) @ shares


def _scale(values: np.ndarray) -> float:
    """The largest value in size: what rounding is measured against."""
    return max(float(np.abs(values).max()), np.finfo(float).tiny)
