"""Invoices against complements against payments: which complements are missing, late, wrong or counted twice.

Every finding names the documents and payments it rests on and the step that corrects it. Complements that are cancelled,
or substituted by another in force, do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from receivables.cfdi import limits
from receivables.cfdi.deadlines import complement_due, month_end
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.matching import Received, Stated, apart, match, stated_of
from receivables.cfdi.mismatches import Kind, Mismatch
from receivables.cfdi.relations import SUBSTITUTES, credits_by_invoice, in_force
from receivables.cfdi.sequence import Account, balance_fault, counted_cancelled, tax_fault
from receivables.money import Money
from receivables.rounding import EXACT


def reconcile(
    documents: Iterable[Comprobante],
    received: Iterable[Received] | None = None,
    *,
    as_of: date,
    cancelled: Collection[str] = (),
) -> tuple[Mismatch, ...]:
    """Compare invoices, complements and payments.

    Args:
        documents: Invoices, credit notes and complements; each UUID once.
        received: What was received for each invoice; None when it is not known, and then nothing is said about missing
            complements.
        as_of: The last day that counts.
        cancelled: UUIDs of documents SAT has cancelled.

    Returns:
        The findings, invoice by invoice in the order of their dates, those without an invoice last.
    """
    run = _Run(documents, received, as_of, cancelled)
    return tuple(run.findings())


class _Run:
    """One reconciliation."""

    def __init__(
        self,
        documents: Iterable[Comprobante],
        received: Iterable[Received] | None,
        as_of: date,
        cancelled: Collection[str],
    ) -> None:
        self.as_of = as_of
        self.dead = frozenset(uuid.upper() for uuid in cancelled)
        stamped = [it for it in documents if it.uuid is not None]
        self.known = {it.uuid for it in stamped if it.tipo_de_comprobante == "I"}
        listed = [it for it in stamped if it.fecha.date() <= as_of]
        self.by_uuid = {it.uuid: it for it in listed}
        self.invoices = [it for it in listed if it.tipo_de_comprobante == "I"]
        self.invoices.sort(key=lambda it: (it.fecha, it.number))
        every = [it for it in listed if it.tipo_de_comprobante == "P"]
        self.live = in_force(every, cancelled=self.dead)
        alive = {it.uuid for it in self.live}
        self.gone = stated_of(it for it in every if it.uuid not in alive)
        notes = in_force(
            (it for it in listed if it.tipo_de_comprobante == "E"), cancelled=self.dead
        )
        self.credits = credits_by_invoice(sorted(notes, key=lambda it: it.fecha))
        self.asked = received is not None
        self.received: dict[str, list[Received]] = defaultdict(list)
        for one in received or ():
            if one.day <= as_of and one.amount:
                self.received[one.invoice.upper()].append(one)

    def findings(self) -> Iterator[Mismatch]:
        by_invoice = stated_of(self.live)
        for invoice in self.invoices:
            stated = sorted(
                by_invoice.pop(invoice.uuid or "", ()),
                key=lambda it: (it.payment.fecha_pago, it.doc.num_parcialidad, it.complement.fecha),
            )
            yield from self._invoice(invoice, stated)
        for uuid in dict.fromkeys((*by_invoice, *self.received)):
            if uuid not in self.known:
                yield from (self._unknown(uuid, it) for it in by_invoice.get(uuid, ()))
                yield from (self._unknown_to(uuid, one) for one in self.received.get(uuid, ()))

    def _invoice(self, invoice: Comprobante, stated: Sequence[Stated]) -> Iterator[Mismatch]:
        if invoice.uuid in self.dead:
            for it in stated:
                fact = f"invoice {invoice.number} is cancelled and complement {it.complement.number} in force pays it"
                yield self._about(invoice, "INVOICE_CANCELLED_WITH_LIVE_REP", fact, it)
            return
        once, again = apart(stated, self.received[invoice.uuid or ""])
        for it in again:
            fact = f"complement {it.complement.number} states again the payment of {it.day} of {it.payment.monto} {it.payment.moneda_p}"
            yield self._about(invoice, "DUPLICATE_REP", fact, it)
        for it in once:
            yield from self._papers(invoice, it)
        if invoice.metodo_pago == "PUE":
            yield from self._paid_at_once(invoice, once)
            return
        yield from self._late(invoice, once)
        account = Account(invoice, tuple(once), tuple(self.credits.get(invoice.uuid or "", ())))
        yield from self._sequence(account)
        yield from self._amounts(account, stated)
        if self.asked:
            yield from self._payments(invoice, once)

    def _papers(self, invoice: Comprobante, it: Stated) -> Iterator[Mismatch]:
        if it.doc.moneda_dr != invoice.moneda:
            fact = f"complement {it.complement.number} says MonedaDR {it.doc.moneda_dr}; invoice {invoice.number} is in {invoice.moneda}"
            yield self._about(
                invoice,
                "CURRENCY_MISMATCH",
                fact,
                it,
                found=it.doc.moneda_dr,
                expected=invoice.moneda,
            )
        ours, theirs = invoice.receptor.rfc, it.complement.receptor.rfc
        if ours != theirs:
            fact = f"complement {it.complement.number} is of {theirs}; invoice {invoice.number} is of {ours}"
            yield self._about(invoice, "RECEPTOR_MISMATCH", fact, it, found=theirs, expected=ours)
        if it.day < invoice.fecha.date():
            fact = (
                f"the payment is of {it.day}, invoice {invoice.number} of {invoice.fecha:%Y-%m-%d}"
            )
            yield self._about(
                invoice,
                "PAYMENT_BEFORE_INVOICE",
                fact,
                it,
                found=str(it.day),
                expected=f">= {invoice.fecha:%Y-%m-%d}",
            )

    def _paid_at_once(self, invoice: Comprobante, stated: Sequence[Stated]) -> Iterator[Mismatch]:
        for it in stated:
            fact = f"invoice {invoice.number} is PUE, paid at once; complement {it.complement.number} pays it"
            yield self._about(invoice, "REP_FOR_PUE", fact, it)
        last = month_end(invoice.fecha.date())
        for one in self.received[invoice.uuid or ""]:
            if one.day > last:
                fact = f"invoice {invoice.number} is PUE of {invoice.fecha:%Y-%m-%d}; {one.reference} paid it on {one.day}"
                yield self._about(
                    invoice,
                    "PUE_PAID_AFTER_MONTH_END",
                    fact,
                    payment=one.reference,
                    found=str(one.day),
                    expected=f"<= {last}",
                )

    def _late(self, invoice: Comprobante, stated: Sequence[Stated]) -> Iterator[Mismatch]:
        for it in stated:
            due, issued = complement_due(it.day), self._issued(it.complement, it)
            if issued > due:
                fact = f"the payment is of {it.day}; complement {it.complement.number} was issued on {issued}, due {due}"
                yield self._about(
                    invoice, "LATE_REP", fact, it, due=due, found=str(issued), expected=f"<= {due}"
                )

    def _issued(
        self, complement: Comprobante, of: Stated, seen: frozenset[str] = frozenset()
    ) -> date:
        """Return when a payment was first stated: a substitute keeps the day of what it substitutes."""
        stamp = complement.timbres[0].fecha_timbrado if complement.timbres else complement.fecha
        days = [stamp.date()]
        for uuid in complement.related(SUBSTITUTES):
            before = self.by_uuid.get(uuid)
            if before is not None and uuid not in seen and _states(before, of):
                days.append(self._issued(before, of, seen | {uuid}))
        return min(days)

    def _sequence(self, account: Account) -> Iterator[Mismatch]:
        invoice = account.invoice
        for it, expected in account.expected():
            counted = counted_cancelled(it, expected, self.gone.get(invoice.uuid or "", ()))
            if counted is not None:
                fact = f"complement {it.complement.number} goes on from {counted.number}, which is not in force"
                yield self._about(
                    invoice,
                    "CANCELLED_REP_COUNTED",
                    fact,
                    it,
                    found=str(it.doc.imp_saldo_ant),
                    expected=expected.balance_text,
                )
                continue
            if it.doc.num_parcialidad != expected.number:
                fact = f"it is payment {expected.number} of invoice {invoice.number}; {it.complement.number} says {it.doc.num_parcialidad}"
                yield self._about(
                    invoice,
                    "WRONG_PARCIALIDAD",
                    fact,
                    it,
                    found=str(it.doc.num_parcialidad),
                    expected=str(expected.number),
                )
            fault = balance_fault(it, expected)
            if fault is not None:
                fact = f"before this payment {expected.balance_text} was open of invoice {invoice.number}; {it.complement.number} says {fault}"
                yield self._about(
                    invoice, "SALDO_MISMATCH", fact, it, found=fault, expected=expected.balance_text
                )

    def _amounts(self, account: Account, stated: Sequence[Stated]) -> Iterator[Mismatch]:
        invoice = account.invoice
        same = [it for it in stated if it.doc.moneda_dr == invoice.moneda]
        paid = limits.exact_sum(it.doc.imp_pagado for it in same)
        over = EXACT.subtract(paid, invoice.total)
        if over > 0:
            fact = f"complements in force state {paid} {invoice.moneda} paid of {invoice.total}"
            yield self._about(invoice, "OVERPAID", fact, amount=Money.of_sum(over, invoice.moneda))
        fault = tax_fault(account) if over <= 0 else None
        if fault is not None:
            name, found, expected = fault
            fact = f"the bases stated for {name} sum to {found}; invoice {invoice.number} has {expected}"
            yield self._about(invoice, "TAX_SUM_MISMATCH", fact, found=found, expected=expected)

    def _payments(self, invoice: Comprobante, stated: Sequence[Stated]) -> Iterator[Mismatch]:
        matched = match(
            sorted(self.received[invoice.uuid or ""], key=lambda it: (it.day, it.reference)), stated
        )
        for one, it in matched.differing:
            fact = f"{one.reference} of {one.day} paid {one.amount}; complement {it.complement.number} states {it.paid_in(one.amount.currency):f}"
            yield self._about(
                invoice,
                "AMOUNT_MISMATCH",
                fact,
                it,
                payment=one.reference,
                found=f"{it.paid_in(one.amount.currency):f}",
                expected=f"{one.amount.amount:f}",
            )
        for one in matched.unstated:
            due = complement_due(one.day)
            kind: Kind = "MISSING_REP" if self.as_of > due else "PENDING_REP"
            fact = f"{one.reference} of {one.day} paid {one.amount} of invoice {invoice.number}; no complement in force states it"
            gone = [
                f"complement {it.complement.number} does, and is cancelled or substituted"
                for it in self.gone.get(invoice.uuid or "", ())
                if it.day == one.day
            ]
            yield self._about(
                invoice, kind, fact, None, *gone, payment=one.reference, due=due, amount=one.amount
            )

    def _unknown(self, uuid: str, it: Stated) -> Mismatch:
        fact = f"complement {it.complement.number} pays {uuid}, which is not among the documents"
        return Mismatch(
            kind="UNKNOWN_DOCUMENT",
            customer=it.complement.receptor.rfc,
            complement=it.complement.number,
            complement_uuid=it.complement.uuid,
            found=uuid,
            facts=(fact,),
        )

    def _unknown_to(self, uuid: str, one: Received) -> Mismatch:
        fact = f"{one.reference} of {one.day} paid {one.amount} of {uuid}, which is not among the documents"
        return Mismatch(
            kind="UNKNOWN_DOCUMENT",
            payment=one.reference,
            amount=one.amount,
            found=uuid,
            facts=(fact,),
        )

    def _about(
        self,
        invoice: Comprobante,
        kind: Kind,
        fact: str,
        it: Stated | None = None,
        *more: str,
        payment: str | None = None,
        due: date | None = None,
        amount: Money | None = None,
        found: str | None = None,
        expected: str | None = None,
    ) -> Mismatch:
        return Mismatch(
            kind=kind,
            customer=invoice.receptor.rfc,
            invoice=invoice.number,
            invoice_uuid=invoice.uuid,
            complement=it.complement.number if it else None,
            complement_uuid=it.complement.uuid if it else None,
            payment=payment,
            due=due,
            amount=amount,
            found=found,
            expected=expected,
            facts=(fact, *more),
        )


def _states(complement: Comprobante, of: Stated) -> bool:
    return any(
        doc.id_documento.upper() == of.doc.id_documento.upper()
        for payment in complement.payments()
        if payment.fecha_pago.date() == of.day
        for doc in payment.documentos
    )
