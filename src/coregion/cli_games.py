"""The command ``games``: what governments do alone, in coalitions and together, and how they can share the gain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coregion.errors import CoregionError, Interrupted

if TYPE_CHECKING:
    from coregion.governments.coordinate import Coordination
    from coregion.governments.drawn import DrawnGame
    from coregion.measures.record import Measure
    from coregion.study import Study

Progress = Callable[[bool], AbstractContextManager[Callable[[str, int, int], None]]]


class By(StrEnum):
    """How finely the measures of a government are taken apart."""

    holders = "holders"
    pillars = "pillars"


class Whose(StrEnum):
    """Whose gain a government counts."""

    registered = "registered"
    living = "living"
    working = "working"


def register(app: typer.Typer, progress: Progress) -> None:
    """Add the command. progress: shows how far a job is; quiet when True."""

    @app.command()
    def games(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        by: Annotated[
            By, typer.Option(help="A lever for each set of holders, or for each pillar of theirs.")
        ] = By.holders,
        objective: Annotated[Whose, typer.Option(help="Whose gain a government counts.")] = Whose.registered,
        level: Annotated[int, typer.Option(min=1, max=2, help="1: governments that pay. 2: cities, sampled.")] = 1,
        pairs: Annotated[
            int, typer.Option(min=0, help="Coalitions of cities, each with its complement; 0: 40. With --level 2 only.")
        ] = 0,
        measures: Annotated[str, typer.Option(help="Names of measures, comma-separated; all by default.")] = "",
        out: Annotated[Path, typer.Option(help="Folder for the tables.")] = Path("games"),
        draws: Annotated[
            int, typer.Option(min=0, help="Draws of the parameters at which the game is played anew, for ranges.")
        ] = 0,
        keep: Annotated[bool, typer.Option("--keep", help="Store it with the study, for the reports of runs.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Say what each government does alone, what all do together, and which transfers leave nobody worse off."""
        from coregion.main_job import check_writable
        from coregion.measures.select import names_in
        from coregion.study import load_study

        names = names_in(measures)
        if level == 1 and pairs:
            raise CoregionError(
                "found --pairs with --level 1; expected --level 2: every coalition of governments is solved."
            )
        if level == 2:
            if keep or draws or by != By.holders:
                raise CoregionError(
                    "found --keep, --draws or --by with --level 2; expected none of them: cities are only sampled."
                )
            check_writable(out)
            with progress(as_json) as tell:
                told = _cities(load_study(study), out, objective.value, names, pairs, tell)
            _print(told, city_lines(told), as_json)
            return
        try:
            with progress(as_json) as tell:
                asked = _Asked(load_study(study), out, by.value, objective.value, names, draws, keep)
                told, lines = _games(asked, tell)
        except KeyboardInterrupt:
            raise Interrupted(f"Interrupted; what is solved stays in {out}, the same command goes on there.") from None
        _print(told, lines, as_json)


def _print(told: dict, lines: Iterable[str], as_json: bool) -> None:
    from coregion.main_job import plain

    typer.echo(json.dumps(plain(told), ensure_ascii=False, indent=1, allow_nan=False) if as_json else "\n".join(lines))


@dataclass(frozen=True)
class _Asked:
    """What the command was asked for."""

    study: Study
    out: Path
    by: Any
    objective: Any
    names: list[str] | None
    draws: int
    keep: bool

    @property
    def measures(self) -> Sequence[Measure]:
        from coregion.measures.select import chosen

        return chosen(self.study.measures, self.names)


def _games(asked: _Asked, tell: Callable) -> tuple[dict, list[str]]:
    """The game of the governments that pay: its record and its words, after its tables are written."""
    from coregion.governments.coordinate import coordinate, record
    from coregion.governments.drawn import NOT_DRAWN, draw_games
    from coregion.governments.kept import check_keepable
    from coregion.governments.tables import write_tables

    if asked.keep:
        check_keepable(asked.study, asked.objective)
    found = coordinate(asked.study, asked.out, asked.by, asked.objective, asked.names, tell)
    drawn = NOT_DRAWN
    if asked.draws:
        drawn = draw_games(asked.study, asked.measures, asked.out, asked.draws, asked.by, asked.objective, tell=tell)
    if asked.keep:
        _keep(asked, found, drawn, tell)
    files = [str(file) for file in write_tables(found, asked.out, drawn)]
    told = {**record(found), "drawn": drawn.told, "ranges": drawn.by_figure(), "files": files}
    return told, [*sentences(found), *range_lines(found, drawn), "Files: " + ", ".join(files)]


def _cities(study: Study, out: Path, objective: str, names: list[str] | None, pairs: int, tell: Callable) -> dict:
    """Shapley values of the cities from a sample, written to ``cities.parquet``."""
    from coregion.data.whole_files import write_table
    from coregion.governments.cities import PAIRS, cities

    found = cities(study, objective, names, pairs or PAIRS, tell=tell)  # pyright: ignore[reportArgumentType]
    file, table = Path(out).expanduser() / "cities.parquet", found.frame()
    write_table(file, table)
    return {
        "solved": found.sampled.evaluated,
        "without_equilibrium": len(found.sampled.missing),
        "total": float(found.sampled.total),
        "cities": table.to_dict("records"),
        "file": str(file),
    }


def _billions(yuan: float) -> str:
    """Bn yuan, a dash where there is no figure, no sign before nothing."""
    return "–" if isnan(yuan) else f"{round(yuan / 1e9, 2) + 0.0:.2f}"


def city_lines(told: dict) -> Iterator[str]:
    """The table of cities in words; bn yuan a year."""
    yield f"{told['solved']} coalitions of cities solved; together {told['total'] / 1e9:+.2f} bn yuan a year."
    yield f"  {'':<28}{'gain':>9}{'Shapley':>9}{'± error':>9}{'transfer':>10}"
    for row in told["cities"]:
        cells = [row["gain"], row["shapley"], row["standard_error"], row["transfer"]]
        shown = [_billions(cell) for cell in cells]
        yield f"  {row['name']:<28}" + "".join(f"{text:>{w}}" for text, w in zip(shown, (9, 9, 9, 10), strict=True))
    yield f"File: {told['file']}"


def _keep(asked: _Asked, found: Coordination, drawn: DrawnGame, tell: Callable) -> None:
    """With the pairs of pillars, which take all packages of them."""
    from coregion.all_packages import solve_all_packages
    from coregion.governments.kept import keep

    study = asked.study.with_measures(asked.measures)
    pillars = solve_all_packages(study, asked.out / "pillars", None, tell)
    keep(asked.study, asked.measures, found, pillars.interactions, drawn)


def range_lines(found: Coordination, drawn: DrawnGame) -> Iterator[str]:
    """The same gains over the draws, and how often what is told of the own values holds; bn yuan a year."""
    from coregion.governments.figures import TOGETHER, figure_name

    if not drawn.ranges:
        return
    failed = f", {drawn.told['failed']} more have no answer" if drawn.told["failed"] else ""
    yield f"Over {drawn.told['draws'] - drawn.told['failed']} draws of the parameters{failed}, 5th to 95th of 100:"
    plays = {"nash": "each for itself (Nash)", "announced": "all announced"}
    plays |= {figure_name("cooperation", one.rule): one.rule for one in found.cooperation}
    for play, label in plays.items():
        for name in (*found.table.names, TOGETHER):
            one = drawn.ranges.get(figure_name(play, name))
            if one:
                yield f"  {label:<26}{name:<12}{_billions(one.low):>10} to {_billions(one.high)}"
    answered = drawn.told["draws"] - drawn.told["failed"]
    often = {figure: one.mean * (one.draws / answered) for figure, one in drawn.ranges.items()}
    for lever in found.table.levers:
        alone, best = (100 * often[figure_name(what, lever.name)] for what in ("nash acts", "best acts"))
        yield f"  {lever.name}: acted on alone in {alone:.0f} of 100 draws, in the best joint package in {best:.0f}"
    for rule in found.sharing.rules:
        holds = 100 * often.get(figure_name("nobody below alone", rule.rule), 0.0)
        called = "no transfers" if rule.rule == "none" else f"{rule.rule} transfers"
        yield f"  {called}: nobody is below alone in {holds:.0f} of 100 draws"


def sentences(found: Coordination) -> Iterator[str]:
    """The answer in words; bn yuan a year."""
    from coregion.packages.switches import lever_names

    names = found.table.names
    yield f"Gains of the people {found.objective} there, bn yuan a year, beside what happens where no government acts."
    if found.table.given:
        yield f"Given, paid without a vote: {', '.join(measure.name for measure in found.table.given)}."
    for lever in found.table.levers:
        yield f"  {lever.name}: {', '.join(measure.name for measure in lever.measures)}"
    yield f"  {'':<26}" + "".join(f"{name:>12}" for name in names) + f"{'together':>12}"
    rows = [("each for itself (Nash)", found.nash.payoffs)]
    rows += [(one.rule, one.payoffs) for one in found.cooperation]
    rows += [("all announced", found.announced)]
    for label, values in rows:
        yield f"  {label:<26}" + "".join(f"{_billions(v):>12}" for v in (*values, values.sum()))
    yield from (f"  {one.rule}: nothing leaves everybody better off." for one in found.cooperation if one.levers < 0)
    alone = lever_names(found.game, found.nash.levers)
    yield f"Each for itself they act on: {', '.join(alone) or 'nothing'} ({found.nash.status})."
    if isnan(found.realised):
        yield "Nothing that they could do together brings more in sum."
    else:
        yield f"The announced package goes {100 * found.realised:.0f} % of the way from there to the largest sum."
    losers = [n for n, one, two in zip(names, found.sharing.without, found.sharing.alone, strict=True) if one < two]
    yield (
        f"Without transfers {', '.join(losers)} would be worse off together than alone."
        if losers
        else ("Together everybody is at least as well off as alone, without transfers.")
    )
    for rule in found.sharing.rules:
        if not rule.exists:
            yield f"  {rule.rule}: {rule.reason}"
            continue
        core = "" if rule.core is None else ", in the core" if rule.core.inside else ", outside the core"
        paid = "".join(f"{_billions(v):>12}" for v in rule.transfers)
        yield f"  {'no' if rule.rule == 'none' else rule.rule} transfers".ljust(28) + f"{paid}{core}"
    for inside in found.inside:
        if isinstance(inside, str):
            yield f"Inside the equilibrium, {inside}"
            continue
        paid = "".join(f"{_billions(v):>12}" for v in inside.transfers)
        yield f"  {inside.rule + ', inside':<26}{paid}  (lump sums would leak {inside.leakage.sum() / 1e9:+.2f})"
