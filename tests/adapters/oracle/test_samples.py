"""Payloads of real pods and of the documentation: every amount exact to the digit, nothing dropped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from receivables import Money
from receivables.adapters.oracle import Rules, documents, receipts, wire

RULES = Rules({"*": "USD"})


@pytest.fixture
def sample(shared):
    return lambda name: wire.parse(
        (shared / "oracle" / "samples" / name).read_text(encoding="utf-8")
    )


def kept(fact):
    return dict(fact.origin.fields)


def test_the_real_invoice_becomes_an_invoice_and_keeps_everything(sample):
    [row] = sample("receivablesInvoices_GET_onlyData_real_2025-07.json")["items"]
    read = documents.invoice(row, [], RULES)
    [fact] = read.entry.facts
    assert (fact.id, fact.customer, fact.amount) == ("trx-10001", "1015", Money("92746.22", "USD"))
    assert (fact.document_date, fact.posting_date, fact.due_date) == (
        date(2025, 6, 30),
        date(2025, 6, 30),
        date(2025, 7, 20),
    )
    assert fact.recorded_at == datetime(2025, 7, 7, 7, 4, 26, tzinfo=UTC)
    assert dict(fact.attributes)["purchase_order"] == "010350610165"
    assert kept(fact)["InvoiceBalanceAmount"] == "92746.22"
    assert kept(fact)["LastUpdateDate"] == "2025-07-09T21:36:11.571+00:00"
    told = {name for name, value in row.items() if value is not None}
    used = {
        "CustomerTransactionId", "DueDate", "InvoiceCurrencyCode", "TransactionNumber", "TransactionDate", "TransactionType",
        "TransactionSource", "BillToCustomerNumber", "BillToSite", "PaymentTerms", "PurchaseOrder", "BusinessUnit",
        "InvoiceStatus", "AccountingDate", "CreationDate", "EnteredAmount",
    }  # fmt: skip
    assert told - used == set(kept(fact)) - {"CustomerTransactionId"}


def test_the_real_credit_memo_keeps_all_38_decimals_and_its_null_amount_is_a_problem(sample):
    answer = sample("receivablesCreditMemos_POST_201_response_real_2025-04.json")
    assert (
        str(answer["receivablesCreditMemoLines"][0]["UnitSellingPrice"])
        == "-1.00000000000000000000000000000000000000"
    )
    echo = documents.credit_memo(answer, RULES)
    assert (echo.entry.quarantined, [it.code for it in echo.problems]) == (True, ["no-amount"])
    read = documents.credit_memo({**answer, "EnteredAmount": Decimal("-1.00")}, RULES)
    [fact] = read.entry.facts
    assert (fact.kind, fact.amount, fact.customer) == ("credit_memo", Money("1.00", "USD"), "5688")
    assert "-1.00000000000000000000000000000000000000" in kept(fact)["receivablesCreditMemoLines"]
    assert '"AccountedAmount": -1.00' in kept(fact)["receivablesCreditMemoDistributions"]


def test_the_documented_receipt_with_amounts_as_text_is_exact(sample):
    [row] = sample("doc_standardReceipts_GET_24c.json")["items"]
    [fact] = receipts.receipt(row, RULES).entry.facts
    assert (fact.amount, fact.customer, fact.reference) == (
        Money("505.58", "USD"),
        "CDRM_3195",
        "Rec5_160818235710",
    )


def test_the_documented_invoice_in_foreign_currency_counts_from_its_date_though_its_accounting_date_is_null(
    sample,
):
    row = {**sample("doc_receivablesInvoices_GET_item_23d.json"), "EnteredAmount": Decimal(1000)}
    parts = [
        {"InstallmentSequenceNumber": number, "InstallmentDueDate": due, "OriginalAmount": amount}
        for number, due, amount in (
            (1, "2019-03-22", 333),
            (2, "2019-04-21", 333),
            (3, "2019-05-21", 334),
        )
    ]
    [fact] = documents.invoice(row, parts, RULES).entry.facts
    assert (fact.posting_date, fact.company_amount) == (date(2019, 2, 20), Money("748.82", "USD"))
    assert [it.due_date.month for it in fact.instalments] == [3, 4, 5]
    assert fact.due_date is None


def test_the_documented_site_totals_are_read_exactly(sample):
    [row] = sample("doc_siteActivities_GET_23d.json")["items"]
    [fact] = documents.account(row).entry.facts
    assert (fact.id, fact.name) == ("PERF_ACCT_BAT10_1000", "PERF_CUST_BAT10_1000")
    assert kept(fact)["TotalOpenReceivablesForSite"] == "10500"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"EnteredAmount": "many"}, "unreadable-value"),
        ({"EnteredAmount": Decimal("1.001")}, "inexact-amount"),
        ({"InvoiceStatus": "Completa"}, "unknown-status"),
        ({"InvoiceCurrencyCode": None}, "no-currency"),
        ({"TransactionDate": None, "AccountingDate": None}, "no-date"),
        ({"BillToCustomerNumber": None}, "unreadable-fact"),
        ({"EnteredAmount": None}, "no-amount"),
    ],
)
def test_what_says_no_fact_is_listed_with_its_place_and_hides_nothing_else(change, code):
    row = {"CustomerTransactionId": 7, "TransactionNumber": "F-7", "InvoiceCurrencyCode": "MXN", "EnteredAmount": 5,
           "BillToCustomerNumber": "C1", "InvoiceStatus": "Complete", "TransactionDate": "2026-01-01",
           "DueDate": "2026-01-31"}  # fmt: skip
    assert documents.invoice(row, [], RULES).entry.facts[0].amount == Money("5.00", "MXN")
    read = documents.invoice({**row, **change}, [], RULES)
    assert read.entry.quarantined
    assert [(it.code, it.where) for it in read.problems if it.severity == "quarantined"] == [
        (code, "receivablesInvoices/7")
    ]
