"""BAI2 statements: credits of records 16 as payments, and every control total and count of records checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from receivables.adapters.bank.bai2_records import CODES, Record, amount, day, past_funds, records
from receivables.adapters.bank.collector import Collector, Line, reference_of
from receivables.adapters.bank.files import read_text
from receivables.adapters.bank.spei import spei
from receivables.adapters.bank.statement import Statement
from receivables.errors import ReceivablesError, UnreadableSource

_DEFAULT_CURRENCY = "USD"  # the standard's own, where neither account nor group says one
# Ranges and codes of the standard, recalled: 100 to 399 credits, 400 to 699 debits, 890 words; banks' own 920 to 999.
_CREDITS = (range(100, 400), range(920, 960), range(706, 709), range(721, 729))
_DEBITS = (range(400, 700), range(960, 1000))
_SENT_CAME_BACK = {123, 252, 255, 257, 258, 266, 268, 395}
_RECEIVED_TAKEN_BACK = {423, 468, 552, 555, 557, 558, 566, 568, 694}
_WORDS = 890
_NOT_MONEY = {"2": "deleted group", "4": "test group"}


@dataclass(slots=True)
class _Level:
    """What a trailer must say: the sum of the amounts, how many parts, how many lines."""

    name: str
    trailer: str
    total: int = 0
    parts: int = 0
    lines: int = 0


@dataclass(slots=True)
class _State:
    """Where a reader stands: the open levels, outermost first, and what the group and account say."""

    levels: list[_Level] = field(default_factory=list)
    group: Record | None = None
    account: str = ""
    currency: str = _DEFAULT_CURRENCY

    @property
    def day(self) -> date | None:
        """The day the group is of."""
        return None if self.group is None else day(self.group.field(3))


def read_bai2(path: Path) -> Statement:
    """Read a BAI2 file.

    Raises:
        UnreadableSource: When the file is none, or of another version than 2.
    """
    found = list(records(read_text(path)))
    if not found or found[0].code != "01":
        msg = f"{path.name} does not start with a record 01; is it a BAI2 file?"
        raise UnreadableSource(msg)
    if found[0].field(7) not in {"2", ""}:
        msg = f"{path.name} is a BAI file of version {found[0].field(7)!r}; only version 2 is read"
        raise UnreadableSource(msg)
    collector, state = Collector("bai2", path.name), _State()
    for record in found:
        for level in state.levels:
            level.lines += record.lines
        _record(collector, state, record)
    for level in reversed(state.levels):
        said = f"{level.name} has no record {level.trailer}, its trailer; the file may be cut off"
        collector.differs(said, found[-1].where)
    return collector.statement()


def _record(collector: Collector, state: _State, record: Record) -> None:
    match record.code:
        case "01":
            _open(collector, state, record, 0, _Level("the file", "99"))
        case "02":
            state.group = record
            _open(collector, state, record, 1, _Level("the group", "98"))
        case "03":
            state.account = record.field(0)
            said = "" if state.group is None else state.group.field(5)
            state.currency = record.field(1) or said or _DEFAULT_CURRENCY
            _open(collector, state, record, 2, _Level(f"account {state.account}", "49"))
            collector.begin(state.account, state.day, record.line)
            _summaries(collector, state, record)
        case "16":
            collector.saw()
            _detail(collector, state, record)
        case "49" | "98" | "99":
            _close(collector, state, record)
        case _:
            collector.saw()
            said = f"'{record.code},{record.text:.60}' starts with no code of a record ({', '.join(sorted(CODES))}, 88); it is left out"
            collector.quarantine("unreadable-line", said, record.where)


def _open(collector: Collector, state: _State, record: Record, depth: int, level: _Level) -> None:
    while len(state.levels) > depth:
        left = state.levels.pop()
        collector.differs(
            f"{left.name} has no record {left.trailer}, its trailer, before the next begins",
            record.where,
        )
    level.lines = record.lines
    state.levels.append(level)


def _close(collector: Collector, state: _State, record: Record) -> None:
    """Compare a trailer with what it closes; the level above sums what the trailers say, so a fault is told once."""
    if record.code not in {it.trailer for it in state.levels}:
        collector.differs(f"a record {record.code} closes nothing that is open", record.where)
        return
    while state.levels[-1].trailer != record.code:
        left = state.levels.pop()
        collector.differs(
            f"{left.name} has no record {left.trailer}, its trailer, before record {record.code}",
            record.where,
        )
    level = state.levels.pop()
    names = (
        ("control total", "number of records")
        if record.code == "49"
        else (
            "control total",
            "number of accounts" if record.code == "98" else "number of groups",
            "number of records",
        )
    )
    counted = (
        (level.total, level.lines)
        if record.code == "49"
        else (level.total, level.parts, level.lines)
    )
    stated = level.total
    for place, (name, figure) in enumerate(zip(names, counted, strict=True)):
        try:
            said = record.whole(place)
        except UnreadableSource as error:
            collector.differs(f"the {name} of {level.name} cannot be read: {error}", record.where)
            continue
        stated = said if place == 0 else stated
        if said != figure:
            collector.differs(
                f"the {name} of {level.name} is {said} in record {record.code}, and {figure} in its lines",
                record.where,
            )
    if state.levels:
        state.levels[-1].total += stated
        state.levels[-1].parts += 1


def _summaries(collector: Collector, state: _State, record: Record) -> None:
    """Count the balances and totals of a record 03: type, amount, number of items, funds type, again and again."""
    fields, place = record.fields, 2
    while any(fields[place:]):
        collector.saw()
        written = fields[place + 1] if place + 1 < len(fields) else ""
        try:
            found = amount(written, state.currency)
            after = past_funds(fields, place + 3)
        except ReceivablesError as error:
            said = f"the balances of account {state.account} cannot be read from {','.join(fields[place:])!r:.60}: {error}"
            collector.quarantine("unreadable-line", said, record.where)
            return
        state.levels[-1].total += _minor(written)
        collector.no_receipt(f"balance or total {fields[place]}", record.where, found)
        place = after


def _minor(text: str) -> int:
    return int(text or "0")


def _detail(collector: Collector, state: _State, record: Record) -> None:
    fields = record.fields
    try:
        money = amount(record.field(1), state.currency)
        after = past_funds(fields, 2)
        code = (
            int(record.field(0)) if record.field(0).isascii() and record.field(0).isdigit() else 0
        )
    except ReceivablesError as error:
        said = f"'16,{record.text:.60}' cannot be read: {error}; it is left out"
        collector.quarantine("unreadable-line", said, record.where)
        return
    if not state.levels or state.levels[-1].trailer != "49":
        said = f"'16,{record.text:.60}' stands in no account: a record 03 must come before it; it is left out"
        collector.quarantine("unreadable-line", said, record.where)
        return
    state.levels[-1].total += _minor(record.field(1))
    status = "" if state.group is None else state.group.field(2)
    reason = _NOT_MONEY.get(status) or _no_receipt(code)
    if reason is None and not _within(code, _CREDITS):
        said = f"type {record.field(0)!r} of {money} is neither a credit nor a debit of the standard; it is left out"
        collector.quarantine("unreadable-line", said, record.where)
    elif reason is not None:
        collector.no_receipt(reason, record.where, money)
        if reason.startswith("returned"):
            said = (
                f"{money} received before was taken back (type {code}); reverse that payment"
                if code in _RECEIVED_TAKEN_BACK
                else f"{money} sent before came back (type {code}); it is no payment of a customer"
            )
            collector.note("returned-payment", said, record.where)
    else:
        collector.take(_line(state, record, after))


def _no_receipt(code: int) -> str | None:
    if code in _RECEIVED_TAKEN_BACK:
        return "returned payment"
    if code in _SENT_CAME_BACK:
        return "returned debit"
    if code == _WORDS:
        return "words without money"
    return "debit" if _within(code, _DEBITS) else None


def _within(code: int, ranges: tuple[range, ...]) -> bool:
    return any(code in it for it in ranges)


def _line(state: _State, record: Record, after: int) -> Line:
    bank, customer = record.field(after), record.field(after + 1)
    text = " ".join(",".join(record.text.split(",")[after + 2 :]).split())
    attributes = {
        **spei(text),
        "bank_reference": bank,
        "note": customer,
        "bank_code": record.field(0),
    }
    return Line(
        record.where,
        state.account,
        f"{state.day}/{bank}" if reference_of(bank) else "",
        amount(record.field(1), state.currency).amount,
        state.currency,
        state.day,
        text,
        attributes,
    )
