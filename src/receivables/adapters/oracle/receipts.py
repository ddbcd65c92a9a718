"""Receipts and what they and credit memos were used for, as facts: pure mapping, no network.

An application row with a positive amount is a use, one with a negative amount ends an earlier one: the latest of the same
document, instalment and amount that has not ended yet. Rows that end with their receipt are told by the receipt's reversal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from receivables.adapters.oracle import codes, wire
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.rows import AnyFact, Reading, Taken, Unreadable, reading
from receivables.facts import Adjustment, Allocation, Payment, Refund, Reversal, WriteOff
from receivables.money import Money

Row = Mapping[str, Any]


def receipt(row: Row, rules: Rules, *, on_account: bool = False) -> Reading:
    """Read a receipt, and its reversal when it was reversed.

    Args:
        row: The receipt.
        rules: What the pod does not say.
        on_account: Whether its applications put any of it on account.
    """
    taken = Taken(codes.RECEIPTS, int(row["StandardReceiptId"]), row)
    return reading(
        taken,
        lambda it: _receipt(it, rules, on_account=on_account),
        lambda: wire.money(row.get("Amount"), str(row.get("Currency"))),
    )


def on_account(rows: Sequence[Row]) -> frozenset[int]:
    """Return the receipts of which any part was put on account."""
    return frozenset(
        it["StandardReceiptId"]
        for it in rows
        if codes.application(it.get("ApplicationStatus")) == "on account"
    )


def applications(
    rows: Sequence[Row],
    *,
    child: str,
    receipts: Mapping[int, Row],
    numbers: Mapping[int, int],
    rules: Rules,
    outside: Collection[int] = (),
) -> list[Reading]:
    """Read the applications of one account, all of them, in the order of their keys.

    Args:
        rows: The applications.
        child: `standardReceiptApplications` or `creditMemoApplications`.
        receipts: The account's receipts by key.
        numbers: Number of each instalment by its key.
        rules: What the pod does not say.
        outside: Receipts or credit memos of business units that are not read; their rows are passed over.
    """
    uses = _Uses(child, receipts, numbers, rules)
    cash = child == codes.RECEIPT_APPLICATIONS
    name = "StandardReceiptId" if cash else "CreditMemoId"
    found = []
    for row in sorted(rows, key=lambda it: int(it["ApplicationId"])):
        if row.get(name) in outside:
            continue
        taken = Taken(child, int(row["ApplicationId"]), row)
        found.append(reading(taken, uses.read, lambda: _amount(row)))  # noqa: B023 - called at once
    return found


def _amount(row: Row) -> Money | None:
    amount = wire.money(row.get("ApplicationAmount"), str(row.get("EnteredCurrency")))
    return abs(amount) if amount else amount


def _receipt(it: Taken, rules: Rules, *, on_account: bool) -> tuple[AnyFact, ...]:
    currency = it.text("Currency")
    amount = it.money("Amount", currency or "")
    if not amount:
        msg = f"a receipt of {amount}; there is nothing to use"
        it.note("nothing-received", msg)
        return ()
    state = it.text("State")
    if not codes.is_known_state(state):
        msg = f"State {state!r} says neither that it stands nor that it was reversed; is the user's language English?"
        raise Unreadable("unknown-status", msg)
    posted = it.day("AccountingDate") or it.day("ReceiptDate")
    if posted is None:
        raise Unreadable(
            "no-date", "AccountingDate and ReceiptDate are null; a fact counts from a date"
        )
    reversal = _reversal(it) if codes.is_reversed(state) else ()
    payment = Payment(
        id=f"rec-{it.key}",
        customer=it.text("CustomerAccountNumber"),
        amount=amount,
        posting_date=posted,
        document_date=it.day("ReceiptDate"),
        recorded_at=it.moment("CreationDate"),
        reference=it.text("ReceiptNumber"),
        legal_entity=it.text("BusinessUnit"),
        company_amount=_booked(it, amount, rules),
        on_account=on_account,
        attributes=tuple(
            (ours, str(it.row[name]))
            for name, ours in _ATTRIBUTES.items()
            if it.text(name) is not None
        ),
        origin=it.origin(),
    )
    return (payment, *reversal)


_ATTRIBUTES = {"ReceiptMethod": "receipt_method", "CustomerSite": "site"}


def _reversal(it: Taken) -> tuple[Reversal, ...]:
    """Return the reversal; where the release does not say its day, the day the receipt was last changed."""
    day = it.day("ReversalDate")
    changed = it.moment("LastUpdateDate")
    if day is None:
        if changed is None:
            raise Unreadable(
                "reversal-undated",
                f"State {it.row.get('State')} without ReversalDate and LastUpdateDate",
            )
        day = changed.date()
        it.note(
            "reversal-undated",
            f"reversed, and ReversalDate is not said; taken as {day}, when the receipt was last changed",
        )
    made = Reversal(
        id=f"rev-rec-{it.key}",
        of=f"rec-{it.key}",
        posting_date=day,
        recorded_at=changed,
        reason=it.text("ReversalReason"),
        origin=Taken(codes.RECEIPTS, it.key, {}).origin(),
    )
    it.used.discard("LastUpdateDate")
    return (made,)


def _booked(it: Taken, amount: Money, rules: Rules) -> Money | None:
    ledger = rules.ledger_of(it.row.get("BusinessUnit"))
    if ledger is None or ledger == amount.currency:
        return None
    return it.money("AccountedAmount", ledger) or None


class _Uses:
    """Reads application rows one after the other, and remembers which uses have not ended."""

    def __init__(
        self, child: str, receipts: Mapping[int, Row], numbers: Mapping[int, int], rules: Rules
    ) -> None:
        self._cash = child == codes.RECEIPT_APPLICATIONS
        self._receipts, self._numbers, self._rules = receipts, numbers, rules
        self._standing: dict[tuple[Any, ...], list[str]] = defaultdict(list)

    def read(self, it: Taken) -> tuple[AnyFact, ...]:
        does = codes.application(it.text("ApplicationStatus"))
        if does == "unknown":
            msg = f"ApplicationStatus {it.row.get('ApplicationStatus')!r} is none we know; nothing is made of it"
            raise Unreadable("unknown-status", msg)
        amount = it.money("ApplicationAmount", it.text("EnteredCurrency") or "")
        if does in {"nothing", "on account"} or not amount:
            return ()
        owner = it.number("StandardReceiptId" if self._cash else "CreditMemoId")
        source = f"{'rec' if self._cash else 'trx'}-{owner}"
        if amount.amount < 0:
            return self._end(it, source, owner, amount)
        fact = self._use(it, does, source, owner, amount)
        self._standing[self._slot(it, abs(amount))].append(fact.id)
        return (fact,)

    def _use(self, it: Taken, does: str, source: str, owner: Any, amount: Money) -> Any:
        values: dict[str, Any] = {
            "id": f"app-{it.key}",
            "amount": amount,
            "posting_date": _day(it),
            "recorded_at": it.moment("CreationDate"),
        }
        if does == "activity":
            return self._activity(it, source, values)
        target, part = it.text("ReferenceTransactionId"), it.number("ReferenceInstallmentId")
        if target is None:
            raise Unreadable(
                "no-target",
                f"applied to no transaction; ReferenceTransactionNumber is {it.row.get('ReferenceTransactionNumber')!r}",
            )
        held = self._receipts.get(int(owner)) if self._cash else None
        if held is not None and held.get("Currency") != amount.currency:
            msg = (
                f"{amount} applied from a receipt in {held.get('Currency')}; what it takes off the receipt is not in this"
                " resource: read it from a BICC extract"
            )
            raise Unreadable("cross-currency-application", msg)
        number = None if part is None else self._numbers.get(int(part))
        if part is not None and number is None:
            it.note(
                "unknown-instalment",
                f"instalment {part} is none that was read; the application fills the oldest due first",
            )
        return Allocation(
            **values, source=source, target=f"trx-{target}", instalment=number, origin=it.origin()
        )

    def _activity(self, it: Taken, source: str, values: dict[str, Any]) -> Any:
        name = it.text("ReferenceTransactionNumber")
        if self._rules.is_refund(name):
            return Refund(**values, source=source, origin=it.origin())
        if self._rules.is_write_off(name):
            return WriteOff(**values, target=source, origin=it.origin())
        return Adjustment(**values, target=source, reason=name, origin=it.origin())

    def _end(self, it: Taken, source: str, owner: Any, amount: Money) -> tuple[AnyFact, ...]:
        standing = self._standing[self._slot(it, abs(amount))]
        if not standing:
            msg = (
                f"{amount} ends an application of {source} that was not read; nothing is made of it"
            )
            raise Unreadable("ends-nothing", msg)
        ended = standing.pop()
        if self._with_receipt(it, owner):
            return ()
        return (
            Reversal(
                id=f"app-{it.key}",
                of=ended,
                posting_date=_day(it),
                recorded_at=it.moment("CreationDate"),
                origin=it.origin(),
            ),
        )

    def _with_receipt(self, it: Taken, owner: Any) -> bool:
        """Tell whether a row ends with its receipt, whose own reversal tells it."""
        held = self._receipts.get(int(owner)) if self._cash else None
        if held is None or not codes.is_reversed(held.get("State")):
            return False
        reversed_on = wire.day(held.get("ReversalDate"))
        return reversed_on is None or _day(it) == reversed_on

    def _slot(self, it: Taken, amount: Money) -> tuple[Any, ...]:
        names = (
            "StandardReceiptId",
            "CreditMemoId",
            "ReferenceInstallmentId",
            "ReferenceTransactionNumber",
            "ApplicationStatus",
        )
        return (*(it.row.get(name) for name in names), amount)


def _day(it: Taken) -> Any:
    found = it.day("AccountingDate") or it.day("ApplicationDate")
    if found is None:
        raise Unreadable(
            "no-date", "AccountingDate and ApplicationDate are null; a fact counts from a date"
        )
    return found
