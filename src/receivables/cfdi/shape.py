"""The shape of a CFDI 4.0 with Pagos 2.0 and its stamp: every element, attribute, order and pattern, as one table.

Reading, writing, the structural checks and the cadena original all walk this table, so they cannot disagree.
Written from SAT's schemas cfdv40.xsd, Pagos20.xsd and TimbreFiscalDigitalv11.xsd (no change in them since 2022).

An attribute is written `Name`, `Name!` when required, and `:type` after it; `:@c_Moneda` is a key of that catalog, and
`=CRP20256` names SAT's code for a key that is not there. Attributes stand in the order of the cadena original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

CFDI = "http://www.sat.gob.mx/cfd/4"
CFDI33 = "http://www.sat.gob.mx/cfd/3"
PAGOS = "http://www.sat.gob.mx/Pagos20"
PAGOS10 = "http://www.sat.gob.mx/Pagos"
TFD = "http://www.sat.gob.mx/TimbreFiscalDigital"
LOCAL = "http://www.sat.gob.mx/implocal"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

MANY = 1_000_000
UUID = r"[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}"
_DAY = r"(?:0[1-9]|[12][0-9]|3[01])"
_COMPANY = rf"[A-Z&Ñ]{{3}}[0-9]{{2}}(?:0[1-9]|1[012]){_DAY}[A-Z0-9]{{2}}[0-9A]"

TYPES = {
    "text": r"(?s:.*)",
    "text10": r"[0-9]{10}",
    "text20": r"[^|]{1,20}",
    "text25": r"[^|]{1,25}",
    "text40": r"[^|]{1,40}",
    "text100": r"[^|]{1,100}",
    "text150": r"(?s:.{12,150})",
    "text300": r"[^|]{1,300}",
    "text1000": r"[^|]{1,1000}",
    "text8192": r"(?s:.{1,8192})",
    "tax-number": r"(?s:.{1,40})",
    "moment": rf"20[1-9][0-9]-(?:0[1-9]|1[0-2])-{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    "certificate-number": r"[0-9]{20}|",
    "base64": r"[A-Za-z0-9+/=\s]+",
    "amount": r"[0-9]{1,18}(?:\.[0-9]{1,6})?",
    "pesos": r"[0-9]{1,18}(?:\.[0-9]{1,2})?",
    "figure": r"[0-9]{1,18}(?:\.[0-9]{1,6})?",
    "positive": r"(?=.*[1-9])[0-9]{1,18}(?:\.[0-9]{1,6})?",
    "equivalence": r"(?=.*[1-9])[0-9]{1,18}(?:\.[0-9]{1,10})?",
    "parcialidad": r"[1-9][0-9]{0,2}",
    "year": r"20(?:19|[2-9][0-9])",
    "postal-code": r"[0-9]{5}",
    "product-key": r"[0-9]{8}",
    "unit-key": r"[A-Z0-9]{2,3}",
    "confirmation": r"[0-9a-zA-Z]{5}",
    "uuid": UUID,
    "document-id": rf"{UUID}|[0-9]{{3}}-[0-9]{{2}}-[0-9]{{9}}",
    "rfc": rf"[A-Z&Ñ]{{0,1}}{_COMPANY}",
    "rfc-company": _COMPANY,
    "rfc-bank": rf"XEXX010101000|{_COMPANY}",
    "account": r"[A-Z0-9_]{10,50}",
    "version4": r"4\.0",
    "version2": r"2\.0",
    "version11": r"1\.1",
    "version1": r"1\.0",
}
NUMBERS = frozenset({"amount", "pesos", "figure", "positive", "equivalence"})
_WORD = re.compile(r"(?P<name>\w+)(?P<required>!?)(?::(?P<type>@?[\w-]+))?(?:=(?P<code>\w+))?")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute.

    Args:
        name: SAT's name.
        type: Key of `TYPES`; `text` for catalog keys.
        required: True when the schema requires it. Seal and certificate are not: a draft has none.
        catalog: The catalog its value is a key of.
        code: SAT's code for a value that is not in the catalog.
    """

    name: str
    type: str
    required: bool
    catalog: str | None
    code: str | None

    @property
    def field(self) -> str:
        """The name of the field that holds it: `ImpSaldoAnt` is `imp_saldo_ant`."""
        return snake(self.name)


@dataclass(frozen=True, eq=False)
class Element:
    """One element: its attributes, and its children in order with how often they may stand. Each is only equal to itself.

    Args:
        tag: Qualified name, `{namespace}Name`.
        attributes: In the order of the cadena original.
        children: Each with its least and greatest number.
        is_open: True where any element of another namespace may stand (Complemento, Addenda).
    """

    tag: str
    attributes: tuple[Attribute, ...]
    children: tuple[tuple[Element, int, int], ...] = ()
    is_open: bool = False

    @property
    def name(self) -> str:
        """The local name."""
        return self.tag.rpartition("}")[2]

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each child in the sequence."""
        return {child.tag: place for place, (child, _, _) in enumerate(self.children)}

    @cached_property
    def by_name(self) -> dict[str, tuple[Attribute, re.Pattern[str]]]:
        """Each attribute with its compiled pattern."""
        return {it.name: (it, re.compile(TYPES[it.type])) for it in self.attributes}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the required attributes."""
        return tuple(it.name for it in self.attributes if it.required)


def snake(name: str) -> str:
    """Return a SAT name in our spelling.

    >>> snake("ImpSaldoAnt"), snake("TipoCambioP"), snake("TotalTrasladosBaseIVA16"), snake("UUID")
    ('imp_saldo_ant', 'tipo_cambio_p', 'total_traslados_base_iva16', 'uuid')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return words.replace("ñ", "n")


def element(
    namespace: str,
    name: str,
    words: str,
    *children: tuple[Element, int, int],
    is_open: bool = False,
) -> Element:
    """Return an element of its attributes in words, as the table below writes them."""
    attributes: list[Attribute] = []
    for word in words.split():
        found = _WORD.fullmatch(word)
        assert found is not None, word  # noqa: S101 - the table below is ours
        kind = found["type"] or "text"
        catalog = kind[1:] if kind.startswith("@") else None
        attributes.append(
            Attribute(
                found["name"],
                "text" if catalog else kind,
                found["required"] == "!",
                catalog,
                found["code"],
            )
        )
    return Element(f"{{{namespace}}}{name}", tuple(attributes), children, is_open)


def one_of(child: Element) -> tuple[Element, int, int]:
    """Exactly one."""
    return child, 1, 1


def maybe_of(child: Element) -> tuple[Element, int, int]:
    """None or one."""
    return child, 0, 1


def some_of(child: Element) -> tuple[Element, int, int]:
    """One or more."""
    return child, 1, MANY


def any_of(child: Element) -> tuple[Element, int, int]:
    """Any number."""
    return child, 0, MANY


# --- CFDI 4.0 -----------------------------------------------------------------------------------

GLOBAL = element(
    CFDI,
    "InformacionGlobal",
    "Periodicidad!:@c_Periodicidad=CFDI40131 Meses!:@c_Meses=CFDI40133 Año!:year",
)
RELATED = element(CFDI, "CfdiRelacionado", "UUID!:uuid")
RELATIONS = element(
    CFDI, "CfdiRelacionados", "TipoRelacion!:@c_TipoRelacion=CFDI40137", some_of(RELATED)
)
ISSUER = element(
    CFDI,
    "Emisor",
    "Rfc!:rfc Nombre!:text300 RegimenFiscal!:@c_RegimenFiscal=CFDI40140 FacAtrAdquirente:text10",
)
RECEIVER = element(
    CFDI,
    "Receptor",
    "Rfc!:rfc Nombre!:text300 DomicilioFiscalReceptor!:postal-code ResidenciaFiscal:@c_Pais=CFDI40150"
    " NumRegIdTrib:tax-number RegimenFiscalReceptor!:@c_RegimenFiscal=CFDI40157 UsoCFDI!:@c_UsoCFDI=CFDI40160",
)
LINE_TRANSFER = element(
    CFDI,
    "Traslado",
    "Base!:positive Impuesto!:@c_Impuesto=CFDI40175 TipoFactor!:@c_TipoFactor=CFDI40176 TasaOCuota:figure"
    " Importe:amount",
)
LINE_WITHHOLDING = element(
    CFDI,
    "Retencion",
    "Base!:positive Impuesto!:@c_Impuesto=CFDI40182 TipoFactor!:@c_TipoFactor=CFDI40183 TasaOCuota!:figure"
    " Importe!:amount",
)
LINE_TAXES = element(
    CFDI,
    "Impuestos",
    "",
    maybe_of(element(CFDI, "Traslados", "", some_of(LINE_TRANSFER))),
    maybe_of(element(CFDI, "Retenciones", "", some_of(LINE_WITHHOLDING))),
)
THIRD_PARTY = element(
    CFDI,
    "ACuentaTerceros",
    "RfcACuentaTerceros!:rfc NombreACuentaTerceros!:text300 RegimenFiscalACuentaTerceros!:@c_RegimenFiscal=CFDI40191"
    " DomicilioFiscalACuentaTerceros!:postal-code",
)
CUSTOMS = element(CFDI, "InformacionAduanera", "NumeroPedimento!:text25")
PROPERTY = element(CFDI, "CuentaPredial", "Numero!:text")
PART = element(
    CFDI,
    "Parte",
    "ClaveProdServ!:product-key NoIdentificacion:text100 Cantidad!:positive Unidad:text20 Descripcion!:text1000"
    " ValorUnitario:amount Importe:amount",
    any_of(CUSTOMS),
)
LINE = element(
    CFDI,
    "Concepto",
    "ClaveProdServ!:product-key NoIdentificacion:text100 Cantidad!:positive ClaveUnidad!:unit-key Unidad:text20"
    " Descripcion!:text1000 ValorUnitario!:amount Importe!:amount Descuento:amount ObjetoImp!:@c_ObjetoImp=CFDI40170",
    maybe_of(LINE_TAXES),
    maybe_of(THIRD_PARTY),
    any_of(CUSTOMS),
    any_of(PROPERTY),
    maybe_of(element(CFDI, "ComplementoConcepto", "", is_open=True)),
    any_of(PART),
)
TRANSFER = element(
    CFDI,
    "Traslado",
    "Base!:amount Impuesto!:@c_Impuesto=CFDI40217 TipoFactor!:@c_TipoFactor TasaOCuota:figure Importe:amount",
)
WITHHOLDING = element(CFDI, "Retencion", "Impuesto!:@c_Impuesto=CFDI40207 Importe!:amount")
TAXES = element(
    CFDI,
    "Impuestos",
    "TotalImpuestosRetenidos:amount TotalImpuestosTrasladados:amount",
    maybe_of(element(CFDI, "Retenciones", "", some_of(WITHHOLDING))),
    maybe_of(element(CFDI, "Traslados", "", some_of(TRANSFER))),
)
COMPLEMENT = element(CFDI, "Complemento", "", is_open=True)
VOUCHER = element(
    CFDI,
    "Comprobante",
    "Version!:version4 Serie:text25 Folio:text40 Fecha!:moment Sello:text FormaPago:@c_FormaPago=CFDI40104"
    " NoCertificado:certificate-number Certificado:text CondicionesDePago:text1000 SubTotal!:amount Descuento:amount"
    " Moneda!:@c_Moneda=CFDI40113 TipoCambio:positive Total!:amount"
    " TipoDeComprobante!:@c_TipoDeComprobante=CFDI40121 Exportacion!:@c_Exportacion=CFDI40123"
    " MetodoPago:@c_MetodoPago=CFDI40124 LugarExpedicion!:postal-code Confirmacion:confirmation",
    maybe_of(GLOBAL),
    any_of(RELATIONS),
    one_of(ISSUER),
    one_of(RECEIVER),
    one_of(element(CFDI, "Conceptos", "", some_of(LINE))),
    maybe_of(TAXES),
    maybe_of(COMPLEMENT),
    maybe_of(element(CFDI, "Addenda", "", is_open=True)),
)

# --- Pagos 2.0 ----------------------------------------------------------------------------------

TOTALS = element(
    PAGOS,
    "Totales",
    "TotalRetencionesIVA:pesos TotalRetencionesISR:pesos TotalRetencionesIEPS:pesos TotalTrasladosBaseIVA16:pesos"
    " TotalTrasladosImpuestoIVA16:pesos TotalTrasladosBaseIVA8:pesos TotalTrasladosImpuestoIVA8:pesos"
    " TotalTrasladosBaseIVA0:pesos TotalTrasladosImpuestoIVA0:pesos TotalTrasladosBaseIVAExento:pesos"
    " MontoTotalPagos!:pesos",
)
WITHHOLDING_DR = element(
    PAGOS,
    "RetencionDR",
    "BaseDR!:amount ImpuestoDR!:@c_Impuesto=CRP20250 TipoFactorDR!:@c_TipoFactor=CRP20251 TasaOCuotaDR!:figure"
    " ImporteDR!:amount",
)
TRANSFER_DR = element(
    PAGOS,
    "TrasladoDR",
    "BaseDR!:amount ImpuestoDR!:@c_Impuesto=CRP20256 TipoFactorDR!:@c_TipoFactor=CRP20257 TasaOCuotaDR:figure"
    " ImporteDR:amount",
)
WITHHOLDING_P = element(PAGOS, "RetencionP", "ImpuestoP!:@c_Impuesto=CRP20262 ImporteP!:amount")
TRANSFER_P = element(
    PAGOS,
    "TrasladoP",
    "BaseP!:amount ImpuestoP!:@c_Impuesto=CRP20270 TipoFactorP!:@c_TipoFactor TasaOCuotaP:figure ImporteP:amount",
)
PAID_DOCUMENT = element(
    PAGOS,
    "DoctoRelacionado",
    "IdDocumento!:document-id Serie:text25 Folio:text40 MonedaDR!:@c_Moneda EquivalenciaDR:equivalence"
    " NumParcialidad!:parcialidad ImpSaldoAnt!:amount ImpPagado!:amount ImpSaldoInsoluto!:amount"
    " ObjetoImpDR!:@c_ObjetoImp=CRP20245",
    maybe_of(
        element(
            PAGOS,
            "ImpuestosDR",
            "",
            maybe_of(element(PAGOS, "RetencionesDR", "", some_of(WITHHOLDING_DR))),
            maybe_of(element(PAGOS, "TrasladosDR", "", some_of(TRANSFER_DR))),
        )
    ),
)
PAYMENT = element(
    PAGOS,
    "Pago",
    "FechaPago!:moment FormaDePagoP!:@c_FormaPago MonedaP!:@c_Moneda TipoCambioP:positive Monto!:amount"
    " NumOperacion:text100 RfcEmisorCtaOrd:rfc-bank NomBancoOrdExt:text300 CtaOrdenante:account"
    " RfcEmisorCtaBen:rfc-company CtaBeneficiario:account TipoCadPago:@c_TipoCadenaPago CertPago:base64"
    " CadPago:text8192 SelloPago:base64",
    some_of(PAID_DOCUMENT),
    maybe_of(
        element(
            PAGOS,
            "ImpuestosP",
            "",
            maybe_of(element(PAGOS, "RetencionesP", "", some_of(WITHHOLDING_P))),
            maybe_of(element(PAGOS, "TrasladosP", "", some_of(TRANSFER_P))),
        )
    ),
)
PAYMENTS = element(PAGOS, "Pagos", "Version!:version2", one_of(TOTALS), some_of(PAYMENT))

# --- what else may stand in a Complemento -------------------------------------------------------

STAMP = element(
    TFD,
    "TimbreFiscalDigital",
    "Version!:version11 UUID!:uuid FechaTimbrado!:moment RfcProvCertif!:rfc-company Leyenda:text150 SelloCFD!:text"
    " NoCertificadoSAT!:certificate-number SelloSAT!:text",
)
LOCAL_WITHHELD = element(
    LOCAL, "RetencionesLocales", "ImpLocRetenido! TasadeRetencion!:figure Importe!:amount"
)
LOCAL_CHARGED = element(
    LOCAL, "TrasladosLocales", "ImpLocTrasladado! TasadeTraslado!:figure Importe!:amount"
)
LOCAL_TAXES = element(
    LOCAL,
    "ImpuestosLocales",
    "version!:version1 TotaldeRetenciones!:amount TotaldeTraslados!:amount",
    any_of(LOCAL_WITHHELD),
    any_of(LOCAL_CHARGED),
)
IN_COMPLEMENT = {it.tag: it for it in (PAYMENTS, STAMP, LOCAL_TAXES)}
