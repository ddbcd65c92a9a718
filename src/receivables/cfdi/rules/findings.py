"""`validate`: one document against every rule in force on its day.

Structure is judged first, on the tree; then the rules, on the values. A document whose structure does not allow its
values to be read is reported for its structure alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from receivables.cfdi import read as reading
from receivables.cfdi.documents import Comprobante, Pago, Pagos
from receivables.cfdi.rules import (
    lines,
    paid,
    paid_taxes,
    payment_taxes,
    payments,
    shell,
    summaries,
    totals,
    vouchers,
)
from receivables.cfdi.rules.registry import RULES, Fault, Rule, Severity
from receivables.cfdi.rules.structure import breaches
from receivables.cfdi.secure import MOST_BYTES, tree
from receivables.errors import UnreadableCfdi

Language = Literal["es", "en"]
MODULES = (shell, totals, payments, paid, paid_taxes, payment_taxes, vouchers, lines, summaries)
_STRUCTURE = {
    "es": "La estructura o el valor no es el del esquema o catálogo del SAT.",
    "en": "The structure or value is not that of SAT's schema or catalog.",
}
_UNREADABLE = {
    "es": "El archivo no es un CFDI que se pueda leer.",
    "en": "The file is no CFDI that can be read.",
}
_SENTENCES = {"CFDI-UNREADABLE": _UNREADABLE}
_BILLED = ("I", "E")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one document.

    Args:
        code: SAT's code (`CRP20261`, `CFDI40221`), or ours (`REP-…`, `CFDI-…`).
        severity: `error` when a PAC refuses the document, `warning` when some do, `info` otherwise.
        path: Where in the document.
        message_es: What should be, in Spanish.
        message_en: What should be, in English.
        found: What stands there; empty when nothing does.
        expected: What should stand there; empty when nothing should.
    """

    code: str
    severity: Severity
    path: str
    message_es: str
    message_en: str
    found: str
    expected: str

    def message(self, language: Language = "en") -> str:
        """Return the sentence with what was found and expected."""
        if language == "es":
            found = f"Dice {self.found}" if self.found else "No dice nada"
            wanted = f"se espera {self.expected}" if self.expected else "no debe decir nada"
            return f"{self.message_es} {found}; {wanted}."
        found = f"Found {self.found}" if self.found else "Nothing stands there"
        wanted = f"expected {self.expected}" if self.expected else "nothing should stand there"
        return f"{self.message_en} {found}; {wanted}."

    def __str__(self) -> str:
        return f"{self.path}: {self.code}: {self.message('en')}"


def validate(
    xml: bytes, *, on: date | None = None, most_bytes: int = MOST_BYTES
) -> tuple[Finding, ...]:
    """Check a document as a PAC would, as far as the document itself can tell.

    Args:
        xml: The file's bytes. A draft without seal and certificate is fine.
        on: The day whose rules and catalogs count; the document's own when not given.
        most_bytes: The largest file read.

    Returns:
        What is wrong, in the order of the document; nothing when it is clean. A file that is no readable CFDI gives one
        finding, `CFDI-UNREADABLE`.
    """
    try:
        root = tree(xml, most_bytes=most_bytes)
        document = reading.read(root)
    except UnreadableCfdi as error:
        return _unreadable(xml, error, on, most_bytes)
    if document.history_only:
        return (
            _finding(
                "CFDI-OLD-VERSION",
                "Comprobante",
                Fault("@Version", document.version, "4.0"),
                "info",
            ),
        )
    day = on or document.fecha.date()
    structural = [_finding(it.code, it.path, it.fault) for it in breaches(root, day)]
    return (*structural, *check(document, on=day))


def check(document: Comprobante, *, on: date | None = None) -> tuple[Finding, ...]:
    """Check the values of a document against the rules, without its structure.

    Args:
        document: A CFDI 4.0.
        on: The day whose rules count; the document's own when not given.
    """
    return tuple(_faults(document, on or document.fecha.date()))


def _unreadable(
    xml: bytes, error: UnreadableCfdi, on: date | None, most_bytes: int
) -> tuple[Finding, ...]:
    first = _finding("CFDI-UNREADABLE", "", Fault("", str(error), ""))
    try:
        root = tree(xml, most_bytes=most_bytes)
        reading_day = on or date.fromisoformat((root.get("Fecha") or "2026-01-01")[:10])
        if root.tag != "{http://www.sat.gob.mx/cfd/4}Comprobante":
            return (first,)
        found = tuple(_finding(it.code, it.path, it.fault) for it in breaches(root, reading_day))
    except (UnreadableCfdi, ValueError):
        return (first,)
    return (first, *found)


def _finding(code: str, path: str, fault: Fault, severity: Severity | None = None) -> Finding:
    rule = RULES.get(code)
    words = _SENTENCES.get(code, _STRUCTURE)
    return Finding(
        code,
        severity or fault.severity or (rule.severity if rule else "error"),
        "/".join(part for part in (path, fault.at) if part),
        rule.es if rule else words["es"],
        rule.en if rule else words["en"],
        fault.found,
        fault.expected,
    )


@cache
def _in_force(on: date) -> dict[str, tuple[tuple[str, Callable[..., Fault | None]], ...]]:
    """Return the rules of a day by what they look at."""
    found: dict[str, list[tuple[str, Callable[..., Fault | None]]]] = {}
    for code, rule in RULES.items():
        if rule.applies(on):
            found.setdefault(rule.scope, []).append((code, rule.check))
    return {scope: tuple(rules) for scope, rules in found.items()}


def _faults(document: Comprobante, on: date) -> Iterator[Finding]:
    rules = _in_force(on)

    def run(scope: str, path: str, *given: Any) -> Iterator[Finding]:
        for code, check in rules.get(scope, ()):
            fault = check(*given)
            if fault is not None:
                yield _finding(code, path, fault)

    if document.tipo_de_comprobante != "N":  # payroll has a matrix of its own, and is no receivable
        yield from run("voucher", "Comprobante", document, on)
    if document.tipo_de_comprobante == "P" or document.pagos:
        yield from run("shell", "Comprobante", document)
        yield from _complements(document, on, run)
    if document.tipo_de_comprobante in _BILLED and not document.pagos:
        yield from _billed(document, on, run)


Run = Callable[..., Iterator[Finding]]


def _billed(document: Comprobante, on: date, run: Run) -> Iterator[Finding]:
    for number, line in enumerate(document.conceptos, start=1):
        path = f"Comprobante/Conceptos/Concepto[{number}]"
        yield from run("line", path, line, document)
        if line.impuestos is not None:
            for place, row in enumerate(line.impuestos.traslados, start=1):
                yield from run(
                    "line-charged",
                    f"{path}/Impuestos/Traslados/Traslado[{place}]",
                    row,
                    document,
                    on,
                )
            for place, row in enumerate(line.impuestos.retenciones, start=1):
                yield from run(
                    "line-withheld",
                    f"{path}/Impuestos/Retenciones/Retencion[{place}]",
                    row,
                    document,
                    on,
                )
    if document.impuestos is not None:
        yield from run("summary", "Comprobante/Impuestos", document.impuestos, document, on)


def _complements(document: Comprobante, on: date, run: Run) -> Iterator[Finding]:
    base = "Comprobante/Complemento/Pagos"
    if not document.pagos:
        yield from run("complement", base, None, 0)
    for node in document.pagos:
        yield from run("complement", base, node, len(document.pagos))
        for number, payment in enumerate(node.pagos, start=1):
            yield from _payment(payment, node, f"{base}/Pago[{number}]", on, run)


def _payment(payment: Pago, node: Pagos, path: str, on: date, run: Run) -> Iterator[Finding]:
    yield from run("payment", path, payment)
    for number, doc in enumerate(payment.documentos, start=1):
        below = f"{path}/DoctoRelacionado[{number}]"
        yield from run("paid", below, doc, payment)
        if doc.impuestos_dr is not None:
            for place, row in enumerate(doc.impuestos_dr.retenciones, start=1):
                yield from run(
                    "paid-withheld",
                    f"{below}/ImpuestosDR/RetencionesDR/RetencionDR[{place}]",
                    row,
                    on,
                )
            for place, row in enumerate(doc.impuestos_dr.traslados, start=1):
                yield from run(
                    "paid-charged", f"{below}/ImpuestosDR/TrasladosDR/TrasladoDR[{place}]", row, on
                )
    if payment.impuestos_p is not None:
        for place, row in enumerate(payment.impuestos_p.retenciones, start=1):
            yield from run(
                "payment-withheld",
                f"{path}/ImpuestosP/RetencionesP/RetencionP[{place}]",
                row,
                payment,
                node,
                on,
            )
        for place, row in enumerate(payment.impuestos_p.traslados, start=1):
            yield from run(
                "payment-charged",
                f"{path}/ImpuestosP/TrasladosP/TrasladoP[{place}]",
                row,
                payment,
                node,
                on,
            )


def all_rules() -> tuple[Rule, ...]:
    """Return every rule there is, by code."""
    return tuple(RULES[code] for code in sorted(RULES))
