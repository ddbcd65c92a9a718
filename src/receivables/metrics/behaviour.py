"""How customers pay: days beyond terms, the rate of late payment, days to settle, from settled charges only.

What is predicted for an invoice uses only what had been settled before it was issued. A customer with little history is
drawn towards everyone's: this shrunk rate is one line of arithmetic, and the default predictor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

from receivables.metrics.activity import COLLECTED, kind_of
from receivables.metrics.measure import Amount, Measure, exact, inputs, ratio
from receivables.money import Money
from receivables.probability import rank_accuracy
from receivables.rounding import Rounding
from receivables.subledger import Subledger

_SCORE = ((-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30), (120, 20), (180, 0))  # fmt: skip
_LEAST = 5  # paid invoices a score needs


@dataclass(frozen=True, slots=True)
class Settlement:
    """A charge that was fully paid.

    Args:
        item: Its id.
        customer: Who paid.
        issued: Its document date.
        due: Its due date, if any.
        settled: The day the last payment took effect.
        amount: What it was.
    """

    item: str
    customer: str
    issued: date
    due: date | None
    settled: date
    amount: Money

    @property
    def days(self) -> int:
        """Days from issue to settlement."""
        return (self.settled - self.issued).days

    @property
    def days_late(self) -> int | None:
        """Days from the due date, negative when early; None without one."""
        return None if self.due is None else (self.settled - self.due).days

    @property
    def late(self) -> bool:
        """Whether it was settled after its due date."""
        return (self.days_late or 0) > 0


def settlements(
    books: Subledger, *, as_of: date, known_at: datetime | None = None
) -> tuple[Settlement, ...]:
    """Return every charge fully paid by a day, in order of settlement; credited and written-off ones are none."""
    found = []
    for item in books.items(as_of=as_of, known_at=known_at):
        if item.is_credit or item.open_amount or not item.movements:
            continue
        last = max(item.movements, key=lambda it: it.on)
        if kind_of(books, last.use) == COLLECTED:
            found.append(
                Settlement(
                    item.id, item.customer or "", item.document_date, item.due_date, last.on, item.amount
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda it: (it.settled, it.item)))


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a customer's history says about an invoice.

    Args:
        late: The chance that it is paid after its due date.
        days: Days from issue to settlement.
        settled: The day that makes.
        paid_before: How many of the customer's invoices this rests on.
    """

    late: Fraction
    days: Fraction
    settled: date
    paid_before: int


class _Record:
    """Running counts of one payer, by day of settlement."""

    __slots__ = ("_days", "_late", "_on")

    def __init__(self, paid: Sequence[Settlement]) -> None:
        self._on = [it.settled for it in paid]
        self._late = list(accumulate((int(it.late) for it in paid), initial=0))
        self._days = list(accumulate((it.days for it in paid), initial=0))

    def until(self, day: date) -> tuple[int, int, int]:
        """Return how many were settled before a day, how many of them late, and their days to settle in sum."""
        count = bisect_left(self._on, day)
        return count, self._late[count], self._days[count]


class PaymentHistory:
    """Settled charges of every customer, asked about any day: nothing settled on or after that day counts.

    Args:
        paid: What `settlements` returned.
        prior_weight: How many invoices of everyone's history a customer's own is mixed with.
    """

    __slots__ = ("_all", "_by_customer", "_weight")

    def __init__(self, paid: Iterable[Settlement], *, prior_weight: Fraction | int = 2) -> None:
        ordered = sorted(paid, key=lambda it: (it.settled, it.item))
        groups: dict[str, list[Settlement]] = defaultdict(list)
        for it in ordered:
            groups[it.customer].append(it)
        self._all = _Record(ordered)
        self._by_customer = {name: _Record(held) for name, held in groups.items()}
        self._weight = Fraction(prior_weight)

    def predict(self, customer: str, *, issued: date) -> Prediction | None:
        """Return what to expect of an invoice issued on a day; None when nothing at all was settled before.

        late = (own late + weight x everyone's rate) / (own + weight), and the same for days.
        """
        everyone, late, days = self._all.until(issued)
        if not everyone:
            return None
        own = self._by_customer.get(customer)
        count, own_late, own_days = own.until(issued) if own else (0, 0, 0)
        whole = count + self._weight
        if not whole:
            return None
        rate = (own_late + self._weight * Fraction(late, everyone)) / whole
        mean = (own_days + self._weight * Fraction(days, everyone)) / whole
        settled = issued + timedelta(days=int(Rounding.HALF_UP.apply(mean, 0)))
        return Prediction(rate, mean, settled, count)


@dataclass(frozen=True, slots=True)
class PredictionTest:
    """How well predictions met what happened.

    Args:
        tested: How many invoices.
        auc: How often a late one had the higher chance of late; None without both kinds.
        mean_absolute_error: Of days to settle.
        brier: Mean squared error of the chance of late.
        accuracy: How often a chance above one half was right.
    """

    tested: int
    auc: Fraction | None
    mean_absolute_error: Fraction
    brier: Fraction
    accuracy: Fraction


def check_predictions(
    history: PaymentHistory, happened: Iterable[Settlement]
) -> PredictionTest | None:
    """Predict each invoice as of its issue and compare; None when none can be predicted."""
    pairs = [(history.predict(it.customer, issued=it.issued), it) for it in happened]
    known = [(made, it) for made, it in pairs if made is not None]
    if not known:
        return None
    count = len(known)
    errors = sum((abs(made.days - it.days) for made, it in known), Fraction(0))
    squares = sum(((made.late - int(it.late)) ** 2 for made, it in known), Fraction(0))
    right = sum(1 for made, it in known if (made.late * 2 > 1) == it.late)
    auc = rank_accuracy([(made.late, it.late) for made, it in known])
    return PredictionTest(count, auc, errors / count, squares / count, Fraction(right, count))


def dbt_score(days_beyond_terms: Amount) -> Fraction:
    """Return the score of days beyond terms: 80 is prompt, 100 a month early, 50 a month late, 0 from 180 days on.

    Straight lines between the published points (early 30 days 100, on time 80, late 15, 22, 30, 60, 90, 120 days: 70, 60,
    50, 40, 30, 20). Beyond 120 days the published key says only "0 to 19"; the line to 180 is ours.

    >>> [int(dbt_score(days)) for days in (0, 15, 22, 30, 60, 90, 120)]
    [80, 70, 60, 50, 40, 30, 20]
    """
    days = exact(days_beyond_terms)
    if days <= _SCORE[0][0]:
        return Fraction(_SCORE[0][1])
    for (left, high), (right, low) in pairwise(_SCORE):
        if days <= right:
            return high + (days - left) * (low - high) / (right - left)
    return Fraction(0)


def weighted_dbt_score(paid: Sequence[tuple[Amount, Amount]], *, at_least: int = 1) -> Measure:
    """Return the mean score of days beyond terms weighted by amount.

    Args:
        paid: Amount and score of each experience.
        at_least: How many are needed.

    >>> weighted_dbt_score([(50_000, 80), (20_000, 70), (10_000, 50), (5_000, 20)]).rounded()
    Decimal('70.59')
    """
    name, formula = "DBT score", "sum of amount x score / sum of amounts"
    given = inputs(experiences=len(paid))
    if len(paid) < at_least:
        reason = f"{len(paid)} paid invoices are fewer than the {at_least} a score needs"
        return Measure(name, None, "", formula, reason, given)
    top = sum((exact(amount) * exact(score) for amount, score in paid), Fraction(0))
    whole = sum((exact(amount) for amount, _ in paid), Fraction(0))
    reason = "nothing was paid"
    return ratio(name, top, whole, unit="", formula=formula, reason=reason, inputs=given)


def customer_dbt_score(
    paid: Iterable[Settlement], customer: str, *, at_least: int = _LEAST
) -> Measure:
    """Return the score of a customer's settled charges with a due date; fewer than five say nothing."""
    own = [it for it in paid if it.customer == customer and it.days_late is not None]
    pairs = [(Fraction(it.amount.amount), dbt_score(it.days_late or 0)) for it in own]
    return weighted_dbt_score(pairs, at_least=at_least)
