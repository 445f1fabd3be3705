"""One thing has one Chinese name everywhere: that of the register of variables, or that of the page."""

from importlib import resources
from pathlib import Path

import pytest

from coregion.variables import variable

OTHER_WORDS = {
    "公共岗位": "public_jobs",
    "可达岗位": "jobs",
    "工作岗位": "jobs",
    "居住人口": "residents",
    "基准人口": "residents",
    "常住居民": "residents",
    "户籍居民": "registered",
    "财政变化": "budget",
    "预算与": "budget",
    "原有建筑规模": "floor_space",
    "增益": "equivalent_variation_registered",
    "县内迁移者": "migrants_same_county",
    "省内流动者": "migrants_same_province",
    "跨省流动者": "migrants_other_province",
}
"""Words that were or might be used beside those of the register, and whose label they stand for."""

BESIDE = {"沙普利值": "夏普利值", "不在任何都市区": "都市圈"}
"""The same of words that the register does not have."""

WRITTEN = (".py", ".html", ".js", ".toml", ".csv")


@pytest.fixture(scope="module")
def texts():
    folder = Path(str(resources.files("coregion")))
    files = [file for file in folder.rglob("*") if file.suffix in WRITTEN and file.stat().st_size < 1e6]
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in files}


def test_the_register_has_other_labels_than_these():
    for word, name in OTHER_WORDS.items():
        assert word not in variable(name).label_zh


@pytest.mark.parametrize("word", [*OTHER_WORDS, *BESIDE])
def test_no_text_calls_by_another_word_what_the_register_names(texts, word):
    assert [name for name, text in texts.items() if word in text] == []
