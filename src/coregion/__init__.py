"""coregion: what a package of joint measures does to a region, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coregion.errors import CoregionError

if TYPE_CHECKING:
    from coregion.study import Study, load_study

__all__ = ["CoregionError", "Study", "load_study"]


def __getattr__(name: str):
    if name in ("Study", "load_study"):
        from coregion import study

        return getattr(study, name)
    raise AttributeError(f"module 'coregion' has no attribute '{name}'")
