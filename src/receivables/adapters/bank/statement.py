"""What every bank reader returns, and how a line of money becomes a payment: once, however often its file is read.

A payment's id comes from the bank's own references where it gives them, else from everything the line says, so the same
line in two overlapping files is one payment.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from receivables.allocation import AdviceLine, RemittanceAdvice
from receivables.errors import MissingExtra, ReceivablesError, UnreadableSource
from receivables.facts import CreditMemo, Origin, Payment
from receivables.money import Money
from receivables.problems import Problem

_LARGEST = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bank file holds.

    Args:
        payments: Money received, oldest first.
        advice: What the payers said it is for, where the file says so line by line.
        problems: Lines left out, and lines kept with a remark.
    """

    payments: tuple[Payment | CreditMemo, ...] = ()
    advice: tuple[RemittanceAdvice, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Line:
    """One line of money received, as a file says it.

    Args:
        where: Its place in the file.
        account: The account it came in on.
        reference: The bank's own reference of the line; empty when it gives none.
        amount: Its amount as written, with a point.
        currency: Its currency.
        day: The day it was booked.
        text: What it says in words.
        attributes: Whatever else it says, by name.
        advice: The documents it pays.
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


@dataclass(slots=True)
class Collector:
    """Takes lines in and makes a statement of them.

    Args:
        system: Name of the format, for the origin of the payments.
        name: Name of the file.
    """

    system: str
    name: str
    payments: dict[str, Payment] = field(default_factory=dict)
    advice: list[RemittanceAdvice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _alike: dict[str, int] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Make a payment of a line, or a problem."""
        try:
            amount = Money(Decimal(line.amount), line.currency)
        except (ReceivablesError, InvalidOperation) as error:
            said = (
                str(error)
                if isinstance(error, ReceivablesError)
                else f"amount {line.amount!r} is no number"
            )
            self.problem("unreadable-amount", said, line.where)
            return
        if line.day is None:
            self.problem(
                "unreadable-date", "the line has no booking date that can be read", line.where
            )
            return
        if amount.amount <= 0:
            self.problem(
                "no-money-in", f"a line of {amount} brings no money", line.where, kept=True
            )
            return
        name = self._identity(line)
        if name in self.payments:
            self.problem(
                "duplicate-line",
                f"{name} stands in the file before; it is one payment",
                line.where,
                kept=True,
            )
            return
        attributes = {
            key: " ".join(text.split()) for key, text in line.attributes.items() if text.strip()
        }
        self.payments[name] = Payment(
            id=name,
            amount=amount,
            posting_date=line.day,
            reference=" ".join(line.text.split()) or None,
            attributes=tuple(attributes.items()),
            origin=Origin(self.system, line.reference or line.where),
        )
        if line.advice:
            self.advice.append(RemittanceAdvice(name, tuple(line.advice)))

    def problem(self, code: str, message: str, where: str, *, kept: bool = False) -> None:
        """Keep what was wrong, or odd, about a line."""
        place = f"{self.name}: {where}"
        self.problems.append(
            Problem(code, message, place, severity="noted" if kept else "quarantined")
        )

    def statement(self) -> Statement:
        """Return what was taken in."""
        ordered = sorted(self.payments.values(), key=lambda it: (it.posting_date, it.id))
        return Statement(tuple(ordered), tuple(self.advice), tuple(self.problems))

    def _identity(self, line: Line) -> str:
        if line.reference:
            return ":".join(it for it in (line.account, line.reference) if it)
        said = "|".join(
            (
                line.account,
                str(line.day),
                str(Decimal(line.amount)),
                line.currency,
                " ".join(line.text.split()),
            )
        )
        print_ = hashlib.blake2s(said.encode(), digest_size=8).hexdigest()
        count = self._alike[print_] = self._alike.get(print_, 0) + 1
        return f"{line.account}:{print_}" + (f":{count}" if count > 1 else "")


def read_bytes(path: Path) -> bytes:
    """Read a file, within limits.

    Raises:
        UnreadableSource: When it is missing or too large.
    """
    if not path.is_file():
        msg = f"file {str(path)!r} does not exist; give a bank file"
        raise UnreadableSource(msg)
    if path.stat().st_size > _LARGEST:
        msg = f"{path.name} is larger than {_LARGEST // 1024 // 1024} MB; split it by day"
        raise UnreadableSource(msg)
    return path.read_bytes()


def read_text(path: Path, encodings: tuple[str, ...] = ("utf-8-sig", "cp1252", "latin-1")) -> str:
    """Read a text file in the first encoding that fits."""
    data = read_bytes(path)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    msg = f"{path.name} is in none of the encodings {', '.join(encodings)}"
    raise UnreadableSource(msg)


def missing(package: str) -> MissingExtra:
    """Return the error for a library that is not installed."""
    return MissingExtra(f"reading this format needs {package}; install receivables[bank]")


_TRACKING = re.compile(
    r"(?:CLAVE\s+(?:DE\s+)?RASTREO|CVE\.?\s*(?:DE\s+)?RAST(?:REO)?|RASTREO)\s*[:.]?\s*([A-Z0-9]{6,30})",
    re.IGNORECASE,
)
_CLABE = re.compile(r"(?<![0-9])([0-9]{18})(?![0-9])")
_RFC = re.compile(r"(?<![A-ZÑ&0-9])([A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3})(?![A-Z0-9])")


def spei(text: str) -> dict[str, str]:
    """Return what a SPEI text says of the transfer: tracking key, the payer's CLABE and tax id.

    >>> spei("SPEI RECIBIDO CLAVE DE RASTREO: MBAN01002603020001 RFC AAA010101AAA")
    {'tracking_key': 'MBAN01002603020001', 'payer_tax_id': 'AAA010101AAA'}
    """
    found = {}
    upper = text.upper()
    for name, pattern in (
        ("tracking_key", _TRACKING),
        ("payer_account", _CLABE),
        ("payer_tax_id", _RFC),
    ):
        match = pattern.search(upper)
        if match:
            found[name] = match[1]
    return found
