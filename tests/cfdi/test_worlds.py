"""Whatever a seller's year holds: its documents are clean, valid, read back, imported to the same balances, reconciled."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from tests.cfdi.worlds import draw

from receivables import Money
from receivables.cfdi import import_batch, parse, read_folder, reconcile, validate, write
from receivables.cfdi.batch import Batch, Read

LATER = date(2030, 1, 1)
SEEDS = range(160)


@pytest.fixture(scope="module")
def worlds():
    """Return what was drawn: about 700 complements of some 400 invoices."""
    return {seed: draw(seed) for seed in SEEDS}


def imported(documents, **more):
    return import_batch(
        Batch(tuple(Read(f"{n}.xml", it, "") for n, it in enumerate(documents))), **more
    )


def open_invoices(made):
    books, problems = made.load()
    assert problems == ()
    return {
        it.document.id: it.open_amount
        for it in books.open_items(as_of=LATER)
        if it.document.kind == "invoice"
    }


def test_the_worlds_hold_every_kind_of_document(worlds):
    complements = [built for world in worlds.values() for built in world.built]
    nodes = [node for built in complements for node in built.voucher.payments()]
    docs = [doc for node in nodes for doc in node.documentos]
    assert len(complements) > 600
    assert {doc.objeto_imp_dr for doc in docs} == {f"0{key}" for key in range(1, 9)}
    assert {doc.moneda_dr for doc in docs} == {"MXN", "USD", "EUR", "JPY", "KWD"}
    assert {node.moneda_p for node in nodes} == {"MXN", "USD", "EUR", "JPY"}
    assert max(doc.num_parcialidad for doc in docs) >= 24
    assert max(node.monto for node in nodes) > 10**11
    assert min(doc.imp_pagado for doc in docs if doc.moneda_dr == "MXN") <= 1
    assert any(len({doc.moneda_dr for doc in node.documentos}) == 3 for node in nodes)
    rows = [row for doc in docs if doc.impuestos_dr for row in doc.impuestos_dr.traslados]
    assert {row.tipo_factor for row in rows} == {"Tasa", "Cuota", "Exento"}
    assert any(built.voucher.related("04") for built in complements)


def test_every_document_is_clean_and_read_back(worlds):
    for seed, world in worlds.items():
        for it in (*world.papers, *world.notes, *(built.voucher for built in world.built)):
            xml = write(it)
            assert parse(xml) == it, seed
            assert validate(xml) == (), seed


def test_every_document_is_valid_by_sats_schema(worlds, sat):
    from receivables.cfdi.xsd import Schema

    schema = Schema(sat / "slim")
    for seed, world in worlds.items():
        for it in (*world.papers, *world.notes, *(built.voucher for built in world.built)):
            sealed = replace(it, sello="x", certificado="x", no_certificado="0" * 20)
            assert schema.validate(write(sealed)) == (), seed


def test_imported_the_balances_are_those_of_the_year(worlds):
    for seed, world in worlds.items():
        made = imported(world.documents)
        assert open_invoices(made) == {uuid: it for uuid, it in world.open.items() if it}, seed


def test_reconciled_a_year_without_faults_has_no_finding(worlds):
    for seed, world in worlds.items():
        assert reconcile(world.documents, world.received, as_of=LATER) == (), seed


def test_a_payment_not_stated_is_the_one_finding(worlds):
    for seed, world in worlds.items():
        last = max(world.complements, key=lambda it: it.fecha)
        paid = _days(last)
        rest = [it for it in world.documents if it.pagos == () or _days(it) != paid]
        found = reconcile(rest, world.received, as_of=LATER)
        lost = [it for it in world.received if it.day in paid]
        assert sorted((it.kind, it.payment, it.invoice_uuid) for it in found) == sorted(
            ("MISSING_REP", it.reference, it.invoice) for it in lost
        ), seed


def _days(complement):
    return {node.fecha_pago.date() for node in complement.payments()}


def test_cancelled_complements_count_for_nothing(worlds):
    for seed, world in worlds.items():
        chosen = random.Random(seed)  # noqa: S311 - which ones, no secret
        dead = {it.uuid for it in world.complements if chosen.random() < 0.3}
        standing = _standing(world, dead)
        owed = {it.uuid: Money(str(it.total), it.moneda) for it in world.papers}
        for note in world.notes:
            owed[note.related()[0]] -= Money(str(note.total), note.moneda)
        for it in standing:
            for node in it.payments():
                for doc in node.documentos:
                    owed[doc.id_documento] -= Money(str(doc.imp_pagado), doc.moneda_dr)
        made = imported(world.documents, cancelled=dead)
        assert open_invoices(made) == {uuid: it for uuid, it in owed.items() if it}, seed


def _standing(world, dead):
    """Return the last complement of each chain that is not cancelled, unless a later one of its chain stands."""
    by_uuid = {it.uuid: it for it in world.complements}
    after = {uuid: it.uuid for it in world.complements for uuid in it.related("04")}

    def superseded(uuid):
        later = after.get(uuid)
        return later is not None and (later not in dead or superseded(later))

    return [it for uuid, it in by_uuid.items() if uuid not in dead and not superseded(uuid)]


@pytest.mark.parametrize("seed", [3, 17, 42, 99])
def test_folders_and_packages_in_any_order_and_twice_give_the_same_books(worlds, tmp_path, seed):
    chosen = random.Random(seed)  # noqa: S311 - an order, no secret
    world = worlds[seed]
    files = [write(it) for it in world.documents] * 2
    chosen.shuffle(files)
    package = zipfile.ZipFile(tmp_path / "month.zip", "w", zipfile.ZIP_DEFLATED)
    for number, xml in enumerate(files):
        place = tmp_path / chosen.choice(("a", "a/b/c", "Z"))
        place.mkdir(parents=True, exist_ok=True)
        if chosen.random() < 0.5:
            (place / f"{chosen.getrandbits(40)}.XML").write_bytes(xml)
        else:
            package.writestr(f"{chosen.choice(('x', 'y/z'))}/{number}.xml", xml)
    package.close()
    batch = read_folder(tmp_path)
    made = import_batch(batch)
    assert len(batch.documents) == len(batch.duplicates) == len(world.documents)
    plain = imported(world.documents)
    assert {it.id for it in made.facts} == {it.id for it in plain.facts}
    assert open_invoices(made) == open_invoices(plain)
    counts = made.counts()
    assert counts.pop("files") == len(files) == sum(counts.values())
