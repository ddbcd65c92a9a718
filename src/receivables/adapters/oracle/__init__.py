"""Oracle Fusion Cloud Receivables and Advanced Collections: read over REST or from extracts, written back on request.

Public: `OracleRestSource`, the ways to sign in (`Basic`, `ClientCredentials`, `SignedJwt`), `Rules` and `Patience`.
Only `rest` touches a network; it needs the extra `oracle`.
"""

from receivables.adapters.oracle.address import Patience
from receivables.adapters.oracle.auth import Basic, ClientCredentials, SignedJwt
from receivables.adapters.oracle.codes import Rules
from receivables.adapters.oracle.rest import Pod
from receivables.adapters.oracle.source import OracleRestSource

__all__ = [
    "Basic",
    "ClientCredentials",
    "OracleRestSource",
    "Patience",
    "Pod",
    "Rules",
    "SignedJwt",
]
