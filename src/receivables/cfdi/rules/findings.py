"""`validate`: one document against every rule in force on its day.

Structure is judged first, on the tree; then the rules, on the values. A document whose structure does not allow its
values to be read is reported for its structure alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from receivables.cfdi import read as reading
from receivables.cfdi.documents import Comprobante
from receivables.cfdi.registers import Register
from receivables.cfdi.rules.judging import Judging
from receivables.cfdi.rules.registry import RULES, Fault, Rule, Severity
from receivables.cfdi.rules.structure import Breach, breaches
from receivables.cfdi.secure import MOST_BYTES, tree
from receivables.errors import UnreadableCfdi

Language = Literal["es", "en"]
_STRUCTURE = {
    "es": "La estructura o el valor no es el del esquema o catálogo del SAT.",
    "en": "The structure or value is not that of SAT's schema or catalog.",
}
_UNREADABLE = {
    "es": "El archivo no es un CFDI que se pueda leer.",
    "en": "The file is no CFDI that can be read.",
}
_SENTENCES = {"CFDI-UNREADABLE": _UNREADABLE}


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
    xml: bytes,
    *,
    on: date | None = None,
    register: Register | None = None,
    most_bytes: int = MOST_BYTES,
) -> tuple[Finding, ...]:
    """Check a document as a PAC would, as far as the document itself can tell.

    Args:
        xml: The file's bytes. A draft without seal and certificate is fine.
        on: The day whose rules and catalogs count; the document's own when not given.
        register: What SAT has on file of taxpayers; names, addresses and lists are not judged without one.
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
    found = (*breaches(root, day), *Judging(document, day, register).breaches())
    return tuple(_told(it) for it in found)


def check(
    document: Comprobante, *, on: date | None = None, register: Register | None = None
) -> tuple[Finding, ...]:
    """Check the values of a document against the rules, without its structure.

    Args:
        document: A CFDI 4.0.
        on: The day whose rules count; the document's own when not given.
        register: What SAT has on file of taxpayers; names, addresses and lists are not judged without one.
    """
    judging = Judging(document, on or document.fecha.date(), register)
    return tuple(_told(it) for it in judging.breaches())


def _unreadable(
    xml: bytes, error: UnreadableCfdi, on: date | None, most_bytes: int
) -> tuple[Finding, ...]:
    first = _finding("CFDI-UNREADABLE", "", Fault("", str(error), ""))
    try:
        root = tree(xml, most_bytes=most_bytes)
        reading_day = on or date.fromisoformat((root.get("Fecha") or "2026-01-01")[:10])
        if root.tag != "{http://www.sat.gob.mx/cfd/4}Comprobante":
            return (first,)
        found = tuple(_told(it) for it in breaches(root, reading_day))
    except (UnreadableCfdi, ValueError):
        return (first,)
    return (first, *found)


def _told(it: Breach) -> Finding:
    return _finding(it.code, it.path, it.fault)


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


def all_rules() -> tuple[Rule, ...]:
    """Return every rule there is, by code."""
    return tuple(RULES[code] for code in sorted(RULES))
