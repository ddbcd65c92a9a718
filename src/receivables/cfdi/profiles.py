"""Editions of what PACs accept, by name and date: how many decimals the taxes of a payment have.

SAT's matrix does not say it. One profile a practice; a new one is a line in `PROFILES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.errors import UnbuildableComplement


@dataclass(frozen=True, slots=True)
class Profile:
    """How figures are written where SAT leaves a choice.

    Args:
        name: What it is called.
        since: First day of complements it is meant for.
        payment_decimals: Decimals of BaseP and ImporteP in payments that cross currencies; None for those of the
            payment's currency. Payments of one currency always have the currency's.
        note: Who asks for it, and how that is known.
    """

    name: str
    since: date
    payment_decimals: int | None
    note: str


SIX_DECIMALS = Profile(
    "six-decimals",
    date(2023, 7, 1),
    6,
    "rounded half up to six decimals, as PACs have accepted since July 2023 (read, not tried against a PAC)",
)
CURRENCY_DECIMALS = Profile(
    "currency-decimals",
    date(2026, 9, 1),
    None,
    "the payment currency's decimals, for a PAC that answers CRPER654 (seen from September 2026; read, not tried)",
)
PROFILES = {it.name: it for it in (SIX_DECIMALS, CURRENCY_DECIMALS)}


def profile(name: str, *, on: date) -> Profile:
    """Return the profile of a name.

    Args:
        name: Its name.
        on: The day of the complement.

    Raises:
        UnbuildableComplement: When there is none, or it is of a later day.

    >>> profile("six-decimals", on=date(2026, 1, 1)).payment_decimals
    6
    """
    found = PROFILES.get(name)
    if found is None:
        msg = f"no profile {name!r}; there are {', '.join(PROFILES)}"
        raise UnbuildableComplement(msg)
    if on < found.since:
        msg = f"profile {name} is of complements from {found.since} on, not of {on}; use {SIX_DECIMALS.name}"
        raise UnbuildableComplement(msg)
    return found
