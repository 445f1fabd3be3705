"""Seconds that the p-median takes on instances of the OR-Library, n = 100 to 300.

Run: ``python benchmarks/location.py``. Goals: 5 s at n = 100, 60 s at n = 300.
"""

from __future__ import annotations

import time

import numpy as np

from coregion.literature.check import reference_folder
from coregion.literature.or_library import read_instance
from coregion.location import p_median


def main() -> None:
    folder = reference_folder()
    if folder is None:
        print("No reference data: set COREGION_REFERENCE to the folder that holds or_library_pmedian.")
        return
    for file in sorted((folder / "or_library_pmedian").glob("pmed*.txt")):
        cost, sites = read_instance(file.read_text(encoding="utf-8"))
        begun = time.perf_counter()
        objective, _ = p_median(cost, np.ones(len(cost)), sites)
        print(f"{file.stem}: n {len(cost)}, p {sites}, optimum {objective:.0f}, {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
