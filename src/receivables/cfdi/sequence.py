"""The account of one invoice: what each complement should say after the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.matching import Stated
from receivables.cfdi.payable import tax_groups
from receivables.cfdi.relations import CREDITS
from receivables.rounding import EXACT, Rounding


@dataclass(frozen=True, slots=True)
class Expected:
    """What a complement should say.

    Args:
        number: Which payment it is.
        balances: What may be open before it, the likeliest first: with and without the credit notes of the invoice.
        shared: What credit notes that relate to other invoices too may have taken off besides.
    """

    number: int
    balances: tuple[Decimal, ...]
    shared: Decimal = Decimal(0)

    @property
    def balance_text(self) -> str:
        """The likeliest balance, as text."""
        return f"{self.balances[0]:f}" if self.balances else "0"

    def allows(self, balance: Decimal) -> bool:
        """Tell whether a balance is one that may be."""
        return any(EXACT.subtract(it, self.shared) <= balance <= it for it in self.balances)


@dataclass(frozen=True, slots=True)
class Account:
    """One invoice with what complements in force state of it, in order, and its credit notes in force, oldest first."""

    invoice: Comprobante
    stated: tuple[Stated, ...]
    notes: tuple[Comprobante, ...] = ()

    def expected(self) -> Iterator[tuple[Stated, Expected]]:
        """Yield each statement with what it should say, going on from what the one before it wrote.

        What is really left is right too, so that one wrong balance is not told again for those after it.
        """
        own = [note for note in self.notes if len(set(note.related(*CREDITS))) == 1]
        shared = limits.exact_sum(note.total for note in self.notes if note not in own)
        before: Decimal = self.invoice.total
        left: Decimal = self.invoice.total
        since = self.invoice.fecha
        for number, it in enumerate(self.stated, start=1):
            now = it.complement.fecha
            reductions = [limits.exact_sum(n.total for n in own if since < n.fecha <= now)]
            reductions += _runs([note.total for note in own])
            balances = dict.fromkeys(
                EXACT.subtract(open_, less) for less in reductions for open_ in (before, left)
            )
            yield it, Expected(number, tuple(it for it in balances if it >= 0), shared)
            before, left = it.doc.imp_saldo_insoluto, EXACT.subtract(left, it.doc.imp_pagado)
            since = now


def _runs(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Return the sum of every run of consecutive amounts, the empty one last."""
    return [
        limits.exact_sum(amounts[start:end])
        for start in range(len(amounts))
        for end in range(len(amounts), start, -1)
    ] + [Decimal(0)]


def balance_fault(it: Stated, expected: Expected) -> str | None:
    """Return the balance a complement states when it is none of those that may be."""
    return None if expected.allows(it.doc.imp_saldo_ant) else str(it.doc.imp_saldo_ant)


def counted_cancelled(it: Stated, expected: Expected, gone: Sequence[Stated]) -> Comprobante | None:
    """Return the complement not in force that a statement goes on from, when that explains its balance."""
    if expected.allows(it.doc.imp_saldo_ant):
        return None
    for other in gone:
        replaced = other.complement.uuid in it.complement.related()
        if not replaced and other.doc.imp_saldo_insoluto == it.doc.imp_saldo_ant:
            return other.complement
    return None


def tax_fault(account: Account) -> tuple[str, str, str] | None:
    """Return the tax group whose stated bases do not sum to the invoice's, once the invoice is fully paid.

    Each payment may be a cent off, or a unit of a currency without cents: its base was rounded once.
    """
    if not account.stated or account.stated[-1].doc.imp_saldo_insoluto != 0:
        return None
    if account.stated[0].doc.num_parcialidad != 1 or account.notes:
        return None  # not the whole history, or bases reduced by credit notes
    sums: dict[tuple[bool, str, str, Decimal | None], Decimal] = {}
    for it in account.stated:
        taxes = it.doc.impuestos_dr
        rows = [(False, row) for row in taxes.traslados] if taxes else []
        rows += [(True, row) for row in taxes.retenciones] if taxes else []
        for withheld, row in rows:
            rate = None if row.tasa_o_cuota is None else Decimal(row.tasa_o_cuota)
            key = (withheld, row.impuesto, row.tipo_factor or "", rate)
            sums[key] = EXACT.add(sums.get(key, Decimal(0)), row.base or Decimal(0))
    places = catalogs.places(account.invoice.moneda)
    tolerance = Decimal(len(account.stated)).scaleb(-places)
    for group in tax_groups(account.invoice):
        found = sums.get(group.key, Decimal(0))
        if abs(EXACT.subtract(found, group.base)) > tolerance and _stated_at_all(account):
            kind = "withheld" if group.withheld else "charged"
            share = "exempt" if group.rate is None else f"{group.rate:f}"
            return (
                f"{group.impuesto} {kind} {share}",
                f"{Rounding.HALF_UP.apply(found, places):f}",
                f"{group.base:f}",
            )
    return None


def _stated_at_all(account: Account) -> bool:
    """Tell whether the complements are of version 2.0: those of 1.0 stated no taxes."""
    return all(not it.complement.history_only for it in account.stated)
