"""The verdict in Chinese: the sentences of ``coregion.report.verdict`` from the same record."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

from coregion.report.numbers import per_cent, plain, signed
from coregion.report.spans import OFTEN, Span
from coregion.report.verdict import GAIN, UNCHANGED, Gain, Verdict

COUNTED = {"residents": "常住人口", "jobs": "就业岗位"}


def headline_zh(judged: Verdict) -> str:
    """Who gains, who loses, and the region together."""
    if judged.count == 0:
        return "未选择任何措施，一切不变：这是区域的现状。"
    subject = "该措施" if judged.count == 1 else f"由{judged.count}项措施组成的方案"
    unchanged = all(gain.yuan == 0 for gain in judged.governments if gain.sign == 0)
    parts = [
        f"使{_names(judged.governments, sign)}户籍人口{effect}"
        for sign, effect in ((1, "受益"), (-1, "受损"), (0, "不受影响" if unchanged else "几乎不受影响"))
        if any(gain.sign == sign for gain in judged.governments)
    ]
    sentence = subject + ("，".join(parts) if parts else "没有产生表中可见的差异")
    if judged.total is None:
        return sentence + "。"
    together = f"{sentence}；合计每年{_signed_yuan(judged.total.yuan)}（收入的{_share(judged.total.per_cent)}）"
    if not judged.total.span:
        return f"{together}。"
    of_income = _in_brackets(judged.total.share, _share)
    return f"{together}，100次抽取中有90次在{_between(judged.total.span, _signed_yuan)}之间{of_income}。"


def sentences_zh(judged: Verdict) -> list[str]:
    """The sentences under the headline."""
    return list(_sentences(judged))


def _sentences(judged: Verdict) -> Iterable[str]:
    counties = judged.counties
    if counties:
        up, down = (sum(gain.sign == sign for gain in counties) for sign in (1, -1))
        rest = len(counties) - up - down
        sure = over_draws_zh([gain.span for gain in counties])
        changed = f"{up}个的户籍人口受益，{down}个受损，{rest}个的变化低于收入的{UNCHANGED}%"
        yield f"{len(counties)}个地区中，{changed}。{sure}"
    for m in judged.movements:
        name = COUNTED.get(m.variable, m.variable)
        gained, lost, moved = (
            _beside(judged, "all", f"{m.variable}_{kind}", value, many_zh)
            for kind, value in (("gained", m.gained), ("lost", m.lost), ("displaced", m.moved))
        )
        net = _beside(judged, "all", f"{m.variable}_net", m.net, lambda value: signed(many_zh(value)))
        part = _beside(judged, "all", m.variable, 100 * m.net / m.baseline, _share)
        yield (
            f"{name}：增长的地区增加{gained}，减少的地区减少{lost}；区域内转移{moved}，"
            f"总量{many_zh(m.baseline)}，变化{net}，即{part}。"
        )
    paying = [b for b in judged.budgets if b.cost > 0 and b.code != "all"]
    if paying:
        costs = "，".join(f"{b.name_zh}每年{_beside(judged, b.code, 'cost', b.cost, yuan_zh)}" for b in paying)
        every = _beside(judged, "all", "cost", sum(b.cost for b in paying), yuan_zh)
        total = f"，合计每年{every}" if len(paying) > 1 else ""
        yield f"措施成本：{costs}{total}。上述收益已扣除成本。"
    if math.isfinite(judged.outside):
        outside = _beside(judged, "outside", GAIN, judged.outside, _signed_yuan)
        yield f"区域外户籍人口：每年合计{outside}，来自贸易、迁移及其承担的成本；不计入区域收益。"


def _beside(judged: Verdict, place: str, variable: str, value: float, written: Callable[[float], str]) -> str:
    """A figure, and its range where it is known."""
    return written(value) + _in_brackets(judged.spans.of(place, judged.package, variable), written)


def _in_brackets(span: Span, written: Callable[[float], str]) -> str:
    return f"（{_between(span, written)}）" if span else ""


def _between(span: Span, written: Callable[[float], str]) -> str:
    return "不变" if span.low == span.high else f"{written(span.low)}至{written(span.high)}"


def over_draws_zh(found: Sequence[Span]) -> str:
    """``coregion.report.spans.over_draws`` in Chinese; empty where the draws do not tell it of all."""
    if not found or not all(span and math.isfinite(span.loss) for span in found):
        return ""
    if all(span.loss == 0 for span in found):
        return "任何一次抽取中均无受损的地区。"
    above, below = sum(span.loss <= 1 - OFTEN for span in found), sum(span.loss >= OFTEN for span in found)
    rest = len(found) - above - below
    return f"100次抽取中至少{100 * OFTEN:.0f}次：{above}个受益，{below}个受损；另{rest}个有时受益、有时受损。"


def _signed_yuan(value: float) -> str:
    return signed(yuan_zh(value))


def yuan_zh(value: float) -> str:
    """An amount of money in 亿元 or 万元 to three significant digits."""
    size, unit = (1e8, "亿元") if abs(value) >= 1e8 else (1e4, "万元") if abs(value) >= 1e4 else (1.0, "元")
    return f"{plain(value / size)}{unit}"


def many_zh(value: float) -> str:
    """A number of persons, in 万 or 亿 where it is large."""
    size, unit = (1e8, "亿人") if abs(value) >= 1e8 else (1e4, "万人") if abs(value) >= 1e4 else (1.0, "人")
    return f"{plain(value / size)}{unit}"


def _share(value: float) -> str:
    """Per cent as Chinese sets it, without a space."""
    return re.sub(r"\s%", "%", per_cent(value))


def _names(governments: Iterable[Gain], sign: int) -> str:
    return "、".join(gain.name_zh for gain in governments if gain.sign == sign)
