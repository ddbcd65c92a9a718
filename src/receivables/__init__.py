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
    from receivables.allocation import (
        AdviceLine,
        AllocationLine,
        AllocationPolicy,
        AllocationReview,
        Alternative,
        Difference,
        Finding,
        Leftover,
        Proposal,
        RemittanceAdvice,
        Tolerance,
        propose_allocations,
        review_allocations,
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
    from receivables.interest import (
        DayCount,
        InterestRule,
        InterestRules,
        LateInterest,
        RateRule,
        ReferenceRate,
        ReferenceRates,
        interest_on,
        late_interest,
    )
    from receivables.metrics import (
        CashForecast,
        Flux,
        KpiReport,
        Measure,
        PeriodEnd,
        compare,
        forecast_cash,
        measure_kpis,
        time_to_pay,
    )
    from receivables.money import Money, total
    from receivables.open_items import Movement, OpenItem
    from receivables.problems import Problem
    from receivables.provisions import (
        Assessment,
        Booked,
        Cover,
        Dilution,
        Discounting,
        Exclusion,
        Overlay,
        Provision,
        ProvisionCheck,
        ProvisionMatrix,
        ProvisionPolicy,
        RollForward,
        Scenario,
        Scope,
        Vat,
        check_provision,
        measure_provision,
        provision_deltas,
        roll_forward,
    )
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
    "AllocationReview",
    "Alternative",
    "Assessment",
    "Basis",
    "Booked",
    "Bucket",
    "Buckets",
    "Calendar",
    "CashForecast",
    "CashPosition",
    "Cover",
    "CreditDisplay",
    "CreditMemo",
    "Customer",
    "DayCount",
    "DebitMemo",
    "Difference",
    "Dilution",
    "Discounting",
    "ExchangeRate",
    "ExchangeRates",
    "Exclusion",
    "Explanation",
    "Fact",
    "Finding",
    "Flux",
    "HolidayCalendar",
    "Instalment",
    "InterestRule",
    "InterestRules",
    "Invoice",
    "KpiReport",
    "LateInterest",
    "Leftover",
    "Measure",
    "Money",
    "Movement",
    "OpenItem",
    "OpenItemsExtract",
    "Origin",
    "Overlay",
    "Payment",
    "PaymentTerms",
    "PeriodEnd",
    "Problem",
    "Proposal",
    "Provision",
    "ProvisionCheck",
    "ProvisionMatrix",
    "ProvisionPolicy",
    "RateRule",
    "ReceivablesError",
    "ReferenceRate",
    "ReferenceRates",
    "Refund",
    "RemittanceAdvice",
    "Reversal",
    "Roll",
    "RollForward",
    "Rounding",
    "Scenario",
    "Scope",
    "Subledger",
    "TaxLine",
    "Tolerance",
    "Valuation",
    "Vat",
    "WriteOff",
    "age",
    "check_provision",
    "compare",
    "forecast_cash",
    "frames",
    "interest_on",
    "late_interest",
    "measure_kpis",
    "measure_provision",
    "propose_allocations",
    "provision_deltas",
    "review_allocations",
    "roll_forward",
    "time_to_pay",
    "total",
]

# Where each name lives; a module of ours lives in `receivables`. A name is imported when it is first asked for, so that a program pays for what it uses.
_HOMES = {
    "frames": "receivables",
    "AgingReport": "receivables.aging",
    "AgingRow": "receivables.aging",
    "Valuation": "receivables.aging",
    "age": "receivables.aging",
    "AdviceLine": "receivables.allocation",
    "AllocationLine": "receivables.allocation",
    "AllocationPolicy": "receivables.allocation",
    "AllocationReview": "receivables.allocation",
    "Alternative": "receivables.allocation",
    "Difference": "receivables.allocation",
    "Finding": "receivables.allocation",
    "Leftover": "receivables.allocation",
    "Proposal": "receivables.allocation",
    "RemittanceAdvice": "receivables.allocation",
    "Tolerance": "receivables.allocation",
    "propose_allocations": "receivables.allocation",
    "review_allocations": "receivables.allocation",
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
    "DayCount": "receivables.interest",
    "InterestRule": "receivables.interest",
    "InterestRules": "receivables.interest",
    "LateInterest": "receivables.interest",
    "RateRule": "receivables.interest",
    "ReferenceRate": "receivables.interest",
    "ReferenceRates": "receivables.interest",
    "interest_on": "receivables.interest",
    "late_interest": "receivables.interest",
    "CashForecast": "receivables.metrics",
    "Flux": "receivables.metrics",
    "KpiReport": "receivables.metrics",
    "Measure": "receivables.metrics",
    "PeriodEnd": "receivables.metrics",
    "compare": "receivables.metrics",
    "forecast_cash": "receivables.metrics",
    "measure_kpis": "receivables.metrics",
    "time_to_pay": "receivables.metrics",
    "Money": "receivables.money",
    "total": "receivables.money",
    "Movement": "receivables.open_items",
    "OpenItem": "receivables.open_items",
    "Problem": "receivables.problems",
    "Assessment": "receivables.provisions",
    "Booked": "receivables.provisions",
    "Cover": "receivables.provisions",
    "Dilution": "receivables.provisions",
    "Discounting": "receivables.provisions",
    "Exclusion": "receivables.provisions",
    "Overlay": "receivables.provisions",
    "Provision": "receivables.provisions",
    "ProvisionCheck": "receivables.provisions",
    "ProvisionMatrix": "receivables.provisions",
    "ProvisionPolicy": "receivables.provisions",
    "RollForward": "receivables.provisions",
    "Scenario": "receivables.provisions",
    "Scope": "receivables.provisions",
    "Vat": "receivables.provisions",
    "check_provision": "receivables.provisions",
    "measure_provision": "receivables.provisions",
    "provision_deltas": "receivables.provisions",
    "roll_forward": "receivables.provisions",
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
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
