"""How a provision is to be measured: every choice is a value with a reason, so that the figure can be defended.

A policy holds the matrix and what departs from it: what is excluded, what is assessed by itself, what is insured, how VAT
counts, the forward-looking overlay, dilution, and discounting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from receivables.buckets import Basis
from receivables.errors import UnfitRate
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.provisions.matrix import ProvisionMatrix, Rate, as_number, as_rate, as_text
from receivables.rounding import EXACT, Rounding


class Path(Enum):
    """The way an open item goes through a measurement; each item goes exactly one."""

    EXCLUDED = "excluded"
    INDIVIDUAL = "individual"
    SECURED = "secured"
    POOL = "pool"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which items a rule is for: those of a customer, one item, or those with an attribute's value.

    >>> str(Scope(customer="C001"))
    'customer C001'
    """

    customer: str | None = None
    item: str | None = None
    attribute: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.customer is None and self.item is None and self.attribute is None:
            msg = "a scope names a customer, an item or an attribute; got none"
            raise UnfitRate(msg)

    def holds(self, item: OpenItem) -> bool:
        """Tell whether an item is meant: everything named must fit."""
        if self.customer is not None and item.customer != self.customer:
            return False
        if self.item is not None and self.item not in {item.id, item.document.id}:
            return False
        return self.attribute is None or item.attribute(self.attribute[0]) == self.attribute[1]

    def __str__(self) -> str:
        named = (
            f"customer {self.customer}" if self.customer else "",
            f"item {self.item}" if self.item else "",
            f"{self.attribute[0]} {self.attribute[1]}" if self.attribute else "",
        )
        return ", ".join(text for text in named if text)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Items that are no trade receivables, or carry no credit risk by policy.

    Args:
        scope: Which items.
        reason: Why.
    """

    scope: Scope
    reason: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Items assessed by themselves: insolvency, legal action, a watch list.

    Args:
        scope: Which items.
        rate: The share expected to be lost.
        reason: Why they leave the pool.
        author: Who decided.
        on: When.
    """

    scope: Scope
    rate: Fraction
    reason: str
    author: str = ""
    on: date | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", as_rate(self.rate, f"assessed rate of {self.scope}"))


@dataclass(frozen=True, slots=True)
class Cover:
    """Credit insurance or another enhancement that is integral to the contract (IFRS 9, B5.5.55).

    What is covered is lost only if the provider fails: covered x provider rate + the rest x the customer's rate.

    Args:
        scope: Which items.
        share: The share covered of what exceeds the deductible, between 0 and 1.
        provider_rate: The provider's own loss rate.
        provider: Who covers.
        deductible: Borne by us before cover starts, an item.
        limit: The most the provider pays, an item.
        denied: Why cover is refused (late declaration, dispute); the item then counts as uninsured.
    """

    scope: Scope
    share: Fraction
    provider_rate: Fraction
    provider: str = ""
    deductible: Money | None = None
    limit: Money | None = None
    denied: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", as_rate(self.share, f"cover of {self.scope}"))
        name = f"provider rate of {self.scope}"
        object.__setattr__(self, "provider_rate", as_rate(self.provider_rate, name))

    def covered(self, exposure: Fraction, currency: str) -> Fraction:
        """Return how much of an exposure is covered.

        Raises:
            UnfitRate: When the deductible or limit is in another currency.
        """
        for amount in (self.deductible, self.limit):
            if amount is not None and amount.currency != currency:
                msg = f"cover of {self.scope} has {amount} for items in {currency}; give it in {currency}"
                raise UnfitRate(msg)
        own = Fraction(self.deductible.amount) if self.deductible else Fraction(0)
        found = self.share * max(exposure - own, Fraction(0))
        return found if self.limit is None else min(found, Fraction(self.limit.amount))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way the economy may go: its probability, and what it does to loss rates."""

    name: str
    weight: Fraction
    multiplier: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", as_rate(self.weight, f"weight of scenario {self.name}"))
        object.__setattr__(self, "multiplier", as_number(self.multiplier, f"scenario {self.name}"))
        if self.multiplier < 0:
            msg = f"multiplier {as_text(self.multiplier)} of scenario {self.name} is negative; it must be 0 or more"
            raise UnfitRate(msg)


@dataclass(frozen=True, slots=True)
class Overlay:
    """The forward-looking adjustment (IFRS 9, B5.5.51-52): rate' = min(1, rate x factor + points).

    An audit asks who decided it, when and why; a measurement without one warns, an overlay of 1 with a reason does not.

    Args:
        author: Who decided.
        on: When.
        reason: On what grounds.
        scenarios: Weighted multipliers; the weights sum to 1. None at all means a factor of 1.
        points: Added to the rate after the factor, such as 0.005 for half a point.
        buckets: The buckets it is for; None for all.

    >>> overlay = Overlay("ana", date(2026, 1, 15), "GDP outlook", (
    ...     Scenario("base", "0.6", "1.00"), Scenario("down", "0.3", "1.25"), Scenario("up", "0.1", "0.90")))
    >>> overlay.factor
    Fraction(213, 200)
    """

    author: str
    on: date
    reason: str
    scenarios: tuple[Scenario, ...] = ()
    points: Fraction = Fraction(0)
    buckets: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.author.strip() or not self.reason.strip():
            msg = f"overlay of {self.on} names no author or no reason; give both"
            raise UnfitRate(msg)
        object.__setattr__(self, "points", as_number(self.points, "overlay points"))
        weights = sum((it.weight for it in self.scenarios), Fraction(0))
        if self.scenarios and weights != 1:
            msg = f"scenario weights {', '.join(as_text(it.weight) for it in self.scenarios)} sum to {as_text(weights)}; they must sum to 1"
            raise UnfitRate(msg)

    @property
    def factor(self) -> Fraction:
        """The weighted multiplier: the sum of weight x multiplier over the scenarios; 1 without scenarios."""
        if not self.scenarios:
            return Fraction(1)
        return sum((it.weight * it.multiplier for it in self.scenarios), Fraction(0))

    def apply(self, rate: Fraction, bucket: str | None = None) -> Fraction:
        """Return a rate adjusted, never above 1 nor below 0."""
        if self.buckets is not None and bucket not in self.buckets:
            return rate
        return max(Fraction(0), min(Fraction(1), rate * self.factor + self.points))

    def __str__(self) -> str:
        points = f" and {as_text(self.points)} points" if self.points else ""
        where = f" on {', '.join(self.buckets)}" if self.buckets is not None else ""
        return f"overlay x {as_text(self.factor)}{points}{where} by {self.author}, {self.on}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Vat:
    """How much VAT is in what is open, and which share of it is lost with the receivable.

    Where VAT on a bad debt is relieved, or due only when collected as in Mexico, nothing of it is lost: a share of 0.

    Args:
        rate: On the net amount, for documents that carry no tax lines; 0.16 for 16 %.
        loss_share: Between 0 (VAT never lost) and 1 (all of it lost: provision on gross).
    """

    rate: Fraction = Fraction(0)
    loss_share: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", as_rate(self.rate, "VAT rate"))
        object.__setattr__(self, "loss_share", as_rate(self.loss_share, "VAT loss share"))

    def share_in(self, item: OpenItem) -> Fraction:
        """Return the share of an item's gross amount that is VAT: of its tax lines, else at the rate."""
        lines = getattr(item.document, "taxes", ())
        if lines:
            charged = sum((it.amount.amount for it in lines if not it.withheld), Decimal(0))
            return Fraction(charged) / Fraction(item.document.amount.amount)
        return self.rate / (1 + self.rate)

    def base_share(self, item: OpenItem) -> Fraction:
        """Return the share of an item's gross amount that can be lost."""
        return 1 - self.share_in(item) * (1 - self.loss_share)


@dataclass(frozen=True, slots=True)
class Dilution:
    """Expected credit notes (price, quality, rebates): a reduction of revenue, kept apart from credit loss.

    Args:
        scope: Which items.
        rate: The share expected to be credited.
        reason: Why.
    """

    scope: Scope
    rate: Fraction
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", as_rate(self.rate, f"dilution of {self.scope}"))


@dataclass(frozen=True, slots=True)
class Discounting:
    """The time value of what is expected to come in late; a trade receivable without financing has a rate of 0.

    Args:
        annual_rate: The effective interest rate.
        years: How long after the as-of date money of a bucket comes in, in years; buckets not named come in at once.
        compound: Discount by (1 + rate) ^ years; False for 1 + rate x years.
    """

    annual_rate: Fraction
    years: tuple[tuple[str, Fraction], ...]
    compound: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "annual_rate", as_number(self.annual_rate, "discount rate"))
        exact = tuple((name, as_number(years, f"years of {name}")) for name, years in self.years)
        object.__setattr__(self, "years", exact)

    def apply(self, rate: Fraction, bucket: str) -> Fraction:
        """Return the loss rate with the time value: 1 less the present value of the share that comes in."""
        years = dict(self.years).get(bucket, Fraction(0))
        return 1 - (1 - rate) * discount_factor(self.annual_rate, years, compound=self.compound)


@dataclass(frozen=True, slots=True)
class ProvisionPolicy:
    """Everything a measurement rests on.

    Args:
        matrix: The loss rates of the pool.
        overlay: The forward-looking adjustment; None warns.
        exclusions: Items left out.
        assessments: Items assessed by themselves.
        covers: Insured or secured items.
        vat: VAT in the exposure; None when amounts are net or VAT is lost with the receivable.
        dilutions: Expected credit notes, apart from credit loss.
        discounting: The time value; None for none.
        segment_by: The attribute whose value is an item's segment.
        basis: The date items are aged from.
        rounding: How a row is rounded.
        decimals: To how many decimals; those of the currency when None.
    """

    matrix: ProvisionMatrix
    overlay: Overlay | None = None
    exclusions: tuple[Exclusion, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    covers: tuple[Cover, ...] = ()
    vat: Vat | None = None
    dilutions: tuple[Dilution, ...] = ()
    discounting: Discounting | None = None
    segment_by: str = "segment"
    basis: Basis = Basis.DUE
    rounding: Rounding = Rounding.HALF_UP
    decimals: int | None = None

    def pool_rate(self, segment: str | None, bucket: str) -> Fraction:
        """Return the matrix rate after the overlay, the rounding of rates and the time value."""
        rate = self.matrix.find(segment, bucket).rate
        if self.overlay is not None:
            rate = self.overlay.apply(rate, bucket)
        places = self.matrix.rate_decimals
        if places is not None:
            rate = Fraction(Rounding.HALF_UP.apply(rate, places))
        return self.discounting.apply(rate, bucket) if self.discounting else rate


def discount_factor(annual_rate: Rate, years: Rate, *, compound: bool = True) -> Fraction:
    """Return what 1 received after some years is worth now.

    Args:
        annual_rate: The effective interest rate, 0.08 for 8 %.
        years: How long, 0.5 for six months.
        compound: (1 + rate) ^ years; False for 1 + rate x years. Powers are taken to 60 digits.
    """
    rate, span = as_number(annual_rate, "discount rate"), as_number(years, "years")
    if not compound:
        return 1 / (1 + rate * span)
    if span.denominator == 1:
        return 1 / (1 + rate) ** span.numerator
    exponent = EXACT.divide(Decimal(span.numerator), Decimal(span.denominator))
    base = EXACT.divide(Decimal((1 + rate).numerator), Decimal((1 + rate).denominator))
    return 1 / Fraction(EXACT.power(base, exponent))


def discounted_loss(
    gross: Money,
    expected: tuple[tuple[Money, Rate], ...],
    annual_rate: Rate,
    *,
    compound: bool = True,
    rounding: Rounding = Rounding.HALF_UP,
) -> Money:
    """Return the expected loss of a claim: what is due less the present value of what is expected to come in.

    Args:
        gross: What is due.
        expected: Amounts expected, each with the years until it comes.
        annual_rate: The effective interest rate.
        compound: See `discount_factor`.
        rounding: How the loss is rounded.

    >>> discounted_loss(Money("1000.00", "MXN"), ((Money("900.00", "MXN"), "0.5"),), "0.08")
    Money('133.97', 'MXN')
    """
    left = Fraction(gross.amount)
    for cash, years in expected:
        worth = (gross - gross + cash).amount  # one currency at a time
        left -= Fraction(worth) * discount_factor(annual_rate, years, compound=compound)
    return Money.rounded(left, gross.currency, rounding)
