"""How a provision is to be measured: the matrix, and every choice that goes with it, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from receivables.buckets import Basis
from receivables.provisions.matrix import ProvisionMatrix
from receivables.provisions.outlook import Discounting, Overlay
from receivables.provisions.rules import Assessment, Cover, Dilution, Exclusion, Vat
from receivables.rounding import Rounding


class Path(Enum):
    """The way an open item goes through a measurement; each item goes exactly one."""

    EXCLUDED = "excluded"
    INDIVIDUAL = "individual"
    SECURED = "secured"
    POOL = "pool"
    CREDIT = "credit"


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

    @classmethod
    def of(cls, given: ProvisionPolicy | ProvisionMatrix) -> ProvisionPolicy:
        """Return a policy as it is, and rates alone as a policy without any other rule."""
        return given if isinstance(given, ProvisionPolicy) else cls(given)

    def pool_rate(self, segment: str | None, bucket: str) -> Fraction:
        """Return the matrix rate after the overlay, the rounding of rates and the time value."""
        rate = self.matrix.find(segment, bucket).rate
        if self.overlay is not None:
            rate = self.overlay.apply(rate, bucket)
        places = self.matrix.rate_decimals
        if places is not None:
            rate = Fraction(Rounding.HALF_UP.apply(rate, places))
        return self.discounting.apply(rate, bucket) if self.discounting else rate
