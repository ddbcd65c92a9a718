"""A source from a configuration file: what is secret stands in the environment, and the file names the variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from receivables.adapters.oracle.auth import Auth, Basic, ClientCredentials, SignedJwt
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.terms import read_terms
from receivables.errors import UnreadableSource
from receivables.problems import Problem
from receivables.terms import PaymentTerms

_KNOWN = {
    "base_url", "auth", "business_units", "ledger_currency", "framework", "page_size", "debit_types", "write_offs", "refunds",
    "terms", "terms_report",
}  # fmt: skip
_MODES = {
    "basic": ("user", "password_env"),
    "client-credentials": ("token_url", "client_id", "client_secret_env"),
    "signed-jwt": ("issuer", "user", "certificate_der", "private_key_pem"),
}


def options(table: Mapping[str, Any], secret: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the arguments of `OracleRestSource` that a configuration says.

    Args:
        table: The file, read.
        secret: Returns the value of an environment variable.

    Raises:
        UnreadableSource: When something is missing, unknown, or a variable is not set.
    """
    unknown = set(table) - _KNOWN
    if unknown or "base_url" not in table or "auth" not in table:
        what = (
            f"there is no {min(unknown)!r}" if unknown else "it needs base_url and a table [auth]"
        )
        msg = f"the configuration cannot be used: {what}; it may have {', '.join(sorted(_KNOWN))}"
        raise UnreadableSource(msg)
    ledgers = table.get("ledger_currency", {})
    terms, remarks = _terms(table)
    rules = Rules(
        {"*": ledgers} if isinstance(ledgers, str) else dict(ledgers),
        debit_types=frozenset(table.get("debit_types", ())),
        write_offs=frozenset(table.get("write_offs", ())),
        refunds=frozenset(table.get("refunds", ())),
        terms=terms,
    )
    return {
        "base_url": table["base_url"],
        "auth": _auth(table["auth"], secret),
        "business_units": tuple(table.get("business_units", ())),
        "rules": rules,
        "remarks": remarks,
        "framework": table.get("framework"),
        "page_size": table.get("page_size", 500),
    }


def _terms(table: Mapping[str, Any]) -> tuple[dict[str, PaymentTerms], tuple[Problem, ...]]:
    """Return the payment terms of the report, and over them those written down."""
    found: dict[str, PaymentTerms] = {}
    remarks: tuple[Problem, ...] = ()
    if report := table.get("terms_report"):
        if not Path(report).is_file():
            msg = f"terms_report {report} is not there; give the CSV of the report"
            raise UnreadableSource(msg)
        found, remarks = read_terms(str(report), Path(report).read_text(encoding="utf-8-sig"))
    written = {name: PaymentTerms.parse(text) for name, text in table.get("terms", {}).items()}
    return found | written, remarks


def _auth(table: Mapping[str, Any], secret: Callable[[str], str | None]) -> Auth:
    mode = str(table.get("mode", "basic"))
    needed = _MODES.get(mode)
    if needed is None or any(name not in table for name in needed):
        msg = f"[auth] with mode {mode!r} cannot be used; modes and what they need: {_listed()}"
        raise UnreadableSource(msg)
    if mode == "basic":
        return Basic(table["user"], _secret(table["password_env"], secret))
    if mode == "client-credentials":
        plain = ClientCredentials(
            table["token_url"], table["client_id"], _secret(table["client_secret_env"], secret)
        )
        scope = table.get("scope")
        return (
            plain
            if scope is None
            else ClientCredentials(plain.token_url, plain.client_id, plain.client_secret, scope)
        )
    certificate, key = (
        Path(table["certificate_der"]).read_bytes(),
        Path(table["private_key_pem"]).read_bytes(),
    )
    return SignedJwt(table["issuer"], table["user"], certificate, key)


def _secret(variable: str, secret: Callable[[str], str | None]) -> str:
    found = secret(variable)
    if not found:
        msg = (
            f"environment variable {variable} is not set; it holds the secret, so that no file does"
        )
        raise UnreadableSource(msg)
    return found


def _listed() -> str:
    return "; ".join(f"{mode}: {', '.join(names)}" for mode, names in _MODES.items())
