"""A mapping: which column of a file is which of ours, and how its values are written. Presets and users write it in TOML.

table = "open-items"              # facts, open-items, payments, settled-invoices or cleared-items
attributes = "all"                # keep every other column as an attribute; "named" keeps those listed below

[file]                            # detected when not given
encoding = "windows-1252"
separator = ";"
sheet = "Items"
header_row = 3                    # the row that names the columns, when a title stands above it

[values]                          # settled by the column's own values when not given
dates = "DMY"                     # YMD, DMY, MDY or excel
decimal = ","
thousands = "."                   # the only grouping sign to accept
rounding = "half up"              # amounts with more decimals than the currency are refused when not given
empty = ["00.00.0000", "-"]       # texts that stand for nothing
whole_number_ids = ["item_id"]    # read 1930438491.0 as 1930438491

[columns]                         # ours = theirs; without this part columns have our own names
item_id = { join = ["Company", "Document"], with = "/" }
customer = ["Account", "Customer"]   # the first one the file has
due_date = "Net due date"

[constants]                       # ours = a text that holds for every row
currency = "USD"

[attribute_columns]               # attribute = theirs
country = "Country"

[kinds]                           # theirs = ours
RV = "invoice"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from receivables.adapters.csv.days import Order
from receivables.adapters.csv.shapes.columns import COLUMNS, KIND_NAMES, TableName
from receivables.errors import UnfitMapping
from receivables.rounding import Rounding

Attributes = Literal["all", "named"]
_ROUNDINGS = {policy.name.lower().replace("_", " "): policy for policy in Rounding}
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Theirs:
    """Where a column of ours comes from.

    Args:
        choices: The first of these that the file has is taken; each is one column, or several joined.
        joiner: What stands between joined columns; empty ones are left out.
    """

    choices: tuple[tuple[str, ...], ...]
    joiner: str = "/"

    def __str__(self) -> str:
        return " or ".join(" + ".join(map(repr, choice)) for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Values:
    """How values are written; None where the columns themselves must settle it."""

    dates: Order | None = None
    decimal: str | None = None
    thousands: str | None = None
    rounding: Rounding | None = None
    empty: frozenset[str] = frozenset()
    whole_number_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column of a file is which of ours; `parse` reads one from TOML, whose parts are shown above.

    Args:
        name: The preset's name, or that of the TOML file.
        table: What one row is.
        columns: Ours, and where it comes from.
        constants: Ours, and the text that holds for every row.
        attributes: `all` keeps the columns nobody names as attributes.
        attribute_columns: Attribute, and the column it comes from.
        kinds: Their kind of document, and ours.
        values: How values are written.
        encoding, separator, sheet: Of the file; None to detect.
        header_row: The row that names the columns, counted from 1; None for the first that is not empty.
        title: What files it is for.
    """

    name: str
    table: TableName
    columns: tuple[tuple[str, Theirs], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    attributes: Attributes = "named"
    attribute_columns: tuple[tuple[str, Theirs], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    values: Values = Values()
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    title: str = ""

    @classmethod
    def parse(cls, text: str, name: str) -> Mapping:
        """Read a mapping from TOML.

        Raises:
            UnfitMapping: When the TOML is broken or says something a mapping does not know.
        """
        try:
            tree = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            msg = f"mapping {name} is not TOML: {error}"
            raise UnfitMapping(msg) from None
        return _Parser(name).mapping(tree)

    @classmethod
    def read(cls, path: Path) -> Mapping:
        """Read a mapping from a TOML file.

        Raises:
            UnfitMapping: When it cannot be read as a mapping.
        """
        try:
            if path.stat().st_size > _LARGEST:
                msg = f"mapping {path.name} is larger than {_LARGEST:,} bytes; a mapping is a page of text"
                raise UnfitMapping(msg)
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not utf-8"
            msg = (
                f"mapping {path.name} cannot be read: {reason}; give a preset's name or a TOML file"
            )
            raise UnfitMapping(msg) from None
        return cls.parse(text, path.name)


class _Parser:
    """Checks one TOML tree; every complaint names the mapping, the key and what may stand there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def mapping(self, tree: Dict[str, Any]) -> Mapping:
        self._known(
            "the top",
            tree,
            {
                "table",
                "attributes",
                "file",
                "values",
                "columns",
                "constants",
                "attribute_columns",
                "kinds",
                "title",
            },
        )
        table = self._one_of("table", tree.get("table"), get_args(TableName))
        ours = {column.name for column in COLUMNS[table]}
        columns, constants = self._section(tree, "columns"), self._section(tree, "constants")
        self._known("columns", columns, ours)
        self._known("constants", constants, ours)
        columns = columns or {name: name for name in sorted(ours.difference(constants))}
        file = self._section(tree, "file")
        self._known("file", file, {"encoding", "separator", "sheet", "header_row"})
        kinds = self._section(tree, "kinds")
        for kind in kinds.values():
            self._one_of("kinds", kind, KIND_NAMES)
        return Mapping(
            name=self._name,
            table=table,
            columns=tuple(
                (name, self._theirs(f"columns.{name}", value)) for name, value in columns.items()
            ),
            constants=tuple(
                (name, self._text(f"constants.{name}", value)) for name, value in constants.items()
            ),
            attributes=self._one_of(
                "attributes", tree.get("attributes", "named"), get_args(Attributes)
            ),
            attribute_columns=tuple(
                (name, self._theirs(f"attribute_columns.{name}", value))
                for name, value in self._section(tree, "attribute_columns").items()
            ),
            kinds=tuple((name.casefold(), kind) for name, kind in kinds.items()),
            values=self._values(self._section(tree, "values"), ours),
            encoding=self._optional("file.encoding", file.get("encoding")),
            separator=self._separator(file.get("separator")),
            sheet=self._optional("file.sheet", file.get("sheet")),
            header_row=self._row(file.get("header_row")),
            title=self._text("title", tree.get("title", "")),
        )

    def _values(self, tree: Dict[str, Any], ours: set[str]) -> Values:
        self._known(
            "values",
            tree,
            {"dates", "decimal", "thousands", "rounding", "empty", "whole_number_ids"},
        )
        rounding = tree.get("rounding")
        whole = self._texts("values.whole_number_ids", tree.get("whole_number_ids", []))
        self._known("values.whole_number_ids", dict.fromkeys(whole), ours)
        decimal = tree.get("decimal")
        thousands = tree.get("thousands")
        if decimal is not None and decimal == thousands:
            self._fail(
                f"values.decimal and values.thousands are both {decimal!r}; they must differ"
            )
        return Values(
            dates=None
            if tree.get("dates") is None
            else self._one_of("values.dates", tree["dates"], get_args(Order)),
            decimal=None
            if decimal is None
            else self._one_of("values.decimal", decimal, (".", ",")),
            thousands=None
            if thousands is None
            else self._one_of("values.thousands", thousands, (".", ",", " ", "'")),
            rounding=None
            if rounding is None
            else _ROUNDINGS[self._one_of("values.rounding", rounding, tuple(_ROUNDINGS))],
            empty=frozenset(self._texts("values.empty", tree.get("empty", []))),
            whole_number_ids=frozenset(whole),
        )

    def _theirs(self, key: str, value: Any) -> Theirs:
        if isinstance(value, str):
            return Theirs(((value,),))
        if isinstance(value, dict):
            self._known(key, value, {"join", "with"})
            return Theirs(
                (tuple(self._texts(f"{key}.join", value.get("join"))),),
                self._text(f"{key}.with", value.get("with", "/")),
            )
        return Theirs(tuple((text,) for text in self._texts(key, value)))

    def _separator(self, value: Any) -> str | None:
        if value is not None and (
            not isinstance(value, str) or len(value) != 1 or value in '"\r\n\0'
        ):
            self._fail(
                f"file.separator is {value!r}; it must be one character, such as ';' or a tab"
            )
        return None if value is None else str(value)

    def _row(self, value: Any) -> int | None:
        if value is not None and (type(value) is not int or value < 1):
            self._fail(f"file.header_row is {value!r}; it must be a row counted from 1, such as 3")
        return None if value is None else int(value)

    def _section(self, tree: Dict[str, Any], key: str) -> dict[str, Any]:
        value = tree.get(key, {})
        if not isinstance(value, dict):
            self._fail(f"{key} is {value!r}; it must be a table, [{key}]")
        return dict(value)

    def _texts(self, key: str, value: Any) -> list[str]:
        if (
            not isinstance(value, list)
            or not all(isinstance(it, str) for it in value)
            or (key.startswith("col") and not value)
        ):
            self._fail(f"{key} is {value!r}; it must be a text or a list of texts")
        return list(value)

    def _text(self, key: str, value: Any) -> str:
        if not isinstance(value, str):
            self._fail(f"{key} is {value!r}; it must be a text, in quotes")
        return str(value)

    def _optional(self, key: str, value: Any) -> str | None:
        return None if value is None else self._text(key, value)

    def _known(self, where: str, tree: Dict[str, Any], known: set[str]) -> None:
        for key in tree:
            if key not in known:
                self._fail(f"{where} has {key!r}; there may be {', '.join(sorted(known))}")

    def _one_of(self, key: str, value: Any, allowed: tuple[str, ...]) -> Any:
        if not isinstance(value, str) or value not in allowed:
            self._fail(f"{key} is {value!r}; it must be one of {', '.join(map(repr, allowed))}")
        return value

    def _fail(self, sentence: str) -> None:
        msg = f"mapping {self._name}: {sentence}"
        raise UnfitMapping(msg)
