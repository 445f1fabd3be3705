"""Dekle, Eaton & Kortum (2008): every line of the table, balanced trade, and what is refused."""

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import dekle_eaton_kortum as dek
from coregion.literature import gravity_sample


def test_every_line_agrees():
    lines = list(dek.checks(None))
    assert len(lines) == 12
    assert [line for line in lines if not line.agrees] == []
    assert off_the_page(dek, lines) == []


def test_balanced_trade_ends_deficits_and_lowers_the_debtor_s_wage():
    economy = dek.calibrate(np.array([[60.0, 30.0], [10.0, 80.0]]), 4.0)
    assert economy.deficit == pytest.approx([20, -20])
    after = dek.counterfactual(economy, np.ones((2, 2)), deficit_hat=0.0)
    assert after.solution is not None
    np.testing.assert_allclose(after.solution.outcome.expenditure, economy.labour_income * after.wage_hat, rtol=1e-9)
    assert after.wage_hat[0] < 1 < after.wage_hat[1]
    np.testing.assert_allclose(after.real_wage_hat, after.domestic_share_hat ** (-1 / 4), rtol=1e-10)


def test_trade_that_is_no_square_or_below_zero_is_refused():
    with pytest.raises(InputMistakes, match="buyer by seller"):
        dek.calibrate(np.ones((2, 3)), 4.0)
    with pytest.raises(InputMistakes, match="non-negative"):
        dek.calibrate(np.array([[1.0, -1.0], [1.0, 1.0]]), 4.0)


@pytest.mark.parametrize("hat", [np.ones((3, 3)), -np.ones((2, 2))])
def test_costs_that_are_none_are_refused(hat):
    economy = dek.calibrate(np.array([[60.0, 30.0], [10.0, 80.0]]), 4.0)
    with pytest.raises(InputMistakes, match=r"or not above zero; expected \(2, 2\)"):
        dek.counterfactual(economy, hat)


def test_the_sample_file_of_gegravity_is_read_as_it_stands(tmp_path):
    data = gravity_sample.sample()
    lines = ["exporter,importer,year,trade,Y,E,pta,contiguity,common_language,lndist,international"]
    for n, buyer in enumerate(data.codes):
        for i, seller in enumerate(data.codes):
            marks = ",".join(str(int(m[n, i])) for m in (data.agreement, data.bordering, data.language))
            money = f"{data.output[i]:.0f},{data.spending[n]:.0f}"
            lines.append(f"{seller},{buyer},2006,1,{money},{marks},{data.log_distance[n, i]},{int(n != i)}")
    path = tmp_path / "sample_data_set.dlm"
    path.write_text("\n".join(lines))
    found = gravity_sample.load(path)
    assert found.codes == data.codes
    np.testing.assert_array_equal(found.output, data.output)
    np.testing.assert_array_equal(found.cost_weight(found.agreement), data.cost_weight(data.agreement))
    path.write_text("\n".join(lines[:-1]))
    with pytest.raises(InputMistakes, match="63 lines of 8 countries"):
        gravity_sample.load(path)
    path.write_text("\n".join(line.replace("lndist", "distance") for line in lines))
    with pytest.raises(InputMistakes, match="lndist"):
        gravity_sample.load(path)
