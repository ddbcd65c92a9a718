"""How cash is to be applied: a policy of rules in order, tolerances, discounts, withholding and what becomes of the rest.

Every part is a value that prints what it means; two runs under equal policies give equal proposals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from receivables.allocation.rules import DEFAULT_RULES, Rule, rule_named
from receivables.errors import NoSuchChoice, NotAnAmount
from receivables.money import Money

_HUNDRED = 100


class DiscountTax(Enum):
    """What a cash discount does to tax: the three ways of Odoo's payment terms.

    `INCLUDED`: the discount is taken off the gross amount, and the tax in it is corrected. Taxes of a fixed amount a unit
    are not discounted. `EXCLUDED`: it is taken off the net amount, tax stays. `MIXED`: the invoice was taxed as if the
    discount were taken, so it is taken off the net amount, and there is no tax to correct.
    """

    INCLUDED = "included"
    EXCLUDED = "excluded"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A difference that may be written off, and who may approve it. Every limit that is given must hold.

    Args:
        absolute: Largest difference, in one currency; only for that currency.
        percent: Largest difference in percent of what was due.
        currency: Only for this currency.
        customer: Only for this customer.
        reason: What the write-off gives as its reason.
        approver: Who may approve it; it is named in the proposal.
        over: Payments above what is due: True for them, too. Short payments only, by default.

    >>> str(Tolerance(Money("10.00", "MXN"), Decimal("0.5"), approver="AR lead"))
    'up to 10.00 MXN and 0.5%, short payments only, approved by AR lead'
    """

    absolute: Money | None = None
    percent: Decimal | None = None
    currency: str | None = None
    customer: str | None = None
    reason: str = "small difference"
    approver: str | None = None
    over: bool = False

    def __post_init__(self) -> None:
        if self.absolute is None and self.percent is None:
            msg = "a tolerance needs an absolute limit, a percentage, or both"
            raise NotAnAmount(msg)
        _check_percent("tolerance", self.percent)

    def allows(
        self, minor: int, due: int, currency: str, customer: str | None, *, over: bool
    ) -> bool:
        """Tell whether a difference in minor units is within it, both ends included."""
        if (over and not self.over) or self.customer not in {None, customer}:
            return False
        if self.currency not in {None, currency}:
            return False
        if self.absolute is not None and (
            self.absolute.currency != currency or minor > self.absolute.minor
        ):
            return False
        return self.percent is None or minor * _HUNDRED <= self.percent * due

    def __str__(self) -> str:
        limits = [str(self.absolute)] if self.absolute else []
        limits += [f"{self.percent:f}%"] if self.percent is not None else []
        scope = [f"in {self.currency}"] if self.currency else []
        scope += [f"of {self.customer}"] if self.customer else []
        who = [f"approved by {self.approver}"] if self.approver else []
        side = "short and over payments" if self.over else "short payments only"
        return ", ".join([f"up to {' and '.join(limits)}", *scope, side, *who])


@dataclass(frozen=True, slots=True)
class Discounts:
    """When a cash discount that the terms offer counts as earned.

    Args:
        tax: What it does to tax.
        grace_days: Days after the last discount day on which it still counts; that last day counts in any case.
        part_paid: True to grant it on items that something was already paid of.
        unearned: True to accept a discount taken too late, as a difference of its own kind.
        taken: False to know no discounts at all.
    """

    tax: DiscountTax = DiscountTax.INCLUDED
    grace_days: int = 0
    part_paid: bool = False
    unearned: bool = False
    taken: bool = True


@dataclass(frozen=True, slots=True)
class Withholding:
    """Tax a customer keeps back and pays to the state: the item is settled, the certificate is still owed.

    Args:
        percent: Percent of the base.
        of: `gross` for the whole amount, `net` for the amount before taxes.
        reason: Its name, such as `ISR` or `TDS`.
        customer: Only for this customer.
    """

    percent: Decimal
    of: Literal["gross", "net"] = "gross"
    reason: str = "withholding"
    customer: str | None = None

    def __post_init__(self) -> None:
        _check_percent("withholding", self.percent)


@dataclass(frozen=True, slots=True)
class AllocationPolicy:
    """How payments and credits are led to open items.

    Args:
        rules: Rules, or their names, in the order they are tried; a rule has its turn with every payment before the next.
        tolerances: Differences that may be written off.
        discounts: When a cash discount counts as earned, and what it does to tax.
        withholdings: Taxes that customers keep back.
        fees: Bank fees that are known to be kept back from payments.
        disputed: True to let rules touch disputed items.
        blocked_by: Attributes that keep an item out when they say anything but `false`, `no` or `0`.
        partial: True to pay a part of an item when the money does not reach.
        short: `partial` leaves a short-paid item open; `residual` clears it and opens a new item for the rest, as SAP can.
        spread: True to hand what an advice or reference leaves over to the later rules; else the payer is asked.
        rest: What money left over of a known payer is called.
        on_account: True to use money that the payer left on account.
        related: True to let a payer settle items of the customers it pays for or is head office of.
        credits: True to let open credit memos among the items take part in matches.
        refunds: True to name money left over as a refund candidate when nothing is open of the payer.
        newest_first: True to let the newest payment have the first turn instead of the oldest.
        confidence: Matches that prove less than this are listed as alternatives and not proposed.
        texts: Attributes of a payment that hold text to search, besides its reference.
        keys: Attributes of an item that name it, besides its id and reference.
        name: What people call the policy.

    >>> print(AllocationPolicy(rules=("reference", "exact", "oldest-due"), name="ours"))
    policy ours
      rules: reference, exact, oldest-due
      discounts: included, last day included, grace 0 days
      short payments: partial; rest: unapplied
    """

    rules: tuple[Rule | str, ...] = DEFAULT_RULES
    tolerances: tuple[Tolerance, ...] = ()
    discounts: Discounts = field(default_factory=Discounts)
    withholdings: tuple[Withholding, ...] = ()
    fees: tuple[Money, ...] = ()
    disputed: bool = False
    blocked_by: tuple[str, ...] = ("blocked", "payment_block")
    partial: bool = True
    short: Literal["partial", "residual"] = "partial"
    spread: bool = False
    rest: Literal["unapplied", "on_account"] = "unapplied"
    on_account: bool = False
    related: bool = True
    credits: bool = True
    refunds: bool = False
    newest_first: bool = False
    confidence: Decimal = Decimal(0)
    texts: tuple[str, ...] = (
        *("remittance", "label", "note", "description", "concept", "end_to_end_id"),
        *("tracking_key", "bank_reference", "creditor_reference"),
    )
    keys: tuple[str, ...] = (
        *(
            "purchase_order",
            "sales_order",
            "delivery",
            "bill_of_lading",
            "contract",
            "uuid",
            "folio",
        ),
        *("payment_reference", "bank_reference", "creditor_reference", "assignment"),
    )
    name: str = "default"

    def __post_init__(self) -> None:
        if isinstance(self.rules, str):
            msg = f"rules {self.rules!r} is one text; give a tuple such as ('reference', 'exact')"
            raise NoSuchChoice(msg)
        object.__setattr__(self, "rules", tuple(map(rule_named, self.rules)))
        for name in ("tolerances", "withholdings", "fees", "blocked_by", "texts", "keys"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        _check_choice("short", self.short, ("partial", "residual"))
        _check_choice("rest", self.rest, ("unapplied", "on_account"))

    @classmethod
    def preset(cls, name: str, **changes: Any) -> AllocationPolicy:
        """Return how another system applies cash, with changes of your own; see `receivables.allocation.presets`.

        Raises:
            NoSuchChoice: When there is none of that name.

        >>> [str(rule) for rule in AllocationPolicy.preset("idempiere").rules]
        ['advice', 'reference', 'equal-totals', 'exact', 'oldest-document']
        """
        from receivables.allocation.presets import preset_named  # presets are made of policies

        return replace(preset_named(name), **changes)

    @classmethod
    def presets(cls) -> tuple[str, ...]:
        """Return the names of the presets."""
        from receivables.allocation.presets import PRESETS  # presets are made of policies

        return tuple(PRESETS)

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> AllocationPolicy:
        """Read a policy from plain values, such as a TOML file holds; see `receivables.allocation.reading`.

        Raises:
            NoSuchChoice: For a name, preset or rule that is not there.
            NotAnAmount: For an amount or percentage that is none.
        """
        from receivables.allocation.reading import parse_policy  # reading makes policies

        return parse_policy(table)

    @property
    def ordered(self) -> tuple[Rule, ...]:
        """The rules as values, in their order."""
        return tuple(map(rule_named, self.rules))

    def __str__(self) -> str:
        how = self.discounts
        lines = [f"rules: {', '.join(map(str, self.rules))}"]
        lines += [f"tolerance: {it}" for it in self.tolerances]
        lines += [
            f"discounts: {how.tax.value}, last day included, grace {how.grace_days} days"
            + (", late ones accepted" if how.unearned else "")
            if how.taken
            else "discounts: none"
        ]
        lines += [
            f"withholding: {it.reason} {it.percent:f}% of {it.of}" for it in self.withholdings
        ]
        lines += [f"bank fee: {it}" for it in self.fees]
        lines += [f"short payments: {self.short}; rest: {self.rest}"]
        lines += [
            f"{it.name}: {getattr(self, it.name)}" for it in fields(self) if self._changed(it.name)
        ]
        return "\n  ".join([f"policy {self.name}", *lines])

    def _changed(self, name: str) -> bool:
        return name in _SWITCHES and getattr(self, name) != _SWITCHES[name]


_SWITCHES: dict[str, object] = {
    "disputed": False,
    "partial": True,
    "spread": False,
    "on_account": False,
    "related": True,
    "credits": True,
    "refunds": False,
    "newest_first": False,
    "confidence": Decimal(0),
}


def _check_percent(what: str, percent: Decimal | None) -> None:
    if percent is not None and not (isinstance(percent, Decimal) and 0 <= percent <= _HUNDRED):
        msg = f"{what} of {percent!r} percent must be a Decimal from 0 to 100"
        raise NotAnAmount(msg)


def _check_choice(name: str, given: str, choices: Iterable[str]) -> None:
    if given not in choices:
        msg = f"{name} {given!r} is not there; it must be one of {', '.join(choices)}"
        raise NoSuchChoice(msg)
