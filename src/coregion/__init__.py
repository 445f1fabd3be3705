"""coregion: what a package of joint measures does to a region, place by place."""

from __future__ import annotations

__all__ = ["CoregionError", "Study", "load_study"]

from coregion.errors import CoregionError


def __getattr__(name: str):
    if name in ("Study", "load_study"):
        from coregion import study

        return getattr(study, name)
    raise AttributeError(f"module 'coregion' has no attribute '{name}'")
