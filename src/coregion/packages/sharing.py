"""Transfers that divide the gain of cooperation as lump sums: who pays whom, who gains, and what holds together.

Payoffs are in one unit in which money can be handed over (equivalent variation). ``without`` is what each player has
under cooperation before transfers, ``alone`` what each has if nobody cooperates; a transfer is received if positive,
and all of one rule sum to 0. Transfers that move people and prices: ``transfers_inside``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from coregion.errors import CoregionError, InputMistakes, Mistake, in_one_line, raise_together
from coregion.packages.coalitions import game_values, membership, missing_values, player_count, player_names
from coregion.packages.linear_programme import minimise
from coregion.packages.shapley import shapley_values
from coregion.packages.stability import ROUNDING, Membership, core_membership, nucleolus


@dataclass(frozen=True)
class Abatement:
    """What the Chander–Tulkens rule needs of each player, shape (n,): the cost of its effort under cooperation and
    alone, unit of the payoffs, and its constant marginal benefit from a unit of everybody's effort, any unit."""

    cost_together: np.ndarray
    cost_alone: np.ndarray
    marginal_benefit: np.ndarray


@dataclass(frozen=True)
class Sharing:
    """One way to share. transfers and payoffs: shape (n,), NaN if the rule has no answer, ``reason`` then says why.

    everyone_gains: nobody is below ``alone``; shortfall: the most that anyone is below it (else 0).
    core: the payoffs held against every coalition, None where v is not given, incomplete, or the rule has no answer.
    """

    rule: str
    exists: bool
    reason: str
    transfers: np.ndarray
    payoffs: np.ndarray
    everyone_gains: bool
    shortfall: float
    core: Membership | None


@dataclass(frozen=True)
class SharingTable:
    """All rules side by side, for the same ``players``, ``without`` and ``alone``."""

    players: tuple[str, ...]
    without: np.ndarray
    alone: np.ndarray
    rules: tuple[Sharing, ...]

    def rule(self, name: str) -> Sharing:
        """The row of one rule; raises KeyError if the table has none of that name."""
        return {sharing.rule: sharing for sharing in self.rules}[name]

    def rows(self) -> list[dict]:
        """One row for each rule and player, for a table; ``in_core`` and ``core_fails_by`` are None where unknown."""
        return [
            {
                "rule": sharing.rule,
                "player": player,
                "transfer": float(sharing.transfers[index]),
                "payoff": float(sharing.payoffs[index]),
                "alone": float(self.alone[index]),
                "exists": sharing.exists,
                "everyone_gains": sharing.everyone_gains,
                "in_core": None if sharing.core is None else sharing.core.inside,
                "core_fails_by": None if sharing.core is None else sharing.core.fails_by,
                "reason": sharing.reason,
            }
            for sharing in self.rules
            for index, player in enumerate(self.players)
        ]


def nash_bargaining(v, disagreement=None, weights=None) -> np.ndarray:
    """x_j = d_j + b_j (v(N) − Σ d): the division that maximises Π (x_j − d_j)^b_j, shape (n,), unit of ``v``.

    v: shape (2^n,), of which v(N) is used, and v(j) where ``disagreement`` d (n,) is not given. weights: b, positive,
    scaled to sum to 1; equal by default. Raises InputMistakes on a missing value, weights that are not positive, or
    v(N) < Σ d: then there is nothing to agree on. Nash (1950); with transfers the frontier is a plane.
    """
    values = game_values(v, scalar=True)
    players = player_count(values)
    point = values[1 << np.arange(players)] if disagreement is None else np.asarray(disagreement, dtype=float)
    return _bargain(float(values[-1]), point, _bargaining_weights(weights, players))


def smallest_transfers(without, alone) -> np.ndarray:
    """Transfers with the least Σ|t| such that Σ t = 0 and nobody is below ``alone``, shape (n,).

    The programme has a closed answer: whoever is below gets exactly what is missing. Of the many ways to collect it
    that are all smallest, each gainer pays in proportion to its gain, so the answer is unique. Raises InputMistakes
    if there is none: the gains do not cover the losses.
    """
    gain = np.asarray(without, dtype=float) - np.asarray(alone, dtype=float)
    losses, gains = np.maximum(-gain, 0.0), np.maximum(gain, 0.0)
    rounding = ROUNDING * float(np.abs(gain).max(initial=0.0))
    if not losses.sum() <= gains.sum() + rounding:
        raise InputMistakes(
            [
                Mistake(
                    f"gains of {gains.sum():g} and losses of {losses.sum():g}",
                    "gains that cover the losses",
                    "No transfers leave everyone as well off as alone: change the package.",
                )
            ]
        )
    return losses - gains * (losses.sum() / gains.sum() if losses.sum() > 0 else 0.0)


def smallest_stable_transfers(without, v) -> np.ndarray:
    """Transfers with the least Σ|t| such that Σ t = 0 and no coalition is below v(S), shape (n,).

    min Σ (t⁺ + t⁻) subject to Σ_{j∈S} (without_j + t_j) ≥ v(S), by HiGHS; where several are smallest, one of them.
    Raises InputMistakes if the core is empty, a value is missing, or Σ without ≠ v(N).
    """
    values = game_values(v, scalar=True, complete=True)
    payoffs = np.asarray(without, dtype=float)
    _check_total(payoffs, values)
    members = membership(player_count(values)).astype(float)[1:]
    need = values[1:] - members @ payoffs
    need[-1] = 0.0
    scale = max(float(np.abs(need).max()), np.finfo(float).tiny)
    upper = np.full(need.shape, np.inf)
    upper[-1] = 0.0
    columns = 2 * members.shape[1]
    optimum = minimise(
        np.ones(columns),
        np.hstack([members, -members]),
        need / scale,
        upper,
        np.zeros(columns),
        np.full(columns, np.inf),
    )
    if optimum is None:
        raise InputMistakes(
            [Mistake("an empty core", "a division that every coalition accepts", "See core(v) for what is missing.")]
        )
    received, paid = np.split(optimum.solution * scale, 2)
    return received - paid


def chander_tulkens(abatement: Abatement) -> np.ndarray:
    """T_j = [c_j(e*_j) − c_j(e^N_j)] − (d_j/Σd) Σ_k [c_k(e*_k) − c_k(e^N_k)], received if positive, shape (n,).

    Everyone gets its own extra cost back and pays for the total in proportion to its marginal benefit. With linear
    benefits the payoffs lie in the core of the γ-characteristic function, in which outsiders reply one by one.
    Chander & Tulkens (1997, International Journal of Game Theory 26, 379–401), whose c is output: there the signs are
    the other way round.
    """
    extra = np.asarray(abatement.cost_together, dtype=float) - np.asarray(abatement.cost_alone, dtype=float)
    benefit = np.asarray(abatement.marginal_benefit, dtype=float)
    return extra - benefit / benefit.sum() * extra.sum()


def transfers(
    gains_without,
    alone,
    v=None,
    players: Sequence[str] | None = None,
    weights=None,
    abatement: Abatement | None = None,
) -> SharingTable:
    """Every rule on the same payoffs: none, smallest, Nash bargaining; with ``v`` also smallest stable, Shapley,
    nucleolus; with ``abatement`` also Chander–Tulkens; each held against ``alone`` and against the core of ``v``.

    gains_without, alone: shape (n,), counted from the same base as ``v``, shape (2^n,), whose v(N) they divide.
    weights: bargaining weights. A rule without an answer is a row that says why; a missing value of ``v`` does not
    stop the rules that do not use it. Raises InputMistakes on wrong shapes, values that are not finite, or
    Σ gains_without ≠ v(N).
    """
    before, threat = np.asarray(gains_without, dtype=float), np.asarray(alone, dtype=float)
    values = None if v is None else game_values(v, scalar=True)
    _check_payoffs(before, threat, values)
    names = player_names(players, before.size)
    power = _bargaining_weights(weights, before.size)

    def whole() -> np.ndarray:
        return game_values(values, complete=True, names=names)

    rules: list[tuple[str, Callable[[], np.ndarray]]] = [
        ("none", lambda: before),
        ("smallest", lambda: before + smallest_transfers(before, threat)),
        ("Nash bargaining", lambda: _bargain(float(before.sum()), threat, power)),
    ]
    if values is not None:
        rules += [
            ("smallest stable", lambda: before + smallest_stable_transfers(before, whole())),
            ("Shapley", lambda: shapley_values(whole())),
            ("nucleolus", lambda: nucleolus(whole())),
        ]
    if abatement is not None:
        rules.append(("Chander–Tulkens", lambda: before + chander_tulkens(abatement)))
    complete = values if values is not None and not missing_values(values) else None
    return SharingTable(names, before, threat, tuple(_row(r, x, before, threat, complete, names) for r, x in rules))


def _row(rule: str, divide: Callable[[], np.ndarray], before, alone, values, names) -> Sharing:
    """One rule applied; an input for which it has no answer becomes the row's reason."""
    try:
        payoffs = divide()
    except CoregionError as error:
        nothing = np.full(before.shape, np.nan)
        return Sharing(rule, False, in_one_line(error), nothing, nothing, False, float("nan"), None)
    shortfall = float(np.max(alone - payoffs))
    fair = shortfall <= ROUNDING * float(np.abs(np.concatenate([alone, payoffs])).max())
    membership_in_core = None if values is None else core_membership(values, payoffs, names)
    return Sharing(rule, True, "", payoffs - before, payoffs, fair, 0.0 if fair else shortfall, membership_in_core)


def _bargain(total: float, disagreement: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """d + b (total − Σ d), if there is a surplus to divide."""
    surplus = total - float(disagreement.sum())
    if not surplus >= -ROUNDING * max(abs(total), float(np.abs(disagreement).max(initial=0.0))):
        raise InputMistakes(
            [
                Mistake(
                    f"{total:g} together and {disagreement.sum():g} alone",
                    "at least as much together as alone",
                    "There is nothing to bargain over: change the package.",
                )
            ]
        )
    return disagreement + weights * surplus


def _bargaining_weights(weights, players: int) -> np.ndarray:
    """Positive weights that sum to 1; equal if none are given."""
    given = np.ones(players) if weights is None else np.asarray(weights, dtype=float)
    if given.shape != (players,) or not np.all(given > 0) or not np.all(np.isfinite(given)):
        raise InputMistakes([Mistake(f"bargaining weights {given}", f"{players} positive numbers")])
    return given / given.sum()


def _check_payoffs(before: np.ndarray, alone: np.ndarray, values: np.ndarray | None) -> None:
    """Shapes and finiteness of what is to be shared, and that it is v(N)."""
    mistakes = [
        Mistake(f"{name} of shape {array.shape}: {array}", "a finite number for each player")
        for name, array in (("payoffs before transfers", before), ("payoffs alone", alone))
        if array.ndim != 1 or array.shape != before.shape or array.size == 0 or not np.all(np.isfinite(array))
    ]
    if values is not None and before.ndim == 1 and values.shape[0] != 1 << before.size:
        mistakes.append(Mistake(f"{values.shape[0]} values of coalitions", f"{1 << before.size} for {before.size}"))
    raise_together(mistakes)
    if values is not None:
        _check_total(before, values)


def _check_total(payoffs: np.ndarray, values: np.ndarray) -> None:
    """Raises InputMistakes if the payoffs do not sum to v(N), where that is known."""
    gap = abs(float(payoffs.sum() - values[-1]))
    scale = max(abs(float(values[-1])), float(np.abs(payoffs).max()))
    if gap > 1e-8 * scale:
        raise InputMistakes(
            [
                Mistake(
                    f"payoffs that sum to {payoffs.sum():g} and v(N) = {values[-1]:g}",
                    "the same total",
                    "Count both from the same base and let everyone together maximise the plain sum.",
                )
            ]
        )
