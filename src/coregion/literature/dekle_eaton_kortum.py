"""Dekle, Eaton & Kortum (2008, IMF Staff Papers 55): one sector, labour, trade and deficits in exact hats.

The same shares and elasticity are Armington's model (Anderson & van Wincoop 2003), θ = σ − 1. Beside the equilibrium
stands the answer with the countries' shares of world output and spending held, which is what the package gegravity
(Herman 2021) solves: there the price at the factory gate moves, the income earned with it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from coregion.errors import InputMistakes, Mistake, NotConverged, raise_together
from coregion.literature.check import Check, ReferenceFile
from coregion.literature.gravity_sample import CANADA_CHINA, CANADA_JAPAN, FILE, GravitySample, load, sample
from coregion.literature.solved import solved
from coregion.literature.trade_model import trade_economy
from coregion.model import closures, trade
from coregion.model.economy import Economy, no_shock
from coregion.model.weights import weights
from coregion.solve.equilibrium import Solution
from coregion.solve.fixed_point import anderson
from coregion.solve.rebase import rebase

PAPER = "Dekle, Eaton & Kortum (2008)"
FILES: tuple[ReferenceFile, ...] = ()


@dataclass(frozen=True)
class Counterfactual:
    """Counterfactual over baseline by country.

    wage_hat: of labour, or of goods at the factory gate; world income held. price_index_hat: P̂_n. real_wage_hat: ŵ/P̂.
    welfare_hat: real expenditure, deficits included. domestic_share_hat: π̂_nn. solution: None with shares held.
    """

    wage_hat: np.ndarray
    price_index_hat: np.ndarray
    real_wage_hat: np.ndarray
    welfare_hat: np.ndarray
    domestic_share_hat: np.ndarray
    solution: Solution | None


def calibrate(trade_values: np.ndarray, elasticity: float) -> Economy:
    """The economy of which observed trade is the equilibrium.

    trade_values: X_ni, what n buys from i, its own goods included [money, buyer by seller]. elasticity: θ.
    Deficits D_n = X_n − Y_n are fixed shares of world income. Raises InputMistakes unless values are a square of
    non-negative numbers with something bought and sold everywhere, and θ is above zero.
    """
    values = np.asarray(trade_values, float)
    mistakes = []
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        mistakes.append(Mistake(f"trade of shape {values.shape}", "a square, buyer by seller"))
    elif not (np.isfinite(values).all() and (values >= 0).all() and values.sum(0).all() and values.sum(1).all()):
        mistakes.append(Mistake("trade below zero, not finite or none at all", "non-negative trade of every country"))
    if not elasticity > 0:
        mistakes.append(Mistake(f"trade elasticity {elasticity}", "θ above zero"))
    raise_together(mistakes)
    return _economy(values.sum(0), values.sum(1), values / values.sum(1, keepdims=True), elasticity)


def from_costs(cost_weight: np.ndarray, output: np.ndarray, spending: np.ndarray, elasticity: float) -> Economy:
    """The economy in which τ^−θ (``cost_weight``, buyer by seller) with ``output`` Y and ``spending`` X is gravity.

    The multilateral resistances of Anderson & van Wincoop (2003) are the technologies that clear every market.
    spending is scaled to the world's output [money].
    """
    output, spending = np.asarray(output, float), np.asarray(spending, float)
    spending = spending * (output.sum() / spending.sum())
    cost_weight = np.asarray(cost_weight, float)
    draft = _economy(output, spending, cost_weight / cost_weight.sum(1, keepdims=True), elasticity)
    technology, _ = _clearing_technology(draft, jnp.asarray(draft.trade_share))
    share = trade.trade_share(weights(draft, no_shock(draft)), technology[:, None])
    return replace(draft, trade_share=share)


def counterfactual(economy: Economy, trade_cost_hat: np.ndarray, deficit_hat: float = 1.0) -> Counterfactual:
    """The equilibrium after τ̂ [buyer, seller]; ``deficit_hat`` multiplies every deficit (0 balances trade)."""
    shock = no_shock(economy)
    shock = replace(
        shock,
        trade_cost=_square(economy, trade_cost_hat),
        transfers=(deficit_hat - 1) * economy.deficit,
    )
    solution = solved(economy, shock, PAPER)
    o = solution.outcome
    wage, price = np.asarray(o.wage_hat), np.asarray(o.final_price_hat)
    spent = np.asarray(o.expenditure / economy.expenditure)
    share = trade.trade_share(weights(economy, shock), o.supply)
    domestic = np.asarray(jnp.diagonal(share[0]) / jnp.diagonal(economy.trade_share[0]))
    return Counterfactual(wage, price, wage / price, spent / price, domestic, solution)


def shares_held(economy: Economy, trade_cost_hat: np.ndarray) -> Counterfactual:
    """The answer of gegravity: prices at the factory gate clear markets while Y_i and X_n stay what they were."""
    theta = economy.elasticities.trade[0]
    share = economy.trade_share * _square(economy, trade_cost_hat) ** -theta
    technology, competition = _clearing_technology(economy, share)
    gate, price = np.asarray(technology ** (-1 / theta)), np.asarray(competition[:, 0] ** (-1 / theta))
    domestic = np.asarray(
        jnp.diagonal(share[0]) * technology / competition[:, 0] / jnp.diagonal(economy.trade_share[0])
    )
    return Counterfactual(gate, price, gate / price, gate / price, domestic, None)


def gains_from_trade(economy: Economy) -> np.ndarray:
    """Real wage over that of autarky, π_nn^(−1/θ) (Arkolakis, Costinot & Rodríguez-Clare 2012, eq. 1)."""
    return np.asarray(jnp.diagonal(economy.trade_share[0]) ** (-1 / economy.elasticities.trade[0]))


def checks(folder: Path | None = None) -> Iterator[Check]:
    """Closed forms, and gegravity's own numbers on eight countries of its sample data."""
    data = sample()
    economy = from_costs(data.cost_weight(data.agreement), data.output, data.spending, data.elasticity)
    hat = data.cost_hat(CANADA_CHINA)
    unchanged = counterfactual(economy, np.ones_like(hat))
    yield Check(
        PAPER, "no shock", None, float(np.abs(unchanged.wage_hat - 1).max()), 1e-10, "largest change", "property"
    )
    cheaper = counterfactual(economy, np.full_like(hat, 0.9)).real_wage_hat
    yield Check(PAPER, "every trade cost × 0.9: real wage", 1 / 0.9, float(cheaper[0]), 1e-10, "factor", "closed form")
    balanced = balance(economy)
    free = gains_from_trade(balanced)
    away = counterfactual(balanced, np.where(np.eye(len(hat), dtype=bool), 1.0, 1e8)).real_wage_hat
    yield Check(
        PAPER, "autarky: real wage of Austria", float(1 / free[1]), float(away[1]), 1e-10, "factor", "closed form"
    )
    agreed = counterfactual(economy, hat)
    acr = agreed.domestic_share_hat ** (-1 / data.elasticity)
    off = float(np.abs(agreed.real_wage_hat / acr - 1).max())
    yield Check(PAPER, "real wage is π̂_nn^(−1/θ), any shock", None, off, 1e-10, "largest error", "closed form")
    held = 100 * (shares_held(economy, hat).real_wage_hat - 1)
    for code, number in data.gegravity.items():
        ours = float(held[data.codes.index(code)])
        name = f"Canada–China agreement, shares held, {code}: real income"
        yield Check(PAPER, name, number, ours, 1e-6, "%", "independent computation")

    if folder is not None and (Path(folder) / FILE).is_file():
        yield from _documented(load(Path(folder) / FILE))


def _documented(data: GravitySample) -> Iterator[Check]:
    """What gegravity's documentation prints for its whole sample."""
    economy = from_costs(data.cost_weight(data.agreement), data.output, data.spending, data.elasticity)
    held = 100 * (shares_held(economy, data.cost_hat(CANADA_JAPAN)).real_wage_hat - 1)
    for code, number in data.gegravity.items():
        name = f"Canada–Japan agreement, 30 countries, shares held, {code}: real income"
        yield Check(PAPER, name, number, float(held[data.codes.index(code)]), 1e-6, "%", "published")


def balance(economy: Economy) -> Economy:
    """The baseline without deficits, from which Dekle, Eaton & Kortum's own experiment is read."""
    shock = replace(no_shock(economy), transfers=-economy.deficit)
    after = rebase(economy, shock, solved(economy, shock, f"{PAPER}, balanced trade"))
    nothing = jnp.zeros_like(economy.deficit)
    return replace(after, transfers=nothing, deficit=nothing)


def _economy(output, spending, share, elasticity: float) -> Economy:
    count = len(output)
    return trade_economy(
        labour_income=output,
        sales=np.asarray(output)[:, None],
        profit_share=np.zeros(1),
        labour_share=np.ones((count, 1)),
        input_share=np.zeros((count, 1, 1)),
        final_share=np.ones((count, 1)),
        trade_share=np.asarray(share)[None],
        trade_elasticity=np.asarray([elasticity]),
        tariffs=closures.NoTariffs(),
        deficit=np.asarray(spending) - np.asarray(output),
        expenditure=spending,
    )


def _clearing_technology(economy: Economy, share: jax.Array) -> tuple[jax.Array, jax.Array]:
    """T_i with Y_i = Σ_n π_ni X_n, its scale that of unchanged world spending at gate prices, and Σ_i of the shares."""
    folded = replace(weights(economy, no_shock(economy)), trade=share, trade_net=share)

    def gap(log_technology):
        supply = jnp.exp(log_technology)[:, None]
        _, competition = trade.price_index(economy, folded, supply)
        sold, _ = trade.sales_and_tariffs(folded, supply, competition, economy.expenditure[:, None])
        return jnp.log(economy.sales / sold)[:, 0]

    start = jnp.zeros_like(economy.wage)
    found = anderson(gap, start, jnp.ones_like(start), 1e-13, 2000)
    if float(found.error) > 1e-12:
        raise NotConverged(
            f"{PAPER}: with shares held, sales are {float(found.error):.1e} off after {int(found.steps)} steps; "
            "expected 1e-12. Make the change of trade costs smaller."
        )
    _, competition = trade.price_index(economy, folded, jnp.exp(found.point)[:, None])
    return jnp.exp(found.point), competition


def _square(economy: Economy, trade_cost_hat) -> jax.Array:
    hat, count = np.asarray(trade_cost_hat, float), len(economy.wage)
    if hat.shape != (count, count) or not (hat > 0).all():
        found = f"trade_cost_hat of shape {hat.shape} or not above zero"
        raise InputMistakes([Mistake(found, f"({count}, {count}), above zero")])
    return jnp.asarray(hat)[None]
