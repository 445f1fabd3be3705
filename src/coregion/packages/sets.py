"""Which sets of some players are valued: every one, or a sample where they are too many; and what follows for each."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import Mistake, raise_together
from coregion.packages.coalitions import MissingValue, coalition_label, membership
from coregion.packages.sampling import draw_coalitions, fitted, kernel
from coregion.packages.shapley import Decomposition, check_sums, decompose

PLAYERS_AT_MOST = 14
"""2^14 packages are solved one and all; beyond, a sample of them is."""

SAMPLES = 2000
"""Packages that are solved where all are too many, unless another number is asked for."""

SEED = 1


class Sets(ABC):
    """Sets of n players, none of them first and all of them last; the complement of one is as far from the end."""

    @property
    @abstractmethod
    def members(self) -> np.ndarray:
        """Who is in which set, booleans [set, player]; each set once."""

    @property
    @abstractmethod
    def told(self) -> dict[str, int | str]:
        """What tells these sets from others of the same players, as plain values."""

    @abstractmethod
    def decompose(self, values: np.ndarray, names: Sequence[str]) -> Decomposition:
        """Alone, last in, Shapley and its error for each player; values: [set, …outcomes], NaN where unknown."""


@dataclass(frozen=True)
class EverySet(Sets):
    """All 2^n sets: player i is in set c when bit i of c is set."""

    players: int

    @property
    def members(self) -> np.ndarray:
        """[2^n, player]."""
        return membership(self.players)

    @property
    def told(self) -> dict[str, int | str]:
        """Nothing is drawn."""
        return {"samples": 0}

    def decompose(self, values: np.ndarray, names: Sequence[str]) -> Decomposition:
        """Exact: every error is 0."""
        return decompose(values, names)


@dataclass(frozen=True)
class DrawnSets(Sets):
    """None, all, each player alone, each set without one, and pairs of a set and its complement drawn at random.

    half: [pair, player] one of each drawn pair, each pair once. times: [pair] how often it was drawn.
    """

    half: np.ndarray
    times: np.ndarray

    @property
    def members(self) -> np.ndarray:
        """None, each alone, the halves; then the complements in the opposite order."""
        first = np.concatenate([self._none, self._alone, self.half])
        return np.concatenate([first, ~first[::-1]])

    @property
    def told(self) -> dict[str, int | str]:
        """How many sets there are, and the first digits of the SHA-256 of who is in which."""
        drawn = hashlib.sha256(np.packbits(self.members).tobytes()).hexdigest()[:12]
        return {"samples": len(self.members), "drawn": drawn}

    @property
    def _none(self) -> np.ndarray:
        return np.zeros((1, self.half.shape[1]), dtype=bool)

    @property
    def _alone(self) -> np.ndarray:
        return np.eye(self.half.shape[1], dtype=bool)

    def decompose(self, values: np.ndarray, names: Sequence[str]) -> Decomposition:
        """Alone and last in exactly, Shapley values by weighted least squares (``sampling.fitted``).

        The pairs of one player against the others have the weight that they have among all coalitions,
        (p(1) + p(n−1))/n each, and add no error; the drawn ones share the rest. A missing value leaves
        every Shapley value of its outcome missing. Raises CoregionError where the values miss their sum by over 1e-10.
        Lundberg & Lee (2017) for sizes that are taken whole; Covert & Lee (2021).
        """
        members, players = self.members, len(names)
        changes = values - values[:1]
        half, total = len(members) // 2, changes[-1]
        alone, last_in = changes[1 : players + 1], (total - changes[::-1])[1 : players + 1]
        difference = (changes[:half] - changes[::-1][:half])[1:]
        shapley, error = fitted(members[1:half], difference, total, *self._weights(players))
        check_sums(shapley, changes)
        missing = _missing(members, values, names)
        return Decomposition(tuple(names), alone, last_in, shapley, shapley - alone, error, total, missing)

    def _weights(self, players: int) -> tuple[np.ndarray, np.ndarray]:
        """Of each pair: its weight, and how often it was drawn, 0 for those of one player against the others."""
        _, chance = kernel(players)
        ends = chance[0] + chance[-1]
        weight = np.concatenate([np.full(players, ends / players), (1 - ends) * self.times / self.times.sum()])
        return weight, np.concatenate([np.zeros(players), self.times])


def sets_of(players: int, samples: int = 0) -> Sets:
    """Every set of up to 14 players, unless fewer ``samples`` are asked for; of more players a sample.

    samples: sets to value, 2,000 for 0. Raises InputMistakes when they are too few for an error to be told, which takes
    twice as many drawn pairs as players.
    """
    asked = samples or (2**players if players <= PLAYERS_AT_MOST else max(SAMPLES, least_samples(players)))
    if players <= PLAYERS_AT_MOST and asked >= 2**players:
        return EverySet(players)
    least = least_samples(players)
    if asked < least:
        remedy = "They are none, all, each measure alone and last in, and at least twice as many pairs as measures."
        if players <= PLAYERS_AT_MOST:
            least, remedy = min(least, 2**players), f"Or leave it out: all {2**players} can be solved."
        raise_together([Mistake(f"{asked} samples of {players} measures", f"at least {least}", remedy)])
    return drawn_sets(players, asked, SEED)


def least_samples(players: int) -> int:
    """None, all, each alone, each last in, and 2n pairs."""
    return 2 + 2 * players + 4 * players


def drawn_sets(players: int, samples: int, seed: int) -> DrawnSets:
    """At most ``samples`` sets, drawn by the Shapley kernel; a pair that is drawn again is there once.

    Sizes 1 and n − 1 are there whole, so that the pairs are drawn from the sizes between.
    """
    sizes, chance = kernel(players)
    between = slice(1, -1)
    count = (samples - 2 - 2 * players) // 2
    random = np.random.default_rng(seed)
    drawn = draw_coalitions(players, sizes[between], chance[between] / chance[between].sum(), count, random)
    half, times = np.unique(np.where(drawn[:, :1], ~drawn, drawn), axis=0, return_counts=True)
    return DrawnSets(half, times.astype(float))


def _missing(members: np.ndarray, values: np.ndarray, names: Sequence[str]) -> tuple[MissingValue, ...]:
    """Every set with a value that is NaN."""
    counts = np.isnan(values).reshape(len(values), -1).sum(axis=1)
    found = []
    for position in np.flatnonzero(counts):
        coalition = sum(1 << int(player) for player in np.flatnonzero(members[position]))
        found.append(MissingValue(coalition, coalition_label(coalition, names), int(counts[position])))
    return tuple(found)
