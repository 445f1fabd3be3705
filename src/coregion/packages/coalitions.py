"""How the values of a game are laid out: one value for each coalition, player i in coalition c when bit i of c is set.

The players are measures (a coalition is a package) or governments (a coalition is a set of jurisdictions that act
together). Nothing here knows which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import InputMistakes, Mistake, raise_together

SIZES = "1, 2, 4, 8, … (one value for each of the 2^n coalitions, the empty one first)"


@dataclass(frozen=True)
class MissingValue:
    """A coalition whose value is not known; ``outcomes`` counts the outcomes for which it is missing."""

    coalition: int
    label: str
    outcomes: int

    def __str__(self) -> str:
        where = f" for {self.outcomes} outcomes" if self.outcomes > 1 else ""
        return f"the value of {self.label} is missing{where}; what rests on it is not a number and is not filled in"


def game_values(v, *, scalar: bool = False, complete: bool = False, names: Sequence[str] | None = None) -> np.ndarray:
    """``v`` as floats of shape (2^n, …outcomes), checked.

    scalar: one outcome only. complete: no value may be missing (NaN) and the empty coalition must have 0.
    names: of the players, for the messages.
    Raises InputMistakes with everything that is wrong: the length, infinite values, missing ones.
    """
    try:
        values = np.asarray(v, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputMistakes([Mistake(f"values that are no numbers ({error})", f"an array of {SIZES}")]) from error
    if values.ndim == 0 or values.shape[0] < 1 or values.shape[0] & (values.shape[0] - 1):
        found = "a single number" if values.ndim == 0 else f"{values.shape[0]} values"
        raise InputMistakes([Mistake(found, f"a length of {SIZES}", "Give every coalition a value, NaN if unknown.")])
    mistakes = []
    if scalar and values.ndim != 1:
        mistakes.append(Mistake(f"values of shape {values.shape}", "one outcome, shape (2^n,)", "Pick one outcome."))
    infinite = np.isinf(values).reshape(values.shape[0], -1).any(axis=1)
    mistakes += [
        Mistake(f"an infinite value of {coalition_label(int(c), names)}", "a finite value, or NaN if it is not known")
        for c in np.flatnonzero(infinite)
    ]
    if complete:
        mistakes += [
            Mistake(f"no value for {missing.label}", "a value for every coalition", "Solve that coalition first.")
            for missing in missing_values(values, names)
        ]
        if np.any(values[0] != 0) and not np.any(np.isnan(values[0])):
            mistakes.append(
                Mistake(f"{values[0]} for the empty coalition", "0", "Subtract what happens without any player.")
            )
    raise_together(mistakes)
    return values


def player_count(values: np.ndarray) -> int:
    """n, from 2^n values."""
    return int(values.shape[0]).bit_length() - 1


def by_membership(values: np.ndarray, player: int) -> np.ndarray:
    """A view of shape (2^(n−1−player), 2, 2^player, …outcomes): index 1 of the second axis holds the player."""
    return values.reshape(-1, 2, 1 << player, *values.shape[1:])


def membership(players: int) -> np.ndarray:
    """Who is in which coalition, booleans of shape (2^n, n)."""
    return (np.arange(1 << players)[:, None] >> np.arange(players)) & 1 == 1


def coalition_sizes(players: int) -> np.ndarray:
    """The number of members of each coalition, shape (2^n,)."""
    return membership(players).sum(axis=1)


def player_names(names: Sequence[str] | None, players: int) -> tuple[str, ...]:
    """The given names, or "1" … "n"; raises InputMistakes when their number differs or a name stands twice."""
    if names is None:
        return tuple(str(player + 1) for player in range(players))
    found = tuple(str(name) for name in names)
    mistakes = []
    if len(found) != players:
        mistakes.append(Mistake(f"{len(found)} names", f"{players}, one for each player"))
    mistakes += [
        Mistake(f"the name '{name}' {found.count(name)} times", "each name once")
        for name in sorted({*found})
        if found.count(name) > 1
    ]
    raise_together(mistakes)
    return found


def coalition_label(coalition: int, names: Sequence[str] | None = None) -> str:
    """The sorted names of the members joined by "+"; "nobody" for the empty coalition."""
    members = [player for player in range(int(coalition).bit_length()) if int(coalition) >> player & 1]
    labels = [str(player + 1) if names is None else names[player] for player in members]
    return "+".join(sorted(labels) if names is not None else labels) or "nobody"


def missing_values(values: np.ndarray, names: Sequence[str] | None = None) -> tuple[MissingValue, ...]:
    """Every coalition with a value that is NaN, in the order of the coalitions."""
    counts = np.isnan(values).reshape(values.shape[0], -1).sum(axis=1)
    return tuple(MissingValue(int(c), coalition_label(int(c), names), int(counts[c])) for c in np.flatnonzero(counts))
