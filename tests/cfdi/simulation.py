"""Invoices and payments drawn from a seed, for the tests that build complements by the thousand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from receivables import Allocation, Money, Payment, Rounding
from receivables.cfdi.complement import Complement, Issuer, Receiver, build_complement
from receivables.cfdi.documents import (
    Comprobante,
    Concepto,
    Emisor,
    Receptor,
    Tax,
    Taxes,
    Timbre,
)
from receivables.cfdi.means import paid_by
from receivables.cfdi.payable import PayableDocument
from receivables.cfdi.profiles import SIX_DECIMALS, Profile
from receivables.cfdi.written import Written
from receivables.money import decimals

EMISOR = Emisor(rfc="EKU9003173C9", nombre="ESCUELA KEMPER URGATE", regimen_fiscal="601")
RECEPTOR = Receptor(
    rfc="URE180429TM6",
    nombre="UNIVERSIDAD ROBOTICA ESPAÑOLA",
    domicilio_fiscal_receptor="86991",
    regimen_fiscal_receptor="601",
    uso_cfdi="G03",
)
ISSUER = Issuer(
    rfc="EKU9003173C9",
    nombre="ESCUELA KEMPER URGATE",
    regimen_fiscal="601",
    lugar_expedicion="42501",
)
RECEIVER = Receiver(
    rfc="URE180429TM6",
    nombre="UNIVERSIDAD ROBOTICA ESPAÑOLA",
    domicilio_fiscal="86991",
    regimen_fiscal="601",
)
CHARGED = ("0.160000", "0.080000", "0.000000", None)
WITHHELD = (
    (("001", "0.100000"), ("002", "0.106667")),
    (("002", "0.040000"),),
    (("001", "0.012500"),),
)
RATES = {"MXN": "1", "USD": "18.6543", "EUR": "20.1234", "JPY": "0.1203"}


def uuid(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032X}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def stamp(uuid_: str, moment: datetime) -> Timbre:
    return Timbre(
        uuid=uuid_,
        fecha_timbrado=moment,
        rfc_prov_certif="SPR190613I52",
        sello_cfd="-",
        no_certificado_sat="0" * 20,
        sello_sat="-",
    )


def written(amount: Decimal, currency: str) -> Written:
    return Written.of(Rounding.HALF_UP.apply(amount, decimals(currency)), decimals(currency))


def line(
    chance: random.Random, currency: str, size: str, withheld: tuple[tuple[str, str], ...]
) -> Concepto:
    unit = Decimal(1).scaleb(-decimals(currency))
    whole = {"tiny": (1, 500), "usual": (100, 5_000_000), "huge": (10**9, 10**12)}[size]
    base = written(max(Decimal(chance.randint(*whole)).scaleb(-2), unit), currency)
    rate = chance.choice(CHARGED)
    rows = [
        Tax(
            impuesto="002",
            base=base,
            tipo_factor="Exento" if rate is None else "Tasa",
            tasa_o_cuota=None if rate is None else Written(rate),
            importe=None if rate is None else written(base * Decimal(rate), currency),
        )
    ]
    if chance.random() < 0.15:
        rows.append(
            Tax(
                impuesto="003",
                base=base,
                tipo_factor="Tasa",
                tasa_o_cuota=Written("0.080000"),
                importe=written(base * Decimal("0.08"), currency),
            )
        )
    kept = tuple(
        Tax(
            impuesto=tax,
            base=base,
            tipo_factor="Tasa",
            tasa_o_cuota=Written(share),
            importe=written(base * Decimal(share), currency),
        )
        for tax, share in withheld
    )
    return Concepto(
        clave_prod_serv="81111500",
        cantidad=Written("1"),
        clave_unidad="E48",
        descripcion="Servicio",
        valor_unitario=base,
        importe=base,
        objeto_imp="02",
        impuestos=Taxes(traslados=tuple(rows), retenciones=kept),
    )


def invoice(chance: random.Random, currency: str, moment: datetime) -> Comprobante:
    size = chance.choices(("tiny", "usual", "huge"), (15, 75, 10))[0]
    withheld = chance.choice(WITHHELD) if chance.random() < 0.4 else ()
    lines = tuple(line(chance, currency, size, withheld) for _ in range(chance.randint(1, 10)))
    charged = sum(
        (row.importe for it in lines for row in it.impuestos.traslados if row.importe), Decimal(0)
    )
    kept = sum((row.importe for it in lines for row in it.impuestos.retenciones), Decimal(0))
    net = sum((it.importe for it in lines), Decimal(0))
    return Comprobante(
        version="4.0",
        serie="A",
        folio=str(chance.randint(1, 10**6)),
        fecha=moment,
        forma_pago="99",
        sub_total=written(net, currency),
        moneda=currency,
        tipo_cambio=None if currency == "MXN" else Written(RATES[currency]),
        total=written(net + charged - kept, currency),
        tipo_de_comprobante="I",
        exportacion="01",
        metodo_pago="PPD",
        lugar_expedicion="42501",
        emisor=EMISOR,
        receptor=RECEPTOR,
        conceptos=lines,
        impuestos=Taxes(
            total_impuestos_trasladados=written(charged, currency),
            total_impuestos_retenidos=written(kept, currency),
        ),
        timbres=(stamp(uuid(chance), moment),),
    )


def cuts(chance: random.Random, total: Money) -> list[Money]:
    """Cut an amount into one to five payments that sum to it."""
    parts = min(chance.randint(1, 5), total.minor)
    return [it for it in total.split([chance.randint(1, 100) for _ in range(parts)]) if it]


def stories(
    seed: int, foreign: bool, profile: Profile = SIX_DECIMALS
) -> Iterator[tuple[Comprobante, list[Complement]]]:
    """Yield invoices with the complements that pay them in full, without end."""
    chance = random.Random(seed)  # noqa: S311 - a seeded story, no secret
    while True:
        own, other = (
            ("MXN", "MXN")
            if not foreign
            else chance.choice(
                (("USD", "MXN"), ("MXN", "USD"), ("EUR", "USD"), ("JPY", "MXN"), ("USD", "USD"))
            )
        )
        day = datetime.fromisoformat("2026-03-02T10:00:00")
        paper = invoice(chance, own, day)
        known: list[Comprobante] = []
        made: list[Complement] = []
        for number, part in enumerate(cuts(chance, Money(str(paper.total), own)), start=1):
            complement = pay(chance, paper, part, other, known, number, profile)
            if complement is None:
                break
            made.append(complement)
            moment = complement.voucher.fecha
            known.append(replace(complement.voucher, timbres=(stamp(uuid(chance), moment),)))
        else:
            yield paper, made


def pay(chance, paper, part, other, known, number, profile) -> Complement | None:
    own = part.currency
    rate = (
        Decimal(RATES[own])
        / Decimal(RATES[other])
        * Decimal(chance.randint(9_500, 10_500)).scaleb(-4)
    )
    taken = part if own == other else Money.rounded(part.amount * rate, other, Rounding.HALF_UP)
    if not taken:
        return None
    extra = (
        Money.from_minor(chance.randint(1, 999), other)
        if chance.random() < 0.1
        else Money.zero(other)
    )
    day = date(2026, 3, 5) + timedelta(days=30 * number)
    payment = Payment(
        id=f"R-{number}",
        amount=taken + extra,
        posting_date=day,
        attributes=paid_by("03", tipo_cambio=None if other == "MXN" else RATES[other]),
    )
    allocation = Allocation(
        id=f"A-{number}",
        source=payment.id,
        target=paper.uuid,
        amount=part,
        source_amount=taken,
        posting_date=day,
    )
    document = PayableDocument.of(paper, complements=known)
    return build_complement(
        [payment],
        [allocation],
        [document],
        ISSUER,
        RECEIVER,
        profile,
        issued_at=datetime.combine(day, datetime.min.time()) + timedelta(days=1, hours=9),
    )
