"""A pod's double, and a source that reads it without waiting."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from receivables.adapters.oracle import Basic, OracleRestSource, Patience, Pod
from receivables.testing.oracle import OracleDouble, User

pytest.importorskip("requests", reason="the adapter needs the extra 'oracle'")
USER = Basic("AR_SERVICE", User().password)


class Bench:
    """Starts doubles and makes what talks to them; everything ends with the test."""

    def __init__(self, stack):
        self._stack = stack
        self.waits = []

    def double(self, facts=(), **options):
        return self._stack.enter_context(OracleDouble(facts, **options))

    def pod(self, double, auth=USER, **options):
        patience = options.pop(
            "patience", Patience(attempts=4, first_wait=0.5, timeout=5, deadline=5)
        )
        return Pod(double.url, auth, sleep=self.waits.append, patience=patience, **options)

    def source(
        self,
        double,
        *,
        ledger_currency="MXN",
        auth=USER,
        business_units=(),
        page_size=500,
        **options,
    ):
        pod = self.pod(double, auth, **options)
        return OracleRestSource(
            pod=pod,
            ledger_currency=ledger_currency,
            business_units=business_units,
            page_size=page_size,
        )


@pytest.fixture
def bench():
    with ExitStack() as stack:
        yield Bench(stack)
