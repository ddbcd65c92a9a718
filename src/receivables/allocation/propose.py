"""`propose_allocations`: lead payments and credits to open items under a policy, and say why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from receivables.allocation.advice import RemittanceAdvice
from receivables.allocation.amounts import (
    after_deductions,
    combination,
    exact_amount,
    whole_account,
)
from receivables.allocation.intake import Intake, sources_and_slots
from receivables.allocation.named import by_advice, by_reference
from receivables.allocation.orders import (
    credits_first,
    equal_totals,
    in_order,
    nearest,
    proportional,
    same_keys,
)
from receivables.allocation.policy import AllocationPolicy
from receivables.allocation.pool import Source
from receivables.allocation.proposal import Leftover, LeftoverStatus, Proposal
from receivables.allocation.rules import (
    AfterDeductions,
    ByAdvice,
    ByCombination,
    ByReference,
    CreditsFirst,
    EqualTotals,
    ExactAmount,
    InOrder,
    NearestSum,
    Proportional,
    SameKeys,
    WholeAccount,
)
from receivables.allocation.run import Run, is_money
from receivables.facts import CreditMemo, Payment
from receivables.open_items import OpenItem
from receivables.rates import ExchangeRates

_EACH: dict[type, Callable[[Run, Source, Any], None]] = {
    ByAdvice: by_advice,
    ByReference: by_reference,
    ExactAmount: exact_amount,
    AfterDeductions: after_deductions,
    WholeAccount: whole_account,
    ByCombination: combination,
    InOrder: in_order,
    Proportional: proportional,
    NearestSum: nearest,
}
_TOGETHER: dict[type, Callable[[Run, Any], None]] = {
    CreditsFirst: credits_first,
    EqualTotals: equal_totals,
    SameKeys: same_keys,
}


def propose_allocations(
    payments: Iterable[Payment | CreditMemo | OpenItem],
    items: Iterable[OpenItem],
    *,
    policy: AllocationPolicy | None = None,
    advice: Iterable[RemittanceAdvice] = (),
    rates: ExchangeRates | None = None,
    payers: Mapping[str, str] | None = None,
    as_of: date | None = None,
    recorded_at: datetime | None = None,
    run: str = "",
) -> Proposal:
    """Lead payments and credits to open items; nothing is posted.

    The rules of the policy have their turn one after the other, each with every payment, oldest payment first: what a
    number proves is settled before what an order of dates would take. The proposal does not depend on the order of its
    inputs. Each payment is allocated, written off or left over to the cent (law: Nothing vanishes).

    What is proposed is posted on the as-of date, or when its documents are, if that is later: an earlier day might already
    have used what is open now. Of each item and payment at most its free amount is used: the least that is open of it on
    the as-of date and on every day after, as far as the books know. So posting a proposal to the books its items come from
    breaks no law on any date (law: Never below zero). What it posts is known from when everything it goes by is known.

    Args:
        payments: Payments and credit memos to use, as facts or as the open items they are. A fact that is among the items
            has what is free of it there; any other has its whole amount.
        items: What `open_items` returned, all of one as-of date. Credit memos among them take part in matches; payments
            among them that are not in `payments` are left alone.
        policy: How cash is applied; the default policy when not given.
        advice: What payers said their payments are for.
        rates: For documents named in another currency than the payment's.
        payers: Bank accounts, tax ids, names or other texts of a payment's attributes that identify a customer, each with the
            customer's id.
        as_of: The day of the items; needed only when there are none to take it from.
        recorded_at: When the proposal is made, with a time zone, for the facts it posts. Without it they carry the latest
            moment at which anything they go by became known, or none when nothing says.
        run: Text that ends the ids of proposed facts, to tell the runs apart.

    Raises:
        MixedDates: When the items are of several as-of dates, or there are none and no `as_of` is given.
        WrongKind: When something given as a payment is a charge, or as an item is none.
        ConflictingFact: When one payment, or one item, is given twice with different contents.
    """
    chosen = policy or AllocationPolicy()
    held = sources_and_slots(payments, items, chosen, payers or {}, as_of)
    state = Run(
        policy=chosen,
        as_of=held.as_of,
        recorded_at=recorded_at,
        suffix=f":{run}" if run else "",
        sources=held.sources,
        slots=held.slots,
        credits=held.credits,
        relatives=held.relatives,
        advice=_by_payment(advice),
        rates=rates,
        taken_ids=held.taken_ids,
    )
    _decide(state)
    return _proposal(state, held)


def _by_payment(advice: Iterable[RemittanceAdvice]) -> dict[str, RemittanceAdvice]:
    found: dict[str, RemittanceAdvice] = {}
    for it in advice:
        known = found.get(it.payment)
        found[it.payment] = (
            it if known is None else RemittanceAdvice(it.payment, (*known.lines, *it.lines))
        )
    return found


def _decide(state: Run) -> None:
    """Give each rule its turn with every payment that is not settled yet."""
    for rule in state.policy.ordered:
        together = _TOGETHER.get(type(rule))
        if together is not None:
            together(state, rule)
            continue
        act = _EACH[type(rule)]
        for source in state.sources:
            if source.left and not source.settled:
                act(state, source, rule)


def _proposal(state: Run, held: Intake) -> Proposal:
    offered = held.offered(state.credits)
    return Proposal(
        policy=state.policy,
        as_of=held.as_of,
        lines=tuple(state.lines),
        differences=tuple(state.differences),
        leftovers=tuple(_left(state, it, held.aside) for it in offered if it.left or it.later),
        alternatives=tuple(state.alternatives),
        notes=tuple(state.notes),
        payments=tuple((it.document, it.money(it.have)) for it in offered),
        items=held.items,
    )


def _left(run: Run, source: Source, aside: Mapping[str, str]) -> Leftover:
    status: LeftoverStatus
    document = source.document
    why = [aside[source.id]] if source.id in aside else []
    if isinstance(document, Payment) and document.on_account:
        status = "on_account"
    elif document.customer is None:
        status = "unidentified"
        why.append(source.payer or "nothing names the payer")
    elif run.policy.refunds and is_money(source) and not run.pool(source).open():
        status = "refund_candidate"
        why.append(f"nothing more is open of {document.customer}")
    else:
        status = run.policy.rest if is_money(source) else "unapplied"
    if source.settled and source.left:
        why.append(f"rule {source.settled} settled what it was for, and this was left over")
    elif document.customer is not None and source.left and not why:
        why.append(_rest(run, source))
    if source.later:
        why.append(
            f"{source.money(source.later)} of it is used or reversed by facts posted after {run.as_of}"
        )
    amount = source.money(source.left + source.later)
    return Leftover(source.id, document.customer, amount, status, tuple(why))


def _rest(run: Run, source: Source) -> str:
    still = len(run.pool(source).open())
    if still:
        return f"{still} items of {source.customer} stay open, and no rule leads to them"
    if source.left + source.later != source.have:
        return f"nothing more of {source.customer} in {source.currency} is open"
    return f"no item of {source.customer} in {source.currency} may be paid"
