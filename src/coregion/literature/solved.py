"""An equilibrium that is one, or an error that says which market of which published model does not clear."""

from __future__ import annotations

import jax.numpy as jnp

from coregion.errors import NotConverged
from coregion.model.economy import Economy, Shock
from coregion.model.unknowns import Unknowns
from coregion.solve.equilibrium import Options, Solution, solve

MARKETS = ("wage", "residents", "floor_space_price", "price_index", "sales", "expenditure", "capital_price")


def solved(
    economy: Economy,
    shock: Shock,
    what: str,
    options: Options = Options(),  # noqa: B008
    start: Unknowns | None = None,
) -> Solution:
    """The solution of ``economy`` under ``shock``; raises NotConverged that names ``what`` and the worst market."""
    solution = solve(economy, shock, options, start)
    if not bool(solution.converged):
        errors = {name: float(jnp.max(jnp.abs(getattr(solution.residual, name)))) for name in MARKETS}
        worst = max(errors, key=lambda name: errors[name] if errors[name] == errors[name] else float("inf"))
        raise NotConverged(
            f"{what}: the market of {worst} is {errors[worst]:.1e} from clearing after {int(solution.steps)} steps; "
            f"expected {options.tolerance:.0e}. Reach the shock in smaller steps, or allow more fixed_point_steps."
        )
    return solution
