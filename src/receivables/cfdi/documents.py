"""What a CFDI says, as frozen values: one class an element, one field an attribute, SAT's names in our spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from receivables.cfdi.written import Written

_new = object.__new__


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a document. Its classes are frozen and have no slots: a reader hands over the fields it found as they are.

    >>> Emisor.of_fields({"rfc": "EKU9003173C9", "nombre": "ESCUELA", "regimen_fiscal": "601"}).fac_atr_adquirente is None
    True
    """

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Make one of fields already read and complete; those not given have the class's default.

        It is what `__init__` does, without a call for each field: a document has a hundred and more of them.
        """
        made = _new(cls)
        made.__dict__.update(fields)
        return made


@dataclass(frozen=True, kw_only=True)
class Tax(Part):
    """One row of a tax, wherever it stands: in a line, a summary, a related document (DR) or a payment (P).

    Args:
        impuesto: 001 ISR, 002 IVA, 003 IEPS.
        base: What it is computed on; a summary row of a withholding has none.
        tipo_factor: Tasa, Cuota or Exento; a summary row of a withholding has none.
        tasa_o_cuota: The rate, or the amount a unit; none when exempt.
        importe: The tax; none when exempt.
    """

    impuesto: str
    base: Written | None = None
    tipo_factor: str | None = None
    tasa_o_cuota: Written | None = None
    importe: Written | None = None


@dataclass(frozen=True, kw_only=True)
class Taxes(Part):
    """An `Impuestos` node: what is withheld and what is charged on top, and the totals where it has them."""

    retenciones: tuple[Tax, ...] = ()
    traslados: tuple[Tax, ...] = ()
    total_impuestos_retenidos: Written | None = None
    total_impuestos_trasladados: Written | None = None


@dataclass(frozen=True, kw_only=True)
class InformacionGlobal(Part):
    """Period of an invoice to the general public."""

    periodicidad: str
    meses: str
    ano: str


@dataclass(frozen=True, kw_only=True)
class Relacionados(Part):
    """Documents this one relates to: 01 as credit note, 04 as substitute, 07 as application of an advance, and so on."""

    tipo_relacion: str
    uuids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Emisor(Part):
    """Who issues: the legal entity."""

    rfc: str
    nombre: str
    regimen_fiscal: str
    fac_atr_adquirente: str | None = None


@dataclass(frozen=True, kw_only=True)
class Receptor(Part):
    """Who receives: the customer. Documents of version 3.3 have no address and regime."""

    rfc: str
    nombre: str = ""
    domicilio_fiscal_receptor: str = ""
    residencia_fiscal: str | None = None
    num_reg_id_trib: str | None = None
    regimen_fiscal_receptor: str = ""
    uso_cfdi: str = ""


@dataclass(frozen=True, kw_only=True)
class ACuentaTerceros(Part):
    """On whose behalf a line is charged."""

    rfc_a_cuenta_terceros: str
    nombre_a_cuenta_terceros: str
    regimen_fiscal_a_cuenta_terceros: str
    domicilio_fiscal_a_cuenta_terceros: str


@dataclass(frozen=True, kw_only=True)
class Concepto(Part):
    """One line.

    Args:
        objeto_imp: Whether it is subject to tax, key of c_ObjetoImp; empty in version 3.3.
        children: Names of the child nodes, in order; SAT allows a payment complement only ACuentaTerceros.
    """

    clave_prod_serv: str
    cantidad: Written
    clave_unidad: str
    descripcion: str
    valor_unitario: Written
    importe: Written
    objeto_imp: str = ""
    no_identificacion: str | None = None
    unidad: str | None = None
    descuento: Written | None = None
    impuestos: Taxes | None = None
    a_cuenta_terceros: ACuentaTerceros | None = None
    children: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Totales(Part):
    """The totals of a payment complement, in pesos with two decimals."""

    monto_total_pagos: Written
    total_retenciones_iva: Written | None = None
    total_retenciones_isr: Written | None = None
    total_retenciones_ieps: Written | None = None
    total_traslados_base_iva16: Written | None = None
    total_traslados_impuesto_iva16: Written | None = None
    total_traslados_base_iva8: Written | None = None
    total_traslados_impuesto_iva8: Written | None = None
    total_traslados_base_iva0: Written | None = None
    total_traslados_impuesto_iva0: Written | None = None
    total_traslados_base_iva_exento: Written | None = None


@dataclass(frozen=True, kw_only=True)
class DoctoRelacionado(Part):
    """What a payment pays of one invoice.

    Args:
        id_documento: UUID of the invoice.
        moneda_dr: Its currency.
        equivalencia_dr: Units of the invoice's currency for one unit of the payment's.
        num_parcialidad: Which payment of this invoice it is.
        imp_saldo_ant: What was open before.
        imp_pagado: What is paid.
        imp_saldo_insoluto: What remains open.
    """

    id_documento: str
    moneda_dr: str
    num_parcialidad: int
    imp_saldo_ant: Written
    imp_pagado: Written
    imp_saldo_insoluto: Written
    objeto_imp_dr: str
    serie: str | None = None
    folio: str | None = None
    equivalencia_dr: Written | None = None
    impuestos_dr: Taxes | None = None


@dataclass(frozen=True, kw_only=True)
class Pago(Part):
    """One payment received.

    Args:
        monto: The amount, in its currency.
        tipo_cambio_p: Pesos for one unit of its currency; 1 for pesos.
    """

    fecha_pago: datetime
    forma_de_pago_p: str
    moneda_p: str
    monto: Written
    documentos: tuple[DoctoRelacionado, ...]
    tipo_cambio_p: Written | None = None
    num_operacion: str | None = None
    rfc_emisor_cta_ord: str | None = None
    nom_banco_ord_ext: str | None = None
    cta_ordenante: str | None = None
    rfc_emisor_cta_ben: str | None = None
    cta_beneficiario: str | None = None
    tipo_cad_pago: str | None = None
    cert_pago: str | None = None
    cad_pago: str | None = None
    sello_pago: str | None = None
    impuestos_p: Taxes | None = None


@dataclass(frozen=True, kw_only=True)
class Pagos(Part):
    """A payment complement; version 1.0 has no totals and is history only."""

    version: Literal["2.0", "1.0"] = "2.0"
    totales: Totales | None = None
    pagos: tuple[Pago, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Timbre(Part):
    """The stamp of the PAC: SAT's number of the document, and when it was given."""

    uuid: str
    fecha_timbrado: datetime
    rfc_prov_certif: str
    sello_cfd: str
    no_certificado_sat: str
    sello_sat: str
    leyenda: str | None = None
    version: str = "1.1"


@dataclass(frozen=True, kw_only=True)
class LocalTax(Part):
    """One local tax of the implocal complement."""

    name: str
    rate: Written
    importe: Written
    withheld: bool


@dataclass(frozen=True, kw_only=True)
class Comprobante(Part):
    """One document.

    Args:
        tipo_de_comprobante: I invoice, E credit note, P payment complement, T goods in transit, N payroll.
        timbres: The stamp; none while it is a draft, several only in a spoilt file.
        unread: Names of parts of the file that are not held here, such as an Addenda; such a document is not written
            back.
    """

    version: str
    fecha: datetime
    sub_total: Written
    moneda: str
    total: Written
    tipo_de_comprobante: str
    lugar_expedicion: str
    emisor: Emisor
    receptor: Receptor
    exportacion: str = ""
    serie: str | None = None
    folio: str | None = None
    sello: str | None = None
    forma_pago: str | None = None
    no_certificado: str | None = None
    certificado: str | None = None
    condiciones_de_pago: str | None = None
    descuento: Written | None = None
    tipo_cambio: Written | None = None
    metodo_pago: str | None = None
    confirmacion: str | None = None
    informacion_global: InformacionGlobal | None = None
    relacionados: tuple[Relacionados, ...] = ()
    conceptos: tuple[Concepto, ...] = ()
    impuestos: Taxes | None = None
    pagos: tuple[Pagos, ...] = ()
    locales: tuple[LocalTax, ...] = ()
    timbres: tuple[Timbre, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def uuid(self) -> str | None:
        """SAT's number of the document in capitals; None without exactly one stamp."""
        return self.timbres[0].uuid.upper() if len(self.timbres) == 1 else None

    @property
    def number(self) -> str:
        """Series and folio, as people call it; the UUID when it has neither."""
        return "-".join(part for part in (self.serie, self.folio) if part) or self.uuid or ""

    @property
    def history_only(self) -> bool:
        """Whether it is of an old version, read for its balances and never written."""
        return self.version != "4.0" or any(node.version != "2.0" for node in self.pagos)

    def payments(self) -> Iterator[Pago]:
        """Yield every payment, of every complement node."""
        for node in self.pagos:
            yield from node.pagos

    def related(self, *kinds: str) -> tuple[str, ...]:
        """Return the UUIDs it relates to, in capitals, by kinds of relation such as `04`; all kinds when none is named."""
        return tuple(
            uuid.upper()
            for group in self.relacionados
            if not kinds or group.tipo_relacion in kinds
            for uuid in group.uuids
        )
