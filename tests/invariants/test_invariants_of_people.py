"""What people gain: the certificate of mobility, cheaper commuting, gifts, and caps on who and what may come."""

import equinox as eqx
import jax
import jax.numpy as jnp
import made_up
import numpy as np
import pytest
from shocked import EXACT, every_hat, six_places, solved

from coregion.errors import NotConverged
from coregion.model import closures, floor_space
from coregion.model.economy import no_shock
from coregion.model.weights import baseline_income
from coregion.solve.checked import checked
from coregion.solve.equilibrium import solve

PLACES = [f"place {n}" for n in range(6)]
SECTORS = ["first", "second", "third"]
FALL = 0.88


def changed(record, **values):
    names = list(values)
    return eqx.tree_at(lambda r: [getattr(r, n) for n in names], record, [values[n] for n in names])


def test_certificate_of_mobility_holds_wherever_people_live():
    """All who are registered live in one place of origin, so that reported residents are their choice."""
    economy = six_places()
    alone = jnp.zeros_like(economy.registered).at[1].set(economy.registered[1])
    home = made_up.balanced(changed(economy, registered=economy.registered.at[1].set(jnp.eye(6)[2] * alone[1].sum())))
    shock = every_hat(home)
    o = solved(home, shock).outcome
    eta = float(home.elasticities.migration)
    after, before = o.residents[1] / o.residents[1].sum(), home.residents[1] / home.residents[1].sum()
    share_hat = after / before
    right = home.services.right_hat(shock.service_exclusion)
    worth = o.place_value_hat[1, 2] * (shock.amenity * right / shock.migration_cost)[1, 2]
    certificate = np.asarray(worth / share_hat ** (1 / eta))
    assert np.ptp(np.log(np.asarray(worth))) > 0.02
    np.testing.assert_allclose(certificate, float(o.welfare_hat[1, 2]), rtol=1e-9)


def test_reported_residents_are_where_place_values_send_everybody():
    economy = six_places()
    shock = every_hat(economy)
    o = solved(economy, shock).outcome
    right = economy.services.right_hat(shock.service_exclusion)
    worth = np.asarray(o.place_value_hat * shock.amenity * right / shock.migration_cost)
    pull = np.asarray(economy.residence_share) * worth ** float(economy.elasticities.migration)
    share = pull / pull.sum(axis=2, keepdims=True)
    persons = np.einsum("go,gon->gn", np.asarray(economy.registered * shock.registered), share)
    np.testing.assert_allclose(o.residents, persons, rtol=1e-9)
    certificate = worth / (share / np.asarray(economy.residence_share)) ** (1 / float(economy.elasticities.migration))
    welfare = np.broadcast_to(np.asarray(o.welfare_hat)[:, :, None], certificate.shape)
    np.testing.assert_allclose(certificate, welfare, rtol=1e-9)


def only_wages():
    """Everybody works; landlords have the rents, nobody owns capital, no public job is paid by a levy."""
    base = made_up.unbalanced(groups=1, pensions=False)
    return made_up.balanced(
        changed(
            base,
            rents=closures.LocalLandlordsBuyGoods(),
            labour_share=base.labour_share + base.capital_share,
            capital_share=0 * base.capital_share,
            capital_income=0 * base.capital_income,
            public_jobs=0 * base.public_jobs,
        )
    )


def cheaper(economy, factor):
    """Every κ falls, home to home and abroad included."""
    shock = no_shock(economy)
    return changed(shock, commuting_cost=factor * shock.commuting_cost)


@pytest.mark.slow
def test_cheaper_commuting_everywhere_is_worth_its_inverse_where_all_income_is_wages():
    economy = only_wages()
    solution = solved(economy, cheaper(economy, FALL))
    o = solution.outcome
    np.testing.assert_allclose(o.welfare_hat, 1 / FALL, rtol=1e-11)
    np.testing.assert_allclose(o.place_value_hat, 1 / FALL, rtol=1e-11)
    np.testing.assert_allclose(o.residents, economy.residents, rtol=1e-10)
    for market in (solution.unknowns.wage, solution.unknowns.price_index, solution.unknowns.floor_space_price):
        np.testing.assert_allclose(market, 0, atol=1e-10)


def test_cheaper_commuting_is_worth_less_by_the_part_of_income_that_is_no_wage():
    """Nobody moves, so that every place keeps its own s: V̂ = s/0.88 + 1 − s; who does not work gains nothing."""
    base = made_up.unbalanced()
    stay = jnp.broadcast_to(jnp.eye(6), base.residence_share.shape)
    economy = made_up.balanced(changed(base, residence_share=stay))
    o = solved(economy, cheaper(economy, FALL)).outcome
    solution = solved(economy, no_shock(economy)).outcome
    wages = np.asarray((1 - solution.contribution_rate) * solution.earnings)
    income = np.einsum("gon,on->gn", np.broadcast_to(np.asarray(solution.income), (2, 6, 6)), np.eye(6))
    share = wages / income
    assert share[0].min() > 0.1
    assert share[0].max() < 0.9
    expected = share / FALL + 1 - share
    np.testing.assert_allclose(o.welfare_hat, expected, rtol=1e-10)
    np.testing.assert_allclose(o.welfare_hat[1], 1, rtol=1e-10)
    np.testing.assert_allclose(o.residents, economy.residents, rtol=1e-10)


@pytest.mark.parametrize("receiver", range(6))
def test_a_gift_helps_its_receiver(receiver):
    economy = six_places()
    income = np.asarray(economy.expenditure)
    gift = 0.02 * income[receiver]
    givers = np.where(np.arange(6) == receiver, 0, income)
    transfers = np.where(np.arange(6) == receiver, gift, -gift * givers / givers.sum())
    shock = changed(no_shock(economy), transfers=jnp.asarray(transfers))
    assert float(shock.transfers.sum()) == pytest.approx(0, abs=1e-9 * gift)
    o = solved(economy, shock).outcome
    assert float(o.welfare_hat[:, receiver].min()) > 1 + 1e-6
    assert float(o.expenditure[receiver] / economy.expenditure[receiver]) > 1.005


def no_cap(economy):
    return no_shock(economy).resident_cap


def attractive(economy, place=3):
    """Life in one place becomes better for everybody, so that people want to come."""
    neutral = no_shock(economy)
    return changed(neutral, amenity=neutral.amenity.at[:, :, place].mul(4))


def test_cap_on_residents_binds_where_people_want_to_come():
    economy, place = six_places(), 3
    wanted = attractive(economy, place)
    free = solved(economy, wanted).outcome
    before, after = float(economy.residents[:, place].sum()), float(free.residents[:, place].sum())
    assert after > 1.02 * before
    cap = no_cap(economy).at[place].set((before + after) / 2)
    solution = solved(economy, changed(wanted, resident_cap=cap))
    penalty = np.asarray(solution.unknowns.entry_penalty)
    assert float(solution.outcome.residents[:, place].sum()) == pytest.approx((before + after) / 2, rel=1e-10)
    assert penalty[place] > 1e-3
    np.testing.assert_allclose(np.delete(penalty, place), 0, atol=1e-12)
    stayers = np.asarray(solution.outcome.attraction[:, place, place])
    unpenalised = np.asarray(economy.residence_share * (wanted.amenity * solution.outcome.place_value_hat) ** 1.5)
    np.testing.assert_allclose(stayers, unpenalised[:, place, place], rtol=1e-9)


def test_cap_on_residents_above_what_people_want_changes_nothing():
    economy, place = six_places(), 3
    wanted = attractive(economy, place)
    free = solved(economy, wanted)
    cap = no_cap(economy).at[place].set(1.001 * float(free.outcome.residents[:, place].sum()))
    slack = solved(economy, changed(wanted, resident_cap=cap))
    np.testing.assert_array_equal(np.asarray(slack.unknowns.entry_penalty), 0)
    for a, b in zip(jax.tree.leaves(slack.unknowns), jax.tree.leaves(free.unknowns), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)


def test_cap_below_those_who_stay_is_an_error_with_a_cure():
    economy, place = six_places(), 3
    stayers = float((economy.registered * economy.residence_share[:, :, place])[:, place].sum())
    shock = changed(no_shock(economy), resident_cap=no_cap(economy).at[place].set(0.5 * stayers))
    solution = solve(economy, shock, EXACT)
    assert not bool(solution.converged)
    with pytest.raises(NotConverged) as raised:
        checked(economy, shock, solution, EXACT, PLACES, SECTORS)
    message = str(raised.value)
    assert "cap on residents of" in message
    assert "place 3" in message
    assert f"{0.5 * stayers:.0f}" in message
    assert f"({stayers:.0f})" in message
    assert message.endswith("raise it.")


def test_cap_on_floor_space_binds_or_is_slack():
    economy, place = six_places(), 3
    wanted = attractive(economy, place)
    free = solved(economy, wanted)
    built = float(free.outcome.floor_space_hat[place])
    assert built > 1.002
    caps = no_cap(economy)
    slack = solved(economy, changed(wanted, floor_space_cap=caps.at[place].set(1.001 * built)))
    for a, b in zip(jax.tree.leaves(slack.unknowns), jax.tree.leaves(free.unknowns), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)
    shock = changed(wanted, floor_space_cap=caps.at[place].set((1 + built) / 2))
    bound = solved(economy, shock).outcome
    shadow = np.asarray(floor_space.cap_shadow_price(economy, shock, bound.floor_space_price_hat))
    assert float(bound.floor_space_hat[place]) == pytest.approx((1 + built) / 2, rel=1e-12)
    assert shadow[place] > 1e-3
    np.testing.assert_array_equal(np.delete(shadow, place), 0)
    delta = float(economy.elasticities.floor_space_supply[place])
    supplied = (float(bound.floor_space_price_hat[place]) - shadow[place]) ** delta
    assert supplied == pytest.approx((1 + built) / 2, rel=1e-10)
    np.testing.assert_allclose(bound.floor_space_demand, bound.floor_space_supply, rtol=1e-10)


def test_income_of_the_baseline_is_what_a_solution_without_a_shock_pays():
    economy = six_places()
    o = solved(economy, no_shock(economy)).outcome
    np.testing.assert_allclose(o.income, baseline_income(economy, o.earnings), rtol=1e-10)
