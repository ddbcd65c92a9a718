"""What cleared what: allocations, discounts, write-offs and refunds from the lines that were cleared together.

A clearing document names the items it cleared and what it posted itself; it does not pair payments with invoices. Here
they are paired: first by the invoice a credit names, then in order of posting. What is carried on as a residual item was
not cleared. What a group leaves over was cleared by something the extract does not hold: it ends by an adjustment that says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.adapters.sap.account import Account, Role
from receivables.adapters.sap.codes import Meaning
from receivables.adapters.sap.documents import Documents
from receivables.adapters.sap.groups import parts
from receivables.adapters.sap.lines import ClearingKey, ItemKey, Line
from receivables.errors import ReceivablesError
from receivables.facts import Adjustment, Allocation, Origin, Refund, Use, WriteOff
from receivables.money import Money
from receivables.problems import Problem

DISCOUNT = "cash discount"


@dataclass(slots=True)
class _Side:
    """What one item, or the payment of the clearing itself, gives or takes in one clearing."""

    line: Line
    fact_id: str
    instalment: int | None
    left: Decimal
    own: bool = False  # the payment that the clearing document itself brought

    @property
    def name(self) -> str:
        return "" if self.own else str(self.line.key)

    @property
    def order(self) -> tuple[date, ItemKey]:
        return self.line.posting_date, self.line.key


@dataclass(slots=True)
class _Group:
    """One currency of one clearing: what is to be relieved, by what, and what the document posted besides."""

    key: ClearingKey
    currency: str
    targets: list[_Side]
    sources: list[_Side]
    net: Decimal  # what the clearing document itself brought (above zero) or took
    moved: list[Line]  # what it carried on as items of their own
    meaning: Meaning
    reason: str


class Clearer:
    """Makes the uses of every clearing and of every partial payment."""

    def __init__(
        self,
        account: Account,
        documents: Documents,
        discounts: Mapping[tuple[str, object], Decimal],
    ) -> None:
        self._account = account
        self._documents = documents
        self._discounts = discounts
        self._uses: list[Use] = []
        self._posted: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in account.lines.values():
            self._posted[line.key.company_code, line.key.document].append(line)

    def clear(self, wanted: Callable[[Line], bool]) -> list[Use]:
        """Return the uses, of those groups whose last account is wanted: so that each is given out once."""
        for line in self._account.lines.values():
            if self._account.roles[line.key] is Role.PARTIAL and wanted(line):
                self._partial(line)
        for key, members in sorted(self._account.groups.items()):
            posted = self._posted_by(key)
            for part in parts(members, posted, self._account.codes):
                if wanted(max(part, key=lambda line: line.customer)):
                    self._clear(key, part)
        return self._uses

    def _posted_by(self, key: ClearingKey) -> list[Line]:
        """Return what a clearing document posted."""
        posted = self._posted.get((key.company_code, key.document), [])
        return [line for line in posted if line.posting_date == key.day]

    def _partial(self, line: Line) -> None:
        """Use part of a payment for the item it names, from the day it was posted."""
        named = self._named(line)
        place, payment = self._documents.place(named), self._documents.payment(line)
        if place is None or payment is None:
            return
        source = _Side(line, payment, None, line.amount)
        target = _Side(named, *place, line.amount - line.discount)
        if line.discount:
            self._adjust(None, target, line.discount, DISCOUNT, line)
        self._allocate(None, source, target, target.left)

    def _clear(self, key: ClearingKey, members: list[Line]) -> None:
        carried = self._carried(key, {line.customer for line in members})
        by_currency: dict[str, list[Line]] = defaultdict(list)
        for line in (*members, *carried):
            by_currency[line.currency].append(line)
        groups = [self._group(key, currency, own) for currency, own in sorted(by_currency.items())]
        for group in groups:
            self._pair(group)
        if len(groups) > 1:
            self._exchange(groups)
        for group in groups:
            self._finish(group)

    def _carried(self, key: ClearingKey, accounts: set[str]) -> list[Line]:
        """Return the residual items that a clearing document posted on some accounts."""
        return [
            line
            for line in self._posted_by(key)
            if line.clearing != key and line.customer in accounts and self._carries(line)
        ]

    def _carries(self, line: Line) -> bool:
        role = self._account.roles[line.key]
        if role is Role.RESIDUAL:
            return True
        debit_of_payment = line.debit and self._account.meanings[line.key] is Meaning.PAYMENT
        return role is Role.ITEM and (debit_of_payment or line.follow_on == "V")

    def _group(self, key: ClearingKey, currency: str, lines: list[Line]) -> _Group:
        account = self._account
        members = [
            it for it in lines if it.clearing == key and account.roles[it.key] is not Role.OFFSET
        ]
        offsets = [
            it for it in lines if it.clearing == key and account.roles[it.key] is Role.OFFSET
        ]
        carried = [it for it in lines if it.clearing != key]
        partials = [it for it in members if account.roles[it.key] is Role.PARTIAL]
        sides = [self._side(it, carried, partials) for it in members if it not in partials]
        net = sum((-it.signed for it in (*offsets, *carried)), Decimal(0))
        net -= sum((it.discount for it in offsets if not it.debit), Decimal(0))
        found = [it for it in sides if it is not None and it.left > 0]
        group = _Group(
            key,
            currency,
            sorted((it for it in found if it.line.debit), key=lambda it: it.order),
            sorted((it for it in found if not it.line.debit), key=lambda it: it.order),
            net,
            [it for it in carried if not self._continues(it)],
            self._meaning(offsets),
            next((it.reason for it in offsets if it.reason), ""),
        )
        self._bring(group, offsets)
        return group

    def _side(self, line: Line, carried: list[Line], partials: list[Line]) -> _Side | None:
        """Return what one cleared item gives or takes: less what is carried on, paid before, or discounted."""
        place = self._documents.place(line)
        if place is None:
            return None
        root = self._account.root(line).key
        on = (it for it in carried if it.refers_to == line.key and self._continues(it))
        left = line.amount - sum((it.amount for it in on), Decimal(0))
        if line.debit:
            before = (it for it in partials if self._account.root(self._named(it)).key == root)
            left -= sum((it.amount for it in before), Decimal(0))
            discount = self._discounts.get((line.cleared_by, line.key), line.discount)
            side = _Side(line, *place, left - discount)
            if discount:
                self._adjust(line.clearing, side, discount, DISCOUNT, line)
            return side
        return _Side(line, *place, left - line.discount if self._is_money(line) else left)

    def _named(self, line: Line) -> Line:
        """Return the item that a partial payment names; its role says that it is there."""
        named = line.refers_to
        assert named is not None  # noqa: S101 - what gave it its role
        return self._account.lines[named]

    def _continues(self, line: Line) -> bool:
        return self._account.roles[line.key] is Role.RESIDUAL

    def _is_money(self, line: Line) -> bool:
        return self._account.meanings[line.key] is Meaning.PAYMENT

    def _meaning(self, offsets: Iterable[Line]) -> Meaning:
        codes = self._account.codes
        found = [codes.document_types.get(line.document_type) for line in offsets]
        meaning = next((it for it in found if it is not None), Meaning.TRANSFER)
        lost = any(line.reason in codes.write_off_reasons for line in offsets if line.reason)
        return Meaning.WRITE_OFF if lost and meaning is not Meaning.PAYMENT else meaning

    def _bring(self, group: _Group, offsets: list[Line]) -> None:
        """Let the payment that the clearing document itself brought take part."""
        line = next((it for it in offsets if not it.debit), None)
        payment = self._documents.payment(line) if line is not None else None
        if (
            line is None
            or payment is None
            or group.net <= 0
            or group.meaning is not Meaning.PAYMENT
        ):
            return
        group.sources.append(_Side(line, payment, None, group.net, own=True))
        group.net = Decimal(0)

    def _pair(self, group: _Group) -> None:
        """Use sources for targets: first those that name one, then in order."""
        for source in group.sources:
            for target in group.targets:
                if source.line.refers_to in {target.line.key, self._account.root(target.line).key}:
                    self._use(group.key, source, target)
        for source in group.sources:
            for target in group.targets:
                self._use(group.key, source, target)

    def _use(self, key: ClearingKey, source: _Side, target: _Side) -> None:
        used = min(source.left, target.left)
        if used > 0:
            self._allocate(key, source, target, used)
            source.left -= used
            target.left -= used

    def _exchange(self, groups: list[_Group]) -> None:
        """Use what is over in one currency for what is over in another, when a transfer brought them together."""
        for giving in groups:
            for taking in groups:
                sources = [it for it in giving.sources if it.left > 0]
                targets = [it for it in taking.targets if it.left > 0]
                if giving is taking or len(sources) != 1 or not targets:
                    continue
                [source] = sources
                whole = Money(source.left, giving.currency)
                shares = whole.split([it.left for it in targets])
                for target, share in zip(targets, shares, strict=True):
                    self._allocate(giving.key, source, target, target.left, share)
                    taking.net -= target.left
                    target.left = Decimal(0)
                giving.net += source.left
                source.left = Decimal(0)

    def _finish(self, group: _Group) -> None:
        """End what is still to be relieved: by the posting of the clearing document, or by nothing the extract holds."""
        given, taken = max(group.net, Decimal(0)), max(-group.net, Decimal(0))
        for line in group.moved:
            self._move(group, line)
        for side in group.targets:
            given -= self._end(group, side, given)
        for side in group.sources:
            taken -= self._end(group, side, taken)

    def _move(self, group: _Group, line: Line) -> None:
        """End what the clearing document carried on as an item of its own."""
        left = line.amount
        for side in group.targets if line.debit else group.sources:
            used = min(side.left, left)
            if used > 0:
                self._adjust(group.key, side, used, f"carried on as {line.key}", line, tail="+")
                side.left -= used
                left -= used

    def _end(self, group: _Group, side: _Side, covered: Decimal) -> Decimal:
        """End one side by what covers it; return how much of that was used."""
        used = min(side.left, covered)
        if used > 0:
            self._relieve(group, side, used)
            side.left -= used
        if side.left > 0:
            key, money = group.key, f"{side.left:f} {group.currency}"
            why = f"cleared by {key.document}, of which the extract holds nothing that balances {money}"
            self._account.note(
                "clearing-does-not-balance", f"item {side.line.key} is {why}", side.line.key
            )
            self._adjust(key, side, side.left, why, side.line, tail="!")
            side.left = Decimal(0)
        return used

    def _relieve(self, group: _Group, side: _Side, amount: Decimal) -> None:
        """Relieve an item by what the clearing document posted outside the account: a loss, money given back, or another difference."""
        reason = group.reason or None
        if group.meaning is Meaning.WRITE_OFF:
            self._make(
                WriteOff,
                group.key,
                f"{group.key}:{side.line.key}",
                side,
                amount,
                target=side.fact_id,
                instalment=side.instalment,
                reason=reason,
            )
        elif group.meaning is Meaning.REFUND and not side.line.debit:
            self._make(
                Refund, group.key, f"{group.key}:{side.line.key}", side, amount, source=side.fact_id
            )
        else:
            self._adjust(group.key, side, amount, group.reason or "cleared by a posting", side.line)

    def _allocate(
        self,
        key: ClearingKey | None,
        source: _Side,
        target: _Side,
        amount: Decimal,
        taken: Money | None = None,
    ) -> None:
        where = f"{key}:{source.name}" if key else source.name
        name = f"{where}>{target.line.key}"
        self._make(
            Allocation,
            key or source.line.posting_date,
            name,
            target,
            amount,
            source=source.fact_id,
            target=target.fact_id,
            instalment=target.instalment,
            source_amount=taken,
        )

    def _adjust(
        self,
        key: ClearingKey | None,
        side: _Side,
        amount: Decimal,
        reason: str,
        line: Line,
        tail: str = "",
    ) -> None:
        where = f"{key}:" if key else f"{line.key}:"
        name = f"{where}{side.line.key}{'%' if reason == DISCOUNT else tail}"
        self._make(
            Adjustment,
            key or line.posting_date,
            name,
            side,
            amount,
            target=side.fact_id,
            instalment=side.instalment,
            reason=reason,
        )

    def _make(
        self,
        kind: Any,
        when: ClearingKey | date,
        name: str,
        side: _Side,
        amount: Decimal,
        **values: Any,
    ) -> None:
        day = when.day if isinstance(when, ClearingKey) else when
        try:
            money = Money(amount, side.line.currency)
            use: Use = kind(
                id=name, posting_date=day, amount=money, origin=Origin("sap", name), **values
            )
        except ReceivablesError as error:
            self._account.problems.append(Problem(error.code, f"{name}: {error}", name))
            return
        self._uses.append(use)
