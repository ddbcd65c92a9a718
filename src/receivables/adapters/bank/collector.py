"""How a line of a bank file becomes a payment: once, however often its file is read, and never without being counted.

A payment's id comes from the bank's own reference of the line where it gives one, else from everything the line says. So the
same line in two overlapping files or statements is one payment. Within one statement every line is money of its own: two lines
that say the same are two payments, because the balance counts them twice.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from receivables.adapters.bank.statement import DOES_NOT_TIE, LineTally, NoReceipt, Statement
from receivables.allocation import AdviceLine, RemittanceAdvice
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.facts import Origin, Payment
from receivables.money import Money
from receivables.problems import Problem

_NONE = {"", "NONREF", "NOTPROVIDED", "NOREF", "N/A"}
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]*)?")


@dataclass(slots=True)
class Line:
    """One line of money received, as a file says it.

    Args:
        where: Its place in the file.
        account: The account it came in on.
        reference: The bank's own reference of the line; empty when it gives none.
        amount: Its amount as written, digits with a point.
        currency: Its currency.
        day: The day it was booked.
        text: What it says in words.
        attributes: Whatever else it says, by name.
        advice: The documents it pays.
        once: Whether the reference belongs to one transfer alone, so that a second line with it is a repeat.
    """

    where: str
    account: str
    reference: str
    amount: str | Decimal
    currency: str
    day: date | None
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    advice: list[AdviceLine] = field(default_factory=list)
    once: bool = False


@dataclass(slots=True)
class Collector:
    """Takes lines in and makes a statement of them.

    A reader calls `saw` for each line as it meets it, and later exactly one of `take`, `no_receipt` and `quarantine`;
    `statement` raises when the two do not agree.

    Args:
        system: Name of the format, for the origin of the payments.
        name: Name of the file.
    """

    system: str
    name: str
    _lines: int = 0
    _fates: Counter[str] = field(default_factory=Counter)
    _payments: dict[str, Payment] = field(default_factory=dict)
    _advice: list[RemittanceAdvice] = field(default_factory=list)
    _problems: list[Problem] = field(default_factory=list)
    _no_receipts: list[NoReceipt] = field(default_factory=list)
    _here: dict[str, Counter[str]] = field(default_factory=dict)
    _before: dict[str, Counter[str]] = field(default_factory=dict)
    _amounts: dict[str, Money] = field(default_factory=dict)
    _closing: dict[str, object] = field(default_factory=dict)
    _begun: set[tuple[object, ...]] = field(default_factory=set)

    def saw(self, lines: int = 1) -> None:
        """Count lines as they are met, apart from what becomes of them."""
        self._lines += lines

    def begin(
        self, account: str, *said: object, opening: object = None, apart: bool = False
    ) -> None:
        """Begin a statement of an account.

        A line that stood in an earlier statement of the account is a repeat, unless this statement goes on where that one
        ended: its opening balance is the closing balance there, and it is not the same statement once more.

        Args:
            account: The account.
            said: What the statement says of itself, to know it when it comes again.
            opening: Its opening balance.
            apart: Whether statements of this kind never overlap, so that only the same one once more repeats lines.
        """
        mark = (account, opening, *said)
        goes_on = apart or (opening is not None and opening == self._closing.get(account))
        if not goes_on or mark in self._begun:
            self._before[account] = self._before.get(account, Counter()) | self._here.pop(
                account, Counter()
            )
        self._begun.add(mark)

    def end(self, account: str, closing: object) -> None:
        """Remember where a statement ended."""
        self._closing[account] = closing

    def take(self, line: Line) -> None:
        """Make a payment of a line; or a problem, when it cannot be read."""
        amount = self._amount(line)
        if amount is None:
            return
        if line.day is None:
            said = (
                f"{amount} has no booking date that can be read; it must be a day of the calendar"
            )
            self.quarantine("unreadable-date", said, line.where)
        elif amount.amount < 0:
            said = f"a credit of {amount} is below zero; a credit line must be positive, ask the bank what it means"
            self.quarantine("negative-amount", said, line.where)
        elif not amount.amount:
            self.no_receipt("zero amount", line.where, amount)
        else:
            self._settle(line, amount, line.day)

    def no_receipt(self, reason: str, where: str, amount: Money | None = None) -> None:
        """Keep a line as one that brings no money of a customer."""
        self._fates["no_receipts"] += 1
        self._no_receipts.append(NoReceipt(where, reason, amount))

    def quarantine(self, code: str, message: str, where: str) -> None:
        """Leave a line out, and say why."""
        self._fates["quarantined"] += 1
        self._problems.append(Problem(code, message, f"{self.name}: {where}"))

    def note(self, code: str, message: str, where: str) -> None:
        """Remark on something without changing what becomes of a line."""
        self._problems.append(Problem(code, message, f"{self.name}: {where}", severity="noted"))

    def differs(self, message: str, where: str) -> None:
        """Say that a balance, total or count the file states is not that of its lines, which are kept as read."""
        self.note(DOES_NOT_TIE, message, where)

    def statement(self) -> Statement:
        """Return what was taken in.

        Raises:
            DoesNotTie: When a line was seen and did not end as anything, which would be an error of the reader.
        """
        fates = self._fates
        tally = LineTally(
            self._lines,
            fates["accepted"],
            fates["duplicates"],
            fates["no_receipts"],
            fates["quarantined"],
        )
        ordered = sorted(self._payments.values(), key=lambda it: (it.posting_date, it.id))
        return Statement(
            tuple(ordered),
            tuple(self._advice),
            tuple(self._problems),
            tuple(self._no_receipts),
            tally,
        )

    def _amount(self, line: Line) -> Money | None:
        try:
            return money(line.amount, line.currency)
        except ReceivablesError as error:
            self.quarantine("unreadable-amount", str(error), line.where)
            return None

    def _settle(self, line: Line, amount: Money, day: date) -> None:
        name, repeat = self._identity(line, amount)
        if repeat:
            said = f"{name} of {amount} stands in the file before; it is one payment"
            self._fates["duplicates"] += 1
            self.note("duplicate-line", said, line.where)
            return
        self._fates["accepted"] += 1
        if name in self._payments:  # another line's reference ends like our count
            name = f"{name}:{_print(line, amount)}"
        self._payments[name] = Payment(
            id=name,
            amount=amount,
            posting_date=day,
            reference=" ".join(line.text.split()) or None,
            attributes=tuple(
                (key, " ".join(text.split()))
                for key, text in line.attributes.items()
                if text.strip()
            ),
            origin=Origin(self.system, line.reference or name),
        )
        if line.advice:
            self._advice.append(RemittanceAdvice(name, tuple(line.advice)))

    def _identity(self, line: Line, amount: Money) -> tuple[str, bool]:
        """Return the id of a line, and whether it repeats one that was taken."""
        if line.reference:
            name = ":".join(it for it in (line.account, line.reference) if it)
            if self._amounts.setdefault(name, amount) != amount:
                name = f"{name}/{amount.amount:f}"  # a reference the bank gives to several lines
        else:
            name = f"{line.account}:{_print(line, amount)}"
        here = self._here.setdefault(line.account, Counter())
        here[name] += 1
        count = here[name]
        known = self._before.get(line.account, Counter())[name]
        repeat = count <= known or (line.once and count > 1)
        return (name if count == 1 else f"{name}:{count}"), repeat


def reference_of(*written: str) -> str:
    """Return the first of these that is a reference; the words banks write where they give none are none.

    >>> reference_of("NONREF", "000", "B-1")
    'B-1'
    """
    return next((it for it in written if it.upper() not in _NONE and it.strip("0 ")), "")


def money(written: str | Decimal, currency: str) -> Money:
    """Return an amount as written, digits with a point and nothing else.

    Raises:
        UnreadableSource: When it is written otherwise.
        InexactAmount: When it has more decimals than the currency.
        UnknownCurrency: When there is no such currency.
    """
    if isinstance(written, str) and not _AMOUNT.fullmatch(written):
        msg = f"amount {written!r} must be digits with a point for decimals, such as 1234.50"
        raise UnreadableSource(msg)
    return Money(Decimal(written), currency)


def _print(line: Line, amount: Money) -> str:
    said = (
        line.account,
        str(line.day),
        str(amount.amount),
        line.currency,
        " ".join(line.text.split()),
    )
    return hashlib.blake2s("|".join(said).encode(), digest_size=8).hexdigest()
