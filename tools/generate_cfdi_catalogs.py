"""Make `src/receivables/cfdi/catalogs.json` from SAT's catalogs as CSV files: the keys accounts receivable needs.

Usage: python tools/generate_cfdi_catalogs.py FOLDER SOURCE, where FOLDER holds the `cfdi_40_*.csv` files and SOURCE says
in words where and when they were taken, such as "SAT catalogs of 2026-08-06". Each key keeps its text and its days of
validity. The catalogs of postal codes, products and units are left out: their keys are checked by pattern only.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src" / "receivables" / "cfdi" / "catalogs.json"
FILES = {
    "c_Exportacion": "cfdi_40_exportaciones",
    "c_FormaPago": "cfdi_40_formas_pago",
    "c_Impuesto": "cfdi_40_impuestos",
    "c_Meses": "cfdi_40_meses",
    "c_MetodoPago": "cfdi_40_metodos_pago",
    "c_Moneda": "cfdi_40_monedas",
    "c_ObjetoImp": "cfdi_40_objetos_impuestos",
    "c_Pais": "cfdi_40_paises",
    "c_Periodicidad": "cfdi_40_periodicidades",
    "c_RegimenFiscal": "cfdi_40_regimenes_fiscales",
    "c_TipoCadenaPago": "pagos_tipos_cadena_pago",
    "c_TipoDeComprobante": "cfdi_40_tipos_comprobantes",
    "c_TipoFactor": "cfdi_40_tipos_factores",
    "c_TipoRelacion": "cfdi_40_tipos_relaciones",
    "c_UsoCFDI": "cfdi_40_usos_cfdi",
}
TAXES = {"ISR": "001", "IVA": "002", "IVA Crédito aplicado del 50%": "002", "IEPS": "003"}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of one catalog."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keys(folder: Path, name: str) -> dict[str, list[str]]:
    """Return each key with its text and its first and last day."""
    return {
        row["id"]: [
            row.get("texto", ""),
            row.get("vigencia_desde", ""),
            row.get("vigencia_hasta", ""),
        ]
        for row in rows(folder, name)
    }


def main(arguments: list[str]) -> int:
    """Write the file."""
    folder, source = Path(arguments[0]), arguments[1]
    made = {
        "source": source,
        "keys": {catalog: keys(folder, name) for catalog, name in FILES.items()},
        "decimals": {row["id"]: int(row["decimales"]) for row in rows(folder, FILES["c_Moneda"])},
        "forms": {
            row["id"]: {
                "payer": row["patron_cuenta_ordenante"],
                "payee": row["patron_cuenta_beneficiario"],
            }
            for row in rows(folder, FILES["c_FormaPago"])
            if row["es_bancarizado"] == "1"
        },
        "regimes": {
            row["id"]: [row["aplica_fisica"] == "1", row["aplica_moral"] == "1"]
            for row in rows(folder, FILES["c_RegimenFiscal"])
        },
        "uses": {
            row["id"]: [
                row["aplica_fisica"] == "1",
                row["aplica_moral"] == "1",
                row["regimenes_fiscales_receptores"].replace(" ", ""),
            ]
            for row in rows(folder, FILES["c_UsoCFDI"])
        },
        "rates": [
            {
                "tax": TAXES[row["impuesto"]],
                "factor": row["factor"],
                "least": row["minimo"] if row["tipo"] == "Rango" else row["valor"],
                "greatest": row["valor"],
                "charged": row["traslado"] == "1",
                "withheld": row["retencion"] == "1",
                "since": row["vigencia_desde"],
                "until": row["vigencia_hasta"],
            }
            for row in rows(folder, "cfdi_40_reglas_tasa_cuota")
        ],
    }
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    # One catalog a line: a diff shows which one moved.
    TARGET.write_text(text.replace('},"', '},\n"').replace('],"', '],\n"') + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
