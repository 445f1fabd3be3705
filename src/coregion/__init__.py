"""coregion: what a package of joint measures does to a region, place by place."""

__version__ = "0.1.0"
