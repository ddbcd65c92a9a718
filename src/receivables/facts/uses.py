"""Facts that rest on others: allocations, write-offs, adjustments, refunds and reversals."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from receivables.errors import PartsDoNotSum
from receivables.facts.base import BaseFact, Id, Positive, fact
from receivables.money import Money


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Use(BaseFact):
    """What every fact that changes an open amount carries, besides what every fact does.

    Args:
        amount: How much, in the currency of the document it rests on; above zero.
        company_amount: The same in the company's currency, as the source booked it.
    """

    amount: Positive
    company_amount: Positive | None = None


@fact
class Allocation(_Use):
    """Part of a payment or credit memo used against a charge.

    Args:
        source: Id of the payment or credit memo used.
        target: Id of the invoice or debit memo it pays.
        amount: What is taken off the target, in its currency.
        source_amount: What is taken off the source when its currency is another one.
        instalment: Number of the instalment paid; None fills the oldest due first.

    >>> from datetime import date
    >>> from receivables.money import Money
    >>> Allocation(id="A-1", source="R-77", target="F-1001", amount=Money("40.00", "MXN"), posting_date=date(2026, 2, 1))
    Allocation(id='A-1', posting_date=datetime.date(2026, 2, 1), amount=Money('40.00', 'MXN'), source='R-77', target='F-1001')
    """

    kind: ClassVar[str] = "allocation"

    source: Id
    target: Id
    source_amount: Positive | None = None
    instalment: int | None = None

    def __post_init__(self) -> None:
        taken = self.source_amount
        if taken is not None and taken.currency == self.amount.currency and taken != self.amount:
            msg = f"allocation {self.id} takes {taken} from {self.source} for {self.amount}; in one currency they are equal"
            raise PartsDoNotSum(msg)

    @property
    def taken(self) -> Money:
        """What it takes off its source."""
        return self.amount if self.source_amount is None else self.source_amount


@fact
class WriteOff(_Use):
    """What is open of an item given up as lost, or a small open credit cleared away."""

    kind: ClassVar[str] = "write_off"

    target: Id
    instalment: int | None = None
    reason: str | None = None


@fact
class Adjustment(_Use):
    """A change of what is open that is neither money nor loss: a discount taken, a deduction granted, a bank fee.

    Args:
        increase: False takes `amount` off what is open of the target, True adds to it.
    """

    kind: ClassVar[str] = "adjustment"

    target: Id
    instalment: int | None = None
    reason: str | None = None
    increase: bool = False


@fact
class Refund(_Use):
    """Part of a payment or credit memo given back to the customer."""

    kind: ClassVar[str] = "refund"

    source: Id


@fact
class Reversal(BaseFact):
    """The end of a fact, from the reversal's posting date on; before it, the fact still counts.

    Reversing a document also ends what rests on it: a reversed payment gives every invoice back what it had paid.

    Args:
        of: Id of the fact reversed; any kind but a reversal.
    """

    kind: ClassVar[str] = "reversal"

    of: Id
    reason: str | None = None
