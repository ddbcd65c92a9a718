"""The twenty things that break a first adapter: each is set, and ours walks past it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables import Money
from receivables.adapters import load
from receivables.adapters.oracle import Rules, scan
from receivables.adapters.oracle.collections import Collections
from receivables.adapters.oracle.desk import Desk
from receivables.adapters.oracle.probe import probe
from receivables.adapters.oracle.reconcile import reconcile
from receivables.adapters.oracle.scan import Scan
from receivables.adapters.oracle.writer import OracleWriter
from receivables.errors import (
    AlreadyDifferent,
    BrokenAnswer,
    RequestRefused,
    StaleWrite,
    UnreadableSource,
)
from receivables.testing.builders import facts
from receivables.testing.oracle import Modes, User, enter, held, pulled

BOOKS = facts("""
2024-01-10 customer   C001 name="ACME, S.A."
2024-01-10 invoice    F-0 C001 10.00 MXN due=2024-02-09 recorded=2024-01-11T09:00:00+00:00
2026-04-10 invoice    F-1 C001 100.00 MXN due=2026-05-09 recorded=2026-04-11T09:00:00+00:00
2026-04-10 invoice    F-2 C001 90.00 USD instalments=30.00@2026-05-01,60.00@2026-06-01 company=1534.50MXN recorded=2026-04-11T09:00:00+00:00
2026-04-11 payment    R-1 C001 40.00 MXN recorded=2026-04-12T09:00:00+00:00
2026-04-12 allocation A-1 R-1 -> F-1 25.00 MXN recorded=2026-04-12T09:00:00+00:00
2026-04-12 payment    R-2 ? 33.00 MXN recorded=2026-04-12T09:00:00+00:00
2026-04-13 credit_memo M-1 C001 20.00 MXN recorded=2026-04-14T09:00:00+00:00
2026-04-13 adjustment J-1 on F-0 1.00 MXN recorded=2026-04-14T09:00:00+00:00
""")
DAY = date(2026, 4, 30)
MXN = lambda amount: Money(amount, "MXN")  # noqa: E731 - a word


@pytest.fixture
def world(bench):
    def make(**modes):
        double = bench.double(BOOKS, modes=Modes(**modes))
        return double, bench.pod(double), bench.source(double)

    return make


def everything(source):
    return {fact.id: fact for page in source.pages() for fact in page.facts}


def test_01_old_invoices_and_their_allocations_arrive(world):
    double, _, source = world()
    opened = {it.reference: it.open_amount for it in load(source).open_items(as_of=DAY)}
    assert opened["F-0"] == MXN("9.00")
    finders = [
        query for _, path, query in double.log if path.endswith("transactionPaymentSchedules")
    ]
    assert finders
    assert all("TransactionLimitByDays=36500,TransactionStatus=Both" in query for query in finders)


def test_02_only_what_is_described_as_queryable_is_asked_for(bench):
    double = bench.double(
        BOOKS,
        modes=Modes(not_queryable=frozenset({"LastUpdateDate", "State", "CustomerAccountNumber"})),
    )
    found = everything(bench.source(double, business_units=("MX BU",)))
    assert len(found) == len(held(BOOKS))


def test_03_the_ledger_balance_is_not_taken_for_the_entered_one(world):
    double, _, source = world()
    fact = everything(source)[double.tables.ids["F-2"]]
    assert (fact.amount, fact.company_amount) == (Money("90.00", "USD"), MXN("1534.50"))
    kept = dict(fact.origin.fields)
    assert (kept["InvoiceBalanceAmount"], kept["instalment.1.AccountedBalanceDue"]) == (
        "1534.50",
        "511.50",
    )


def test_04_split_terms_are_aged_by_instalment(world):
    items = [
        it for it in load(world()[2]).open_items(as_of=date(2026, 5, 15)) if it.reference == "F-2"
    ]
    assert [(it.open_amount, it.days_past_due) for it in items] == [
        (Money("30.00", "USD"), 14),
        (Money("60.00", "USD"), -17),
    ]


@pytest.mark.parametrize("modes", [{"long_decimals": True}, {"amounts_as_text": True}])
def test_05_amounts_are_exact_however_they_are_written(world, modes):
    double, _, source = world(**modes)
    found = {it.id: it for it in pulled(held(BOOKS), double.tables.ids)}
    assert {
        name: fact.amount for name, fact in everything(source).items() if hasattr(fact, "amount")
    } == {name: fact.amount for name, fact in found.items() if hasattr(fact, "amount")}


def test_06_and_07_clamped_pages_move_on_by_what_came_and_are_ordered(world):
    double, _, source = world(largest_page=1)
    assert len(everything(source)) == len(held(BOOKS))
    collections = [query for _, path, query in double.log if "limit=500" in query]
    assert all("orderBy=" in query for query in collections)


def test_08_pages_that_do_not_go_on_are_an_error(world):
    _, pod, _ = world(ignores_offset=frozenset({"receivablesInvoices"}))
    with pytest.raises(BrokenAnswer, match="ignores how to go on"):
        list(scan.pages(pod, Scan("receivablesInvoices", "CustomerTransactionId", page_size=1)))


def test_08_rows_that_come_twice_are_an_error_when_read_by_key_and_one_row_when_read_by_count(
    world,
):
    double, pod, _ = world()
    double.fault("duplicate-row", "receivablesInvoices", times=9)
    rows = [
        row
        for page in scan.pages(pod, Scan("receivablesInvoices", "CustomerTransactionId"))
        for row in page
    ]
    assert len(rows) == 3
    with pytest.raises(BrokenAnswer, match="another"):
        list(
            scan.pages(
                pod,
                Scan(
                    "receivablesInvoices",
                    "CustomerTransactionId",
                    frozenset({"CustomerTransactionId"}),
                ),
            )
        )


@pytest.mark.parametrize("framework", [1, 4])
def test_09_children_that_are_cut_are_read_completely(bench, framework):
    parts = ",".join(
        f"1.00@2026-{1 + number // 28:02}-{1 + number % 28:02}" for number in range(40)
    )
    double = bench.double(facts(f"2026-01-01 invoice F-1 C001 40.00 MXN instalments={parts}"))
    [invoice] = [
        it
        for it in everything(bench.source(double, framework=framework)).values()
        if it.kind == "invoice"
    ]
    assert len(invoice.instalments) == 40


def test_12_and_13_are_shown_where_the_transport_is():
    from receivables.adapters.oracle import wire

    assert wire.messages("JBO-27122: broken", "text/plain") == ("JBO-27122: broken",)
    assert wire.messages("<html><style>x</style><b>Access Denied</b></html>", "text/html") == (
        "Access Denied",
    )


def writer(world, **modes):
    double, pod, _ = world(**modes)
    return double, OracleWriter(pod, "MX BU", dry_run=False, sleep=lambda _: None)


def receipt(it, number="N-1", amount="50.00"):
    return it.create_receipt(number, MXN(amount), method="SPEI", received=DAY, customer="C001")


def test_14_what_was_written_is_read_again(world):
    _, it = writer(world)
    done = receipt(it)
    assert (done.outcome, done.row["UnappliedAmount"]) == ("written", 50)
    assert receipt(it).outcome == "found"
    with pytest.raises(AlreadyDifferent):
        receipt(it, amount="51.00")


def test_14_a_number_that_the_pod_replaces_is_found_by_our_own_reference(world):
    _, it = writer(world, numbers_replaced=True)
    assert [receipt(it).row["ReceiptNumber"], receipt(it).outcome] == ["PN-1", "found"]


def test_15_the_currency_is_always_sent_and_a_long_number_never(world):
    double, it = writer(world)
    assert dict(receipt(it).request[2])["Currency"] == "MXN"
    with pytest.raises(RequestRefused):
        receipt(it, "x" * 31)
    assert not [
        path for method, path, _ in double.log[-3:] if method == "POST" and "x" * 31 in path
    ]


@pytest.mark.parametrize("release", ["26C", "25D"])
def test_16_a_receipt_is_applied_where_the_release_can_and_referred_where_it_cannot(world, release):
    double, it = writer(world, release=release)
    part = double.tables.instalments[double.tables.key("F-1")][0]
    key = receipt(it).row["StandardReceiptId"]
    done = it.apply(key, part["InstallmentId"], MXN("50.00"))
    applied = {"26C": Decimal("25.00"), "25D": Decimal("75.00")}[release]
    assert (done.outcome, part["InstallmentBalanceDue"]) == ("written", applied)
    double.tick()
    assert part["InstallmentBalanceDue"] == Decimal("25.00")


def test_16_success_with_the_result_error_is_a_refusal(world):
    double, it = writer(world)
    part = double.tables.instalments[double.tables.key("F-1")][0]
    key = receipt(it).row["StandardReceiptId"]
    with pytest.raises(RequestRefused, match="ERROR"):
        it.apply(key, part["InstallmentId"], MXN("99.00"))


def test_17_disputes_are_read_from_the_instalments(world):
    double, it = writer(world)
    done = it.dispute(double.tables.key("F-1"), MXN("10.00"), reason="price")
    assert (
        done.outcome,
        it.dispute(double.tables.key("F-1"), MXN("10.00"), reason="price").outcome,
    ) == ("written", "found")
    with pytest.raises(AlreadyDifferent):
        it.dispute(double.tables.key("F-1"), MXN("11.00"), reason="price")


def test_a_dry_run_sends_nothing(world):
    double, pod, _ = world()
    plan = OracleWriter(pod, "MX BU").create_receipt(
        "N-1", MXN("5.00"), method="SPEI", received=DAY
    )
    assert (plan.outcome, plan.row, dict(plan.request[2])["ReceiptNumber"]) == (
        "planned",
        None,
        "N-1",
    )
    assert not [method for method, _, _ in double.log if method != "GET"]


def test_a_row_somebody_changed_is_not_overwritten(world, monkeypatch):
    double, it = writer(world)
    trx = double.tables.key("F-1")
    part = double.tables.instalments[trx][0]
    item = it._pod.item

    def changed_after_reading(path):
        answer = item(path)
        part["_version"] = part.get("_version", 1) + 1
        return answer

    monkeypatch.setattr(it._pod, "item", changed_after_reading)
    with pytest.raises(StaleWrite):
        it.set_due_date(trx, part["InstallmentId"], date(2026, 7, 31))


def test_18_adjustments_and_19_accounts_come_with_their_names(world):
    double, _, source = world()
    found = everything(source)
    assert found[double.tables.ids["J-1"]].reference == "J-1"
    assert (found["C001"].name, found["C001"].kind) == ("ACME, S.A.", "customer")


def test_20_a_moment_in_a_filter_is_encoded_and_read(world):
    double, _, source = world()
    cursor = list(source.pages())[-1].cursor
    double.log.clear()
    assert [fact for page in source.pages(since=cursor) for fact in page.facts] == []
    assert any(
        "LastUpdateDate >= '2026-04-30T23:55:00+00:00'" in query for _, _, query in double.log
    )


def test_what_changed_since_the_last_pull_is_read_and_nothing_else(world):
    double, _, source = world()
    cursor = list(source.pages())[-1].cursor
    tables = double.tables
    tables.clock += timedelta(days=1)
    tables.now = tables.clock
    part = tables.instalments[tables.key("F-1")][0]
    part["DisputeAmount"] = Decimal("5.00")
    tables.touch(part)
    late = facts("2026-05-02 payment R-9 C001 5.00 MXN recorded=2026-05-02T00:00:00+00:00")
    enter(tables, (it for it in held(late) if it.kind == "payment"))
    changed = {fact.id: fact for page in source.pages(since=cursor) for fact in page.facts}
    assert set(changed) == {tables.ids["F-1"], tables.ids["R-9"]}
    assert changed[tables.ids["F-1"]].disputed
    assert dict(changed[tables.ids["F-1"]].attributes)["disputed_amount"] == "5.00"


def test_a_cursor_of_another_selection_is_refused(bench):
    double = bench.double(BOOKS)
    cursor = list(bench.source(double).pages())[-1].cursor
    with pytest.raises(UnreadableSource):
        list(bench.source(double, business_units=("MX BU",)).pages(since=cursor))


def test_a_user_who_sees_nothing_is_told(bench):
    double = bench.double((), users=(User(business_units=frozenset()),))
    [page] = bench.source(double).pages()
    assert [it.code for it in page.problems] == ["nothing-visible"]


def test_one_business_unit_is_read_without_the_others(bench):
    two = facts("""
    2026-01-10 customer C001
    2026-01-10 invoice F-1 C001 100.00 MXN due=2026-02-09
    2026-01-10 payment R-1 C001 40.00 MXN
    2026-01-10 allocation A-1 R-1 -> F-1 40.00 MXN
    """)
    double = bench.double(two)
    for row in double.tables.rows["standardReceipts"].values():
        row["BusinessUnit"] = "US BU"
    found = everything(bench.source(double, business_units=("MX BU",)))
    assert {it.kind for it in found.values()} == {"customer", "invoice"}


def test_the_pods_totals_agree_and_a_difference_is_listed(world, monkeypatch):
    double, pod, _ = world()
    [account] = reconcile(Desk(pod), Rules({"*": "MXN"}))
    assert (account.reported, account.difference) == (MXN("1598.50"), MXN("0.00"))
    monkeypatch.setattr(
        type(double.tables), "open_receivables", lambda _, account: Decimal("1500.00")
    )
    [account] = reconcile(Desk(pod), Rules({"*": "MXN"}))
    assert (account.items, account.difference) == (MXN("1598.50"), MXN("-98.50"))


def test_advanced_collections(world):
    double, pod, _ = world()
    it = OracleWriter(pod, "MX BU", dry_run=False)
    it.promise("C001", "F-1", 1, MXN("50.00"), date(2026, 5, 15))
    tables = double.tables
    tables.rows["collectionsDelinquencies"][7] = {
        "DelinquencyId": 7,
        "PaymentScheduleId": 9,
        "Status": "Delinquent",
    }
    tables.rows["collectionStrategies"][5] = {
        "StrategyId": 5,
        "AccountNumber": "C001",
        "Score": Decimal("71.5"),
        "PartyName": "ACME",
    }
    tables.tasks[5] = [
        {"WorkItemId": 2, "WorkOrder": 2, "TaskStatus": "Open"},
        {"WorkItemId": 3, "WorkOrder": 1, "TaskStatus": "Completed"},
    ]
    tables.rows["collectionPromises"][10**15] = {
        "PromiseDetailId": 10**15,
        "BillToCustomerAccount": "C001",
        "PromiseAmount": "x",
        "Currency": "MXN",
    }
    reader = Collections(pod)
    promises, problems = reader.promises("C001")
    assert [(p.transaction, p.instalment, p.amount, p.day, p.status) for p in promises] == [
        ("F-1", 1, MXN("50.00"), date(2026, 5, 15), "Open")
    ]
    assert [p.where for p in problems] == [f"collectionPromises/{10**15}"]
    assert [(d.schedule, d.status) for d in reader.delinquencies()[0]] == [(9, "Delinquent")]
    [strategy] = reader.strategies()[0]
    assert (
        strategy.score,
        [t.status for t in strategy.tasks],
        dict(strategy.fields)["PartyName"],
    ) == (Decimal("71.5"), ["Completed", "Open"], "ACME")


def test_first_contact_settles_its_points_by_reading_alone(world):
    double, pod, _ = world()
    report = probe(pod)
    verdicts = {it.point: it.verdict for it in report.findings}
    assert verdicts == {"U1": "so", "U2": "so", "U3": "so", "U4": "so", "U5": "so", "U6": "so", "U8": "so", "U9": "so", "U10": "so",
                        "U11": "so", "U13": "open", "U20": "so"}  # fmt: skip
    assert {method for method, _, _ in double.log} == {"GET"}
    assert report.requests <= 25
    assert (
        "| U8 | Are pages clamped at 500? | so | limit=1000 was answered with 500 |"
        in report.to_markdown()
    )


def test_first_contact_says_what_is_otherwise(world):
    _, pod, _ = world(
        release="25D",
        frameworks=(1, 2, 3),
        language="es",
        largest_page=200,
        not_queryable=frozenset({"LastUpdateDate"}),
    )
    verdicts = {it.point: it.verdict for it in probe(pod).findings}
    assert {point for point, verdict in verdicts.items() if verdict == "not so"} == {
        "U1",
        "U2",
        "U6",
        "U8",
        "U10",
    }
