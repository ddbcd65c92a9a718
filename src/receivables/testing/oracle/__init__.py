"""A Fusion pod for tests: a real HTTP server on 127.0.0.1 whose books are told by facts.

    with OracleDouble(make_portfolio(customers=3, invoices=20).facts) as pod:
        source = OracleRestSource(pod.url, Basic("AR_SERVICE", "correct horse"))

It does what real pods do to a client: pages are clamped and come unordered, children stop at 25 and the last 90 days,
filters are enforced in two dialects, computed values are null in the echo of a write, and faults come on demand.
"""

from receivables.testing.oracle.entering import enter
from receivables.testing.oracle.entering import told as told_books
from receivables.testing.oracle.held import held, pulled
from receivables.testing.oracle.modes import FAULTS, Fault, Modes, User
from receivables.testing.oracle.server import CLIENT, OracleDouble
from receivables.testing.oracle.tables import Tables

__all__ = [
    "CLIENT",
    "FAULTS",
    "Fault",
    "Modes",
    "OracleDouble",
    "Tables",
    "User",
    "enter",
    "held",
    "pulled",
    "told_books",
]
