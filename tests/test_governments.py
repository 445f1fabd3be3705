"""Governments of a study as players: who holds what, what transfers do inside the equilibrium, and the whole game."""

import tomllib
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion.errors import CoregionError, OutputError
from coregion.governments.kept import keep, kept
from coregion.governments.levers import holders_of, table
from coregion.governments.payoffs import gains_at, income_of, members, with_transfers
from coregion.measures.kinds import kinds
from coregion.measures.record import Measure
from coregion.model.economy import no_shock
from coregion.packages.transfers_inside import RootOptions, smallest_inside
from coregion.solve.equilibrium import Options, solve

PLAYERS = ("A", "B")


def measure(name: str, payer: str, agreed_by=(), pillar="transport", kind="dock") -> Measure:
    given = tomllib.loads(entry(kind, name=name))["measures"][0]
    return kinds()[kind].model_validate({**given, "payer": payer, "agreed_by": list(agreed_by), "pillar": pillar})


def test_who_pays_decides_unless_more_must_agree():
    region = made_up_baseline().region
    assert holders_of(region, measure("one", "A"), PLAYERS) == ("A",)
    assert holders_of(region, measure("two", "A", ["A", "B"]), PLAYERS) == ("A", "B")
    assert holders_of(region, measure("three", "B-1"), PLAYERS) == ("B",), "a prefecture stands for its province"
    assert holders_of(region, measure("four", "state"), PLAYERS) == ()


def test_levers_are_sets_of_holders_or_pillars_of_theirs():
    region = made_up_baseline().region
    measures = [
        measure("a_road", "A"),
        measure("a_zone", "A", pillar="zones"),
        measure("b_road", "B"),
        measure("both", "A", ["B", "A"]),
        measure("state_road", "state"),
    ]
    seats = table(region, measures)
    assert [(lever.name, len(lever.measures)) for lever in seats.levers] == [("A", 2), ("B", 1), ("A and B", 1)]
    assert [m.name for m in seats.given] == ["state_road"]
    np.testing.assert_array_equal(seats.holders, [[True, False], [False, True], [True, True]])
    fine = table(region, measures, "pillars")
    assert [lever.name for lever in fine.levers] == ["A transport", "A zones", "B transport", "A and B transport"]


def test_a_game_needs_two_governments():
    with pytest.raises(CoregionError, match="of two or more"):
        table(made_up_baseline().region, [measure("one", "A")])


def test_a_transfer_inside_the_equilibrium_helps_its_receiver_and_its_slope_is_the_finite_difference():
    baseline = made_up_baseline()
    shock = no_shock(baseline.economy)
    start = solve(baseline.economy, shock, Options(tolerance=1e-12))
    payoff = with_transfers(baseline, PLAYERS, shock, start, "registered")
    size = 1e-4 * float(income_of(baseline, PLAYERS, "registered").sum())
    given = jnp.asarray([size, -size])
    moved = np.asarray(payoff(given))
    assert moved[0] > 0 > moved[1]
    slope = np.asarray(jax.jacrev(payoff)(given))
    away = np.asarray(payoff(2 * given)) - np.asarray(payoff(0 * given))
    np.testing.assert_allclose(slope @ np.array([2 * size, -2 * size]), away, rtol=1e-5)


def test_the_smallest_transfer_inside_lifts_the_loser_just_to_where_it_was():
    baseline = made_up_baseline()
    hurts = measure("hurts", "A", kind="relocate").apply(baseline, 1.0)
    start = solve(baseline.economy, hurts, Options(tolerance=1e-12))
    payoff = with_transfers(baseline, PLAYERS, hurts, start, "registered")
    before = payoff.value(np.zeros(2))
    alone = np.array([before[0] + 0.2 * abs(before).max(), before[1] - abs(before).max()])
    found = smallest_inside(payoff.value, alone, payoff.slopes, RootOptions(tolerance=1e-7))
    assert found.exists
    assert found.transfers.sum() == pytest.approx(0, abs=1e-9 * abs(found.transfers).max())
    assert found.payoffs[0] == pytest.approx(alone[0], abs=1e-6 * abs(before).max())
    assert found.payoffs[1] > alone[1]


@pytest.mark.parametrize("objective", ["registered", "living", "working"])
def test_gains_are_zero_where_nothing_changes(objective):
    baseline = made_up_baseline()
    shock = no_shock(baseline.economy)
    along = jnp.asarray(members(baseline, PLAYERS), dtype=float)
    found = gains_at(baseline.economy, shock, solve(baseline.economy, shock).unknowns, along, objective)
    income = income_of(baseline, PLAYERS, objective)
    assert (income > 0).all()
    np.testing.assert_allclose(np.asarray(found) / income, 0, atol=1e-10)


def test_a_game_kept_with_a_study_is_shown_for_its_own_package_and_gains_only(tmp_path, monkeypatch):
    played = {
        "players": {"A": "Aland", "B": "Beland"},
        "where_no_government_acts": {"Aland": 1.0, "Beland": 0.0},
        "announced": {"gains": {"Aland": 3.0, "Beland": -2.0}},
    }
    monkeypatch.setattr("coregion.governments.kept.record", lambda found: found)
    tables = SimpleNamespace(measures="measures.toml")
    settings = SimpleNamespace(groups=(), payers=(), pillars=(), tables=tables)
    study = SimpleNamespace(folder=tmp_path, settings=settings, region=made_up_baseline().region)
    interactions = pd.DataFrame(
        [
            ("all", "", "equivalent_variation_registered", "transport", "zones", 5.0),
            ("all", "", "equivalent_variation_registered", "transport", "air", np.nan),
            ("A", "", "equivalent_variation_registered", "transport", "zones", 9.0),
        ],
        columns=["jurisdiction", "group", "variable", "measure", "other", "interaction"],
    )
    package = (measure("one", "A"), measure("two", "B"))

    def gained(first: float) -> pd.DataFrame:
        shown = {"package": "one+two", "variable": "equivalent_variation_registered", "group": "", "level": 1}
        return pd.DataFrame(
            [{**shown, "jurisdiction": "A", "value": first}, {**shown, "jurisdiction": "B", "value": -2}]
        )

    assert kept(study, package, gained(4.0)).keys() == {"reason"}
    keep(study, package, played, interactions)
    shown = kept(study, package, gained(4.0))
    assert shown["games"] == played
    assert [(pair["one"][0], pair["interaction"]) for pair in shown["pairs"]] == [("transport", 5.0)]
    assert "another version" in kept(study, package, gained(4.1))["reason"]
    assert "other measures" in kept(study, package[:1], gained(4.0))["reason"]
    file = tmp_path / "coordination" / "coordination.json"
    whole = file.read_text()
    for damaged in (whole[:-40], "[1]", '{"inputs": 1}'):
        file.write_text(damaged)
        assert "cannot be read" in kept(study, package, gained(4.0))["reason"]
    file.write_text(whole)
    (tmp_path / "regions.csv").write_text("a table more")
    assert "other parameters or tables" in kept(study, package, gained(4.0))["reason"]


@pytest.mark.slow
def test_the_game_of_a_small_study_is_played_to_the_end_and_goes_on_where_it_stopped(tmp_path):
    from coregion.governments.coordinate import coordinate, record
    from coregion.governments.tables import write_tables
    from coregion.packages.job import Job

    baseline = made_up_baseline()
    measures = (
        measure("a_dock", "A"),
        measure("b_area", "B", kind="new_area"),
        measure("both", "A", ["A", "B"], kind="zone"),
    )
    settings = SimpleNamespace(name="made_up")
    study = SimpleNamespace(
        folder=tmp_path / "none",
        settings=settings,
        region=baseline.region,
        measures=measures,
        baseline=lambda: baseline,
    )
    (tmp_path / "none").mkdir()
    found = coordinate(study, tmp_path / "games")
    told = record(found)
    assert set(told["coalitions"]) == {"A", "B", "A+B"}
    assert told["announced"]["gains"].keys() == {"A", "B"}
    assert len(found.partitions) == 2
    joint = {one.rule: one for one in found.cooperation}["utilitarian"]
    assert joint.payoffs.sum() >= found.nash.payoffs.sum() - 1e-6
    for rule in found.sharing.rules:
        if rule.exists:
            assert abs(rule.transfers.sum()) <= 1e-6 * abs(found.sharing.without).max()
    files = write_tables(found, tmp_path / "games")
    assert all(file.is_file() for file in files)
    assert Job(tmp_path / "games", {}, "games").finished()["packages"] == 8
    again = coordinate(study, tmp_path / "games")
    np.testing.assert_array_equal(again.game.payoffs, found.game.payoffs)


def test_a_game_without_anything_to_share_is_told_and_written(tmp_path):
    """Each acts on its own lever alone and together, and no division of it is stable: nothing of that is a number."""
    import json

    from coregion.cli_games import sentences
    from coregion.governments.coordinate import Coordination, record
    from coregion.governments.tables import write_tables
    from coregion.packages.sharing import transfers
    from coregion.packages.switches import SwitchGame, coalition_values, cooperate, partitions, play

    payoffs = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=float)
    seats = table(made_up_baseline().region, [measure("a", "A"), measure("b", "B")])
    game = SwitchGame(payoffs, seats.holders, seats.names, ("A", "B"))
    values, plays = coalition_values(game)
    nash, income = plays[0], np.ones(2)
    empty_core = np.array([0, 2, 2, 2.0])
    found = Coordination(
        seats, game, payoffs[0], nash, payoffs[-1], tuple(play(game, one) for one in partitions(2)), values,
        cooperate(game, nash.payoffs, income), transfers(payoffs[-1], nash.payoffs, empty_core, seats.names), (),
        float("nan"), income, "registered",
    )  # fmt: skip
    told = record(found)
    assert told["announced"]["realised"] is None
    (stable, _) = (row for row in told["sharing"] if row["rule"] == "smallest stable")
    assert stable["transfer"] is None
    write_tables(found, tmp_path)
    assert json.loads((tmp_path / "coordination.json").read_text())["drawn"] == {"draws": 0}
    lines = list(sentences(found))
    assert "Nothing that they could do together brings more in sum." in lines
    assert "  Nash bargaining: nothing leaves everybody better off." in lines
    assert not any("-0.00" in line for line in lines)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--pairs", "77"], "--pairs with --level 1; expected --level 2"),
        (["--keep", "--objective", "living"], "--keep with --objective living; expected registered"),
    ],
)
def test_what_a_game_of_governments_does_not_have_is_refused_before_it_is_played(tmp_path, capsys, more, words):
    from coregion.cli import app, main

    with pytest.raises(SystemExit):
        main(lambda: app(["games", "jingjinji", "--out", str(tmp_path / "out"), *more]))
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_cannot_keep_a_game_says_so_at_once(tmp_path):
    from coregion.governments.kept import check_keepable

    check_keepable(SimpleNamespace(folder=tmp_path), "registered")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="Copy the study to a folder first"):
        check_keepable(SimpleNamespace(folder=tmp_path / "none"), "registered")


def test_a_game_that_begins_anew_leaves_no_table_of_an_earlier_one(tmp_path):
    from coregion.packages.job import Job

    def begun(measures: str) -> Job:
        job = Job(tmp_path, {"measures": measures}, "games", ("plays.parquet",))
        job.begin()
        return job

    begun("a").finish({"games.parquet": pd.DataFrame({"value": [1.0]})}, {})
    (tmp_path / "plays.parquet").write_text("of a")
    (tmp_path / "notes.txt").write_text("mine")
    begun("b")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["games.json", "games.parts", "notes.txt"]


@pytest.mark.parametrize("damaged", ['{"finished', "[1]", "3"])
def test_the_record_of_a_job_that_cannot_be_read_is_told(tmp_path, damaged):
    from coregion.packages.job import Job

    (tmp_path / "games.json").write_text(damaged)
    with pytest.raises(CoregionError, match=r"games\.json that cannot be read .* Delete it"):
        Job(tmp_path, {}, "games").finished()
    assert [file.name for file in tmp_path.iterdir()] == ["games.json"]


def test_a_city_carries_out_the_part_of_a_measure_that_is_spent_in_it():
    from coregion.governments.cities import parts

    baseline = made_up_baseline()
    found = parts(baseline, [measure("one", "A"), measure("two", "B", kind="new_area")], ("A-1", "B-1", "A-2"))
    np.testing.assert_allclose(found, [[0, 1, 0], [0, 1, 0]], atol=1e-15)
    given = tomllib.loads(entry("dock", where="A"))["measures"][0]
    spread = parts(baseline, [kinds()["dock"].model_validate(given)], ("A-1", "B-1", "A-2"))
    assert spread.sum() == pytest.approx(1, abs=1e-14)
    assert spread[0, 1] == 0
    people = np.asarray(baseline.economy.residents).sum(axis=0)
    assert spread[0, 0] == pytest.approx(people[[0, 2]].sum() / people[[0, 2, 4]].sum(), rel=1e-12)


@pytest.mark.slow
def test_sampled_shapley_values_of_cities_sum_to_what_all_gain():
    from coregion.cli_games import city_lines
    from coregion.governments.cities import cities

    baseline = made_up_baseline()
    measures = (measure("a_dock", "A"), measure("b_area", "B", kind="new_area"))
    study = SimpleNamespace(region=baseline.region, measures=measures, baseline=lambda: baseline)
    found = cities(study, pairs=6)
    assert found.codes == ("A-1", "B-1", "A-2")
    assert found.sampled.shapley.sum() == pytest.approx(found.gain.sum(), rel=1e-9)
    assert np.isfinite(found.sampled.standard_error).all()
    assert found.frame()["transfer"].sum() == pytest.approx(0, abs=1e-6 * abs(found.gain).max())
    told = {"solved": 8, "total": 1e9, "cities": found.frame().to_dict("records"), "file": "x"}
    assert len(list(city_lines(told))) == 6


@pytest.mark.parametrize("more", [["--keep"], ["--by", "pillars"], ["--draws", "8"]])
def test_what_cities_do_not_have_is_refused_and_not_passed_over(tmp_path, capsys, more):
    from coregion.cli import app, main

    with pytest.raises(SystemExit):
        main(lambda: app(["games", "jingjinji", "--level", "2", "--out", str(tmp_path / "out"), *more]))
    assert "--keep, --draws or --by with --level 2; expected none of them" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_cities_whose_values_are_not_known_are_told_without_numbers(capsys):
    import json

    from coregion.cli_games import _print, city_lines

    city = {"name": "Town", "gain": 1e9, "shapley": np.nan, "standard_error": np.nan, "transfer": np.nan}
    told = {"solved": 8, "total": np.nan, "cities": [city], "file": "x"}
    assert list(city_lines(told))[2].split() == ["Town", "1.00", "–", "–", "–"]
    _print(told, city_lines(told), as_json=True)
    assert json.loads(capsys.readouterr().out)["cities"][0]["shapley"] is None
