"""The page's words: whole in Chinese, and figures told by names rather than codes."""

from __future__ import annotations

import re

import pytest

THREE = "?p=expressways:1,rail_xiongan:1,sub_centre:1"
SANHE = "131082"


def everything_shown(reader) -> None:
    """Every tab drawn, every fold open, a county's card, the form of a link."""
    reader.page.locator(f"[data-code='{SANHE}']").first.click()
    reader.page.wait_for_selector("#county-rows tbody tr")
    for tab in ("winners", "money", "why", "table", "compare", "goal", "method"):
        reader.page.click(f"#tab-{tab}")
    reader.page.click("#draw")
    reader.page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.open = true; });"
        "document.querySelectorAll('[role=tabpanel]').forEach(one => one.classList.remove('closed'));"
    )


SAID_IN_ENGLISH = """() => {
  const english = /[a-z]{3,}(?:[ ,]+[a-z]{2,})+/;
  const said = (text) => english.test(text.replace(/et al\\./g, ''));
  const quoted = (node) => node.closest('script, style, blockquote, code, [hidden]');
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!quoted(node.parentElement) && said(node.textContent)) found.push(node.textContent.trim());
  }
  for (const name of ['aria-label', 'aria-valuetext', 'placeholder', 'title', 'label']) {
    document.querySelectorAll(`[${name}]`).forEach((node) => {
      if (!quoted(node) && said(node.getAttribute(name))) found.push(`${name}: ${node.getAttribute(name)}`);
    });
  }
  const marked = [...document.querySelectorAll('[lang=en]')].filter((node) => !quoted(node) && node.id !== 'language');
  return {found, english: marked.length};
}"""


def test_the_chinese_page_shows_no_english_sentence_of_ours(reader):
    """Citations stay in their own language; the words of the plan are shown as they were published in English."""
    reader.open(f"{THREE}&lang=zh&a=expressways:1")
    everything_shown(reader)
    assert reader.page.evaluate(SAID_IN_ENGLISH) == {"found": [], "english": 0}
    assert reader.page.locator("#method-body td.words").count() > 60
    assert "通勤弹性" in reader.page.inner_text("#method-body")
    study = reader.page.evaluate("fetch('api/study').then(reply => reply.json())")
    words = reader.page.locator("#method-body td.words > span").all_text_contents()
    assert words == [text for one in study["parameters"] for text in (one["meaning_zh"], one["source_zh"])]
    for variable in study["variables"]:
        reader.page.evaluate(
            "async name => { const [{explain}, {get}] = await Promise.all(["
            "import('/pages/js/method.js'), import('/pages/js/store.js')]); explain(get('study'), name);"
            " document.querySelector('#method').close(); }",
            variable["name"],
        )
        words = reader.page.locator("#method-text dl dd").all_text_contents()
        assert words[:2] == [variable["meaning_zh"], variable["origin_zh"]], variable["name"]


def test_the_english_page_would_be_found_out(reader):
    reader.open(f"{THREE}&lang=en&a=expressways:1")
    everything_shown(reader)
    found = reader.page.evaluate(SAID_IN_ENGLISH)["found"]
    assert any("People who live in" in text or "strongly workers choose" in text for text in found)
    assert len(found) > 100


def test_a_refusal_has_a_chinese_sentence_and_the_servers_own_below_it(reader):
    reader.open("?p=&lang=zh")
    words = reader.page.evaluate(
        """async () => {
          const [{put}, {Refused}] = await Promise.all([import('/pages/js/store.js'), import('/pages/js/api.js')]);
          put({mistake: new Refused('not_converged', 'found the labour market off by 1', 422)});
          return document.querySelector('#mistake').innerText;
        }"""
    )
    assert words.startswith("此方案未求得均衡。")
    assert reader.page.locator("#mistake details [lang=en]").text_content() == "found the labour market off by 1"
    assert not reader.page.locator("#mistake details [lang=en]").is_visible()


def test_parameters_by_place_are_told_with_the_names_of_the_places(reader):
    reader.open("?p=&lang=en")
    reader.page.click("#tab-method")
    pension = reader.page.locator("#method-body tr", has=reader.page.get_by_text("pension", exact=True))
    assert re.sub(r"\s+", " ", pension.locator("td").first.inner_text()) == (
        "17,500 Beijing 45,000 Tianjin 33,000 Hebei 14,000"
    )
    assert "ROW" not in reader.page.inner_text("#method-body tbody")


def test_a_goal_among_the_jobs_is_told_in_words(reader):
    reader.open("?p=&lang=en")
    words = reader.page.evaluate(
        """async () => {
          const [{goalWords}, {get}] = await Promise.all(
            ['outcome', 'store'].map((name) => import(`/pages/js/${name}.js`)));
          const goals = ['residents[xiongan] >= 1215000', 'wage[11] <= 90000', 'odd'];
          return goals.map((goal) => goalWords(get('study'), goal));
        }"""
    )
    assert words == [
        "Residents, Xiong’an (Rongcheng, Anxin, Xiongxian) 雄安新区（容城、安新、雄县） ≥ 1.215\u00a0m\u00a0persons",
        "Wage, Beijing 北京市 ≤ 90,000\u00a0yuan a year",
        "odd",
    ]


@pytest.mark.parametrize(("language", "unit", "largest"), [("en", "bn yuan", "30"), ("zh", "亿元", "300")])
def test_bars_are_in_the_unit_of_the_figures_beside_them(reader, language, unit, largest):
    reader.open(f"?p=&lang={language}")
    reader.page.click("#tab-why")
    words = reader.page.evaluate(
        """async () => {
          const [{chart}, {t}] = await Promise.all(
            ['charts', 'language'].map((name) => import(`/pages/js/${name}.js`)));
          const box = document.body.appendChild(document.createElement('div'));
          await chart(box, [{label: 'a', value: 30e9}, {label: 'b', value: -5e9}], t('why.axis'));
          return [...box.querySelectorAll('text')].map((one) => one.textContent);
        }"""
    )
    assert largest in words
    assert any(unit in one for one in words)


def test_every_urban_area_has_a_hue_of_its_own(reader):
    reader.open(f"{THREE}&lang=en&layer=areas")
    reader.page.wait_for_selector("#rule option", state="attached")
    colours = reader.page.evaluate(
        """async (package_) => {
          const told = await fetch(`api/areas?package=${encodeURIComponent(package_)}`).then((reply) => reply.json());
          const study = await fetch('api/study').then((reply) => reply.json());
          const inside = study.regions.filter((region) => !region.external);
          const {area, core} = told.rules[0].after;
          const found = {};
          inside.forEach((region, n) => {
            if (area[n] < 0 || !core[n]) return;
            const fill = document.querySelector(`#map-box [data-code="${region.code}"]`).getAttribute('fill');
            (found[area[n]] ??= []).push(fill);
          });
          return Object.values(found).map((fills) => [...new Set(fills)].join());
        }""",
        THREE.split("=")[1],
    )
    assert len(colours) > 10
    assert len(set(colours)) == len(colours)


def test_sources_and_assumptions_of_a_measure_stand_in_their_order(reader):
    reader.open(f"{THREE}&lang=zh")
    study = reader.page.evaluate("fetch('api/study').then(reply => reply.json())")
    for measure in study["measures"]:
        source = reader.page.locator(f"[data-measure='{measure['name']}'] .source")
        assert source.locator("li").all_text_contents() == [*measure["sources_zh"], *measure["assumptions_zh"]]
        texts = source.locator("p").all_text_contents()
        assert measure["document_zh"] in texts
        assert measure["equation_zh"] in texts
        assert source.locator("blockquote").get_attribute("lang") == "en"


def test_rules_of_urban_areas_are_explained_in_chinese(reader):
    reader.open(f"{THREE}&lang=zh&layer=areas")
    for rule, threshold in enumerate(("15%的就业者", "流出50%或流入25%", "本地就业75%至66.7%", "60分钟")):
        reader.page.wait_for_selector("#rule option", state="attached")
        reader.page.select_option("#rule", str(rule))
        reader.page.click("#layer-method")
        assert reader.page.locator("#method-text dl dd").last.text_content() == threshold
        reader.page.click("#method-close")


RAN = {
    "created": "2020-01-01T00:00:00Z",
    "seconds": 3.0,
    "stage": "",
    "done": 1,
    "of": 1,
    "place": None,
    "sentence": "",
    "result": None,
}
GAIN = "equivalent_variation_registered"


def with_jobs(reader, *jobs: dict) -> None:
    """What the page shows of jobs that ran elsewhere."""
    reader.page.evaluate("async jobs => (await import('/pages/js/store.js')).put({jobs})", [RAN | job for job in jobs])


def test_jobs_tell_their_end_in_chinese(reader):
    """Parameters by name, warnings in words, and a failure with the server's English sentence folded below."""
    reader.page.route("**/api/jobs", lambda route: route.fulfill(json={"jobs": []}))
    reader.open("?p=expressways:1,sub_centre:1&lang=zh")
    titles = {"title_en": "All packages", "title_zh": "全部组合"}
    driver = {"place": "all", "variable": GAIN, "parameter": "commuting_elasticity", "first_order": 0.4, "total": 0.5}
    figures = {"low": 1e9, "median": 2e9, "high": 3e9, "probability_of_loss": 0.0, "point": 2e9}
    ranges = [{"place": "all", "package": "", "variable": GAIN, "group": "", **figures}]
    bar = {"player": "expressways", "shapley": 1e9, "alone": 1e9, "last_in": 1e9, "synergy": 0.0}
    packages = {
        "players": [{"name": "expressways", "label_en": "Expressways", "label_zh": "高速公路"}],
        "bars": [{"jurisdiction": "all", "rows": [bar]}],
        "pairs": [],
        "warnings": ["x has several equilibria", "not known in Chinese"],
        "warnings_zh": ["组合“x”有多个均衡", ""],
    }
    package = {"package": "expressways:1,sub_centre:1"}
    drawn = {"draws": 100, "ranges": ranges, "drivers": [driver]}
    with_jobs(
        reader,
        {"id": "a", "kind": "draws", "state": "finished", "request": package, "result": drawn, **titles},
        {
            "id": "b",
            "kind": "packages",
            "state": "failed",
            "request": package,
            "sentence": "No memory left",
            **titles,
        },
        {"id": "c", "kind": "packages", "state": "finished", "request": package, "result": packages, **titles},
        {"id": "d", "kind": "goal", "state": "waiting", "place": 2, "request": {"goal": "wage[11] >= 90000"}, **titles},
    )
    reader.page.click("#tab-goal")
    assert "通勤弹性" in (reader.page.locator("#goal-results").text_content() or "")
    failed = reader.page.locator("[data-job=b] details")
    assert failed.locator("[lang=en]").text_content() == "No memory left"
    assert not failed.locator("[lang=en]").is_visible()
    waiting = reader.page.locator("[data-job=d]").inner_text()
    assert "目标：工资，北京市 Beijing ≥ 9万元/年" in waiting
    assert "等待，前面还有2个" in waiting
    reader.page.click("#tab-why")
    warnings = reader.page.locator("#why-warnings li span")
    assert warnings.all_text_contents() == ["组合“x”有多个均衡", "not known in Chinese"]
    assert [warnings.nth(n).get_attribute("lang") for n in (0, 1)] == ["zh-CN", "en"]
