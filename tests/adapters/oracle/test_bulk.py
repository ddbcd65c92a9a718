"""Extracts give the facts that REST gives, and files for import read back as they were written."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from receivables import Customer, Invoice, Money, Payment
from receivables.adapters.oracle import Rules, fbdi
from receivables.adapters.oracle.extracts import OracleExtractSource, read_table
from receivables.errors import UnfitMapping, UnreadableSource
from receivables.testing import make_portfolio
from receivables.testing.oracle import held, pulled, told_books
from receivables.testing.oracle.extract import extract

RULES = Rules({"*": "MXN"})


def test_t23_an_extract_has_view_object_headers_and_a_manifest_with_checksums():
    content = extract(told_books(make_portfolio(2, 20, seed=1).facts))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        manifest = json.loads(file.read("MANIFEST.json"))
        head = file.read("paymentscheduleextractpvo-batch1.csv")
    assert head.startswith(b"ArPaymentSchedulePaymentScheduleId,ArPaymentScheduleCustomerTrxId,")
    assert manifest["files"][0]["checksum"] == f"sha-256={hashlib.sha256(head).hexdigest()}"


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_an_extract_gives_the_facts_that_were_told(tmp_path, seed):
    told = make_portfolio(5, 120, seed=seed).facts
    tables = told_books(told)
    path = tmp_path / "extract.zip"
    path.write_bytes(extract(tables))
    pages = list(OracleExtractSource([path], rules=RULES).pages())
    assert [str(it) for page in pages for it in page.problems] == []
    wanted = {
        it.id: _comparable(it)
        for it in pulled(held(told), tables.ids)
        if not isinstance(it, Customer)
    }
    assert {it.id: _comparable(it) for page in pages for it in page.facts} == wanted


def _comparable(fact):
    lost = {"origin": None, "attributes": ()}
    if fact.kind == "payment":
        lost["company_amount"] = None  # no view object is documented to say it
    if fact.kind == "reversal":
        lost["recorded_at"] = None
    return replace(fact, **lost)


def test_an_application_across_currencies_says_both_amounts(tmp_path):
    files = {
        "schedules": "PAYMENT_SCHEDULE_ID,CUSTOMER_TRX_ID,CLASS,TERMS_SEQUENCE_NUMBER,TRX_NUMBER,TRX_DATE,DUE_DATE,GL_DATE,"
        "AMOUNT_DUE_ORIGINAL,AMOUNT_DUE_REMAINING,INVOICE_CURRENCY_CODE,CUSTOMER_ID,ORG_ID\n"
        "9,1,INV,1,F-1,2026/01/10,2026/02/09,2026/01/10,100,50,USD,C001,204\n",
        "receipts": "CASH_RECEIPT_ID|RECEIPT_NUMBER|RECEIPT_DATE|AMOUNT|CURRENCY_CODE|STATUS|PAY_FROM_CUSTOMER|GL_DATE|ORG_ID\n"
        "2|R-1|2026-02-09|1000|MXN|UNAPP|C001|2026-02-09|204\n",
        "applications": "RECEIVABLE_APPLICATION_ID,APPLICATION_TYPE,STATUS,AMOUNT_APPLIED,AMOUNT_APPLIED_FROM,CASH_RECEIPT_ID,"
        "CUSTOMER_TRX_ID,APPLIED_CUSTOMER_TRX_ID,APPLIED_PAYMENT_SCHEDULE_ID,APPLY_DATE,GL_DATE\n"
        "3,CASH,APP,50,860,2,,1,9,2026-02-09,2026-02-09\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    pages = OracleExtractSource(
        [tmp_path / f"{name}.csv" for name in files], rules=Rules({"*": "MXN"})
    ).pages()
    found = {it.id: it for page in pages for it in page.facts}
    assert (found["app-3"].amount, found["app-3"].source_amount) == (
        Money("50.00", "USD"),
        Money("860.00", "MXN"),
    )
    assert found["trx-1"].due_date == date(2026, 2, 9)


def test_a_file_that_is_no_extract_is_refused():
    with pytest.raises(UnreadableSource):
        read_table("x.csv", "a,b\n1,2\n")


INVOICE = Invoice(id="F-1", customer="C001", amount=Money("11600.00", "MXN"), posting_date=date(2026, 1, 10), reference='OC "4711", sí',
                  due_date=date(2026, 2, 9), legal_entity="MX BU")  # fmt: skip
LAYOUT = fbdi.Layout(fbdi.LINES, ("BUSINESS_UNIT_NAME", "BATCH_SOURCE_NAME", "CUST_TRX_TYPE_NAME", "TERM_NAME", "TRX_DATE", "GL_DATE",
                                  "TRX_NUMBER", "BILL_CUSTOMER_ACCOUNT_NUMBER", "LINE_TYPE", "DESCRIPTION", "CURRENCY_CODE", "CONVERSION_TYPE",
                                  "AMOUNT", "QUANTITY", "UNIT_SELLING_PRICE", "INTERFACE_LINE_ATTRIBUTE1", "COMMENTS"))  # fmt: skip


def test_invoices_for_import_read_back_as_they_were_written():
    rows = fbdi.invoice_lines(
        [INVOICE], source="Manual", transaction_type="Invoice", terms="30 Net"
    )
    [back] = fbdi.read(LAYOUT, fbdi.write(LAYOUT, rows))
    assert (back["AMOUNT"], back["TRX_DATE"], back["DESCRIPTION"]) == (
        "11600.00",
        "2026/01/10",
        'OC "4711", sí',
    )
    assert set(back) == {name for name, value in rows[0].items() if value is not None}
    assert fbdi.write(LAYOUT, rows) == fbdi.write(LAYOUT, rows)


def test_receipts_for_import_read_back_and_the_double_takes_the_zip(bench):
    payment = Payment(
        id="R-1", customer="C001", amount=Money("50.05", "MXN"), posting_date=date(2026, 2, 1)
    )
    rows = fbdi.receipt_rows([payment], lockbox="LB1")
    layout = fbdi.Layout(fbdi.RECEIPTS, tuple(rows[0]))
    content = fbdi.write(layout, rows)
    assert fbdi.read(layout, content)[0]["REMITTANCE_AMOUNT"] == "50.05"
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.read(fbdi.RECEIPTS) == b"6,LB1,1,50.05,MXN,2026/02/01,R-1,C001\r\n"


def test_a_layout_without_a_column_that_is_filled_is_refused():
    rows = fbdi.invoice_lines(
        [INVOICE], source="Manual", transaction_type="Invoice", terms="30 Net"
    )
    with pytest.raises(UnfitMapping):
        fbdi.write(fbdi.Layout(fbdi.LINES, ("AMOUNT",)), rows)
    with pytest.raises(UnfitMapping):
        fbdi.Layout(fbdi.LINES, ("AMOUNT", "AMOUNT"))
    with pytest.raises(UnreadableSource):
        fbdi.read(LAYOUT, b"no zip")
