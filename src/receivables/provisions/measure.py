"""`measure_provision`: open items in, the provision out, each item on exactly one path.

The pipeline: set credits against the oldest charges of the same customer (gross, before VAT is taken out), then exclude,
then assess individually, then the secured, and the rest is the pool. Rows are rounded once and shared out exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from receivables.buckets import CREDITS, UNDATED
from receivables.errors import MixedDates
from receivables.laws import each_on_one_path, parts_make_the_whole
from receivables.money import Money, total
from receivables.objects_only import refuse_frame
from receivables.open_items import OpenItem
from receivables.problems import Problem
from receivables.provisions import remarks
from receivables.provisions.matrix import ProvisionMatrix
from receivables.provisions.policy import Path, ProvisionPolicy
from receivables.provisions.result import Provision, ProvisionLine, ProvisionRow
from receivables.provisions.treatment import Met, Pools, Treatment, summed, treat, treat_credit

RowKey = tuple[Path, str | None, str, str]  # path, segment, bucket, currency


def measure_provision(
    items: Iterable[OpenItem],
    policy: ProvisionPolicy | ProvisionMatrix,
    *,
    as_of: date | None = None,
) -> tuple[Provision, tuple[Problem, ...]]:
    """Measure the expected credit loss of open items.

    Credits of a customer reduce that customer's own oldest charges, within one legal entity and currency, for the
    measurement only; what is left of them is reclassified and lowers nobody else's loss.

    Args:
        items: What `Subledger.open_items` returned, all of one as-of date.
        policy: Rates and every choice, or rates alone.
        as_of: The as-of date; needed only when there are no items to take it from.

    Returns:
        The provision, and what a reviewer should see: a missing overlay, rates that fall with age, rules without items.

    Raises:
        MixedDates: When the items are of several as-of dates, or there are none and no `as_of` is given.
        RateNotFound: When the matrix has no rate for an item's segment and bucket.
        NotAPartition: When an item were on no path or on two (law: Each item on one path).

    >>> from receivables import Invoice, Subledger
    >>> from receivables.provisions import ProvisionMatrix
    >>> books = Subledger.of([Invoice(id="F-1", customer="C1", amount=Money("100.00", "MXN"),
    ...                               posting_date=date(2026, 1, 10), due_date=date(2026, 2, 9))])
    >>> matrix = ProvisionMatrix.of({"current": "0.01", ">0": "0.05"})
    >>> provision, problems = measure_provision(books.open_items(as_of=date(2026, 3, 31)), matrix)
    >>> provision.allowance(), [problem.code for problem in problems]
    (Money('5.00', 'MXN'), ['no-overlay'])
    """
    refuse_frame(items, "items", "measure_provision")
    listed = list(items)
    day = _one_date(listed, as_of)
    chosen = ProvisionPolicy.of(policy)
    pools = Pools(chosen)
    drafts = [_draft(entry, chosen, pools) for entry in _net(listed)]
    each_on_one_path((it.id for it in listed), (draft.entry.item.id for draft in drafts))
    groups: dict[RowKey, list[_Draft]] = defaultdict(list)
    for draft in drafts:
        item = draft.entry.item
        groups[draft.made.path, draft.segment, draft.bucket, item.currency].append(draft)
    ordered = sorted(groups, key=row_order(chosen))
    rows = [_row(key, groups[key], chosen) for key in ordered]
    apart = {Path.EXCLUDED, Path.CREDIT}
    _ties(listed, rows)
    notes = (str(chosen.overlay),) if chosen.overlay else ("no forward-looking overlay",)
    made = Provision(
        day,
        tuple(row for row in rows if row.path not in apart),
        tuple(row for row in rows if row.path in apart),
        notes,
    )
    return made, tuple(_remarks(chosen, listed))


def row_order(
    policy: ProvisionPolicy,
) -> Callable[[RowKey], tuple[str, str, int, str]]:
    """Return how rows are sorted: by currency, segment, bucket and path."""
    order = [*policy.matrix.buckets.labels, UNDATED, CREDITS]
    return lambda it: (it[3], it[1] or "", order.index(it[2]), it[0].value)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item, what is left of it, and what it was set against."""

    item: OpenItem
    left: Money
    netted: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line before rounding."""

    entry: _Entry
    segment: str | None
    bucket: str
    made: Treatment


def _net(items: Sequence[OpenItem]) -> Iterator[_Entry]:
    """Set credits against the oldest charges of the same legal entity, customer and currency."""
    left = {item.id: item.open_amount for item in items}
    against: dict[str, list[tuple[str, Money]]] = defaultdict(list)
    charges: dict[tuple[str | None, str | None, str], list[OpenItem]] = defaultdict(list)
    for item in sorted(items, key=lambda it: (it.due_date or date.max, it.posting_date, it.id)):
        if not item.is_credit:
            charges[_owner(item)].append(item)
    given = (item for item in items if item.is_credit and item.customer is not None)
    for queue in charges.values():
        queue.reverse()  # oldest last, where a list gives it up cheaply
    for credit in sorted(given, key=lambda it: (it.posting_date, it.id)):
        queue = charges[_owner(credit)]
        while queue and left[credit.id]:
            charge = queue[-1]
            used = min(-left[credit.id], left[charge.id])
            left[credit.id] += used
            left[charge.id] -= used
            against[credit.id].append((charge.id, used))
            against[charge.id].append((credit.id, used))
            if not left[charge.id]:
                queue.pop()
    for item in items:
        yield _Entry(item, left[item.id], tuple(against[item.id]))


def _owner(item: OpenItem) -> tuple[str | None, str | None, str]:
    return item.document.legal_entity, item.customer, item.currency


def _draft(entry: _Entry, policy: ProvisionPolicy, pools: Pools) -> _Draft:
    item = entry.item
    segment = item.attribute(policy.segment_by)
    share = policy.vat.base_share(item) if policy.vat else Fraction(1)
    exposure = Fraction(entry.left.amount) * share
    if item.is_credit:
        return _Draft(entry, segment, CREDITS, treat_credit(exposure, left=bool(entry.left)))
    bucket = _bucket(item, policy)
    made = treat(_met(item, policy), exposure, item.currency, pools, (segment, bucket))
    return _Draft(entry, segment, bucket, made)


def _met(item: OpenItem, policy: ProvisionPolicy) -> Met:
    return Met(
        next((it for it in policy.exclusions if it.scope.holds(item)), None),
        next((it for it in policy.assessments if it.scope.holds(item)), None),
        next((it for it in policy.covers if it.scope.holds(item)), None),
        next((it for it in policy.dilutions if it.scope.holds(item)), None),
    )


def _bucket(item: OpenItem, policy: ProvisionPolicy) -> str:
    day: date | None = getattr(item, f"{policy.basis.value}_date")
    return UNDATED if day is None else policy.matrix.buckets.label((item.as_of - day).days)


def _row(key: RowKey, drafts: Sequence[_Draft], policy: ProvisionPolicy) -> ProvisionRow:
    """Round the row once, and share it out among its items by largest remainder."""
    path, segment, bucket, currency = key
    made = [draft.made for draft in drafts]
    sums = summed(made, currency, policy)
    exposures = _shared(sums.exposure, [it.exposure for it in made])
    dilutions = _shared(sums.dilution, [it.dilution for it in made])
    allowances = _shared(sums.allowance, [it.loss for it in made])
    lines = tuple(
        ProvisionLine(
            draft.entry.item, path, segment, bucket, draft.entry.left,
            exposures[index], draft.made.rate, allowances[index], dilutions[index], draft.made.rule,
            draft.entry.netted,
        )
        for index, draft in enumerate(drafts)
    )  # fmt: skip
    gross = total((line.gross for line in lines), currency)
    return ProvisionRow(
        path, segment, bucket, currency, gross,
        sums.exposure, sums.rate, sums.allowance, sums.dilution, lines,
    )  # fmt: skip


def _shared(whole: Money, exact: Sequence[Fraction]) -> tuple[Money, ...]:
    """Return each item's share of a rounded sum; all are of one sign."""
    weights = [abs(it) for it in exact]
    return (
        whole.split(weights) if any(weights) else tuple(Money.zero(whole.currency) for _ in exact)
    )


def _ties(items: Sequence[OpenItem], rows: Sequence[ProvisionRow]) -> None:
    """Assert that what the rows hold is what was open, currency by currency."""
    for currency in sorted({item.currency for item in items}):
        opened = total((it.open_amount for it in items if it.currency == currency), currency)
        held = (row.gross for row in rows if row.currency == currency)
        parts_make_the_whole(opened, held, f"the rows of the provision in {currency}")


def _one_date(items: Sequence[OpenItem], as_of: date | None) -> date:
    dates = {item.as_of for item in items} | ({as_of} if as_of else set())
    if len(dates) != 1:
        listed = ", ".join(str(day) for day in sorted(dates)) or "no items and no as_of"
        msg = f"a provision has one as-of date; got {listed}"
        raise MixedDates(msg)
    return dates.pop()


def _remarks(policy: ProvisionPolicy, items: Sequence[OpenItem]) -> Iterator[Problem]:
    yield from remarks.of_rates(policy)
    charges = [item for item in items if not item.is_credit]
    rules = remarks.scopes(policy)
    for name, scope in rules:
        if not any(scope.holds(item) for item in charges):
            yield remarks.without_items(name, scope)
    rivals = rules[: len(rules) - len(policy.dilutions)]
    for item in charges:
        met = [name for name, scope in rivals if scope.holds(item)]
        if len(met) > 1:
            yield remarks.several(item.id, met)
