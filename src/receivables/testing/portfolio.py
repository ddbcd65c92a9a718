"""Realistic receivables from a seed: what a company's subledger looks like, without being anyone's.

The same arguments give the same facts on every machine and every version of Python: chance is drawn as whole numbers
from `random.Random.random` alone, and amounts never pass through a float. Every portfolio obeys every law; what real
files do wrong is added when it is written as rows (see `dirt`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from receivables.facts import Customer, Fact
from receivables.testing import dirt as dirty
from receivables.testing.chance import Chance
from receivables.testing.history import Account, History


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Facts of a made-up company, and the rows a source would give of them.

    Args:
        facts: Customers first, then documents and uses customer by customer; they obey every law.
        first_day: First posting date.
        last_day: Last posting date; the natural as-of date.
        seed: What they were drawn from.
        dirt: What is wrong with its rows.
    """

    facts: tuple[Fact | Customer, ...]
    first_day: date
    last_day: date
    seed: int
    dirt: tuple[str, ...] = ()

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield the facts table as a source would write it, in text, with the dirt asked for."""
        return dirty.rows(self.facts, self.dirt, self.seed)

    def write(self, path: str | Path) -> int:
        """Write the rows as a text table and return how many there are.

        Args:
            path: The file; the ending says the format, .csv or .tsv.

        Raises:
            UnreadableSource: For another ending.
        """
        return dirty.write(Path(path), self.rows())


def make_portfolio(
    customers: int = 40,
    invoices: int = 1000,
    seed: int = 1,
    *,
    dirt: Collection[str] = (),
    last_day: date = date(2026, 3, 31),
    months: int = 18,
) -> Portfolio:
    """Make a portfolio of about two and a half facts an invoice.

    Invoices on usual terms, some in instalments or disputed; payments on time, late, short, over, in bulk, on account
    or of unknown payers; credit memos, cash discounts, write-offs, refunds, bounced payments and cancelled invoices;
    several currencies with the amounts booked; payers, head offices and customers that change segment.

    Args:
        customers: How many customers, at least one.
        invoices: How many invoices and debit memos.
        seed: Another seed, another company.
        dirt: What the rows do wrong, names of `dirt.KINDS`; the facts themselves stay the same.
        last_day: Last posting date.
        months: Length of the history, counted in months of 30 days.

    >>> portfolio = make_portfolio(customers=3, invoices=10, seed=7)
    >>> portfolio.facts == make_portfolio(customers=3, invoices=10, seed=7).facts
    True
    """
    wanted = dirty.check(dirt)
    first_day = last_day - timedelta(days=30 * months)
    chance = Chance(seed)
    accounts = [Account.draw(chance, number, first_day) for number in range(1, customers + 1)]
    facts: list[Fact | Customer] = [
        fact for account in accounts for fact in account.masters(chance, accounts)
    ]
    share = [invoices // customers + (number < invoices % customers) for number in range(customers)]
    for account, count in zip(accounts, share, strict=True):
        facts += History(chance, account, first_day, last_day).draw(count)
    return Portfolio(tuple(facts), first_day, last_day, seed, wanted)
