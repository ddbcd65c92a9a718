"""What SAP's codes mean here: document types, posting keys, special G/L indicators, follow-on letters.

Everything a company may have changed in its customizing is a value of `Codes`, to be given by the user; what is given
here are SAP's own deliveries. Codes that nobody mapped fall back on the posting key, then on debit or credit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

DEBIT = "S"  # SHKZG of a line that increases what the customer owes
CREDIT = "H"
PARTIAL = "Z"  # REBZT of a payment that leaves the invoice open
RESIDUAL = "V"  # REBZT of a new item that stands for the rest of a cleared one


class Meaning(Enum):
    """What the postings of a document type are to the receivables."""

    INVOICE = "invoice"
    DEBIT_MEMO = "debit_memo"
    CREDIT_MEMO = "credit_memo"
    PAYMENT = "payment"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    TRANSFER = "transfer"


class SpecialGl(Enum):
    """What is done with items of a special G/L indicator."""

    SKIP = "skip"
    KEEP = "keep"


# Document types as SAP delivers them; customers add their own.
DOCUMENT_TYPES: Mapping[str, Meaning] = MappingProxyType(
    {
        "RV": Meaning.INVOICE,
        "DR": Meaning.INVOICE,
        "DA": Meaning.INVOICE,
        "DG": Meaning.CREDIT_MEMO,
        "DZ": Meaning.PAYMENT,
        "ZV": Meaning.PAYMENT,
        "KZ": Meaning.REFUND,
        "ZP": Meaning.REFUND,
        "AB": Meaning.TRANSFER,
        "SA": Meaning.TRANSFER,
    }
)
# Posting keys of the customer account, for document types nobody mapped.
POSTING_KEYS: Mapping[str, Meaning] = MappingProxyType(
    {
        "01": Meaning.INVOICE,
        "03": Meaning.DEBIT_MEMO,
        "04": Meaning.DEBIT_MEMO,
        "05": Meaning.REFUND,
        "11": Meaning.CREDIT_MEMO,
        "14": Meaning.CREDIT_MEMO,
        "15": Meaning.PAYMENT,
    }
)
REVERSING_KEYS = frozenset({"02", "12", "13"})  # reverse credit memo, invoice, charges


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one SAP system.

    Args:
        document_types: BLART to meaning; what is not there is told by the posting key, then by debit or credit.
        special_gl: UMSKZ to what is done; what is not there is skipped and counted.
        write_off_reasons: RSTGR of clearing differences that are losses.
        dispute_blocks: MANSP that say an item is disputed, with the reason each stands for.
        unidentified_customers: Accounts that hold payments whose payer is not known yet.
        residuals: `original` continues the original item with its due date; `new` gives a debit memo of its own.
        uuid_field: Where the fiscal UUID stands: XBLNR, XREF1, XREF2, XREF3, ZUONR or SGTXT; None when in none of them.
        segment_field: KNA1 column that groups customers.
    """

    document_types: Mapping[str, Meaning] = field(default_factory=lambda: DOCUMENT_TYPES)
    special_gl: Mapping[str, SpecialGl] = field(default_factory=lambda: MappingProxyType({}))
    write_off_reasons: frozenset[str] = frozenset()
    dispute_blocks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unidentified_customers: frozenset[str] = frozenset()
    residuals: str = "original"
    uuid_field: str | None = None
    segment_field: str = "BRSCH"

    def meaning(self, document_type: str, posting_key: str, *, debit: bool) -> Meaning:
        """Return what a line is.

        A line on the other side than its document type leads one to expect is what that side means: a credit line of
        an invoice type is a credit memo.

        >>> Codes().meaning("RV", "01", debit=True), Codes().meaning("RV", "11", debit=False)
        (<Meaning.INVOICE: 'invoice'>, <Meaning.CREDIT_MEMO: 'credit_memo'>)
        """
        meaning = self.document_types.get(document_type) or POSTING_KEYS.get(posting_key)
        if meaning is None:
            return Meaning.INVOICE if debit else Meaning.CREDIT_MEMO
        if debit and meaning is Meaning.CREDIT_MEMO:
            return Meaning.DEBIT_MEMO
        if not debit and meaning in {Meaning.INVOICE, Meaning.DEBIT_MEMO}:
            return Meaning.CREDIT_MEMO
        return meaning
