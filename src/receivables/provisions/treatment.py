"""What the rules make of an exposure: its path, its loss rate and why; and the row that such exposures sum to.

The same for one open item and for the sum of many that meet the same rules: every step here is linear in the exposure, but
a deductible and a limit, which hold for one item.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple

from receivables.money import Money
from receivables.provisions.matrix import as_text, rounded
from receivables.provisions.policy import Path, ProvisionPolicy
from receivables.provisions.rules import Assessment, Cover, Dilution, Exclusion
from receivables.rounding import Rounding

NONE = Fraction(0)


class Met(NamedTuple):
    """The first rule of each kind that is for an item, if any."""

    exclusion: Exclusion | None = None
    assessment: Assessment | None = None
    cover: Cover | None = None
    dilution: Dilution | None = None


class Treatment(NamedTuple):
    """What became of an exposure, before rounding.

    Args:
        path: The way it went.
        exposure: What can be lost.
        rate: The share of it, less the dilution, that is expected to be lost.
        dilution: What is expected to be credited.
        rule: Why, in words.
    """

    path: Path
    exposure: Fraction
    rate: Fraction
    dilution: Fraction
    rule: str

    @property
    def base(self) -> Fraction:
        """What the rate is taken of."""
        return self.exposure - self.dilution

    @property
    def loss(self) -> Fraction:
        """The expected credit loss."""
        return self.base * self.rate


class Sums(NamedTuple):
    """A row of a provision: rounded once."""

    exposure: Money
    rate: Fraction
    allowance: Money
    dilution: Money


class Pools:
    """The pool rate of each segment and bucket with its words, worked out once."""

    def __init__(self, policy: ProvisionPolicy) -> None:
        self._policy = policy
        self._known: dict[tuple[str | None, str], tuple[Fraction, str]] = {}

    def of(self, segment: str | None, bucket: str) -> tuple[Fraction, str]:
        """Return the rate and where it comes from.

        Raises:
            RateNotFound: When the matrix has none.
        """
        key = (segment, bucket)
        if key not in self._known:
            found, rate = self._policy.matrix.find(*key), self._policy.pool_rate(*key)
            changed = "" if rate == found.rate else f", adjusted to {as_text(rate * 100, 6)} %"
            self._known[key] = rate, f"{found}{changed}"
        return self._known[key]


def treat_credit(exposure: Fraction, *, left: bool) -> Treatment:
    """Return what becomes of a credit: reclassified, if anything of it is left."""
    rule = "credit balance, reclassified to liabilities" if left else "used up by netting"
    return Treatment(Path.CREDIT, exposure, NONE, NONE, rule)


def treat(
    met: Met, exposure: Fraction, currency: str, pools: Pools, place: tuple[str | None, str]
) -> Treatment:
    """Return what the rules make of a charge's exposure.

    Args:
        met: The rules it meets.
        exposure: What of it can be lost.
        currency: Its currency.
        pools: The pool rates.
        place: Its segment and bucket.
    """
    if met.exclusion is not None:
        return Treatment(Path.EXCLUDED, NONE, NONE, NONE, f"excluded: {met.exclusion.reason}")
    dilution = exposure * met.dilution.rate if met.dilution else NONE
    path, rate, rule = _rate(met, exposure - dilution, currency, pools.of(*place))
    if met.dilution:
        rule = (
            f"{rule}; {as_text(met.dilution.rate)} expected to be credited: {met.dilution.reason}"
        )
    return Treatment(path, exposure, rate, dilution, rule)


def summed(parts: Collection[Treatment], currency: str, policy: ProvisionPolicy) -> Sums:
    """Return the row of treated exposures of one path, segment, bucket and currency."""
    base = sum((it.base for it in parts), NONE)
    loss = sum((it.loss for it in parts), NONE)
    rates = {it.rate for it in parts}
    exposure = sum((it.exposure for it in parts), NONE)
    dilution = sum((it.dilution for it in parts), NONE)
    return Sums(
        rounded(exposure, currency, Rounding.HALF_UP, None),
        rates.pop() if len(rates) == 1 else loss / base if base else NONE,
        rounded(loss, currency, policy.rounding, policy.decimals),
        rounded(dilution, currency, Rounding.HALF_UP, None),
    )


def _rate(
    met: Met, exposure: Fraction, currency: str, pool: tuple[Fraction, str]
) -> tuple[Path, Fraction, str]:
    """Return the path of a charge that is not excluded, its loss rate, and why."""
    if (assessed := met.assessment) is not None:
        by = f" by {assessed.author}" if assessed.author else ""
        on = f", {assessed.on}" if assessed.on else ""
        return Path.INDIVIDUAL, assessed.rate, f"assessed{by}{on}: {assessed.reason}"
    rate, rule = pool
    if (cover := met.cover) is None:
        return Path.POOL, rate, rule
    if cover.denied:
        return Path.POOL, rate, f"{rule}; cover denied: {cover.denied}"
    covered = cover.covered(exposure, currency)
    loss = (exposure - covered) * rate + covered * cover.provider_rate
    text = f"{as_text(covered, 4)} {currency} covered by {cover.provider or 'the provider'} at {as_text(cover.provider_rate)}, the rest at {rule}"
    return Path.SECURED, loss / exposure if exposure else rate, text
