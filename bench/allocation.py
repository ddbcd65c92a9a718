"""Payments led to open items: throughput of the default policy, of its exact and reference rules alone, and of a naive loop.

100,000 payments, 300,000 open items, 20,000 customers, one process. The naive loop is what a competent developer writes: items
by customer, then number in the text, then exact amount, then oldest first, on plain dicts with decimals and no reasons.

With the Python of an environment that holds python-accounting, the customers with the first 20 payments are also allocated by it,
oldest document first, beside our preset of its name: the same data, and the same number of allocations or the run stops.

Usage: python bench/allocation.py [PAYMENTS ITEMS CUSTOMERS] [--peer PYTHON]
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from receivables import AllocationPolicy, Invoice, Money, OpenItem, Payment, propose_allocations

AS_OF = date(2026, 6, 30)
SIZES = (100_000, 300_000, 20_000)
FOR_PEER = 20  # payments: each costs the peer a query over its whole ledger


def make(payments: int, items: int, customers: int) -> tuple[list[Payment], list[OpenItem]]:
    """Make invoices, and payments of which 45% name one, 35% equal one, 10% sum two and 10% are anything."""
    draw = random.Random(11)
    by_customer: dict[str, list[OpenItem]] = defaultdict(list)
    listed = []
    for number in range(items):
        customer = f"C{draw.randrange(customers):05d}"
        posted = AS_OF - timedelta(days=draw.randrange(1, 200))
        amount = Money.from_minor(draw.randrange(1_000, 5_000_000), "MXN")
        invoice = Invoice(
            id=f"F-{number:07d}", customer=customer, amount=amount, posting_date=posted,
            due_date=posted + timedelta(days=30),
        )  # fmt: skip
        item = OpenItem(invoice.id, invoice, AS_OF, invoice.due_date, amount, amount)
        listed.append(item)
        by_customer[customer].append(item)
    names = sorted(by_customer)
    free = {name: draw.sample(held, len(held)) for name, held in by_customer.items()}
    made = []
    for number in range(payments):
        name = names[number % len(names)]
        text, amount = "TRANSFERENCIA SPEI", None
        kind = draw.random()
        if free[name] and kind < 0.45:
            item = free[name].pop()
            text, amount = f"PAGO FACTURA {item.id} GRACIAS", item.open_amount
        elif free[name] and kind < 0.8:
            amount = free[name].pop().open_amount
        elif len(free[name]) > 1 and kind < 0.9:
            amount = free[name].pop().open_amount + free[name].pop().open_amount
        amount = amount or Money.from_minor(draw.randrange(1_000, 5_000_000), "MXN")
        made.append(
            Payment(
                id=f"R-{number:06d}",
                customer=name,
                amount=amount,
                posting_date=AS_OF,
                reference=text,
            )
        )
    return made, listed


def naive(payments: list[dict[str, object]], items: list[dict[str, object]]) -> int:
    """Allocate the way of an afternoon's script."""
    by_customer: dict[object, list[dict[str, object]]] = defaultdict(list)
    for item in sorted(items, key=lambda it: (it["due"], it["id"])):
        by_customer[item["customer"]].append(item)
    done = 0
    for payment in payments:
        left: Decimal = payment["amount"]
        held = by_customer[payment["customer"]]
        chosen = [it for it in held if it["open"] and it["id"] in payment["text"]]
        chosen = chosen or [it for it in held if it["open"] == left][:1]
        for item in chosen or held:
            part = min(left, item["open"])
            if part > 0:
                item["open"] -= part
                left -= part
                done += 1
            if not left:
                break
    return done


def beside(python: str, payments: list[Payment], items: list[OpenItem]) -> None:
    """Time python-accounting and our preset of its name on the same few customers."""
    names = {it.customer for it in payments[:FOR_PEER]}
    few = sorted((it for it in payments if it.customer in names), key=lambda it: it.id)
    open_items = [it for it in items if it.customer in names]
    policy = AllocationPolicy.preset("python-accounting")
    print(
        f"\n{len(few):,} payments, {len(open_items):,} open items, {len(names):,} customers, oldest document first"
    )
    ours = timed(
        policy.name + ", our preset",
        len(few),
        lambda: len(propose_allocations(few, open_items, policy=policy).lines),
    )
    oldest = sorted(open_items, key=lambda it: (it.document_date, it.due_date, it.id))
    data = {
        "items": [
            [it.customer, str(it.open_amount.amount), len(oldest) - place]
            for place, it in enumerate(oldest)
        ],
        "payments": [[it.customer, str(it.amount.amount), 0] for it in few],
    }
    script = Path(__file__).parent / "peers" / "receipts.py"
    done = subprocess.run(
        [python, str(script)],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said = json.loads(done.stdout)
    if "absent" in said:
        print(f"python-accounting: left out, {said['absent']}")
        return
    print(
        line(
            "python-accounting 2.0.0, SQLite in memory",
            len(few),
            said["seconds"],
            said["allocations"],
        )
    )
    if said["allocations"] != ours:
        raise SystemExit(f"{ours} allocations here, {said['allocations']} there: not the same work")


def timed(title: str, count: int, work: Callable[[], int]) -> int:
    gc.collect()
    gc.freeze()  # what was made before is not this run's to look through again
    start = time.process_time()
    done = work()
    spent = time.process_time() - start
    gc.unfreeze()
    print(line(title, count, spent, done))
    return done


def line(title: str, count: int, spent: float, done: int) -> str:
    return f"{title:44} {spent:7.2f} s {count / spent:10,.0f} payments/s {done:9,} allocations"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--peer", help="the Python of an environment with python-accounting")
    options = parser.parse_args()
    sizes = tuple(options.sizes)
    payments, items = make(*sizes)
    print("{:,} payments, {:,} open items, {:,} customers".format(*sizes))
    plain = [
        {"customer": it.customer, "amount": it.amount.amount, "text": it.reference}
        for it in payments
    ]
    open_items = [
        {"customer": it.customer, "id": it.id, "due": it.due_date, "open": it.open_amount.amount}
        for it in items
    ]
    timed("naive loop, no reasons, nothing to post", len(plain), lambda: naive(plain, open_items))
    strong = AllocationPolicy(("reference", "exact"))
    for title, policy in (("reference and exact", strong), ("default policy", AllocationPolicy())):
        timed(
            title,
            len(payments),
            lambda policy=policy: len(propose_allocations(payments, items, policy=policy).lines),
        )
    if options.peer:
        beside(options.peer, payments, items)
    else:
        print(
            "\npython-accounting: left out; give --peer with the Python of an environment that holds it"
        )


if __name__ == "__main__":
    main()
