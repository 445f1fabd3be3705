"""Caliendo & Parro (2015): tariffs, input-output links and the NAFTA experiment; 31 countries, 40 sectors, 1993.

Settings of the one model: labour and materials make goods, people stay, tariff revenue is income, observed deficits
are transfers. Two numbers are called welfare here: the paper's first-order sum and the exact change of real income.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from coregion.errors import Mistake, raise_together
from coregion.literature.check import Check, ReferenceFile, mistakes_of, read_text
from coregion.literature.given import checked_tariffs
from coregion.literature.solved import solved
from coregion.literature.trade_model import trade_economy
from coregion.model import closures, trade
from coregion.model.economy import Economy, Shock, no_shock
from coregion.model.weights import weights
from coregion.solve.equilibrium import Options, Solution
from coregion.solve.rebase import rebase

PAPER = "Caliendo & Parro (2015)"
SOURCE = "the replication files of the paper (Review of Economic Studies 82(1))"
# fmt: off
COUNTRIES = (
    "ARG", "AUS", "AUT", "BRA", "CAN", "CHL", "CHN", "DNK", "FIN", "FRA", "DEU", "GRC", "HUN", "IND", "IDN", "IRL",
    "ITA", "JPN", "KOR", "MEX", "NLD", "NZL", "NOR", "PRT", "ZAF", "ESP", "SWE", "TUR", "GBR", "USA", "ROW",
)
# fmt: on
NAFTA = ("MEX", "CAN", "USA")
SECTORS, TRADED = 40, 20
NONTRADED_ELASTICITY = 8.22
OPTIONS = Options(tolerance=1e-12)


def _file(name: str, sha256: str, lines: int, columns: int) -> ReferenceFile:
    return ReferenceFile(f"caliendo_parro_2015/{name}", sha256, (lines, columns), SOURCE)


FILES = (
    _file("B.txt", "ab6f6686938468052112aeb69a9ece4005e3991faa54a6075994f3e4a28c032f", 40, 31),
    _file("GO.txt", "ee6b27f50bde6f79cf275fe8037dd92be7a3fa4feda7b9ea89278b53a5d8b151", 40, 31),
    _file("IO.txt", "844447e2b9db61b91aa64786d4a4dace1553f4c4c240174a9235a76a4b8ce05e", 1240, 40),
    _file("T.txt", "0e9daba39ed0a13bad5e516e459de221d2720f18f791823b8a9e62e8df61c6e8", 20, 1),
    _file("tariffs1993.txt", "f6824dac7831dbf0bffc2a1c2ff2c37292ef59eec10b9d67fbfb8f5bd1eeb506", 620, 31),
    _file("tariffs2005.txt", "75f6c5113bb07e2e7c1d5ba3ff9f36b3c51491850ead998b60558e30e7ed90c8", 620, 31),
    _file("xbilat1993.txt", "dcc0ae3a5b21ebc8e3c864df7e097da9bdbdf6a661ed6fc92d95aa25dc65a116", 620, 31),
)


@dataclass(frozen=True)
class Data:
    """The world of 1993 as observed, deficits included, and the tariffs of both years [sector, buyer, seller]."""

    economy: Economy
    tariffs_1993: np.ndarray
    tariffs_2005: np.ndarray
    countries: tuple[str, ...] = COUNTRIES


@dataclass(frozen=True)
class Nafta:
    """What NAFTA's tariff cuts do [%, country].

    terms_of_trade, volume_of_trade: the two parts of the first-order change of welfare, whose sum is
    ``welfare_first_order`` (eq. 16); the hats in it enter as relative changes. real_wage: ŵ/P̂ − 1.
    real_income_exact: Î/P̂ − 1 in the same equilibrium. residual: of the worst market.
    """

    countries: tuple[str, ...]
    terms_of_trade: np.ndarray
    volume_of_trade: np.ndarray
    welfare_first_order: np.ndarray
    real_wage: np.ndarray
    real_income_exact: np.ndarray
    imports_before: np.ndarray
    imports_after: np.ndarray
    residual: float

    def import_growth(self, country: str, partners: tuple[str, ...]) -> float:
        """Growth of a country's imports from some partners, before tariffs [%]."""
        buyer = self.countries.index(country)
        sellers = [self.countries.index(partner) for partner in partners]
        return float(
            100 * (self.imports_after[:, buyer, sellers].sum() / self.imports_before[:, buyer, sellers].sum() - 1)
        )


def load(folder: str | Path) -> Data:
    """Read the seven text files below ``folder``. Raises InputMistakes that names every file that cannot be used."""
    raise_together(mistakes_of(Path(folder), FILES))
    raw = {Path(f.name).stem: np.loadtxt(StringIO(read_text(Path(folder), f))) for f in FILES}
    before, after = (_all_sectors(raw[name]) / 100 for name in ("tariffs1993", "tariffs2005"))
    theta = np.append(raw["T"], np.full(SECTORS - TRADED, NONTRADED_ELASTICITY))
    inputs = raw["IO"].reshape(len(COUNTRIES), SECTORS, SECTORS)
    imports = 1000 * _all_sectors(raw["xbilat1993"])
    return Data(_as_observed(imports, raw["GO"], raw["B"], inputs, theta, before), before, after)


def _all_sectors(traded: np.ndarray) -> np.ndarray:
    """Rows sector by buyer, columns seller → sector, buyer, seller, with zeros for what is not traded."""
    table = np.zeros((SECTORS, len(COUNTRIES), len(COUNTRIES)))
    table[:TRADED] = traded.reshape(TRADED, len(COUNTRIES), len(COUNTRIES))
    return table


def _as_observed(imports, gross_output, value_added_share, input_share, theta, tariffs) -> Economy:
    """Shares of 1993. Sales at home are output less exports, and output is at least exports.

    imports: sector, buyer, seller [US dollars before tariff]. gross_output, value_added_share: sector, country.
    input_share: country, input, sector, of materials. Final demand is what materials leave; where they leave less than
    nothing it is zero and the shares are scaled to 1, as in the paper's programme.
    """
    home = np.arange(len(COUNTRIES))
    exports = imports.sum(axis=1)
    output = np.maximum(gross_output, exports)
    flow = imports.copy()
    flow[:, home, home] = output - exports
    paid = flow * (1 + tariffs)
    spent = paid.sum(axis=2)
    value_added = (value_added_share * output).sum(axis=0)
    deficit = imports.sum(axis=(0, 2)) - imports.sum(axis=(0, 1))
    materials = np.einsum("nks,sn->kn", input_share, (1 - value_added_share) * output)
    final = np.maximum(spent - materials, 0)
    return trade_economy(
        labour_income=value_added,
        sales=output.T,
        profit_share=np.zeros(SECTORS),
        labour_share=value_added_share.T,
        input_share=input_share * (1 - value_added_share).T[:, None, :],
        final_share=(final / final.sum(axis=0)).T,
        trade_share=paid / spent[:, :, None],
        trade_elasticity=theta,
        tariffs=closures.AdValoremTariffs(jnp.asarray(tariffs)),
        deficit=deficit,
        expenditure=value_added + (flow * tariffs).sum(axis=(0, 2)) + deficit,
    )


def base(data: Data, deficits: Literal["zero", "observed"] = "zero") -> Economy:
    """The world of 1993 in equilibrium: with the deficits removed (as in the paper's tables) or kept."""
    if deficits not in ("zero", "observed"):
        raise_together([Mistake(f"deficits '{deficits}'", "'zero' or 'observed'")])
    shock = no_shock(data.economy)
    if deficits == "zero":
        shock = eqx.tree_at(lambda s: s.transfers, shock, -data.economy.deficit)
    return rebase(data.economy, shock, solved(data.economy, shock, f"{PAPER}, base of 1993", OPTIONS))


def nafta(data: Data, deficits: Literal["zero", "observed"] = "zero") -> Nafta:
    """Tariffs among Mexico, Canada and the United States move to those of 2005; all others stay at 1993."""
    members = [data.countries.index(name) for name in NAFTA]
    tariffs = data.tariffs_1993.copy()
    block = np.ix_(range(SECTORS), members, members)
    tariffs[block] = data.tariffs_2005[block]
    return change_tariffs(data, base(data, deficits), tariffs)


def change_tariffs(data: Data, before: Economy, tariffs: np.ndarray) -> Nafta:
    """From the base to other tariffs [sector, buyer, seller], as fractions."""
    tariffs = checked_tariffs(tariffs, data.tariffs_1993.shape)
    shock = eqx.tree_at(lambda s: s.tariffs, no_shock(before), closures.AdValoremTariffs(jnp.asarray(tariffs)))
    solution = solved(before, shock, f"{PAPER}, new tariffs", OPTIONS)
    o = solution.outcome
    flows = _imports(before, no_shock(before), before), _imports(before, shock, solution)
    terms, volume = _first_order(before, *flows, data.tariffs_1993, _cost_change(before, solution))
    price = np.asarray(o.final_price_hat)
    return Nafta(
        countries=data.countries,
        terms_of_trade=100 * terms,
        volume_of_trade=100 * volume,
        welfare_first_order=100 * (terms + volume),
        real_wage=100 * (np.asarray(o.wage_hat) / price - 1),
        real_income_exact=100 * (np.asarray(o.expenditure / before.expenditure) / price - 1),
        imports_before=flows[0],
        imports_after=flows[1],
        residual=float(solution.error),
    )


def _imports(before: Economy, shock: Shock, state: Economy | Solution) -> np.ndarray:
    """Imports before tariff, sector, buyer, seller; nothing on the diagonal [US dollars]."""
    if isinstance(state, Solution):
        o, share = state.outcome, trade.trade_share(weights(before, shock), state.outcome.supply)
    else:
        o, share = state, before.trade_share
    bought = before.final_share * o.expenditure[:, None] + jnp.einsum("nks,ns->nk", before.input_share, o.sales)
    value = share * bought.T[:, :, None] / shock.tariffs.gross()
    return np.asarray(value) * (1 - np.eye(len(COUNTRIES)))


def _cost_change(before: Economy, solution: Solution) -> np.ndarray:
    """ĉ − 1 by sector and seller, from T̂ ĉ^−θ."""
    return np.asarray(solution.outcome.supply ** (-1 / before.elasticities.trade)).T - 1


def _first_order(before: Economy, imports, imports_after, tariffs, cost) -> tuple[np.ndarray, np.ndarray]:
    """Terms and volume of trade over income (Caliendo & Parro 2015, eq. 16).

    Σ_j Σ_i (E_ni d ln c_n − M_ni d ln c_i) and Σ_j Σ_i τ_ni M_ni (d ln M_ni − d ln c_i); d ln is a relative change.
    """
    income = np.asarray(before.expenditure)
    terms = (imports.sum(axis=1) * cost).sum(axis=0) - (imports * cost[:, None, :]).sum(axis=(0, 2))
    growth = np.where(imports > 0, imports_after / np.where(imports > 0, imports, 1) - 1, 0)
    volume = (tariffs * imports * (growth - cost[:, None, :])).sum(axis=(0, 2))
    return terms / income, volume / income


PUBLISHED = {
    "terms_of_trade": (-0.41, -0.11, 0.04),
    "volume_of_trade": (1.72, 0.04, 0.04),
    "welfare_first_order": (1.31, -0.06, 0.08),
    "real_wage": (1.72, 0.32, 0.11),
}
EXACT = (0.007, -0.110, 0.074)
EXACT_WITH_DEFICITS = (-0.0451, -0.0821, 0.0758)
IMPORT_GROWTH = (118.0, 11.0, 41.0)


def checks(folder: Path | None) -> Iterator[Check]:
    """Table 2 of the paper and its growth of trade within NAFTA, then the exact number beside them."""
    raise_together(mistakes_of(folder, FILES))
    assert folder is not None
    found = nafta(load(folder))
    at = [COUNTRIES.index(name) for name in NAFTA]
    for name, numbers in PUBLISHED.items():
        for country, index, number in zip(NAFTA, at, numbers, strict=True):
            ours = float(getattr(found, name)[index])
            yield Check(PAPER, f"NAFTA, {country}: {name.replace('_', ' ')}", number, ours, 0.005, "%", "published")
    for country, number in zip(NAFTA, IMPORT_GROWTH, strict=True):
        ours = found.import_growth(country, tuple(other for other in NAFTA if other != country))
        yield Check(PAPER, f"NAFTA, {country}: imports from the bloc", number, ours, 0.5, "%", "published")
    kept = nafta(load(folder), "observed")
    for case, nafta_of, numbers in (("", found, EXACT), (", deficits kept", kept, EXACT_WITH_DEFICITS)):
        for country, index, number in zip(NAFTA, at, numbers, strict=True):
            ours = float(nafta_of.real_income_exact[index])
            what = f"NAFTA, {country}: exact real income{case}"
            yield Check(PAPER, what, number, ours, 0.0005, "%", "independent computation")
