"""What the pod says each customer owes, against what its items add up to; every difference is listed.

The pod totals in ledger currency, over the account's open transactions; which of them it counts is not documented, so a
difference is a question to ask, not a fault of either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from receivables.adapters.oracle import codes, query, wire
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.scan import Item
from receivables.money import Money, total
from receivables.rounding import Rounding


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One account.

    Args:
        customer: Account number.
        reported: What the pod totals.
        items: What its open instalments and credit memos add up to, in ledger currency.
        invoices: Open instalments by key, each with what is open in ledger currency.
    """

    customer: str
    reported: Money
    items: Money
    invoices: tuple[tuple[int, Money], ...]

    @property
    def difference(self) -> Money:
        """Reported less items; nothing when they agree."""
        return self.reported - self.items


def reconcile(desk: Desk, rules: Rules) -> tuple[Reconciled, ...]:
    """Compare every account's total with its items.

    Args:
        desk: Asks the pod.
        rules: Says the ledger currency, under `*` where several ledgers share an account.
    """
    found = []
    for rows in desk.pages(codes.ACCOUNTS):
        found += [_account(desk, rules, row) for row in rows]
    return tuple(found)


def _account(desk: Desk, rules: Rules, row: Item) -> Reconciled:
    ledger = rules.ledger_of("*") or next(iter(rules.ledger_currency.values()))
    key = row["AccountId"]
    finder = desk.window_finder(codes.SCHEDULES) or ""
    schedules = desk.children(codes.ACCOUNTS, key, codes.SCHEDULES, finder=finder)
    opened = [it for it in schedules if wire.number(it.get("TotalBalanceAmount"))]
    foreign = {it["TransactionId"] for it in opened if it.get("EnteredCurrency") != ledger}
    booked: dict[int, Money] = {}
    for trx in sorted(foreign):
        for part in desk.children(codes.INVOICES, trx, codes.INSTALMENTS):
            booked[part["InstallmentId"]] = wire.money(
                part.get("AccountedBalanceDue"), ledger
            ) or Money.zero(ledger)
    invoices = tuple(
        (
            it["InstallmentId"],
            booked.get(it["InstallmentId"])
            or Money(wire.number(it["TotalBalanceAmount"]) or 0, ledger),
        )
        for it in opened
    )
    memos = [_memo(it, ledger) for it in _memos(desk, str(row.get("AccountNumber")))]
    reported = wire.money(row.get("TotalOpenReceivablesForAccount"), ledger) or Money.zero(ledger)
    items = total((amount for _, amount in invoices), ledger) + total(memos, ledger)
    return Reconciled(str(row.get("AccountNumber")), reported, items, invoices)


def _memos(desk: Desk, number: str) -> list[Item]:
    return desk.rows(codes.CREDIT_MEMOS, query.Where("BillToCustomerNumber", "=", number))


def _memo(row: Item, ledger: str) -> Money:
    balance, rate = (
        wire.number(row.get("TransactionBalanceDue")) or Decimal(0),
        wire.number(row.get("ConversionRate")),
    )
    return Money.rounded(balance * (Decimal(1) if rate is None else rate), ledger, Rounding.HALF_UP)
