"""Measures of kind ``tax_share``: two governments pool the taxes of a zone that lies in both and divide them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.errors import Mistake
from coregion.measures.cost import burden
from coregion.measures.places import Places, Refers, inside, place_codes
from coregion.measures.record import Measure
from coregion.model.economy import Shock, no_shock

Share = Annotated[float, Field(ge=0, le=1)]
Government = Annotated[str, Refers("payer")]


@final
class TaxShare(Measure):
    """Taxes T_a, T_b of the parts of a zone: a receives i · (share · (T_a + T_b) − T_a) from b, or pays it.

    T_j = tax_rate · part_of_places · value added of firms (what they pay for labour, floor space and capital), at the
    baseline, of the ``places`` that lie in j. The payment is fixed at baseline figures: growth of the zone is not in
    it. It enters as transfers that sum to zero, borne and received by the residents in proportion to their income; both
    budgets show it. share: of a in the pool, at most 1.
    """

    kind: Literal["tax_share"] = "tax_share"
    places: Places = Field(min_length=2)
    a: Government
    b: Government
    share: Share
    tax_rate: Share
    part_of_places: Share = 1.0

    @model_validator(mode="after")
    def _two_governments(self) -> TaxShare:
        if self.a == self.b:
            raise ValueError("two governments a and b, not one")
        return self

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        region = baseline.region
        governments = [code for code in (self.a, self.b) if code not in place_codes(region)]
        if governments:
            expected = "two governments that have places of the region"
            return [Mistake(f"'{self.name}' divides taxes with {', '.join(governments)}", expected)]
        parts = [inside(region, self.places) & inside(region, (code,)) for code in (self.a, self.b)]
        lost = np.array(region.code)[inside(region, self.places) & ~parts[0] & ~parts[1]]
        mistakes = [
            Mistake(f"'{self.name}' with no place of {code} in its zone", "some of each of the two governments")
            for code, part in zip((self.a, self.b), parts, strict=True)
            if not part.any()
        ]
        if len(lost):
            found = f"'{self.name}' with places that belong to neither government: {', '.join(lost)}"
            mistakes.append(Mistake(found, f"places of {self.a} and {self.b}", "Take them out of places."))
        return mistakes

    def taxes(self, baseline: Baseline, government: str) -> jax.Array:
        """T_j of the part of the zone in a jurisdiction [yuan a year]."""
        region, economy = baseline.region, baseline.economy
        there = jnp.asarray(inside(region, self.places) & inside(region, (government,)))
        cost = (1 - economy.profit_share) * economy.sales
        added = ((economy.labour_share + economy.floor_space_share + economy.capital_share) * cost).sum(axis=1)
        return self.tax_rate * self.part_of_places * (added * there).sum()

    def to_a(self, baseline: Baseline) -> jax.Array:
        """What a receives at intensity 1, negative where it pays [yuan a year]."""
        own, other = self.taxes(baseline, self.a), self.taxes(baseline, self.b)
        return self.share * (own + other) - own

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        moved = intensity * self.to_a(baseline) * (burden(baseline, self.a) - burden(baseline, self.b))
        neutral = no_shock(baseline.economy)
        return eqx.tree_at(lambda s: s.transfers, neutral, neutral.transfers + moved)

    def between_budgets(self, baseline: Baseline) -> Mapping[str, float]:
        amount = float(self.to_a(baseline))
        return {self.a: amount, self.b: -amount}
