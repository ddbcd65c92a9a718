"""Charges, credits and payments from the lines of documents.

The lines of one invoice on one account are one invoice with instalments. The lines of one payment document on one account
are one payment: the money that came, which is what it credited less what it carried on as residual items and discounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.adapters.sap.account import Account, Role
from receivables.adapters.sap.codes import PARTIAL, Meaning
from receivables.adapters.sap.due import base_date, net_due_date, terms_of
from receivables.adapters.sap.lines import DocumentKey, ItemKey, Line
from receivables.errors import ReceivablesError
from receivables.facts import CreditMemo, DebitMemo, Fact, Invoice, Origin, Payment
from receivables.money import Money
from receivables.problems import Problem
from receivables.terms import Instalment

_ATTRIBUTES = (
    *("document_type", "assignment", "text", "special_gl", "payment_method", "payment_block"),
    *("dunning_level", "dunning_block", "dunning_area", "branch", "billing_document", "reason"),
)
_FIELDS = {
    "XBLNR": "reference",
    "ZUONR": "assignment",
    "SGTXT": "text",
    "XREF1": "reference_1",
    "XREF2": "reference_2",
    "XREF3": "reference_3",
}
Wanted = Callable[[Line], bool]


class Documents:
    """The facts that stand on their own, and which line belongs to which of them."""

    def __init__(self, account: Account) -> None:
        self.facts: list[Fact] = []
        self.problems: list[Problem] = []
        self._account = account
        self._fact_of: dict[ItemKey, tuple[str, int | None]] = {}
        self._payment_of: dict[tuple[DocumentKey, str, str], str] = {}

    def build(self, wanted: Wanted) -> None:
        """Make the facts of every document."""
        for document, lines in self._account.documents.items():
            for (customer, currency), own in _by_account(lines).items():
                self._build(document, customer, currency, own, wanted)

    def place(self, line: Line) -> tuple[str, int | None] | None:
        """Return the fact that a line is, and its instalment; None when it could not be made one."""
        return self._fact_of.get(self._account.root(line).key)

    def payment(self, line: Line) -> str | None:
        """Return the payment of the document and account that a line stands in."""
        return self._payment_of.get((line.document, line.customer, line.currency))

    def of_document(self, document: DocumentKey) -> Iterator[tuple[str, Line]]:
        """Yield each fact of a document, with one of its lines."""
        seen = set()
        for line in self._account.documents.get(document, ()):
            own = self._fact_of.get(line.key)
            name = own[0] if own else self.payment(line)
            if name is not None and name not in seen:
                seen.add(name)
                yield name, line

    def _build(
        self, document: DocumentKey, customer: str, currency: str, lines: list[Line], wanted: Wanted
    ) -> None:
        account = self._account
        paid = [line for line in lines if account.meanings[line.key] is Meaning.PAYMENT]
        money = [
            it for it in paid if not it.special_gl and not (it.debit and _is_item(account, it))
        ]
        if money:
            carried = [it for it in paid if it.debit and _is_item(account, it)]
            self._take_payment(document, customer, currency, [*money, *carried], wanted)
        items = [it for it in lines if _is_item(account, it) and it.key not in self._fact_of]
        for kind, own in _by_class(items, self._class_of).items():
            folds = kind is Invoice or (
                kind is DebitMemo and all(self._is_billed(it) for it in own)
            )
            for fold in [own] if folds else [[it] for it in own]:
                self._take(fold, kind, wanted)

    def _is_billed(self, line: Line) -> bool:
        meaning = self._account.meanings[line.key]
        return meaning is Meaning.DEBIT_MEMO and not (line.special_gl or line.invoice_reference[0])

    def _class_of(self, line: Line) -> type[Fact]:
        if line.debit:
            billed = self._account.meanings[line.key] is Meaning.INVOICE and not line.special_gl
            return Invoice if billed else DebitMemo
        is_money = self._account.meanings[line.key] is Meaning.PAYMENT and line.special_gl
        return Payment if is_money else CreditMemo  # a down payment is money on account

    def _take_payment(
        self, document: DocumentKey, customer: str, currency: str, lines: list[Line], wanted: Wanted
    ) -> None:
        """Make one payment of the money lines of a document on one account."""
        received = sum((-line.signed for line in lines), Decimal(0))
        received -= sum((line.discount for line in lines if not line.debit), Decimal(0))
        if received <= 0:
            return  # nothing was received: the document only moved what was there
        first = min(lines, key=lambda line: line.key)
        booked = sum(
            (
                -line.company_amount if line.debit else line.company_amount - line.company_discount
                for line in lines
            ),
            Decimal(0),
        )
        name = str(first.key)
        self._payment_of[document, customer, currency] = name
        for line in lines:
            if not line.debit and self._account.roles[line.key] in {Role.ITEM, Role.PARTIAL}:
                self._fact_of[line.key] = (name, None)
        if wanted(first):
            self._make(Payment, first, name, received, booked, payer=True)

    def _take(self, lines: list[Line], kind: type[Fact], wanted: Wanted) -> None:
        """Make one fact of one line, or of the instalments of an invoice."""
        lines = sorted(lines, key=lambda line: line.key)
        first = lines[0]
        many = len(lines) > 1
        for line in lines:
            self._fact_of[line.key] = (str(first.key), int(line.key.item) if many else None)
        if not wanted(first):
            return
        amount = sum((line.amount for line in lines), Decimal(0))
        booked = sum((line.company_amount for line in lines), Decimal(0))
        if kind is Payment:
            self._make(Payment, first, str(first.key), amount, booked, payer=True, on_account=True)
            return
        self._make(kind, first, str(first.key), amount, booked, **self._due(lines))

    def _due(self, lines: list[Line]) -> dict[str, Any]:
        first = lines[0]
        if len(lines) > 1:
            parts = [
                (int(it.key.item), self._due_date(it), Money(it.amount, it.currency))
                for it in lines
            ]
            return {
                "instalments": tuple(Instalment(*part) for part in parts),
                "baseline_date": base_date(first),
            }
        return {
            "due_date": self._due_date(first),
            "baseline_date": base_date(first),
            "terms": terms_of(first),
        }

    def _due_date(self, line: Line) -> date:
        """Return what the system says, or what its rules give; where both are known and differ, say so."""
        calculated = net_due_date(line)
        if line.due_date is not None and line.due_date != calculated:
            msg = f"item {line.key} is due {line.due_date} says the system; its terms give {calculated}; the system's date is kept"
            self._note("due-date-differs", msg, line.key)
        return line.due_date or calculated

    def _make(
        self,
        kind: Any,
        line: Line,
        name: str,
        amount: Decimal,
        booked: Decimal,
        *,
        payer: bool = False,
        **values: Any,
    ) -> None:
        codes, account = self._account.codes, self._account
        unknown = payer and line.customer in codes.unidentified_customers
        try:
            fact: Fact = kind(
                id=name,
                customer=None if unknown else line.customer,
                amount=Money(amount, line.currency),
                posting_date=line.posting_date,
                document_date=line.document_date,
                company_amount=_booked(booked, line),
                legal_entity=line.key.company_code,
                reference=line.reference or None,
                disputed=line.dunning_block in codes.dispute_blocks and bool(line.dunning_block),
                dispute_reason=codes.dispute_blocks.get(line.dunning_block) or None,
                attributes=self._attributes(line, account),
                origin=Origin("sap", name),
                **values,
            )
        except ReceivablesError as error:
            self._refuse(line, error.code, str(error))
            return
        self.facts.append(fact)

    def _attributes(self, line: Line, account: Account) -> tuple[tuple[str, str], ...]:
        pairs = {name: getattr(line, name) for name in _ATTRIBUTES}
        if line.refers_to is not None and line.follow_on != PARTIAL:
            pairs["invoice_reference"] = str(line.refers_to)
        if line.last_dunned is not None:
            pairs["last_dunned"] = line.last_dunned.isoformat()
        if line.terms:
            pairs["terms_key"] = line.terms
        if line.uuid:
            pairs["uuid"] = line.uuid
        elif account.codes.uuid_field is not None:
            pairs["uuid"] = getattr(line, _FIELDS[account.codes.uuid_field])
        return tuple(sorted((name, text) for name, text in pairs.items() if text))

    def _refuse(self, line: Line, code: str, message: str) -> None:
        amount = (("amount", f"{line.amount:f}"), ("currency", line.currency))
        self.problems.append(Problem(code, f"item {line.key}: {message}", str(line.key), amount))

    def _note(self, code: str, message: str, where: object) -> None:
        self.problems.append(Problem(code, message, str(where), severity="noted"))


def _by_account(lines: list[Line]) -> dict[tuple[str, str], list[Line]]:
    """Group the lines of a document by account and currency, in order."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.customer, line.currency].append(line)
    return groups


def _by_class(
    lines: list[Line], class_of: Callable[[Line], type[Fact]]
) -> dict[type[Fact], list[Line]]:
    """Group lines by the kind of fact they are; special G/L items stay apart from plain ones."""
    groups: dict[type[Fact], list[Line]] = defaultdict(list)
    for line in lines:
        groups[class_of(line)].append(line)
    return groups


def _is_item(account: Account, line: Line) -> bool:
    return account.roles[line.key] is Role.ITEM


def _booked(amount: Decimal, line: Line) -> Money | None:
    """Return the company amount where it says something: in another currency, and above zero."""
    if line.company_currency == line.currency or amount <= 0:
        return None
    return Money(amount, line.company_currency)
