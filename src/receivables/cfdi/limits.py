"""SAT's arithmetic: the limits within which a written figure may lie, and the sums it must equal.

Sources: the guide of Anexo 20 for taxes and lines, the Pagos matrix (revision B) for payments in several currencies; see
`docs/cfdi/rules.md` for what was read and what is one reading of an ambiguous text.
Everything is computed in the library's exact context (60 digits), never in the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from receivables.cfdi.documents import DoctoRelacionado, Pago
from receivables.cfdi.written import Written
from receivables.rounding import EXACT, Rounding

_ONE = Decimal(1)
_SLIVER = {places: _ONE.scaleb(-places) for places in (10, 12)}


def half_unit(decimals: int) -> Decimal:
    """Return half of the last place: what a figure of so many decimals may hide.

    >>> half_unit(2)
    Decimal('0.005')
    """
    return Decimal(5).scaleb(-decimals - 1)


def tax_limits(base: Written, rate: Decimal, decimals: int) -> tuple[Decimal, Decimal]:
    """Return the least and greatest tax of a base, written with so many decimals (CRP20254, CRP20261, CFDI40180).

    >>> tax_limits(Written("862.07"), Decimal("0.16"), 2)
    (Decimal('137.93'), Decimal('137.94'))
    """
    half = half_unit(base.decimals)
    lower = EXACT.multiply(EXACT.subtract(base, half), rate)
    upper = EXACT.multiply(EXACT.subtract(EXACT.add(base, half), _SLIVER[12]), rate)
    return Rounding.DOWN.apply(lower, decimals), Rounding.UP.apply(upper, decimals)


def line_limits(quantity: Written, price: Written, decimals: int) -> tuple[Decimal, Decimal]:
    """Return the least and greatest amount of a line, to the decimals of its currency (CFDI40167)."""
    q, p = half_unit(quantity.decimals), half_unit(price.decimals)
    lower = EXACT.multiply(EXACT.subtract(quantity, q), EXACT.subtract(price, p))
    upper = EXACT.multiply(
        EXACT.subtract(EXACT.add(quantity, q), _SLIVER[12]),
        EXACT.subtract(EXACT.add(price, p), _SLIVER[12]),
    )
    return Rounding.DOWN.apply(lower, decimals), Rounding.UP.apply(upper, decimals)


def equivalence(document: DoctoRelacionado) -> Decimal:
    """Return the equivalence that counts: what is written, 1 when nothing or nonsense is."""
    written = document.equivalencia_dr
    return written if written is not None and written > 0 else _ONE


def in_payment_currency(amount: Decimal, document: DoctoRelacionado) -> Decimal:
    """Return an amount of the document in the payment's currency, unrounded."""
    divisor = equivalence(document)
    return amount if divisor == _ONE else EXACT.divide(amount, divisor)


def paid_limits(
    document: DoctoRelacionado, payment: Pago, decimals: int
) -> tuple[Decimal, Decimal]:
    """Return the least and greatest of what a document takes of a payment (CRP20275, CRP20276).

    Where several documents stand in one payment and one is in its currency, the equivalence 1 counts as written with ten
    decimals (CRP20277).
    """
    written = document.equivalencia_dr
    places = written.decimals if written is not None else 0
    if (
        document.moneda_dr == payment.moneda_p
        and len(payment.documentos) > 1
        and equivalence(document) == _ONE
    ):
        places = 10
    rate, paid = equivalence(document), document.imp_pagado
    rate_half, paid_half = half_unit(places), half_unit(paid.decimals)
    above = EXACT.subtract(EXACT.add(rate, rate_half), _SLIVER[10])
    below = EXACT.subtract(rate, rate_half)
    lower = EXACT.divide(EXACT.subtract(paid, paid_half), above)
    upper_paid = EXACT.subtract(EXACT.add(paid, paid_half), _SLIVER[10])
    if below <= 0:
        return Rounding.DOWN.apply(lower, decimals), Decimal("Infinity")
    upper = EXACT.divide(upper_paid, below)
    return Rounding.DOWN.apply(lower, decimals), Rounding.UP.apply(upper, decimals)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum without loss."""
    result = Decimal(0)
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def rounded_like(exact: Decimal, written: Written, most: int = 6) -> Decimal:
    """Return a figure rounded half up to the decimals of the one it is compared with."""
    return Rounding.HALF_UP.apply(exact, min(written.decimals, most))


def cut_like(exact: Decimal, written: Written, most: int = 6) -> Decimal:
    """Return a figure cut to the decimals of the one it is compared with."""
    return Rounding.DOWN.apply(exact, min(written.decimals, most))


def agrees(exact: Decimal, written: Written) -> bool:
    """Tell whether a written sum is the exact one, rounded half up or cut at the written decimals.

    SAT's matrix does not say how; PACs have done both (`docs/cfdi/rules.md`).
    """
    return written in (rounded_like(exact, written), cut_like(exact, written))
