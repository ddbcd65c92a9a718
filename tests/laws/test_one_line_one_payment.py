"""One line, one payment: however a period is cut into statements that overlap, each line of it has one id, and no two share one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.adapters.bank import read_statement


@st.composite
def periods(draw):
    """Return lines by day, and runs of days that together are all of them."""
    line = st.tuples(
        st.sampled_from(["5", "7"]), st.sampled_from(["A", "B"]), st.sampled_from(["", "R1", "R2"])
    )
    days = draw(st.lists(st.lists(line, max_size=4), min_size=1, max_size=5))
    cuts = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=4))
    return days, [(min(it), max(it)) for it in cuts] + [(0, 1), (1, 3), (3, 4)]


def mt940(days, first, last):
    before = sum(int(amount) for held in days[:first] for amount, *_ in held)
    after = before + sum(int(amount) for held in days[first : last + 1] for amount, *_ in held)
    lines = [
        f":61:26030{day + 1}C{amount},NTRF{f'NONREF//{ref}' if ref else 'NONREF'}\n:86:{text}\n"
        for day, held in list(enumerate(days))[first : last + 1]
        for amount, text, ref in held
    ]
    balances = f":60F:C260301EUR{before},\n", f":62F:C260305EUR{after},\n"
    return f":20:S\n:25:ACC\n:28C:{first}/{last}\n{balances[0]}{''.join(lines)}{balances[1]}"


def bai2(days, first, last):
    text = "01,B,M,260310,1200,1,,,2/\n"
    for day, held in list(enumerate(days))[first : last + 1]:
        text += f"02,M,B,1,26030{day + 1},,USD,2/\n03,ACC,USD,,,,/\n"
        text += "".join(f"16,195,{amount},0,{ref},,{words}/\n" for amount, words, ref in held)
    return text


def mexico(days, first, last):
    rows = "".join(
        f"0{day + 1}/03/2026,{words} {f'RASTREO: MBAN000{ref}{day}{place}' if ref else ''},{place},{amount}\n"
        for day, held in list(enumerate(days))[first : last + 1]
        for place, (amount, words, ref) in enumerate(held)
    )
    return f"Fecha,Concepto,Referencia,Abono\n{rows}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


@pytest.mark.parametrize("write", [mt940, bai2, mexico])
@given(period=periods())
def test_overlapping_statements_give_the_payments_of_the_whole(folder, write, period):
    days, cuts = period
    path = folder / "file"

    def read(text):
        path.write_text(text, encoding="utf-8")
        return {it.id: it for it in read_statement(path, write.__name__).payments}

    whole = read(write(days, 0, 4))
    assert len(whole) == sum(map(len, days))
    assert {name: it for cut in cuts for name, it in read(write(days, *cut)).items()} == whole
    if write is mt940:
        assert read("".join(write(days, *cut) for cut in sorted(cuts))).keys() == whole.keys()
