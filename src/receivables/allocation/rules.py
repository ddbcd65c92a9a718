"""The rules of cash application, each a value that says how money is led to items; a policy puts them in order.

A rule looks at one payment at a time and at the open items of its payer. What a rule takes is settled; what it leaves goes
on to the next rule. Confidence says how much a match by it proves: a number on a document proves more than its amount, and
an order of dates proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, ClassVar, Literal

from receivables.errors import NoSuchChoice

Order = Literal["due", "document", "newest", "interest"]


@dataclass(frozen=True, slots=True)
class _Rule:
    label: ClassVar[str]

    @property
    def name(self) -> str:
        """What the rule is called, in a policy and in a proposal."""
        return self.label

    def __str__(self) -> str:
        shown = [
            f"{it.name}={getattr(self, it.name)}"
            for it in fields(self)
            if getattr(self, it.name) != it.default
        ]
        return f"{self.name}({', '.join(shown)})" if shown else self.name


@dataclass(frozen=True, slots=True)
class ByAdvice(_Rule):
    """Follow the lines of the payer's remittance advice."""

    label: ClassVar[str] = "advice"


@dataclass(frozen=True, slots=True)
class ByReference(_Rule):
    """Find documents that the payment's text names: numbers, orders, UUIDs, bank keys; alone, in lists or in ranges.

    Letters count without case and accents, digits without leading zeros, and punctuation only separates. A number of a
    document counts only as a whole run of digits, never as a part of a longer one.

    Args:
        digits: Fewest digits a number must have to count without the letters around it.
        similarity: Below 1, take a text for a document's number when 1 - edits / length reaches this.
        ranked: Take only the item that shares the most numbers with the text, even if others share some.
    """

    label: ClassVar[str] = "reference"
    digits: int = 4
    similarity: Decimal = Decimal(1)
    ranked: bool = False


@dataclass(frozen=True, slots=True)
class ExactAmount(_Rule):
    """Find one item whose open amount is exactly what was paid; among several, the one due first.

    Args:
        unique: True to take nothing when several items have that amount.
    """

    label: ClassVar[str] = "exact"
    unique: bool = False


@dataclass(frozen=True, slots=True)
class AfterDeductions(_Rule):
    """Find one item that is paid exactly after a cash discount, withholding, bank fee or tolerated difference."""

    label: ClassVar[str] = "deductions"


@dataclass(frozen=True, slots=True)
class WholeAccount(_Rule):
    """Clear everything open of the payer, credits included, when it comes to exactly what was paid.

    Args:
        past_due: True to look only at what is past due.
        by: Attribute, or `terms`, that makes groups; the group with the oldest due date that fits is cleared.
    """

    label: ClassVar[str] = "whole-account"
    past_due: bool = False
    by: str | None = None

    @property
    def name(self) -> str:
        """What the rule is called."""
        return "past-due" if self.past_due else self.label


@dataclass(frozen=True, slots=True)
class ByCombination(_Rule):
    """Find the one set of items that comes to exactly what was paid.

    Sets with a reason come first: everything past due, the oldest so many, one order or month, all but one. Only then
    are small sets searched, in full and each item less the discount it offers, and only up to a size at which a chance
    match stays under `accidents`; a second set that fits, either way, makes it ambiguous, and nothing is taken.

    Args:
        most_items: Largest set searched.
        candidates: Most items searched among; with more, only sets with a reason are tried.
        accidents: Highest expected share of chance matches, which limits the size of sets.
        always: With so few candidates every set can be looked at, so sets of any size are searched; where chance matches are
            likely, confidence says so.
        work: Most sums formed for one payment; what would need more is not started.
    """

    label: ClassVar[str] = "combination"
    most_items: int = 6
    candidates: int = 60
    accidents: Decimal = Decimal("0.01")
    always: int = 15
    work: int = 200_000


@dataclass(frozen=True, slots=True)
class InOrder(_Rule):
    """Fill item after item until the money is used up.

    Args:
        order: Oldest `due` date first, oldest `document` first, `newest` document first, or highest `interest` first (by the
            attribute `interest_rate`).
        whole: True to pay the items that the money reaches only when it settles them all, deductions and tolerated
            differences apart; what it is too much is left over.
    """

    label: ClassVar[str] = "oldest-due"
    order: Order = "due"
    whole: bool = False

    @property
    def name(self) -> str:
        """What the rule is called."""
        return _IN_ORDER.get(self.order, self.order)

    def __str__(self) -> str:
        return f"{self.name}(whole=True)" if self.whole else self.name


@dataclass(frozen=True, slots=True)
class Proportional(_Rule):
    """Spread the money over all items in proportion to their open amounts, by largest remainder."""

    label: ClassVar[str] = "proportional"


@dataclass(frozen=True, slots=True)
class CreditsFirst(_Rule):
    """Use the payer's open credit memos against the oldest items before money is used."""

    label: ClassVar[str] = "credits-first"


@dataclass(frozen=True, slots=True)
class NearestSum(_Rule):
    """Drop the item due last again and again, and pay the set that came nearest to the amount, the way Tryton proposes."""

    label: ClassVar[str] = "nearest-sum"


@dataclass(frozen=True, slots=True)
class EqualTotals(_Rule):
    """Settle everything when all open payments of a customer together equal all its open items, the way iDempiere does."""

    label: ClassVar[str] = "equal-totals"


@dataclass(frozen=True, slots=True)
class SameKeys(_Rule):
    """Clear groups of payments and items that agree in the given attributes and come to zero, as SAP's F.13 does.

    Args:
        by: Attributes that must agree, such as `reference` or `assignment`; at least one.
        tolerance: True to let the policy's tolerances make up a difference.
    """

    label: ClassVar[str] = "same-keys"
    by: tuple[str, ...] = ("reference",)
    tolerance: bool = False

    def __post_init__(self) -> None:
        names = (self.by,) if isinstance(self.by, str) else tuple(self.by)
        object.__setattr__(self, "by", names)


Rule = (
    ByAdvice
    | ByReference
    | ExactAmount
    | AfterDeductions
    | WholeAccount
    | ByCombination
    | InOrder
    | Proportional
    | CreditsFirst
    | NearestSum
    | EqualTotals
    | SameKeys
)

_IN_ORDER: dict[Order, str] = {
    "due": "oldest-due",
    "document": "oldest-document",
    "newest": "newest-document",
    "interest": "highest-interest",
}
_NAMED: dict[str, Rule] = {
    **{
        kind.label: kind()
        for kind in (
            *(ByAdvice, ByReference, ExactAmount, AfterDeductions, WholeAccount, ByCombination),
            *(Proportional, CreditsFirst, NearestSum, EqualTotals, SameKeys),
        )
    },
    "past-due": WholeAccount(past_due=True),
    **{name: InOrder(order) for order, name in _IN_ORDER.items()},
    "discount": AfterDeductions(),
    "oldest": InOrder("due"),
}
DEFAULT_RULES: tuple[Rule, ...] = (
    *(ByAdvice(), ByReference(), ExactAmount(), AfterDeductions(), WholeAccount()),
    *(ByCombination(), InOrder("due")),
)


def rule_named(given: str | Rule, **options: Any) -> Rule:
    """Return a rule given by its name, or as it is.

    Raises:
        NoSuchChoice: When there is no rule of that name, or no order `InOrder` knows.

    >>> rule_named("oldest-due")
    InOrder(order='due', whole=False)
    >>> str(rule_named("combination", most_items=3))
    'combination(most_items=3)'
    """
    rule = _NAMED.get(given) if isinstance(given, str) else given
    if not isinstance(rule, _Rule) or (isinstance(rule, InOrder) and rule.order not in _IN_ORDER):
        msg = f"no allocation rule {given!r}; it must be one of {', '.join(sorted(_NAMED))}, or a rule such as ExactAmount()"
        raise NoSuchChoice(msg)
    if not options:
        return rule
    known = {it.name for it in fields(rule)}
    if unknown := set(options) - known:
        msg = f"rule {given} has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known)) or 'no options'}"
        raise NoSuchChoice(msg)
    return type(rule)(**{**{it.name: getattr(rule, it.name) for it in fields(rule)}, **options})
