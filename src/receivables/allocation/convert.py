"""Paying items of another currency: what the money is worth there, and closing both sides to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from receivables.allocation.pool import Slot, Source
from receivables.allocation.rules import Rule
from receivables.allocation.run import Run
from receivables.errors import RateNotFound
from receivables.money import Money
from receivables.rates import ExchangeRate
from receivables.rounding import Rounding, largest_remainder


def pay_across(
    run: Run,
    source: Source,
    slots: Sequence[Slot],
    rule: Rule,
    sure: Decimal,
    evidence: tuple[str, ...],
) -> None:
    """Pay items of another currency in their order, at the rate in force on the day of the payment.

    What the money is worth is rounded half up once, for all items together. Where it settles them, or misses that by no
    more than one minor unit of the payment is worth, they are settled exactly and all of the money is used; the shares of
    the money are by largest remainder, so nothing is lost. Where no rate is in force, nothing is paid.
    """
    rate = _rate(run, source, slots[0])
    if rate is None:
        run.note(
            source,
            rule,
            f"no rate of {source.currency} in {slots[0].item.currency} is in force on {source.document.posting_date}",
        )
        return
    currency, direct = slots[0].item.currency, rate
    worth = Money.rounded(
        Fraction(source.money(source.left).amount) * direct, currency, Rounding.HALF_UP
    ).minor
    unit = abs(
        Money.rounded(Fraction(source.money(1).amount) * direct, currency, Rounding.UP).minor
    )
    due = sum(slot.left for slot in slots)
    used, parts = source.left, _reach(slots, worth)
    if abs(worth - due) <= unit:
        parts = [slot.left for slot in slots]
    elif worth > due:
        exact = Fraction(slots[0].money(due).amount) / direct
        used = min(source.left, Money.rounded(exact, source.currency, Rounding.HALF_UP).minor)
    shares = largest_remainder(used, parts) if sum(parts) else []
    paid = False
    why = (*evidence, f"{source.money(used)} at {_shown(direct)} is {slots[0].money(sum(parts))}")
    for slot, part, share in zip(slots, parts, shares, strict=True):
        if part and share:
            run.pay(source, slot, part, rule, sure, why, taken=share)
            paid = True
    if paid and not run.policy.spread:
        source.settled = rule.name


def _reach(slots: Sequence[Slot], worth: int) -> list[int]:
    parts = []
    for slot in slots:
        part = min(slot.left, worth)
        worth -= part
        parts.append(part)
    return parts


def _rate(run: Run, source: Source, slot: Slot) -> Fraction | None:
    """Return units of the item's currency for one of the payment's: the rate of the pair, or one over the other way's."""
    rates, on = run.rates, source.document.posting_date
    if rates is None:
        return None
    here, there = source.currency, slot.item.currency
    for one, other, inverse in ((here, there, False), (there, here, True)):
        try:
            found: ExchangeRate = rates.find(one, other, on=on)
        except RateNotFound:
            continue
        return 1 / Fraction(found.rate) if inverse else Fraction(found.rate)
    return None


def _shown(rate: Fraction) -> str:
    return f"{Rounding.HALF_UP.apply(rate, 6).normalize():f}"
