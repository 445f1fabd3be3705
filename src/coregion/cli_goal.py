"""The command ``goal``: which measures, and how much of them, reach a target."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coregion.goal import Reached


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def goal(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        target: Annotated[str, typer.Argument(help="variable[place] >= number, or <=; places may be joined by +.")],
        measures: Annotated[
            str, typer.Option("--with", help="Names of measures, comma-separated; all by default.")
        ] = "",
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Say what each measure alone does for a target, and the mix of least effort that reaches it."""
        from coregion.goal import parse_goal, reach
        from coregion.main_job import plain
        from coregion.study import load_study

        wanted = parse_goal(target)
        names = [name.strip() for name in measures.split(",") if name.strip()] or None
        found = reach(load_study(study), wanted, names)
        if as_json:
            typer.echo(json.dumps(plain(asdict(found)), ensure_ascii=False, indent=1, allow_nan=False))
        else:
            for line in sentences(found):
                typer.echo(line)


def sentences(found: Reached) -> list[str]:
    """The answer in words."""
    sign = ">=" if found.goal.sense > 0 else "<="
    extreme = "at most" if found.goal.sense > 0 else "at least"
    lines = [f"{found.goal.outcome} is {found.baseline:,.6g} without measures; wanted {sign} {found.goal.target:,.6g}."]
    for one in found.alone:
        if one.intensity is None:
            lines.append(f"  {one.measure} alone: not within bounds: {extreme} {one.best:,.6g}, at {one.best_at:.3g}")
        else:
            lines.append(f"  {one.measure} alone: reaches it at intensity {one.intensity:.4g}")
    if found.intensities is None:
        lines.append(f"No mix within bounds reaches it: {extreme} {found.value:,.6g}.")
        return lines
    lines.append(f"Least effort ({found.effort:.3g}, the sum of squares of intensity over its highest value):")
    lines += [f"  {name} {amount:.4g}" for name, amount in found.intensities.items() if amount > 1e-6]
    lines.append(f"Effort saved by asking for one unit less: {found.multiplier:.3g}.")
    return lines
