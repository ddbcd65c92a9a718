"""What is booked against what was measured: differences to post, and differences to explain.

`provision_deltas` gives what an ERP's valuation run gives: old, new and difference per item, under a key that is the same
for the same legal entity, date and method, so that running it again posts nothing. `check_provision` lists where a booked
provision differs, and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction

from receivables.errors import UnfitHistory
from receivables.money import Money, total
from receivables.provisions.matrix import as_text
from receivables.provisions.policy import Path
from receivables.provisions.result import Provision, ProvisionLine


class Method(Enum):
    """How a run treats items that are no longer open.

    `FLAT_RATE`: their provision is reversed.
    `DOUBTFUL`: the same, but one that had been provided in full is left as it is.
    """

    FLAT_RATE = "flat-rate value adjustment"
    DOUBTFUL = "provision for doubtful items"


@dataclass(frozen=True, slots=True)
class Booked:
    """A provision in the ledger.

    Args:
        item: The item it is for.
        allowance: How much.
        exposure: The base it was computed on, if known.
        rate: The rate it was computed at, if known.
        bucket: The bucket it was computed for, if known.
    """

    item: str
    allowance: Money
    exposure: Money | None = None
    rate: Fraction | None = None
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class ProvisionDelta:
    """What to post for one item.

    Args:
        key: The same for the same legal entity, date, method and item.
        item: The item.
        base: What can be lost of it; zero when it is no longer open.
        days_past_due: How late it is; None when undated or gone.
        rate: The rate.
        old: What is booked.
        new: What was measured.
        delta: new - old.
        reason: Why there is a difference.
    """

    key: str
    item: str
    base: Money
    days_past_due: int | None
    rate: Fraction
    old: Money
    new: Money
    delta: Money
    reason: str


def provision_deltas(
    measured: Provision,
    booked: Iterable[Booked],
    *,
    legal_entity: str,
    method: Method = Method.FLAT_RATE,
) -> tuple[ProvisionDelta, ...]:
    """Return what to post for each item with a provision, old or new; once booked, nothing is left to post.

    Args:
        measured: The provision.
        booked: What the ledger holds, several entries of an item being added.
        legal_entity: Whose books.
        method: How items that are gone are treated.
    """
    old, base = _sum_of(booked)
    lines = {line.item.id: line for line in measured.lines}
    found = []
    for name in sorted({*old, *(it.item.id for it in measured.lines if it.allowance)}):
        line = lines.get(name)
        before = old.get(name)
        if line is None and before is not None:
            full = method is Method.DOUBTFUL and base.get(name) == before
            none = Money.zero(before.currency)
            new = before if full else none
            why = "no longer open; provided in full and kept" if full else "no longer open"
            found.append(_delta(measured.as_of, legal_entity, method, name, none, None, Fraction(0), before, new, why))  # fmt: skip
        elif line is not None:
            was = before or Money.zero(line.item.currency)
            why = "new" if before is None else "measured anew"
            found.append(_delta(measured.as_of, legal_entity, method, name, line.exposure,
                                line.item.days_past_due, line.rate, was, line.allowance, why))  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a booked provision differs from the measured one.

    Args:
        item: The item.
        booked: What was booked; zero when nothing was.
        measured: What was measured; zero when the item is not open.
        reasons: Why, most telling first.
    """

    item: str
    booked: Money
    measured: Money
    reasons: tuple[str, ...]

    @property
    def amount(self) -> Money:
        """Booked less measured: positive when too much was booked."""
        return self.booked - self.measured


@dataclass(frozen=True, slots=True)
class ProvisionCheck:
    """A booked provision against the measured one, one currency: the differences sum to the difference of the totals.

    Args:
        as_of: The date.
        currency: Whose amounts.
        booked: The sum booked.
        measured: The sum measured.
        differences: Item by item, the largest first.
    """

    as_of: date
    currency: str
    booked: Money
    measured: Money
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether no item differs."""
        return not self.differences


def check_provision(
    reported: Iterable[Booked], measured: Provision, *, currency: str
) -> ProvisionCheck:
    """List where a reported provision differs from the measured one, and why.

    Reasons look at what the report says of an item: another bucket, another rate, VAT left in, credits not set off, an
    item that is excluded, not open, or missing.

    Args:
        reported: What was booked or reported, item by item.
        measured: The provision as it should be.
        currency: Whose amounts.

    Raises:
        UnfitHistory: When an item is reported twice.
    """
    given = [it for it in reported if it.allowance.currency == currency]
    by_item = {it.item: it for it in given}
    if len(by_item) != len(given):
        msg = "an item is reported twice; sum its entries before checking"
        raise UnfitHistory(msg)
    lines = {it.item.id: it for it in measured.lines if it.item.currency == currency}
    none = Money.zero(currency)
    found = []
    for name in (*by_item, *(it for it in lines if it not in by_item)):
        booked, line = by_item.get(name), lines.get(name)
        was = booked.allowance if booked else none
        is_ = line.allowance if line else none
        if was != is_:
            found.append(Difference(name, was, is_, tuple(_reasons(booked, line, measured.as_of))))
    found.sort(key=lambda it: (-abs(it.amount.amount), it.item))
    return ProvisionCheck(
        measured.as_of,
        currency,
        total((it.allowance for it in given), currency),
        total((it.allowance for it in lines.values()), currency),
        tuple(found),
    )


def _reasons(booked: Booked | None, line: ProvisionLine | None, as_of: date) -> Iterator[str]:
    if line is None:
        yield f"not open on {as_of}"
        return
    if booked is None:
        yield f"nothing is booked; {line.path.value}, {line.bucket}, {line.rule}"
        return
    if line.path in {Path.EXCLUDED, Path.CREDIT, Path.INDIVIDUAL, Path.SECURED}:
        yield line.rule
    if booked.bucket is not None and booked.bucket != line.bucket:
        late = line.item.days_past_due
        yield f"booked in {booked.bucket}; it belongs in {line.bucket}, {late if late is not None else 'no'} days past due"
    if booked.rate is not None and booked.rate != line.rate:
        yield f"booked at {as_text(booked.rate)}; the rate is {as_text(line.rate)}: {line.rule}"
    yield from _exposure_reasons(booked, line)
    if booked.exposure is None and booked.rate is None and booked.bucket is None:
        yield f"the report says no base, rate or bucket; measured {as_text(line.rate)} of {line.exposure}"


def _exposure_reasons(booked: Booked, line: ProvisionLine) -> Iterator[str]:
    if booked.exposure is None or booked.exposure == line.exposure:
        return
    if line.netted and booked.exposure == line.item.open_amount:
        named = ", ".join(f"{amount} of {name}" for name, amount in line.netted)
        yield f"credits of the customer were not set off: {named}"
    elif booked.exposure == line.gross:
        yield f"VAT was left in: {line.gross} instead of {line.exposure}"
    else:
        yield f"booked on {booked.exposure}; {line.exposure} can be lost"


def _sum_of(booked: Iterable[Booked]) -> tuple[dict[str, Money], dict[str, Money]]:
    groups: dict[str, list[Booked]] = defaultdict(list)
    for it in booked:
        groups[it.item].append(it)
    old, base = {}, {}
    for name, entries in groups.items():
        old[name] = _added([it.allowance for it in entries])
        bases = [it.exposure for it in entries if it.exposure is not None]
        if bases:
            base[name] = bases[-1]
    return old, base


def _added(amounts: Sequence[Money]) -> Money:
    return total(amounts, amounts[0].currency)


def _delta(
    as_of: date,
    legal_entity: str,
    method: Method,
    item: str,
    base: Money,
    late: int | None,
    rate: Fraction,
    old: Money,
    new: Money,
    reason: str,
) -> ProvisionDelta:
    key = f"{legal_entity}/{as_of}/{method.name.lower()}/{item}"
    why = reason if new - old else "unchanged"
    return ProvisionDelta(key, item, base, late, rate, old, new, new - old, why)
