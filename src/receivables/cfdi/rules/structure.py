"""Structure: which elements and attributes stand where, their patterns, and keys of catalogs, by the table `shape`.

A key that is not in its catalog has a code of SAT's own; any other breach of the structure is CRP20999 inside the payment
complement and CFDI40999 outside it, SAT's codes for what has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from receivables.cfdi import catalogs, shape
from receivables.cfdi.rules.registry import Fault
from receivables.cfdi.secure import Node

_XSI = f"{{{shape.XSI}}}"


class Breach(NamedTuple):
    """One breach: its code, the path of its element, and what is wrong there."""

    code: str
    path: str
    fault: Fault


def breaches(root: Node, on: date) -> Iterator[Breach]:
    """Yield every breach of the structure, in the order of the document.

    Args:
        root: The root of a CFDI 4.0.
        on: The day whose catalogs count.
    """
    yield from _element(root, shape.VOUCHER, "Comprobante", on)


def _element(node: Node, spec: shape.Element, path: str, on: date) -> Iterator[Breach]:
    for fault, code in _attributes(node, spec, on):
        yield Breach(code or _unclassified(spec), path, fault)
    for text in (node.text, node.tail):
        if text and not text.isspace():
            yield Breach(_unclassified(spec), path, Fault("", text.strip()[:80], ""))
    if spec.is_open:
        yield from _inside(node, spec, path, on)
    elif len(node) or spec.children:
        yield from _children(node, spec, path, on)


def _unclassified(spec: shape.Element) -> str:
    return "CRP20999" if spec.tag.startswith(f"{{{shape.PAGOS}}}") else "CFDI40999"


def _attributes(node: Node, spec: shape.Element, on: date) -> Iterator[tuple[Fault, str | None]]:
    known = spec.by_name
    attributes = node.attrib
    for name, value in attributes.items():
        found = known.get(name)
        if found is None:
            if not name.startswith(_XSI):
                yield Fault(f"@{name}", value[:80], ""), None
            continue
        attribute, pattern = found
        if attribute.catalog is not None:
            if not catalogs.holds(attribute.catalog, value, on):
                yield Fault(f"@{name}", value[:80], attribute.catalog), attribute.code
        elif pattern.fullmatch(value if value.isalnum() else _collapsed(value)) is None:
            yield Fault(f"@{name}", value[:80], pattern.pattern), attribute.code
    for name in spec.required:
        if name not in attributes:
            yield Fault(f"@{name}", "", name), None


def _collapsed(value: str) -> str:
    """Return a text as SAT's schema looks at it."""
    return " ".join(value.split())


def _children(node: Node, spec: shape.Element, path: str, on: date) -> Iterator[Breach]:
    counts = [0] * len(spec.children)
    reached = 0
    order = spec.order
    for child in node:
        place = order.get(child.tag)
        name = child.tag.rpartition("}")[2]
        if place is None:
            yield Breach(_unclassified(spec), f"{path}/{name}", Fault("", name, ""))
            continue
        if place < reached:
            before = spec.children[reached][0].name
            yield Breach(
                _unclassified(spec), f"{path}/{name}", Fault("", name, f"{name}, {before}")
            )
        reached = max(reached, place)
        counts[place] += 1
        many = spec.children[place][2] > 1
        below = f"{path}/{name}[{counts[place]}]" if many else f"{path}/{name}"
        yield from _element(child, spec.children[place][0], below, on)
    for (child_spec, least, most), count in zip(spec.children, counts, strict=True):
        if not least <= count <= most:
            wanted = f"{least}" if count < least else f"<= {most}"
            yield Breach(
                _unclassified(spec), f"{path}/{child_spec.name}", Fault("", str(count), wanted)
            )


def _inside(node: Node, spec: shape.Element, path: str, on: date) -> Iterator[Breach]:
    """Check what we know inside a Complemento; what else stands there is not ours to judge."""
    if spec is not shape.COMPLEMENT:
        return
    for child in node:
        known = shape.IN_COMPLEMENT.get(child.tag)
        if known is not None:
            yield from _element(child, known, f"{path}/{known.name}", on)
