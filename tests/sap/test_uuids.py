"""Fiscal UUIDs come from where a site keeps them: a field, SAP's tables of two generations, or a table of its own."""

from dataclasses import replace
from datetime import date

import pytest

from receivables import errors
from receivables.adapters.sap import UuidTable
from receivables.adapters.sap.uuids import PRESETS, read_uuid_table
from receivables.testing.sap import CODES

DAY = date(2026, 1, 10)
ONE, TWO = "6128396f-c09b-4ec6-8699-43c5f7e3b230", "f1b2c3d4-0000-4ec6-8699-43c5f7e3b231"


@pytest.fixture
def filled(books):
    """Books with an invoice that stands in three tables under different names, and one without a UUID."""
    books.item("100001", "10.00", "MXN", DAY, XBLNR="A-1", VBELN="0090000001")
    books.item("100001", "20.00", "MXN", DAY, XBLNR="A-2", VBELN="0090000002")
    books.tables |= {
        "CFDI_RESP_MX": [
            {"BUKRS": "MX01", "REFDOC": "9000000001", "GJAHR": "2026", "UUID": ONE},
            {"BUKRS": "MX01", "REFDOC": "9000000002", "GJAHR": "2025", "UUID": TWO},
            {"BUKRS": "MX02", "REFDOC": "9000000002", "GJAHR": "2026", "UUID": TWO},
        ],
        "EDOCUMENT": [{"EDOC_GUID": "G1", "SOURCE_KEY": "0090000001"}],
        "EDOMXINVOICE": [{"EDOC_GUID": "G1", "UUID": ONE}],
        "ZCFDI": [{"FOLIO": "A-1", "FOLIO_FISCAL": ONE}],
    }
    return books


def uuids_of(source):
    return [
        dict(it.attributes).get("uuid")
        for page in source.pages()
        for it in page.facts
        if it.kind == "invoice"
    ]


@pytest.mark.parametrize("path", ["tables", "bapi"])
@pytest.mark.parametrize(
    "table",
    [
        PRESETS["cfdi_resp"],
        PRESETS["edocument"],
        UuidTable(table="ZCFDI", key="FOLIO", uuid="FOLIO_FISCAL", names="reference"),
    ],
    ids=["cfdi_resp", "edocument", "own"],
)
def test_each_place_gives_the_same_uuid(filled, source, path, table):
    assert uuids_of(source(path, uuids=table)) == [ONE, None]


def test_a_field_of_the_item_gives_it_over_every_path(books, source, odata):
    books.item("100001", "10.00", "MXN", DAY, SGTXT=ONE)
    codes = replace(CODES, uuid_field="SGTXT")
    made = (source(codes=codes), source("bapi", codes=codes), odata(codes=codes))
    assert [uuids_of(it) for it in made] == [[ONE]] * 3


def test_two_uuids_of_one_document_are_said_and_none_is_taken(filled, source):
    filled.tables["CFDI_RESP_MX"].append(
        {"BUKRS": "MX01", "REFDOC": "9000000001", "GJAHR": "2026", "UUID": TWO}
    )
    made = source(uuids=PRESETS["cfdi_resp"])
    [page] = made.pages()
    assert [(it.code, it.where) for it in page.problems] == [
        ("ambiguous-uuid", "MX01/9000000001/2026")
    ]
    assert uuids_of(source(uuids=PRESETS["cfdi_resp"])) == [None, None]


def test_a_table_that_may_not_be_read_is_said_and_the_rest_is_read(filled, functions, source):
    functions.faults.forbidden_tables = frozenset({"CFDI_RESP_MX"})
    [page] = source(uuids=PRESETS["cfdi_resp"]).pages()
    assert [it.code for it in page.problems] == ["uuids-unread"]
    assert len([it for it in page.facts if it.kind == "invoice"]) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"preset": "soap"}, "must be one of cfdi_resp, edocument"),
        ({"table": "ZCFDI"}, "lacks table or key"),
        ({"preset": "edocument", "colour": "red"}, "names 'colour'"),
        ({"table": "Z", "key": "K", "names": "number"}, "must be document, billing_document"),
    ],
)
def test_a_mistake_in_the_file_is_named(given, said):
    with pytest.raises(errors.UnfitMapping, match=said):
        read_uuid_table(given)


def test_a_preset_can_be_bent():
    assert read_uuid_table({"preset": "cfdi_resp", "names": "billing_document"}) == replace(
        PRESETS["cfdi_resp"], names="billing_document"
    )
    assert read_uuid_table({}) is None
