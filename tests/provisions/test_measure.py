"""Measurement: each item goes down one path, and the composite example comes out to the cent."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables import (
    CreditMemo,
    ExchangeRate,
    ExchangeRates,
    Invoice,
    Money,
    Payment,
    Subledger,
    TaxLine,
)
from receivables.errors import (
    AmbiguousCurrency,
    MixedDates,
    NoSuchColumn,
    NotAPartition,
    RateNotFound,
    UnfitRate,
)
from receivables.laws import each_on_one_path
from receivables.provisions import (
    Assessment,
    Cover,
    Dilution,
    Discounting,
    Exclusion,
    Group,
    Overlay,
    Path,
    ProvisionMatrix,
    ProvisionPolicy,
    Scenario,
    Scope,
    Vat,
    discounted_loss,
    measure_exposures,
    measure_groups,
    measure_provision,
)

AS_OF = date(2026, 3, 31)
AGE = {"current": 0, "1-30": 10, "31-60": 40, "61-90": 75, ">90": 200}
RATES = {"current": "0.005", "1-30": "0.02", "31-60": "0.06", "61-90": "0.15", ">90": "0.5"}
NEUTRAL = Overlay("ana", AS_OF, "history is representative")


def mxn(amount):
    return Money(amount, "MXN")


def invoice(name, customer, amount, bucket, **more):
    due = AS_OF - timedelta(days=AGE[bucket])
    return Invoice(id=name, customer=customer, amount=mxn(amount), posting_date=date(2025, 1, 1),
                   due_date=due, **more)  # fmt: skip


def credit(kind, name, customer, amount):
    return kind(id=name, customer=customer, amount=mxn(amount), posting_date=date(2026, 3, 1))


def composite():
    return [
        invoice("I1", "A", 116_000, "current"),
        invoice("I2", "A", 58_000, "1-30"),
        invoice("I3", "B", 232_000, "31-60"),
        credit(CreditMemo, "I4", "B", 23_200),
        invoice("I5", "C", 348_000, ">90"),
        invoice("I6", "D", 116_000, "61-90"),
        credit(Payment, "I7", "D", 29_000),
        credit(CreditMemo, "I8", "E", 11_600),
        invoice("I9", "F", 580_000, "1-30"),
    ]


def policy(**more):
    return ProvisionPolicy(ProvisionMatrix.of(RATES, origin="study 2025"), NEUTRAL, **more)


COMPOSITE = {
    "vat": Vat("0.16"),
    "assessments": (Assessment(Scope(customer="C"), "0.8", "insolvent"),),
    "covers": (Cover(Scope(customer="F"), "0.9", "0.001", "insurer"),),
}


def measured(facts, how):
    return measure_provision(Subledger.of(facts).open_items(as_of=AS_OF), how, as_of=AS_OF)


def test_composite_pool():
    """VAT after netting, credits of one customer never lower another's loss, the insolvent leave the pool."""
    provision, problems = measured(composite(), policy(**COMPOSITE))
    lines = {line.item.id: f"{line.allowance.amount:f}" for line in provision.lines}
    assert lines == {
        "I1": "500.00", "I2": "1000.00", "I3": "10800.00", "I4": "0.00", "I5": "240000.00",
        "I6": "11250.00", "I7": "0.00", "I8": "0.00", "I9": "1450.00",
    }  # fmt: skip
    pool = provision.allowance(path=Path.POOL) + provision.allowance(path=Path.SECURED)
    assert (pool, provision.allowance(path=Path.INDIVIDUAL)) == (mxn(25_000), mxn(240_000))
    assert provision.allowance() == mxn(265_000)
    assert provision.reclassified() == mxn(10_000)
    assert problems == ()


def test_every_figure_explains_itself():
    provision, _ = measured(composite(), policy(**COMPOSITE))
    text = str(provision.explain())
    assert text.splitlines()[0] == "allowance in MXN as of 2026-03-31: 265000.00 MXN"
    for said in (
        "invoice I6 of D, pool, 61-90: 11250.00 MXN",
        "less 29000.00 MXN of I7",
        "gross 87000.00 MXN, exposure 75000.00 MXN",
        "rate 0.15: 61-90: 15 % (study 2025)",
        "assessed: insolvent",
        "450000 MXN covered by insurer at 0.001, the rest at 1-30: 2 % (study 2025)",
        "overlay x 1 by ana, 2026-03-31: history is representative",
    ):
        assert said in text


def test_vat_that_is_lost_stays_in_the_exposure():
    facts = [invoice("I1", "A", 116_000, "61-90")]
    for share, wanted in (("0", 15_000), ("1", 17_400), ("0.5", 16_200)):
        provision, _ = measured(facts, policy(vat=Vat("0.16", share)))
        assert provision.allowance() == mxn(wanted)


def test_tax_lines_say_the_vat_better_than_a_rate():
    taxes = (TaxLine("IVA", mxn(100_000), mxn(8_000), Decimal("0.08")),)
    facts = [invoice("I1", "A", 108_000, "61-90", taxes=taxes)]
    provision, _ = measured(facts, policy(vat=Vat("0.16")))
    assert provision.exposure() == mxn(100_000)


def test_a_missing_overlay_warns():
    _, problems = measured(composite(), ProvisionPolicy(ProvisionMatrix.of(RATES, origin="x")))
    assert [it.code for it in problems] == ["no-overlay"]


def test_a_matrix_alone_is_a_policy_without_other_rules():
    matrix = ProvisionMatrix.of(RATES, origin="study 2025")
    assert measured(composite(), matrix) == measured(composite(), ProvisionPolicy(matrix))
    rows = [{"bucket": "1-30", "currency": "MXN", "exposure": "50.00"}]
    assert measure_exposures(rows, matrix) == measure_exposures(rows, ProvisionPolicy(matrix))
    groups = [Group(None, "1-30", "MXN", Decimal("50.00"), 2)]
    assert measure_groups(groups, matrix) == measure_groups(groups, ProvisionPolicy(matrix))


def test_overlay_weighs_scenarios():
    scenarios = (
        Scenario("base", "0.6", "1"), Scenario("down", "0.3", "1.25"), Scenario("up", "0.1", "0.9"),
    )  # fmt: skip
    overlay = Overlay("ana", AS_OF, "outlook", scenarios)
    assert overlay.factor == Fraction(1065, 1000)
    assert mxn(23_500).amount * Decimal("1.065") == Decimal("25027.5")
    rates = ProvisionMatrix.of({"current": "0.235", ">0": "0.99"})
    facts = [invoice("I1", "A", 100_000, "current"), invoice("I2", "A", 100, ">90")]
    provision, _ = measured(facts, ProvisionPolicy(rates, overlay))
    assert provision.line("I1").allowance == Money("25027.50", "MXN")
    assert provision.line("I2").allowance == mxn(100)


def test_rounded_rates_are_a_policy():
    """ASC 326's +10 % leaves 0.3 % at 0.3 % because its rates have three decimals."""
    rates = {"current": "0.003", ">0": "0.08"}
    up = Overlay("ana", AS_OF, "unemployment", (Scenario("only", 1, "1.1"),))
    facts = [invoice("I1", "A", 5_984_698, "current")]
    exact, _ = measured(facts, ProvisionPolicy(ProvisionMatrix.of(rates), up))
    coarse, _ = measured(facts, ProvisionPolicy(ProvisionMatrix.of(rates, rate_decimals=3), up))
    assert exact.allowance() == Money("19749.50", "MXN")
    assert coarse.allowance() == Money("17954.09", "MXN")


def test_an_overlay_may_be_for_some_buckets():
    up = Overlay("ana", AS_OF, "one sector", (Scenario("only", 1, 2),), buckets=("1-30",))
    facts = [invoice("I1", "A", 100, "current"), invoice("I2", "A", 100, "1-30")]
    provision, _ = measured(facts, ProvisionPolicy(ProvisionMatrix.of(RATES), up))
    assert [str(it.allowance.amount) for it in provision.lines] == ["0.50", "4.00"]


def test_scenario_weights_make_one():
    with pytest.raises(UnfitRate, match=r"scenario weights 0\.6, 0\.3 sum to 0\.9"):
        Overlay("ana", AS_OF, "x", (Scenario("a", "0.6", 1), Scenario("b", "0.3", 1)))


def test_an_overlay_has_an_author_and_a_reason():
    with pytest.raises(UnfitRate, match="names no author or no reason"):
        Overlay("ana", AS_OF, " ")


def test_discounting():
    """900 of 1,000 in six months at 8 %: compound and simple."""
    expected = ((mxn(900), "0.5"),)
    assert discounted_loss(mxn(1000), expected, "0.08") == Money("133.97", "MXN")
    assert discounted_loss(mxn(1000), expected, "0.08", compound=False) == Money("134.62", "MXN")
    late = Discounting("0.08", (("61-90", "0.5"),))
    rates = ProvisionMatrix.of({**RATES, "61-90": "0.1"})
    facts = [invoice("I1", "A", 1000, "61-90"), invoice("I2", "A", 1000, "1-30")]
    provision, _ = measured(facts, ProvisionPolicy(rates, NEUTRAL, discounting=late))
    assert provision.line("I1").allowance == Money("133.97", "MXN")
    assert provision.line("I2").allowance == mxn(20)


def test_cover_with_deductible_limit_and_denial():
    facts = [invoice("I1", "F", 100_000, "61-90")]
    scope = Scope(customer="F")
    for cover, wanted, path in (
        (Cover(scope, "0.9", 0), "1500.00", Path.SECURED),
        (Cover(scope, "0.9", 0, deductible=mxn(10_000)), "2850.00", Path.SECURED),
        (Cover(scope, "0.9", 0, limit=mxn(50_000)), "7500.00", Path.SECURED),
        (Cover(scope, "0.9", 0, deductible=mxn(200_000)), "15000.00", Path.SECURED),
        (Cover(scope, "0.9", 0, denied="declared late"), "15000.00", Path.POOL),
    ):
        provision, _ = measured(facts, policy(covers=(cover,)))
        line = provision.line("I1")
        assert (f"{line.allowance.amount:f}", line.path) == (wanted, path)


def test_dilution_is_kept_apart():
    disputed = Scope(attribute=("disputed", "true"))
    facts = [invoice("I1", "A", 1000, "61-90", disputed=True), invoice("I2", "A", 1000, "61-90")]
    how = policy(dilutions=(Dilution(disputed, "0.4", "price dispute"),))
    provision, _ = measured(facts, how)
    assert provision.dilution() == mxn(400)
    assert provision.line("I1").allowance == mxn(90)
    assert provision.line("I2").allowance == mxn(150)


def test_excluded_items_are_listed_and_measured_at_nothing():
    how = policy(exclusions=(Exclusion(Scope(item="I1"), "loan to staff"),))
    provision, _ = measured(composite(), how)
    [row] = [it for it in provision.left_out if it.path is Path.EXCLUDED]
    assert (row.gross, row.allowance, row.exposure) == (mxn(116_000), mxn(0), mxn(0))
    assert row.lines[0].rule == "excluded: loan to staff"


def test_rules_that_meet_nothing_or_twice_are_said():
    how = policy(
        exclusions=(Exclusion(Scope(customer="C"), "group company"),),
        assessments=(Assessment(Scope(customer="C"), 1, "gone"), Assessment(Scope(item="Z"), 1, "?")),
    )  # fmt: skip
    provision, problems = measured(composite(), how)
    assert [str(it) for it in problems] == [
        "rule-without-items: the assessment of item Z meets no open charge; check the id",
        "I5: several-rules: item I5 is met by exclusion and assessment; the exclusion counts",
    ]
    assert provision.line("I5").path is Path.EXCLUDED


def test_undated_items_need_a_rate_of_their_own():
    facts = [Invoice(id="U", customer="A", amount=mxn(100), posting_date=date(2026, 1, 1))]
    with pytest.raises(RateNotFound, match="undated"):
        measured(facts, policy())
    rates = ProvisionMatrix.of({**RATES, "undated": "0.3"})
    provision, _ = measured(facts, ProvisionPolicy(rates, NEUTRAL))
    assert provision.allowance() == mxn(30)


def test_one_date_is_asked_for():
    with pytest.raises(MixedDates, match="no items and no as_of"):
        measure_provision([], policy())


def test_the_law_names_what_is_lost_or_doubled():
    with pytest.raises(NotAPartition, match="on no path: a; items on two: b"):
        each_on_one_path(["a", "b"], ["b", "b"])


def test_several_currencies_are_translated_once_each():
    facts = [
        invoice("I1", "A", 100, ">90"),
        Invoice(
            id="I2",
            customer="A",
            amount=Money("33.33", "USD"),
            posting_date=date(2025, 1, 1),
            due_date=date(2025, 2, 1),
        ),
    ]
    provision, _ = measured(facts, policy())
    rates = ExchangeRates.of([ExchangeRate("USD", "MXN", AS_OF, Decimal("17.05"))])
    assert provision.allowance("USD") == Money("16.67", "USD")
    assert provision.translated("MXN", rates) == Money("334.22", "MXN")
    with pytest.raises(AmbiguousCurrency, match="MXN, USD; name one"):
        provision.allowance()


def test_exposures_summed_elsewhere_are_measured_at_the_pool_rate():
    rows = [
        {"segment": "retail", "bucket": "61-90", "currency": "MXN", "exposure": Decimal("100.10")},
        {"segment": None, "bucket": "current", "currency": "USD", "exposure": "1000.00"},
    ]
    found = measure_exposures(rows, policy())
    assert [(row["segment"], row["rate"], row["allowance"]) for row in found] == [
        ("retail", "0.15", Decimal("15.02")),
        (None, "0.005", Decimal("5.00")),
    ]
    with pytest.raises(NoSuchColumn, match="lacks currency, exposure"):
        measure_exposures([{"bucket": "current"}], policy())
