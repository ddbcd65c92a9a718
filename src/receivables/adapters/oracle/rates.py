"""Currency rates of the pod as `ExchangeRates`, one pair and one rate type after the other.

Rates have no whole number for a key, so each page goes on from the day behind the last one. Name of the resource, finder
variables and attributes were seen in clients; that rows come in the order asked for is recalled, so it is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from receivables.adapters.oracle import codes, query, scan, wire
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.scan import Item
from receivables.errors import BrokenAnswer, MoneyError
from receivables.problems import Problem
from receivables.rates import ExchangeRate, ExchangeRates

_VARIABLES = ("fromCurrency", "toCurrency", "userConversionType", "startDate", "endDate")
_FINDER = "CurrencyRatesFinder"


def read_rates(
    desk: Desk,
    currencies: Iterable[str],
    to: str,
    *,
    first: date,
    last: date,
    rate_type: str = "Corporate",
) -> tuple[ExchangeRates, tuple[Problem, ...]]:
    """Read the daily rates of currencies in one other.

    Args:
        desk: Asks the pod.
        currencies: The currencies priced.
        to: The currency of the price.
        first: First day wanted.
        last: Last day wanted, included.
        rate_type: Oracle's conversion type as users see it.

    Raises:
        RemoteError: What the pod answered instead.
        RateNotFound: When the pod says two rates of a pair for one day.
    """
    found: list[ExchangeRate] = []
    problems: list[Problem] = []
    for currency in sorted(set(currencies) - {to}):
        pair = {"FromCurrency": currency, "ToCurrency": to, "UserConversionType": rate_type}
        rows = [row for row in _rows(desk, pair, first, last) if _is_wanted(row, pair, last)]
        rates, remarks = exchange_rates(rows, rate_type)
        found += rates
        problems += remarks
        if not rows:
            msg = f"the pod shows no {rate_type} rate of {currency} in {to} from {first} to {last}"
            problems.append(
                Problem("no-rates", msg, f"{codes.RATES}/{currency}-{to}", severity="noted")
            )
    return ExchangeRates.of(found), tuple(problems)


def exchange_rates(
    rows: Sequence[Mapping[str, Any]], rate_type: str
) -> tuple[list[ExchangeRate], list[Problem]]:
    """Return the rates that rows say, each with its source; what cannot be read is listed."""
    rates, problems = [], []
    for row in rows:
        currency, to, day = (
            str(row.get(it)) for it in ("FromCurrency", "ToCurrency", "ConversionDate")
        )
        source = f"Oracle {row.get('UserConversionType') or rate_type} {day[:10]}"
        try:
            rate: Any = wire.number(row.get("ConversionRate"))
            rates.append(ExchangeRate(currency, to, date.fromisoformat(day[:10]), rate, source))
        except (ValueError, MoneyError) as error:
            where = f"{codes.RATES}/{currency}-{to}/{day}"
            problems.append(Problem("unreadable-rate", f"{error}", where, severity="quarantined"))
    return rates, problems


def _rows(desk: Desk, pair: Mapping[str, str], first: date, last: date) -> Iterator[Item]:
    name = desk.describe(codes.RATES).finder_with(*_VARIABLES) or _FINDER
    start = first
    while start <= last:
        values: dict[str, query.Value] = dict(
            zip(_VARIABLES, (*pair.values(), start, last), strict=True)
        )
        params: dict[str, str | int] = {
            "finder": query.finder(name, values),
            "orderBy": "ConversionDate:asc",
            "limit": desk.page_size,
            "onlyData": "true",
        }
        rows, more = scan.collection(desk.pod.get(codes.RATES, params), codes.RATES)
        days = [_day(row) for row in rows]
        if days != sorted(days) or (days and days[0] < start):
            msg = f"{codes.RATES} was asked from {start} on by ConversionDate and gave other days; pages without order lose rows"
            raise BrokenAnswer(msg)
        yield from rows
        if not days or not more:
            return
        start = days[-1] + timedelta(days=1)


def _day(row: Item) -> date:
    try:
        return date.fromisoformat(str(row.get("ConversionDate"))[:10])
    except ValueError:
        msg = f"a row of {codes.RATES} has ConversionDate {row.get('ConversionDate')!r}; without it pages cannot go on"
        raise BrokenAnswer(msg) from None


def _is_wanted(row: Item, pair: Mapping[str, str], last: date) -> bool:
    """Tell whether a row is what the finder was asked for; a rate type that is not shown is believed."""
    same = all(
        str(row.get(name) or value).casefold() == value.casefold() for name, value in pair.items()
    )
    return same and _day(row) <= last
