"""EDI X12 820 payment orders and remittance advice: BPR the money, RMR the documents, ADX what the payer deducts.

The separators are those the interchange header declares. Amounts have a decimal point or none; none means whole units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from receivables.adapters.bank.statement import Collector, Line, Statement, read_text
from receivables.allocation import AdviceLine
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_HEADER = 106  # an interchange header has a fixed length
_CREDIT_NOTES = {"CM", "CN"}
Segment = list[str]


@dataclass(slots=True)
class _Order:
    """One payment order while it is read."""

    number: str
    amount: str = ""
    day: date | None = None
    currency: str = "USD"
    trace: str = ""
    payer: str = ""
    account: str = ""
    lines: list[AdviceLine] = field(default_factory=list)


def read_edi820(path: Path) -> Statement:
    """Read an X12 file of one or more 820 transactions.

    Raises:
        UnreadableSource: When it is none.
    """
    text = read_text(path).lstrip()
    if not text.startswith("ISA") or len(text) < _HEADER:
        msg = f"{path.name} does not start with an interchange header ISA; is it an X12 file?"
        raise UnreadableSource(msg)
    collector = Collector("edi820", path.name)
    order: _Order | None = None
    for segment in _segments(text):
        if segment[0] == "ST":
            order = _Order(_at(segment, 2)) if _at(segment, 1) == "820" else None
        elif segment[0] == "SE" and order is not None:
            collector.take(_line(order))
            order = None
        elif order is not None:
            _read(collector, order, segment)
    if not collector.payments and not collector.problems:
        msg = f"{path.name} holds no 820 transaction; is it remittance advice?"
        raise UnreadableSource(msg)
    return collector.statement()


def _segments(text: str) -> Iterator[Segment]:
    element, end = text[3], text[_HEADER - 1]
    for part in text.split(end):
        stripped = part.strip()
        if stripped:
            yield stripped.split(element)


def _read(collector: Collector, order: _Order, segment: Segment) -> None:
    match segment[0]:
        case "BPR":
            order.amount, order.day = _at(segment, 2), _day(_at(segment, 16))
            order.account = _at(segment, 9)
        case "CUR":
            order.currency = _at(segment, 2) or order.currency
        case "TRN":
            order.trace = _at(segment, 2)
        case "N1" if _at(segment, 1) == "PR":
            order.payer = _at(segment, 2)
        case "RMR":
            _document(collector, order, segment)
        case "ADX":
            _deduct(collector, order, segment)
        case _:
            pass


def _document(collector: Collector, order: _Order, segment: Segment) -> None:
    paid = _money(_at(segment, 4), order.currency)
    discount = _money(_at(segment, 6), order.currency)
    if paid is None and _at(segment, 4):
        collector.problem(
            "unreadable-amount",
            f"{_at(segment, 4)!r} paid of {_at(segment, 2)} is no amount",
            f"transaction {order.number}",
        )
    if paid is not None and _at(segment, 1) in _CREDIT_NOTES and paid.amount > 0:
        paid = -paid
    kept = None if discount is None or not discount else abs(discount)
    order.lines.append(AdviceLine(_at(segment, 2), paid, kept))


def _deduct(collector: Collector, order: _Order, segment: Segment) -> None:
    amount, reason = _money(_at(segment, 1), order.currency), _at(segment, 2) or None
    if amount is None or amount.amount >= 0 or not order.lines:
        msg = f"an adjustment of {_at(segment, 1)!r} for {reason} belongs to no document here"
        collector.problem(
            "adjustment-without-document", msg, f"transaction {order.number}", kept=True
        )
        return
    order.lines[-1] = replace(order.lines[-1], deduction=abs(amount), reason=reason)


def _line(order: _Order) -> Line:
    attributes = {
        "payer_name": order.payer,
        "payer_account": order.account,
        "bank_reference": order.trace,
    }
    where = f"transaction {order.number}"
    reference = order.trace or order.number
    return Line(
        where,
        order.payer,
        reference,
        order.amount,
        order.currency,
        order.day,
        order.trace,
        attributes,
        order.lines,
    )


def _money(text: str, currency: str) -> Money | None:
    try:
        return Money(Decimal(text), currency)
    except (InvalidOperation, ReceivablesError):
        return None


def _at(segment: Segment, place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
