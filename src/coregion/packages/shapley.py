"""What each player contributes: alone, as the last one in, on average over every order (Shapley), and the synergy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from coregion.errors import CoregionError
from coregion.packages.coalitions import (
    MissingValue,
    by_membership,
    coalition_sizes,
    game_values,
    missing_values,
    player_count,
    player_names,
)

SUM_TOLERANCE = 1e-10

CONTRIBUTIONS = ("alone", "last_in", "shapley", "synergy", "error")
"""What is told of a player, in the order of a table's columns."""


@dataclass(frozen=True)
class Decomposition:
    """The effect of a full package taken apart by player (measure); arrays have shape (n, …outcomes), unit of ``v``.

    alone = v(i) − v(∅); last_in = v(N) − v(N∖i); shapley sums over the players to ``total`` = v(N) − v(∅);
    synergy = shapley − alone. error: standard error of shapley, 0 where every coalition was valued. ``missing`` names
    every coalition without a value: whatever rests on one is NaN.
    """

    names: tuple[str, ...]
    alone: np.ndarray
    last_in: np.ndarray
    shapley: np.ndarray
    synergy: np.ndarray
    error: np.ndarray
    total: np.ndarray
    missing: tuple[MissingValue, ...]

    def rows(self) -> list[dict]:
        """One row for each player, ready for a table: ``measure, alone, last_in, shapley, synergy, error``."""
        columns = {name: getattr(self, name) for name in CONTRIBUTIONS}
        return [
            {"measure": name, **{column: values[player] for column, values in columns.items()}}
            for player, name in enumerate(self.names)
        ]


def shapley_values(v) -> np.ndarray:
    """φ_i = Σ_S |S|! (n−|S|−1)! / n! · [v(S∪i) − v(S)] over S without i, shape (n, …outcomes), unit of ``v``.

    Equal to the players' equal shares in the dividends, Σ_{T∋i} D(T)/|T|, but computed from the marginal
    contributions, which loses no digits where the dividends' alternating sums do. Every coalition's value enters
    every player's φ: one missing value (NaN) makes that outcome's φ NaN for all; ``decompose`` says which it was.
    Raises InputMistakes on a length that is not 2^n or an infinite value. Shapley (1953).
    """
    values = game_values(v)
    players = player_count(values)
    if players == 0:
        return np.zeros((0, *values.shape[1:]))
    weights = np.array([1.0 / (comb(players - 1, size) * players) for size in range(players)])
    others = weights[coalition_sizes(players - 1)]
    shares = np.empty((players, *values.shape[1:]))
    for player in range(players):
        half = by_membership(values, player)
        gain = (half[:, 1] - half[:, 0]).reshape(-1, *values.shape[1:])
        shares[player] = np.tensordot(others, gain, axes=1)
    return shares


def decompose(v, names: Sequence[str] | None = None) -> Decomposition:
    """Alone, last in, Shapley and synergy of every player for every outcome of ``v``, shape (2^n, …outcomes).

    Raises InputMistakes on a malformed ``v`` or wrong names, and CoregionError if the Shapley values do not sum to
    v(N) − v(∅) to 1e-10 of the largest change: then the values differ too much in size for floating point.
    """
    values = game_values(v)
    players = player_count(values)
    labels = player_names(names, players)
    changes = values - values[:1]
    single = 1 << np.arange(players)
    full = values.shape[0] - 1
    alone, last_in, shapley = changes[single], changes[full] - changes[full - single], shapley_values(changes)
    check_sums(shapley, changes)
    missing = missing_values(values, labels)
    return Decomposition(labels, alone, last_in, shapley, shapley - alone, 0.0 * shapley, changes[full], missing)


def check_sums(shapley: np.ndarray, changes: np.ndarray) -> None:
    """Raise CoregionError unless each outcome's values sum to the last change, that of the full package.

    To 1e-10 of the largest change; outcomes with a missing value have no sum to check.
    """
    gap = np.abs(shapley.sum(axis=0) - changes[-1])
    scale = np.maximum(np.abs(changes).max(axis=0), np.finfo(float).tiny)
    broken = gap > SUM_TOLERANCE * scale
    if np.any(broken):
        worst = float(np.max(np.where(broken, gap / scale, 0.0)))
        raise CoregionError(
            f"Shapley values miss the package's effect by {worst:.1e} of the largest change; expected at most "
            f"{SUM_TOLERANCE:g}. Subtract the baseline before the values are stored, so that no digits are lost."
        )
