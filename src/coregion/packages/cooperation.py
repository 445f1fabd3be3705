"""What governments choose together: the largest sum, equal proportional gains, or the Nash bargain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize, nnls

from coregion.errors import Mistake, NotConverged, raise_together
from coregion.packages.game import Agreement, Game, Options, finite, maximise
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
    "largest_smallest_gain": max g subject to W_j ≥ threat_j (1 + g), the same where no bound is in the way, for a few
    dozen actions. "nash_bargaining": max Σ_j weight_j log(W_j − threat_j). threat: payoffs without agreement [player],
    needed by all but the first. Raises NotConverged when the first-order conditions or equal gains do not hold.
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
            " transfers between the players, or give wider bounds to the actions."
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
    """Sequential quadratic programmes on exact gradients (Kraft 1988) from the largest sum on.

    Where payoffs are nearly straight lines, as those of intensities are, the answer lies on bounds but for as many
    actions as players less one: an active set finds it, a penalty on unequal gains hardly does.
    """
    first = _largest_sum(game, 1 / threat, start, options)
    size = max(float(np.abs(first.payoffs / threat - 1).max()), 1e-12)
    width = game.upper - game.lower
    known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}

    def gains(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Relative gains [player] and their slopes [player, action]; each point is solved once."""
        actions = np.clip(game.lower + x[:-1] * width, game.lower, game.upper)
        key = actions.tobytes()
        if key not in known:
            payoffs = finite(game, game.payoffs(actions), actions)
            slopes = [game.value_and_gradient(row, actions)[1] for row in np.eye(game.players)]
            known[key] = (payoffs / threat - 1) / size, np.array(slopes) * width / threat[:, None] / size
        return known[key]

    begin = np.append((first.actions - game.lower) / width, (first.payoffs / threat - 1).min() / size)
    found = minimize(
        lambda x: -x[-1],
        begin,
        jac=lambda x: np.append(np.zeros(len(x) - 1), -1.0),
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(width) + [(None, None)],
        constraints={
            "type": "ineq",
            "fun": lambda x: gains(x)[0] - x[-1],
            "jac": lambda x: np.column_stack([gains(x)[1], -np.ones(game.players)]),
        },
        options={"maxiter": options.search_steps, "ftol": 1e-3 * options.gain},
    )
    actions = np.clip(game.lower + found.x[:-1] * width, game.lower, game.upper)
    r, slopes = gains(found.x)
    share = _shares(game, actions, slopes, r - r.min() <= 1e-2)
    payoffs = game.payoffs(actions)
    gap = _require_stationary(game, share / threat, actions, options)
    bound = share > 1e-6
    return Agreement(actions, payoffs, payoffs / threat - 1, share / threat, gap, float(np.ptp(r[bound]) * size))


def _shares(game: Game, actions, slopes, smallest) -> np.ndarray:
    """[player] λ ≥ 0, Σ λ = 1, of those with the smallest gain, for which no action inside its bounds moves Σ λ r."""
    room = 1e-9 * (game.upper - game.lower)
    inside = (actions > game.lower + room) & (actions < game.upper - room)
    who = np.flatnonzero(smallest)
    weight = 1e3 * max(float(np.abs(slopes).max()), 1e-300)
    rows = np.vstack([slopes[who][:, inside].T, np.full(len(who), weight)])
    found, _ = nnls(rows, np.append(np.zeros(int(inside.sum())), weight))
    share = np.zeros(game.players)
    share[who] = found / found.sum()
    return share


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
