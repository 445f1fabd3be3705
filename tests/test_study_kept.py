"""What comes with the bundled study, ranges and the governments' game, is about the study as it is."""

import pytest

from coregion.governments.kept import kept as kept_game
from coregion.results import WHOLE
from coregion.study import load_study
from coregion.uncertainty.kept import kept as kept_ranges
from coregion.uncertainty.ranges import GAIN


@pytest.mark.slow
def test_ranges_and_game_of_the_bundled_study_fit_its_measures_and_the_model():
    """Fails when a table, a parameter, a measure or the model has changed: draw and play again, as the error says."""
    study = load_study("jingjinji")
    run = study.solve().jurisdictions()
    ranges = kept_ranges(study, study.measures, run)
    again = "coregion run jingjinji --draws 96 --store; coregion games jingjinji --keep"
    package = "+".join(sorted(measure.name for measure in study.measures))
    assert package in set(ranges.ranges["package"]), f"{ranges.reason}: {again}"
    row = ranges.ranges[
        (ranges.ranges["package"] == package)
        & (ranges.ranges["place"] == WHOLE)
        & (ranges.ranges["variable"] == GAIN)
        & (ranges.ranges["group"] == "")
    ].iloc[0]
    assert float(row["low"]) < float(row["point"]) < float(row["high"])
    game = kept_game(study, study.measures, run)
    assert "games" in game, f"{game.get('reason')}: {again}"
    assert set(game["games"]["players"]) == {"11", "12", "13"}
