"""Hubs, markets, work at home and services at a distance: limits that have to hold, and what cannot be."""

from itertools import combinations

import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline, made_up_settings
from made_up_measures import entry

from coregion.errors import InputMistakes
from coregion.measures.digital_trade import distance_cost
from coregion.measures.market import huff_shares
from coregion.measures.read import collect_measures
from coregion.measures.relocate import sector_jobs
from coregion.measures.telework import relative_commuting_cost

HERE = slice(0, 5)
EVERY_DAY = 'home_days = [{ of = "farms", days = 5 }, { of = "factories", days = 5 }, { of = "offices", days = 5 },\n'
EVERY_DAY += '{ of = "public", days = 5 }]'


def read(folder, kind, own=None):
    (folder / "measures.toml").write_text(entry(kind, own), encoding="utf-8")
    baseline = made_up_baseline()
    return collect_measures(folder, made_up_settings(), baseline.region, baseline.network)


def measure(folder, kind, own=None):
    measures, mistakes = read(folder, kind, own)
    assert not mistakes, [str(mistake) for mistake in mistakes]
    return measures[0]


def test_five_days_at_home_of_five_make_distance_irrelevant(tmp_path):
    baseline = made_up_baseline()
    distance = relative_commuting_cost(baseline)
    minutes = baseline.minutes["commuting"][HERE, HERE]
    times = minutes / minutes.min()
    times **= baseline.commuting_power
    times *= np.exp(baseline.commuting_decay * (minutes - minutes.min()))
    assert distance[HERE, HERE] == pytest.approx(
        times ** (1 / float(baseline.economy.elasticities.commuting)), rel=1e-12
    )
    hat = np.asarray(measure(tmp_path, "telework", EVERY_DAY).effect(baseline, jnp.asarray(1.0)).commuting_cost)
    left = (hat * distance)[HERE, HERE]
    assert np.ptp(left) < 1e-12
    assert left[0, 0] == pytest.approx(1.0, abs=1e-12)
    assert distance[HERE, HERE].max() > 1.2
    assert np.all(hat[5] == 1)
    assert np.all(hat[:, 5] == 1)


def test_no_day_at_home_changes_nothing(tmp_path):
    own = 'home_days = [{ of = "offices", days = 0 }]'
    shock = measure(tmp_path, "telework", own).effect(made_up_baseline(), jnp.asarray(1.0))
    assert np.all(np.asarray(shock.commuting_cost) == 1.0)


def test_days_at_home_count_by_the_jobs_of_the_workplace(tmp_path):
    baseline = made_up_baseline()
    own = 'home_days = [{ of = "offices", days = 2 }]\nplaces = ["B"]'
    hat = np.asarray(measure(tmp_path, "telework", own).effect(baseline, jnp.asarray(0.5)).commuting_cost)
    jobs = np.asarray(sector_jobs(baseline.economy))[1]
    share = jobs[2] / (jobs.sum() + float(baseline.economy.public_jobs[:, 1].sum())) * 2 / 5
    assert hat[0, 1] == pytest.approx(relative_commuting_cost(baseline)[0, 1] ** (-0.5 * share), rel=1e-12)
    assert np.all(hat[:, [0, 2, 4]] == 1)
    part = np.asarray(
        measure(tmp_path, "telework", own + "\ntrip_share = 0.2").effect(baseline, jnp.asarray(0.5)).commuting_cost
    )
    assert np.log(part[0, 1]) == pytest.approx(0.2 * np.log(hat[0, 1]), rel=1e-12)


def test_services_that_are_all_online_know_no_distance(tmp_path):
    baseline = made_up_baseline()
    own = 'sectors = ["offices"]\nshare = 1.0'
    hat = np.asarray(measure(tmp_path, "digital_trade", own).effect(baseline, jnp.asarray(1.0)).trade_cost)
    distance = distance_cost(baseline)[2]
    minutes = baseline.minutes["travel"][HERE, HERE]
    assert distance[HERE, HERE] == pytest.approx((minutes / minutes.min()) ** baseline.trade_decay[2], rel=1e-12)
    assert np.ptp((hat[2] * distance)[HERE, HERE]) < 1e-12
    assert distance[HERE, HERE].max() > 1.2
    assert np.all(hat[:2] == 1)


def test_huffs_shares_are_shares_and_fall_with_time_and_rise_with_size():
    size, minutes = np.array([100.0, 100.0, 400.0]), np.array([[10.0, 20.0, 20.0]])
    (shares,) = huff_shares(size, minutes, 1.0, 2.0, np.ones(3, dtype=bool))
    assert shares.sum() == pytest.approx(1.0, abs=1e-15)
    assert shares == pytest.approx(np.array([4, 1, 4]) / 9, rel=1e-14)
    assert np.all(huff_shares(size, minutes, 1.0, 2.0, np.array([True, False, True]))[:, 1] == 0)


def test_a_market_moves_its_jobs_and_is_nearer_to_those_who_live_there(tmp_path):
    baseline = made_up_baseline()
    market = measure(tmp_path, "market")
    shock = market.effect(baseline, jnp.asarray(1.0))
    jobs = np.asarray(sector_jobs(baseline.economy))[:, 2]
    moved = jobs * (np.asarray(shock.variety)[:, 2] - 1)
    assert moved == pytest.approx([-300, 0, 0, 300, 0, 0], abs=1e-9)
    sector = np.asarray(shock.trade_cost)[2]
    share = np.asarray(baseline.economy.trade_share)[2]
    chosen = huff_shares(jobs, baseline.minutes["travel"], 1.0, 2.0, ~baseline.region.external)
    change = moved / jobs
    exponent = -0.3 / float(baseline.economy.elasticities.trade[2])
    expected = ((1 + chosen @ change) / (1 + share @ change)) ** exponent
    assert sector[:5, 0] == pytest.approx(expected[:5], rel=1e-12)
    assert np.all(sector[5] == 1)
    assert np.ptp(sector[0]) == 0


def test_hubs_stand_where_no_other_choice_serves_freight_better(tmp_path):
    baseline = made_up_baseline()
    hub = measure(tmp_path, "hub", 'sectors = ["factories"]\ncandidates = ["A", "B"]\nhubs = 2\nconsolidation = 0.3\n'
                  "handling_minutes = 5")  # fmt: skip
    minutes, freight = baseline.minutes["trade"], np.asarray(baseline.economy.sales)[HERE, 1]

    def total(sites):
        return freight @ minutes[HERE][:, list(sites)].min(axis=1)

    best = min(combinations(range(5), 2), key=total)
    assert hub.sites(baseline) == tuple(baseline.region.code[i] for i in best)
    ratio = hub.via(baseline)
    a, b = 0, 3
    through = min(minutes[a, h] + minutes[h, b] for h in best)
    assert ratio[a, b] == pytest.approx(min(1.0, (0.7 * through + 5) / minutes[a, b]), rel=1e-12)
    hat = np.asarray(hub.effect(baseline, jnp.asarray(1.0)).trade_cost)
    assert hat[1] == pytest.approx(ratio ** baseline.trade_decay[1], rel=1e-12)
    assert np.all(hat[[0, 2]] == 1)
    assert hat.max() <= 1
    assert hat.min() < 0.99


def test_a_hub_that_takes_longer_than_it_saves_is_not_used(tmp_path):
    own = 'sectors = ["factories"]\ncandidates = ["A"]\nhubs = 1\nconsolidation = 0.01\nhandling_minutes = 500'
    assert np.all(measure(tmp_path, "hub", own).via(made_up_baseline()) == 1)


@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        ("telework", 'home_days = [{ of = "ofices", days = 1 }]', "Did you mean 'offices'?"),
        ("telework", 'home_days = [{ of = "offices", days = 6 }]', "5 working days, not 6 × 1 = 6"),
        ("telework", 'home_days = [{ of = "offices", days = 1 }, { of = "offices", days = 1 }]', "once in home_days"),
        ("telework", 'home_days = [{ of = "offices", days = 1 }]\nplaces = ["A-9"]', "unknown place 'A-9'"),
        ("digital_trade", 'sectors = ["office"]\nshare = 0.2', "Did you mean 'offices'?"),
        ("digital_trade", 'sectors = ["offices"]\nshare = 1.2', "less than or equal to 1"),
        ("market", 'sector = "shops"\norigin = ["a1"]\ndestination = ["b1"]\njobs = 1\nwholesale_share = 0.1',
         "unknown sector 'shops'"),
        ("market", 'sector = "offices"\norigin = ["a1"]\ndestination = ["b"]\njobs = 1\nwholesale_share = 0.1',
         "unknown place 'b'"),
        ("hub", 'sectors = ["factory"]\ncandidates = ["A"]\nhubs = 1\nconsolidation = 0.1\nhandling_minutes = 1',
         "Did you mean 'factories'?"),
    ],
)  # fmt: skip
def test_bad_entries_are_told_with_what_was_meant(tmp_path, kind, own, expected):
    _, mistakes = read(tmp_path, kind, own)
    assert [mistake for mistake in mistakes if expected in str(mistake)], [str(mistake) for mistake in mistakes]


@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        ("market", 'sector = "offices"\norigin = ["a1"]\ndestination = ["b1"]\njobs = 1e9\nwholesale_share = 0.1',
         "of its origin"),
        ("hub", 'sectors = ["factories"]\ncandidates = ["b1"]\nhubs = 2\nconsolidation = 0.1\nhandling_minutes = 1',
         "2 hubs of 'hub' among 1 places"),
        ("hub", 'sectors = ["offices"]\ncandidates = ["A"]\nhubs = 1\nconsolidation = 0.1\nhandling_minutes = 1',
         "which travel carries"),
    ],
)  # fmt: skip
def test_what_the_baseline_does_not_allow_is_told(tmp_path, kind, own, expected):
    with pytest.raises(InputMistakes, match=expected):
        measure(tmp_path, kind, own).apply(made_up_baseline())
