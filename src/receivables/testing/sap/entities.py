"""Master data, payment advices and blocked orders of the books as OData entities, with the exact property names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from receivables.testing.sap.books import Books
from receivables.testing.sap.render import json_date


def _customers(books: Books) -> list[dict[str, Any]]:
    return [
        {
            "Customer": row["KUNNR"].lstrip("0"),
            "CustomerName": row.get("NAME1") or "",
            "TaxNumber1": row.get("STCD1") or "",
            "Industry": row.get("BRSCH") or "",
            "CreationDate": json_date(row.get("ERDAT")),
            "OrderIsBlockedForCustomer": row.get("AUFSD") or "",
            "PostingIsBlocked": bool(row.get("SPERR")),
            "DeletionIndicator": bool(row.get("LOEVM")),
        }
        for row in books.table("KNA1")
    ]


def _companies(books: Books) -> list[dict[str, Any]]:
    return [
        {
            "Customer": row["KUNNR"].lstrip("0"),
            "CompanyCode": row["BUKRS"],
            "PaymentTerms": row.get("ZTERM") or "",
            "AccountingClerk": row.get("BUSAB") or "",
            "CustomerHeadOffice": row.get("KNRZE") or "",
            "AlternativePayerAccount": row.get("KNRZB") or "",
            "PaymentBlockingReason": row.get("ZAHLS") or "",
        }
        for row in books.table("KNB1")
    ]


def _dunning(books: Books) -> list[dict[str, Any]]:
    return [
        {
            "Customer": row["KUNNR"].lstrip("0"),
            "CompanyCode": row["BUKRS"],
            "DunningArea": row.get("MABER") or "",
            "DunningProcedure": row.get("MAHNA") or "",
            "DunningBlock": row.get("MANSP") or "",
            "DunningLevel": row.get("MAHNS") or "",
            "LastDunnedOn": json_date(row.get("MADAT")),
        }
        for row in books.table("KNB5")
    ]


def _credit(books: Books) -> list[dict[str, Any]]:
    return [
        {
            "BusinessPartner": row["KUNNR"].lstrip("0"),
            "CreditSegment": row["KKBER"],
            "CreditLimitAmount": f"{row['KLIMK']:.3f}",
            "CreditSegmentCurrency": books.currency,
        }
        for row in books.table("KNKK")
    ]


ENTITIES: Mapping[str, Callable[[Books], list[dict[str, Any]]]] = {
    "API_BUSINESS_PARTNER/A_Customer": _customers,
    "API_BUSINESS_PARTNER/A_CustomerCompany": _companies,
    "API_BUSINESS_PARTNER/A_CustomerDunning": _dunning,
    "API_CRDTMBUSINESSPARTNER/CreditManagementAccount": _credit,
    "API_SLS_DOC_WITH_CREDIT_BLOCK/A_CreditBlockedSalesDocument": lambda books: list(
        books.tables.get("BLOCKED", [])
    ),
    "API_PAYMENT_ADVICE_SRV/A_PaymentAdvice": lambda books: list(books.tables.get("ADVICE", [])),
    "API_PAYMENT_ADVICE_SRV/A_PaymentAdviceItem": lambda books: list(
        books.tables.get("ADVICE_ITEM", [])
    ),
}
