"""The one writer of data: a table for people, JSON for scripts, CSV for spreadsheets. Data goes to stdout."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from studio_cli.context import Context
from studio_cli.streams import write

Kind = Literal["text", "minutes", "money", "percent", "count"]
Cell = str | int | Decimal | None
Row = Sequence[Cell]

_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")
_CONTROLS |= {ord(char): " " for char in "\t\n\r\x85\u2028\u2029"}
# A spreadsheet takes what begins so for a formula, and titles are written by clients.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column. key: its name in CSV; heading: in tables (default: the key in words).

    kind: minutes are h:mm in tables and whole minutes in CSV; money has groups of three in tables only.
    wide: may wrap, or stand below its row, where the terminal is narrow; whole: is never broken (a link).
    minor: stands below its row, with its heading, where there is no room left even so.
    """

    key: str
    heading: str = ""
    kind: Kind = "text"
    wide: bool = False
    whole: bool = False
    minor: bool = False
    style: str = ""

    @property
    def title(self) -> str:
        return self.heading or self.key.replace("_", " ").capitalize()

    @property
    def right(self) -> bool:
        return self.kind != "text"

    def shown(self, cell: Cell) -> str:
        """The cell for people."""
        if cell is None or cell == "":
            return ""
        if self.kind == "minutes" and isinstance(cell, int):
            return hours(cell)
        if self.kind == "money" and not isinstance(cell, int):
            return amount(str(cell))
        return f"{cell:+} %" if self.kind == "percent" else visible(str(cell))

    def plain(self, cell: Cell) -> str:
        """The cell for a spreadsheet."""
        text = "" if cell is None else str(cell)
        return f"'{text}" if self.kind == "text" and text.startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cells, in the order of the columns.

    details: for each row, rows that stand indented below it. footer: sums, under a rule; tables only.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str = ""
    details: Sequence[Sequence[Row]] = ()
    footer: Sequence[Row] = ()


def emit(context: Context, data: Any, tables: Iterable[Table]) -> None:
    """Writes `data` as JSON, or the tables as text, or the first table as CSV."""
    if context.form == "json":
        write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        return
    if context.form == "csv":
        for table in [*tables][:1]:
            write(_csv(table))
        return
    from studio_cli.layout import draw

    shown = [table for table in tables if table.rows or table.footer]
    for number, table in enumerate(shown):
        if number:
            write("\n")
        draw(table, write)


def _csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow([column.plain(cell) for column, cell in zip(table.columns, row, strict=True)])
    return text.getvalue()


def visible(text: str) -> str:
    """Text on one line without what steers a terminal: nobody's task title may clear the screen or turn the line."""
    return text.translate(_CONTROLS)


def hours(minutes: int) -> str:
    """Minutes as h:mm."""
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def amount(text: str) -> str:
    """A decimal amount in groups of three, for tables: 12345.60 -> 12 345.60."""
    whole, dot, rest = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}".replace(",", " ") + dot + rest
