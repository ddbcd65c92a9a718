"""What a system offers the user who asks: functions, tables, columns; and what the adapter will therefore do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from typing_extensions import override

from receivables.adapters.sap import masters
from receivables.adapters.sap.columns import OPTIONAL_COLUMNS, TABLE_COLUMNS
from receivables.adapters.sap.odata import Gateway
from receivables.adapters.sap.odata_source import ADVICE, BLOCKED, CREDIT, CUBE, PARTNER
from receivables.adapters.sap.rfc import Rfc
from receivables.adapters.sap.tables import Tables
from receivables.errors import AccessDenied, NotOffered, RemoteError, RequestRefused

State = Literal["offered", "forbidden", "absent", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Args:
        what: A function, table or service.
        state: Whether this user may use it.
        consequence: What the adapter does because of it.
        said: What the system said; empty when it is offered.
    """

    what: str
    state: State
    consequence: str
    said: str = ""

    @override
    def __str__(self) -> str:
        said = f" ({self.said})" if self.said else ""
        return f"{self.what}: {self.state}{said}; {self.consequence}"


_TABLES = (
    (
        "BSID",
        TABLE_COLUMNS,
        OPTIONAL_COLUMNS,
        "open items are read as a table",
        "use path = 'bapi'",
    ),
    (
        "BSAD",
        TABLE_COLUMNS,
        OPTIONAL_COLUMNS,
        "cleared items are read as a table",
        "use path = 'bapi'",
    ),
    (
        "BKPF",
        ("BUKRS", "BELNR", "GJAHR", "STBLG"),
        frozenset[str](),
        "reversals are told apart",
        "nothing can be read",
    ),
    (
        "BSE_CLR",
        ("BUKRS_CLR", "BELNR_CLR", "WSKTO"),
        frozenset[str](),
        "discounts come from the clearing history",
        "discounts come from the items",
    ),
    (
        "TCURX",
        ("CURRKEY", "CURRDEC"),
        frozenset[str](),
        "amounts are shifted by the system's decimals",
        "decimals of ISO 4217 are assumed",
    ),
    (
        "T001",
        ("BUKRS", "WAERS"),
        frozenset[str](),
        "the company currency is known",
        "nothing can be read",
    ),
    ("T052", masters.T052, frozenset({"XSPLT"}), "terms are compiled", "customers have no terms"),
    (
        "T052S",
        masters.T052S,
        frozenset[str](),
        "terms in instalments are compiled",
        "customers with terms in instalments have none",
    ),
    (
        "KNB1",
        masters.KNB1,
        frozenset({"ZAHLS"}),
        "accounts are listed by the system",
        "state the accounts yourself",
    ),
    (
        "KNA1",
        masters.KNA1,
        frozenset({"SPERR", "LOEVM"}),
        "customers have names",
        "customers have no names",
    ),
    (
        "KNB5",
        masters.KNB5,
        frozenset[str](),
        "dunning levels and blocks are known",
        "no dunning data",
    ),
    (
        "KNKK",
        masters.KNKK,
        frozenset[str](),
        "credit limits are known",
        "no credit limits (S/4HANA keeps them elsewhere)",
    ),
)
_FUNCTIONS = (
    ("BAPI_AR_ACC_GETSTATEMENT", "path = 'bapi' works", "use path = 'tables'"),
    ("BAPI_AR_ACC_GETOPENITEMS", "history_from works with path = 'bapi'", "read the whole history"),
    (
        "BAPI_AR_ACC_GETKEYDATEBALANCE",
        "control totals are checked",
        "check the totals against a report by hand",
    ),
    ("BAPI_ACC_DOCUMENT_CHECK", "postings can be tried", "posting is not possible"),
)
_SERVICES = (
    (*CUBE, "items are read", "nothing can be read"),
    (
        PARTNER,
        "A_CustomerCompany",
        "accounts are listed by the system",
        "state the accounts yourself",
    ),
    (PARTNER, "A_CustomerDunning", "dunning levels and blocks are known", "no dunning data"),
    (CREDIT, "CreditManagementAccount", "credit limits are known", "no credit limits"),
    (ADVICE, "A_PaymentAdvice", "payment advices are read", "no payment advices"),
    (BLOCKED, "A_CreditBlockedSalesDocument", "blocked orders are read", "no blocked orders"),
)


def probe_rfc(
    rfc: Rfc, *, read_table: str = "RFC_READ_TABLE", row_width: int = 512
) -> tuple[Finding, ...]:
    """Try every table and function that the RFC paths use, reading no data.

    Args:
        rfc: Where to.
        read_table: The function that reads tables.
        row_width: Characters it gives a row.
    """
    tables = Tables(rfc, read_table, width=row_width)
    findings = []
    for name, columns, optional, good, bad in _TABLES:

        def look(
            name: str = name,
            columns: tuple[str, ...] = columns,
            optional: frozenset[str] = optional,
        ) -> str:
            found = tables.columns_of(name, columns, optional)
            missing = sorted(set(columns) - set(found))
            return f"without {', '.join(missing)}" if missing else ""

        findings.append(_finding(f"table {name}", look, good, bad))
    for function, good, bad in _FUNCTIONS:

        def ask(function: str = function) -> str:
            return _exists(rfc, function)

        findings.append(_finding(function, ask, good, bad))
    return tuple(findings)


def probe_odata(gateway: Gateway) -> tuple[Finding, ...]:
    """Try every entity set that the OData path uses, asking for one row of each."""
    findings = []
    for service, entity_set, good, bad in _SERVICES:

        def ask(service: str = service, entity_set: str = entity_set) -> str:
            next(iter(gateway.rows(service, entity_set)), None)
            return ""

        findings.append(_finding(f"{service}/{entity_set}", ask, good, bad))
    return tuple(findings)


def describe(findings: Iterable[Finding]) -> str:
    """Return findings as lines of text."""
    return "\n".join(map(str, findings))


def _exists(rfc: Rfc, function: str) -> str:
    """Call a function with nothing: what it complains about shows that it is there."""
    try:
        rfc.call(function)
    except RequestRefused:
        return ""
    return ""


def _finding(what: str, ask: Callable[[], str], good: str, bad: str) -> Finding:
    try:
        return Finding(what, "offered", good, ask())
    except AccessDenied as error:
        return Finding(what, "forbidden", bad, _short(error))
    except NotOffered as error:
        return Finding(what, "absent", bad, _short(error))
    except RemoteError as error:
        return Finding(what, "failed", bad, _short(error))


def _short(error: RemoteError) -> str:
    return "; ".join(dict.fromkeys(it for it in error.messages if it)) or str(error)
