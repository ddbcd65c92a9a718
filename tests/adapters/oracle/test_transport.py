"""Errors as they come, retries that wait as asked, sign-in, and secrets that never show."""

from __future__ import annotations

import logging
import time

import pytest

from receivables.adapters.oracle import Basic, ClientCredentials, Patience, Pod, SignedJwt
from receivables.errors import (
    AccessDenied,
    BrokenAnswer,
    ForeignLink,
    NotOffered,
    NotSignedIn,
    OutcomeUnknown,
    RequestRefused,
    Unavailable,
    UnreadableSource,
)
from receivables.testing.oracle import FAULTS, Modes, User

PATH = "receivablesInvoices"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("401-html", NotSignedIn), ("login-page", NotSignedIn), ("redirect", NotSignedIn), ("403-html", AccessDenied),
        ("403-json", AccessDenied), ("404-text", NotOffered), ("429-bare", Unavailable), ("429-html", Unavailable),
        ("500-text", Unavailable), ("502-html", Unavailable), ("503-html", Unavailable), ("504-html", Unavailable),
        ("reset", Unavailable), ("truncated", BrokenAnswer),
    ],
)  # fmt: skip
def test_what_goes_wrong_for_good_is_its_typed_error(bench, kind, error):
    double = bench.double()
    double.fault(kind, PATH, times=100)
    with pytest.raises(error) as caught:
        bench.pod(double).get(PATH)
    assert type(caught.value) is error
    assert User().password not in str(caught.value)


@pytest.mark.parametrize("kind", ["429-seconds", "429-date", "429-bare", "429-html", "500-text", "502-html", "503-html",
                                  "504-html", "reset", "truncated"])  # fmt: skip
def test_what_goes_wrong_once_is_asked_again(bench, kind):
    double = bench.double()
    double.fault(kind, PATH)
    assert bench.pod(double).get(PATH)["count"] == 0
    wanted = {"429-seconds": 7, "503-html": 7, "429-date": 9}.get(kind, 0.5)
    assert bench.waits == [wanted]


def test_a_dripping_answer_ends_at_its_deadline(bench):
    double = bench.double(drip=0.05)
    pod = bench.pod(double, patience=Patience(attempts=2, first_wait=0, deadline=0.3))
    double.fault("drip", PATH, times=2)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        pod.get(PATH)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("framework", [1, 4])
def test_an_error_is_read_as_text_or_as_json(bench, framework):
    double = bench.double()
    with pytest.raises(RequestRefused) as caught:
        bench.pod(double, framework=framework).get(PATH, {"q": "Nope=1"})
    assert caught.value.messages == (
        "URL request parameter q cannot be used in this context: Nope",
    )
    assert caught.value.status == 400


def test_a_count_or_a_projection_that_fails_is_dropped_and_the_rows_come(bench):
    double = bench.double(modes=Modes(counting_fails=True, strict_projection=True))
    pod = bench.pod(double, patience=Patience(attempts=1))
    assert pod.get(PATH, {"totalResults": "true"})["count"] == 0
    assert pod.get("standardReceipts", {"fields": "State"})["count"] == 0


def test_links_to_another_host_are_refused_and_a_port_that_is_the_default_is_the_same_host(bench):
    double = bench.double()
    with pytest.raises(ForeignLink):
        bench.pod(double).get(
            "https://evil.example/fscmRestApi/resources/11.13.18.05/receivablesInvoices"
        )
    pod = Pod("https://pod.fa.ocs.oraclecloud.com", session=object(), framework=4)
    assert pod._path("https://pod.fa.ocs.oraclecloud.com:443/a/b") == "/a/b"


@pytest.mark.parametrize(
    "url",
    ["http://pod.example", "pod.example", "https://user:pw@pod.example", "ftp://pod.example", ""],
)
def test_an_address_that_would_show_secrets_is_refused_without_showing_them(url):
    with pytest.raises(UnreadableSource) as caught:
        Pod(url, session=object())
    assert "pw" not in str(caught.value)


def test_one_token_serves_many_requests_and_is_fetched_anew_when_it_ends_or_is_refused(bench):
    double = bench.double()
    now = [1000.0]
    auth = ClientCredentials(f"{double.url}/oauth2/v1/token", "client", "client secret")
    pod = Pod(double.url, auth, clock=lambda: now[0], sleep=bench.waits.append)
    for _ in range(5):
        pod.get(PATH)
    assert double.tokens_given == 1
    now[0] += 3600
    pod.get(PATH)
    assert double.tokens_given == 2
    double.tokens.clear()
    pod.get(PATH)
    assert double.tokens_given == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_secret": "wrong"}, "Client authentication failed"),
        ({"scope": "x"}, "Invalid scope"),
    ],
)
def test_a_token_that_is_not_given_says_why(bench, change, said):
    double = bench.double()
    values = {
        "token_url": f"{double.url}/oauth2/v1/token",
        "client_id": "client",
        "client_secret": "client secret",
    }
    with pytest.raises(NotSignedIn, match=said):
        bench.pod(double, ClientCredentials(**{**values, **change})).get(PATH)


def test_a_token_of_our_own_signs_in(bench):
    double = bench.double()
    auth = SignedJwt(
        "issuer", "AR_SERVICE", b"certificate", sign=lambda message: b"signature of " + message[:4]
    )
    assert bench.pod(double, auth).get(PATH)["count"] == 0
    assert double.headers[-1]["Authorization"].startswith("Bearer ey")


def test_the_framework_version_is_settled_with_the_pod(bench):
    assert bench.pod(bench.double()).framework == 4
    old = bench.double(modes=Modes(frameworks=(1, 2, 3)))
    assert bench.pod(old).framework == 1
    bench.pod(old).get(PATH)
    assert (
        old.headers[-1][
            "Rest-Framework-Version"
            if "Rest-Framework-Version" in old.headers[-1]
            else "REST-Framework-Version"
        ]
        == "1"
    )


def test_one_request_is_under_way_at_a_time(bench):
    double = bench.double()
    list(bench.source(double).pages())
    assert double.busiest == 1


def test_secrets_are_in_no_repr_no_log_and_no_exception(bench, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "s3cr3t-canary"  # noqa: S105 - a canary
    double = bench.double(users=(User(password=secret),))
    shown = []
    for auth in (Basic("AR_SERVICE", secret), ClientCredentials(f"{double.url}/oauth2/v1/token", "client", secret),
                 SignedJwt("i", "u", b"der", secret.encode(), sign=lambda _: b"")):  # fmt: skip
        source = bench.source(double, auth=auth)
        shown += [repr(auth), str(auth), repr(source), repr(source._pod), source.name]
        for kind in sorted(FAULTS - {"drip", "accepted-then-dropped", "duplicate-row"}):
            double.faults.clear()
            double.fault(kind, times=50)
            try:
                list(source.pages())
            except Exception as error:  # noqa: BLE001 - every one is looked at
                shown += [str(error), repr(error), str(error.__dict__), repr(error.__cause__)]
    shown.append(caplog.text)
    basic = Basic("AR_SERVICE", secret).header
    assert not [text for text in shown if secret in text or basic.removeprefix("Basic ") in text]
    assert len(shown) > 40


def test_a_write_whose_answer_is_lost_is_not_sent_again(bench):
    double = bench.double()
    pod = bench.pod(double)
    for kind in ("accepted-then-dropped", "503-html", "504-html", "500-text", "truncated"):
        double.faults.clear()
        double.log.clear()
        double.fault(kind, "standardReceipts", method="POST", times=9)
        with pytest.raises(OutcomeUnknown):
            pod.write("POST", "standardReceipts", {"Amount": 1, "BusinessUnit": "MX BU", "Currency": "MXN", "ReceiptMethod": "x"},
                      content_type="application/json")  # fmt: skip
        assert [method for method, _, _ in double.log if method == "POST"] == ["POST"]
