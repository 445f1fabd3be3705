"""Which sentence of a plan each measure carries, which nothing carries yet, and whether each quote stands there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coregion.data.settings import Settings
from coregion.errors import CoregionError, nearest
from coregion.measures.record import Measure
from coregion.region import Region

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"‘'(\u4e00-\u9fff])|(?<=[。！？])|\n\s*\n")
_ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


@dataclass(frozen=True)
class Sentence:
    """One sentence of the plan. measures: names of those whose quote stands in it. places: codes it names."""

    number: int
    text: str
    measures: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Absent:
    """A quote that the text does not hold, and the sentence most like it."""

    measure: str
    quote: str
    nearest: str


@dataclass(frozen=True)
class Trace:
    """A plan held against the measures of a study."""

    plan: str
    sentences: tuple[Sentence, ...]
    absent: tuple[Absent, ...]

    @property
    def carried(self) -> tuple[Sentence, ...]:
        """Sentences that at least one measure rests on."""
        return tuple(s for s in self.sentences if s.measures)

    @property
    def open(self) -> tuple[Sentence, ...]:
        """Sentences that nothing carries yet."""
        return tuple(s for s in self.sentences if not s.measures)


def trace(text: str, measures: Sequence[Measure], names: Mapping[str, str], plan: str = "") -> Trace:
    """Hold the text of a plan against measures; names: place names and their codes, as of ``place_names``.

    A quote may run over several sentences and is carried by each. Kinds of quotation marks, dashes and white space
    make no difference; words do.
    """
    parts = sentences(text)
    plain = [alike(part) for part in parts]
    joined = " ".join(plain)
    starts = [sum(len(p) + 1 for p in plain[:k]) for k in range(len(plain))]
    carried: dict[int, list[str]] = {}
    absent = []
    for measure in measures:
        quote = alike(measure.quote)
        places = [m.start() for m in re.finditer(re.escape(quote), joined)]
        if not places:
            absent.append(Absent(measure.name, measure.quote, _most_alike(quote, parts, plain)))
        for first in places:
            for number, (start, part) in enumerate(zip(starts, plain, strict=True)):
                if start < first + len(quote) and first < start + len(part):
                    carried.setdefault(number, []).append(measure.name)
    rows = [
        Sentence(number + 1, part, tuple(dict.fromkeys(carried.get(number, ()))), places_named(part, names))
        for number, part in enumerate(parts)
    ]
    return Trace(plan, tuple(rows), tuple(absent))


def sentences(text: str) -> list[str]:
    """The sentences of a text in English or Chinese; an empty line ends one, a line break alone does not."""
    return [" ".join(part.split()) for part in _END.split(text) if part and part.strip()]


def alike(text: str) -> str:
    """The text with quotation marks, dashes, widths and white space made one."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_ALIKE)).split())


def place_names(region: Region, settings: Settings) -> dict[str, str]:
    """Every name of a place inside the region, in both languages, and its code; named places of the study by their key,
    without what stands in brackets, and with or without an apostrophe, too.

    Where two places share a name it is the larger one's. A Chinese name also counts without its kind (区, 县, 市, 省).
    """
    inside = range(region.inside)
    named = [(code, region.province_name.get(code, ("", ""))) for code in dict.fromkeys(region.province[: len(inside)])]
    named += [(c, region.prefecture_name.get(c, ("", ""))) for c in dict.fromkeys(region.prefecture[: len(inside)])]
    named += [(region.code[i], (region.name_en[i], region.name_zh[i])) for i in inside]
    found: dict[str, str] = {}
    for code, (name_en, name_zh) in named:
        for name in (name_en, name_zh, name_zh[:-1] if len(name_zh) > 2 else ""):
            if name:
                found.setdefault(name, code)
    for key, place in settings.places.items():
        for name in (place.name_en, place.name_zh):
            short = re.split(r"\s*[(（]", name)[0]
            found |= {name: key, short: key, re.sub("[’']", "", short): key}
    return found


def place_labels(region: Region, settings: Settings) -> dict[str, str]:
    """Both names of every place that ``place_names`` knows, by its code or key."""
    names = {**region.prefecture_name, **region.province_name}
    names |= dict(zip(region.code, zip(region.name_en, region.name_zh, strict=True), strict=True))
    names |= {key: (place.name_en, place.name_zh) for key, place in settings.places.items()}
    return {code: " ".join(dict.fromkeys(both)) for code, both in names.items()}


def places_named(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of the places that a text names, in the order of the text; a name within a longer name does not count."""
    plain = alike(text)
    hits = []
    for name, code in names.items():
        wanted = alike(name)
        pattern = rf"\b{re.escape(wanted)}\b" if wanted.isascii() else re.escape(wanted)
        hits += [(m.start(), m.end(), code) for m in re.finditer(pattern, plain)]
    outer = [h for h in hits if not any(o[0] <= h[0] and h[1] <= o[1] and o[1] - o[0] > h[1] - h[0] for o in hits)]
    return tuple(dict.fromkeys(code for _, _, code in sorted(outer)))


def measures_of(measures: Sequence[Measure], settings: Settings, plan: str = "") -> tuple[str, tuple[Measure, ...]]:
    """The title of a plan of the study and the measures that belong to it; ``plan`` may be left out where there is one.

    Raises CoregionError for a plan that the study does not list, with the nearest.
    """
    titles = [document.name_en for document in settings.documents]
    if not titles:
        raise CoregionError("found no [[documents]] in study.toml; expected the plan that the measures carry out.")
    if not plan and len(titles) > 1:
        raise CoregionError(f"found {len(titles)} plans; expected one of them by --plan: {', '.join(titles)}.")
    title = plan or titles[0]
    if title not in titles:
        raise CoregionError(f"found the plan '{title}'; expected one of the study. {nearest(title, titles)}")
    return title, tuple(measure for measure in measures if measure.document.startswith(title))


def read_plan(file: Path) -> str:
    """The text of a plan; raises CoregionError where there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CoregionError(f"found {file} not readable as UTF-8 text; expected the text of the plan.") from error


def _most_alike(quote: str, parts: Sequence[str], plain: Sequence[str]) -> str:
    words = set(re.findall(r"\w+", quote.lower()))
    shared = [len(words & set(re.findall(r"\w+", part.lower()))) / max(len(words), 1) for part in plain]
    best = max(range(len(parts)), key=shared.__getitem__, default=-1)
    return parts[best] if best >= 0 and shared[best] > 0.3 else ""
