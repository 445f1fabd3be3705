"""The command ``air``: whose emissions a place breathes, and what the same air costs alone and together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

LITERATURE = (
    "This last question is the one of studies that find 4.6 to 11.3 % for SO2 (Xue et al. 2015); the first, with one "
    "target for each government's air, is not. Cost curves are assumed: consistency, not evidence."
)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def air(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        part: Annotated[
            float, typer.Option(help="Of what each source can abate, under the plan that sets targets.")
        ] = 0.5,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Say whose emissions each city breathes, and what the same air costs each government alone and together."""
        from coregion.abatement import clean_air
        from coregion.study import load_study

        loaded = load_study(study)
        told = clean_air(loaded.region, loaded.air, part)
        if as_json:
            typer.echo(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False))
        else:
            known = [rule for rule in loaded.settings.assumptions if rule.variable == "pm25"]
            for line in sentences(told, [f"{rule.name_en} ({rule.kind}): {rule.rule}" for rule in known]):
                typer.echo(line)


def sentences(told: dict[str, Any], rules: Sequence[str] = ()) -> list[str]:
    """The answer in words and two tables; rules: how the study has come by its air."""
    lines = ["PM2.5 by city, in µg/m³ and parts of it; fall when each government acts alone and when all act together:"]
    lines += [
        f"  {c['name_en']:<14} {c['pm25']:5.0f}   own {c['own']:4.0%}  other cities {c['other_areas']:4.0%}  outside "
        f"{c['outside']:4.0%}   −{c['fall_alone']:.1f} alone  −{c['fall_together']:.1f} together"
        for c in told["cities"]
    ]
    lines += rules
    lines.append("Least cost of the same mean PM2.5 for each government's people, million yuan a year:")
    lines += [
        f"  {g['name_en']:<10} −{g['fall_asked_for']:.1f} µg/m³: alone {g['alone']:,.0f}, together "
        f"{g['together']:,.0f}, receives {g['receives_by_shapley']:+,.0f} by Shapley; tonnes by quota "
        f"{g['quota_alone']:,.0f}, pooled {g['quota_together']:,.0f}"
        for g in told["governments"]
    ]
    losers = [g["name_en"] for g in told["governments"] if g["government"] in told["losers_without_transfers"]]
    lines += [
        f"Together the same air for each government's people costs {told['saving_pct']:.1f} % less.",
        f"The same mean air over all people, one goal in place of {len(told['governments'])}, costs "
        f"{told['one_goal_saving_pct']:.1f} % less; PM2.5 then falls by "
        + ", ".join(f"{g['fall_one_goal']:.1f} µg/m³ in {g['name_en']}" for g in told["governments"])
        + ".",
        f"The same tonnes cost {told['quota_saving_pct']:.1f} % less if pooled. {LITERATURE}",
    ]
    lines.append(
        f"Without transfers {', '.join(losers)} would pay more together than alone."
        if losers
        else "Nobody pays more together than alone."
    )
    return lines
