"""Cases gathered from other systems, turned into our facts and questions."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from receivables import Allocation, CreditMemo, Instalment, Invoice, Money, Payment, Subledger


@pytest.fixture(scope="session")
def gathered(shared):
    """Return every case by id."""
    cases = json.loads((shared / "domain" / "cases.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


@pytest.fixture(scope="session")
def vectors(shared):
    """Return every vector by id."""
    listed = json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))
    return {vector["id"]: vector for vector in listed}


class Case:
    """One case: its facts, and questions about them."""

    def __init__(self, case):
        self.case, self.expected, self.currency = case, case["expected"], case["currency"]
        self.as_of = date.fromisoformat(case["as_of"])
        self.facts = [
            *map(self.invoice, case["invoices"]),
            *(fact for it in case["payments"] for fact in self.credit(Payment, it)),
            *(fact for it in case["credit_notes"] for fact in self.credit(CreditMemo, it)),
        ]
        self.books = Subledger.of(self.facts)

    def money(self, amount):
        return Money(amount, self.currency)

    def invoice(self, it):
        parts = tuple(
            Instalment(number, date.fromisoformat(part["due_date"]), self.money(part["amount"]))
            for number, part in enumerate(it.get("schedule", ()), start=1)
        )
        booked = {}
        if "rate" in it:
            booked = {
                "company_amount": Money(
                    Decimal(it["amount"]) * Decimal(it["rate"]), it["company_currency"]
                )
            }
        due = {"instalments": parts} if parts else {"due_date": date.fromisoformat(it["due_date"])}
        day = date.fromisoformat(it["date"])
        return Invoice(
            id=it["id"],
            customer=it["party"],
            amount=self.money(it["amount"]),
            posting_date=day,
            **due,
            **booked,
        )

    def credit(self, kind, it):
        day = date.fromisoformat(it["date"])
        account = {"on_account": True} if it.get("on_account") else {}
        yield kind(
            id=it["id"],
            customer=it["party"],
            amount=self.money(it["amount"]),
            posting_date=day,
            **account,
        )
        for use in it["applies"]:
            yield Allocation(
                id=f"{it['id']}>{use['to']}",
                source=it["id"],
                target=use["to"],
                amount=self.money(use["amount"]),
                posting_date=day,
            )

    def items(self, as_of=None):
        return self.books.open_items(as_of=as_of or self.as_of)

    def open_by_document(self, as_of=None):
        found = {}
        for item in self.items(as_of):
            found[item.document.id] = found.get(item.document.id, 0) + item.open_amount.amount
        return found


@pytest.fixture
def case(gathered):
    """Return a case by id, ready to be asked."""
    return lambda name: Case(gathered[name])
