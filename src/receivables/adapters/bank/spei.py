"""What a text of SPEI, Mexico's transfers between banks, says beside the concept: tracking key, CLABE and RFC of the payer."""

from __future__ import annotations

import re

_TRACKING = re.compile(
    r"(?:CLAVE\s+(?:DE\s+)?RASTREO|CVE\.?\s*(?:DE\s+)?RAST(?:REO)?|RASTREO)\s*[:.]?\s*([A-Z0-9]{6,30})",
    re.IGNORECASE,
)
_CLABE = re.compile(r"(?<![0-9])([0-9]{18})(?![0-9])")
_RFC = re.compile(r"(?<![A-ZÑ&0-9])([A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3})(?![A-Z0-9])")


def spei(text: str) -> dict[str, str]:
    """Return what a SPEI text says of the transfer: tracking key, the payer's CLABE and tax id.

    >>> spei("SPEI RECIBIDO CLAVE DE RASTREO: MBAN01002603020001 RFC AAA010101AAA")
    {'tracking_key': 'MBAN01002603020001', 'payer_tax_id': 'AAA010101AAA'}
    """
    found = {}
    upper = text.upper()
    for name, pattern in (
        ("tracking_key", _TRACKING),
        ("payer_account", _CLABE),
        ("payer_tax_id", _RFC),
    ):
        match = pattern.search(upper)
        if match:
            found[name] = match[1]
    return found
