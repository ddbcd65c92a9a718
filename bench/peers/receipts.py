"""Receipts assigned to invoices by python-accounting 2.0.0 (MIT), oldest first, in SQLite in memory.

Run by `bench/allocation.py --peer PYTHON` in an environment of its own: it is no dependency of this project. Its metadata asks
for drivers of MySQL and PostgreSQL, which SQLite does not need: `pip install --no-deps python-accounting==2.0.0`, then
`pip install sqlalchemy python-dateutil`. Reads JSON from standard input and writes JSON to standard output; only the assigning is timed.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from datetime import datetime, timedelta
from typing import Any


def main() -> None:
    given = json.load(sys.stdin)
    try:
        import sqlalchemy
        from python_accounting.database.session import get_session
        from python_accounting.models import Base
    except ImportError as error:
        print(json.dumps({"absent": f"{error.name} is not installed for {sys.executable}"}))
        return
    warnings.simplefilter("ignore")
    engine = sqlalchemy.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with get_session(engine) as session:
        receipts = _books(session, given)
        start = time.process_time()
        for receipt in receipts:
            receipt.bulk_assign(session)
        spent = time.process_time() - start
        made = sum(len(receipt.assignments(session)) for receipt in receipts)
    print(json.dumps({"seconds": spent, "allocations": made}))


def _books(session: Any, given: dict[str, Any]) -> list[Any]:
    """Post the invoices and the receipts, and return the receipts in their order."""
    from python_accounting.models import Account, Currency, Entity
    from python_accounting.transactions import ClientInvoice, ClientReceipt

    entity = Entity(name="Company")
    session.add(entity)
    session.flush()
    currency = Currency(name="Pesos", code="MXN", entity_id=entity.id)
    session.add(currency)
    session.commit()

    def account(name: str, kind: Any) -> Any:
        made = Account(name=name, account_type=kind, currency_id=currency.id, entity_id=entity.id)
        session.add(made)
        session.flush()
        return made

    bank = account("Bank", Account.AccountType.BANK)
    sales = account("Sales", Account.AccountType.OPERATING_REVENUE)
    clients: dict[str, Any] = {}
    # It takes documents of its reporting period only, the current year: the seconds of New Year's Day, in the data's order.
    newest = datetime(entity.reporting_period.calendar_year, 1, 1, 12)  # noqa: DTZ001 - as its own dates
    receipts = []
    for kind, lines in ((ClientInvoice, given["items"]), (ClientReceipt, given["payments"])):
        for customer, amount, age in lines:
            if customer not in clients:
                clients[customer] = account(customer, Account.AccountType.RECEIVABLE)
            made = kind(
                narration="line",
                transaction_date=newest - timedelta(seconds=age),
                account_id=clients[customer].id,
                entity_id=entity.id,
            )
            _post(session, made, sales if kind is ClientInvoice else bank, amount, entity.id)
            if kind is ClientReceipt:
                receipts.append(made)
    session.commit()
    return receipts


def _post(session: Any, document: Any, against: Any, amount: str, entity: int) -> None:
    from decimal import Decimal

    from python_accounting.models import LineItem

    session.add(document)
    session.flush()
    line = LineItem(
        narration="line", account_id=against.id, amount=Decimal(amount), entity_id=entity
    )
    session.add(line)
    session.flush()
    document.line_items.add(line)
    session.add(document)
    document.post(session)


if __name__ == "__main__":
    main()
