"""Germany's counties: every line of the published table, and what a damaged file says."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from published_page import off_the_page

from coregion.errors import InputMistakes
from coregion.literature import monte_redding_rossi_hansberg as mrrh
from coregion.literature.check import mistakes_of, reference_folder

FOLDER = reference_folder()
absent = [str(mistake) for mistake in mistakes_of(FOLDER, mrrh.FILES)]
needs_data = pytest.mark.skipif(bool(absent), reason="; ".join(absent))


@pytest.fixture(scope="module")
def data():
    return mrrh.load(FOLDER)


@pytest.fixture(scope="module")
def observed(data):
    return mrrh.calibrate(data, "observed")


@needs_data
@pytest.mark.slow
def test_every_line_of_the_table_agrees():
    lines = list(mrrh.checks(FOLDER))
    assert len(lines) == 13
    assert [line.experiment for line in lines if not line.agrees] == []
    assert off_the_page(mrrh, lines) == []


@needs_data
def test_both_folders_are_accepted(data):
    own = mrrh.load(FOLDER / "germany")
    assert own.codes == data.codes
    assert data.codes[0] == "01001"
    assert len(data.codes) == 401


@needs_data
def test_observed_workers_are_hit_exactly(data, observed):
    np.testing.assert_allclose(observed.economy.workers, data.workers, rtol=1e-13)


@needs_data
def test_welfare_is_the_same_for_every_pair_of_home_and_work(data, observed):
    hat = np.where(data.east[:, None] != data.east[None, :], 1.3, 0.95)
    after = mrrh.counterfactual(observed, commuting_cost_hat=hat, trade_cost_hat=hat)
    share = observed.economy.workplace_share[0]
    pull = share * (after.wage_hat[None, :] / hat) ** 4.6
    chosen = after.residents_hat[:, None] * pull / pull.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        utility = (
            after.wage_hat[None, :]
            / hat
            / (after.price_index_hat**0.7 * after.floor_space_price_hat**0.3)[:, None]
            * (np.asarray(share) / chosen) ** (1 / 4.6)
        )
    pairs = np.asarray(share) > 0
    np.testing.assert_allclose(utility[pairs], after.welfare_hat, rtol=1e-9)
    assert after.residual <= 1e-10
    assert np.mean(data.wage * after.wage_hat) == pytest.approx(1, abs=1e-10)


@needs_data
def test_the_paper_s_conditions_hold_at_other_elasticities(data):
    """Every equation written out apart from the model, with all four changes at once."""
    base = mrrh.calibrate(data, "observed", epsilon=3.3, sigma=5, alpha=0.6, nu=0.02, delta=1)
    rng = np.random.default_rng(3)
    made, liked = np.exp(0.1 * rng.normal(size=401)), np.exp(0.05 * rng.normal(size=401))
    travel, freight = np.exp(-0.1 * rng.random((401, 401))), np.exp(0.2 * rng.random((401, 401)))
    after = mrrh.counterfactual(base, made, liked, travel, freight)
    share = data.commuters / data.commuters.sum(axis=1, keepdims=True)
    income = data.residents * (share @ data.wage)
    distance = data.distance / data.distance.min()
    bought = base.productivity**4 * data.workers**1.08 * data.wage**-4.0 * distance ** (-4 * 0.42)
    bought /= bought.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(bought.T @ income, data.wage * data.workers, rtol=1e-11)
    pull = share * (after.wage_hat / travel) ** 3.3
    value = pull.sum(axis=1)
    workers = (data.residents * after.residents_hat) @ (pull / value[:, None])
    income_after = data.residents * after.residents_hat * (pull @ (data.wage * after.wage_hat)) / value
    supply = bought * after.workers_hat**1.08 * (after.wage_hat / made) ** -4 * freight**-4.0
    price = supply.sum(axis=1) ** (-1 / 4)
    sold = (supply * price[:, None] ** 4).T @ income_after
    floor_space = (income_after / income) ** (1 / 2)
    utility = liked * value ** (1 / 3.3) / (price**0.6 * floor_space**0.4)
    welfare = (data.residents / data.residents.sum() @ utility**3.3) ** (1 / 3.3)
    for ours, expected in (
        (after.workers_hat * data.workers, workers),
        (after.price_index_hat, price),
        (after.wage_hat * data.wage * after.workers_hat * data.workers, sold),
        (after.floor_space_price_hat, floor_space),
        (after.welfare_hat, welfare),
        (after.residents_hat, (utility / welfare) ** 3.3),
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-10)


HATS = ("welfare_hat", "residents_hat", "workers_hat", "wage_hat", "floor_space_price_hat", "price_index_hat")


@needs_data
def test_many_counterfactuals_are_the_same_as_each_by_itself(data, observed):
    border = data.east[:, None] != data.east[None, :]
    hats = [{"trade_cost_hat": np.where(border, cost, 1.0)} for cost in (5.0, 1000.0)]
    hats += [{"commuting_cost_hat": np.where(border, 1.3, 0.95), "amenity_hat": np.where(data.east, 1.1, 1.0)}]
    many, passes = mrrh.counterfactuals(observed, hats), []
    for given, ours in zip(hats, many, strict=True):
        alone = mrrh.counterfactual(observed, **given)
        for name in HATS:
            np.testing.assert_allclose(getattr(ours, name), getattr(alone, name), rtol=1e-9, err_msg=name)
        assert ours.residual <= mrrh.OPTIONS.tolerance
        passes.append((float(ours.solution.steps), float(alone.solution.steps)))
    assert 3 * passes[1][0] < passes[1][1]


@needs_data
def test_what_steering_does_not_reach_is_solved_by_itself(data, observed, monkeypatch):
    monkeypatch.setattr(mrrh, "inverse_jacobian", lambda *_: None)
    monkeypatch.setattr(mrrh, "compiled_steered", lambda *_: SimpleNamespace(converged=False))
    hats = [{}, {"productivity_hat": np.where(data.east, 1.1, 1.0)}]
    (same, after) = mrrh.counterfactuals(observed, hats)
    assert same.welfare_hat == pytest.approx(1, abs=1e-12)
    assert after.welfare_hat == mrrh.counterfactual(observed, **hats[1]).welfare_hat
    assert mrrh.counterfactuals(observed, []) == []


@needs_data
def test_mistakes_of_many_shocks_are_told_together(observed):
    with pytest.raises(InputMistakes) as raised:
        mrrh.counterfactuals(observed, [{"amenity": np.ones(401)}, {"amenity_hat": np.ones(2)}])
    first, second = (str(mistake) for mistake in raised.value.mistakes)
    assert "'amenity' of hats[0]" in first
    assert "Did you mean 'amenity_hat'" in first
    assert "amenity_hat of hats[1] of shape (2,)" in second


@needs_data
def test_an_infinite_cost_is_one_and_an_infinite_productivity_is_none(data, observed):
    closed = np.where(np.eye(401, dtype=bool), 1.0, np.inf)
    after = mrrh.counterfactual(observed, commuting_cost_hat=closed)
    np.testing.assert_allclose(after.residents_hat * data.residents, after.workers_hat * data.workers, rtol=1e-9)
    for hat, says in ((np.full(401, np.inf), "only a cost may be infinite"), (["a"] * 401, "no numbers")):
        with pytest.raises(InputMistakes, match=says):
            mrrh.counterfactual(observed, productivity_hat=hat)


@needs_data
def test_mistakes_of_a_shock_are_told_together(observed):
    with pytest.raises(InputMistakes) as raised:
        mrrh.counterfactual(observed, productivity_hat=np.ones(3), trade_cost_hat=-np.ones((401, 401)))
    assert len(raised.value.mistakes) == 2


@needs_data
def test_the_inversion_is_finished_where_it_is_slow(data):
    """At με = 5.6 the plain iteration is 1e-9 off after 20,000 steps."""
    base = mrrh.calibrate(data, epsilon=12)
    pull = base.workplace_effect * data.wage**12 * (data.distance / data.distance.min()) ** (-0.47 * 12)
    filled = data.residents @ (pull / pull.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(filled, data.workers, rtol=1e-11)


@needs_data
def test_an_unknown_elasticity_or_baseline_is_refused(data):
    with pytest.raises(InputMistakes, match="substitution"):
        mrrh.calibrate(data, substitutoin=5)
    with pytest.raises(InputMistakes) as raised:
        mrrh.calibrate(data, epsilon=-1, alpha=2, sigma=1, delta="x", commuting_elasticity=3)
    assert len(raised.value.mistakes) == 5
    with pytest.raises(InputMistakes, match="gravity"):
        mrrh.calibrate(data, "guess")


@needs_data
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[: len(text) // 2], "lines"),
        (lambda text: text.replace("01002", "01009", 1), "checksum"),
        (lambda text: "\n".join(line + ",0" for line in text.splitlines()), "columns in line 1"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, damage, says):
    for file in mrrh.FILES:
        shutil.copy(FOLDER / file.name, tmp_path)
    path = tmp_path / "labor_tidy.csv"
    path.chmod(0o644)
    path.write_text(damage(path.read_text()))
    with pytest.raises(InputMistakes, match=r"germany/labor_tidy\.csv.*" + says):
        mrrh.load(tmp_path)


def test_missing_files_are_all_named(tmp_path):
    with pytest.raises(InputMistakes) as raised:
        mrrh.load(tmp_path)
    assert [mistake.file for mistake in raised.value.mistakes] == [file.name for file in mrrh.FILES]
