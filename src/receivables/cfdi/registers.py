"""What SAT has on file of a taxpayer: a register the caller supplies, for the rules that no document can answer alone.

SAT publishes the list of tax numbers, not the names: names and postal codes come from each customer's Constancia de
Situación Fiscal, as a customer master keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Taxpayer:
    """One taxpayer as SAT has it on file.

    Args:
        name: Its name, without the kind of company; empty when not known.
        postal_code: Its fiscal address; empty when not known.
    """

    name: str = ""
    postal_code: str = ""


class Register(Protocol):
    """Whoever knows what SAT has on file."""

    def taxpayer(self, rfc: str) -> Taxpayer | None:
        """Return what is known of a tax number; None when nothing is."""
        ...

    def holds(self, rfc: str) -> bool | None:
        """Tell whether SAT's list has a tax number that is not cancelled; None when this register cannot tell."""
        ...


@dataclass(frozen=True, slots=True)
class KnownTaxpayers:
    """A register of the taxpayers you know.

    Args:
        taxpayers: What SAT has on file, by tax number.
        listed: SAT's list of tax numbers, where you have it; None when you do not.

    >>> known = KnownTaxpayers({"URE180429TM6": Taxpayer("UNIVERSIDAD ROBOTICA ESPAÑOLA", "86991")})
    >>> known.holds("URE180429TM6"), known.holds("XIA190128J61")
    (True, None)
    """

    taxpayers: Mapping[str, Taxpayer]
    listed: frozenset[str] | None = None

    def taxpayer(self, rfc: str) -> Taxpayer | None:
        """Return what is known of a tax number."""
        return self.taxpayers.get(rfc)

    def holds(self, rfc: str) -> bool | None:
        """Tell whether a tax number is on SAT's list, as far as is known."""
        if rfc in self.taxpayers:
            return True
        return None if self.listed is None else rfc in self.listed
