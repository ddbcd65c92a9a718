"""Reads RATES.toml, the file that says how a provision is to be measured; its format stands in the command's reference.

Numbers are read as exact decimals, so 0.005 may be written with or without quotes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from receivables.buckets import Basis, Buckets
from receivables.errors import UnfitRate
from receivables.money import Money
from receivables.provisions import (
    Assessment,
    Cover,
    Dilution,
    Discounting,
    Exclusion,
    Overlay,
    ProvisionMatrix,
    ProvisionPolicy,
    Scenario,
    Scope,
    Vat,
)

_TOP = ("rates", "segments", "buckets", "origin", "rate_decimals", "segment_by", "basis", "decimals", "overlay",
        "vat", "excluded", "assessed", "insured", "dilution", "discounting")  # fmt: skip


def read_policy(path: Path) -> ProvisionPolicy:
    """Read a provision policy.

    Raises:
        UnfitRate: When the file is no TOML, lacks `rates`, or says what is not known.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is no TOML: {error}; see the reference of `receivables provision`"
        raise UnfitRate(msg) from None
    _known(told, _TOP, path.name)
    if not isinstance(told.get("rates"), dict | list):
        msg = f"{path.name} has no table [rates]; give a loss rate for each bucket"
        raise UnfitRate(msg)
    return ProvisionPolicy(
        _matrix(told),
        overlay=_overlay(told.get("overlay")),
        exclusions=tuple(
            Exclusion(_scope(it, ("reason",)), _text(it, "reason", "excluded")) for it in _rows(told, "excluded")
        ),
        assessments=tuple(_assessment(it) for it in _rows(told, "assessed")),
        covers=tuple(_cover(it) for it in _rows(told, "insured")),
        vat=_vat(told.get("vat")),
        dilutions=tuple(
            Dilution(_scope(it, ("rate", "reason")), _number(it, "rate", "dilution"), _text(it, "reason", "dilution"))
            for it in _rows(told, "dilution")
        ),
        discounting=_discounting(told.get("discounting")),
        segment_by=str(told.get("segment_by", "segment")),
        basis=_basis(str(told.get("basis", "due"))),
        decimals=told.get("decimals"),
    )  # fmt: skip


def _matrix(told: Mapping[str, Any]) -> ProvisionMatrix:
    edges = told.get("buckets")
    rates, segments = _tables(told["rates"], told.get("segments", {}))
    return ProvisionMatrix.of(
        rates,
        segments=segments,
        buckets=Buckets.of(*edges) if edges else None,
        origin=str(told.get("origin", "")),
        rate_decimals=told.get("rate_decimals"),
    )


def _tables(
    rates: Mapping[str, Any] | list[dict[str, Any]], segments: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the rates that serve every segment and those of each, whichever way they are written.

    `[rates]` with `[segments.export]` or `[rates.export]`; or rows `[[rates]]` of segment, bucket and rate.
    """
    every: dict[str, Any] = {}
    own = {name: dict(table) for name, table in segments.items()}
    if isinstance(rates, list):
        for row in rates:
            _known(row, ("segment", "bucket", "rate"), "rates")
            table = own.setdefault(row["segment"], {}) if row.get("segment") else every
            table[_text(row, "bucket", "rates")] = _number(row, "rate", "rates")
        return every, own
    for name, value in rates.items():
        if isinstance(value, dict):
            (every if name == "default" else own.setdefault(name, {})).update(value)
        else:
            every[name] = value
    return every, own


def _overlay(told: Mapping[str, Any] | None) -> Overlay | None:
    if told is None:
        return None
    _known(told, ("author", "on", "reason", "scenarios", "points", "buckets"), "overlay")
    scenarios = tuple(
        Scenario(_text(it, "name", "scenario"), _number(it, "weight", "scenario"), _number(it, "multiplier", "scenario"))
        for it in _rows(told, "scenarios")
    )  # fmt: skip
    points = _number(told, "points", "overlay") if "points" in told else Fraction(0)
    buckets = tuple(told["buckets"]) if "buckets" in told else None
    return Overlay(
        _text(told, "author", "overlay"),
        _day(told, "on", "overlay"),
        _text(told, "reason", "overlay"),
        scenarios,
        points,
        buckets,
    )


def _assessment(told: Mapping[str, Any]) -> Assessment:
    return Assessment(
        _scope(told, ("rate", "reason", "author", "on")),
        _number(told, "rate", "assessed"),
        _text(told, "reason", "assessed"),
        str(told.get("author", "")),
        _day(told, "on", "assessed") if "on" in told else None,
    )


def _cover(told: Mapping[str, Any]) -> Cover:
    names = ("cover", "provider_rate", "provider", "deductible", "limit", "currency", "denied")
    return Cover(
        _scope(told, names),
        _number(told, "cover", "insured"),
        _number(told, "provider_rate", "insured"),
        str(told.get("provider", "")),
        _money(told, "deductible"),
        _money(told, "limit"),
        str(told.get("denied", "")),
    )


def _vat(told: Mapping[str, Any] | None) -> Vat | None:
    if told is None:
        return None
    _known(told, ("rate", "loss_share"), "vat")
    share = _number(told, "loss_share", "vat") if "loss_share" in told else Fraction(0)
    return Vat(_number(told, "rate", "vat"), share)


def _discounting(told: Mapping[str, Any] | None) -> Discounting | None:
    if told is None:
        return None
    _known(told, ("annual_rate", "years", "compound"), "discounting")
    years = told.get("years", {})
    spans = tuple((name, _number(years, name, "discounting years")) for name in years)
    return Discounting(
        _number(told, "annual_rate", "discounting"), spans, bool(told.get("compound", True))
    )


def _scope(told: Mapping[str, Any], more: Sequence[str]) -> Scope:
    _known(told, ("customer", "item", "attribute", "value", *more), "a rule")
    attribute = (
        (str(told["attribute"]), str(told.get("value", ""))) if "attribute" in told else None
    )
    return Scope(told.get("customer"), told.get("item"), attribute)


def _basis(word: str) -> Basis:
    names = {basis.value: basis for basis in Basis}
    if word not in names:
        msg = f"basis {word!r} is not there; it must be one of {', '.join(names)}"
        raise UnfitRate(msg)
    return names[word]


def _rows(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = told.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        msg = f"{name} must be a list of tables, written [[{name}]]"
        raise UnfitRate(msg)
    return rows


def _number(told: Mapping[str, Any], name: str, where: str) -> Fraction:
    try:
        return Fraction(told[name])
    except (KeyError, TypeError, ValueError):
        msg = f"{where} needs {name} as a number such as 0.02; it says {told.get(name)!r}"
        raise UnfitRate(msg) from None


def _text(told: Mapping[str, Any], name: str, where: str) -> str:
    if not isinstance(told.get(name), str):
        msg = f"{where} needs {name} as text; it says {told.get(name)!r}"
        raise UnfitRate(msg)
    return str(told[name])


def _day(told: Mapping[str, Any], name: str, where: str) -> date:
    value = told.get(name)
    if type(value) is not date:
        msg = (
            f"{where} needs {name} as a date such as 2026-01-15, without quotes; it says {value!r}"
        )
        raise UnfitRate(msg)
    return value


def _money(told: Mapping[str, Any], name: str) -> Money | None:
    if name not in told:
        return None
    return Money(Decimal(str(told[name])), _text(told, "currency", "insured"))


def _known(told: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in told:
        if name not in names:
            msg = f"{where} says {name!r}, which is not known; there are {', '.join(names)}"
            raise UnfitRate(msg)
