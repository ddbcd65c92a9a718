"""CRP20212 to CRP20235 and CRP20276: one payment, its currency, its bank data, and what its documents take of it."""

from __future__ import annotations

from receivables.cfdi import catalogs, limits
from receivables.cfdi.documents import Pago
from receivables.cfdi.rules.registry import (
    REVISION_B,
    Fault,
    above_zero,
    absent,
    rule,
    too_fine,
    within,
)
from receivables.cfdi.shape import snake

_ABROAD = "XEXX010101000"


@rule(
    "CRP20212",
    "payment",
    es="FormaDePagoP es distinta de 99: el pago ya se recibió.",
    en="FormaDePagoP is not 99: the payment has been received.",
)
def form_is_known(it: Pago) -> Fault | None:
    return (
        Fault("@FormaDePagoP", "99", "una clave distinta de 99 / a key other than 99")
        if it.forma_de_pago_p == "99"
        else None
    )


@rule("CRP20213", "payment", es="MonedaP es distinta de XXX.", en="MonedaP is not XXX.")
def currency_is_known(it: Pago) -> Fault | None:
    return Fault("@MonedaP", "XXX", "MXN") if it.moneda_p == "XXX" else None


@rule(
    "CRP20214",
    "payment",
    es="Un pago en moneda extranjera tiene TipoCambioP.",
    en="A payment in foreign currency has TipoCambioP.",
)
def foreign_has_rate(it: Pago) -> Fault | None:
    if it.moneda_p != "MXN" and it.tipo_cambio_p is None:
        return Fault("@TipoCambioP", "", f"MXN / {it.moneda_p}")
    return None


@rule(
    "CRP20215",
    "payment",
    es="Un pago en pesos tiene TipoCambioP 1.",
    en="A payment in pesos has TipoCambioP 1.",
)
def pesos_at_one(it: Pago) -> Fault | None:
    if it.moneda_p == "MXN" and (it.tipo_cambio_p is None or it.tipo_cambio_p != 1):
        return Fault("@TipoCambioP", str(it.tipo_cambio_p or ""), "1")
    return None


@rule(
    "CRP20217",
    "payment",
    es="La suma de ImpPagado no excede el Monto cuando todo está en la misma moneda.",
    en="In one currency the sum of ImpPagado does not exceed Monto.",
)
def not_overspent(it: Pago) -> Fault | None:
    if any(doc.moneda_dr != it.moneda_p for doc in it.documentos):
        return None
    paid = limits.exact_sum(doc.imp_pagado for doc in it.documentos)
    return Fault("@Monto", str(it.monto), f">= {paid}") if paid > it.monto else None


@rule("CRP20218", "payment", es="Monto es mayor que 0.", en="Monto is above 0.")
def amount_above_zero(it: Pago) -> Fault | None:
    return above_zero(it.monto, "@Monto")


@rule(
    "CRP20219",
    "payment",
    es="Monto no tiene más decimales que su moneda.",
    en="Monto has no more decimals than its currency.",
)
def amount_decimals(it: Pago) -> Fault | None:
    return too_fine(it.monto, it.moneda_p, "@Monto")


@rule(
    "CRP20221",
    "payment",
    es="RfcEmisorCtaOrd solo existe en formas de pago bancarizadas.",
    en="RfcEmisorCtaOrd stands only with a form of payment through a bank.",
)
def payer_bank_allowed(it: Pago) -> Fault | None:
    return (
        None
        if catalogs.takes_bank_data(it.forma_de_pago_p)
        else absent(it.rfc_emisor_cta_ord, "@RfcEmisorCtaOrd")
    )


@rule(
    "CRP20223",
    "payment",
    es="Un banco extranjero lleva su nombre en NomBancoOrdExt.",
    en="A foreign bank is named in NomBancoOrdExt.",
)
def foreign_bank_is_named(it: Pago) -> Fault | None:
    if it.rfc_emisor_cta_ord == _ABROAD and not it.nom_banco_ord_ext:
        return Fault("@NomBancoOrdExt", "", "nombre del banco / name of the bank")
    return None


@rule(
    "CRP20224",
    "payment",
    es="CtaOrdenante solo existe en formas de pago bancarizadas.",
    en="CtaOrdenante stands only with a form of payment through a bank.",
)
def payer_account_allowed(it: Pago) -> Fault | None:
    return (
        None
        if catalogs.takes_bank_data(it.forma_de_pago_p)
        else absent(it.cta_ordenante, "@CtaOrdenante")
    )


@rule(
    "CRP20225",
    "payment",
    es="CtaOrdenante cumple el patrón de su forma de pago.",
    en="CtaOrdenante has the pattern of its form of payment.",
)
def payer_account_pattern(it: Pago) -> Fault | None:
    pattern = catalogs.account_pattern(it.forma_de_pago_p, "payer")
    if it.cta_ordenante is None or pattern is None or pattern.fullmatch(it.cta_ordenante):
        return None
    return Fault("@CtaOrdenante", it.cta_ordenante, pattern.pattern)


@rule(
    "CRP20226",
    "payment",
    es="CtaBeneficiario cumple el patrón de su forma de pago.",
    en="CtaBeneficiario has the pattern of its form of payment.",
)
def payee_account_pattern(it: Pago) -> Fault | None:
    pattern = catalogs.account_pattern(it.forma_de_pago_p, "payee")
    if it.cta_beneficiario is None or pattern is None or pattern.fullmatch(it.cta_beneficiario):
        return None
    return Fault("@CtaBeneficiario", it.cta_beneficiario, pattern.pattern)


def _payee(it: Pago, value: str | None, at: str) -> Fault | None:
    if value is None or (
        catalogs.takes_bank_data(it.forma_de_pago_p) and it.forma_de_pago_p != "06"
    ):
        return None
    # The matrix lists form 06 and the catalog says no for it: a remark, not an error.
    return Fault(at, value, "", "warning" if it.forma_de_pago_p == "06" else None)


@rule(
    "CRP20227",
    "payment",
    es="RfcEmisorCtaBen solo existe en formas de pago bancarizadas.",
    en="RfcEmisorCtaBen stands only with a form of payment through a bank.",
)
def payee_bank_allowed(it: Pago) -> Fault | None:
    return _payee(it, it.rfc_emisor_cta_ben, "@RfcEmisorCtaBen")


@rule(
    "CRP20228",
    "payment",
    es="CtaBeneficiario solo existe en formas de pago bancarizadas.",
    en="CtaBeneficiario stands only with a form of payment through a bank.",
)
def payee_account_allowed(it: Pago) -> Fault | None:
    return _payee(it, it.cta_beneficiario, "@CtaBeneficiario")


@rule(
    "CRP20229",
    "payment",
    es="TipoCadPago solo existe con la forma de pago 03.",
    en="TipoCadPago stands only with form of payment 03.",
)
def chain_is_a_transfer(it: Pago) -> Fault | None:
    return absent(it.tipo_cad_pago, "@TipoCadPago") if it.forma_de_pago_p != "03" else None


def _goes_with_chain(present: str, missing: str, name: str) -> None:
    """Declare the two rules of a part of a payment chain: it stands with TipoCadPago, and without it does not."""
    field, at = snake(name), f"@{name}"

    def with_chain(it: Pago) -> Fault | None:
        needed = it.tipo_cad_pago is not None and not getattr(it, field)
        return Fault(at, "", name) if needed else None

    def without_chain(it: Pago) -> Fault | None:
        return absent(getattr(it, field), at) if it.tipo_cad_pago is None else None

    rule(
        present,
        "payment",
        es=f"Con TipoCadPago existe {name}.",
        en=f"With TipoCadPago, {name} is there.",
    )(with_chain)
    rule(
        missing,
        "payment",
        es=f"Sin TipoCadPago no existe {name}.",
        en=f"Without TipoCadPago, {name} is absent.",
    )(without_chain)


_goes_with_chain("CRP20230", "CRP20231", "CertPago")
_goes_with_chain("CRP20232", "CRP20233", "CadPago")
_goes_with_chain("CRP20234", "CRP20235", "SelloPago")


@rule(
    "CRP20276",
    "payment",
    since=REVISION_B,
    es="Con documentos en otra moneda, lo pagado cabe en el Monto dentro de los límites de la equivalencia.",
    en="With documents in another currency, what they take fits Monto within the limits of the equivalence.",
)
def fits_across_currencies(it: Pago) -> Fault | None:
    if all(doc.moneda_dr == it.moneda_p for doc in it.documentos):
        return None
    taken = limits.exact_sum(
        limits.in_payment_currency(doc.imp_pagado, doc) for doc in it.documentos
    )
    if taken <= it.monto:
        return None
    places = catalogs.decimals(it.moneda_p) or 0
    pairs = [limits.paid_limits(doc, it, places) for doc in it.documentos]
    lower = limits.exact_sum(pair[0] for pair in pairs)
    upper = limits.exact_sum(pair[1] for pair in pairs)
    return within(it.monto, (lower, upper), "@Monto")
