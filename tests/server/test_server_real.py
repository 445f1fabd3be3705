"""The bundled study behind the server: the page solves what a run solves, and draws and reads what it needs."""

import numpy as np
import pytest
from real_study import real_study

from coregion.server.current import Current
from coregion.server.limits import Limits
from coregion.server.served import served


@pytest.mark.slow
def test_the_page_solves_what_a_run_solves():
    study = real_study()
    current = Current(served(study), Limits())
    whole = ",".join(f"{measure.name}:{measure.intensity}" for measure in study.measures)
    found, run = current.solved(current.canonical(whole)), study.solve()
    for name in ("residents", "jobs", "wage", "welfare", "floor_space_price", "commuting"):
        assert np.allclose(found.levels[name], run.levels[name], rtol=1e-8, atol=1e-8), name
    assert current.served.capital == "11"
    assert len(current.shapes()["features"]) == study.region.inside
    drawn = current.solved(current.canonical("~131082~110112~high_speed_250~1"))
    assert drawn.links[0]["minutes_after"] < drawn.links[0]["minutes_before"]
    assert drawn.links[0]["investment_yuan"] > 0
