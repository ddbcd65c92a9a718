"""What departs from the matrix: which items, and why they are excluded, assessed, covered, diluted, or hold VAT.

Every rule names its items by a scope and carries its reason, so that the figure can be defended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.errors import UnfitRate
from receivables.money import Money
from receivables.open_items import OpenItem
from receivables.provisions.matrix import as_rate


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

    def rate_share(self) -> Fraction:
        """Return the share that can be lost of an amount without tax lines."""
        return 1 - self.rate / (1 + self.rate) * (1 - self.loss_share)


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
