"""MT940 and MT942 statements: every line of money is counted, and the balances must tie with the lines between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from receivables.adapters.bank.collector import Collector, Line, reference_of
from receivables.adapters.bank.files import read_text
from receivables.adapters.bank.mt940_fields import (
    Entry,
    Field,
    balance,
    entry,
    fields,
    holds_another,
    number_and_sum,
)
from receivables.adapters.bank.mt940_text import details
from receivables.adapters.bank.spei import spei
from receivables.adapters.bank.statement import Statement
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.money import Money

_BALANCES = {
    "60F": "opening balance",
    "60M": "opening balance of a page",
    "62F": "closing balance",
    "62M": "closing balance of a page",
    "64": "available balance",
    "65": "forward available balance",
}
_SUMS = {"90C": "total of credits", "90D": "total of debits"}
_WORDS = {*("13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "86", "NS")}
_NO_RECEIPTS = {
    "D": "debit",
    "RC": "returned payment",
    "RD": "returned debit",
    "EC": "expected credit",
    "ED": "expected debit",
}


@dataclass(slots=True)
class _Statement:
    """The fields from one :20: to the next, while they are read."""

    where: str
    fields: list[Field] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    opening: Money | None = None
    closing: Money | None = None
    sums: dict[str, tuple[int, Money]] = field(default_factory=dict)

    def first(self, *tags: str) -> str:
        """Return the text of the first field of these tags."""
        return next((it.text.strip() for it in self.fields if it.tag in tags), "")

    @property
    def currency(self) -> str:
        """The currency of its lines: that of a balance, of a floor limit, or of a total."""
        for it in (self.opening, self.closing, *(total for _, total in self.sums.values())):
            if it is not None:
                return it.currency
        return self.first("34F")[:3]


def read_mt940(path: Path) -> Statement:
    """Read an MT940 or MT942 file; it may hold several statements, of several accounts and currencies.

    Raises:
        UnreadableSource: When the file is none.
    """
    collector = Collector("mt940", path.name)
    statements = _statements(collector, read_text(path))
    if not statements:
        msg = f"{path.name} has no line :20:, with which every statement starts; is it an MT940?"
        raise UnreadableSource(msg)
    page_ended: dict[str, Money | None] = {}
    for it in statements:
        _read(collector, it)
        account = it.first("25", "25P")
        _check_balances(collector, it, account, page_ended.pop(account, None))
        if any(field.tag == "62M" for field in it.fields):
            page_ended[account] = it.closing
        _give(collector, it, account)
    for account in page_ended:
        said = f"the last page of account {account} ends with :62M:, and no page follows; the file may be cut off"
        collector.differs(said, statements[-1].where)
    return collector.statement()


def _statements(collector: Collector, text: str) -> list[_Statement]:
    made: list[_Statement] = []
    for it in fields(text):
        if it.stray or it.tag not in {*_BALANCES, *_SUMS, *_WORDS, "61"}:
            collector.saw()
            said = f"':{it.tag}:{it.text:.60}'" if it.tag else f"{it.text!r:.60}"
            said = f"{said} is no field of a statement; it is left out"
            collector.quarantine("unreadable-line", said, it.where)
            continue
        if it.tag == "20" or (made and it.tag in {"25", "25P"} and made[-1].first("25", "25P")):
            made.append(_Statement(f"statement {len(made) + 1}"))
        if it.tag in {*_BALANCES, *_SUMS, "61"}:
            collector.saw()
        if holds_another(it):
            collector.saw()
            said = f"the field ':{it.tag}:' holds another one, {it.text[-60:]!r}: a line end is missing; the inner one is left out"
            collector.quarantine("unreadable-line", said, it.where)
        if made:
            made[-1].fields.append(it)
        elif it.tag in {*_BALANCES, *_SUMS, "61"}:
            said = f"':{it.tag}:{it.text:.60}' stands before any :20:, with which every statement starts; it is left out"
            collector.quarantine("unreadable-line", said, it.where)
    return made


def _read(collector: Collector, it: _Statement) -> None:
    """Read balances and totals first, since they say the currency of the lines."""
    for held in it.fields:
        if held.tag in _BALANCES:
            _read_balance(collector, it, held)
        elif held.tag in _SUMS:
            try:
                it.sums[held.tag] = number_and_sum(held)
            except ReceivablesError as error:
                collector.quarantine("unreadable-line", str(error), held.where)
            else:
                collector.no_receipt(_SUMS[held.tag], held.where, it.sums[held.tag][1])
    last: Entry | None = None
    for held in it.fields:
        if held.tag == "61":
            last = _read_entry(collector, it, held)
        elif held.tag == "86" and last is not None:
            last.text.append(held.text)
        elif held.tag in _BALANCES:
            last = None  # what :86: says after a balance is of the statement


def _read_balance(collector: Collector, it: _Statement, held: Field) -> None:
    try:
        amount = balance(held)
    except ReceivablesError as error:
        collector.quarantine("unreadable-line", str(error), held.where)
        return
    collector.no_receipt(_BALANCES[held.tag], held.where, amount)
    if held.tag.startswith("60") and it.opening is None:
        it.opening = amount
    elif held.tag.startswith("62"):
        it.closing = amount


def _read_entry(collector: Collector, it: _Statement, held: Field) -> Entry | None:
    try:
        it.entries.append(entry(held, it.currency))
    except ReceivablesError as error:
        collector.quarantine("unreadable-line", str(error), held.where)
        return None
    return it.entries[-1]


def _check_balances(
    collector: Collector, it: _Statement, account: str, before: Money | None
) -> None:
    interim = it.opening is None and it.closing is None and it.first("34F", "13", "13D")
    if not account:
        collector.note("no-account", "the statement names no account in :25:", it.where)
    if before is not None and it.opening is not None and before != it.opening:
        said = f"the page before ends with {before}, this one begins with {it.opening}; a page is missing"
        collector.differs(said, it.where)
    if not interim:
        _check_closing(collector, it, account)
    for tag, mark in (("90C", "C"), ("90D", "D")):
        if tag in it.sums and all(line.mark in {"C", "D"} for line in it.entries):
            lines = [line.amount.amount for line in it.entries if line.mark == mark]
            count, total = it.sums[tag]
            if (count, total.amount) != (len(lines), sum(lines)):
                said = f":{tag}: says {count} lines of {total}, there are {len(lines)} of {sum(lines, Decimal(0))} {total.currency}"
                collector.differs(said, it.where)


def _check_closing(collector: Collector, it: _Statement, account: str) -> None:
    of = f"of account {account}" if account else "of the statement"
    if it.opening is None or it.closing is None:
        missing = "opening balance :60F:" if it.opening is None else "closing balance :62F:"
        said = f"the {missing} {of} is missing or cannot be read, so nothing proves its lines; the file may be cut off"
        collector.differs(said, it.where)
        return
    if it.opening.currency != it.closing.currency:
        collector.differs(
            f"{of} opens with {it.opening} and closes with {it.closing}: two currencies", it.where
        )
        return
    moved = Money.of_sum(sum((line.signed for line in it.entries), Decimal(0)), it.opening.currency)
    reached = it.opening + moved
    if reached != it.closing:
        said = (
            f"opening balance {it.opening} and lines of {moved} {of} make {reached}, but the closing balance :62F: is"
            f" {it.closing}: {it.closing - reached} is not in the lines that were read"
        )
        collector.differs(said, it.where)


def _give(collector: Collector, it: _Statement, account: str) -> None:
    collector.begin(account, it.first("28C", "28"), it.closing, opening=it.opening)
    for line in it.entries:
        if line.mark == "C":
            collector.take(_line(line, account))
            continue
        collector.no_receipt(_NO_RECEIPTS[line.mark], line.where, line.amount)
        if line.mark == "RC":
            said = f"{line.amount} received before was taken back; reverse that payment"
            collector.note("returned-payment", said, line.where)
        elif line.mark == "RD":
            said = f"{line.amount} sent before came back; it is no payment of a customer"
            collector.note("returned-payment", said, line.where)
        elif line.mark == "EC":
            collector.note(
                "not-booked", f"{line.amount} is expected, and not money yet", line.where
            )
    collector.end(account, it.closing)


def _line(it: Entry, account: str) -> Line:
    text, said = details("\n".join(it.text))
    if it.customer_reference not in {"", "NONREF"}:
        text = f"{text} {it.customer_reference}"
    attributes = {
        **spei(text),
        **said,
        "bank_reference": it.bank_reference,
        "note": it.extra,
    }
    bank = reference_of(it.bank_reference)
    return Line(
        it.where,
        account,
        f"{it.day}/{bank}" if bank else "",
        it.amount.amount,
        it.amount.currency,
        it.day,
        text,
        attributes,
    )
