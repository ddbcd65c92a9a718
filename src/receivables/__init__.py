"""Accounts receivable as a library: facts in, exact and explained answers out.

    import receivables as ar

    books = ar.Subledger.of(facts)
    report = ar.age(books.open_items(as_of=date(2026, 3, 31)))

The core has no clock, no I/O and no float; every answer is computed from dated facts for a stated date.
"""

from receivables.aging import AgingReport, AgingRow, Valuation, age
from receivables.allocation import (
    AdviceLine,
    AllocationLine,
    AllocationPolicy,
    Alternative,
    Difference,
    Leftover,
    Proposal,
    RemittanceAdvice,
    Tolerance,
    propose_allocations,
)
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
    "AdviceLine",
    "AgingReport",
    "AgingRow",
    "Allocation",
    "AllocationLine",
    "AllocationPolicy",
    "Alternative",
    "Basis",
    "Bucket",
    "Buckets",
    "Calendar",
    "CashPosition",
    "CreditDisplay",
    "CreditMemo",
    "Customer",
    "DebitMemo",
    "Difference",
    "ExchangeRate",
    "ExchangeRates",
    "Explanation",
    "Fact",
    "HolidayCalendar",
    "Instalment",
    "Invoice",
    "Leftover",
    "Money",
    "Movement",
    "OpenItem",
    "OpenItemsExtract",
    "Origin",
    "Payment",
    "PaymentTerms",
    "Problem",
    "Proposal",
    "ReceivablesError",
    "Refund",
    "RemittanceAdvice",
    "Reversal",
    "Roll",
    "Rounding",
    "Subledger",
    "TaxLine",
    "Tolerance",
    "Valuation",
    "WriteOff",
    "age",
    "propose_allocations",
    "total",
]
