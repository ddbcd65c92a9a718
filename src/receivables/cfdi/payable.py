"""What a payment complement must know of an invoice: its taxes by rate, and what earlier complements say of it.

History is read from the documents themselves: complements in force count, cancelled and substituted ones do not, and
credit notes by a stated policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante, Tax
from receivables.cfdi.relations import CREDITS, in_force
from receivables.errors import UnbuildableComplement
from receivables.money import Money
from receivables.rounding import EXACT, Rounding

_TAXED = "02"


class CreditNotes(Enum):
    """What a credit note does to the balance a complement states.

    `REDUCE_BALANCE` takes it, and its taxes, off the invoice before anything is prorated: what ERPs and PACs expect.
    `KEEP_TOTAL` starts from the invoice's total, as the text of SAT's schema says literally.
    """

    REDUCE_BALANCE = "reduce-balance"
    KEEP_TOTAL = "keep-total"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """The base of one tax at one rate over all lines of a document.

    Args:
        withheld: True when the customer keeps it back.
        impuesto: 001 ISR, 002 IVA, 003 IEPS.
        factor: Tasa, Cuota or Exento.
        rate: The rate or quota; None when exempt.
        base: Sum of the lines' bases, at the currency's decimals.
    """

    withheld: bool
    impuesto: str
    factor: str
    rate: Decimal | None
    base: Decimal

    @property
    def key(self) -> tuple[bool, str, str, Decimal | None]:
        """What makes two groups one."""
        return self.withheld, self.impuesto, self.factor, self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcialidad:
    """One earlier payment of a document, as a complement states it.

    Args:
        number: Its NumParcialidad.
        paid: Its ImpPagado.
        bases: What it stated as BaseDR of each tax group.
        complement: UUID of the complement.
    """

    number: int
    paid: Money
    bases: tuple[tuple[tuple[bool, str, str, Decimal | None], Decimal], ...] = ()
    complement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A credit note as far as it counts for one invoice.

    Args:
        note: The credit note.
        amount: How much of it; all of it when not given.
    """

    note: Comprobante
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableDocument:
    """An invoice that a complement may pay.

    Args:
        id: What allocations call it: the id of the fact, by default its UUID.
        uuid: SAT's number of the invoice.
        issued_on: Its date.
        total: What is owed in all, less the credit notes that count.
        groups: Its taxes by rate, less those of the credit notes that count.
        objeto_imp: Key of c_ObjetoImp for the document as a whole.
        serie: Its series.
        folio: Its number within the series.
        metodo_pago: PPD, paid later, or PUE, paid at once; None when it does not say.
        history: What complements in force say was paid before, oldest first.
    """

    id: str
    uuid: str
    issued_on: date
    total: Money
    groups: tuple[TaxGroup, ...] = ()
    objeto_imp: str = "01"
    serie: str | None = None
    folio: str | None = None
    metodo_pago: str | None = None
    history: tuple[Parcialidad, ...] = ()

    @property
    def paid(self) -> Money:
        """What complements in force say was paid."""
        amount = limits.exact_sum(it.paid.amount for it in self.history)
        return Money.of_sum(amount, self.total.currency)

    @property
    def balance(self) -> Money:
        """What is still open: the next ImpSaldoAnt."""
        return self.total - self.paid

    @property
    def name(self) -> str:
        """Series and folio, or the UUID."""
        return "-".join(part for part in (self.serie, self.folio) if part) or self.uuid

    @classmethod
    def of(
        cls,
        invoice: Comprobante,
        *,
        fact_id: str | None = None,
        complements: Iterable[Comprobante] = (),
        credits: Iterable[Credit | Comprobante] = (),
        credit_notes: CreditNotes = CreditNotes.REDUCE_BALANCE,
        cancelled: Collection[str] = (),
        replaced: Collection[str] = (),
    ) -> PayableDocument:
        """Read an invoice and its history.

        Args:
            invoice: The stamped invoice.
            fact_id: What allocations call it; the UUID when not given.
            complements: Payment complements known; those that are cancelled, or substituted by another one given, do
                not count.
            credits: Credit notes that count for it.
            credit_notes: What they do to the balance.
            cancelled: UUIDs of documents SAT has cancelled.
            replaced: UUIDs of complements that the one to be built substitutes.

        Raises:
            UnbuildableComplement: When the invoice is not stamped, cancelled or in no currency with amounts, or a credit
                note does not say how much of it is for this invoice.
        """
        if invoice.uuid is None:
            msg = f"invoice {invoice.number} has no stamp; a complement names it by its UUID, so stamp it first"
            raise UnbuildableComplement(msg)
        dead = {uuid.upper() for uuid in cancelled}
        if invoice.uuid in dead:
            msg = f"invoice {invoice.number} is cancelled; state the payment for the invoice that takes its place"
            raise UnbuildableComplement(msg)
        total, groups = Money(str(invoice.total), invoice.moneda), tax_groups(invoice)
        if credit_notes is CreditNotes.REDUCE_BALANCE:
            for credit in credits:
                it = credit if isinstance(credit, Credit) else Credit(note=credit)
                if it.note.uuid not in dead:
                    _refuse_undivided(it)
                    total, groups = _less(total, groups, it)
        known = in_force(complements, cancelled=cancelled, replaced=replaced)
        return cls(
            id=fact_id or invoice.uuid,
            uuid=invoice.uuid,
            issued_on=invoice.fecha.date(),
            total=total,
            groups=groups,
            objeto_imp=_object_left(invoice, groups),
            serie=invoice.serie,
            folio=invoice.folio,
            metodo_pago=invoice.metodo_pago,
            history=_history(invoice, known),
        )


def tax_groups(document: Comprobante) -> tuple[TaxGroup, ...]:
    """Return the taxes of a document by kind, tax, factor and rate, in the order of its lines."""
    sums: dict[tuple[bool, str, str, Decimal | None], Decimal] = {}
    for line in document.conceptos:
        if line.impuestos is None:
            continue
        rows = [(False, row) for row in line.impuestos.traslados]
        rows += [(True, row) for row in line.impuestos.retenciones]
        for withheld, row in rows:
            key = _key(row, withheld=withheld)
            sums[key] = EXACT.add(sums.get(key, Decimal(0)), row.base or Decimal(0))
    places = catalogs.places(document.moneda)
    return tuple(
        TaxGroup(
            withheld=key[0],
            impuesto=key[1],
            factor=key[2],
            rate=key[3],
            base=Rounding.HALF_UP.apply(base, places),
        )
        for key, base in sums.items()
    )


def object_of(document: Comprobante) -> str:
    """Return ObjetoImpDR of a document: 02 when any line is, else what its lines say.

    Lines that differ and of which none is 02 are told by their taxes: 07 with IEPS, 06 with ISR withheld, else the first.
    Lines of version 3.3 do not say it: there, taxes are what makes one 02.
    """
    keys = [line.objeto_imp or ("02" if line.impuestos else "01") for line in document.conceptos]
    if _TAXED in keys:
        return _TAXED
    for preferred in ("07", "06", "08"):
        if preferred in keys:
            return preferred
    return keys[0] if keys else "01"


def _object_left(invoice: Comprobante, groups: Iterable[TaxGroup]) -> str:
    """Return ObjetoImpDR of what credit notes leave: they may have taken every line that is 02."""
    key = object_of(invoice)
    if key != _TAXED or any(it.base > 0 for it in groups):
        return key
    others = tuple(line for line in invoice.conceptos if line.objeto_imp != _TAXED)
    return object_of(replace(invoice, conceptos=others))


def _key(row: Tax, *, withheld: bool) -> tuple[bool, str, str, Decimal | None]:
    rate = None if row.tasa_o_cuota is None else Decimal(row.tasa_o_cuota)
    return withheld, row.impuesto, row.tipo_factor or "Tasa", rate


def _refuse_undivided(credit: Credit) -> None:
    related = set(credit.note.related(*CREDITS))
    if credit.amount is None and len(related) > 1:
        msg = (
            f"credit note {credit.note.number} relates to {len(related)} invoices without saying how much is for which;"
            " say it with Credit(note=…, amount=…) for each"
        )
        raise UnbuildableComplement(msg)


def _less(
    total: Money, groups: tuple[TaxGroup, ...], credit: Credit
) -> tuple[Money, tuple[TaxGroup, ...]]:
    """Take a credit note, or its part, off the total and off the bases."""
    whole = Money(str(credit.note.total), credit.note.moneda)
    amount = credit.amount or whole
    if amount.currency != total.currency or amount > total:
        msg = f"credit note {credit.note.number} of {amount} does not fit an invoice of {total}"
        raise UnbuildableComplement(msg)
    off = {group.key: group.base for group in tax_groups(credit.note)}
    reduced: list[TaxGroup] = []
    for group in groups:
        part = off.get(group.key, Decimal(0))
        if amount != whole:
            share = EXACT.divide(EXACT.multiply(part, amount.amount), whole.amount)
            part = Rounding.HALF_UP.apply(share, -int(group.base.as_tuple().exponent))
        base = max(EXACT.subtract(group.base, part), Decimal(0))
        reduced.append(
            TaxGroup(
                withheld=group.withheld,
                impuesto=group.impuesto,
                factor=group.factor,
                rate=group.rate,
                base=base,
            )
        )
    return total - amount, tuple(reduced)


def _history(invoice: Comprobante, known: Iterable[Comprobante]) -> tuple[Parcialidad, ...]:
    found: list[tuple[tuple[datetime, int], Parcialidad]] = []
    for complement in known:
        for payment in complement.payments():
            for doc in payment.documentos:
                if doc.id_documento.upper() != invoice.uuid:
                    continue
                taxes = doc.impuestos_dr
                rows = [(False, row) for row in taxes.traslados] if taxes else []
                rows += [(True, row) for row in taxes.retenciones] if taxes else []
                bases = tuple(
                    (_key(row, withheld=withheld), Decimal(row.base or 0)) for withheld, row in rows
                )
                paid = Money.rounded(str(doc.imp_pagado), invoice.moneda, Rounding.HALF_UP)
                when = (payment.fecha_pago, doc.num_parcialidad)
                one = Parcialidad(
                    number=doc.num_parcialidad,
                    paid=paid,
                    bases=bases,
                    complement=complement.uuid,
                )
                found.append((when, one))
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))
