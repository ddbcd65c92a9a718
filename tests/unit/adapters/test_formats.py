"""The same rows in every format are the same facts, and what we write we read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

import receivables as ar
from receivables.adapters import load
from receivables.adapters.csv import CsvSource, template, write_facts
from receivables.errors import MissingExtra, UnreadableSource
from receivables.testing.strategies import subledgers

FACTS = (
    ar.Invoice(id="=F-1", customer="-C1", amount=ar.Money("100.10", "MXN"), posting_date=date(2026, 1, 1),
               terms=ar.PaymentTerms.parse("50% net 30, 50% net 60"), reference="+49", disputed=True),
    ar.Invoice(id="0002", customer="C1", amount=ar.Money("5", "JPY"), posting_date=date(2026, 1, 1),
               recorded_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), attributes={"region": "@North"}),
    ar.Payment(id="R-1", customer=None, amount=ar.Money("1.234", "KWD"), posting_date=date(2026, 1, 1)),
    ar.Reversal(id="X-1", of="R-1", posting_date=date(2026, 2, 1), reason='a "quoted"\nreason'),
)  # fmt: skip


@pytest.mark.parametrize("name", ["f.csv", "f.tsv", "f.parquet"])
def test_facts_written_and_read_are_the_same_facts(tmp_path, name):
    write_facts(FACTS, tmp_path / name)
    loaded = load(CsvSource(tmp_path / name))
    assert (loaded.problems, set(loaded.books.facts)) == ((), set(FACTS))


@given(facts=subledgers())
def test_any_subledger_written_and_read_is_the_same(tmp_path_factory, facts):
    file = tmp_path_factory.mktemp("law") / "f.csv"
    kept = [fact for fact in facts if not isinstance(fact, ar.Customer)]
    write_facts(kept, file)
    loaded = load(CsvSource(file))
    assert [it for it in loaded.problems if it.severity == "quarantined"] == []
    assert loaded.books == ar.Subledger.of(kept)


def test_no_cell_we_write_is_a_formula(tmp_path):
    write_facts(FACTS, tmp_path / "f.csv")
    text = (tmp_path / "f.csv").read_text(encoding="utf-8")
    assert "'=F-1,invoice,'-C1" in text
    write_facts(FACTS, tmp_path / "f.csv", escape_formulas=False)
    assert "=F-1,invoice,-C1" in (tmp_path / "f.csv").read_text(encoding="utf-8")


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UnreadableSource, match=r"has the ending '\.xls'"):
        write_facts(FACTS, tmp_path / "f.xls")


@pytest.mark.parametrize("table", ["facts", "open-items", "payments"])
def test_a_template_loads_without_a_problem(tmp_path, table):
    (tmp_path / "t.csv").write_text(template(table))
    loaded = load(CsvSource(tmp_path / "t.csv", drawn_on=date(2026, 3, 31)))
    assert (loaded.problems, loaded.tally.quarantined) == ((), 0)


def test_a_spreadsheet_holds_numbers_dates_and_texts(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(
        ["item_id", "customer", "currency", "open_amount", "due_date", "document_date"]
    )
    book.active.append(
        [1930438491, "0007", "MXN", 1234.56, date(2026, 3, 31), datetime(2026, 3, 1)]  # noqa: DTZ001 - as a spreadsheet holds it
    )
    book.active.append(["0008", "0007", "MXN", 0.125, date(2026, 3, 31), None])
    book.save(tmp_path / "o.xlsx")
    loaded = load(CsvSource(tmp_path / "o.xlsx", drawn_on=date(2026, 3, 31)))
    [fact] = loaded.books.facts
    assert (fact.id, fact.customer, str(fact.amount)) == ("1930438491", "0007", "1234.56 MXN")
    assert (fact.due_date, fact.document_date) == (date(2026, 3, 31), date(2026, 3, 1))
    assert [it.code for it in loaded.problems] == ["inexact-amount"]


def test_parquet_holds_exact_decimals(tmp_path):
    columns = {
        "payment_id": ["R-1", "R-2"],
        "customer": ["C1", None],
        "currency": ["MXN", "MXN"],
        "amount": pa.array([Decimal("1.10"), Decimal("0.333")], pa.decimal128(38, 4)),
        "posting_date": [date(2026, 1, 1)] * 2,
    }
    pq.write_table(pa.table(columns), tmp_path / "p.parquet")
    loaded = load(CsvSource(tmp_path / "p.parquet"))
    assert [str(fact.amount) for fact in loaded.books.facts] == ["1.10 MXN"]
    assert [(it.where, it.code) for it in loaded.problems] == [("p.parquet:3", "inexact-amount")]


@pytest.mark.parametrize(("name", "extra"), [("x.parquet", "parquet"), ("x.xlsx", "excel")])
def test_a_format_whose_library_is_missing_names_the_extra(tmp_path, monkeypatch, name, extra):
    def missing(module):
        raise ImportError(module)

    monkeypatch.setattr("receivables.adapters.csv.typed.import_module", missing)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(MissingExtra, match=rf"receivables\[{extra}\]"):
        CsvSource(tmp_path / name)
