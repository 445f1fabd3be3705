"""Draws of the parameters: exact on planted models, the same for every package, resumed without loss."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry
from scipy import stats

from coregion.data.parameters import Parameter
from coregion.errors import CoregionError, NotConverged
from coregion.measures.kinds import kinds
from coregion.measures.package import package_shock
from coregion.packages.job import Job
from coregion.solve.equilibrium import Options, solve
from coregion.study import Study
from coregion.uncertainty.distributions import Draws, at, own_value, quantile, sobol_draws, standard_deviation
from coregion.uncertainty.drivers import sobol_indices
from coregion.uncertainty.figures import Package
from coregion.uncertainty.job import NAME, packages_of, run_draws
from coregion.uncertainty.ranges import draws_frame, ranges_frame
from coregion.uncertainty.sample import Design, Solved, admitted, design, figure_keys, solve_rows
from coregion.uncertainty.solved import GOOD, Setting, Shocks, Single, solved_at, steered_by

COUNT = 6


def parameter(name: str, value: float, low: float, high: float, kind: str = "uniform", **more) -> Parameter:
    return Parameter(name, value, "", "", "made up", low, high, kind, True, **more)


@cache
def study(wide: float = 1.0) -> Study:
    """The made-up region with three parameters that its model reads; ``wide`` scales their ranges."""
    baseline = made_up_baseline()
    parameters = {
        **baseline.region.parameters,
        "commuting_elasticity": parameter("commuting_elasticity", 4.0, 4 - wide, 4 + wide),
        "migration_elasticity": parameter("migration_elasticity", 1.5, 1.5 - 0.3 * wide, 1.5 + 0.3 * wide),
        "goods_share": parameter("goods_share", 0.7, 0.7 - 0.05 * wide, 0.7 + 0.05 * wide),
    }
    region = replace(baseline.region, parameters=parameters)
    central = replace(baseline, region=region)
    entries = [tomllib.loads(entry(kind))["measures"][0] for kind in ("zone", "through_road")]
    measures = tuple(kinds()[found["kind"]].model_validate(found) for found in entries)
    made_up = SimpleNamespace(region=region, measures=measures, baseline=lambda: central)
    return cast(Study, made_up)


def recalibrated(region, central):
    """The same shares at other elasticities: on the made-up economy they clear every market whatever these are."""
    del central
    value = {name: found.value for name, found in region.parameters.items()}
    before = made_up_baseline()
    economy = eqx.tree_at(
        lambda e: (e.elasticities.commuting, e.elasticities.migration),
        before.economy,
        (jnp.asarray(value["commuting_elasticity"]), jnp.asarray(value["migration_elasticity"])),
    )
    return replace(before, region=region, economy=economy)


def sometimes(region, central):
    """As above, but some values allow no calibration."""
    if region.parameters["goods_share"].value > 0.72:
        raise CoregionError("found too much spent on goods; expected less")
    return recalibrated(region, central)


def setting(calibrated: Any = recalibrated, wide: float = 1.0) -> Setting:
    made_up = study(wide)
    return Setting(made_up, packages_of(made_up.measures), calibrated=calibrated)


def planted(values: np.ndarray, keys=(("p", "welfare", "", "per cent"),)) -> Solved:
    """A design of one parameter with given figures: the first row is the point, then two steps, then the draws."""
    count = len(values) - 3
    draws = Draws(("slope",), np.linspace(0, 1, count)[:, None], np.linspace(0, 1, count)[:, None], 0)
    plan = Design(draws, np.array([0.5]), np.array([[0.4, 0.6]]), np.array([0.1]))
    status = np.array([GOOD if np.isfinite(row).all() else "not solved: why" for row in values], dtype=object)
    return Solved(plan, (Package("all", (), False),), {"all": list(keys)}, {"all": values}, {"all": status})


@pytest.mark.parametrize(
    ("kind", "more", "exact"),
    [
        ("uniform", {}, stats.uniform(2, 4)),
        ("triangular", {}, stats.triang(0.25, 2, 4)),
        ("normal", {"spread": 0.7}, stats.truncnorm(-1 / 0.7, 3 / 0.7, 3, 0.7)),
    ],
)
def test_draws_follow_their_distribution_within_the_range(kind, more, exact):
    drawn = parameter("goods_share", 3.0, 2.0, 6.0, kind, **more)
    found = sobol_draws({"goods_share": drawn}, 1024, 3)
    values = np.sort(found.values[:, 0])
    assert values.min() >= 2
    assert values.max() <= 6
    assert stats.kstest(values, exact.cdf).statistic < 2e-3
    assert standard_deviation(drawn) == pytest.approx(exact.std(), rel=1e-9)


def test_a_lognormal_has_its_median_at_the_value_when_the_range_is_even_in_logarithms():
    drawn = parameter("commuting_elasticity", 4.0, 2.0, 8.0, "lognormal", spread=0.25)
    assert quantile(drawn, np.array([0.5]))[0] == pytest.approx(4.0)
    draws = quantile(drawn, (np.arange(4000) + 0.5) / 4000)
    assert standard_deviation(drawn) == pytest.approx(draws.std(), rel=1e-2)


def test_a_longer_run_begins_with_the_same_draws_and_leaves_out_what_is_not_admitted():
    parameters = study().region.parameters
    short, long = (sobol_draws(parameters, count, 7).values for count in (5, 12))
    np.testing.assert_array_equal(short, long[:5])
    half = sobol_draws(parameters, 20, 7, lambda values: values["goods_share"] < 0.7)
    assert (half.values[:, half.names.index("goods_share")] < 0.7).all()
    assert half.passed_over > 5
    with pytest.raises(CoregionError, match="Narrow the ranges"):
        sobol_draws(parameters, 4, 7, lambda _: False)


def test_what_study_toml_would_refuse_is_not_admitted():
    """η ≤ ε and θ(ψ + ζ) ≤ 1, up to the edge."""
    region = study().region
    edge = 1 / float(np.max(region.technology.trade_elasticity))
    scale = region.parameters["trade_elasticity_scale"].value if "trade_elasticity_scale" in region.parameters else 1.0
    calm = {"agglomeration_elasticity": 0.0, "entry_elasticity": 0.0}
    assert admitted(region, {**calm, "migration_elasticity": 4.0, "commuting_elasticity": 4.0})
    assert not admitted(region, {**calm, "migration_elasticity": 4.01, "commuting_elasticity": 4.0})
    near = {"agglomeration_elasticity": 0.6 * edge, "entry_elasticity": 0.39 * edge}
    assert admitted(region, near)
    assert not admitted(region, {**near, "entry_elasticity": 0.41 * edge})
    assert not admitted(region, {**near, "trade_elasticity_scale": 1.02 * scale})


def test_values_by_place_move_in_proportion_and_beside_nothing_are_the_draw():
    level = parameter("pension", 10.0, 5.0, 20.0, by={"A": 40.0})
    share = parameter("central_share_public_jobs", 0.0, 0.0, 0.7, by={"A": 0.5})
    found = at({"pension": level, "central_share_public_jobs": share}, {"pension": 15.0, share.name: 0.2})
    assert (found["pension"].value, found["pension"].by["A"]) == (15.0, 60.0)
    assert (found[share.name].value, found[share.name].by["A"]) == (0.0, 0.2)
    both = {parameter.name: parameter for parameter in (level, share)}
    assert at(both, {name: own_value(parameter) for name, parameter in both.items()}) == both
    with pytest.raises(CoregionError, match="expected 0 to 1"):
        at({share.name: replace(share, value=0.1)}, {share.name: 0.7})


def test_quantiles_of_a_planted_linear_model_are_exact():
    draws = np.linspace(-1.0, 3.0, 401)
    table = ranges_frame(planted(np.concatenate([[1.0, 0.6, 1.4], draws])[:, None])).iloc[0]
    assert (table["low"], table["median"], table["high"]) == pytest.approx((-0.8, 1.0, 2.8))
    assert table["probability_of_loss"] == pytest.approx(100 / 401)
    assert table["point"] == 1.0
    assert table["delta_high"] - table["delta_low"] == pytest.approx(2 * 1.6448536 * 4 * 0.1)


def test_a_failed_draw_is_counted_and_told_and_enters_no_quantile():
    values = np.concatenate([[1.0, 1.0, 1.0], np.arange(9.0), [np.nan]])[:, None]
    solved = planted(values)
    table = ranges_frame(solved).iloc[0]
    assert (table["draws"], table["failed"], table["median"]) == (9, 1, 4.0)
    rows = draws_frame(solved)
    failed = rows[rows["status"] != GOOD]
    assert failed["draw"].tolist() == [9]
    assert failed["status"].astype(str).tolist() == ["not solved: why"]


def test_indices_of_a_planted_polynomial_are_exact():
    unit = sobol_draws({n: parameter(n, 0.5, 0, 1) for n in ("goods_share", "discount_rate", "pension")}, 512, 1).unit
    x = 2 * unit - 1
    found = sobol_indices(unit, 3 * np.sqrt(3) * x[:, 0] + 4 * np.sqrt(3) * x[:, 1])
    np.testing.assert_allclose(found.first_order, [9 / 25, 16 / 25, 0], atol=1e-6)
    product = sobol_indices(unit, np.sqrt(3) * x[:, 0] + 3 * x[:, 0] * x[:, 1])
    np.testing.assert_allclose(product.first_order, [1 / 2, 0, 0], atol=1e-6)
    np.testing.assert_allclose(product.total, [1, 1 / 2, 0], atol=1e-6)
    assert product.explained > 1 - 1e-6
    second, third = np.sqrt(5) / 2 * (3 * x[:, 1] ** 2 - 1), np.sqrt(7) / 2 * (5 * x[:, 2] ** 3 - 3 * x[:, 2])
    powers = sobol_indices(unit, 3 * np.sqrt(3) * x[:, 0] + 4 * second + 12 * third)
    np.testing.assert_allclose(powers.first_order, [9 / 169, 16 / 169, 144 / 169], atol=1e-5)


def test_a_study_of_few_parameters_has_fewer_terms_than_its_draws_allow():
    unit = np.random.default_rng(0).uniform(size=(90, 2))
    x, y = (2 * unit - 1).T
    first = [np.sqrt(3) * x, np.sqrt(5) / 2 * (3 * x**2 - 1), np.sqrt(7) / 2 * (5 * x**3 - 3 * x)]
    second = [np.sqrt(3) * y, np.sqrt(5) / 2 * (3 * y**2 - 1), np.sqrt(7) / 2 * (5 * y**3 - 3 * y)]
    terms = np.column_stack([*first, *second, 3 * x * y])
    weights = np.array([3, 0.8, 0.5, 1, 0.6, 0.4, 0.7])
    found = sobol_indices(unit, terms @ weights + np.random.default_rng(1).normal(0, 0.05, 90))
    parts = weights**2 / (weights**2).sum()
    np.testing.assert_allclose(found.first_order, [parts[:3].sum(), parts[3:6].sum()], atol=0.01)
    np.testing.assert_allclose(found.total, [parts[:3].sum() + parts[6], parts[3:].sum()], atol=0.01)


def test_noise_is_not_explained():
    rng = np.random.default_rng(0)
    for draws in (4, 20, 200):
        assert sobol_indices(rng.uniform(size=(draws, 12)), rng.normal(size=draws)).explained < 0.3


def test_shocks_put_together_by_parts_are_those_of_the_package():
    here = setting()
    baseline = here.study.baseline()
    mine = Shocks(baseline, here.states).of(here.study.measures)
    whole = package_shock(baseline, here.study.measures)
    for one, other in zip(_leaves(mine), _leaves(whole), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14, atol=0)


def _leaves(shock):
    return [np.asarray(leaf) for leaf in eqx.filter(shock, eqx.is_array).__dict__.values() if hasattr(leaf, "shape")]


@pytest.mark.slow
def test_steered_and_single_solutions_agree():
    here = setting()
    baseline = here.study.baseline()
    shock = package_shock(baseline, here.study.measures)
    moved = recalibrated(baseline.region, None)
    single = Single()(moved.economy, shock, Options())
    steered = steered_by(baseline, shock, Options())
    one = steered(moved.economy, shock, Options())
    assert bool(one.converged)
    np.testing.assert_allclose(one.outcome.welfare_hat, single.outcome.welfare_hat, rtol=1e-9)
    parts = Shocks(moved, here.states)
    many = [parts.of(package.measures) for package in here.packages] + [parts.of(here.packages[1].measures)]
    solved = Single().together(moved.economy, many, Options()), steered.together(moved.economy, many, Options())
    for alone, together in zip(*solved, strict=True):
        assert bool(together.converged)
        np.testing.assert_allclose(together.outcome.welfare_hat, alone.outcome.welfare_hat, rtol=1e-9)


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    job = Job(folder, {"test": 1}, NAME)
    return folder, run_draws(setting(sometimes), job, COUNT, 5, lambda *_: None)


def test_packages_share_their_draws_and_the_point_is_the_study_itself(whole_run):
    _, found = whole_run
    here = setting()
    table = found.ranges
    assert set(table["package"]) == {package.name for package in here.packages}
    whole = here.packages[0]
    baseline = here.study.baseline()
    shock = package_shock(baseline, whole.measures)
    welfare = np.asarray(solve(baseline.economy, shock).outcome.welfare_hat)
    weight = np.asarray(baseline.economy.registered)
    inside = ~baseline.region.external
    mean = 100 * ((welfare * weight)[:, inside].sum() / weight[:, inside].sum() - 1)
    row = table[(table["place"] == "all") & (table["package"] == whole.name) & (table["variable"] == "welfare")]
    assert row[row["group"] == ""]["point"].iloc[0] == pytest.approx(mean, rel=1e-8)
    counties = table[table["place"].isin(baseline.region.code[:5])]
    assert set(counties["package"]) == {whole.name}


def test_a_calibration_that_fails_is_a_row_and_counted(whole_run):
    _, found = whole_run
    plan = design(study().region, COUNT, 5)
    bad = int((plan.draws.values[:, plan.draws.names.index("goods_share")] > 0.72).sum())
    assert 0 < bad < COUNT
    assert found.told["failed"] == bad
    assert (found.ranges["failed"] == bad).all()
    assert (found.ranges["draws"] == COUNT - bad).all()
    assert found.told["reasons"] == {"not calibrated": bad * len(setting().packages)}
    assert "too much spent on goods" in found.told["examples"]["not calibrated"]


def test_an_interrupted_run_goes_on_and_writes_the_same(whole_run, tmp_path, monkeypatch):
    monkeypatch.setattr("coregion.uncertainty.sample.BLOCK", 4)
    folder, uninterrupted = whole_run
    solved_before: list[int] = []

    def stop(stage, done, of):
        solved_before.append(done)
        if 0 < done < of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_draws(setting(sometimes), Job(tmp_path, {"test": 1}, NAME), COUNT, 5, stop)
    assert len(list((tmp_path / "draws.parts").iterdir())) == 1
    with pytest.raises(CoregionError, match="unfinished job"):
        run_draws(setting(sometimes), Job(tmp_path, {"test": 2}, NAME), COUNT, 5, lambda *_: None)
    calls: list[int] = []
    found = run_draws(
        setting(sometimes), Job(tmp_path, {"test": 1}, NAME), COUNT, 5, lambda _, done, of: calls.append(done)
    )
    assert calls[0] == 4
    assert found.ranges.equals(uninterrupted.ranges)
    for name in ("ranges.parquet", "draws.parquet", "drivers.parquet", "parameters.parquet"):
        assert (tmp_path / name).read_bytes() == (Path(folder) / name).read_bytes()
    assert not (tmp_path / "draws.parts").exists()


def test_a_finished_run_is_read_and_not_solved_again(whole_run):
    folder, before = whole_run
    told: list[str] = []
    again = run_draws(
        setting(sometimes), Job(folder, {"test": 1}, NAME), COUNT, 5, lambda stage, *_: told.append(stage)
    )
    assert told == []
    assert again.ranges.equals(before.ranges)


def test_delta_method_and_draws_agree_where_ranges_are_narrow(tmp_path):
    """Uniform draws: the 5th and 95th of 100 of a nearly linear figure, against its deviation."""
    here = setting(wide=0.02)
    plan = design(here.study.region, 64, 2)
    solved = Solved.of(here, plan, solve_rows(here, plan, _begun(tmp_path), lambda *_: None))
    whole = here.packages[0].name
    named = solved.keys[whole]
    column = named.index(("all", "equivalent_variation_registered", "", "yuan a year"))
    deviation = solved.draws(whole)[:, column].std()
    slopes = solved.slopes(whole)[:, column] * plan.spread
    assert np.sqrt((slopes**2).sum()) == pytest.approx(deviation, rel=0.02)
    linear = solved.point(whole)[column] + (plan.draws.values - plan.own) @ solved.slopes(whole)[:, column]
    np.testing.assert_allclose(solved.draws(whole)[:, column], linear, rtol=1e-4)


def _begun(folder) -> Job:
    job = Job(folder, {}, NAME)
    job.begin()
    return job


def test_no_draw_with_an_answer_is_an_error(tmp_path):
    def never(*_):
        raise NotConverged("found nothing; try another")

    with pytest.raises(CoregionError, match="no draw of 2 with an answer"):
        run_draws(setting(never), Job(tmp_path, {}, NAME), 2, 1, lambda *_: None)


def test_the_keys_name_every_figure():
    here = setting()
    answers = solved_at(here, {}, Single())
    for package, answer in zip(here.packages, answers, strict=True):
        assert answer.status == GOOD
        assert len(figure_keys(here, package)) == len(answer.values)
        assert len(set(figure_keys(here, package))) == len(answer.values)


def test_the_smallest_transfers_are_worked_out_draw_by_draw():
    keys = [(code, "equivalent_variation_registered", "", "yuan a year") for code in ("1", "2", "3", "11")]
    rows = np.array([[-1.0, 3.0, 1.0, 9.0]] * 4 + [[2.0, 3.0, 1.0, 9.0], [-5.0, 1.0, 1.0, 9.0], [-2.0, 2.0, 2.0, 9.0]])
    table = ranges_frame(planted(rows, keys), ("1", "2", "3")).query("variable == 'smallest_transfer'")
    assert list(table["place"]) == ["1", "2", "3"]
    np.testing.assert_allclose(table["point"], [1.0, -0.75, -0.25])
    first = table.iloc[0]
    assert first["draws"] == 4, "a draw has a figure"
    np.testing.assert_allclose(first[["low", "high"]].astype(float), np.quantile([1.0, 0.0, 2.0], (0.05, 0.95)))


def test_few_draws_of_many_parameters_still_tell_which_matters():
    """27 parameters have 432 terms; a fit that leans on all of them foretells nothing from 96 draws."""
    unit = stats.qmc.Sobol(27, scramble=True, seed=1).random(128)[:96]
    x = 2 * unit - 1
    noise = np.random.default_rng(0).normal(0, 0.1, 96)
    found = sobol_indices(unit, 3 * np.sqrt(3) * x[:, 4] + np.sqrt(3) * x[:, 9] + 1.5 * x[:, 4] * x[:, 9] + noise)
    assert found.explained > 0.95
    share = 9 + 1 + 1.5**2 / 9
    np.testing.assert_allclose(found.first_order[[4, 9]], [9 / share, 1 / share], atol=0.02)
    assert np.delete(found.total, [4, 9]).max() < 0.02
    nothing = sobol_indices(unit, np.random.default_rng(1).normal(size=96))
    assert nothing.explained < 0.3, "noise is not explained"
