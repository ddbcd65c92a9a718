"""The taxes of a complement: each document's share, the sums of a payment, the totals in pesos.

A base telescopes: what is stated now is the base of everything paid so far less what was stated before, so that the bases
of a fully paid invoice sum to its base (law: Parts make the whole). The tax is always the stated base times the rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from receivables.cfdi import limits
from receivables.cfdi.documents import (
    DoctoRelacionado,
    Pago,
    Tax,
    Taxes,
    Totales,
)
from receivables.cfdi.payable import PayableDocument, TaxGroup
from receivables.cfdi.profiles import Profile
from receivables.cfdi.rules.payment_taxes import VAT, VAT_TOTALS, WITHHELD_TOTALS, Group, group
from receivables.cfdi.written import Written
from receivables.money import Money, decimals
from receivables.rounding import EXACT, Rounding

_RATE = 6  # decimals of a written rate
_PESOS = 2
# What each key of c_ObjetoImp lets a related document state (CRP20247, CRP20278, CRP20279).
_STATED = {
    "02": frozenset({(False, "002"), (False, "003"), (True, "001"), (True, "002"), (True, "003")}),
    "06": frozenset({(True, "001")}),
    "07": frozenset({(False, "003"), (True, "001"), (True, "003")}),
    "08": frozenset({(True, "001")}),
}


@dataclass(frozen=True)
class Share:
    """What one payment pays of one document.

    Args:
        document: The document.
        number: Which payment of it this is.
        balance: What was open before.
        paid: What is paid, in the document's currency.
        taken: The same in the payment's currency.
        before: The base of each tax group stated before, by earlier complements and earlier payments of this one.
    """

    document: PayableDocument
    number: int
    balance: Money
    paid: Money
    taken: Money
    before: Mapping[TaxGroup, Decimal]

    @property
    def remains(self) -> Money:
        """What stays open."""
        return self.balance - self.paid

    @cached_property
    def bases(self) -> dict[TaxGroup, Decimal]:
        """The base of each tax group this share states; a group whose share is nothing is left out."""
        places = decimals(self.paid.currency)
        unit = Decimal(1).scaleb(-places)
        total = self.document.total.amount
        reached = Fraction(total - self.remains.amount) / Fraction(total)
        stated: dict[TaxGroup, Decimal] = {}
        for it, before in self.before.items():
            base = Rounding.HALF_UP.apply(Fraction(it.base) * reached, places)
            if self.remains:  # the last payment states a base too
                base = min(base, EXACT.subtract(it.base, unit))
            if base > before:
                stated[it] = EXACT.subtract(base, before)
        if self.before and not stated:  # a payment too small for any base still states one
            stated[max(self.before, key=lambda it: it.base)] = unit
        return stated

    @property
    def after(self) -> dict[TaxGroup, Decimal]:
        """The base of each tax group stated up to this share."""
        none = Decimal(0)
        return {it: EXACT.add(base, self.bases.get(it, none)) for it, base in self.before.items()}


def stated_before(document: PayableDocument) -> dict[TaxGroup, Decimal]:
    """Return the base of each tax group a document may state, as earlier complements stated it."""
    places = decimals(document.total.currency)
    allowed = _STATED.get(document.objeto_imp, frozenset())
    paid = document.paid.amount
    found: dict[TaxGroup, Decimal] = {}
    for it in document.groups:
        if (it.withheld, it.impuesto) not in allowed or it.base <= 0:
            continue
        written = limits.exact_sum(
            base for one in document.history for key, base in one.bases if key == it.key
        )
        share = Fraction(it.base) * Fraction(paid) / Fraction(document.total.amount)
        due = Rounding.HALF_UP.apply(share, places)
        # Earlier complements a few units off are made good; others' greater faults are not ours to repair.
        near = Decimal(len(document.history) + 1).scaleb(-places)
        found[it] = Rounding.HALF_UP.apply(written, places) if abs(written - due) <= near else due
    return found


def document_taxes(share: Share) -> Taxes | None:
    """Return the taxes of one related document; None when it states none."""
    places = decimals(share.paid.currency)
    withheld: list[Tax] = []
    charged: list[Tax] = []
    for it, base in share.bases.items():
        rate = it.rate
        row = Tax(
            impuesto=it.impuesto,
            base=Written.of(base, places),
            tipo_factor=it.factor,
            tasa_o_cuota=None if rate is None else Written.of(rate, _RATE),
            importe=None
            if rate is None
            else Written.of(Rounding.HALF_UP.apply(EXACT.multiply(base, rate), places), places),
        )
        (withheld if it.withheld else charged).append(row)
    if not withheld and not charged:
        return None
    return Taxes(retenciones=tuple(withheld), traslados=tuple(charged))


def payment_taxes(
    documents: Sequence[DoctoRelacionado], currency: str, profile: Profile
) -> Taxes | None:
    """Return the taxes of a payment from those written for its documents; None when they state none."""
    crosses = any(doc.moneda_dr != currency for doc in documents)
    own = decimals(currency)
    places = profile.payment_decimals if crosses and profile.payment_decimals is not None else own
    withheld: dict[str, Decimal] = {}
    bases: dict[Group, Decimal] = {}
    amounts: dict[Group, Decimal] = {}
    for doc in documents:
        for row in doc.impuestos_dr.retenciones if doc.impuestos_dr else ():
            _add(withheld, row.impuesto, row.importe, doc)
        for row in doc.impuestos_dr.traslados if doc.impuestos_dr else ():
            _add(bases, group(row), row.base, doc)
            if row.importe is not None:
                _add(amounts, group(row), row.importe, doc)
    if not withheld and not bases:
        return None

    def written(amount: Decimal) -> Written:
        return Written.of(Rounding.HALF_UP.apply(amount, places), places)

    return Taxes(
        retenciones=tuple(
            Tax(impuesto=tax, importe=written(amount)) for tax, amount in withheld.items()
        ),
        traslados=tuple(
            Tax(
                impuesto=key[0],
                tipo_factor=key[1],
                base=written(base),
                tasa_o_cuota=None if key[2] is None else Written.of(key[2], _RATE),
                importe=written(amounts[key]) if key in amounts else None,
            )
            for key, base in bases.items()
        ),
    )


def _add(sums: dict[Any, Decimal], key: Any, amount: Written | None, doc: DoctoRelacionado) -> None:
    if amount is not None:
        part = limits.in_payment_currency(amount, doc)
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), part)


def totals(payments: Iterable[Pago]) -> Totales:
    """Return the totals in pesos of what is written in the payments; a total is there when its rows are."""
    sums: dict[str, Decimal] = {}

    def add(name: str, amount: Decimal, payment: Pago) -> None:
        pesos = EXACT.multiply(amount, payment.tipo_cambio_p or Decimal(1))
        sums[name] = EXACT.add(sums.get(name, Decimal(0)), pesos)

    for payment in payments:
        add("monto_total_pagos", payment.monto, payment)
        taxes = payment.impuestos_p
        for row in taxes.retenciones if taxes else ():
            if row.importe is not None:
                add(f"total_retenciones_{WITHHELD_TOTALS[row.impuesto]}", row.importe, payment)
        for row in taxes.traslados if taxes else ():
            ending = _ending(row)
            if ending is not None and row.base is not None:
                add(f"total_traslados_base_{ending}", row.base, payment)
                if row.importe is not None:
                    add(f"total_traslados_impuesto_{ending}", row.importe, payment)
    return Totales(
        **{
            name: Written.of(Rounding.HALF_UP.apply(amount, _PESOS), _PESOS)
            for name, amount in sums.items()
        }
    )


def _ending(row: Tax) -> str | None:
    """Return which totals a row of VAT belongs to; IEPS has none."""
    if row.impuesto != VAT:
        return None
    if row.tasa_o_cuota is None:
        return "iva_exento"
    return VAT_TOTALS.get(row.tasa_o_cuota) if row.tipo_factor == "Tasa" else None
