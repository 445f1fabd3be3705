"""What governments choose together: the largest sum, equal proportional gains, or the Nash bargain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coregion.errors import Mistake, NotConverged, raise_together
from coregion.packages.game import Agreement, Game, Options, finite, maximise
from coregion.packages.linear_programme import minimise
from coregion.packages.stationary import polish, projected

RULES = ("utilitarian", "equal_gain", "largest_smallest_gain", "nash_bargaining")
PROPORTIONAL = ("equal_gain", "largest_smallest_gain")
"""Rules whose gains are parts of the threat point."""


def cooperative(
    game: Game,
    rule: str = "utilitarian",
    threat: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
    options: Options = Options(),  # noqa: B008
) -> Agreement:
    """Joint optimum over all actions by one of four rules.

    "utilitarian": max Σ_j weight_j W_j. "equal_gain": max g subject to W_j = threat_j (1 + g) (Ossa 2014).
    "largest_smallest_gain": max g subject to W_j ≥ threat_j (1 + g), the same where no bound is in the way, for payoffs
    that are nearly straight in a few dozen actions. "nash_bargaining": max Σ_j weight_j log(W_j − threat_j). threat:
    payoffs without agreement [player], needed by all but the first. Raises NotConverged when the first-order conditions
    or equal gains do not hold.
    """
    mistakes = []
    if rule not in RULES:
        mistakes.append(Mistake(f"rule '{rule}'", "one of " + ", ".join(RULES)))
    if rule != "utilitarian" and threat is None:
        mistakes.append(Mistake("no threat point", f"the payoffs without agreement, for the rule '{rule}'"))
    if rule in PROPORTIONAL and threat is not None and not (np.asarray(threat) > 0).all():
        mistakes.append(Mistake("a threat payoff that is not positive", "positive payoffs: gains are proportional"))
    raise_together(mistakes)
    weights = np.ones(game.players) if weights is None else np.asarray(weights, float)
    start = (game.lower + game.upper) / 2 if start is None else np.clip(start, game.lower, game.upper)
    start = np.array(start, float)
    if rule == "utilitarian":
        return _largest_sum(game, weights, start, options)
    if rule == "largest_smallest_gain":
        return _largest_smallest(game, np.asarray(threat, float), start, options)
    if rule == "equal_gain":
        return _equal_gain(game, np.asarray(threat, float), start, options)
    return _bargain(game, np.asarray(threat, float), weights, start, options)


def _largest_sum(game: Game, weights, start, options) -> Agreement:
    actions = maximise(game, weights, np.ones(start.size, bool), start, options)
    actions = _polish(game, lambda w: weights, actions, options)
    payoffs = game.payoffs(actions)
    gap = _require_stationary(game, weights, actions, options)
    return Agreement(actions, payoffs, payoffs - game.payoffs(start), weights, gap, 0.0)


def _bargain(game: Game, threat, power, start, options) -> Agreement:
    """The objective continues linearly below a gain of ``floor`` so that a search may pass through losses."""
    first = _largest_sum(game, np.ones(game.players), start, options)
    floor = 1e-3 * max(float((first.payoffs - threat).sum()) / game.players, 1e-6)

    def slopes(payoffs):
        return power / np.maximum(payoffs - threat, floor)

    def objective(payoffs):
        gain = payoffs - threat
        value = np.log(np.maximum(gain, floor)) + np.minimum(gain - floor, 0.0) / floor
        return float(power @ value), slopes(payoffs)

    actions = maximise(game, objective, np.ones(start.size, bool), first.actions, options)
    actions = _polish(game, slopes, actions, options)
    payoffs = game.payoffs(actions)
    if not (payoffs > threat + floor).all():
        worst = game.names[int((payoffs - threat).argmin())]
        raise NotConverged(
            f"No bargain leaves everybody better off than alone: {worst} gains {(payoffs - threat).min():.2e}. Allow "
            "transfers between the players, or give wider bounds to the actions."
        )
    gap = _require_stationary(game, slopes(payoffs), actions, options)
    return Agreement(actions, payoffs, payoffs - threat, slopes(payoffs), gap, 0.0)


def _equal_gain(game: Game, threat, start, options) -> Agreement:
    """Augmented Lagrangian of max g s.t. r_j = W_j/threat_j − 1 = g, with g put out as the mean of r.

    L(a) = Σ λ_j r_j − ρ/2 Σ (r_j − r̄)², Σ λ = 1; λ ← λ − ρ (r − r̄) (Hestenes 1969).
    """
    share, strength, actions = np.ones(game.players) / game.players, 1.0, start
    for count in range(60):

        def slopes(payoffs, share=share, strength=strength):
            r = payoffs / threat - 1
            return (share - strength * (r - r.mean())) / threat

        def objective(payoffs, share=share, strength=strength, slopes=slopes):
            r = payoffs / threat - 1
            return float(share @ r - strength / 2 * ((r - r.mean()) ** 2).sum()), slopes(payoffs)

        aim = replace(options, first_order=max(options.first_order, 1e-4 * 0.1**count))
        actions = maximise(game, objective, np.ones(start.size, bool), actions, aim)
        if last := aim.first_order == options.first_order:
            actions = _polish(game, slopes, actions, options)
        payoffs = game.payoffs(actions)
        share = slopes(payoffs) * threat
        r = payoffs / threat - 1
        uneven = float(np.abs(r - r.mean()).max())
        if uneven <= options.gain and last:
            break
        if count % 4 == 3:
            strength *= 2
    if uneven > options.gain:
        raise NotConverged(
            f"The gains could not be made equal: they still differ by {uneven:.2e}, asked for {options.gain:.0e}. "
            "Bounds may stop a player from giving more: widen them, or compare with the rule 'nash_bargaining'."
        )
    gap = _require_stationary(game, share / threat, actions, options)
    return Agreement(actions, payoffs, r, share / threat, gap, uneven)


def _largest_smallest(game: Game, threat, start, options) -> Agreement:
    """Linear programmes within a region of trust that grows and shrinks with what they foretell (Fletcher 1987).

    From the largest sum on. Where payoffs are nearly straight lines, as those of intensities are, the answer lies on
    bounds but for at most as many actions as players less one: a programme finds it, a penalty on unequal gains hardly.
    """
    width = game.upper - game.lower
    actions = _largest_sum(game, 1 / threat, start, options).actions
    gains, slopes = _relative(game, threat, actions)
    trust = 1.0
    for _ in range(options.search_steps):
        step = _programme(gains, slopes * width, (game.lower - actions) / width, (game.upper - actions) / width, trust)
        foretold = step.gain - gains.min()
        if foretold <= options.gain:
            break
        trial = np.clip(actions + step.move * width, game.lower, game.upper)
        found, new_slopes = _relative(game, threat, trial)
        right = (found.min() - gains.min()) / foretold
        trust = min(2 * trust, 1.0) if right > 0.75 else trust if right > 0.25 else trust / 4
        if right > 0:
            actions, gains, slopes = trial, found, new_slopes
    else:
        raise NotConverged(
            f"The largest smallest gain was not reached: {foretold:.1e} more is foretold within {trust:.1e} of the "
            f"range of every action after {options.search_steps} steps. Raise search_steps, or start elsewhere."
        )
    payoffs = game.payoffs(actions)
    gap = _require_stationary(game, step.share / threat, actions, options)
    bound = step.share > 1e-6
    return Agreement(actions, payoffs, gains, step.share / threat, gap, float(np.ptp(gains[bound])))


@dataclass(frozen=True)
class _Step:
    """move: [action] in parts of its range. gain: the smallest that is foretold. share: [player] weights, sum 1."""

    move: np.ndarray
    gain: float
    share: np.ndarray


def _relative(game: Game, threat, actions) -> tuple[np.ndarray, np.ndarray]:
    """Gains over the threat point, as parts of it [player], and their slopes [player, action]."""
    payoffs = finite(game, game.payoffs(actions), actions)
    slopes = np.array([game.value_and_gradient(row, actions)[1] for row in np.eye(game.players)])
    return payoffs / threat - 1, slopes / threat[:, None]


def _programme(gains, slopes, lower, upper, trust: float) -> _Step:
    """max g subject to gains + slopes · move ≥ g, lower ≤ move ≤ upper, |move| ≤ trust; by HiGHS."""
    size = max(float(np.abs(slopes).max()), 1e-300)
    players = len(gains)
    optimum = minimise(
        np.append(np.zeros(len(lower)), -1.0),
        np.column_stack([slopes / size, -np.ones(players)]),
        -(gains - gains.min()) / size,
        np.full(players, np.inf),
        np.append(np.maximum(lower, -trust), -np.inf),
        np.append(np.minimum(upper, trust), np.inf),
    )
    if optimum is None:
        raise NotConverged(
            "No step of the largest smallest gain is within its bounds: an action stands outside of them."
        )
    share = np.abs(optimum.row_duals)
    gain = gains.min() + size * float(optimum.solution[-1])
    return _Step(optimum.solution[:-1], gain, share / share.sum())


def _polish(game: Game, weights_at, actions, options):
    def gradient(point):
        return game.value_and_gradient(weights_at(finite(game, game.payoffs(point), point)), point)[1]

    return polish(gradient, actions, game.lower, game.upper, game.scale, options.first_order, options.newton_steps)


def _require_stationary(game: Game, weights, actions, options) -> float:
    gradient = game.value_and_gradient(weights, actions)[1] / max(1.0, np.abs(weights).max())
    gap = float(np.abs(projected(gradient, actions, game.lower, game.upper, game.scale)).max())
    if not gap <= options.first_order:
        raise NotConverged(
            f"The joint optimum was not reached: first-order gap {gap:.2e}, not {options.first_order:.0e}. "
            "Raise search_steps, give each action the scale on which it matters, or start elsewhere."
        )
    return gap
