"""One file says how a system is reached; the probe says what it offers."""

import tomllib
from datetime import date

import pytest

from receivables import errors
from receivables.adapters.registry import installed
from receivables.adapters.sap import (
    SapODataSource,
    SapRfcSource,
    SapSource,
    describe,
    probe_odata,
    probe_rfc,
    read_config,
)
from receivables.adapters.sap.codes import Meaning, SpecialGl
from receivables.adapters.sap.config import EXAMPLE
from receivables.adapters.sap.odata import Gateway

SECRETS = {"SAP_PASSWD": "s3cr3t-c4n4ry"}


def config(text):
    return read_config(tomllib.loads(text), SECRETS.get)


def test_the_documented_file_is_read():
    read = config(EXAMPLE)
    assert (read.path, read.options["company_codes"], read.options["history_from"]) == (
        "tables",
        ["MX01"],
        date(2024, 1, 1),
    )
    assert read.codes.document_types["ZM"] is Meaning.DEBIT_MEMO
    assert read.codes.document_types["RV"] is Meaning.INVOICE
    assert read.codes.special_gl["A"] is SpecialGl.KEEP
    assert (read.codes.uuid_field, read.codes.dispute_blocks["P"]) == ("XREF3", "price")
    assert read.connection["passwd"] == SECRETS["SAP_PASSWD"]
    assert isinstance(read.open(), SapRfcSource)
    assert "s3cr3t-c4n4ry" not in f"{read!r} {read}"


def test_odata_is_opened_from_a_file(server):
    text = f"""
        [sap]
        path = "odata"
        company_codes = ["MX01"]
        page_size = 50
        [connection]
        base_url = "{server.url}"
        user = "RFCUSER"
        passwd = {{ env = "SAP_PASSWD" }}
        [terms]
        N030 = "net 30"
    """
    source = SapSource.from_config(tomllib.loads(text), SECRETS.get)
    assert isinstance(source, SapODataSource)
    assert str(source.reader.terms()["N030"]) == "net 30"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sap]\npath = "soap"', "must be tables, bapi or odata"),
        ("[sap]", "lacks company_codes"),
        ('[sap]\ncompany_codes = ["1"]\nhistroy = 1', "names 'histroy'"),
        ('[sap]\ncompany_codes = ["1"]\nhistory_from = "2024"', "write a TOML date"),
        ('[sap]\ncompany_codes = ["1"]\n[connection]\npasswd = "x"', "is a secret"),
        (
            '[sap]\ncompany_codes = ["1"]\n[connection]\npasswd = { env = "NOPE" }',
            "NOPE, which is not set",
        ),
        ('[sap]\npath = "odata"\ncompany_codes = ["1"]', "lacks base_url"),
        ('[sap]\ncompany_codes = ["1"]\n[codes]\nresiduals = "no"', "must be original or new"),
        ('[sap]\ncompany_codes = ["1"]\n[codes]\nuuid_field = "NO"', "must be one of XBLNR"),
        (
            '[sap]\ncompany_codes = ["1"]\n[codes.document_types]\nZZ = "bill"',
            "document type ZZ means 'bill'",
        ),
        ("[spa]", "names 'spa'"),
        (
            '[sap]\npath = "odata"\ncompany_codes = ["1"]\n[connection]\nbase_url = "x"\n[uuid]\npreset = "edocument"',
            "over RFC only",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named(text, said):
    with pytest.raises(errors.UnfitMapping, match=said):
        config(text)


def test_the_adapter_is_registered():
    assert "sap" in installed()


def test_a_source_without_company_codes_is_refused():
    with pytest.raises(errors.UnreadableSource, match="no company code"):
        SapRfcSource(lambda: None, [])


def test_the_probe_says_what_is_offered_and_what_follows(rfc, functions):
    functions.faults.forbidden_tables = frozenset({"TCURX"})
    functions.faults.missing_tables = frozenset({"BSE_CLR"})
    functions.faults.missing_columns = frozenset({"XREF3"})
    del functions.handlers["BAPI_ACC_DOCUMENT_CHECK"]
    found = {it.what: it for it in probe_rfc(rfc)}
    assert [found[name].state for name in ("table BSID", "table TCURX", "table BSE_CLR")] == [
        "offered",
        "forbidden",
        "absent",
    ]
    assert found["table BSID"].said == "without XREF3"
    assert found["table TCURX"].consequence == "decimals of ISO 4217 are assumed"
    assert "table BSE_CLR: absent" in describe(found.values())


def test_the_probe_asks_every_service(server, session, books):
    books.tables["KNB1"] = [{"KUNNR": "0000100001", "BUKRS": "MX01"}]
    server.faults.absent = frozenset({"API_CRDTMBUSINESSPARTNER"})
    server.faults.forbidden = frozenset({"A_CustomerDunning"})
    found = {it.what: it.state for it in probe_odata(Gateway(server.url, session))}
    assert found["API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"] == "offered"
    assert found["API_CRDTMBUSINESSPARTNER/CreditManagementAccount"] == "absent"
    assert found["API_BUSINESS_PARTNER/A_CustomerDunning"] == "forbidden"


def test_a_source_probes_its_own_path(source, odata, functions):
    functions.faults.row_width = 80
    made = source(row_width=80)
    assert [it.state for it in made.probe() if it.what == "table BSID"] == ["offered"]
    asked = [it for _, it in functions.calls if it.get("QUERY_TABLE") == "BSID"]
    assert asked
    assert all(it.get("NO_DATA") == "X" for it in asked)
    assert next(it.what for it in odata().probe()).startswith("API_OPLACCTGDOCITEMCUBE_SRV/")
