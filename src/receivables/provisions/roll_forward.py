"""The roll-forward of the allowance, and the journal lines proposed for what moved it.

closing = opening + charge - write-offs + recoveries + FX + scope. The charge is what makes it close. Lines name the role of
an account, not its number; they are proposals, and every entry balances.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from receivables.errors import UnfitRate
from receivables.explain import Explanation
from receivables.laws import explain_agrees, parts_make_the_whole
from receivables.money import Money, total


@dataclass(frozen=True, slots=True)
class RollForward:
    """What moved an allowance over a period; the closing is the sum (law: Movements make the balance).

    Args:
        opening: The allowance before.
        charge: Recognised in the period; negative for a release.
        write_offs: Used up, net of VAT; positive.
        recoveries: Received for what had been written off, where it goes through the allowance.
        fx: What exchange rates did; signed.
        scope: Bought or sold with a business; signed.
        closing: The allowance after.
    """

    opening: Money
    charge: Money
    write_offs: Money
    recoveries: Money
    fx: Money
    scope: Money
    closing: Money

    def __post_init__(self) -> None:
        parts = (self.opening, self.charge, -self.write_offs, self.recoveries, self.fx, self.scope)
        parts_make_the_whole(self.closing, parts, "the movements of the allowance")

    def explain(self) -> Explanation:
        """Return the closing from the opening (law: Explain agrees)."""
        unit = self.closing.currency
        moves = (
            ("opening allowance", self.opening),
            ("charge" if self.charge.amount >= 0 else "release", self.charge),
            ("write-offs", -self.write_offs),
            ("recoveries", self.recoveries),
            ("exchange differences", self.fx),
            ("change of scope", self.scope),
        )
        parts = tuple(Explanation(text, it.amount, unit) for text, it in moves if it)
        return explain_agrees(Explanation("closing allowance", self.closing.amount, unit, parts))


def roll_forward(
    opening: Money,
    *,
    charge: Money | None = None,
    closing: Money | None = None,
    write_offs: Money | None = None,
    recoveries: Money | None = None,
    fx: Money | None = None,
    scope: Money | None = None,
) -> RollForward:
    """Return the roll-forward of an allowance: give the charge or the closing required, the other one follows.

    Raises:
        UnfitRate: When neither or both of charge and closing are given, or write-offs or recoveries are negative.

    >>> mxn = lambda amount: Money(amount, "MXN")
    >>> roll_forward(mxn(120_000), charge=mxn(35_000), write_offs=mxn(42_000), recoveries=mxn(6_000), fx=mxn(1_500)).closing
    Money('120500.00', 'MXN')
    """
    none = Money.zero(opening.currency)
    used, back = write_offs or none, recoveries or none
    if (charge is None) == (closing is None):
        msg = "a roll-forward takes the charge or the closing allowance; give exactly one"
        raise UnfitRate(msg)
    if used.amount < 0 or back.amount < 0:
        msg = f"write-offs {used} and recoveries {back} are given as positive amounts"
        raise UnfitRate(msg)
    rest = opening - used + back + (fx or none) + (scope or none)
    if charge is None:
        charge = (closing or none) - rest
    return RollForward(opening, charge, used, back, fx or none, scope or none, rest + charge)


class Framework(Enum):
    """Under which standard lines are proposed; they differ in where a recovery goes.

    The texts were recalled, not re-read: check IFRS 9 5.4.4 and 5.5.8, ASC 326-20-35-8, and NIF C-16 42 before use.
    """

    IFRS_9 = "IFRS 9"
    ASC_326 = "ASC 326"
    NIF_C_16 = "NIF C-16"


class Account(Enum):
    """The role of an account, with the grouping code of the Mexican tax authority where one is known (recalled)."""

    RECEIVABLES = "trade receivables (105)"
    ALLOWANCE = "loss allowance (108)"
    VAT_NOT_COLLECTED = "VAT charged, not yet collected (209)"
    IMPAIRMENT = "impairment loss"
    IMPAIRMENT_GAIN = "impairment gain"
    CASH = "cash"
    LIABILITIES = "customer credit balances"


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One side of an entry: a role, and a debit or a credit."""

    account: Account
    debit: Money | None = None
    credit: Money | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A proposed entry; its debits equal its credits.

    Args:
        text: What it is for.
        framework: Under which standard.
        lines: Its lines.
    """

    text: str
    framework: Framework
    lines: tuple[JournalLine, ...]

    def __post_init__(self) -> None:
        debits = [line.debit for line in self.lines if line.debit is not None]
        owed = [line.credit for line in self.lines if line.credit is not None]
        if debits or owed:
            unit = (debits or owed)[0].currency
            parts_make_the_whole(total(debits, unit), owed, f"the credits of {self.text!r}")

    def __str__(self) -> str:
        sides = (
            f"  {'Dr' if it.debit is not None else '    Cr'} {it.account.value} {it.debit or it.credit}"
            for it in self.lines
        )
        return "\n".join((f"{self.text} ({self.framework.value})", *sides))


def propose_charge(charge: Money, framework: Framework = Framework.IFRS_9) -> JournalEntry:
    """Propose the entry of a charge, or of a release when it is negative."""
    if charge.amount < 0:
        return _entry(
            "release of loss allowance", framework, Account.ALLOWANCE, Account.IMPAIRMENT, -charge
        )
    return _entry(
        "charge to loss allowance", framework, Account.IMPAIRMENT, Account.ALLOWANCE, charge
    )


def propose_write_off(
    gross: Money,
    *,
    vat: Money | None = None,
    allowance: Money | None = None,
    framework: Framework = Framework.IFRS_9,
) -> JournalEntry:
    """Propose the entry of a write-off: the allowance is used first, the rest is a loss.

    Args:
        gross: What is taken off the receivable, VAT included.
        vat: The VAT in it that is not due or is given back.
        allowance: What is provided for it; all of the net amount when None.
        framework: Under which standard.

    >>> print(propose_write_off(Money(116_000, "MXN"), vat=Money(16_000, "MXN"), framework=Framework.NIF_C_16))
    write-off (NIF C-16)
      Dr loss allowance (108) 100000.00 MXN
      Dr VAT charged, not yet collected (209) 16000.00 MXN
          Cr trade receivables (105) 116000.00 MXN
    """
    tax = vat or Money.zero(gross.currency)
    net = gross - tax
    used = net if allowance is None else min(allowance, net)
    if gross.amount <= 0 or tax.amount < 0 or net.amount < 0 or used.amount < 0:
        msg = f"a write-off of {gross} with VAT {tax} and allowance {allowance} cannot be; all are positive parts of the gross"
        raise UnfitRate(msg)
    debits = (
        (Account.ALLOWANCE, used),
        (Account.IMPAIRMENT, net - used),
        (Account.VAT_NOT_COLLECTED, tax),
    )
    lines = [JournalLine(account, debit=amount) for account, amount in debits if amount]
    return JournalEntry(
        "write-off", framework, (*lines, JournalLine(Account.RECEIVABLES, credit=gross))
    )


def propose_recovery(amount: Money, framework: Framework = Framework.IFRS_9) -> JournalEntry:
    """Propose the entry of money received for what had been written off: to the allowance in the US, else to income."""
    to = Account.ALLOWANCE if framework is Framework.ASC_326 else Account.IMPAIRMENT_GAIN
    return _entry("recovery of what was written off", framework, Account.CASH, to, amount)


def propose_reclassification(
    amount: Money, framework: Framework = Framework.IFRS_9
) -> JournalEntry:
    """Propose the entry that shows credit balances of customers as liabilities."""
    return _entry(
        "credit balances to liabilities",
        framework,
        Account.RECEIVABLES,
        Account.LIABILITIES,
        amount,
    )


def propose_entries(
    movement: RollForward, framework: Framework = Framework.IFRS_9
) -> tuple[JournalEntry, ...]:
    """Propose the entries of a roll-forward's charge and recoveries; write-offs are proposed one by one."""
    entries: list[JournalEntry] = []
    if movement.charge:
        entries.append(propose_charge(movement.charge, framework))
    if movement.recoveries:
        entries.append(propose_recovery(movement.recoveries, framework))
    return tuple(entries)


def _entry(
    text: str, framework: Framework, debit: Account, credit: Account, amount: Money
) -> JournalEntry:
    lines: Iterable[JournalLine] = (
        JournalLine(debit, debit=amount),
        JournalLine(credit, credit=amount),
    )
    return JournalEntry(text, framework, tuple(lines))
