"""The command ``packages``: every set of measures or a sample, and what each measure contributes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coregion.errors import CoregionError, Interrupted

if TYPE_CHECKING:
    import pandas as pd

    from coregion.all_packages import AllPackages
    from coregion.study import Study

Progress = Callable[[bool], AbstractContextManager[Callable[[str, int, int], None]]]

ALL = "all"
"""What stands for the names of all measures."""

MEASURES_HELP = (
    "Names, comma-separated, or all. Of more than 14 a sample of packages is solved, so that Shapley values have a "
    "standard error."
)
SAMPLES_HELP = "Packages to solve at most; 0: all of up to 14 measures, 2,000 of more."
DRAWN = (
    "The packages are a sample: ± is the standard error of the Shapley value and of synergy, alone and last in are "
    "exact; which two help or hinder each other is not told, since that needs every package."
)
CLUSTER_HELP = "Workers: the address of a Dask scheduler, or local:4 for four processes here."


def register(app: typer.Typer, progress: Progress) -> None:
    """Add the command. progress: shows how far a job is; quiet when True."""

    @app.command()
    def packages(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        pillars: Annotated[bool, typer.Option("--pillars", help="Take measures by pillar (default).")] = False,
        measures: Annotated[str, typer.Option(help=MEASURES_HELP)] = "",
        samples: Annotated[int, typer.Option(min=0, help=SAMPLES_HELP)] = 0,
        out: Annotated[Path, typer.Option(help="Folder for the tables.")] = Path("packages"),
        starts: Annotated[int, typer.Option(min=0, help="Random starts that look for other equilibria.")] = 0,
        cluster: Annotated[str, typer.Option(help=CLUSTER_HELP)] = "",
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Solve every package of some measures, or a sample; say what each contributes, and which help each other."""
        from coregion.all_packages import solve_all_packages
        from coregion.cluster import workers_at
        from coregion.measures.select import names_in
        from coregion.study import load_study

        names = names_in(measures)
        if pillars and names:
            raise CoregionError("found --pillars and --measures; expected one of them.")
        try:
            loaded = load_study(study)
            if names == [ALL]:
                names = [measure.name for measure in loaded.measures]
            with workers_at(cluster) as workers, progress(as_json) as tell:
                found = solve_all_packages(loaded, out, names, tell, workers=workers, starts=starts, samples=samples)
            page = _write_page(loaded, found, out, names is None)
        except KeyboardInterrupt:
            raise Interrupted(f"Interrupted; what is solved stays in {out}, the same command goes on there.") from None
        _tell(found, (*found.files, page), as_json)


def _write_page(study: Study, found: AllPackages, folder: Path, pillars: bool) -> Path:
    """packages.html beside the tables; measures by name, or pillars where those are the players."""
    from coregion.data.whole_files import write_text
    from coregion.report.packages_page import Packages, packages_page

    settings, region = study.settings, study.region
    names = {measure.name: f"{measure.name_en} {measure.name_zh}" for measure in study.measures}
    if pillars:
        names = {code: code for code in dict.fromkeys(measure.pillar for measure in study.measures)}
        names |= {pillar.code: f"{pillar.name_en} {pillar.name_zh}" for pillar in settings.pillars}
    places = {"all": "The whole region 全区域"}
    places |= {payer.code: f"{payer.name_en} {payer.name_zh}" for payer in region.payers if payer.votes}
    codes = dict.fromkeys(region.prefecture[: region.inside])
    cities = {code: " ".join(dict.fromkeys(region.prefecture_name[code])) for code in codes}
    title = f"{settings.title_en} {settings.title_zh}"
    file = Path(folder).expanduser() / "packages.html"
    told = Packages(
        found.packages, found.shapley, found.interactions, names, places, title, found.warnings, found.drawn, cities
    )
    write_text(file, packages_page(told))
    return file


def _tell(found: AllPackages, written: Sequence[Path], as_json: bool) -> None:
    from coregion.packages.shapley import CONTRIBUTIONS

    whole = found.shapley[(found.shapley["jurisdiction"] == "all") & (found.shapley["group"] == "")]
    gains = whole[whole["variable"] == "equivalent_variation_registered"].sort_values("shapley", ascending=False)
    count = found.packages["package"].nunique()
    if as_json:
        rows = json.loads(gains[["measure", *CONTRIBUTIONS]].to_json(orient="records"))
        record = {"packages": count, "drawn": found.drawn, "gain_of_the_whole_region": rows, "unit": "yuan a year"}
        files = [str(file) for file in written]
        typer.echo(json.dumps({**record, "warnings": found.warnings, "files": files}, ensure_ascii=False, indent=1))
        return
    for line in [*table_lines(gains, count, found.drawn), *pair_lines(found)]:
        typer.echo(line)
    for warning in found.warnings:
        typer.echo(f"Warning: {warning}.", err=True)
    typer.echo("Files: " + ", ".join(str(file) for file in written))


def table_lines(gains: pd.DataFrame, count: int, drawn: bool) -> list[str]:
    """What each measure contributes to the gain of the whole region; plus or minus where packages were drawn."""
    from coregion.packages.shapley import CONTRIBUTIONS

    what = f"packages, drawn from all sets of {len(gains)}" if drawn else "packages"
    head = f"  {'measure':<32}{'alone':>10}{'last in':>10}{'Shapley':>10}"
    lines = [
        f"{count} {what}. Gain of the whole region by measure, bn yuan a year:",
        f"{head}{'±':>9}{'synergy':>10}" if drawn else f"{head}{'synergy':>10}",
    ]
    for row in gains.to_dict("records"):
        alone, last, shapley, synergy, error = (float(row[name]) / 1e9 for name in CONTRIBUTIONS)
        within = f"{error:>9.1g}" if drawn else ""
        lines.append(f"  {row['measure']:<32}{alone:>10.2f}{last:>10.2f}{shapley:>10.2f}{within}{synergy:>10.2f}")
    return [*lines, DRAWN] if drawn else lines


def pair_lines(found: AllPackages) -> list[str]:
    """The two that help each other most, and the two that stand most in each other's way, for the whole region."""
    table = found.interactions
    pairs = table[
        (table["jurisdiction"] == "all")
        & (table["group"] == "")
        & (table["variable"] == "equivalent_variation_registered")
    ].dropna(subset=["interaction"])
    if pairs.empty:
        return []
    size = pairs["interaction"].to_numpy(dtype=float)
    best, worst = pairs.iloc[int(size.argmax())], pairs.iloc[int(size.argmin())]
    lines = []
    if best["interaction"] > 0:
        lines.append(f"Help each other most: {best['measure']} and {best['other']} ({best['interaction'] / 1e9:+.2f}).")
    if worst["interaction"] < 0:
        lines.append(
            f"Hinder each other most: {worst['measure']} and {worst['other']} ({worst['interaction'] / 1e9:+.2f})."
        )
    return lines
