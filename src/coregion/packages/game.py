"""Governments that each choose their own measures: Nash equilibrium, cooperation, and what a coalition can secure.

A game is payoffs of actions with exact gradients (from the adjoint of the equilibrium, or of any jax function); each
action has one owner and bounds. Sources: Ossa (2014) for tariffs set in this way; Chander & Tulkens (1997) for
coalitions whose outsiders reply one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from coregion.errors import Mistake, NotConverged, raise_together
from coregion.packages.stationary import polish, projected, spectral_radius

FINEST = 1e-8
"""First-order gap that the search of a best response is asked for at most; Newton's method goes on from there."""

Payoffs = np.ndarray
Actions = np.ndarray


@dataclass(frozen=True)
class Game:
    """Who sets what, within which bounds, and what everybody gets from it.

    payoffs: actions [action] → payoffs [player]. value_and_gradient: weights [player], actions → payoffs and the
    gradient of Σ_j weight_j payoff_j by action. owner: the player who sets each action. lower, upper: finite bounds.
    scale: how far an action moves before it matters, so that curvatures are alike. names: of the players.
    """

    payoffs: Callable[[Actions], Payoffs]
    value_and_gradient: Callable[[np.ndarray, Actions], tuple[Payoffs, np.ndarray]]
    owner: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    scale: np.ndarray
    names: tuple[str, ...]

    @property
    def players(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Options:
    """first_order: largest projected gradient [payoff per scale of an action]. gain: largest that deviating may bring.

    rounds of best responses; starts: random starts of each player's certificate besides the equilibrium itself.
    """

    first_order: float = 1e-10
    gain: float = 1e-8
    rounds: int = 60
    search_steps: int = 2000
    newton_steps: int = 20
    starts: int = 2
    seed: int = 0
    stability: bool = True


@dataclass(frozen=True)
class NashEquilibrium:
    """Actions from which nobody gains by deviating alone, with the certificate.

    first_order_gap: largest projected own gradient. deviation_gain: the most that a player finds by deviating alone,
    over many starts. stability: spectral radius of the simultaneous best-response map (below 1 it returns after a
    small push), not computed: nan. rounds: of best responses. status: "equilibrium", or "unstable equilibrium".
    """

    actions: Actions
    payoffs: Payoffs
    first_order_gap: float
    deviation_gain: float
    stability: float
    rounds: int
    status: str


@dataclass(frozen=True)
class Agreement:
    """What a rule of cooperation chooses. gain: over the threat point by player, in the rule's own terms.

    weights: the weights on payoffs at which the actions are jointly optimal. first_order_gap: largest projected
    gradient of their weighted sum. unevenness: how far the rule's condition on payoffs is from holding.
    """

    actions: Actions
    payoffs: Payoffs
    gain: np.ndarray
    weights: np.ndarray
    first_order_gap: float
    unevenness: float


def game(payoff, owner, lower, upper, scale=None, names: Sequence[str] | None = None) -> Game:
    """A game from a jax function of all actions [action] that returns every player's payoff [player].

    Raises InputMistakes where owners, bounds and scales do not fit together.
    """
    owner = np.asarray(owner, int)
    lower, upper = (np.broadcast_to(np.asarray(bound, float), owner.shape).copy() for bound in (lower, upper))
    scale = np.broadcast_to(np.asarray(1.0 if scale is None else scale, float), owner.shape).copy()
    names = tuple(names) if names is not None else tuple(str(j) for j in range(owner.max() + 1))
    _check(owner, lower, upper, scale, names)
    values = jax.jit(payoff)

    @jax.jit
    def both(weights, actions):
        value, pull = jax.vjp(payoff, actions)
        return value, pull(weights)[0]

    def value_and_gradient(weights, actions):
        value, gradient = both(jnp.asarray(weights, float), jnp.asarray(actions))
        return np.asarray(value), np.asarray(gradient)

    return Game(
        lambda actions: np.asarray(values(jnp.asarray(actions))), value_and_gradient, owner, lower, upper, scale, names
    )


def _check(owner, lower, upper, scale, names) -> None:
    mistakes = []
    if owner.ndim != 1 or owner.size == 0 or set(owner.tolist()) - set(range(len(names))):
        mistakes.append(
            Mistake(f"owners {sorted(set(owner.ravel().tolist()))}", f"players 0 to {len(names) - 1}", column="owner")
        )
    wrong = np.flatnonzero(~(np.isfinite(lower) & np.isfinite(upper) & (lower < upper)))
    if wrong.size:
        k = wrong[0]
        mistakes.append(
            Mistake(
                f"{wrong.size} actions with bounds such as action {k}: {lower[k]} to {upper[k]}",
                "finite bounds, lower below upper",
                "Leave out an action that cannot move, and give every other a range.",
                column="bounds",
            )
        )
    if not (np.isfinite(scale) & (scale > 0)).all():
        mistakes.append(Mistake("a scale that is zero, negative or no number", "positive scales", column="scale"))
    raise_together(mistakes)


def merged(game: Game, coalitions: Sequence[Sequence[int]]) -> Game:
    """The game between coalitions that each maximise the sum of their members' payoffs; a partition of the players."""
    member = np.zeros((len(coalitions), game.players))
    for c, coalition in enumerate(coalitions):
        member[c, list(coalition)] = 1.0
    if not (member.sum(axis=0) == 1).all():
        raise_together([Mistake(f"coalitions {list(coalitions)}", "every player in exactly one coalition")])

    def value_and_gradient(weights, actions):
        value, gradient = game.value_and_gradient(member.T @ weights, actions)
        return member @ value, gradient

    return Game(
        payoffs=lambda actions: member @ game.payoffs(actions),
        value_and_gradient=value_and_gradient,
        owner=member.argmax(axis=0)[game.owner],
        lower=game.lower,
        upper=game.upper,
        scale=game.scale,
        names=tuple("+".join(game.names[j] for j in coalition) for coalition in coalitions),
    )


Objective = np.ndarray | Callable[[Payoffs], tuple[float, np.ndarray]]


def maximise(game: Game, objective: Objective, free: np.ndarray, start: Actions, options: Options) -> Actions:
    """The actions in ``free`` that maximise a function of payoffs, by L-BFGS-B on exact gradients (Byrd et al. 1995).

    objective: weights on payoffs, or payoffs → value and its derivative by payoff. Other actions stay where they are.
    """
    free = np.flatnonzero(free)
    if free.size == 0:
        return start.copy()
    scale = game.scale[free]

    def loss(y):
        actions = start.copy()
        actions[free] = np.clip(y * scale, game.lower[free], game.upper[free])
        if isinstance(objective, np.ndarray):
            payoffs, gradient = game.value_and_gradient(objective, actions)
            return -float(objective @ finite(game, payoffs, actions)), -gradient[free] * scale
        value, weights = objective(finite(game, game.payoffs(actions), actions))
        gradient = game.value_and_gradient(weights, actions)[1]
        return -value, -gradient[free] * scale

    found = minimize(
        loss,
        start[free] / scale,
        jac=True,
        method="L-BFGS-B",
        bounds=np.c_[game.lower[free] / scale, game.upper[free] / scale],
        options={
            "maxiter": options.search_steps,
            "maxfun": 4 * options.search_steps,
            "maxcor": 20,
            "ftol": 0.0,
            "gtol": 0.3 * options.first_order,
        },
    )
    actions = start.copy()
    actions[free] = np.clip(found.x * scale, game.lower[free], game.upper[free])
    return actions


def finite(game: Game, payoffs: Payoffs, actions: Actions) -> Payoffs:
    if np.isfinite(payoffs).all():
        return payoffs
    who = ", ".join(name for name, value in zip(game.names, payoffs, strict=True) if not np.isfinite(value))
    raise NotConverged(
        f"The payoff of {who} is no number at actions between {actions.min():.4g} and {actions.max():.4g}: the "
        "equilibrium behind it was not found there. Narrow the bounds of the actions, or start nearer to the baseline."
    )


def _own(player: int, players: int) -> np.ndarray:
    return np.eye(players)[player]


def best_response(game: Game, player: int, actions: Actions, options: Options = Options()) -> Actions:
    """All actions, those of ``player`` replaced by its best reply to the others, searched from where it stands."""
    actions = np.asarray(actions, float)
    mine = game.owner == player
    reply = maximise(game, _own(player, game.players), mine, actions, options)

    def own_gradient(point):
        return np.where(mine, game.value_and_gradient(np.eye(game.players)[player], point)[1], 0.0)

    return polish(own_gradient, reply, game.lower, game.upper, game.scale, options.first_order, options.newton_steps)


def own_gradients(game: Game, actions: Actions) -> np.ndarray:
    """∂payoff_j/∂action_k with j the owner of k: all zero, or outward at a bound, at a Nash equilibrium."""
    gradient = np.zeros(actions.size)
    for player in range(game.players):
        mine = game.owner == player
        if mine.any():
            gradient[mine] = game.value_and_gradient(np.eye(game.players)[player], actions)[1][mine]
    return gradient


def nash(game: Game, start: Actions | None = None, options: Options = Options()) -> NashEquilibrium:
    """Best responses in turn, then Newton on everybody's first-order conditions, then the certificate.

    Starts in the middle of the bounds unless told otherwise. Raises NotConverged when the conditions do not hold to
    ``options.first_order`` or when a player still gains more than ``options.gain`` by deviating alone.
    """
    actions = np.clip((game.lower + game.upper) / 2 if start is None else start, game.lower, game.upper).astype(float)
    actions, rounds = _take_turns(game, actions, options)
    actions = polish(
        lambda point: own_gradients(game, point),
        actions,
        game.lower,
        game.upper,
        game.scale,
        options.first_order,
        options.newton_steps,
    )
    gap = projected(own_gradients(game, actions), actions, game.lower, game.upper, game.scale)
    if not np.abs(gap).max() <= options.first_order:
        worst = game.names[game.owner[np.abs(gap).argmax()]]
        raise NotConverged(
            f"No Nash equilibrium after {rounds} rounds of best responses and Newton: {worst} would still change an "
            f"action (first-order gap {np.abs(gap).max():.2e}, asked for {options.first_order:.0e}). Best responses "
            "may cycle, or no equilibrium in pure actions exists: try another start, narrower bounds or a coarser aim."
        )
    payoffs, gain = game.payoffs(actions), 0.0
    for player in range(game.players):
        found = deviation_gain(game, player, actions, payoffs, options)
        gain = max(gain, found)
        if found > options.gain:
            raise NotConverged(
                f"The first-order conditions hold, but {game.names[player]} gains {found:.2e} by a large deviation: "
                "its best response is only a local one. Start from that player's better reply, or narrow its bounds."
            )
    radius = _stability(game, actions) if options.stability else float("nan")
    status = "unstable equilibrium" if radius > 1 else "equilibrium"
    return NashEquilibrium(actions, payoffs, float(np.abs(gap).max()), gain, radius, rounds, status)


def _take_turns(game: Game, actions: Actions, options: Options) -> tuple[Actions, int]:
    """Each player in turn replies to the others until a round moves nothing much; Newton does the rest.

    The aim is coarse at first and as fine as it gets once a round moves nothing: small gradients are no rest.
    """
    aim, finest, count = 1e-3, max(options.first_order, FINEST), 0
    while count < options.rounds:
        before, aim, count = actions, max(aim, finest), count + 1
        rough = Options(first_order=aim, search_steps=options.search_steps)
        for player in range(game.players):
            actions = maximise(game, _own(player, game.players), game.owner == player, actions, rough)
        still = np.abs((actions - before) / game.scale).max() < 1e-5
        if still and aim == finest:
            break
        aim = finest if still else aim / 10
    return actions, count


def deviation_gain(game: Game, player: int, actions: Actions, payoffs: Payoffs, options: Options) -> float:
    """The most that ``player`` gains by leaving ``actions`` alone, found from here and from random starts."""
    mine, rng = game.owner == player, np.random.default_rng([options.seed, player])
    if not mine.any():
        return 0.0
    best = 0.0
    rough = Options(first_order=1e3 * options.first_order, search_steps=options.search_steps)
    for number in range(1 + options.starts):
        start = actions.copy()
        if number:
            start[mine] = rng.uniform(game.lower[mine], game.upper[mine])
        reply = maximise(game, _own(player, game.players), mine, start, rough)
        best = max(best, float(game.payoffs(reply)[player] - payoffs[player]))
    return best


def _stability(game: Game, actions: Actions) -> float:
    """Spectral radius of −(∂²W_j/∂a_j²)⁻¹ ∂²W_j/∂a_j∂a_−j on the actions that are not held by a bound."""
    held = projected(own_gradients(game, actions), actions, game.lower, game.upper, game.scale, held=True)
    blocks = [np.flatnonzero((game.owner == player) & ~held) for player in range(game.players)]

    def own_gradient_of(player, point):
        return game.value_and_gradient(np.eye(game.players)[player], point)[1]

    return spectral_radius(own_gradient_of, blocks, actions, game.scale)


def characteristic_function(game: Game, start: Actions | None = None, options: Options = Options()) -> np.ndarray:
    """γ-characteristic function v [2^player]: what each coalition secures when outsiders reply singly.

    Player j is in coalition c when bit j of c is set; v[0] = 0 (Chander & Tulkens 1997, section 3).
    """
    values = np.zeros(2**game.players)
    for coalition in range(1, 2**game.players):
        members = [j for j in range(game.players) if coalition >> j & 1]
        outsiders = [[j] for j in range(game.players) if not coalition >> j & 1]
        values[coalition] = nash(merged(game, [members, *outsiders]), start, options).payoffs[0]
    return values
