"""Measures of kind ``through_road``: roads that end at a border become roads that run through it."""

from __future__ import annotations

from typing import Annotated, Literal, final

import numpy as np

from coregion.measures.places import Refers
from coregion.measures.record import Measure
from coregion.network.change import upgrade
from coregion.network.record import Network


@final
class ThroughRoad(Measure):
    """Links of the class of dead ends are rebuilt as a better class: t → κ, τ (model.md, Network).

    from_class, to_class: what they are and what they become. between: pairs of places to connect; none means every
    link of from_class.
    """

    kind: Literal["through_road"] = "through_road"
    from_class: Annotated[str, Refers("class")]
    to_class: Annotated[str, Refers("class")]
    between: tuple[tuple[Annotated[str, Refers("place")], Annotated[str, Refers("place")]], ...] = ()

    def dead_ends(self, network: Network) -> tuple[str, ...]:
        """The lines that are rebuilt."""
        pairs = {frozenset(pair) for pair in self.between}
        links = network.links
        found = [
            links.line[i]
            for i in np.flatnonzero(links.kind == network.class_index(self.from_class))
            if not pairs
            or frozenset((network.node_code[links.origin[i]], network.node_code[links.destination[i]])) in pairs
        ]
        return tuple(dict.fromkeys(found))

    def network_change(self, network: Network) -> Network:
        lines = self.dead_ends(network)
        return upgrade(network, lines, self.to_class) if lines else network
