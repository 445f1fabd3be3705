"""One linear programme, solved by HiGHS with its tightest tolerances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coregion.errors import NotConverged
from coregion.highs import quiet_solver

TOLERANCE = 1e-10


@dataclass(frozen=True)
class Optimum:
    """A basic optimal solution: ``solution`` (columns), ``row_duals`` (rows) and ``value`` of the objective."""

    solution: np.ndarray
    row_duals: np.ndarray
    column_duals: np.ndarray
    value: float


def minimise(cost, rows, row_lower, row_upper, lower, upper) -> Optimum | None:
    """min cost·x subject to row_lower ≤ rows x ≤ row_upper and lower ≤ x ≤ upper; None if no x satisfies them.

    cost, lower, upper: shape (columns,); rows: shape (rows, columns), dense; bounds may be ±inf. Numbers should be
    of order one: HiGHS's tolerances are absolute (1e-10). Raises NotConverged when HiGHS ends in any other way.
    """
    import highspy

    solver = quiet_solver()
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(name, TOLERANCE)
    solver.passModel(_programme(highspy, cost, np.asarray(rows, dtype=float), row_lower, row_upper, lower, upper))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise NotConverged(
            f"HiGHS ended with '{solver.modelStatusToString(status)}' on a programme of {len(row_lower)} rows and "
            f"{len(lower)} columns; expected 'Optimal'. Check that the values of the coalitions are of similar size."
        )
    found = solver.getSolution()
    return Optimum(
        np.array(found.col_value),
        np.array(found.row_dual),
        np.array(found.col_dual),
        float(solver.getInfo().objective_function_value),
    )


def _programme(highspy, cost, rows: np.ndarray, row_lower, row_upper, lower, upper):
    """The programme as HiGHS takes it, the matrix by rows without its zeros."""
    row, column = np.nonzero(rows)
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = rows.shape
    programme.col_cost_ = np.asarray(cost, dtype=float)
    programme.col_lower_, programme.col_upper_ = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    programme.row_lower_, programme.row_upper_ = np.asarray(row_lower, dtype=float), np.asarray(row_upper, dtype=float)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.num_row_, programme.a_matrix_.num_col_ = rows.shape
    programme.a_matrix_.start_ = np.searchsorted(row, np.arange(rows.shape[0] + 1)).astype(np.int32)
    programme.a_matrix_.index_ = column.astype(np.int32)
    programme.a_matrix_.value_ = rows[row, column]
    return programme
