"""What the pod says each customer, and each of its sites, owes, against what its items add up to; every difference is listed.

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
    """One account, or one of its sites.

    Args:
        customer: Account number.
        reported: What the pod totals.
        items: What its open instalments and credit memos add up to, in ledger currency.
        invoices: Open instalments by key, each with what is open in ledger currency.
        site: Number of the site; empty for the account.
    """

    customer: str
    reported: Money
    items: Money
    invoices: tuple[tuple[int, Money], ...]
    site: str = ""

    @property
    def difference(self) -> Money:
        """Reported less items; nothing when they agree."""
        return self.reported - self.items


@dataclass(frozen=True, slots=True)
class Reported:
    """Whose total the pod says, and the total as it came."""

    customer: str
    site: str
    total: object


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


def reconcile_sites(desk: Desk, rules: Rules) -> tuple[Reconciled, ...]:
    """Compare every site's total with its items; a credit memo that names no site stands at none.

    Args:
        desk: Asks the pod.
        rules: Says the ledger currency, under `*` where several ledgers share an account.
    """
    return tuple(_site(desk, rules, row) for rows in desk.pages(codes.SITES) for row in rows)


def _account(desk: Desk, rules: Rules, row: Item) -> Reconciled:
    customer = str(row.get("AccountNumber"))
    schedules = _schedules(desk, codes.ACCOUNTS, row["AccountId"])
    memos = desk.rows(codes.CREDIT_MEMOS, query.Where("BillToCustomerNumber", "=", customer))
    reported = row.get("TotalOpenReceivablesForAccount")
    return _compared(desk, rules, Reported(customer, "", reported), schedules, memos)


def _site(desk: Desk, rules: Rules, row: Item) -> Reconciled:
    customer, site = str(row.get("AccountNumber")), str(row.get("BillToSiteNumber"))
    schedules = _schedules(desk, codes.SITES, row["BillToSiteUseId"])
    here = [it for it in schedules if it.get("BillToSiteNumber") in (None, site)]
    where = (
        query.Where("BillToCustomerNumber", "=", customer),
        query.Where("BillToSite", "=", site),
    )
    memos = desk.rows(codes.CREDIT_MEMOS, query.All(where))
    reported = row.get("TotalOpenReceivablesForSite")
    return _compared(desk, rules, Reported(customer, site, reported), here, memos)


def _schedules(desk: Desk, resource: str, key: int) -> list[Item]:
    finder = desk.window_finder(codes.SCHEDULES, resource) or ""
    return desk.children(resource, key, codes.SCHEDULES, finder=finder)


def _compared(
    desk: Desk, rules: Rules, told: Reported, schedules: list[Item], credits: list[Item]
) -> Reconciled:
    ledger = rules.ledger_of("*") or next(iter(rules.ledger_currency.values()))
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
    memos = [_memo(it, ledger) for it in credits]
    reported = wire.money(told.total, ledger) or Money.zero(ledger)
    items = total((amount for _, amount in invoices), ledger) + total(memos, ledger)
    return Reconciled(told.customer, reported, items, invoices, told.site)


def _memo(row: Item, ledger: str) -> Money:
    balance, rate = (
        wire.number(row.get("TransactionBalanceDue")) or Decimal(0),
        wire.number(row.get("ConversionRate")),
    )
    return Money.rounded(balance * (Decimal(1) if rate is None else rate), ledger, Rounding.HALF_UP)
