"""Hypothesis strategies for everything a subledger may hold, lawful or not.

`subledgers()` draws whole sets of facts that obey every law: reversals, instalments, credits, several currencies,
undated items, money on account or unidentified, allocations across currencies, facts learnt late or posted back,
adjustments up and down, refunds, and customers whose master facts change. `garbage()` draws sets that break laws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from receivables.dates import Roll
from receivables.facts import (
    CHARGES,
    Adjustment,
    Allocation,
    CreditMemo,
    Customer,
    DebitMemo,
    Document,
    Fact,
    Invoice,
    Origin,
    Payment,
    Refund,
    Reversal,
    WriteOff,
)
from receivables.money import Money
from receivables.terms import (
    AddDays,
    AddMonths,
    BaseDate,
    ByDay,
    Cutoff,
    DayOfMonth,
    DiscountTerms,
    EndOfMonth,
    Instalment,
    InstalmentTerms,
    NextDayOfMonth,
    PaymentTerms,
    Percent,
    Remainder,
    RollBusiness,
)
from receivables.testing.draft import Draft

FIRST_DAY = date(2026, 1, 1)
LAST_DAY = date(2026, 6, 30)
CURRENCIES = ("MXN", "USD", "JPY", "KWD")
CUSTOMERS = ("C001", "C002", "0003")
_FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

Draw = Callable[[st.SearchStrategy[Any]], Any]


def currencies() -> st.SearchStrategy[str]:
    """Draw a currency of two, none or three decimals."""
    return st.sampled_from(CURRENCIES)


def money(currency: str | None = None, *, at_most: int = 10_000_000) -> st.SearchStrategy[Money]:
    """Draw an amount above zero, in a currency given or drawn.

    Args:
        currency: The currency, or None to draw one.
        at_most: The largest amount, in minor units.
    """
    wanted = currencies() if currency is None else st.just(currency)
    units = st.integers(1, at_most)
    return st.builds(Money.from_minor, units, wanted)


def days() -> st.SearchStrategy[date]:
    """Draw a day of the half year in which drawn facts are posted."""
    return st.dates(FIRST_DAY, LAST_DAY)


def moments() -> st.SearchStrategy[datetime]:
    """Draw a time at which something may have been known."""
    return st.integers(-1, 60).map(lambda hours: _FIRST_MOMENT + timedelta(hours=hours))


def steps() -> st.SearchStrategy[Any]:
    """Draw one step of payment terms."""
    day = st.integers(1, 31)
    flat = st.one_of(
        st.builds(AddDays, st.integers(0, 120)),
        st.builds(AddMonths, st.integers(0, 6)),
        st.just(EndOfMonth()),
        st.builds(DayOfMonth, day),
        st.builds(Cutoff, day),
        st.sets(day, min_size=1, max_size=3).map(lambda it: NextDayOfMonth(tuple(sorted(it)))),
        st.builds(RollBusiness, st.sampled_from(Roll)),
    )
    limits = st.tuples(st.integers(1, 30), st.tuples(flat), st.tuples(flat)).map(
        lambda it: ByDay(((it[0], it[1]), (31, it[2])))
    )
    return st.one_of(flat, limits)


@st.composite
def terms(draw: Draw, *, instalments: int = 3) -> PaymentTerms:
    """Draw payment terms with up to so many instalments, and sometimes discounts."""
    count = draw(st.integers(1, instalments))
    chains = [tuple(draw(st.lists(steps(), min_size=1, max_size=2))) for _ in range(count)]
    percents = [draw(st.integers(1, 100 // count)) for _ in range(count - 1)]
    parts = [
        InstalmentTerms(Percent(Decimal(percent)), chain)
        for percent, chain in zip(percents, chains, strict=False)
    ]
    discount = st.builds(
        DiscountTerms,
        st.integers(1, 5).map(Decimal),
        st.builds(AddDays, st.integers(0, 20)).map(lambda it: (it,)),
    )
    discounts = tuple(draw(st.lists(discount, max_size=2)))
    base = draw(st.sampled_from(BaseDate))
    return PaymentTerms((*parts, InstalmentTerms(Remainder(), chains[-1])), discounts, base)


def customers() -> st.SearchStrategy[tuple[Customer, ...]]:
    """Draw master facts, at most one for a customer and day, some of them learnt late."""
    text = st.sampled_from(["retail", "public", "export"])
    one = st.builds(
        Customer,
        id=st.sampled_from(CUSTOMERS),
        valid_from=days(),
        segment=st.none() | text,
        collector=st.none() | text,
        head_office=st.none() | st.just("C001"),
        recorded_at=st.none() | moments(),
    )
    return st.lists(one, max_size=4, unique_by=lambda it: (it.id, it.valid_from)).map(tuple)


@st.composite
def charges(draw: Draw, name: str = "F-1") -> Invoice | DebitMemo:
    """Draw an invoice or debit memo: with terms, a due date, instalments, or undated."""
    kind: type[Invoice | DebitMemo] = draw(st.sampled_from([Invoice, Invoice, DebitMemo]))
    amount = draw(money())
    posted = draw(days())
    dating = draw(st.sampled_from(["due", "terms", "instalments", "undated"]))
    values = _document(draw, name, posted, amount)
    values["customer"] = draw(st.sampled_from(CUSTOMERS))
    if dating == "due":
        values["due_date"] = posted + timedelta(days=draw(st.integers(-10, 90)))
    elif dating == "terms":
        values["terms"] = draw(terms())
    elif dating == "instalments" and amount.minor > 1:
        values["instalments"] = _instalments(draw, amount, posted)
    values["disputed"] = draw(st.booleans())
    return kind(**values)


@st.composite
def credits(  # noqa: A001 - the field calls them credits
    draw: Draw, name: str = "R-1"
) -> Payment | CreditMemo:
    """Draw a payment or a credit memo; payments may be on account, or of a payer not known."""
    amount, posted = draw(money()), draw(days())
    values = _document(draw, name, posted, amount)
    if draw(st.integers(0, 3)) == 0:
        if amount.minor > 1 and draw(st.booleans()):
            values["instalments"] = _instalments(draw, amount, posted)
        return CreditMemo(**values, customer=draw(st.sampled_from(CUSTOMERS)))
    payer = draw(st.sampled_from([*CUSTOMERS, None]))
    return Payment(**values, customer=payer, on_account=draw(st.booleans()))


def facts() -> st.SearchStrategy[Fact]:
    """Draw one fact of any kind by itself; uses and reversals name ids that need not exist."""
    ids, dates = st.sampled_from(["F-1", "F-2", "R-1", "A-1"]), days()
    common = {"id": st.sampled_from(["U-1", "U-2"]), "posting_date": dates, "amount": money()}
    numbers = st.none() | st.integers(1, 3)
    return st.one_of(
        charges(),
        credits(),
        st.builds(Allocation, **common, source=ids, target=ids, instalment=numbers),
        st.builds(WriteOff, **common, target=ids, instalment=numbers),
        st.builds(Adjustment, **common, target=ids, increase=st.booleans()),
        st.builds(Refund, **common, source=ids),
        st.builds(Reversal, id=st.sampled_from(["X-1", "X-2"]), posting_date=dates, of=ids),
    )


@st.composite
def subledgers(
    draw: Draw, *, charges_at_most: int = 4, uses_at_most: int = 10, masters: bool = True
) -> tuple[Fact | Customer, ...]:
    """Draw the facts of a whole subledger that obey every law, in the order they became known.

    Args:
        draw: Given by Hypothesis.
        charges_at_most: How many invoices and debit memos at most; as many payments and credit memos.
        uses_at_most: How many allocations, write-offs, adjustments, refunds and reversals at most.
        masters: Whether to draw customers' master facts too.
    """
    draft, clock = Draft(), _Clock(draw)
    for number in range(draw(st.integers(1, charges_at_most))):
        draft.add(clock.stamp(draw(charges(f"F-{number + 1}")), sometimes=True))
    for number in range(draw(st.integers(0, charges_at_most))):
        draft.add(clock.stamp(draw(credits(f"R-{number + 1}")), sometimes=True))
    for number in range(draw(st.integers(0, uses_at_most))):
        fact = _use(draw, draft, f"U-{number + 1}")
        if fact is not None:
            draft.add(clock.stamp(fact))
    known = draw(customers()) if masters else ()
    return (*draft.facts, *known)


@st.composite
def garbage(draw: Draw) -> tuple[Fact | Customer, ...]:
    """Draw facts that break laws among facts that do not, in any order.

    Ids collide, uses take too much or rest on what is not there or of the wrong kind, reversals come twice.
    """
    lawful = draw(subledgers(charges_at_most=2, uses_at_most=4))
    wild = draw(st.lists(facts(), min_size=1, max_size=6))
    return tuple(draw(st.permutations([*lawful, *wild])))


class _Clock:
    """When facts become known: never in this subledger, or each after the one before."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._ticks = draw(st.booleans())
        self._now = _FIRST_MOMENT

    def stamp(self, fact: Fact, *, sometimes: bool = False) -> Fact:
        if not self._ticks or (sometimes and self._draw(st.booleans())):
            return fact
        self._now += timedelta(hours=self._draw(st.integers(0, 3)))
        return replace(fact, recorded_at=self._now)


def _use(draw: Draw, draft: Draft, name: str) -> Fact | None:
    """Draw a use or reversal, or nothing when what was drawn has no room for it."""
    kinds = ["allocation"] * 4 + ["write_off", "increase", "decrease", "refund", "reversal"]
    kind = draw(st.sampled_from(kinds))
    common: dict[str, Any] = {"id": name, "posting_date": draw(days())}
    if kind == "reversal":
        names = [it.id for it in draft.facts if not isinstance(it, Reversal)]
        return Reversal(**common, of=draw(st.sampled_from(names)))
    sources = [it for it in draft.documents.values() if not isinstance(it, CHARGES)]
    if kind in {"allocation", "refund"} and not sources:
        return None
    if kind == "allocation":
        return _allocation(draw, draft, common, draw(st.sampled_from(sources)))
    if kind == "refund":
        source = draw(st.sampled_from(sources))
        amount = _amount(draw, draft, source, common, None)
        return None if amount is None else Refund(**common, source=source.id, amount=amount)
    target = draw(st.sampled_from(list(draft.documents.values())))
    part = _part(draw, draft, target.id)
    common |= {"target": target.id, "instalment": part}
    if kind == "increase":
        more = draw(money(target.amount.currency, at_most=100_000))
        return Adjustment(**common, amount=more, increase=True)
    amount = _amount(draw, draft, target, common, part)
    if amount is None:
        return None
    made = WriteOff if kind == "write_off" else Adjustment
    return made(**common, amount=amount)


def _amount(
    draw: Draw, draft: Draft, document: Document, common: dict[str, Any], part: int | None
) -> Money | None:
    room = draft.room(document.id, common["posting_date"], part)
    return Money.from_minor(_share(draw, room), document.amount.currency) if room > 0 else None


def _allocation(draw: Draw, draft: Draft, common: dict[str, Any], source: Document) -> Fact | None:
    target = draw(
        st.sampled_from([it for it in draft.documents.values() if isinstance(it, CHARGES)])
    )
    part = _part(draw, draft, target.id)
    taken = _amount(draw, draft, source, common, None)
    amount = _amount(draw, draft, target, common, part)
    if taken is None or amount is None:
        return None
    if taken.currency == amount.currency:
        taken = amount = min(taken, amount)
    ids: dict[str, Any] = {"source": source.id, "target": target.id, "instalment": part}
    return Allocation(**common, **ids, amount=amount, source_amount=taken)


def _part(draw: Draw, draft: Draft, document_id: str) -> int | None:
    numbers = draft.parts(document_id)
    return draw(st.sampled_from([None, *numbers])) if numbers else None


def _share(draw: Draw, room: int) -> int:
    units: int = draw(st.one_of(st.just(room), st.integers(1, room)))
    return units


def _document(draw: Draw, name: str, posted: date, amount: Money) -> dict[str, Any]:
    values: dict[str, Any] = {"id": name, "posting_date": posted, "amount": amount}
    values["document_date"] = draw(st.none() | days())
    values["segment"] = draw(st.sampled_from([None, "retail", "public"]))
    values["reference"] = draw(st.sampled_from([None, "PO 4711"]))
    values["origin"] = draw(st.sampled_from([None, Origin("sap", "1000/1")]))
    return values


def _instalments(draw: Draw, amount: Money, posted: date) -> tuple[Instalment, ...]:
    count = draw(st.integers(2, min(3, amount.minor)))
    parts = amount.split([draw(st.integers(1, 3)) for _ in range(count)])
    dues = [posted + timedelta(days=draw(st.integers(0, 90))) for _ in parts]
    kept = [it for it in zip(dues, parts, strict=True) if it[1]]
    return tuple(Instalment(number, due, part) for number, (due, part) in enumerate(kept, start=1))
