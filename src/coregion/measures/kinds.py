"""The kinds of measures there are, found by themselves: every class with a kind of its own."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import get_args

import coregion.measures
from coregion.measures.record import Measure


def kinds() -> dict[str, type[Measure]]:
    """Every kind by its name: the classes of the modules of this package and any that the caller has imported."""
    for module in pkgutil.iter_modules(coregion.measures.__path__):
        import_module(f"coregion.measures.{module.name}")
    found = {kind_of(kind): kind for kind in Measure.__subclasses__()}
    return dict(sorted(found.items()))


def kind_of(measure: type[Measure]) -> str:
    """The name of a kind: the one value that its field ``kind`` may take."""
    (name,) = get_args(measure.model_fields["kind"].annotation)
    return name
