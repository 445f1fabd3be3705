"""HiGHS as a solver that prints nothing, so that what a command prints is its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def quiet_solver():
    """A ``highspy.Highs`` without output: from 1.16 on it greets while it is built, before an option could be set."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self):
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    solver = Quiet()
    solver.setOptionValue("output_flag", False)
    return solver


@contextmanager
def nothing_printed() -> Iterator[None]:
    """Standard output goes nowhere meanwhile: for libraries that build their own HiGHS, which greets."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
