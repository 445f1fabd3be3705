"""Governments that choose how much of each measure: who may move what, the certificate, and resumption."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from test_governments import measure

from coregion.cli_intensities import lines
from coregion.errors import CoregionError
from coregion.governments.intensities import (
    CERTIFICATE,
    COLUMNS,
    FOUND,
    GAIN,
    INTENSITY,
    _part,
    _relative,
    choose_intensities,
    intensity_game,
)
from coregion.governments.payoffs import gains_at, members
from coregion.measures.package import package_shock
from coregion.packages.game import game as game_of
from coregion.solve.equilibrium import solve

MEASURES = (
    measure("a_dock", "A"),
    measure("b_area", "B", kind="new_area", pillar="towns"),
    measure("both_road", "A", ["A", "B"], kind="through_road"),
)


def study(folder):
    baseline = made_up_baseline()
    folder.mkdir()
    return SimpleNamespace(
        folder=folder,
        settings=SimpleNamespace(name="made_up"),
        region=baseline.region,
        measures=MEASURES,
        baseline=lambda: baseline,
    )


@pytest.mark.slow
def test_intensities_alone_and_together_are_told_and_taken_up_again(tmp_path, monkeypatch):
    given = study(tmp_path / "study")
    found = choose_intensities(given, tmp_path / "out")
    assert set(found["status"]) == {FOUND}
    table = found.set_index(["play", "figure", "name"])["value"].sort_index()
    assert table["nash", INTENSITY, "both_road"] == 0, "a measure of both needs both"
    assert table["nash", CERTIFICATE, "first_order_gap"] <= 1e-6
    assert table["nash", CERTIFICATE, "deviation_gain"] <= 1e-7
    for play in ("A+B", "utilitarian"):
        assert table[play, GAIN].sum() >= table["nash", GAIN].sum() - 1e-6 * abs(table["nash", GAIN]).max()
    equal = (table["equal gain", GAIN] - table["nash", GAIN]).to_numpy()
    assert (equal >= -1e-6 * abs(equal).max()).all()
    shown = list(lines(found, {"A": "Aland", "B": "Beland"}))
    assert {"a_dock", "Aland", "Beland"} <= {line.split()[0] for line in shown}
    assert [table["announced", INTENSITY, m.name] for m in MEASURES] == [m.intensity for m in MEASURES]
    assert table["announced", GAIN].sum() <= table["utilitarian", GAIN].sum() * (1 + 1e-6)
    assert "nobody gains more than" in shown[-1]

    monkeypatch.setattr("coregion.governments.intensities.IntensityGame.solved", None)
    again = choose_intensities(given, tmp_path / "out")
    np.testing.assert_array_equal(again["value"], found["value"])

    intensities = [table["utilitarian", INTENSITY, m.name] for m in MEASURES]
    baseline = given.baseline()
    along = np.asarray(members(baseline, ("A", "B")), dtype=float)

    def gain(amounts):
        shock = package_shock(baseline, MEASURES, amounts)
        return np.asarray(
            gains_at(baseline.economy, shock, solve(baseline.economy, shock).unknowns, along, "registered")
        )

    ours = table["utilitarian", GAIN][["A", "B"]].to_numpy()
    np.testing.assert_allclose(gain(intensities) - gain([0.0] * 3), ours, atol=1e-6 * abs(ours).max())


def test_a_measure_that_cannot_move_is_refused(tmp_path):
    given = study(tmp_path / "study")
    fixed = MEASURES[0].model_copy(update={"lowest": 1.0, "highest": 1.0})
    with pytest.raises(CoregionError, match="a_dock with one possible intensity"):
        intensity_game(given, (fixed, *MEASURES[1:]))


def test_a_play_that_is_not_found_is_told_without_values(tmp_path):
    game = intensity_game(study(tmp_path / "study"), MEASURES)
    game.__dict__["_income"], game.__dict__["base"] = np.ones(2), np.zeros(2)
    rows = game.failed(0, "No Nash equilibrium after 60 rounds")
    assert rows["value"].isna().all()
    assert list(lines(rows, {}))[-1] == "alone: No Nash equilibrium after 60 rounds"


def test_where_the_announced_intensities_stand_is_told():
    def told(announced: float, best: float, stability: float = 0.0, line: int = -2) -> str:
        sums = {"nash": 1e9, "utilitarian": best, "announced": announced}
        rows = [(play, GAIN, "A", value, FOUND) for play, value in sums.items()]
        certificate = {"deviation_gain": 0.0, "stability": stability}
        rows += [("nash", CERTIFICATE, name, value, FOUND) for name, value in certificate.items()]
        return list(lines(pd.DataFrame(rows, columns=list(COLUMNS)), {"A": "Aland"}))[line]

    assert told(2.5e9, 3e9) == "The announced intensities go 75 % of the way from alone to the largest sum."
    assert told(1e9, 2e9, 1.5, -1).endswith("spectral radius 1.5: above 1, a small push leads away from it.")
    assert told(1e9, 2e9, 0.5, -1).endswith("spectral radius 0.5.")
    assert told(0.9e9, 1e9 + 1) == "Nothing that they could do together brings more in sum."


def test_a_measure_of_several_moves_only_where_all_of_them_stand_in_one_coalition(tmp_path):
    game = intensity_game(study(tmp_path / "study"), MEASURES)
    assert game.holders == (0b01, 0b10, 0b11)
    np.testing.assert_array_equal(game.movable((0b01, 0b10)), [0, 1])
    np.testing.assert_array_equal(game.movable((0b11,)), [0, 1, 2])


def test_real_incomes_are_one_and_the_gain_over_ones_own_income_with_their_slopes():
    slopes = jnp.array([[0.02, -0.01], [0.03, 0.04]])
    of_all, share = game_of(lambda x: slopes @ x, [0, 1], 0.0, 1.0), np.array([0.2, 0.8])
    point, weights = np.array([0.5, 1.0]), np.array([3.0, 5.0])
    own = _relative(of_all, share)
    exact = np.asarray(slopes) / share[:, None]
    np.testing.assert_allclose(own.payoffs(point), 1 + exact @ point, rtol=1e-14)
    value, gradient = own.value_and_gradient(weights, point)
    np.testing.assert_allclose(value, own.payoffs(point), rtol=1e-14)
    np.testing.assert_allclose(gradient, weights @ exact, rtol=1e-14)


def test_what_cannot_be_moved_stays_where_it_is():
    whole = game_of(lambda x: jnp.array([x[0] * x[1] + x[2], -x[2]]), [0, 0, 1], 0.0, 1.0)
    part = _part(whole, np.array([0, 2]), np.array([9.0, 0.5, 9.0]))
    np.testing.assert_allclose(part.payoffs(np.array([1.0, 0.25])), [0.75, -0.25])
    np.testing.assert_allclose(part.value_and_gradient(np.array([1.0, 0.0]), np.array([1.0, 0.25]))[1], [0.5, 1.0])
    assert part.owner.tolist() == [0, 1]
