"""Write docs/published.md from the table of published models."""

from pathlib import Path

from coregion.verify import published_page, verify

if __name__ == "__main__":
    page = Path(__file__).resolve().parents[1] / "docs" / "published.md"
    page.write_text(published_page(verify()), encoding="utf-8")
