"""Where the money goes: Walras at any unknowns under every closure; in the end money in is money out, everywhere."""

import inspect

import equinox as eqx
import jax.numpy as jnp
import made_up
import numpy as np
import pytest
from shocked import anywhere, every_hat, six_places, solved

from coregion.model import closures
from coregion.model import equilibrium as model
from coregion.model.economy import no_shock
from coregion.model.unknowns import no_change
from coregion.model.weights import weights
from coregion.solve.rebase import rebase

RNG = np.random.default_rng(11)
SHARE = jnp.asarray(RNG.dirichlet(np.ones(6)))
KERNEL = jnp.asarray(np.exp(-RNG.uniform(0, 3, (6, 6))))
RATE = jnp.asarray(RNG.uniform(0, 0.4, (3, 6, 6)))
PENSIONS = made_up.unbalanced().pensions


def with_(economy, **changes):
    names = list(changes)
    return eqx.tree_at(lambda e: [getattr(e, n) for n in names], economy, [changes[n] for n in names])


LEAVES = {
    closures.LocalResidentsOwn: {"rents": closures.LocalResidentsOwn()},
    closures.LocalLandlordsSpendAsResidents: {"rents": closures.LocalLandlordsSpendAsResidents()},
    closures.LocalLandlordsBuyGoods: {"rents": closures.LocalLandlordsBuyGoods()},
    closures.CommonPortfolio: {"rents": closures.CommonPortfolio(SHARE)},
    closures.JurisdictionBudget: {"rents": closures.JurisdictionBudget(jnp.asarray([0, 1, 0, 1, 2, 2]))},
    closures.NoPensions: {"pensions": closures.NoPensions()},
    closures.WageIndexedPensions: {"pensions": PENSIONS},
    closures.NoAgglomeration: {"agglomeration": closures.NoAgglomeration()},
    closures.DensityAgglomeration: {
        "agglomeration": closures.DensityAgglomeration(jnp.full(3, 0.08), KERNEL, KERNEL @ SHARE)
    },
    closures.NoResidentialDensity: {"amenity": closures.NoResidentialDensity()},
    closures.ResidentialDensity: {"amenity": closures.ResidentialDensity(jnp.asarray(0.1), KERNEL, KERNEL @ SHARE)},
    closures.FixedVariety: {"entry": closures.FixedVariety()},
    closures.FreeEntry: {"entry": closures.FreeEntry(jnp.full(3, 0.1))},
    closures.NoTariffs: {"tariffs": closures.NoTariffs()},
    closures.AdValoremTariffs: {"tariffs": closures.AdValoremTariffs(RATE)},
    closures.MeanWageOfJobs: {"numeraire": closures.MeanWageOfJobs()},
    closures.MeanWageOfPlaces: {"numeraire": closures.MeanWageOfPlaces()},
}


def leaves():
    found = [c for _, c in inspect.getmembers(closures, inspect.isclass) if c.__module__ == closures.__name__]
    return [c for c in found if not inspect.isabstract(c)]


def walras_at(economy, shock, unknowns):
    return float(model.walras(model.outcome(unknowns, economy, shock, weights(economy, shock))))


def test_every_leaf_of_the_closures_is_tried():
    assert set(leaves()) == set(LEAVES)


@pytest.mark.parametrize("leaf", list(LEAVES), ids=lambda leaf: leaf.__name__)
def test_walras_holds_at_any_unknowns_under_every_closure(leaf):
    economy = with_(made_up.unbalanced(), profit_share=jnp.asarray([0.0, 0.1, 0.2]), **LEAVES[leaf])
    shock = every_hat(economy)
    for seed in (21, 22):
        assert abs(walras_at(economy, shock, anywhere(economy, 0.3, seed))) < 1e-12


def test_walras_notices_money_that_is_lost():
    economy = made_up.unbalanced()
    shock = every_hat(economy)
    lost = eqx.tree_at(lambda s: s.transfers, shock, shock.transfers.at[0].add(-1e-6 * economy.labour_income.sum()))
    assert abs(walras_at(economy, lost, anywhere(economy))) > 1e-8


def other_economy():
    """All that the usual made-up economy leaves out: profits, tariffs, free entry, rents to governments, density."""
    used = (
        closures.JurisdictionBudget,
        closures.AdValoremTariffs,
        closures.FreeEntry,
        closures.NoPensions,
        closures.NoAgglomeration,
        closures.MeanWageOfPlaces,
    )
    changes = {name: value for leaf in used for name, value in LEAVES[leaf].items()}
    base = made_up.unbalanced()
    persons = base.residents.sum(axis=0)
    density = closures.ResidentialDensity(jnp.asarray(-0.05), KERNEL, KERNEL @ persons)
    return made_up.balanced(with_(base, profit_share=jnp.asarray([0.0, 0.1, 0.2]), amenity=density, **changes))


@pytest.fixture(scope="module", params=["usual", pytest.param("other", marks=pytest.mark.slow)])
def told(request):
    economy = {"usual": six_places, "other": other_economy}[request.param]()
    shock = every_hat(economy)
    return economy, shock, solved(economy, shock)


def spending_on_goods(economy, shock, o):
    """[region, sector] what is bought, at the buyer's price."""
    e = economy.elasticities
    cost = (1 - economy.profit_share) * o.sales
    final = (1 - e.household_share * (1 - e.goods_share)) * o.expenditure
    inputs = jnp.einsum("nks,ns->nk", economy.input_share, cost)
    return economy.final_share * final[:, None] + inputs + shock.purchases * o.numeraire


def test_money_in_is_money_out_in_every_region(told):
    economy, shock, solution = told
    o = solution.outcome
    cost = (1 - economy.profit_share) * o.sales
    residents_earn = (o.earnings * o.residents).sum(axis=0)
    price_of_capital = o.capital_supply / economy.capital_income
    benefits = economy.pensions.per_head(o.wage_hat)
    living = o.attraction / o.attraction.sum(axis=2, keepdims=True)
    received = ((economy.registered * shock.registered)[:, :, None] * living * benefits).sum(axis=(0, 1))
    rents_paid = o.floor_space_demand
    balance = {
        "goods": o.sales.sum(axis=1) - spending_on_goods(economy, shock, o).sum(axis=1) + o.tariff_revenue,
        "wages": residents_earn - (economy.labour_share * cost).sum(axis=1) - o.public_wages,
        "public jobs": o.public_wages - o.public_levy,
        "capital": economy.pool_share * (economy.capital_income * price_of_capital)[economy.pool]
        - (economy.capital_share * cost).sum(axis=1),
        "rents": economy.rents.to_households(rents_paid, o.residents)
        + economy.rents.to_landlords(rents_paid)
        - rents_paid,
        "pensions": received - o.contribution_rate * residents_earn,
        "public money": (economy.transfers + economy.deficit + shock.transfers + shock.purchases.sum(axis=1))
        * o.numeraire,
    }
    total = sum(np.asarray(part) for part in balance.values())
    np.testing.assert_allclose(total / np.asarray(o.expenditure), 0, atol=1e-10)
    for name, part in balance.items():
        assert float(part.sum() / o.expenditure.sum()) == pytest.approx(0, abs=1e-11), name


def test_money_in_is_money_out_budget_by_budget(told):
    economy, shock, solution = told
    o = solution.outcome
    wages = economy.wage * o.wage_hat
    bill = ((economy.public_jobs + shock.public_jobs) * wages).sum(axis=1)
    np.testing.assert_allclose((economy.payer_share * bill[:, None]).sum(axis=1), bill, rtol=1e-12)
    np.testing.assert_allclose((economy.payer_share * bill[:, None]).sum(axis=0), o.public_levy, rtol=1e-12)
    owned = np.bincount(economy.pool, economy.pool_share * o.capital_supply[economy.pool])
    np.testing.assert_allclose(owned, o.capital_demand, rtol=1e-10)
    if isinstance(economy.pensions, closures.WageIndexedPensions):
        fund = np.asarray(economy.pensions.fund)
        owed = (economy.registered * shock.registered * economy.pensions.per_head(o.wage_hat)[:, :, 0]).sum(axis=0)
        paid_in = o.contribution_rate * (o.earnings * o.residents).sum(axis=0)
        np.testing.assert_allclose(np.bincount(fund, paid_in), np.bincount(fund, owed), rtol=1e-10)


def test_jobs_are_residents_who_work_and_tariffs_are_paid_on_trade(told):
    economy, _, solution = told
    o = solution.outcome
    employed = (economy.efficiency[:, None] * economy.employment_rate * o.residents).sum()
    assert float(o.workers.sum()) == pytest.approx(float(employed), rel=1e-12)
    registered = float(o.residents_chosen.sum())
    assert float(o.residents.sum()) == pytest.approx(registered, rel=1e-10)
    levied = isinstance(economy.tariffs, closures.AdValoremTariffs)
    assert bool((o.tariff_revenue > 1e-6 * o.expenditure).all()) == levied


def test_an_equilibrium_is_the_next_baseline(told):
    economy, shock, _ = told
    spent_nowhere = eqx.tree_at(
        lambda s: (s.purchases, s.transfers), shock, (0 * shock.purchases, shock.transfers - shock.transfers.mean())
    )
    following = rebase(economy, spent_nowhere, solved(economy, spent_nowhere))
    gap = model.residual(no_change(following), following, no_shock(following))
    worst = max(float(jnp.max(jnp.abs(leaf))) for leaf in vars(gap).values())
    assert worst < 1e-10
