"""Payment terms: ordered steps, instalments, discounts, and the texts that are read and those that are refused."""

from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from receivables import HolidayCalendar, Instalment, Money, PaymentTerms, Roll
from receivables.errors import CurrencyMismatch, TermsError, UnreadableTerms
from receivables.terms import (
    AddDays,
    AddMonths,
    BaseDate,
    ByDay,
    Cutoff,
    DayOfMonth,
    DiscountTerms,
    EndOfMonth,
    Fixed,
    InstalmentTerms,
    NextDayOfMonth,
    Percent,
    Remainder,
    RollBusiness,
)

READ = {
    "net 30": "net 30",
    "Net 30 days": "net 30",
    "n/30": "net 30",
    "30 days": "net 30",
    "30 days net": "net 30",
    "within 30 days after invoice date": "net 30 from document date",
    "due in 14 days": "net 14",
    "2/10 net 30": "discount 2%[+10d] net 30",
    "2/10, n/30": "discount 2%[+10d] net 30",
    "2% 10, net 30": "discount 2%[+10d] net 30",
    "1.5/10 net 45": "discount 1.5%[+10d] net 45",
    "30 EOM": "30 EOM",
    "EOM 30": "EOM 30",
    "EOM": "due[eom]",
    "15th of following month": "due[+1m day15]",
    "10 MFI": "due[+1m day10]",
    "10th prox": "due[+1m day10]",
    "10th prox cutoff 25": "due[cutoff25 +1m day10]",
    "end of next month": "due[+1m eom]",
    "2 months": "due[+2m]",
    "due on receipt": "net 0",
    "immediate": "net 0",
    "cash": "net 0",
    "50% net 30, 50% net 60": "50%[+30d] remainder[+60d]",
    "14 Tage 2% Skonto, 30 Tage netto": "discount 2%[+14d] net 30",
    "zahlbar innerhalb von 30 Tagen": "net 30",
    "sofort fällig": "net 0",
    "30 días": "net 30",
    "crédito 30 días": "net 30",
    "contado": "net 0",
    "fin de mes": "due[eom]",
    "+30d then eom": "30 EOM",
    "eom then +30d": "EOM 30",
}


@pytest.mark.parametrize("text", READ)
def test_usual_texts_are_read(text):
    """What was read is printed in a notation that reads the same."""
    assert str(PaymentTerms.parse(text)) == READ[text]
    assert PaymentTerms.parse(READ[text]) == PaymentTerms.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "soon",
        "net",
        "net thirty",
        "net 30 EOM",
        "30 días fin de mes",
        "net 30 net 60",
        "2/10",
        "x" * 401,
        "50% net 30, 40% net 60",
        "net 30 and whatever",
        "101% net 30",
        "0/10 net 30",
        "32th of following month",
        None,
        30,
    ],
)
def test_other_texts_are_refused(text):
    """Nothing is guessed: a text with two readings, or with something left over, is no terms."""
    with pytest.raises(UnreadableTerms):
        PaymentTerms.parse(text)


def test_two_readings_are_named():
    with pytest.raises(
        UnreadableTerms, match=r"write '30 EOM' for 30 days and then month end, or 'EOM 30'"
    ):
        PaymentTerms.parse("net 30 EOM")


@pytest.mark.parametrize(
    ("steps", "base", "due"),
    [
        ((AddMonths(1), AddMonths(1)), "2026-01-31", "2026-03-31"),
        ((AddMonths(2),), "2026-01-31", "2026-03-31"),
        ((AddDays(30), EndOfMonth()), "2026-01-15", "2026-02-28"),
        ((EndOfMonth(), AddDays(30)), "2026-01-15", "2026-03-02"),
        ((NextDayOfMonth((10, 25)),), "2026-01-10", "2026-01-10"),
        ((NextDayOfMonth((10, 25)),), "2026-01-11", "2026-01-25"),
        ((NextDayOfMonth((10, 25)),), "2026-01-26", "2026-02-10"),
        ((NextDayOfMonth((31,)),), "2026-02-10", "2026-02-28"),
        ((NextDayOfMonth((5,)),), "2026-12-31", "2027-01-05"),
        ((Cutoff(25), AddMonths(1), DayOfMonth(10)), "2026-03-26", "2026-05-10"),
        ((Cutoff(25), AddMonths(1)), "2026-01-31", "2026-03-31"),
        ((AddDays(1), RollBusiness(Roll.FOLLOWING)), "2026-05-29", "2026-06-01"),
        ((ByDay(((15, (EndOfMonth(),)), (31, (AddDays(1),)))),), "2026-01-15", "2026-01-31"),
        ((ByDay(((15, (EndOfMonth(),)), (31, (AddDays(1),)))),), "2026-01-16", "2026-01-17"),
        ((AddDays(-10),), "2026-01-05", "2025-12-26"),
    ],
)
def test_steps_are_taken_in_order(steps, base, due):
    """Month steps aim for the day the chain started from."""
    assert PaymentTerms.due(*steps).due_date(date.fromisoformat(base)) == date.fromisoformat(due)


def test_a_calendar_of_the_terms_decides_the_business_day():
    holiday = HolidayCalendar("MX", frozenset({date(2026, 6, 1)}))
    terms = PaymentTerms.due(AddDays(0), RollBusiness(Roll.FOLLOWING, holiday))
    assert terms.due_date(date(2026, 5, 30)) == date(2026, 6, 2)
    assert str(terms) == "due[+0d roll:following@MX]"
    assert PaymentTerms.parse(str(terms), calendars=[holiday]) == terms


def test_discounts_with_their_last_day():
    terms = PaymentTerms.parse("3/5, 2/10 net 30")
    offers = [(offer.last_day, offer.percent) for offer in terms.discount_offers(date(2026, 1, 31))]
    assert offers == [(date(2026, 2, 5), Decimal(3)), (date(2026, 2, 10), Decimal(2))]


def test_discounts_come_earliest_first_and_the_best_of_a_day_first():
    steps = (AddDays(10),)
    discounts = (
        DiscountTerms(Decimal(1), steps),
        DiscountTerms(Decimal(2), steps),
        DiscountTerms(Decimal(4), (AddDays(5),)),
    )
    terms = PaymentTerms.due(AddDays(30), discounts=discounts)
    assert [offer.percent for offer in terms.discount_offers(date(2026, 1, 1))] == [4, 2, 1]


HALVES = PaymentTerms.parse("50% net 30, 50% net 60")


def test_the_last_instalment_takes_the_rest():
    schedule = HALVES.schedule(Money("100.01", "MXN"), date(2026, 1, 1))
    assert schedule == (
        Instalment(1, date(2026, 1, 31), Money("50.01", "MXN")),
        Instalment(2, date(2026, 3, 2), Money("50.00", "MXN")),
    )
    assert HALVES.due_date(date(2026, 1, 1)) == date(2026, 3, 2)


def test_a_fixed_share_takes_what_is_left_at_most():
    first = InstalmentTerms(Fixed(Money("80.00", "MXN")), (AddDays(10),))
    terms = PaymentTerms((first, InstalmentTerms(Remainder(), (AddDays(20),))))
    assert [
        part.amount.minor for part in terms.schedule(Money("100.00", "MXN"), date(2026, 1, 1))
    ] == [8000, 2000]
    assert [
        part.amount.minor for part in terms.schedule(Money("50.00", "MXN"), date(2026, 1, 1))
    ] == [5000]
    with pytest.raises(CurrencyMismatch, match=r"fixed shares are in the currency of the amount$"):
        terms.schedule(Money("100.00", "USD"), date(2026, 1, 1))


def test_shares_that_come_to_nothing_are_left_out():
    parts = HALVES.schedule(Money("0.01", "MXN"), date(2026, 1, 1))
    assert [(part.number, part.amount.minor) for part in parts] == [(1, 1)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: PaymentTerms(()),
        lambda: PaymentTerms((InstalmentTerms(Percent(Decimal(50)), (AddDays(1),)),)),
        lambda: Percent(Decimal(0)),
        lambda: Percent(Decimal("100.01")),
        lambda: Percent(50),
        lambda: DiscountTerms(Decimal(-1), ()),
        lambda: DayOfMonth(0),
        lambda: DayOfMonth(32),
        lambda: DayOfMonth(1.5),
        lambda: Cutoff(32),
        lambda: NextDayOfMonth(()),
        lambda: NextDayOfMonth((25, 10)),
        lambda: NextDayOfMonth((10, 10)),
        lambda: ByDay(()),
        lambda: ByDay(((15, ()),)),
        lambda: ByDay(((31, ()), (15, ()))),
        lambda: AddDays(1.5),
        lambda: AddDays(True),
        lambda: AddMonths("1"),
        lambda: PaymentTerms(
            (*(InstalmentTerms(Percent(Decimal(60)), ()),) * 2, InstalmentTerms(Remainder(), ()))
        ),
        lambda: PaymentTerms.net(4_000_000).due_date(date(2026, 1, 1)),
        lambda: Instalment(1, "2026-01-01", Money(1, "MXN")),
        lambda: Instalment(1.0, date(2026, 1, 1), Money(1, "MXN")),
        lambda: Instalment(1, date(2026, 1, 1), 5),
    ],
    ids=count(1),
)
def test_terms_that_cannot_be_are_refused(make):
    with pytest.raises(TermsError):
        make()


@pytest.mark.parametrize("day", [1, 31])
def test_the_ends_of_a_month_are_days(day):
    assert DayOfMonth(day).day == Cutoff(day).day == day
    assert Percent(Decimal(100)).percent == 100


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("net 30 from document date", BaseDate.DOCUMENT),
        ("net 30 from posting date", BaseDate.POSTING),
        ("net 30", BaseDate.BASELINE),
    ],
)
def test_the_date_terms_count_from(text, base):
    assert PaymentTerms.parse(text).base is base
    assert PaymentTerms.parse(str(PaymentTerms.parse(text))).base is base


@pytest.mark.parametrize(
    ("steps", "printed"),
    [
        ((AddDays(0),), "net 0"),
        ((AddDays(0), EndOfMonth()), "0 EOM"),
        ((EndOfMonth(), AddDays(0)), "EOM 0"),
        ((AddDays(-5),), "due[-5d]"),
        ((AddDays(-5), EndOfMonth()), "due[-5d eom]"),
        ((EndOfMonth(), AddDays(-5)), "due[eom -5d]"),
        ((AddMonths(1), NextDayOfMonth((10, 25))), "due[+1m next10,25]"),
        ((RollBusiness(Roll.MODIFIED_FOLLOWING),), "due[roll:modified-following]"),
        ((ByDay(((15, (AddDays(1),)), (31, (EndOfMonth(),)))),), "due[by15(+1d)31(eom)]"),
    ],
)
def test_notation(steps, printed):
    """Every chain of steps can be printed and read back."""
    assert str(PaymentTerms.due(*steps)) == printed
    assert PaymentTerms.parse(printed) == PaymentTerms.due(*steps)


@pytest.mark.parametrize("text", ["2/30 net 10", "2/11 net 10", "3/5, 2/20 net 10"])
def test_a_discount_after_the_due_date_is_refused(text):
    """The discount comes first; in prose the other way round is a slip."""
    with pytest.raises(UnreadableTerms, match=r"the discount comes first$"):
        PaymentTerms.parse(text)
    assert str(PaymentTerms.parse("2/10 net 10")) == "discount 2%[+10d] net 10"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("30% net 10, 30% net 20, 40% net 30", 3),
        ("30%[+10d] remainder[+20d]", 2),
        ("10.00 MXN[+10d] remainder[+20d]", 2),
    ],
)
def test_shares_that_make_the_whole(text, parts):
    assert len(PaymentTerms.parse(text).instalments) == parts


@pytest.mark.parametrize(
    "text", ["30% net 10, 30% net 20, 39% net 30", "30% net 10, 71% net 20", "30% net 10, net 20"]
)
def test_shares_that_do_not_are_refused(text):
    with pytest.raises(UnreadableTerms):
        PaymentTerms.parse(text)


def test_a_text_of_four_hundred_characters_is_read():
    assert PaymentTerms.parse("net 30".ljust(400)) == PaymentTerms.net(30)


def test_terms_count_from_one_date():
    with pytest.raises(UnreadableTerms):
        PaymentTerms.parse("net 30 from document date, from posting date")


def test_a_single_instalment_has_number_one():
    amount = Money("1.00", "MXN")
    assert PaymentTerms.net(1).schedule(amount, date(2026, 1, 1)) == (
        Instalment(1, date(2026, 1, 2), amount),
    )
