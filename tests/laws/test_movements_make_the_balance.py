"""Law: Movements make the balance. Allowances, periods and flux close to the cent, whatever happened."""

from hypothesis import given
from hypothesis import strategies as st

from receivables import Money, Subledger
from receivables.metrics import PeriodEnd, activity, compare
from receivables.provisions import RollForward, roll_forward
from receivables.testing.strategies import days, subledgers

AMOUNT = st.integers(-(10**9), 10**9).map(lambda cents: Money.from_minor(cents, "MXN"))
POSITIVE = st.integers(0, 10**9).map(lambda cents: Money.from_minor(cents, "MXN"))


@given(opening=POSITIVE, closing=POSITIVE, used=POSITIVE, back=POSITIVE, fx=AMOUNT, scope=AMOUNT)
def test_the_roll_forward_closes(opening, closing, used, back, fx, scope):
    made = roll_forward(
        opening, closing=closing, write_offs=used, recoveries=back, fx=fx, scope=scope
    )
    assert isinstance(made, RollForward)
    assert opening + made.charge - used + back + fx + scope == made.closing == closing
    assert made.explain().amount == closing.amount


@given(facts=subledgers(), start=days(), end=days())
def test_periods_close_and_flux_sums_to_the_movement(facts, start, end):
    """Whatever is reversed, posted back or cancelled; the laws are asserted inside, and again here."""
    start, end = sorted((start, end))
    ledger = Subledger.of(facts)
    for currency in ("MXN", "USD"):
        period = activity(ledger, start, end, currency=currency)
        held = [
            it
            for it in ledger.open_items(as_of=end)
            if it.currency == currency and not it.is_credit
        ]
        assert period.closing.amount == sum(it.open_amount.amount for it in held)
        moved = sum(change.amount.amount for change in period.changes)
        assert period.closing.amount - period.begin.amount == moved
        if start < end:
            flux = compare(PeriodEnd(ledger, start), PeriodEnd(ledger, end), currency=currency, by="segment")  # fmt: skip
            assert flux.after.amount == period.closing.amount
            moves = sum(it.amount for row in flux.rows for _, it in row.moves)
            assert flux.after.amount - flux.before.amount == moves
            assert flux.explain().amount == flux.after.amount
