"""The page's words: whole in Chinese, and figures told by names rather than codes."""

from __future__ import annotations

import re

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
          const goals = ['residents[xiongan] >= 1500000', 'wage[11] <= 90000', 'odd'];
          return goals.map((goal) => goalWords(get('study'), goal));
        }"""
    )
    assert words == [
        "Residents, Xiong’an (Rongcheng, Anxin, Xiongxian) 雄安新区（容城、安新、雄县） ≥ 1.5\u00a0m\u00a0persons",
        "Wage, Beijing 北京市 ≤ 90,000\u00a0yuan a year",
        "odd",
    ]
