"""How a table stands where there is less room than it would like: every figure is whole, whatever the width."""

from __future__ import annotations

import pytest
from rich.text import Text

from receivables.cli.layout import NONE, Column, Grid, figure, fitted

AGING = Grid(
    "Aging as of 2026-03-31",
    [
        Column("customer"),
        Column("items", figure=True),
        Column("not due", figure=True, optional=True),
        Column("1-30", figure=True, optional=True),
        Column("31-60", figure=True, optional=True),
        Column("total", figure=True),
    ],
    [
        [Text("C001"), Text("1"), Text(NONE), figure("1234567.89"), Text(NONE), figure("1234567.89")],
        [Text("C002"), Text("12"), figure("-5.00"), Text(NONE), Text(NONE), figure("-5.00")],
    ],
    [[Text("total"), Text("13"), figure("-5.00"), figure("1234567.89"), Text(NONE), figure("1234562.89")]],
)  # fmt: skip


def test_without_an_end_columns_have_room():
    assert fitted(AGING, room=None).splitlines() == [
        "Aging as of 2026-03-31",
        "",
        " customer   items   not due           1-30   31-60          total",
        " ────────────────────────────────────────────────────────────────",
        " C001           1         –   1,234,567.89       –   1,234,567.89",
        " C002          12     -5.00              –       –          -5.00",
        "",
        " total         13     -5.00   1,234,567.89       –   1,234,562.89",
        "",
    ]


def test_with_less_room_columns_are_closer_and_headings_have_two_lines():
    assert fitted(AGING, room=60).splitlines() == [
        "Aging as of 2026-03-31",
        "                 not",
        "customer items   due         1-30 31-60        total",
        "────────────────────────────────────────────────────",
        "C001         1     – 1,234,567.89     – 1,234,567.89",
        "C002        12 -5.00            –     –        -5.00",
        "",
        "total       13 -5.00 1,234,567.89     – 1,234,562.89",
        "",
    ]


def test_with_little_room_empty_columns_are_left_out_and_named():
    lines = fitted(AGING, room=48).splitlines()
    assert lines[2] == "customer items   due         1-30        total"
    assert lines[4] == "C001         1     – 1,234,567.89 1,234,567.89"
    assert lines[-1] == "empty and left out here: 31-60"


def test_with_very_little_room_a_row_is_a_block():
    assert fitted(AGING, room=30).splitlines() == [
        "Aging as of 2026-03-31",
        "",
        "C001",
        "  items             1",
        "  1-30   1,234,567.89",
        "  total  1,234,567.89",
        "",
        "C002",
        "  items       12",
        "  not due  -5.00",
        "  total    -5.00",
        "",
        "total",
        "  items              13",
        "  not due         -5.00",
        "  1-30     1,234,567.89",
        "  total    1,234,562.89",
        "",
        "empty and left out here: 31-60",
    ]


@pytest.mark.parametrize("room", [20, 48, 60, 200])
def test_no_figure_is_ever_cut(room):
    words = fitted(AGING, room=room).split()
    assert words.count("1,234,562.89") == 1
    assert words.count("1,234,567.89") == 3


def test_a_sentence_goes_on_in_the_next_line():
    grid = Grid("", [Column("item"), Column("why", prose=60)],
                [[Text("F-1"), Text("the reference of the payment names it and the amount agrees")]])  # fmt: skip
    narrow = fitted(grid, room=40).splitlines()
    assert max(map(len, narrow)) <= 40
    assert " ".join(narrow[3:]).split()[:4] == ["F-1", "the", "reference", "of"]


def test_lines_below_a_table_are_never_broken():
    line = Text("MXN 27,600.00 read = 22,600.00 accepted + 5,000.00 duplicates + 0.00 quarantined")
    assert fitted(AGING, [line], room=30).splitlines()[-1] == line.plain


def test_an_amount_is_written_one_way():
    assert [figure(it).plain for it in ("1724.14", "-6600.00", "0.00", None)] == [
        "1,724.14",
        "-6,600.00",
        "0.00",
        "",
    ]
    assert figure("-1").style == "red"
