"""The pages: exactly the files that lie in the folder beside this module, and no other."""

from __future__ import annotations

from pathlib import Path

from coregion.server.answer_store import Body, Latest, body

FOLDER = Path(__file__).parent / "pages"

MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}

_KEPT: Latest[Body] = Latest(256)


def page_file(name: str) -> Body:
    """A file by its name below the folder; raises KeyError for anything that is not listed there.

    The name is looked up among the files that are there, never joined to a path: no name leads out of the folder.
    """
    listed = {
        file.relative_to(FOLDER).as_posix(): file
        for file in FOLDER.rglob("*")
        if file.suffix in MEDIA and file.is_file() and not file.is_symlink()
    }
    file = listed[name]
    state = file.stat()
    key = (name, state.st_mtime_ns, state.st_size)
    return _KEPT.get(key, lambda: body(file.read_bytes(), MEDIA[file.suffix]))[0]
