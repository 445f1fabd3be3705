"""Which colour a change gets on a map: seven classes about zero with round limits, robust to a few extreme places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from coregion.report.numbers import MINUS, SPACE, plain

# ColorBrewer PuOr, seven classes: told apart with every common colour deficiency; the middle is the lightest in grey.
COLOURS = ("#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788")
NO_FIGURE = "#c8c8c8"
PERCENTILES = (2, 98)
STEPS = (0.1, 0.3, 1.0)
ONE_WAY_STEPS = (0.1, 0.5, 1.0)
"""Where nearly all places move the same way, the larger changes are the ones to tell apart."""


@dataclass(frozen=True)
class Classes:
    """limits: six rising limits. of: class 0…6 of each value, −1 where there is none. labels: what a class holds.

    beyond: how many values lie in the outermost two classes.
    """

    limits: tuple[float, ...]
    of: tuple[int, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def beyond(self) -> int:
        """Places outside the outermost limits."""
        return self.counts[0] + self.counts[-1]


def classes(values: np.ndarray) -> Classes:
    """Seven classes of changes [per cent]: the outer limit is the larger of the 2nd and 98th of 100, rounded.

    The inner limits are three and one tenths of it, so that small changes stay visible beside large ones; a half and
    one tenth where no more than the 2 of 100 at an end change by less than one tenth of it, or the other way.
    """
    known = values[np.isfinite(values)]
    spread = float(np.abs(np.percentile(known, PERCENTILES)).max()) if len(known) else 0.0
    outer = _round_number(spread if spread > 0 else 0.01)
    ends = np.percentile(known, PERCENTILES) if len(known) else np.zeros(2)
    one_way = bool(ends[0] > outer * STEPS[0] or ends[1] < -outer * STEPS[0])
    positive = [outer * step for step in (ONE_WAY_STEPS if one_way else STEPS)]
    limits = tuple([-limit for limit in reversed(positive)] + positive)
    places = np.searchsorted(limits, np.where(np.isfinite(values), values, 0.0))
    of = tuple(int(c) if known else -1 for c, known in zip(places, np.isfinite(values), strict=True))
    counts = tuple(of.count(number) for number in range(7))
    return Classes(limits, of, _labels(limits), counts)


def _round_number(value: float) -> float:
    """The nearest of 1, 2, 3, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return min((step * power for step in (1, 2, 3, 5, 10)), key=lambda candidate: abs(math.log(candidate / value)))


def _labels(limits: tuple[float, ...]) -> tuple[str, ...]:
    text = [plain(abs(limit), 2) for limit in limits]
    signs = [MINUS] * 3 + ["+"] * 3
    named = [sign + number for sign, number in zip(signs, text, strict=True)]
    inner = [f"{low} to {high}{SPACE}%" for low, high in pairwise(named)]
    inner[2] = f"within ±{text[3]}{SPACE}%"
    return (f"below {named[0]}{SPACE}%", *inner, f"above {named[-1]}{SPACE}%")
