"""MT940 and MT942 statements, read with `mt-940`; the text of :86: is taken apart here, so that no word runs into the next.

Known forms of :86: are numbered fields (?20 to ?29 and ?60 to ?63 text, ?32 and ?33 the payer, ?31 its account) and words
between slashes (/REMI/, /EREF/, /NAME/, /IBAN/). Everything else is free text.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from receivables.adapters.bank.statement import Collector, Line, Statement, missing, read_text, spei
from receivables.errors import UnreadableSource

_FIELD = re.compile(r"\?([0-9]{2})([^?]*)")
_WORD = re.compile(r"/([A-Z]{4})/((?:(?!/[A-Z]{4}/).)*)", re.DOTALL)
_TEXT_FIELDS = {
    *(f"{number}" for number in range(20, 30)),
    *(f"{number}" for number in range(60, 64)),
}


def read_mt940(path: Path) -> Statement:
    """Read an MT940 or MT942 file; it may hold several statements.

    Raises:
        MissingExtra: When `mt-940` is not installed.
        UnreadableSource: When the file is none.
    """
    try:
        import mt940
    except ImportError:
        raise missing("mt-940") from None
    collector = Collector("mt940", path.name)
    blocks = [
        it
        for it in re.split(r"(?m)^(?=:20:)", read_text(path).replace("\r\n", "\n"))
        if it.startswith(":20:")
    ]
    if not blocks:
        msg = f"{path.name} has no line :20:, with which every statement starts; is it an MT940?"
        raise UnreadableSource(msg)
    for number, block in enumerate(blocks, start=1):
        statement = mt940.models.Transactions(processors={"post_transaction_details": []})
        try:
            statement.parse(block)
        except (ValueError, RuntimeError, KeyError, AttributeError) as error:
            collector.problem(
                "unreadable-statement",
                f"statement {number} cannot be read: {error!s:.200}",
                f"statement {number}",
            )
            continue
        account = str(statement.data.get("account_identification") or "")
        for place, transaction in enumerate(statement, start=1):
            _take(collector, transaction.data, account, f"statement {number}, line {place}")
    return collector.statement()


def _take(collector: Collector, data: dict[str, Any], account: str, where: str) -> None:
    mark = data.get("status")
    if mark == "RC":
        collector.problem(
            "returned-payment",
            f"{data['amount']} received before was taken back; reverse that payment",
            where,
            kept=True,
        )
    if mark != "C":
        return
    text, attributes = _details(str(data.get("transaction_details") or ""))
    customer_reference = str(data.get("customer_reference") or "")
    if customer_reference not in {"", "NONREF"}:
        text = f"{text} {customer_reference}"
    bank = str(data.get("bank_reference") or "")
    booked = data.get("entry_date") or data.get("date")
    day = date(booked.year, booked.month, booked.day) if booked else None
    attributes = {
        **spei(text),
        **attributes,
        "bank_reference": bank,
        "note": str(data.get("extra_details") or ""),
    }
    reference = f"{day}/{bank}" if bank else ""
    money = data["amount"]
    collector.take(
        Line(where, account, reference, money.amount, money.currency, day, text, attributes)
    )


def _details(raw: str) -> tuple[str, dict[str, str]]:
    flat = raw.replace("\n", "")
    numbered = _FIELD.findall(flat)
    if numbered:
        fields = [(code, text.strip()) for code, text in numbered]
        words = " ".join(text for code, text in fields if code in _TEXT_FIELDS)
        name = " ".join(text for code, text in fields if code in {"32", "33"})
        account = next((text for code, text in fields if code == "31"), "")
        return words, {"payer_name": name, "payer_account": account}
    words_between = {code: text.replace("\n", "").strip(" /") for code, text in _WORD.findall(raw)}
    if words_between:
        text = words_between.get("REMI", raw.replace("\n", " "))
        end_to_end = words_between.get("EREF", "")
        return text, {
            "end_to_end_id": "" if end_to_end == "NOTPROVIDED" else end_to_end,
            "payer_name": words_between.get("NAME", ""),
            "payer_account": words_between.get("IBAN", ""),
        }
    return raw.replace("\n", " "), {}
