"""SAT's own schema as an extra check, for who has its files: our structure comes from our own table.

The folder must hold `cfdv40.xsd`, `Pagos20.xsd` and `TimbreFiscalDigitalv11.xsd` somewhere below it, with relative imports.
Nothing is fetched: a schema that asks for the network does not compile.
"""

from __future__ import annotations

from pathlib import Path

from receivables.cfdi import shape
from receivables.cfdi.rules import Finding
from receivables.cfdi.secure import MOST_BYTES, Node, etree, tree
from receivables.errors import UnreadableSource

_FILES = {
    shape.CFDI: "cfdv40.xsd",
    shape.PAGOS: "Pagos20.xsd",
    shape.TFD: "TimbreFiscalDigitalv11.xsd",
}
_KNOWN = frozenset({shape.PAYMENTS.tag, shape.STAMP.tag})


class Schema:
    """SAT's schema, compiled once.

    Args:
        folder: Where its files are.

    Raises:
        UnreadableSource: When a file is missing or the schema does not compile.
    """

    def __init__(self, folder: Path) -> None:
        imports: list[str] = []
        for namespace, name in _FILES.items():
            found = sorted(folder.rglob(name))
            if not found:
                msg = f"{folder}: {name} is not there; give the folder of SAT's schemas"
                raise UnreadableSource(msg)
            imports.append(
                f'<xs:import namespace="{namespace}" schemaLocation="{found[0].resolve().as_uri()}"/>'
            )
        text = (
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(imports)}</xs:schema>'
        )
        try:
            parser = etree.XMLParser(no_network=True, resolve_entities=False)
            self._schema = etree.XMLSchema(etree.fromstring(text.encode(), parser))
        except etree.LxmlError as error:
            msg = f"{folder}: SAT's schema does not compile: {error}"
            raise UnreadableSource(msg) from None

    def validate(self, xml: bytes, *, most_bytes: int = MOST_BYTES) -> tuple[Finding, ...]:
        """Return what the schema refuses; Addenda and complements it does not cover are left aside.

        Raises:
            UnreadableCfdi: When the document is no well-formed XML.
        """
        root = tree(xml, most_bytes=most_bytes)
        _strip(root)
        self._schema.validate(root)
        return tuple(
            Finding(
                "XSD",
                "error",
                error.path or "",
                "El esquema del SAT no lo acepta.",
                "SAT's schema does not accept it.",
                error.message,
                "",
            )
            for error in self._schema.error_log
        )


def _strip(root: Node) -> None:
    for addenda in root.findall(f"{{{shape.CFDI}}}Addenda"):
        root.remove(addenda)
    for complement in root.findall(shape.COMPLEMENT.tag):
        for child in list(complement):
            if child.tag not in _KNOWN:
                complement.remove(child)
