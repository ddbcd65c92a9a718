"""What a provision and the measures of a period cost, against listing the open items they rest on.

Usage: python bench/provisions.py [INVOICES]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from time import process_time

from receivables import Buckets, Subledger
from receivables.metrics import forecast_cash, measure_kpis, time_to_pay
from receivables.provisions import (
    ProvisionMatrix,
    ProvisionPolicy,
    measure_provision,
    migration_matrix,
    month_ends,
)
from receivables.testing import make_portfolio


def main(invoices: int) -> None:
    portfolio = make_portfolio(customers=max(invoices // 50, 1), invoices=invoices, seed=3)
    books, day = Subledger.of(portfolio.facts), portfolio.last_day
    items = books.open_items(as_of=day)
    rates = {"current": "0.01", "1-90": "0.1", ">90": "0.5", "undated": "0.3"}
    policy = ProvisionPolicy(ProvisionMatrix.of(rates))
    ends, edges = month_ends(day - timedelta(days=92), day), Buckets.of(0, 30, 60, 90)
    print(f"{len(portfolio.facts):,} facts, {len(items):,} open items; seconds of processor time\n")
    for name, question in (
        ("open items", lambda: books.open_items(as_of=day)),
        ("provision", lambda: measure_provision(items, policy)),
        ("measures", lambda: measure_kpis(books, start=first(day), as_of=day, currency="MXN")),
        ("migration, four month ends", lambda: migration_matrix(books, ends, buckets=edges, currency="MXN")),
        ("forecast, 13 weeks", lambda: forecast_cash(items, time_to_pay(books, as_of=day))),
    ):  # fmt: skip
        print(f"{name:<28}{seconds(question):>8.2f}")


def first(day: date) -> date:
    return day.replace(month=1, day=1)


def seconds(question: Callable[[], object]) -> float:
    start = process_time()
    question()
    return process_time() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
