"""BAI2 statements, read with `bai2`: credits of a detail level, with the text of their continuation lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from receivables.adapters.bank.statement import Collector, Line, Statement, missing, read_text, spei
from receivables.errors import UnknownCurrency, UnreadableSource
from receivables.money import Money

_DEFAULT_CURRENCY = "USD"  # the standard's own, where neither account nor group says one


def read_bai2(path: Path) -> Statement:
    """Read a BAI2 file; its control totals must tie.

    Raises:
        MissingExtra: When `bai2` is not installed.
        UnreadableSource: When the file is none, or its control totals do not tie.
    """
    try:
        from bai2 import bai2
        from bai2.exceptions import IntegrityException, NotSupportedYetException, ParsingException
    except ImportError:
        raise missing("bai2") from None
    try:
        parsed = bai2.parse_from_string(read_text(path))
    except (
        *(IntegrityException, NotSupportedYetException, ParsingException),
        *(ValueError, AttributeError, KeyError, IndexError),
    ) as error:
        msg = f"{path.name} is no BAI2 file, or its control totals do not tie: {error!s:.200}"
        raise UnreadableSource(msg) from None
    collector = Collector("bai2", path.name)
    for group in parsed.children:
        for account in group.children:
            currency = account.header.currency or group.header.currency or _DEFAULT_CURRENCY
            number = str(account.header.customer_account_number)
            for place, detail in enumerate(account.children, start=1):
                _take(collector, detail, number, currency, group.header.as_of_date, place)
    return collector.statement()


def _take(
    collector: Collector, detail: Any, account: str, currency: str, day: Any, place: int
) -> None:
    code = detail.type_code
    where = f"account {account}, line {place}"
    if code is None or getattr(code.transaction, "value", "") != "credit":
        return
    try:
        amount = Money.from_minor(int(detail.amount or 0), currency).amount
    except UnknownCurrency as error:
        collector.problem("unreadable-amount", str(error), where)
        return
    text = " ".join(str(detail.text or "").split())
    bank = str(detail.bank_reference or "")
    attributes = {
        **spei(text),
        "bank_reference": bank,
        "note": str(detail.customer_reference or ""),
        "bank_code": str(code.code),
    }
    reference = f"{day}/{bank}" if bank.strip("0") else ""
    collector.take(Line(where, account, reference, amount, currency, day, text, attributes))
