"""The one writer of data: a table for people, JSON for scripts, CSV for spreadsheets. Data goes to stdout."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from studio_cli.context import Context

WITHOUT_END = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading and alignment; `wide` columns may wrap, others never do."""

    heading: str
    right: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of text, in the order of the columns. footer: sums, under a rule."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""
    footer: Sequence[Sequence[str]] = ()


def emit(context: Context, data: Any, tables: Iterable[Table]) -> None:
    """Writes `data` as JSON, or the tables as text, or the first table as CSV."""
    if context.form == "json":
        json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        return
    shown = [table for table in tables if table.rows or table.footer]
    if context.form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        for table in shown[:1]:
            writer.writerow([column.heading for column in table.columns])
            writer.writerows(table.rows)
        return
    for number, table in enumerate(shown):
        if number:
            sys.stdout.write("\n")
        _draw(table)


def _draw(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    terminal = sys.stdout.isatty()
    drawn = RichTable(
        box=box.SIMPLE_HEAD, title=table.title or None, title_justify="left", title_style="bold", pad_edge=False
    )
    for column in table.columns:
        drawn.add_column(
            column.heading,
            justify="right" if column.right else "left",
            no_wrap=not column.wide,
            overflow="fold" if column.wide else "ellipsis",
        )
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    if table.footer:
        drawn.add_section()
        for row in table.footer:
            drawn.add_row(*(Text(cell, style="bold") for cell in row))
    # Without a terminal nothing is cut or wrapped: a pipe or a file has no width.
    console = Console(file=sys.stdout, width=None if terminal else WITHOUT_END, highlight=False, no_color=not terminal)
    with console.capture() as captured:
        console.print(drawn)
    lines = [line.rstrip() for line in captured.get().split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    sys.stdout.write("\n".join(lines).rstrip("\n") + "\n")


def hours(minutes: int) -> str:
    """Minutes as h:mm."""
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def amount(text: str) -> str:
    """A decimal amount with thin groups of three, for tables: 12345.60 -> 12 345.60."""
    whole, dot, rest = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}".replace(",", " ") + dot + rest
