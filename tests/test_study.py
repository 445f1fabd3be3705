"""A study in Python: the baseline comes back without measures, tables add up, derivatives are slopes."""

import numpy as np
import pytest
from real_study import real_study

import coregion
from coregion.errors import CoregionError, InputMistakes
from coregion.model.economy import no_shock
from coregion.outcomes import state
from coregion.solve.equilibrium import Options, solve
from coregion.variables import REGISTER

MEASURES = ("enterprises_to_xiongan", "administration_to_tongzhou")
COLUMNS = ["package", "variable", "group", "sector", "baseline", "value", "change_pct", "unit"]


@pytest.fixture(scope="module")
def study():
    return real_study()


@pytest.fixture(scope="module")
def equilibrium(study):
    return study.solve(MEASURES)


def test_public_names_are_the_documented_ones(study):
    assert coregion.load_study.__name__ == "load_study"
    assert isinstance(study, coregion.Study)
    names = [measure.name for measure in study.measures]
    assert set(MEASURES) <= set(names)


@pytest.mark.parametrize(
    ("measures", "intensity", "words"),
    [
        (["expressway"], None, "unknown measure 'expressway'"),
        ("sub_centre, expressway", None, "1 mistake in the input:\n  1. found unknown measure 'expressway'"),
        (None, {"enterprises_to_xiongan": 1.5}, "intensity 1.5 of 'enterprises_to_xiongan'; expected 0 to 1"),
        (["enterprises_to_xiongan"], {"enterprises_to_xiongan": -0.1}, "intensity -0.1 of 'enterprises_to_xiongan'"),
    ],
)
def test_wrong_choices_are_mistakes(study, measures, intensity, words):
    with pytest.raises(InputMistakes) as raised:
        study.solve(measures, intensity)
    assert words in str(raised.value)


@pytest.mark.slow
def test_measures_at_intensity_zero_are_the_baseline(study):
    nothing = study.solve(MEASURES, dict.fromkeys(MEASURES, 0.0))
    regions = nothing.regions()
    same = np.isclose(regions["value"], regions["baseline"], rtol=1e-9, atol=1e-6)
    assert same.all(), regions[~same].head()
    told = nothing.jurisdictions()
    assert (told.loc[told["variable"] == "cost", "value"] == 0).all()


@pytest.mark.slow
def test_baseline_is_found_from_a_perturbed_start(study):
    economy = study.baseline().economy
    shock = no_shock(economy)
    there = solve(economy, shock, Options())
    rng = np.random.default_rng(41)
    start = type(there.unknowns)(
        **{
            name: values + (0.05 * rng.standard_normal(values.shape) if name != "entry_penalty" else 0.0)
            for name, values in vars(there.unknowns).items()
        }
    )
    found = solve(economy, shock, Options(), start)
    assert bool(found.converged)
    for values in vars(found.unknowns).values():
        np.testing.assert_allclose(values, 0, atol=1e-9)


@pytest.mark.slow
def test_every_market_clears_and_no_money_is_made_or_lost(equilibrium):
    assert set(equilibrium.residuals) == {
        "labour",
        "residence",
        "floor space",
        "price index",
        "goods",
        "income and expenditure",
        "capital",
        "cap on residents",
        "access to services",
    }
    assert max(equilibrium.residuals.values()) <= 1e-10
    shock, economy = equilibrium.shock, equilibrium.baseline.economy
    moved = float(abs(shock.transfers).sum())
    assert moved > 0
    assert float(shock.transfers.sum() + shock.purchases.sum()) == pytest.approx(0, abs=1e-9 * moved)
    o = equilibrium.solution.outcome
    assert float(o.residents.sum()) == pytest.approx(float(economy.residents.sum()), rel=1e-10)
    assert float(o.labour_supply.sum()) == pytest.approx(float(o.labour_demand.sum()), rel=1e-9)


@pytest.mark.slow
def test_certificate_of_mobility_on_the_real_region(equilibrium):
    """V̂_n B̂/(μ̂ m̂_on^(1/η)) of everybody registered anywhere, with the shares that give the reported residents."""
    economy, shock, o = equilibrium.baseline.economy, equilibrium.shock, equilibrium.solution.outcome
    eta = float(economy.elasticities.migration)
    right = economy.services.right_hat(shock.service_exclusion)
    worth = np.asarray(o.place_value_hat * shock.amenity * right / shock.migration_cost)
    pull = np.asarray(economy.residence_share) * worth**eta
    share = pull / pull.sum(axis=2, keepdims=True)
    persons = np.einsum("go,gon->gn", np.asarray(economy.registered * shock.registered), share)
    np.testing.assert_allclose(o.residents, persons, rtol=1e-9)
    lives = np.asarray(economy.residence_share) > 0
    certificate = np.where(
        lives, worth / np.where(lives, share / np.where(lives, economy.residence_share, 1), 1) ** (1 / eta), np.nan
    )
    spread = np.nanmax(certificate, axis=2) / np.nanmin(certificate, axis=2) - 1
    assert spread.max() < 1e-9


@pytest.mark.slow
def test_table_of_regions(study, equilibrium):
    table = equilibrium.regions()
    assert list(table.columns) == ["region", "name_en", "name_zh", "prefecture", "jurisdiction", *COLUMNS]
    assert set(table["package"]) == {"+".join(sorted(MEASURES))}
    assert set(table["variable"]) <= set(REGISTER)
    assert {"residents", "jobs", "wage", "floor_space_price", "welfare"} <= set(table["variable"])
    assert not table.duplicated(["region", "package", "variable", "group", "sector"]).any()
    residents = table[(table["variable"] == "residents") & (table["group"] == "")]
    assert len(residents) == len(study.region.code)
    assert residents["value"].sum() == pytest.approx(residents["baseline"].sum(), rel=1e-10)
    change = 100 * (residents["value"] / residents["baseline"] - 1)
    np.testing.assert_allclose(residents["change_pct"], change, atol=1e-9)
    by_group = table[(table["variable"] == "residents") & (table["group"] != "")]
    assert by_group["value"].sum() == pytest.approx(residents["value"].sum(), rel=1e-12)


@pytest.mark.slow
def test_table_of_jurisdictions_adds_up(equilibrium):
    regions, table = equilibrium.regions(), equilibrium.jurisdictions()
    assert list(table.columns) == ["jurisdiction", "level", "name_en", "name_zh", *COLUMNS]
    sums = table[(table["variable"] == "residents") & (table["group"] == "")].set_index(["level", "jurisdiction"])[
        "value"
    ]
    assert len(sums.loc[1]) == 3
    assert len(sums.loc[2]) == 13
    assert sums.loc[1].sum() == pytest.approx(sums.loc[(0, "all")], rel=1e-12)
    assert sums.loc[2].sum() == pytest.approx(sums.loc[(0, "all")], rel=1e-12)
    own = regions[(regions["variable"] == "residents") & (regions["group"] == "")]
    for code in sums.loc[1].index:
        assert own[own["jurisdiction"] == code]["value"].sum() == pytest.approx(sums.loc[(1, code)], rel=1e-12)
    paid = table[(table["variable"] == "cost") & (table["level"] < 2) & (table["jurisdiction"] != "all")]["value"].sum()
    from_measures = sum(m.intensity * yearly(equilibrium, m) for m in equilibrium.measures)
    assert paid == pytest.approx(from_measures, rel=1e-12)


def yearly(equilibrium, measure):
    from coregion.measures.cost import yearly_cost

    return yearly_cost(measure.cost, equilibrium.baseline.region)


@pytest.mark.slow
def test_gradient_is_the_slope_between_two_equilibria(study, equilibrium):
    outcome, name, step = "residents[130638]", MEASURES[0], 1e-3
    slope = equilibrium.gradient(outcome, [name])[name]

    def residents(amount):
        found = study.solve(MEASURES, {name: amount}, Options(tolerance=1e-12))
        position = study.region.code.index("130638")
        levels = state(found.solution.unknowns, found.baseline.economy, found.shock)
        return float(levels.outcome.residents[:, position].sum())

    # one-sided, of the second order: 1 is the highest intensity
    at = [residents(1 - n * step) for n in range(3)]
    expected = (3 * at[0] - 4 * at[1] + at[2]) / (2 * step)
    assert abs(expected) > 1
    assert slope == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_gradient_of_what_is_not_known(equilibrium):
    with pytest.raises(CoregionError, match=r"found the outcome 'residentz\[11\]'.*Did you mean 'residents'\?"):
        equilibrium.gradient("residentz[11]")
    with pytest.raises(CoregionError, match=r"found the place 'Atlantis'"):
        equilibrium.gradient("residents[Atlantis]")
    with pytest.raises(CoregionError, match=r"found the input 'weather'"):
        equilibrium.gradient("residents[11]", ["weather"])
