"""One TOML file that says how a system is reached and what its codes mean. Secrets stand in the environment, never in it: see `EXAMPLE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Any

from receivables.adapters.sap.codes import DOCUMENT_TYPES, Codes, Meaning, SpecialGl
from receivables.adapters.sap.odata_source import SapODataSource
from receivables.adapters.sap.rfc import RfcConnection, connect_rfc
from receivables.adapters.sap.rfc_source import SapRfcSource
from receivables.adapters.sap.source import SapSource
from receivables.adapters.sap.uuids import read_uuid_table
from receivables.errors import MissingExtra, UnfitMapping
from receivables.terms import PaymentTerms

EXAMPLE = """\
[sap]
path = "tables"                      # tables, bapi or odata
company_codes = ["MX01"]
history_from = 2024-01-01            # optional
control_date = 2026-03-31            # optional, over RFC: compare each account with SAP's balance of this day
accounts_per_page = 50               # optional

[connection]                         # SAP's own names for RFC; base_url, client, user and passwd for OData
ashost = "sap.example.com"
sysnr = "00"
client = "100"
user = "RFC_AR"
passwd = { env = "SAP_PASSWD" }

[codes.document_types]               # what each document type is, besides SAP's own
ZM = "debit_memo"

[codes]
special_gl = { A = "keep" }
write_off_reasons = ["W01"]
dispute_blocks = { P = "price" }
uuid_field = "XREF3"
"""

Environment = Callable[[str], str | None]
_SECRET = frozenset({"passwd", "password", "token", "x509cert", "mysapsso2"})
_COMMON = {"path", "company_codes", "accounts", "history_from", "accounts_per_page", "name"}
_RFC = _COMMON | {"read_table", "row_width", "rows_per_call", "clearing_history", "control_date"}
_ODATA = _COMMON | {"cleared_filter", "page_size"}
_UUID_FIELDS = ("XBLNR", "ZUONR", "SGTXT", "XREF1", "XREF2", "XREF3")


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says.

    Args:
        path: `tables`, `bapi` or `odata`.
        options: Arguments of the source.
        codes: What the system's codes mean.
        connection: Where the system is, secrets resolved; never shown.
        terms: Payment terms by key, for OData.
    """

    path: str
    options: Mapping[str, Any]
    codes: Codes
    connection: Mapping[str, str]
    terms: Mapping[str, PaymentTerms] | None = None

    def __repr__(self) -> str:
        return f"<Config of {self.path} for {', '.join(self.options['company_codes'])}>"

    def open(self) -> SapSource:
        """Return the source."""
        options = dict(self.options)
        if self.path != "odata":
            connection = dict(self.connection)

            def connect() -> RfcConnection:
                return connect_rfc(**connection)

            return SapRfcSource(connect, path=self.path, codes=self.codes, **options)  # type: ignore[arg-type]
        try:
            import requests
        except ImportError:
            msg = "the OData path needs requests; install it with the extra: pip install 'receivables[sap]'"
            raise MissingExtra(msg) from None
        session = requests.Session()
        if "token" in self.connection:
            session.headers["Authorization"] = f"Bearer {self.connection['token']}"
        else:
            session.auth = (self.connection.get("user", ""), self.connection.get("passwd", ""))
        base, client = self.connection["base_url"], self.connection.get("client")
        return SapODataSource(
            base, session, client=client, codes=self.codes, terms=self.terms, **options
        )


def read_config(table: Mapping[str, Any], environment: Environment) -> Config:
    """Read a configuration.

    Args:
        table: The parsed file.
        environment: Returns the value of an environment variable, such as `os.environ.get`.

    Raises:
        UnfitMapping: For a missing or unknown name, or a secret written in the file.
    """
    _known(table, {"sap", "connection", "codes", "terms", "uuid"}, "the file")
    sap, connection = dict(table.get("sap", {})), table.get("connection", {})
    path = sap.get("path", "tables")
    if path not in {"tables", "bapi", "odata"}:
        msg = f"[sap] path is {path!r}; it must be tables, bapi or odata"
        raise UnfitMapping(msg)
    _known(sap, _ODATA if path == "odata" else _RFC, "[sap]")
    if not sap.get("company_codes"):
        msg = '[sap] lacks company_codes; name the books to read, such as company_codes = ["1000"]'
        raise UnfitMapping(msg)
    for name in ("history_from", "control_date"):
        if not isinstance(sap.get(name, date.min), date):
            msg = f"[sap] {name} is {sap[name]!r}; write a TOML date such as 2024-01-01, without quotes"
            raise UnfitMapping(msg)
    options = {name: value for name, value in sap.items() if name != "path"}
    uuids = read_uuid_table(table.get("uuid", {}))
    if uuids is not None and path == "odata":
        msg = "[uuid] is read over RFC only; over OData name a field of the items as uuid_field in [codes]"
        raise UnfitMapping(msg)
    options |= {"uuids": uuids} if uuids is not None else {}
    resolved = {name: _resolved(name, value, environment) for name, value in connection.items()}
    if path == "odata" and "base_url" not in resolved:
        msg = "[connection] lacks base_url, such as https://my300000-api.s4hana.cloud.sap"
        raise UnfitMapping(msg)
    terms = {key: PaymentTerms.parse(text) for key, text in table.get("terms", {}).items()} or None
    return Config(path, options, read_codes(table.get("codes", {})), resolved, terms)


def read_codes(table: Mapping[str, Any]) -> Codes:
    """Read what codes mean; document types are added to SAP's own.

    Raises:
        UnfitMapping: For an unknown name or meaning.
    """
    _known(table, {field.name for field in fields(Codes)}, "[codes]")
    values: dict[str, Any] = dict(table)
    meanings = {
        code: _choice(Meaning, it, f"document type {code}")
        for code, it in table.get("document_types", {}).items()
    }
    values["document_types"] = MappingProxyType({**DOCUMENT_TYPES, **meanings})
    special = {
        code: _choice(SpecialGl, it, f"special G/L {code}")
        for code, it in table.get("special_gl", {}).items()
    }
    values["special_gl"] = MappingProxyType(special)
    values["dispute_blocks"] = MappingProxyType(dict(table.get("dispute_blocks", {})))
    for name in ("write_off_reasons", "unidentified_customers"):
        values[name] = frozenset(table.get(name, ()))
    if values.get("residuals", "original") not in {"original", "new"}:
        msg = f"[codes] residuals is {values['residuals']!r}; it must be original or new"
        raise UnfitMapping(msg)
    if values.get("uuid_field") not in {None, *_UUID_FIELDS}:
        msg = f"[codes] uuid_field is {values['uuid_field']!r}; it must be one of {', '.join(_UUID_FIELDS)}"
        raise UnfitMapping(msg)
    return Codes(**values)


def _resolved(name: str, value: Any, environment: Environment) -> str:
    if isinstance(value, Mapping):
        variable = str(value.get("env", ""))
        found = environment(variable)
        if not found:
            msg = f"[connection] {name} stands in the environment variable {variable or '?'}, which is not set"
            raise UnfitMapping(msg)
        return found
    if name.lower() in _SECRET:
        msg = f'[connection] {name} is a secret; write {name} = {{ env = "NAME" }} and set that variable'
        raise UnfitMapping(msg)
    return str(value)


def _known(table: Mapping[str, Any], names: set[str], where: str) -> None:
    unknown = sorted(set(table) - names)
    if unknown:
        msg = f"{where} names {unknown[0]!r}, which has no meaning; there are {', '.join(sorted(names))}"
        raise UnfitMapping(msg)


def _choice(kind: Any, value: object, what: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        msg = f"{what} means {value!r}; it must be one of {', '.join(it.value for it in kind)}"
        raise UnfitMapping(msg) from None
