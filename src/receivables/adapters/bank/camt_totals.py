"""What a camt report says of its entries as a whole, compared with the entries: balances, and counts and sums."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from decimal import Decimal

from receivables.adapters.bank.camt_xml import amount, day, every, one, text
from receivables.adapters.bank.collector import Collector
from receivables.errors import ReceivablesError
from receivables.money import Money

_OPENING, _CLOSING, _OF_PAGE = ("OPBD", "PRCD"), ("CLBD",), "ITBD"
_BALANCES = {
    "OPBD": "opening balance",
    "PRCD": "closing balance of the day before",
    "CLBD": "closing balance",
    "ITBD": "balance of a page",
}


@dataclass(slots=True)
class Totals:
    """The entries of a report as they are read, for comparison with what the report says.

    Args:
        where: The report's place in the file.
        booked: Booked entries, credits positive; None for one that cannot be read.
        all: Booked entries and others.
    """

    where: str
    booked: list[Money | None] = field(default_factory=list)
    all: list[Money | None] = field(default_factory=list)

    def add(self, signed: Money | None, *, booked: bool) -> None:
        """Count an entry."""
        self.all.append(signed)
        if booked:
            self.booked.append(signed)


@dataclass(frozen=True, slots=True)
class Balances:
    """Where a report begins and ends; None where it does not say."""

    opening: Money | None = None
    closing: Money | None = None


def read_balances(collector: Collector, report: ET.Element, where: str) -> Balances:
    """Read and count the balances of a report."""
    found: dict[str, list[tuple[str, Money]]] = {}
    for place, node in enumerate(every(report, "Bal"), start=1):
        collector.saw()
        code = text(node, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
        here = f"{where}, balance {place}"
        try:
            signed = _signed(node)
        except ReceivablesError as error:
            collector.quarantine("unreadable-line", f"balance {code}: {error}", here)
            continue
        collector.no_receipt(_BALANCES.get(code, f"balance {code}".strip()), here, signed)
        found.setdefault(code, []).append((str(day(node, "Dt/Dt", "Dt")), signed))
    pages = found.get(_OF_PAGE, [])
    first = next((it for code in _OPENING if (it := found.get(code))), pages[:1])
    last = next((it for code in _CLOSING if (it := found.get(code))), pages[-1:])
    return Balances(
        min(first, key=lambda it: it[0])[1] if first else None,
        max(last, key=lambda it: it[0])[1] if last else None,
    )


def check(collector: Collector, report: ET.Element, balances: Balances, totals: Totals) -> None:
    """Compare the balances, counts and sums of a report with its entries."""
    if (balances.opening is None) != (balances.closing is None):
        missing = "opening" if balances.opening is None else "closing"
        said = f"the {missing} balance is missing or cannot be read, so nothing proves the entries"
        collector.differs(said, totals.where)
    elif balances.opening is not None and balances.closing is not None:
        _check_balances(collector, balances.opening, balances.closing, totals)
    summary = one(report, "TxsSummry")
    if summary is not None:
        for path, sign in (("TtlNtries", 0), ("TtlCdtNtries", 1), ("TtlDbtNtries", -1)):
            node = one(summary, path)
            if node is not None:
                _check_sum(collector, node, path, sign, totals)


def _check_balances(collector: Collector, opening: Money, closing: Money, totals: Totals) -> None:
    said = f"opening balance {opening}, closing balance {closing}"
    if any(it is not None and it.currency != opening.currency for it in (*totals.booked, closing)):
        collector.differs(f"{said}: the entries are of another currency", totals.where)
        return
    moved = _sum(totals.booked)
    reached = opening.amount + moved
    if reached != closing.amount:
        collector.differs(
            f"opening balance {opening} and booked entries of {moved} make {reached}, but the closing balance is"
            f" {closing}: {closing.amount - reached} is not in the entries that were read",
            totals.where,
        )


def _check_sum(
    collector: Collector, node: ET.Element, path: str, sign: int, totals: Totals
) -> None:
    """Compare a count and a sum; a bank may or may not count entries that are not booked."""
    for name, said in (("NbOfNtries", text(node, "NbOfNtries")), ("Sum", text(node, "Sum"))):
        if not said:
            continue
        counted = [_of(entries, sign, name) for entries in (totals.booked, totals.all)]
        if not any(_same(said, it) for it in counted):
            collector.differs(
                f"{path}/{name} is {said}, and {counted[0]} in the entries", totals.where
            )


def _of(entries: list[Money | None], sign: int, name: str) -> Decimal:
    if name == "NbOfNtries" and sign == 0:
        return Decimal(len(entries))
    held = [it.amount for it in entries if it is not None and (not sign or it.amount * sign > 0)]
    return Decimal(len(held)) if name == "NbOfNtries" else sum(map(abs, held), Decimal(0))


def _same(said: str, figure: Decimal) -> bool:
    whole, _, part = said.partition(".")
    digits = (whole + part).isascii() and (whole + part).isdigit()
    return digits and Decimal(said) == figure


def _sum(held: list[Money | None]) -> Decimal:
    return sum((it.amount for it in held if it is not None), Decimal(0))


def _signed(node: ET.Element) -> Money:
    found = amount(node, "Amt")
    if found is None:
        return Money(Decimal(0), "")
    return -found if text(node, "CdtDbtInd") == "DBIT" else found
