"""The small tables beside a folder of XML: payments received or to state, states SAT gave, taxpayers as SAT has them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from receivables.cfdi.documents import Comprobante
from receivables.cfdi.matching import Received
from receivables.cfdi.means import MEANS, paid_by
from receivables.cfdi.registers import KnownTaxpayers, Taxpayer
from receivables.cfdi.status import State
from receivables.errors import ReceivablesError, UnreadableSource
from receivables.facts import Allocation, Fact, Payment
from receivables.money import Money

_RECEIVED = ("ref", "date", "invoice_uuid", "amount")
_STATED = ("payment_id", "date", "amount", "currency", "forma_de_pago", "invoice_uuid", "paid")


@dataclass(frozen=True, slots=True)
class ToState:
    """Payments to state in a complement, and what they pay."""

    payments: tuple[Payment, ...]
    allocations: tuple[Allocation, ...]


def read_received(path: Path, documents: Iterable[Comprobante] = ()) -> tuple[Received, ...]:
    """Read a table of payments received: ref, date, invoice_uuid, amount, and currency where it is not the invoice's.

    Args:
        path: A CSV file.
        documents: The invoices, for their currencies; pesos where an invoice is not known.

    Raises:
        UnreadableSource: When a column is missing or a row cannot be read; the message names the line.
    """
    currencies = {it.uuid: it.moneda for it in documents if it.tipo_de_comprobante != "P"}
    found: list[Received] = []
    for line, row in _rows(path, _RECEIVED):
        uuid = row["invoice_uuid"].upper()
        currency = row.get("currency") or currencies.get(uuid, "MXN")
        with _at(path, line):
            found.append(
                Received(
                    reference=row["ref"],
                    day=_day(row["date"]),
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


def read_states(path: Path) -> dict[str, State]:
    """Read a table of states: uuid, estado (Vigente, Cancelado, No Encontrado).

    Raises:
        UnreadableSource: When a column is missing or a state is none of SAT's.
    """
    known = {it.value.lower(): it for it in State}
    found: dict[str, State] = {}
    for line, row in _rows(path, ("uuid", "estado")):
        state = known.get(row["estado"].strip().lower())
        if state is None:
            msg = f"{path.name}:{line}: state {row['estado']!r} is none of {', '.join(it.value for it in State)}"
            raise UnreadableSource(msg)
        found[row["uuid"].strip().upper()] = state
    return found


def read_taxpayers(path: Path) -> KnownTaxpayers:
    """Read a table of what SAT has on file of taxpayers: rfc, nombre, codigo_postal.

    Raises:
        UnreadableSource: When a column is missing or the file is no CSV.
    """
    return KnownTaxpayers(
        {
            row["rfc"].upper(): Taxpayer(row["nombre"], row["codigo_postal"])
            for _, row in _rows(path, ("rfc", "nombre", "codigo_postal"))
        }
    )


def read_to_state(path: Path) -> ToState:
    """Read payments to state in a complement: one row for each payment and invoice.

    Columns: payment_id, date, amount, currency, forma_de_pago, invoice_uuid, paid (in the invoice's currency, with
    paid_currency where it is not the payment's) and taken (in the payment's), tipo_cambio, hora, and the bank data by
    their names.

    Raises:
        UnreadableSource: When a column is missing, a row cannot be read, or there is none; the message names the line.
    """
    payments: dict[str, Payment] = {}
    allocations: list[Allocation] = []
    for line, row in _rows(path, _STATED):
        with _at(path, line):
            day = _day(row["date"])
            payment = Payment(
                id=row["payment_id"],
                amount=Money(row["amount"], row["currency"]),
                posting_date=day,
                attributes=paid_by(
                    row["forma_de_pago"],
                    tipo_cambio=row.get("tipo_cambio") or None,
                    hora=row.get("hora") or None,
                    **{name: row.get(name) or None for name in MEANS},
                ),
            )
            if payments.setdefault(payment.id, payment) != payment:
                msg = f"payment {payment.id} says something else than in an earlier row; repeat it unchanged"
                raise UnreadableSource(msg)
            currency = row.get("paid_currency") or row["currency"]
            taken = row.get("taken")
            allocations.append(
                Allocation(
                    id=f"{payment.id}/{line}",
                    source=payment.id,
                    target=row["invoice_uuid"].upper(),
                    amount=Money(row["paid"], currency),
                    source_amount=Money(taken, row["currency"]) if taken else None,
                    posting_date=day,
                )
            )
    if not payments:
        msg = f"{path.name}: it has no payment; write a row for each payment and invoice"
        raise UnreadableSource(msg)
    return ToState(tuple(payments.values()), tuple(allocations))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no date; write it like 2026-07-20"
        raise UnreadableSource(msg) from None


def _rows(path: Path, needed: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                msg = f"{path.name}: columns {', '.join(missing)} are missing; there are {', '.join(reader.fieldnames or ())}"
                raise UnreadableSource(msg)
            for row in reader:
                yield (
                    reader.line_num,
                    {name: (value or "").strip() for name, value in row.items() if name},
                )
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{path.name}: it is no CSV file in UTF-8 ({error}); save it again as CSV UTF-8"
        raise UnreadableSource(msg) from None


class _at:  # noqa: N801 - reads as a word
    """Names the line of what goes wrong inside."""

    def __init__(self, path: Path, line: int) -> None:
        self._place = f"{path.name}:{line}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ReceivablesError | ValueError):
            msg = f"{self._place}: {error}"
            raise UnreadableSource(msg) from None
