"""Which government decides on which measure: levers, held by one government or by several together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from coregion.errors import CoregionError
from coregion.measures.record import Measure
from coregion.region import Region

Grain = Literal["holders", "pillars"]


@dataclass(frozen=True)
class Lever:
    """Measures that come and go together. holders: codes of the governments that must all agree."""

    name: str
    holders: tuple[str, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Table:
    """Who sits at the table and what lies on it. given: measures of payers without a vote, there whatever is played."""

    players: tuple[str, ...]
    names: tuple[str, ...]
    levers: tuple[Lever, ...]
    given: tuple[Measure, ...]

    @property
    def holders(self) -> np.ndarray:
        """[lever, player] who holds which."""
        return np.array([[player in lever.holders for player in self.players] for lever in self.levers])


def table(region: Region, measures: Sequence[Measure], by: Grain = "holders") -> Table:
    """Sort measures into levers: one for each set of holders, or for each set of holders and pillar.

    Players are the payers with a vote. Raises CoregionError where fewer than two of them hold anything.
    """
    voting = [payer for payer in region.payers if payer.votes]
    players = tuple(payer.code for payer in voting)
    names = tuple(payer.name_en for payer in voting)
    sorted_in: dict[tuple[str, ...], dict[str, list[Measure]]] = {}
    given = []
    for measure in measures:
        holders = holders_of(region, measure, players)
        if holders:
            part = measure.pillar if by == "pillars" else ""
            sorted_in.setdefault(holders, {}).setdefault(part, []).append(measure)
        else:
            given.append(measure)
    called = dict(zip(players, names, strict=True))
    levers = tuple(
        Lever(" and ".join(called[code] for code in holders) + (f" {part}" if part else ""), holders, tuple(own))
        for holders in sorted(sorted_in, key=lambda h: (len(h), [players.index(code) for code in h]))
        for part, own in sorted_in[holders].items()
    )
    if len({code for lever in levers for code in lever.holders}) < 2:
        raise CoregionError(
            f"found {len(levers)} levers of at most one government; expected measures of two or more. "
            "Choose more measures, or say in `agreed_by` whose agreement they need."
        )
    return Table(players, names, levers, tuple(given))


def holders_of(region: Region, measure: Measure, players: Sequence[str]) -> tuple[str, ...]:
    """The players that must agree to a measure: those of ``agreed_by``, else its payer; none for one without a vote.

    A prefecture stands for the first-level government that it belongs to.
    """
    above = {code: region.province[i] for i, code in enumerate(region.prefecture[: region.inside])}
    wanted = measure.agreed_by or (measure.payer,)
    found = {above.get(code, code) for code in wanted}
    return tuple(player for player in players if player in found)
