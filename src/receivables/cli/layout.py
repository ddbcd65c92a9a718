"""How rows stand in a terminal: as wide as they need, or, where the terminal is narrower, closer together or one below the other.

Figures are never cut. Only a terminal is narrow: a file or a pipe gets the same table wherever it is made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_WIDEST = 10_000
_HEIGHT = 100  # of no meaning; without one a terminal called dumb is 80 wide whatever is said
_STRIPED = 8  # rows from which stripes help the eye
_PROSE = 24  # columns of a sentence at the least
NONE = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        name: Its heading.
        figure: True for amounts and counts, which stand to the right.
        prose: How wide its sentences may be before they go on in the next line; None for what is no sentence.
        optional: True when a narrow table may leave it out if no row has anything in it.
    """

    name: str
    figure: bool = False
    prose: int | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table to look at.

    Args:
        title: What stands above it.
        columns: Its columns.
        rows: A cell for each column.
        totals: Rows below a line.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Text]]
    totals: Sequence[Sequence[Text]] = ()


def figure(value: Decimal | str | None) -> Text:
    """Return a number as tables write it: thousands apart, below zero in red, empty when there is none.

    >>> figure("-11600.00").plain
    '-11,600.00'
    """
    if value is None:
        return Text("")
    number = Decimal(value)
    return Text(f"{number:,f}", style="red" if number < 0 else "")


def rendered(grid: Grid, footer: Sequence[Text] = (), *, to_screen: bool) -> str:
    """Return a table and the lines below it as text.

    Args:
        grid: The table.
        footer: Lines below it.
        to_screen: True when it goes to standard output, which may be a terminal with colours and an end.
    """
    terminal = to_screen and sys.stdout.isatty()
    return fitted(grid, footer, room=Console().width if terminal else None, colours=terminal)


def fitted(
    grid: Grid, footer: Sequence[Text] = (), *, room: int | None, colours: bool = False
) -> str:
    """Return a table as wide as there is room: as it is, closer together, or row by row.

    Args:
        grid: The table.
        footer: Lines below it.
        room: Characters in a line; None when there is no end.
        colours: True to write them.
    """
    buffer = StringIO()
    console = Console(file=buffer, width=room or _WIDEST, height=_HEIGHT, force_terminal=colours)
    console.print(Text(grid.title, style="bold"), soft_wrap=True)
    table = _table(grid)
    if room is None or _measured(table).maximum <= room:
        console.print(table)
    else:
        _narrow(grid, room, console)
    for line in footer:
        console.print(line, soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _measured(table: Table) -> Measurement:
    return Console(file=StringIO(), width=_WIDEST, height=_HEIGHT).measure(table)


def _narrow(grid: Grid, room: int, console: Console) -> None:
    slim, empty = _without_empty(grid)
    for kept in (grid, slim):
        table = _table(kept, close=True)
        if _measured(table).minimum <= room:
            console.print(table)
            console.print()
            break
    else:
        for row in (*slim.rows, *slim.totals):
            console.print()
            for line in _stacked(slim.columns, row):
                console.print(line)
        console.print()
    if kept is slim and empty:
        console.print(Text(f"empty and left out here: {', '.join(empty)}", style="dim"))


def _table(grid: Grid, *, close: bool = False) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        row_styles=("", "dim") if len(grid.rows) > _STRIPED else ("",),
        pad_edge=False,
        show_edge=not close,
        padding=0 if close else (0, 1),
    )
    for column in grid.columns:
        told = column.prose is not None
        table.add_column(
            column.name.replace(" ", "\n") if close else column.name,
            justify="right" if column.figure else "left",
            style="bold" if column.name == "total" else "",
            no_wrap=not told,
            overflow="fold",
            max_width=None if close else column.prose,
            min_width=_PROSE if told and close else None,
        )
    for row in grid.rows:
        table.add_row(*row)
    if grid.totals:
        table.add_section()
    for row in grid.totals:
        table.add_row(*row, style="bold not dim")
    return table


def _without_empty(grid: Grid) -> tuple[Grid, list[str]]:
    """Leave out the optional columns that no row has anything in."""
    rows = (*grid.rows, *grid.totals)
    empty = {
        number
        for number, column in enumerate(grid.columns)
        if column.optional and all(row[number].plain in {"", NONE} for row in rows)
    }

    def kept(cells: Sequence[Text]) -> list[Text]:
        return [cell for number, cell in enumerate(cells) if number not in empty]

    columns = [column for number, column in enumerate(grid.columns) if number not in empty]
    slim = replace(grid, columns=columns, rows=[*map(kept, grid.rows)], totals=[*map(kept, grid.totals)])  # fmt: skip
    return slim, [grid.columns[number].name for number in sorted(empty)]


def _stacked(columns: Sequence[Column], row: Sequence[Text]) -> Iterator[Text]:
    """Yield a row as lines: its texts as a heading, below it each figure, and each sentence."""
    pairs = list(zip(columns, row, strict=True))
    heads = [cell.plain for column, cell in pairs if not column.figure and column.prose is None]
    yield Text("  ".join(text for text in heads if text), style="bold")
    told = [
        (column, cell) for column, cell in pairs if column.figure and cell.plain not in {"", NONE}
    ]
    names = max((cell_len(column.name) for column, _ in told), default=0)
    widest = max((cell_len(cell.plain) for _, cell in told), default=0)
    for column, cell in told:
        gap = " " * (widest - cell_len(cell.plain))
        yield Text.assemble(f"  {column.name.ljust(names)}  {gap}", cell)
    yield from (
        Text.assemble("  ", cell) for column, cell in pairs if column.prose is not None and cell
    )
