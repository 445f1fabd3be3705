"""A package as text that can stand in an address, and back: measures with intensities, and links that are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from coregion.errors import Mistake, raise_together

LONGEST = 4000
"""Characters of a package; an address must be able to hold two."""

FORM = "measures as name:intensity and links as ~FROM~TO~CLASS~INTENSITY, joined by commas"


@dataclass(frozen=True)
class DrawnLink:
    """A link that a planner draws. yuan_per_km, length_km: NaN, payer: empty, where the study's own rule decides."""

    origin: str
    destination: str
    class_name: str
    intensity: float
    yuan_per_km: float = math.nan
    payer: str = ""
    length_km: float = math.nan


@dataclass(frozen=True)
class PackageText:
    """What a package text says: intensities by name of measure, and drawn links; those of intensity 0 are left out."""

    intensities: dict[str, float]
    links: tuple[DrawnLink, ...]

    def __str__(self) -> str:
        measures = [f"{name}:{_number(amount)}" for name, amount in self.intensities.items()]
        return ",".join([*measures, *(_link_text(link) for link in self.links)])


def read_package(text: str) -> PackageText:
    """The package that a text names; raises InputMistakes with every item that cannot be read.

    Names and codes are not checked here: that needs a study.
    """
    if len(text) > LONGEST:
        raise_together([Mistake(f"a package of {len(text)} characters", f"at most {LONGEST}")])
    intensities: dict[str, float] = {}
    links, mistakes = [], []
    for item in (part.strip() for part in text.split(",")):
        if not item:
            continue
        try:
            if item.startswith("~"):
                links.append(_read_link(item))
                continue
            name, _, amount = item.partition(":")
            if name in intensities:
                raise ValueError("every measure once")
            intensities[name] = _read_number(amount)
        except ValueError as error:
            mistakes.append(Mistake(f"'{item[:80]}'", f"{FORM} ({error})"))
    raise_together(mistakes)
    return PackageText(
        {name: amount for name, amount in sorted(intensities.items()) if amount != 0},
        tuple(link for link in links if link.intensity != 0),
    )


def _read_link(item: str) -> DrawnLink:
    parts = item[1:].split("~")
    if not 4 <= len(parts) <= 7:
        raise ValueError("a link has from four to seven parts")
    origin, destination, class_name, intensity, *rest = parts
    yuan, payer, length = [*rest, "", "", ""][:3]
    amount = _read_number(intensity)
    if amount > 1:
        raise ValueError("an intensity of a link from 0 to 1")
    cost = _read_number(yuan) if yuan else math.nan
    return DrawnLink(origin, destination, class_name, amount, cost, payer, _read_number(length) if length else math.nan)


def _read_number(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError("a number of 0 or more")
    return value + 0.0


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.12g}".replace("+", "")


def _link_text(link: DrawnLink) -> str:
    parts = [link.origin, link.destination, link.class_name, _number(link.intensity)]
    more = [_number(link.yuan_per_km), link.payer, _number(link.length_km)]
    while more and not more[-1]:
        more.pop()
    return "~" + "~".join([*parts, *more])
