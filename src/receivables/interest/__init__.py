"""Interest on late payment: rules and reference rates as dated data, three rate rules, partial payments, lump sums.

Public: `late_interest` for a claim, `interest_on` for an item of the subledger, `simple_interest` for days at one rate.
"""

from receivables.interest.accrual import (
    AppliedPayment,
    LateInterest,
    Order,
    Segment,
    interest_on,
    late_interest,
    simple_interest,
)
from receivables.interest.rules import (
    DayCount,
    InterestRule,
    InterestRules,
    RateRule,
    ReferenceRate,
    ReferenceRates,
)
from receivables.interest.samples import SAMPLE_REFERENCES, SAMPLE_RULES

__all__ = [
    "SAMPLE_REFERENCES",
    "SAMPLE_RULES",
    "AppliedPayment",
    "DayCount",
    "InterestRule",
    "InterestRules",
    "LateInterest",
    "Order",
    "RateRule",
    "ReferenceRate",
    "ReferenceRates",
    "Segment",
    "interest_on",
    "late_interest",
    "simple_interest",
]
