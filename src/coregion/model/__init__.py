"""The regional model: equations only, arrays in and arrays out.

Floats are of 64 bits, and what is compiled is kept in the user's cache (``COREGION_CACHE=off`` keeps nothing).
"""

import os
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)
if os.environ.get("COREGION_CACHE") != "off" and getattr(jax.config, "jax_compilation_cache_dir", None) is None:
    _base = os.environ.get("XDG_CACHE_HOME")
    _cache = (Path(_base) if _base else Path.home() / ".cache") / "coregion" / "compiled"
    jax.config.update("jax_compilation_cache_dir", str(_cache))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
