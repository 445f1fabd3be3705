"""The interface on the made-up study: every answer against the tables that a run would write."""

import inspect
import io
import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from chinese_texts import beside, english
from fastapi.testclient import TestClient
from made_up_server import GENEROUS, KINDS, made_up_app, made_up_served

from coregion.measures import network_states
from coregion.measures.kinds import kinds
from coregion.report.frames import by_place, inner_regions
from coregion.report.numbers import signed
from coregion.report.spans import Span, Spans, over_draws
from coregion.report.verdict import GAIN, Gain
from coregion.results import regions_frame
from coregion.server import areas, live, routes
from coregion.server.answers import judge, numbers, transfer_record
from coregion.server.current import Current
from coregion.server.description import unfolded
from coregion.server.drawn_links import Builder
from coregion.server.figures import changes
from coregion.server.known_ranges import Note, RangeStore
from coregion.server.live import Solver
from coregion.server.package_text import read_package
from coregion.server.served import served
from coregion.server.words_zh import headline_zh, many_zh, over_draws_zh, sentences_zh, yuan_zh
from coregion.urban_areas import RULES, Picture, areas_told, urban_areas_frame

routed = network_states._log_ratio
PACKAGE = "link:0.5,relocate:1,dock:1"
SESSION = "test-session"


@pytest.fixture(scope="module")
def told(client):
    return solved(client, PACKAGE)


def solved(client, package, sequence=0):
    answer = client.post("/api/solve", json={"session": SESSION, "sequence": sequence, "package": package})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_study_describes_itself(client):
    study = client.get("/api/study").json()
    assert [region["code"] for region in study["regions"]] == ["a1", "b1", "a2", "b2", "a3", "x"]
    assert [measure["name"] for measure in study["measures"]] == list(KINDS)
    assert study["capital"]["code"] in ("A", "B")
    named = {measure["name"]: measure["regions"] for measure in study["measures"]}
    assert named["relocate"] == ["a1", "b1", "b2"]
    assert set(study["layers"]) <= {v["name"] for v in study["variables"] if v["mapped"]}
    assert study["stale"] is False
    equations = {measure["kind"]: measure["equation"] for measure in study["measures"]}
    assert all(equation == unfolded(inspect.getdoc(kinds()[kind])) for kind, equation in equations.items())


def test_every_english_text_of_an_answer_has_a_chinese_one(client, told):
    answers = {name: client.get(f"/api/{name}").json() for name in ("study", "boundaries", "areas")} | {"solve": told}
    made_up = re.compile(r"\.parameters\[|\.measures\[\d+\]\.(sources|assumptions|document|pillar)_zh|reason_zh")
    found = [pair for name, answer in answers.items() for pair in beside(answer, name)]
    for where, text, translated in found:
        if not made_up.search(where):
            assert bool(text) == bool(translated), where
            assert not [one for one in np.atleast_1d(translated) if english(one)], where
    names = {where.rsplit(".", 1)[1] for where, text, _ in found if text}
    assert names >= {"meaning_zh", "origin_zh", "note_zh", "equation_zh", "threshold_zh", "cost_source_zh"}
    assert names >= {"label_zh", "headline_zh", "sentences_zh", "range_note_zh", "title_zh", "name_zh"}


def test_why_a_rule_of_sharing_has_no_answer_is_told_in_both_languages():
    gains = [Gain(code, code, code, yuan, 0.0) for code, yuan in (("A", -5.0), ("B", 1.0))]
    payers = [SimpleNamespace(code=gain.code, votes=True) for gain in gains]
    study = SimpleNamespace(study=SimpleNamespace(region=SimpleNamespace(payers=payers)))
    rules = {rule["rule"]: rule for rule in transfer_record(study, gains)["rules"]}
    assert rules["smallest"]["transfers"] is None
    assert "No transfers leave everyone" in rules["smallest"]["reason"]
    assert "任何转移支付都不能" in rules["smallest"]["reason_zh"]


def test_every_variable_that_is_mapped_has_a_baseline_figure(client):
    study, figures = client.get("/api/study").json(), client.get("/api/baseline").json()["figures"]
    assert {v["name"] for v in study["variables"] if v["mapped"]} == set(figures)
    assert all(len(values) == 5 for values in figures.values())


def test_figures_are_those_of_the_report(folder, told):
    made = made_up_served(folder)
    found = Solver(made, 8).solve(PACKAGE)
    frame = inner_regions(regions_frame(made.study.region, [found.told]))
    for name in ("residents", "jobs", "wage", "welfare", "floor_space_price", "value_added"):
        row = by_place(frame, "region", found.told.package, name)
        figure = told["figures"][name]
        assert np.allclose(figure["value"], row["value"], rtol=2e-6), name
        assert np.allclose(figure["change"], row["change_pct"], rtol=2e-6, atol=1e-6), name


@pytest.mark.parametrize("package", ["link:0.5,relocate:1,dock:0.3", "through_road:0.7,link:0.9", "~a1~b2~rail~0.6"])
def test_the_page_solves_what_a_run_solves(folder, package):
    made = made_up_served(folder)
    found = Solver(made, 8).solve(package)
    run = made.study.with_measures(found.measures).solve()
    for name, values in run.levels.items():
        assert np.allclose(found.levels[name], values, rtol=1e-9, atol=1e-9), name
    minutes = run.prepared.commuting_minutes(np.array([measure.intensity for measure in found.measures]))
    assert np.allclose(found.minutes, minutes, rtol=1e-12)


def test_minutes_of_a_set_are_kept_and_bounded(folder, monkeypatch):
    monkeypatch.setattr(live, "STATES_KEPT", 3)
    solver = Solver(made_up_served(folder), 8)
    asked = []
    monkeypatch.setattr(network_states, "_log_ratio", lambda *a: asked.append(a[1]) or routed(*a))
    routed_before = len(asked)
    solver.solve("link:0.5,through_road:0.25")
    assert len(asked) - routed_before == 2
    solver.solve("link:0.9,through_road:0.1")
    assert len(asked) - routed_before == 2
    for number in range(1, 4):
        solver.solve(f"~a1~b2~rail~1~~~{20 + number}")
    assert len(solver.states) == 3


def test_every_set_of_network_measures_is_routed_beforehand(folder, monkeypatch):
    solver = Solver(made_up_served(folder), 8)
    solver.route_every_set()
    assert len(solver.states) == 3
    monkeypatch.setattr(network_states, "_log_ratio", lambda *a: pytest.fail("routed again"))
    solver.solve("link:0.5,through_road:0.25")
    solver.solve("link:0.25,through_road:0.5")


def test_figures_are_told_to_seven_digits():
    values = np.array([0.0, 1.23456789, -9.87654321e12, 1e-9 / 3, np.nan, np.inf, 123456789.0])
    told = numbers(values)
    assert told[4] is None
    assert told[5] is None
    for value, one in zip(values, told, strict=True):
        if one is not None:
            assert one == float(f"{value:.7g}")


def test_verdict_adds_up(told):
    whole = told["total"]["yuan"]
    assert math.isclose(sum(g["yuan"] for g in told["governments"]), whole, rel_tol=1e-5, abs_tol=1.0)
    assert math.isclose(sum(c["yuan"] for c in told["counties"]), whole, rel_tol=1e-5, abs_tol=1.0)
    assert told["headline_en"].startswith("The package of 3 measures makes")
    assert "由3项措施组成的方案" in told["headline_zh"]
    for rule in told["transfers"]["rules"]:
        if rule["transfers"] is not None:
            assert abs(sum(rule["transfers"])) <= 1e-5 * max(map(abs, told["transfers"]["without"]))


def test_no_measure_is_the_baseline(client):
    nothing = solved(client, "")
    found = {value for figure in nothing["figures"].values() for value in figure["change"] if value is not None}
    assert found == {0.0}
    assert nothing["headline_en"].startswith("No measure was chosen and nothing changes")
    assert (nothing["sentences_en"], nothing["sentences_zh"]) == ([], [])


def test_what_the_solver_does_not_resolve_changes_nothing(folder):
    made = made_up_served(folder)
    names = ("residents", "wage", "equivalent_variation_registered", "non_labour_income")
    before = {name: made.figures[name] for name in names}
    income = np.asarray(made.income[names[2]]).sum(axis=0)[: made.study.region.inside]
    for part, seen in ((1e-10, False), (1e-8, True)):
        size = {name: part * (income if name == names[2] else before[name]) for name in names}
        found = changes(made.study.region, {name: before[name] + size[name] for name in names}, before, made.income)
        assert all(bool(np.any(found[name])) is seen for name in names)


def test_the_same_package_is_kept_in_whatever_order_it_is_named(client, told):
    again = solved(client, "dock:1.0,link:0.50,relocate:1,through_road:0", 1)
    assert (again["cached"], again["text"]) == (True, told["text"])
    assert again["figures"] == told["figures"]


def test_a_drawn_link_shortens_the_way_and_costs_its_payer(client):
    found = solved(client, "~a1~b2~rail~1~1000000~B~20")
    link = found["new_links"][0]
    assert link["minutes_after"] < link["minutes_before"]
    assert link["investment_yuan"] == 2e7
    costs = {budget["code"]: budget["cost"] for budget in found["budgets"]}
    assert math.isclose(costs["B"], link["cost_yuan_a_year"], rel_tol=1e-6)
    assert costs["A"] == 0


def test_a_drawn_link_costs_what_the_studys_own_links_cost(folder):
    made = made_up_served(folder)
    builder = Builder.of(made.study)
    links = made.study.network.links
    rail = np.array(links.line) == "planned"
    per_km = made.study.measures[0].cost.investment_yuan / links.length[rail].sum()
    assert math.isclose(builder.unit_costs["rail"].yuan_per_km, per_km)
    measure = builder.measure(read_package("~a1~b2~rail~1").links[0])
    assert math.isclose(measure.cost.investment_yuan, per_km * measure.additions[0].length_km)
    free = builder.measure(read_package("~a1~b2~trunk~1").links[0])
    assert free.cost.investment_yuan == 0
    assert "no measure of the study builds one" in free.sources[0]


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("lnk:1", "unknown measure 'lnk'"),
        ("link:2", "intensity 2 of 'link'; expected 0 to 1"),
        ("~a1~x~rail~1", "unknown county 'x'"),
        ("~a1~b1~canal~1", "unknown class 'canal'"),
        ("~a1~b1~rail~1~~Z", "unknown payer 'Z'"),
        ("~a1~a1~rail~1", "to itself"),
        ("~a1~b1~rail~1,~b1~a1~rail~1", "drawn twice"),
        (",".join(f"~a1~b1~rail~1~~~{km}" for km in range(1, 10)), "9 drawn links"),
    ],
)
def test_mistakes_in_a_package_are_sentences(client, package, words):
    answer = client.post("/api/solve", json={"session": SESSION, "sequence": 9, "package": package})
    assert answer.status_code == 422
    assert any(words in mistake for mistake in answer.json()["mistakes"]), answer.text


def test_the_card_of_a_county(client, folder, told):
    card = client.get("/api/county/a1", params={"package": PACKAGE}).json()
    rows = {(row["variable"], row["group"], row["sector"]): row for row in card["rows"]}
    assert math.isclose(rows["jobs", "", ""]["value"], told["figures"]["jobs"]["value"][0], rel_tol=1e-6)
    made = made_up_served(folder)
    commuting = np.asarray(made.before["commuting"])
    assert math.isclose(sum(place["before"] for place in card["work"]), commuting[0].sum(), rel_tol=1e-5)
    assert math.isclose(sum(place["before"] for place in card["come"]), commuting[:, 0].sum(), rel_tol=1e-5)
    assert math.isclose(
        sum(place["after"] for place in card["registered"]), rows["residents", "", ""]["value"], rel_tol=1e-5
    )
    assert [row["variable"] for row in card["inputs"]][:3] == ["longitude", "latitude", "area"]


def test_the_card_has_no_labour_income_of_those_who_do_not_work(client, folder):
    employed = np.asarray(made_up_served(folder).baseline.economy.employment_rate).sum(axis=1)
    region = made_up_served(folder).study.region
    working = [code for code, people in zip(region.groups, employed, strict=True) if people > 0]
    assert 0 < len(working) < len(region.groups)
    rows = client.get("/api/county/a1", params={"package": ""}).json()["rows"]
    assert [row["group"] for row in rows if row["variable"] == "labour_income_per_head"] == working
    assert [row["group"] for row in rows if row["variable"] == "income_per_head"] == list(region.groups)


def test_flows_to_a_place_are_its_commuters(client, folder):
    made = made_up_served(folder)
    found = client.get("/api/flows", params={"to": "a1,b1"}).json()
    expected = np.asarray(made.before["commuting"])[:5, :2].sum(axis=1)
    assert np.allclose(found["before"], expected, rtol=1e-6)
    assert np.allclose(found["after"], expected, rtol=1e-6)


def test_unknown_places_are_told(client):
    for address in ("/api/county/zz", "/api/flows?to=zz", "/api/county/x"):
        answer = client.get(address)
        assert answer.status_code == 422
        assert "expected a code of the study" in answer.json()["sentence"]


def test_urban_areas_are_those_of_a_run(folder):
    made = made_up_served(folder)
    area = made.study.region.area.copy()
    area[[1, 3]] = 40.0, 55_300 / 1500  # b1 is a city, b2 becomes one by the people whom the package brings
    region = replace(made.study.region, area=area)
    dense = replace(made, study=replace(made.study, region=region))
    found = Solver(made, 8).solve(PACKAGE)
    rules = {one["rule"]: one for one in areas.urban_areas(dense, found, areas.areas_before(dense))["rules"]}
    at = (
        Picture.of(region, levels, minutes)
        for levels, minutes in ((made.before, made.minutes), (found.levels, found.minutes))
    )
    frame = urban_areas_frame(region, *at, "p")
    frame = frame[frame["official"]]
    assert list(rules) == list(RULES)
    for run in areas_told(frame):
        rule, rows = rules[run["rule"]], frame[frame["rule"] == run["rule"]]
        assert (rule["label_en"], rule["label_zh"], rule["threshold"]) == (
            run["name_en"],
            run["name_zh"],
            run["threshold"],
        )
        for when in ("before", "after"):
            told, members = rule[when], rows[f"area_{when}"] != ""
            assert told["count"] == run[f"areas_{when}"]
            assert math.isclose(told["share"], run[f"people_{when}"], rel_tol=1e-6, abs_tol=1e-12)
            assert [number >= 0 for number in told["area"]] == members.tolist()
            assert (np.array(told["core"]) & members).tolist() == rows[f"core_{when}"].tolist()
        place = rows[rows["region"] == ("b1" if made.capital == "B" else "a3")].iloc[0]
        within = [
            (rows[f"area_{when}"] == place[f"area_{when}"]) & (place[f"area_{when}"] != "")
            for when in ("before", "after")
        ]
        assert rule["capital_came"] == rows["region"][within[1] & ~within[0]].tolist()
        assert rule["capital_went"] == rows["region"][within[0] & ~within[1]].tolist()
    assert rules["eu_oecd"]["before"]["core"][3] is False
    assert rules["eu_oecd"]["after"]["core"][3] is True


def test_a_rule_that_finds_no_city_draws_no_area(client):
    answer = client.get("/api/areas", params={"package": PACKAGE}).json()
    counts = {rule["rule"]: rule["after"]["count"] for rule in answer["rules"]}
    assert counts == {"eu_oecd": 0, "canada": 0, "britain": 2, "one_hour": 0}
    assert all(len(rule["before"]["area"]) == 5 for rule in answer["rules"])
    assert "draws no area" in answer["note_en"]


@pytest.mark.parametrize("table", ["regions", "jurisdictions", "flows"])
def test_every_export_holds_the_same_table(client, table):
    frames = {}
    for form, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet), ("json", pd.read_json)):
        answer = client.get("/api/export", params={"package": PACKAGE, "format": form, "table": table})
        assert answer.status_code == 200, answer.text
        assert f'filename="made_up-{table}.{form}"' in answer.headers["content-disposition"]
        frames[form] = read(io.BytesIO(answer.content))
    assert list(frames["csv"].columns) == list(frames["parquet"].columns) == list(frames["json"].columns)
    for form in ("csv", "json"):
        assert len(frames[form]) == len(frames["parquet"])
        assert np.allclose(frames[form]["value"], frames["parquet"]["value"], rtol=1e-8, equal_nan=True)


def test_geojson_has_shapes_and_figures(client, told):
    answer = client.get("/api/export", params={"package": PACKAGE, "format": "geojson"})
    features = json.loads(answer.content)["features"]
    assert [f["properties"]["residents"] for f in features] == told["figures"]["residents"]["value"]
    assert {f["geometry"]["type"] for f in features} <= {"Polygon", "MultiPolygon"}
    refused = client.get("/api/export", params={"format": "geojson", "table": "flows"})
    assert (refused.status_code, "which have a shape" in refused.json()["sentence"]) == (422, True)


def test_the_ground_of_the_map(client):
    ground = client.get("/api/boundaries").json()
    assert [feature["id"] for feature in ground["features"]] == ["a1", "b1", "a2", "b2", "a3"]
    assert [border["code"] for border in ground["borders"]] == ["A", "B"]
    links = client.get("/api/network").json()["links"]
    planned = [link for link in links if link["line"] == "planned"]
    assert planned
    assert all(not link["open"] and link["opened_by"] == ["link"] for link in planned)


def test_ranges_stand_beside_the_gains_they_are_about(folder):
    current = Current(made_up_served(folder), GENEROUS)
    text = current.canonical(PACKAGE)
    before = json.loads(current.answer(text))
    assert before["governments"][0]["low"] is None
    assert "a job of kind draws" in before["range_note_en"]
    name = current.solved(text).told.package
    rows = [
        {"place": g["code"], "package": name, "variable": GAIN, "group": "", "low": g["yuan"] - 1e6,
         "high": g["yuan"] + 1e6, "probability_of_loss": 0.25, "point": g["yuan"]}
        for g in (*before["governments"], before["total"])
    ]  # fmt: skip
    current.take_ranges(text, rows, Note("drawn here", "在此抽取"))
    after = json.loads(current.answer(text))
    for was, now in zip(before["governments"], after["governments"], strict=True):
        assert math.isclose(now["high"] - now["low"], 2e6, rel_tol=1e-2)
        assert now["probability_of_loss"] == 0.25
        assert now["yuan"] == was["yuan"]
    assert (after["range_note_en"], after["range_note_zh"]) == ("drawn here", "在此抽取")
    between = "至".join(signed(yuan_zh(rows[-1][end])) for end in ("low", "high"))
    assert f"100次抽取中有90次在{between}之间" in after["headline_zh"]
    assert "次抽取" not in before["headline_zh"]
    current.take_ranges(
        text, [{**row, "point": 2 * row["point"]} for row in rows], Note("of another model", "另一模型")
    )
    stale = json.loads(current.answer(text))
    assert stale["governments"][0]["low"] is None
    assert "other figures" in stale["range_note_en"]


def test_the_chinese_sentences_have_the_figures_and_ranges_of_the_english(folder):
    made = made_up_served(folder)
    found = Solver(made, 8).solve(PACKAGE)
    judged, _ = judge(made, found, RangeStore(made.study).of(found.text, found.measures))
    name, movers = judged.package, judged.movements
    paying = [b for b in judged.budgets if b.cost > 0 and b.code != "all"]
    figures = {
        ("all", name, "residents_gained"): Span(12_000, 13_000),
        ("all", name, "residents_lost"): Span(14_000, 15_000),
        ("all", name, "residents_displaced"): Span(16_000, 17_000),
        ("all", name, "residents_net"): Span(-18_000, 19_000),
        ("all", name, "residents"): Span(-0.5, 0.7),
        ("all", name, "cost"): Span(7e8, 7e8),
        ("outside", name, GAIN): Span(-2e8, 3e8),
        **{(b.code, name, "cost"): Span(4e8, 5e8) for b in paying},
    }
    _, residents, _, costs, outside = sentences_zh(replace(judged, spans=Spans(figures)))
    for figure in (
        f"增加{many_zh(movers[0].gained)}（1.2万人至1.3万人）",
        f"减少{many_zh(movers[0].lost)}（1.4万人至1.5万人）",
        f"转移{many_zh(movers[0].moved)}（1.6万人至1.7万人）",
        f"总量{many_zh(movers[0].baseline)}，变化{signed(many_zh(movers[0].net))}（−1.8万人至+1.9万人），即",
        "（−0.5%至+0.7%）。",
    ):
        assert figure in residents
    assert all(f"{b.name_zh}每年{yuan_zh(b.cost)}（4亿元至5亿元）" in costs for b in paying)
    assert (f"合计每年{yuan_zh(sum(b.cost for b in paying))}（不变）" in costs) is (len(paying) > 1)
    assert f"合计{signed(yuan_zh(judged.outside))}（−2亿元至+3亿元）" in outside
    assert "（" not in "".join(sentences_zh(judged))
    ranged = replace(judged.total, span=Span(-4e8, 5e8), share=Span(-0.25, 0.5))
    assert headline_zh(replace(judged, total=ranged)).endswith(
        "，100次抽取中有90次在−4亿元至+5亿元之间（−0.25%至+0.5%）。"
    )
    assert "90次" not in headline_zh(judged)


@pytest.mark.parametrize(
    ("losses", "english", "words"),
    [
        ((0.0, 0.0), "In no draw does any", "任何一次抽取中均无受损的地区。"),
        ((0.0, 0.05, 0.5, 0.95, 1.0), "2 above zero, 2 below; 1 on", "2个受益，2个受损；另1个有时受益、有时受损。"),
        ((0.0, math.nan), "", ""),
        ((), "", ""),
    ],
)
def test_how_sure_the_number_of_losers_is_is_told_alike_in_both_languages(losses, english, words):
    spans = [Span(-1, 1, loss) for loss in losses]
    for told, part in ((over_draws(spans), english), (over_draws_zh(spans), words)):
        assert part in told
        assert bool(told) == bool(part)


def test_a_browser_that_has_an_answer_gets_no_second_copy(client):
    first = client.get("/api/network")
    again = client.get("/api/network", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_study_that_changes_on_disk_is_noticed_and_a_broken_one_not_taken(tmp_path):
    with TestClient(made_up_app(tmp_path), base_url="http://127.0.0.1") as client:
        assert client.get("/api/health").json()["stale"] is False
        text = (tmp_path / "study.toml").read_text()
        (tmp_path / "study.toml").write_text(text + "# changed\n")
        assert client.get("/api/study").json()["stale"] is True
        answer = client.post("/api/reload", json={})
        assert answer.status_code == 422
        assert answer.json()["mistakes"]
        assert solved(client, PACKAGE)["text"] == "dock:1,link:0.5,relocate:1"
        (tmp_path / "study.toml").write_text(text)
        assert client.get("/api/health").json()["stale"] is False


def test_a_study_that_is_read_anew_takes_the_place_of_the_old(tmp_path, monkeypatch):
    with TestClient(made_up_app(tmp_path), base_url="http://127.0.0.1") as client:
        before = client.get("/api/health").json()["fingerprint"]
        study = made_up_served(tmp_path).study
        (tmp_path / "study.toml").write_text("name = 'made up'\n# changed\n")
        monkeypatch.setattr(routes, "serve_study", lambda folder: served(study.with_measures(study.measures[:2])))
        answer = client.post("/api/reload", json={})
        assert answer.status_code == 202
        assert (answer.json()["stale"], answer.json()["warm"]) == (False, True)
        assert answer.json()["fingerprint"] != before
        assert [m["name"] for m in client.get("/api/study").json()["measures"]] == list(KINDS[:2])
        gone = client.post("/api/solve", json={"session": SESSION, "sequence": 1, "package": "relocate:1"})
        assert gone.status_code == 422
