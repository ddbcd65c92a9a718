"""Fiscal UUIDs (CFDI) from a table of the system: SAP's own of two generations, or yours.

Where a UUID stands differs from site to site: in a field of the item (`Codes.uuid_field`), or in a table that names the
document. No released service gives it, so this is read over RFC only, and never required.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Literal

from receivables.adapters.sap.lines import Line
from receivables.adapters.sap.select import one_of, quoted
from receivables.adapters.sap.tables import Tables
from receivables.adapters.sap.values import padded
from receivables.errors import UnfitMapping
from receivables.problems import Problem

Named = Literal["document", "billing_document", "reference"]
_IN_LIST = 150  # values of one IN list; the dynamic WHERE has a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class UuidTable:
    """Where UUIDs stand.

    Args:
        table: The table that holds them.
        uuid: Its column with the UUID.
        key: Its column that names the document, or the entry of `link_table`.
        names: What of an item is named: its document number, its billing document, or its reference (XBLNR).
        company_code, year: Columns of both, where the number alone is not unique; empty without.
        link_table: A table between: it names the document in `link_key`, and the entry of `table` in `key`.
        link_key: See there.
    """

    table: str
    key: str
    uuid: str = "UUID"
    names: Named = "document"
    company_code: str = ""
    year: str = ""
    link_table: str = ""
    link_key: str = ""


# Recalled from public descriptions, not verified on a system: the first-contact checklist says how to look.
PRESETS: Mapping[str, UuidTable] = MappingProxyType(
    {
        "cfdi_resp": UuidTable(
            table="CFDI_RESP_MX", key="REFDOC", company_code="BUKRS", year="GJAHR"
        ),
        "edocument": UuidTable(
            table="EDOMXINVOICE",
            key="EDOC_GUID",
            names="billing_document",
            link_table="EDOCUMENT",
            link_key="SOURCE_KEY",
        ),
    }
)


def read_uuid_table(table: Mapping[str, Any]) -> UuidTable | None:
    """Read the part `[uuid]` of a configuration: a preset's name, with columns that differ, or a table of your own.

    Raises:
        UnfitMapping: For a missing or unknown name.
    """
    if not table:
        return None
    given = dict(table)
    preset = given.pop("preset", None)
    known = {it.name for it in fields(UuidTable)}
    wrong = sorted(set(given) - known)
    if wrong:
        msg = f"[uuid] names {wrong[0]!r}, which has no meaning; there are {', '.join(sorted({*known, 'preset'}))}"
        raise UnfitMapping(msg)
    if given.get("names", "document") not in {"document", "billing_document", "reference"}:
        msg = f"[uuid] names is {given['names']!r}; it must be document, billing_document or reference"
        raise UnfitMapping(msg)
    if preset is not None:
        if preset not in PRESETS:
            msg = f"[uuid] preset is {preset!r}; it must be one of {', '.join(PRESETS)}"
            raise UnfitMapping(msg)
        return replace(PRESETS[preset], **given)
    if not (given.get("table") and given.get("key")):
        msg = "[uuid] lacks table or key; name a preset, or the table and its column that names the document"
        raise UnfitMapping(msg)
    return UuidTable(**given)


def with_uuids(
    tables: Tables, source: UuidTable, company_code: str, lines: Sequence[Line]
) -> Iterator[Line | Problem]:
    """Yield the lines with the UUIDs of their documents, and a remark for each document that has several.

    Raises:
        RemoteError: When the table cannot be read.
    """
    wanted = {line.key: _named(line, source.names) for line in lines}
    found = _read(tables, source, company_code, {it for it in wanted.values() if it})
    told: set[str] = set()
    for line in lines:
        uuids = found.get((wanted[line.key], line.key.year if source.year else ""), set())
        if len(uuids) > 1 and wanted[line.key] not in told:
            told.add(wanted[line.key])
            msg = f"{source.table} has {len(uuids)} UUIDs for {wanted[line.key]}; none is taken, say which by a view of your own"
            yield Problem("ambiguous-uuid", msg, str(line.document), severity="noted")
        yield replace(line, uuid=next(iter(uuids))) if len(uuids) == 1 else line


def _named(line: Line, names: Named) -> str:
    match names:
        case "document":
            return line.key.document
        case "billing_document":
            return padded(line.billing_document) if line.billing_document else ""
        case "reference":
            return line.reference


def _read(
    tables: Tables, source: UuidTable, company_code: str, names: Iterable[str]
) -> Mapping[tuple[str, str], set[str]]:
    """Return the UUIDs by the name of their document and, where the table has it, its year."""
    where = f"{source.company_code} EQ {quoted(company_code)} AND " if source.company_code else ""
    entries: dict[str, set[str]] = defaultdict(set)  # of `table`, by the documents they stand for
    if source.link_table:
        columns = (source.link_key, source.key)
        for row in _rows(tables, source.link_table, columns, source.link_key, names, ""):
            entries[row[source.key]].add(row[source.link_key])
    else:
        entries = {name: {name} for name in names}
    asked = tuple(it for it in (source.key, source.uuid, source.year) if it)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _rows(tables, source.table, asked, source.key, entries, where):
        for name in entries.get(row[source.key], ()):
            if row[source.uuid]:
                found[name, row.get(source.year, "")].add(row[source.uuid])
    return found


def _rows(
    tables: Tables,
    table: str,
    columns: Sequence[str],
    key: str,
    values: Iterable[str],
    where: str,
) -> Iterator[dict[str, str]]:
    listed = sorted(values)
    for first in range(0, len(listed), _IN_LIST):
        condition = where + one_of(key, listed[first : first + _IN_LIST])
        yield from tables.rows(table, columns, condition, keys=columns, limit=0) or ()
