"""The command ``goal``: which measures, and how much of them, reach a target."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from coregion.errors import CoregionError

if TYPE_CHECKING:
    from coregion.goal import Likelihood, Reached


Progress = Callable[[bool], AbstractContextManager[Callable[[str, int, int], None]]]


def register(app: typer.Typer, progress: Progress) -> None:
    """Add the command. progress: shows how far a job is; quiet when True."""

    @app.command()
    def goal(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        target: Annotated[str, typer.Argument(help="variable[place] >= number, or <=; places may be joined by +.")],
        measures: Annotated[
            str, typer.Option("--with", help="Names of measures, comma-separated; all by default.")
        ] = "",
        draws: Annotated[
            int, typer.Option(min=0, help="Draws of the parameters over which to tell how likely the mix reaches it.")
        ] = 0,
        seed: Annotated[int | None, typer.Option(min=0, help="Of the draws; 1 by default.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Say what each measure alone does for a target, and the mix of least effort that reaches it."""
        from coregion.goal import likelihood, parse_goal, reach, tried
        from coregion.main_job import plain
        from coregion.measures.select import names_in
        from coregion.study import load_study

        if seed is not None and not draws:
            raise CoregionError("found --seed without --draws; expected a number of draws, as --draws 96.")
        sown = 1 if seed is None else seed
        wanted = parse_goal(target)
        loaded = load_study(study)
        with progress(as_json) as tell:
            found = reach(loaded, wanted, names_in(measures), tell)
            sure = [likelihood(loaded, wanted, tried(loaded, found), draws, sown, tell)] if draws else []
        if as_json:
            record = asdict(found) | ({"likelihood": asdict(sure[0])} if sure else {})
            typer.echo(json.dumps(plain(record), ensure_ascii=False, indent=1, allow_nan=False))
        else:
            for line in [*sentences(found), *(line for one in sure for line in likely(found, one))]:
                typer.echo(line)


def figure(value: float) -> str:
    """An outcome in full: people and yuan to the unit, small figures to six digits."""
    return f"{value:,.0f}" if abs(value) >= 100_000 else f"{value:,.6g}"


def likely(found: Reached, sure: Likelihood) -> list[str]:
    """How sure the answer is, in words."""
    what = "the mix" if found.intensities is not None else "all of these measures at their highest intensity"
    lines = [
        f"With {what} the goal is met in {100 * sure.probability:.3g} of 100 draws of the parameters "
        f"(± {100 * sure.error:.2g}, one standard error of {sure.draws} draws): {found.goal.outcome} is "
        f"{figure(sure.median)}, from {figure(sure.low)} to {figure(sure.high)} in 90 of 100."
    ]
    if sure.failed:
        lines.append(f"{sure.failed} draws have no answer and are left out: {sure.reasons[0]}")
    return lines


def sentences(found: Reached) -> list[str]:
    """The answer in words."""
    sign = ">=" if found.goal.sense > 0 else "<="
    extreme = "at most" if found.goal.sense > 0 else "at least"
    lines = [
        f"{found.goal.outcome} is {figure(found.baseline)} without measures; wanted {sign} {figure(found.goal.target)}."
    ]
    for one in found.alone:
        if one.intensity is None:
            lines.append(
                f"  {one.measure} alone: not within bounds: {extreme} {figure(one.best)}, at {one.best_at:.3g}"
            )
        else:
            lines.append(f"  {one.measure} alone: reaches it at intensity {one.intensity:.4g}")
    if found.intensities is None:
        lines.append(f"No mix within bounds reaches it: {extreme} {figure(found.value)}.")
        return lines
    lines.append(f"Least effort ({found.effort:.3g}, the sum of squares of intensity over its highest value):")
    lines += [f"  {name} {amount:.4g}" for name, amount in found.intensities.items() if amount > 1e-6]
    lines.append(f"Effort saved by asking for one unit less: {found.multiplier:.3g}.")
    return lines
