"""Parse, build + seal and validate, side by side with satcfdi where it is installed; then three productions it gets wrong.

Goals: parse at least 3 times its speed, build + seal at least its speed, rules at 1,000 documents a second or more.
Keys are made for the run. Without satcfdi only our own figures are printed.

Usage: python bench/cfdi.py [ROUNDS]
"""

from __future__ import annotations

import importlib.util
import random
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from receivables import Allocation, Money, Payment
from receivables.cfdi import (
    Csd,
    Issuer,
    PayableDocument,
    Receiver,
    build_complement,
    paid_by,
    parse,
    seal_to_xml,
    validate,
)

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "data" / "cfdi"
PASSWORD = "bench"  # noqa: S105 - no secret
THEIRS = importlib.util.find_spec("satcfdi") is not None
AT = datetime.fromisoformat("2026-08-03T09:00:00")


def main(rounds: int) -> None:
    print(
        f"Python {sys.version.split()[0]}, one process, medians of 5, documents a second of processor time\n"
    )
    paper = (SAMPLES / "scenarios" / "SC01" / "P1.xml").read_bytes()
    papers = [path.read_bytes() for path in sorted(SAMPLES.glob("scenarios/*/P*.xml"))]
    invoices = [
        (SAMPLES / "scenarios" / "SC01" / f"{name}.xml").read_bytes() for name in ("I1", "I2")
    ]
    cer, key = pair()
    print(f"{'':34}{'receivables':>12}{'satcfdi':>12}{'ratio':>8}  goal")
    row(
        "parse, the 19 of our stories",
        ours_parsed(papers, rounds),
        theirs_parsed(papers, rounds),
        3,
    )
    others = [figures_of_its_own(xml, n) for n in range(60) for xml in papers]
    row(
        "parse, 1,140 of their own figures",
        ours_parsed(others, rounds),
        theirs_parsed(others, rounds),
        3,
    )
    row("parse, 2 documents", ours_parsed([paper], rounds), theirs_parsed([paper], rounds), 3)
    ours = ours_built(invoices, Csd.load(cer, key, PASSWORD))
    row(
        "build + seal + write, 2 documents",
        speed(ours, rounds // 4),
        their_build(invoices, cer, key, rounds // 4),
        1,
    )
    row(
        "validate: structure and rules",
        speed(lambda: validate(paper), rounds),
        None,
        None,
        least=1000,
    )
    print(f"\nour complement of the build: {validate(ours()) or 'no findings'}")
    productions()


def figures_of_its_own(xml: bytes, seed: int) -> bytes:
    """Give a document amounts that no other has: a reader may remember figures, and those of one file read again are few."""
    chosen = random.Random(f"{seed}{xml[:200]!r}")
    known: dict[bytes, bytes] = {}

    def other(found: re.Match[bytes]) -> bytes:
        figure = known.setdefault(found[2], b"%.2f" % (chosen.randrange(1, 10**8) / 100))
        return found[1] + figure + b'"'

    return re.sub(rb'((?:Imp|Base|Monto|Total)\w*=")(\d+\.\d\d)"', other, xml)


def row(
    name: str, mine: float, theirs: float | None, goal: float | None, least: float | None = None
) -> None:
    other = f"{theirs:,.0f}" if theirs else "-"
    ratio = f"{mine / theirs:.1f}" if theirs else "-"
    wanted = f"{goal} times" if goal else f"{least:,.0f}"
    print(f"{name:34}{mine:12,.0f}{other:>12}{ratio:>8}  {wanted}")


def speed(work: Callable[[], Any], rounds: int) -> float:
    work()
    taken = []
    for _ in range(5):
        start = process_time()
        for _ in range(rounds):
            work()
        taken.append(process_time() - start)
    return rounds / median(taken)


def pair() -> tuple[bytes, bytes]:
    """Return a certificate and its locked key, as SAT would give them."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "ESCUELA KEMPER URGATE"),
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "Sucursal 1"),
            x509.NameAttribute(x509.ObjectIdentifier("2.5.4.41"), "ESCUELA KEMPER URGATE"),
            x509.NameAttribute(x509.ObjectIdentifier("2.5.4.45"), "EKU9003173C9 / VADA800927DJ3"),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(b"30001000000500009999", "big"))
        .not_valid_before(datetime(2023, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2033, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    locked = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSWORD.encode()),
    )
    return made.public_bytes(serialization.Encoding.DER), locked


def ours_built(invoices: list[bytes], csd: Csd) -> Callable[[], bytes]:
    papers = [parse(xml) for xml in invoices]
    issuer, receiver = Issuer.of(papers[0]), Receiver.of(papers[0])
    day = date(2026, 7, 20)
    payment = Payment(
        id="R-1", amount=Money("2000.00", "MXN"), posting_date=day, attributes=paid_by("03")
    )

    def build() -> bytes:
        documents = [PayableDocument.of(it) for it in papers]
        uses = [
            Allocation(
                id=f"A-{it.id}",
                source="R-1",
                target=it.id,
                amount=Money("1000.00", "MXN"),
                posting_date=day,
            )
            for it in documents
        ]
        built = build_complement([payment], uses, documents, issuer, receiver, issued_at=AT)
        return seal_to_xml(built.voucher, csd)

    return build


def each(read: Callable[[bytes], Any], papers: list[bytes]) -> None:
    for it in papers:
        read(it)


def ours_parsed(papers: list[bytes], rounds: int) -> float:
    some = max(rounds // len(papers), 1)
    return speed(lambda: each(parse, papers), some) * len(papers)


def theirs_parsed(papers: list[bytes], rounds: int) -> float | None:
    if not THEIRS:
        return None
    from satcfdi.cfdi import CFDI

    some = max(rounds // len(papers) // 3, 1)
    return speed(lambda: each(CFDI.from_string, papers), some) * len(papers)


def their_build(invoices: list[bytes], cer: bytes, key: bytes, rounds: int) -> float | None:
    if not THEIRS:
        return None
    from satcfdi.cfdi import CFDI
    from satcfdi.create.cfd import cfdi40
    from satcfdi.models import Signer

    signer = Signer.load(certificate=cer, key=key, password=PASSWORD)
    papers = [CFDI.from_string(xml) for xml in invoices]
    issuer = cfdi40.Emisor(rfc="EKU9003173C9", nombre="ESCUELA KEMPER URGATE", regimen_fiscal="601")

    def build() -> bytes:
        made = cfdi40.Comprobante.pago_comprobantes(
            emisor=issuer,
            lugar_expedicion="42501",
            comprobantes=[
                cfdi40.PagoComprobante(
                    comprobante=it,
                    num_parcialidad=1,
                    imp_saldo_ant=it["Total"],
                    imp_pagado=Decimal("1000.00"),
                )
                for it in papers
            ],
            fecha_pago=datetime.fromisoformat("2026-07-20T12:00:00"),
            forma_pago="03",
            fecha=AT,
        )
        made.sign(signer)
        return made.xml_bytes()

    return speed(build, rounds)


def productions() -> None:
    """Build what satcfdi cannot state rightly, and judge both by the same rules."""
    print("\nproductions in foreign currency, by our rules:")
    dollars = (SAMPLES / "scenarios" / "SC03" / "I1.xml").read_bytes()
    mixed = (SAMPLES / "scenarios" / "SC13" / "I1.xml").read_bytes()
    other = (SAMPLES / "scenarios" / "SC13" / "I2.xml").read_bytes()
    cases = {
        "dollar invoice paid in dollars": ([dollars], "5959.41", "USD", "18.5", [None]),
        "dollar invoice paid in pesos": ([dollars], "110000.00", "MXN", None, ["110000.00"]),
        "peso and dollar invoice paid in pesos": (
            [mixed, other],
            "18061.71",
            "MXN",
            None,
            [None, "16629.62"],
        ),
    }
    for name, (papers, amount, currency, rate, taken) in cases.items():
        xml = ours_paid([parse(it) for it in papers], Money(amount, currency), rate, taken)
        said = sorted({it.code for it in validate(xml)})
        print(
            f"  {name:40} ours: {', '.join(said) or 'clean':12} satcfdi: {their_production(papers, currency, rate)}"
        )


def ours_paid(papers: list[Any], amount: Money, rate: str | None, taken: list[str | None]) -> bytes:
    day = date(2026, 7, 20)
    payment = Payment(
        id="R-1", amount=amount, posting_date=day, attributes=paid_by("03", tipo_cambio=rate)
    )
    documents = [PayableDocument.of(it) for it in papers]
    uses = [
        Allocation(
            id=f"A-{it.id}",
            source="R-1",
            target=it.id,
            amount=it.total,
            source_amount=None if share is None else Money(share, amount.currency),
            posting_date=day,
        )
        for it, share in zip(documents, taken, strict=True)
    ]
    issuer, receiver = Issuer.of(papers[0]), Receiver.of(papers[0])
    return build_complement([payment], uses, documents, issuer, receiver, issued_at=AT).xml()


def their_production(papers: list[bytes], currency: str, rate: str | None) -> str:
    if not THEIRS:
        return "not installed"
    from satcfdi.cfdi import CFDI
    from satcfdi.create.cfd import cfdi40

    issuer = cfdi40.Emisor(rfc="EKU9003173C9", nombre="ESCUELA KEMPER URGATE", regimen_fiscal="601")
    try:
        if currency == "MXN":
            made = _low_level(CFDI, cfdi40, issuer, papers)
        else:
            made = cfdi40.Comprobante.pago_comprobantes(
                emisor=issuer,
                lugar_expedicion="42501",
                comprobantes=[CFDI.from_string(it) for it in papers],
                fecha_pago=datetime.fromisoformat("2026-07-20T12:00:00"),
                forma_pago="03",
                tipo_cambio=Decimal(rate or 1),
                fecha=AT,
            )
        found = validate(made.xml_bytes())
    except Exception as error:  # noqa: BLE001 - whatever it does is the result
        return f"{type(error).__name__}: {error}"
    return ", ".join(sorted({it.code for it in found})) or "clean"


def _low_level(cfdi: Any, cfdi40: Any, issuer: Any, papers: list[bytes]) -> Any:
    from satcfdi.create.cfd import pago20

    shares = {"USD": Decimal("0.0541764545"), "MXN": Decimal(1)}
    read = [cfdi.from_string(it) for it in papers]
    documents = [
        pago20.DoctoRelacionado(
            id_documento=it["Complemento"]["TimbreFiscalDigital"]["UUID"],
            moneda_dr=str(it["Moneda"].code if hasattr(it["Moneda"], "code") else it["Moneda"]),
            num_parcialidad=1,
            imp_saldo_ant=it["Total"],
            imp_pagado=it["Total"],
            objeto_imp_dr="02",
            equivalencia_dr=shares["USD" if "USD" in str(it["Moneda"]) else "MXN"],
            impuestos_dr=pago20.ImpuestosDR(
                traslados_dr=pago20.TrasladoDR(
                    base_dr=it["SubTotal"],
                    impuesto_dr="002",
                    tipo_factor_dr="Tasa",
                    tasa_o_cuota_dr=Decimal("0.160000"),
                    importe_dr=round(it["SubTotal"] * Decimal("0.16"), 2),
                )
            ),
        )
        for it in read
    ]
    return cfdi40.Comprobante.pago(
        emisor=issuer,
        lugar_expedicion="42501",
        receptor=read[0]["Receptor"],
        complemento_pago=pago20.Pagos(
            pago20.Pago(
                fecha_pago=datetime.fromisoformat("2026-07-20T12:00:00"),
                forma_de_pago_p="03",
                moneda_p="MXN",
                tipo_cambio_p=Decimal(1),
                docto_relacionado=documents,
            )
        ),
        fecha=AT,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
