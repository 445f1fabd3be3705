"""How long the main job takes, stage by stage: a cold process without and with compiled code, and one more solve.

Run: ``python benchmarks/main_job.py``. Goals: 40 s, 15 s, 0.3 s, and at most 2 GB of memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOALS = {"empty compile cache": 40.0, "with compile cache": 15.0}
MEMORY_GOAL, SOLVE_GOAL = 2.0, 0.3

ONE_MORE = """
import time, jax
from coregion import load_study
study = load_study("jingjinji")
whole = study.solve()
names = [m.name for m in study.measures]
times = []
for share in (0.9, 0.8, 0.7, 0.6, 0.5):
    begun = time.perf_counter()
    eq = study.solve(intensity={names[0]: share}, known=whole.prepared.states)
    jax.block_until_ready(eq.solution.error)
    times.append(time.perf_counter() - begun)
print(sorted(times)[2])
"""


def run(cache: Path, out: Path) -> tuple[float, float, dict]:
    """Seconds and peak GB of a whole run in a process of its own, and its seconds by stage."""
    code = (
        "import resource, sys\nfrom coregion.cli import app\n"
        f"try:\n    app(['run', 'jingjinji', '--out', {str(out)!r}])\nexcept SystemExit:\n    pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - begun
    stages = json.loads((out / "run.json").read_text(encoding="utf-8"))["seconds"]
    return seconds, int(done.stdout.split()[-1]) / 1e6, stages


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache, out = Path(folder) / "cache", Path(folder) / "out"
        for name, goal in GOALS.items():
            seconds, memory, stages = run(cache, out)
            print(f"{name}: {seconds:.1f} s (goal {goal:g}), peak {memory:.2f} GB (goal {MEMORY_GOAL:g})")
            print("  " + ", ".join(f"{stage} {value:.1f}" for stage, value in stages.items()))
        more = subprocess.run(
            [sys.executable, "-c", ONE_MORE],
            env={**os.environ, "XDG_CACHE_HOME": str(cache)},
            capture_output=True,
            text=True,
            check=True,
        )
        print(
            f"one more counterfactual in a warm process: {float(more.stdout.split()[-1]):.2f} s (goal {SOLVE_GOAL:g})"
        )
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
