"""Measures together: how effects combine, the network between 0 and 1, and money."""

import tomllib
from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import OWN, entry

from coregion.annuity import annuity
from coregion.errors import CoregionError, InputMistakes
from coregion.measures.cost import WAGES
from coregion.measures.kinds import kinds
from coregion.measures.network_states import network_states, purposes_of, subsets_visited
from coregion.measures.new_area import existing_floor_space
from coregion.measures.package import package_shock, prepare
from coregion.measures.relocate import sector_jobs
from coregion.measures.select import chosen
from coregion.model.economy import no_shock
from coregion.network.times import travel_minutes
from coregion.solve.equilibrium import solve

NETWORK = ("link", "transit_service", "through_road")


def made(kind, own=None, name=None, **changes):
    given = tomllib.loads(entry(kind, own, name))["measures"][0]
    return kinds()[kind].model_validate({**given, **changes})


def close(one, other, rtol=1e-13):
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=1e-6 * rtol) for a, b in pairs)


def test_one_measure_in_a_package_is_the_measure_alone():
    baseline = made_up_baseline()
    for kind in OWN:
        assert close(package_shock(baseline, [made(kind)], [0.6]), made(kind).apply(baseline, 0.6)), kind


def test_hats_multiply_money_adds_and_the_tightest_cap_holds():
    baseline = made_up_baseline()
    near = made("dock")
    far = made("dock", name="again", trade_cost_fall=0.1)
    both = package_shock(baseline, [near, far])
    factories, buyer, seller = 1, 0, 1
    assert float(both.trade_cost[factories, buyer, seller]) == pytest.approx(0.97 * 0.9, rel=1e-14)
    assert float(both.trade_cost[0, buyer, seller]) == 1
    assert float(both.purchases.sum()) == pytest.approx(2 * float(near.apply(baseline).purchases.sum()), rel=1e-14)
    caps = [made("cap"), made("cap", name="tighter", level=0.9, places=["a1"])]
    assert np.allclose(package_shock(baseline, caps).floor_space_cap[:3], [0.9, np.inf, 0.95])


def test_the_order_of_measures_does_not_matter():
    baseline = made_up_baseline()
    measures = [made(kind) for kind in ("link", "dock", "transit_service")]
    amounts = dict(zip([m.name for m in measures], (0.4, 0.9, 0.8), strict=True))
    first = package_shock(baseline, measures, list(amounts.values()))
    for order in permutations(measures):
        assert close(package_shock(baseline, order, [amounts[m.name] for m in order]), first, rtol=1e-12)


def test_network_measures_act_on_one_network():
    """At intensities of 0 and 1 the minutes are those of the best paths with just these measures in place."""
    baseline = made_up_baseline()
    measures = [made(kind) for kind in NETWORK]
    prepared = prepare(baseline, measures)
    for amounts in np.ndindex(2, 2, 2):
        network = baseline.network
        for measure, amount in zip(measures, amounts, strict=True):
            network = measure.network_change(network) if amount else network
        if not amounts[1]:  # fares unchanged: plain minutes
            expected = baseline.commuting_cost_hat(jnp.asarray(travel_minutes(network, "commuting")))
            assert np.allclose(prepared.shock(jnp.asarray(amounts)).commuting_cost, expected, rtol=1e-13), amounts


def test_minutes_between_none_and_all_are_piecewise_linear_in_logs():
    baseline = made_up_baseline()
    measures = [made(kind) for kind in ("link", "through_road")]
    names = [m.name for m in measures]
    sets = [frozenset(names[:1]), frozenset(names)]
    states = network_states(baseline, measures, sets).log_ratio
    expected = 0.7 * states[sets[0]] + 0.2 * (states[sets[1]] - states[sets[0]])
    prepared = prepare(baseline, measures)
    minutes = prepared.steps.minutes_at(jnp.asarray([0.7, 0.2]))
    before = np.stack([baseline.minutes[purpose] for purpose in purposes_of(baseline)])
    assert np.allclose(np.log(minutes / before), expected, rtol=1e-12, atol=1e-14)
    assert np.abs(expected).max() > 0.05


def test_only_the_sets_on_the_way_are_computed_and_others_are_no_equilibrium():
    baseline = made_up_baseline()
    measures = [made(kind) for kind in NETWORK]
    assert subsets_visited(["a", "b", "c"], [0.2, 0.9, 0.0]) == [frozenset("b"), frozenset("ab")]
    prepared = prepare(baseline, measures, [[0.5, 1.0, 0.0]])
    assert len(prepared.states.log_ratio) == 3
    assert np.all(np.isfinite(prepared.shock(jnp.asarray([0.5, 1.0, 0.0])).commuting_cost))
    assert np.all(np.isnan(prepared.shock(jnp.asarray([0.5, 0.2, 0.0])).commuting_cost))
    more = prepare(baseline, measures, [[0.0, 0.0, 1.0]], known=prepared.states)
    assert len(more.states.log_ratio) == 4


def test_a_prepared_package_can_be_compiled_and_mapped():
    baseline = made_up_baseline()
    prepared = prepare(baseline, [made(kind) for kind in OWN])
    many = jnp.asarray(np.random.default_rng(1).uniform(0, 1, (4, len(OWN))))
    mapped = jax.jit(jax.vmap(prepared.shock))(many)
    for position in range(4):
        assert close(jax.tree.map(lambda leaf, p=position: leaf[p], mapped), prepared.shock(many[position]), 1e-12)


def test_cheaper_fares_count_as_minutes():
    baseline = made_up_baseline()
    own = 'lines = ["railway"]\nfare_factor = {}\nyuan_per_hour = 30'
    cheap, free = (made("transit_service", own.format(f)).apply(baseline).commuting_cost for f in (0.5, 0.0))
    rail = (0, 3)
    assert 1 > float(cheap[rail]) > float(free[rail])


def test_an_annuity_repays_the_investment():
    rate, life = 0.05, 30
    paid = annuity(1e9, life, rate)
    assert sum(paid / (1 + rate) ** year for year in range(1, life + 1)) == pytest.approx(1e9, rel=1e-12)
    assert annuity(1e9, life, 0.0) == pytest.approx(1e9 / life)


def test_who_pays_and_where_it_is_spent():
    baseline = made_up_baseline()
    shock = made("dock", payer="B").apply(baseline)
    cost = annuity(2e8, 30, 0.05) + 1e7
    assert np.allclose(shock.transfers, -cost * baseline.economy.payer_share[1], rtol=1e-13)
    assert np.all(np.asarray(shock.transfers)[[0, 2, 4]] == 0)
    assert float(shock.purchases[1, 2]) == pytest.approx(cost, rel=1e-13)
    prefecture = made("dock", payer="A-1").apply(baseline)
    assert np.all(np.asarray(prefecture.transfers)[[1, 3, 4, 5]] == 0)
    assert np.all(np.asarray(prefecture.transfers)[[0, 2]] < 0)


def test_wages_are_paid_to_public_jobs_by_the_payer():
    baseline = made_up_baseline()
    measure = made("dock")
    measure = measure.model_copy(update={"cost": measure.cost.model_copy(update={"spent_on": WAGES})})
    shock = measure.apply(baseline)
    assert not np.any(shock.transfers)
    assert not np.any(shock.purchases)
    bill = float((shock.public_jobs * baseline.economy.wage).sum())
    assert bill == pytest.approx(annuity(2e8, 30, 0.05) + 1e7, rel=1e-13)
    assert np.flatnonzero(shock.public_jobs.sum(axis=1)).tolist() == [0]


def test_relocation_moves_just_the_jobs_it_says_at_unchanged_prices():
    baseline = made_up_baseline()
    shock = made("relocate").apply(baseline)
    change = np.asarray((shock.variety - 1) * sector_jobs(baseline.economy))
    assert change.sum() == pytest.approx(0, abs=1e-9)
    assert change[0, 2] == pytest.approx(-300, rel=1e-12)
    assert change[[1, 3], 2].sum() == pytest.approx(300, rel=1e-12)
    people = np.asarray((shock.registered - 1) * baseline.economy.registered)
    assert people[0, 0] == pytest.approx(-200, rel=1e-10)
    assert people.sum() == pytest.approx(0, abs=1e-8)
    assert not np.any(people[1])
    own = 'of = "public"\njobs_paid_by = "A"\norigin = ["a1"]\ndestination = ["b2"]\njobs = 50'
    public = made("relocate", own).apply(baseline).public_jobs
    assert np.allclose(public, [[-50, 0, 0, 50, 0, 0], [0] * 6])


def test_a_binding_cap_on_residents_holds_and_a_looser_intensity_does_not_bind():
    baseline = made_up_baseline()
    cap = made("cap", 'on = "residents"\nplaces = ["b1"]\nlevel = 1.0\nlooser_at_half = 0.1')
    attraction = made("new_area", 'places = ["b1"]\nfloor_space_m2 = 0\namenity = 1.3')
    before = float(baseline.economy.residents[:, 1].sum())
    for intensity, bound in ((1.0, True), (0.5, False)):
        solution = solve(baseline.economy, package_shock(baseline, [attraction, cap], [1.0, intensity]))
        assert bool(solution.converged)
        after = float(solution.outcome.residents[:, 1].sum()) / before
        assert (after == pytest.approx(1.0, rel=1e-9)) == bound
    assert float(cap.apply(baseline, 0.5).resident_cap[1]) == pytest.approx(1.1 * before, rel=1e-12)


def test_a_zone_opens_the_border_among_its_members_only():
    baseline = made_up_baseline()
    shock = made("zone").apply(baseline)
    inside = np.zeros((6, 6), dtype=bool)
    inside[2, [1, 3]] = inside[[1, 3], 2] = True
    assert np.allclose(np.asarray(shock.commuting_cost)[inside], 0.4 ** (0.5 / 4.0))
    assert np.all(np.asarray(shock.commuting_cost)[~inside] == 1)
    assert np.allclose(np.asarray(shock.trade_cost)[:, inside][:, 0], np.array([1.05, 1.1, 1.2]) ** -0.3)
    assert np.allclose(np.asarray(shock.migration_cost)[:, inside], 0.9)


def test_the_seed_of_a_new_area_matters_as_documented():
    """Half the seed doubles the growth of floor space; residents answer less than in proportion (docs/measures.md)."""
    baseline = made_up_baseline()
    seed = float(existing_floor_space(baseline, ("a3",)))
    before = float(baseline.economy.residents[:, 4].sum())
    gain = {}
    for factor in (0.5, 1.0, 2.0):
        own = f'places = ["a3"]\nfloor_space_m2 = {0.2 * seed}\nexisting_m2 = {factor * seed}'
        shock = made("new_area", own).apply(baseline)
        assert float(shock.floor_space[4]) == pytest.approx(1 + 0.2 / factor, rel=1e-12)
        gain[factor] = float(solve(baseline.economy, shock).outcome.residents[:, 4].sum()) / before - 1
    assert gain[0.5] > gain[1.0] > gain[2.0]
    assert gain[0.5] - gain[1.0] < gain[1.0] * 1.5


def test_no_measures_is_no_shock():
    baseline = made_up_baseline()
    shock = package_shock(baseline, [])
    assert close(shock, no_shock(baseline.economy), rtol=0)


def test_choosing_measures_and_intensities():
    measures = [made(kind) for kind in OWN]
    some = chosen(measures, ["zone", "dock"], {"dock": 0.25})
    assert [(m.name, m.intensity) for m in some] == [("zone", 1.0), ("dock", 0.25)]
    assert len(chosen(measures)) == len(OWN)
    with pytest.raises(InputMistakes) as caught:
        chosen(measures, ["zome", "dock"], {"dock": 1.5, "link": 0.5})
    text = str(caught.value)
    assert len(caught.value.mistakes) == 3
    assert "Did you mean 'zone'" in text
    assert "0 to 1" in text
    assert "not chosen" in text


def test_unknown_names_without_a_near_one_list_what_is_known_once():
    measures = [made(kind) for kind in OWN]
    with pytest.raises(InputMistakes) as caught:
        chosen(measures, ["qqqqq", "zome", "wwwww"])
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 + 3
    assert lines[1].endswith("found unknown measure 'qqqqq'; expected a measure of the study.")
    assert "Did you mean 'zone'" in lines[2]
    assert all(name in lines[3] for name in ("wwwww", "Known are: ", *(measure.name for measure in measures)))


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("relocate", {"destination": ["a1"]}, "to the same places"),
        ("market", {"destination": ["a1"]}, "to the same places"),
        ("registration", {"origins": ["b1"], "destinations": ["b1"]}, "only where they are registered"),
        ("zone", {"members": ["b1", "b2"], "floor_space": 1.0}, "one first-level jurisdiction"),
    ],
)
def test_a_measure_that_would_move_nothing_is_a_mistake(kind, changes, expected):
    baseline = made_up_baseline()
    assert made(kind).impossible(baseline) == []
    (mistake,) = made(kind, **changes).impossible(baseline)
    assert expected in str(mistake)


def test_a_plan_for_floor_space_needs_no_border():
    assert made("zone", members=["b1", "b2"]).impossible(made_up_baseline()) == []


def test_what_the_baseline_does_not_allow_is_said_before_solving():
    baseline = made_up_baseline()
    with pytest.raises(InputMistakes, match="who are registered there and stay"):
        made("cap", 'on = "residents"\nplaces = ["b1"]\nlevel = 0.97\nlooser_at_half = 0.1').apply(baseline)
    with pytest.raises(InputMistakes) as caught:
        package_shock(baseline, [made("relocate", jobs=1e9, people=1e9)])
    assert len(caught.value.mistakes) == 2
    own = 'of = "public"\njobs_paid_by = "A"\norigin = ["b1"]\ndestination = ["b2"]\njobs = 50'
    with pytest.raises(InputMistakes, match="at most the 0"):
        made("relocate", own).apply(baseline)


def test_packages_that_cannot_be():
    baseline = made_up_baseline()
    with pytest.raises(InputMistakes, match="again"):
        prepare(baseline, [made("dock"), made("dock")])
    with pytest.raises(CoregionError, match="2 intensities"):
        package_shock(baseline, [made("dock")], [1.0, 1.0])
    with pytest.raises(InputMistakes, match=r"intensity -0\.5"):
        package_shock(baseline, [made("dock"), made("link")], [-0.5, 1.0])
    many = [made("through_road", name=f"road_{i}") for i in range(9)]
    with pytest.raises(CoregionError, match="at most 8"):
        prepare(baseline, many)
