"""The customers table: what is true of each customer from a day on, read, written and grouped by."""

import subprocess
import sys
from datetime import date

import pytest

from receivables import Customer, age
from receivables.adapters import load
from receivables.adapters.csv import CsvSource
from receivables.adapters.csv.write import write_customers
from receivables.testing import books

TABLE = """customer,valid_from,name,segment,zone
C001,2026-01-01,Abarrotes del Norte,retail,north
C001,2026-03-01,Abarrotes del Norte,wholesale,north
,2026-01-01,Nobody,retail,north
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_rows_become_dated_facts_and_a_row_without_customer_is_quarantined(table):
    loaded = load(CsvSource(table))
    assert [(it.valid_from, it.segment) for it in loaded.books.customers] == [
        (date(2026, 1, 1), "retail"),
        (date(2026, 3, 1), "wholesale"),
    ]
    assert [str(it) for it in loaded.problems] == [
        "customers.csv:4: missing-value: customer is empty; every row needs one"
    ]
    assert str(loaded.tally) == "3 rows = 2 accepted + 0 duplicates + 1 quarantined"


def test_grouping_by_what_a_customer_is_is_as_of_the_date(table):
    ledger = books("2026-01-10 invoice F-1 C001 100.00 MXN due=2026-02-09")
    ledger = ledger.with_facts(load(CsvSource(table)).books.customers)
    before = age(ledger.open_items(as_of=date(2026, 2, 28)), by=("segment", "zone"))
    after = age(ledger.open_items(as_of=date(2026, 3, 1)), by=("segment", "zone"))
    assert [row["segment"] for row in before.rows] == ["retail"]
    assert [(row["segment"], row["zone"]) for row in after.rows] == [("wholesale", "north")]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_customers_written_and_read_are_the_same(tmp_path, ending):
    customer = Customer(
        id="C1", valid_from=date(2026, 1, 1), tax_id="XAXX010101000", attributes={"zone": "north"}
    )
    path = tmp_path / f"customers{ending}"
    write_customers([customer], path)
    assert load(CsvSource(path, mapping="customers")).books.customers == (customer,)


def test_the_command_line_groups_by_a_customers_file(table, tmp_path):
    facts = tmp_path / "facts.csv"
    facts.write_text(
        "id,kind,customer,currency,amount,posting_date,due_date\n"
        "F-1,invoice,C001,MXN,100.00,2026-01-10,2026-02-09\n",
        encoding="utf-8",
    )
    asked = ["age", str(facts), "--as-of", "2026-03-31", "--by", "segment", "--format", "csv"]
    done = subprocess.run(
        [sys.executable, "-m", "receivables.cli", *asked, "--customers", str(table)],
        capture_output=True,
        text=True,
        check=True,
    )
    header, row, *_ = done.stdout.splitlines()
    assert header.startswith("segment,currency,")
    assert row.startswith("wholesale,MXN,")
