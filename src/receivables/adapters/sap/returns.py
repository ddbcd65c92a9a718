"""What a BAPI says besides its answer: RETURN as a structure, a table, or not at all; always read, raised only for errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from receivables.errors import AccessDenied, RequestRefused


def returned(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the messages of a BAPI, whether RETURN is a structure, a table, or missing."""
    value = answer.get("RETURN") or []
    rows = [value] if isinstance(value, Mapping) else list(value)
    return [row for row in rows if str(row.get("TYPE") or "").strip()]


def checked(answer: Mapping[str, Any], function: str) -> list[str]:
    """Return the warnings and remarks of a BAPI.

    Raises:
        AccessDenied: When it says that an authorisation is missing.
        RequestRefused: When it says any other error.
    """
    rows = returned(answer)
    texts = [_text_of(row) for row in rows]
    bad = [text for row, text in zip(rows, texts, strict=True) if row["TYPE"] in {"E", "A"}]
    if not bad:
        return texts
    sentence = f"{function}: {'; '.join(bad)}"
    if any(code in text for text in bad for code in ("FN506", "FN507", "FN508")):
        raise AccessDenied(sentence, messages=tuple(bad))
    raise RequestRefused(sentence, messages=tuple(bad))


def _text_of(row: Mapping[str, Any]) -> str:
    code = str(row.get("CODE") or f"{row.get('ID') or ''}{row.get('NUMBER') or ''}").strip()
    text = str(row.get("MESSAGE") or "").strip()
    variables = " ".join(str(row.get(f"MESSAGE_V{it}") or "").strip() for it in range(1, 5)).strip()
    return f"{row['TYPE']} {code} {text or variables}".strip()
