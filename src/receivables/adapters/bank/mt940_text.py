"""The text of :86:, taken apart so that no word runs into the next.

Known forms are numbered fields (?20 to ?29 and ?60 to ?63 text, ?32 and ?33 the payer, ?31 its account) and words between
slashes (/REMI/, /EREF/, /NAME/, /IBAN/). Everything else is free text.
"""

from __future__ import annotations

import re

_FIELD = re.compile(r"\?([0-9]{2})([^?]*)")
_WORD = re.compile(r"/([A-Z]{4})/((?:(?!/[A-Z]{4}/).)*)", re.DOTALL)
_FULL = 27  # characters of a numbered field: a longer text goes on in the next one, in the middle of a word
_TEXT_FIELDS = {
    *(f"{number}" for number in range(20, 30)),
    *(f"{number}" for number in range(60, 64)),
}


def details(raw: str) -> tuple[str, dict[str, str]]:
    """Return the words of a text, and the payer, account and references it names.

    >>> details("166?00GUTSCHRIFT?20PAGO F-1?31DE99?32ACME?33SA")
    ('PAGO F-1', {'payer_name': 'ACME SA', 'payer_account': 'DE99'})
    """
    flat = raw.replace("\n", "")
    numbered = _FIELD.findall(flat)
    if numbered:
        fields = [(code, text.strip()) for code, text in numbered]
        words = _joined([text for code, text in numbered if code in _TEXT_FIELDS])
        name = " ".join(text for code, text in fields if code in {"32", "33"})
        account = next((text for code, text in fields if code == "31"), "")
        return words, {"payer_name": name, "payer_account": account}
    between = {code: text.replace("\n", "").strip(" /") for code, text in _WORD.findall(raw)}
    if between:
        text = between.get("REMI", raw.replace("\n", " "))
        end_to_end = between.get("EREF", "")
        return text, {
            "end_to_end_id": "" if end_to_end == "NOTPROVIDED" else end_to_end,
            "payer_name": between.get("NAME", ""),
            "payer_account": between.get("IBAN", ""),
        }
    return raw.replace("\n", " "), {}


def _joined(parts: list[str]) -> str:
    """Join text fields: a full one without a space at its end goes on in the next, any other ends a word."""
    said = ""
    for part in parts:
        said += part if len(part) >= _FULL else f"{part} "
    return " ".join(said.split())
