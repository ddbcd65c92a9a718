"""The provision of exposures that were summed elsewhere: by a data frame, a warehouse, or another system's aging.

Only the pool is measured here: netting, exclusions, assessments and cover need the items, and `measure_provision` has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from receivables.errors import NoSuchColumn
from receivables.money import Money
from receivables.provisions.matrix import ProvisionMatrix, as_text, rounded
from receivables.provisions.policy import ProvisionPolicy
from receivables.schema import EXPOSURES


def measure_exposures(
    rows: Iterable[Mapping[str, Any]], policy: ProvisionPolicy | ProvisionMatrix
) -> tuple[dict[str, Any], ...]:
    """Return each row of an exposures table with its `rate` and its `allowance`, rounded once a row.

    Args:
        rows: `segment`, `bucket`, `currency` and `exposure` (Decimal, int or text); other columns are kept.
        policy: Whose matrix, overlay, time value and rounding are applied, its other rules are not; or rates alone.

    Raises:
        NoSuchColumn: When a row lacks a column.
        RateNotFound: When the matrix has no rate for a row.

    >>> from receivables.provisions import ProvisionMatrix
    >>> matrix = ProvisionMatrix.of({"current": "0.01", ">0": "0.1"})
    >>> [row] = measure_exposures([{"bucket": ">0", "currency": "MXN", "exposure": "50.00"}], matrix)
    >>> row["rate"], row["allowance"]
    ('0.1', Decimal('5.00'))
    """
    chosen = ProvisionPolicy.of(policy)
    found = []
    for row in rows:
        lacking = [name for name in EXPOSURES.required if name not in row]
        if lacking:
            msg = f"an exposures row lacks {', '.join(lacking)}; it needs {', '.join(EXPOSURES.required)}"
            raise NoSuchColumn(msg)
        exposure: Decimal = Money(row["exposure"], row["currency"]).amount
        rate = chosen.pool_rate(row.get("segment") or None, row["bucket"])
        loss = rounded(Fraction(exposure) * rate, row["currency"], chosen.rounding, chosen.decimals)
        found.append({**row, "rate": as_text(rate), "allowance": loss.amount})
    return tuple(found)
