"""Which files a study folder holds, and where a bundled study lies."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from coregion.errors import InputMistakes, Mistake, nearest

SETTINGS = "study.toml"


def bundled_studies() -> tuple[str, ...]:
    """Names of the studies that come with the package."""
    root = resources.files("coregion") / "studies"
    if not root.is_dir():
        return ()
    return tuple(sorted(entry.name for entry in root.iterdir() if (entry / SETTINGS).is_file()))


def study_folder(name_or_path: str | Path) -> Path:
    """The folder of a bundled study, by name, or of any other, by path.

    Raises InputMistakes when there is no such study, or the folder has no study.toml.
    """
    name = str(name_or_path)
    if name in bundled_studies():
        return Path(str(resources.files("coregion") / "studies" / name))
    folder = Path(name_or_path).expanduser()
    if not folder.is_dir():
        remedy = f"{nearest(name, bundled_studies())} Or name a folder."
        raise InputMistakes([Mistake(f"no study '{name}'", "a bundled study or the folder of a study", remedy)])
    if not (folder / SETTINGS).is_file():
        remedy = "A study is a folder with a study.toml; docs/data.md tells its form."
        raise InputMistakes([Mistake(f"no {SETTINGS} in {folder}", "one", remedy)])
    return folder


def missing_files(folder: Path, names: tuple[str, ...]) -> list[Mistake]:
    """A mistake for every named file that the folder does not have, with the nearest name that it has."""
    present = [entry.name for entry in folder.iterdir() if entry.is_file()]
    return [
        Mistake(f"no file '{name}'", "it, because study.toml names it", nearest(name, present), file=SETTINGS)
        for name in names
        if not (folder / name).is_file()
    ]
