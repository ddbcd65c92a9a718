"""Invoices, debit memos, credit memos and adjustments as facts: pure mapping, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from receivables.adapters.oracle import codes, wire
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.rows import AnyFact, Reading, Taken, Unreadable, reading
from receivables.facts import Adjustment, CreditMemo, Customer, DebitMemo, Invoice, WriteOff
from receivables.money import Money, total
from receivables.rounding import Rounding
from receivables.terms import Instalment, PaymentTerms

_LINKED = ("links", codes.INSTALMENTS)


def invoice(
    row: Mapping[str, Any], instalments: Sequence[Mapping[str, Any]], rules: Rules
) -> Reading:
    """Read an invoice or debit memo with its instalments; a negative one is a credit memo.

    Due dates are those of the instalments; the header's is only used when there are none. Ledger amounts are the entered
    amount at the document's rate, rounded half up.

    Args:
        row: The header.
        instalments: Its instalments, all of them.
        rules: What the pod does not say.
    """
    plain = {name: value for name, value in row.items() if name not in _LINKED}
    taken = Taken(codes.INVOICES, int(row["CustomerTransactionId"]), _flat(plain, instalments))
    return reading(
        taken,
        lambda it: _invoice(it, instalments, rules),
        lambda: _entered(row, "InvoiceCurrencyCode"),
    )


def credit_memo(row: Mapping[str, Any], rules: Rules) -> Reading:
    """Read a credit memo, whose amounts are negative."""
    taken = Taken(codes.CREDIT_MEMOS, int(row["CustomerTransactionId"]), row)
    return reading(
        taken, lambda it: _credit_memo(it, rules), lambda: _entered(row, "CreditMemoCurrency")
    )


def adjustment(row: Mapping[str, Any], rules: Rules) -> Reading:
    """Read an adjustment: a write-off where its activity says so; pending and rejected ones do not count."""
    taken = Taken(codes.ADJUSTMENTS, int(row["AdjustmentId"]), row)
    return reading(
        taken,
        lambda it: _adjustment(it, rules),
        lambda: _entered(row, "Currency", "AdjustmentAmount"),
    )


def account(row: Mapping[str, Any]) -> Reading:
    """Read a customer account."""
    taken = Taken(codes.ACCOUNTS, int(row["AccountId"]), row)
    return reading(taken, _account, lambda: None)


def schedule(rows: Sequence[Mapping[str, Any]], currency: str) -> tuple[Instalment, ...]:
    """Return the instalments that rows say.

    Raises:
        Unreadable: When one of several has no due date, or no number or amount.
    """
    parts = []
    for row in rows:
        number, due = row.get("InstallmentSequenceNumber"), wire.day(row.get("InstallmentDueDate"))
        amount = wire.money(row.get("OriginalAmount"), currency)
        if not isinstance(number, int) or due is None or amount is None:
            msg = f"instalment {number} is due {due} with {amount}; each of several needs a number, a due date and an amount"
            raise Unreadable("incomplete-instalment", msg)
        parts.append(Instalment(number, due, abs(amount)))
    return tuple(sorted(parts, key=lambda it: it.number))


def _invoice(
    it: Taken, instalments: Sequence[Mapping[str, Any]], rules: Rules
) -> tuple[AnyFact, ...]:
    currency = _currency(it, "InvoiceCurrencyCode")
    if not _counts(it, "InvoiceStatus"):
        return ()
    entered = it.money("EnteredAmount", currency)
    if entered is None:
        amounts = [wire.money(part.get("OriginalAmount"), currency) for part in instalments]
        if not amounts or None in amounts:
            raise Unreadable(
                "no-amount",
                "EnteredAmount is null and no instalment says it; read the invoice again later",
            )
        entered = total((amount for amount in amounts if amount is not None), currency)
    if not entered:
        it.note(
            "nothing-owed",
            f"{it.text('TransactionNumber')} is of {entered}; there is nothing to owe",
        )
        return ()
    is_debit = rules.is_debit_memo(it.row.get("TransactionType"))
    kind = CreditMemo if entered.amount < 0 else DebitMemo if is_debit else Invoice
    common = _common(it, currency, abs(entered), rules, "ConversionRate")
    due = _due(it, instalments, currency)
    disputed = [wire.money(part.get("DisputeAmount"), currency) for part in instalments]
    contested = total((amount for amount in disputed if amount is not None), currency)
    attributes = [*_attributes(it, _INVOICE_ATTRIBUTES)]
    if contested:
        attributes.append(("disputed_amount", f"{contested.amount:f}"))
    terms = None if kind is CreditMemo else _terms(it, rules, common["document_date"], due, entered)
    return (
        kind(
            **common,
            **due,
            terms=terms,
            attributes=tuple(attributes),
            disputed=bool(contested),
            origin=it.origin(),
        ),
    )


def _due(it: Taken, instalments: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any]:
    header = it.day("DueDate")
    if len(instalments) > 1:
        return {"instalments": schedule(instalments, currency)}
    return {
        "due_date": wire.day(instalments[0].get("InstallmentDueDate")) if instalments else header
    }


def _terms(
    it: Taken, rules: Rules, day: date | None, due: Mapping[str, Any], amount: Money
) -> PaymentTerms | None:
    """Return the terms of the name an invoice carries, when they lead to the due dates it has."""
    terms = rules.terms.get(it.text("PaymentTerms") or "")
    if terms is None or day is None:
        return None
    given = [part.due_date for part in due.get("instalments", ())] or [due.get("due_date")]
    wanted = [part.due_date for part in terms.schedule(amount, day)]
    if given == wanted:
        return terms
    told = [", ".join(map(str, days)) for days in (given, wanted)]
    it.note(
        "terms-disagree",
        f"{it.row.get('TransactionNumber')} is due {told[0]}; its terms {it.row.get('PaymentTerms')!r} give {told[1]}; its own dates are kept",
    )
    return None


def _credit_memo(it: Taken, rules: Rules) -> tuple[AnyFact, ...]:
    currency = _currency(it, "CreditMemoCurrency")
    if not _counts(it, "CreditMemoStatus"):
        return ()
    entered = it.money("EnteredAmount", currency)
    if entered is None:
        raise Unreadable(
            "no-amount",
            "EnteredAmount is null, as it is right after a write; read the credit memo again later",
        )
    if entered.amount >= 0:
        msg = f"a credit memo of {entered}; credit memos are negative here"
        raise Unreadable("wrong-sign", msg)
    common = _common(it, currency, -entered, rules, "ConversionRate")
    attributes = tuple(_attributes(it, _MEMO_ATTRIBUTES))
    return (CreditMemo(**common, attributes=attributes, origin=it.origin()),)


def _adjustment(it: Taken, rules: Rules) -> tuple[AnyFact, ...]:
    approval = codes.approval(it.text("Status"))
    if approval == "unknown":
        raise Unreadable(
            "unknown-status", f"Status {it.row.get('Status')!r} says neither approved nor not"
        )
    if approval == "not approved":
        it.note(
            "not-posted",
            f"adjustment {it.text('AdjustmentNumber')} is {it.row.get('Status')} and does not count",
        )
        return ()
    currency = _currency(it, "Currency")
    amount = it.money("AdjustmentAmount", currency)
    if not amount:
        it.note("nothing-changed", f"adjustment {it.text('AdjustmentNumber')} is of {amount}")
        return ()
    credit = codes.is_credit(it.text("TransactionClass"))
    values: dict[str, Any] = {
        "id": f"adj-{it.key}",
        "target": f"trx-{it.text('CustomerTransactionId')}",
        "amount": abs(amount),
        "posting_date": _posted(it, "AdjustmentDate"),
        "recorded_at": it.moment("CreationDate"),
        "instalment": None
        if credit
        else it.number("InstallmentNumber") and int(it.number("InstallmentNumber")),
        "reason": it.text("AdjustmentReason"),
        "reference": it.text("AdjustmentNumber"),
        "company_amount": _booked_adjustment(it, rules, currency),
    }
    increase = (amount.amount > 0) != credit
    if rules.is_write_off(it.row.get("ReceivablesActivity")) and not increase:
        return (WriteOff(**values, origin=it.origin()),)
    return (Adjustment(**values, increase=increase, origin=it.origin()),)


def _booked_adjustment(it: Taken, rules: Rules, currency: str) -> Money | None:
    ledger = rules.ledger_of(it.row.get("BusinessUnit"))
    if ledger is None or ledger == currency or it.row.get("AccountedAmount") is None:
        return None
    booked = it.money("AccountedAmount", ledger)
    return abs(booked) if booked else None


def _account(it: Taken) -> tuple[AnyFact, ...]:
    created = it.moment("CreationDate")
    number = it.text("AccountNumber")
    if number is None or created is None:
        raise Unreadable("incomplete-account", "an account needs AccountNumber and CreationDate")
    tax_id = it.text("TaxRegistrationNumber") or it.text("TaxpayerIdentificationNumber")
    return (
        Customer(
            id=number,
            valid_from=created.date(),
            name=it.text("CustomerName"),
            tax_id=tax_id,
            origin=it.origin(),
        ),
    )


def _common(it: Taken, currency: str, amount: Money, rules: Rules, rate: str) -> dict[str, Any]:
    return {
        "id": f"trx-{it.key}",
        "customer": it.text("BillToCustomerNumber") or "",
        "amount": amount,
        "posting_date": _posted(it, "TransactionDate"),
        "document_date": it.day("TransactionDate"),
        "recorded_at": it.moment("CreationDate"),
        "reference": it.text("TransactionNumber"),
        "legal_entity": it.text("BusinessUnit"),
        "company_amount": _booked(it, currency, amount, rules, rate),
    }


def _posted(it: Taken, fallback: str) -> Any:
    found = it.day("AccountingDate") or it.day(fallback)
    if found is None:
        msg = f"AccountingDate and {fallback} are null; a fact counts from a date"
        raise Unreadable("no-date", msg)
    return found


def _booked(it: Taken, currency: str, amount: Money, rules: Rules, name: str) -> Money | None:
    ledger, rate = rules.ledger_of(it.row.get("BusinessUnit")), wire.number(it.row.get(name))
    if ledger is None or ledger == currency:
        return None
    if rate is None:
        it.note(
            "no-rate",
            f"{it.row.get('TransactionNumber')} is in {currency} and has no {name}; its {ledger} amount is not known",
        )
        return None
    booked = Money.rounded(amount.amount * rate, ledger, Rounding.HALF_UP)
    return booked or None


def _counts(it: Taken, name: str) -> bool:
    standing = codes.standing(it.text(name))
    if standing == "unknown":
        msg = f"{name} {it.row.get(name)!r} says neither that it is posted nor that it is not; is the user's language English?"
        raise Unreadable("unknown-status", msg)
    if standing == "draft":
        it.note(
            "not-posted",
            f"{it.row.get('TransactionNumber')} is {it.row.get(name)} and does not count yet",
        )
    return standing == "posted"


def _currency(it: Taken, name: str) -> str:
    found = it.text(name)
    if found is None:
        msg = f"{name} is null; an amount needs its currency"
        raise Unreadable("no-currency", msg)
    return found


def _entered(row: Mapping[str, Any], currency: str, amount: str = "EnteredAmount") -> Money | None:
    return wire.money(row.get(amount), str(row.get(currency)))


_INVOICE_ATTRIBUTES = {
    "TransactionType": "transaction_type",
    "TransactionSource": "transaction_source",
    "PaymentTerms": "payment_terms",
    "BillToSite": "site",
    "PurchaseOrder": "purchase_order",
}
_MEMO_ATTRIBUTES = {
    name: ours for name, ours in _INVOICE_ATTRIBUTES.items() if name != "PaymentTerms"
}


def _attributes(it: Taken, names: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [(ours, it.text(name)) for name, ours in names.items()]
    return [(name, value) for name, value in found if value is not None]


def _flat(row: Mapping[str, Any], instalments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put what the instalments say beside the header, so that the origin keeps it: balances, disputes, dates."""
    flat = dict(row)
    for part in instalments:
        number = part.get("InstallmentSequenceNumber")
        flat |= {
            f"instalment.{number}.{name}": value for name, value in part.items() if name != "links"
        }
    return flat
