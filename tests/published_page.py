"""docs/published.md beside the lines of a paper's table: what the page does not hold as it is."""

from pathlib import Path

from coregion import verify as table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "published.md"


def off_the_page(module, lines):
    """Lines of the page that ``lines`` give and that it lacks; ``scripts/build_published.py`` writes it anew."""
    rows = [table._row(module.__name__.rpartition(".")[2], line, "found", None) for line in lines]
    held = set(PAGE.read_text(encoding="utf-8").splitlines())
    return [text for text in table.published_page(rows).splitlines() if text.startswith("| ") and text not in held]
