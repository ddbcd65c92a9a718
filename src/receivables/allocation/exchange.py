"""Three amounts of one allocation: the payment's, the item's and the company's, and the realised difference between them.

A part of a booked amount is the difference of two rounded shares, before and after, so the parts of an item or payment sum
to what was booked, to the cent, however it is used up.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from receivables.allocation.pool import Slot, Source
from receivables.allocation.proposal import Difference
from receivables.money import Money
from receivables.rounding import Rounding


def item_share(slot: Slot, before: int, after: int) -> Money | None:
    """Return what a part of an item is in the company's currency at its booking rate; None when it was not booked so."""
    item = slot.item
    whole = item.amount.minor
    if item.document.company_amount is None or not whole:
        return None
    booked = replace(item, open_amount=item.amount).booked_open_amount
    return _between(booked, whole, before, after) if booked is not None else None


def source_share(source: Source, before: int, after: int) -> Money | None:
    """Return what a part of a payment is in the company's currency at its booking rate; None when it was not booked so."""
    booked = source.document.company_amount
    return None if booked is None else _between(booked, source.document.amount.minor, before, after)


def _between(booked: Money, whole: int, before: int, after: int) -> Money:
    reached = booked.times(Fraction(before, whole), Rounding.HALF_UP)
    return reached - booked.times(Fraction(after, whole), Rounding.HALF_UP)


def realised(
    source: Source,
    slot: Slot,
    paid: Money | None,
    booked: Money | None,
    taken: Money,
    amount: Money,
) -> Difference | None:
    """Return the exchange gain or loss of an allocation; None when there is none, or the rates are not known.

    Args:
        source: The payment.
        slot: The item.
        paid: What the money used is worth in the company's currency; None when the payment does not say.
        booked: What the part paid was booked at; None when the item does not say.
        taken: The money used. It is its own worth when the item was booked in its currency.
        amount: What it pays of the item. It is what was booked when the payment was booked in its currency.
    """
    if paid is None and booked is not None and booked.currency == taken.currency:
        paid = taken
    if booked is None and paid is not None and paid.currency == amount.currency:
        booked = amount
    if paid is None or booked is None or paid.currency != booked.currency or paid == booked:
        return None
    gained = paid > booked
    kind, amount = ("fx_gain", paid - booked) if gained else ("fx_loss", booked - paid)
    why = f"received {paid} for what was booked at {booked}"
    return Difference(
        source.id,
        slot.item.id,
        "fx_gain" if kind == "fx_gain" else "fx_loss",
        amount,
        "realised exchange difference",
        evidence=(why,),
    )
