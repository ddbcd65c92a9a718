"""Clears open lines in the books: transfers, losses, refunds, and the residual items that carry on what is left.

What must come back is written down while it is posted, with the keys the books gave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from receivables.facts import (
    Adjustment,
    Allocation,
    Customer,
    Fact,
    Refund,
    WriteOff,
)
from receivables.money import Money
from receivables.testing.sap.books import ZERO, Books, Cells

REASONS = {"rounding": "W01"}
AnyFact = Fact | Customer
Uses = Allocation | Adjustment | WriteOff | Refund


@dataclass(slots=True)
class Open:
    """One open line of a document, what partial payments named it, and how much they leave."""

    cells: Cells
    number: int | None = None
    partials: list[Cells] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        """What partial payments leave of it."""
        whole: Decimal = self.cells["WRBTR"]
        return whole - sum((it["WRBTR"] for it in self.partials), ZERO)


class Settler:
    """Open lines by document, and what was done to them."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.expected: list[AnyFact] = []
        self.ids: dict[str, str] = {}
        self._open: dict[str, list[Open]] = {}

    def _carry_on(self, name: str, cleared: Open, head: Cells, amount: Decimal) -> None:
        """Post what was not cleared of a line as a residual item, which continues it."""
        left = cleared.left - amount
        opened = self._open[name]
        place = opened.index(cleared)
        if left <= 0:
            opened.pop(place)
            return
        old = cleared.cells
        side, key = (old["SHKZG"], "06" if old["SHKZG"] == "S" else "16")
        names = ("ZFBDT", "ZBD1T", "ZBD2T", "ZBD3T", "ZBD1P", "ZBD2P", "MANSP", "UMSKZ")
        same = {it: old[it] for it in names if it in old}
        line = self.books.line(
            head,
            old["KUNNR"],
            key,
            side,
            left,
            old["WAERS"],
            REBZG=old["BELNR"],
            REBZJ=old["GJAHR"],
            REBZZ=old["BUZEI"],
            REBZT="V",
            **same,
        )
        opened[place] = Open(line, cleared.number)

    def _clearing(self, uses: list[Uses]) -> None:
        """Clear open lines, each use by a document of its own: a transfer, a loss or other difference, or money given back."""
        for use in uses:
            if isinstance(use, Allocation):
                self._transfer(use, self.books.document("AB", use.posting_date))
            else:
                self._alone(use, "KZ" if isinstance(use, Refund) else "SA")

    def _transfer(self, use: Allocation, head: Cells) -> None:
        """Use an open credit for open charges."""
        sources = list(self._pieces(use.source, use.taken, None))
        there = sum((share.amount for _, share in sources), ZERO)  # less when it was increased:
        amount = use.amount  # SAP knows no increase
        if use.source_amount is None:
            amount = min(amount, Money(there, amount.currency))
        pieces = list(self._pieces(use.target, amount, use.instalment))
        if not (sources and pieces):
            return
        source = sources[0][0]
        whole = use.source_amount and Money(there, use.source_amount.currency)
        taken = _shares(whole, pieces)
        for open_line, share in pieces:
            self._settle(use.target, open_line, share.amount, head)
            where = f"{clearing_of(head)}:{key_of(source.cells)}>{key_of(open_line.cells)}"
            self._use(
                Allocation,
                use,
                where,
                self.ids[use.target],
                share,
                open_line.number,
                source=self.ids[use.source],
                source_amount=taken[key_of(open_line.cells)],
            )
        for open_line, share in sources:
            self._settle(use.source, open_line, share.amount, head)

    def _alone(self, use: Uses, document_type: str) -> None:
        """Relieve a document by a posting outside the customer accounts."""
        name = use.source if isinstance(use, Refund) else use.target
        for open_line, share in self._pieces(name, use.amount, getattr(use, "instalment", None)):
            head = self.books.document(document_type, use.posting_date)
            code = (
                ""
                if isinstance(use, Refund)
                else REASONS.get(getattr(use, "reason", None) or "", "D01")
            )
            if isinstance(use, WriteOff):
                code = "W01"
            self._settle(name, open_line, share.amount, head, RSTGR=code)
            where = f"{clearing_of(head)}:{key_of(open_line.cells)}"
            extra = {} if isinstance(use, Refund) else {"reason": code}
            self._use(type(use), use, where, self.ids[name], share, open_line.number, **extra)

    def _settle(
        self, name: str, open_line: Open, amount: Decimal, head: Cells, **cells: str
    ) -> None:
        old, left = open_line.cells, open_line.left
        side, key = ("H", "17") if old["SHKZG"] == "S" else ("S", "07")
        if special := old.get("UMSKZ"):
            cells, key = {**cells, "UMSKZ": special}, "09"
        offset = self.books.line(head, old["KUNNR"], key, side, left, old["WAERS"], **cells)
        self.books.clear([old, *open_line.partials, offset], head)
        self._carry_on(name, open_line, head, amount)

    def _pieces(self, name: str, amount: Money, number: int | None) -> Iterable[tuple[Open, Money]]:
        """Split an amount over the open lines of a document: the instalment named, or the oldest due first."""
        left = amount.amount
        opened = [it for it in self._open[name] if number is None or it.number == number]
        for open_line in sorted(opened, key=lambda it: (due_of(it.cells), it.cells["BUZEI"])):
            share = min(left, open_line.left)
            if share > 0:
                left -= share
                yield open_line, Money(share, amount.currency)

    def _name(self, fact_id: str, line: Cells) -> str:
        self.ids[fact_id] = key_of(line)
        return self.ids[fact_id]

    def _use(
        self,
        kind: Any,
        use: Uses,
        name: str,
        target: str,
        amount: Money,
        number: int | None,
        **values: Any,
    ) -> None:
        rests: dict[str, Any] = (
            {"source": target} if kind is Refund else {"target": target, "instalment": number}
        )
        if kind is Allocation:
            values.setdefault("source", self.ids.get(getattr(use, "source", ""), ""))
        if kind is Allocation and not values["source"]:
            values["source"] = self.ids[getattr(use, "source", "")]
        self.expected.append(
            kind(id=name, posting_date=use.posting_date, amount=amount, **(rests | values))
        )


def _shares(taken: Money | None, pieces: list[tuple[Open, Money]]) -> dict[str, Money | None]:
    """Split what is taken of a credit in another currency over what it is used for."""
    amounts = {key_of(it.cells): share.minor for it, share in pieces}
    if taken is None:
        return dict.fromkeys(amounts)
    keys = sorted(amounts)
    return dict(zip(keys, taken.split([amounts[it] for it in keys]), strict=True))


def key_of(line: Cells) -> str:
    """Return the key of a line."""
    return f"{line['BUKRS']}/{line['BELNR']}/{line['GJAHR']}/{line['BUZEI']}"


def clearing_of(head: Cells) -> str:
    """Return how the clearing of a document is called."""
    return f"{head['BUKRS']}/{head['BELNR']}/{head['BUDAT']:%Y%m%d}"


def shown(customer: str) -> str:
    """Return a customer as people write it."""
    return (customer.lstrip("0") or "0") if customer.isdigit() else customer.upper()


def due_of(line: Cells) -> date:
    """Return when a line is due."""
    base: date = line.get("ZFBDT") or line["BUDAT"]
    return base + timedelta(days=int(line.get("ZBD3T", 0) or line.get("ZBD1T", 0) or 0))
