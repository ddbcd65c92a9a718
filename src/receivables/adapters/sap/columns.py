"""The three names that SAP gives one thing, and how each path's row becomes a neutral `Line`.

BSID and BSAD columns are internal (amounts of two decimals, side apart), BAPI3007_2 is external with the side apart, the
OData cube is external and already signed. Each rule is applied here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from receivables.adapters.sap.codes import DEBIT
from receivables.adapters.sap.lines import Cleared, DocumentKey, ItemKey, Line
from receivables.adapters.sap.values import Decimals, day, number, padded, unpadded
from receivables.errors import UnreadableFact
from receivables.money import Money

Row = Mapping[str, Any]

# Line field: BSID/BSAD column, BAPI3007_2 field, cube property. Texts only; keys, dates and amounts are read below.
TEXTS = {
    "document_type": ("BLART", "DOC_TYPE", "AccountingDocumentType"),
    "posting_key": ("BSCHL", "POST_KEY", "PostingKey"),
    "terms": ("ZTERM", "PMNTTRMS", "PaymentTerms"),
    "special_gl": ("UMSKZ", "SP_GL_IND", "SpecialGLCode"),
    "status": ("BSTAT", "DOC_STATUS", "AccountingDocumentCategory"),
    "follow_on": ("REBZT", "NXT_DOCTYP", "FollowOnDocumentType"),
    "reversed_with": ("STBLG", "REVERSAL_DOC", "ReverseDocument"),
    "reference": ("XBLNR", "REF_DOC_NO", "DocumentReferenceID"),
    "assignment": ("ZUONR", "ALLOC_NMBR", "AssignmentReference"),
    "text": ("SGTXT", "ITEM_TEXT", "DocumentItemText"),
    "reason": ("RSTGR", "REASON_CDE", "PaymentDifferenceReason"),
    "payment_method": ("ZLSCH", "PYMT_METH", "PaymentMethod"),
    "payment_block": ("ZLSPR", "PMNT_BLOCK", "PaymentBlockingReason"),
    "dunning_block": ("MANSP", "DUNN_BLOCK", "DunningBlockingReason"),
    "dunning_level": ("MANST", "DUNN_LEVEL", "DunningLevel"),
    "dunning_area": ("MABER", "DUNN_AREA", "DunningArea"),
    "branch": ("FILKD", "BRANCH", "BranchAccount"),
    "billing_document": ("VBELN", "BILL_DOC", "BillingDocument"),
    "reference_1": ("XREF1", "REF_KEY_1", "Reference1IDByBusinessPartner"),
    "reference_2": ("XREF2", "REF_KEY_2", "Reference2IDByBusinessPartner"),
    "reference_3": ("XREF3", "", "Reference3IDByBusinessPartner"),
}
DATES = {
    "posting_date": ("BUDAT", "PSTNG_DATE", "PostingDate"),
    "document_date": ("BLDAT", "DOC_DATE", "DocumentDate"),
    "entry_date": ("CPUDT", "ENTRY_DATE", "AccountingDocumentCreationDate"),
    "baseline_date": ("ZFBDT", "BLINE_DATE", "DueCalculationBaseDate"),
    "cleared_on": ("AUGDT", "CLEAR_DATE", "ClearingDate"),
    "last_dunned": ("MADAT", "LAST_DUNN", "LastDunningDate"),
}
KEYS = ("BUKRS", "BELNR", "GJAHR", "BUZEI")
_AMOUNTS = ("SHKZG", "WAERS", "WRBTR", "DMBTR", "WSKTO", "SKNTO")
_TERMS = ("ZBD1T", "ZBD2T", "ZBD3T", "ZBD1P", "ZBD2P")
_LINKS = ("KUNNR", "AUGBL", "REBZG", "REBZJ", "REBZZ")
# Columns of BSID and BSAD that are read; STBLG stands in BKPF and BUZEI and the other keys in every group of columns.
TABLE_COLUMNS = (
    *KEYS,
    *_LINKS,
    *_AMOUNTS,
    *_TERMS,
    *(names[0] for names in DATES.values()),
    *(names[0] for field, names in TEXTS.items() if field != "reversed_with"),
)
OPTIONAL_COLUMNS = frozenset(
    {"XREF1", "XREF2", "XREF3", "RSTGR", "FILKD", "VBELN", "WSKTO", "SKNTO", "MABER"}
)
CUBE_PROPERTIES = (
    "CompanyCode",
    "FiscalYear",
    "AccountingDocument",
    "AccountingDocumentItem",
    "Customer",
    "DebitCreditCode",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
    "CompanyCodeCurrency",
    "AmountInCompanyCodeCurrency",
    "CashDiscountAmount",
    "CashDiscountAmtInCoCodeCrcy",
    "CashDiscount1Days",
    "CashDiscount2Days",
    "NetPaymentDays",
    "CashDiscount1Percent",
    "CashDiscount2Percent",
    "NetDueDate",
    "ClearingAccountingDocument",
    "InvoiceReference",
    "InvoiceReferenceFiscalYear",
    "InvoiceItemReference",
    *(names[2] for names in DATES.values()),
    *(names[2] for names in TEXTS.values()),
)


def from_table(row: Row, places: Decimals, company_currency: str) -> Line:
    """Return the line of a BSID or BSAD row; amounts are shifted by the currency's decimals, once."""
    currency = row["WAERS"]
    return Line(
        key=_key(*(row[name] for name in KEYS)),
        customer=unpadded(row["KUNNR"]),
        debit=row["SHKZG"] == DEBIT,
        currency=currency,
        amount=places.external(abs(number(row["WRBTR"])), currency),
        company_currency=company_currency,
        company_amount=places.external(abs(number(row["DMBTR"])), company_currency),
        discount=places.external(abs(number(row.get("WSKTO"))), currency),
        company_discount=places.external(abs(number(row.get("SKNTO"))), company_currency),
        days=_days(row, "ZBD1T", "ZBD2T", "ZBD3T"),
        percents=(number(row.get("ZBD1P")), number(row.get("ZBD2P"))),
        cleared_by=_document(row.get("AUGBL")),
        invoice_reference=_reference(row, "REBZG", "REBZJ", "REBZZ"),
        **_plain(row, 0),
    )


def from_bapi(row: Row) -> Line:
    """Return the line of a BAPI3007_2 row; its amounts are external and must not be shifted."""
    return Line(
        key=_key(row["COMP_CODE"], row["DOC_NO"], row["FISC_YEAR"], row["ITEM_NUM"]),
        customer=unpadded(row["CUSTOMER"]),
        debit=row["DB_CR_IND"] == DEBIT,
        currency=row["CURRENCY"],
        amount=_money(row["AMT_DOCCUR"], row["CURRENCY"]),
        company_currency=row["LOC_CURRCY"],
        company_amount=_money(row["LC_AMOUNT"], row["LOC_CURRCY"]),
        discount=_money(row.get("DSC_AMT_DC"), row["CURRENCY"]),
        company_discount=_money(row.get("DSC_AMT_LC"), row["LOC_CURRCY"]),
        days=_days(row, "DSCT_DAYS1", "DSCT_DAYS2", "NETTERMS"),
        percents=(number(row.get("DSCT_PCT1")), number(row.get("DSCT_PCT2"))),
        cleared_by=_document(row.get("CLR_DOC_NO")),
        invoice_reference=_reference(row, "INV_REF", "INV_YEAR", "INV_ITEM"),
        **_plain(row, 1),
    )


def from_cube(row: Row) -> Line:
    """Return the line of a cube row; its amounts are signed: the sign says the side, the debit/credit code is not asked.

    An amount of zero has no sign; only then the code says the side.
    """
    signed = number(row["AmountInTransactionCurrency"])
    company_currency = row.get("CompanyCodeCurrency") or row["TransactionCurrency"]
    names = ("CompanyCode", "AccountingDocument", "FiscalYear", "AccountingDocumentItem")
    return Line(
        key=_key(*(row[name] for name in names)),
        customer=unpadded(row["Customer"]),
        debit=signed > 0 if signed else row.get("DebitCreditCode") == DEBIT,
        currency=row["TransactionCurrency"],
        amount=_money(signed, row["TransactionCurrency"]),
        company_currency=company_currency,
        company_amount=_money(row.get("AmountInCompanyCodeCurrency"), company_currency),
        due_date=day(row.get("NetDueDate")),
        discount=_money(row.get("CashDiscountAmount"), row["TransactionCurrency"]),
        company_discount=_money(row.get("CashDiscountAmtInCoCodeCrcy"), company_currency),
        days=_days(row, "CashDiscount1Days", "CashDiscount2Days", "NetPaymentDays"),
        percents=(
            number(row.get("CashDiscount1Percent")),
            number(row.get("CashDiscount2Percent")),
        ),
        cleared_by=_document(
            row.get("ClearingAccountingDocument") or row.get("ClearingJournalEntry")
        ),
        invoice_reference=_reference(
            row, "InvoiceReference", "InvoiceReferenceFiscalYear", "InvoiceItemReference"
        ),
        **_plain(row, 2),
    )


def cleared_from_table(row: Row, places: Decimals) -> Cleared:
    """Return a row of the clearing history BSE_CLR."""
    currency = row["WAERS"]
    return Cleared(
        clearing=DocumentKey(row["BUKRS_CLR"], padded(row["BELNR_CLR"]), row["GJAHR_CLR"]),
        item=_key(row["BUKRS"], row["BELNR"], row["GJAHR"], row["BUZEI"]),
        amount=places.external(abs(number(row["WRBTR"])), currency),
        discount=places.external(abs(number(row.get("WSKTO"))), currency),
    )


def place_of(row: Row) -> str:
    """Return where a row stands, as well as its key can be told, for a problem about it."""
    names = (
        *KEYS,
        *("COMP_CODE", "DOC_NO", "FISC_YEAR", "ITEM_NUM"),
        *("CompanyCode", "AccountingDocument", "FiscalYear", "AccountingDocumentItem"),
    )
    return "/".join(str(row[name]) for name in names if row.get(name)) or "a row without a key"


def _plain(row: Row, path: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        field: str(row.get(names[path]) or "").strip() for field, names in TEXTS.items()
    }
    values |= {field: day(row.get(names[path])) for field, names in DATES.items()}
    if values["posting_date"] is None:
        msg = f"item {place_of(row)} has no posting date; an item without one counts from no day"
        raise UnreadableFact(msg)
    level = values["dunning_level"]
    values["dunning_level"] = "" if level == "0" else level
    values["branch"] = unpadded(values["branch"])
    values["reversed_with"] = _document(values["reversed_with"])
    values["billing_document"] = unpadded(values["billing_document"])
    return values


def _key(company_code: Any, document: Any, year: Any, item: Any) -> ItemKey:
    return ItemKey(str(company_code), padded(str(document)), str(year), padded(str(item), 3))


def _document(value: Any) -> str:
    text = str(value or "").strip()
    return padded(text) if text.strip("0") else ""


def _reference(row: Row, document: str, year: str, item: str) -> tuple[str, str, str]:
    name = str(row.get(document) or "").strip()
    if not name.strip("0"):
        return ("", "", "")
    if name == "V":
        return ("V", "", "")
    return padded(name), str(row.get(year) or ""), padded(str(row.get(item) or "0"), 3)


def _money(value: Any, currency: str) -> Decimal:
    """Return an external amount without sign, with the decimals of its currency; further digits must be zeros."""
    return Money(abs(number(value)), currency).amount


def _days(row: Row, *names: str) -> tuple[int, int, int]:
    one, two, three = (int(number(row.get(name) or Decimal(0))) for name in names)
    return one, two, three
