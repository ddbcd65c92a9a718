"""Lines sorted by the part they play: what is a document, what only moves one, and what reverses one.

SAP writes everything as lines of documents. A line may be a claim or a credit of its own; the other side of a clearing
(AUGBL equals BELNR); the rest of a cleared item (REBZT V), which continues that item; part of a payment that names its
invoice (REBZT Z); or half of a reversal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from receivables.adapters.sap.codes import (
    PARTIAL,
    POSTING_KEYS,
    RESIDUAL,
    REVERSING_KEYS,
    Codes,
    Meaning,
    SpecialGl,
)
from receivables.adapters.sap.lines import ClearingKey, DocumentKey, ItemKey, Line
from receivables.problems import Problem

_NOT_POSTED = frozenset("SDMVWZ")  # BSTAT of noted, recurring, sample and parked documents
_PAYS = frozenset({PARTIAL, "P", ""})  # follow-on letters of a payment line that names an invoice


class Role(Enum):
    """The part a line plays."""

    ITEM = "item"  # a claim or credit of its own
    OFFSET = "offset"  # posted by a clearing as its other side
    RESIDUAL = "residual"  # continues an item that was cleared
    PARTIAL = "partial"  # part of a payment, for the invoice it names


@dataclass(slots=True)
class Account:
    """The lines of some customers, each with its role, and how they hang together.

    Args:
        lines: Posted lines by key, without reversing documents and what the codes leave out.
        roles: The role of each line.
        meanings: What each line is by its document type.
        reversed: Documents that a later one reversed.
        groups: Lines cleared together, those of reversals left out.
        problems: What was remarked on the way.
    """

    codes: Codes
    lines: dict[ItemKey, Line] = field(default_factory=dict)
    roles: dict[ItemKey, Role] = field(default_factory=dict)
    meanings: dict[ItemKey, Meaning] = field(default_factory=dict)
    reversed: dict[DocumentKey, Line] = field(default_factory=dict)
    documents: dict[DocumentKey, list[Line]] = field(default_factory=dict)
    groups: dict[ClearingKey, list[Line]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def root(self, line: Line) -> Line:
        """Return the item that a line continues: itself, unless it is a residual item."""
        seen = {line.key}
        while self.roles[line.key] is Role.RESIDUAL:
            named = line.refers_to
            if named is None or named in seen:
                break
            seen.add(named)
            line = self.lines[named]
        return line

    def note(self, code: str, message: str, where: object) -> None:
        """Remark something about what is kept."""
        self.problems.append(Problem(code, message, str(where), severity="noted"))


def sort_lines(
    lines: Iterable[Line], codes: Codes, *, context: frozenset[ItemKey] = frozenset()
) -> Account:
    """Give every line its role.

    Args:
        lines: Everything read of some customers, in any order; a line read twice is one line.
        codes: What the system's codes mean.
        context: Items that are in no group: what was cleared with them is not all there.
    """
    account = Account(codes)
    posted = _posted(_once(lines, account), codes, account)
    reversing = _reversals(posted, account)
    for line in posted:
        if line.document not in reversing:
            account.lines[line.key] = line
            account.documents.setdefault(line.document, []).append(line)
            account.meanings[line.key] = codes.meaning(
                line.document_type, line.posting_key, debit=line.debit
            )
    for line in account.lines.values():
        account.roles[line.key] = _role(line, account)
        group = line.clearing
        if group is not None and line.key not in context and line.document not in account.reversed:
            account.groups.setdefault(group, []).append(line)
    return account


def _once(lines: Iterable[Line], account: Account) -> list[Line]:
    """Keep each item once; of one that was cleared while it was read, the cleared state."""
    held: dict[ItemKey, Line] = {}
    for line in lines:
        known = held.setdefault(line.key, line)
        if known == line:
            continue
        if (known.cleared_on is None) == (line.cleared_on is None):
            msg = f"item {line.key} was read twice with different values; it changed meanwhile, the later reading is kept"
            account.note("changed-while-read", msg, line.key)
            held[line.key] = line
        elif line.cleared_on is not None:
            held[line.key] = line
    return sorted(held.values(), key=lambda line: line.key)


def _posted(lines: list[Line], codes: Codes, account: Account) -> list[Line]:
    """Leave out noted items and the special G/L indicators that are not kept, and say how many."""
    kept, left_out = [], defaultdict[tuple[str, str, str], list[Line]](list)
    for line in lines:
        if line.status in _NOT_POSTED:
            left_out["noted-item", f"status {line.status}", line.currency].append(line)
        elif line.special_gl and codes.special_gl.get(line.special_gl) is not SpecialGl.KEEP:
            left_out["special-gl", f"special G/L {line.special_gl}", line.currency].append(line)
        else:
            kept.append(line)
    for (code, what, currency), found in sorted(left_out.items()):
        sums = sum(line.signed for line in found)
        msg = f"{len(found)} items of {what} with {sums:f} {currency} are left out; keep them by a policy of the codes"
        account.note(code, msg, found[0].key)
    return kept


def _reversals(lines: list[Line], account: Account) -> set[DocumentKey]:
    """Match the halves of reversals; return the documents that reverse, remember those reversed."""
    by_number: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.reversed_with:
            by_number[line.key.company_code, line.key.document].append(line)
    reversing: set[DocumentKey] = set()
    for line in (line for found in by_number.values() for line in found):
        halves = by_number.get((line.key.company_code, line.reversed_with), [])
        other = next((it for it in halves if it.reversed_with == line.key.document), None)
        if other is None:
            if line.posting_key in REVERSING_KEYS:
                reversing.add(line.document)
            msg = f"document {line.document} is half of a reversal with {line.reversed_with}, which is not in the extract"
            account.note("reversal-outside-extract", msg, line.key)
        elif _order(line) < _order(other):
            account.reversed[line.document] = other
            reversing.add(other.document)
    return reversing


def _order(line: Line) -> tuple[bool, object, object, str]:
    """Sort the reversed half before the reversing one: by posting key where that says it, else by time and number."""
    return (
        line.posting_key in REVERSING_KEYS,
        line.entry_date or line.posting_date,
        line.posting_date,
        line.key.document,
    )


def _role(line: Line, account: Account) -> Role:
    if line.clears_itself and not _is_claim(line, account.codes):
        return Role.OFFSET
    named = account.lines.get(line.refers_to) if line.refers_to else None
    if line.follow_on == RESIDUAL:
        if (
            named is not None
            and named.debit == line.debit
            and account.codes.residuals == "original"
        ):
            return Role.RESIDUAL
        if named is None and line.refers_to:
            msg = f"residual item {line.key} continues {line.refers_to}, which is not in the extract; it stands on its own"
            account.note("reference-outside-extract", msg, line.key)
        return Role.ITEM
    pays = (
        not line.debit and account.meanings[line.key] is Meaning.PAYMENT and line.follow_on in _PAYS
    )
    if not (pays and line.refers_to):
        return Role.ITEM
    if named is None:
        msg = f"payment {line.key} pays {line.refers_to}, which is not in the extract; it stays unapplied"
        account.note("reference-outside-extract", msg, line.key)
    elif _stands(line, named, account):
        return Role.PARTIAL
    return Role.ITEM


def _is_claim(line: Line, codes: Codes) -> bool:
    """Tell whether a line is a claim or credit by its document type, even where its own document cleared it at once."""
    known = codes.document_types.get(line.document_type) or POSTING_KEYS.get(line.posting_key)
    return known in {Meaning.INVOICE, Meaning.DEBIT_MEMO, Meaning.CREDIT_MEMO}


def _stands(line: Line, named: Line, account: Account) -> bool:
    """Tell whether a partial payment still pays the item it names."""
    if not named.debit or named.currency != line.currency:
        return False
    if line.document in account.reversed:
        return True
    if line.clearing is None:
        if named.clearing is not None and not _continued(named, account):
            msg = f"payment {line.key} names {named.key}, which {named.clearing} cleared without it; it stays unapplied"
            account.note("partial-payment-left-open", msg, line.key)
            return False
        return True
    chain = [named, *(it for it in account.lines.values() if it.refers_to == named.key)]
    return any(it.clearing == line.clearing for it in chain)


def _continued(named: Line, account: Account) -> bool:
    return any(
        it.follow_on == RESIDUAL and it.refers_to == named.key and it.clearing is None
        for it in account.documents.get(DocumentKey(*named.key[:3]), ())
    )
