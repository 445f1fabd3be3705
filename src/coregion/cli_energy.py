"""The command ``energy``: the power system of a study, solved or as kept, without and with each project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coregion.energy.outcome import Run
    from coregion.energy.system import PowerSystem


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def energy(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        keep: Annotated[bool, typer.Option("--keep", help="Write the results into the study's folder.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Say what each project does to prices, emissions and costs of power; solve what is not kept (needs PyPSA)."""
        from coregion.data.settings import read_settings
        from coregion.data.study_files import study_folder
        from coregion.energy.read import read_power_system
        from coregion.energy.stored import solved_runs, write_runs
        from coregion.errors import CoregionError

        folder = study_folder(study)
        name = read_settings(folder).tables.power
        if not name:
            raise CoregionError(f"found no power system in {folder.name}; expected power in [tables] of study.toml.")
        system = read_power_system(folder, name)
        runs = solved_runs(folder, system, lambda project: typer.echo(f"Solving the power system: {project}", err=True))
        if keep:
            write_runs(folder / system.file.results, system, runs.values())
        found = told(system, runs)
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False))
        else:
            for line in sentences(found):
                typer.echo(line)


def told(system: PowerSystem, runs: Mapping[str, Run]) -> dict[str, Any]:
    """Plain values: the figures of every run, and by project its effect, what was announced and what was not fitted."""
    from coregion.energy.outcome import UNITS, WITHOUT, consistency, effect, not_fitted
    from coregion.energy.system import fingerprint

    return {
        "inputs": fingerprint(system),
        "units": UNITS,
        "runs": {
            name: {figure: run.of(figure) for figure in UNITS if run.of(figure)} for name, run in runs.items()
        },
        "projects": {
            project.code: {
                "price_hat": dict(effect(system, runs[WITHOUT], runs[project.code]).price_hat),
                "announced": {"twh": project.announced_twh, "co2_mt": project.announced_co2_mt},
                "consistency": consistency(project),
                "not_fitted": not_fitted(system, runs[WITHOUT], runs[project.code]),
                "cost_saved_yuan": sum(runs[WITHOUT].of("cost").values())
                - sum(runs[project.code].of("cost").values()),
            }
            for project in system.file.projects
        },
    }  # fmt: skip


def sentences(found: dict[str, Any]) -> list[str]:
    """The answer in words."""
    lines = []
    for name, project in found["projects"].items():
        announced, check, model = project["announced"], project["consistency"], project["not_fitted"]
        prices = ", ".join(f"{area} {100 * (hat - 1):+.1f} %" for area, hat in project["price_hat"].items())
        lines += [
            f"{name}: price of power {prices}; cost of the system {-project['cost_saved_yuan'] / 1e9:+.2f} billion "
            "yuan a year, the project's own cost not counted.",
            f"  Announced: {announced['twh']:g} TWh and {announced['co2_mt']:g} Mt of CO₂ avoided; consistency, "
            f"as arithmetic on these: {check['full_load_hours']:,.0f} hours and {check['co2_t_per_mwh']:.3f} t/MWh.",
            f"  Model, not fitted: {model['sent_twh']:.1f} TWh ({model['full_load_hours']:,.0f} hours) and "
            f"{model['co2_mt']:.1f} Mt ({model['co2_t_per_mwh']:.3f} t/MWh).",
        ]
    return lines or ["No projects in the power system."]
