"""The page on new kinds of measures works as it stands: its class, its entry, its place among the kinds."""

import re
from pathlib import Path

import numpy as np
import pytest
from made_up_baseline import made_up_baseline, made_up_settings

from coregion.measures.kinds import kinds
from coregion.measures.read import read_measures

PAGE = Path(__file__).parent.parent / "docs" / "extending.md"


def block(language):
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return text


def test_the_example_is_found_read_and_applied(tmp_path):
    page = {"__name__": "page"}
    exec(compile(block("python"), str(PAGE), "exec"), page)
    assert kinds()["irrigation"] is page["Irrigation"]
    (tmp_path / "measures.toml").write_text(block("toml"), encoding="utf-8")
    baseline = made_up_baseline()
    (canals,) = read_measures(tmp_path, made_up_settings(), baseline.region, baseline.network)
    expected = np.ones((6, 3))
    expected[1, 0] = 1.04**0.5
    shock = canals.apply(baseline, 0.5)
    assert np.allclose(shock.productivity, expected, rtol=1e-14)
    assert float(shock.transfers.sum() + shock.purchases.sum()) == pytest.approx(0, abs=1e-6)
    assert np.all(np.asarray(canals.apply(baseline, 0.0).productivity) == 1)
