"""CRP20236 to CRP20247, CRP20278 and CRP20279: what a payment says of each document it pays."""

from __future__ import annotations

from receivables.cfdi.documents import DoctoRelacionado, Pago
from receivables.cfdi.rules.registry import OBJECTS_06_08, Fault, above_zero, rule, too_fine
from receivables.rounding import EXACT

_UNTAXED = ("01", "03", "04", "05")


@rule("CRP20236", "paid", es="MonedaDR es distinta de XXX.", en="MonedaDR is not XXX.")
def currency_is_known(it: DoctoRelacionado, payment: Pago) -> Fault | None:
    return Fault("@MonedaDR", "XXX", payment.moneda_p) if it.moneda_dr == "XXX" else None


@rule(
    "CRP20237",
    "paid",
    es="Un documento en otra moneda que la del pago tiene EquivalenciaDR.",
    en="A document in another currency than the payment's has EquivalenciaDR.",
)
def has_equivalence(it: DoctoRelacionado, payment: Pago) -> Fault | None:
    if it.moneda_dr != payment.moneda_p and it.equivalencia_dr is None:
        return Fault("@EquivalenciaDR", "", f"{it.moneda_dr} / {payment.moneda_p}")
    return None


@rule(
    "CRP20238",
    "paid",
    es="Un documento en la moneda del pago tiene EquivalenciaDR 1.",
    en="A document in the payment's currency has EquivalenciaDR 1.",
)
def equivalence_is_one(it: DoctoRelacionado, payment: Pago) -> Fault | None:
    if it.moneda_dr == payment.moneda_p and (it.equivalencia_dr is None or it.equivalencia_dr != 1):
        return Fault("@EquivalenciaDR", str(it.equivalencia_dr or ""), "1")
    return None


@rule("CRP20239", "paid", es="ImpSaldoAnt es mayor que 0.", en="ImpSaldoAnt is above 0.")
def was_open(it: DoctoRelacionado) -> Fault | None:
    return above_zero(it.imp_saldo_ant, "@ImpSaldoAnt")


@rule(
    "CRP20240",
    "paid",
    es="ImpSaldoAnt no tiene más decimales que su moneda.",
    en="ImpSaldoAnt has no more decimals than its currency.",
)
def was_open_decimals(it: DoctoRelacionado) -> Fault | None:
    return too_fine(it.imp_saldo_ant, it.moneda_dr, "@ImpSaldoAnt")


@rule("CRP20241", "paid", es="ImpPagado es mayor que 0.", en="ImpPagado is above 0.")
def is_paid(it: DoctoRelacionado) -> Fault | None:
    return above_zero(it.imp_pagado, "@ImpPagado")


@rule(
    "CRP20242",
    "paid",
    es="ImpPagado no tiene más decimales que su moneda.",
    en="ImpPagado has no more decimals than its currency.",
)
def is_paid_decimals(it: DoctoRelacionado) -> Fault | None:
    return too_fine(it.imp_pagado, it.moneda_dr, "@ImpPagado")


@rule(
    "CRP20243",
    "paid",
    es="ImpSaldoInsoluto no tiene más decimales que su moneda.",
    en="ImpSaldoInsoluto has no more decimals than its currency.",
)
def stays_open_decimals(it: DoctoRelacionado) -> Fault | None:
    return too_fine(it.imp_saldo_insoluto, it.moneda_dr, "@ImpSaldoInsoluto")


@rule(
    "CRP20244",
    "paid",
    es="ImpSaldoInsoluto es ImpSaldoAnt menos ImpPagado, y no es negativo.",
    en="ImpSaldoInsoluto is ImpSaldoAnt less ImpPagado, and not negative.",
)
def stays_open(it: DoctoRelacionado) -> Fault | None:
    remains = EXACT.subtract(it.imp_saldo_ant, it.imp_pagado)
    if it.imp_saldo_insoluto == remains and remains >= 0:
        return None
    return Fault("@ImpSaldoInsoluto", str(it.imp_saldo_insoluto), str(max(remains, remains * 0)))


@rule(
    "CRP20246",
    "paid",
    es="Con ObjetoImpDR 02 existe el nodo ImpuestosDR.",
    en="With ObjetoImpDR 02 the node ImpuestosDR is there.",
)
def taxed_has_taxes(it: DoctoRelacionado) -> Fault | None:
    return (
        Fault("ImpuestosDR", "", "ImpuestosDR")
        if it.objeto_imp_dr == "02" and it.impuestos_dr is None
        else None
    )


@rule(
    "CRP20247",
    "paid",
    es="Con ObjetoImpDR 01, 03, 04 o 05 no existe el nodo ImpuestosDR.",
    en="With ObjetoImpDR 01, 03, 04 or 05 the node ImpuestosDR is absent.",
)
def untaxed_has_none(it: DoctoRelacionado) -> Fault | None:
    return (
        Fault("ImpuestosDR", "ImpuestosDR", "")
        if it.objeto_imp_dr in _UNTAXED and it.impuestos_dr is not None
        else None
    )


@rule(
    "CRP20278",
    "paid",
    since=OBJECTS_06_08,
    es="Con ObjetoImpDR 06 u 08 no hay IVA ni IEPS; puede haber ISR retenido.",
    en="With ObjetoImpDR 06 or 08 there is no IVA or IEPS; ISR may be withheld.",
)
def no_vat_no_excise(it: DoctoRelacionado) -> Fault | None:
    if it.objeto_imp_dr not in ("06", "08") or it.impuestos_dr is None:
        return None
    for row in (*it.impuestos_dr.retenciones, *it.impuestos_dr.traslados):
        if row.impuesto in ("002", "003"):
            return Fault("ImpuestosDR", row.impuesto, "001")
    return None


@rule(
    "CRP20279",
    "paid",
    since=OBJECTS_06_08,
    es="Con ObjetoImpDR 07 no hay IVA y hay al menos un IEPS trasladado.",
    en="With ObjetoImpDR 07 there is no IVA and at least one IEPS charged.",
)
def excise_without_vat(it: DoctoRelacionado) -> Fault | None:
    if it.objeto_imp_dr != "07":
        return None
    taxes = it.impuestos_dr
    charged: set[str] = {row.impuesto for row in taxes.traslados} if taxes else set()
    everything = charged | ({row.impuesto for row in taxes.retenciones} if taxes else set[str]())
    if "002" in everything or "003" not in charged:
        return Fault("ImpuestosDR", " ".join(sorted(everything)), "003")
    return None
