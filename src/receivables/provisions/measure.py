"""`measure_provision`: open items in, the provision out, each item on exactly one path.

The pipeline: set credits against the oldest charges of the same customer (gross, before VAT is taken out), then exclude,
then assess individually, then the secured, and the rest is the pool. Rows are rounded once and shared out exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from receivables.buckets import CREDITS, UNDATED
from receivables.errors import MixedDates
from receivables.laws import each_on_one_path, parts_make_the_whole
from receivables.money import Money, total
from receivables.open_items import OpenItem
from receivables.problems import Problem
from receivables.provisions.matrix import as_text, rounded
from receivables.provisions.policy import Path, ProvisionPolicy
from receivables.provisions.result import Provision, ProvisionLine, ProvisionRow
from receivables.provisions.rules import Scope
from receivables.rounding import Rounding

NO_OVERLAY = Problem(
    "no-overlay",
    "the loss rates carry no forward-looking adjustment; give an Overlay, one of factor 1 with a reason if none is needed",
    severity="noted",
)


def measure_provision(
    items: Iterable[OpenItem], policy: ProvisionPolicy, *, as_of: date | None = None
) -> tuple[Provision, tuple[Problem, ...]]:
    """Measure the expected credit loss of open items.

    Credits of a customer reduce that customer's own oldest charges, within one legal entity and currency, for the
    measurement only; what is left of them is reclassified and lowers nobody else's loss.

    Args:
        items: What `Subledger.open_items` returned, all of one as-of date.
        policy: Rates and every choice.
        as_of: The as-of date; needed only when there are no items to take it from.

    Returns:
        The provision, and what a reviewer should see: a missing overlay, rates that fall with age, rules without items.

    Raises:
        MixedDates: When the items are of several as-of dates, or there are none and no `as_of` is given.
        RateNotFound: When the matrix has no rate for an item's segment and bucket.
        NotAPartition: When an item were on no path or on two (law: Each item on one path).

    >>> from receivables import Invoice, Subledger
    >>> from receivables.provisions import ProvisionMatrix, ProvisionPolicy
    >>> books = Subledger.of([Invoice(id="F-1", customer="C1", amount=Money("100.00", "MXN"),
    ...                               posting_date=date(2026, 1, 10), due_date=date(2026, 2, 9))])
    >>> policy = ProvisionPolicy(ProvisionMatrix.of({"current": "0.01", ">0": "0.05"}))
    >>> provision, problems = measure_provision(books.open_items(as_of=date(2026, 3, 31)), policy)
    >>> provision.allowance(), [problem.code for problem in problems]
    (Money('5.00', 'MXN'), ['no-overlay'])
    """
    listed = list(items)
    day = _one_date(listed, as_of)
    pools = _Pools(policy)
    drafts = [_draft(entry, policy, pools) for entry in _net(listed)]
    each_on_one_path((it.id for it in listed), (draft.entry.item.id for draft in drafts))
    groups: dict[tuple[Path, str | None, str, str], list[_Draft]] = defaultdict(list)
    for draft in drafts:
        item = draft.entry.item
        groups[draft.path, draft.segment, draft.bucket, item.currency].append(draft)
    order = [*policy.matrix.buckets.labels, UNDATED, CREDITS]
    ordered = sorted(groups, key=lambda it: (it[3], it[1] or "", order.index(it[2]), it[0].value))
    rows = [_row(key, groups[key], policy) for key in ordered]
    apart = {Path.EXCLUDED, Path.CREDIT}
    _ties(listed, rows)
    notes = (str(policy.overlay),) if policy.overlay else ("no forward-looking overlay",)
    made = Provision(
        day,
        tuple(row for row in rows if row.path not in apart),
        tuple(row for row in rows if row.path in apart),
        notes,
    )
    return made, tuple(_remarks(policy, listed))


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item, what is left of it, and what it was set against."""

    item: OpenItem
    left: Money
    netted: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line before rounding: exact exposure, dilution and loss."""

    entry: _Entry
    path: Path
    segment: str | None
    bucket: str
    exposure: Fraction
    rate: Fraction
    dilution: Fraction
    rule: str

    @property
    def loss(self) -> Fraction:
        return (self.exposure - self.dilution) * self.rate


class _Pools:
    """The pool rate of each segment and bucket with its words, worked out once."""

    def __init__(self, policy: ProvisionPolicy) -> None:
        self._policy = policy
        self._known: dict[tuple[str | None, str], tuple[Fraction, str]] = {}

    def of(self, segment: str | None, bucket: str) -> tuple[Fraction, str]:
        key = (segment, bucket)
        if key not in self._known:
            found, rate = self._policy.matrix.find(*key), self._policy.pool_rate(*key)
            changed = "" if rate == found.rate else f", adjusted to {as_text(rate * 100, 6)} %"
            self._known[key] = rate, f"{found}{changed}"
        return self._known[key]


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


def _draft(entry: _Entry, policy: ProvisionPolicy, pools: _Pools) -> _Draft:
    item = entry.item
    segment = item.attribute(policy.segment_by)
    share = policy.vat.base_share(item) if policy.vat else Fraction(1)
    exposure = Fraction(entry.left.amount) * share
    none = Fraction(0)
    if item.is_credit:
        rule = "credit balance, reclassified to liabilities" if entry.left else "used up by netting"
        return _Draft(entry, Path.CREDIT, segment, CREDITS, exposure, none, none, rule)
    bucket = _bucket(item, policy)
    for exclusion in policy.exclusions:
        if exclusion.scope.holds(item):
            rule = f"excluded: {exclusion.reason}"
            return _Draft(entry, Path.EXCLUDED, segment, bucket, none, none, none, rule)
    diluted = next((it for it in policy.dilutions if it.scope.holds(item)), None)
    dilution = exposure * diluted.rate if diluted else none
    path, rate, rule = _rate(item, exposure - dilution, pools.of(segment, bucket), policy)
    if diluted:
        rule = f"{rule}; {as_text(diluted.rate)} expected to be credited: {diluted.reason}"
    return _Draft(entry, path, segment, bucket, exposure, rate, dilution, rule)


def _rate(
    item: OpenItem, exposure: Fraction, found: tuple[Fraction, str], policy: ProvisionPolicy
) -> tuple[Path, Fraction, str]:
    """Return the path of an item that is not excluded, its loss rate, and why."""
    for assessment in policy.assessments:
        if assessment.scope.holds(item):
            by = f" by {assessment.author}" if assessment.author else ""
            on = f", {assessment.on}" if assessment.on else ""
            return Path.INDIVIDUAL, assessment.rate, f"assessed{by}{on}: {assessment.reason}"
    pool, rule = found
    cover = next((it for it in policy.covers if it.scope.holds(item)), None)
    if cover is None:
        return Path.POOL, pool, rule
    if cover.denied:
        return Path.POOL, pool, f"{rule}; cover denied: {cover.denied}"
    covered = cover.covered(exposure, item.currency)
    loss = (exposure - covered) * pool + covered * cover.provider_rate
    text = f"{as_text(covered, 4)} {item.currency} covered by {cover.provider or 'the provider'} at {as_text(cover.provider_rate)}, the rest at {rule}"
    return Path.SECURED, loss / exposure if exposure else pool, text


def _bucket(item: OpenItem, policy: ProvisionPolicy) -> str:
    day: date | None = getattr(item, f"{policy.basis.value}_date")
    return UNDATED if day is None else policy.matrix.buckets.label((item.as_of - day).days)


def _row(
    key: tuple[Path, str | None, str, str], drafts: Sequence[_Draft], policy: ProvisionPolicy
) -> ProvisionRow:
    """Round the row once, and share it out among its items by largest remainder."""
    path, segment, bucket, currency = key
    exposures, exposure = _shared([it.exposure for it in drafts], currency)
    dilutions, dilution = _shared([it.dilution for it in drafts], currency)
    allowances, allowance = _shared([it.loss for it in drafts], currency, policy)
    lines = tuple(
        ProvisionLine(
            draft.entry.item, path, segment, bucket, draft.entry.left,
            exposures[index], draft.rate, allowances[index], dilutions[index], draft.rule,
            draft.entry.netted,
        )
        for index, draft in enumerate(drafts)
    )  # fmt: skip
    rates = {it.rate for it in drafts}
    base = sum((it.exposure - it.dilution for it in drafts), Fraction(0))
    loss = sum((it.loss for it in drafts), Fraction(0))
    rate = rates.pop() if len(rates) == 1 else loss / base if base else Fraction(0)
    gross = total((line.gross for line in lines), currency)
    return ProvisionRow(
        path, segment, bucket, currency, gross, exposure, rate, allowance, dilution, lines
    )


def _shared(
    exact: Sequence[Fraction], currency: str, policy: ProvisionPolicy | None = None
) -> tuple[tuple[Money, ...], Money]:
    """Return each item's share of the rounded sum, and the sum; all are of one sign."""
    rounding = policy.rounding if policy else Rounding.HALF_UP
    whole = rounded(
        sum(exact, Fraction(0)), currency, rounding, policy.decimals if policy else None
    )
    weights = [abs(it) for it in exact]
    if not any(weights):
        return tuple(Money.zero(currency) for _ in exact), whole
    return whole.split(weights), whole


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
    if policy.overlay is None:
        yield NO_OVERLAY
    yield from policy.matrix.remarks()
    rules: list[tuple[str, Scope]] = [
        *(("exclusion", it.scope) for it in policy.exclusions),
        *(("assessment", it.scope) for it in policy.assessments),
        *(("cover", it.scope) for it in policy.covers),
        *(("dilution", it.scope) for it in policy.dilutions),
    ]
    for name, scope in rules:
        if not any(scope.holds(item) for item in items if not item.is_credit):
            yield Problem(
                "rule-without-items",
                f"the {name} of {scope} meets no open charge; check the id",
                severity="noted",
            )
    for item in items:
        met = [name for name, scope in rules[: -len(policy.dilutions) or None] if scope.holds(item)]
        if len(met) > 1 and not item.is_credit:
            yield Problem(
                "several-rules",
                f"item {item.id} is met by {' and '.join(met)}; the {met[0]} counts",
                item.id,
                severity="noted",
            )
