"""What the payer says a payment is for: remittance advice, line by line."""

from __future__ import annotations

from dataclasses import dataclass

from receivables.errors import NotAnAmount
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One document that a payment pays, or a credit that it uses.

    Args:
        reference: The document as the payer writes it.
        amount: What is paid of it; negative for a credit used; None for all of it.
        discount: Cash discount the payer kept back.
        deduction: What the payer kept back for another reason.
        reason: The payer's reason for the deduction, as a code or text.
    """

    reference: str
    amount: Money | None = None
    discount: Money | None = None
    deduction: Money | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        for name in ("discount", "deduction"):
            kept = getattr(self, name)
            if kept is not None and kept.amount < 0:
                msg = f"{name} {kept} of advice line {self.reference} must not be below zero; it is what the payer kept back"
                raise NotAnAmount(msg)


@dataclass(frozen=True, slots=True)
class RemittanceAdvice:
    """The lines of one payment.

    Args:
        payment: Id of the payment.
        lines: What it is for, in the payer's order.

    >>> RemittanceAdvice("R-1", (AdviceLine("F-1", Money("60.00", "MXN")),)).lines[0].reference
    'F-1'
    """

    payment: str
    lines: tuple[AdviceLine, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.lines))
