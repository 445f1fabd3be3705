"""All packages: blocks against the single solver, interrupts, packages without an equilibrium, and the tables."""

import tomllib
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion import all_packages
from coregion.all_packages import FILES, OutcomeReader, solve_all_packages
from coregion.cli import app, main
from coregion.equilibrium import Equilibrium
from coregion.errors import CoregionError, InputMistakes
from coregion.measures.kinds import kinds
from coregion.measures.package import prepare
from coregion.packages.batch import (
    ALIKE,
    UnknownsOnly,
    compiled_shock,
    nothing_changed,
    one_at_a_time,
    steered,
    steering,
)
from coregion.packages.job import Job
from coregion.packages.lattice import by_lever, by_measure, by_pillar, guess, plan
from coregion.packages.tables import CONVERGED, SEVERAL, game_of, interactions_frame, package_frame, shapley_frame
from coregion.solve.equilibrium import Options, solve

FOUR = ("new_area", "registration", "dock", "zone")


def made(kind, **changes):
    return kinds()[kind].model_validate({**tomllib.loads(entry(kind))["measures"][0], **changes})


@cache
def baseline():
    there = made_up_baseline()
    names = {code: (code, code) for code in there.region.prefecture}
    return replace(there, region=replace(there.region, prefecture_name=names))


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text("made up")
    return SimpleNamespace(
        measures=tuple(made(kind, pillar=pillar) for kind, pillar in zip(FOUR, "abbc", strict=True)),
        baseline=baseline,
        folder=folder,
        settings=SimpleNamespace(name="made up"),
    )


@pytest.mark.slow
def test_blocks_and_the_single_solver_agree(monkeypatch):
    monkeypatch.setattr("coregion.packages.lattice.STEERED_FROM", 16)
    baseline = made_up_baseline()
    lattice = by_measure([made(kind) for kind in ("relocate", "cap", "registration", "dock")])
    amounts = lattice.intensities
    prepared = prepare(baseline, lattice.measures, amounts)
    blocks = plan(lattice, prepared)
    assert (blocks.together, blocks.alike) == (True, True)
    assert [block.tolist() for block in blocks.blocks] == [list(range(8)), list(range(8, 16))]
    reader, options = OutcomeReader(baseline.economy, jnp.asarray(baseline.minutes["commuting"])), Options()
    inverse = steering(prepared, amounts[-1] / 2, options)
    block = blocks.blocks[-1]
    hats = [compiled_shock(prepared, jnp.asarray(amounts[coalition])) for coalition in block]
    for name in ALIKE:
        assert all((getattr(other, name) == getattr(hats[0], name)).all() for other in hats), name
    together = steered(prepared, amounts[block], inverse, True, reader, options)
    alone = one_at_a_time(prepared, amounts[block], reader, options)
    astray = steered(prepared, amounts[block], jnp.zeros_like(inverse), True, reader, options)
    assert together.converged.all()
    assert together.steps.max() < alone.steps.min()
    for name, values in alone.told.items():
        near = {"rtol": 1e-9, "atol": 1e-9 * np.abs(values).max(), "err_msg": name}
        np.testing.assert_allclose(together.told[name], values, **near)
        np.testing.assert_array_equal(astray.told[name], values)


@pytest.mark.slow
def test_packages_start_where_their_measures_alone_lead_and_end_where_they_would(monkeypatch):
    there = baseline()
    lattice = by_measure([made(kind, name=kind) for kind in FOUR])
    prepared = prepare(there, lattice.measures, lattice.intensities)
    options, reader = Options(), UnknownsOnly()
    inverse = steering(prepared, lattice.intensities[-1] / 2, options)
    starts = guess(lattice, prepared, inverse, options)
    members, amounts = lattice.sets.members, lattice.intensities
    begun = starts.of(members)
    plain = steered(prepared, amounts, inverse, False, reader, options)
    sooner = steered(prepared, amounts, inverse, False, reader, options, begun)
    np.testing.assert_allclose(sooner.told["unknowns"], plain.told["unknowns"], atol=1e-9)
    alone = members.sum(axis=1) <= 1
    assert sooner.steps[alone].max() <= 2, "they stand where they start"
    assert sooner.steps[~alone].mean() < plain.steps[~alone].mean()
    np.testing.assert_allclose(begun[alone], plain.told["unknowns"][alone], atol=1e-9)
    assert len(starts.pairs) == 0, "few packages"
    monkeypatch.setattr("coregion.packages.lattice.PAIRS_FROM", 1)
    nearer = guess(lattice, prepared, inverse, options).of(members)
    two = members.sum(axis=1) <= 2
    np.testing.assert_allclose(nearer[two], plain.told["unknowns"][two], atol=1e-9)
    away = [np.abs(start - plain.told["unknowns"])[~two].max() for start in (nearer, begun)]
    assert away[0] < 0.5 * away[1]


@pytest.mark.slow
def test_a_measure_without_an_equilibrium_alone_adds_nothing_to_the_guess():
    there = baseline()
    lattice = by_measure([made(kind, name=kind) for kind in FOUR[:2]])
    prepared = prepare(there, lattice.measures, lattice.intensities)
    never = Options(tolerance=0.0, newton_steps=0, fixed_point_steps=3)
    starts = guess(lattice, prepared, steering(prepared, lattice.intensities[-1] / 2, Options()), never)
    np.testing.assert_array_equal(starts.alone, 0.0)
    np.testing.assert_array_equal(starts.nothing, nothing_changed(prepared, 1)[0])


def test_the_rows_are_those_of_a_run(study, tmp_path):
    found = solve_all_packages(study, tmp_path / "out")
    assert found.packages["package"].unique().tolist() == ["", "a", "b", "a+b", "c", "a+c", "b+c", "a+b+c"]
    there, measures = baseline(), study.measures
    amounts = [measure.intensity for measure in measures]
    prepared = prepare(there, measures, [amounts])
    shock = prepared.shock(jnp.asarray(amounts))
    whole = Equilibrium(there, measures, prepared, shock, solve(there.economy, shock))
    keys = ["jurisdiction", "group", "variable"]
    run = whole.jurisdictions()
    run = run[run["sector"] == ""].drop_duplicates(keys).set_index(keys)["value"]
    mine = found.packages[found.packages["package"] == "a+b+c"].set_index(keys)["value"]
    shared = mine.index.intersection(run.index)
    assert {variable for *_, variable in shared} == {*all_packages.OUTCOMES, "budget"}
    alone_here = set(mine.index) - set(shared)
    assert {(group, variable) for _, group, variable in alone_here} == {("", "welfare")}
    np.testing.assert_allclose(mine[shared], run[shared], rtol=1e-9, atol=1e-3)
    registered = np.asarray(there.economy.registered)[:, :5]
    welfare = np.asarray(whole.levels["welfare"])[:, :5]
    assert mine[("all", "", "welfare")] == pytest.approx((welfare * registered).sum() / registered.sum(), rel=1e-9)
    change = found.packages.set_index(["package", *keys])["value"]
    sums = found.shapley.groupby(keys)["shapley"].sum()
    for key in sums.index:
        effect = change[("a+b+c", *key)] - change[("", *key)]
        assert sums[key] == pytest.approx(effect, rel=1e-9, abs=1e-10 * abs(change[("", *key)]) + 1e-9)


def test_an_interrupt_loses_nothing_and_repeats_nothing(study, tmp_path, monkeypatch):
    monkeypatch.setattr("coregion.packages.lattice.BLOCK", 3)
    straight = solve_all_packages(study, tmp_path / "straight")

    def interrupting(stage, done, of):
        if stage == "packages" and done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_all_packages(study, tmp_path / "out", tell=interrupting)
    parts = sorted((tmp_path / "out" / "packages.parts").glob("*.parquet"))
    before = [(file.name, file.stat().st_mtime_ns) for file in parts]
    assert [name for name, _ in before] == ["0.parquet", "1.parquet"]
    told = []
    again = solve_all_packages(study, tmp_path / "out", tell=lambda *what: told.append(what))
    assert [what[1] for what in told if what[0] == "packages"] == [6, 8]
    pd.testing.assert_frame_equal(again.packages, straight.packages)
    pd.testing.assert_frame_equal(again.shapley, straight.shapley)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted([*FILES, "packages.json"])
    monkeypatch.setattr(all_packages, "run_job", None)
    pd.testing.assert_frame_equal(solve_all_packages(study, tmp_path / "out").packages, straight.packages)


def test_the_command_says_where_an_interrupted_job_goes_on(study, tmp_path, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("coregion.study.load_study", lambda _: study)
    monkeypatch.setattr(all_packages, "run_job", stopped)
    with pytest.raises(SystemExit) as caught:
        main(lambda: app(["packages", "made_up", "--out", str(tmp_path / "out")]))
    assert caught.value.code == 130
    assert "the same command goes on there" in capsys.readouterr().err


def test_an_interrupt_while_the_page_is_made_does_not_say_that_nothing_was_written(
    study, tmp_path, monkeypatch, capsys
):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("coregion.study.load_study", lambda _: study)
    monkeypatch.setattr("coregion.cli_packages._write_page", stopped)
    with pytest.raises(SystemExit) as caught:
        main(lambda: app(["packages", "made_up", "--out", str(tmp_path / "out")]))
    assert caught.value.code == 130
    assert (tmp_path / "out" / FILES[0]).exists()
    assert "what is solved stays" in capsys.readouterr().err


def test_an_unfinished_job_of_other_inputs_is_refused(study, tmp_path):
    def interrupting(stage, done, of):
        if stage == "packages":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_all_packages(study, tmp_path / "out", tell=interrupting)
    (study.folder / "study.toml").write_text("something else")
    with pytest.raises(CoregionError, match=r"unfinished job in .* whose inputs differ"):
        solve_all_packages(study, tmp_path / "out")


def test_a_job_that_begins_takes_the_page_of_an_earlier_one_away(tmp_path):
    page = tmp_path / "packages.html"
    page.write_text("of earlier tables")
    Job(tmp_path, {"inputs": "one"}).begin()
    assert not page.exists()
    page.write_text("of another folder's job")
    with pytest.raises(CoregionError, match="unfinished"):
        Job(tmp_path, {"inputs": "another"}).begin()
    assert page.exists(), "a job that is refused changes nothing"


def test_a_package_without_an_equilibrium_is_a_row_and_never_filled():
    names, keys = ["", "a", "b", "a+b"], [("all", "", "residents"), ("all", "", "jobs")]
    values = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [9.0, 8.0]])
    status = [CONVERGED, CONVERGED, "not converged: a market is off by 1.0e-03", CONVERGED]
    frame = package_frame(names, keys, ["persons", "persons"], values, status)
    assert frame[frame["package"] == "b"]["value"].isna().all()
    assert len(frame) == 8
    game, found = game_of(frame, names)
    assert found == keys
    shapley, missing = shapley_frame(game, found, ["a", "b"])
    assert shapley["shapley"].isna().all()
    assert shapley[shapley["measure"] == "a"]["alone"].tolist() == [2.0, 2.0]
    assert [text.split(" for ")[0] for text in missing] == ["the value of b is missing"]
    assert interactions_frame(game, found, ["a", "b"])["dividend"].isna().all()
    with pytest.raises(CoregionError, match="no rows of 1 packages, first 'b'"):
        game_of(frame[frame["package"] != "b"], names)


def test_interactions_of_two_measures_are_their_dividend():
    values = np.array([[0.0], [2.0], [3.0], [9.0]])
    found = interactions_frame(values, [("all", "", "residents")], ["a", "b"])
    assert found[["measure", "other"]].to_numpy().tolist() == [["a", "b"]]
    assert found["dividend"][0] == found["interaction"][0] == 4.0


def test_too_many_levers_and_measures_that_must_be_there_are_told_together():
    measures = [made("dock", name=f"dock_{number}") for number in range(14)]
    assert len(by_measure(measures).packages) == 2**14
    with pytest.raises(InputMistakes) as caught:
        by_lever({measure.name: (measure,) for measure in [*measures, made("zone", lowest=0.2)]})
    found = [mistake.found for mistake in caught.value.mistakes]
    assert found == ["15 measures, 32768 packages", "lowest 0.2 of 'zone'"]
    assert by_pillar(measures).packages == ("", "transport")


def test_a_package_with_several_equilibria_says_so_and_what_rests_on_it_carries_the_warning(
    study, tmp_path, monkeypatch
):
    """Where a search finds another equilibrium the figures stay those of the one reached from the baseline."""
    straight = solve_all_packages(study, tmp_path / "straight")
    asked = []

    def search(economy, shock, solution, starts, *_):
        asked.append(starts)
        moved = float(jnp.abs(shock.floor_space - 1).max()) > 0
        return ((solution.unknowns,) if moved else ()), 0

    monkeypatch.setattr("coregion.packages.batch.search", search)
    found = solve_all_packages(study, tmp_path / "searched", starts=2)
    assert asked == [2] * 8
    status = found.packages.drop_duplicates("package").set_index("package")["status"]
    with_floor_space = [name for name in status.index if "a" in name.split("+") or "c" in name.split("+")]
    assert sorted(status[status == SEVERAL].index) == sorted(with_floor_space)
    assert (status.drop(with_floor_space) == CONVERGED).all()
    assert len(found.warnings) == len(with_floor_space)
    assert "a has several equilibria" in found.warnings[0]
    np.testing.assert_array_equal(found.packages["value"], straight.packages["value"])
    np.testing.assert_array_equal(found.shapley["shapley"], straight.shapley["shapley"])
