"""Cash application: payments and credits led to open items by rules that explain themselves.

`propose_allocations` is the one question; `AllocationPolicy` says how it is to be answered; a `Proposal` is the answer,
with its reasons, its alternatives and what was left over. Nothing is posted: `Subledger.with_facts(proposal.facts)` does.
"""

from receivables.allocation.advice import AdviceLine, RemittanceAdvice
from receivables.allocation.combination import find_combination
from receivables.allocation.finding import Finding
from receivables.allocation.nearest import nearest_sum
from receivables.allocation.policy import (
    AllocationPolicy,
    Discounts,
    DiscountTax,
    Tolerance,
    Withholding,
)
from receivables.allocation.proposal import (
    AllocationLine,
    Alternative,
    Difference,
    Leftover,
    Proposal,
    TaxShare,
)
from receivables.allocation.propose import propose_allocations
from receivables.allocation.review import AllocationReview, review_allocations
from receivables.allocation.rules import (
    AfterDeductions,
    ByAdvice,
    ByCombination,
    ByReference,
    CreditsFirst,
    EqualTotals,
    ExactAmount,
    InOrder,
    NearestSum,
    Proportional,
    Rule,
    SameKeys,
    WholeAccount,
)

__all__ = [
    "AdviceLine",
    "AfterDeductions",
    "AllocationLine",
    "AllocationPolicy",
    "AllocationReview",
    "Alternative",
    "ByAdvice",
    "ByCombination",
    "ByReference",
    "CreditsFirst",
    "Difference",
    "DiscountTax",
    "Discounts",
    "EqualTotals",
    "ExactAmount",
    "Finding",
    "InOrder",
    "Leftover",
    "NearestSum",
    "Proportional",
    "Proposal",
    "RemittanceAdvice",
    "Rule",
    "SameKeys",
    "TaxShare",
    "Tolerance",
    "WholeAccount",
    "Withholding",
    "find_combination",
    "nearest_sum",
    "propose_allocations",
    "review_allocations",
]
