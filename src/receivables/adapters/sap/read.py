"""From neutral rows to facts: the whole of what is known about SAP's way of keeping receivables, without any transport.

`read(lines)` gives documents, payments, and what cleared them; `read_masters` gives customers. Nothing here raises for
what a system holds: what cannot be said as a fact becomes a `Problem`, and everything else is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from receivables.adapters.sap.account import Account, sort_lines
from receivables.adapters.sap.clearing import Clearer
from receivables.adapters.sap.codes import Codes
from receivables.adapters.sap.documents import Documents
from receivables.adapters.sap.lines import Cleared, Line, Master
from receivables.errors import ReceivablesError
from receivables.facts import Customer, Fact, Origin, Reversal
from receivables.problems import Problem
from receivables.terms import PaymentTerms

SYSTEM = "sap"
_FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What some rows say.

    Args:
        facts: Documents first, then what rests on them, by id.
        problems: What was left out or remarked.
    """

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...] = ()


def read(
    lines: Iterable[Line],
    *,
    codes: Codes | None = None,
    cleared: Iterable[Cleared] = (),
    context: Iterable[Line] = (),
    wanted: Callable[[Line], bool] = lambda _: True,
) -> Reading:
    """Return the facts that lines say.

    Args:
        lines: The items of some customers, complete: open and cleared ones, in any order.
        codes: What the system's codes mean; SAP's deliveries when not given.
        cleared: The clearing history, where it was read; its discounts win over those of the lines.
        context: Lines that only complete the documents of others; what cleared them is not looked at.
        wanted: Says of a line whether its facts are given out; other lines only complete what they cleared.

    Returns:
        Facts and problems; both depend on the lines alone, not on their order.
    """
    beside = list(context)
    held = [*lines, *beside]
    account = sort_lines(held, codes or Codes(), context=frozenset(it.key for it in beside))
    documents = Documents(account)
    documents.build(wanted)
    clearer = Clearer(account, documents, discounts(cleared))
    uses = clearer.clear(wanted)
    reversals = list(_reversals(account, documents, wanted))
    facts = (*documents.facts, *uses, *reversals)
    others = {str(line.key) for line in held if not wanted(line)}
    problems = (it for it in (*account.problems, *documents.problems) if it.where not in others)
    return Reading(
        tuple(sorted(facts, key=_rank)),
        tuple(sorted(problems, key=lambda it: (it.where, it.code))),
    )


def discounts(cleared: Iterable[Cleared]) -> Mapping[tuple[str, object], Decimal]:
    """Return the cash discount of each cleared item by the number of its clearing document."""
    return {(row.clearing.document, row.item): row.discount for row in cleared}


def read_masters(
    masters: Iterable[Master], terms: Mapping[str, PaymentTerms] | None = None
) -> tuple[tuple[Customer, ...], tuple[Problem, ...]]:
    """Return customers as facts.

    SAP keeps one state of a customer, not its history: it holds from the day the account was created.

    Args:
        masters: What was read of them.
        terms: Payment terms by their key, compiled from T052.
    """
    customers: list[Customer] = []
    problems: list[Problem] = []
    for master in masters:
        where = f"{master.company_code}/{master.customer}"
        try:
            customers.append(_customer(master, where, terms or {}))
        except (ReceivablesError, ValidationError) as error:
            code = error.code if isinstance(error, ReceivablesError) else "unreadable-customer"
            problems.append(Problem(code, f"customer {where}: {error}", where))
        if master.terms and terms is not None and master.terms not in terms:
            msg = f"customer {where} has terms {master.terms}, which T052 does not list"
            problems.append(Problem("unknown-terms", msg, where, severity="noted"))
    return tuple(customers), tuple(problems)


def _customer(master: Master, where: str, terms: Mapping[str, PaymentTerms]) -> Customer:
    values: dict[str, Any] = {
        name: getattr(master, name) or None
        for name in (
            *("name", "tax_id", "country", "language"),
            *("segment", "collector", "head_office", "payer"),
        )
    }
    details = dict(master.details)
    if master.terms:
        details["terms_key"] = master.terms
    return Customer(
        id=master.customer,
        valid_from=master.created_on or _FIRST_DAY,
        terms=terms.get(master.terms),
        attributes=tuple(sorted(details.items())),
        origin=Origin(SYSTEM, where),
        **values,
    )


def _reversals(
    account: Account, documents: Documents, wanted: Callable[[Line], bool]
) -> Iterable[Reversal]:
    """Yield the end of every fact of a reversed document."""
    for document, reversing in sorted(account.reversed.items()):
        for fact_id, line in documents.of_document(document):
            if wanted(line):
                yield Reversal(
                    id=f"{reversing.key}>{fact_id}",
                    of=fact_id,
                    posting_date=reversing.posting_date,
                    reason=reversing.reason or None,
                    origin=Origin(SYSTEM, str(reversing.key)),
                )


def _rank(fact: Fact) -> tuple[int, str]:
    order = {"allocation": 1, "adjustment": 1, "write_off": 1, "refund": 1, "reversal": 2}
    return order.get(fact.kind, 0), fact.id
