"""Structures and function interfaces of the RFC double, and how their values are laid out on the wire.

Names, order and types follow SAP's public documentation of the dictionary; only what the adapter calls is here.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple


class Field(NamedTuple):
    """One component of a structure, with its place on the wire in bytes."""

    name: str
    type: str  # CHAR, DATS, NUMC, DEC or INT4
    length: int
    decimals: int
    offset: int
    width: int


class Parameter(NamedTuple):
    """One parameter of a function: I importing, E exporting, T table, X exception; u stands for a structure."""

    way: str
    name: str
    structure: str
    type: str
    width: int = 0
    decimals: int = 0
    optional: bool = False


_TYPES = {"C": "CHAR", "D": "DATS", "N": "NUMC", "P": "DEC", "I": "INT4"}
_TEXTUAL = {"CHAR", "DATS", "NUMC"}
_LINE_ITEM = """
COMP_CODE:C4 CUSTOMER:C10 SP_GL_IND:C1 CLEAR_DATE:D8 CLR_DOC_NO:C10 ALLOC_NMBR:C18 FISC_YEAR:N4 DOC_NO:C10 ITEM_NUM:N3
PSTNG_DATE:D8 DOC_DATE:D8 ENTRY_DATE:D8 CURRENCY:C5 LOC_CURRCY:C5 REF_DOC_NO:C16 DOC_TYPE:C2 FIS_PERIOD:N2 POST_KEY:C2
DB_CR_IND:C1 BUS_AREA:C4 TAX_CODE:C2 LC_AMOUNT:P23.4 AMT_DOCCUR:P23.4 LC_TAX:P23.4 TX_DOC_CUR:P23.4 ITEM_TEXT:C50 BRANCH:C10
BLINE_DATE:D8 PMNTTRMS:C4 DSCT_DAYS1:P3 DSCT_DAYS2:P3 NETTERMS:P3 DSCT_PCT1:P5.3 DSCT_PCT2:P5.3 DISC_BASE:P23.4
DSC_AMT_LC:P23.4 DSC_AMT_DC:P23.4 PYMT_METH:C1 PMNT_BLOCK:C1 FIXEDTERMS:C1 INV_REF:C10 INV_YEAR:N4 INV_ITEM:N3 DUNN_BLOCK:C1
DUNN_KEY:C1 LAST_DUNN:D8 DUNN_LEVEL:N1 DUNN_AREA:C2 DOC_STATUS:C1 NXT_DOCTYP:C1 VAT_REG_NO:C20 REASON_CDE:C3 PMTMTHSUPL:C2
REF_KEY_1:C12 REF_KEY_2:C12 T_CURRENCY:C5 AMOUNT:P23.4 NET_AMOUNT:P23.4 REVERSAL_DOC:C10 SP_GL_TYPE:C1 NEG_POSTNG:C1
REF_DOC_NO_LONG:C35 BILL_DOC:C10
"""
_MESSAGES = "LOG_NO:C20 LOG_MSG_NO:N6 MESSAGE_V1:C50 MESSAGE_V2:C50 MESSAGE_V3:C50 MESSAGE_V4:C50"
STRUCTURES: Mapping[str, str] = {
    "TAB512": "WA:C512",
    "RFC_DB_OPT": "TEXT:C72",
    "RFC_DB_FLD": "FIELDNAME:C30 OFFSET:N6 LENGTH:N6 TYPE:C1 FIELDTEXT:C60",
    "BAPIRETURN": f"TYPE:C1 CODE:C5 MESSAGE:C220 {_MESSAGES}",
    "BAPIRET2": f"TYPE:C1 ID:C20 NUMBER:N3 MESSAGE:C220 {_MESSAGES} PARAMETER:C32 ROW:I10 FIELD:C30 SYSTEM:C10",
    "BAPI3007_2": _LINE_ITEM,
    "BAPI3007_3": "SP_GL_IND:C1 CURRENCY:C5 T_CURR_BAL:P23.4 LOC_CURRCY:C5 LC_BAL:P23.4",
    "BAPIACHE09": "OBJ_TYPE:C5 OBJ_KEY:C20 OBJ_SYS:C10 BUS_ACT:C4 USERNAME:C12 HEADER_TXT:C25 COMP_CODE:C4 DOC_DATE:D8 PSTNG_DATE:D8 TRANS_DATE:D8 FISC_YEAR:N4 FIS_PERIOD:N2 DOC_TYPE:C2 REF_DOC_NO:C16",
    "BAPIACAR09": "ITEMNO_ACC:N10 CUSTOMER:C10 GL_ACCOUNT:C10 REF_KEY_1:C12 REF_KEY_2:C12 REF_KEY_3:C20 COMP_CODE:C4 PMNTTRMS:C4 BLINE_DATE:D8 ALLOC_NMBR:C18 ITEM_TEXT:C50 SP_GL_IND:C1",
    "BAPIACGL09": "ITEMNO_ACC:N10 GL_ACCOUNT:C10 ITEM_TEXT:C50 ALLOC_NMBR:C18 TAX_CODE:C2 COSTCENTER:C10 VALUE_DATE:D8",
    "BAPIACCR09": "ITEMNO_ACC:N10 CURR_TYPE:C2 CURRENCY:C5 CURRENCY_ISO:C3 AMT_DOCCUR:P23.4",
    "ZRCV_ITEM": "BUKRS:C4 BELNR:C10 GJAHR:N4 BUZEI:N3",
    "DFIES": "TABNAME:C30 FIELDNAME:C30 LANGU:C1 POSITION:N4 OFFSET:N6 DOMNAME:C30 ROLLNAME:C30 CHECKTABLE:C30 LENG:N6 INTLEN:N6 OUTPUTLEN:N6 DECIMALS:N6 DATATYPE:C4 INTTYPE:C1 REST:C485",
}


def _function(*parameters: str) -> tuple[Parameter, ...]:
    made = []
    for text in parameters:
        way, name, kind = text.split()
        optional = kind.endswith("?")
        kind = kind.rstrip("?")
        if way == "X":
            made.append(Parameter("X", name, "", ""))
        elif kind in STRUCTURES:
            made.append(Parameter(way, name, kind, "u", optional=optional))
        elif kind == "I":
            made.append(Parameter(way, name, "SYST", "I", 4, optional=optional))
        else:
            made.append(Parameter(way, name, "SYST", kind[0], int(kind[1:]) * 2, optional=optional))
    return tuple(made)


_ACCOUNT = ("I COMPANYCODE C4", "I CUSTOMER C10")
_DOCUMENT = (
    "I DOCUMENTHEADER BAPIACHE09",
    "T ACCOUNTRECEIVABLE BAPIACAR09?",
    "T ACCOUNTGL BAPIACGL09?",
    "T CURRENCYAMOUNT BAPIACCR09",
    "T RETURN BAPIRET2?",
)
FUNCTIONS: Mapping[str, tuple[Parameter, ...]] = {
    "RFC_PING": (),
    "STFC_CONNECTION": _function("I REQUTEXT C255", "E ECHOTEXT C255", "E RESPTEXT C255"),
    "RFC_READ_TABLE": _function(
        *(
            "I DELIMITER C1?",
            "I NO_DATA C1?",
            "I QUERY_TABLE C30",
            "I ROWCOUNT I?",
            "I ROWSKIPS I?",
        ),
        *("T DATA TAB512", "T FIELDS RFC_DB_FLD", "T OPTIONS RFC_DB_OPT"),
        *(
            "X DATA_BUFFER_EXCEEDED -",
            "X FIELD_NOT_VALID -",
            "X NOT_AUTHORIZED -",
            "X OPTION_NOT_VALID -",
        ),
        *("X TABLE_NOT_AVAILABLE -", "X TABLE_WITHOUT_DATA -"),
    ),
    "BAPI_AR_ACC_GETOPENITEMS": _function(
        *_ACCOUNT,
        "I KEYDATE D8",
        "I NOTEDITEMS C1?",
        "I SECINDEX C1?",
        "E RETURN BAPIRETURN",
        "T LINEITEMS BAPI3007_2",
    ),
    "BAPI_AR_ACC_GETSTATEMENT": _function(
        *_ACCOUNT,
        "I DATE_FROM D8",
        "I DATE_TO D8",
        "I NOTEDITEMS C1?",
        "E RETURN BAPIRETURN",
        "T LINEITEMS BAPI3007_2",
    ),
    "BAPI_AR_ACC_GETKEYDATEBALANCE": _function(
        *_ACCOUNT,
        "I KEYDATE D8",
        "I BALANCESPGLI C1?",
        "I NOTEDITEMS C1?",
        "E RETURN BAPIRETURN",
        "T KEYBALANCE BAPI3007_3",
    ),
    "BAPI_ACC_DOCUMENT_CHECK": _function(*_DOCUMENT),
    "BAPI_ACC_DOCUMENT_POST": _function(
        "E OBJ_TYPE C5", "E OBJ_KEY C20", "E OBJ_SYS C10", *_DOCUMENT
    ),
    "BAPI_TRANSACTION_COMMIT": _function("I WAIT C1?", "E RETURN BAPIRET2"),
    "BAPI_TRANSACTION_ROLLBACK": _function("E RETURN BAPIRET2"),
    "Z_RECEIVABLES_CLEARING": _function(
        "I POSTING_DATE D8",
        "I REFERENCE C16",
        "E DOCUMENT C10",
        "T ITEMS ZRCV_ITEM",
        "T RETURN BAPIRET2?",
    ),
    "DDIF_FIELDINFO_GET": _function(
        *(
            "I ALL_TYPES C1?",
            "I FIELDNAME C30?",
            "I GROUP_NAMES C1?",
            "I LANGU C1?",
            "I LFIELDNAME C132?",
            "I TABNAME C30",
        ),
        *("E DDOBJTYPE C8", "T DFIES_TAB DFIES?", "X NOT_FOUND -", "X INTERNAL_ERROR -"),
    ),
}


@cache
def layout(structure: str) -> tuple[tuple[Field, ...], int]:
    """Return the fields of a structure with their places, and its width in bytes.

    Raises:
        KeyError: When there is no such structure.
    """
    fields, place = [], 0
    for text in STRUCTURES[structure].split():
        name, _, kind = text.partition(":")
        whole, _, places = kind[1:].partition(".")
        data_type, length = _TYPES[kind[0]], int(whole)
        width, align = (
            (length * 2, 2)
            if data_type in _TEXTUAL
            else (4, 4)
            if data_type == "INT4"
            else (length // 2 + 1, 1)
        )
        place = -(-place // align) * align
        fields.append(Field(name, data_type, length, int(places or 0), place, width))
        place += width
    align = 4 if any(it.type == "INT4" for it in fields) else 2
    return tuple(fields), -(-place // align) * align


def pack(structure: str, row: Mapping[str, Any]) -> bytes:
    """Lay a row out."""
    fields, size = layout(structure)
    data = bytearray(size)
    for it in fields:
        value = row.get(it.name)
        if it.type == "CHAR":
            cell = str(value or "")[: it.length].ljust(it.length).encode("utf-16-le")
        elif it.type == "DATS":
            cell = str(value or "00000000").encode("utf-16-le")
        elif it.type == "NUMC":
            cell = str(int(value or 0)).zfill(it.length).encode("utf-16-le")
        elif it.type == "INT4":
            cell = struct.pack("<i", int(value or 0))
        else:
            cell = packed_decimal(value, it.width, it.decimals)
        data[it.offset : it.offset + it.width] = cell
    return bytes(data)


def unpack(structure: str, data: bytes) -> dict[str, Any]:
    """Read a row."""
    made: dict[str, Any] = {}
    for it in layout(structure)[0]:
        cell = data[it.offset : it.offset + it.width]
        if it.type in _TEXTUAL:
            made[it.name] = cell.decode("utf-16-le").rstrip()
        elif it.type == "INT4":
            made[it.name] = struct.unpack("<i", cell)[0]
        else:
            made[it.name] = unpacked_decimal(cell, it.decimals)
    return made


def packed_decimal(value: Any, width: int, decimals: int) -> bytes:
    """Return a number in packed form: two digits a byte, the sign in the last half byte."""
    whole = int(Decimal(value or 0).scaleb(decimals).to_integral_value())
    digits = str(abs(whole)).zfill(width * 2 - 1)
    return bytes.fromhex(digits + ("d" if whole < 0 else "c"))


def unpacked_decimal(data: bytes, decimals: int) -> Decimal:
    """Read a number in packed form."""
    digits = data.hex()
    value = Decimal(int(digits[:-1])).scaleb(-decimals)
    return -value if digits[-1] == "d" else value
