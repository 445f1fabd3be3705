"""Access by catchments: the identity, a case by hand, entitlement, and what cannot be."""

import numpy as np
import pytest

from coregion.access import LUO_QI_FAST, enhanced_catchment, zone_weight
from coregion.errors import InputMistakes


def test_what_people_get_is_what_there_is():
    rng = np.random.default_rng(0)
    people, beds, minutes = rng.random(60) * 1e4, rng.random(12) * 100, rng.random((60, 12)) * 60
    right = rng.random((60, 12))
    for entitlement in (None, right):
        reached = enhanced_catchment(beds, people, minutes, LUO_QI_FAST, entitlement)
        assert people @ reached == pytest.approx(beds.sum(), rel=1e-12)


def test_a_case_by_hand():
    reached = enhanced_catchment([100.0], [50.0, 100.0, 10.0], [[10.0], [20.0], [31.0]])
    assert reached == pytest.approx([100 / 118, 68 / 118, 0])
    assert zone_weight(np.array([0.0, 10.0, 10.1, 30.0, 30.1, np.inf])).tolist() == [1, 1, 0.68, 0.22, 0, 0]


def test_a_right_that_opens_helps_those_who_get_it_and_crowds_the_others():
    minutes = np.full((2, 1), 5.0)
    shut = enhanced_catchment([10.0], [1.0, 1.0], minutes, entitlement=[[1.0], [0.0]])
    open_ = enhanced_catchment([10.0], [1.0, 1.0], minutes)
    assert shut.tolist() == [10.0, 0.0]
    assert open_.tolist() == [5.0, 5.0]


def test_a_facility_outside_every_catchment_is_an_error_unless_left_out():
    with pytest.raises(InputMistakes, match="facility 1 outside every catchment"):
        enhanced_catchment([1.0, 1.0], [1.0], [[5.0, 99.0]])
    assert enhanced_catchment([1.0, 1.0], [1.0], [[5.0, 99.0]], unreached="skip").tolist() == [1.0]


def test_mistakes_are_told_together():
    with pytest.raises(InputMistakes) as caught:
        enhanced_catchment([1.0, -1.0], [1.0], [[5.0]], entitlement=[[2.0, 0.0]])
    assert len(caught.value.mistakes) == 3


@pytest.mark.parametrize("minutes", [-5.0, np.nan])
def test_minutes_that_cannot_be_are_told(minutes):
    with pytest.raises(InputMistakes, match="minutes that are negative or no number"):
        enhanced_catchment([1.0], [1.0], [[minutes]])


def test_no_zone_is_a_mistake():
    with pytest.raises(InputMistakes, match="no zone"):
        enhanced_catchment([1.0], [1.0], [[5.0]], zones=())


def test_the_package_access_gives_the_same():
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("access", reason="the package access is not installed")
    from access import Access, weights

    rng = np.random.default_rng(3)
    people, beds, minutes = rng.integers(1, 1000, 30), rng.integers(1, 100, 8), rng.random((30, 8)) * 45
    cost = pandas.DataFrame([(i, j, minutes[i, j]) for i in range(30) for j in range(8)], columns=["o", "d", "cost"])
    peer = Access(
        demand_df=pandas.DataFrame({"id": range(30), "people": people}).set_index("id"),
        demand_index=True,
        demand_value="people",
        supply_df=pandas.DataFrame({"id": range(8), "beds": beds}).set_index("id"),
        supply_index=True,
        supply_value="beds",
        cost_df=cost,
        cost_origin="o",
        cost_dest="d",
        cost_name="cost",
    )
    step = weights.step_fn({10: 1, 20: 0.68, 30: 0.22})
    theirs = peer.enhanced_two_stage_fca(name="e", max_cost=30, weight_fn=step)["e_beds"]
    ours = enhanced_catchment(beds, people, minutes)
    assert ours == pytest.approx(theirs.reindex(range(30)).fillna(0).to_numpy(), rel=1e-12, abs=1e-15)
