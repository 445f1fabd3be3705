"""Monte, Redding & Rossi-Hansberg (2018): trade, commuting and migration between the 401 counties of Germany.

Settings of the one model: one group registered in one place, η = ε (residence and workplace are chosen together),
landlords who buy goods only, no transfers. Free entry makes T ∝ L; with the spillover ν, T ∝ L^(1 + θν), told as one
elasticity of productivity to the county's own workers. Data: Ahlfeldt & Seidel's toolkit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from coregion.errors import InputMistakes, Mistake, NotConverged, nearest, raise_together
from coregion.literature.check import Check, mistakes_of
from coregion.literature.germany import FILES, Counties, load
from coregion.literature.monte_parameters import Parameters, parameters
from coregion.literature.solved import solved
from coregion.model import closures, households, trade
from coregion.model.economy import Economy, Elasticities, Shock, no_shock
from coregion.model.weights import weights
from coregion.solve.equilibrium import Options, Solution
from coregion.solve.fixed_point import anderson
from coregion.solve.many import compiled_steered, inverse_jacobian

PAPER = "Monte, Redding & Rossi-Hansberg (2018)"

OPTIONS = Options(wage_damping=0.4, memory=10, rounds=True)


HATS: tuple[str, ...] = ("productivity_hat", "amenity_hat", "commuting_cost_hat", "trade_cost_hat")


@dataclass(frozen=True)
class Baseline:
    """A calibrated baseline.

    workplace_effect: B_i of the gravity inversion, started from one everywhere. productivity: A_i, mean one, with the
    spillover of employment taken out. economy: what the model solves.
    """

    counties: Counties
    parameters: Parameters
    commuting: str
    workplace_effect: np.ndarray
    productivity: np.ndarray
    economy: Economy


@dataclass(frozen=True)
class Counterfactual:
    """Counterfactual over baseline, with the mean wage of the counties held; arrays by county.

    welfare_hat: expected utility, the same everywhere. residual: largest |log demand/supply| of any market.
    """

    welfare_hat: float
    residents_hat: np.ndarray
    workers_hat: np.ndarray
    wage_hat: np.ndarray
    floor_space_price_hat: np.ndarray
    price_index_hat: np.ndarray
    residual: float
    solution: Solution


def calibrate(data: Counties, commuting: Literal["gravity", "observed"] = "gravity", **elasticities: float) -> Baseline:
    """The economy of which the counties are the equilibrium.

    commuting: "gravity" puts workplace effects B_i that make dist^(−με) hit workers given residents in the place of
    observed shares; "observed" takes the flows as they are. elasticities: fields of ``Parameters``, or their symbols.
    """
    if commuting not in ("gravity", "observed"):
        raise InputMistakes([Mistake(repr(commuting), "commuting 'gravity' or 'observed'")])
    chosen = parameters(elasticities)
    draft = _draft(data, chosen)
    effect, gravity = _workplace_effect(draft, data)
    observed = data.commuters / data.commuters.sum(axis=1, keepdims=True)
    workplace_share = gravity if commuting == "gravity" else jnp.asarray(observed)
    income = jnp.asarray(data.residents) * (workplace_share @ draft.wage)
    sales = draft.wage * jnp.asarray(data.workers)
    technology, trade_share = _technology(draft, sales, income)
    productivity = np.asarray(technology) ** (1 / chosen.trade) / data.workers ** (
        1 / chosen.trade + chosen.productivity_spillover
    )
    economy = eqx.tree_at(
        lambda e: (e.workplace_share, e.trade_share, e.sales, e.expenditure, e.floor_space_rent),
        draft,
        (
            workplace_share[None],
            trade_share,
            sales[:, None],
            income,
            (1 - chosen.goods_share) * income,
        ),
    )
    return Baseline(data, chosen, commuting, np.asarray(effect), productivity / productivity.mean(), economy)


def counterfactual(
    base: Baseline,
    productivity_hat: np.ndarray | None = None,
    amenity_hat: np.ndarray | None = None,
    commuting_cost_hat: np.ndarray | None = None,
    trade_cost_hat: np.ndarray | None = None,
) -> Counterfactual:
    """The equilibrium after a change; what is not given does not change.

    productivity_hat: Â_i by county. amenity_hat: B̂_n by county, a factor on utility (their B̂_ni is B̂_n^ε).
    commuting_cost_hat: κ̂_ni, home by work. trade_cost_hat: d̂_ni, buyer by seller.
    """
    hats = (productivity_hat, amenity_hat, commuting_cost_hat, trade_cost_hat)
    given: dict[str, np.ndarray | None] = dict(zip(HATS, hats, strict=True))
    raise_together(_hat_mistakes(base, given))
    return _told(base, solved(base.economy, _shock(base, given), PAPER, OPTIONS))


def counterfactuals(base: Baseline, hats: Sequence[Mapping[str, np.ndarray | None]]) -> list[Counterfactual]:
    """What ``counterfactual(base, **hats[k])`` gives for each k, in a fraction of the passes when there are many.

    The first is solved as by ``counterfactual``. The inverse Jacobian there costs about as much as some tens of
    solutions, once, and steers the others (``coregion.solve.many``); one that it does not lead to its equilibrium is
    solved by itself. Raises InputMistakes with every mistake of every entry before anything is solved, and
    NotConverged.
    """
    raise_together(
        [mistake for k, given in enumerate(hats) for mistake in _hat_mistakes(base, given, f" of hats[{k}]")]
    )
    shocks = [_shock(base, given) for given in hats]
    names = [f"{PAPER}, hats[{k}]" for k in range(len(hats))]
    solutions = [solved(base.economy, shock, names[0], OPTIONS) for shock in shocks[:1]]
    if len(shocks) > 1:
        inverse = inverse_jacobian(base.economy, shocks[0], solutions[0].unknowns)
        solutions += [
            _steered(base.economy, shock, inverse, name) for shock, name in zip(shocks[1:], names[1:], strict=True)
        ]
    return [_told(base, solution) for solution in solutions]


def checks(folder: Path | None) -> Iterator[Check]:
    """The toolkit's inversion and the counterfactuals on both baselines."""
    raise_together(mistakes_of(folder, FILES))
    data = load(folder or Path())
    gravity, observed = calibrate(data, "gravity"), calibrate(data, "observed")
    effect, productivity = gravity.workplace_effect, gravity.productivity
    independent = "independent computation"
    for experiment, number, ours in (
        ("gravity: workplace effect of the first county", 1.58700154, effect[0]),
        ("gravity: mean workplace effect", 1.0001248, effect.mean()),
        ("gravity: standard deviation of workplace effects", 1.2001670, effect.std(ddof=1)),
        ("gravity: largest workplace effect", 10.098991, effect.max()),
        ("gravity: productivity of the first county", 1.05135142, productivity[0]),
        ("gravity: standard deviation of productivity", 0.15232422, productivity.std(ddof=1)),
    ):
        yield Check(PAPER, experiment, number, float(ours), 1e-6, "1", independent)
    between = np.where(np.eye(len(data.codes), dtype=bool), 1.0, 0.88)
    border = np.where(data.east[:, None] != data.east[None, :], 1000.0, 1.0)
    welfare = counterfactual(gravity, commuting_cost_hat=between).welfare_hat
    yield Check(PAPER, "gravity: commuting between counties × 0.88", 1.02318997, welfare, 1e-6, "welfare", independent)
    welfare = counterfactual(gravity, trade_cost_hat=border).welfare_hat
    yield Check(PAPER, "gravity: trade across the old border × 1000", 0.97877819, welfare, 1e-6, "welfare", independent)
    welfare = counterfactual(observed, commuting_cost_hat=between).welfare_hat
    yield Check(PAPER, "observed: commuting between counties × 0.88", 1.05184486, welfare, 1e-6, "welfare", independent)
    for name, base in (("gravity", gravity), ("observed", observed)):
        welfare = counterfactual(base, commuting_cost_hat=np.full_like(between, 0.88)).welfare_hat
        yield Check(PAPER, f"{name}: every commuting cost × 0.88", 1 / 0.88, welfare, 1e-10, "welfare", "closed form")
        same = counterfactual(base)
        off = max(np.abs(hat - 1).max() for hat in (same.wage_hat, same.residents_hat, same.workers_hat))
        yield Check(PAPER, f"{name}: no shock changes nothing", None, float(off), 1e-12, "largest change", "property")


def _draft(data: Counties, chosen: Parameters) -> Economy:
    """The economy before inversion: bilateral costs stand where shares will."""
    count = len(data.codes)
    ones, nothing = jnp.ones(count), jnp.zeros(count)
    distance = jnp.asarray(data.distance / data.distance.min())
    commuting_cost, trade_cost = distance**chosen.commuting_decay, distance**chosen.trade_decay
    residents, workers = jnp.asarray(data.residents), jnp.asarray(data.workers)
    return Economy(
        elasticities=Elasticities(
            commuting=jnp.asarray(chosen.commuting_elasticity),
            migration=jnp.asarray(chosen.commuting_elasticity),
            trade=jnp.asarray([chosen.trade]),
            goods_share=jnp.asarray(chosen.goods_share),
            household_share=jnp.asarray(1.0),
            floor_space_supply=jnp.full(count, chosen.floor_space_supply),
        ),
        registered=residents.sum()[None, None],
        residence_share=(residents / residents.sum())[None, None, :],
        employment_rate=ones[None],
        efficiency=jnp.ones(1),
        workplace_share=_rows_to_one(commuting_cost**-chosen.commuting_elasticity)[None],
        wage=jnp.asarray(data.wage),
        public_jobs=nothing[None],
        payer_share=nothing[None],
        sales=ones[:, None],
        profit_share=jnp.zeros(1),
        labour_share=ones[:, None],
        floor_space_share=nothing[:, None],
        capital_share=nothing[:, None],
        input_share=nothing[:, None, None],
        final_share=ones[:, None],
        trade_share=_rows_to_one(trade_cost**-chosen.trade)[None],
        tariffs=closures.NoTariffs(),
        pool=jnp.zeros(count, int),
        pool_share=nothing,
        capital_income=jnp.zeros(1),
        transfers=nothing,
        deficit=nothing,
        expenditure=ones,
        floor_space_rent=ones,
        pensions=closures.NoPensions(),
        rents=closures.LocalLandlordsBuyGoods(),
        entry=closures.FixedVariety(),
        agglomeration=closures.DensityAgglomeration(
            jnp.asarray([1 / chosen.trade + chosen.productivity_spillover]), jnp.diag(1 / workers), ones
        ),
        amenity=closures.NoResidentialDensity(),
        numeraire=closures.MeanWageOfPlaces(),
    )


def _workplace_effect(draft: Economy, data: Counties) -> tuple[jax.Array, jax.Array]:
    """B_i with Σ_n R_n λ_i|n = L_i, and λ (eq. 12). Rising B by L/L(B) from one fixes its scale, as in the toolkit."""
    folded = weights(draft, no_shock(draft))
    workers, residents = jnp.asarray(data.workers), draft.residents
    unit = jnp.ones_like(workers)

    def pull(effect):
        return eqx.tree_at(
            lambda w: w.commuting,
            folded,
            folded.commuting * (effect * draft.wage**draft.elasticities.commuting)[None, None, :],
        )

    def filled(effect):
        return households.workers_and_income(draft, pull(effect), unit, residents)[0]

    def follow(state):
        _, error, count = state
        return (error > 2e-14) & (count < 20_000)

    def advance(state):
        effect, _, count = state
        ratio = workers / filled(effect)
        return effect * ratio, jnp.max(jnp.abs(ratio - 1)), count + 1

    effect, error, count = jax.lax.while_loop(follow, advance, (unit, jnp.asarray(1.0), jnp.asarray(0)))
    if float(error) > 1e-12:
        found = anderson(lambda log: jnp.log(workers / filled(jnp.exp(log))), jnp.log(effect), unit, 1e-12, 400)
        effect, error, count = jnp.exp(found.point), found.error, count + found.steps
    if not float(error) <= 1e-12:
        raise NotConverged(
            f"{PAPER}: workers are {float(error):.1e} off after {int(count)} steps; expected 1e-12. "
            "The farther commuting falls with distance (με), the slower the inversion: lower mu or epsilon."
        )
    return effect, households.workplace_share(draft, pull(effect), unit)[0]


def _technology(draft: Economy, sales: jax.Array, income: jax.Array) -> tuple[jax.Array, jax.Array]:
    """T_i with w_i L_i = Σ_n π_ni v_n R_n (eq. 7), up to scale, and π."""
    folded = weights(draft, no_shock(draft))
    price = draft.wage[:, None] ** -draft.elasticities.trade

    def gap(log_technology):
        supply = jnp.exp(log_technology)[:, None] * price
        _, competition = trade.price_index(draft, folded, supply)
        sold, _ = trade.sales_and_tariffs(folded, supply, competition, income[:, None])
        return jnp.log(sales / sold[:, 0])

    found = anderson(gap, jnp.zeros_like(sales), jnp.ones_like(sales), 1e-13, 300)
    if float(found.error) > 1e-12:
        raise NotConverged(f"{PAPER}: sales are {float(found.error):.1e} off after {int(found.steps)} steps.")
    technology = jnp.exp(found.point)
    return technology, trade.trade_share(folded, technology[:, None] * price)


def _rows_to_one(values: jax.Array) -> jax.Array:
    return values / values.sum(axis=1, keepdims=True)


def _hat_mistakes(base: Baseline, given: Mapping[str, object], where: str = "") -> list[Mistake]:
    counties = len(base.counties.codes)
    mistakes = []
    for name, hat in given.items():
        shape = (counties, counties) if "cost" in name else (counties,)
        if name not in HATS:
            mistakes.append(Mistake(f"'{name}'{where}", "a counterfactual over baseline", nearest(name, HATS)))
        elif hat is not None:
            mistakes += _value_mistakes(f"{name}{where}", hat, shape)
    return mistakes


def _value_mistakes(name: str, hat, shape: tuple[int, ...]) -> list[Mistake]:
    try:
        values = np.asarray(hat, float)
    except (TypeError, ValueError):
        return [Mistake(f"{name} with values that are no numbers", f"numbers of shape {shape}")]
    if values.shape != shape:
        return [Mistake(f"{name} of shape {values.shape}", f"shape {shape}")]
    if not (values > 0).all():
        return [Mistake(f"{name} with values that are not positive", "counterfactual over baseline, above zero")]
    if "cost" not in name and not np.isfinite(values).all():
        return [Mistake(f"{name} with values that are infinite", "finite; only a cost may be infinite")]
    return []


def _shock(base: Baseline, given: Mapping[str, np.ndarray | None]) -> Shock:
    shock = no_shock(base.economy)

    def changed(name: str, neutral: jax.Array, axes: tuple) -> jax.Array:
        hat = given.get(name)
        return neutral if hat is None else jnp.broadcast_to(jnp.asarray(hat, float)[axes], neutral.shape)

    return replace(
        shock,
        productivity=changed("productivity_hat", shock.productivity, (slice(None), None)),
        amenity=changed("amenity_hat", shock.amenity, (None, None)),
        commuting_cost=changed("commuting_cost_hat", shock.commuting_cost, ()),
        trade_cost=changed("trade_cost_hat", shock.trade_cost, (None,)),
    )


def _steered(economy: Economy, shock: Shock, inverse: jax.Array, what: str) -> Solution:
    solution = compiled_steered(economy, shock, inverse, OPTIONS)
    return solution if bool(solution.converged) else solved(economy, shock, what, OPTIONS)


def _told(base: Baseline, solution: Solution) -> Counterfactual:
    o = solution.outcome
    return Counterfactual(
        welfare_hat=float(o.welfare_hat[0, 0]),
        residents_hat=np.asarray(jnp.exp(solution.unknowns.residents[0])),
        workers_hat=np.asarray(o.workers / base.economy.workers),
        wage_hat=np.asarray(o.wage_hat),
        floor_space_price_hat=np.asarray(o.floor_space_price_hat),
        price_index_hat=np.asarray(o.final_price_hat),
        residual=float(solution.error),
        solution=solution,
    )
