"""Which accounts of a clearing hang together: those that it leaves balanced by themselves are cleared on their own.

What a page holds must not decide what is paired with what. So each account that balances alone is a clearing of its own, and
the others are one together, wherever they are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from receivables.adapters.sap.codes import Codes, Meaning
from receivables.adapters.sap.lines import ClearingKey, Line


def parts(members: Iterable[Line], posted: Iterable[Line], codes: Codes) -> Iterator[list[Line]]:
    """Yield the members of one clearing, apart for each account that balances alone.

    Args:
        members: What was cleared together, its other side included.
        posted: What the clearing document itself posted.
        codes: What document types mean.
    """
    by_account: dict[str, list[Line]] = defaultdict(list)
    for line in members:
        by_account[line.customer].append(line)
    open_ended = linked(members, posted, codes)
    together = []
    for account, own in sorted(by_account.items()):
        if account in open_ended:
            together += own
        else:
            yield own
    if together:
        yield together


def linked(members: Iterable[Line], posted: Iterable[Line], codes: Codes) -> frozenset[str]:
    """Return the accounts that a clearing does not leave balanced by themselves, as far as these lines can tell.

    Either what it cleared on an account does not sum to zero in some currency; or its document, which is no payment, posted
    lines there that do not: the other side may stand on another account, or in the general ledger.
    """
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    moved: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in members:
        sums[line.customer, line.currency] += line.signed
    for line in posted:
        if codes.document_types.get(line.document_type) is not Meaning.PAYMENT:
            moved[line.customer, line.currency] += line.signed
    found = {account for (account, _), left in sums.items() if left}
    found |= {place[0] for place, left in moved.items() if left and place in sums}
    return frozenset(found)


def unbalanced(lines: Iterable[Line], codes: Codes) -> list[ClearingKey]:
    """Return the clearings that touched other accounts too, as far as these lines can tell."""
    groups: dict[ClearingKey, list[Line]] = defaultdict(list)
    posted: dict[ClearingKey, list[Line]] = defaultdict(list)
    for line in lines:
        if line.clearing is not None:
            groups[line.clearing].append(line)
        posted[ClearingKey(line.key.company_code, line.key.document, line.posting_date)].append(
            line
        )
    return sorted(
        key for key, members in groups.items() if linked(members, posted.get(key, ()), codes)
    )
