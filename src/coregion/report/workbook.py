"""The tables of a run as a workbook: numbers as numbers, headings in both languages with their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from coregion.data.whole_files import write_files
from coregion.report.frames import ResultTables, by_package, inner_regions, members, place_names, whole_package
from coregion.report.numbers import both
from coregion.report.verdict import Gain, Verdict, verdict
from coregion.variables import REGISTER, variable

COUNTY = (
    "residents",
    "jobs",
    "wage",
    "floor_space_price",
    "welfare",
    "equivalent_variation_registered",
    "pm25",
    "deaths_air",
    "access_school",
    "access_hospital",
    "users_care",
)
GOVERNMENT = (
    "equivalent_variation_registered",
    "equivalent_variation_living",
    "equivalent_variation_working",
    "cost",
    "budget",
    "residents",
    "jobs",
    "pm25",
    "deaths_air",
    "users_care",
    "jobs_care",
)
FORMATS = {"n": "#,##0", "pct": "+0.000;-0.000;0", "x": "General", "text": "@", "index": "0.0000"}
WIDTHS = {"n": 20, "pct": 14, "x": 16, "text": 30, "index": 14}
WRAPPED, BOLD = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
SHADE = PatternFill("solid", fgColor="E8ECF2")
Column = tuple[str, str, str]  # heading in English, in Chinese, format


def write_tables(results: ResultTables, file: str | Path, ranges: pd.DataFrame | None = None) -> None:
    """Write the workbook: the report's tables, one a sheet.

    Governments have a row for each measure alone too, counties for the package only: the rest is in regions.parquet.

    Money is in yuan, people in persons, changes in per cent, unrounded. OutputError when the file cannot be written.
    """
    judged = verdict(results, ranges)
    book = Workbook(write_only=True)
    titles = _titles(results.run["measures"])
    _sheet(book, "verdict", *_verdict(judged))
    _sheet(book, "displacement", *_movements(judged))
    _sheet(book, "jurisdictions", *_places(results.jurisdictions, "jurisdiction", GOVERNMENT, titles))
    counties = inner_regions(results.regions)
    _sheet(book, "counties", *_places(counties, "region", COUNTY, titles, alone=False))
    for title, fields in RECORDS.items():
        _sheet(book, title, *_records(results.run.get(title, ()), fields))
    content = BytesIO()
    book.save(content)
    write_files({Path(file): content.getvalue()}, "Name another folder.")


def _sheet(book: Workbook, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_, _, kind) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS[kind]
    head = []
    for english, chinese, _ in columns:
        cell = WriteOnlyCell(sheet, f"{english}\n{chinese}" if chinese else english)
        cell.font, cell.fill = BOLD, SHADE
        cell.alignment = WRAPPED
        head.append(cell)
    sheet.append(head)
    for row in rows:
        sheet.append([_cell(sheet, value, kind) for value, (_, _, kind) in zip(row, columns, strict=True)])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"


def _cell(sheet: Any, value: Any, kind: str) -> Any:
    """A number as a number; text never as a formula."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"
        if len(value) > WIDTHS[kind]:
            cell.alignment = WRAPPED
    else:
        cell = WriteOnlyCell(sheet, None if value is None or value != value else value)
        cell.number_format = FORMATS[kind]
    return cell


def _verdict(judged: Verdict) -> tuple[list[Column], list[list[Any]]]:
    columns: list[Column] = [
        ("About", "内容", "text"),
        ("Name", "英文名", "text"),
        ("Name in Chinese", "中文名", "text"),
        ("Gain of those registered [yuan a year]", "户籍人口收益［元/年］", "n"),
        ("Of income [%]", "占收入［%］", "pct"),
        ("5th of 100 [yuan a year]", "第5百分位［元/年］", "n"),
        ("95th of 100 [yuan a year]", "第95百分位［元/年］", "n"),
    ]
    blank = [None] * 4
    rows: list[list[Any]] = [["verdict", judged.headline, "", *blank]]
    rows += [["verdict", sentence, "", *blank] for sentence in judged.sentences]
    total = (judged.total,) if judged.total else ()
    for about, gains in (
        ("government", (*judged.governments, *total)),
        ("prefecture-level city", judged.cities),
        ("largest gains of places", judged.counties_up),
        ("largest losses of places", judged.counties_down),
    ):
        rows += [_gain_row(about, gain) for gain in gains]
    return columns, rows


def _gain_row(about: str, gain: Gain) -> list[Any]:
    return [about, gain.name_en, gain.name_zh, gain.yuan, gain.per_cent, gain.span.low, gain.span.high]


def _titles(measures: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What a package of one measure is called, by its name."""
    return {str(m["name"]): both(m["name_en"], m["name_zh"]) for m in measures}


def _movements(judged: Verdict) -> tuple[list[Column], list[list[Any]]]:
    """What grows and what shrinks, added up over the places."""
    columns: list[Column] = [
        ("What", "变量", "text"),
        ("Added where it grows", "增加", "n"),
        ("Lost where it shrinks", "减少", "n"),
        ("Displaced within the region", "区内转移", "n"),
        ("Net change of the region", "净变化", "n"),
        ("Base year", "基准", "n"),
        ("Unit", "单位", "text"),
    ]
    return columns, [
        [_labelled(m.variable), m.gained, m.lost, m.moved, m.net, m.baseline, variable(m.variable).unit]
        for m in judged.movements
    ]


def _labelled(name: str) -> str:
    """A variable by both labels of the register, or as it is called."""
    return both(REGISTER[name].label_en, REGISTER[name].label_zh) if name in REGISTER else name


def _places(
    frame: pd.DataFrame, place: str, wanted: Sequence[str], titles: Mapping[str, str], alone: bool = True
) -> tuple[list[Column], list[list[Any]]]:
    """One row a place and package: the whole package, and each measure alone where wanted. titles: of the latter."""
    known, levelled = [name for name in wanted if (frame["variable"] == name).any()], "level" in frame
    names = place_names(frame, place)
    whole = whole_package(frame)
    others = [p for p in frame["package"].unique() if p != whole and len(members(p)) == 1]
    order = [whole, *(others if alone else ())]
    part = frame[frame["package"].isin(order)]
    cells = [
        table[column].to_dict()
        for name, table in ((name, by_package(part, place, name)) for name in known)
        for column in (("value",) if variable(name).change == "difference" else ("baseline", "value", "change_pct"))
    ]
    told = ["name_en", "name_zh", *(["level"] if levelled else [])]
    places = [(str(code), *name) for code, name in names[told].iterrows()]
    called = {**({whole: both("The whole package", "一揽子方案")} if len(members(whole)) != 1 else {}), **titles}
    rows = [
        [*named, called.get(package, package), *(cell.get((package, named[0])) for cell in cells)]
        for package in order
        for named in places
    ]
    return _place_columns(known, levelled), rows


def _place_columns(known: Sequence[str], levelled: bool) -> list[Column]:
    """Heads of such a table. levelled: whether places are governments of several levels."""
    columns: list[Column] = [
        ("Code", "代码", "text"),
        ("Name", "英文名", "text"),
        ("Name in Chinese", "中文名", "text"),
    ]
    columns += [("Level of government [0: all, and the state]", "政府层级", "x")] if levelled else []
    columns.append(("Package", "方案", "text"))
    for name in known:
        entry = variable(name)
        kind = "index" if entry.unit.startswith(("index", "places per user")) else "n"
        if entry.change == "difference":
            columns.append((f"{entry.label_en} [{entry.unit}]", entry.label_zh, kind))
        else:
            columns.append((f"{entry.label_en}, base year [{entry.unit}]", f"{entry.label_zh}（基准）", kind))
            columns.append((f"{entry.label_en}, with the package [{entry.unit}]", f"{entry.label_zh}（方案）", kind))
            columns.append((f"{entry.label_en}, change [%]", f"{entry.label_zh}（变化，%）", "pct"))
    return columns


def _records(
    records: Sequence[dict[str, Any]], fields: Sequence[tuple[str, str, str, str]]
) -> tuple[list[Column], list[list[Any]]]:
    rows = [
        [_labelled(record[key]) if key == "variable" else _plain(record.get(key)) for key, *_ in fields]
        for record in records
    ]
    return [(english, chinese, kind) for _, english, chinese, kind in fields], rows


def _plain(value: Any) -> Any:
    """A cell's value: lists as one text, truth as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(str(part) for part in value) if isinstance(value, list | tuple) else value


PLACE = (
    ("place", "Code of the place", "代码", "text"),
    ("name_en", "Place", "地区（英文）", "text"),
    ("name_zh", "Place in Chinese", "地区", "text"),
)
MEASURES = (
    ("name", "Key", "键", "text"),
    ("name_en", "Measure", "措施（英文）", "text"),
    ("name_zh", "Measure in Chinese", "措施", "text"),
    ("kind", "Kind", "类型", "text"),
    ("pillar_en", "Part of the programme", "领域（英文）", "text"),
    ("pillar_zh", "Part of the programme, in Chinese", "领域", "text"),
    ("intensity", "Intensity [1 = as planned]", "强度", "x"),
    ("opens", "Opens [year]", "年份", "x"),
    ("cost_yuan_a_year", "Cost [yuan a year]", "年成本［元/年］", "n"),
    ("investment_yuan", "Investment [yuan]", "投资［元］", "n"),
    ("payer_en", "Payer", "出资方（英文）", "text"),
    ("payer_zh", "Payer in Chinese", "出资方", "text"),
    ("quote", "Sentence it comes from", "原文", "text"),
    ("document", "Document", "文件（英文）", "text"),
    ("document_zh", "Document in Chinese", "文件", "text"),
    ("sources", "Sources", "来源（英文）", "text"),
    ("sources_zh", "Sources in Chinese", "来源", "text"),
    ("assumptions", "Assumed", "假设（英文）", "text"),
    ("assumptions_zh", "Assumed, in Chinese", "假设", "text"),
)
FIGURES = (
    ("variable", "Figure", "指标", "text"),
    *PLACE,
    ("official", "Official", "官方", "x"),
    ("model", "In the model", "模型", "x"),
    ("unit", "Unit", "单位", "text"),
    ("factor", "Factor [model over official]", "系数", "index"),
    ("reason", "Reason", "原因", "text"),
)
MATCHES = (
    ("what", "Data that the model must reproduce", "数据", "text"),
    ("error", "Largest relative error", "最大相对误差", "x"),
    ("tolerance", "Allowed", "容许", "x"),
)
INDICATORS = (
    ("name", "What follows from the calibration", "指标", "text"),
    ("value", "In the model", "模型", "x"),
    ("unit", "Unit", "单位", "text"),
    ("known", "Known from elsewhere", "外部证据", "text"),
)
NETWORK = (
    ("mode", "Mode", "方式", "text"),
    ("half", "Half of the pairs", "样本", "text"),
    ("pairs", "Pairs", "数量", "n"),
    ("median_error", "Median error [share]", "中位误差", "index"),
    ("p90", "90th of 100 [share]", "九成误差", "index"),
    ("great_circle", "Median error of great-circle distance alone [share]", "仅用球面距离的中位误差", "index"),
    ("goal", "Goal for the median [share]", "目标", "index"),
)
OUTLIERS = (
    ("variable", "Variable", "变量", "text"),
    *PLACE,
    ("value", "Value", "数值", "x"),
    ("unit", "Unit", "单位", "text"),
    ("size", "Distance [robust standard deviations from the median]", "偏离", "index"),
    ("explanation", "Explanation", "解释", "text"),
)
ASSUMPTIONS = (
    ("variable", "Variable", "变量", "text"),
    ("name_en", "What", "内容（英文）", "text"),
    ("name_zh", "What, in Chinese", "内容", "text"),
    ("kind", "How", "方式", "text"),
    ("rule", "Rule", "规则（英文）", "text"),
    ("rule_zh", "Rule, in Chinese", "规则", "text"),
)
PARAMETERS = (
    ("name", "Key", "键", "text"),
    ("name_zh", "Name in Chinese", "名称", "text"),
    ("meaning", "Meaning", "含义（英文）", "text"),
    ("meaning_zh", "Meaning, in Chinese", "含义", "text"),
    ("value", "Value", "取值", "x"),
    ("low", "Low", "下限", "x"),
    ("high", "High", "上限", "x"),
    ("unit", "Unit", "单位", "text"),
    ("source", "Source", "来源（英文）", "text"),
    ("source_zh", "Source, in Chinese", "来源", "text"),
    ("assumed", "Assumed", "假设", "text"),
)
RECORDS = {
    "measures": MEASURES,
    "figures": FIGURES,
    "matches": MATCHES,
    "indicators": INDICATORS,
    "network_fit": NETWORK,
    "outliers": OUTLIERS,
    "assumptions": ASSUMPTIONS,
    "parameters": PARAMETERS,
}
"""Sheets that are lists of run.json, by its key: which entries stand in which column."""
