"""The commands ``path`` and ``monitor``: what comes when, and whether it goes as projected."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coregion.cli_goal import figure
from coregion.errors import CoregionError

if TYPE_CHECKING:
    import pandas as pd

    from coregion.measures.record import Measure
    from coregion.monitor import Monitored
    from coregion.path import Path as YearsPath
    from coregion.study import Study

Progress = Callable[[bool], AbstractContextManager[Callable[[str, int, int], None]]]
StudyName = Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")]
Names = Annotated[str, typer.Option(help="Names of measures, comma-separated; all by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AHEAD = 30
"""Years from the first to the last where none is named."""


def register(app: typer.Typer, progress: Progress) -> None:
    """Add the commands. progress: shows how far a job is; quiet when True."""
    _register_path(app, progress)
    _register_monitor(app, progress)


def _register_path(app: typer.Typer, progress: Progress) -> None:
    @app.command()
    def path(
        study: StudyName,
        first: Annotated[
            int | None, typer.Option("--from", help="First year, not before the study's base year, the default.")
        ] = None,
        last: Annotated[int | None, typer.Option("--to", help="Last year; 30 years later by default.")] = None,
        measures: Names = "",
        out: Annotated[Path, typer.Option(help="Folder for the tables and the page.")] = Path("path"),
        as_json: Json = False,
    ) -> None:
        """Say what comes when, and what gains and costs are worth today. An approximation."""
        from coregion.path import path as path_of
        from coregion.present_value import values_frame
        from coregion.study import load_study

        folder = _writable(out)
        with progress(as_json) as tell:
            loaded, chosen = _loaded(load_study, study, measures)
            begin = _first_year(loaded, first)
            end = begin + AHEAD if last is None else last
            speeds = loaded.settings.adjustment
            found = path_of(loaded.baseline(), chosen, speeds, begin, end, tell)
            values = values_frame(loaded.baseline(), found, chosen, speeds)
        files = _write_path(loaded, found, values, folder)
        if as_json:
            stages = {str(step.year): [m.name for m in step.measures] for step in found.stages}
            record = {"stages": stages, "late": [m.name for m in found.late], "unit": "yuan"}
            record |= {
                "approximation": "every outcome goes a fixed part of its remaining way in a year",
                "discount_rate": _discount_rate(loaded),
                "speeds": {name: entry.rate for name, entry in speeds.items()},
            }
            _print(record | {"present_values": values.to_dict("records"), "files": files})
            return
        for line in _value_lines(values, found, _discount_rate(loaded)):
            typer.echo(line)
        typer.echo("Files: " + ", ".join(files))


def _register_monitor(app: typer.Typer, progress: Progress) -> None:
    @app.command()
    def monitor(
        study: StudyName,
        observed: Annotated[
            Path, typer.Argument(help="CSV: place, variable, year, value, source, …; docs/monitoring.md.")
        ],
        year: Annotated[int | None, typer.Option(help="Only this year's rows.")] = None,
        measures: Names = "",
        error: Annotated[
            float, typer.Option(min=0, help="Standard error of figures that state none, as a part.")
        ] = 0.0,
        rate: Annotated[float, typer.Option(min=1e-9, max=0.5, help="Of false alarms for each comparison.")] = 0.01,
        common_growth: Annotated[
            bool, typer.Option("--common-growth", help="Take the median growth of all places as everyone's.")
        ] = False,
        ranges: Annotated[
            Path | None, typer.Option(help="A ranges.parquet of draws; the study's own by default.")
        ] = None,
        out: Annotated[Path, typer.Option(help="Folder for the tables and the page.")] = Path("monitor"),
        as_json: Json = False,
    ) -> None:
        """Hold observed figures against the projection with its range: gaps and alerts by place."""
        from coregion.monitor import Rules, read_observed
        from coregion.monitor import monitor as hold_against
        from coregion.path import path as path_of
        from coregion.study import load_study

        folder = _writable(out)
        with progress(as_json) as tell:
            loaded, chosen = _loaded(load_study, study, measures)
            begin = loaded.settings.base_year
            table = read_observed(observed, year, _places(loaded), begin)
            end = max(begin + 1, int(table.number("year").max()))
            found = path_of(loaded.baseline(), chosen, loaded.settings.adjustment, begin, end, tell)
            told = hold_against(
                table, found, _ranges(loaded, chosen, ranges), Rules(error, rate, common_growth=common_growth)
            )
        _tell_monitor(loaded, told, folder, as_json)


def _first_year(study: Study, first: int | None) -> int:
    """The year that a path begins with: none before the base year, whose figures are its beginning."""
    base = study.settings.base_year
    if first is not None and first < base:
        raise typer.BadParameter(
            f"found {first}; expected {base}, the base year of the study, or a later year: a path begins at the "
            "figures of the base year.",
            param_hint="'--from'",
        )
    return base if first is None else first


def _loaded(load: Callable[[str], Study], study: str, names: str) -> tuple[Study, tuple[Measure, ...]]:
    from coregion.measures.select import chosen, names_in

    loaded = load(study)
    return loaded, chosen(loaded.measures, names_in(names))


def _places(study: Study) -> set[str]:
    """Every code that figures are told by: regions, governments, payers, and the whole."""
    from coregion.results import WHOLE

    region = study.region
    payers = (payer.code for payer in region.payers)
    return {WHOLE, *region.code, *region.prefecture, *region.province, *payers}


def _writable(out: Path) -> Path:
    """The folder, before any work is done for it; raises OutputError where it could not be written."""
    from coregion.main_job import check_writable

    folder = out.expanduser()
    check_writable(folder)
    return folder


def _ranges(study: Study, measures: Sequence[Measure], file: Path | None) -> pd.DataFrame:
    """Ranges of this package: of a file, or those that come with the study while they fit; none else."""
    import pandas as pd

    from coregion.results import no_ranges, package_name
    from coregion.uncertainty.kept import FOLDER, kept

    package = package_name([measure.name for measure in measures])
    if file is not None:
        try:
            table = pd.read_parquet(file)
        except (OSError, ValueError) as error:
            raise CoregionError(
                f"found {file} not readable as Parquet ({error}); expected a ranges.parquet."
            ) from error
    elif (study.folder / FOLDER).is_dir():
        whole = study.solve([measure.name for measure in measures])
        table = kept(study, measures, whole.jurisdictions()).ranges
    else:
        return no_ranges()
    return table[table["package"] == package]


def _write_path(study: Study, found: YearsPath, values: pd.DataFrame, folder: Path) -> list[str]:
    from coregion.data.whole_files import write_files
    from coregion.report.path_page import PathTold, path_page

    table, settings = found.frame(), study.settings
    told = PathTold(
        study=f"{settings.title_en} {settings.title_zh}",
        path=table,
        values=values,
        openings=_openings(found),
        late=[f"{m.name_en} {m.name_zh}" for m in found.late],
        rate=_discount_rate(study),
        speeds={name: (entry.rate, entry.source) for name, entry in settings.adjustment.items()},
    )
    names = ("path.parquet", "present_values.parquet", "path.html")
    files = {folder / name: content for name, content in zip(names, (table, values, path_page(told)), strict=True)}
    write_files(files)
    return [str(file) for file in files]


def _discount_rate(study: Study) -> float:
    return study.region.parameters["discount_rate"].value


def _openings(found: YearsPath) -> dict[int, list[str]]:
    """Names of what opens, by year: what a stage has that the one before it has not."""
    opened: dict[int, list[str]] = {}
    for before, step in zip(found.stages, found.stages[1:], strict=False):
        earlier = {m.name for m in before.measures}
        opened[step.year] = [f"{m.name_en} {m.name_zh}" for m in step.measures if m.name not in earlier]
    return opened


def _value_lines(values: pd.DataFrame, found: YearsPath, rate: float) -> list[str]:
    first, last = found.years[0], found.years[-1]
    lines = [
        f"An approximation of the way from {first} to {last}; {len(found.stages) - 1} years in which measures open.",
        f"Worth in {first} at {100 * rate:g} % a year, bn yuan:",
        f"  {'place':<24}{'gain':>10}{'invested':>10}{'running':>10}{'left':>10}{'net':>10}  {'slow to fast':>18}",
    ]
    shown = values[values["level"] <= 1]
    amounts_of = ["gain", "investment", "running", "left", "net"]
    digits = 0 if shown[amounts_of].abs().to_numpy().max(initial=0.0) >= 1e12 else 1
    for row in shown.to_dict("records"):
        amounts = "".join(f"{row[name] / 1e9:>10,.{digits}f}" for name in amounts_of)
        between = f"{row['net_slow'] / 1e9:,.{digits}f} to {row['net_fast'] / 1e9:,.{digits}f}"
        lines.append(f"  {row['name_en']:<24}{amounts}  {between:>18}")
    if found.late:
        lines.append(f"Open after {last}, not counted: {', '.join(m.name for m in found.late)}.")
    return lines


def _tell_monitor(study: Study, told: Monitored, folder: Path, as_json: bool) -> None:
    from coregion.data.whole_files import write_files
    from coregion.report.monitor_page import headlines, monitor_page

    page = monitor_page(told, f"{study.settings.title_en} {study.settings.title_zh}")
    files = {
        folder / "monitor.parquet": told.gaps,
        folder / "monitor.csv": told.gaps.to_csv(index=False),
        folder / "monitor.html": page,
    }
    write_files(files)
    alerts = told.gaps[told.gaps["alert"] | told.gaps["stands"]]
    if as_json:
        record = {"headlines": headlines(told), "notes": list(told.notes), "rate": told.rules.rate}
        rows = {"alerts": alerts.to_dict("records"), "files": [str(file) for file in files]}
        _print(record | {"places": told.places.to_dict("records")} | rows)
        return
    for line in (*headlines(told), *told.notes):
        typer.echo(line)
    for row in alerts.to_dict("records"):
        typer.echo(
            f"  {row['name_en']:<20}{row['variable']:<24}{row['year']}  observed {figure(row['observed'])}, projected "
            f"{figure(row['projected'])} ({row['z']:+.1f} standard errors{', stands' if row['stands'] else ''})"
        )
    typer.echo("Files: " + ", ".join(str(file) for file in files))


def _print(record: dict) -> None:
    from coregion.main_job import plain

    typer.echo(json.dumps(plain(record), ensure_ascii=False, indent=1, allow_nan=False))
