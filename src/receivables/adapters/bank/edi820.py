"""EDI X12 820 payment orders and remittance advice: BPR the money, RMR the documents, ADX what the payer deducts.

The separators are those the interchange header declares. Amounts have a decimal point or none; none means whole units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from receivables.adapters.bank.collector import Collector, Line, money
from receivables.adapters.bank.edi820_envelope import Envelope
from receivables.adapters.bank.files import read_text
from receivables.adapters.bank.statement import Statement
from receivables.allocation import AdviceLine
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_ELEMENTS = (
    16  # of an interchange header; after the last, one character, stands what ends a segment
)
_DAYS = {"009", "097"}  # DTM01: processed, created
_CREDIT_NOTES = {"CM", "CN"}
# BPR01: what the order does. Here no money moves: it is announced, or sent by another way (X12 data element 305, recalled).
_NO_MONEY = {"H": "notice", "I": "remittance advice without money", "P": "prenotification"}
Segment = list[str]


@dataclass(slots=True)
class _Order:
    """One payment order while it is read."""

    number: str
    handling: str = ""
    direction: str = ""
    amount: str = ""
    day: date | None = None
    currency: str = "USD"
    trace: str = ""
    payer: str = ""
    account: str = ""
    lines: list[AdviceLine] = field(default_factory=list)
    adjusted: Decimal = Decimal(0)
    whole: bool = True

    @property
    def where(self) -> str:
        """Its place in the file."""
        return f"transaction {self.number}"


def read_edi820(path: Path) -> Statement:
    """Read an X12 file of one or more 820 transactions.

    Raises:
        UnreadableSource: When it is none.
    """
    text = read_text(path).lstrip()
    head = text.split(text[3:4] or "*", _ELEMENTS)
    if not text.startswith("ISA") or len(head) <= _ELEMENTS or not head[_ELEMENTS][1:2]:
        msg = f"{path.name} does not start with an interchange header ISA; is it an X12 file?"
        raise UnreadableSource(msg)
    collector, envelope = Collector("edi820", path.name), Envelope()
    order: _Order | None = None
    found = 0
    for segment in _segments(text, text[3], head[_ELEMENTS][1]):
        where = f"transaction {_at(segment, 2)}" if segment[0] == "SE" else "envelope"
        for said in envelope.read(segment):
            collector.differs(said, where)
        order = _next(collector, order, segment, envelope.group)
        found += segment[0] == "ST" and _at(segment, 1) == "820"
    _cut_off(collector, order)
    for said in envelope.unclosed():
        collector.differs(said, "envelope")
    if not found:
        msg = f"{path.name} holds no 820 transaction; is it remittance advice?"
        raise UnreadableSource(msg)
    return collector.statement()


def _next(
    collector: Collector, order: _Order | None, segment: Segment, group: str
) -> _Order | None:
    """Read a segment; return the order that is open after it."""
    match segment[0]:
        case "ST":
            _cut_off(collector, order)
            collector.saw()
            if _at(segment, 1) == "820":
                return _Order(_at(segment, 2))
            where, kind = f"transaction {_at(segment, 2)}", _at(segment, 1)
            if group == "RA":
                said = f"set {kind!r} stands in a group RA, which holds payment orders 820; it is left out"
                collector.quarantine("unreadable-line", said, where)
            else:
                collector.no_receipt(f"transaction set {kind}", where)
        case "GE" | "IEA":
            _cut_off(collector, order)
        case "SE" if order is not None:
            _give(collector, order)
        case _ if order is not None:
            _read(collector, order, segment)
            return order
    return None


def _segments(text: str, element: str, end: str) -> Iterator[Segment]:
    for part in text.split(end):
        stripped = part.strip()
        if stripped:
            yield stripped.split(element)


def _cut_off(collector: Collector, order: _Order | None) -> None:
    """Leave out an order whose end never came: what is missing of it is not known."""
    if order is not None:
        said = f"the order of {order.amount or 'no amount'} has no end SE; the file may be cut off, and it is left out"
        collector.quarantine("unreadable-line", said, order.where)


def _read(collector: Collector, order: _Order, segment: Segment) -> None:
    match segment[0]:
        case "BPR":
            order.handling, order.amount = _at(segment, 1), _at(segment, 2)
            order.direction, order.day = _at(segment, 3), _day(_at(segment, 16))
            order.account = _at(segment, 9)
        case "DTM" if order.day is None and _at(segment, 1) in _DAYS:
            order.day = _day(_at(segment, 2))
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
    number = _at(segment, 2)
    paid = _amount(collector, order, _at(segment, 4), f"paid of {number}")
    discount = _amount(collector, order, _at(segment, 6), f"discount of {number}")
    order.whole = order.whole and paid is not None
    if paid is not None and _at(segment, 1) in _CREDIT_NOTES and paid.amount > 0:
        paid = -paid
    if not number:
        collector.note("unreadable-advice", f"a document of {paid} has no number", order.where)
        order.adjusted += Decimal(0) if paid is None else paid.amount
        return
    kept = None if discount is None or not discount else abs(discount)
    order.lines.append(AdviceLine(number, paid, kept))


def _deduct(collector: Collector, order: _Order, segment: Segment) -> None:
    reason = _at(segment, 2) or None
    amount = _amount(collector, order, _at(segment, 1), f"adjustment for {reason}")
    if amount is not None and not order.lines:
        order.adjusted += amount.amount  # of the order, not of a document
    if amount is None or amount.amount >= 0 or not order.lines:
        msg = f"an adjustment of {_at(segment, 1)!r} for {reason} belongs to no document here"
        collector.note("adjustment-without-document", msg, order.where)
        return
    before = order.lines[-1].deduction
    deduction = abs(amount) if before is None else before + abs(amount)
    reason = order.lines[-1].reason or reason
    order.lines[-1] = replace(order.lines[-1], deduction=deduction, reason=reason)


def _give(collector: Collector, order: _Order) -> None:
    _check_sum(collector, order)
    reason = _NO_MONEY.get(order.handling) or ("debit" if order.direction == "D" else "")
    if not reason:
        collector.take(_line(order))
        return
    try:
        amount = money(order.amount, order.currency)
    except ReceivablesError as error:
        collector.quarantine("unreadable-amount", str(error), order.where)
        return
    collector.no_receipt(reason, order.where, amount)
    said = f"the order of {amount} is a {reason} and pays nothing here; its money comes another way"
    collector.note("not-booked", said, order.where)


def _check_sum(collector: Collector, order: _Order) -> None:
    """Compare the money with what the documents say is paid, where each of them says it."""
    if not order.lines or not order.whole:
        return
    total = sum((it.amount.amount for it in order.lines if it.amount), order.adjusted)
    try:
        stated = money(order.amount, order.currency).amount
    except ReceivablesError:
        return
    if total != stated:
        said = f"BPR says {stated} {order.currency}, and its documents sum to {total}: a difference of {stated - total}"
        collector.differs(said, order.where)


def _line(order: _Order) -> Line:
    attributes = {
        "payer_name": order.payer,
        "payer_account": order.account,
        "bank_reference": order.trace,
    }
    return Line(
        order.where,
        order.payer,
        order.trace or order.number,
        order.amount,
        order.currency,
        order.day,
        order.trace,
        attributes,
        order.lines,
        once=bool(order.trace),
    )


def _amount(collector: Collector, order: _Order, text: str, what: str) -> Money | None:
    if not text:
        return None
    try:
        return money(text, order.currency)
    except ReceivablesError as error:
        collector.note("unreadable-advice", f"{what}: {error}", order.where)
        return None


def _at(segment: Segment, place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
