"""Measures of kind ``link``: lines that open, and new links."""

from __future__ import annotations

from typing import Annotated, Literal, final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coregion.measures.places import Lines, Refers
from coregion.measures.record import Measure
from coregion.network.change import add_link, open_lines
from coregion.network.record import Network


class NewLink(BaseModel):
    """A link that no table has yet. class_name: its class. length_km: 0 for great circle times the class's detour."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Annotated[str, Refers("place")]
    destination: Annotated[str, Refers("place")]
    class_name: Annotated[str, Refers("class")]
    length_km: float = Field(default=0.0, ge=0, allow_inf_nan=False)


@final
class Link(Measure):
    """Lines of the network's tables open, or links are added: t → κ, τ (model.md, Network).

    κ̂_ni = [(t′/t)^a exp(b (t′ − t))]^(1/ε), τ̂_ni,s = (t′/t)^ψ_s by the best paths after opening.
    """

    kind: Literal["link"] = "link"
    lines: Lines = ()
    additions: tuple[NewLink, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Link:
        if not self.lines and not self.additions:
            raise ValueError("lines to open, or links to add")
        return self

    def network_change(self, network: Network) -> Network:
        changed = open_lines(network, self.lines) if self.lines else network
        for number, link in enumerate(self.additions, 1):
            changed = add_link(
                changed,
                link.origin,
                link.destination,
                link.class_name,
                length_km=link.length_km or None,
                line=f"{self.name}-{number}",
                payer=self.payer,
            )
        return changed
