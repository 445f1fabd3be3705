"""The bundled study, read and calibrated once for all tests that need the real figures."""

from functools import cache

from coregion.study import Study, load_study


@cache
def real_study() -> Study:
    """Beijing, Tianjin and Hebei; its baseline is kept by the study itself."""
    return load_study("jingjinji")
