"""Write the reference pages that say what the code says: the columns of the tables, the bucket conventions.

Usage: python tools/pages.py. A test compares the pages with what this writes, so they cannot fall behind.
"""

from __future__ import annotations

import sys
from pathlib import Path

from receivables.buckets import Buckets
from receivables.schema import TABLES, Table

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
DAYS = (-1, 0, 1, 29, 30, 31, 60, 90, 91, 120, 121)

# Where a convention is known from. "read": its source code; "run": the system was run and its figures compared;
# "documented": its published documentation; "recalled": known from use and not checked again.
SOURCES = {
    "default": "this library; what most accountants expect",
    "akaunting": "read: the overdue widget; both ends of a bucket belong to it, so days 30, 60 and 90 count twice",
    "erpnext": "read: `accounts_receivable.py`, versions 14 and later; there items not due stand in no column",
    "gnucash": "run: version 4.13, receivable aging; half-open windows of 30 days, so day 30 is in `31-60 days`",
    "idempiere": "read: `MAging`; overlapping columns on both sides of the due date",
    "invoice-ninja": "read: the aged list; there credits are missing from it",
    "ledgersmb": "read: days divided by 30; due in 30 days or more is in no column",
    "moqui": "read: `mantle-usl`, days divided by the period's length",
    "oca-aged": "read: `account_financial_report`, versions 16 and 19, aged partner balance",
    "oca-statement": "read: `partner_statement`, versions 16 and 19; the columns end a day before their labels",
    "odoo": "read: version 12; recalled: version 17 and later, which are not public",
    "odoo-11": "read: version 11; later windows are 31 days long and keep their labels",
    "python-accounting": 'run: version 2.0.0; by document age, so use it with `basis="document"`',
    "quickbooks": "documented: the aged receivables report of QuickBooks Online",
    "sage-intacct": "documented: the aging periods of its report request",
    "tryton": "run: version 8.2, aged balance; there items not due stand in no column",
}


def columns_page() -> str:
    """Return the page of the tables' columns."""
    parts = [
        "# Columns",
        (
            "One row of the **facts** table is one fact; a document with several instalments has a row for each.\n"
            "The **open items** table holds what is open on the day it was drawn, the **payments** table what came in,\n"
            "the **customers** table what is true of each customer from a day on.\n"
            "A column that is not listed is kept as an attribute of the document, and a report can group by it."
        ),
        "`receivables template` writes the header of each table as CSV, with rows that show how it is filled in.",
    ]
    parts += [_table_of(table) for table in TABLES]
    parts.append(
        "How a cell is written in CSV: a date as `2026-03-31`, an amount as `11600.00`, a flag as `true` or `false`,\n"
        "a timestamp as `2026-03-31T18:00:00+00:00`, a currency as its ISO 4217 code.\n"
        "Other ways of writing are read by a mapping that declares them: [Map a CSV file](../how-to/map-a-csv.md)."
    )
    return "\n\n".join(parts) + "\n"


def _table_of(table: Table) -> str:
    lines = [
        f"## {table.name.capitalize()}",
        "",
        "| column | holds | required | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{it.name}` | {it.type} | {'yes' if it.required else ''} | {it.meaning} |"
        for it in table.columns
    ]
    return "\n".join(lines)


def buckets_page() -> str:
    """Return the page of the bucket conventions."""
    head = ["preset", *(f"{day}" for day in DAYS), "ties"]
    rows = [_row(name) for name in _names()]
    sources = [f"`{name}`\n: {SOURCES[name]}." for name in _names()]
    parts = [
        "# Bucket conventions",
        (
            "No two systems agree on the bucket of day 0 or day 30.\n"
            "So a convention is a value with a name, and a report says which it used.\n"
            "`Buckets.preset(name)` returns it, `print` shows its bounds, and the command line takes it as `--buckets NAME`."
        ),
        (
            "The table shows the column of an item a number of days past due; day 0 is the due date.\n"
            "*Ties* says whether every day falls in exactly one column, so that the columns sum to what is open.\n"
            "Where it says no, the system loses days or counts them twice, and the preset does the same."
        ),
        "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *rows]),
        "## Where each is known from",
        (
            "*Read* is from the system's source code, *run* from figures of the running system, "
            "*documented* from what its maker publishes,\n*recalled* was not checked again.\n"
            "A preset reproduces the columns of a system, not everything else in its report."
        ),
        "\n\n".join(sources),
        "## Your own",
        (
            "```python\n>>> from receivables import Bucket, Buckets\n"
            ">>> print(Buckets.of(0, 15, 45))\nof(0, 15, 45): current […, 0], 1-15 [1, 15], 16-45 [16, 45], >45 [46, …]\n"
            '>>> grace = Buckets((Bucket("within grace", None, 5), Bucket("late", 6, None)), name="five days of grace")\n'
            ">>> grace.label(5), grace.label(6), grace.is_partition\n('within grace', 'late', True)\n```"
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _names() -> tuple[str, ...]:
    return ("default", *(name for name in Buckets.presets() if name != "default"))


def _row(name: str) -> str:
    buckets = Buckets.preset(name)
    cells = [", ".join(buckets.columns(day)) or "none" for day in DAYS]
    ties = "yes" if buckets.is_partition else "no"
    return f"| `{name}` | {' | '.join(_short(cell) for cell in cells)} | {ties} |"


def _short(cell: str) -> str:
    names = cell.split(", ")
    return cell if len(names) < 3 else f"{len(names)} columns"  # noqa: PLR2004 - more than two do not fit


PAGES = {"columns.md": columns_page, "buckets.md": buckets_page}


def main() -> int:
    """Write every page."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
