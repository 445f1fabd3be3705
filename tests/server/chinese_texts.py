"""Whether a text that is to be Chinese has English in it, and the Chinese texts of an answer beside the English."""

from __future__ import annotations

import re
from typing import Any

ENGLISH = re.compile(r"[a-z]{3,}(?:[ ,]+[a-z]{2,})+")
"""Two small words in a row: names of authors, files, fields and symbols have none."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CITED = re.compile(r"et al\.")


def english(text: str) -> str:
    """The first English words of a text; empty where there are none."""
    found = ENGLISH.search(CITED.sub("", text))
    return found[0] if found else ""


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese in it and no English words."""
    return bool(CHINESE.search(text)) and not english(text)


def beside(told: Any, at: str = "") -> list[tuple[str, Any, Any]]:
    """Every text of an answer that has a Chinese one beside it: where, the English, the Chinese."""
    if isinstance(told, list):
        return [pair for n, one in enumerate(told) for pair in beside(one, f"{at}[{n}]")]
    if not isinstance(told, dict):
        return []
    found = [pair for name, one in told.items() for pair in beside(one, f"{at}.{name}")]
    for name in told:
        if name.endswith("_zh"):
            stem = name.removesuffix("_zh")
            found.append((f"{at}.{name}", told.get(f"{stem}_en", told.get(stem)), told[name]))
    return found
