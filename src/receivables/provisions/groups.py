"""The provision of open items that were netted and summed elsewhere, such as by a data frame, with every rule applied.

Items that meet the same rules in one segment and bucket are one group; their sum goes the way each of them would have
gone alone. What is not linear in the amount, a cover's deductible and limit, needs a group for each item.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from receivables.buckets import CREDITS
from receivables.money import Money, total
from receivables.provisions.matrix import ProvisionMatrix
from receivables.provisions.measure import RowKey, row_order
from receivables.provisions.policy import Path, ProvisionPolicy
from receivables.provisions.rules import Cover
from receivables.provisions.treatment import Met, Pools, Treatment, summed, treat, treat_credit

_NONE = Met()


@dataclass(frozen=True, slots=True)
class Group:
    """Open items that are treated alike, summed after netting.

    Args:
        segment: Their segment.
        bucket: Their bucket; `credits` for what is left of credits.
        currency: Their currency.
        left: What is left of them, gross of VAT; negative for credits.
        items: How many they are.
        met: The rules that each of them meets.
    """

    segment: str | None
    bucket: str
    currency: str
    left: Decimal
    items: int
    met: Met = _NONE


@dataclass(frozen=True, slots=True)
class GroupedRow:
    """A row of a provision whose items are known by number only; see `ProvisionRow` for the figures."""

    path: Path
    segment: str | None
    bucket: str
    currency: str
    items: int
    gross: Money
    exposure: Money
    rate: Fraction
    allowance: Money
    dilution: Money


def stands_alone(cover: Cover) -> bool:
    """Tell whether a cover holds for one item at a time, so that a group of it is one item."""
    return cover.deductible is not None or cover.limit is not None


def measure_groups(
    groups: Iterable[Group], policy: ProvisionPolicy | ProvisionMatrix
) -> tuple[GroupedRow, ...]:
    """Return the rows of `measure_provision` for groups of items, each rounded once.

    Args:
        groups: The groups.
        policy: Rates and every choice, or rates alone; VAT at its rate, since groups carry no tax lines.

    Raises:
        RateNotFound: When the matrix has no rate for a group.
        UnfitRate: When a cover is in another currency.

    >>> from receivables.provisions import ProvisionMatrix
    >>> matrix = ProvisionMatrix.of({"current": "0.01", ">0": "0.1"})
    >>> [row] = measure_groups([Group(None, ">0", "MXN", Decimal("50.05"), 3)], matrix)
    >>> row.allowance, row.items
    (Money('5.01', 'MXN'), 3)
    """
    chosen = ProvisionPolicy.of(policy)
    pools = Pools(chosen)
    share = chosen.vat.rate_share() if chosen.vat else Fraction(1)
    rows: dict[RowKey, list[tuple[Group, Treatment]]] = defaultdict(list)
    for group in groups:
        exposure, place = Fraction(group.left) * share, (group.segment, group.bucket)
        if group.bucket == CREDITS:
            made = treat_credit(exposure, left=bool(group.left))
        else:
            made = treat(group.met, exposure, group.currency, pools, place)
        rows[made.path, group.segment, group.bucket, group.currency].append((group, made))
    return tuple(_row(key, rows[key], chosen) for key in sorted(rows, key=row_order(chosen)))


def _row(key: RowKey, held: list[tuple[Group, Treatment]], policy: ProvisionPolicy) -> GroupedRow:
    path, segment, bucket, currency = key
    sums = summed([made for _, made in held], currency, policy)
    gross = total((Money.of_sum(group.left, currency) for group, _ in held), currency)
    count = sum(group.items for group, _ in held)
    return GroupedRow(
        path, segment, bucket, currency, count, gross,
        sums.exposure, sums.rate, sums.allowance, sums.dilution,
    )  # fmt: skip
