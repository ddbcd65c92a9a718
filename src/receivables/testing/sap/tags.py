"""The values of a call on the wire: each stands between two tags, in UTF-16; tables row by row, errors by key and variables."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from receivables.testing.sap.ddic import (
    FUNCTIONS,
    Parameter,
    layout,
    pack,
    packed_decimal,
    unpack,
    unpacked_decimal,
)
from receivables.testing.sap.faults import AbapError

END = 0xFFFF
NAME, VALUE, TABLE, ROWS = 0x0201, 0x0203, 0x0301, (0x0303, 0x0304)
_HEAD_TAGS = ((0x0500, b""), (0x0503, b""), (0x0514, bytes(16)), (0x0420, bytes(4)), (0x0512, b""))


def text(value: object) -> bytes:
    """Return text as the wire carries it."""
    return str(value).encode("utf-16-le")


def fixed(value: object, length: int) -> bytes:
    """Return text of a fixed length."""
    return text(str(value)[:length].ljust(length))


def tagged(tag: int, data: bytes = b"") -> bytes:
    """Return one tagged value; long ones give their length in four more bytes."""
    mark = struct.pack(">H", tag)
    short = (
        struct.pack(">H", len(data))
        if len(data) < END
        else b"\xff\xff" + struct.pack(">I", len(data))
    )
    return mark + short + data + mark


def values(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tagged values of a record."""
    place = 0
    while place + 4 <= len(body):
        tag, length = struct.unpack_from(">HH", body, place)
        place += 4
        if tag == END:
            return
        if length == END:
            length = struct.unpack_from(">I", body, place)[0]
            place += 4
        yield tag, body[place : place + length]
        place += length
        if body[place : place + 2] == struct.pack(">H", tag):
            place += 2


HEAD = b"".join(tagged(tag, data) for tag, data in _HEAD_TAGS)
TAIL = (
    tagged(0x0130, fixed("SAPLDOUBLE", 40)) + tagged(0x0667, bytes(6) + b"\x52\x40") + tagged(END)
)


def scalar(name: str, data: bytes) -> bytes:
    """Return an exporting parameter."""
    return tagged(0x0201, text(name)) + tagged(0x0203, data)


def table(name: str, rows: list[bytes], width: int, number: int, tag: int = 0x0304) -> bytes:
    """Return a table parameter."""
    head = tagged(0x0301, text(name)) + tagged(0x0330, struct.pack(">I", number))
    return (
        head
        + tagged(0x0302, struct.pack(">II", width, len(rows)))
        + b"".join(tagged(tag, row) for row in rows)
    )


def given(parameter: Parameter, scalars: dict[str, bytes], tables: dict[str, list[bytes]]) -> Any:
    """Return a parameter as the function module sees it."""
    if parameter.way == "T":
        return [unpack(parameter.structure, row) for row in tables[parameter.name]]
    data = scalars[parameter.name]
    match parameter.type:
        case "u":
            return unpack(parameter.structure, data)
        case "I":
            return struct.unpack("<i", data)[0]
        case "P":
            return unpacked_decimal(data, parameter.decimals)
        case _:
            return data.decode("utf-16-le").rstrip()


def answered(parameters: tuple[Parameter, ...], answer: dict[str, Any]) -> bytes:
    """Return the answer of a function module."""
    out, number = HEAD, 4
    for it in parameters:
        if it.way not in "ECT" or it.name not in answer:
            continue
        value = answer[it.name]
        if it.way == "T":
            rows = [pack(it.structure, row) for row in value]
            out += table(it.name, rows, layout(it.structure)[1], number)
            number += 1
        elif it.type == "u":
            out += scalar(it.name, pack(it.structure, value))
        elif it.type == "I":
            out += scalar(it.name, struct.pack("<i", value))
        elif it.type == "P":
            out += scalar(it.name, packed_decimal(value, it.width, it.decimals))
        else:
            out += scalar(it.name, fixed(value, it.width // 2))
    return out + TAIL


def raised(error: AbapError) -> bytes:
    """Return an exception of a function module."""
    parts = ((0x0415, error.cls), (0x0416, error.kind), (0x0417, error.number))
    variables = b"".join(
        tagged(0x0411 + place, text(it)) for place, it in enumerate(error.variables)
    )
    said = b"".join(tagged(tag, text(it)) for tag, it in parts)
    return tagged(0x0500) + said + variables + tagged(0x0401, text(error.key)) + tagged(END)


def interface(name: str) -> bytes:
    """Return the interface of a function module, as clients ask for it before they call."""
    if name not in FUNCTIONS:
        raise AbapError("FU_NOT_FOUND", "FL", "E", "046", (name,))
    rows = []
    for place, it in enumerate(FUNCTIONS[name], start=1):
        width = layout(it.structure)[1] if it.type == "u" else it.width
        texts = (
            fixed(it.way, 1)
            + fixed(it.name, 30)
            + fixed(it.structure, 30)
            + fixed("", 30)
            + fixed(it.type, 1)
        )
        numbers = struct.pack("<4I", place, 0, width, it.decimals)
        rows.append(
            texts + numbers + fixed("", 21) + fixed("", 79) + fixed("X" if it.optional else "", 1)
        )
    flags = (
        ("REMOTE_BASXML_SUPPORTED", "", 1),
        ("REMOTE_CALL", "R", 1),
        ("RFCSCOPE", "", 1),
        ("RFCVERS", "", 10),
        ("UPDATE_TASK", "", 1),
    )
    told = b"".join(scalar(flag, fixed(value, length)) for flag, value, length in flags)
    return (
        HEAD
        + told
        + table("PARAMS", rows, 404, 4, 0x0303)
        + table("RESUMABLE_EXCEPTIONS", [], 62, 5)
        + TAIL
    )


def fields(name: str) -> bytes:
    """Return the fields of a structure, as clients ask for them."""
    try:
        described, _ = layout(name)
    except KeyError:
        raise AbapError("NOT_FOUND") from None
    rows = []
    for place, it in enumerate(described, start=1):
        row = bytearray(text(" " * 675))
        kind = {"CHAR": "C", "DATS": "D", "NUMC": "N", "DEC": "P", "INT4": "I"}[it.type]
        cells = (
            *(
                (0, fixed(name, 30)),
                (60, fixed(it.name, 30)),
                (122, text(f"{place:04}")),
                (130, text(f"{it.offset:06}")),
            ),
            *(
                (322, text(f"{it.length:06}")),
                (334, text(f"{it.width:06}")),
                (346, text(f"{it.length:06}")),
            ),
            *((358, text(f"{it.decimals:06}")), (370, fixed(it.type, 4)), (378, fixed(kind, 1))),
        )
        for offset, data in cells:
            row[offset : offset + len(data)] = data
        rows.append(bytes(row))
    return (
        HEAD
        + scalar("DDOBJTYPE", fixed("INTTAB", 8))
        + table("DFIES_TAB", rows, 1350, 4)
        + table("FIXED_VALUES", [], 1, 5)
        + TAIL
    )
