"""Write the table of rules into the pages that list them, in English and in Spanish.

Usage: python tools/cfdi_rules.py. The tables stand between two marks in docs/cfdi/rules.md and docs/cfdi/es/reglas.md; a
test checks that they are current.
"""

from __future__ import annotations

import sys
from pathlib import Path

from receivables.cfdi import all_rules

DOCS = Path(__file__).resolve().parent.parent / "docs" / "cfdi"
PAGES = {"en": DOCS / "rules.md", "es": DOCS / "es" / "reglas.md"}
START, END = "<!-- rules -->", "<!-- end of rules -->"


def table(language: str) -> str:
    """Return the table of every rule."""
    head = (
        ("code", "says", "severity", "from")
        if language == "en"
        else ("código", "dice", "gravedad", "desde")
    )
    lines = [f"| {' | '.join(head)} |", "|---|---|---|---|"]
    for rule in all_rules():
        says = rule.en if language == "en" else rule.es
        since = "" if rule.since.year == 1 else rule.since.isoformat()
        lines.append(f"| `{rule.code}` | {says} | {rule.severity} | {since} |")
    return "\n".join(lines)


def current(page: str, language: str) -> str:
    """Return a page with its table as it should be."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{table(language)}\n\n{END}{after}"


def main() -> int:
    """Write the pages."""
    for language, path in PAGES.items():
        path.write_text(current(path.read_text(encoding="utf-8"), language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
