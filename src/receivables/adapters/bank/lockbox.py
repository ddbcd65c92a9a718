"""BAI lockbox files: a check a record 6, the invoices it pays in records 4, totals in records 7 and 8.

There is no one layout: banks publish their own, and each calls it typical. The one here is the widespread one; another is a
`LockboxLayout` with other columns. Amounts have their decimals implied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from receivables.adapters.bank.statement import Collector, Line, Statement, read_text
from receivables.allocation import AdviceLine
from receivables.errors import UnreadableSource
from receivables.money import Money

Columns = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LockboxLayout:
    """Where the fields stand: first column and the one after the last, counted from 0.

    Args:
        day: Deposit date YYMMDD in record 5.
        lockbox: Lockbox number in record 5.
        key: Batch and item in record 6.
        amount: Amount of the check in record 6.
        routing: Transit routing number in record 6.
        account: Payer's account in record 6.
        check: Check number in record 6.
        invoice: Invoice number in record 4.
        paid: Amount paid of it in record 4.
        batch_total: Total of the batch in record 7.
        currency: Currency of everything.
    """

    lockbox: Columns = (7, 14)
    day: Columns = (14, 20)
    key: Columns = (1, 7)
    amount: Columns = (7, 17)
    routing: Columns = (17, 26)
    account: Columns = (26, 36)
    check: Columns = (36, 46)
    invoice: Columns = (11, 26)
    paid: Columns = (26, 36)
    batch_total: Columns = (20, 30)
    currency: str = "USD"


_TYPICAL = LockboxLayout()


@dataclass(slots=True)
class _State:
    """Where a reader stands: the lockbox, the day, the check and the batch."""

    lockbox: str = ""
    day: date | None = None
    check: Line | None = None
    batch: int = 0
    seen: list[Line] = field(default_factory=list)


def read_lockbox(path: Path, layout: LockboxLayout = _TYPICAL) -> Statement:
    """Read a lockbox file.

    Raises:
        UnreadableSource: When no record of a check is in it.
    """
    collector, state = Collector("lockbox", path.name), _State()
    for number, record in enumerate(read_text(path).splitlines(), start=1):
        _record(collector, state, record, f"line {number}", layout)
    if not state.seen:
        msg = f"{path.name} holds no record 6, which is a check; is it a BAI lockbox file?"
        raise UnreadableSource(msg)
    for line in state.seen:
        collector.take(line)
    return collector.statement()


def _record(
    collector: Collector, state: _State, record: str, where: str, layout: LockboxLayout
) -> None:
    match record[:1]:
        case "5":
            state.lockbox, state.day, state.batch = (
                _cut(record, layout.lockbox),
                _day(_cut(record, layout.day)),
                0,
            )
        case "6":
            state.check = _check(state, record, where, layout)
            minor = _minor(_cut(record, layout.amount))
            state.batch += minor or 0
            state.seen.append(state.check)
        case "4" if state.check is not None:
            paid = _minor(_cut(record, layout.paid))
            amount = None if paid is None else Money.from_minor(paid, layout.currency)
            state.check.advice.append(AdviceLine(_cut(record, layout.invoice), amount))
        case "4":
            collector.problem("overflow-without-check", "a record 4 stands before any check", where)
        case "7":
            total = _minor(_cut(record, layout.batch_total))
            if total is not None and total != state.batch:
                msg = f"the batch says {total} and its checks sum to {state.batch}, in minor units"
                collector.problem("does-not-tie", msg, where, kept=True)
            state.batch = 0
        case _:
            pass


def _check(state: _State, record: str, where: str, layout: LockboxLayout) -> Line:
    minor = _minor(_cut(record, layout.amount))
    amount = "" if minor is None else f"{Money.from_minor(minor, layout.currency).amount:f}"
    check, account = (
        _cut(record, layout.check).lstrip("0"),
        _cut(record, layout.account).lstrip("0"),
    )
    attributes = {
        "payer_account": f"{_cut(record, layout.routing)}/{account}",
        "check_number": check,
    }
    reference = f"{state.day}/{_cut(record, layout.key)}/{check}"
    return Line(
        where,
        state.lockbox,
        reference,
        amount,
        layout.currency,
        state.day,
        f"check {check}",
        attributes,
    )


def _cut(record: str, columns: Columns) -> str:
    return record[columns[0] : columns[1]].strip()


def _minor(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _day(text: str) -> date | None:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
