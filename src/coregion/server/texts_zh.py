"""In Chinese: what lower layers say in English only, where the page shows it.

A text that is not known has no Chinese (""): the page then shows the English one, marked as such.
"""

from __future__ import annotations

import re

PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"Jobs by sector within a county follow the mix of its own employed residents: the census counts by "
        r"residence\.",
        "区县内分行业岗位按本地就业居民的行业构成推算：普查按居住地统计。",
    ),
    (
        r"Trade within the study is gravity balanced to sales and purchases; no observed flow tests it\.",
        "研究区内贸易为按产出与需求平衡的引力模型结果，没有观测流量可供检验。",
    ),
    (
        r"Working map\. Boundaries: package (?P<name>\S+) (?P<version>\S+), simplified to (?P<size>\S+) m\.",
        r"工作底图。边界：软件包\g<name> \g<version>，简化至\g<size>米。",
    ),
    (r"Working map\. Boundaries: (?P<file>\S+) of the study\.", r"工作底图。边界：研究所附\g<file>。"),
    (
        r"Working map\. No boundaries at hand: each cell is the ground nearest to a county's centre\.",
        "工作底图。没有边界数据：每一单元为距区县中心最近的范围。",
    ),
    (
        r"Install the package (?P<name>\S+) \(the extra 'boundaries'\) to see the counties\.",
        r"安装软件包\g<name>（附加项boundaries）后可显示区县边界。",
    ),
    (r"The cache \S+ was not readable and is made anew\.", "边界缓存无法读取，已重新生成。"),
    (r"They could not be kept: .*", "边界未能写入缓存。"),
    (
        r"(?P<name>.*) has several equilibria; what rests on it holds for the one reached from the baseline",
        r"组合“\g<name>”有多个均衡；以此为据的结果适用于由基准年到达的均衡",
    ),
    (
        r"the value of (?P<name>.*?) is missing(?: for \d+ outcomes)?; what rests on it is not a number and is not "
        r"filled in",
        r"组合“\g<name>”没有数值；以此为据的结果不作填补",
    ),
    (
        r"No transfers leave everyone as well off as alone: change the package\.",
        "任何转移支付都不能使各方不低于单独时的水平：请调整方案。",
    ),
    (r"15 % of workers", "15%的就业者"),
    (r"50 % out or 25 % in", "流出50%或流入25%"),
    (r"75 % to 66\.7 % at home", "本地就业75%至66.7%"),
    (r"60 minutes", "60分钟"),
    (r"There is nothing to bargain over: change the package\.", "没有可分享的收益：请调整方案。"),
    (
        r"found (?P<gain>\S+) together and (?P<alone>\S+) alone; expected at least as much together as alone\.",
        r"合计\g<gain>，单独时\g<alone>；合计应不少于单独之和。",
    ),
    (
        r"found gains of (?P<gain>\S+) and losses of (?P<loss>\S+); expected gains that cover the losses\.",
        r"收益\g<gain>，损失\g<loss>；收益应足以弥补损失。",
    ),
)
"""Sentences by pattern, and their Chinese."""


def chinese(text: str) -> str:
    """The whole text in Chinese, sentence by sentence; "" where a part of it is not known."""
    rest, found = text.strip(), []
    while rest:
        match, template = _longest(rest)
        if match is None:
            return ""
        found.append(match.expand(template))
        rest = rest[match.end() :].strip()
    return "".join(found)


def _longest(text: str) -> tuple[re.Match[str] | None, str]:
    matches = ((re.match(pattern, text), template) for pattern, template in PATTERNS)
    return max(matches, key=lambda pair: pair[0].end() if pair[0] else -1)
