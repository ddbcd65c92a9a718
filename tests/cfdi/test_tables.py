"""The small tables of the CFDI commands: read as every other table is, and refused in their own words."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

pytest.importorskip("typer", reason="the extra cli is not installed")

from receivables.adapters import load
from receivables.adapters.csv import CsvSource, read_rows
from receivables.cfdi.tables import RECEIVED, TO_STATE
from receivables.cli.app import run
from receivables.errors import UnreadableSource

PESOS = "B1559EC6-8A9C-4B97-9AC9-26E710DF2839"  # of SC01
DOLLARS = "E3E6157D-BDAA-4407-B789-950AA7BCD9F3"  # of SC03
HEAD = "payment_id,date,amount,currency,forma_de_pago,invoice_uuid,paid"
ROW = f"R-1,2026-07-20,1000.00,MXN,03,{PESOS},1000.00"


@pytest.fixture
def complement(capsys, samples, tmp_path):
    """Build a complement of a table; return the status, what it wrote and what it said."""

    def call(text, *words, scenario="SC01"):
        (tmp_path / "p.csv").write_text(text, encoding="utf-8")
        status = run(["cfdi", "complement", str(samples / "scenarios" / scenario / "I1.xml"),
                      "--payments", str(tmp_path / "p.csv"), "--issued-at", "2026-08-03T09:00:00", *words])  # fmt: skip
        out = capsys.readouterr()
        return status, out.out, out.err

    return call


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n{ROW}\n",
        f"{HEAD}\n{ROW}\n".replace(",", ";"),
        f"{HEAD}\n{ROW.replace('2026-07-20', '20/07/2026')}\n",
        f"{HEAD}\n{ROW}\n".replace(",1000.00", ',"1,000.00"'),
        f"{HEAD}\n{ROW}\n".replace(",", ";").replace("1000.00", "1.000,00"),
    ],
)
def test_a_table_is_read_however_it_is_written(complement, text):
    status, out, err = complement(text)
    assert (status, out.count("<pago20:Pago ")) == (0, 1)
    assert "MontoTotalPagos: 1000.00 MXN" in err


def test_a_spreadsheet_is_a_table_too(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([*RECEIVED.required])
    book.active.append(["B1", date(2026, 7, 20), PESOS, 1000.5])
    book.save(tmp_path / "r.xlsx")
    [(place, row)] = read_rows(tmp_path / "r.xlsx", RECEIVED)
    assert (place, row["date"], row["amount"]) == ("r.xlsx:2", date(2026, 7, 20), Decimal("1000.5"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace("2026-07-20", "10/07/2026"), "date '10/07/2026' may be 2026-07-10 or 2026-10-07, and nothing in the column settles it; write it like 2026-03-31"),
        (ROW.replace("2026-07-20", "yesterday"), "date 'yesterday' is no date; write it like 2026-03-31"),
        (ROW.replace(",1000.00,MXN", ",ten,MXN"), "amount 'ten' is no amount; write it like 11600.00"),
        (ROW.replace(",1000.00,MXN", ",1.234,MXN"), "amount '1.234' may be 1.234 or 1234, and nothing in the column settles it; write it like 11600.00"),
        (ROW.replace(PESOS, ""), "invoice_uuid is empty; every row needs one"),
        (ROW.replace(",03,", ",99,"), "form of payment '99' is not one a payment was received in; see c_FormaPago"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named_by_line_and_column(complement, row, said):
    status, out, err = complement(f"{HEAD}\n{ROW.replace('R-1', 'R-0')}\n{row}\n" if "yesterday" in row else f"{HEAD}\n{row}\n")  # fmt: skip
    line = 3 if "yesterday" in row else 2
    assert (status, out, err) == (2, "", f"receivables: p.csv:{line}: {said}\n")


def test_columns_that_are_missing_are_named(tmp_path):
    (tmp_path / "p.csv").write_text("payment_id,date\nR-1,2026-07-20\n", encoding="utf-8")
    with pytest.raises(UnreadableSource) as raised:
        read_rows(tmp_path / "p.csv", TO_STATE)
    assert str(raised.value) == (
        "p.csv: columns amount, currency, forma_de_pago, invoice_uuid, paid are missing; there are payment_id, date"
    )


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        (
            HEAD,
            f"R-1,2026-07-20,44102.42,MXN,03,{DOLLARS},44102.42",
            (
                f"paid 44102.42 MXN is not in USD, the currency of invoice {DOLLARS}; write paid in USD, USD in paid_currency,"
                " and what that takes of the payment, in MXN, in taken"
            ),
        ),
        (
            f"{HEAD},paid_currency",
            f"R-1,2026-07-20,44102.42,MXN,03,{DOLLARS},2383.76,USD",
            "paid is in USD and the payment in MXN; write in taken how much of the payment it takes",
        ),
    ],
)
def test_another_currency_is_asked_for_by_its_columns(complement, head, row, said):
    status, out, err = complement(f"{head}\n{row}\n", scenario="SC03")
    assert (status, out, err) == (2, "", f"receivables: p.csv:2: {said}\n")


def test_another_currency_with_its_columns_is_stated(complement):
    text = f"{HEAD},paid_currency,taken\nR-1,2026-07-20,44102.42,MXN,03,{DOLLARS},2383.76,USD,44102.42\n"
    assert complement(text, scenario="SC03")[0] == 0


def test_files_that_are_not_there_are_said_before_the_password_is_asked(complement, monkeypatch):
    monkeypatch.setattr("typer.prompt", lambda *_, **__: pytest.fail("asked for the password"))
    status, out, err = complement(f"{HEAD}\n{ROW}\n", "--cer", "no.cer", "--key", "no.key")
    assert (status, out) == (2, "")
    assert err == "receivables: no.cer: No such file or directory; check the path and its rights\n"


def test_a_remark_raises_the_status_when_strict(complement):
    text = f"{HEAD}\n{ROW.replace('2026-07-20', '2026-08-20')}\n"
    status, _, err = complement(text)
    assert (status, "payment-after-complement" in err) == (0, True)
    assert complement(text, "--strict")[0] == 3
    assert complement(f"{HEAD}\n{ROW}\n", "--strict")[0] == 0


def test_an_error_of_the_document_raises_the_status(complement):
    bank = f"{HEAD},rfc_emisor_cta_ord\n{ROW},NOT-AN-RFC\n"
    status, out, err = complement(bank)
    assert (status, "CRP" in err, out.startswith("<?xml")) == (3, True, True)


def test_imported_invoices_say_that_they_have_no_due_date(capsys, samples, tmp_path):
    words = ["cfdi", "import", str(samples / "scenarios"), "--output", str(tmp_path / "f.csv")]
    assert run(words) == 0
    said = "without a due date, because a CFDI states none: give the terms you agreed with --terms 'net 30', or age the facts with --basis document"  # fmt: skip
    assert said in capsys.readouterr().err
    assert (tmp_path / "f.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert run([*words, "--terms", "net 30"]) == 0
    assert "due date" not in capsys.readouterr().err
    assert load(CsvSource(tmp_path / "f.csv")).tally.quarantined == 0
    assert run(["age", str(tmp_path / "f.csv"), "--as-of", "2026-12-31", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"][0]["undated"] == "0.00"
