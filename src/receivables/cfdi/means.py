"""How a payment was made, as attributes of the payment fact: the form, the exchange rate, the banks and accounts.

The names are SAT's in our spelling, so that importing a complement and building one speak of a payment in the same words.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from receivables.cfdi import catalogs
from receivables.cfdi.documents import Pago
from receivables.cfdi.written import Written
from receivables.errors import UnbuildableComplement, UnreadableCfdi
from receivables.facts import Attributes

_RATE = 6  # decimals of TipoCambioP
NOON = "12:00:00"  # what SAT's guide asks for when the hour is not known

# Attributes that go into the node as they are.
MEANS = (
    "num_operacion",
    "rfc_emisor_cta_ord",
    "nom_banco_ord_ext",
    "cta_ordenante",
    "rfc_emisor_cta_ben",
    "cta_beneficiario",
    "tipo_cad_pago",
    "cert_pago",
    "cad_pago",
    "sello_pago",
)


def paid_by(
    forma_de_pago: str,
    *,
    tipo_cambio: Decimal | str | None = None,
    hora: time | str | None = None,
    **bank: str | None,
) -> Attributes:
    """Return the attributes of a payment fact that a complement needs.

    Args:
        forma_de_pago: Key of c_FormaPago: 01 cash, 02 cheque, 03 transfer, 17 set-off, …; never 99.
        tipo_cambio: Pesos for one unit of the payment's currency; at most six decimals, not for pesos.
        hora: Time of the payment; noon when not given.
        **bank: num_operacion, rfc_emisor_cta_ord, nom_banco_ord_ext, cta_ordenante, rfc_emisor_cta_ben,
            cta_beneficiario, tipo_cad_pago, cert_pago, cad_pago, sello_pago.

    Raises:
        UnbuildableComplement: For an unknown key or name, a rate or hour that is none, or bank data of a form of payment
            that has none.

    >>> paid_by("03", tipo_cambio="18.6543", num_operacion="REF-1")
    (('forma_de_pago', '03'), ('num_operacion', 'REF-1'), ('tipo_cambio', '18.6543'))
    """
    if forma_de_pago not in catalogs.catalog("c_FormaPago") or forma_de_pago == "99":
        msg = f"form of payment {forma_de_pago!r} is not one a payment was received in; see c_FormaPago"
        raise UnbuildableComplement(msg)
    made = {"forma_de_pago": forma_de_pago}
    if tipo_cambio is not None:
        made["tipo_cambio"] = _rate(tipo_cambio)
    if hora is not None:
        made["hora"] = _hour(hora)
    for name, value in bank.items():
        if name not in MEANS:
            msg = f"a payment has no {name!r}; there are {', '.join(MEANS)}"
            raise UnbuildableComplement(msg)
        if value:
            made[name] = value
    _refuse_bank_data(forma_de_pago, made)
    return tuple(sorted(made.items()))


def _rate(given: Decimal | str) -> str:
    try:
        rate = Written(f"{given:f}" if isinstance(given, Decimal) else given)
    except UnreadableCfdi:
        rate = None
    if rate is None or rate <= 0 or rate.decimals > _RATE:
        msg = f"exchange rate {given} is not one SAT takes; give pesos for one unit, above 0, with at most {_RATE} decimals"
        raise UnbuildableComplement(msg)
    return rate.text


def _hour(given: time | str) -> str:
    try:
        found = time.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.microsecond:
        msg = f"{given} is no hour of a payment; write it like 14:30:00, local and without zone"
        raise UnbuildableComplement(msg)
    return f"{found:%H:%M:%S}"


def _refuse_bank_data(form: str, given: dict[str, str]) -> None:
    payer, payee = (
        ("rfc_emisor_cta_ord", "cta_ordenante"),
        ("rfc_emisor_cta_ben", "cta_beneficiario"),
    )
    barred: tuple[str, ...] = () if catalogs.takes_bank_data(form) else (*payer, *payee)
    if form == "06":
        barred = payee
    found = [name for name in barred if name in given]
    if found:
        msg = f"form of payment {form} takes no {', '.join(found)} (CRP20221 to CRP20228); leave it out"
        raise UnbuildableComplement(msg)


def means_of(payment: Pago) -> Attributes:
    """Return the attributes of the payment a complement states."""
    made = {"forma_de_pago": payment.forma_de_pago_p, "hora": f"{payment.fecha_pago:%H:%M:%S}"}
    if payment.moneda_p != "MXN" and payment.tipo_cambio_p is not None:
        made["tipo_cambio"] = payment.tipo_cambio_p.text
    for name in MEANS:
        value = getattr(payment, name)
        if value:
            made[name] = value
    return tuple(sorted(made.items()))
