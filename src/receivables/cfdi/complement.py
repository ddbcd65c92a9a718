"""Payments and what they pay, to the complement a PAC accepts: pure arithmetic, no clock, no file.

    complement = build_complement(payments, allocations, documents, issuer, receiver, SIX_DECIMALS, issued_at=…)
    complement.findings      # what SAT's matrix would say: nothing
    complement.xml()         # the draft, ready to be sealed

Each figure is derived from the ones written before it, never from something unrounded: BaseDR telescopes over the
payments of an invoice, ImporteDR is BaseDR times the rate, the payment's taxes are the sums of the documents' by their
equivalence, the totals are those by the exchange rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from receivables.cfdi import limits
from receivables.cfdi.documents import (
    Comprobante,
    Concepto,
    DoctoRelacionado,
    Emisor,
    Pago,
    Pagos,
    Receptor,
    Relacionados,
)
from receivables.cfdi.means import MEANS, NOON
from receivables.cfdi.payable import PayableDocument
from receivables.cfdi.profiles import SIX_DECIMALS, Profile
from receivables.cfdi.proration import Share, document_taxes, payment_taxes, stated_before, totals
from receivables.cfdi.relations import SUBSTITUTES
from receivables.cfdi.rules import Finding, check
from receivables.cfdi.write import write
from receivables.cfdi.written import Written
from receivables.errors import UnbuildableComplement
from receivables.explain import Explanation
from receivables.facts import Allocation, Payment
from receivables.money import Money, decimals
from receivables.problems import Problem
from receivables.rounding import EXACT, Rounding

_EQUIVALENCE = 10  # decimals; rounded up, so that what a document takes never exceeds the payment
_ONE = Written("1")
_ZERO = Written("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues: name and regime as SAT has them, and the postal code the document is issued at."""

    rfc: str
    nombre: str
    regimen_fiscal: str
    lugar_expedicion: str

    @classmethod
    def of(cls, document: Comprobante) -> Issuer:
        """Take the issuer of another document."""
        it = document.emisor
        return cls(
            rfc=it.rfc,
            nombre=it.nombre,
            regimen_fiscal=it.regimen_fiscal,
            lugar_expedicion=document.lugar_expedicion,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who paid, or the factor who did: name, postal code and regime as SAT has them."""

    rfc: str
    nombre: str
    domicilio_fiscal: str
    regimen_fiscal: str
    residencia_fiscal: str | None = None
    num_reg_id_trib: str | None = None

    @classmethod
    def of(cls, document: Comprobante) -> Receiver:
        """Take the receiver of another document."""
        it = document.receptor
        return cls(
            rfc=it.rfc,
            nombre=it.nombre,
            domicilio_fiscal=it.domicilio_fiscal_receptor,
            regimen_fiscal=it.regimen_fiscal_receptor,
            residencia_fiscal=it.residencia_fiscal,
            num_reg_id_trib=it.num_reg_id_trib,
        )


@dataclass(frozen=True, slots=True)
class Complement:
    """A payment complement not yet sealed, with what it rests on.

    Args:
        voucher: The document.
        problems: What is odd about the facts, such as a payment dated before its invoice.
    """

    voucher: Comprobante
    problems: tuple[Problem, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What SAT's matrix would say."""
        return check(self.voucher)

    def xml(self) -> bytes:
        """Return the draft as XML."""
        return write(self.voucher)

    def explain(self) -> Explanation:
        """Return how MontoTotalPagos is made up, payment by payment, with the balance of each document as a remark."""
        parts: list[Explanation] = []
        whole = Decimal(0)
        for payment in self.voucher.payments():
            pesos = EXACT.multiply(payment.monto, payment.tipo_cambio_p or Decimal(1))
            whole = EXACT.add(whole, pesos)
            remarks = tuple(Explanation(_balance(doc)) for doc in payment.documentos)
            text = f"{payment.fecha_pago:%Y-%m-%d}: {payment.monto} {payment.moneda_p} at {payment.tipo_cambio_p}"
            parts.append(Explanation(text, pesos, "MXN", remarks))
        stated = Rounding.HALF_UP.apply(whole, 2)
        if stated != whole:
            parts.append(Explanation("rounded to cents", EXACT.subtract(stated, whole), "MXN"))
        return Explanation("MontoTotalPagos", stated, "MXN", tuple(parts))


def _balance(doc: DoctoRelacionado) -> str:
    name = "-".join(part for part in (doc.serie, doc.folio) if part) or doc.id_documento
    return (
        f"{name}, payment {doc.num_parcialidad}: {doc.imp_saldo_ant} - {doc.imp_pagado}"
        f" = {doc.imp_saldo_insoluto} {doc.moneda_dr}"
    )


def build_complement(
    payments: Sequence[Payment],
    allocations: Iterable[Allocation],
    documents: Iterable[PayableDocument],
    issuer: Issuer,
    receiver: Receiver,
    profile: Profile = SIX_DECIMALS,
    *,
    issued_at: datetime,
    serie: str | None = None,
    folio: str | None = None,
    replaces: Sequence[str] = (),
) -> Complement:
    """Build the complement of one or several payments.

    Args:
        payments: In the order they are stated. How each was paid stands in its attributes; `paid_by` makes them.
        allocations: What each payment pays of which document; what is left of a payment stays unapplied.
        documents: The invoices, each with its history.
        issuer: Who issues.
        receiver: Who paid.
        profile: Which practice to follow where SAT leaves a choice.
        issued_at: Date and time of the document, local to where it is issued, without time zone.
        serie: Series.
        folio: Number within the series.
        replaces: UUIDs of complements this one substitutes (relation 04).

    Raises:
        UnbuildableComplement: When the facts make no complement; the message says which and why.
    """
    known = {it.id: it for it in documents}
    shares = _shares(payments, allocations, known)
    problems: list[Problem] = []
    nodes: list[Pago] = []
    for payment in payments:
        problems.extend(_oddities(payment, shares[payment.id], issued_at))
        nodes.append(_payment(payment, shares[payment.id], profile))
    if not nodes:
        msg = "a complement states at least one payment; give the payments it is for"
        raise UnbuildableComplement(msg)
    pagos = Pagos(totales=totals(nodes), pagos=tuple(nodes))
    related = (Relacionados(tipo_relacion=SUBSTITUTES, uuids=tuple(replaces)),) if replaces else ()
    return Complement(
        _shell(issuer, receiver, pagos, related, issued_at, serie, folio), tuple(problems)
    )


# --- what each payment pays ---------------------------------------------------------------------


def _shares(
    payments: Sequence[Payment],
    allocations: Iterable[Allocation],
    documents: Mapping[str, PayableDocument],
) -> dict[str, list[Share]]:
    """Put the allocations in the order of the payments, and follow each document's balance through them."""
    by_payment: dict[str, dict[str, list[Allocation]]] = {it.id: {} for it in payments}
    if len(by_payment) != len(payments):
        msg = "two payments have one id; a payment is stated once"
        raise UnbuildableComplement(msg)
    for allocation in allocations:
        if allocation.source not in by_payment:
            msg = f"allocation {allocation.id} is of payment {allocation.source}, which is not among those given"
            raise UnbuildableComplement(msg)
        by_payment[allocation.source].setdefault(allocation.target, []).append(allocation)
    state: dict[str, Share] = {}
    found: dict[str, list[Share]] = {}
    for payment in payments:
        found[payment.id] = []
        for target, parts in by_payment[payment.id].items():
            if target not in documents:
                msg = f"allocation {parts[0].id} pays {target}, which is not among the documents given"
                raise UnbuildableComplement(msg)
            share = _next(payment, documents[target], parts, state.get(target))
            state[target] = share
            found[payment.id].append(share)
        _fits(payment, found[payment.id])
    return found


def _next(
    payment: Payment, document: PayableDocument, parts: Sequence[Allocation], before: Share | None
) -> Share:
    paid, taken = parts[0].amount, parts[0].taken
    for part in parts[1:]:
        paid, taken = paid + part.amount, taken + part.taken
    if paid.currency != document.total.currency or taken.currency != payment.amount.currency:
        msg = (
            f"allocation {parts[0].id} is of {paid} out of {taken}; invoice {document.name} is in"
            f" {document.total.currency} and payment {payment.id} in {payment.amount.currency}:"
            " give amount in the invoice's currency and source_amount in the payment's"
        )
        raise UnbuildableComplement(msg)
    balance = document.balance if before is None else before.remains
    if paid > balance:
        msg = (
            f"payment {payment.id} pays {paid} of invoice {document.name}, which has {balance} open;"
            " allocate at most that and leave the rest of the payment unapplied"
        )
        raise UnbuildableComplement(msg)
    last = max((it.number for it in document.history), default=0)
    number = before.number + 1 if before else last + 1
    stated = stated_before(document) if before is None else before.after
    return Share(document, number, balance, paid, taken, stated)


def _fits(payment: Payment, shares: Sequence[Share]) -> None:
    if not shares:
        msg = f"payment {payment.id} pays no document; a complement states what each payment pays"
        raise UnbuildableComplement(msg)
    taken = limits.exact_sum(share.taken.amount for share in shares)
    if taken > payment.amount.amount:
        msg = f"payment {payment.id} of {payment.amount} is allocated for {taken}; it can pay at most what it is"
        raise UnbuildableComplement(msg)


def _oddities(payment: Payment, shares: Sequence[Share], issued_at: datetime) -> Iterable[Problem]:
    if payment.posting_date > issued_at.date():
        msg = f"payment {payment.id} of {payment.posting_date} is later than its complement of {issued_at.date()}"
        yield Problem("payment-after-complement", msg, payment.id, severity="noted")
    for share in shares:
        if payment.posting_date < share.document.issued_on:
            msg = (
                f"payment {payment.id} of {payment.posting_date} is earlier than invoice {share.document.name}"
                f" of {share.document.issued_on}; an advance is applied with a credit note, not with a complement"
            )
            yield Problem("payment-before-invoice", msg, payment.id, severity="noted")
        if share.document.metodo_pago == "PUE":
            msg = (
                f"invoice {share.document.name} is PUE, paid at once, and takes no complement; when it was not, substitute"
                " it by one with PPD and 99 (relation 04)"
            )
            yield Problem("complement-of-pue", msg, payment.id, severity="noted")


# --- the nodes ----------------------------------------------------------------------------------


def _payment(payment: Payment, shares: Sequence[Share], profile: Profile) -> Pago:
    given = dict(payment.attributes)
    currency = payment.amount.currency
    documents = tuple(_document(share, currency) for share in shares)
    moment = datetime.combine(payment.posting_date, time.fromisoformat(given.get("hora", NOON)))
    if "forma_de_pago" not in given:
        msg = f"payment {payment.id} does not say how it was paid; give it attributes=paid_by(forma_de_pago='03', …)"
        raise UnbuildableComplement(msg)
    if currency != "MXN" and "tipo_cambio" not in given:
        msg = f"payment {payment.id} is in {currency} and has no exchange rate; give paid_by(…, tipo_cambio='18.50')"
        raise UnbuildableComplement(msg)
    return Pago(
        fecha_pago=moment,
        forma_de_pago_p=given["forma_de_pago"],
        moneda_p=currency,
        tipo_cambio_p=_ONE if currency == "MXN" else Written(given["tipo_cambio"]),
        monto=_written(payment.amount),
        documentos=documents,
        impuestos_p=payment_taxes(documents, currency, profile),
        **{name: given[name] for name in MEANS if name in given},
    )


def _document(share: Share, currency: str) -> DoctoRelacionado:
    it = share.document
    same = it.total.currency == currency
    rate = Decimal(1) if same else EXACT.divide(share.paid.amount, share.taken.amount)
    return DoctoRelacionado(
        id_documento=it.uuid,
        serie=it.serie,
        folio=it.folio,
        moneda_dr=it.total.currency,
        equivalencia_dr=_ONE if same else Written.of(Rounding.UP.apply(rate, _EQUIVALENCE)),
        num_parcialidad=share.number,
        imp_saldo_ant=_written(share.balance),
        imp_pagado=_written(share.paid),
        imp_saldo_insoluto=_written(share.remains),
        objeto_imp_dr=it.objeto_imp,
        impuestos_dr=document_taxes(share),
    )


def _written(amount: Money) -> Written:
    return Written.of(amount.amount, decimals(amount.currency))


def _shell(
    issuer: Issuer,
    receiver: Receiver,
    pagos: Pagos,
    related: tuple[Relacionados, ...],
    issued_at: datetime,
    serie: str | None,
    folio: str | None,
) -> Comprobante:
    line = Concepto(
        clave_prod_serv="84111506",
        cantidad=_ONE,
        clave_unidad="ACT",
        descripcion="Pago",
        valor_unitario=_ZERO,
        importe=_ZERO,
        objeto_imp="01",
    )
    return Comprobante(
        version="4.0",
        serie=serie,
        folio=folio,
        fecha=issued_at.replace(microsecond=0, tzinfo=None),
        sub_total=_ZERO,
        moneda="XXX",
        total=_ZERO,
        tipo_de_comprobante="P",
        exportacion="01",
        lugar_expedicion=issuer.lugar_expedicion,
        relacionados=related,
        emisor=Emisor(rfc=issuer.rfc, nombre=issuer.nombre, regimen_fiscal=issuer.regimen_fiscal),
        receptor=Receptor(
            rfc=receiver.rfc,
            nombre=receiver.nombre,
            domicilio_fiscal_receptor=receiver.domicilio_fiscal,
            residencia_fiscal=receiver.residencia_fiscal,
            num_reg_id_trib=receiver.num_reg_id_trib,
            regimen_fiscal_receptor=receiver.regimen_fiscal,
            uso_cfdi="CP01",
        ),
        conceptos=(line,),
        pagos=(pagos,),
    )
