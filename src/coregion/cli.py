"""The command: parses, calls, prints."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from coregion import (
    cli_air,
    cli_energy,
    cli_games,
    cli_goal,
    cli_intensities,
    cli_monitor,
    cli_packages,
    cli_serve,
    cli_trace,
)
from coregion.errors import CoregionError, InputMistakes, Interrupted, numbered

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="What a package of joint measures does to a region, place by place.",
)
Study = Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def run(
    study: Study,
    measures: Annotated[
        str | None, typer.Option(help="Names of measures, comma-separated; all by default.", show_default=False)
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="name=intensity; may be given again.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("results"),
    draws: Annotated[int, typer.Option(min=0, help="Draws of the parameters for ranges; 0: the study's own.")] = 0,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the draws; 1 by default.", show_default=False)] = None,
    store: Annotated[bool, typer.Option("--store", help="Make the ranges of these draws the study's own.")] = False,
    cluster: Annotated[str, typer.Option(help=f"For the draws. {cli_packages.CLUSTER_HELP}")] = "",
    as_json: Json = False,
) -> None:
    """Calibrate, apply the measures, solve; write tables and a report."""
    from coregion.cluster import workers_at
    from coregion.main_job import Stopwatch, check_writable, plain, run_study, write_results
    from coregion.report.verdict import verdict
    from coregion.study import load_study
    from coregion.uncertainty.shown import Wanted

    if not draws:
        _only_with_draws({"--store": store, "--cluster": bool(cluster), "--seed": seed is not None})
    names, amounts = _named(measures), _intensities(set_ or [])
    check_writable(out)
    watch = Stopwatch({})
    with watch.stage("read"):
        loaded = load_study(study)
    with workers_at(cluster) as workers, progress(as_json) as tell:
        wanted = Wanted(draws, 1 if seed is None else seed, out.expanduser(), store, workers)
        results, _ = run_study(loaded, names, amounts, tell, watch, wanted)
        files = write_results(loaded, results, out, tell)
    judged = verdict(results, results.ranges)
    if as_json:
        _print_json(plain({"headline": judged.headline, "files": [str(f) for f in files], "run": results.run}))
        return
    typer.echo(judged.headline)
    for line in judged.sentences:
        typer.echo(line)
    typer.echo(f"Report: {out / 'report.html'}")


@app.command()
def check(study: Study, as_json: Json = False) -> None:
    """Read a study and tell every mistake in its input at once."""
    from coregion.study import collect_study, mistakes_at_the_baseline

    try:
        found, mistakes = collect_study(study)
    except InputMistakes as error:
        found, mistakes = None, list(error.mistakes)
    if found is not None:
        with progress(as_json) as tell:
            tell("calibrating", 0, 1)
            mistakes = mistakes_at_the_baseline(found)
            tell("calibrating", 1, 1)
    if as_json:
        _print_json({"valid": not mistakes, "mistakes": [vars(m) for m in mistakes]})
    elif mistakes:
        typer.echo(f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''} in the input:")
        for line in numbered(mistakes):
            typer.echo(line)
    elif found is not None:
        region = found.region
        typer.echo(
            f"{found.settings.title_en}: {region.inside} regions, {len(region.code) - region.inside} external, "
            f"{len(region.sectors)} sectors, {len(found.network.links)} links, {len(found.measures)} measures. "
            "No mistakes."
        )
    if mistakes:
        raise typer.Exit(1)


@app.command()
def measures(study: Study, as_json: Json = False) -> None:
    """List the measures of a study: kind, pillar, intensity, cost, payer, source."""
    from coregion.record import measure_record
    from coregion.study import load_study

    loaded = load_study(study)
    rows = [measure_record(loaded, measure) for measure in loaded.measures]
    if as_json:
        _print_json(rows)
        return
    heads = ("name", "kind", "pillar", "intensity", "cost, m yuan a year", "payer", "source")
    cells = [
        (
            *(r["name"], r["kind"], r["pillar_en"]),
            *(f"{r['intensity']:g}", f"{r['cost_yuan_a_year'] / 1e6:,.0f}"),
            *(r["payer_en"], r["sources"][0]),
        )
        for r in rows
    ]
    _print_table(heads, cells)


@app.command()
def variables(as_json: Json = False) -> None:
    """List the register of variables: dimensions, unit, meaning, origin."""
    from coregion.variables import REGISTER

    if as_json:
        _print_json(
            [{**vars(v), "minimum": _finite(v.minimum), "maximum": _finite(v.maximum)} for v in REGISTER.values()]
        )
        return
    _print_table(
        ("name", "中文", "dimensions", "unit", "meaning"),
        [(v.name, v.label_zh, " ".join(v.dimensions), v.unit, v.meaning) for v in REGISTER.values()],
    )


@app.command()
def verify(
    paper: Annotated[list[str] | None, typer.Argument(help="Modules of coregion.literature; all by default.")] = None,
    as_json: Json = False,
) -> None:
    """Solve the published models and compare them with their tables."""
    from coregion import verify as published

    with progress(as_json) as tell:
        rows = published.verify(paper or None, tell=tell)
    if as_json:
        _print_json([row.as_dict() for row in rows])
    else:
        heads = ("paper", "experiment", "published", "ours", "difference", "tolerance", "status", "data", "seconds")
        shown = [row.as_dict() for row in rows]
        _print_table(heads, [tuple(_cell(row.get(head)) for head in heads) for row in shown])
        for row in rows:
            if row.message:
                typer.echo(f"{row.paper}: {row.message}")
    if any(row.status in ("differs", "failed") for row in rows):
        raise typer.Exit(1)


@app.callback(invoke_without_command=True)
def _start(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("coregion"))
        raise typer.Exit


def progress(quiet: bool):
    """A progress bar on stderr, one line a stage; nothing when quiet or not on a terminal."""
    from contextlib import contextmanager

    from coregion.main_job import silent

    @contextmanager
    def shown():
        if quiet or not sys.stderr.isatty():
            yield silent
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description:<20}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bars:
            tasks: dict[str, Any] = {}

            def tell(stage: str, done: int, of: int) -> None:
                task = tasks.setdefault(stage, bars.add_task(stage, total=of) if stage not in tasks else None)
                bars.update(task, completed=done, total=of)

            yield tell

    return shown()


def _only_with_draws(given: dict[str, bool]) -> None:
    """Raise CoregionError for options that say something of draws where there are none."""
    if named := [option for option, is_given in given.items() if is_given]:
        raise CoregionError(f"found {', '.join(named)} without --draws; expected a number of draws, as --draws 96.")


def _named(measures: str | None) -> list[str] | None:
    """Names of measures, None for all; raises CoregionError where the option is given and names none."""
    from coregion.measures.select import names_in

    names = None if measures is None else names_in(measures)
    if measures is not None and names is None:
        raise CoregionError(f"found no name in --measures '{measures}'; expected names, or no --measures for all.")
    return names


def _intensities(pairs: list[str]) -> dict[str, float]:
    """name=number, each once; raises CoregionError for anything else."""
    found, wrong = {}, []
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name.strip() in found:
            raise CoregionError(f"found --set {name.strip()} more than once; expected one intensity of a measure.")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            wrong.append(pair)
    if wrong:
        told = ", ".join(f"--set {pair}" for pair in wrong)
        raise CoregionError(f"found {told}; expected name=intensity, as --set expressways=0.5.")
    return found


def _cell(value: Any) -> str:
    """A cell of a table: numbers to seven digits, nothing for None."""
    return "" if value is None else f"{value:.7g}" if isinstance(value, float) else str(value)


def _finite(value: float) -> float | None:
    return value if abs(value) != float("inf") else None


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _print_table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(*(Column(head, overflow="fold") for head in heads), show_lines=False)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


cli_packages.register(app, progress)
cli_games.register(app, progress)
cli_intensities.register(app, progress)
cli_goal.register(app, progress)
cli_air.register(app)
cli_energy.register(app)
cli_serve.register(app, progress)
cli_trace.register(app)
cli_monitor.register(app, progress)


INTERRUPTED = 130
"""Exit code after an interrupt, which the command line library turns into an exit."""


def main(call: Callable[[], None] = app) -> None:
    """Entry point: an error of coregion is one message and exit code 1, an interrupt 130; never a trace.

    To be told to end (SIGTERM) is an interrupt: what is half written is taken away first.
    """
    if call is app:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        call()
    except Interrupted as stop:
        typer.echo(str(stop), err=True)
        _leave(call)
    except CoregionError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:
            raise
        typer.echo("Interrupted; nothing was written.", err=True)
        _leave(call)


def _leave(call: Callable[[], None]) -> NoReturn:
    """End an interrupted command: its process at once, since threads that still compile fault as it is torn down."""
    if call is app:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    sys.exit(INTERRUPTED)
