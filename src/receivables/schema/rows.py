"""Facts as rows of the facts table and back, without loss.

Rows hold typed cells (text, `date`, `Decimal`, `int`, `bool`, aware `datetime`) or None; reading text into cells is the
business of an adapter. Due dates and instalments that the terms themselves give are written out, for those who only
look at the table, and recognised when read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from receivables.errors import UnreadableFact
from receivables.facts import (
    KINDS,
    CreditMemo,
    Customer,
    DebitMemo,
    Fact,
    Invoice,
    Origin,
    TaxLine,
)
from receivables.money import Money
from receivables.schema import CUSTOMERS
from receivables.terms import Instalment, PaymentTerms

Cell = Any
Row = Mapping[str, Cell]


def to_rows(fact: Fact) -> tuple[dict[str, Cell], ...]:
    """Return a fact as rows of the facts table: one, or one for each of several instalments.

    Columns that do not apply are absent; attributes stand under their own names.

    >>> from datetime import date
    >>> [row["due_date"] for row in to_rows(Invoice(id="F-1", customer="C1", amount=Money("100.00", "MXN"),
    ...     posting_date=date(2026, 1, 1), terms=PaymentTerms.parse("50% net 30, 50% net 60")))]
    [datetime.date(2026, 1, 31), datetime.date(2026, 3, 2)]
    """
    row: dict[str, Cell] = {"kind": fact.kind}
    for name in (field.name for field in fields(fact)):
        _write(row, name, getattr(fact, name))
    own = _own_columns(type(fact))
    row.update(
        (f"{_SET_APART}{name}" if name in own else name, text) for name, text in fact.attributes
    )
    if not isinstance(fact, Invoice | DebitMemo | CreditMemo) or not fact.instalments:
        return (row,)
    parts = fact.instalments
    shares = _company_shares(fact, parts)
    return tuple(
        {
            **row,
            "amount": part.amount.amount,
            "due_date": part.due_date,
            "instalment": part.number,
            **share,
        }
        for part, share in zip(parts, shares, strict=True)
    )


def from_rows(rows: Sequence[Row]) -> Fact:
    """Return the fact that one row, or the instalment rows of one document, say.

    Raises:
        UnreadableFact: When a needed cell is missing, has the wrong type, or the rows of one document disagree.
        ReceivablesError: When the fact itself breaks a rule, such as an inexact or negative amount.
    """
    first = {name: cell for name, cell in rows[0].items() if cell is not None}
    kind = KINDS.get(str(first.get("kind")))
    if kind is None:
        msg = f"kind {first.get('kind')!r} is not a kind of fact; it must be one of {', '.join(KINDS)}"
        raise UnreadableFact(msg)
    values: dict[str, Any] = {}
    allowed = {field.name for field in fields(kind)} - {"attributes", "instalments"}
    if issubclass(kind, Invoice | DebitMemo | CreditMemo):
        allowed |= {"instalment"}
    for name, cell in first.items():
        _read(values, name, cell, first, allowed)
    if issubclass(kind, Invoice | DebitMemo | CreditMemo):
        _read_schedule(values, rows)
    return kind(**values)


def customer_row(customer: Customer) -> dict[str, Cell]:
    """Return a customer fact as a row of the customers table.

    >>> from datetime import date
    >>> customer_row(Customer(id="C001", valid_from=date(2026, 1, 1), segment="retail"))
    {'customer': 'C001', 'valid_from': datetime.date(2026, 1, 1), 'segment': 'retail'}
    """
    row: dict[str, Cell] = {}
    for name in (field.name for field in fields(customer)):
        _write(row, "customer" if name == "id" else name, getattr(customer, name))
    row.update(
        (f"{_SET_APART}{name}" if name in CUSTOMERS else name, text)
        for name, text in customer.attributes
    )
    return row


def customer_of(row: Row) -> Customer:
    """Return the customer fact that a row of the customers table says.

    Raises:
        UnreadableFact: When a needed cell is missing or has the wrong type.
    """
    values: dict[str, Any] = {}
    allowed = {field.name for field in fields(Customer)} - {"attributes"}
    for name, cell in row.items():
        if cell is not None:
            _read(values, "id" if name == "customer" else name, cell, row, allowed)
    return Customer(**values)


def _write(row: dict[str, Cell], name: str, value: Any) -> None:
    match value:
        case None | ():
            return
        case Money() if name in {"company_amount", "source_amount"}:
            row[name], row[name.replace("amount", "currency")] = value.amount, value.currency
        case Money():
            row[name] = value.amount
            row.setdefault("currency", value.currency)
        case PaymentTerms():
            row[name] = str(value)
        case Origin():
            plain = (
                not value.fields and " " not in value.system and not value.system.startswith("{")
            )
            row[name] = str(value) if plain else _origin_json(value)
        case _ if name == "taxes":
            row[name] = json.dumps([_tax_dict(line) for line in value])
        case _ if name in {"attributes", "instalments"}:
            return  # columns and rows of their own
        case False:
            return
        case _:
            row[_COLUMN_OF.get(name, name)] = value


def _read(values: dict[str, Any], name: str, cell: Cell, row: Row, allowed: set[str]) -> None:
    field = _FIELD_OF.get(name, name)
    if name in {"kind", "currency", "company_currency", "source_currency"} or cell == "":
        return
    if field not in allowed:
        plain = name.removeprefix(_SET_APART)
        values["attributes"] = (*values.get("attributes", ()), (plain, str(cell)))
    elif name in {"amount", "net_amount", "company_amount", "source_amount"}:
        values[field] = _money(name, cell, row)
    elif name == "terms":
        values[field] = PaymentTerms.parse(cell)
    elif name == "origin":
        values[field] = _origin(cell)
    elif name == "taxes":
        values[field] = _tax_lines(cell, str(row.get("currency")))
    else:
        values[field] = cell


def _read_schedule(values: dict[str, Any], rows: Sequence[Row]) -> None:
    """Fold the instalment rows of one document into it."""
    number = values.pop("instalment", None)
    if len(rows) == 1 and number in (None, 1):
        return
    values.pop("due_date", None)
    currency = str(rows[0].get("currency"))
    parts = []
    for row in sorted(rows, key=lambda it: it.get("instalment") or 0):
        if row.get("instalment") is None or row.get("due_date") is None:
            msg = (
                f"several rows of {values.get('id')} need an instalment number and a due date each"
            )
            raise UnreadableFact(msg)
        parts.append(
            Instalment(row["instalment"], row["due_date"], _money("amount", row.get("amount"), row))
        )
    if any(_head(row) != _head(rows[0]) for row in rows):
        msg = f"the instalment rows of {values.get('id')} disagree; all but amount, due date and number must be equal"
        raise UnreadableFact(msg)
    values["instalments"] = tuple(parts)
    values["amount"] = _sum(currency, (part.amount for part in parts))
    if "company_amount" in values:
        values["company_amount"] = _sum(
            values["company_amount"].currency,
            (_money("company_amount", row.get("company_amount"), row) for row in rows),
        )


def _head(row: Row) -> dict[str, Cell]:
    own = {"amount", "due_date", "instalment", "company_amount"}
    return {name: cell for name, cell in row.items() if name not in own and cell is not None}


def _company_shares(
    fact: Invoice | DebitMemo | CreditMemo, parts: Sequence[Instalment]
) -> list[dict[str, Cell]]:
    if fact.company_amount is None:
        return [{} for _ in parts]
    shares = fact.company_amount.split([part.amount.minor for part in parts])
    return [{"company_amount": share.amount} for share in shares]


def _sum(currency: str, amounts: Any) -> Money:
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result


def _money(name: str, cell: Cell, row: Row) -> Money:
    column = (
        name.replace("amount", "currency")
        if name in {"company_amount", "source_amount"}
        else "currency"
    )
    currency = row.get(column)
    if isinstance(cell, Decimal) and isinstance(currency, str):
        return Money(cell, currency)
    who = row.get("id") or "a row without an id"
    if not isinstance(cell, Decimal):
        msg = f"{name} of {who} is {cell!r}, a {type(cell).__name__}; give an exact decimal"
    else:
        held = "empty" if currency is None else repr(currency)
        msg = f"{column} of {who} is {held}, so its {name} {cell:f} is of no currency; give an ISO 4217 code such as MXN"
    raise UnreadableFact(msg)


def _origin_json(origin: Origin) -> str:
    return json.dumps(
        {"system": origin.system, "key": origin.key, "fields": dict(origin.fields)},
        ensure_ascii=False,
    )


def _origin(cell: Cell) -> Origin:
    text = str(cell)
    if text.startswith("{"):
        value = _json("origin", text)
        try:
            return Origin(**value)
        except (TypeError, ValidationError):
            msg = f"origin {text:.80} must be a text, or JSON with system, key and fields"
            raise UnreadableFact(msg) from None
    system, _, key = text.partition(" ")
    return Origin(system, key)


def _tax_dict(line: TaxLine) -> dict[str, str | bool]:
    rate = {} if line.rate is None else {"rate": f"{line.rate:f}"}
    amounts = {"base": f"{line.base.amount:f}", "amount": f"{line.amount.amount:f}"}
    return {"tax": line.tax, **amounts, **rate, "factor": line.factor, "withheld": line.withheld}


def _tax_lines(cell: Cell, currency: str) -> tuple[TaxLine, ...]:
    lines = _json("taxes", cell)
    if not isinstance(lines, list):
        msg = f"taxes {cell!r:.80} must be a JSON list of tax lines"
        raise UnreadableFact(msg)
    return tuple(_tax_line(line, currency) for line in lines)


def _tax_line(value: Mapping[str, Any], currency: str) -> TaxLine:
    try:
        rate = None if value.get("rate") is None else Decimal(value["rate"])
        base, amount = Money(value["base"], currency), Money(value["amount"], currency)
        return TaxLine(
            value["tax"],
            base,
            amount,
            rate,
            value.get("factor", "rate"),
            value.get("withheld", False),
        )
    except (AttributeError, KeyError, TypeError, ArithmeticError, ValidationError):
        msg = f"tax line {value!r} must have tax, base and amount as text, and may have rate, factor and withheld"
        raise UnreadableFact(msg) from None


def _json(name: str, cell: Cell) -> Any:
    try:
        return json.loads(cell)
    except (TypeError, ValueError, RecursionError):
        msg = f"{name} {cell!r:.80} is not JSON"
        raise UnreadableFact(msg) from None


def _own_columns(kind: type[Fact]) -> set[str]:
    """Return the columns that a kind of fact fills itself, which an attribute of that name must stay apart from."""
    named = {_COLUMN_OF.get(field.name, field.name) for field in fields(kind)}
    return named | {"kind", "currency", "company_currency", "source_currency", "instalment"}


_SET_APART = "attribute:"  # before the name of an attribute that is called like a column
_COLUMN_OF = {"source": "source_id", "target": "target_id", "of": "reverses_id"}
_FIELD_OF = {column: field for field, column in _COLUMN_OF.items()}
