"""Loss rates from aged balances alone: flow rates between month ends, and the collection pattern of one month's sales.

Flow rates need no item history, only the aging of consecutive month ends. They hold when each band is as wide as the
snapshots are apart, so that what is in one band can only come from the band before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from receivables.buckets import Buckets
from receivables.errors import UnfitHistory
from receivables.money import Money
from receivables.problems import Problem
from receivables.provisions.history import bucket_of
from receivables.provisions.matrix import (
    LossRate,
    ProvisionMatrix,
    Rate,
    as_number,
    as_rate,
    as_text,
)
from receivables.subledger import Subledger

Average = Literal["simple", "weighted"]


@dataclass(frozen=True, slots=True)
class FlowRates:
    """What flows from each band to the next in one period, and the loss rates that follow.

    Args:
        flows: By band but the last, the average share that is in the next band a period later.
        loss_rates: By band, the product of the flows from it on, times the loss of the last band.
        average: `simple` mean of the periods' flows, or `weighted` by balance.
    """

    flows: tuple[Fraction, ...]
    loss_rates: tuple[Fraction, ...]
    average: Average

    def matrix(self, buckets: Buckets, *, origin: str = "") -> ProvisionMatrix:
        """Return the loss rates as a matrix for these buckets; a rate above 1 counts as 1."""
        said = f"{self.average} flow rates" + (f", {origin}" if origin else "")
        pairs = zip(buckets.labels, self.loss_rates, strict=True)
        return ProvisionMatrix(
            buckets,
            tuple(LossRate(name, min(rate, Fraction(1)), None, said) for name, rate in pairs),
        )


def flow_rates(
    snapshots: Sequence[Sequence[Decimal | int | str]],
    *,
    average: Average = "simple",
    last_loss: Rate = 1,
    clamp: bool = False,
) -> tuple[FlowRates, tuple[Problem, ...]]:
    """Return flow and loss rates of consecutive agings.

    Args:
        snapshots: The balances of each band, youngest first, one row a period, oldest period first.
        average: `simple` mean of the flows, or `weighted`: all that arrived over all there was to flow.
        last_loss: The loss of the last band: 1, or the loss given default.
        clamp: Count a single flow above 1 as 1; reported either way, never silent.

    Raises:
        UnfitHistory: When there are fewer than two rows, or rows of different lengths, or a band that was always empty.
    """
    rows = [[as_number(it, "balance") for it in row] for row in snapshots]
    widths = {len(row) for row in rows}
    if len(rows) < 2 or len(widths) != 1 or min(widths) < 2:  # noqa: PLR2004
        msg = "flow rates need two agings or more, each with the same two or more bands"
        raise UnfitHistory(msg)
    problems: list[Problem] = []
    flows = []
    for band in range(len(rows[0]) - 1):
        pairs = [(now[band], then[band + 1]) for now, then in pairwise(rows) if now[band] > 0]
        if not pairs:
            msg = f"band {band + 1} was empty in every aging but the last; nothing flowed from it"
            raise UnfitHistory(msg)
        kept = []
        for number, (base, arrived) in enumerate(pairs, start=1):
            if arrived > base:
                done = "counted as 1" if clamp else "kept as it is"
                problems.append(
                    Problem(
                        "flow-above-one",
                        f"{as_text(arrived, 2)} arrived from {as_text(base, 2)}; re-aged items, reversed payments or "
                        f"new invoices past due; {done}",
                        f"band {band + 1}, period {number}",
                        severity="noted",
                    )
                )
            kept.append((base, min(arrived, base) if clamp else arrived))
        flows.append(_average(kept, average))
    rates = [as_rate(last_loss, "loss of the last band")]
    for flow in reversed(flows):
        rates.append(rates[-1] * flow)
    return FlowRates(tuple(flows), tuple(reversed(rates)), average), tuple(problems)


def aged_balances(
    books: Subledger, snapshots: Sequence[date], *, buckets: Buckets, currency: str
) -> tuple[tuple[tuple[Decimal, ...], ...], tuple[Problem, ...]]:
    """Return the open charges of each snapshot by bucket, ready for `flow_rates`, and what makes them unfit.

    Undated charges are left out and reported; so are bands not as wide as the snapshots are apart.
    """
    rows, problems = [], []
    for day in snapshots:
        sums = dict.fromkeys((*buckets.labels, "undated"), Money.zero(currency))
        for item in books.open_items(as_of=day):
            if not item.is_credit and item.currency == currency:
                sums[bucket_of(item, buckets)] += item.open_amount
        undated = sums.pop("undated")
        if undated:
            problems.append(
                Problem(
                    "undated-left-out", f"{undated} without a due date", str(day), severity="noted"
                )
            )
        rows.append(tuple(it.amount for it in sums.values()))
    gaps = {(b - a).days for a, b in pairwise(snapshots)}
    bands = {it.last - it.first + 1 for it in buckets.buckets if it.first is not None and it.last}
    if any(abs(gap - band) > 3 for gap in gaps for band in bands):  # noqa: PLR2004 - months are 28 to 31 days
        text = f"bands of {sorted(bands)} days and snapshots {sorted(gaps)} days apart; a band must be fed in one period"
        problems.append(Problem("uneven-bands", text, severity="noted"))
    return tuple(rows), tuple(problems)


def collection_pattern(
    sales: Decimal | int | str, collected: Sequence[Decimal | int | str]
) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Return what was outstanding on entry to each band, and the share of it that was never collected.

    Args:
        sales: The sales of the month followed.
        collected: What was collected in each band, the youngest first; the rest is the loss. The last band holds it.

    Returns:
        Outstanding on entry, one more than bands collected in, and the loss rates, the last being 1.

    >>> outstanding, rates = collection_pattern(100_000, [50_000, 27_000, 15_000, 6_000])
    >>> [str(rate) for rate in rates]
    ['1/50', '1/25', '2/23', '1/4', '1']
    """
    left = [as_number(sales, "sales")]
    for amount in collected:
        left.append(left[-1] - as_number(amount, "collected"))
    if left[-1] < 0 or any(it <= 0 for it in left[:-1]):
        msg = f"{as_text(left[0])} of sales cannot give the collections named; they must be less in sum"
        raise UnfitHistory(msg)
    loss = left[-1]
    return tuple(left), tuple(loss / it if it else Fraction(0) for it in left)


def _average(pairs: Sequence[tuple[Fraction, Fraction]], how: Average) -> Fraction:
    if how == "weighted":
        return sum((b for _, b in pairs), Fraction(0)) / sum((a for a, _ in pairs), Fraction(0))
    return sum((b / a for a, b in pairs), Fraction(0)) / len(pairs)
