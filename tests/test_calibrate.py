"""The calibrated baseline reproduces the published figures; each inversion finds what was planted."""

import csv

import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from real_study import real_study

from coregion.calibrate.registration import migrants, within_province
from coregion.calibrate.trade_flows import BALANCE, balance
from coregion.errors import CoregionError
from coregion.model import equilibrium as model
from coregion.model.economy import no_shock
from coregion.model.unknowns import no_change
from coregion.model.weights import weights

GROUPS = ("primary", "secondary", "tertiary")


# ---- inversions on made-up figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1])
def test_perron_inversion_finds_the_planted_flows(seed):
    """Flows b_o a_n x K_on with stayers a_n b_n: from stayers and inflows alone every flow comes back."""
    rng = np.random.default_rng(seed)
    size = 7
    kernel = rng.uniform(0.1, 1, (size, size))
    size_of, pull, entry = rng.lognormal(0, 1, size), rng.lognormal(0, 1, size), 0.03
    flows = entry * size_of[:, None] * kernel * pull[None, :] * (1 - np.eye(size))
    found = within_province(size_of * pull, flows.sum(axis=0), kernel)
    np.testing.assert_allclose(found, flows, rtol=1e-9)


def test_counties_that_nobody_enters_send_people_only():
    rng = np.random.default_rng(2)
    entrants = np.array([0.0, 30.0, 50.0, 10.0])
    found = within_province(np.array([900.0, 800.0, 700.0, 600.0]), entrants, rng.uniform(0.1, 1, (4, 4)))
    np.testing.assert_allclose(found.sum(axis=0), entrants, rtol=1e-12)
    assert found[0].sum() > 0
    np.testing.assert_array_equal(np.diag(found), 0)


def test_balancing_hits_both_sums_and_keeps_the_weights():
    rng = np.random.default_rng(3)
    weight, rows, columns = rng.uniform(0.1, 1, (5, 5)), rng.uniform(1, 2, 5), rng.uniform(1, 2, 5)
    columns *= rows.sum() / columns.sum()
    flows = balance(weight, rows, columns, "cheese")
    np.testing.assert_allclose(flows.sum(axis=1), rows, rtol=BALANCE)
    np.testing.assert_allclose(flows.sum(axis=0), columns, rtol=1e-12)
    odds = np.log(flows / weight)
    np.testing.assert_allclose(odds - odds[:1] - odds[:, :1] + odds[0, 0], 0, atol=1e-12)


@pytest.mark.parametrize(
    ("weight", "columns"),
    [([[1.0, 0.0], [1.0, 1.0]], [1.0, 2.0]), ([[1.0, 1.0], [1.0, 1.0]], [1.1, 2.2])],
    ids=["who sells to one alone must not sell less than that", "all sold is not all bought"],
)
def test_balancing_what_cannot_be_balanced_says_so(weight, columns):
    with pytest.raises(CoregionError, match=r"found trade of 'cheese' unbalanced by .* or fewer; expected 1e-13"):
        balance(np.array(weight), np.array([2.0, 1.0]), np.array(columns), "cheese")


# ---- the real figures ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def baseline():
    return real_study().baseline()


@pytest.fixture(scope="module")
def told(baseline):
    """Everything that follows from the baseline without a shock, no solver in between."""
    economy = baseline.economy
    shock = no_shock(economy)
    return model.outcome(no_change(economy), economy, shock, weights(economy, shock))


def published():
    with (real_study().folder / "prefectures.csv").open(encoding="utf-8") as handle:
        return {row["code"]: row for row in csv.DictReader(handle)}


def by_prefecture(region, values):
    return np.bincount(region.prefecture_index, np.asarray(values), len(region.prefectures))


@pytest.mark.slow
def test_baseline_clears_every_market(baseline):
    gap = model.residual(no_change(baseline.economy), baseline.economy, no_shock(baseline.economy))
    assert float(jnp.max(jnp.abs(ravel_pytree(gap)[0]))) < 1e-12


@pytest.mark.slow
def test_residents_are_those_of_the_census(baseline, told):
    np.testing.assert_allclose(told.residents_chosen, baseline.region.residents, rtol=1e-8)


@pytest.mark.slow
def test_value_added_is_that_of_the_prefectures(baseline, told):
    economy, region = baseline.economy, baseline.region
    added = np.asarray(told.sales * (economy.labour_share + economy.floor_space_share + economy.capital_share))
    e = economy.elasticities
    housing = np.asarray(e.household_share * (1 - e.goods_share) * told.expenditure)
    public = np.asarray(told.public_wages)
    for code, row in published().items():
        here = np.array(region.prefecture) == code
        figures = {}
        for group in GROUPS:
            sectors = np.array(region.sector_group) == group
            figures[group] = added[here][:, sectors].sum()
        figures["tertiary"] += housing[here].sum() + public[here].sum()
        percents = np.array([float(row[f"{group}_percent"]) for group in GROUPS])
        expected = 1e8 * float(row["gdp_100m_yuan"]) * percents / percents.sum()
        np.testing.assert_allclose([figures[group] for group in GROUPS], expected, rtol=1e-8)


@pytest.mark.slow
def test_relative_wages_are_those_published(baseline, told):
    region = baseline.region
    mean = by_prefecture(region, told.labour_supply) / by_prefecture(region, told.workers)
    rows = published()
    factor = [mean[region.prefectures.index(code)] / float(row["average_wage_yuan"]) for code, row in rows.items()]
    np.testing.assert_allclose(factor, np.mean(factor), rtol=1e-8)
    assert 0 < factor[0] <= baseline.region.parameters["wage_factor_limit"].value


@pytest.mark.slow
def test_labour_shares_lie_within_zero_and_one(baseline, told):
    economy, region = baseline.economy, baseline.region
    added = economy.labour_share + economy.floor_space_share + economy.capital_share
    share = np.asarray(economy.labour_share / added)
    assert share.min() > 0
    assert share.max() < 1
    known = np.isfinite(region.average_wage)
    of_gdp = (by_prefecture(region, told.labour_supply) / region.value_added.sum(axis=1))[known]
    assert of_gdp.min() > 0
    assert of_gdp.max() < 1
    whole = by_prefecture(region, told.labour_supply)[known].sum() / region.value_added.sum(axis=1)[known].sum()
    assert whole == pytest.approx(region.parameters["labour_share_target"].value, abs=0.01)


@pytest.mark.slow
def test_every_match_is_told_and_holds(baseline):
    matches = baseline.diagnosis.matches
    assert len(matches) >= 6
    for match in matches:
        assert match.tolerance <= 1e-8
        assert 0 <= match.error <= match.tolerance, match.what


@pytest.mark.slow
def test_published_wages_times_employed_residents_are_told_with_the_place(baseline):
    """As the issue has it: 0.41 of GDP in Tangshan, 1.00 in Baoding. Every place has its code and both names."""
    told = {figure.name_en: figure for figure in baseline.diagnosis.figures if figure.variable == "average_wage"}
    assert "labour 0.41 of GDP" in told["Tangshan"].reason
    assert "labour 1.00 of GDP" in told["Baoding"].reason
    assert (told["Baoding"].place, told["Baoding"].name_zh) == ("1306", "保定市")
    names = dict(zip(baseline.region.code, baseline.region.name_zh, strict=True))
    assert {outlier.name_zh for outlier in baseline.diagnosis.outliers} == {
        names[outlier.place] for outlier in baseline.diagnosis.outliers
    }


@pytest.mark.slow
def test_what_the_study_knows_stands_beside_what_the_calibration_makes(baseline):
    known = {indicator.name: indicator.known for indicator in baseline.diagnosis.indicators}
    said = baseline.region.known
    assert known["Largest inflow to Beijing: from Langfang"] == said["largest_inflow", "11"]
    assert known["Registered in Beijing"] == said["registered", "11"]
    assert "no figure in the study" in known["Registered in Hebei"]


@pytest.mark.slow
def test_shares_are_shares(baseline):
    economy = baseline.economy
    assert float(economy.final_share.min()) >= 0
    for share, axis in (
        (economy.final_share, 1),
        (economy.trade_share, 2),
        (economy.residence_share, 2),
        (economy.workplace_share, 2),
        (economy.payer_share, 1),
    ):
        assert float(share.min()) >= 0
        np.testing.assert_allclose(share.sum(axis=axis), 1, rtol=1e-12)
    cost = economy.labour_share + economy.floor_space_share + economy.capital_share + economy.input_share.sum(axis=1)
    np.testing.assert_allclose(cost, 1, rtol=1e-12)


@pytest.mark.slow
def test_trade_is_balanced(baseline, told):
    """What a county-sector sells is what all buy of it, and what it buys is what its spending pays for."""
    np.testing.assert_allclose(told.sales_demand, told.sales, rtol=1e-10)
    np.testing.assert_allclose(told.expenditure_earned, told.expenditure, rtol=1e-10)
    np.testing.assert_allclose(told.labour_demand, told.labour_supply, rtol=1e-10)
    assert abs(float(model.walras(told))) < 1e-12


@pytest.mark.slow
def test_jobs_of_the_capital_held_from_outside_are_as_observed(baseline):
    region, economy = baseline.region, baseline.economy
    ((place, share),) = region.parameters["commuting_from_outside"].by.items()
    assert share == 0.036
    flow = np.asarray((economy.employment_rate * economy.residents)[0][:, None] * economy.workplace_share[0])
    inside = np.array(region.province) == place
    assert flow[~inside][:, inside].sum() / flow[:, inside].sum() == pytest.approx(share, abs=1e-10)
    assert 0 < baseline.commuting_border_wedge < 1
    from_prefecture = by_prefecture(region, np.where(inside, 0, flow[:, inside].sum(axis=1)))
    assert region.prefecture_name[region.prefectures[int(from_prefecture.argmax())]][0] == "Langfang"


@pytest.mark.slow
def test_migrants_are_those_of_the_census(baseline):
    region, economy = baseline.region, baseline.economy
    province = np.array(region.province)
    for group in range(len(region.groups)):
        within, outside = migrants(region, group)
        flows = np.asarray(economy.registered[group][:, None] * economy.residence_share[group])
        crosses = province[:, None] != province[None, :]
        same = np.where(crosses, 0, flows).sum(axis=0) - np.diag(flows)
        np.testing.assert_allclose(same, within, rtol=1e-7, atol=1e-3)
        np.testing.assert_allclose(np.where(crosses, flows, 0).sum(axis=0), outside, rtol=1e-7, atol=1e-3)
