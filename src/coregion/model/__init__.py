"""The regional model: equations only, arrays in and arrays out."""

import jax

jax.config.update("jax_enable_x64", True)
