"""A complement as a page of HTML for the customer: what was paid of which invoice, and what remains. No script, no link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from receivables.cfdi import catalogs
from receivables.cfdi.documents import Comprobante, DoctoRelacionado, Pago, Written
from receivables.cfdi.status import expression
from receivables.errors import UnwritableCfdi

_STYLE = """body{font:14px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}
h1{font-size:1.4rem;margin:0 0 .2rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{padding:.35rem .5rem;border-bottom:1px solid #ddd;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem}
dt{color:#666}dd{margin:0}.small{font-size:.72rem;color:#666;overflow-wrap:anywhere}.total{font-weight:600}"""
_WORDS = {
    "es": {
        "title": "Recibo electrónico de pago",
        "issuer": "Emisor",
        "receiver": "Receptor",
        "number": "Serie y folio",
        "date": "Fecha",
        "uuid": "Folio fiscal",
        "draft": "borrador sin timbre",
        "payment": "Pago del",
        "form": "Forma de pago",
        "amount": "Monto",
        "rate": "Tipo de cambio",
        "operation": "Operación",
        "invoice": "Factura",
        "parcialidad": "Parcialidad",
        "before": "Saldo anterior",
        "paid": "Pagado",
        "after": "Saldo insoluto",
        "taxes": "Impuestos",
        "withheld": "retenido",
        "exempt": "exento",
        "unapplied": "Sin aplicar",
        "total": "Total de pagos en pesos",
        "replaces": "Sustituye a",
        "verify": "Verificación en el SAT",
    },
    "en": {
        "title": "Electronic receipt of payment",
        "issuer": "Issued by",
        "receiver": "Received by",
        "number": "Number",
        "date": "Date",
        "uuid": "Fiscal number (UUID)",
        "draft": "draft, not stamped",
        "payment": "Payment of",
        "form": "Paid by",
        "amount": "Amount",
        "rate": "Exchange rate",
        "operation": "Operation",
        "invoice": "Invoice",
        "parcialidad": "Payment no.",
        "before": "Open before",
        "paid": "Paid",
        "after": "Open after",
        "taxes": "Taxes",
        "withheld": "withheld",
        "exempt": "exempt",
        "unapplied": "Not applied",
        "total": "Total of payments in pesos",
        "replaces": "Substitutes",
        "verify": "To verify with SAT",
    },
}
_TAXES = {"001": "ISR", "002": "IVA", "003": "IEPS"}


def to_html(document: Comprobante, language: str = "es") -> str:
    """Return a payment complement as one self-contained HTML page.

    Args:
        document: A complement, stamped or a draft.
        language: `es` or `en`.

    Raises:
        UnwritableCfdi: When the document is no payment complement.
    """
    if document.tipo_de_comprobante != "P" or not document.pagos:
        msg = f"document {document.number} is of type {document.tipo_de_comprobante}; only payment complements are shown"
        raise UnwritableCfdi(msg)
    words = _WORDS.get(language, _WORDS["es"])
    parts = [
        f"<h1>{words['title']}</h1>",
        _head(document, words),
        *(_payment(payment, words) for payment in document.payments()),
        _total(document, words),
        _foot(document, words),
    ]
    body = "\n".join(part for part in parts if part)
    title = escape(f"{words['title']} {document.number}")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _pairs(rows: Iterable[tuple[str, str | None]]) -> str:
    inner = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows if value
    )
    return f"<dl>{inner}</dl>"


def _head(document: Comprobante, words: dict[str, str]) -> str:
    issuer, receiver = document.emisor, document.receptor
    return _pairs(
        (
            (words["issuer"], f"{issuer.nombre}, {issuer.rfc}"),
            (words["receiver"], f"{receiver.nombre}, {receiver.rfc}"),
            (words["number"], document.number),
            (words["date"], document.fecha.isoformat(" ")),
            (words["uuid"], document.uuid or words["draft"]),
            (words["replaces"], ", ".join(document.related("04"))),
        )
    )


def _payment(payment: Pago, words: dict[str, str]) -> str:
    facts = _pairs(
        (
            (
                words["form"],
                f"{payment.forma_de_pago_p} {catalogs.text('c_FormaPago', payment.forma_de_pago_p)}",
            ),
            (words["amount"], f"{_grouped(payment.monto)} {payment.moneda_p}"),
            (words["rate"], str(payment.tipo_cambio_p) if payment.moneda_p != "MXN" else None),
            (words["operation"], payment.num_operacion),
        )
    )
    names = ("invoice", "parcialidad", "before", "paid", "after", "taxes")
    cells = "".join(f"<th{_numeric(name)}>{words[name]}</th>" for name in names)
    rows = "".join(_row(doc, words) for doc in payment.documentos)
    return (
        f"<h2>{words['payment']} {payment.fecha_pago:%Y-%m-%d}</h2>\n{facts}\n"
        f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _numeric(name: str) -> str:
    return ' class="n"' if name in {"parcialidad", "before", "paid", "after"} else ""


def _row(doc: DoctoRelacionado, words: dict[str, str]) -> str:
    name = "-".join(part for part in (doc.serie, doc.folio) if part)
    label = (
        f"{name} <span class='small'>{escape(doc.id_documento)}</span>"
        if name
        else escape(doc.id_documento)
    )
    numbers: Sequence[str] = (
        str(doc.num_parcialidad),
        f"{_grouped(doc.imp_saldo_ant)} {doc.moneda_dr}",
        f"{_grouped(doc.imp_pagado)} {doc.moneda_dr}",
        f"{_grouped(doc.imp_saldo_insoluto)} {doc.moneda_dr}",
    )
    cells = "".join(f'<td class="n">{escape(text)}</td>' for text in numbers)
    return f"<tr><td>{label}</td>{cells}<td>{_taxes(doc, words)}</td></tr>"


def _taxes(doc: DoctoRelacionado, words: dict[str, str]) -> str:
    lines: list[str] = []
    if doc.impuestos_dr is not None:
        for withheld, rows in (
            (False, doc.impuestos_dr.traslados),
            (True, doc.impuestos_dr.retenciones),
        ):
            for row in rows:
                name = _TAXES.get(row.impuesto, row.impuesto)
                rate = words["exempt"] if row.tasa_o_cuota is None else str(row.tasa_o_cuota)
                amount = "" if row.importe is None else f": {_grouped(row.importe)}"
                kept = f" {words['withheld']}" if withheld else ""
                lines.append(escape(f"{name}{kept} {rate}{amount}"))
    return "<br>".join(lines)


def _total(document: Comprobante, words: dict[str, str]) -> str:
    totals = document.pagos[0].totales
    if totals is None:
        return ""
    return f'<p class="total">{words["total"]}: {_grouped(totals.monto_total_pagos)} MXN</p>'


def _foot(document: Comprobante, words: dict[str, str]) -> str:
    if document.uuid is None:
        return ""
    return f'<p class="small">{words["verify"]}: {escape(expression(document))}</p>'


def _grouped(amount: Written) -> str:
    return f"{amount:,f}"
