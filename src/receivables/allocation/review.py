"""Looking back at cash already applied: what was misapplied, what waits too long, and the facts that would correct it.

A review proposes, it posts nothing. A finding's facts are a reversal of what was wrong and, where it is plain, what should
stand instead; they are checked by the subledger like any others when they are posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.allocation.finding import KINDS, Finding, FindingKind
from receivables.allocation.looking import Look
from receivables.allocation.misapplied import crossed, misnamed, skipped, unrelated
from receivables.allocation.policy import AllocationPolicy
from receivables.allocation.waiting import duplicates, stale
from receivables.errors import NoSuchChoice
from receivables.facts.wording import counted
from receivables.subledger import Subledger


@dataclass(frozen=True, slots=True)
class AllocationReview:
    """What a review found.

    Args:
        as_of: The day it looked at.
        findings: By kind, payment and item.
    """

    as_of: date
    findings: tuple[Finding, ...]

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        """Return the findings of one kind.

        Raises:
            NoSuchChoice: When there is no such kind.
        """
        if kind not in KINDS:
            msg = f"no kind of finding {kind!r}; it must be one of {', '.join(KINDS)}"
            raise NoSuchChoice(msg)
        return tuple(it for it in self.findings if it.kind == kind)

    def __str__(self) -> str:
        lines = [
            f"{counted(len(self.findings), 'finding')} as of {self.as_of}",
            *map(str, self.findings),
        ]
        return "\n  ".join(lines)


def review_allocations(
    books: Subledger,
    *,
    as_of: date,
    since: date | None = None,
    policy: AllocationPolicy | None = None,
    stale_days: int = 30,
    duplicate_days: int = 10,
) -> AllocationReview:
    """Find misapplied and forgotten cash.

    `names-another-item`: the payment's text names a document in full that it does not pay, and that had the money's amount
    open. `older-item-skipped`: a payment that names nothing paid an item while an older one of the same customer stayed
    open. `duplicate-payment`: the same customer, amount and text twice within `duplicate_days`. `unrelated-customer`: paid
    for a customer without a relation to the payer. `overpaid-while-short`: one item took more than the payment named for it
    while another is short by the same amount. `stale-cash`: money waiting longer than `stale_days`.

    Args:
        books: The subledger.
        as_of: The day looked at; facts posted later do not count.
        since: Look only at allocations posted on this day or later.
        policy: Which attributes hold text, and whether relations count; the default policy when not given.
        stale_days: Days after which waiting money is stale.
        duplicate_days: Days between two payments that may be one.
    """
    look = Look(books, as_of, since, policy or AllocationPolicy())
    found = [
        *misnamed(look),
        *skipped(look),
        *duplicates(look, duplicate_days),
        *unrelated(look),
        *crossed(look),
        *stale(look, stale_days),
    ]
    found.sort(key=lambda it: (KINDS.index(it.kind), it.payment, it.items))
    return AllocationReview(as_of, tuple(found))
