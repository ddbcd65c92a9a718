"""What may lie between what is due and what is paid: discounts, withholding, fees, tolerances, and the tax in them.

Amounts are in minor units; a percentage is rounded half up to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from receivables.allocation.policy import AllocationPolicy, Discounts, DiscountTax
from receivables.allocation.pool import Slot
from receivables.allocation.proposal import DifferenceKind, TaxShare
from receivables.facts import Charge
from receivables.money import Money
from receivables.rounding import Rounding

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of an item that is settled without money.

    Args:
        slot: The item; None for money above what is due.
        kind: What it is.
        minor: How much.
        reason: Why.
        approver: Who may approve it.
        evidence: Where it comes from.
    """

    slot: Slot | None
    kind: DifferenceKind
    minor: int
    reason: str
    approver: str | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """How an amount settles some items: exactly, after the cuts.

    Args:
        cuts: What is settled without money.
        why: One sentence.
    """

    cuts: tuple[Cut, ...] = ()
    why: str = "the amounts are equal"

    @property
    def over(self) -> int:
        """Money above what is due that is written off."""
        return sum(cut.minor for cut in self.cuts if cut.slot is None)


def fit(
    policy: AllocationPolicy,
    slots: Sequence[Slot],
    have: int,
    on: date,
    customer: str | None,
    *,
    cash: int | None = None,
) -> Fit | None:
    """Return how money settles all of these items, or None when it does not.

    Args:
        policy: What may be deducted.
        slots: The items, all of one currency.
        have: The money, credits used with it included.
        on: The day of the payment, for discounts.
        customer: Whose tolerances count.
        cash: The part of the money that may be written off when it is too much; all of it when not given.
    """
    due = sum([slot.left for slot in slots])
    if due == have:
        return Fit()
    if not slots or have <= 0:
        return None
    if have > due:
        within = cash is None or have - due <= cash
        return _over(policy, slots[0], have, due, customer) if within else None
    short = due - have
    kept = [*_discounts(policy.discounts, slots, on), _withheld(policy, slots, customer)]
    kept = [cuts for cuts in kept if cuts]
    for cuts in (*kept, _fees(policy, slots, short)):
        if cuts and sum(cut.minor for cut in cuts) == short:
            return Fit(cuts, cuts[0].evidence)
    for cuts in kept:
        rest = short - sum(cut.minor for cut in cuts)
        if rest > 0 and (fee := _fees(policy, slots, rest)) and _leave_room((*cuts, *fee)):
            return Fit((*cuts, *fee), f"{cuts[0].evidence}; {fee[0].evidence}")
    return _nearly(policy, slots, have, kept, customer)


def _nearly(
    policy: AllocationPolicy,
    slots: Sequence[Slot],
    have: int,
    kept: Sequence[tuple[Cut, ...]],
    customer: str | None,
) -> Fit | None:
    """Return the write-off that a tolerance allows: of all that is short, or of what deductions leave short."""
    due = sum(slot.left for slot in slots)
    plain = tolerated(policy, slots, have, due, customer)
    if plain is not None:
        return plain
    for cuts in kept:
        left = due - sum(cut.minor for cut in cuts)
        if left > have:
            found = tolerated(policy, slots, have, left, customer, due=due)
            if found is not None and _leave_room((*cuts, *found.cuts)):
                return Fit((*cuts, *found.cuts), f"{cuts[0].evidence}; {found.why}")
    return None


def _leave_room(cuts: Sequence[Cut]) -> bool:
    """Tell whether cuts together take no more off an item than it has."""
    taken: dict[int, int] = {}
    for cut in cuts:
        if cut.slot is not None:
            place = cut.slot.place
            taken[place] = taken.get(place, 0) + cut.minor
    return all(cut.slot is None or taken[cut.slot.place] <= cut.slot.left for cut in cuts)


def discounts(how: Discounts, slots: Sequence[Slot], on: date, forgone: int = 0) -> tuple[Cut, ...]:
    """Return the discounts that a payment on a day may take on items, late ones where they are accepted.

    Args:
        how: When a discount counts.
        slots: The items.
        on: The day of the payment.
        forgone: How many offers that still stand are not taken: 0 for the best of each item.
    """
    if not how.taken:
        return ()
    found = [_discount(how, slot, on, forgone) for slot in slots if slot.offers]
    return tuple([cut for cut in found if cut is not None])


def _discounts(how: Discounts, slots: Sequence[Slot], on: date) -> Iterator[tuple[Cut, ...]]:
    """Yield the discounts of the best offers, then of the second best; a payer may take less than is offered."""
    forgone = 0
    while cuts := discounts(how, slots, on, forgone):
        yield cuts
        forgone += 1


def _discount(how: Discounts, slot: Slot, on: date, forgone: int) -> Cut | None:
    item, document = slot.item, slot.charge
    if slot.left != item.amount.minor and not how.part_paid:
        return None
    grace = timedelta(days=how.grace_days)
    offers = item.discount_offers
    standing = [it for it in offers if on <= it.last_day + grace]
    late = not standing
    if late and how.unearned:
        standing = [offers[-1]]
    if forgone >= len(standing):
        return None
    offer = standing[forgone]
    base = discountable(document, how.tax)
    share = (
        Fraction(base.amount)
        / Fraction(document.amount.amount)
        * Fraction(offer.percent)
        / _HUNDRED
    )
    minor = slot.money(slot.left).times(share, Rounding.HALF_UP).minor
    if not 0 < minor < slot.left:
        return None
    until = f"{offer.percent:f}% until {offer.last_day}" + (
        f" and {how.grace_days} days of grace" if how.grace_days else ""
    )
    kind: DifferenceKind = "unearned_discount" if late else "discount"
    reason = "cash discount taken too late" if late else "cash discount"
    return Cut(slot, kind, minor, reason, evidence=f"{item.id} offers {until}; paid on {on}")


def discountable(document: Charge, tax: DiscountTax) -> Money:
    """Return what a discount is a percentage of: all but fixed taxes, or the amount before taxes."""
    if tax is not DiscountTax.INCLUDED:
        return document.net
    fixed = Money.zero(document.amount.currency)
    for line in document.taxes:
        if line.factor == "quota":
            fixed += line.amount
    return document.amount - fixed


def _withheld(
    policy: AllocationPolicy, slots: Sequence[Slot], customer: str | None
) -> tuple[Cut, ...]:
    cuts: list[Cut] = []
    if not policy.withholdings:
        return ()
    for slot in slots:
        document = slot.charge
        for it in policy.withholdings:
            if it.customer not in {None, customer}:
                continue
            base = document.net if it.of == "net" else document.amount
            share = (
                Fraction(base.amount)
                / Fraction(document.amount.amount)
                * Fraction(it.percent)
                / _HUNDRED
            )
            minor = slot.money(slot.left).times(share, Rounding.HALF_UP).minor
            if minor:
                why = f"{it.reason}: {it.percent:f}% of the {it.of} amount of {slot.item.id} is kept back"
                cuts.append(Cut(slot, "withholding", minor, it.reason, evidence=why))
    return tuple(cuts)


def _fees(policy: AllocationPolicy, slots: Sequence[Slot], short: int) -> tuple[Cut, ...]:
    last = slots[-1]
    for fee in policy.fees:
        if fee.currency == last.item.currency and fee.minor == short < last.left:
            why = f"the payment is short by a bank fee of {fee}"
            return (Cut(last, "bank_fee", short, "bank fee", evidence=why),)
    return ()


def tolerated(
    policy: AllocationPolicy,
    slots: Sequence[Slot],
    have: int,
    left: int,
    customer: str | None,
    due: int | None = None,
) -> Fit | None:
    """Return the write-off that makes up for a short payment, off the largest item, when a tolerance allows it.

    Args:
        policy: Whose tolerances count.
        slots: The items.
        have: The money.
        left: What is open of them.
        customer: Who pays.
        due: What percentages are of; what is open when not given.
    """
    if not policy.tolerances:
        return None
    short, last = left - have, slots[-1]
    largest = max(slots, key=lambda slot: (slot.left, -slot.place))
    for it in policy.tolerances:
        within = it.allows(
            short, left if due is None else due, last.item.currency, customer, over=False
        )
        if within and short <= largest.left and (have or due):
            why = f"short by {last.money(short)}, within the tolerance {it}"
            return Fit((Cut(largest, "tolerance", short, it.reason, it.approver, why),), why)
    return None


def _over(
    policy: AllocationPolicy, slot: Slot, have: int, due: int, customer: str | None
) -> Fit | None:
    for it in policy.tolerances:
        if it.allows(have - due, due, slot.item.currency, customer, over=True):
            why = f"over by {slot.money(have - due)}, within the tolerance {it}"
            return Fit((Cut(None, "overpayment", have - due, it.reason, it.approver, why),), why)
    return None


def tax_shares(
    document: Charge, amount: Money, kind: DifferenceKind, tax: DiscountTax
) -> tuple[TaxShare, ...]:
    """Return the tax to correct when a part of a document is settled without money.

    The tax in a gross amount is its share of the document's tax, rounded half up a line. Discounts correct tax only where
    the policy says they include it; withheld tax, fees and open claims correct none.

    Args:
        document: The document it is taken off.
        amount: The gross amount.
        kind: What the amount is.
        tax: What a discount does to tax.
    """
    if not document.taxes:
        return ()
    discount = kind in {"discount", "unearned_discount"}
    if not (discount or kind == "tolerance") or (discount and tax is not DiscountTax.INCLUDED):
        return ()
    whole = discountable(document, tax) if discount else document.amount
    share = Fraction(amount.amount) / Fraction(whole.amount)
    return tuple(
        TaxShare(
            line.tax,
            line.base.times(share, Rounding.HALF_UP),
            line.amount.times(share, Rounding.HALF_UP),
        )
        for line in document.taxes
        if not line.withheld and not (discount and line.factor == "quota")
    )
