"""BAI lockbox files: a check a record 6, the invoices it pays in records 4, totals in records 7, 8 and 9.

There is no one layout: banks publish their own, and each calls it typical. The one here is the widespread one; another is a
`LockboxLayout` with other columns. Amounts have their decimals implied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from receivables.adapters.bank.collector import Collector, Line
from receivables.adapters.bank.files import read_text
from receivables.adapters.bank.statement import Statement
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
        lockbox_total: Total of the lockbox in record 8.
        records: Number of records of the file in record 9.
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
    lockbox_total: Columns = (20, 30)
    records: Columns = (1, 7)
    currency: str = "USD"


_TYPICAL = LockboxLayout()


@dataclass(slots=True)
class _State:
    """Where a reader stands: the lockbox, the day, the check, and the sums in minor units."""

    lockbox: str = ""
    day: date | None = None
    check: Line | None = None
    batch: int = 0
    open_since: str = ""
    whole: int = 0
    records: int = 0
    checks: int = 0
    ended: bool = False
    seen: list[Line] = field(default_factory=list)


def read_lockbox(path: Path, layout: LockboxLayout = _TYPICAL) -> Statement:
    """Read a lockbox file.

    Raises:
        UnreadableSource: When no record of a check is in it.
    """
    collector, state = Collector("lockbox", path.name), _State()
    where = "line 1"
    for number, record in enumerate(read_text(path).split("\n"), start=1):
        if record.strip():
            where = f"line {number}"
            state.records += 1
            _record(collector, state, record, where, layout)
    if not state.checks:
        msg = f"{path.name} holds no record 6, which is a check; is it a BAI lockbox file?"
        raise UnreadableSource(msg)
    _check_batch_closed(collector, state, where)
    if not state.ended:
        collector.differs("the file has no record 9, its end; it may be cut off", where)
    for line in state.seen:
        collector.take(line)
    return collector.statement()


def _record(
    collector: Collector, state: _State, record: str, where: str, layout: LockboxLayout
) -> None:
    match record[:1]:
        case "1" | "2":
            pass
        case "5":
            _check_batch_closed(collector, state, where)
            state.lockbox, state.check = _cut(record, layout.lockbox), None
            state.day = _day(_cut(record, layout.day))
        case "6":
            collector.saw()
            state.open_since = state.open_since or where
            _take_check(collector, state, record, where, layout)
        case "4":
            _invoice(collector, state, record, where, layout)
        case "7":
            collector.saw()
            _total(collector, _cut(record, layout.batch_total), state.batch, "batch", where, layout)
            state.batch, state.open_since, state.check = 0, "", None
        case "8":
            collector.saw()
            _total(
                collector, _cut(record, layout.lockbox_total), state.whole, "lockbox", where, layout
            )
            state.whole = 0
        case "9":
            state.ended = True
            stated = _minor(_cut(record, layout.records))
            if stated is not None and stated != state.records:
                said = f"record 9 says {stated} records, there are {state.records}"
                collector.differs(said, where)
        case _:
            collector.saw()
            said = f"{record!r:.60} is no record: it must start with 1, 2 or 4 to 9; it is left out"
            collector.quarantine("unreadable-line", said, where)


def _invoice(
    collector: Collector, state: _State, record: str, where: str, layout: LockboxLayout
) -> None:
    written = _cut(record, layout.paid)
    paid = _minor(written)
    if state.check is None:
        collector.saw()
        said = f"record 4 of invoice {_cut(record, layout.invoice)} stands before any check; it is left out"
        collector.quarantine("overflow-without-check", said, where)
        return
    if paid is None and written:
        said = f"{written!r} paid of {_cut(record, layout.invoice)} must be digits, in minor units"
        collector.note("unreadable-advice", said, where)
    if _cut(record, layout.invoice):
        amount = None if paid is None else Money.from_minor(paid, layout.currency)
        state.check.advice.append(AdviceLine(_cut(record, layout.invoice), amount))


def _total(
    collector: Collector, stated: str, summed: int, what: str, where: str, layout: LockboxLayout
) -> None:
    total = _minor(stated)
    if total is None:
        collector.no_receipt(f"{what} total", where)
        if stated:
            collector.differs(f"the total {stated!r} of the {what} must be digits", where)
        return
    collector.no_receipt(f"{what} total", where, Money.from_minor(total, layout.currency))
    if total != summed:
        said = f"the {what} says {total} and its checks sum to {summed}, in minor units"
        collector.differs(said, where)


def _check_batch_closed(collector: Collector, state: _State, where: str) -> None:
    if state.open_since:
        said = f"the batch that begins at {state.open_since} has no record 7, its total"
        collector.differs(f"{said}; the file may be cut off", where)
    state.batch, state.open_since = 0, ""


def _take_check(
    collector: Collector, state: _State, record: str, where: str, layout: LockboxLayout
) -> None:
    written = _cut(record, layout.amount)
    minor = _minor(written)
    state.checks += 1
    state.check = _check(state, record, minor or 0, where, layout)
    if minor is None:
        said = (
            f"amount {written!r} of a check must be digits, in minor units; the check is left out"
        )
        collector.quarantine("unreadable-amount", said, where)
        return
    state.batch, state.whole = state.batch + minor, state.whole + minor
    state.seen.append(state.check)


def _check(state: _State, record: str, minor: int, where: str, layout: LockboxLayout) -> Line:
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
        Money.from_minor(minor, layout.currency).amount,
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
    if not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
