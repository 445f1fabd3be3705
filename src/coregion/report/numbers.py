"""How a figure is written for a reader: three significant digits, a unit, a true minus sign; places by both names."""

from __future__ import annotations

import math

SPACE = "\u00a0"
MINUS = "\u2212"
NONE = "–"
STEPS = ((1e12, "trillion"), (1e9, "bn"), (1e6, "m"))


def plain(value: float, digits: int = 3) -> str:
    """A number to ``digits`` significant digits with thousands separated; whole numbers below 1,000 stay whole."""
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{abs(rounded):,.{min(decimals, 9)}f}"
    return (MINUS if rounded < 0 else "") + (text.rstrip("0").rstrip(".") if "." in text else text)


def scaled(value: float, digits: int = 3) -> str:
    """A large number in words: 1.23 bn, 45.6 m, 7,890."""
    if value is None or not math.isfinite(value) or value == 0:
        return plain(value, digits)
    rounded = float(f"{value:.{digits - 1}e}")
    for size, word in STEPS:
        if abs(rounded) >= size:
            return f"{plain(rounded / size, digits)}{SPACE}{word}"
    return plain(rounded, digits)


def signed(text: str) -> str:
    """The same text with a plus sign where it is neither negative nor zero."""
    return text if text in ("0", NONE) or text[0] in f"{MINUS}±" or text.startswith(f"0{SPACE}") else f"+{text}"


def amount(value: float, unit: str) -> str:
    """A level with its unit: 1.23 bn yuan a year; 45.6 m persons; an index as a plain number."""
    if value is None or not math.isfinite(value):
        return NONE
    if unit.startswith("index"):
        return plain(value)
    return f"{scaled(value)}{SPACE}{unit}"


def change(value: float, unit: str) -> str:
    """A difference with its unit and sign: +1.23 bn yuan a year."""
    return signed(amount(value, unit))


def per_cent(value: float) -> str:
    """A relative change given in per cent: +0.4 %. Below a thousandth of a per cent it is written as about zero."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) < 5e-4:
        return f"0{SPACE}%" if value == 0 else f"±0.00{SPACE}%"
    return signed(plain(value, 3 if abs(value) >= 10 else 2)) + f"{SPACE}%"


def both(name_en: str, name_zh: str, between: str = " ") -> str:
    """A place by both names: Sanhe 三河市."""
    return f"{name_en}{between}{name_zh}".strip() if name_zh != name_en else name_en


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Names joined as in a sentence: a, b and c."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last
