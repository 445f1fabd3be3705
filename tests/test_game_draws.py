"""The governments' game over draws of the parameters: every set as the single solver has it, ranges, resumption."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from test_governments import PLAYERS, measure
from test_uncertainty import recalibrated, sometimes, study

from coregion.errors import CoregionError
from coregion.governments.drawn import GameWork, game_to_draw, ranges_of, summary
from coregion.governments.figures import amounts, answers, pair_amounts
from coregion.governments.payoffs import gains_at, members
from coregion.governments.switched import gains_of_sets, measures_of
from coregion.measures.combine import OPERATIONS, combined, movers, switched
from coregion.measures.package import package_shock
from coregion.model.economy import no_shock
from coregion.packages.job import Job
from coregion.packages.lattice import by_lever
from coregion.packages.work import THIS_MACHINE, do
from coregion.solve.equilibrium import Options, solve
from coregion.uncertainty.solved import GOOD, Shocks

COUNT = 5
MEASURES = (
    measure("a_dock", "A"),
    measure("b_area", "B", kind="new_area", pillar="towns"),
    measure("both_road", "A", ["A", "B"], kind="through_road"),
    measure("b_zone", "B", kind="zone", pillar="towns"),
)


def test_parts_that_are_on_make_the_same_shock_as_the_measures_together():
    baseline = made_up_baseline()
    neutral = no_shock(baseline.economy)
    parts = [one.apply(baseline, 1.0) for one in MEASURES if not one.changes_network()]
    moved = movers(neutral, parts)
    for on in ([True, False, True], [False, False, False], [True, True, True]):
        ours = switched(neutral, neutral, parts, np.array(on), moved)
        theirs = combined(baseline.economy, [part for part, acts in zip(parts, on, strict=True) if acts])
        for name in OPERATIONS:
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-15, err_msg=name)


def work(calibrated=recalibrated, count: int = COUNT) -> GameWork:
    """The game of the made-up region with three drawn parameters."""
    found = game_to_draw(study(), MEASURES, count, "holders", "registered")
    return replace(found, setting=replace(found.setting, calibrated=calibrated))


@pytest.mark.slow
def test_every_set_of_levers_brings_what_the_single_solver_finds():
    game, baseline = work(), made_up_baseline()
    along = jnp.asarray(members(baseline, PLAYERS), dtype=float)
    shocks = Shocks(baseline, game.setting.states)
    options = Options()
    found = gains_of_sets(game.levers, baseline, shocks, game._inverse, along, "registered", options)
    assert found.shape == (8, 2)
    for levers in range(8):
        shock = package_shock(baseline, measures_of(game.levers, levers))
        solution = solve(baseline.economy, shock, options)
        alone = gains_at(baseline.economy, shock, solution.unknowns, along, "registered")
        np.testing.assert_allclose(found[levers], alone, atol=1e-8 * float(np.abs(found).max()))


@pytest.mark.slow
def test_a_steered_set_that_fails_is_solved_again_and_one_without_an_equilibrium_has_no_value():
    game, baseline = work(), made_up_baseline()
    along = jnp.asarray(members(baseline, PLAYERS), dtype=float)
    shocks, wrong = Shocks(baseline, game.setting.states), jnp.zeros_like(game._inverse)
    lattice = by_lever({"a": MEASURES[:1]})
    found = gains_of_sets(lattice, baseline, shocks, wrong, along, "registered", Options())
    right = gains_of_sets(lattice, baseline, shocks, game._inverse, along, "registered", Options())
    np.testing.assert_allclose(found, right, atol=1e-8 * float(np.abs(right).max()))
    never = gains_of_sets(lattice, baseline, shocks, wrong, along, "registered", Options(tolerance=0.0, newton_steps=0))
    assert np.isnan(never).all()


@pytest.mark.slow
def test_the_game_is_drawn_resumed_and_told_with_ranges(tmp_path):
    game = work(sometimes)
    whole = do(Job(tmp_path / "whole", {}, "game"), game, THIS_MACHINE, "draws", lambda *_: None)
    begun = Job(tmp_path / "parts", {}, "game")
    begun.begin()
    begun.keep(0, game.solved(0))
    again = do(begun, game, THIS_MACHINE, "draws", lambda *_: None)
    pd.testing.assert_frame_equal(whole, again)
    told = summary(whole, COUNT)
    assert 0 < told["failed"] < COUNT
    assert "too much spent on goods" in told["examples"][0]
    good = whole[whole["status"] == GOOD]
    assert good["draw"].nunique() == COUNT - told["failed"]
    ranges = ranges_of(whole)
    assert ranges["nash/together"].draws == COUNT - told["failed"]
    assert ranges["nash/together"].low <= ranges["nash/together"].high
    assert 0 <= ranges["nash acts/A"].mean <= 1
    assert {name for name in ranges if name.startswith("pair/")} == {"pair/towns/transport"}
    own = game.figures(made_up_baseline())
    assert own.keys() >= ranges.keys()
    one = good[good["draw"] == good["draw"].iloc[0]].set_index("figure")["value"]
    together = one["coalition/A+B"]
    assert together == pytest.approx(one["cooperation/utilitarian/together"], rel=1e-12)
    assert one["nash/A"] + one["nash/B"] == pytest.approx(one["nash/together"], rel=1e-12)


def test_draws_without_any_answer_are_an_error():
    rows = pd.DataFrame([(0, "", np.nan, "not calibrated"), (1, "", np.nan, "x")], columns=ROWS)
    with pytest.raises(CoregionError, match="no draw of 2 with an answer"):
        summary(rows, 2)


ROWS = ["draw", "figure", "value", "status"]


def test_ranges_are_quantiles_over_the_draws_that_have_the_figure():
    rows = [(draw, "x", float(value), GOOD) for draw, value in enumerate(range(-1, 20))]
    rows += [(21, "x", np.nan, GOOD), (22, "", np.nan, "not solved: why")]
    (found,) = ranges_of(pd.DataFrame(rows, columns=ROWS)).values()
    assert (found.low, found.high, found.mean, found.draws) == (0.0, 18.0, 9.0, 21)
    assert found.loss == pytest.approx(1 / 21)


def test_figures_of_a_record_by_name():
    from test_agreement import GAMES

    games = {**GAMES, "coalitions": {"Alpha": 2e9, "Beta": None}}
    found = amounts(games)
    assert found["sharing/smallest stable/Alpha"] == 1e9
    assert found["sharing/smallest stable/paid"] == 1e9
    assert found["nash/together"] == 5e9
    assert np.isnan(found["coalition/Beta"])
    so = answers(games)
    assert so["behind/Alpha"]
    assert not so["behind/Beta"]
    assert so["nash acts/Beta"]
    assert not so["nobody below alone/none"]
    assert pair_amounts(("b", "a"), np.array([[0, 3.0], [3.0, 0]])) == {"pair/a/b": 3.0}
