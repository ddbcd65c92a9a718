"""The small tables beside a folder of XML: payments received or to state, states SAT gave, taxpayers as SAT has them.

Which columns they have stands here, and what their rows mean; `receivables.adapters.csv.read_rows` reads them from files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from receivables.cfdi.documents import Comprobante
from receivables.cfdi.matching import Received
from receivables.cfdi.means import MEANS, paid_by
from receivables.cfdi.registers import KnownTaxpayers, Taxpayer
from receivables.cfdi.status import State
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.facts import Allocation, Fact, Payment
from receivables.money import Money
from receivables.schema import Column, Table

RECEIVED = Table(
    "received",
    (
        Column("ref", "text", "Our name of the payment", required=True),
        Column("date", "date", "When it was received", required=True),
        Column("invoice_uuid", "text", "The invoice it paid", required=True),
        Column("amount", "amount", "How much of it", required=True),
        Column("currency", "currency", "The invoice's when empty"),
    ),
)
STATES = Table(
    "states",
    (
        Column("uuid", "text", "The document", required=True),
        Column("estado", "text", "Vigente, Cancelado or No Encontrado, as SAT says", required=True),
    ),
)
TAXPAYERS = Table(
    "taxpayers",
    (
        Column("rfc", "text", "Tax number", required=True),
        Column("nombre", "text", "The name SAT has on file"),
        Column("codigo_postal", "text", "The postal code SAT has on file"),
    ),
)
TO_STATE = Table(
    "to state",
    (
        Column("payment_id", "text", "Our name of the payment; one row for each invoice it pays", required=True),
        Column("date", "date", "When it was received", required=True),
        Column("amount", "amount", "All of it", required=True),
        Column("currency", "currency", "Of the payment", required=True),
        Column("forma_de_pago", "text", "Key of c_FormaPago", required=True),
        Column("invoice_uuid", "text", "The invoice it pays", required=True),
        Column("paid", "amount", "How much of the invoice, in the invoice's currency", required=True),
        Column("paid_currency", "currency", "The invoice's, where it is not the payment's"),
        Column("taken", "amount", "How much of the payment that takes, where the currencies differ"),
        Column("tipo_cambio", "text", "Pesos for one unit of the payment's currency"),
        Column("hora", "text", "Time of the payment; noon when empty"),
        *(Column(name, "text", "Bank data of the complement") for name in MEANS),
    ),
)  # fmt: skip

Rows = Iterable[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class ToState:
    """Payments to state in a complement, and what they pay."""

    payments: tuple[Payment, ...]
    allocations: tuple[Allocation, ...]


def received_in(rows: Rows, documents: Iterable[Comprobante] = ()) -> tuple[Received, ...]:
    """Return the payments received that a table of `RECEIVED` lists.

    Args:
        rows: Each with its place, as `receivables.adapters.csv.read_rows` gives them.
        documents: The invoices, for their currencies; pesos where an invoice is not known.

    Raises:
        UnreadableSource: When a row says no payment; the message names its line.
    """
    currencies = {it.uuid: it.moneda for it in documents if it.tipo_de_comprobante != "P"}
    found: list[Received] = []
    for place, row in rows:
        uuid = row["invoice_uuid"].upper()
        currency = row.get("currency") or currencies.get(uuid, "MXN")
        with _at(place):
            found.append(
                Received(
                    reference=row["ref"],
                    day=row["date"],
                    invoice=uuid,
                    amount=Money(row["amount"], currency),
                )
            )
    return tuple(found)


def received_of(facts: Iterable[Fact]) -> tuple[Received, ...]:
    """Return what the payments of a subledger paid of which invoice, by UUID: its allocations from payments."""
    listed = tuple(facts)
    payments = {it.id: it for it in listed if isinstance(it, Payment)}
    return tuple(
        Received(
            reference=payments[it.source].reference or it.source,
            day=payments[it.source].posting_date,
            invoice=it.target.upper(),
            amount=it.amount,
        )
        for it in listed
        if isinstance(it, Allocation) and it.source in payments
    )


def states_in(rows: Rows) -> dict[str, State]:
    """Return the state of each document that a table of `STATES` lists.

    Raises:
        UnreadableSource: When a state is none of SAT's.
    """
    known = {it.value.lower(): it for it in State}
    found: dict[str, State] = {}
    for place, row in rows:
        state = known.get(row["estado"].lower())
        if state is None:
            msg = f"{place}: estado {row['estado']!r} is none of {', '.join(it.value for it in State)}; write it as SAT does"
            raise UnreadableSource(msg)
        found[row["uuid"].upper()] = state
    return found


def taxpayers_in(rows: Rows) -> KnownTaxpayers:
    """Return what SAT has on file of the taxpayers that a table of `TAXPAYERS` lists."""
    return KnownTaxpayers(
        {
            row["rfc"].upper(): Taxpayer(row.get("nombre") or "", row.get("codigo_postal") or "")
            for _, row in rows
        }
    )


def to_state(rows: Rows, documents: Iterable[Comprobante] = ()) -> ToState:
    """Return the payments to state in a complement that a table of `TO_STATE` lists, a row for each payment and invoice.

    Args:
        rows: Each with its place, as `receivables.adapters.csv.read_rows` gives them.
        documents: The invoices, to say of a row in another currency than its invoice which columns are missing.

    Raises:
        UnreadableSource: When a row says nothing that can be stated, or there is none; the message names its line.
    """
    currencies = {it.uuid: it.moneda for it in documents if it.uuid is not None}
    payments: dict[str, Payment] = {}
    allocations: list[Allocation] = []
    for number, (place, row) in enumerate(rows, start=1):
        with _at(place):
            payment = _payment(row)
            if payments.setdefault(payment.id, payment) != payment:
                msg = f"payment {payment.id} says something else than in an earlier row; repeat it unchanged"
                raise UnreadableSource(msg)
            allocations.append(_allocation(row, payment, number, currencies))
    if not payments:
        msg = "the table has no payment; write a row for each payment and invoice"
        raise UnreadableSource(msg)
    return ToState(tuple(payments.values()), tuple(allocations))


def _payment(row: Mapping[str, Any]) -> Payment:
    return Payment(
        id=row["payment_id"],
        amount=Money(row["amount"], row["currency"]),
        posting_date=row["date"],
        attributes=paid_by(
            row["forma_de_pago"],
            tipo_cambio=row.get("tipo_cambio"),
            hora=row.get("hora"),
            **{name: row.get(name) for name in MEANS},
        ),
    )


def _allocation(
    row: Mapping[str, Any], payment: Payment, number: int, currencies: Mapping[str, str]
) -> Allocation:
    uuid, taken = row["invoice_uuid"].upper(), row.get("taken")
    currency = row.get("paid_currency") or row["currency"]
    wanted = currencies.get(uuid, currency)
    if currency != wanted:
        msg = (
            f"paid {row['paid']:f} {currency} is not in {wanted}, the currency of invoice {uuid}; write paid in {wanted},"
            f" {wanted} in paid_currency, and what that takes of the payment, in {row['currency']}, in taken"
        )
        raise UnreadableSource(msg)
    if currency != row["currency"] and taken is None:
        msg = f"paid is in {currency} and the payment in {row['currency']}; write in taken how much of the payment it takes"
        raise UnreadableSource(msg)
    return Allocation(
        id=f"{payment.id}/{number}",
        source=payment.id,
        target=uuid,
        amount=Money(row["paid"], currency),
        source_amount=None if taken is None else Money(taken, row["currency"]),
        posting_date=payment.posting_date,
    )


class _at:  # noqa: N801 - reads as a word
    """Names the line of what goes wrong inside."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ReceivablesError | ValueError):
            msg = f"{self._place}: {error}"
            raise UnreadableSource(msg) from None
