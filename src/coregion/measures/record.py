"""What every measure says of itself, and how it becomes a shock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

import jax
import jax.numpy as jnp
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from coregion.calibrate.baseline import Baseline
from coregion.errors import InputMistakes, Mistake, raise_together
from coregion.measures.combine import combined
from coregion.measures.cost import Cost, paid
from coregion.measures.network_states import ladder, network_shock, network_states
from coregion.measures.places import Payer
from coregion.model.economy import Shock, no_shock
from coregion.network.record import Network

Text = Annotated[str, Field(min_length=1)]
Intensity = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Measure(BaseModel):
    """One measure of a package; a final class per kind says what it moves.

    kind: the name of the class in measures.toml. document, quote: where it was announced, and the words.
    opens: the year from which it works. intensity: how much of it by default; 1 is what the entry describes.
    lowest, highest: bounds of intensity. payer: who bears the cost. sources: of every amount.
    agreed_by: governments without which it does not happen, where it needs more than its payer.
    assumptions: sizes that no source gives, and why they are as they are.
    document_zh, sources_zh, assumptions_zh: the same in Chinese, entry by entry; empty: the page shows the English.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    kind: str
    name_en: Text
    name_zh: Text
    pillar: Text
    document: Text
    quote: Text
    opens: int = Field(ge=1900, le=2200)
    intensity: Intensity = 1.0
    lowest: Intensity = 0.0
    highest: Intensity = 1.0
    cost: Cost
    payer: Payer
    agreed_by: tuple[Payer, ...] = ()
    sources: tuple[Text, ...] = Field(min_length=1)
    assumptions: tuple[Text, ...] = ()
    document_zh: str = ""
    sources_zh: tuple[Text, ...] = ()
    assumptions_zh: tuple[Text, ...] = ()

    @field_validator("name")
    @classmethod
    def _slug(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError("a name of small letters, digits and _, beginning with a letter")
        return name

    @model_validator(mode="after")
    def _translated_whole(self) -> Measure:
        for name in ("sources", "assumptions"):
            texts, translated = getattr(self, name), getattr(self, f"{name}_zh")
            if translated and len(translated) != len(texts):
                raise ValueError(f"as many entries of {name}_zh as of {name}, {len(texts)}, not {len(translated)}")
        return self

    @model_validator(mode="after")
    def _within_bounds(self) -> Measure:
        if not self.lowest <= self.intensity <= self.highest:
            raise ValueError(f"lowest ≤ intensity ≤ highest, not {self.lowest:g}, {self.intensity:g}, {self.highest:g}")
        if self.changes_network() and self.highest > 1:
            raise ValueError("highest of at most 1: a measure of the network is there or not, or in between")
        return self

    @property
    def value_of_time(self) -> float:
        """Yuan an hour at which this measure's change of fares becomes minutes; 0 where it changes none."""
        return 0.0

    def effect(self, baseline: Baseline, intensity: jax.Array) -> Shock:
        """What the measure moves, without its cost and without the network; pure and differentiable in intensity."""
        del intensity
        return no_shock(baseline.economy)

    def network_change(self, network: Network) -> Network:
        """The network at intensity 1; the same object where the measure does not touch it."""
        return network

    def impossible(self, baseline: Baseline) -> list[Mistake]:
        """What this baseline does not allow at the highest intensity: more jobs than there are, too low a cap."""
        del baseline
        return []

    def between_budgets(self, baseline: Baseline) -> Mapping[str, float]:
        """What it moves between governments at intensity 1 [yuan a year], by payer; sums to zero."""
        del baseline
        return {}

    def changes_network(self) -> bool:
        """Whether this kind changes the network at all."""
        return type(self).network_change is not Measure.network_change

    def apply(self, baseline: Baseline, intensity: float | None = None) -> Shock:
        """The whole measure on its own: effect, network and cost, at its own intensity or another within its bounds.

        Raises InputMistakes when the intensity is out of bounds, or the baseline does not allow the measure.
        """
        raise_together(self.impossible(baseline))
        amount = jnp.asarray(within_bounds(self, self.intensity if intensity is None else intensity))
        parts = [self.effect(baseline, amount), paid(baseline, self.cost, self.payer, amount)]
        if self.changes_network() and amount != 0:
            states = network_states(baseline, (self,), [frozenset({self.name})])
            parts.append(network_shock(baseline, ladder(baseline, (self.name,), states), amount[None]))
        return combined(baseline.economy, parts)


def within_bounds(measure: Measure, intensity: float) -> float:
    """The intensity as a number; raises InputMistakes when it is not one between the measure's bounds."""
    mistake = bounds_mistake(measure, intensity)
    if mistake is not None:
        raise InputMistakes([mistake])
    return float(intensity)


def bounds_mistake(measure: Measure, intensity: float) -> Mistake | None:
    """What is wrong with an intensity, if anything."""
    if measure.lowest <= float(intensity) <= measure.highest:
        return None
    return Mistake(
        f"intensity {float(intensity):g} of '{measure.name}'",
        f"{measure.lowest:g} to {measure.highest:g}",
        "Change it, or the bounds lowest and highest of the measure.",
    )
