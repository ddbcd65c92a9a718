"""First contact with a pod: reads only, and says which of the recalled points are so there.

Each check stands alone; one that fails says why and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from receivables.adapters.oracle import codes, query, scan, wire
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.rest import Pod
from receivables.errors import ReceivablesError, RequestRefused

Verdict = Literal["so", "not so", "open", "failed"]
_CLAMP, _MORE_THAN_THE_CLAMP = 500, 1000
_JSON_ERRORS = 4  # framework version from which errors are JSON
_STATUSES = {
    codes.INVOICES: ("InvoiceStatus", "TransactionType"),
    codes.CREDIT_MEMOS: ("CreditMemoStatus",),
    codes.RECEIPTS: ("State", "Status"),
    codes.ADJUSTMENTS: ("Status", "ReceivablesActivity", "TransactionClass"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of the checklist.

    Args:
        point: Its number in the first-contact checklist.
        question: What was asked.
        verdict: `so`, `not so`, `open` when the pod's data cannot say, `failed` when asking failed.
        answer: What the pod said.
    """

    point: str
    question: str
    verdict: Verdict
    answer: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the pod said to every point."""

    pod: str
    requests: int
    findings: tuple[Finding, ...]

    def to_markdown(self) -> str:
        """Return the report as a table to keep beside the configuration."""
        lines = [
            f"# First contact with {self.pod}",
            "",
            f"{self.requests} requests, all of them reads.",
            "",
        ]
        lines += ["| point | question | verdict | answer |", "|---|---|---|---|"]
        lines += [
            f"| {it.point} | {it.question} | {it.verdict} | {it.answer.replace('|', '/')} |"
            for it in self.findings
        ]
        return "\n".join(lines) + "\n"


def probe(pod: Pod) -> Report:
    """Run the checklist against a pod, by reading alone."""
    before, desk = pod.requests, Desk(pod)
    findings = tuple(_run(point, question, check, desk) for point, question, check in _CHECKS)
    return Report(pod.base_url, pod.requests - before, findings)


def _run(
    point: str, question: str, check: Callable[[Desk], tuple[Verdict, str]], desk: Desk
) -> Finding:
    try:
        return Finding(point, question, *check(desk))
    except (ReceivablesError, ValueError, KeyError) as error:
        return Finding(point, question, "failed", f"{type(error).__name__}: {error}")


def _frameworks(desk: Desk) -> tuple[Verdict, str]:
    allowed = [
        str(it)
        for item in desk.pod.catalog()
        for it in (item.get("adf:extension") or {}).get("allowedFrameworkVersions") or ()
    ]
    return ("so" if "4" in allowed else "not so"), ", ".join(allowed) or "none listed"


def _queryable(desk: Desk) -> tuple[Verdict, str]:
    found = desk.describe(codes.INVOICES).queryable
    return ("so" if "LastUpdateDate" in found else "not so"), ", ".join(sorted(found)) or "none"


def _finders(desk: Desk) -> tuple[Verdict, str]:
    found = dict(desk.describe(codes.INVOICES).finders)
    told = "; ".join(f"{name}: {', '.join(variables)}" for name, variables in found.items())
    return ("so" if "invoiceSearch" in found else "not so"), told or "none"


def _balance_currency(desk: Desk) -> tuple[Verdict, str]:
    for row in _some(desk, codes.INVOICES, expand=codes.INSTALMENTS):
        if row.get("ConversionRate") is None or not wire.number(row.get("InvoiceBalanceAmount")):
            continue
        parts = desk.instalments(row)
        entered = sum(wire.number(it.get("InstallmentBalanceDue")) or 0 for it in parts)
        booked = sum(wire.number(it.get("AccountedBalanceDue")) or 0 for it in parts)
        balance = wire.number(row["InvoiceBalanceAmount"])
        told = f"invoice {row['CustomerTransactionId']}: balance {balance}, instalments {entered} entered and {booked} accounted"
        return ("so" if balance == booked != entered else "not so"), told
    return "open", "no open invoice in a foreign currency among the first"


def _window(desk: Desk) -> tuple[Verdict, str]:
    finder = desk.window_finder(codes.SCHEDULES)
    if finder is None:
        return "not so", "no finder of payment schedules takes TransactionLimitByDays"
    for row in _some(desk, codes.ACCOUNTS):
        narrow = len(desk.children(codes.ACCOUNTS, row["AccountId"], codes.SCHEDULES))
        wide = len(desk.children(codes.ACCOUNTS, row["AccountId"], codes.SCHEDULES, finder=finder))
        if wide:
            return (
                "so",
                f"account {row.get('AccountNumber')}: {narrow} schedules as given, {wide} with {finder}",
            )
    return "open", f"no payment schedules among the first accounts; finder {finder}"


def _statuses(desk: Desk) -> tuple[Verdict, str]:
    told, strange = [], False
    for resource, names in _STATUSES.items():
        rows = list(_some(desk, resource))
        for name in names:
            values = sorted({str(row[name]) for row in rows if row.get(name) is not None})
            told.append(f"{resource}.{name}: {', '.join(values) or 'none seen'}")
            if name in {"InvoiceStatus", "CreditMemoStatus"}:
                strange = strange or any(codes.standing(it) == "unknown" for it in values)
            if name == "State":
                strange = strange or not all(map(codes.is_known_state, values))
    return ("not so" if strange else "so"), "; ".join(told)


def _clamp(desk: Desk) -> tuple[Verdict, str]:
    given = desk.pod.get(
        codes.INVOICES,
        {"limit": _MORE_THAN_THE_CLAMP, "onlyData": "true", "orderBy": "CustomerTransactionId:asc"},
    )
    return (
        "so" if given.get("limit") == _CLAMP else "not so"
    ), f"limit={_MORE_THAN_THE_CLAMP} was answered with {given.get('limit')}"


def _errors(desk: Desk) -> tuple[Verdict, str]:
    try:
        desk.pod.get(codes.INVOICES, {"q": "Nope = 1", "limit": 1})
    except RequestRefused as error:
        is_json = error.body.lstrip().startswith("{")
        return (
            "so" if is_json == (desk.pod.framework >= _JSON_ERRORS) else "not so"
        ), f"{error.status}: {error.body[:200]}"
    return "not so", "an unknown attribute in q was not refused"


def _actions(desk: Desk) -> tuple[Verdict, str]:
    found = desk.describe(codes.RECEIPTS).actions
    return ("so" if "applyReceipt" in found else "not so"), ", ".join(
        sorted(found)
    ) or "none: remittance references only"


def _promises(desk: Desk) -> tuple[Verdict, str]:
    found = desk.describe("collectionPromises").attributes
    return ("so" if found else "open"), ", ".join(found) or "not described"


def _mexico(desk: Desk) -> tuple[Verdict, str]:
    children = {
        it.name: it
        for name in (codes.INVOICES, codes.RECEIPTS)
        for it in desk.describe(name).children
    }
    told = [
        f"{name}: {', '.join(it.attributes)}"
        for name, it in children.items()
        if name.endswith("Gdf")
    ]
    return ("so" if told else "open"), "; ".join(
        told
    ) or "no global descriptive flexfields described"


def _some(desk: Desk, resource: str, expand: str = "") -> Iterator[Any]:
    """Yield the first rows of a resource: one request."""
    params: dict[str, str | int] = {
        "limit": 100,
        "orderBy": f"{codes.KEYS[resource]}:asc",
        "onlyData": "true",
    }
    if expand:
        params["expand"] = expand
    yield from scan.collection(desk.pod.get(resource, params), resource)[0]


def _receipts_by_account(desk: Desk) -> tuple[Verdict, str]:
    known = desk.describe(codes.RECEIPTS).queryable
    asked = query.render(query.Where("CustomerAccountNumber", "=", "C1"), desk.pod.framework)
    return (
        "so" if "CustomerAccountNumber" in known else "not so"
    ), f"{asked}; queryable: {', '.join(sorted(known)) or 'none'}"


_CHECKS: tuple[tuple[str, str, Callable[[Desk], tuple[Verdict, str]]], ...] = (
    ("U1", "Is framework version 4 allowed?", _frameworks),
    ("U2", "Can invoices be asked for by LastUpdateDate?", _queryable),
    ("U3", "Is there a finder invoiceSearch?", _finders),
    ("U4", "Is InvoiceBalanceAmount in ledger currency?", _balance_currency),
    ("U5", "Can payment schedules be read beyond 90 days?", _window),
    ("U6", "Are the statuses those we know, in English?", _statuses),
    ("U8", "Are pages clamped at 500?", _clamp),
    ("U9", "Do errors come in the form of the framework version?", _errors),
    ("U10", "Can receipts be applied by an action?", _actions),
    ("U11", "What does a promise hold?", _promises),
    ("U13", "Are the Mexican flexfields described?", _mexico),
    ("U20", "Can receipts be asked for by account?", _receipts_by_account),
)
