"""Ossa (2014), Trade wars and trade talks with data: seven regions that set tariffs on 33 industries.

Settings of the one model: labour is the only factor, the number of firms is fixed and their profits 1/σ_s of sales are
income where the firms are, θ_s = σ_s − 1, tariff revenue is income. Trade imbalances are first removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.io import loadmat

from coregion.errors import Mistake, NotConverged, nearest, raise_together
from coregion.literature.check import Check, ReferenceFile, mistakes_of, read_bytes
from coregion.literature.given import checked_tariffs
from coregion.literature.trade_model import trade_economy
from coregion.model import closures
from coregion.model.economy import Economy, no_shock
from coregion.packages.cooperation import cooperative as agree
from coregion.packages.game import Agreement, Game, NashEquilibrium, Options, best_response
from coregion.packages.game import game as new_game
from coregion.packages.game import nash as play
from coregion.solve.equilibrium import solve
from coregion.solve.rebase import rebase

PAPER = "Ossa (2014)"
FILES = (
    ReferenceFile(
        "ossa_2014/DATA.mat",
        "96a2e0e3fc8dd63e87e063fe6164877fde6bc8f950b6a3caf21ba41b4925d9ae",
        None,
        "the replication files of the paper (American Economic Review 104(12))",
    ),
)
REGIONS = ("BRA", "CHN", "EU", "IND", "JPN", "ROW", "USA")
INDUSTRIES = 33
LOWEST, HIGHEST = -0.6, 9.0
"""Tariffs are searched from a subsidy of 60 % to a tariff of 900 %."""

OPTIONS = Options(first_order=1e-6, gain=1e-7, search_steps=500, starts=1, newton_steps=4)
"""The gap is per scale of a tariff: at 1e-6 less than 1e-10 of real income is left to gain."""


@dataclass(frozen=True)
class Data:
    """The world without trade imbalances at the factual tariffs.

    economy: its baseline. tariffs: factual, industry, buyer, seller, as a fraction. sigma: σ_s.
    """

    economy: Economy
    tariffs: np.ndarray
    sigma: np.ndarray
    regions: tuple[str, ...] = REGIONS

    @cached_property
    def game(self) -> Game:
        """Each region sets log(1 + tariff) on each industry and seller; payoffs are real income over its baseline."""
        return _game(self)


@dataclass(frozen=True)
class Outcome:
    """tariffs: industry, buyer, seller, as a fraction. welfare: change of real income from the factual one [%]."""

    tariffs: np.ndarray
    welfare: np.ndarray
    found: NashEquilibrium | Agreement | None = None


def load(folder: str | Path) -> Data:
    """Read DATA.mat (in ``folder`` or its sub-folder ossa_2014) and remove trade imbalances.

    TRADE, TARIFF: rows industry by seller, columns buyer. Raises InputMistakes for a file that cannot be used.
    """
    raw = _read(Path(folder))
    shape = (INDUSTRIES, len(REGIONS), len(REGIONS))
    trade = raw["TRADE"].reshape(shape).transpose(0, 2, 1)
    tariffs = raw["TARIFF"].reshape(shape).transpose(0, 2, 1)
    sigma = raw["SIGMA"].ravel()
    return Data(_balanced(_as_observed(trade, tariffs, sigma)), tariffs, sigma)


def _read(folder: Path) -> dict[str, np.ndarray]:
    raw = loadmat(BytesIO(read_bytes(folder, FILES[0])))  # pyright: ignore[reportArgumentType]
    return {name: raw[name] for name in ("TRADE", "TARIFF", "SIGMA")}


def _as_observed(trade, tariffs, sigma) -> Economy:
    """trade, tariffs: industry, buyer, seller; trade before tariff [million US dollars]."""
    paid = trade * (1 + tariffs)
    spent = paid.sum(axis=2)
    sales = trade.sum(axis=1).T
    regions = len(REGIONS)
    return trade_economy(
        labour_income=(sales * (1 - 1 / sigma)).sum(axis=1),
        sales=sales,
        profit_share=1 / sigma,
        labour_share=np.ones((regions, INDUSTRIES)),
        input_share=np.zeros((regions, INDUSTRIES, INDUSTRIES)),
        final_share=(spent / spent.sum(axis=0)).T,
        trade_share=paid / spent[:, :, None],
        trade_elasticity=sigma - 1,
        tariffs=closures.AdValoremTariffs(jnp.asarray(tariffs)),
        deficit=trade.sum(axis=(0, 2)) - trade.sum(axis=(0, 1)),
        expenditure=spent.sum(axis=0),
    )


def _balanced(observed: Economy) -> Economy:
    """The same world with no aggregate trade imbalances (Dekle, Eaton & Kortum 2007)."""
    shock = eqx.tree_at(lambda s: s.transfers, no_shock(observed), -observed.deficit)
    solution = solve(observed, shock)
    if not bool(solution.converged):
        raise NotConverged(
            f"The world without trade imbalances was not found (residual {float(solution.error):.1e}): the trade "
            "table may not be the paper's; compare its checksum."
        )
    even = jnp.zeros_like(observed.deficit)
    return eqx.tree_at(lambda e: (e.transfers, e.deficit), rebase(observed, shock, solution), (even, even))


def _foreign() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Industry, buyer and seller of every tariff that exists, buyer by buyer."""
    buyer, industry, seller = np.meshgrid(
        np.arange(len(REGIONS)), np.arange(INDUSTRIES), np.arange(len(REGIONS)), indexing="ij"
    )
    abroad = buyer != seller
    return industry[abroad], buyer[abroad], seller[abroad]


def _real_income_hat(economy: Economy, rate) -> jax.Array:
    """Û of each region under tariffs [industry, buyer, seller]; no number where the equilibrium is not found."""
    shock = eqx.tree_at(lambda s: s.tariffs, no_shock(economy), closures.AdValoremTariffs(rate))
    solution = solve(economy, shock)
    return jnp.where(solution.converged, solution.outcome.welfare_hat[0], jnp.nan)


def _game(data: Data) -> Game:
    where = _foreign()
    industry, buyer, _ = where
    economy = data.economy

    def payoff(log_gross):
        return _real_income_hat(economy, jnp.zeros(data.tariffs.shape).at[where].set(jnp.expm1(log_gross)))

    flow = np.asarray(economy.trade_share)[where] * np.asarray(economy.final_share)[buyer, industry]
    scale = 1 / np.sqrt(np.maximum(flow, 1e-9) * (data.sigma[industry] - 1))
    return new_game(payoff, buyer, np.log1p(LOWEST), np.log1p(HIGHEST), scale, data.regions)


def _actions(tariffs) -> np.ndarray:
    return np.log1p(np.asarray(tariffs)[_foreign()])


def _tariffs(actions) -> np.ndarray:
    tariffs = np.zeros((INDUSTRIES, len(REGIONS), len(REGIONS)))
    tariffs[_foreign()] = np.expm1(actions)
    return tariffs


def welfare(data: Data, tariffs) -> np.ndarray:
    """Change of each region's real income from the factual tariffs to ``tariffs`` [%, region] (Ossa 2014, eq. 13).

    tariffs: industry, buyer, seller, as a fraction; those on a region's own goods must be zero.
    """
    tariffs = checked_tariffs(tariffs, data.tariffs.shape)
    payoffs = data.game.payoffs(_actions(tariffs))
    if not np.isfinite(payoffs).all():
        raise NotConverged("No equilibrium was found at these tariffs: compare their size with the factual ones.")
    return 100 * (payoffs - 1)


def free_trade(data: Data) -> np.ndarray:
    """No tariffs at all."""
    return np.zeros_like(data.tariffs)


def optimal_tariffs(data: Data, region: str | int, options: Options = OPTIONS) -> Outcome:
    """Tariffs that maximise the real income of one region while all others keep the factual ones (Table 3a)."""
    player = _player(data, region)
    start = _actions(data.tariffs)
    actions = best_response(data.game, player, np.where(data.game.owner == player, np.log(1.5), start), options)
    return Outcome(_tariffs(actions), welfare(data, _tariffs(actions)))


def _player(data: Data, region: str | int) -> int:
    numbers = {str(number): number for number in range(len(data.regions))}
    numbers |= {name: number for number, name in enumerate(data.regions)}
    if str(region) not in numbers:
        known = nearest(str(region), data.regions)
        raise_together([Mistake(f"region {region!r}", f"a region or its number, 0 to {len(data.regions) - 1}", known)])
    return numbers[str(region)]


def nash(data: Data, options: Options = OPTIONS) -> Outcome:
    """The trade war: every region's tariffs are its best reply to all others' (Table 4a)."""
    found = play(data.game, np.full(data.game.owner.size, np.log(1.5)), options)
    return Outcome(_tariffs(found.actions), 100 * (found.payoffs - 1), found)


def cooperative(
    data: Data, threat: np.ndarray | None = None, subsidies: bool = False, options: Options = OPTIONS
) -> Outcome:
    """Trade talks: the largest equal proportional gain of all regions, searched from free trade (Table 5a).

    threat: real incomes without agreement, over the factual ones: what the talks start from, and those of the trade
    war by default. subsidies: whether tariffs may be negative; each of the paper's three gains is met without them
    (3.4, 0.5 and 0.03 %) and missed with them (3.5, 0.6 and 0.05 %).
    """
    threat = nash(data, options).welfare / 100 + 1 if threat is None else np.asarray(threat, float)
    if threat.shape != (len(data.regions),) or not (np.isfinite(threat) & (threat > 0)).all():
        found = f"a threat of shape {threat.shape}, {threat.tolist()}"
        raise_together([Mistake(found, f"real incomes over the factual ones, {len(data.regions)} above zero")])
    talks = data.game if subsidies else replace(data.game, lower=np.zeros_like(data.game.lower))
    found = agree(talks, "equal_gain", threat=threat, start=_actions(free_trade(data)), options=options)
    return Outcome(_tariffs(found.actions), 100 * (found.payoffs - 1), found)


OWN_GAIN = (1.1, 1.8, 1.9, 1.7, 4.0, 2.9, 2.3)
OTHERS = (-0.1, -0.6, -1.0, -0.1, -0.3, -1.7, -0.9)
TRADE_WAR = (-1.9, -2.2, -2.6, -2.2, -0.8, -5.0, -2.2)
TALKS_GAIN = {"trade war": 3.4, "factual tariffs": 0.5, "free trade": 0.03}
"""What every region gains by talks that start from the trade war, the factual tariffs and free trade [%]."""


def checks(folder: Path | None) -> Iterator[Check]:
    """Tables 3a, 4a and 5a; every tariff is solved for."""
    raise_together(mistakes_of(folder, FILES))
    data = load(Path(folder or "."))
    for player, (region, own, other) in enumerate(zip(REGIONS, OWN_GAIN, OTHERS, strict=True)):
        alone = optimal_tariffs(data, player).welfare
        yield Check(PAPER, f"Table 3a, {region} alone: its own gain", own, float(alone[player]), 0.05, "%", "published")
        mean = float(np.delete(alone, player).mean())
        yield Check(PAPER, f"Table 3a, {region} alone: mean of others", other, mean, 0.05, "%", "published")
    war = nash(data)
    for region, published, ours in zip(REGIONS, TRADE_WAR, war.welfare, strict=True):
        yield Check(PAPER, f"Table 4a, trade war: {region}", published, float(ours), 0.05, "%", "published")
    for start, before in starts_of_talks(data, war).items():
        gain = talks_gain(cooperative(data, threat=before), before)
        # The smallest is published to a hundredth of a point, the others to a tenth.
        tolerance = 0.005 if start == "free trade" else 0.05
        name = f"Table 5a, talks from {start}: every region"
        yield Check(PAPER, name, TALKS_GAIN[start], float(gain.mean()), tolerance, "%", "published")


def starts_of_talks(data: Data, war: Outcome) -> dict[str, np.ndarray]:
    """Real incomes over the factual ones from which the talks of Table 5a start."""
    factual = np.ones(len(data.regions))
    return {
        "trade war": 1 + war.welfare / 100,
        "factual tariffs": factual,
        "free trade": 1 + welfare(data, free_trade(data)) / 100,
    }


def talks_gain(talks: Outcome, before: np.ndarray) -> np.ndarray:
    """[region] what the talks bring over where they started [%]."""
    return 100 * ((1 + talks.welfare / 100) / before - 1)
