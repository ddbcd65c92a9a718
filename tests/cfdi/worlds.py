"""A seller's year drawn from a seed: invoices of every kind, credit notes, payments, complements, substitutions.

The tests that read, build, import and reconcile whatever may come draw their documents here.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.cfdi.simulation import EMISOR, ISSUER, RECEIVER, RECEPTOR, stamp, uuid, written

from receivables import Allocation, Money, Payment, Rounding
from receivables.cfdi import (
    CURRENCY_DECIMALS,
    SIX_DECIMALS,
    Complement,
    Comprobante,
    Concepto,
    PayableDocument,
    Received,
    Relacionados,
    Tax,
    Taxes,
    Written,
    build_complement,
    paid_by,
)
from receivables.money import decimals

RATES = {"MXN": "1", "USD": "18.6543", "EUR": "20.1234", "JPY": "0.1203", "KWD": "60.7201"}
# What a line may bear: charged (tax, factor, rate) and withheld (tax, rate), by its key of c_ObjetoImp.
IVA16, IVA8, IVA0, EXEMPT = (
    ("002", "Tasa", "0.160000"),
    ("002", "Tasa", "0.080000"),
    ("002", "Tasa", "0.000000"),
    ("002", "Exento", None),
)
IEPS8, BEER, QUOTA = (
    ("003", "Tasa", "0.080000"),
    ("003", "Tasa", "0.265000"),
    ("003", "Cuota", "6.455600"),
)
FEES = (("001", "0.100000"), ("002", "0.106667"))
FREIGHT = (("002", "0.040000"),)
TRUST = (("001", "0.012500"),)
KINDS = [
    ("02", (IVA16,), ()),
    ("02", (IVA16,), FEES),
    ("02", (IVA16,), FREIGHT),
    ("02", (IVA16, IEPS8), ()),
    ("02", (IVA16, QUOTA), ()),
    ("02", (IVA8,), TRUST),
    ("02", (IVA0,), ()),
    ("02", (EXEMPT,), ()),
    ("02", (IVA0, BEER), ()),
    ("01", (), ()),
    ("03", (), ()),
    ("04", (), ()),
    ("05", (), ()),
    ("06", (), TRUST),
    ("06", (), ()),
    ("07", (IEPS8,), ()),
    ("07", (QUOTA,), TRUST),
    ("08", (), ()),
]
FORMS = [
    ("01", {}),
    ("02", {"rfc_emisor_cta_ord": "BNM840515VB1", "cta_ordenante": "01234567890"}),
    (
        "03",
        {
            "num_operacion": "SPEI 1",
            "rfc_emisor_cta_ord": "BNM840515VB1",
            "cta_ordenante": "002180012345678901",
            "rfc_emisor_cta_ben": "BBA830831LJ2",
            "cta_beneficiario": "012180012345678901",
        },
    ),
    (
        "03",
        {"rfc_emisor_cta_ord": "XEXX010101000", "nom_banco_ord_ext": "BANK OF ELSEWHERE"},
    ),
    ("04", {"cta_ordenante": "4152313412345678"}),
    ("06", {"cta_ordenante": "5512345678"}),
    ("17", {}),
    ("28", {"cta_beneficiario": "0121800123"}),
    ("31", {}),
]


@dataclass
class World:
    """Everything that happened, and what is open at its end."""

    papers: list[Comprobante] = field(default_factory=list)
    notes: list[Comprobante] = field(default_factory=list)
    built: list[Complement] = field(default_factory=list)
    complements: list[Comprobante] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    unapplied: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    open: dict[str, Money] = field(default_factory=dict)

    @property
    def documents(self) -> list[Comprobante]:
        """Every stamped document."""
        return [*self.papers, *self.notes, *self.complements]


def tax(row, base, currency):
    kind, factor, rate = row
    return Tax(
        impuesto=kind,
        base=base,
        tipo_factor=factor,
        tasa_o_cuota=None if rate is None else Written(rate),
        importe=None if rate is None else written(base * Decimal(rate), currency),
    )


def line(chance, currency, size, kind):
    key, charged, withheld = kind
    low, high = {"tiny": (1, 500), "usual": (100, 5_000_000), "huge": (10**9, 10**13)}[size]
    places = decimals(currency)
    quantity = chance.choice((1, 1, 2, 3, 12))
    price = Written.of(Decimal(chance.randint(low, high)).scaleb(-places), places)
    gross = written(price * quantity, currency)
    off = None
    if size == "usual" and chance.random() < 0.2:
        off = written(gross * Decimal(chance.randint(1, 90)) / 100, currency)
    net = Written.of(gross - (off or 0), places)
    rows = tuple(tax(row, net, currency) for row in charged)
    kept = tuple(tax((name, "Tasa", rate), net, currency) for name, rate in withheld)
    return Concepto(
        clave_prod_serv="81111500",
        cantidad=Written(str(quantity)),
        clave_unidad="E48",
        descripcion="Servicio & más",
        valor_unitario=price,
        importe=gross,
        descuento=off,
        objeto_imp=key,
        impuestos=Taxes(traslados=rows, retenciones=kept) if rows or kept else None,
        children=("Impuestos",) if rows or kept else (),
    )


def summary(lines, currency):
    """Return the Impuestos of a document as the sums of its lines."""
    charged, kept = {}, {}
    for it in lines:
        for row in it.impuestos.traslados if it.impuestos else ():
            key = (row.impuesto, row.tipo_factor, row.tasa_o_cuota)
            base, amount = charged.get(key, (Decimal(0), Decimal(0)))
            charged[key] = (base + row.base, amount + (row.importe or 0))
        for row in it.impuestos.retenciones if it.impuestos else ():
            kept[row.impuesto] = kept.get(row.impuesto, Decimal(0)) + row.importe
    if not charged and not kept:
        return None
    rated = [amount for (_, _, rate), (_, amount) in charged.items() if rate is not None]
    return Taxes(
        retenciones=tuple(
            Tax(impuesto=name, importe=written(amount, currency)) for name, amount in kept.items()
        ),
        traslados=tuple(
            Tax(
                impuesto=name,
                tipo_factor=factor,
                tasa_o_cuota=rate,
                base=written(base, currency),
                importe=None if rate is None else written(amount, currency),
            )
            for (name, factor, rate), (base, amount) in charged.items()
        ),
        total_impuestos_retenidos=written(sum(kept.values()), currency) if kept else None,
        total_impuestos_trasladados=written(sum(rated, Decimal(0)), currency) if rated else None,
    )


def paper(chance, kind, currency, moment, lines, **more):
    """Return an invoice (I) or credit note (E) of lines."""
    taxes = summary(lines, currency)
    subtotal = sum((it.importe for it in lines), Decimal(0))
    offs = [it.descuento for it in lines if it.descuento is not None]
    total = subtotal - sum(offs, Decimal(0))
    if taxes is not None:
        total += (taxes.total_impuestos_trasladados or 0) - (taxes.total_impuestos_retenidos or 0)
    given = {
        "version": "4.0",
        "serie": "A" if kind == "I" else "NC",
        "folio": str(chance.randint(1, 10**9)),
        "fecha": moment,
        "forma_pago": "99" if kind == "I" else "15",
        "sub_total": written(subtotal, currency),
        "descuento": written(sum(offs, Decimal(0)), currency) if offs else None,
        "moneda": currency,
        "tipo_cambio": None if currency == "MXN" else Written(RATES[currency]),
        "total": written(total, currency),
        "tipo_de_comprobante": kind,
        "exportacion": "01",
        "metodo_pago": "PPD" if kind == "I" else "PUE",
        "lugar_expedicion": "42501",
        "emisor": EMISOR,
        "receptor": RECEPTOR,
        "conceptos": tuple(lines),
        "impuestos": taxes,
        "timbres": (stamp(uuid(chance), moment),),
    }
    return Comprobante(**(given | more))


def invoice(chance, moment):
    currency = chance.choices(("MXN", "USD", "EUR", "JPY", "KWD"), (60, 20, 10, 6, 4))[0]
    size = chance.choices(("tiny", "usual", "huge"), (15, 75, 10))[0]
    kinds = [kind for kind in KINDS if kind[0] == "02"]
    if chance.random() < 0.25:
        kinds = [chance.choice(KINDS)]  # one kind throughout
    elif chance.random() < 0.3:
        kinds = KINDS  # whatever mixture
    lines = [
        line(chance, currency, size, chance.choice(kinds)) for _ in range(chance.randint(1, 10))
    ]
    return paper(chance, "I", currency, moment, lines)


def credit_note(chance, of, moment):
    """Return a credit note for a share of an invoice: each of its lines, less."""
    share = Decimal(chance.choice((5, 10, 25, 50))) / 100
    currency, lines = of.moneda, []
    for it in of.conceptos:
        amount = written((it.importe - (it.descuento or 0)) * share, currency)
        if not amount:
            return None
        taxes = None
        if it.impuestos is not None:
            rows = {
                name: tuple(
                    tax(
                        (
                            row.impuesto,
                            row.tipo_factor,
                            None if row.tasa_o_cuota is None else row.tasa_o_cuota.text,
                        ),
                        amount,
                        currency,
                    )
                    for row in getattr(it.impuestos, name)
                )
                for name in ("traslados", "retenciones")
            }
            taxes = Taxes(**rows)
        lines.append(
            replace(
                it,
                cantidad=Written("1"),
                valor_unitario=amount,
                importe=amount,
                descuento=None,
                impuestos=taxes,
            )
        )
    relation = Relacionados(tipo_relacion="01", uuids=(of.uuid,))
    return paper(chance, "E", currency, moment, lines, relacionados=(relation,))


def draw(seed):
    """Return a world."""
    chance = random.Random(seed)  # noqa: S311 - a seeded story, no secret
    world = World()
    start = datetime.fromisoformat("2026-01-05T10:00:00")
    while len(world.papers) < chance.randint(1, 5):
        made = invoice(chance, start + timedelta(days=len(world.papers)))
        if made.total > 0:
            world.papers.append(made)
            world.open[made.uuid] = Money(str(made.total), made.moneda)
    month, patient = 0, chance.random() < 0.05  # who pays for two years
    while month < 24 and any(world.open.values()):
        month += 1
        day = date(2026, 1, 20) + timedelta(days=31 * month)
        if chance.random() < 0.15:
            _credit(chance, world, day)
        _pay(chance, world, day, last=month == 24 or (not patient and chance.random() < 0.3))
    return world


def _credit(chance, world, day):
    candidates = [it for it in world.papers if world.open[it.uuid]]
    if not candidates:
        return
    of = chance.choice(candidates)
    note = credit_note(chance, of, datetime.combine(day, datetime.min.time()))
    if note is None:
        return
    amount = Money(str(note.total), note.moneda)
    if amount and amount < world.open[of.uuid]:
        world.notes.append(note)
        world.open[of.uuid] -= amount


def _pay(chance, world, day, *, last):
    """Receive one to three payments of one month, state them in one complement, and sometimes substitute it."""
    payments, uses, received = [], [], []
    left = dict(world.open)
    for number in range(chance.randint(1, 3)):
        currency = chance.choices(("MXN", "USD", "EUR", "JPY"), (60, 25, 10, 5))[0]
        payable = [it for it in world.papers if left[it.uuid]]
        some = chance.sample(payable, min(len(payable), chance.randint(1, 3)))
        shares = []
        for it in some:
            whole = left[it.uuid]
            part = whole
            if not last and whole.minor > 1:
                part = Money.from_minor(chance.randint(1, whole.minor), whole.currency)
            taken = _taken(chance, part, currency)
            if taken:
                shares.append((it, part, taken))
        if not shares:
            continue
        payment_day = day + timedelta(days=number)
        extra = chance.randint(1, 999) if chance.random() < 0.1 else 0
        amount = Money.from_minor(sum(taken.minor for _, _, taken in shares) + extra, currency)
        form, bank = chance.choice(FORMS)
        rate = None if currency == "MXN" else RATES[currency]
        one = Payment(
            id=f"R-{day}-{number}",
            amount=amount,
            posting_date=payment_day,
            attributes=paid_by(form, tipo_cambio=rate, **bank),
        )
        payments.append(one)
        world.unapplied[currency] += Decimal(extra).scaleb(-decimals(currency))
        for it, part, taken in shares:
            left[it.uuid] -= part
            uses.append(
                Allocation(
                    id=f"{one.id}-{it.uuid}",
                    source=one.id,
                    target=it.uuid,
                    amount=part,
                    source_amount=None if part.currency == currency else taken,
                    posting_date=payment_day,
                )
            )
            received.append(
                Received(reference=one.id, day=payment_day, invoice=it.uuid, amount=part)
            )
    if payments:
        world.open = left
        world.received += received
        _state(chance, world, payments, uses, day + timedelta(days=4))


def _taken(chance, part, currency):
    if part.currency == currency:
        return part
    rate = Decimal(RATES[part.currency]) / Decimal(RATES[currency])
    rate *= Decimal(chance.randint(9_500, 10_500)).scaleb(-4)
    return Money.rounded(part.amount * rate, currency, Rounding.HALF_UP)


def _state(chance, world, payments, uses, day):
    moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
    profile = SIX_DECIMALS
    if day >= CURRENCY_DECIMALS.since:
        profile = chance.choice((SIX_DECIMALS, CURRENCY_DECIMALS))
    replaced = ()
    for _ in range(chance.choices((1, 2, 3), (85, 10, 5))[0]):
        documents = [
            PayableDocument.of(
                it,
                complements=world.complements,
                credits=[note for note in world.notes if it.uuid in note.related()],
                replaced=replaced,
            )
            for it in world.papers
        ]
        made = build_complement(
            payments,
            uses,
            documents,
            ISSUER,
            RECEIVER,
            profile,
            issued_at=moment,
            serie="P",
            folio=str(chance.randint(1, 10**9)),
            replaces=replaced,
        )
        world.built.append(made)
        stamped = replace(made.voucher, timbres=(stamp(uuid(chance), moment),))
        world.complements.append(stamped)
        replaced = (stamped.uuid,)
        moment += timedelta(hours=1)
