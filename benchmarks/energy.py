"""The power system of the bundled study: solved anew against read from what is kept by its inputs' hash, in one run.

python benchmarks/energy.py: every run of the system (without a project, and with each), in the weeks of the study; then
the same figures from the study's own results. Prints what it finds; ends with 1 if a goal is missed or figures differ.
"""

from __future__ import annotations

import sys
import time

from coregion.data.settings import read_settings
from coregion.data.study_files import study_folder
from coregion.energy.expansion import solve_power
from coregion.energy.outcome import WITHOUT
from coregion.energy.read import read_power_system
from coregion.energy.stored import kept_runs

GOAL_SECONDS = 60.0
CLOSE = 1e-6
"""Largest difference of a figure, of the largest of its kind: HiGHS's interior point stops there."""


def main() -> int:
    """Seconds of each run, of reading them, and how far the two are apart."""
    folder = study_folder("jingjinji")
    begun = time.perf_counter()
    system = read_power_system(folder, read_settings(folder).tables.power)
    kept, mistakes = kept_runs(folder, system)
    read = time.perf_counter() - begun
    total, apart = 0.0, 0.0
    for project in (WITHOUT, *(entry.code for entry in system.file.projects)):
        begun = time.perf_counter()
        found = solve_power(system, project, GOAL_SECONDS)
        seconds = time.perf_counter() - begun
        total += seconds
        largest = {figure: max(abs(v) for v in found.of(figure).values()) for figure, _ in found.figures}
        apart = max(
            apart,
            *(
                abs(value - kept[project].figures[key]) / max(largest[key[0]], 1.0)
                for key, value in found.figures.items()
            ),
        )
        print(f"{project}: solved in {seconds:.1f} s (goal {GOAL_SECONDS:.0f})")
    print(f"kept results read, inputs hashed and all, in {read:.2f} s: {total / read:.0f} times faster")
    print(f"largest difference between solved and kept {apart:.1e} of the largest figure of its kind")
    return int(bool(mistakes) or total > GOAL_SECONDS or apart > CLOSE)


if __name__ == "__main__":
    sys.exit(main())
