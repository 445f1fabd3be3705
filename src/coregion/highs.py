"""HiGHS as a solver that prints nothing, so that what a command prints is its own."""

from __future__ import annotations


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
