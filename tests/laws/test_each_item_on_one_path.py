"""Law: Each item on one path. Nothing is lost or counted twice; no loss exceeds what is open; higher rates give more."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from receivables import Invoice, Money, Subledger
from receivables.provisions import (
    Assessment,
    Cover,
    Dilution,
    Exclusion,
    Overlay,
    ProvisionMatrix,
    ProvisionPolicy,
    Scope,
    Vat,
    measure_provision,
)
from receivables.testing.strategies import days, subledgers

AS_OF = date(2026, 3, 31)
RATES = ("current", "1-30", "31-60", "61-90", ">90")
NEUTRAL = Overlay("ana", AS_OF, "history is representative")


SHARES = st.fractions(0, 1, max_denominator=1000)
SCOPES = st.sampled_from([Scope(customer="C001"), Scope(customer="0003"), Scope(item="F-1")])


@st.composite
def policies(draw, overlay=NEUTRAL):
    rates = {label: draw(SHARES) for label in (*RATES, "undated")}
    return ProvisionPolicy(
        ProvisionMatrix.of(rates),
        overlay,
        exclusions=tuple(Exclusion(it, "x") for it in draw(st.lists(SCOPES, max_size=1))),
        assessments=tuple(
            Assessment(it, draw(SHARES), "x") for it in draw(st.lists(SCOPES, max_size=1))
        ),
        covers=tuple(
            Cover(it, draw(SHARES), draw(SHARES)) for it in draw(st.lists(SCOPES, max_size=1))
        ),
        vat=draw(st.none() | st.builds(Vat, SHARES, SHARES)),
        dilutions=tuple(
            Dilution(it, draw(SHARES), "x") for it in draw(st.lists(SCOPES, max_size=1))
        ),
    )


@given(facts=subledgers(), as_of=days(), how=policies())
def test_each_item_on_one_path_and_never_more_than_is_open(facts, as_of, how):
    """The lines are the items; rows sum to lines; allowance <= exposure by row, and <= gross by line."""
    items = Subledger.of(facts).open_items(as_of=as_of)
    provision, _ = measure_provision(items, how, as_of=as_of)
    assert sorted(it.item.id for it in provision.lines) == sorted(it.id for it in items)
    for row in (*provision.rows, *provision.left_out):
        assert sum(it.allowance.amount for it in row.lines) == row.allowance.amount
        assert sum(it.exposure.amount for it in row.lines) == row.exposure.amount
    for row in provision.rows:
        assert row.allowance <= row.exposure
        for line in row.lines:
            assert 0 <= line.allowance.amount <= line.gross.amount
    for currency in provision.currencies:
        tree = provision.explain(currency)
        assert tree.amount == sum(
            row.allowance.amount for row in provision.rows if row.currency == currency
        )


@given(facts=subledgers(), as_of=days(), low=SHARES, high=SHARES)
def test_higher_rates_never_give_less(facts, as_of, low, high):
    low, high = sorted((low, high))
    items = Subledger.of(facts).open_items(as_of=as_of)
    labels = (*RATES, "undated")
    small, large = (
        measure_provision(
            items, ProvisionPolicy(ProvisionMatrix.of(dict.fromkeys(labels, it)), NEUTRAL), as_of=as_of
        )[0]
        for it in (low, high)
    )  # fmt: skip
    for less, more in zip(small.rows, large.rows, strict=True):
        assert less.allowance <= more.allowance


@given(amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=5), rate=st.integers(0, 100))
def test_scaling_amounts_scales_the_allowance(amounts, rate):
    """Whole percents of whole pesos: a hundred times the amounts give a hundred times the allowance."""
    rates = ProvisionMatrix.of({"current": Fraction(rate, 100), ">0": Fraction(rate, 100)})
    found = []
    for factor in (1, 100):
        facts = [
            Invoice(
                id=f"I{number}",
                customer="A",
                amount=Money(amount * factor, "MXN"),
                posting_date=AS_OF - timedelta(days=9),
                due_date=AS_OF,
            )
            for number, amount in enumerate(amounts)
        ]
        items = Subledger.of(facts).open_items(as_of=AS_OF)
        found.append(measure_provision(items, ProvisionPolicy(rates, NEUTRAL))[0].allowance())
    assert found[0] * 100 == found[1]
