"""Each exception of the library: one minimal input, and its exact message. The error catalogue is made from these."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest

import receivables as ar
from receivables import cfdi, errors
from receivables.adapters import Tally, open_source
from receivables.adapters.csv.mapping import Mapping
from receivables.adapters.memory import MemorySource
from receivables.adapters.oracle import Pod, lookup, query, wire
from receivables.adapters.pull import pull
from receivables.cfdi import status
from receivables.cfdi.pac_rest import RestPac
from receivables.cfdi.status_http import SatStatus
from receivables.interest import simple_interest
from receivables.provisions import (
    AbsorbingChain,
    LossCohort,
    ProvisionMatrix,
    flow_rates,
    matrix_from,
)
from receivables.testing import books, facts

STORY = Path(__file__).resolve().parent.parent / "data" / "cfdi" / "scenarios" / "SC03"

# exception: the input, and the message
CASES = {
    "InexactAmount": (
        'ar.Money("10.005", "MXN")',
        "10.005 MXN has more than 2 decimals; round it first with a named policy",
    ),
    "NotAnAmount": (
        'ar.Money(10.5, "MXN")',
        "amount 10.5 MXN is a float; give a Decimal, an int or text",
    ),
    "UnknownCurrency": (
        'ar.Money("10.00", "mxn")',
        "currency 'mxn' is not an ISO 4217 code. Did you mean 'MXN'?",
    ),
    "TooLarge": (
        """ar.frames.age(pa.table({"customer": ["C1"] * 3, "currency": ["MXN"] * 3, "due_date": [date(2026, 1, 1)] * 3,
    "open_amount": pa.array([2**62] * 3)}), as_of=date(2026, 3, 31), scale=2)""",
        "sums of amounts could leave 64 bits; use a Polars or DuckDB frame with decimals, which hold 38 digits",
    ),
    "CurrencyMismatch": (
        'ar.Money("1.00", "MXN") + ar.Money("1.00", "USD")',
        "cannot combine 1.00 MXN with 1.00 USD; convert first with a dated rate",
    ),
    "TermsError": (
        "ar.PaymentTerms(())",
        "the last instalment of payment terms must take the Remainder, so that the parts make the whole",
    ),
    "UnreadableTerms": (
        'ar.PaymentTerms.parse("net thirty")',
        "terms 'net thirty' are not understood from 'net thirty' on; write them like '2/10 net 30'",
    ),
    "NotPositive": (
        'ar.Payment(id="R-1", customer="C001", amount=ar.Money("-5.00", "MXN"), posting_date=date(2026, 1, 10))',
        "payment R-1: amount -5.00 MXN must be above zero; facts carry positive amounts and their kind says the direction",
    ),
    "PartsDoNotSum": (
        'facts("2026-01-10 invoice F-1 C001 100.00 MXN instalments=40.00@2026-02-01,59.99@2026-03-01")',
        (
            "line 1: instalments of F-1 (1: 40.00 MXN, 2: 59.99 MXN) sum to 99.99 MXN; "
            "they must be positive, numbered apart and sum to 100.00 MXN"
        ),
    ),
    "ConflictingFact": (
        'books("2026-01-10 invoice F-1 C001 100.00 MXN\\n2026-01-10 invoice F-1 C001 99.00 MXN")',
        "two facts share the id F-1 and differ: amount 100.00 MXN and 99.00 MXN; every fact needs an id of its own",
    ),
    "UnknownFact": (
        'books("2026-02-01 write_off W-1 on F-9 5.00 MXN")',
        "write-off W-1 names F-9, which this subledger does not hold; add it first",
    ),
    "WrongKind": (
        'books("2026-01-10 invoice F-1 C001 5.00 MXN\\n2026-02-01 refund B-1 of F-1 5.00 MXN")',
        "refund B-1 rests on the invoice F-1; it needs: credit memo or payment",
    ),
    "OverAllocated": (
        (
            'books("2026-01-10 invoice F-1 C001 100.00 MXN\\n2026-01-10 payment R-1 C001 120.00 MXN\\n'
            '2026-03-31 allocation A-1 R-1 -> F-1 120.00 MXN")'
        ),
        "allocation A-1 takes 120.00 MXN from F-1, which has 100.00 MXN open on 2026-03-31",
    ),
    "AlreadyReversed": (
        'books("2026-01-10 invoice F-1 C001 5.00 MXN\\n2026-02-01 reversal X-1 of F-1\\n2026-02-02 reversal X-2 of F-1")',
        "reversal X-2 names F-1, which X-1 reversed on 2026-02-01",
    ),
    "UnreadableFact": (
        'ar.Invoice(id="F-1", customer="C001", amount=100.0, posting_date=date(2026, 1, 10))',
        'invoice F-1: amount 100.0 is a float; give an exact amount such as Money("11600.00", "MXN")',
    ),
    "BeforeExtract": (
        "ar.OpenItemsExtract.load([], drawn_on=date(2026, 3, 31))[0].open_items(as_of=date(2026, 3, 30))",
        "the extract was drawn on 2026-03-31 and has no history; ask about that day or a later one, not 2026-03-30",
    ),
    "MixedDates": (
        "ar.age([])",
        "a report has one as-of date; got no items and no as_of",
    ),
    "NotADate": (
        'books("").open_items(as_of="2026-03-31")',
        "as_of '2026-03-31' is a str; give a datetime.date such as date(2026, 3, 31)",
    ),
    "NoSuchChoice": (
        'ar.age([], as_of=date(2026, 3, 31), basis="invoice")',
        "'invoice' is no Basis; choose one of 'due', 'document', 'posting', 'baseline'",
    ),
    "NoSuchColumn": (
        'ar.age([], as_of=date(2026, 3, 31)).row("C001")',
        "no row C001; rows are grouped by customer",
    ),
    "UnfitFrame": (
        'ar.frames.age(pa.table({"customer": ["C1"], "currency": ["MXN"]}), as_of=date(2026, 3, 31))',
        "items lack the columns open_amount, due_date; they have customer, currency",
    ),
    "AmbiguousCurrency": (
        (
            'ar.age(books("2026-01-10 invoice F-1 C001 1.00 MXN\\n2026-01-10 invoice F-2 C001 1.00 USD")'
            '.open_items(as_of=date(2026, 3, 31))).row("C001")'
        ),
        "C001 is open in MXN, USD; name the currency",
    ),
    "RateNotFound": (
        'ar.ExchangeRates(()).find("USD", "MXN", on=date(2026, 3, 31))',
        "no rate of USD in MXN is in force on 2026-03-31; add one",
    ),
    "BucketError": (
        "ar.Buckets.of(30, 0)",
        "bucket edges (30, 0) must be whole days that ascend, such as 0, 30, 60, 90",
    ),
    "UnfitRate": (
        'ProvisionMatrix.of({"current": "2", ">0": "0.1"})',
        "loss rate of current 2 is not between 0 and 1; write 2 % as 0.02",
    ),
    "SilentZero": (
        'matrix_from([LossCohort.of(ar.Money(100, "MXN"), bucket="current", trials=50)], ar.Buckets.of(0))',
        (
            "history of segment default, current has no loss (0.000 % to 7.135 % (95 % Wilson)); "
            "give a floor, or a note that says why 0 % is right"
        ),
    ),
    "NotAPartition": (
        'AbsorbingChain.of([["0.2"]], [["0.7"]], exits=("paid",))',
        "the shares of row state 1 sum to 9/10; they must sum to 1",
    ),
    "UnfitHistory": (
        "flow_rates([(100, 10)])",
        "flow rates need two agings or more, each with the same two or more bands",
    ),
    "InterestError": (
        'simple_interest(ar.Money("100.00", "MXN"), 8.5, 30)',
        "rate 8.5 is a float; give a Decimal, an int or text",
    ),
    "NoSuchAdapter": (
        'open_source("cvs")',
        "No adapter named 'cvs'. Installed: csv, memory, oracle, sap. Did you mean 'csv'?",
    ),
    "UnreadableSource": (
        'open_source("csv", path="none.csv")',
        "file 'none.csv' does not exist; give a table file (.csv, .tsv, .txt, .jsonl, .parquet, .xlsx)",
    ),
    "UnfitMapping": (
        'Mapping.parse("colums = 3", "mine.toml")',
        (
            "mapping mine.toml: the top has 'colums'; there may be attribute_columns, attributes, columns, constants, "
            "file, kinds, table, title, values"
        ),
    ),
    "DoesNotTie": (
        "Tally(3, 1, 1, 0)",
        "rows: 3 read = 1 accepted + 1 duplicates + 0 quarantined",
    ),
    "UnreadableCfdi": (
        'cfdi.parse(b"[a/]")',
        "the document is not well-formed XML in UTF-8; ask its issuer for the file as it was stamped",
    ),
    "HostileXml": (
        "cfdi.parse(LAUGHS)",
        "the document declares a DOCTYPE or an entity, which no CFDI has; it is refused unread",
    ),
    "UnbuildableComplement": (
        'cfdi.profile("seven-decimals", on=date(2026, 8, 3))',
        "no profile 'seven-decimals'; there are six-decimals, currency-decimals",
    ),
    "UnwritableCfdi": (
        "cfdi.to_html(INVOICE)",
        "document A-03-1 is of type I; only payment complements are shown",
    ),
    "UnusableSeal": (
        "cfdi.Csd()",
        "a Csd is loaded, not made; use Csd.load(cer, key, password)",
    ),
    "ServiceUnavailable": (
        'SatStatus("http://127.0.0.1:9/").status(INVOICE)',
        (
            "SAT's status service did not answer for E3E6157D-BDAA-4407-B789-950AA7BCD9F3 (ConnectionError); "
            "ask again later"
        ),
    ),
    "OddAnswer": (
        "status.answer(ANSWER)",
        "SAT's status service answered the state 'Otro'; it should be one of Vigente, Cancelado, No Encontrado",
    ),
    "PacRejection": (
        'RestPac("http://127.0.0.1:9", "token").cancel("U-1", "EKU9003173C9", "02", "U-2")',
        "motive 02 with substitute U-2: 01 needs a substitute and the others have none",
    ),
    "UnfitQuery": (
        'query.render(query.IsNull("A"), 1)',
        "framework version 1 cannot say 'isnull' in q; ask several times, or filter the rows that come",
    ),
    "UnfitFolder": (
        "taken_folder()",
        "pulled holds a pull of 'one', not of 'two'; give another folder",
    ),
    "NotSignedIn": (
        'pod(401).get("receivablesInvoices")',
        "GET /fscmRestApi/resources/11.13.18.05/receivablesInvoices answered 401: nothing; check the credentials, and that the user may sign in without a federation",
    ),
    "AccessDenied": (
        'pod(403, body="You need a privilege.").get("receivablesInvoices")',
        "GET /fscmRestApi/resources/11.13.18.05/receivablesInvoices answered 403: You need a privilege.; ask for the privilege, or for this address to be allowed",
    ),
    "NotOffered": (
        'pod(404).get("receivablesInvoices")',
        "GET /fscmRestApi/resources/11.13.18.05/receivablesInvoices answered 404: nothing; see whether this release has it and whether the user sees its business unit",
    ),
    "RequestRefused": (
        'pod(400, body="Currency is missing.").get("receivablesInvoices")',
        "GET /fscmRestApi/resources/11.13.18.05/receivablesInvoices answered 400: Currency is missing.; correct what it names; sending the same again changes nothing",
    ),
    "StaleWrite": (
        'pod(412).write("PATCH", "receivablesInvoices/1", {}, content_type="application/json")',
        "PATCH receivablesInvoices/1 answered 412: nothing; read the row again and decide anew",
    ),
    "Unavailable": (
        'pod(503).get("receivablesInvoices")',
        "GET /fscmRestApi/resources/11.13.18.05/receivablesInvoices answered 503: nothing; try again later",
    ),
    "BrokenAnswer": (
        'wire.parse("Sign in")',
        "the answer is no JSON (Expecting value: line 1 column 1 (char 0)); it begins with 'Sign in'; ask again, and see what stands in between",
    ),
    "ForeignLink": (
        'pod(200).get("https://elsewhere.example/x")',
        "link 'https://elsewhere.example/x' leads away from https://pod.example; links to other hosts are not followed",
    ),
    "OutcomeUnknown": (
        'pod(503).write("POST", "standardReceipts", {}, content_type="application/json")',
        "POST standardReceipts answered 503; it may have happened: look before sending it again",
    ),
    "AlreadyDifferent": (
        'lookup.the_one([{"ReferenceAmount": 5}], "ReferenceAmount", Decimal(6), "receipt 7 names F-1")',
        "receipt 7 names F-1 with 5, not 6; what is there is not changed",
    ),
    "MissingExtra": (
        'ar.age([], as_of=date(2026, 3, 31)).to_frame("frobnicate")',
        "frobnicate is not installed; install it with the extra: pip install 'receivables[frobnicate]'",
    ),
}


class Canned:
    """A session that gives one answer to everything."""

    def __init__(self, status, body):
        self.status_code, self.body, self.headers = status, body, {"Content-Type": "text/plain"}

    def request(self, *_, **__):
        return self

    def iter_content(self, _):
        return [self.body.encode()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def pod(status, body=""):
    session = Canned(status, body)
    return Pod("https://pod.example", session=session, framework=4, sleep=lambda _: None)


def taken_folder():
    with TemporaryDirectory() as place:
        folder = Path(place) / "pulled"
        pull(MemorySource(name="one"), folder)
        pull(MemorySource(name="two"), folder)


NAMES = {
    "lookup": lookup,
    "pod": pod,
    "query": query,
    "taken_folder": taken_folder,
    "wire": wire,
    "ar": ar,
    "date": date,
    "datetime": datetime,
    "Decimal": Decimal,
    "books": books,
    "facts": facts,
    "open_source": open_source,
    "Mapping": Mapping,
    "Tally": Tally,
    "Path": Path,
    "pa": pa,
    "cfdi": cfdi,
    "status": status,
    "RestPac": RestPac,
    "SatStatus": SatStatus,
    "INVOICE": cfdi.parse((STORY / "I1.xml").read_bytes()),
    "LAUGHS": b'<!DOCTYPE a [<!ENTITY ha "ha">]><a>&ha;</a>',
    "ANSWER": b"<Respuesta><Estado>Otro</Estado></Respuesta>",
    "AbsorbingChain": AbsorbingChain,
    "LossCohort": LossCohort,
    "ProvisionMatrix": ProvisionMatrix,
    "flow_rates": flow_rates,
    "matrix_from": matrix_from,
    "simple_interest": simple_interest,
}
FAMILIES = {
    *("MoneyError", "FactError", "QuestionError", "AdapterError", "CfdiError", "ServiceError"),
    *("ProvisionError", "RemoteError", "ReceivablesError"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_minimal_input_and_its_message(name):
    """What happened, with the values and ids; what it should be; the next step."""
    source, message = CASES[name]
    with pytest.raises(errors.ReceivablesError) as caught:
        eval(source, dict(NAMES))  # noqa: S307 - our own text, above
    assert (type(caught.value).__name__, str(caught.value)) == (name, message)


def test_every_exception_has_its_case():
    """Families are caught, not raised; every other class is listed above."""
    classes = {
        name
        for name, it in inspect.getmembers(errors, inspect.isclass)
        if issubclass(it, errors.ReceivablesError)
    }
    assert classes == set(CASES) | FAMILIES


@pytest.mark.parametrize("name", CASES)
def test_a_message_is_a_sentence_for_the_reader(name):
    """No class names, no exclamation, nothing that only a developer of this library would understand."""
    message = CASES[name][1]
    assert not set(message) & {"!", "<", "\n"}
    assert not any(word in message.lower() for word in ("invalid", "unable", "failed", "traceback"))
