"""What happened: the dated, immutable facts that every answer is computed from.

Charges (`Invoice`, `DebitMemo`) raise what a customer owes, credits (`CreditMemo`, `Payment`) lower it. The others rest
on those: an `Allocation` uses part of a credit against a charge, a `WriteOff` or `Adjustment` changes what is open of
one of them, a `Refund` gives a credit back, and a `Reversal` ends any of them from its date on. A `Customer` is a dated
master fact: what was true of a customer from a day on. Amounts are positive; the kind says the direction.

Every fact counts from its `posting_date`; `recorded_at`, when given, is when it became known, so that a report can be
run again as it was known then. A fact without `recorded_at` counts as always known.
"""

from receivables.facts.base import Attributes, Origin
from receivables.facts.customers import Customer
from receivables.facts.documents import CreditMemo, DebitMemo, Invoice, Payment, TaxLine
from receivables.facts.uses import Adjustment, Allocation, Refund, Reversal, WriteOff

Charge = Invoice | DebitMemo
Credit = CreditMemo | Payment
Document = Charge | Credit
Use = Allocation | WriteOff | Adjustment | Refund
Fact = Document | Use | Reversal

CHARGES = (Invoice, DebitMemo)
CREDITS = (CreditMemo, Payment)
DOCUMENTS = (*CHARGES, *CREDITS)
USES = (Allocation, WriteOff, Adjustment, Refund)
KINDS = {kind.kind: kind for kind in (*DOCUMENTS, *USES, Reversal)}

__all__ = [
    "CHARGES",
    "CREDITS",
    "DOCUMENTS",
    "KINDS",
    "USES",
    "Adjustment",
    "Allocation",
    "Attributes",
    "Charge",
    "Credit",
    "CreditMemo",
    "Customer",
    "DebitMemo",
    "Document",
    "Fact",
    "Invoice",
    "Origin",
    "Payment",
    "Refund",
    "Reversal",
    "TaxLine",
    "Use",
    "WriteOff",
]
