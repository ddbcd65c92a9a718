"""beancount as an outside judge: it balances each document's account on ten dates, and agrees with our open amounts."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

from receivables import Adjustment, Allocation, Payment, Refund, Reversal, Subledger
from receivables.facts import CHARGES, DOCUMENTS
from receivables.testing import make_portfolio

loader = pytest.importorskip("beancount.loader", reason="beancount is not installed")

PORTFOLIO = make_portfolio(customers=40, invoices=400, seed=20)
DAYS = [PORTFOLIO.last_day - timedelta(days=55 * back) for back in range(10)]


def account(name):
    return f"Assets:Receivable:{name}"


def posted(facts):
    """Write the facts as double entries of an accountant, who knows nothing of our rules.

    A document debits (or credits) its own account, a use moves money between accounts on its day, and a reversal
    books the same entry backwards, together with the entries of what rested on it and had been booked by then.
    """
    entries = []
    documents = {it.id: it for it in facts if isinstance(it, DOCUMENTS)}
    ends = {it.of: it.posting_date for it in facts if isinstance(it, Reversal)}
    for fact in facts:
        lines = list(legs(fact, documents))
        if not lines:
            continue
        rests_on = [fact.id, *(getattr(fact, name, None) for name in ("source", "target"))]
        start = max(
            documents[it].posting_date if it in documents else fact.posting_date
            for it in rests_on
            if it
        )
        start = max(start, fact.posting_date)
        end = min((ends[it] for it in rests_on if it in ends), default=None)
        if end is not None and end <= start:
            continue
        entries.append(entry(fact.id, start, lines))
        if end is not None:
            entries.append(entry(fact.id, end, [(name, -size, unit) for name, size, unit in lines]))
    return entries


def legs(fact, documents):
    """Yield account, amount and currency of one fact, debit above zero."""
    if isinstance(fact, DOCUMENTS):
        sign = 1 if isinstance(fact, CHARGES) else -1
        yield account(fact.id), sign * fact.amount.amount, fact.amount.currency
    elif isinstance(fact, Allocation):
        yield account(fact.target), -fact.amount.amount, fact.amount.currency
        yield account(fact.source), fact.taken.amount, fact.taken.currency
    elif isinstance(fact, Refund):
        yield account(fact.source), fact.amount.amount, fact.amount.currency
    elif not isinstance(fact, Reversal):
        charge = isinstance(documents[fact.target], CHARGES)
        raises = isinstance(fact, Adjustment) and fact.increase
        yield (
            account(fact.target),
            fact.amount.amount * (1 if charge is raises else -1),
            fact.amount.currency,
        )


def entry(name, day, lines):
    other = [("Income:Other", -size, unit) for _, size, unit in lines]
    postings = "".join(f"  {where}  {size:f} {unit}\n" for where, size, unit in (*lines, *other))
    return f'{day} * "{name}"\n{postings}\n'


def opened(facts):
    names = (account(it.id) for it in facts if isinstance(it, DOCUMENTS))
    return "".join(f"2000-01-01 open {name}\n" for name in (*names, "Income:Other"))


def asserted(facts, day):
    """State our open amount of every document, closed ones included; beancount balances at the start of a day."""
    ours = defaultdict(Decimal)
    for item in Subledger.of(facts).open_items(as_of=day):
        ours[item.document.id] += item.open_amount.amount
    morning = day + timedelta(days=1)
    return [
        f"{morning} balance {account(it.id)}  {ours[it.id]:f} ~ 0 {it.amount.currency}\n"
        for it in facts
        if isinstance(it, DOCUMENTS)
    ]


def complaints(*texts):
    """Return what beancount finds wrong in a ledger."""
    _, errors, _ = loader.load_string("".join(texts))
    return [error.message for error in errors]


@pytest.fixture(scope="module")
def facts():
    return [it for it in PORTFOLIO.facts if it.kind != "customer"]


def test_every_open_balance_agrees_on_ten_dates(facts):
    """Document by document, payments and credits included, to the cent."""
    balances = [line for day in DAYS for line in asserted(facts, day)]
    assert complaints(opened(facts), *posted(facts), *balances) == []
    assert len(balances) == 10 * sum(isinstance(it, DOCUMENTS) for it in facts)


def test_the_judge_notices_a_cent(facts):
    """With one cent more on one document it complains, so that its silence means something."""
    [first, *_] = (it for it in facts if it.kind == "invoice" and it.amount.currency == "MXN")
    line = next(it for it in asserted(facts, PORTFOLIO.last_day) if account(first.id) in it)
    *head, amount, tilde, zero, unit = line.split()
    wrong = " ".join([*head, f"{Decimal(amount) + Decimal('0.01')}", tilde, zero, unit]) + "\n"
    [complaint] = complaints(opened(facts), *posted(facts), wrong)
    assert complaint.startswith(f"Balance failed for '{account(first.id)}'")


def test_the_portfolio_has_something_of_everything(facts):
    """The judge is asked about reversals, bounced payments and credits too, in several currencies."""
    kinds = {it.kind for it in facts}
    assert kinds >= {"invoice", "debit_memo", "credit_memo", "payment", "allocation", "reversal"}
    assert kinds >= {"adjustment", "write_off", "refund"}
    assert len({it.amount.currency for it in facts if isinstance(it, Payment)}) > 2
