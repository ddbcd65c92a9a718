"""Accounts receivable as a library: facts in, exact and explained answers out.

    import receivables as ar

    books = ar.Subledger.of(facts)
    report = ar.age(books.open_items(as_of=date(2026, 3, 31)))

The core has no clock, no I/O and no float; every answer is computed from dated facts for a stated date.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from receivables import frames
    from receivables.aging import AgingReport, AgingRow, Valuation, age
    from receivables.buckets import Basis, Bucket, Buckets, CreditDisplay
    from receivables.dates import Calendar, HolidayCalendar, Roll
    from receivables.errors import ReceivablesError
    from receivables.explain import Explanation
    from receivables.facts import (
        Adjustment,
        Allocation,
        CreditMemo,
        Customer,
        DebitMemo,
        Fact,
        Invoice,
        Origin,
        Payment,
        Refund,
        Reversal,
        TaxLine,
        WriteOff,
    )
    from receivables.money import Money, total
    from receivables.open_items import Movement, OpenItem
    from receivables.problems import Problem
    from receivables.rates import ExchangeRate, ExchangeRates
    from receivables.rounding import Rounding
    from receivables.subledger import CashPosition, OpenItemsExtract, Subledger
    from receivables.terms import Instalment, PaymentTerms

__all__ = [
    "Adjustment",
    "AgingReport",
    "AgingRow",
    "Allocation",
    "Basis",
    "Bucket",
    "Buckets",
    "Calendar",
    "CashPosition",
    "CreditDisplay",
    "CreditMemo",
    "Customer",
    "DebitMemo",
    "ExchangeRate",
    "ExchangeRates",
    "Explanation",
    "Fact",
    "HolidayCalendar",
    "Instalment",
    "Invoice",
    "Money",
    "Movement",
    "OpenItem",
    "OpenItemsExtract",
    "Origin",
    "Payment",
    "PaymentTerms",
    "Problem",
    "ReceivablesError",
    "Refund",
    "Reversal",
    "Roll",
    "Rounding",
    "Subledger",
    "TaxLine",
    "Valuation",
    "WriteOff",
    "age",
    "frames",
    "total",
]

# Where each name lives; a module of ours lives in `receivables`. A name is imported when it is first asked for, so that a program pays for what it uses.
_HOMES = {
    "frames": "receivables",
    "AgingReport": "receivables.aging",
    "AgingRow": "receivables.aging",
    "Valuation": "receivables.aging",
    "age": "receivables.aging",
    "Basis": "receivables.buckets",
    "Bucket": "receivables.buckets",
    "Buckets": "receivables.buckets",
    "CreditDisplay": "receivables.buckets",
    "Calendar": "receivables.dates",
    "HolidayCalendar": "receivables.dates",
    "Roll": "receivables.dates",
    "ReceivablesError": "receivables.errors",
    "Explanation": "receivables.explain",
    "Adjustment": "receivables.facts",
    "Allocation": "receivables.facts",
    "CreditMemo": "receivables.facts",
    "Customer": "receivables.facts",
    "DebitMemo": "receivables.facts",
    "Fact": "receivables.facts",
    "Invoice": "receivables.facts",
    "Origin": "receivables.facts",
    "Payment": "receivables.facts",
    "Refund": "receivables.facts",
    "Reversal": "receivables.facts",
    "TaxLine": "receivables.facts",
    "WriteOff": "receivables.facts",
    "Money": "receivables.money",
    "total": "receivables.money",
    "Movement": "receivables.open_items",
    "OpenItem": "receivables.open_items",
    "Problem": "receivables.problems",
    "ExchangeRate": "receivables.rates",
    "ExchangeRates": "receivables.rates",
    "Rounding": "receivables.rounding",
    "CashPosition": "receivables.subledger",
    "OpenItemsExtract": "receivables.subledger",
    "Subledger": "receivables.subledger",
    "Instalment": "receivables.terms",
    "PaymentTerms": "receivables.terms",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module 'receivables' has no attribute {name!r}"
        raise AttributeError(msg)
    home = _HOMES[name]
    value = (
        import_module(f"{home}.{name}") if home == __name__ else getattr(import_module(home), name)
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
