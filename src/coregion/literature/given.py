"""Can a published model take what it is given? Tables of numbers by shape and range."""

from __future__ import annotations

import numpy as np

from coregion.errors import Mistake, raise_together


def above_zero(name: str, values, shape: tuple[int, ...]) -> list[Mistake]:
    """A mistake where ``values`` are not of the shape or not above zero; none where they are None, for as they were."""
    if values is None or (np.shape(values) == shape and (np.asarray(values, float) > 0).all()):
        return []
    wanted = f"shape {shape}, above zero" if shape else "a number above zero"
    return [Mistake(f"{name} of shape {np.shape(values)} or not above zero", wanted)]


def checked_tariffs(tariffs, shape: tuple[int, int, int]) -> np.ndarray:
    """Tariffs as fractions, industry (or sector), buyer, seller. Raises InputMistakes for a table that is none.

    Tariffs above −1 and finite, zero on a region's own goods.
    """
    try:
        values = np.asarray(tariffs, float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != shape:
        found = f"tariffs of shape {values.shape}" if values.size else "tariffs that are no table of numbers"
        raise_together([Mistake(found, f"fractions of shape {shape}: industry, buyer, seller")])
    mistakes = []
    if not (np.isfinite(values) & (values > -1)).all():
        at = tuple(int(k) for k in np.argwhere(~(np.isfinite(values) & (values > -1)))[0])
        mistakes.append(
            Mistake(f"a tariff of {values[at]:g} at {at} (industry, buyer, seller)", "a fraction above −1, finite")
        )
    own = values[:, np.arange(shape[1]), np.arange(shape[1])]
    if (own != 0).any():
        mistakes.append(Mistake(f"a tariff of {own[own != 0][0]:g} on a region's own goods", "zero on the diagonal"))
    raise_together(mistakes)
    return values
