"""Customers and payment terms from the rows of SAP's master data tables, and from the OData entities of the same content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from receivables.adapters.sap.due import InstalmentRow, TermsRow
from receivables.adapters.sap.lines import Master
from receivables.adapters.sap.values import Decimals, day, number, unpadded

Row = Mapping[str, Any]

KNA1 = (
    "KUNNR",
    "NAME1",
    "LAND1",
    "SPRAS",
    "STCD1",
    "BRSCH",
    "KTOKD",
    "ERDAT",
    "AUFSD",
    "SPERR",
    "LOEVM",
)
KNB1 = ("KUNNR", "BUKRS", "ZTERM", "BUSAB", "KNRZE", "KNRZB", "ZAHLS")
KNB5 = ("KUNNR", "BUKRS", "MABER", "MAHNA", "MANSP", "MADAT", "MAHNS")
KNKK = ("KUNNR", "KKBER", "KLIMK", "CTLPC", "CRBLB")
T052 = (
    *("ZTERM", "ZTAGG", "ZDART", "ZFAEL", "ZMONA", "ZTAG1", "ZPRZ1", "ZTAG2", "ZPRZ2", "ZTAG3"),
    *("ZSTG1", "ZSMN1", "ZSTG2", "ZSMN2", "ZSTG3", "ZSMN3", "XSPLT"),
)
T052S = ("ZTERM", "RATNR", "RATPZ", "RATZT")


def masters_of(
    company_code: str,
    general: Iterable[Row],
    company: Iterable[Row],
    dunning: Iterable[Row] = (),
    credit: Iterable[Row] = (),
    *,
    segment_field: str,
    places: Decimals,
    credit_currency: str,
) -> tuple[Master, ...]:
    """Return customers from KNA1, KNB1, KNB5 and KNKK.

    Args:
        company_code: Whose accounts.
        general: Rows of KNA1.
        company: Rows of KNB1.
        dunning: Rows of KNB5.
        credit: Rows of KNKK.
        segment_field: Column of KNA1 that groups customers.
        places: Decimals of the system's currencies; a credit limit is an internal amount.
        credit_currency: Currency of the credit control area.
    """
    by_account = {row["KUNNR"]: row for row in general}
    areas: dict[str, list[Row]] = defaultdict(list)
    limits: dict[str, Row] = {row["KUNNR"]: row for row in credit}
    for row in dunning:
        areas[row["KUNNR"]].append(row)
    made = []
    for row in company:
        account = row["KUNNR"]
        about = by_account.get(account, {})
        details = [
            *_dunning(areas[account]),
            *_limit(limits.get(account), places, credit_currency),
            *_blocks(row.get("ZAHLS"), about.get("AUFSD"), about.get("SPERR"), about.get("LOEVM")),
        ]
        made.append(
            Master(
                customer=unpadded(account),
                company_code=company_code,
                name=_text(about, "NAME1"),
                created_on=day(about.get("ERDAT")),
                tax_id=_text(about, "STCD1"),
                country=_text(about, "LAND1"),
                language=_text(about, "SPRAS"),
                segment=_text(about, segment_field),
                collector=_text(row, "BUSAB"),
                head_office=unpadded(row.get("KNRZE")),
                payer=unpadded(row.get("KNRZB")),
                terms=_text(row, "ZTERM"),
                details=tuple(details),
            )
        )
    return tuple(made)


def masters_of_entities(
    company_code: str,
    customers: Iterable[Row],
    company: Iterable[Row],
    dunning: Iterable[Row] = (),
    credit: Iterable[Row] = (),
) -> tuple[Master, ...]:
    """Return customers from A_Customer, A_CustomerCompany, A_CustomerDunning and CreditManagementAccount.

    These entities hold neither country nor language of a customer.
    """
    by_account = {unpadded(row["Customer"]): row for row in customers}
    areas: dict[str, list[Row]] = defaultdict(list)
    limits = {unpadded(row["BusinessPartner"]): row for row in credit}
    for row in dunning:
        names = {"MABER": "DunningArea", "MAHNA": "DunningProcedure", "MANSP": "DunningBlock"}
        names |= {"MADAT": "LastDunnedOn", "MAHNS": "DunningLevel"}
        areas[unpadded(row["Customer"])].append({ours: row.get(it) for ours, it in names.items()})
    made = []
    for row in company:
        account = unpadded(row["Customer"])
        about, limit = by_account.get(account, {}), limits.get(account)
        posting = "X" if about.get("PostingIsBlocked") else ""
        deleted = "X" if about.get("DeletionIndicator") else ""
        details = [
            *_dunning(areas[account]),
            *_blocks(
                row.get("PaymentBlockingReason"),
                about.get("OrderIsBlockedForCustomer"),
                posting,
                deleted,
            ),
        ]
        if limit is not None and number(limit.get("CreditLimitAmount")):
            amount = number(limit["CreditLimitAmount"]).normalize()
            details.append(
                ("credit_limit", f"{amount:f} {limit.get('CreditSegmentCurrency', '')}".strip())
            )
        made.append(
            Master(
                customer=account,
                company_code=company_code,
                name=_text(about, "CustomerName"),
                created_on=day(about.get("CreationDate")),
                tax_id=_text(about, "TaxNumber1"),
                segment=_text(about, "Industry"),
                collector=_text(row, "AccountingClerk"),
                head_office=unpadded(row.get("CustomerHeadOffice")),
                payer=unpadded(row.get("AlternativePayerAccount")),
                terms=_text(row, "PaymentTerms"),
                details=tuple(details),
            )
        )
    return tuple(made)


def terms_rows(rows: Iterable[Row]) -> list[TermsRow]:
    """Return the rows of T052."""
    return [
        TermsRow(
            key=row["ZTERM"],
            day_limit=int(row.get("ZTAGG") or 0),
            base=row.get("ZDART") or "D",
            fixed_day=int(row.get("ZFAEL") or 0),
            months=int(row.get("ZMONA") or 0),
            days=(_days(row, "ZTAG1"), _days(row, "ZTAG2"), _days(row, "ZTAG3")),
            percents=(_percent(row, "ZPRZ1"), _percent(row, "ZPRZ2")),
            fixed=(_fixed(row, 1), _fixed(row, 2), _fixed(row, 3)),
            in_instalments=bool(_text(row, "XSPLT")),
        )
        for row in rows
    ]


def instalment_rows(rows: Iterable[Row]) -> list[InstalmentRow]:
    """Return the rows of T052S."""
    return [
        InstalmentRow(row["ZTERM"], int(row["RATNR"]), _percent(row, "RATPZ"), _text(row, "RATZT"))
        for row in rows
    ]


def _dunning(rows: list[Row]) -> Iterable[tuple[str, str]]:
    """Yield level, block, procedure and last run; of several dunning areas, those after the first with the area's name."""
    for place, row in enumerate(sorted(rows, key=lambda it: str(it.get("MABER") or ""))):
        tail = f"_{row.get('MABER')}" if place else ""
        last = day(row.get("MADAT"))
        level = str(row.get("MAHNS") or "").strip().lstrip("0")
        pairs = {
            "dunning_level": level,
            "dunning_block": str(row.get("MANSP") or "").strip(),
            "dunning_procedure": str(row.get("MAHNA") or "").strip(),
            "last_dunned": last.isoformat() if last else "",
        }
        yield from ((f"{name}{tail}", text) for name, text in pairs.items() if text)


def _limit(row: Row | None, places: Decimals, currency: str) -> Iterable[tuple[str, str]]:
    if row is None:
        return
    amount = places.external(number(row.get("KLIMK")), currency)
    if amount:
        yield "credit_limit", f"{Decimal(amount).normalize():f} {currency}"
    if _text(row, "CTLPC"):
        yield "risk_class", _text(row, "CTLPC")
    if _text(row, "CRBLB"):
        yield "credit_block", _text(row, "CRBLB")


def _blocks(payment: Any, order: Any, posting: Any, deleted: Any) -> Iterable[tuple[str, str]]:
    pairs = {
        "payment_block": payment,
        "order_block": order,
        "posting_block": posting,
        "marked_for_deletion": deleted,
    }
    return ((name, str(text).strip()) for name, text in pairs.items() if str(text or "").strip())


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()


def _percent(row: Row, name: str) -> Decimal:
    """Return a percentage without the zeros behind its point."""
    return Decimal(f"{number(row.get(name)).normalize():f}")


def _days(row: Row, name: str) -> int:
    return int(number(row.get(name)))


def _fixed(row: Row, place: int) -> tuple[int, int]:
    return int(row.get(f"ZSTG{place}") or 0), int(row.get(f"ZSMN{place}") or 0)
