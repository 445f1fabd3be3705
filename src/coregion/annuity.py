"""What an investment costs a year."""

from __future__ import annotations

import numpy as np


def annuity(investment: float, life_years: float, rate: float) -> float:
    """Equal yearly payments worth an investment: I r / (1 − (1 + r)^−life) [yuan a year]; I / life at a rate of 0."""
    if rate == 0:
        return investment / life_years
    return investment * rate / -np.expm1(-life_years * np.log1p(rate))
