"""An application that embeds the library: it keeps the facts, the library answers questions about them.

A desk for one small company. A payment is booked, an unclear one is allocated by hand, an allocation that takes too much is
refused with the reason, and the open items and the aging are asked for at the end of the month.
Run it: python examples/embed_app.py
"""

from __future__ import annotations

from datetime import date

import receivables as ar


class Desk:
    """What an application needs: a place for the facts, and commands that add to them.

    The subledger is a value. Each command makes a new one; the old one still answers as before.
    Where the facts are kept between two runs is the application's business: a table with one row a fact is enough.
    """

    def __init__(self) -> None:
        self.books = ar.Subledger()
        self._last = 0

    def bill(self, customer: str, amount: str, on: date, terms: str) -> ar.Invoice:
        invoice = ar.Invoice(
            id=self._next("F"),
            customer=customer,
            amount=ar.Money(amount, "MXN"),
            posting_date=on,
            terms=ar.PaymentTerms.parse(terms),
        )
        self.books = self.books.with_facts([invoice])
        return invoice

    def receive(self, customer: str, amount: str, on: date, reference: str) -> ar.Payment:
        payment = ar.Payment(
            id=self._next("R"),
            customer=customer,
            amount=ar.Money(amount, "MXN"),
            posting_date=on,
            reference=reference,
        )
        self.books = self.books.with_facts([payment])
        return payment

    def allocate(self, payment: ar.Payment, invoice: ar.Invoice, amount: str, on: date) -> None:
        allocation = ar.Allocation(
            id=self._next("A"),
            source=payment.id,
            target=invoice.id,
            amount=ar.Money(amount, "MXN"),
            posting_date=on,
        )
        self.books = self.books.with_facts([allocation])

    def _next(self, letter: str) -> str:
        self._last += 1
        return f"{letter}-{self._last:03}"


def main() -> None:
    desk = Desk()
    january = desk.bill("C001", "11600.00", date(2026, 1, 10), "net 30")
    february = desk.bill("C001", "5800.00", date(2026, 2, 15), "2/10 net 30")
    desk.bill("C002", "2320.00", date(2026, 3, 20), "net 30")
    payment = desk.receive("C001", "15000.00", date(2026, 3, 5), "SPEI 4711")

    # By hand: the clerk reads the bank text and says what was paid.
    desk.allocate(payment, january, "11600.00", date(2026, 3, 5))
    try:
        desk.allocate(payment, february, "5800.00", date(2026, 3, 5))
    except ar.ReceivablesError as error:
        print(f"refused: {error}\n")
        desk.allocate(payment, february, "3400.00", date(2026, 3, 5))

    as_of = date(2026, 3, 31)
    for item in desk.books.open_items(as_of=as_of):
        print(item)
    print()
    report = ar.age(desk.books.open_items(as_of=as_of))
    print(report, end="\n\n")
    print(report.explain("C001", "1-30"), end="\n\n")

    # The same question for an earlier day: the payment of March does not touch it.
    print(desk.books.explain(january.id, as_of=date(2026, 2, 28)))


if __name__ == "__main__":
    main()
