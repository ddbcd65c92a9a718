"""A document walked in its own order: every rule in force is given what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from receivables.cfdi.documents import Comprobante, Concepto, Pago, Pagos, Tax
from receivables.cfdi.registers import Register
from receivables.cfdi.rules import (
    lines,
    paid,
    paid_taxes,
    parties,
    payment_taxes,
    payments,
    registered,
    shell,
    summaries,
    totals,
    vouchers,
)
from receivables.cfdi.rules.registry import RULES, Fault, Scope
from receivables.cfdi.rules.structure import Breach

MODULES = (  # imported for the rules they declare
    *(shell, totals, payments, paid, paid_taxes, payment_taxes),
    *(vouchers, parties, lines, summaries, registered),
)
_BILLED = ("I", "E")
_PAYROLL = "N"  # it has a matrix of its own, and is no receivable
_BASE = "Comprobante/Complemento/Pagos"

Judge = Callable[..., Fault | None]


@dataclass(frozen=True, slots=True)
class Judging:
    """One document under the rules of one day.

    Args:
        document: A CFDI 4.0.
        on: The day whose rules and catalogs count.
        register: What SAT has on file, where the caller knows it.
    """

    document: Comprobante
    on: date
    register: Register | None = None

    def breaches(self) -> Iterator[Breach]:
        """Yield everything the rules find."""
        it = self.document
        kind = it.tipo_de_comprobante
        if kind != _PAYROLL:
            yield from self._ask("voucher", "Comprobante", it)
            yield from self._ask_register("registered", "Comprobante", it)
        if kind == "P" or it.pagos:
            yield from self._ask("shell", "Comprobante", it)
            for number, line in enumerate(it.conceptos, start=1):
                yield from self._ask(
                    "shell-line", f"Comprobante/Conceptos/Concepto[{number}]", line
                )
            for node in it.pagos:
                yield from self._complement(node)
        elif kind in _BILLED:
            for number, line in enumerate(it.conceptos, start=1):
                yield from self._line(line, f"Comprobante/Conceptos/Concepto[{number}]")
            if it.impuestos is not None:
                yield from self._ask("summary", "Comprobante/Impuestos", it.impuestos, it)

    def _line(self, line: Concepto, path: str) -> Iterator[Breach]:
        yield from self._ask("line", path, line, self.document)
        taxes = line.impuestos
        if taxes is not None:
            more = (self.document, self.on)
            charged, withheld = f"{path}/Impuestos/Traslados", f"{path}/Impuestos/Retenciones"
            yield from self._rows("line-charged", f"{charged}/Traslado", taxes.traslados, *more)
            yield from self._rows(
                "line-withheld", f"{withheld}/Retencion", taxes.retenciones, *more
            )

    def _complement(self, node: Pagos) -> Iterator[Breach]:
        yield from self._ask("complement", _BASE, node)
        for number, payment in enumerate(node.pagos, start=1):
            yield from self._payment(payment, node, f"{_BASE}/Pago[{number}]")

    def _payment(self, payment: Pago, node: Pagos, path: str) -> Iterator[Breach]:
        yield from self._ask("payment", path, payment)
        yield from self._ask_register("payment-registered", path, payment)
        for number, doc in enumerate(payment.documentos, start=1):
            below = f"{path}/DoctoRelacionado[{number}]"
            yield from self._ask("paid", below, doc, payment)
            taxes = doc.impuestos_dr
            if taxes is not None:
                at = f"{below}/ImpuestosDR"
                kept, charged = taxes.retenciones, taxes.traslados
                yield from self._rows(
                    "paid-withheld", f"{at}/RetencionesDR/RetencionDR", kept, self.on
                )
                yield from self._rows(
                    "paid-charged", f"{at}/TrasladosDR/TrasladoDR", charged, self.on
                )
        whole = payment.impuestos_p
        if whole is not None:
            at, more = f"{path}/ImpuestosP", (payment, node, self.on)
            kept, charged = whole.retenciones, whole.traslados
            yield from self._rows("payment-withheld", f"{at}/RetencionesP/RetencionP", kept, *more)
            yield from self._rows("payment-charged", f"{at}/TrasladosP/TrasladoP", charged, *more)

    def _rows(self, scope: Scope, path: str, rows: Iterable[Tax], *more: Any) -> Iterator[Breach]:
        for place, row in enumerate(rows, start=1):
            yield from self._ask(scope, f"{path}[{place}]", row, *more)

    def _ask_register(self, scope: Scope, path: str, it: Any) -> Iterator[Breach]:
        if self.register is not None:
            yield from self._ask(scope, path, it, self.register)

    def _ask(self, scope: Scope, path: str, *given: Any) -> Iterator[Breach]:
        for code, judge in _in_force(self.on).get(scope, ()):
            fault = judge(*given)
            if fault is not None:
                yield Breach(code, path, fault)


@cache
def _in_force(on: date) -> dict[Scope, tuple[tuple[str, Judge], ...]]:
    """Return the rules of a day by what they look at."""
    found: dict[Scope, list[tuple[str, Judge]]] = {}
    for code, rule in RULES.items():
        if rule.applies(on):
            found.setdefault(rule.scope, []).append((code, rule.judge))
    return {scope: tuple(rules) for scope, rules in found.items()}
