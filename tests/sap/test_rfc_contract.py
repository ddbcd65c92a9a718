"""The contract of the RFC paths, clause by clause, over a fake connection and over the true wire."""

import logging
import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from receivables import errors
from receivables.adapters import load
from receivables.adapters.sap import Codes, Rfc, SapRfcSource, SpecialGl, connect_rfc
from receivables.adapters.sap.faults import fault_of
from receivables.adapters.sap.select import one_of, options
from receivables.testing.sap import CODES, AbapError, FakeConnection, RfcServer

JAN, FEB, MAR = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)


def post(
    books, kind="RV", side="S", amount="100.00", day=JAN, customer="100001", currency="MXN", **cells
):
    return books.item(customer, amount, currency, day, document_type=kind, side=side, **cells)


def facts_of(source):
    return [it for page in source.pages() for it in page.facts if it.kind != "customer"]


def problems_of(source):
    return [it.code for page in source.pages() for it in page.problems]


PATHS = pytest.mark.parametrize("path", ["tables", "bapi"])


# --- logon and connection ---


def test_a_logon_answers(rfc):
    assert rfc.read("STFC_CONNECTION", REQUTEXT="hola ñ €")["ECHOTEXT"] == "hola ñ €"


def test_a_refused_logon_is_not_tried_again(functions, library):
    with RfcServer(functions, users=("SOMEBODY",)) as server:
        rfc = Rfc(lambda: connect_rfc(library=library, **server.parameters), pause=0)
        with pytest.raises(errors.NotSignedIn, match="repeated failures lock the user") as caught:
            rfc.read("RFC_PING")
        assert "secret" not in str(caught.value)
        assert server.logons == 1


def test_a_refused_port_is_unavailable(functions, library):
    with RfcServer(functions) as server:
        parameters = server.parameters
    with pytest.raises(errors.Unavailable, match="the connection broke"):
        connect_rfc(library=library, **parameters)


def test_a_fake_logon_is_refused_the_same_way(functions):
    with pytest.raises(Exception, match="Name or password") as caught:
        FakeConnection(functions, password="wrong")  # noqa: S106 - what is refused
    assert isinstance(fault_of(caught.value, "logon"), errors.NotSignedIn)


def test_saprfclib_says_a_refused_logon_as_a_value_error():
    assert isinstance(fault_of(ValueError("logon failed: no"), "logon"), errors.NotSignedIn)


@PATHS
def test_a_connection_dropped_in_the_middle_of_a_read_is_replaced(books, functions, source, path):
    post(books)
    dropped = {"tables": "RFC_READ_TABLE", "bapi": "BAPI_AR_ACC_GETSTATEMENT"}[path]
    functions.faults.drop[dropped] = 1
    assert len(facts_of(source(path))) == 1
    assert functions.faults.drop[dropped] == 0


def test_a_connection_that_keeps_dropping_is_unavailable(books, functions, source):
    post(books)
    functions.faults.drop["RFC_READ_TABLE"] = 99
    with pytest.raises(errors.Unavailable):
        facts_of(source())


def test_a_connection_given_is_not_replaced(books, functions):
    post(books)
    functions.faults.drop["RFC_READ_TABLE"] = 1
    with pytest.raises(errors.Unavailable):
        facts_of(SapRfcSource(FakeConnection(functions), ["MX01"]))


def test_each_thread_has_a_connection_of_its_own(books, connect):
    post(books)
    opened, told = [], []

    def noted():
        opened.append(threading.get_ident())
        return connect()

    rfc, together = Rfc(noted), threading.Barrier(3)

    def work():
        if threading.current_thread() is not threading.main_thread():
            together.wait(10)
        asked = {"QUERY_TABLE": "T001", "FIELDS": [{"FIELDNAME": "BUKRS"}], "OPTIONS": []}
        told.extend(rfc.read("RFC_READ_TABLE", **asked)["DATA"][0]["WA"] for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()
    assert (len(opened), len(set(opened))) == (4, 4)
    assert told == ["MX01"] * 20
    rfc.close()


# --- what a function answers ---


def test_a_missing_function_is_not_offered(rfc):
    with pytest.raises(errors.NotOffered, match="FU_NOT_FOUND"):
        rfc.read("Z_NOT_THERE")


def test_no_open_items_is_no_error(books, functions, source):
    post(books)
    books.tables["KNB1"].append({"KUNNR": "0000100002", "BUKRS": "MX01"})
    assert len(facts_of(source("bapi"))) == 1


def test_an_error_of_a_bapi_is_raised_with_its_text(books, functions, source):
    post(books)
    functions.faults.return_error["BAPI_AR_ACC_GETSTATEMENT"] = "Company code 9999 does not exist"
    with pytest.raises(errors.RequestRefused, match="Company code 9999 does not exist"):
        facts_of(source("bapi"))


def test_a_missing_authorisation_of_a_bapi_is_access_denied(books, functions, source):
    post(books)
    functions.handlers["BAPI_AR_ACC_GETSTATEMENT"] = lambda *_: {
        "RETURN": {"TYPE": "E", "CODE": "FN507", "MESSAGE": "No authorization for company code"},
        "LINEITEMS": [],
    }
    with pytest.raises(errors.AccessDenied, match="FN507"):
        facts_of(source("bapi"))


# --- tables ---


def test_a_row_too_wide_is_read_in_groups_of_columns(books, functions, source):
    post(books, SGTXT="Ñandú | 'x' €", ZUONR="a|b", XBLNR="F-1")
    for width in (512, 120, 80):
        functions.faults.row_width = width
        [fact] = facts_of(source())
        assert dict(fact.attributes)["text"] == "Ñandú | 'x' €"
        assert dict(fact.attributes)["assignment"] == "a|b"
    asked = [
        it
        for name, it in functions.calls
        if name == "RFC_READ_TABLE" and it["QUERY_TABLE"] == "BSID"
    ]
    assert len(asked) > 10


def test_an_optional_column_that_is_missing_is_done_without(books, functions, source):
    post(books, XREF3="", VBELN="0000000077")
    functions.faults.missing_columns = frozenset({"XREF3", "RSTGR"})
    made = source()
    assert len(facts_of(made)) == 1
    assert made.reader.tables.left_out == {"BSID": {"XREF3", "RSTGR"}, "BSAD": {"XREF3", "RSTGR"}}


def test_a_needed_column_that_is_missing_is_named(books, functions, source):
    post(books)
    functions.faults.missing_columns = frozenset({"SHKZG"})
    with pytest.raises(errors.NotOffered, match="has no column SHKZG"):
        facts_of(source())


def test_a_table_that_may_not_be_read_is_access_denied(books, functions, source):
    post(books)
    functions.faults.forbidden_tables = frozenset({"BSID"})
    with pytest.raises(errors.AccessDenied, match="authorisation"):
        facts_of(source())


def test_tables_that_are_nice_to_have_are_done_without_and_said(books, functions, source):
    post(books, amount="5000", currency="JPY")
    functions.faults.forbidden_tables = frozenset({"TCURX", "T052", "KNB5"})
    functions.faults.missing_tables = frozenset({"KNKK", "BSE_CLR"})
    made = source()
    assert [str(it.amount) for it in facts_of(made)] == ["5000 JPY"]
    assert sorted(problems_of(source())) == [
        "currency-decimals-assumed",
        "table-unread",
        "table-unread",
        "terms-unread",
    ]


@pytest.mark.parametrize(("column", "said"), [("BRSCH", "RETA"), ("KONZS", "0000000042")])
def test_the_segment_stands_in_the_column_that_is_named(books, source, column, said):
    post(books)
    books.tables["KNA1"][0] |= {"BRSCH": "RETA", "KONZS": "0000000042"}
    [page] = source(codes=replace(CODES, segment_field=column)).pages()
    assert [it.segment for it in page.facts if it.kind == "customer"] == [said]


def test_rows_that_come_twice_are_one(books, functions, source):
    for _ in range(5):
        post(books)
    functions.faults.duplicate = frozenset({"BSID", "BSAD"})
    assert len(facts_of(source())) == 5


def test_a_range_with_as_many_rows_as_a_call_gives_is_halved(books, functions, source):
    for number in range(8):
        post(books, customer=f"10000{number}")
        post(books, customer=f"10000{number}")
    assert len(facts_of(source(rows_per_call=5))) == 16


def test_one_account_with_more_rows_than_a_call_gives_is_read_by_document(books, functions, source):
    for number in range(30):
        post(books, XBLNR=f"F-{number}")
    books.lines[3]["BELNR"] = "A-17"  # numbers may have letters
    most = []

    def watch(request, session, inner=functions.handlers["RFC_READ_TABLE"]):
        answer = inner(request, session)
        if request["QUERY_TABLE"] == "BSID":
            most.append(len(answer["DATA"]))
        return answer

    functions.handlers["RFC_READ_TABLE"] = watch
    assert len({it.reference for it in facts_of(source(rows_per_call=4))}) == 30
    assert max(most) == 4


def test_a_dump_for_want_of_memory_halves_the_range(books, functions, source):
    for number in range(4):
        post(books, customer=f"10000{number}")
    made = source()
    list(made.pages())
    calls = len(functions.calls)

    def dump(request, session, inner=functions.handlers["RFC_READ_TABLE"]):
        where = " ".join(it["TEXT"] for it in request.get("OPTIONS", []))
        if request["QUERY_TABLE"] == "BSID" and "KUNNR GE" in where:
            raise AbapError("TSV_TNEW_PAGE_ALLOC_FAILED")
        return inner(request, session)

    functions.handlers["RFC_READ_TABLE"] = dump
    assert len(facts_of(made)) == 4
    assert len(functions.calls) > calls


def test_text_that_looks_like_a_condition_stays_text(books, functions, source):
    post(books, customer="O'HARA")
    [fact] = facts_of(source())
    assert fact.customer == "O'HARA"


def test_a_condition_longer_than_a_line_is_asked_in_lines_and_its_quotes_stay(books, source):
    names = [f"O'Hara & Söhne  {number}, 'the best'" for number in range(20)]
    for number, name in enumerate(names):
        books.tables.setdefault("KNA1", []).append({"KUNNR": f"{number:010}", "NAME1": name})
    asked = one_of("NAME1", names[3:15])
    found = source().reader.tables.rows("KNA1", ("KUNNR", "NAME1"), asked, keys=("KUNNR",))
    assert sorted(it["NAME1"] for it in found) == sorted(names[3:15])
    assert len(options(asked)) > 5


@PATHS
def test_a_credit_memo_is_due_with_its_invoice_or_at_once(books, source, path):
    invoice = post(books, ZBD1T=Decimal(30))
    named = {"REBZG": invoice["BELNR"], "REBZJ": invoice["GJAHR"], "REBZZ": invoice["BUZEI"]}
    post(books, "DG", "H", "20.00", FEB, ZFBDT=JAN, ZBD1T=Decimal(30), XBLNR="WITH", **named)
    post(books, "DG", "H", "30.00", FEB, ZBD1T=Decimal(30), XBLNR="WITHOUT")
    due = {it.reference: it.due_date for it in facts_of(source(path)) if it.kind == "credit_memo"}
    assert due == {"WITH": date(2026, 2, 9), "WITHOUT": FEB}


@PATHS
def test_a_partial_payment_and_a_residual_item_leave_what_is_open(books, source, path):
    one, two = post(books, XBLNR="PART"), post(books, XBLNR="REST")
    named = {"REBZG": one["BELNR"], "REBZJ": one["GJAHR"], "REBZZ": one["BUZEI"], "REBZT": "Z"}
    post(books, "DZ", "H", "40.00", FEB, **named)
    head = books.document("DZ", FEB)
    paid = books.line(head, "100001", "15", "H", Decimal("100.00"), "MXN")
    books.clear([two, paid], head)
    named = {"REBZG": two["BELNR"], "REBZJ": two["GJAHR"], "REBZZ": two["BUZEI"], "REBZT": "V"}
    books.line(head, "100001", "06", "S", Decimal("25.00"), "MXN", ZFBDT=JAN, **named)
    items = load(source(path)).open_items(as_of=MAR)
    assert [(it.document.reference, str(it.open_amount)) for it in items] == [
        ("PART", "60.00 MXN"),
        ("REST", "25.00 MXN"),
    ]


# --- amounts ---


@PATHS
@pytest.mark.parametrize(
    ("amount", "currency"),
    [("5000", "JPY"), ("100.005", "KWD"), ("1160.00", "MXN"), ("990000", "CLP")],
)
def test_amounts_arrive_as_they_are_on_the_paper(books, source, path, amount, currency):
    post(books, amount=amount, currency=currency)
    post(books, "DG", "H", amount, currency=currency)
    assert [(it.kind, str(it.amount)) for it in facts_of(source(path))] == [
        ("credit_memo", f"{amount} {currency}"),
        ("invoice", f"{amount} {currency}"),
    ]


def test_a_minus_behind_the_number_is_read(books, functions, source):
    post(books, amount="600.00")
    books.lines[0]["DMBTR"] = Decimal("-600.00")
    [line] = source().reader.block("MX01", ["0000100001"]).lines
    assert line.company_amount == Decimal("600.00")


# --- selection ---


@PATHS
def test_an_item_cleared_after_the_day_is_there(books, source, path):
    one = post(books)
    head = books.document("DZ", MAR)
    two = books.line(head, "100001", "15", "H", Decimal("100.00"), "MXN")
    books.clear([one, two], head)
    items = load(source(path)).open_items(as_of=FEB)
    assert [(item.kind, str(item.open_amount)) for item in items] == [("invoice", "100.00 MXN")]
    assert load(source(path)).open_items(as_of=MAR) == ()


@PATHS
def test_history_can_begin_later_without_losing_what_was_open(books, source, path):
    early, kept = post(books, XBLNR="EARLY"), post(books, XBLNR="OPEN")
    head = books.document("DZ", date(2026, 1, 20))
    paid = books.line(head, "100001", "15", "H", Decimal("100.00"), "MXN")
    books.clear([early, paid], head)
    later = post(books, XBLNR="LATER", day=MAR)
    got = facts_of(source(path, history_from=FEB))
    assert sorted(it.reference for it in got) == ["LATER", "OPEN"]
    assert (kept["AUGBL"], later["AUGBL"]) == ("", "")


@PATHS
def test_special_gl_is_left_out_unless_kept(books, source, path):
    post(books)
    post(books, "DZ", "H", "30.00", UMSKZ="A")
    post(books, "DA", "S", "40.00", UMSKZ="F", BSTAT="S")
    assert [it.kind for it in facts_of(source(path))] == ["invoice"]
    assert sorted(problems_of(source(path))) == ["noted-item", "special-gl"]
    codes = Codes(special_gl=MappingProxyType({"A": SpecialGl.KEEP}))
    assert [it.kind for it in facts_of(source(path, codes=codes))] == ["payment", "invoice"]


@PATHS
def test_five_hundred_rows_come_in_many_frames(books, source, path):
    for number in range(520):
        post(books, XBLNR=f"F-{number}", SGTXT="Ñandú €")
    got = facts_of(source(path))
    assert len({it.reference for it in got}) == 520
    assert {dict(it.attributes)["text"] for it in got} == {"Ñandú €"}


def test_a_row_that_cannot_be_read_is_a_problem(books, functions, source):
    post(books)
    functions.faults.corrupt = frozenset({"BSID"})
    page = next(source().pages())
    assert [(it.code, it.where) for it in page.problems] == [
        ("unreadable-fact", "BSID MX01/9999999999/2026/001")
    ]
    assert len([it for it in page.facts if it.kind == "invoice"]) == 1


# --- control totals ---


def test_control_totals_tie(books, source):
    post(books)
    post(books, "DZ", "H", "30.00", UMSKZ="A")
    post(books, amount="5000", currency="JPY", day=MAR)
    assert source().check_balances(FEB) == ()
    assert source("bapi").check_balances(MAR) == ()


def test_a_difference_is_listed_and_never_swallowed(books, functions, source):
    post(books)
    functions.handlers["BAPI_AR_ACC_GETKEYDATEBALANCE"] = lambda *_: {
        "RETURN": {},
        "KEYBALANCE": [
            {
                "SP_GL_IND": "",
                "CURRENCY": "MXN",
                "T_CURR_BAL": Decimal("90.0000"),
                "LOC_CURRCY": "MXN",
                "LC_BAL": Decimal(90),
            }
        ],
    }
    assert [str(it) for it in source().check_balances(FEB)] == [
        "MX01/100001: read 100.00, SAP says 90.0000 MXN"
    ]


# --- secrets ---


def test_no_secret_is_ever_shown(functions, caplog, library):
    canary = "s3cr3t-c4n4ry"
    caplog.set_level(logging.DEBUG)

    class Leaky(Exception):
        key, message = "RFC_COMMUNICATION_FAILURE", f"logon with {canary} failed"

    fault = fault_of(Leaky(), "logon", [canary])
    assert "logon with *** failed" in str(fault)
    assert canary not in f"{fault!r} {fault.messages}"
    with RfcServer(functions, users=("OTHER",)) as server:
        parameters = server.parameters | {"passwd": canary}
        rfc = Rfc(lambda: connect_rfc(library=library, **parameters))
        with pytest.raises(errors.NotSignedIn) as caught:
            rfc.read("RFC_PING")
        source = SapRfcSource(rfc, ["MX01"], codes=CODES)
        shown = " ".join(
            (
                str(caught.value),
                repr(caught.value),
                repr(rfc),
                repr(source),
                repr(caught.value.messages),
            )
        )
        assert canary not in shown
        assert caught.value.__cause__ is None
    assert canary not in caplog.text


def test_without_any_library_the_error_names_all_three(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("receivables.adapters.sap.rfc.importlib.import_module", missing)
    with pytest.raises(
        errors.MissingExtra, match=r"pyrfc with SAP's NW RFC SDK.*pyrfcx.*erpl-pyrfc"
    ):
        connect_rfc(ashost="x")


def test_pyrfc_without_its_sdk_is_told_apart(monkeypatch):
    class Hollow:
        __file__ = "pyrfc/__init__.py"

    monkeypatch.setattr("receivables.adapters.sap.rfc.importlib.import_module", lambda _: Hollow())
    with pytest.raises(errors.MissingExtra, match="SAP's NW RFC SDK was not found"):
        connect_rfc(ashost="x")


def test_functions_are_logged_without_values(books, source, caplog):
    caplog.set_level(logging.INFO, "receivables.adapters.sap")
    post(books, XBLNR="CONFIDENTIAL")
    facts_of(source())
    assert "RFC_READ_TABLE gave" in caplog.text
    assert "CONFIDENTIAL" not in caplog.text
