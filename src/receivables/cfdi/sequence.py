"""The account of one invoice: what each complement should say after the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from receivables.cfdi import limits
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.matching import Stated
from receivables.cfdi.payable import tax_groups
from receivables.rounding import EXACT, Rounding


@dataclass(frozen=True, slots=True)
class Expected:
    """What a complement should say.

    Args:
        number: Which payment it is.
        balances: What may be open before it, the likeliest first: with and without the credit notes of the invoice.
    """

    number: int
    balances: tuple[Decimal, ...]

    @property
    def balance_text(self) -> str:
        """The likeliest balance, as text."""
        return f"{self.balances[0]:f}" if self.balances else "0"


@dataclass(frozen=True, slots=True)
class Account:
    """One invoice with what complements in force state of it, in order, and its credit notes in force."""

    invoice: Comprobante
    stated: tuple[Stated, ...]
    notes: tuple[Comprobante, ...] = ()

    @property
    def credit(self) -> Decimal:
        """What its credit notes take off; one that relates to several invoices may take anything up to its total."""
        return limits.exact_sum(note.total for note in self.notes)

    def expected(self) -> Iterator[tuple[Stated, Expected]]:
        """Yield each statement with what it should say, going on from what the one before it wrote.

        What is really left is right too, so that one wrong balance is not told again for those after it.
        """
        before: Decimal = self.invoice.total
        left: Decimal = self.invoice.total
        for number, it in enumerate(self.stated, start=1):
            balances = [before, left]
            if self.credit:
                balances = [EXACT.subtract(it, self.credit) for it in balances] + balances
            yield it, Expected(number, tuple(it for it in balances if it >= 0))
            before, left = it.doc.imp_saldo_insoluto, EXACT.subtract(left, it.doc.imp_pagado)


def balance_fault(it: Stated, expected: Expected) -> str | None:
    """Return the balance a complement states when it is none of those that may be."""
    if it.doc.imp_saldo_ant in expected.balances:
        return None
    return str(it.doc.imp_saldo_ant)


def counted_cancelled(it: Stated, expected: Expected, gone: Sequence[Stated]) -> Comprobante | None:
    """Return the complement not in force that a statement goes on from, when that explains its balance."""
    if it.doc.imp_saldo_ant in expected.balances:
        return None
    for other in gone:
        replaced = other.complement.uuid in it.complement.related()
        if not replaced and other.doc.imp_saldo_insoluto == it.doc.imp_saldo_ant:
            return other.complement
    return None


def tax_fault(account: Account) -> tuple[str, str, str] | None:
    """Return the tax group whose stated bases do not sum to the invoice's, once the invoice is fully paid.

    Each payment may be a cent off: its base was rounded once.
    """
    if not account.stated or account.stated[-1].doc.imp_saldo_insoluto != 0:
        return None
    if account.stated[0].doc.num_parcialidad != 1 or account.credit:
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
    tolerance = Decimal(len(account.stated)).scaleb(-2)
    for group in tax_groups(account.invoice):
        found = sums.get(group.key, Decimal(0))
        if abs(EXACT.subtract(found, group.base)) > tolerance and _stated_at_all(account):
            kind = "withheld" if group.withheld else "charged"
            share = "exempt" if group.rate is None else f"{group.rate:f}"
            return (
                f"{group.impuesto} {kind} {share}",
                f"{Rounding.HALF_UP.apply(found, 2):f}",
                f"{group.base:f}",
            )
    return None


def _stated_at_all(account: Account) -> bool:
    """Tell whether the complements are of version 2.0: those of 1.0 stated no taxes."""
    return all(not it.complement.history_only for it in account.stated)
