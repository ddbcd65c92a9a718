"""Law: Parts make the whole. Instalments, splits, taxes and shares sum exactly."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Money, PaymentTerms, Rounding, Subledger
from receivables.errors import PartsDoNotSum
from receivables.laws import parts_make_the_whole
from receivables.rounding import largest_remainder
from receivables.testing.strategies import days, money, subledgers, terms

weights = st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any)


@given(amount=money(), weights=weights)
def test_a_split_loses_nothing(amount, weights):
    """Parts sum to the amount, and each is less than one unit from its exact share."""
    parts = amount.split(weights)
    assert sum(part.minor for part in parts) == amount.minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(amount.minor * weight, sum(weights))) < 1


@given(total=st.integers(-(10**12), 10**12), weights=weights)
def test_a_negative_total_splits_like_its_mirror(total, weights):
    """The sign carries over to every part."""
    assert [-part for part in largest_remainder(total, weights)] == largest_remainder(
        -total, weights
    )


@given(amount=money(), terms=terms(), base=days())
def test_instalments_of_terms_make_the_amount(amount, terms, base):
    """Whatever the shares, the schedule sums to the amount and no part is negative."""
    schedule = terms.schedule(amount, base)
    assert sum(part.amount.minor for part in schedule) == amount.minor
    assert all(part.amount.minor > 0 for part in schedule)


@given(facts=subledgers(), as_of=days())
def test_instalment_items_make_their_document(facts, as_of):
    """What is open of the instalments is what the uses left of the document."""
    books = Subledger.of(facts)
    for item in books.open_items(as_of=as_of):
        assert (
            item.amount.amount + sum(it.amount.amount for it in item.movements)
            == item.open_amount.amount
        )


@given(
    value=st.fractions(max_denominator=10**6),
    places=st.integers(0, 4),
    rounding=st.sampled_from(Rounding),
)
def test_rounding_a_fraction_is_rounding_its_decimals(value, places, rounding):
    """A fraction rounds as its exact value does: never further than a unit, and exact values stay."""
    result = rounding.apply(value, places)
    unit = Fraction(1, 10**places)
    assert abs(Fraction(result) - value) < unit
    if rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN}:
        assert abs(Fraction(result) - value) <= unit / 2
    if rounding is Rounding.FLOOR:
        assert Fraction(result) <= value
    if rounding is Rounding.CEILING:
        assert Fraction(result) >= value


@given(facts=subledgers(), as_of=days())
def test_answers_do_not_depend_on_the_callers_decimal_context(facts, as_of):
    """Three digits of precision in the caller's thread change no figure."""
    expected = Subledger.of(facts).open_items(as_of=as_of)
    with localcontext(prec=3):
        assert Subledger.of(facts).open_items(as_of=as_of) == expected
        Subledger.of(facts).cash_positions(as_of=as_of)


@given(terms=terms())
def test_terms_are_read_back_as_printed(terms):
    """`str(terms)` is a notation that reads the same."""
    assert PaymentTerms.parse(str(terms)) == terms


def test_the_law_refuses_a_cent():
    """The law itself fails when a cent is too many."""
    with pytest.raises(PartsDoNotSum, match=r"^F-1 sum to 1\.01 MXN; they must sum to 1\.00 MXN$"):
        parts_make_the_whole(
            Money("1.00", "MXN"), [Money("1.00", "MXN"), Money("0.01", "MXN")], "F-1"
        )
    parts_make_the_whole(
        Money("1.00", "MXN"), [Money("0.99", "MXN"), Money(Decimal("0.01"), "MXN")], "F-1"
    )
