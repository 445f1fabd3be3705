"""Draws of the parameters: seconds a draw of 16 packages, calibrated anew, and how long 500 of them would take.

python benchmarks/draws.py            # 16 packages, 40 sets of values after the compilation
"""

import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from coregion.study import load_study
from coregion.uncertainty.job import draw_study, packages_of

PACKAGES, DRAWS, GOAL_MINUTES = 16, 500, 15


def main(wanted: int) -> None:
    study = load_study("jingjinji")
    measures = study.measures[: PACKAGES - 1]
    count = len(packages_of(measures))
    marks: list[tuple[int, float]] = []

    class Enough(Exception):
        """As many as were asked for."""

    def tell(stage: str, done: int, of: int) -> None:
        del stage, of
        marks.append((done, time.perf_counter()))
        if done >= wanted + 8:
            raise Enough

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with suppress(Enough):
            draw_study(study, measures, Path(folder), DRAWS, tell=tell)
    solved = [mark for mark in marks if mark[0] > 0]
    (first, at), (last, end) = solved[0], solved[-1]
    each = (end - at) / (last - first)
    print(
        f"{count} packages of {len(measures)} measures at {last - first} draws, "
        f"after {at - begun:.1f} s to the first block"
    )
    print(f"a draw {each:.2f} s, a package {each / count:.3f} s (goal {60 * GOAL_MINUTES / DRAWS / PACKAGES:.3f} s)")
    minutes = DRAWS * each / 60
    print(f"{DRAWS} draws {minutes:.1f} min (goal {GOAL_MINUTES} min): {minutes / GOAL_MINUTES:.2f} of it")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
