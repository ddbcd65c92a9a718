"""Documents to facts: I is an invoice, E a credit memo, P payments and their allocations. Pure.

The id of a fact is the UUID (payments add their place in the complement), so importing twice gives the same facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from receivables.cfdi.documents import Comprobante, DoctoRelacionado, Pago
from receivables.cfdi.limits import in_payment_currency
from receivables.cfdi.means import means_of
from receivables.cfdi.written import Written
from receivables.errors import ReceivablesError
from receivables.facts import (
    Allocation,
    Attributes,
    CreditMemo,
    DebitMemo,
    Fact,
    Invoice,
    Origin,
    Payment,
    TaxLine,
)
from receivables.money import Money
from receivables.problems import Problem
from receivables.rounding import EXACT, Rounding
from receivables.terms import PaymentTerms

TAXES = {"001": "ISR", "002": "IVA", "003": "IEPS"}
_FACTORS = {"Tasa": "rate", "Cuota": "quota", "Exento": "exempt"}
_DEBIT = "02"
_ADVANCE = "Anticipo del bien o servicio"

TermsOf = Callable[[Comprobante], PaymentTerms | None]


@dataclass(slots=True)
class Mapped:
    """What one document became.

    Args:
        facts: The facts it says.
        problems: What is odd about it.
    """

    facts: list[Fact] = field(default_factory=list[Fact])
    problems: list[Problem] = field(default_factory=list[Problem])

    def note(self, code: str, message: str, where: str, severity: str = "noted") -> None:
        """Add a remark, or a problem that left something out."""
        self.problems.append(
            Problem(
                code, message, where, severity="noted" if severity == "noted" else "quarantined"
            )
        )


def billed(document: Comprobante, where: str, terms: TermsOf | None) -> Mapped:
    """Return the invoice, debit memo or credit memo a document of type I or E is."""
    made = Mapped()
    uuid = document.uuid or ""
    amount = Money(str(document.total), document.moneda)
    taxes = _tax_lines(document)
    kind = _kind(document)
    chosen = terms(document) if terms is not None and kind is not CreditMemo else None
    values: dict[str, Any] = {
        "id": uuid,
        "customer": document.receptor.rfc,
        "amount": amount,
        "posting_date": document.fecha.date(),
        "document_date": document.fecha.date(),
        "company_amount": _in_pesos(document),
        "legal_entity": document.emisor.rfc,
        "reference": document.number,
        "attributes": _attributes(document),
        "origin": Origin("cfdi", uuid, fields=(("file", where),)),
        "taxes": taxes,
        "net_amount": _net(document, amount, taxes, made, where),
        "terms": chosen,
    }
    made.facts.append(kind(**values))
    return made


def _kind(document: Comprobante) -> type[Invoice | DebitMemo | CreditMemo]:
    if document.tipo_de_comprobante == "E" and not document.related(_DEBIT):
        return CreditMemo
    return DebitMemo if document.related(_DEBIT) else Invoice


def _attributes(document: Comprobante) -> Attributes:
    made = {
        "metodo_pago": document.metodo_pago,
        "forma_pago": document.forma_pago,
        "uso_cfdi": document.receptor.uso_cfdi,
        "customer_name": document.receptor.nombre,
        "tipo_cambio": document.tipo_cambio.text if document.tipo_cambio is not None else None,
        "condiciones_de_pago": document.condiciones_de_pago,
        "anticipo": "1" if _is_advance(document) else None,
        "relacionados": " ".join(
            f"{group.tipo_relacion}:{uuid.upper()}"
            for group in document.relacionados
            for uuid in group.uuids
        ),
    }
    return tuple(sorted((name, value) for name, value in made.items() if value))


def _is_advance(document: Comprobante) -> bool:
    return any(
        line.clave_prod_serv == "84111506" and line.descripcion == _ADVANCE
        for line in document.conceptos
    )


def _in_pesos(document: Comprobante) -> Money | None:
    if document.moneda == "MXN":
        return Money(str(document.total), "MXN")
    if document.tipo_cambio is None:
        return None
    pesos = EXACT.multiply(document.total, document.tipo_cambio)
    return Money.rounded(pesos, "MXN", Rounding.HALF_UP)


def _tax_lines(document: Comprobante) -> tuple[TaxLine, ...]:
    """Return the taxes by kind and rate, summed over the lines; the cents are those of the document's summary.

    The summary has no rates of withholdings, the lines have: what a summary row says more or less than its lines goes to
    the largest of them.
    """
    currency = document.moneda
    sums: dict[tuple[bool, str, str, Decimal | None], list[Decimal]] = {}
    for line in document.conceptos:
        taxes = line.impuestos
        rows = [(False, row) for row in taxes.traslados] if taxes else []
        rows += [(True, row) for row in taxes.retenciones] if taxes else []
        for withheld, row in rows:
            rate = None if row.tasa_o_cuota is None else Decimal(row.tasa_o_cuota)
            key = (withheld, row.impuesto, row.tipo_factor or "Tasa", rate)
            base, tax = sums.setdefault(key, [Decimal(0), Decimal(0)])
            sums[key] = [
                EXACT.add(base, row.base or Decimal(0)),
                EXACT.add(tax, row.importe or Decimal(0)),
            ]
    amounts = {
        key: Money.rounded(tax, currency, Rounding.HALF_UP) for key, (_, tax) in sums.items()
    }
    _settle(document, amounts)
    lines = [
        TaxLine(
            TAXES.get(key[1], key[1]),
            Money.rounded(sums[key][0], currency, Rounding.HALF_UP),
            amount,
            key[3],
            _FACTORS.get(key[2], "rate"),  # type: ignore[arg-type]
            key[0],
        )
        for key, amount in amounts.items()
    ]
    lines += [
        _local(tax.name, tax.rate, tax.importe, currency, withheld=tax.withheld)
        for tax in document.locales
    ]
    return tuple(lines)


def _settle(
    document: Comprobante, amounts: dict[tuple[bool, str, str, Decimal | None], Money]
) -> None:
    if document.impuestos is None:
        return
    summary: dict[tuple[bool, str], Money] = {}
    for withheld, rows in (
        (False, document.impuestos.traslados),
        (True, document.impuestos.retenciones),
    ):
        for row in rows:
            part = Money.rounded(row.importe or Decimal(0), document.moneda, Rounding.HALF_UP)
            place = (withheld, row.impuesto)
            summary[place] = summary.get(place, Money.zero(document.moneda)) + part
    for (withheld, tax), stated in summary.items():
        keys = [key for key in amounts if key[:2] == (withheld, tax)]
        if keys:
            have = Money.zero(document.moneda)
            for key in keys:
                have += amounts[key]
            largest = max(keys, key=lambda key: amounts[key].amount)
            amounts[largest] += stated - have


def _local(name: str, rate: Written, importe: Written, currency: str, *, withheld: bool) -> TaxLine:
    amount = Money.rounded(importe, currency, Rounding.HALF_UP)
    share = EXACT.divide(rate, Decimal(100))
    base = (
        Money.rounded(EXACT.divide(importe, share), currency, Rounding.HALF_UP) if share else amount
    )
    return TaxLine(name, base, amount, share, "rate", withheld)


def _net(
    document: Comprobante, amount: Money, taxes: tuple[TaxLine, ...], made: Mapped, where: str
) -> Money | None:
    """Return the amount before taxes when it agrees with them, else say by how much it does not."""
    off = EXACT.subtract(document.sub_total, document.descuento or Decimal(0))
    net = Money.rounded(off, document.moneda, Rounding.HALF_UP)
    computed = amount
    for line in taxes:
        computed = computed + line.amount if line.withheld else computed - line.amount
    if computed == net:
        return net
    msg = f"total {amount} less taxes is {computed} and SubTotal less Descuento is {net}; the total is kept"
    made.note("total-does-not-tie", msg, where)
    return None


# --- payments -----------------------------------------------------------------------------------


def paid(document: Comprobante, where: str, targets: Mapping[str, Fact]) -> Mapped:
    """Return the payments a complement states, and their allocations to the invoices that are known.

    Args:
        document: A document of type P.
        where: Its file.
        targets: Charges known, by UUID; an allocation to any other is left pending and the payment unapplied.
    """
    made = Mapped()
    for number, payment in enumerate(document.payments(), start=1):
        try:
            made.facts += _payment(document, payment, number, where, targets, made)
        except ReceivablesError as error:
            made.note(error.code, str(error), f"{where}#Pago[{number}]", "quarantined")
    return made


def _payment(
    document: Comprobante,
    payment: Pago,
    number: int,
    where: str,
    targets: Mapping[str, Fact],
    made: Mapped,
) -> list[Fact]:
    uuid = f"{document.uuid}/{number}"
    amount = Money(str(payment.monto), payment.moneda_p)
    day = payment.fecha_pago.date()
    rate = payment.tipo_cambio_p or Decimal(1)
    received = Payment(
        id=uuid,
        customer=document.receptor.rfc,
        amount=amount,
        posting_date=day,
        document_date=day,
        company_amount=Money.rounded(EXACT.multiply(payment.monto, rate), "MXN", Rounding.HALF_UP),
        legal_entity=document.emisor.rfc,
        reference=payment.num_operacion or document.number,
        attributes=(
            *means_of(payment),
            ("complement", document.uuid or ""),
            ("customer_name", document.receptor.nombre),
        ),
        origin=Origin("cfdi", uuid, fields=(("file", where),)),
    )
    uses: list[Fact] = []
    left = amount
    for place, doc in enumerate(payment.documentos, start=1):
        spot = f"{where}#Pago[{number}]/DoctoRelacionado[{place}]"
        if doc.id_documento.upper() not in targets:
            msg = (
                f"pays {doc.imp_pagado} {doc.moneda_dr} of {doc.id_documento.upper()}, which is not known;"
                " the payment stays unapplied for it"
            )
            made.note("pending-allocation", msg, spot)
            continue
        taken = _taken(doc, left)
        if not taken:
            msg = (
                f"pays {doc.id_documento.upper()} more than the payment has; nothing is left for it"
            )
            made.note("nothing-left", msg, spot)
            continue
        left -= taken
        uses.append(_allocation(received, doc, place, taken))
    return [received, *uses]


def _allocation(payment: Payment, doc: DoctoRelacionado, place: int, taken: Money) -> Allocation:
    return Allocation(
        id=f"{payment.id}/{place}",
        source=payment.id,
        target=doc.id_documento.upper(),
        amount=Money(str(doc.imp_pagado), doc.moneda_dr),
        source_amount=None if doc.moneda_dr == taken.currency else taken,
        posting_date=payment.posting_date,
        attributes=(
            ("imp_saldo_ant", doc.imp_saldo_ant.text),
            ("imp_saldo_insoluto", doc.imp_saldo_insoluto.text),
            ("num_parcialidad", str(doc.num_parcialidad)),
        ),
        origin=payment.origin,
    )


def _taken(doc: DoctoRelacionado, left: Money) -> Money:
    """Return what a document takes of a payment, in its currency, at most what is left of it."""
    if doc.moneda_dr == left.currency:
        return Money(str(doc.imp_pagado), left.currency)
    taken = Money.rounded(in_payment_currency(doc.imp_pagado, doc), left.currency, Rounding.HALF_UP)
    return min(taken, left)
