"""Rows of a ledger that says which document cleared which item, as SAP does: charges, credits, and what cleared them.

Items with one clearing document cleared each other: credits are allocated to charges, oldest first. What a group leaves over
was cleared by something the extract does not hold; it ends by an adjustment that says so, never silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from receivables.adapters.csv.shapes.columns import COLUMNS
from receivables.adapters.csv.shapes.desk import Desk, Refusal, Row
from receivables.adapters.csv.shapes.facts import check_dates
from receivables.adapters.csv.shapes.items import document_of
from receivables.adapters.port import Entry
from receivables.errors import ReceivablesError
from receivables.facts import Adjustment, Allocation, Document, Use
from receivables.money import Money

_KNOWN = frozenset(column.name for column in COLUMNS["cleared-items"])


@dataclass(slots=True)
class _Item:
    line: int
    row: Row
    document: Document
    signed: Money
    left: Money
    uses: list[Use] = field(default_factory=list)

    @property
    def group(self) -> str | None:
        return self.row.get("cleared_by")


class ClearedItemsShape:
    """Waits for every row, then clears group by group."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._items: dict[str, _Item] = {}
        self._others: list[
            tuple[_Item, bool]
        ] = []  # rows with an id seen before, and whether they say the same
        self._first: int | None = None

    @property
    def waiting_since(self) -> int | None:
        """The first line that waits."""
        return self._first

    def take(self, line: int, row: Row) -> Entry | None:
        """Keep a row until its group is complete; return it only when it cannot be read."""
        desk = self._desk
        try:
            item = self._item(line, row)
        except (ReceivablesError, Refusal) as error:
            counted = desk.counted(row, "amount")
            return desk.refuse((line,), row, counted, error.code, str(error))
        self._first = line if self._first is None else self._first
        held = self._items.setdefault(item.document.id, item)
        if held is not item:
            self._others.append((item, held.row == row))
        return None

    def rest(self) -> list[Entry]:
        """Clear every group and return the rows with what cleared them."""
        groups: dict[tuple[str, str], list[_Item]] = {}
        for item in self._items.values():
            if item.group is not None:
                groups.setdefault((item.group, item.signed.currency), []).append(item)
        for (name, _), items in groups.items():
            self._clear(name, items)
        entries = [
            Entry((it.line,), (it.document, *it.uses), it.signed) for it in self._items.values()
        ]
        for other, is_same in self._others:
            held = self._items[other.document.id]
            facts = (held.document, *held.uses) if is_same else (other.document,)
            entries.append(Entry((other.line,), facts, other.signed))
        return entries

    def _item(self, line: int, row: Row) -> _Item:
        desk = self._desk
        desk.needs(row, "id", "customer", "currency", "amount", "posting_date")
        if row.get("cleared_by") is not None:
            desk.needs(row, "cleared_on")
        signed = desk.money(row["amount"], row["currency"])
        if not signed:
            raise Refusal(
                "nothing-to-clear",
                f"item {row['id']} has an amount of {signed}; correct it or leave the row out",
            )
        document = document_of(desk, row, row["id"], signed, row["posting_date"], _KNOWN)
        check_dates(desk, line, document)
        return _Item(line, row, document, signed, abs(signed))

    def _clear(self, name: str, items: list[_Item]) -> None:
        charges = [it for it in items if it.signed.amount > 0]
        reliefs = [it for it in items if it.signed.amount < 0]
        for credit in reliefs:
            for charge in charges:
                used = min(credit.left, charge.left)
                if used:
                    self._allocate(name, credit, charge, used)
        for item in items:
            if item.left:
                self._end(name, item, alone=len(items) == 1)

    def _allocate(self, name: str, credit: _Item, charge: _Item, used: Money) -> None:
        day: date = max(credit.row["cleared_on"], charge.row["cleared_on"])
        fact_id = f"{name}/{credit.document.id}/{charge.document.id}"
        allocation = Allocation(
            id=fact_id,
            source=credit.document.id,
            target=charge.document.id,
            amount=used,
            posting_date=day,
        )
        credit.uses.append(allocation)
        credit.left -= used
        charge.left -= used

    def _end(self, name: str, item: _Item, *, alone: bool) -> None:
        what = "charge" if item.signed.amount > 0 else "credit"
        why = f"cleared by {name}, of which the extract holds nothing that balances {item.left}"
        msg = f"{what} {item.document.id} of {item.document.amount} is {why}; taken as cleared on {item.row['cleared_on']}"
        self._desk.note(
            item.line, "clearing-outside-extract" if alone else "clearing-does-not-balance", msg
        )
        ended = Adjustment(
            id=f"{name}/{item.document.id}",
            target=item.document.id,
            amount=item.left,
            posting_date=item.row["cleared_on"],
            reason=why,
        )
        item.uses.append(ended)
