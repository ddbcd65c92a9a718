"""CRP20201 to CRP20211: the totals of the complement, in pesos, from the figures written in its payments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from receivables.cfdi import limits
from receivables.cfdi.documents import Pago, Pagos, Tax, Written
from receivables.cfdi.rules.payment_taxes import VAT
from receivables.cfdi.rules.registry import Fault, rule
from receivables.rounding import EXACT

_PESOS = 2


def _in_pesos(amount: Decimal, payment: Pago) -> Decimal:
    rate = payment.tipo_cambio_p
    return amount if rate is None or rate == 1 else EXACT.multiply(amount, rate)


def _check(node: Pagos, field: str, name: str, exact: Iterator[Decimal]) -> Fault | None:
    written: Written | None = getattr(node.totales, field, None)
    if written is None:
        return None
    expected = limits.rounded_like(limits.exact_sum(exact), written, _PESOS)
    return None if written == expected else Fault(f"Totales/@{name}", str(written), str(expected))


def _withheld(node: Pagos, tax: str) -> Iterator[Decimal]:
    for payment in node.pagos:
        for row in payment.impuestos_p.retenciones if payment.impuestos_p else ():
            if row.impuesto == tax and row.importe is not None:
                yield _in_pesos(row.importe, payment)


def _charged(
    node: Pagos, rate: str | None, figure: Callable[[Tax], Written | None]
) -> Iterator[Decimal]:
    for payment in node.pagos:
        for row in payment.impuestos_p.traslados if payment.impuestos_p else ():
            fits = (
                row.tipo_factor == "Exento"
                if rate is None
                else row.tipo_factor == "Tasa" and row.tasa_o_cuota == Decimal(rate)
            )
            value = figure(row)
            if row.impuesto == VAT and fits and value is not None:
                yield _in_pesos(value, payment)


def _base(row: Tax) -> Written | None:
    return row.base


def _tax(row: Tax) -> Written | None:
    return row.importe


@rule(
    "CRP20201",
    "complement",
    es="TotalRetencionesIVA es la suma de las retenciones de IVA en pesos.",
    en="TotalRetencionesIVA is the sum of the IVA withheld, in pesos.",
)
def vat_withheld(it: Pagos) -> Fault | None:
    return _check(it, "total_retenciones_iva", "TotalRetencionesIVA", _withheld(it, "002"))


@rule(
    "CRP20202",
    "complement",
    es="TotalRetencionesISR es la suma de las retenciones de ISR en pesos.",
    en="TotalRetencionesISR is the sum of the ISR withheld, in pesos.",
)
def income_tax_withheld(it: Pagos) -> Fault | None:
    return _check(it, "total_retenciones_isr", "TotalRetencionesISR", _withheld(it, "001"))


@rule(
    "CRP20203",
    "complement",
    es="TotalRetencionesIEPS es la suma de las retenciones de IEPS en pesos.",
    en="TotalRetencionesIEPS is the sum of the IEPS withheld, in pesos.",
)
def excise_withheld(it: Pagos) -> Fault | None:
    return _check(it, "total_retenciones_ieps", "TotalRetencionesIEPS", _withheld(it, "003"))


@rule(
    "CRP20204",
    "complement",
    es="TotalTrasladosBaseIVA16 es la suma de las bases al 16 % en pesos.",
    en="TotalTrasladosBaseIVA16 is the sum of the bases at 16 %, in pesos.",
)
def base_16(it: Pagos) -> Fault | None:
    return _check(
        it, "total_traslados_base_iva16", "TotalTrasladosBaseIVA16", _charged(it, "0.16", _base)
    )


@rule(
    "CRP20205",
    "complement",
    es="TotalTrasladosImpuestoIVA16 es la suma del IVA al 16 % en pesos.",
    en="TotalTrasladosImpuestoIVA16 is the sum of the IVA at 16 %, in pesos.",
)
def tax_16(it: Pagos) -> Fault | None:
    return _check(
        it,
        "total_traslados_impuesto_iva16",
        "TotalTrasladosImpuestoIVA16",
        _charged(it, "0.16", _tax),
    )


@rule(
    "CRP20206",
    "complement",
    es="TotalTrasladosBaseIVA8 es la suma de las bases al 8 % en pesos.",
    en="TotalTrasladosBaseIVA8 is the sum of the bases at 8 %, in pesos.",
)
def base_8(it: Pagos) -> Fault | None:
    return _check(
        it, "total_traslados_base_iva8", "TotalTrasladosBaseIVA8", _charged(it, "0.08", _base)
    )


@rule(
    "CRP20207",
    "complement",
    es="TotalTrasladosImpuestoIVA8 es la suma del IVA al 8 % en pesos.",
    en="TotalTrasladosImpuestoIVA8 is the sum of the IVA at 8 %, in pesos.",
)
def tax_8(it: Pagos) -> Fault | None:
    return _check(
        it,
        "total_traslados_impuesto_iva8",
        "TotalTrasladosImpuestoIVA8",
        _charged(it, "0.08", _tax),
    )


@rule(
    "CRP20208",
    "complement",
    es="TotalTrasladosBaseIVA0 es la suma de las bases al 0 % en pesos.",
    en="TotalTrasladosBaseIVA0 is the sum of the bases at 0 %, in pesos.",
)
def base_0(it: Pagos) -> Fault | None:
    return _check(
        it, "total_traslados_base_iva0", "TotalTrasladosBaseIVA0", _charged(it, "0", _base)
    )


@rule(
    "CRP20209",
    "complement",
    es="TotalTrasladosImpuestoIVA0 es 0.",
    en="TotalTrasladosImpuestoIVA0 is 0.",
)
def tax_0(it: Pagos) -> Fault | None:
    return _check(
        it, "total_traslados_impuesto_iva0", "TotalTrasladosImpuestoIVA0", _charged(it, "0", _tax)
    )


@rule(
    "CRP20210",
    "complement",
    es="TotalTrasladosBaseIVAExento es la suma de las bases exentas en pesos.",
    en="TotalTrasladosBaseIVAExento is the sum of the exempt bases, in pesos.",
)
def base_exempt(it: Pagos) -> Fault | None:
    return _check(
        it,
        "total_traslados_base_iva_exento",
        "TotalTrasladosBaseIVAExento",
        _charged(it, None, _base),
    )


@rule(
    "CRP20211",
    "complement",
    es="MontoTotalPagos es la suma de los Montos en pesos.",
    en="MontoTotalPagos is the sum of the payments' Monto, in pesos.",
)
def paid_in_all(it: Pagos) -> Fault | None:
    amounts = (_in_pesos(payment.monto, payment) for payment in it.pagos)
    return _check(it, "monto_total_pagos", "MontoTotalPagos", amounts)
