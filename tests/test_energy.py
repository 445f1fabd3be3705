"""The power system: dispatch and investment that one can work out by hand, hours that make a year, results by hash."""

import json
import sys
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry
from test_logistics_digital import measure
from typer.testing import CliRunner

from coregion.cli import app
from coregion.data.study_files import study_folder
from coregion.energy.expansion import solve_power
from coregion.energy.outcome import NO_POWER, WITHOUT, Run, consistency, effect, not_fitted
from coregion.energy.profiles import HOURS, sun_profile, wind_profile
from coregion.energy.read import collect_power_system, read_power_system
from coregion.energy.stored import collect_power, kept_runs, solved_runs, write_runs
from coregion.energy.system import fingerprint
from coregion.errors import CoregionError, InputMistakes, MissingPart

AREA = '[[areas]]\ncode = "{0}"\nname_en = "{0}"\nname_zh = "{0}"\nplaces = ["{0}"]\nsource = "made up"\n'
KIND = (
    '[[technologies]]\ncode = "{0}"\nname_en = "{0}"\nname_zh = "{0}"\nprofile = "{1}"\ninvestment_yuan_per_kw = {2}\n'
    "life_years = 20\nupkeep_share = 0.0\nrunning_yuan_per_mwh = {3}\nco2_t_per_mwh = {4}\n"
    'emissions_kg_per_mwh = {{ so2 = {4} }}\nsource = "made up"\n'
)
PLANTS = '[[plants]]\narea = "{0}"\ntechnology = "{1}"\nexisting_mw = {2}\nmost_new_mw = {3}\nsource = "made up"\n'
LINE = 'code = "{0}", one = "A", other = "B", capacity_mw = {1}, loss = {2}, source = "made up"'
STORE = (
    '[[stores]]\narea = "A"\nhours = 6\nefficiency = 0.81\ninvestment_yuan_per_kw = 0\nlife_years = 20\n'
    'upkeep_share = 0\nexisting_mw = 50\nmost_new_mw = 0\nsource = "made up"\n'
)
TWO_AREAS = "".join(
    [
        "discount_rate = 0.05\n",
        AREA.format("A"),
        AREA.format("B"),
        KIND.format("cheap", "", 0, 200, 0.8),
        KIND.format("dear", "", 0, 500, 0.4),
        PLANTS.format("A", "cheap", 1000, 0),
        PLANTS.format("B", "dear", 1000, 0),
        '[[projects]]\ncode = "line"\nname_en = "line"\nname_zh = "line"\nannounced_twh = 1\nannounced_co2_mt = 1\n'
        f'source = "made up"\nlines = [{{ {LINE.format("new", 60, 0.1)} }}]\n',
    ]
)


def hours_table(load_a=100.0, load_b=100.0, hours=48, more="", values=()):
    """Two days that stand for a year; ``more``: further columns, ``values``: theirs by hour."""
    rows = [f"hour_of_year,block,stands_for_hours,load_A_mw,load_B_mw{more}"]
    for hour in range(hours):
        extra = "".join(f",{column[hour]}" for column in values)
        rows.append(f"{hour + 1},day {hour // 24},{8760 / hours:.10g},{load_a:g},{load_b:g}{extra}")
    return "\n".join(rows) + "\n"


def written(folder, text=TWO_AREAS, hours=None):
    (folder / "power.toml").write_text(text, encoding="utf-8")
    (folder / "power_hours.csv").write_text(hours or hours_table(), encoding="utf-8")
    return folder


def told(folder, places=()):
    return [str(mistake) for mistake in collect_power_system(folder, "power.toml", places)[1]]


def test_a_line_lets_the_cheap_area_serve_the_dear_one(tmp_path):
    system = read_power_system(written(tmp_path), "power.toml")
    apart, joined = solve_power(system), solve_power(system, "line")
    assert apart.of("price") == pytest.approx({"A": 200, "B": 500}, rel=1e-7)
    assert apart.figures["cost", "all"] == pytest.approx(8760 * (100 * 200 + 100 * 500), rel=1e-7)
    assert joined.of("price") == pytest.approx({"A": 200, "B": 500}, rel=1e-7)
    assert joined.figures["sent", "new"] == pytest.approx(60 * 8760 / 1e6, rel=1e-7)
    arrives = 60 * 0.9
    assert joined.figures["cost", "all"] == pytest.approx(8760 * (160 * 200 + (100 - arrives) * 500), rel=1e-7)
    assert joined.figures["co2", "A"] == pytest.approx(160 * 8760 * 0.8 / 1e6, rel=1e-7)
    assert joined.figures["emissions", "so2 B"] == pytest.approx((100 - arrives) * 8760 * 0.4 / 1e3, rel=1e-7)
    avoided = arrives * 0.4 - 60 * 0.8
    assert not_fitted(system, apart, joined) == pytest.approx(
        {
            "sent_twh": 60 * 8760 / 1e6,
            "full_load_hours": 8760,
            "co2_mt": avoided * 8760 / 1e6,
            "co2_t_per_mwh": avoided / 60,
        },
        rel=1e-7,
    )


def test_a_line_that_is_wide_enough_leaves_the_loss_between_prices(tmp_path):
    text = TWO_AREAS.replace("capacity_mw = 60", "capacity_mw = 500")
    joined = solve_power(read_power_system(written(tmp_path, text), "power.toml"), "line")
    assert joined.of("price") == pytest.approx({"A": 200, "B": 200 / 0.9}, rel=1e-7)
    assert joined.figures["generation", "B dear"] == pytest.approx(0, abs=1e-9)


def test_new_plants_earn_just_what_they_cost(tmp_path):
    """With one plant that must be built for a peak, load-weighted price × load = cost: no profit, no loss."""
    text = "discount_rate = 0.05\n" + AREA.format("A") + KIND.format("gas", "", 3000, 400, 0.4)
    text += PLANTS.format("A", "gas", 0, 5000)
    load = np.where(np.arange(48) % 24 == 19, 150.0, 100.0)
    rows = ["hour_of_year,block,stands_for_hours,load_A_mw"]
    rows += [f"{t + 1},day {t // 24},182.5,{load[t]:g}" for t in range(48)]
    run = solve_power(read_power_system(written(tmp_path, text, "\n".join(rows)), "power.toml"))
    annuity = 0.05 / (1 - 1.05**-20)
    assert run.figures["new_capacity", "A gas"] == pytest.approx(150, rel=1e-6)
    assert run.figures["cost", "all"] == pytest.approx(182.5 * load.sum() * 400 + 150e3 * 3000 * annuity, rel=1e-7)
    assert run.figures["price", "A"] * run.figures["load", "A"] * 1e6 == pytest.approx(
        run.figures["cost", "all"], rel=1e-6
    )


def test_stores_carry_nothing_from_one_block_to_another(tmp_path):
    """A windy day and a calm one: what the mills make too much of on the first is lost, the second burns fuel only."""
    text = TWO_AREAS + KIND.format("mill", "wind", 0, 0, 0) + PLANTS.format("A", "mill", 150, 0) + STORE
    table = hours_table(more=",wind_A", values=([1.0] * 24 + [0.0] * 24,))
    run = solve_power(read_power_system(written(tmp_path, text, table), "power.toml"))
    assert run.figures["cost", "all"] == pytest.approx(4380 * 100 * 200 + 8760 * 100 * 500, rel=1e-7)
    assert run.figures["curtailed", "A mill"] > 0


def test_wind_is_built_where_it_is_cheaper_than_fuel_and_a_store_saves_some(tmp_path):
    text = TWO_AREAS + KIND.format("mill", "wind", 1000, 0, 0) + PLANTS.format("A", "mill", 0, 400) + STORE
    wind = np.tile([0.0] * 12 + [0.9] * 12, 2)
    system = read_power_system(written(tmp_path, text, hours_table(more=",wind_A", values=(wind,))), "power.toml")
    with_store = solve_power(system)
    table = hours_table(more=",wind_A", values=(wind,))
    bare = written(tmp_path, text.replace("existing_mw = 50", "existing_mw = 0"), table)
    without = solve_power(read_power_system(bare, "power.toml"))
    mills = with_store.figures["new_capacity", "A mill"]
    assert mills > 100 / 0.9
    assert with_store.figures["curtailed", "A mill"] == pytest.approx(
        mills * 0.9 * 4380 / 1e6 - with_store.figures["generation", "A mill"], abs=1e-9
    )
    assert with_store.figures["cost", "all"] < without.figures["cost", "all"]
    made = with_store.figures["generation", "A mill"] + with_store.figures["generation", "A cheap"]
    loss = made - with_store.figures["load", "A"]
    stored = loss / (1 - 0.81)
    assert 0 < stored <= 365 * 6 * 50 / 0.81**0.5 / 1e6 * (1 + 1e-6)


def test_a_peak_that_cannot_be_served_is_an_error_with_a_cure(tmp_path):
    from coregion.errors import NotConverged

    system = read_power_system(written(tmp_path, hours=hours_table(load_b=1001)), "power.toml")
    with pytest.raises(NotConverged, match="serve the peak load"):
        solve_power(system)


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ('technology = "dear"', 'technology = "deer"', "Did you mean 'dear'?"),
        ('area = "B"', 'area = "C"', "unknown area 'C'"),
        ('one = "A"', 'one = "Z"', "unknown area 'Z'"),
        ('places = ["B"]', 'places = ["b9"]', "unknown place 'b9'"),
        ('code = "B"', 'code = "A"', "areas 'A' again"),
        ("discount_rate", "discont_rate", "Did you mean 'discount_rate'?"),
        ("loss = 0.1", "loss = 1.0", "less than 1"),
        ("existing_mw = 1000", "existing_mw = -5", "greater than or equal to 0"),
    ],
)
def test_mistakes_of_power_toml_are_told_with_what_was_meant(tmp_path, good, bad, expected):
    assert good in TWO_AREAS
    found = told(written(tmp_path, TWO_AREAS.replace(good, bad)), ("A", "B"))
    assert [mistake for mistake in found if expected in mistake and "power.toml" in mistake], found


def test_a_profile_of_8759_hours_is_a_mistake(tmp_path):
    rows = ["hour_of_year,block,stands_for_hours,load_A_mw,load_B_mw"]
    rows += [f"{hour},year,1,100,100" for hour in range(1, 8760)]
    (mistake,) = told(written(tmp_path, hours="\n".join(rows)))
    assert "8,759 hours" in mistake
    assert "8,760" in mistake
    (weight,) = told(written(tmp_path, hours=hours_table().replace(",182.5,", ",182.4,")))
    assert "expected a sum of 8,760" in weight


def test_hours_that_are_missing_or_impossible_are_mistakes(tmp_path):
    table = hours_table()
    lines = table.splitlines()
    swapped = "\n".join([*lines[:5], lines[6], lines[5], *lines[7:]])
    assert any("without the next hour" in mistake for mistake in told(written(tmp_path, hours=swapped)))
    more = TWO_AREAS + KIND.format("mill", "wind", 1000, 0, 0) + PLANTS.format("A", "mill", 0, 400)
    assert any("no column 'wind_A'" in mistake for mistake in told(written(tmp_path, more, table)))
    high = hours_table(more=",wind_A", values=([1.2] * 48,))
    assert any("0 to 1 share of capacity" in mistake for mistake in told(written(tmp_path, more, high)))


def test_made_up_weather_has_the_full_load_hours_it_was_told():
    distance = np.array([[0.0, 100.0, 600.0], [100.0, 0.0, 600.0], [600.0, 600.0, 0.0]])
    wind = wind_profile([2500, 2100, 2100], distance, 7)
    sun = sun_profile([1500, 1300, 1300], [41, 40, 38], distance, 7)
    assert wind.sum(axis=1) == pytest.approx([2500, 2100, 2100], rel=1e-9)
    assert sun.sum(axis=1) == pytest.approx([1500, 1300, 1300], rel=1e-9)
    for made in (wind, sun):
        assert made.min() == 0
        assert made.max() <= 1
    assert np.all(sun.reshape(3, -1, 24)[:, :, [0, 1, 23]] == 0)
    near, far = np.corrcoef(wind)[0, 1], np.corrcoef(wind)[0, 2]
    assert far < near - 0.2
    assert wind[:, : HOURS // 4].mean() > wind[:, HOURS // 2 : 3 * HOURS // 4].mean()
    assert np.array_equal(wind, wind_profile([2500, 2100, 2100], distance, 7))
    assert not np.array_equal(wind, wind_profile([2500, 2100, 2100], distance, 8))
    with pytest.raises(InputMistakes, match="full-load hours"):
        wind_profile([8000], np.zeros((1, 1)), 7)


def test_results_belong_to_their_inputs(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    system = read_power_system(written(tmp_path), "power.toml")
    power, mistakes = collect_power(tmp_path, "power.toml", ("A", "B"))
    assert not power.effects
    assert "coregion energy" in str(mistakes[0])
    assert "pip install 'coregion[energy]', which brings PyPSA" in str(mistakes[0])
    runs = solved_runs(tmp_path, system)
    write_runs(tmp_path / "power_results.csv", system, runs.values())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "pypsa", None)
    power, mistakes = collect_power(tmp_path, "power.toml", ("A", "B"))
    assert not mistakes
    assert power.effects["line"].price_hat == pytest.approx({"A": 1, "B": 1})
    assert power.effects["line"].emission_hat["so2", "A"] == pytest.approx(1.6, rel=1e-7)
    renamed = read_power_system(
        written(tmp_path, TWO_AREAS.replace('name_en = "cheap"', 'name_en = "Coal"')), "power.toml"
    )
    assert fingerprint(renamed) == fingerprint(system)
    changed = written(tmp_path, TWO_AREAS.replace("running_yuan_per_mwh = 200", "running_yuan_per_mwh = 201"))
    assert collect_power(changed, "power.toml", ("A", "B"))[1]
    with pytest.raises(MissingPart, match=r"pip install 'coregion\[energy\]'"):
        solve_power(read_power_system(changed, "power.toml"))


def test_every_figure_that_results_depend_on_is_in_their_hash_and_no_word_is(tmp_path):
    mill = KIND.format("mill", "wind", 1000, 0, 0) + PLANTS.format("A", "mill", 0, 400)
    text, wind = TWO_AREAS + mill + STORE, [0.5] * 48
    table = hours_table(more=",wind_A", values=(wind,))

    def hashed(text=text, table=table):
        return fingerprint(read_power_system(written(tmp_path, text, table), "power.toml"))

    own = hashed()
    figures = [
        ("hours = 6", "hours = 7"),
        ("loss = 0.1", "loss = 0.2"),
        ("discount_rate = 0.05", "discount_rate = 0.06"),
        ("so2 = 0.8", "so2 = 0.7"),
        ("existing_mw = 1000", "existing_mw = 999"),
    ]
    words = [
        ('source = "made up"', 'source = "made up again"'),
        ("announced_twh = 1", "announced_twh = 2"),
        ('"A"]', '"B"]'),
    ]
    assert all(hashed(text.replace(*change)) != own for change in figures)
    assert all(hashed(text.replace(*change)) == own for change in words)
    rows = table.splitlines()
    heavier = [row.replace(",182.5,", ",183.5,") if number < 25 else row for number, row in enumerate(rows)]
    lighter = [row.replace(",182.5,", ",181.5,") if number > 24 else row for number, row in enumerate(heavier)]
    tables = [
        hours_table(load_a=101, more=",wind_A", values=(wind,)),
        hours_table(more=",wind_A", values=([0.6, *wind[1:]],)),
        "\n".join(lighter),
    ]
    assert all(hashed(table=other) != own for other in tables)


def test_power_carries_the_price_to_buyers_and_the_emissions_to_plants(tmp_path):
    baseline = made_up_baseline()
    shock = measure(tmp_path, "power").effect(baseline, jnp.asarray(0.5))
    cost = np.asarray(shock.trade_cost)
    a, b = np.array([0, 2, 4]), np.array([1, 3])
    assert cost[1][a] == pytest.approx(np.full((3, 6), 1.05**0.2), rel=1e-12)
    assert cost[1][b] == pytest.approx(np.full((2, 6), 0.8**0.2), rel=1e-12)
    assert np.all(cost[1][5] == 1)
    assert np.all(cost[[0, 2]] == 1)
    factor = np.asarray(shock.emission_factor)
    assert factor[0, a, 1] == pytest.approx(np.full(3, 1.05**0.5), rel=1e-12)
    assert factor[1, b, 1] == pytest.approx(np.full(2, 0.95**0.5), rel=1e-12)
    assert np.all(factor[1, a] == 1)
    assert np.all(np.delete(factor, 1, axis=2) == 1)


def test_an_unknown_project_is_told_with_the_nearest(tmp_path):
    own = entry("power").split("sources")[1].split("\n", 2)[2].replace('"line"', '"lime"')
    with pytest.raises(InputMistakes, match="Did you mean 'line'"):
        measure(tmp_path, "power", own).apply(made_up_baseline())


def test_a_place_in_two_areas_is_told(tmp_path):
    baseline = made_up_baseline()
    both = replace(baseline.power, places={"there": ("A",), "here": ("B", "a2")})
    with pytest.raises(InputMistakes, match="'a2' in two areas"):
        measure(tmp_path, "power").apply(replace(baseline, power=both))


def test_a_study_without_a_power_system_says_where_to_name_it(tmp_path):
    with pytest.raises(InputMistakes, match=r"power = .* in \[tables\]"):
        measure(tmp_path, "power").apply(replace(made_up_baseline(), power=NO_POWER))


def test_power_that_is_free_without_a_project_has_no_change_of_price(tmp_path):
    system = read_power_system(written(tmp_path), "power.toml")
    without, line = (
        Run(name, {("price", "A"): price, ("price", "B"): 500.0}) for name, price in ((WITHOUT, 0.0), ("line", 5.0))
    )
    with pytest.raises(CoregionError, match="price of power of 0 yuan/MWh in 'A'"):
        effect(system, without, line)


def test_announced_figures_of_zhangbei_are_consistent():
    """Consistency of the announcement with itself, no evidence: 14.1 TWh and 12.8 Mt from 4.5 GW."""
    folder = study_folder("jingjinji")
    project = read_power_system(folder, "power.toml").project("zhangbei")
    assert consistency(project) == pytest.approx({"full_load_hours": 3133.33, "co2_t_per_mwh": 0.90780}, rel=1e-5)


def test_the_bundled_weeks_keep_totals_and_peak_and_their_results_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = study_folder("jingjinji")
    system = read_power_system(folder, "power.toml")
    twh = dict(
        zip([area.code for area in system.file.areas], system.hours.load @ system.hours.weight / 1e6, strict=True)
    )
    hebei = twh["hebei_north"] + twh["hebei_south"]
    assert [twh["beijing"], twh["tianjin"], hebei] == pytest.approx([118.0, 97.6, 410.1], rel=1e-4)
    total = system.hours.load.sum(axis=0)
    assert system.hours.block[int(np.argmax(total))] == "week 31"
    runs, mistakes = kept_runs(folder, system)
    assert not mistakes
    assert set(runs) == {WITHOUT, "zhangbei"}


@pytest.mark.slow
def test_the_bundled_results_are_those_of_the_programme():
    folder = study_folder("jingjinji")
    system = read_power_system(folder, "power.toml")
    kept = kept_runs(folder, system)[0]["zhangbei"]
    solved = solve_power(system, "zhangbei", seconds=60)
    assert solved.figures["cost", "all"] == pytest.approx(kept.figures["cost", "all"], rel=1e-6)
    assert solved.of("price") == pytest.approx(kept.of("price"), rel=1e-3)


def test_the_command_tells_what_was_kept():
    result = CliRunner().invoke(app, ["energy", "jingjinji", "--json"])
    assert result.exit_code == 0, result.output
    zhangbei = json.loads(result.stdout)["projects"]["zhangbei"]
    assert zhangbei["consistency"]["full_load_hours"] == pytest.approx(14.1e6 / 4500)
    assert zhangbei["not_fitted"]["full_load_hours"] < 3000
    words = CliRunner().invoke(app, ["energy", "jingjinji"]).output
    assert "not fitted" in words
    assert "3,133 hours" in words
