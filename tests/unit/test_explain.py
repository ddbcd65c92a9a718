"""Explanations: trees of sentences and amounts, rendered and never calculated."""

from decimal import Decimal

from receivables import Explanation

TREE = Explanation(
    "open amount of F-1",
    Decimal("60.00"),
    "MXN",
    (
        Explanation("invoice F-1", Decimal("100.00"), "MXN", (Explanation("terms net 30"),)),
        Explanation("due 2026-02-09"),
        Explanation(
            "payments", Decimal("-40.00"), "MXN", (Explanation("R-1", Decimal("-40.00"), "MXN"),)
        ),
    ),
)


def test_leaves_are_the_last_lines_with_an_amount():
    """A remark below a line does not make it a branch."""
    assert [leaf.text for leaf in TREE.leaves()] == ["invoice F-1", "R-1"]
    assert list(Explanation("a remark").leaves()) == []


def test_as_text():
    assert str(TREE).splitlines() == [
        "open amount of F-1: 60.00 MXN",
        "  invoice F-1: 100.00 MXN",
        "    terms net 30",
        "  due 2026-02-09",
        "  payments: -40.00 MXN",
        "    R-1: -40.00 MXN",
    ]


def test_as_markdown():
    assert TREE.markdown().splitlines()[:3] == [
        "- open amount of F-1: 60.00 MXN",
        "  - invoice F-1: 100.00 MXN",
        "    - terms net 30",
    ]


def test_as_plain_values():
    plain = TREE.to_dict()
    assert (plain["text"], plain["amount"], plain["unit"]) == ("open amount of F-1", "60.00", "MXN")
    assert plain["parts"][1] == {"text": "due 2026-02-09", "amount": None, "unit": "", "parts": []}


def test_an_amount_without_a_unit():
    assert Explanation("days", Decimal(3)).line() == "days: 3"
