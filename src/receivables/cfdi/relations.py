"""What documents say of one another: which another one substitutes, which a credit note reduces.

One answer for building, importing and reconciling.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from receivables.cfdi.documents import Comprobante

SUBSTITUTES = "04"
CREDITS = ("01", "03", "07")  # a credit note, a return, an advance applied


def superseded(
    documents: Iterable[Comprobante],
    *,
    cancelled: Collection[str] = (),
    replaced: Collection[str] = (),
) -> dict[str, str]:
    """Return the documents that another one substitutes, each with its substitute, both by UUID.

    A substitute that is cancelled gives way to what it substituted, unless it is substituted itself: of a chain only the
    last document counts, whatever is cancelled yet.

    Args:
        documents: Stamped documents; those without a stamp say nothing.
        cancelled: UUIDs in capitals of documents SAT has cancelled.
        replaced: UUIDs in capitals of documents that one not yet written substitutes.
    """
    naming = [it for it in documents if it.uuid is not None and it.related(SUBSTITUTES)]
    naming.sort(key=lambda it: it.fecha, reverse=True)
    found: dict[str, str] = {}
    before = -1
    while before != len(found):  # what is found substituted makes a cancelled substitute count
        before = len(found)
        for it in naming:
            uuid = it.uuid or ""
            if uuid not in cancelled or uuid in replaced or uuid in found:
                for other in it.related(SUBSTITUTES):
                    # Of two that name each other the later one stands.
                    if other not in found and not _leads_to(found, uuid, other):
                        found[other] = uuid
    return found


def in_force(
    complements: Iterable[Comprobante],
    *,
    cancelled: Collection[str] = (),
    replaced: Collection[str] = (),
) -> tuple[Comprobante, ...]:
    """Return the complements that count: neither cancelled, nor substituted, nor about to be.

    Args:
        complements: Stamped complements.
        cancelled: UUIDs of documents SAT has cancelled.
        replaced: UUIDs of complements that one to be built substitutes.
    """
    listed = tuple(complements)
    dead = {uuid.upper() for uuid in cancelled}
    leaving = {uuid.upper() for uuid in replaced}
    gone = {*dead, *leaving, *superseded(listed, cancelled=dead, replaced=leaving)}
    return tuple(it for it in listed if it.uuid not in gone)


def credits_by_invoice(notes: Iterable[Comprobante]) -> dict[str, list[Comprobante]]:
    """Return the credit notes among documents by the UUID of each invoice they relate to."""
    found: dict[str, list[Comprobante]] = {}
    for it in notes:
        if it.tipo_de_comprobante == "E":
            for uuid in dict.fromkeys(it.related(*CREDITS)):
                found.setdefault(uuid, []).append(it)
    return found


def _leads_to(found: dict[str, str], uuid: str, end: str) -> bool:
    """Tell whether one document is another, or is substituted by it, near or far."""
    while uuid != end and uuid in found:
        uuid = found[uuid]
    return uuid == end
