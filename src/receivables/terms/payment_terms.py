"""`PaymentTerms`: instalments and discounts, each its share and its steps from the base date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.dates import WEEKENDS, Calendar
from receivables.errors import PartsDoNotSum, TermsError
from receivables.money import Money
from receivables.rounding import Rounding
from receivables.terms.steps import AddDays, EndOfMonth, Steps, walk

_PERCENT = Decimal(100)


class BaseDate(Enum):
    """The date that terms count from."""

    DOCUMENT = "document date"
    POSTING = "posting date"
    BASELINE = "baseline date"


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage of the whole amount, rounded half up to the currency's decimals."""

    percent: Decimal

    def __post_init__(self) -> None:
        _check_percent(self.percent)

    def __str__(self) -> str:
        return f"{self.percent:f}%"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed amount; what is left when less than that is left."""

    amount: Money

    def __str__(self) -> str:
        return str(self.amount)


@dataclass(frozen=True, slots=True)
class Remainder:
    """Everything the other instalments leave, their rounding included."""

    def __str__(self) -> str:
        return "remainder"


Share = Percent | Fixed | Remainder


@dataclass(frozen=True, slots=True)
class InstalmentTerms:
    """One instalment: its share of the amount and the steps to its due date."""

    share: Share
    steps: Steps


@dataclass(frozen=True, slots=True)
class DiscountTerms:
    """A cash discount: its percentage and the steps to the last day it may be taken, that day included."""

    percent: Decimal
    steps: Steps

    def __post_init__(self) -> None:
        _check_percent(self.percent)


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of an invoice with its own due date; the parts of an invoice sum to it exactly."""

    number: int
    due_date: date
    amount: Money


@dataclass(frozen=True, slots=True)
class DiscountOffer:
    """What a payment by `last_day`, that day included, may keep back."""

    last_day: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """When an invoice is due, in which instalments, and with which cash discounts.

    Two terms are equal when they mean the same; the text they were read from does not count.

    Args:
        instalments: At least one; the last takes the remainder, so the parts always make the whole.
        discounts: Cash discounts, earliest first.
        base: The date the steps count from.

    >>> terms = PaymentTerms.parse("2/10 net 30")
    >>> terms.due_date(date(2026, 1, 31)), terms.discount_offers(date(2026, 1, 31))[0].last_day
    (datetime.date(2026, 3, 2), datetime.date(2026, 2, 10))
    """

    instalments: tuple[InstalmentTerms, ...]
    discounts: tuple[DiscountTerms, ...] = ()
    base: BaseDate = BaseDate.BASELINE

    def __post_init__(self) -> None:
        if not self.instalments or not isinstance(self.instalments[-1].share, Remainder):
            msg = "the last instalment of payment terms must take the Remainder, so that the parts make the whole"
            raise TermsError(msg)
        percents = sum(part.share.percent for part in self.instalments if isinstance(part.share, Percent))
        if percents > _PERCENT:
            msg = f"instalments take {percents}% of the amount; they may take 100% at most"
            raise TermsError(msg)

    @classmethod
    def net(cls, days: int) -> PaymentTerms:
        """Return terms due a number of days after the base date.

        >>> str(PaymentTerms.net(30))
        'net 30'
        """
        return cls.due(AddDays(days))

    @classmethod
    def due(cls, *steps: object, discounts: tuple[DiscountTerms, ...] = ()) -> PaymentTerms:
        """Return terms with a single instalment due where the steps lead."""
        return cls((InstalmentTerms(Remainder(), steps),), discounts)  # type: ignore[arg-type]

    @classmethod
    def parse(cls, text: str) -> PaymentTerms:
        """Read the usual ways of writing terms; see `parse_terms`.

        Raises:
            UnreadableTerms: When the text has no meaning here, or more than one.
        """
        from receivables.terms.parse import parse_terms  # noqa: PLC0415 - the parser builds these values

        return parse_terms(text)

    def due_date(self, base: date, *, calendar: Calendar = WEEKENDS) -> date:
        """Return the last due date, counted from the base date.

        The calendar matters only to terms that roll to a business day.
        """
        return walk(base, self.instalments[-1].steps, calendar)

    def schedule(self, amount: Money, base: date, *, calendar: Calendar = WEEKENDS) -> tuple[Instalment, ...]:
        """Split an amount into its instalments (law: Parts make the whole).

        >>> [str(part.amount) for part in PaymentTerms.parse("50% net 30, 50% net 60").schedule(
        ...     Money("100.01", "MXN"), date(2026, 1, 1))]
        ['50.01 MXN', '50.00 MXN']
        """
        left, parts = amount, []
        for number, part in enumerate(self.instalments, start=1):
            share = _share_of(amount, left, part.share)
            left -= share
            parts.append(Instalment(number, walk(base, part.steps, calendar), share))
        return tuple(part for part in parts if part.amount) or tuple(parts[-1:])

    def discount_offers(self, base: date, *, calendar: Calendar = WEEKENDS) -> tuple[DiscountOffer, ...]:
        """Return what may be kept back until when, earliest last day first."""
        offers = (DiscountOffer(walk(base, it.steps, calendar), it.percent) for it in self.discounts)
        return tuple(sorted(offers, key=lambda offer: (offer.last_day, -offer.percent)))

    def __str__(self) -> str:
        discounts = [f"{it.percent:f}%[{_written(it.steps)}]" for it in self.discounts]
        if len(self.instalments) == 1:
            due = [_due_text(self.instalments[0].steps)]
        else:
            due = [f"{part.share}[{_written(part.steps)}]" for part in self.instalments]
        counted = [] if self.base is BaseDate.BASELINE else [f"from {self.base.value}"]
        return " ".join([*(f"discount {it}" for it in discounts), *due, *counted])


def check_schedule(whole: Money, parts: tuple[Instalment, ...], owner: str) -> None:
    """Assert that instalments are numbered apart and sum to their invoice (law: Parts make the whole)."""
    sums = Money.zero(whole.currency)
    for part in parts:
        sums += part.amount
    numbers = [part.number for part in parts]
    if sums != whole or len(set(numbers)) != len(numbers) or any(part.amount.amount <= 0 for part in parts):
        listed = ", ".join(f"{part.number}: {part.amount}" for part in parts)
        msg = f"instalments of {owner} ({listed}) sum to {sums}; they must be positive, numbered apart and sum to {whole}"
        raise PartsDoNotSum(msg)


def _share_of(amount: Money, left: Money, share: Share) -> Money:
    match share:
        case Percent(percent):
            wanted = amount.times(Fraction(percent) / 100, Rounding.HALF_UP)
        case Fixed(fixed):
            wanted = fixed
        case Remainder():
            return left
    return min(wanted, left) if amount.amount >= 0 else max(wanted, left)


def _due_text(steps: Steps) -> str:
    match steps:
        case (AddDays(days),):
            return f"net {days}"
        case (AddDays(days), EndOfMonth()):
            return f"{days} EOM"
        case (EndOfMonth(), AddDays(days)):
            return f"EOM {days}"
        case _:
            return f"due[{_written(steps)}]"


def _written(steps: Steps) -> str:
    return " ".join(map(str, steps))


def _check_percent(percent: Decimal) -> None:
    if not isinstance(percent, Decimal) or not 0 < percent <= _PERCENT:
        msg = f"percentage {percent!r} must be a Decimal above 0 and at most 100"
        raise TermsError(msg)
