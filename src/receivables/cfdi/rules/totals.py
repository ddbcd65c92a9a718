"""CRP20201 to CRP20211: the totals of the complement, in pesos, from the figures written in its payments.

They are one rule eleven times over: what is written is the sum of its rows. So each code is a line that says which rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from receivables.cfdi import limits
from receivables.cfdi.documents import Pago, Pagos, Tax
from receivables.cfdi.rules.payment_taxes import VAT
from receivables.cfdi.rules.registry import Fault, rule
from receivables.cfdi.shape import snake
from receivables.cfdi.written import Written
from receivables.rounding import EXACT

_PESOS = 2
Sums = Callable[[Pago], Iterator[Written | None]]


def _total(code: str, name: str, figures: Sums, *, es: str, en: str) -> None:
    """Declare the rule of one total: the sum, in pesos, of the figures each payment has for it."""
    field = snake(name)

    def total(it: Pagos) -> Fault | None:
        written: Written | None = getattr(it.totales, field, None)
        if written is None:
            return None
        parts = (
            EXACT.multiply(figure, payment.tipo_cambio_p or Decimal(1))
            for payment in it.pagos
            for figure in figures(payment)
            if figure is not None
        )
        expected = limits.rounded_like(limits.exact_sum(parts), written, _PESOS)
        at = f"Totales/@{name}"
        return None if written == expected else Fault(at, str(written), str(expected))

    rule(code, "complement", es=f"{name} es {es} en pesos.", en=f"{name} is {en}, in pesos.")(total)


def _withheld(tax: str) -> Sums:
    def figures(payment: Pago) -> Iterator[Written | None]:
        for row in payment.impuestos_p.retenciones if payment.impuestos_p else ():
            if row.impuesto == tax:
                yield row.importe

    return figures


def _charged(rate: str | None, figure: Callable[[Tax], Written | None]) -> Sums:
    """Return the bases or taxes of VAT at a rate; of what is exempt when there is none."""
    kind = ("Exento", None) if rate is None else ("Tasa", Decimal(rate))

    def figures(payment: Pago) -> Iterator[Written | None]:
        for row in payment.impuestos_p.traslados if payment.impuestos_p else ():
            if row.impuesto == VAT and (row.tipo_factor, row.tasa_o_cuota) == kind:
                yield figure(row)

    return figures


def _base(row: Tax) -> Written | None:
    return row.base


def _tax(row: Tax) -> Written | None:
    return row.importe


def _amount(payment: Pago) -> Iterator[Written | None]:
    yield payment.monto


for _code, _key, _name in (
    ("CRP20201", "002", "IVA"),
    ("CRP20202", "001", "ISR"),
    ("CRP20203", "003", "IEPS"),
):
    _total(
        _code,
        f"TotalRetenciones{_name}",
        _withheld(_key),
        es=f"la suma de las retenciones de {_name}",
        en=f"the sum of the {_name} withheld",
    )
for _bases, _taxes, _rate, _percent in (
    ("CRP20204", "CRP20205", "0.16", "16"),
    ("CRP20206", "CRP20207", "0.08", "8"),
    ("CRP20208", "CRP20209", "0", "0"),
):
    _total(
        _bases,
        f"TotalTrasladosBaseIVA{_percent}",
        _charged(_rate, _base),
        es=f"la suma de las bases al {_percent} %",
        en=f"the sum of the bases at {_percent} %",
    )
    _total(
        _taxes,
        f"TotalTrasladosImpuestoIVA{_percent}",
        _charged(_rate, _tax),
        es=f"la suma del IVA al {_percent} %",
        en=f"the sum of the IVA at {_percent} %",
    )
_total(
    "CRP20210",
    "TotalTrasladosBaseIVAExento",
    _charged(None, _base),
    es="la suma de las bases exentas",
    en="the sum of the exempt bases",
)
_total(
    "CRP20211",
    "MontoTotalPagos",
    _amount,
    es="la suma de los Montos",
    en="the sum of the payments' Monto",
)
