"""Every row ends accepted, duplicate or quarantined, and the count and the control totals tie."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import receivables as ar
from receivables.adapters import (
    ControlTotal,
    Entry,
    Page,
    Tally,
    installed,
    load,
    open_source,
)
from receivables.adapters.csv import CsvSource
from receivables.adapters.memory import MemorySource
from receivables.errors import BeforeExtract, DoesNotTie, NoSuchAdapter, UnreadableSource

DAY = date(2026, 1, 10)
HEADER = "id,kind,customer,currency,amount,document_date,posting_date,due_date,source_id,target_id,instalment\n"


def invoice(name, amount="100.00"):
    return ar.Invoice(id=name, customer="C1", amount=ar.Money(amount, "MXN"), posting_date=DAY)


def read(tmp_path, *rows, **options):
    file = tmp_path / "f.csv"
    file.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return load(CsvSource(file, **options))


def counts(loaded):
    tally = loaded.tally
    return tally.rows, tally.accepted, tally.duplicates, tally.quarantined


def test_a_count_that_does_not_tie_cannot_be_built():
    with pytest.raises(DoesNotTie, match="rows: 3 read = 1 accepted"):
        Tally(3, 1, 1, 0)
    with pytest.raises(DoesNotTie, match="MXN: 3 read"):
        ControlTotal("MXN", Decimal(3), Decimal(1), Decimal(1), Decimal(0))


def test_a_row_that_says_again_what_another_says_is_a_duplicate(tmp_path):
    row = "F-1,invoice,C1,MXN,100.00,,2026-01-10,,,,"
    loaded = read(tmp_path, row, row, row.replace("100.00", "100.0"))
    assert counts(loaded) == (3, 1, 2, 0)
    [total] = loaded.tally.totals
    assert (total.read, total.accepted, total.duplicates) == (
        Decimal(300),
        Decimal(100),
        Decimal(200),
    )


def test_a_row_that_contradicts_another_is_quarantined_and_its_line_named(tmp_path):
    loaded = read(
        tmp_path,
        "F-1,invoice,C1,MXN,100.00,,2026-01-10,,,,",
        "F-1,invoice,C1,MXN,90.00,,2026-01-11,,,,",
    )
    assert counts(loaded) == (2, 1, 0, 1)
    assert [(it.where, it.code) for it in loaded.problems] == [("f.csv:3", "conflicting-fact")]


def test_what_rests_on_a_quarantined_row_goes_with_it(tmp_path):
    loaded = read(
        tmp_path,
        "F-1,invoice,C1,MXN,x,,2026-01-10,,,,",
        "R-1,payment,C1,MXN,5.00,,2026-01-10,,,,",
        "A-1,allocation,,MXN,5.00,,2026-01-10,,R-1,F-1,",
    )
    assert [(it.where, it.code) for it in loaded.problems] == [
        ("f.csv:2", "unreadable-amount"),
        ("f.csv:4", "unknown-fact"),
    ]
    assert counts(loaded) == (3, 1, 0, 2)


def test_the_repetition_of_a_quarantined_row_is_quarantined_too(tmp_path):
    row = "A-1,allocation,,MXN,5.00,,2026-01-10,,R-1,F-1,"
    loaded = read(tmp_path, row, row)
    assert counts(loaded) == (2, 0, 0, 2)
    assert {it.code for it in loaded.problems} == {"unknown-fact", "repeats-quarantined"}


def test_a_row_of_several_facts_is_accepted_whole_or_not_at_all(tmp_path):
    file = tmp_path / "s.csv"
    head = "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill"
    one = "1,C1,F-1,1/2/2025,2/1/2025,10,No,1/15/2025,x"
    other = (
        "1,C1,F-1,1/2/2025,2/1/2025,10,No,1/20/2025,x"  # the same invoice, settled on another day
    )
    file.write_text(f"{head}\n{one}\n{other}\n")
    loaded = load(CsvSource(file, mapping="ibm"))
    assert counts(loaded) == (2, 1, 0, 1)
    assert len(loaded.books) == 3


def test_rows_of_one_document_are_its_instalments_wherever_they_stand(tmp_path):
    loaded = read(
        tmp_path,
        "F-1,invoice,C1,MXN,60.00,,2026-01-10,2026-02-10,,,1",
        "F-2,invoice,C1,MXN,5.00,,2026-01-10,,,,",
        "F-1,invoice,C1,MXN,40.00,,2026-01-10,2026-03-10,,,2",
        "F-1,invoice,C1,MXN,40.00,,2026-01-10,2026-03-10,,,2",
        "F-3,invoice,C1,MXN,60.00,,2026-01-10,2026-02-10,,,1",
        "F-3,invoice,C2,MXN,40.00,,2026-01-10,2026-03-10,,,2",
    )
    assert [part.amount.amount for part in loaded.books.fact("F-1").instalments] == [60, 40]
    assert counts(loaded) == (6, 3, 1, 2)
    assert [it.where for it in loaded.problems] == ["f.csv:6", "f.csv:7", "f.csv:5"]
    assert [it.severity for it in loaded.problems] == ["quarantined", "quarantined", "noted"]
    assert loaded.tally.totals[0].read == Decimal(245)


def test_a_cursor_never_passes_a_row_that_still_waits(tmp_path):
    file = tmp_path / "f.csv"
    waiting = "F-1,invoice,C1,MXN,60.00,,2026-01-10,2026-02-10,,,1\n"
    rows = "".join(f"G-{n},invoice,C1,MXN,1.00,,2026-01-10,,,,\n" for n in range(15_000))
    file.write_text(HEADER + rows[: rows.index("G-5,")] + waiting + rows[rows.index("G-5,") :])
    source = CsvSource(file)
    pages = list(source.pages())
    assert [page.cursor for page in pages] == ["10001:7", "15002:7", "15002"]
    again = [fact.id for page in source.pages(since="10001:7") for fact in page.facts]
    assert len(again) == 5001 + 1
    assert again[-1] == "F-1"
    assert [fact.id for page in source.pages(since="15002") for fact in page.facts] == []


def test_a_cursor_of_another_source_is_refused(tmp_path):
    for source in (MemorySource([invoice("F-1")]), CsvSource(_file(tmp_path))):
        with pytest.raises(UnreadableSource, match="cursor 'x' is none of"):
            list(source.pages(since="x"))


def _file(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(HEADER)
    return file


def test_memory_pages_and_goes_on_after_a_cursor():
    source = MemorySource([invoice("F-1"), invoice("F-2"), invoice("F-3")], page_size=2)
    first, second = source.pages()
    assert [[fact.id for fact in page.facts] for page in (first, second)] == [
        ["F-1", "F-2"],
        ["F-3"],
    ]
    assert [fact.id for page in source.pages(since=first.cursor) for fact in page.facts] == ["F-3"]


def test_a_source_without_rows_counts_facts_and_what_it_left_out():
    source = MemorySource(
        [invoice("F-1"), invoice("F-1"), invoice("F-1", "900.00")], problems=[ar.Problem("x", "y")]
    )
    assert counts(load(source)) == (4, 1, 1, 2)


def test_a_page_holds_the_facts_of_its_entries():
    page = Page.of(
        [Entry((2,), (invoice("F-1"),)), Entry((3,), quarantined=True)], (), None, "f.csv"
    )
    assert [fact.id for fact in page.facts] == ["F-1"]


def test_an_open_items_table_answers_for_its_own_day_and_later(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text(
        "item_id,customer,currency,open_amount,due_date\n0007,C1,MXN,10.00,2026-03-01\n"
    )
    loaded = load(CsvSource(file, drawn_on=date(2026, 3, 31)))
    [item] = loaded.open_items(as_of=date(2026, 4, 2))
    assert (item.id, item.days_past_due) == ("0007", 32)
    for ask in (loaded.open_items, lambda as_of: loaded.explain("0007", as_of=as_of)):
        with pytest.raises(BeforeExtract):
            ask(as_of=date(2026, 3, 30))


def items_of(tmp_path, *rows):
    file = tmp_path / "o.csv"
    header = "item_id,customer,currency,open_amount,due_date,kind"
    file.write_text("\n".join([header, *rows, ""]))
    return load(CsvSource(file, drawn_on=date(2026, 3, 31)))


@pytest.mark.parametrize("kind", ["payment", "Payment", ""])
def test_an_open_item_without_customer_may_be_an_unidentified_payment(tmp_path, kind):
    loaded = items_of(tmp_path, f"R-1,,MXN,-30.00,,{kind}", "F-1,C1,MXN,100.00,2026-03-01,")
    assert (counts(loaded), loaded.problems) == ((2, 2, 0, 0), ())
    charge, credit = sorted(loaded.open_items(as_of=date(2026, 3, 31)), key=lambda it: it.id)
    assert (credit.document.kind, credit.customer) == ("payment", None)
    assert str(charge.open_amount + credit.open_amount) == "70.00 MXN"


@pytest.mark.parametrize(
    ("row", "code", "sentence"),
    [
        ("F-1,,MXN,100.00,,", "missing-value", "customer is empty; every invoice needs one"),
        ("F-1,,MXN,100.00,,debit_memo", "missing-value", "customer is empty; every debit memo needs one"),
        ("F-1,,MXN,-5.00,,credit_memo", "missing-value", "customer is empty; every credit memo needs one"),
        ("F-1,,MXN,-5.00,,invoice", "missing-value", "customer is empty; every credit memo needs one"),
        ("F-1,,MXN,0.00,,", "missing-value", "customer is empty; every row needs one"),
    ],
)  # fmt: skip
def test_every_other_open_item_needs_a_customer(tmp_path, row, code, sentence):
    loaded = items_of(tmp_path, row)
    assert [(it.code, it.message) for it in loaded.problems] == [(code, sentence)]
    assert counts(loaded) == (1, 0, 0, 1)


def test_adapters_are_opened_by_name(tmp_path):
    assert {"csv", "memory"} <= set(installed())
    assert isinstance(open_source("csv", path=_file(tmp_path)), CsvSource)


def test_an_unknown_adapter_is_answered_with_the_nearest(monkeypatch):
    names = ("csv", "memory", "oracle", "sap")
    monkeypatch.setattr("receivables.adapters.registry.installed", lambda: names)
    with pytest.raises(NoSuchAdapter) as caught:
        open_source("oracel")
    assert str(caught.value) == (
        "No adapter named 'oracel'. Installed: csv, memory, oracle, sap. Did you mean 'oracle'?"
    )


def test_an_adapter_that_does_not_take_an_option_says_so():
    with pytest.raises(NoSuchAdapter, match="'memory' cannot be opened with path"):
        open_source("memory", path="x")


def test_an_item_without_a_document_date_is_not_said_to_be_due_before_it(tmp_path):
    """The day the extract was drawn stands in for its date; it is no date of the document."""
    path = tmp_path / "items.csv"
    path.write_text(
        "item_id,customer,currency,due_date,open_amount\nF-1,C1,MXN,2026-01-10,100.00\n",
        encoding="utf-8",
    )
    assert load(CsvSource(path, drawn_on=date(2026, 3, 31))).problems == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("F-1,invoice,,MXN,10.00", "customer is empty; every invoice needs one"),
        ("F-1,invoice,C1,,10.00", "currency is empty; every invoice needs one"),
        ("F-1,invoice,C1,MXN,", "amount is empty; every invoice needs one"),
        ("A-1,allocation,,MXN,10.00", "source_id is empty; every allocation needs one"),
        ("W-1,write_off,,MXN,10.00", "target_id is empty; every write-off needs one"),
        ("X-1,reversal,,,", "reverses_id is empty; every reversal needs one"),
    ],
)
def test_what_a_fact_lacks_is_said_by_its_column(tmp_path, row, said):
    head = "id,kind,customer,currency,amount,posting_date,source_id,target_id,reverses_id"
    (tmp_path / "f.csv").write_text(f"{head}\n{row},2026-01-01,,,\n", encoding="utf-8")
    [problem] = load(CsvSource(tmp_path / "f.csv")).problems
    assert (problem.code, problem.message) == ("missing-value", said)
