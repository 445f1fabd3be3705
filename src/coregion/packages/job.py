"""Work on its way into a folder: written block by block, taken up again after an interrupt, whole at the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coregion.data.whole_files import not_writable, write_files, write_table, write_text
from coregion.errors import CoregionError

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = "packages"
"""What the files of a lattice are named after."""


@dataclass(frozen=True)
class Job:
    """Work on its way into a folder, block by block: what it is made from, and the blocks that are there.

    name: what its files are called, ``name.json`` the record, ``name.parts`` the folder of blocks, and ``name.html``
    the page that is made of the finished tables, where there is one. follow: other files that are made of them.
    """

    folder: Path
    manifest: Mapping[str, Any]
    name: str = PACKAGES
    follow: tuple[str, ...] = ()

    @property
    def record(self) -> Path:
        """Where the manifest is written."""
        return self.folder / f"{self.name}.json"

    @property
    def parts(self) -> Path:
        """Where the blocks are written."""
        return self.folder / f"{self.name}.parts"

    def begin(self) -> None:
        """Take up what an interrupt left, or begin anew, without the tables of an earlier job and what is made of them.

        Raises CoregionError if what was left is of another job, OutputError if not writable.
        """
        left = self._left()
        if left is not None and not left.get("finished") and self.parts.exists():
            differing = [key for key in self.manifest if left.get(key) != self.manifest[key]]
            if differing:
                raise CoregionError(
                    f"found an unfinished job in {self.folder} whose {', '.join(differing)} differ from this one's; "
                    f"expected the same, to go on from there. Name another folder with --out, or delete "
                    f"{self.parts} to give it up."
                )
            return
        try:
            shutil.rmtree(self.parts, ignore_errors=True)
            self.parts.mkdir(parents=True)
            self._write({**self.manifest, "finished": False})
            for name in (f"{self.name}.html", *self.follow, *(left or {}).get("files", ())):
                (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise not_writable(self.folder, error) from error

    def finished(self) -> dict[str, Any] | None:
        """The record of this very job where it was done before and its tables lie there."""
        left = self._left()
        if left is None or not left.get("finished") or any(left.get(k) != v for k, v in self.manifest.items()):
            return None
        return left if all((self.folder / name).exists() for name in left["files"]) else None

    def done(self) -> list[int]:
        """Numbers of the blocks that are written."""
        return sorted(int(file.stem) for file in self.parts.glob("*.parquet"))

    def keep(self, number: int, rows: pd.DataFrame) -> None:
        """Write one block whole."""
        write_table(self.parts / f"{number}.parquet", rows)

    def rows(self) -> pd.DataFrame:
        """Every row written so far."""
        import pandas as pd

        files = [self.parts / f"{number}.parquet" for number in self.done()]
        return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)

    def finish(self, tables: Mapping[str, pd.DataFrame], more: Mapping[str, Any]) -> list[Path]:
        """Write the tables and the record, then drop the parts."""
        write_files({self.folder / name: table for name, table in tables.items()})
        self._write({**self.manifest, **more, "files": list(tables), "finished": True})
        shutil.rmtree(self.parts, ignore_errors=True)
        return [*(self.folder / name for name in tables), self.record]

    def _left(self) -> dict[str, Any] | None:
        """The record of what lies there; CoregionError where it is none."""
        if not self.record.exists():
            return None
        try:
            return dict(json.loads(self.record.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise CoregionError(
                f"found {self.record} that cannot be read ({error}); expected the record of a job. Delete it and "
                f"{self.parts}, or name another folder with --out."
            ) from error

    def _write(self, record: Mapping[str, Any]) -> None:
        write_text(self.record, json.dumps(record, ensure_ascii=False, indent=1))
