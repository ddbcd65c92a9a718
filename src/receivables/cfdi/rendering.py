"""A complement as a page of HTML for the customer: what was paid of which invoice, and what remains. No script, no link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from receivables.cfdi import catalogs, limits
from receivables.cfdi.cadena import cadena_of_stamp
from receivables.cfdi.documents import Comprobante, DoctoRelacionado, Pago, Tax
from receivables.cfdi.status import expression
from receivables.cfdi.written import Written
from receivables.errors import UnwritableCfdi
from receivables.rounding import EXACT, Rounding

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
        "place": "Lugar de expedición",
        "certificate": "Certificado del emisor",
        "seal": "Sello digital del CFDI",
        "sats_seal": "Sello digital del SAT",
        "chain": "Cadena original del complemento de certificación del SAT",
        "stamped": "Certificado el",
        "printed": "Este documento es una representación impresa de un CFDI.",
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
        "place": "Postal code of issue",
        "certificate": "Issuer's certificate",
        "seal": "Issuer's seal",
        "sats_seal": "SAT's seal",
        "chain": "Text SAT's seal signs",
        "stamped": "Stamped",
        "printed": "This document is a printed representation of a CFDI.",
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
    language = language if language in _WORDS else "es"
    words = _WORDS[language]
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
            (words["issuer"], _party(issuer.nombre, issuer.rfc, issuer.regimen_fiscal)),
            (
                words["receiver"],
                _party(
                    receiver.nombre,
                    receiver.rfc,
                    receiver.regimen_fiscal_receptor,
                    receiver.domicilio_fiscal_receptor,
                ),
            ),
            (words["number"], document.number),
            (words["date"], document.fecha.isoformat(" ")),
            (words["place"], document.lugar_expedicion),
            (words["uuid"], document.uuid or words["draft"]),
            (words["replaces"], ", ".join(document.related("04"))),
        )
    )


def _party(name: str, rfc: str, regime: str, place: str = "") -> str:
    known = f"{regime} {catalogs.text('c_RegimenFiscal', regime)}" if regime else ""
    return ", ".join(part for part in (name, rfc, known, place) if part)


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
            (words["unapplied"], _unapplied(payment)),
        )
    )
    names = ("invoice", "parcialidad", "before", "paid", "after", "taxes")
    cells = "".join(f"<th{_numeric(name)}>{words[name]}</th>" for name in names)
    rows = "".join(_row(doc, words) for doc in payment.documentos)
    return (
        f"<h2>{words['payment']} {payment.fecha_pago:%Y-%m-%d}</h2>\n{facts}\n"
        f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _unapplied(payment: Pago) -> str | None:
    """Return what no document takes of a payment; None when nothing is left."""
    taken = limits.exact_sum(
        limits.in_payment_currency(doc.imp_pagado, doc) for doc in payment.documentos
    )
    left = EXACT.subtract(payment.monto, taken)
    left = Rounding.HALF_UP.apply(left, catalogs.places(payment.moneda_p))
    return f"{left:,f} {payment.moneda_p}" if left > 0 else None


def _numeric(name: str) -> str:
    return ' class="n"' if name in {"parcialidad", "before", "paid", "after"} else ""


def _row(doc: DoctoRelacionado, words: dict[str, str]) -> str:
    name = "-".join(part for part in (doc.serie, doc.folio) if part)
    uuid = f'<span class="small">{escape(doc.id_documento)}</span>'
    label = f"{escape(name)} {uuid}" if name else uuid
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
                rate = words["exempt"] if row.tasa_o_cuota is None else _rate(row)
                amount = "" if row.importe is None else f": {_grouped(row.importe)}"
                kept = f" {words['withheld']}" if withheld else ""
                lines.append(escape(f"{name}{kept} {rate}{amount}"))
    return "<br>".join(lines)


def _rate(row: Tax) -> str:
    """Return a rate in percent, a quota as it is written.

    >>> _rate(Tax(impuesto="002", tipo_factor="Tasa", tasa_o_cuota=Written("0.106667")))
    '10.6667 %'
    """
    if row.tasa_o_cuota is None or row.tipo_factor != "Tasa":
        return str(row.tasa_o_cuota or "")
    percent = f"{EXACT.multiply(row.tasa_o_cuota, Decimal(100)):f}"
    return f"{percent.rstrip('0').rstrip('.') or '0'} %"


def _total(document: Comprobante, words: dict[str, str]) -> str:
    totals = document.pagos[0].totales
    if totals is None:
        return ""
    return f'<p class="total">{words["total"]}: {_grouped(totals.monto_total_pagos)} MXN</p>'


def _foot(document: Comprobante, words: dict[str, str]) -> str:
    """Return what Anexo 20 asks of a printed document, once it is stamped."""
    if document.uuid is None:
        return ""
    [stamp] = document.timbres
    rows = (
        (words["certificate"], document.no_certificado),
        (words["seal"], document.sello),
        (
            words["stamped"],
            f"{stamp.fecha_timbrado.isoformat(' ')}, {stamp.rfc_prov_certif}, {stamp.no_certificado_sat}",
        ),
        (words["sats_seal"], stamp.sello_sat),
        (words["chain"], cadena_of_stamp(stamp)),
        (words["verify"], expression(document)),
    )
    return f'<div class="small">{_pairs(rows)}<p>{words["printed"]}</p></div>'


def _grouped(amount: Written) -> str:
    return f"{amount:,f}"
