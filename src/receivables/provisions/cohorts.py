"""Loss rates from snapshot cohorts: of what was open in a bucket, which share was lost within a horizon.

Three readings of what is still open at the horizon are reported side by side: as loss, left out, or at a share in between.
Rates are weighted by amount; counts, an interval and the effective sample say how much they can bear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from receivables.buckets import Buckets
from receivables.errors import SilentZero, UnfitHistory
from receivables.money import Money, total
from receivables.probability import Interval, effective_sample, isotonic, shrink, wilson
from receivables.problems import Problem
from receivables.provisions.history import Classify, Followed, follow, outcome_of
from receivables.provisions.matrix import LossRate, ProvisionMatrix, Rate, as_rate, as_text
from receivables.subledger import Subledger

_THIN = 10  # an effective sample below this is one customer's story


@dataclass(frozen=True, slots=True)
class LossCohort:
    """What was open in one bucket and segment, and what became of it within the horizon.

    Args:
        bucket: The bucket it was open in.
        segment: The customer segment.
        amount: What was open.
        diluted: Credited since: no credit loss, and no part of what could be lost.
        lost: Written off since.
        unresolved: Still open at the horizon.
        recovered: Received after it had been written off.
        trials: How many items.
        events: How many of them lost something.
        by_customer: What each customer had open, largest first.
        snapshots: How many snapshots it was summed over.
    """

    bucket: str
    segment: str | None
    amount: Money
    diluted: Money
    lost: Money
    unresolved: Money
    recovered: Money
    trials: int = 0
    events: int = 0
    by_customer: tuple[Money, ...] = ()
    snapshots: int = 1

    def rate(
        self, unresolved: Rate | None = 1, *, net_of_recoveries: bool = False
    ) -> Fraction | None:
        """Return (lost + share x unresolved - recovered) / (amount - diluted); None when nothing could be lost.

        Args:
            unresolved: Which share of what is still open counts as loss: 1 is prudent, a loss given default is in between.
                None leaves it out, above and below the line.
            net_of_recoveries: Take off what was received after write-off.

        >>> cohort = LossCohort.of(Money("5000", "MXN"), diluted="500", lost="300", unresolved="600", recovered="100")
        >>> cohort.rate(), cohort.rate(None), cohort.rate(net_of_recoveries=True)
        (Fraction(1, 5), Fraction(1, 13), Fraction(8, 45))
        """
        base = Fraction((self.amount - self.diluted).amount)
        lost = Fraction(self.lost.amount)
        if unresolved is None:
            base -= Fraction(self.unresolved.amount)
        else:
            lost += as_rate(unresolved, "share of the unresolved") * Fraction(
                self.unresolved.amount
            )
        if net_of_recoveries:
            lost -= Fraction(self.recovered.amount)
        return lost / base if base > 0 else None

    @classmethod
    def of(
        cls,
        amount: Money,
        *,
        diluted: Decimal | int | str = 0,
        lost: Decimal | int | str = 0,
        unresolved: Decimal | int | str = 0,
        recovered: Decimal | int | str = 0,
        bucket: str = "all",
        segment: str | None = None,
        trials: int = 0,
        events: int = 0,
    ) -> LossCohort:
        """Build a cohort from figures of one currency."""
        gone, dead, still, back = (
            Money(it, amount.currency) for it in (diluted, lost, unresolved, recovered)
        )
        return cls(bucket, segment, amount, gone, dead, still, back, trials, events)

    @property
    def interval(self) -> Interval | None:
        """The Wilson interval of the share of items that lost something; None without items."""
        return wilson(self.events, self.trials) if self.trials else None

    @property
    def effective_customers(self) -> Fraction:
        """Kish's effective number of customers: how many equal ones the amounts are worth."""
        return effective_sample([it.amount for it in self.by_customer])


def loss_cohorts(
    books: Subledger,
    snapshots: Iterable[date],
    *,
    horizon: timedelta,
    buckets: Buckets,
    currency: str,
    segment_by: str = "segment",
    classify: Classify = outcome_of,
    recoveries: Iterable[tuple[str, Money]] = (),
) -> tuple[LossCohort, ...]:
    """Follow what was open on each snapshot to its horizon, summed by segment and bucket.

    Overlapping snapshots are not independent of each other: the same item is counted in each.

    Args:
        books: The subledger.
        snapshots: The days, such as month ends.
        horizon: How long each is followed; at least as long as write-offs take.
        buckets: Where items stand.
        currency: Whose amounts.
        segment_by: The attribute whose value is an item's segment.
        classify: What each use means.
        recoveries: Item ids and what was received for them after write-off.
    """
    groups: dict[tuple[str | None, str], list[Followed]] = defaultdict(list)
    days = tuple(snapshots)
    for day in days:
        for it in follow(books, day, day + horizon, buckets=buckets, segment_by=segment_by, classify=classify):  # fmt: skip
            if it.amount.currency == currency:
                groups[it.segment, it.bucket].append(it)
    late = tuple(recoveries)
    order = (*buckets.labels, "undated")
    keys = sorted(groups, key=lambda key: (key[0] or "", order.index(key[1])))
    return tuple(_cohort(key, groups[key], currency, late, len(days)) for key in keys)


def matrix_from(
    cohorts: Sequence[LossCohort],
    buckets: Buckets,
    *,
    unresolved: Rate | None = 1,
    floor: Rate | None = None,
    note: str = "",
    prior: tuple[Rate, Rate] | None = None,
    smooth: bool = False,
    origin: str = "",
) -> tuple[ProvisionMatrix, tuple[Problem, ...]]:
    """Return a provision matrix of the cohorts' rates, and what makes them doubtful.

    Args:
        cohorts: What `loss_cohorts` returned.
        buckets: The buckets they were made with.
        unresolved: See `LossCohort.rate`.
        floor: The least rate; needed, or a note, where history has no loss.
        note: Why a rate of 0 % is right.
        prior: (a, b) of a Beta prior: replaces the amount-weighted rate by the shrunk share of items.
        smooth: Make rates never fall with age, weighted by amount; the raw rates are kept in each origin.
        origin: Where the history comes from.

    Raises:
        SilentZero: For a rate of 0 % with neither a floor nor a note.
        UnfitHistory: When two cohorts are of the same segment and bucket.
    """
    keys = [(it.segment, it.bucket) for it in cohorts]
    if len(set(keys)) != len(keys):
        msg = "two cohorts are of the same segment and bucket; sum them before"
        raise UnfitHistory(msg)
    raw = [_point(it, unresolved, prior) for it in cohorts]
    exact = _smoothed(cohorts, raw) if smooth else raw
    rates = []
    for cohort, before, found in zip(cohorts, raw, exact, strict=True):
        rate = found if floor is None else max(found, as_rate(floor, "floor"))
        if not rate and not note:
            who = f"segment {cohort.segment or 'default'}, {cohort.bucket}"
            msg = f"history of {who} has no loss ({cohort.interval or 'no items'}); give a floor, or a note that says why 0 % is right"
            raise SilentZero(msg)
        said = [
            origin,
            f"raw {as_text(before)}" if rate != before else "",
            note if not rate else "",
        ]
        text = "; ".join(it for it in said if it)
        rates.append(LossRate(cohort.bucket, min(rate, Fraction(1)), cohort.segment, text))
    return ProvisionMatrix(buckets, tuple(rates)), tuple(_doubts(cohorts))


def _point(
    cohort: LossCohort, unresolved: Rate | None, prior: tuple[Rate, Rate] | None
) -> Fraction:
    if prior is not None:
        return shrink(cohort.events, cohort.trials, (Fraction(prior[0]), Fraction(prior[1]))).mean
    return cohort.rate(unresolved) or Fraction(0)


def _smoothed(cohorts: Sequence[LossCohort], raw: Sequence[Fraction]) -> list[Fraction]:
    found = list(raw)
    for segment in dict.fromkeys(it.segment for it in cohorts):
        places = [index for index, it in enumerate(cohorts) if it.segment == segment]
        weights = [Fraction((cohorts[it].amount - cohorts[it].diluted).amount) for it in places]
        smooth = isotonic([raw[it] for it in places], weights)
        for place, rate in zip(places, smooth, strict=True):
            found[place] = rate
    return found


def _doubts(cohorts: Sequence[LossCohort]) -> Iterable[Problem]:
    for cohort in cohorts:
        size = cohort.effective_customers
        if cohort.by_customer and size < _THIN:
            yield Problem(
                "thin-sample",
                f"the rate of {cohort.segment or 'default'}, {cohort.bucket} rests on an effective {as_text(size, 2)} customers; "
                "assess the largest by itself, or shrink the rate towards a pool",
                severity="noted",
            )


def _cohort(
    key: tuple[str | None, str],
    found: Sequence[Followed],
    currency: str,
    recoveries: Sequence[tuple[str, Money]],
    snapshots: int,
) -> LossCohort:
    ids = {it.item.id for it in found if it.lost}
    customers: dict[str, Money] = {}
    for it in found:
        name = it.item.customer or ""
        customers[name] = customers.get(name, Money.zero(currency)) + it.amount
    return LossCohort(
        key[1],
        key[0],
        total((it.amount for it in found), currency),
        total((it.diluted for it in found), currency),
        total((it.lost for it in found), currency),
        total((it.still_open for it in found), currency),
        total((amount for name, amount in recoveries if name in ids), currency),
        len(found),
        sum(1 for it in found if it.lost),
        tuple(sorted(customers.values(), reverse=True)),
        snapshots,
    )
