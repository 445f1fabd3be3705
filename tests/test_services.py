"""Services within reach: what is shared is all there is, rights and beds move people, money stays what it was."""

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up import six_places
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion.access import LUO_QI_SLOW, enhanced_catchment
from coregion.errors import InputMistakes
from coregion.measures.kinds import kinds
from coregion.model.economy import no_shock
from coregion.model.services import NoServices, within_reach
from coregion.outcomes import levels, state
from coregion.solve.equilibrium import Options, solve
from coregion.solve.rebase import rebase

EXACT = Options(tolerance=1e-12)
CARE, OLD = 3, 1


@cache
def economy():
    return six_places()


def shocked(**changes):
    """The neutral shock with some ``service_*`` fields in other values."""
    return eqx.tree_at(lambda s: [getattr(s, name) for name in changes], no_shock(economy()), list(changes.values()))


@cache
def solved(name):
    services, neutral = economy().services, no_shock(economy())
    shock = {
        "nothing": neutral,
        "beds": shocked(
            service_capacity=neutral.service_capacity.at[CARE, 0].set(services.capacity[CARE, 0]),
        ),
        "portable": shocked(service_exclusion=neutral.service_exclusion.at[CARE, 1::2, 0].set(0.5)),
        "everything": shocked(
            service_capacity=0.2 * services.capacity,
            service_quality=neutral.service_quality.at[:, 2].set(1.2),
            service_exclusion=0.7 * neutral.service_exclusion,
        ),
    }[name]
    solution = solve(economy(), shock, EXACT)
    assert bool(solution.converged)
    return shock, solution


def given(name):
    shock, solution = solved(name)
    users = solution.outcome.service_users
    return users, economy().services.provided(users, shock.service_capacity, shock.service_quality)


def test_nothing_changes_to_the_last_bit_at_the_baseline():
    services = economy().services
    none, unchanged = jnp.zeros_like(services.capacity), jnp.ones_like(services.capacity)
    hat = jax.jit(lambda s: s.amenity_hat(s.log_amenity(s.users, none, unchanged)))(services)
    assert np.all(np.asarray(hat) == 1)
    assert np.all(np.asarray(services.right_hat(jnp.ones_like(services.right))) == 1)
    assert np.array_equal(services.entitlement(jnp.ones_like(services.right)), services.right)
    assert np.all(np.asarray(NoServices().amenity_hat(services.unchanged)) == 1)


@pytest.mark.parametrize("name", ["nothing", "beds", "portable", "everything"])
def test_what_users_get_is_all_there_is(name):
    """Σ_n U_n A_n = Σ_j q^(1−τ) S_j of shared services, of places in use of rationed ones, in the equilibrium."""
    users, found = given(name)
    total = np.asarray((users * found.access).sum(axis=1))
    worth = np.asarray(solved(name)[0].service_quality) ** (1 - np.asarray(economy().services.take_up))[:, None]
    given_out = np.concatenate([found.places[:CARE], found.occupied[CARE:]])
    assert total == pytest.approx((worth * given_out).sum(axis=1), rel=1e-12)
    assert name == "everything" or np.all(worth == 1)
    assert np.all(np.asarray(found.occupied[CARE]) < np.asarray(found.places[CARE]))


@pytest.mark.parametrize(
    ("places", "part"), [(0.25, 0.25 / (1 + 0.25**4) ** 0.25), (1.0, 0.5**0.25), (4.0, 4 / 257**0.25)]
)
def test_of_those_who_ask_for_a_rationed_place_the_published_part_finds_one(places, part):
    """v(R) = R/(1 + R⁴)^¼ written out a second time, in one place of its own: min(R, 1) with a rounded corner."""
    one = jnp.ones((1, 1))
    leaf = within_reach(
        codes=("care",),
        reach=jnp.ones((1, 1, 1)),
        capacity=places * one,
        need=jnp.ones((1, 1, 1)),
        right=jnp.ones((1, 1, 1)),
        users=one,
        value=one,
        take_up=jnp.ones(1),
        rationed=jnp.ones(1),
        staff_per_user=jnp.ones(1),
        quality=one,
    )
    assert float(leaf.access[0, 0]) == pytest.approx(part, rel=1e-6)
    assert float(leaf.provided(one, 0 * one, one).occupancy[0, 0]) == pytest.approx(part / places, rel=1e-6)


def test_access_is_that_of_the_catchments_of_luo_and_qi():
    services = economy().services
    minutes = np.where(np.asarray(services.reach[0]) == 1, 5.0, np.inf)
    own = eqx.tree_at(lambda s: s.reach, services, jnp.broadcast_to(jnp.asarray(minutes < 10) * 1.0, (4, 6, 6)))
    own = own.rebased(own.users, 0.0, 1.0, jnp.ones_like(own.right))
    theirs = enhanced_catchment(np.asarray(own.capacity[1]), np.asarray(own.users[1]), minutes, LUO_QI_SLOW)
    assert np.asarray(own.access[1]) == pytest.approx(theirs, rel=1e-13)


def test_users_are_the_entitled_among_those_who_live_there():
    shock, solution = solved("everything")
    at = state(solution.unknowns, economy(), shock)
    movers = np.asarray(at.outcome.attraction / at.outcome.attraction.sum(axis=2, keepdims=True))
    people = np.asarray(economy().registered)[:, :, None] * movers
    right = 1 - 0.7 * (1 - np.asarray(economy().services.right))
    users = np.einsum("sgn,gon,son->sn", np.asarray(economy().services.need), people, right)
    assert np.asarray(solution.outcome.service_users) == pytest.approx(users, rel=1e-10)


def test_beds_alone_move_few_and_portability_moves_more():
    """Where half of the beds are empty twice as many bring nobody; half of the exclusion gone brings people."""
    before = economy().residents[OLD, 0]
    beds = float(solved("beds")[1].outcome.residents[OLD, 0] / before - 1)
    rights = float(solved("portable")[1].outcome.residents[OLD, 0] / before - 1)
    assert 0 < beds < 0.05 * rights
    assert float(given("beds")[1].occupancy[CARE, 0]) < 0.6 * float(given("nothing")[1].occupancy[CARE, 0])
    assert float(given("portable")[1].occupancy[CARE, 0]) > float(given("nothing")[1].occupancy[CARE, 0])


def test_pension_funds_balance_and_rights_in_kind_are_no_payment():
    shock, solution = solved("portable")
    o, e = solution.outcome, economy()
    pension = e.pensions.per_head(o.wage_hat)[..., 0]
    owed = np.bincount(np.asarray(e.pensions.fund), np.asarray((e.registered * pension).sum(axis=0)))
    paid = np.asarray(o.contribution_rate * (o.earnings * o.residents).sum(axis=0))
    assert np.bincount(np.asarray(e.pensions.fund), paid) == pytest.approx(owed, rel=1e-12)
    assert np.all(np.asarray(shock.transfers) == 0)
    before = state(solved("nothing")[1].unknowns, e, no_shock(e)).outcome
    per_head = np.asarray(pension / e.pensions.per_head(before.wage_hat)[..., 0])[OLD]
    assert per_head == pytest.approx(np.asarray(e.pensions.index(o.wage_hat)), rel=1e-12)


def test_an_equilibrium_becomes_a_baseline_at_which_nothing_moves():
    shock, solution = solved("everything")
    later = rebase(economy(), shock, solution)
    again = solve(later, no_shock(later), Options(tolerance=1e-11))
    assert int(again.steps) == 1
    users, found = given("everything")
    none, unchanged = jnp.zeros_like(users), jnp.ones_like(users)
    rebased = later.services.provided(later.services.users, none, unchanged)
    assert np.asarray(rebased.access) == pytest.approx(np.asarray(found.access), rel=1e-12)
    assert np.asarray(rebased.occupied) == pytest.approx(np.asarray(found.occupied), rel=1e-12)


def test_levels_tell_services_where_there_are_any():
    shock, solution = solved("everything")
    told = levels(state(solution.unknowns, economy(), shock), jnp.ones((6, 6)))
    assert {"access_school", "access_hospital", "access_vocational", "access_care"} <= set(told)
    assert np.asarray(told["occupancy_care"] * told["capacity_care"]) == pytest.approx(np.asarray(told["users_care"]))
    assert np.asarray(told["jobs_care"]) == pytest.approx(0.3 * np.asarray(told["users_care"]))
    bare = eqx.tree_at(lambda e: e.services, economy(), NoServices())
    none = solve(bare, no_shock(bare), EXACT)
    told = levels(state(none.unknowns, bare, no_shock(bare)), jnp.ones((6, 6)))
    assert [
        name for name in told if name.startswith(("access_", "occupancy_", "capacity_", "jobs_care", "users_"))
    ] == []


def made(kind, **keys):
    import tomllib

    given = tomllib.loads(entry(kind))["measures"][0] | keys
    return kinds()[kind].model_validate(given)


def test_measures_put_places_where_the_users_are_and_open_rights_between_places():
    baseline = made_up_baseline()
    users = np.asarray(baseline.economy.services.users)
    built = made("public_service").effect(baseline, jnp.asarray(1.0))
    assert np.asarray(built.service_capacity[1])[[1, 3]] == pytest.approx(
        100 * users[1, [1, 3]] / users[1, [1, 3]].sum()
    )
    assert np.asarray(built.service_quality[1]).tolist() == [1, 1.1, 1, 1.1, 1, 1]
    shared = np.asarray(made("share").effect(baseline, jnp.asarray(0.5)).service_exclusion)
    assert shared[:2, 0, 1] == pytest.approx([0.6**0.5] * 2)
    assert np.all(shared[2:] == 1)
    learnt = np.asarray(made("share").effect(baseline, jnp.asarray(0.5)).service_quality)
    assert learnt[:2].ravel() == pytest.approx([1, 1.05**0.5, 1, 1.05**0.5, 1, 1] * 2)
    assert np.all(learnt[2:] == 1)
    assert np.all(shared[:, 1] == 1)
    ported = np.asarray(made("portability").effect(baseline, jnp.asarray(1.0)).service_exclusion)
    assert ported[CARE][:, 1].tolist() == [0.5, 1, 0.5, 1, 0.5, 0.5]
    cared = made("care").effect(baseline, jnp.asarray(1.0))
    assert float(cared.service_capacity[CARE].sum()) == pytest.approx(200)
    assert float(cared.service_quality[CARE, 1]) == pytest.approx(1.1 / 0.9)


def test_a_measure_that_moves_nothing_or_an_unknown_service_is_a_mistake():
    with pytest.raises(ValueError, match="capacity above 0"):
        made("public_service", capacity=0.0, quality=1.0)
    with pytest.raises(ValueError, match="price_fall above 0"):
        made("care", beds=0, quality=1.0, price_fall=0.0)
    from dataclasses import replace

    baseline = made_up_baseline()
    idle = eqx.tree_at(lambda e: e.services.baseline_users, baseline.economy, jnp.zeros((4, 6)))
    for kind in ("public_service", "care"):
        with pytest.raises(InputMistakes, match="where nobody uses it"):
            made(kind).apply(replace(baseline, economy=idle))
    bare = replace(baseline, economy=eqx.tree_at(lambda e: e.services, baseline.economy, NoServices()))
    for kind in ("public_service", "share", "care", "portability"):
        with pytest.raises(InputMistakes, match="which the study does not have"):
            made(kind).apply(bare)
