"""The command ``intensities``: how much of each measure governments choose, each for itself and together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coregion.cli_games import Whose
from coregion.errors import Interrupted

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[bool], AbstractContextManager[Callable[[str, int, int], None]]]

SHOWN = {
    "nash": "alone",
    "utilitarian": "largest sum",
    "equal gain": "equal gain",
    "Nash bargaining": "bargain",
    "announced": "announced",
}
"""Heads of the columns; "equal gain" is the largest smallest gain in per cent of income, as near as bounds allow."""

SMALLEST_WAY = 1e-6
"""Part of the largest sum below which it is what governments have alone, to the precision of the search."""


def register(app: typer.Typer, progress: Progress) -> None:
    """Add the command. progress: shows how far a job is; quiet when True."""

    @app.command()
    def intensities(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        objective: Annotated[Whose, typer.Option(help="Whose gain a government counts.")] = Whose.registered,
        measures: Annotated[str, typer.Option(help="Names of measures, comma-separated; all by default.")] = "",
        out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("intensities"),
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Say how much of each measure governments choose within its bounds: alone, in coalitions and together."""
        from coregion.governments.intensities import FILE, choose_intensities
        from coregion.main_job import check_writable, plain
        from coregion.measures.select import names_in
        from coregion.study import load_study

        check_writable(out)
        try:
            with progress(as_json) as tell:
                loaded = load_study(study)
                found = choose_intensities(loaded, out, objective.value, names_in(measures), tell)
        except KeyboardInterrupt:
            raise Interrupted(f"Interrupted; what is solved stays in {out}, the same command goes on there.") from None
        file = Path(out).expanduser() / FILE
        if as_json:
            told = {"plays": found.to_dict("records"), "file": str(file)}
            typer.echo(json.dumps(plain(told), ensure_ascii=False, indent=1, allow_nan=False))
            return
        called = {payer.code: payer.name_en for payer in loaded.region.payers}
        typer.echo("\n".join([*lines(found, called), f"File: {file}"]))


def lines(found: pd.DataFrame, called: Mapping[str, str]) -> Iterator[str]:
    """The answer in words: intensities by measure, gains in bn yuan a year, and how well it was found.

    called: governments by code.
    """
    from coregion.governments.intensities import CERTIFICATE, FOUND, GAIN, INTENSITY

    told = {play: rows for play, rows in found.groupby("play", sort=False) if play in SHOWN}
    yield "How much of each measure, within its bounds; gains in bn yuan a year beside what happens where nobody acts."
    yield f"  {'':<34}" + "".join(f"{SHOWN[str(play)]:>13}" for play in told)
    for figure, scale, digits in ((INTENSITY, 1.0, 2), (GAIN, 1e9, 2)):
        table = {
            play: rows[rows["figure"] == figure].set_index("name")["value"].to_dict() for play, rows in told.items()
        }
        for name in next(iter(table.values())):
            cells = (values[name] / scale for values in table.values())
            label = called.get(str(name), str(name))
            yield f"  {label:<34}" + "".join(f"{'–' if cell != cell else f'{cell:.{digits}f}':>13}" for cell in cells)
    for play, rows in found.groupby("play", sort=False):
        if (rows["status"] != FOUND).any():
            yield f"{SHOWN.get(str(play), play)}: {rows['status'].iloc[0]}"
    yield from _way(found)
    alone = found[(found["play"] == "nash") & (found["figure"] == CERTIFICATE)].set_index("name")["value"].to_dict()
    if alone:
        away = ": above 1, a small push leads away from it" if alone["stability"] > 1 else ""
        yield (
            f"Alone: nobody gains more than {alone['deviation_gain']:.1e} of all income by deviating, from every start "
            f"tried; best replies answer each other with spectral radius {alone['stability']:.2g}{away}."
        )


def _way(found: pd.DataFrame) -> Iterator[str]:
    """Where the announced intensities stand between what each chooses alone and the largest sum."""
    from coregion.governments.intensities import ANNOUNCED, FOUND, GAIN

    rows = found[(found["figure"] == GAIN) & (found["status"] == FOUND)]
    total = rows.groupby("play")["value"].sum().to_dict()
    if not {"nash", "utilitarian", ANNOUNCED} <= total.keys():
        return
    way = total["utilitarian"] - total["nash"]
    if way > SMALLEST_WAY * abs(total["utilitarian"]):
        part = 100 * (total[ANNOUNCED] - total["nash"]) / way
        yield f"The announced intensities go {part:.0f} % of the way from alone to the largest sum."
    else:
        yield "Nothing that they could do together brings more in sum."
