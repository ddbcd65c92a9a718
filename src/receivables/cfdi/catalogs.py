"""SAT's catalogs, as data with days of validity: which keys there are, and which tax rates.

The data is `catalogs.json`, made by `tools/generate_cfdi_catalogs.py`; it is never edited by hand. A new edition of SAT's
catalogs is a new run of that script.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

_WIDE = r"[0-9]{10,11}|[0-9]{15,16}|[0-9]{18}|[A-Z0-9_]{10,50}"
STANDING = date(2022, 1, 1)  # keys that were there when version 4.0 began count as always there


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a catalog.

    Args:
        key: The key.
        text: What it means, in SAT's words.
        since: First day; None for always.
        until: Last day; None for open.
    """

    key: str
    text: str
    since: date | None
    until: date | None

    def holds(self, on: date) -> bool:
        """Tell whether it may be used on a day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of c_TasaOCuota: a rate, or a range of rates, of a tax."""

    tax: str
    factor: str
    least: Decimal
    greatest: Decimal
    charged: bool
    withheld: bool
    since: date | None
    until: date | None


def source() -> str:
    """Say where the catalogs were taken from, and when."""
    return str(_data()["source"])


@cache
def catalog(name: str) -> dict[str, Key]:
    """Return the keys of a catalog such as `c_FormaPago`."""
    return {
        key: Key(key, text, _since(since), _day(until))
        for key, (text, since, until) in _data()["keys"][name].items()
    }


def holds(name: str, key: str, on: date) -> bool:
    """Tell whether a key is in a catalog on a day.

    >>> holds("c_ObjetoImp", "06", date(2024, 12, 12)), holds("c_ObjetoImp", "06", date(2024, 12, 13))
    (False, True)
    """
    found = catalog(name).get(key)
    return found is not None and found.holds(on)


def text(name: str, key: str) -> str:
    """Return what a key means, or the key itself when it is not there."""
    found = catalog(name).get(key)
    return found.text if found is not None else key


def decimals(currency: str) -> int | None:
    """Return how many decimals SAT gives a currency, or None when it is not in c_Moneda.

    >>> decimals("MXN"), decimals("JPY"), decimals("XXX")
    (2, 0, 0)
    """
    found: int | None = _data()["decimals"].get(currency)
    return found


def places(currency: str) -> int:
    """Return the decimals to round a currency's amounts to; two when it is unknown."""
    found = decimals(currency)
    return 2 if found is None else found


def takes_bank_data(form: str) -> bool:
    """Tell whether a form of payment may name the banks and accounts.

    >>> takes_bank_data("03"), takes_bank_data("01")
    (True, False)
    """
    return form in _data()["forms"]


@cache
def account_pattern(form: str, side: str) -> re.Pattern[str] | None:
    """Return the pattern of the account of the `payer` or `payee` for a form of payment; None when none is given."""
    found = _data()["forms"].get(form, {}).get(side)
    if not found and form == "06" and side == "payee":
        return None
    return re.compile(found or _WIDE) if form in _data()["forms"] else None


def regime_fits(regime: str, *, company: bool) -> bool:
    """Tell whether a tax regime is one of companies, or of natural persons; unknown keys fit."""
    natural, moral = _data()["regimes"].get(regime, (True, True))
    return bool(moral if company else natural)


def use_fits(use: str, regime: str, *, company: bool) -> bool:
    """Tell whether a use of the CFDI goes with the receiver's kind of person and regime; unknown keys fit."""
    natural, moral, regimes = _data()["uses"].get(use, (True, True, regime))
    return bool(moral if company else natural) and regime in regimes.split(",")


def rate_holds(tax: str, factor: str, rate: Decimal, *, withheld: bool, on: date) -> bool:
    """Tell whether c_TasaOCuota has a rate on a day.

    >>> rate_holds("002", "Tasa", Decimal("0.16"), withheld=False, on=date(2026, 1, 1))
    True
    """
    return any(
        it.least <= rate <= it.greatest
        # The cap of a quota rises each year, and a snapshot of the catalog holds the newest row only.
        and (it.since is None or it.since <= on or factor == "Cuota")
        and (it.until is None or on <= it.until)
        for it in _rates(tax, factor, withheld=withheld)
    )


@cache
def _rates(tax: str, factor: str, *, withheld: bool) -> tuple[Rate, ...]:
    found = (
        Rate(
            it["tax"],
            it["factor"],
            Decimal(it["least"]),
            Decimal(it["greatest"]),
            it["charged"],
            it["withheld"],
            _since(it["since"]),
            _day(it["until"]),
        )
        for it in _data()["rates"]
    )
    return tuple(
        it
        for it in found
        if (it.tax, it.factor) == (tax, factor) and (it.withheld if withheld else it.charged)
    )


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        files("receivables.cfdi").joinpath("catalogs.json").read_text(encoding="utf-8")
    )
    return loaded


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def _since(written: str) -> date | None:
    day = _day(written)
    return None if day is None or day <= STANDING else day
