"""What each coalition adds beyond the coalitions inside it: Harsanyi dividends, and how two players interact.

Values are arrays of shape (2^n, …outcomes), see ``coalitions``; every function is linear in them, so all outcomes
are done at once. A missing value (NaN) makes exactly those results NaN that rest on it.
"""

from __future__ import annotations

from math import comb

import numpy as np

from coregion.packages.coalitions import by_membership, coalition_sizes, game_values, player_count


def harsanyi_dividends(v) -> np.ndarray:
    """D(T) = Σ_{S⊆T} (−1)^(|T|−|S|) v(S), shape (2^n, …outcomes), unit of ``v``; D(∅) = v(∅).

    Fast Möbius transform, n 2^n subtractions. A missing v(S) leaves D(T) unknown for every T that contains S.
    Harsanyi (1963, International Economic Review 4, 194–220).
    """
    dividends = game_values(v).copy()
    for player in range(player_count(dividends)):
        half = by_membership(dividends, player)
        half[:, 1] -= half[:, 0]
    return dividends


def values_from_dividends(dividends) -> np.ndarray:
    """v(S) = Σ_{T⊆S} D(T): the inverse of ``harsanyi_dividends``, same shape and unit."""
    values = game_values(dividends).copy()
    for player in range(player_count(values)):
        half = by_membership(values, player)
        half[:, 1] += half[:, 0]
    return values


def interaction_index(v) -> np.ndarray:
    """Shapley interaction index of each pair, shape (n, n, …outcomes), unit of ``v``, symmetric.

    I_ij = Σ_S |S|! (n−|S|−2)! / (n−1)! · [v(S∪ij) − v(S∪i) − v(S∪j) + v(S)] over S without i and j. Positive: the
    two help each other; negative: they stand in each other's way. The diagonal is 0. It is computed from the second
    differences, not from the dividends, whose alternating sums lose digits as n grows.
    Grabisch & Roubens (1999, International Journal of Game Theory 28, 547–565).
    """
    values = game_values(v)
    players = player_count(values)
    index = np.zeros((players, players, *values.shape[1:]))
    if players < 2:
        return index
    weights = np.array([1.0 / (comb(players - 2, size) * (players - 1)) for size in range(players - 1)])
    others = weights[coalition_sizes(players - 2)]
    for second in range(players):
        half = by_membership(values, second)
        gain = (half[:, 1] - half[:, 0]).reshape(-1, *values.shape[1:])
        for first in range(second):
            pair = by_membership(gain, first)
            difference = (pair[:, 1] - pair[:, 0]).reshape(-1, *values.shape[1:])
            index[first, second] = index[second, first] = np.tensordot(others, difference, axes=1)
    return index


def pair_dividends(v) -> np.ndarray:
    """Harsanyi dividend of each pair, v(ij) − v(i) − v(j) + v(∅), shape (n, n, …outcomes); the diagonal is 0."""
    values = game_values(v)
    players = player_count(values)
    pairs = np.zeros((players, players, *values.shape[1:]))
    for second in range(players):
        for first in range(second):
            one, other = 1 << first, 1 << second
            pairs[first, second] = values[one | other] - values[one] - values[other] + values[0]
            pairs[second, first] = pairs[first, second]
    return pairs
