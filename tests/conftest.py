"""The public IBM file as facts, for every test that measures it."""

from __future__ import annotations

import csv
from datetime import datetime

import pytest

from receivables import Allocation, Invoice, Money, Payment, Subledger


def american(text):
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a date, no time


@pytest.fixture(scope="session")
def ibm(shared):
    """Each invoice with its one full payment."""
    facts = []
    path = shared / "data" / "ibm" / "WA_Fn-UseC_-Accounts-Receivable.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, customer = row["invoiceNumber"], row["customerID"]
            amount, paid = Money(row["InvoiceAmount"], "USD"), american(row["SettledDate"])
            posted, due = american(row["InvoiceDate"]), american(row["DueDate"])
            facts += [
                Invoice(
                    id=name, customer=customer, amount=amount, posting_date=posted, due_date=due
                ),
                Payment(id=f"R{name}", customer=customer, amount=amount, posting_date=paid),
                Allocation(
                    id=f"A{name}", source=f"R{name}", target=name, amount=amount, posting_date=paid
                ),
            ]
    return Subledger.of(facts)
