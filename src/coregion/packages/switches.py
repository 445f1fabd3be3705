"""Governments that switch levers on or off: Nash equilibria by enumeration, coalitions, partitions, cooperation.

A lever has one or more holders; it can be on only where all of them act together. Payoffs of every set of levers are
given, so that nothing here is searched: an equilibrium is found or does not exist. γ-characteristic function: Chander &
Tulkens (1997), section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import Mistake, raise_together

NONE, UNIQUE, SEVERAL = "no equilibrium", "unique equilibrium", "several equilibria"


@dataclass(frozen=True)
class SwitchGame:
    """payoffs: [2^lever, player], of every set of levers, bit l for lever l. holders: [lever, player] booleans.

    NaN where a set of levers has no value. Raises InputMistakes where shapes do not fit or a lever has no holder.
    """

    payoffs: np.ndarray
    holders: np.ndarray
    players: tuple[str, ...]
    levers: tuple[str, ...]

    def __post_init__(self) -> None:
        shape = (1 << len(self.levers), len(self.players))
        mistakes = []
        if self.payoffs.shape != shape:
            mistakes.append(Mistake(f"payoffs of shape {self.payoffs.shape}", f"{shape}, [2^lever, player]"))
        if self.holders.shape != (len(self.levers), len(self.players)) or not self.holders.any(axis=1).all():
            mistakes.append(Mistake("levers without a holder, or holders of another shape", "a holder for every lever"))
        raise_together(mistakes)

    def within(self, coalition: int) -> int:
        """The levers that a coalition can move: those whose holders are all in it, as bits."""
        inside = np.array([bool(coalition >> j & 1) for j in range(len(self.players))])
        return _bits(~np.any(self.holders & ~inside, axis=1))

    def gain_of(self, coalition: int) -> np.ndarray:
        """[2^lever] the sum of the members' payoffs."""
        return self.payoffs[:, [bool(coalition >> j & 1) for j in range(len(self.players))]].sum(axis=1)


@dataclass(frozen=True)
class Play:
    """What a partition of the players into coalitions plays. levers: on, as bits; −1 where there is no equilibrium.

    payoffs: [player], NaN without one. status: whether it is unique; equilibria: how many there are. Of several it is
    the one that best replies reach from no lever at all, else the one with the largest sum.
    """

    partition: tuple[int, ...]
    levers: int
    payoffs: np.ndarray
    status: str
    equilibria: int


def play(game: SwitchGame, partition: Sequence[int]) -> Play:
    """Pure Nash equilibria between coalitions that each maximise the sum of their members' payoffs.

    partition: coalitions as bits of players, every player in exactly one; else InputMistakes. A lever whose holders
    stand in different coalitions stays off.
    """
    everyone = (1 << len(game.players)) - 1
    if sum(partition) != everyone or np.bitwise_or.reduce(np.array(partition)) != everyone:
        raise_together([Mistake(f"coalitions {list(partition)}", "every player in exactly one coalition")])
    count = 1 << len(game.levers)
    profiles = np.arange(count)
    free = sum(game.within(coalition) for coalition in partition)
    stable = (profiles & ~free) == 0
    for coalition in partition:
        others = profiles & ~game.within(coalition)
        value = np.where((profiles & ~free) == 0, game.gain_of(coalition), -np.inf)
        best = np.full(count, -np.inf)
        np.maximum.at(best, others, np.where(np.isnan(value), -np.inf, value))
        unknown = np.zeros(count, dtype=bool)
        np.logical_or.at(unknown, others, np.isnan(value))
        stable &= (value >= best[others]) & ~unknown[others]
    found = np.flatnonzero(stable)
    if not found.size:
        return Play(tuple(partition), -1, np.full(len(game.players), np.nan), NONE, 0)
    levers = int(found[0]) if found.size == 1 else _chosen(game, partition, found)
    status = UNIQUE if found.size == 1 else SEVERAL
    return Play(tuple(partition), levers, game.payoffs[levers], status, int(found.size))


def _chosen(game: SwitchGame, partition: Sequence[int], equilibria: np.ndarray) -> int:
    """Where best replies in turn lead from nothing, if to an equilibrium; else the largest sum of payoffs."""
    at, profiles = 0, np.arange(1 << len(game.levers))
    for _ in range(len(game.levers) + 1):
        before = at
        for coalition in partition:
            own = game.within(coalition)
            reach = profiles[(profiles & ~own) == (at & ~own)]
            at = int(reach[np.nanargmax(game.gain_of(coalition)[reach])])
        if at == before:
            break
    if at in equilibria:
        return at
    return int(equilibria[np.argmax(game.payoffs[equilibria].sum(axis=1))])


def partitions(players: int) -> Iterator[tuple[int, ...]]:
    """Every way to split the players into coalitions, singletons first and the grand coalition last: 5 for three."""
    found: list[tuple[int, ...]] = [()]
    for player in range(players):
        found = [
            other
            for one in found
            for other in (
                (*one, 1 << player),
                *((*one[:k], c | 1 << player, *one[k + 1 :]) for k, c in enumerate(one)),
            )
        ]
    yield from sorted(found, key=lambda p: (-len(p), p))


def coalition_values(game: SwitchGame) -> tuple[np.ndarray, tuple[Play, ...]]:
    """γ-characteristic function v [2^player] from payoffs counted from no lever, and what is played for each coalition.

    The members of a coalition maximise their sum and outsiders reply singly; v of nobody is 0. NaN without an
    equilibrium. The first play is that of singletons, for nobody.
    """
    players = len(game.players)
    values, plays = np.zeros(1 << players), []
    for coalition in range(1 << players):
        singly = tuple(1 << j for j in range(players) if not coalition >> j & 1)
        plays.append(play(game, (coalition, *singly) if coalition else singly))
        if coalition:
            members = [bool(coalition >> j & 1) for j in range(players)]
            values[coalition] = plays[-1].payoffs[members].sum()
    return values, tuple(plays)


@dataclass(frozen=True)
class Cooperation:
    """What a rule of cooperation chooses: the levers that are on, as bits, and everybody's payoff."""

    rule: str
    levers: int
    payoffs: np.ndarray


def cooperate(game: SwitchGame, threat: np.ndarray, income: np.ndarray) -> tuple[Cooperation, ...]:
    """The joint choice by three rules, without transfers.

    "utilitarian": the largest sum. "equal gain": the largest smallest gain over the threat point in per cent of
    income, as near as switches come to equal proportional gains (Ossa 2014). "Nash bargaining": the largest product of
    gains over the threat point; NaN where no set of levers makes everybody better off. threat, income: [player].
    """
    total = game.payoffs.sum(axis=1)
    gain = game.payoffs - threat
    smallest = (gain / income).min(axis=1)
    product = np.where((gain > 0).all(axis=1), np.log(np.maximum(gain, 1e-300)).sum(axis=1), -np.inf)
    product[np.isnan(total)] = -np.inf
    chosen = [("utilitarian", total), ("equal gain", smallest), ("Nash bargaining", product)]
    found = []
    for rule, score in chosen:
        score = np.where(np.isnan(score), -np.inf, score)
        best = int(np.argmax(score))
        exists = np.isfinite(score[best])
        nothing = np.full(len(game.players), np.nan)
        found.append(Cooperation(rule, best if exists else -1, game.payoffs[best] if exists else nothing))
    return tuple(found)


def lever_names(game: SwitchGame, levers: int) -> tuple[str, ...]:
    """The names of the levers that are on."""
    return tuple(name for bit, name in enumerate(game.levers) if levers >= 0 and levers >> bit & 1)


def _bits(flags: np.ndarray) -> int:
    return int((1 << np.flatnonzero(flags)).sum())
