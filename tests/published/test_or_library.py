"""The p-median instances of the OR-Library: optimum and time."""

import time

import numpy as np
import pytest

from coregion.literature import or_library
from coregion.literature.check import mistakes_of, read_text, reference_folder
from coregion.location import p_median


@pytest.mark.parametrize(("file", "name"), list(zip(or_library.FILES, or_library.OPTIMA, strict=True)))
def test_optimum(file, name):
    folder = reference_folder()
    if wrong := mistakes_of(folder, (file,)):
        pytest.skip(str(wrong[0]))
    cost, p = or_library.read_instance(read_text(folder, file), file.name)
    begin = time.perf_counter()
    objective, sites = p_median(cost, np.ones(len(cost)), p)
    assert objective == or_library.OPTIMA[name]
    assert len(sites) == p
    assert time.perf_counter() - begin < (5 if len(cost) <= 100 else 60)
