"""The elasticities of Monte, Redding & Rossi-Hansberg (2018) as the toolkit sets them, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from coregion.errors import Mistake, nearest, raise_together


@dataclass(frozen=True)
class Parameters:
    """The paper's elasticities as the toolkit sets them for Germany; ``SYMBOLS`` are accepted as names too."""

    goods_share: float = 0.7
    commuting_elasticity: float = 4.6
    substitution: float = 4.0
    commuting_decay: float = 0.47
    trade_decay: float = 0.42
    productivity_spillover: float = 0.05
    floor_space_supply: float = 0.38

    @property
    def trade(self) -> float:
        """θ = σ − 1."""
        return self.substitution - 1


SYMBOLS = {
    "alpha": "goods_share",
    "epsilon": "commuting_elasticity",
    "sigma": "substitution",
    "mu": "commuting_decay",
    "psi": "trade_decay",
    "nu": "productivity_spillover",
    "delta": "floor_space_supply",
}

LIMITS = {
    "goods_share": ("above 0 and at most 1", lambda value: 0 < value <= 1),
    "commuting_elasticity": ("above 0", lambda value: value > 0),
    "substitution": ("above 1", lambda value: value > 1),
    "commuting_decay": ("0 or more", lambda value: value >= 0),
    "trade_decay": ("0 or more", lambda value: value >= 0),
    "productivity_spillover": ("a finite number", np.isfinite),
    "floor_space_supply": ("0 or more", lambda value: value >= 0),
}
"""What an elasticity may be, in words and as a test."""


def parameters(given: Mapping[str, float]) -> Parameters:
    """The toolkit's elasticities, but for those given by name or symbol. Raises InputMistakes with every mistake."""
    known = {field.name for field in fields(Parameters)}
    named, mistakes = {}, []
    for name, value in given.items():
        field = SYMBOLS.get(name, name)
        if field not in known:
            mistakes.append(
                Mistake(f"elasticity '{name}'", "one of the paper's", nearest(name, known | SYMBOLS.keys()))
            )
        elif field in named:
            mistakes.append(Mistake(f"elasticity '{field}' twice", "its name or its symbol, once"))
        elif not np.isfinite(number := _number(value)) or not LIMITS[field][1](number):
            mistakes.append(Mistake(f"{name} = {value!r}", LIMITS[field][0]))
        named[field] = _number(value)
    raise_together(mistakes)
    return Parameters(**named)


def _number(value) -> float:
    """The value as a number, or not a number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
