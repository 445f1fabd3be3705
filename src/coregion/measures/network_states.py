"""Measures that change one network together: minutes of every subset of them, and of everything in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.calibrate.baseline import Baseline
from coregion.errors import CoregionError
from coregion.model.economy import Shock, no_shock
from coregion.network.record import Network
from coregion.network.times import generalised_minutes, travel_minutes

COMPLETE_UP_TO = 8
"""Measures of the network whose 2^k subsets are all computed when no subsets are asked for by name."""

FAR = 1e9
"""Minutes from which on a place counts as out of reach."""


class NetworkMeasure(Protocol):
    """What this module needs to know of a measure."""

    name: str

    @property
    def value_of_time(self) -> float:
        """Yuan an hour at which a change of fares becomes minutes."""
        ...

    def network_change(self, network: Network) -> Network:
        """The network at intensity 1."""
        ...


@dataclass(frozen=True)
class NetworkStates:
    """log(t_S / t_∅) by set of measures S, [purpose, region, region]; the empty set is 0. A plain cache."""

    purposes: tuple[str, ...]
    log_ratio: Mapping[frozenset[str], np.ndarray]


def purposes_of(baseline: Baseline) -> tuple[str, ...]:
    """The purposes whose minutes the economy reads: commuting, and what carries the goods."""
    return tuple(dict.fromkeys(("commuting", *baseline.carried_by)))


def subsets_visited(names: Sequence[str], intensities: Iterable[float]) -> list[frozenset[str]]:
    """The sets on the way from none to all that act when intensities are taken in descending order."""
    amounts = np.asarray(intensities, dtype=float)
    order = [str(names[i]) for i in np.argsort(-amounts, kind="stable") if amounts[i] > 0]
    return [frozenset(order[: size + 1]) for size in range(len(order))]


def all_subsets(names: Sequence[str]) -> list[frozenset[str]]:
    """Every set of measures, at the position whose binary digits name its members."""
    return [frozenset(n for i, n in enumerate(names) if mask >> i & 1) for mask in range(2 ** len(names))]


def network_states(
    baseline: Baseline,
    measures: Sequence[NetworkMeasure],
    subsets: Iterable[frozenset[str]],
    known: NetworkStates | None = None,
) -> NetworkStates:
    """Minutes of each asked set of measures that is not known yet, by best paths on the changed network."""
    purposes = purposes_of(baseline)
    nothing = np.zeros((len(purposes), *baseline.minutes[purposes[0]].shape))
    found = {frozenset(): nothing, **(known.log_ratio if known is not None else {})}
    for subset in subsets:
        if subset not in found:
            found[subset] = _log_ratio(baseline, [m for m in measures if m.name in subset], purposes)
    return NetworkStates(purposes, found)


def _log_ratio(baseline: Baseline, measures: Sequence[NetworkMeasure], purposes: tuple[str, ...]) -> np.ndarray:
    network = baseline.network
    for measure in measures:
        network = measure.network_change(network)
    value_of_time = max((m.value_of_time for m in measures), default=0.0)
    ratios = []
    for purpose in purposes:
        minutes = _minutes(network, purpose, value_of_time)
        before = baseline.minutes[purpose]
        reached = np.isfinite(minutes) & (before < FAR)
        ratio = np.zeros_like(before)
        ratio[reached] = np.log(minutes[reached] / before[reached])
        ratios.append(ratio)
    return np.stack(ratios)


def _minutes(network: Network, purpose: str, value_of_time: float) -> np.ndarray:
    """Minutes by the best path, times generalised cost over generalised cost at unchanged fares where fares change."""
    minutes = travel_minutes(network, purpose)
    if not np.any(network.links.fare_factor != 1):
        return minutes
    if not value_of_time > 0:
        raise CoregionError(
            f"found a value of time of {value_of_time} yuan an hour beside changed fares; expected one above 0. "
            "Give the measure that changes fares its value_of_time."
        )
    unchanged = replace(network, links=replace(network.links, fare_factor=np.ones(len(network.links))))
    dear = generalised_minutes(network, purpose, value_of_time)
    return minutes * dear / generalised_minutes(unchanged, purpose, value_of_time)


class Ladder(eqx.Module):
    """The computed states as one array, so that intensities may be traced.

    log_ratio: [state, purpose, region, region]. position: [2^k] state of a set by its binary digits, −1 for a set
    that was not computed. minutes: of the baseline by purpose.
    """

    log_ratio: jax.Array
    position: jax.Array
    minutes: jax.Array
    purposes: tuple[str, ...] = eqx.field(static=True)

    def minutes_at(self, intensity: jax.Array) -> jax.Array:
        """t(i) [purpose, region, region] by the Lovász extension of log t over the sets of measures (Lovász 1983).

        log t(i)/t(0) = Σ_j i_(j) · (log t(S_j) − log t(S_j−1)), S_j the j measures of highest intensity: exact at 0
        and 1, piecewise linear between. NaN where a set on the way was not computed, unless it weighs nothing.
        """
        count = intensity.shape[0]
        order = jnp.argsort(-intensity, stable=True)
        masks = jnp.cumsum(1 << order)
        before = jnp.zeros_like(self.log_ratio[0])
        total = before
        for step in range(count):
            state, amount = self.position[masks[step]], intensity[order[step]]
            unknown = jnp.where(amount == 0, before, jnp.nan)
            after = jnp.where(state < 0, unknown, self.log_ratio[state])
            total = total + amount * (after - before)
            before = after
        return self.minutes * jnp.exp(total)


def ladder(baseline: Baseline, names: Sequence[str], states: NetworkStates) -> Ladder:
    """Stack states for the differentiable part."""
    chosen = [subset for subset in states.log_ratio if subset <= frozenset(names)]
    digit = {name: 1 << i for i, name in enumerate(names)}
    position = np.full(2 ** len(names), -1)
    for place, subset in enumerate(chosen):
        position[sum(digit[name] for name in subset)] = place
    return Ladder(
        log_ratio=jnp.asarray(np.stack([states.log_ratio[subset] for subset in chosen])),
        position=jnp.asarray(position),
        minutes=jnp.asarray(np.stack([baseline.minutes[purpose] for purpose in states.purposes])),
        purposes=states.purposes,
    )


def network_shock(baseline: Baseline, steps: Ladder, intensity: jax.Array) -> Shock:
    """κ̂ and τ̂ of the network at some intensities of its measures, [measure of the network]."""
    neutral = no_shock(baseline.economy)
    if intensity.shape[0] == 0:
        return neutral
    minutes = dict(zip(steps.purposes, steps.minutes_at(intensity), strict=True))
    return eqx.tree_at(
        lambda s: (s.commuting_cost, s.trade_cost),
        neutral,
        (baseline.commuting_cost_hat(minutes["commuting"]), baseline.trade_cost_hat(minutes)),
    )
