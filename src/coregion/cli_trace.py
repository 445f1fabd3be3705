"""The command ``trace``: a plan sentence by sentence, and the measures that carry it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coregion.measures.record import Measure
    from coregion.trace import Trace


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def trace(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        document: Annotated[Path | None, typer.Option(help="Text of the plan, UTF-8.")] = None,
        plan: Annotated[str, typer.Option(help="Which plan of the study it is, where there are several.")] = "",
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Show every sentence of a plan with the measures that carry it, and check that each quote stands in it."""
        from coregion.study import load_study
        from coregion.trace import measures_of, place_labels, place_names, read_plan
        from coregion.trace import trace as hold_against

        loaded = load_study(study)
        title, own = measures_of(loaded.measures, loaded.settings, plan)
        if document is None:
            rows = [{"measure": m.name, "name_en": m.name_en, "document": m.document, "quote": m.quote} for m in own]
            typer.echo(json.dumps(rows, ensure_ascii=False, indent=1) if as_json else "\n".join(_quotes(title, own)))
            return
        found = hold_against(read_plan(document), own, place_names(loaded.region, loaded.settings), title)
        if as_json:
            typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        else:
            typer.echo("\n".join(_sentences(found, place_labels(loaded.region, loaded.settings))))
        if found.absent:
            raise typer.Exit(1)


def _quotes(title: str, measures: Sequence[Measure]) -> Iterator[str]:
    yield f"{title}: what each of {len(measures)} measures rests on."
    for measure in measures:
        yield f"  {measure.name}: “{measure.quote}”"
    yield "Not checked against the text: give it with --document FILE."


def _sentences(found: Trace, labels: Mapping[str, str]) -> Iterator[str]:
    """Every sentence with the places it names and the measures that carry it; then the quotes that stand in none."""
    yield (
        f"{found.plan}: {len(found.sentences)} sentences, {len(found.carried)} carried by measures, "
        f"{len(found.open)} by none."
    )
    for sentence in found.sentences:
        places = f" [{', '.join(labels[code] for code in sentence.places)}]" if sentence.places else ""
        yield f"{sentence.number:>3}. {sentence.text}{places}"
        yield f"     → {', '.join(sentence.measures) if sentence.measures else '(nothing yet)'}"
    if not found.absent:
        yield "Every measure's quote stands in the text."
    for absent in found.absent:
        close = f" The nearest sentence: {absent.nearest}" if absent.nearest else ""
        yield f"Not in the text: the quote of {absent.measure}, “{absent.quote}”.{close}"
