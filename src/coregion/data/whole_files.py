"""Files are written whole or not at all: made beside their place under names of their own, moved when complete."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from coregion.errors import Mistake, OutputError

if TYPE_CHECKING:
    import pandas as pd

ELSEWHERE = "Name another folder with --out."
"""The remedy where a command was told a folder that cannot be written."""


def write_text(file: Path, text: str, remedy: str = ELSEWHERE) -> None:
    """Write one text in UTF-8; as ``write_files``."""
    write_files({file: text}, remedy)


def write_table(file: Path, table: pd.DataFrame, remedy: str = ELSEWHERE) -> None:
    """Write one table as Parquet, without its index; as ``write_files``."""
    write_files({file: table}, remedy)


def write_files(contents: Mapping[Path, str | bytes | pd.DataFrame], remedy: str = ELSEWHERE) -> None:
    """Write texts in UTF-8, bytes as they are, tables as Parquet; none takes its place before all are complete.

    Folders are made where there are none. Raises OutputError, which ends with ``remedy``, where something cannot be
    written. That, or an interrupt, leaves the files that were there before and nothing beside them.
    """
    parts = {file: file.with_name(f".{file.name}.{secrets.token_hex(4)}") for file in contents}
    fresh = [folder for file in contents for folder in _absent(file.parent)]
    try:
        for file, content in contents.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder stands in its place")
            _write(parts[file], content)
        for file, part in parts.items():
            os.replace(part, file)
    except OSError as error:
        raise not_writable(next(iter(contents)), error, remedy) from error
    finally:
        for part in parts.values():
            if os.path.exists(part):
                part.unlink()
        for folder in fresh:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def not_writable(file: Path, error: OSError, remedy: str = ELSEWHERE) -> OutputError:
    """The error of a file or folder that the system did not let be written, with the system's reason."""
    found = f"{file} not writable ({error.strerror or error})"
    return OutputError(str(Mistake(found, "a place to write to", remedy)))


def _absent(folder: Path) -> list[Path]:
    """The folders that would have to be made, innermost first."""
    return list(takewhile(lambda one: not os.path.exists(one), (folder, *folder.parents)))


def _write(file: Path, content: str | bytes | pd.DataFrame) -> None:
    if isinstance(content, str):
        content = content.encode("utf-8")
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        content.to_parquet(file, index=False)
