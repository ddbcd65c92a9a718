"""Master data of customers in the books: what KNA1 and KNB1 hold of a customer fact, the latest of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from receivables.facts import CreditMemo, Customer, DebitMemo, Invoice, Payment
from receivables.testing.sap.books import Books, Cells
from receivables.testing.sap.settling import AnyFact, shown

SUSPENSE = "999999"
_CLERKS = {"Ana": "AN", "Bruno": "BR", "Carla": "CA", "Diego": "DI"}


def post_customers(books: Books, facts: Iterable[AnyFact]) -> list[Customer]:
    """Write master data of every customer that facts name; return the facts that must come back.

    Args:
        books: Where to.
        facts: Whose customers.
    """
    listed = list(facts)
    held: dict[str, Customer] = {}
    for fact in listed:
        if isinstance(fact, Customer):
            known = held.get(fact.id)
            held[fact.id] = fact if known is None or fact.valid_from > known.valid_from else known
    named = {
        it.customer or SUSPENSE
        for it in listed
        if isinstance(it, Invoice | DebitMemo | CreditMemo | Payment)
    }
    made = [_post(books, name, held.get(name)) for name in sorted({*held, *named})]
    return [it for it in made if it is not None]


def _post(books: Books, name: str, fact: Customer | None) -> Customer | None:
    key = name.zfill(10) if name.isdigit() else name.upper()
    general: Cells = {"KUNNR": key, "NAME1": name, "ERDAT": date(2020, 1, 1)}
    company: Cells = {"KUNNR": key, "BUKRS": books.company_code, "AKONT": "0000140000"}
    books.tables.setdefault("KNA1", []).append(general)
    books.tables.setdefault("KNB1", []).append(company)
    if fact is None:
        return None
    segment, clerk = (fact.segment or "")[:4].upper(), _CLERKS.get(fact.collector or "", "")
    general |= {
        "NAME1": fact.name,
        "LAND1": fact.country,
        "BRSCH": segment,
        "ERDAT": fact.valid_from,
    }
    company |= {"BUSAB": clerk, "KNRZE": fact.head_office, "KNRZB": fact.payer}
    return Customer(
        id=shown(name),
        valid_from=fact.valid_from,
        name=fact.name,
        country=fact.country,
        segment=segment or None,
        collector=clerk or None,
        head_office=fact.head_office,
        payer=fact.payer,
    )
