"""Which measures of a study, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coregion.errors import Mistake, nearest, raise_together
from coregion.measures.record import Measure, bounds_mistake


def names_in(text: str) -> list[str] | None:
    """The names in a comma-separated text, without blanks; None, which stands for all, where there is none."""
    return [name.strip() for name in text.split(",") if name.strip()] or None


def chosen(
    measures: Sequence[Measure], names: Sequence[str] | None = None, intensity: Mapping[str, float] | None = None
) -> tuple[Measure, ...]:
    """The measures of these names (all without names), in the study's order, with other intensities where given.

    Raises InputMistakes with every name that is unknown (and the nearest that is known), every intensity that is
    set for a measure that is not chosen, and every intensity out of bounds.
    """
    amounts = dict(intensity or {})
    known = {measure.name: measure for measure in measures}
    wanted = list(known) if names is None else list(names)
    mistakes = [
        Mistake(f"unknown measure '{name}'", "a measure of the study", nearest(name, known))
        for name in dict.fromkeys([*wanted, *amounts])
        if name not in known
    ]
    mistakes += [
        Mistake(f"an intensity of '{name}', which is not chosen", "intensities of chosen measures", "Choose it too.")
        for name in amounts
        if name in known and name not in wanted
    ]
    found = [bounds_mistake(known[name], amount) for name, amount in amounts.items() if name in known]
    raise_together(mistakes + [mistake for mistake in found if mistake is not None])
    return tuple(
        measure.model_copy(update={"intensity": float(amounts[measure.name])}) if measure.name in amounts else measure
        for measure in measures
        if measure.name in wanted
    )
