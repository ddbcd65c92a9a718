"""Which payment received a complement speaks of: by invoice, day and amount, the surest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Comprobante, DoctoRelacionado, Pago
from receivables.money import Money
from receivables.rounding import Rounding

_NEAR = 5  # days by which a complement may misstate the day of a payment
_SAME, _SAME_AMOUNT, _SAME_DAY, _CLOSE = range(4)  # how sure a match is


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What was received for one invoice, as the subledger or the bank says.

    Args:
        reference: What people call the payment.
        day: When it was received.
        invoice: UUID of the invoice.
        amount: How much of it is for this invoice, in the invoice's currency or in the payment's.
    """

    reference: str
    day: date
    invoice: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Stated:
    """What one complement says was paid of one document."""

    complement: Comprobante
    payment: Pago
    doc: DoctoRelacionado

    @property
    def day(self) -> date:
        """The day of the payment."""
        return self.payment.fecha_pago.date()

    def paid_in(self, currency: str) -> Decimal:
        """Return what is paid, in the payment's currency when that is asked for, else in the document's."""
        if currency == self.doc.moneda_dr or currency != self.payment.moneda_p:
            return self.doc.imp_pagado
        taken = limits.in_payment_currency(self.doc.imp_pagado, self.doc)
        return Rounding.HALF_UP.apply(taken, catalogs.places(currency))


@dataclass(frozen=True, slots=True)
class Matched:
    """What belongs together for one invoice.

    Args:
        pairs: Payments and the complement nodes that state them with the same amount.
        differing: Payments and nodes that are of one another with different amounts.
        unstated: Payments no complement states.
        unpaid: Nodes no payment stands behind.
    """

    pairs: tuple[tuple[Received, Stated], ...]
    differing: tuple[tuple[Received, Stated], ...]
    unstated: tuple[Received, ...]
    unpaid: tuple[Stated, ...]


def stated_of(complements: Iterable[Comprobante]) -> dict[str, list[Stated]]:
    """Return what complements state, by the UUID of the document they pay."""
    found: dict[str, list[Stated]] = defaultdict(list)
    for complement in complements:
        for payment in complement.payments():
            for doc in payment.documentos:
                found[doc.id_documento.upper()].append(Stated(complement, payment, doc))
    return found


def apart(
    stated: Sequence[Stated], received: Sequence[Received]
) -> tuple[list[Stated], list[Stated]]:
    """Tell what is stated once from what a later complement states again.

    Same moment, same amount: a duplicate, unless as many payments of that amount were received on that day.
    """
    groups: dict[tuple[datetime, Decimal], list[Stated]] = defaultdict(list)
    for it in sorted(stated, key=lambda it: (it.complement.fecha, it.complement.uuid or "")):
        groups[it.payment.fecha_pago, Decimal(it.payment.monto)].append(it)
    again: list[Stated] = []
    for listed in groups.values():
        first = listed[0]
        paid = [
            one
            for one in received
            if one.day == first.day and one.amount.amount == first.paid_in(one.amount.currency)
        ]
        later = [it for it in listed if it.complement is not first.complement]
        again += later if len(paid) < len(listed) else []
    gone = {id(it) for it in again}
    return [it for it in stated if id(it) not in gone], again


def match(received: Sequence[Received], stated: Sequence[Stated]) -> Matched:
    """Match the payments of one invoice with what complements state of it.

    On one day, whole sums that agree belong together, whatever their parts (factoring states one payment in two nodes).
    Then come same day and amount, same amount, same day, and at last the nearest within five days.
    """
    pairs: list[tuple[Received, Stated]] = []
    differing: list[tuple[Received, Stated]] = []
    payments, nodes = list(received), list(stated)
    for day in sorted({it.day for it in payments}):
        ours = [it for it in payments if it.day == day]
        theirs = [it for it in nodes if it.day == day]
        if theirs and _agree(ours, theirs):
            pairs.extend((it, theirs[min(place, len(theirs) - 1)]) for place, it in enumerate(ours))
            payments = [it for it in payments if it.day != day]
            nodes = [it for it in nodes if it.day != day]
    by_rank: dict[int, list[tuple[int, Received, Stated]]] = defaultdict(list)
    for payment in payments:
        for node in nodes:
            apart = abs((payment.day - node.day).days)
            same = _agree([payment], [node])
            rank = _rank(same=same, apart=apart)
            if rank < _CLOSE or apart <= _NEAR:
                by_rank[rank].append((apart, payment, node))
    for rank in sorted(by_rank):
        for _, payment, node in sorted(by_rank[rank], key=lambda it: (it[0], it[1].day)):
            if any(it is payment for it in payments) and any(it is node for it in nodes):
                (pairs if rank < _SAME_DAY else differing).append((payment, node))
                payments = [it for it in payments if it is not payment]
                nodes = [it for it in nodes if it is not node]
    return Matched(tuple(pairs), tuple(differing), tuple(payments), tuple(nodes))


def _rank(*, same: bool, apart: int) -> int:
    if same:
        return _SAME_AMOUNT if apart else _SAME
    return _CLOSE if apart else _SAME_DAY


def _agree(received: Sequence[Received], stated: Sequence[Stated]) -> bool:
    """Tell whether payments and statements are of one amount as a whole."""
    currencies = {it.amount.currency for it in received}
    if len(currencies) != 1:
        return False
    [currency] = currencies
    ours = limits.exact_sum(it.amount.amount for it in received)
    return ours == limits.exact_sum(it.paid_in(currency) for it in stated)
