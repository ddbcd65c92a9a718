"""How money moves from bucket to bucket: the roll-rate matrix, and the absorbing chain it makes.

States are the buckets and where money leaves to: paid, lost, diluted. The rows of a migration matrix sum to exactly 1. A
chain that goes on as it did gives the lifetime loss rate of each bucket; the inverse is taken in exact fractions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from receivables.buckets import Buckets
from receivables.errors import UnfitHistory, UnfitRate
from receivables.laws import rows_sum_to_one
from receivables.money import Money
from receivables.provisions.history import Classify, Outcome, follow_items, outcome_of
from receivables.provisions.matrix import Rate, as_rate
from receivables.subledger import Subledger

Shares = tuple[Fraction, ...]
EXITS = tuple(it.value for it in (Outcome.PAID, Outcome.LOSS, Outcome.DILUTED))


@dataclass(frozen=True, slots=True)
class AbsorbingChain:
    """A chain of states some of which are never left.

    Args:
        states: The states that are left: the buckets.
        exits: The states that are not: paid, lost, diluted.
        stay: Q, the share of each state that is in each state a period later.
        leave: R, the share of each state that is in each exit a period later.

    >>> chain = AbsorbingChain.of([["0.2", "0.2"], ["0.3", "0.2"]], [["0.6", "0"], ["0.4", "0.1"]],
    ...                           exits=("paid", "loss"))
    >>> [str(share) for share in chain.absorption[1]]
    ['25/29', '4/29']
    """

    states: tuple[str, ...]
    exits: tuple[str, ...]
    stay: tuple[Shares, ...]
    leave: tuple[Shares, ...]

    def __post_init__(self) -> None:
        rows = ((*q, *r) for q, r in zip(self.stay, self.leave, strict=True))
        rows_sum_to_one(zip(self.states, rows, strict=True))

    @classmethod
    def of(
        cls,
        stay: Sequence[Sequence[Rate]],
        leave: Sequence[Sequence[Rate]],
        *,
        states: Sequence[str] = (),
        exits: Sequence[str] = EXITS,
    ) -> AbsorbingChain:
        """Build a chain from Q and R.

        Raises:
            NotAPartition: When a row of Q and R does not sum to 1 (law: Migration rows sum to one).
        """
        names = tuple(states) or tuple(f"state {number + 1}" for number in range(len(stay)))
        q = tuple(tuple(as_rate(it, "share") for it in row) for row in stay)
        r = tuple(tuple(as_rate(it, "share") for it in row) for row in leave)
        return cls(names, tuple(exits), q, r)

    @property
    def fundamental(self) -> tuple[Shares, ...]:
        """N = (I - Q)^-1: the expected number of periods in each state.

        Raises:
            UnfitRate: When money in some state never leaves.
        """
        size = len(self.states)
        left = [[Fraction(int(i == j)) - self.stay[i][j] for j in range(size)] for i in range(size)]
        return _inverse(left)

    @property
    def absorption(self) -> tuple[Shares, ...]:
        """B = N R: the share of each state that ends in each exit; its rows sum to 1."""
        found = tuple(
            tuple(
                sum((n * r[j] for n, r in zip(row, self.leave, strict=True)), Fraction(0))
                for j in range(len(self.exits))
            )
            for row in self.fundamental
        )
        rows_sum_to_one(zip(self.states, found, strict=True))
        return found

    def lifetime_rates(self, exit_: str = Outcome.LOSS.value) -> dict[str, Fraction]:
        """Return the share of each state that ends in an exit, lost unless said otherwise."""
        index = self.exits.index(exit_)
        return {name: row[index] for name, row in zip(self.states, self.absorption, strict=True)}

    def outcome(self, balances: Sequence[Decimal | int]) -> dict[str, Fraction]:
        """Return how much of the balances of the states ends in each exit."""
        sums = dict.fromkeys(self.exits, Fraction(0))
        for balance, row in zip(balances, self.absorption, strict=True):
            for name, share in zip(self.exits, row, strict=True):
                sums[name] += Fraction(balance) * share
        return sums


@dataclass(frozen=True, slots=True)
class MigrationMatrix:
    """Where the money of each bucket was a period later.

    Args:
        currency: Whose amounts.
        states: The buckets.
        exits: Paid, lost, diluted.
        amounts: By bucket, the amount that went to each bucket and then to each exit.
        backward: What moved to a younger bucket: due dates put back, re-aged items. A sign to look at.
    """

    currency: str
    states: tuple[str, ...]
    exits: tuple[str, ...]
    amounts: tuple[tuple[Money, ...], ...]
    backward: Money

    @property
    def rows(self) -> dict[str, Shares]:
        """The shares by bucket, where there was money; each row sums to 1 (law: Migration rows sum to one)."""
        found: dict[str, Shares] = {}
        for name, amounts in zip(self.states, self.amounts, strict=True):
            whole = sum((Fraction(it.amount) for it in amounts), Fraction(0))
            if whole:
                found[name] = tuple(Fraction(it.amount) / whole for it in amounts)
        rows_sum_to_one(found.items())
        return found

    def chain(self) -> AbsorbingChain:
        """Return the absorbing chain of the buckets that held money.

        First order and the same in every period: check both before trusting a lifetime rate.

        Raises:
            UnfitHistory: When money moved to a bucket that itself never held any.
        """
        rows = self.rows
        kept = [index for index, name in enumerate(self.states) if name in rows]
        size = len(self.states)
        names = tuple(self.states[index] for index in kept)
        for name in names:
            lost = [self.states[j] for j in range(size) if j not in kept and rows[name][j]]
            if lost:
                msg = f"money moved from {name} to {', '.join(lost)}, of which no later period is known; add snapshots"
                raise UnfitHistory(msg)
        stay = tuple(tuple(rows[name][j] for j in kept) for name in names)
        return AbsorbingChain(names, self.exits, stay, tuple(rows[name][size:] for name in names))


def migration_matrix(
    books: Subledger,
    snapshots: Sequence[date],
    *,
    buckets: Buckets,
    currency: str,
    classify: Classify = outcome_of,
) -> MigrationMatrix:
    """Sum how money moved between each pair of consecutive snapshots.

    Args:
        books: The subledger.
        snapshots: At least two days, ascending, the same time apart.
        buckets: The states; items without a due date stand in `undated`.
        currency: Whose amounts.
        classify: What each use means.

    Raises:
        UnfitHistory: When there are fewer than two snapshots or they do not ascend.
    """
    if len(snapshots) < 2:  # noqa: PLR2004 - a move has two ends
        msg = f"a migration needs two snapshots or more; got {len(snapshots)}"
        raise UnfitHistory(msg)
    if any(second <= first for first, second in pairwise(snapshots)):
        msg = f"snapshots {', '.join(map(str, snapshots))} must ascend"
        raise UnfitHistory(msg)
    moved: dict[tuple[str, str], Money] = defaultdict(lambda: Money.zero(currency))
    order = (*buckets.labels, "undated")
    views = (books.items(as_of=day) for day in snapshots)
    for before, after in pairwise(views):
        for it in follow_items(before, after, books, buckets=buckets, classify=classify):
            if it.amount.currency != currency:
                continue
            moved[it.bucket, it.bucket_after] += it.still_open
            for name, amount in zip(EXITS, (it.paid, it.lost, it.diluted), strict=True):
                moved[it.bucket, name] += amount
    used = {key for pair, amount in moved.items() if amount for key in pair}
    states = tuple(name for name in order if name in {*buckets.labels, *used} - set(EXITS))
    table = tuple(tuple(moved[name, to] for to in (*states, *EXITS)) for name in states)
    back = Money.zero(currency)
    for i, row in enumerate(table):
        for j in range(i):
            back += row[j]
    return MigrationMatrix(currency, states, EXITS, table, back)


def _inverse(matrix: list[list[Fraction]]) -> tuple[Shares, ...]:
    """Invert by elimination in exact fractions."""
    size = len(matrix)
    rows = [[*row, *(Fraction(int(i == j)) for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = next((i for i in range(column, size) if rows[i][column]), None)
        if pivot is None:
            msg = "money in some state never leaves; every bucket must lead to an exit"
            raise UnfitRate(msg)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [it / scale for it in rows[column]]
        for i in range(size):
            factor = rows[i][column]
            if i != column and factor:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return tuple(tuple(row[size:]) for row in rows)
