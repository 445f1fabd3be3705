"""What is the way worth today? Gains that come slowly, and costs when they are paid, at the study's discount rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from coregion.annuity import annuity
from coregion.calibrate.baseline import Baseline
from coregion.equilibrium import payers_of
from coregion.measures.cost import Cost, burden, yearly_cost
from coregion.measures.record import Measure
from coregion.path import GAIN, Path, opening, partial_adjustment, speeds
from coregion.uncertainty.figures import OUTSIDE, governments

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from coregion.data.adjustment import AdjustmentEntry

Yearly = Float[np.ndarray, " year"]
Along = Float[np.ndarray, "year ..."]


def present_value(yearly: Along, years: Sequence[int], rate: float, at: int):
    """Σ_t x_t (1 + r)^−(t − at), summed over years."""
    factors = (1 + rate) ** -(np.asarray(years, dtype=float) - at)
    return np.tensordot(factors, np.asarray(yearly, dtype=float), axes=1)


@dataclass(frozen=True)
class Cash:
    """What a measure costs when it is paid [yuan, by year]. left: what its works are still worth at the end [yuan]."""

    investment: Yearly
    running: Yearly
    left: float


def cash(cost: Cost, intensity: float, opens: int, years: Sequence[int], rate: float) -> Cash:
    """Investment in the year before opening and again when its life is over, running costs from opening on.

    left: present value at the last year of the annuity still to come of what stands then; so investment less what is
    left is worth the annuity of the years in use. Lives are rounded to whole years.
    """
    life = max(1, round(cost.life_years))
    investment, running = np.zeros(len(years)), np.zeros(len(years))
    last, spent = years[-1], list(range(opens - 1, years[-1], life))
    for year in spent:
        investment[year - years[0]] += intensity * cost.investment_yuan
    running[np.asarray(years) >= opens] = intensity * cost.yearly_yuan
    if not spent:
        return Cash(investment, running, 0.0)
    still = np.arange(1, spent[-1] + life - last + 1)
    payment = intensity * annuity(cost.investment_yuan, life, rate)
    return Cash(investment, running, float(payment * ((1 + rate) ** -still.astype(float)).sum()))


def values_frame(
    baseline: Baseline, on: Path, measures: Sequence[Measure], adjustment: Mapping[str, AdjustmentEntry]
) -> pd.DataFrame:
    """Present values at the first year by government, of the whole region and of everybody outside it [yuan].

    gain: of those registered, before costs, as it comes along the path; investment, running: when paid, by the share
    of each payer's residents who live in the place; left: what works are still worth at the end; net = gain −
    investment − running + left; net_slow, net_fast: at the bounds of the speeds. yearly_gain: net of costs, in the
    equilibrium of the last year [yuan a year].
    """
    import pandas as pd

    region = baseline.region
    places = governments(region)
    places[OUTSIDE] = region.external
    members = np.array(list(places.values()), dtype=float)
    opened = [m for m in measures if opening(m, on.years[0]) <= on.years[-1]]
    share = {code: members @ np.asarray(burden(baseline, code)) for code in payers_of(region, opened)}
    rate = region.parameters["discount_rate"].value
    net_target = on.gain_target @ members.T
    target = net_target + _charged(baseline, on, opened, share)
    low, usual, high = speeds(adjustment, [GAIN])
    nothing = np.zeros(len(places))
    gains = [_worth(partial_adjustment(nothing, target, speed), on, rate) for speed in (usual, low, high)]
    paid = _paid(on, opened, share, rate, len(places))
    table = pd.DataFrame({"place": list(places), **_names(on, list(places))})
    table["gain"] = gains[0]
    for name in ("investment", "running", "left"):
        table[name] = paid[name]
    for name, gain in zip(("net", "net_slow", "net_fast"), gains, strict=True):
        table[name] = gain - paid["investment"] - paid["running"] + paid["left"]
    table["yearly_gain"] = net_target[-1]
    return table


def _worth(yearly: np.ndarray, on: Path, rate: float) -> np.ndarray:
    return present_value(yearly, on.years, rate, on.years[0])


def _charged(baseline: Baseline, on: Path, measures: Sequence[Measure], share: Mapping[str, np.ndarray]) -> np.ndarray:
    """[year, place] yearly costs that the equilibrium of each year takes from payers; its gains are net of them."""
    found = np.zeros((len(on.years), len(next(iter(share.values())))))
    for measure in measures:
        open_now = np.asarray(on.years) >= opening(measure, on.years[0])
        amount = measure.intensity * yearly_cost(measure.cost, baseline.region)
        found[open_now] += amount * share[measure.payer]
    return found


def _paid(
    on: Path, measures: Sequence[Measure], share: Mapping[str, np.ndarray], rate: float, places: int
) -> dict[str, np.ndarray]:
    """[place] present values of what is invested, run, and left."""
    found = {name: np.zeros(places) for name in ("investment", "running", "left")}
    for measure in measures:
        spent = cash(measure.cost, measure.intensity, opening(measure, on.years[0]), on.years, rate)
        end = (1 + rate) ** -(on.years[-1] - on.years[0])
        found["investment"] += _worth(spent.investment, on, rate) * share[measure.payer]
        found["running"] += _worth(spent.running, on, rate) * share[measure.payer]
        found["left"] += end * spent.left * share[measure.payer]
    return found


def _names(on: Path, codes: Sequence[str]) -> dict[str, list]:
    """Level and names of places as the path's rows have them."""
    keys = ("level", "name_en", "name_zh")
    told = on.rows.drop_duplicates("place")[["place", *keys]]
    known: dict[str, tuple] = {OUTSIDE: (0, "Outside the region", "区域外")}
    known |= {place: (level, en, zh) for place, level, en, zh in told.itertuples(index=False)}
    return {key: [known[code][number] for code in codes] for number, key in enumerate(keys)}
