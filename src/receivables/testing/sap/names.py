"""What SAP calls one thing on each path, with its type and length: the columns the doubles serve.

Written from SAP's public documentation apart from the adapter, so that a name or length mistaken there is noticed here.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Name(NamedTuple):
    """One column of BSID: its type (C text, N digits, D date, A amount, P number), length, BAPI field, cube property."""

    column: str
    type: str
    length: int
    bapi: str
    cube: str


ITEM = tuple(
    Name(*row)
    for row in (
        ("BUKRS", "C", 4, "COMP_CODE", "CompanyCode"),
        ("KUNNR", "C", 10, "CUSTOMER", "Customer"),
        ("UMSKZ", "C", 1, "SP_GL_IND", "SpecialGLCode"),
        ("AUGDT", "D", 8, "CLEAR_DATE", "ClearingDate"),
        ("AUGBL", "C", 10, "CLR_DOC_NO", "ClearingAccountingDocument"),
        ("ZUONR", "C", 18, "ALLOC_NMBR", "AssignmentReference"),
        ("GJAHR", "N", 4, "FISC_YEAR", "FiscalYear"),
        ("BELNR", "C", 10, "DOC_NO", "AccountingDocument"),
        ("BUZEI", "N", 3, "ITEM_NUM", "AccountingDocumentItem"),
        ("BUDAT", "D", 8, "PSTNG_DATE", "PostingDate"),
        ("BLDAT", "D", 8, "DOC_DATE", "DocumentDate"),
        ("CPUDT", "D", 8, "ENTRY_DATE", "AccountingDocumentCreationDate"),
        ("WAERS", "C", 5, "CURRENCY", "TransactionCurrency"),
        ("HWAER", "C", 5, "LOC_CURRCY", "CompanyCodeCurrency"),
        ("XBLNR", "C", 16, "REF_DOC_NO", "DocumentReferenceID"),
        ("BLART", "C", 2, "DOC_TYPE", "AccountingDocumentType"),
        ("BSCHL", "C", 2, "POST_KEY", "PostingKey"),
        ("SHKZG", "C", 1, "DB_CR_IND", "DebitCreditCode"),
        ("DMBTR", "A", 13, "LC_AMOUNT", "AmountInCompanyCodeCurrency"),
        ("WRBTR", "A", 13, "AMT_DOCCUR", "AmountInTransactionCurrency"),
        ("WSKTO", "A", 13, "DSC_AMT_DC", "CashDiscountAmount"),
        ("SKNTO", "A", 13, "DSC_AMT_LC", "CashDiscountAmtInCoCodeCrcy"),
        ("SGTXT", "C", 50, "ITEM_TEXT", "DocumentItemText"),
        ("FILKD", "C", 10, "BRANCH", "BranchAccount"),
        ("ZFBDT", "D", 8, "BLINE_DATE", "DueCalculationBaseDate"),
        ("ZTERM", "C", 4, "PMNTTRMS", "PaymentTerms"),
        ("ZBD1T", "P", 3, "DSCT_DAYS1", "CashDiscount1Days"),
        ("ZBD2T", "P", 3, "DSCT_DAYS2", "CashDiscount2Days"),
        ("ZBD3T", "P", 3, "NETTERMS", "NetPaymentDays"),
        ("ZBD1P", "P", 5, "DSCT_PCT1", "CashDiscount1Percent"),
        ("ZBD2P", "P", 5, "DSCT_PCT2", "CashDiscount2Percent"),
        ("ZLSCH", "C", 1, "PYMT_METH", "PaymentMethod"),
        ("ZLSPR", "C", 1, "PMNT_BLOCK", "PaymentBlockingReason"),
        ("REBZG", "C", 10, "INV_REF", "InvoiceReference"),
        ("REBZJ", "N", 4, "INV_YEAR", "InvoiceReferenceFiscalYear"),
        ("REBZZ", "N", 3, "INV_ITEM", "InvoiceItemReference"),
        ("REBZT", "C", 1, "NXT_DOCTYP", "FollowOnDocumentType"),
        ("MANSP", "C", 1, "DUNN_BLOCK", "DunningBlockingReason"),
        ("MANST", "N", 1, "DUNN_LEVEL", "DunningLevel"),
        ("MADAT", "D", 8, "LAST_DUNN", "LastDunningDate"),
        ("MABER", "C", 2, "DUNN_AREA", "DunningArea"),
        ("BSTAT", "C", 1, "DOC_STATUS", "AccountingDocumentCategory"),
        ("RSTGR", "C", 3, "REASON_CDE", "PaymentDifferenceReason"),
        ("XREF1", "C", 12, "REF_KEY_1", "Reference1IDByBusinessPartner"),
        ("XREF2", "C", 12, "REF_KEY_2", "Reference2IDByBusinessPartner"),
        ("XREF3", "C", 20, "", "Reference3IDByBusinessPartner"),
        ("VBELN", "C", 10, "BILL_DOC", "BillingDocument"),
        ("STBLG", "C", 10, "REVERSAL_DOC", "ReverseDocument"),
    )
)
KEY = ("BUKRS", "BELNR", "GJAHR", "BUZEI")
NOT_IN_BSID = frozenset({"HWAER", "STBLG"})  # they stand in the header, or in the company code

# Columns of the other tables: type and length.
TABLES = {
    "BKPF": "BUKRS:C4 BELNR:C10 GJAHR:N4 BLART:C2 BLDAT:D8 BUDAT:D8 CPUDT:D8 XBLNR:C16 STBLG:C10 STJAH:N4 WAERS:C5 HWAER:C5 BKTXT:C25 XREVERSAL:C1",
    "BSE_CLR": "BUKRS_CLR:C4 BELNR_CLR:C10 GJAHR_CLR:N4 INDEX_CLR:N6 BUKRS:C4 BELNR:C10 GJAHR:N4 BUZEI:N3 KOART:C1 SHKZG:C1 WAERS:C5 WRBTR:A13 WSKTO:A13",
    "CFDI_RESP_MX": "BUKRS:C4 REFDOC:C10 REFTYP:C1 GJAHR:N4 STATUS:C2 UUID:C36",
    "EDOCUMENT": "EDOC_GUID:C32 BUKRS:C4 SOURCE_TYPE:C10 SOURCE_KEY:C24",
    "EDOMXINVOICE": "EDOC_GUID:C32 UUID:C36",
    "ZCFDI": "FOLIO:C16 FOLIO_FISCAL:C36",
    "KNA1": "KUNNR:C10 NAME1:C35 LAND1:C3 SPRAS:C1 STCD1:C16 BRSCH:C4 KTOKD:C4 ERDAT:D8 AUFSD:C2 SPERR:C1 LOEVM:C1 KONZS:C10 XCPDK:C1",
    "KNB1": "KUNNR:C10 BUKRS:C4 AKONT:C10 ZTERM:C4 BUSAB:C2 KNRZE:C10 KNRZB:C10 ZAHLS:C1 ERDAT:D8",
    "KNB5": "KUNNR:C10 BUKRS:C4 MABER:C2 MAHNA:C4 MANSP:C1 MADAT:D8 MAHNS:N1",
    "KNKK": "KUNNR:C10 KKBER:C4 KLIMK:A13 CTLPC:C3 CRBLB:C1",
    "T001": "BUKRS:C4 BUTXT:C25 LAND1:C3 WAERS:C5 KKBER:C4",
    "T014": "KKBER:C4 WAERS:C5",
    "T052": "ZTERM:C4 ZTAGG:N2 ZDART:C1 ZFAEL:N2 ZMONA:N2 ZTAG1:P3 ZPRZ1:P5 ZTAG2:P3 ZPRZ2:P5 ZTAG3:P3 ZSTG1:N2 ZSMN1:N2 ZSTG2:N2 ZSMN2:N2 ZSTG3:N2 ZSMN3:N2 XSPLT:C1",
    "T052S": "ZTERM:C4 RATNR:N2 RATPZ:P5 RATZT:C4",
    "TCURX": "CURRKEY:C5 CURRDEC:P3",
}


@cache
def columns(table: str) -> dict[str, tuple[str, int]]:
    """Return the type and length of every column of a table; nothing for a table there is not."""
    if table in {"BSID", "BSAD"}:
        return {it.column: (it.type, it.length) for it in ITEM if it.column not in NOT_IN_BSID}
    pairs = (pair.split(":") for pair in TABLES.get(table, "").split())
    return {name: (kind[0], int(kind[1:])) for name, kind in pairs}
