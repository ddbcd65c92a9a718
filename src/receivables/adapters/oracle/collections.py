"""Advanced Collections as it is: promises, delinquencies, strategies with their tasks. Values, not facts: none changes what is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from receivables.adapters.oracle import query, wire
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.rest import Pod
from receivables.errors import ReceivablesError
from receivables.money import Money
from receivables.problems import Problem

T = TypeVar("T")
PROMISES, DELINQUENCIES = "collectionPromises", "collectionsDelinquencies"
STRATEGIES, TASKS = "collectionStrategies", "strategyExecutionTasks"


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay one instalment by a day.

    Args:
        key: Its key.
        customer: Account number.
        transaction: Number of the transaction, where the release says it.
        instalment: Number of the instalment.
        amount: What was promised; None for the full balance.
        day: By when.
        status: As the pod says it.
        fields: Everything else, as it came.
    """

    key: int
    customer: str
    transaction: str | None
    instalment: int | None
    amount: Money | None
    day: date | None
    status: str | None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Delinquency:
    """How the pod judges one payment schedule: current, predelinquent or delinquent."""

    key: int
    schedule: int | None
    status: str | None
    unpaid_reason: str | None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One step of a strategy."""

    key: int
    order: int | None
    template: str | None
    status: str | None
    assigned_to: str | None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """What is being done about a customer, with its tasks in their order."""

    key: int
    customer: str | None
    status: str | None
    score: Decimal | None
    template: str | None
    tasks: tuple[Task, ...]
    fields: tuple[tuple[str, str], ...] = ()


class Collections:
    """Reads Advanced Collections.

    Args:
        pod: Where from.
        page_size: Rows asked for a page.
    """

    def __init__(self, pod: Pod, page_size: int = 500) -> None:
        self._desk = Desk(pod, page_size)

    def promises(
        self, customer: str | None = None
    ) -> tuple[tuple[Promise, ...], tuple[Problem, ...]]:
        """Return the promises, of all customers or one, and what could not be read."""
        where = None if customer is None else query.Where("BillToCustomerAccount", "=", customer)
        return _all(
            self._rows(PROMISES, "PromiseDetailId", where), PROMISES, "PromiseDetailId", _promise
        )

    def delinquencies(self) -> tuple[tuple[Delinquency, ...], tuple[Problem, ...]]:
        """Return how every payment schedule is judged, and what could not be read."""
        return _all(
            self._rows(DELINQUENCIES, "DelinquencyId"), DELINQUENCIES, "DelinquencyId", _delinquency
        )

    def strategies(self) -> tuple[tuple[Strategy, ...], tuple[Problem, ...]]:
        """Return the strategies with their tasks, and what could not be read."""
        return _all(self._rows(STRATEGIES, "StrategyId"), STRATEGIES, "StrategyId", self._strategy)

    def _rows(
        self, resource: str, key: str, where: query.Expression | None = None
    ) -> Iterator[Mapping[str, Any]]:
        for rows in self._desk.pages(resource, where, key=key):
            yield from rows

    def _strategy(self, row: Mapping[str, Any]) -> Strategy:
        children = self._desk.children(STRATEGIES, row["StrategyId"], TASKS, key="WorkItemId")
        tasks = sorted((_task(it) for it in children), key=lambda it: (it.order or 0, it.key))
        used = {"StrategyId", "AccountNumber", "StrategyStatus", "Score", "StrategyTemplate"}
        return Strategy(
            row["StrategyId"], _text(row, "AccountNumber"), _text(row, "StrategyStatus"), wire.number(row.get("Score")),
            _text(row, "StrategyTemplate"), tuple(tasks), _rest(row, used),
        )  # fmt: skip


def _all(
    rows: Iterator[Mapping[str, Any]],
    resource: str,
    key: str,
    read: Callable[[Mapping[str, Any]], T],
) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    found, problems = [], []
    for row in rows:
        try:
            found.append(read(row))
        except (ValueError, ReceivablesError) as error:
            problems.append(
                Problem(
                    "unreadable-value",
                    f"{error}; correct it in the source",
                    f"{resource}/{row[key]}",
                )
            )
    return tuple(found), tuple(problems)


def _promise(row: Mapping[str, Any]) -> Promise:
    used = {"PromiseDetailId", "BillToCustomerAccount", "TransactionNumber", "InstallmentNumber", "PromiseAmount", "Currency",
            "PromiseDate", "Status"}  # fmt: skip
    return Promise(
        row["PromiseDetailId"], str(row["BillToCustomerAccount"]), _text(row, "TransactionNumber"), row.get("InstallmentNumber"),
        wire.money(row.get("PromiseAmount"), str(row.get("Currency"))), wire.day(row.get("PromiseDate")), _text(row, "Status"),
        _rest(row, used),
    )  # fmt: skip


def _delinquency(row: Mapping[str, Any]) -> Delinquency:
    used = {"DelinquencyId", "PaymentScheduleId", "Status", "UnpaidReason"}
    return Delinquency(
        row["DelinquencyId"],
        row.get("PaymentScheduleId"),
        _text(row, "Status"),
        _text(row, "UnpaidReason"),
        _rest(row, used),
    )


def _task(row: Mapping[str, Any]) -> Task:
    used = {"WorkItemId", "WorkOrder", "StrategyTaskTemplate", "TaskStatus", "AssignedTo"}
    order = wire.number(row.get("WorkOrder"))
    return Task(
        row["WorkItemId"], None if order is None else int(order), _text(row, "StrategyTaskTemplate"), _text(row, "TaskStatus"),
        _text(row, "AssignedTo"), _rest(row, used),
    )  # fmt: skip


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return None if value in (None, "") else wire.text(value)


def _rest(row: Mapping[str, Any], used: set[str]) -> tuple[tuple[str, str], ...]:
    kept = ((name, wire.text(value)) for name, value in row.items() if value is not None)
    return tuple(
        sorted((name, value) for name, value in kept if name not in used and name != "links")
    )
