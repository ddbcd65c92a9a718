"""Rows of a facts table: one row a fact, or one row an instalment of a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from receivables.adapters.csv.shapes.desk import Desk, Refusal, Row
from receivables.adapters.csv.shapes.plain import PlainFacts
from receivables.adapters.port import Entry
from receivables.errors import ReceivablesError, UnreadableFact
from receivables.facts import CreditMemo, DebitMemo, Fact, Invoice
from receivables.facts.wording import spoken
from receivables.money import Money
from receivables.schema.rows import from_rows

_DOCUMENTS = frozenset({"invoice", "debit_memo", "credit_memo"})
_MONEY = ("amount", "currency")
_NEEDED = {  # by kind, so that what is missing is said by its column
    **dict.fromkeys(_DOCUMENTS, ("customer", *_MONEY)),
    "payment": _MONEY,
    "allocation": (*_MONEY, "source_id", "target_id"),
    "write_off": (*_MONEY, "target_id"),
    "adjustment": (*_MONEY, "target_id"),
    "refund": (*_MONEY, "source_id"),
    "reversal": ("reverses_id",),
}


@dataclass(slots=True)
class _Waiting:
    line: int
    row: Row
    amount: Money | None


class FactsShape:
    """Makes a fact of each row; rows with an instalment number wait for the others of their document."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plain = PlainFacts()
        self._waiting: dict[str, list[_Waiting]] = {}
        self._first: int | None = None

    @property
    def waiting_since(self) -> int | None:
        """The first line that waits."""
        return self._first

    def take(self, line: int, row: Row) -> Entry | None:
        """Return what a row says, or None when it is one of several instalments."""
        desk = self._desk
        amount = desk.counted(row, "amount")
        try:
            desk.needs(row, "id", "kind", "posting_date")
            kind = _kind(row)
            if row.get("instalment") is not None and kind in _DOCUMENTS:
                self._first = line if self._first is None else self._first
                self._waiting.setdefault(str(row["id"]), []).append(
                    _Waiting(line, self._exact(row, kind), amount)
                )
                return None
            fact = self._plain.fact(kind, row, amount) if amount is not None else None
            fact = fact or from_rows((self._exact(row, kind),))
        except (ReceivablesError, Refusal) as error:
            return desk.refuse((line,), row, amount, *_why(row, error))
        check_dates(desk, line, fact)
        return Entry((line,), (fact,), amount)

    def rest(self) -> list[Entry]:
        """Return the documents whose instalments waited."""
        return [entry for held in self._waiting.values() for entry in self._document(held)]

    def _document(self, held: list[_Waiting]) -> Iterator[Entry]:
        kept: list[_Waiting] = []
        again: list[_Waiting] = []
        for it in held:
            (again if any(it.row == other.row for other in kept) else kept).append(it)
        lines = tuple(it.line for it in kept)
        amount = _sum([it.amount for it in kept])
        try:
            fact = from_rows([it.row for it in kept])
        except (ReceivablesError, Refusal) as error:
            code, message = _why(held[0].row, error)
            for it in held:
                yield self._desk.refuse((it.line,), it.row, it.amount, code, message)
            return
        check_dates(self._desk, lines[0], fact)
        if (
            amount is None and len(kept) > 1
        ):  # amounts of several currencies were refused above; keep the count whole
            amount = fact.amount if isinstance(fact, Invoice | DebitMemo | CreditMemo) else None
        yield Entry(lines, (fact,), amount)
        for it in again:
            yield Entry((it.line,), (fact,), it.amount)

    def _exact(self, row: Row, kind: str) -> dict[str, object]:
        exact = {**row, "kind": kind}
        if (
            self._desk.rounding is not None
            and exact.get("amount") is not None
            and exact.get("currency")
        ):
            exact["amount"] = self._desk.money(row["amount"], row["currency"]).amount
        return exact


def _kind(row: Row) -> str:
    return str(row["kind"]).casefold().replace(" ", "_").replace("-", "_")


def _why(row: Row, error: ReceivablesError | Refusal) -> tuple[str, str]:
    """Return why a row says no fact: the column that is empty, where that is the reason."""
    if isinstance(error, UnreadableFact):
        kind = _kind(row)
        for name in _NEEDED.get(kind, ()):
            if row.get(name) is None:
                return "missing-value", f"{name} is empty; every {spoken(kind)} needs one"
    return error.code, str(error)


def check_dates(desk: Desk, line: int, fact: Fact) -> None:
    """Remark on a document that is due before its own date."""
    if not isinstance(fact, Invoice | DebitMemo | CreditMemo):
        return
    due: date | None = fact.last_due_date
    begun = fact.document_date or fact.posting_date
    if due is not None and due < begun:
        msg = (
            f"due date {due} is before document date {begun} of item {fact.id}; kept as read;"
            " if terms count from another day, map baseline_date"
        )
        desk.note(line, "due-before-document", msg)


def _sum(amounts: list[Money | None]) -> Money | None:
    known = [amount for amount in amounts if amount is not None]
    if len(known) != len(amounts) or len({amount.currency for amount in known}) != 1:
        return None
    result = known[0]
    for amount in known[1:]:
        result += amount
    return result
