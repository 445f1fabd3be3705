"""Caliendo & Parro (2015): the NAFTA table, line by line."""

import shutil

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import caliendo_parro as cp
from coregion.literature.check import mistakes_of, reference_folder

FOLDER = reference_folder()
wrong = mistakes_of(FOLDER, cp.FILES)
needs_data = pytest.mark.skipif(bool(wrong), reason=str(wrong[0]) if wrong else "")


@pytest.fixture(scope="module")
def data():
    return cp.load(FOLDER)


@needs_data
def test_every_line_of_the_table():
    lines = list(cp.checks(FOLDER))
    assert len(lines) == 21
    assert [f"{line.experiment}: {line.ours} not {line.published}" for line in lines if not line.agrees] == []
    assert off_the_page(cp, lines) == []


@needs_data
@pytest.mark.parametrize("deficits", ["zero", "observed"])
def test_no_new_tariff_no_change(data, deficits):
    base = cp.base(data, deficits)
    still = cp.change_tariffs(data, base, data.tariffs_1993)
    np.testing.assert_allclose(still.real_income_exact, 0, atol=1e-6)
    np.testing.assert_allclose(still.terms_of_trade, 0, atol=1e-6)


@needs_data
def test_tariffs_that_are_none_are_refused(data):
    base = cp.base(data, "observed")
    with pytest.raises(InputMistakes, match=r"tariffs of shape \(3, 3\)"):
        cp.change_tariffs(data, base, np.zeros((3, 3)))
    with pytest.raises(InputMistakes, match="own goods"):
        cp.change_tariffs(data, base, data.tariffs_1993 + 0.1)


@needs_data
def test_trade_balances_without_deficits(data):
    found = cp.nafta(data)
    imports = found.imports_after.sum(axis=0)
    np.testing.assert_allclose(imports.sum(axis=0), imports.sum(axis=1), rtol=1e-6)
    assert found.residual <= 1e-11


@needs_data
def test_a_file_cut_off_says_so_by_name(tmp_path):
    copy = tmp_path / "caliendo_parro_2015"
    shutil.copytree(FOLDER / "caliendo_parro_2015", copy)
    for path in (copy, *copy.iterdir()):
        path.chmod(0o755)
    (copy / "GO.txt").write_text((copy / "GO.txt").read_text()[:500])
    (copy / "T.txt").unlink()
    with pytest.raises(InputMistakes, match=r"GO\.txt") as told:
        cp.load(tmp_path)
    assert "T.txt" in str(told.value)
