"""The double does what a pod does to a client: one test for each of its behaviours, over real HTTP."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from decimal import Decimal

import pytest
import requests

from receivables.testing.builders import facts
from receivables.testing.oracle import Modes, User

BOOKS = facts("""
2024-01-10 customer   C001 name="ACME, S.A."
2024-01-10 invoice    F-0 C001 10.00 MXN due=2024-02-09
2026-04-10 invoice    F-1 C001 100.00 MXN due=2026-05-09
2026-04-10 invoice    F-2 C001 90.00 USD instalments=30.00@2026-05-01,60.00@2026-06-01 company=1534.50MXN
2026-04-11 payment    R-1 C001 40.00 MXN
2026-04-12 allocation A-1 R-1 -> F-1 40.00 MXN
2026-04-12 payment    R-2 ? 33.00 MXN
2026-04-13 credit_memo M-1 C001 20.00 MXN
""")
INVOICES = "receivablesInvoices"
ACCOUNTS = "receivablesCustomerAccountActivities"


class Client:
    def __init__(self, double, framework=4):
        self.double, self.framework = double, framework

    def call(self, method, path, *, json_=None, headers=None, **params):
        return requests.request(
            method, f"{self.double.url}/fscmRestApi/resources/11.13.18.05/{path}", params=params, json=json_, timeout=5,
            auth=("AR_SERVICE", User().password), allow_redirects=False,
            headers={"REST-Framework-Version": str(self.framework), **(headers or {})},
        )  # fmt: skip

    def get(self, path, **params):
        return self.call("GET", path, **params)


@pytest.fixture
def client(bench):
    return lambda framework=4, **options: Client(bench.double(BOOKS, **options), framework)


def numbers(reply):
    return [it["TransactionNumber"] for it in reply.json()["items"]]


def test_t01_catalog_and_descriptions_whose_flags_are_enforced(client):
    it = client()
    catalog = requests.get(
        f"{it.double.url}/fscmRestApi/resources", auth=("AR_SERVICE", User().password), timeout=5
    ).json()
    assert catalog["items"][0]["adf:extension"]["allowedFrameworkVersions"][3] == "4"
    flags = {
        a["name"]: a["queryable"]
        for a in it.get(f"{INVOICES}/describe").json()["Resources"][INVOICES]["attributes"]
    }
    assert (flags["TransactionNumber"], flags["TransactionDate"]) == (True, False)
    assert it.get(INVOICES, q="TransactionNumber = 'F-1'").json()["count"] == 1
    assert it.get(INVOICES, q="TransactionDate = '2026-04-10'").status_code == 400


def test_t02_what_is_not_there_or_not_shown_is_404_and_a_user_of_no_unit_sees_nothing(client):
    it = client()
    assert it.get("nothing").status_code == it.get(f"{INVOICES}/1").status_code == 404
    assert it.get(f"{INVOICES}/{it.double.tables.key('F-1')}/child/nothing").status_code == 404
    blind = client(users=(User(business_units=frozenset()),))
    assert (blind.get(INVOICES).status_code, blind.get(INVOICES).json()["count"]) == (200, 0)
    assert blind.get(f"{INVOICES}/{blind.double.tables.key('F-1')}").status_code == 404


def test_t03_pages_are_25_by_default_clamped_at_500_and_refused_below_1(client):
    it = client()
    assert [it.get(INVOICES, **given).json()["limit"] for given in ({}, {"limit": 10_000})] == [
        25,
        500,
    ]
    assert it.get(INVOICES, limit=0).status_code == it.get(INVOICES, limit="x").status_code == 400


def test_t04_order_is_given_only_when_asked_for(client):
    it = client()
    ordered = {
        tuple(numbers(it.get(INVOICES, orderBy="CustomerTransactionId:asc"))) for _ in range(6)
    }
    assert ordered == {("F-0", "F-1", "F-2")}
    assert len({tuple(numbers(it.get(INVOICES))) for _ in range(12)}) > 1
    assert it.get(INVOICES, orderBy="Nope:asc").status_code == 400


def test_t05_offsets_beyond_the_end_ignored_offsets_and_an_empty_page_that_says_more(client):
    it = client()
    assert (
        it.get(INVOICES, offset=99).json()["items"],
        it.get(INVOICES, offset=99).json()["hasMore"],
    ) == ([], False)
    stuck = client(modes=Modes(ignores_offset=frozenset({INVOICES})))
    order = {"orderBy": "CustomerTransactionId:asc", "limit": 1}
    assert numbers(stuck.get(INVOICES, offset=1, **order)) == ["F-0"]
    empty = client(modes=Modes(empty_page=INVOICES)).get(INVOICES, offset=1, **order).json()
    assert (empty["items"], empty["hasMore"]) == ([], True)


def test_t06_totals_come_only_when_asked_for_are_estimates_and_can_fail(client):
    it = client()
    assert "totalResults" not in it.get(INVOICES).json()
    assert it.get(INVOICES, totalResults="true").json()["totalResults"] == 6
    assert (
        client(modes=Modes(counting_fails=True)).get(INVOICES, totalResults="true").status_code
        == 500
    )


def test_t07_only_data_drops_the_links_of_items_alone(client):
    body = client().get(INVOICES, onlyData="true").json()
    assert "links" not in body["items"][0]
    assert (body["links"][0]["name"], body["links"][0]["kind"]) == (INVOICES, "collection")
    assert (
        client()
        .get(INVOICES)
        .json()["items"][0]["links"][0]["properties"]["changeIndicator"]
        .startswith("ACED")
    )


def test_t08_projections(client):
    it = client(modes=Modes(strict_projection=True))
    assert set(
        it.get(
            INVOICES,
            fields="TransactionNumber",
            onlyData="true",
            expand="receivablesInvoiceInstallments",
        ).json()["items"][0]
    ) == {"TransactionNumber"}
    assert it.get(INVOICES, fields="Nope").status_code == 400
    assert it.get(INVOICES, fields="Comments").status_code == 500


def test_t09_children_are_cut_without_a_mark_before_version_3(client):
    modes = Modes(children_shown=1)
    for framework, marked in ((1, False), (4, True)):
        it = client(framework, modes=modes)
        [row] = it.get(INVOICES, q="TransactionNumber = 'F-2'", expand="all").json()["items"]
        nested = row["receivablesInvoiceInstallments"]
        assert isinstance(nested, dict) is marked
        assert (
            (nested["hasMore"], len(nested["items"])) == (True, 1) if marked else len(nested) == 1
        )


@pytest.mark.parametrize(
    ("framework", "q", "status"),
    [
        (1, "TransactionNumber='F-1';InvoiceStatus=\"Complete\"", 200),
        (1, "TransactionNumber='F-1' and InvoiceStatus='Complete'", 400),
        (4, "TransactionNumber = 'F-1' and InvoiceStatus = 'Complete'", 200),
        (4, "TransactionNumber='F-1';InvoiceStatus='Complete'", 400),
        (4, "TransactionNumber like 'F*'", 200),
        (4, "TransactionNumber like 'F%'", 200),
        (4, "TransactionNumber = F", 400),
        (4, "CreationDate >= '2026-01-01T00:00:00+00:00'", 200),
        (4, "CreationDate >= '2026-01-01T00:00:00 00:00'", 400),
    ],
)
def test_t10_two_dialects(client, framework, q, status):
    assert client(framework).get(INVOICES, q=q).status_code == status


def test_t11_finders_and_the_ninety_days(client):
    it = client()
    assert numbers(
        it.get(INVOICES, finder='invoiceSearch;BillToCustomerNumber="C001",TransactionNumber=F-1')
    ) == ["F-1"]
    assert (
        it.get(INVOICES, finder="nope;A=1").status_code
        == it.get(INVOICES, finder="invoiceSearch;Nope=1").status_code
        == 400
    )
    finder = "CustomerAccountActivitiesFinder"
    assert it.get(ACCOUNTS, finder=f"{finder};TransactionLimitByDays=9").status_code == 400

    def schedules(**window):
        given = "".join(f",{name}={value}" for name, value in window.items())
        [row] = it.get(
            ACCOUNTS,
            finder=f"{finder};AccountNumber=C001{given}",
            expand="transactionPaymentSchedules",
        ).json()["items"]
        return {part["TransactionNumber"] for part in row["transactionPaymentSchedules"]["items"]}

    assert schedules() == {"F-1", "F-2"}
    assert schedules(TransactionLimitByDays=36500, TransactionStatus="Both") == {
        "F-0",
        "F-1",
        "F-2",
    }
    assert (
        it.get(ACCOUNTS, finder=f"{finder};AccountNumber=C001,TransactionStatus=open").status_code
        == 400
    )


def test_t12_every_attribute_is_there_null_or_not_and_releases_differ(client):
    [row] = client().get(INVOICES, q="TransactionNumber = 'F-1'", onlyData="true").json()["items"]
    assert len(row) == 76
    assert row["SpecialInstructions"] is None
    modes = Modes(dropped=frozenset({"Email"}), added=(("NewAttribute", "new"),))
    [row] = client(modes=modes).get(INVOICES, q="TransactionNumber = 'F-1'").json()["items"]
    assert ("Email" in row, row["NewAttribute"]) == (False, "new")


def test_t13_numbers_languages_signs_and_nobodys_receipts(client):
    text = client(modes=Modes(long_decimals=True)).get(INVOICES, q="TransactionNumber = 'F-2'").text
    assert '"EnteredAmount": 90.00000000000000000000' in text
    [row] = (
        client(modes=Modes(amounts_as_text=True, language="es"))
        .get(INVOICES, q="TransactionNumber = 'F-2'")
        .json()["items"]
    )
    assert (row["EnteredAmount"], row["InvoiceStatus"], row["InvoiceBalanceAmount"]) == (
        "90",
        "Completa",
        "1534.50",
    )
    assert client().get("receivablesCreditMemos").json()["items"][0]["EnteredAmount"] == -20
    assert (
        "DocumentFiscalClassifcation" in client().get("receivablesCreditMemos").json()["items"][0]
    )
    receipts = {it["ReceiptNumber"]: it for it in client().get("standardReceipts").json()["items"]}
    assert (receipts["R-2"]["CustomerAccountNumber"], receipts["R-2"]["State"]) == (
        None,
        "Unidentified",
    )
    assert receipts["R-1"]["State"] == "Applied"


RECEIPT = {
    "ReceiptNumber": "N-1",
    "Amount": 50,
    "Currency": "MXN",
    "BusinessUnit": "MX BU",
    "ReceiptMethod": "SPEI",
    "CustomerAccountNumber": "C001",
}


def test_t14_posts_echo_nulls_and_refuse_what_is_missing_too_long_or_unknown(client):
    it = client()
    made = it.call("POST", "standardReceipts", json_=RECEIPT)
    assert (made.status_code, made.json()["UnappliedAmount"]) == (201, None)
    assert made.headers["Location"].endswith(str(made.json()["StandardReceiptId"]))
    assert (
        it.get(f"standardReceipts/{made.json()['StandardReceiptId']}").json()["UnappliedAmount"]
        == 50
    )
    for change in ({"Currency": None}, {"ReceiptNumber": "x" * 31}, {"_foo": 1}):
        refused = it.call("POST", "standardReceipts", json_={**RECEIPT, **change})
        assert refused.status_code == 400
    assert (
        "Currency" in it.call("POST", "standardReceipts", json_={**RECEIPT, "Currency": None}).text
    )
    replaced = (
        client(modes=Modes(numbers_replaced=True))
        .call("POST", "standardReceipts", json_=RECEIPT)
        .json()
    )
    assert replaced["ReceiptNumber"] == "PN-1"
    key = it.double.tables.key("R-1")
    assert it.call("PATCH", f"standardReceipts/{key}", json_={"Amount": 1}).status_code == 400
    assert it.call("DELETE", f"standardReceipts/{key}").status_code == 400


def test_t15_a_stale_version_is_refused_with_the_current_one(client):
    it = client()
    path = f"{INVOICES}/{it.double.tables.key('F-1')}"
    tag = it.get(path).headers["ETag"]
    assert (
        it.call(
            "PATCH", path, json_={"PaymentTerms": "Net 60"}, headers={"If-Match": tag}
        ).status_code
        == 200
    )
    stale = it.call("PATCH", path, json_={"PaymentTerms": "Net 90"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"2"')
    made = it.call("POST", "standardReceipts", json_=RECEIPT).json()["StandardReceiptId"]
    gone = it.call("DELETE", f"standardReceipts/{made}")
    assert (gone.status_code, gone.content) == (204, b"")


def test_t16_actions_move_balances_and_references_wait_for_the_job(client):
    it = client()
    part = it.double.tables.instalments[it.double.tables.key("F-1")][0]
    key = it.call("POST", "standardReceipts", json_=RECEIPT).json()["StandardReceiptId"]
    apply = f"standardReceipts/{key}/action/applyReceipt"
    over = it.call(
        "POST",
        apply,
        json_={"appliedPaymentScheduleId": part["InstallmentId"], "amountApplied": 61},
    )
    assert (over.status_code, over.json()) == (200, {"result": "ERROR"})
    it.call(
        "POST",
        f"standardReceipts/{key}/child/remittanceReferences",
        json_={"ReferenceNumber": "F-1", "ReferenceAmount": 20},
    )
    assert part["InstallmentBalanceDue"] == Decimal(60)
    assert (it.double.tick(), part["InstallmentBalanceDue"]) == (1, Decimal(40))
    assert it.call(
        "POST", apply, json_={"appliedPaymentScheduleId": part["InstallmentId"], "amountApplied": 5}
    ).json() == {"result": "SUCCESS"}
    assert part["InstallmentBalanceDue"] == Decimal(35)
    old = client(modes=Modes(release="25D"))
    assert (
        old.call(
            "POST", f"standardReceipts/{old.double.tables.key('R-1')}/action/applyReceipt", json_={}
        ).status_code
        == 404
    )


def test_t17_what_each_resource_does_not_do(client):
    it = client()
    assert it.get("receivablesDisputes").status_code == 405
    assert it.call("POST", "receivablesAdjustments", json_={}).status_code == 405
    promise = {
        "BillToCustomerAccount": "C001",
        "BusinessUnit": "MX BU",
        "Currency": "MXN",
        "InstallmentNumber": 1,
        "PromiseDate": "2026-06-30",
    }
    key = it.call("POST", "collectionPromises", json_=promise).json()["PromiseDetailId"]
    assert it.call("PATCH", f"collectionPromises/{key}", json_={}).status_code == 405


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [("401-html", 401, "text/html"), ("login-page", 200, "text/html"), ("redirect", 302, "text/html"), ("403-html", 403, "text/html"),
     ("403-json", 403, "application/json"), ("404-text", 404, "text/plain"), ("429-html", 429, "text/html"),
     ("500-text", 500, "text/plain"), ("503-html", 503, "text/html")],
)  # fmt: skip
def test_t18_faults_on_demand(client, kind, status, content_type):
    it = client()
    it.double.fault(kind)
    reply = it.get(INVOICES)
    assert (reply.status_code, reply.headers["Content-Type"]) == (status, content_type)
    assert it.get(INVOICES).status_code == 200


def test_t18_a_write_can_happen_though_its_answer_is_lost_and_rows_can_come_twice(client):
    it = client()
    it.double.fault("accepted-then-dropped", method="POST")
    with pytest.raises(requests.ConnectionError):
        it.call("POST", "standardReceipts", json_=RECEIPT)
    assert it.get("standardReceipts", q="ReceiptNumber = 'N-1'").json()["count"] == 1
    it.double.fault("duplicate-row")
    assert len(set(numbers(it.get(INVOICES)))) < it.double.tables.rows[INVOICES].__len__() + 1


def test_t19_errors_are_text_before_version_4_and_json_from_then_on(client):
    assert client(3).get(INVOICES, q="Nope='1'").headers["Content-Type"] == "text/plain"
    body = client(4).get(INVOICES, q="Nope = '1'").json()
    assert (body["status"], body["o:errorDetails"][0]["o:errorCode"]) == ("400", "27014")


def test_t20_the_token_endpoint(client):
    url, auth = f"{client().double.url}/oauth2/v1/token", ("client", "client secret")
    form = {"grant_type": "client_credentials", "scope": "urn:opc:resource:consumer::all"}
    it = client(token_lives=90)
    url = f"{it.double.url}/oauth2/v1/token"
    assert requests.post(url, data=form, auth=auth, timeout=5).json()["expires_in"] == 90
    assert (
        requests.post(url, data=form, auth=("client", "x"), timeout=5).json()["error"]
        == "invalid_client"
    )
    assert (
        requests.post(url, data={**form, "scope": "x"}, auth=auth, timeout=5).json()["error"]
        == "invalid_scope"
    )
    assert it.double.tokens_given == 1


def test_t21_the_meter_counts_requests_under_way(client):
    from threading import Thread

    it = client(drip=0.01)
    it.double.fault("drip", times=3)
    threads = [
        Thread(target=it.get, args=(INVOICES,), kwargs={"limit": 1, "fields": "TransactionNumber"})
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert it.double.busiest == 3


def test_t22_imports_run_as_jobs(client):
    it = client()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("RaInterfaceLinesAll.csv", "a,b")
    body = {
        "OperationName": "importBulkData",
        "DocumentContent": base64.b64encode(packed.getvalue()).decode(),
        "JobName": "AutoInvoice",
    }
    number = it.call("POST", "erpintegrations", json_=body).json()["ReqstId"]
    finder = f"ESSJobStatusRF;requestId={number}"
    states = [
        it.get("erpintegrations", finder=finder).json()["items"][0]["RequestStatus"]
        for _ in range(3)
    ]
    assert states == ["WAIT", "RUNNING", "SUCCEEDED"]
    [told] = it.get("erpintegrations", finder=f"ESSExecutionDetailsRF;requestId={number}").json()[
        "items"
    ]
    assert json.loads(told["RequestStatus"])["JOBS"]["STATUS"] == "SUCCEEDED"
    assert (
        it.call("POST", "erpintegrations", json_={**body, "DocumentContent": "bm8="}).status_code
        == 400
    )
