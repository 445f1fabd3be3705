"""What can go wrong, in kinds a caller can tell apart, and how a message is built.

Every message says what was found, where, what was expected and what to do. Mistakes of one input are collected
and raised together as ``InputMistakes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


class CoregionError(Exception):
    """Anything coregion raises on purpose."""


@dataclass(frozen=True)
class Mistake:
    """One mistake of an input.

    found: what stands there. expected: what should. remedy: what to do about it.
    file, line, column: where, as far as it is known; ``line`` counts from 1 and includes the header.
    """

    found: str
    expected: str
    remedy: str = ""
    file: str = ""
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part not in ("", None))
        if self.column is not None:
            where = f"{where}, column {self.column}" if where else f"column {self.column}"
        text = f"{where}: " if where else ""
        text += f"found {self.found}; expected {self.expected}"
        return f"{text}. {self.remedy}" if self.remedy else f"{text}."


class InputMistakes(CoregionError):
    """An input cannot be used; ``mistakes`` holds every mistake that was found in it."""

    def __init__(self, mistakes: list[Mistake] | tuple[Mistake, ...]):
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        head = f"{count} mistake{'s' if count != 1 else ''} in the input:"
        super().__init__("\n".join([head, *numbered(self.mistakes)]))


def numbered(mistakes: Sequence[Mistake]) -> list[str]:
    """A line a mistake; what is known, where several mistakes say the same of it, stands with the last of them."""
    said: set[str] = set()
    lines = []
    for number, mistake in reversed([*enumerate(mistakes, 1)]):
        again = mistake.remedy.startswith(KNOWN) and mistake.remedy in said
        said.add(mistake.remedy)
        lines.append(f"  {number}. {replace(mistake, remedy='') if again else mistake}")
    return lines[::-1]


def in_one_line(error: CoregionError) -> str:
    """Its message, mistakes one after the other, for a sentence or a cell of a table."""
    return " ".join(str(one) for one in (error.mistakes if isinstance(error, InputMistakes) else (error,)))


class NotConverged(CoregionError):
    """A solution was not reached; the message says which market, where, how far, and what to try."""


class OutputError(CoregionError):
    """Results cannot be written where they were asked for; nothing was left behind."""


class Interrupted(CoregionError):
    """The user stopped a job that keeps what it has; the message says where it is and how to go on."""


class MissingPart(CoregionError):
    """An optional part is not installed; the message says how to get it."""


def raise_together(mistakes: list[Mistake]) -> None:
    """Raise all mistakes at once, or return when there is none."""
    if mistakes:
        raise InputMistakes(mistakes)


LISTED = 60
"""So many known names are listed where none is near."""

KNOWN = "Known are: "


def nearest(name: str, known) -> str:
    """'Did you mean …?' for a name that is not known, or what is known where that is no long list.

    Codes of digits are near only where most digits are the same: any two of a country share half of them.
    """
    from difflib import get_close_matches

    options = sorted(str(option) for option in known)
    close = get_close_matches(str(name), options, n=1, cutoff=0.7 if str(name).isdigit() else 0.5)
    if close:
        return f"Did you mean '{close[0]}'?"
    return KNOWN + ", ".join(options) + "." if 0 < len(options) <= LISTED else ""
