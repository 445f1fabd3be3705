"""A sample of packages: Shapley values that are known, errors that are honest, and the command above 14 measures."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion.all_packages import FILES, solve_all_packages
from coregion.cli import app, main
from coregion.errors import InputMistakes
from coregion.measures.kinds import kinds
from coregion.packages.coalitions import membership
from coregion.packages.dividends import values_from_dividends
from coregion.packages.lattice import by_measure
from coregion.packages.sets import SAMPLES, DrawnSets, EverySet, drawn_sets, sets_of
from coregion.packages.shapley import decompose
from coregion.report.packages_page import Packages, packages_page, sentences

PLAYERS = 10
NAMES = [f"measure {number}" for number in range(PLAYERS)]
SIZES = membership(PLAYERS).sum(axis=1)


def game(*largest):
    """Values of ten players whose dividends are random up to a size, one outcome for each size asked for."""
    random = np.random.default_rng(5)
    dividends = random.normal(size=(1 << PLAYERS, len(largest)))
    return values_from_dividends(np.where(SIZES[:, None] <= np.array(largest), dividends, 0.0))


def of(sets, values):
    """Values of drawn sets out of those of all."""
    return sets.decompose(values[sets.members @ (1 << np.arange(PLAYERS))], NAMES)


def test_each_set_is_there_once_and_its_complement_as_far_from_the_end():
    sets = sets_of(20, 400)
    members = sets.members
    assert isinstance(sets, DrawnSets)
    assert len(np.unique(members, axis=0)) == len(members) <= 400
    np.testing.assert_array_equal(members, ~members[::-1])
    assert not members[0].any()
    np.testing.assert_array_equal(members[1:21], np.eye(20, dtype=bool))
    assert sets.times.sum() == (400 - 2 - 40) // 2
    assert set(sets.half.sum(axis=1)) <= set(range(2, 19))
    np.testing.assert_array_equal(sets_of(20, 400).members, members)
    assert sets_of(20, 402).told != sets.told


def test_up_to_fourteen_players_every_set_is_there_unless_fewer_are_asked_for():
    assert sets_of(14) == EverySet(14)
    assert sets_of(10, 1024) == EverySet(10)
    assert sets_of(10).told == {"samples": 0}
    assert len(sets_of(10, 200).members) <= 200
    assert len(sets_of(15).members) <= SAMPLES
    assert sets_of(15).times.sum() == (SAMPLES - 2 - 30) // 2


@pytest.mark.parametrize("sets", [EverySet(PLAYERS), drawn_sets(PLAYERS, 120, 1)], ids=["all", "a sample"])
def test_alone_and_last_in_are_exact_and_the_sum_holds(sets):
    values = game(1, 2, PLAYERS) * [1.0, 1e9, 1e-6]
    exact, found = decompose(values, NAMES), of(sets, values)
    np.testing.assert_array_equal(found.alone, exact.alone)
    np.testing.assert_array_equal(found.last_in, exact.last_in)
    gap = found.shapley.sum(axis=0) - (values[-1] - values[0])
    assert np.all(np.abs(gap) <= 1e-10 * np.abs(values - values[0]).max(axis=0))


def test_additive_games_and_pairs_are_found_without_error_and_every_set_has_none():
    """Pairs of a coalition and its complement cancel what two players add to each other."""
    values = game(1, 2)
    exact, found = decompose(values, NAMES), of(drawn_sets(PLAYERS, 80, 3), values)
    np.testing.assert_allclose(found.shapley, exact.shapley, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.error, 0, rtol=0, atol=1e-10)
    assert not exact.error.any()
    np.testing.assert_array_equal(of(EverySet(PLAYERS), values).shapley, exact.shapley)


@pytest.mark.parametrize(("samples", "bias"), [(62, 0.6), (400, 0.3)])
def test_the_error_is_as_large_as_it_says(samples, bias):
    """Games with terms of three, and of all sizes: estimates of 150 seeds about the exact values.

    Least squares on a sample are biased by less than their error, the less the more is drawn.
    """
    values = game(3, PLAYERS)
    exact = decompose(values, NAMES).shapley
    runs = [of(drawn_sets(PLAYERS, samples, seed), values) for seed in range(150)]
    scores = np.array([(run.shapley - exact) / run.error for run in runs])
    assert 0.9 < scores.std() < 1.1
    assert np.abs(scores.mean(axis=0)).max() < bias
    assert 0.64 < (np.abs(scores) < 1).mean() < 0.76
    assert (np.abs(scores) < 3).mean() > 0.98


def test_a_missing_value_is_named_and_leaves_shapley_values_missing():
    values, sets = game(2), drawn_sets(PLAYERS, 80, 1)
    values[1 << 4] = np.nan
    found = of(sets, values)
    assert np.isnan(found.shapley).all()
    assert np.isnan(found.error).all()
    assert np.isnan(found.alone[:, 0]).tolist() == [player == 4 for player in range(PLAYERS)]
    assert [str(missing) for missing in found.missing] == [
        "the value of measure 4 is missing; what rests on it is not a number and is not filled in"
    ]


def test_too_few_samples_are_told_with_how_many_it_takes():
    for players, samples, least in ((35, 211, 212), (20, 30, 122), (10, 61, 62), (3, 5, 8)):
        with pytest.raises(InputMistakes, match=f"{samples} samples of {players} measures; expected at least {least}"):
            sets_of(players, samples)


@cache
def baseline():
    there = made_up_baseline()
    names = {code: (code, code) for code in there.region.prefecture}
    return replace(there, region=replace(there.region, prefecture_name=names))


def fifteen():
    """A new area, a zone and docks of the made-up region."""
    made = [tomllib.loads(entry(kind))["measures"][0] for kind in ("new_area", "zone", *["dock"] * 13)]
    for number, one in enumerate(made):
        one |= {"name": f"{one['kind']}_{number}", "name_en": f"{one['kind']} {number}"}
    return tuple(kinds()[one["kind"]].model_validate(one) for one in made)


def refused(*words):
    with pytest.raises(SystemExit) as caught:
        main(lambda: app(["packages", "made_up", *words]))
    assert caught.value.code == 1


def test_bad_input_of_the_command_is_told_clearly(monkeypatch, capsys):
    monkeypatch.setattr("coregion.study.load_study", lambda _: SimpleNamespace(measures=fifteen()))
    refused("--measures", "all", "--samples", "91")
    assert "found 91 samples of 15 measures; expected at least 92" in capsys.readouterr().err
    refused("--measures", "all", "--pillars")
    assert "found --pillars and --measures; expected one of them" in capsys.readouterr().err
    refused("--measures", "dock_2,dokc_3,all")
    told = capsys.readouterr().err
    assert "unknown measure 'dokc_3'" in told
    assert "unknown measure 'all'" in told


@pytest.fixture
def study(tmp_path):
    """Fifteen measures of the made-up region."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text("made up")
    there = baseline().region
    return SimpleNamespace(
        measures=fifteen(),
        baseline=baseline,
        region=there,
        folder=folder,
        settings=SimpleNamespace(name="made up", title_en="Made up", title_zh="虚构", pillars=()),
    )


@pytest.mark.slow
def test_fifteen_measures_of_the_made_up_region(study, tmp_path, monkeypatch, capsys):
    """The command draws; a job that is stopped goes on, repeats nothing and ends where an uninterrupted one does."""
    monkeypatch.setattr("coregion.study.load_study", lambda _: study)
    names = [measure.name for measure in study.measures]

    def interrupting(stage, done, of):
        if stage == "packages" and done:
            raise KeyboardInterrupt

    there = tmp_path / "there"
    with pytest.raises(KeyboardInterrupt):
        solve_all_packages(study, there, names, interrupting, samples=92)
    begun = sorted((there / "packages.parts").glob("*.parquet"))
    assert [file.name for file in begun] == ["0.parquet"]
    seen = []
    resumed = solve_all_packages(study, there, names, lambda *what: seen.append(what), samples=92)
    counts = [done for stage, done, _ in seen if stage == "packages"]
    assert counts[0] == 16
    with pytest.raises(SystemExit) as caught:
        main(lambda: app(["packages", "made_up", "--measures", "all", "--samples", "92", "--out", str(tmp_path / "a")]))
    assert caught.value.code in (0, None)
    printed = capsys.readouterr().out
    straight = {name: pd.read_parquet(tmp_path / "a" / name) for name in FILES}
    pd.testing.assert_frame_equal(resumed.packages, straight[FILES[0]])
    pd.testing.assert_frame_equal(resumed.shapley, straight[FILES[1]])
    _check_tables(straight, names, by_measure(study.measures, 92).packages)
    assert "±" in printed
    assert "which two help or hinder each other is not told" in printed
    page = Path(tmp_path / "a" / "packages.html").read_text(encoding="utf-8")
    assert "are drawn at random" in page
    assert "drawn from all sets of 15" in page
    assert 'data-chart="pairs-' not in page


def _check_tables(tables, names, packages):
    rows, shapley, pairs = tables.values()
    assert tuple(rows["package"].unique()) == packages
    assert list(rows.columns) == ["package", "jurisdiction", "group", "variable", "value", "unit", "status"]
    assert len(pairs) == 0
    assert list(pairs.columns)[:5] == ["measure", "other", "jurisdiction", "group", "variable"]
    keys = ["jurisdiction", "group", "variable"]
    value = rows.set_index(["package", *keys])["value"]
    whole = value["+".join(sorted(names))] - value[""]
    sums = shapley.groupby(keys)["shapley"].sum()
    largest = (value.groupby(level=keys).max() - value.groupby(level=keys).min()).reindex(sums.index)
    rounded = 1e-15 * value[""].abs().reindex(sums.index)
    assert ((sums - whole.reindex(sums.index)).abs() <= 1e-10 * largest + rounded).all()
    one = shapley[shapley["measure"] == names[0]].set_index(keys)
    np.testing.assert_array_equal(one["alone"], (value[names[0]] - value[""]).reindex(one.index))
    but_one = value["+".join(sorted(names[1:]))]
    last_in = (value["+".join(sorted(names))] - but_one).reindex(one.index)
    np.testing.assert_allclose(one["last_in"], last_in, rtol=1e-12, atol=1e-12 * np.abs(last_in).max())
    assert (shapley["error"] >= 0).all()
    assert (shapley["error"] > 0).any()


def test_the_page_of_a_sample_tells_plus_or_minus_and_that_pairs_are_not_told():
    gain = "equivalent_variation_registered"
    rows = pd.DataFrame({"package": ["", "a"], "jurisdiction": "all", "group": "", "variable": gain, "value": [0, 2e9]})
    shapley = pd.DataFrame({"measure": ["a", "b"], "jurisdiction": "all", "group": "", "variable": gain})
    shapley = shapley.assign(alone=2e9, last_in=1e9, shapley=[1.5e9, 0.5e9], synergy=-0.5e9, error=2e7)
    none = pd.DataFrame({name: [] for name in ("jurisdiction", "group", "variable", "measure", "other", "interaction")})
    told = Packages(rows, shapley, none, {"a": "A", "b": "B", "c": "C"}, {"all": "All"}, "A study", (), True)
    assert "2 packages were solved, drawn from all sets of 2. In" in sentences(told, shapley, none)[0]
    assert (
        "contributes most (+1.5\u00a0bn\u00a0yuan a year ± 20\u00a0m\u00a0yuan a year)"
        in sentences(told, shapley, none)[1]
    )
    page = packages_page(told)
    assert "+1.5\u00a0bn\u00a0yuan ± 20\u00a0m\u00a0yuan" in page
    assert "夏普利值 ± 标准误" in page
    assert 'data-chart="pairs-all"' not in page
