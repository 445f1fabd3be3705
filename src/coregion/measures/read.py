"""measures.toml of a study as checked records, with every mistake told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from coregion.air import HOMES, POLLUTANTS
from coregion.data.settings import Settings
from coregion.data.toml_positions import KeyPath, TomlDocument, mistakes_of, read_toml
from coregion.errors import InputMistakes, Mistake, nearest
from coregion.measures.cost import WAGES
from coregion.measures.kinds import kinds
from coregion.measures.places import Refers, origin_codes, place_codes
from coregion.measures.record import Measure
from coregion.measures.relocate import PUBLIC
from coregion.network.record import Network
from coregion.public_services import KNOWN
from coregion.region import Region

ENTRIES = "measures"


def read_measures(folder: Path, settings: Settings, region: Region, network: Network) -> tuple[Measure, ...]:
    """The measures of a study; raises InputMistakes with every mistake in them."""
    measures, mistakes = collect_measures(folder, settings, region, network)
    if mistakes:
        raise InputMistakes(mistakes)
    return measures


def collect_measures(
    folder: Path, settings: Settings, region: Region | None, network: Network | None
) -> tuple[tuple[Measure, ...], list[Mistake]]:
    """The measures of a study that can be read, and every mistake: kinds, keys, codes, bounds, doubled names.

    Codes are not checked where there is no region or network to check them against.
    """
    document, mistakes = read_toml(folder / settings.tables.measures)
    if document is None:
        return (), mistakes
    mistakes = [
        Mistake(f"unknown key '{key}'", "[[measures]]", nearest(key, (ENTRIES,)), document.file.name, None, key)
        for key in document.data
        if key != ENTRIES
    ]
    entries = document.data.get(ENTRIES, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        found = "'measures' that is no array of tables"
        return (), [*mistakes, Mistake(found, "[[measures]] once a measure", "", document.file.name)]
    known = known_codes(region, network) if region is not None else {}
    measures = []
    for position, entry in enumerate(entries):
        measure, found = _read_one(document, position, entry)
        mistakes += found
        if measure is not None:
            mistakes += _unknown_codes(document, position, measure, known)
            mistakes += _outside_the_plan(document, position, measure, settings)
            measures.append(measure)
    return tuple(measures), mistakes + _doubled(document, entries)


def in_file(folder: Path, settings: Settings, measure: Measure, mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Mistakes of a measure that was read, with the file and line where it stands."""
    document, _ = read_toml(folder / settings.tables.measures)
    names = [entry["name"] for entry in document.data[ENTRIES]] if document is not None and mistakes else []
    if document is None or measure.name not in names:
        return list(mistakes)
    line = document.line_of((ENTRIES, names.index(measure.name), "name"))
    return [replace(mistake, file=document.file.name, line=line) for mistake in mistakes]


def known_codes(region: Region, network: Network | None) -> Mapping[str, frozenset[str]]:
    """What a marked field of a measure may name, by what it refers to; nothing of the network where there is none."""
    payers = {payer.code for payer in region.payers}
    of_network = {}
    if network is not None:
        of_network["line"] = frozenset(network.links.line)
        of_network["class"] = frozenset(c.name for c in network.classes)
    return of_network | {
        "place": frozenset(place_codes(region)),
        "origin": frozenset(origin_codes(region)),
        "sector": frozenset(region.sectors),
        "spending": frozenset((*region.sectors, WAGES)),
        "activity": frozenset((*region.sectors, PUBLIC)),
        "group": frozenset(region.groups),
        "payer": frozenset(payers | set(region.prefecture[: region.inside]) | set(region.province[: region.inside])),
        "employer": frozenset(payers),
        "pollutant": frozenset(POLLUTANTS),
        "source": frozenset((*region.sectors, HOMES)),
        "service": frozenset(KNOWN),
    }


def _read_one(document: TomlDocument, position: int, entry: dict[str, Any]) -> tuple[Measure | None, list[Mistake]]:
    available = kinds()
    kind = entry.get("kind")
    if kind not in available:
        found = f"unknown kind '{kind}'" if "kind" in entry else f"no kind of '{entry.get('name', position + 1)}'"
        line = document.line_of((ENTRIES, position, "kind"))
        remedy = nearest(str(kind), available)
        return None, [Mistake(found, "a kind of measure", remedy, document.file.name, line, "kind")]
    try:
        return available[kind].model_validate(entry), []
    except ValidationError as error:
        return None, _placed(error, document, position, available[kind])


def _placed(error: ValidationError, document: TomlDocument, position: int, kind: type[BaseModel]) -> list[Mistake]:
    """The mistakes of one entry: positions are those of the whole file, the nearest keys those of its kind."""
    lines = {path[2:]: line for path, line in document.lines.items() if path[:2] == (ENTRIES, position)}
    allowed = {"": tuple(kind.model_fields)} | {
        name: tuple(model.model_fields)
        for name, field in kind.model_fields.items()
        for model in _models(field.annotation)
    }
    entry, header = document.data[ENTRIES][position], document.line_of((ENTRIES, position))
    name = f"measure '{entry.get('name', position + 1)}'"
    found = mistakes_of(error, TomlDocument(document.file, document.data, lines), allowed)
    return [
        replace(mistake, found=name, line=header, column="kind")
        if not mistake.column
        else replace(mistake, found=f"{mistake.found} in {name}", line=header)
        if mistake.line is None
        else mistake
        for mistake in found
    ]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The records that stand within a field, alone or in a tuple."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _unknown_codes(
    document: TomlDocument, position: int, measure: Measure, known: Mapping[str, frozenset[str]]
) -> list[Mistake]:
    mistakes = []
    for path, what, code in references(measure):
        if what in known and code not in known[what]:
            line = document.line_of((ENTRIES, position, *path))
            remedy = nearest(code, known[what]) if len(known[what]) < 40 or _close(code, known[what]) else ""
            found = f"unknown {what} '{code}' in measure '{measure.name}'"
            expected = f"{'an' if what[0] in 'aeio' else 'a'} {what} of the study"
            mistakes.append(Mistake(found, expected, remedy, document.file.name, line, str(path[0])))
    return mistakes


def _outside_the_plan(document: TomlDocument, position: int, measure: Measure, settings: Settings) -> list[Mistake]:
    """A pillar or a document that the study does not list, where it lists any."""
    pillars = [pillar.code for pillar in settings.pillars]
    titles = [plan.name_en for plan in settings.documents]
    found = []
    if pillars and measure.pillar not in pillars:
        found.append(("pillar", measure.pillar, "a pillar of study.toml", nearest(measure.pillar, pillars)))
    if titles and not measure.document.startswith(tuple(titles)):
        remedy = f"The study lists {', '.join(titles)}."
        found.append(("document", measure.document, "words that begin with a document of study.toml", remedy))
    return [
        Mistake(
            f"{key} '{value}' of '{measure.name}'",
            expected,
            remedy,
            document.file.name,
            document.line_of((ENTRIES, position, key)),
            key,
        )
        for key, value, expected, remedy in found
    ]


def _close(code: str, known: frozenset[str]) -> bool:
    return nearest(code, known).startswith("Did you mean")


def references(record: BaseModel, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str, str]]:
    """Every code that a measure names: where it stands, what it refers to, and the code."""
    for name, field in type(record).model_fields.items():
        marks = [mark.what for mark in field.metadata if isinstance(mark, Refers)]
        yield from _codes(getattr(record, name), field.annotation, marks, (*path, name))


def _codes(value: Any, annotation: Any, marks: list[str], path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    inner = marks + [mark.what for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Refers)]
    if isinstance(value, BaseModel):
        yield from references(value, path)
    elif isinstance(value, tuple):
        parts = [part for part in get_args(annotation) if part is not ...]
        for number, item in enumerate(value):
            part = parts[min(number, len(parts) - 1)] if parts else None
            yield from _codes(item, part, inner, (*path, number))
    elif isinstance(value, str) and value and inner:
        yield path, inner[0], value


def _doubled(document: TomlDocument, entries: list[dict[str, Any]]) -> list[Mistake]:
    names = [entry.get("name") for entry in entries]
    return [
        Mistake(
            f"measure '{name}' again",
            "every name once",
            "Rename or remove one.",
            document.file.name,
            document.line_of((ENTRIES, position, "name")),
            "name",
        )
        for position, name in enumerate(names)
        if name is not None and name in names[:position]
    ]
