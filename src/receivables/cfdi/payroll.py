"""The shape of a payroll complement (nomina12), for its cadena original alone: payroll is no receivable.

Written from SAT's stylesheet nomina12.xslt. It lets the seal of every document of a folder be verified.
"""

from __future__ import annotations

from receivables.cfdi.shape import Element, any_of, element

SPACE = "http://www.sat.gob.mx/nomina12"


def _node(name: str, words: str, *children: Element) -> Element:
    return element(SPACE, name, words, *(any_of(it) for it in children))


_EARNED = _node(
    "Percepciones",
    "TotalSueldos TotalSeparacionIndemnizacion TotalJubilacionPensionRetiro TotalGravado! TotalExento!",
    _node(
        "Percepcion",
        "TipoPercepcion! Clave! Concepto! ImporteGravado! ImporteExento!",
        _node("AccionesOTitulos", "ValorMercado! PrecioAlOtorgarse!"),
        _node("HorasExtra", "Dias! TipoHoras! HorasExtra! ImportePagado!"),
    ),
    _node(
        "JubilacionPensionRetiro",
        "TotalUnaExhibicion TotalParcialidad MontoDiario IngresoAcumulable! IngresoNoAcumulable!",
    ),
    _node(
        "SeparacionIndemnizacion",
        "TotalPagado! NumAñosServicio! UltimoSueldoMensOrd! IngresoAcumulable! IngresoNoAcumulable!",
    ),
)
_WITHHELD = _node(
    "Deducciones",
    "TotalOtrasDeducciones TotalImpuestosRetenidos",
    _node("Deduccion", "TipoDeduccion! Clave! Concepto! Importe!"),
)
_OTHER = _node(
    "OtrosPagos",
    "",
    _node(
        "OtroPago",
        "TipoOtroPago! Clave! Concepto! Importe!",
        _node("SubsidioAlEmpleo", "SubsidioCausado!"),
        _node("CompensacionSaldosAFavor", "SaldoAFavor! Año! RemanenteSalFav!"),
    ),
)
PAYROLL = _node(
    "Nomina",
    "Version! TipoNomina! FechaPago! FechaInicialPago! FechaFinalPago! NumDiasPagados! TotalPercepciones"
    " TotalDeducciones TotalOtrosPagos",
    _node(
        "Emisor",
        "Curp RegistroPatronal RfcPatronOrigen",
        _node("EntidadSNCF", "OrigenRecurso! MontoRecursoPropio"),
    ),
    _node(
        "Receptor",
        "Curp! NumSeguridadSocial FechaInicioRelLaboral Antigüedad TipoContrato! Sindicalizado TipoJornada TipoRegimen!"
        " NumEmpleado! Departamento Puesto RiesgoPuesto PeriodicidadPago! Banco CuentaBancaria SalarioBaseCotApor"
        " SalarioDiarioIntegrado ClaveEntFed!",
        _node("SubContratacion", "RfcLabora! PorcentajeTiempo!"),
    ),
    _EARNED,
    _WITHHELD,
    _OTHER,
    _node(
        "Incapacidades",
        "",
        _node("Incapacidad", "DiasIncapacidad! TipoIncapacidad! ImporteMonetario"),
    ),
)
