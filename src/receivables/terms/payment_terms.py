"""`PaymentTerms`: instalments and discounts, each its share and its steps from the base date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from receivables.dates import Calendar
from receivables.errors import CurrencyMismatch, TermsError
from receivables.money import Money
from receivables.rounding import Rounding
from receivables.terms.steps import AddDays, EndOfMonth, Step, Steps, walk

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
    """A part of an invoice with its own due date; the parts of an invoice sum to it exactly.

    Args:
        number: From 1.
        due_date: When it is due.
        amount: How much it is.
    """

    number: int
    due_date: date
    amount: Money

    def __post_init__(self) -> None:
        if (
            type(self.due_date) is not date
            or not isinstance(self.number, int)
            or self.number < 1
            or not isinstance(self.amount, Money)
        ):
            msg = f"instalment {self.number!r} due {self.due_date!r} of {self.amount!r} must be a number from 1, a date and Money"
            raise TermsError(msg)


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
        object.__setattr__(self, "instalments", tuple(self.instalments))
        object.__setattr__(self, "discounts", tuple(self.discounts))
        if not self.instalments or not isinstance(self.instalments[-1].share, Remainder):
            msg = "the last instalment of payment terms must take the Remainder, so that the parts make the whole"
            raise TermsError(msg)
        percents = sum(
            part.share.percent for part in self.instalments if isinstance(part.share, Percent)
        )
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
    def due(cls, *steps: Step, discounts: tuple[DiscountTerms, ...] = ()) -> PaymentTerms:
        """Return terms with a single instalment due where the steps lead."""
        return cls((InstalmentTerms(Remainder(), steps),), discounts)

    @classmethod
    def parse(cls, text: str, *, calendars: Iterable[Calendar] = ()) -> PaymentTerms:
        """Read the usual ways of writing terms; see `parse_terms`.

        Raises:
            UnreadableTerms: When the text has no meaning here, or more than one.
        """
        from receivables.terms.parse import parse_terms  # the parser builds these values

        return parse_terms(text, calendars=calendars)

    def due_date(self, base: date) -> date:
        """Return the due date of the last instalment, counted from the base date."""
        return walk(base, self.instalments[-1].steps)

    def schedule(self, amount: Money, base: date) -> tuple[Instalment, ...]:
        """Split an amount into its instalments (law: Parts make the whole).

        Shares that come to nothing are left out; the others keep their numbers.

        Raises:
            CurrencyMismatch: When a fixed share is in another currency than the amount.

        >>> [str(part.amount) for part in PaymentTerms.parse("50% net 30, 50% net 60").schedule(
        ...     Money("100.01", "MXN"), date(2026, 1, 1))]
        ['50.01 MXN', '50.00 MXN']
        """
        if len(self.instalments) == 1:
            return (Instalment(1, self.due_date(base), amount),)
        left, parts = amount, []
        for number, part in enumerate(self.instalments, start=1):
            share = _share_of(amount, left, part.share)
            left -= share
            if share:
                parts.append(Instalment(number, walk(base, part.steps), share))
        return tuple(parts)

    def discount_offers(self, base: date) -> tuple[DiscountOffer, ...]:
        """Return what may be kept back until when, earliest last day first."""
        offers = (DiscountOffer(walk(base, it.steps), it.percent) for it in self.discounts)
        return tuple(sorted(offers, key=lambda offer: (offer.last_day, -offer.percent)))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept terms as they are; in JSON the text that `str` prints and `parse` reads."""
        read = core_schema.no_info_after_validator_function(
            cls.parse, core_schema.str_schema(strict=True)
        )
        written = core_schema.to_string_ser_schema(when_used="json")
        return core_schema.json_or_python_schema(
            read, core_schema.is_instance_schema(cls), serialization=written
        )

    def __str__(self) -> str:
        discounts = [f"{it.percent:f}%[{_written(it.steps)}]" for it in self.discounts]
        if len(self.instalments) == 1:
            due = [_due_text(self.instalments[0].steps)]
        else:
            due = [f"{part.share}[{_written(part.steps)}]" for part in self.instalments]
        counted = [] if self.base is BaseDate.BASELINE else [f"from {self.base.value}"]
        return " ".join([*(f"discount {it}" for it in discounts), *due, *counted])


def _share_of(amount: Money, left: Money, share: Share) -> Money:
    match share:
        case Percent(percent):
            wanted = amount.times(Fraction(percent) / 100, Rounding.HALF_UP)
        case Fixed(fixed) if fixed.currency != amount.currency:
            msg = f"terms fix {fixed} of an amount of {amount}; fixed shares are in the currency of the amount"
            raise CurrencyMismatch(msg)
        case Fixed(fixed):
            wanted = fixed
        case Remainder():
            return left
    return min(wanted, left) if amount.amount >= 0 else max(wanted, left)


def _due_text(steps: Steps) -> str:
    match steps:
        case (AddDays(days),) if days >= 0:
            return f"net {days}"
        case (AddDays(days), EndOfMonth()) if days >= 0:
            return f"{days} EOM"
        case (EndOfMonth(), AddDays(days)) if days >= 0:
            return f"EOM {days}"
        case _:
            return f"due[{_written(steps)}]"


def _written(steps: Steps) -> str:
    return " ".join(map(str, steps))


def _check_percent(percent: Decimal) -> None:
    if not isinstance(percent, Decimal) or not 0 < percent <= _PERCENT:
        msg = f"percentage {percent!r} must be a Decimal above 0 and at most 100"
        raise TermsError(msg)
