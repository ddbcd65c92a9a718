"""Small look-alikes of the files people have, read by each preset: facts, problems and tally as text, read like prose."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from receivables.adapters import Loaded, load
from receivables.adapters.csv import CsvSource, preset_names
from receivables.schema.rows import customer_row, to_rows

FILES = {
    "customers": "customers.csv",
    "highradius": "highradius.csv",
    "ibm": "ibm.csv",
    "open-items": "open-items.csv",
    "oracle-aging": "oracle-aging.csv",
    "payments": "payments.tsv",
    "sap-fbl5n": "sap-fbl5n.csv",
    "sap-o2c": "sap-o2c.jsonl",
    "template": "template.csv",
}


def text_of(source: CsvSource, loaded: Loaded) -> str:
    """Return what a load gave, one line a fact, problem, count and piece of evidence."""
    lines = []
    for fact in loaded.books.facts:
        for row in to_rows(fact):
            cells = {name: cell for name, cell in row.items() if name not in {"id", "kind"}}
            lines.append(
                f"{row['kind']} {row['id']}: "
                + ", ".join(f"{name}={cell}" for name, cell in sorted(cells.items()))
            )
    for customer in loaded.books.customers:
        known = customer_row(customer).items()
        lines.append("customer: " + ", ".join(f"{name}={cell}" for name, cell in known))
    lines += ["", *map(str, loaded.problems)]
    lines += [
        "",
        str(loaded.tally),
        *map(str, loaded.tally.totals),
        f"uncounted {loaded.tally.uncounted}",
    ]
    lines += ["", *source.evidence]
    return "\n".join(lines) + "\n"


def read(root: Path, preset: str) -> str:
    source = CsvSource(
        root / "tests" / "data" / FILES[preset], mapping=preset, drawn_on=date(2026, 3, 31)
    )
    return text_of(source, load(source))


def test_every_preset_has_a_file_of_its_own():
    assert tuple(FILES) == preset_names()


@pytest.mark.parametrize("preset", FILES)
def test_a_preset_reads_its_file_as_it_always_did(root, preset):
    expected = (root / "tests" / "golden" / f"{preset}.txt").read_text(encoding="utf-8")
    assert read(root, preset) == expected


@pytest.mark.parametrize("preset", ["template", "open-items", "payments"])
def test_our_own_tables_are_told_by_their_header(root, preset):
    told = CsvSource(root / "tests" / "data" / FILES[preset], drawn_on=date(2026, 3, 31))
    assert told.mapping.name == preset
