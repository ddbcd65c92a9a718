"""Payment terms: when an invoice falls due, in which parts, and what an early payment saves.

Terms are ordered steps on a base date, so any vendor's terms can be written down without loss, printed and compared.
Public: `PaymentTerms`, `InstalmentTerms`, `DiscountTerms`, the shares and the steps; `parse_terms` reads the usual texts.
"""

from receivables.terms.parse import parse_terms
from receivables.terms.payment_terms import (
    BaseDate,
    DiscountOffer,
    DiscountTerms,
    Fixed,
    Instalment,
    InstalmentTerms,
    PaymentTerms,
    Percent,
    Remainder,
)
from receivables.terms.steps import (
    AddDays,
    AddMonths,
    ByDay,
    Cutoff,
    DayOfMonth,
    EndOfMonth,
    NextDayOfMonth,
    RollBusiness,
    Step,
    Steps,
)

__all__ = [
    "AddDays",
    "AddMonths",
    "BaseDate",
    "ByDay",
    "Cutoff",
    "DayOfMonth",
    "DiscountOffer",
    "DiscountTerms",
    "EndOfMonth",
    "Fixed",
    "Instalment",
    "InstalmentTerms",
    "NextDayOfMonth",
    "PaymentTerms",
    "Percent",
    "Remainder",
    "RollBusiness",
    "Step",
    "Steps",
    "parse_terms",
]
